// ---------------------------------------------------------------- the panel

const panel = $("#panel");
const body = $("#panel-body");
let cameFrom = null;

// Whether a key stands for a finding, a model or a claim.
const isRow = (key) => effectOf.has(key) || modelOf.has(key) || claims.has(key) || key.includes("--model--");

function show(key) {
  const content = findingPanel(key) || modelPanel(key) || claimPanel(key) || rowPanel(key);
  if (!content) return false;
  if (!panel.open) cameFrom = document.activeElement;
  body.replaceChildren(...content.flat(Infinity).filter((node) => node !== "" && node !== null && node !== undefined));
  if (!panel.open) panel.show();
  root.classList.add("beside");
  panel.scrollTop = 0;
  $("#panel-title").focus({ preventScroll: true });
  for (const node of $$(".now")) node.classList.remove("now");
  for (const node of $$(`[data-mark="${CSS.escape(key)}"], [data-row="${CSS.escape(key)}"]`)) node.classList.add("now");
  return true;
}

function hide() {
  if (!panel.open) return;
  panel.close();
  root.classList.remove("beside");
  for (const node of $$(".now")) node.classList.remove("now");
  const back = cameFrom && cameFrom.isConnected && cameFrom !== document.body ? cameFrom : $("#main");
  back.focus({ preventScroll: true });
}

const title = (eyebrow, heading) => [el("p", { class: "eyebrow" }, eyebrow), el("h2", { id: "panel-title", tabindex: "-1" }, heading)];

// What a side of zero means, with the group of this result where the contrast leaves it to the results to name them.
const sideOf = (words, effect) => effect.group_1 ? words.replace("the first group", effect.group_1) : words;
const ofGroups = (words, effect) => words.replace("group_1", effect.group_1 || "the first group").replace("group_2", effect.group_2 || "the second group");

function findingPanel(key) {
  const effect = effectOf.get(key);
  if (!effect) return null;
  const coding = codings.get(key) || {};
  const row = drawn.get(key);
  const contrast = data.words.contrasts[effect.contrast];
  const report = reports.get(effect.report_id);
  const formula = formulaOf.get(key);
  const columns = data.tables["1_checked/findings.csv"].columns;
  const others = effects.filter((other) => other.finding_id === effect.finding_id && other.coding !== effect.coding);
  const cell = cellOf(effect);
  const sides = effect.group_1 ? `${effect.group_1} minus ${effect.group_2 || "?"}` : "";
  const printed = (cells) => splitted(cells).map((cell) => {
    const [name, value] = cell.split(" = ");
    return [ofGroups(columns[name], effect), name === "p_relation" ? data.words.relations[value] || value : minus(value)];
  });
  const out = effect.use === "excluded" ? ` Excluded: ${effect.use_why}.`
    : effect.enters === "false" && effect.rung !== "unusable" ? ` In no model: ${effect.enters_why}.` : "";
  return [
    title(domains.get(effect.domain).title, `${effect.label}: ${effect.outcome}`),
    el("p", {}, `${contrast.label}. Below zero: ${sideOf(contrast.left, effect)}; above: ${sideOf(contrast.right, effect)}.`),
    el("p", { class: "big" }, row ? `${/^[\u2212\d[]/.test(row.effect) ? `${data.words.metrics[effect.metric]} ` : ""}${row.effect}` : ""),
    effect.means ? el("p", {}, meansOf(effect)) : "",
    el("p", {}, `${capital(data.words.rungs[effect.rung])}: ${effect.why}.`, out),
    formula ? part("Formula",
      el("p", {}, `${capital(effect.es_method)}.${sides ? ` Sign: ${sides}.` : ""}`),
      el("div", { class: "math", tabindex: "0", role: "group", "aria-label": "Formula with the values put in" },
        formula.map(({ symbols, values }) => [
          values === symbols ? el("div", {}, symbols) : [el("div", { class: "as" }, symbols), el("div", {}, values)],
        ])),
      pairs([["effect size", short(effect.yi)], ["sampling variance", short(effect.vi)], ["lowest observed effect", short(effect.yi_lb)], ["highest observed effect", short(effect.yi_ub)],
        ["assumed", effect.assumed]])) : "",
    part("Inputs, as printed in the source", pairs([
      ...printed(effect.inputs),
      ["direction", ofGroups(data.words.directions[effect.direction] || "", effect)], ["group 1", effect.group_1], ["group 2", effect.group_2],
      ["population", effect.population], ["instrument", coding.instrument], ["exposure", own("exposure", effect.exposure)], ["dose", dose(effect)],
      ["specimen", own("matrix", effect.matrix)], ["assay", own("assay", effect.assay)], ["time", effect.timepoint], ["design", data.words.designs[effect.design]]])),
    effect.shown ? part("Printed in the source and not used", pairs(printed(effect.shown))) : "",
    part("Source",
      report ? el("p", {}, `${report.authors} (${report.year || "year not known"}). ${report.title}. ${report.journal || ""} `, report.doi ? doi(report.doi) : "") : "",
      pairs([["read in", effect.locator], ["what was read", data.words.sources[effect.source_kind]],
        ["through", effect.via ? (reports.get(effect.via) || { label: effect.via }).label : ""],
        ["sample", effect.sample_id], ["cohort", effect.cohort_id],
        ["women", (samples.get(effect.sample_id) || {}).percent_female ? `${samples.get(effect.sample_id).percent_female}%` : ""],
        ["overlap", (samples.get(effect.sample_id) || {}).overlap], ["doubt", coding.doubt], ["note", coding.note], ["coder", coding.coder]])),
    part(`Version extracted: ${effect.coding}`, others.length
      ? list(others.map((other) => [opener(mark(other), other.coding), `: ${(drawn.get(mark(other)) || {}).effect || data.words.rungs[other.rung]}, ${other.use === "main" ? "included" : "excluded"}`]))
      : el("p", {}, "The only version of this result.")),
    part("Used in", feeds(effect, cell)),
    effect.missing ? part("Data needed", el("p", {}, effect.missing)) : "",
    second(effect),
  ];
}

function feeds(effect, cell) {
  const unit = units.find((row) => cellOf(row) === cell && splitted(row.findings).includes(effect.finding_id) && effect.use === "main");
  const exact = unit && (unit.rung === "exact" || unit.yi !== "");
  const inModels = unit ? models.filter((m) => cellOf(m) === cell && (exact || data.everything.includes(m.model))) : [];
  const own = new Set([...(claimsOf.get(effect.finding_id) || []), ...(claimsOf.get(effect.report_id) || [])]);
  const without = alternatives.filter((row) => unit && row.kind === LEFT_OUT && [unit.sample_id, `without ${effect.label}`].includes(row.name) && cellOf(row) === cell);
  return [
    exact ? el("p", {}, `Sample ${unit.sample_id}: ${two(unit.yi)}, weight ${fixed(unit.weight, 1)}% in the headline model`,
      splitted(unit.findings).length > 1 ? `, the mean of ${splitted(unit.findings).length} effects with correlation ${unit.rho}.` : ".") : "",
    inModels.length ? list(inModels.map((m) => [opener(modelKey(m), modelName(m)), `: ${estimate(m)}, k = ${m.k}`]))
      : el("p", {}, effect.use === "main" ? "No model uses it; it counts in the evidence map and among the directions." : "No model: it is excluded."),
    without.length ? [el("p", {}, "The same without this sample:"),
      list(without.map((row) => [linkTo({ if: `${modelKey(row)}/${row.kind}/${row.name}` }, modelName(row)), `: ${estimate(row)}, k = ${row.k}`]))] : "",
    own.size ? [el("p", {}, "Statements that rest on it or cite its report:"), claimList(own)] : "",
    figureList(mark(effect)),
  ];
}

const claimList = (ids) => list([...ids].map((id) => [opener(id, id), ` ${(claims.get(id) || {}).claim || ""}`, verdictOf(id)]));

// The figures of the page in which a row is drawn.
function figureList(key) {
  const names = [...new Set($$(`[data-mark="${CSS.escape(key)}"]`).map((node) => node.closest("figure").id))];
  return names.length ? [el("p", {}, "Figures that show it:"),
    list(names.map((name) => el("a", { href: `#${name}` }, $(".scroll", document.getElementById(name)).getAttribute("aria-label"))))] : "";
}

const shownVerdict = (id) => verdicts.has(id) ? verdicts.get(id).overruled_verdict || verdicts.get(id).verdict : "";
const partsOf = (id) => list(records("4_synthesis/claim_parts.csv").filter((row) => row.claim_id === id).map((row) => [
  claims.has(row.part) ? opener(row.part, row.part) : capital(question(row)), `: ${row.verdict}`,
  row.est ? `; ${estimate(row)}, k = ${row.k}` : "",
  row.prob_sign && row.claimed !== "no effect" ? `; probability of ${row.claimed === "either sign" ? "this" : "the claimed"} sign ${chance(row.prob_sign)}, of such an effect beyond the margin ${chance(row.prob_beyond)}, of one within it ${chance(row.prob_within)}` : "",
  row.claimed === "no effect" && row.prob_within ? `; probability of an effect within the margin ${chance(row.prob_within)}` : "",
  row.doubts ? `; ${splitted(row.doubts).join(", ")}` : "",
]));
const chance = (p) => p >= 0.995 ? "> 0.99" : p < 0.005 ? "< 0.01" : two(p);
const verdictOf = (id) => shownVerdict(id) ? ` (${shownVerdict(id)})` : "";

function second(effect) {
  const rows = records("2_effects/second_opinion.csv").filter((row) => row.item === effect.finding_id && row.coding === effect.coding);
  return rows.length ? part("Second opinion", list(rows.map((row) =>
    `${row.quantity}: ${row.theirs ? `${minus(row.theirs)} by ${row.package}, ` : ""}${row.verdict}${row.cause ? ` (${row.cause})` : ""}`))) : "";
}

function modelPanel(key) {
  const m = modelOf.get(key);
  if (!m) return null;
  const cell = cellOf(m);
  const all = data.everything.includes(m.model);
  const own = units.filter((row) => cellOf(row) === cell && (all || row.yi !== ""));
  const changed = alternatives.filter((row) => cellOf(row) === cell && row.model === m.model);
  const asked = inCell.get(cell) || [];
  const resting = new Set(asked.filter((effect) => effect.use === "main").flatMap((effect) => [...(claimsOf.get(effect.finding_id) || [])]));
  const columns = data.tables["3_models/models.csv"].columns;
  const unused = new Set(["domain", "contrast", "outcome_group", "metric", "model", "headline"]);
  return [
    title(domains.get(m.domain).title, `${modelName(m)}: ${question(m)}`),
    el("p", { class: "big" }, estimate(m)),
    m.note ? el("p", {}, `${capital(m.note)}.`) : "",
    part("Formula with the values put in", el("div", { class: "math", tabindex: "0", role: "group", "aria-label": "Formula" }, m.headline === "true" && own.length
      ? [el("div", { class: "as" }, m.tau2 ? "\u03bc = \u03a3 w\u1d62 y\u1d62 / \u03a3 w\u1d62, w\u1d62 = 1 / (v\u1d62 + \u03c4\u00b2)" : "\u03bc = \u03a3 w\u1d62 y\u1d62 / \u03a3 w\u1d62, w\u1d62 = 1 / v\u1d62"),
        el("div", {}, `= ${own.map((u) => `${fixed(u.weight, 1)}% \u00b7 ${Number(u.yi) < 0 ? `(${fixed(u.yi, 3)})` : fixed(u.yi, 3)}`).join(" + ")}`),
        el("div", {}, `= ${fixed(m.est, 3)}`)]
      : all ? [el("div", {}, "L(\u03bc, \u03c4\u00b2) = \u03a0 \u03c6(y\u1d62; \u03bc, v\u1d62 + \u03c4\u00b2) \u00b7 \u03a0 [\u03a6(upper\u2c7c) \u2212 \u03a6(lower\u2c7c)]"),
        el("div", { class: "as" }, ["exact", "bounded", "direction"].map((rung) => `${data.words.rungs[rung]} ${m[`k_${rung}`] || 0}`).join(", ")),
        el("div", { class: "as" }, [m.method, m.test].filter(Boolean).join(", "))]
        : el("div", {}, [m.method, m.test].filter(Boolean).join(", ")))),
    own.length ? part("Included studies", el("table", { class: "rows" },
      el("thead", {}, el("tr", {}, ["Sample", "Effect, or its bounds", "Variance", ...(all ? [] : ["Weight"])].map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, own.map((u) => el("tr", {},
        el("th", { scope: "row" }, splitted(u.findings).map((id, i) => [i ? ", " : "", opener(`${id}--primary`, i ? `effect ${i + 1}` : u.label)])),
        el("td", {}, u.yi !== "" ? fixed(u.yi, 4) : `${two(u.yi_lb)} to ${two(u.yi_ub)}`), el("td", {}, u.vi && fixed(u.vi, 4)),
        all ? "" : el("td", { class: "n" }, u.weight && `${fixed(u.weight, 1)}%`)))))) : "",
    part("As stored", pairs(Object.entries(m).filter(([name]) => !unused.has(name)).map(([name, value]) => [columns[name], value === "" ? "" : short(value)]))),
    changed.length ? part("Sensitivity analyses", list(changed.map((row) => [linkTo({ if: `${key}/${row.kind}/${row.name}` }, row.text), `: ${estimate(row)}, k = ${row.k}`]))) : "",
    part("All results on its question", list(asked.map((effect) => [opener(mark(effect), `${effect.label}, ${effect.outcome}`), ` (${data.words.rungs[effect.rung]}${effect.use === "main" ? "" : ", excluded"})`]))),
    part("Used in", resting.size ? [el("p", {}, "Statements that rest on these results:"), claimList(resting)] : "", figureList(key)),
  ];
}

const ROUNDED = { probability: chance, robustness: two };

function claimPanel(key) {
  const claim = claims.get(key);
  if (!claim) return null;
  const verdict = verdicts.get(key);
  const cited = new Set(splitted(claim.cited_reports));
  const related = effects.filter((effect) => cited.has(effect.report_id) && (!claim.domain || effect.domain === claim.domain));
  // Shown above, or for programs alone.
  const told = new Set(["claim_id", "claim", "verdict", "why", "section", "fidelity", "fidelity_why", "rung", "rule", "scope", "topic", "domain",
    "value", "value_lb", "value_ub", "tested_by", "cited_basis", "core", "kind"]);
  const rest = (row, but = {}) => pairs(Object.entries(row).filter(([column, value]) => value && !told.has(column) && !(column in but))
    .map(([column, value]) => [spaced(column).replace("claim", "statement"), column in ROUNDED ? ROUNDED[column](value) : links(column, value)]));
  return [
    title(`Statement ${key}, ${/^\d/.test(claim.section) ? `section ${claim.section}` : claim.section}`, claim.claim),
    verdict ? [el("p", { class: "big" }, capital(shownVerdict(key))), el("p", {}, verdict.why)] : "",
    verdict && verdict.fidelity ? part("Does the cited source say so?", [el("p", {}, capital(verdict.fidelity)), el("p", {}, verdict.fidelity_why)]) : "",
    verdict ? part("Its parts", partsOf(key)) : "",
    verdict ? part("What the verdict rests on", rest(verdict, claim)) : "",
    part("The statement", rest(claim)),
    part("Results of the reports it cites", related.length
      ? list(related.map((effect) => [opener(mark(effect), `${effect.label}, ${effect.outcome}`), `: ${(drawn.get(mark(effect)) || {}).effect || data.words.rungs[effect.rung]}`]))
      : el("p", {}, "None in this topic.")),
  ];
}

const OTHER_CLAIMS = ["restates", "conflicts_with"];

// Identifiers in a cell become links.
function links(column, value) {
  if (column === "expected_direction") return data.words.expected[value] || value;
  return splitted(value).flatMap((id, i) => {
    const key = [id, `${id}--primary`].find((one) => effectOf.has(one) || claims.has(one));
    const link = key ? opener(key, effectOf.has(key) ? `${effectOf.get(key).label}, ${effectOf.get(key).outcome}` : id) : reports.has(id) ? reportLink(id) : domains.has(id) ? el("a", { href: pageOf(id) }, domains.get(id).title)
      : data.site && OTHER_CLAIMS.includes(column) ? opener(id, id) : id;
    return i ? ["; ", link] : [link];
  });
}

// A mark that is neither a finding nor a model stands for a row of the figure's table.
function rowPanel(key) {
  const [name, id] = key.split("#");
  const table = data.tables[name];
  if (!table) return null;
  const columns = Object.keys(table.columns);
  const row = table.rows.find((cells) => cells.includes(id));
  if (!row) return null;
  const at = columns.findIndex((column) => column === "label" || column === "title");
  return [
    title(table.meaning, capital(at >= 0 ? row[at] : id)),
    pairs(columns.flatMap((column, i) => column in HEADS && i !== at ? [[HEADS[column], row[i] && inWords(column, row[i], columns, row)]] : [])),
  ];
}
