"use strict";
// The script of the report. It shows what the tables hold and computes no statistics.

const data = JSON.parse(document.getElementById("data-json").textContent);
const root = document.documentElement;
const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
root.classList.add("js");

// ---------------------------------------------------------------- tables

const records = (name) => {
  const table = data.tables[name];
  if (!table) return [];
  const columns = Object.keys(table.columns);
  return table.rows.map((row) => Object.fromEntries(row.map((cell, i) => [columns[i], cell])));
};
const by = (rows, key) => new Map(rows.map((row) => [key(row), row]));
const splitted = (cell) => (cell || "").split(";").map((part) => part.trim()).filter(Boolean);

const effects = records("2_effects/ladder.csv");
const codings = by(records("1_checked/findings.csv"), (row) => `${row.finding_id}--${row.coding}`);
const reports = by(records("1_checked/reports.csv"), (row) => row.report_id);
const samples = by(records("1_checked/samples.csv"), (row) => row.sample_id);
const domains = by(records("1_checked/domains.csv"), (row) => row.domain);
const claims = by(records("1_checked/claims.csv"), (row) => row.claim_id);
const verdicts = by(records("4_synthesis/claims.csv"), (row) => row.claim_id);
const models = records("3_models/<domain>.csv");
const units = records("3_models/units/<domain>.csv");
const LEFT_OUT = "sample left out";
const alternatives = [
  ...records("3_models/leave_one_out.csv").map((row) => ({ ...row, kind: LEFT_OUT, name: row.sample_id, text: `without ${row.label}` })),
  ...records("3_models/sensitivity.csv").filter((row) => row.kind !== "main" && row.kind !== LEFT_OUT)
    .map((row) => ({ ...row, name: row.variant, text: row.variant })),
];
const drawn = by(records("5_figures/forest/<domain>.csv").filter((row) => row.mark_id), (row) =>
  row.kind === "model" ? `${row.domain}--${row.mark_id}` : row.mark_id);

const mark = (effect) => `${effect.finding_id}--${effect.coding}`;
const modelKey = (m) => `${m.domain}--model--${m.contrast}--${m.outcome_group}--${m.metric}--${m.model.replaceAll(" ", "-")}`;
const cellOf = (row) => [row.domain, row.contrast, row.outcome_group, row.metric].join("/");
const effectOf = by(effects, mark);
const modelOf = by(models, modelKey);
const inCell = Map.groupBy ? Map.groupBy(effects, cellOf) : effects.reduce((all, row) => {
  const key = cellOf(row);
  all.set(key, [...(all.get(key) || []), row]);
  return all;
}, new Map());
// Identifiers that a cell of any table may hold, and the panel they open.
const claimsOf = new Map();
for (const row of [...claims.values(), ...verdicts.values()]) {
  for (const cell of Object.values(row)) {
    for (const id of splitted(cell)) {
      if (!claimsOf.has(id)) claimsOf.set(id, new Set());
      claimsOf.get(id).add(row.claim_id);
    }
  }
}

const minus = (text) => text.replace(/^-/, "\u2212");
const two = (cell) => cell === "" || cell === undefined ? "" : cell === "inf" ? "\u221e" : cell === "-inf" ? "\u2212\u221e"
  : minus(Number(cell).toFixed(2)).replace(/^\u2212(0\.00)$/, "$1");
const group = (name) => data.words.groups[name] || name;
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const question = (row) => `${group(row.outcome_group)}, ${data.words.contrasts[row.contrast].label}`;
const estimate = (m) => m.est === "" ? `${data.words.metrics[m.metric]} in [${two(m.ci_lb)}, ${two(m.ci_ub)}]` : `${data.words.metrics[m.metric]} ${two(m.est)} [${two(m.ci_lb)}, ${two(m.ci_ub)}]`;

// ---------------------------------------------------------------- elements (text only, never markup)

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== "" && child !== null && child !== undefined));
  return node;
}
const opener = (key, text) => el("a", { class: "open", href: `#?${new URLSearchParams({ open: key })}`, "data-open": key }, text);
const doi = (value) => el("a", { href: `https://doi.org/${encodeURI(value)}`, rel: "noopener noreferrer" }, value);
const list = (items) => el("ul", {}, items.map((item) => el("li", {}, item)));
const pairs = (entries) => el("dl", {}, entries.filter(([, value]) => value !== "" && value !== undefined && value !== null)
  .flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
const part = (heading, ...children) => [el("h3", {}, heading), ...children];

// ---------------------------------------------------------------- the panel

const panel = $("#panel");
const body = $("#panel-body");
let cameFrom = null;

function show(key) {
  const content = findingPanel(key) || modelPanel(key) || claimPanel(key) || rowPanel(key);
  if (!content) return false;
  if (!panel.open) cameFrom = document.activeElement;
  body.replaceChildren(...content.flat(Infinity).filter((node) => node !== "" && node !== null && node !== undefined));
  if (!panel.open) panel.show();
  panel.scrollTop = 0;
  $("#panel-title").focus({ preventScroll: true });
  for (const node of $$(".now")) node.classList.remove("now");
  for (const node of $$(`[data-mark="${CSS.escape(key)}"], [data-row="${CSS.escape(key)}"]`)) node.classList.add("now");
  return true;
}

function hide() {
  if (!panel.open) return;
  panel.close();
  for (const node of $$(".now")) node.classList.remove("now");
  const back = cameFrom && cameFrom.isConnected && cameFrom !== document.body ? cameFrom : $("#main");
  back.focus({ preventScroll: true });
}

const title = (eyebrow, heading) => [el("p", { class: "eyebrow" }, eyebrow), el("h2", { id: "panel-title", tabindex: "-1" }, heading)];

function findingPanel(key) {
  const effect = effectOf.get(key);
  if (!effect) return null;
  const coding = codings.get(key) || {};
  const row = drawn.get(key);
  const contrast = data.words.contrasts[effect.contrast];
  const report = reports.get(effect.report_id);
  const formula = data.formulas[key];
  const columns = data.tables["1_checked/findings.csv"].columns;
  const others = effects.filter((other) => other.finding_id === effect.finding_id && other.coding !== effect.coding);
  const cell = cellOf(effect);
  const sides = effect.group_1 ? `${effect.group_1} minus ${effect.group_2 || "?"}` : "";
  return [
    title(domains.get(effect.domain).title, `${effect.label}: ${effect.outcome}`),
    el("p", {}, `${contrast.label}. Left of zero: ${contrast.left}; right: ${contrast.right}.`),
    el("p", { class: "big" }, row ? row.effect : ""),
    el("p", {}, `${capital(effect.rung)}: ${effect.why}.`, effect.use === "excluded" ? ` Shown, not pooled: ${effect.use_why}.` : ""),
    formula ? part("Formula",
      el("p", {}, `${capital(effect.es_method)}.${sides ? ` Sign: ${sides}.` : ""}`),
      el("div", { class: "math", tabindex: "0", role: "group", "aria-label": "Formula with the values put in" },
        formula.symbols.map((line, i) => [
          formula.values[i] === line ? el("div", {}, line) : [el("div", { class: "as" }, line), el("div", {}, formula.values[i])],
        ])),
      pairs([["yi", minus(effect.yi)], ["vi", effect.vi], ["lower bound", minus(effect.yi_lb)], ["upper bound", minus(effect.yi_ub)],
        ["assumed", effect.assumed]])) : "",
    part("Inputs, as printed in the source", pairs([
      ...splitted(effect.inputs).map((input) => {
        const [name, value] = input.split(" = ");
        return [name, `${minus(value)} (${columns[name]})`];
      }),
      ["direction", data.words.directions[effect.direction]], ["group 1", effect.group_1], ["group 2", effect.group_2],
      ["population", effect.population], ["instrument", coding.instrument], ["dose, IU", effect.dose_iu], ["fluid or tissue", effect.matrix],
      ["assay", effect.assay], ["time", effect.timepoint], ["design", data.words.designs[effect.design]]])),
    part("Source",
      report ? el("p", {}, `${report.authors} (${report.year || "year not known"}). ${report.title}. ${report.journal || ""} `, report.doi ? doi(report.doi) : "") : "",
      pairs([["read in", effect.locator], ["what was read", data.words.sources[effect.source_kind]],
        ["through", effect.via ? (reports.get(effect.via) || { label: effect.via }).label : ""],
        ["sample", effect.sample_id], ["cohort", effect.cohort_id],
        ["women", (samples.get(effect.sample_id) || {}).percent_female ? `${samples.get(effect.sample_id).percent_female}%` : ""],
        ["overlap", (samples.get(effect.sample_id) || {}).overlap], ["doubt", coding.doubt], ["note", coding.note], ["coder", coding.coder]])),
    part(`Coding: ${effect.coding}`, others.length
      ? list(others.map((other) => [opener(mark(other), other.coding), `: ${(drawn.get(mark(other)) || {}).effect || other.rung}, ${other.use}`]))
      : el("p", {}, "The only coding of this finding.")),
    part("What it feeds", feeds(effect, cell)),
    effect.missing ? part("What would lift it", el("p", {}, effect.missing)) : "",
    second(effect),
  ];
}

function feeds(effect, cell) {
  const unit = units.find((row) => cellOf(row) === cell && splitted(row.findings).includes(effect.finding_id) && effect.use === "main");
  const exact = unit && (unit.rung === "exact" || unit.yi !== "");
  const inModels = unit ? models.filter((m) => cellOf(m) === cell && (exact || m.model.startsWith("all evidence"))) : [];
  const own = new Set([...(claimsOf.get(effect.finding_id) || []), ...(claimsOf.get(effect.report_id) || [])]);
  return [
    exact ? el("p", {}, `Sample ${unit.sample_id}: ${two(unit.yi)}, weight ${Number(unit.weight).toFixed(1)}% in the headline model`,
      splitted(unit.findings).length > 1 ? `, the mean of ${splitted(unit.findings).length} effects with correlation ${unit.rho}.` : ".") : "",
    inModels.length ? list(inModels.map((m) => [opener(modelKey(m), capital(m.model)), `: ${estimate(m)}, k = ${m.k}`]))
      : el("p", {}, effect.use === "main" ? "No model of this run uses it: it counts in the evidence map." : "Nothing: it is shown only."),
    own.size ? [el("p", {}, "Claims of the review that rest on it or cite its report:"),
      list([...own].map((id) => [opener(id, id), ` ${(claims.get(id) || {}).claim || ""}`, verdictOf(id)]))] : "",
  ];
}

const shownVerdict = (id) => verdicts.has(id) ? verdicts.get(id).overruled_verdict || verdicts.get(id).verdict : "";
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
  const all = m.model.startsWith("all evidence");
  const own = units.filter((row) => cellOf(row) === cell && (all || row.yi !== ""));
  const changed = alternatives.filter((row) => cellOf(row) === cell && row.model === m.model);
  const columns = data.tables["3_models/<domain>.csv"].columns;
  const unused = new Set(["domain", "contrast", "outcome_group", "metric", "model", "headline"]);
  return [
    title(domains.get(m.domain).title, `${capital(m.model)}: ${question(m)}`),
    el("p", { class: "big" }, estimate(m)),
    m.note ? el("p", {}, m.note) : "",
    part("Formula with the values put in", el("div", { class: "math", tabindex: "0", role: "group", "aria-label": "Formula" }, m.headline === "yes" && own.length
      ? [el("div", { class: "as" }, m.tau2 ? "\u03bc = \u03a3 w\u1d62 y\u1d62 / \u03a3 w\u1d62, w\u1d62 = 1 / (v\u1d62 + \u03c4\u00b2)" : "\u03bc = \u03a3 w\u1d62 y\u1d62 / \u03a3 w\u1d62, w\u1d62 = 1 / v\u1d62"),
        el("div", {}, `= ${own.map((u) => `${Number(u.weight).toFixed(1)}% \u00b7 ${Number(u.yi) < 0 ? `(${minus(Number(u.yi).toFixed(3))})` : Number(u.yi).toFixed(3)}`).join(" + ")}`),
        el("div", {}, `= ${minus(Number(m.est).toFixed(3))}`)]
      : all ? [el("div", {}, "L(\u03bc, \u03c4\u00b2) = \u03a0 \u03c6(y\u1d62; \u03bc, v\u1d62 + \u03c4\u00b2) \u00b7 \u03a0 [\u03a6(upper\u2c7c) \u2212 \u03a6(lower\u2c7c)]"),
        el("div", { class: "as" }, `${m.k_exact || 0} exact, ${m.k_bounded || 0} bounded, ${m.k_direction || 0} direction`),
        el("div", { class: "as" }, [m.method, m.test].filter(Boolean).join(", "))]
        : el("div", {}, [m.method, m.test].filter(Boolean).join(", ")))),
    own.length ? part("What went in", el("table", { class: "rows" },
      el("thead", {}, el("tr", {}, ["Sample", "yi, or bounds", "vi", "Weight"].map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, own.map((u) => el("tr", {},
        el("th", { scope: "row" }, `${u.label} `, splitted(u.findings).map((id) => [opener(`${id}--primary`, id), " "])),
        el("td", {}, u.yi !== "" ? minus(u.yi) : `${two(u.yi_lb)} to ${two(u.yi_ub)}`), el("td", {}, u.vi),
        el("td", { class: "n" }, u.weight && !all ? `${Number(u.weight).toFixed(1)}%` : "")))))) : "",
    part("As stored", pairs(Object.entries(m).filter(([name]) => !unused.has(name)).map(([name, value]) => [name, value === "" ? "" : `${minus(value)} \u2014 ${columns[name]}`]))),
    changed.length ? part("What if", list(changed.map((row) => `${row.text}: ${estimate(row)}, k = ${row.k}`))) : "",
    part("Its cell", list((inCell.get(cell) || []).map((effect) => [opener(mark(effect), `${effect.label}, ${effect.outcome}`), ` (${effect.rung}, ${effect.use})`]))),
  ];
}

function claimPanel(key) {
  const claim = claims.get(key);
  if (!claim) return null;
  const verdict = verdicts.get(key);
  const cited = new Set(splitted(claim.cited_reports));
  const related = effects.filter((effect) => cited.has(effect.report_id) && (!claim.domain || effect.domain === claim.domain));
  const described = (name, row) => pairs(Object.entries(row).filter(([column, value]) => value && !["claim_id", "claim", "verdict", "why"].includes(column))
    .map(([column, value]) => [data.tables[name].columns[column] || column, links(column, value)]));
  return [
    title(`Claim ${key}, section ${claim.section}`, claim.claim),
    verdict ? [el("p", { class: "big" }, capital(shownVerdict(key))), el("p", {}, verdict.why)] : "",
    verdict ? part("What the verdict rests on", described("4_synthesis/claims.csv", verdict)) : "",
    part("The claim", described("1_checked/claims.csv", claim)),
    part("Findings of the reports it cites", related.length
      ? list(related.map((effect) => [opener(mark(effect), `${effect.label}, ${effect.outcome}`), `: ${(drawn.get(mark(effect)) || {}).effect || effect.rung}`]))
      : el("p", {}, "None in this domain.")),
  ];
}

// Identifiers in a cell become links.
function links(column, value) {
  if (column === "expected_direction") return data.words.expected[value] || value;
  return splitted(value).flatMap((id, i) => {
    const key = [id, `${id}--primary`].find((one) => effectOf.has(one) || claims.has(one));
    const link = key ? opener(key, id) : reports.has(id) ? el("a", { href: `#ref-${id}` }, reports.get(id).label) : domains.has(id) ? el("a", { href: `#${id}` }, domains.get(id).title) : id;
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
    pairs(columns.map((column, i) => [table.columns[column] || column, row[i] && links(column, row[i])])),
  ];
}

// ---------------------------------------------------------------- the address says what is shown

const FACETS = ["q", "domain", "contrast", "rung", "use", "verdict", "year", "country", "dose_iu", "assay"];
const stateOf = () => new URLSearchParams(location.hash.startsWith("#?") ? location.hash.slice(2) : "");

const address = (state) => state.size ? `#?${state}` : location.pathname + location.search;

function go(change, replace = false) {
  const state = stateOf();
  for (const [name, value] of Object.entries(change)) value ? state.set(name, value) : state.delete(name);
  history[replace ? "replaceState" : "pushState"](null, "", address(state));
  apply(state);
}

function apply(state = stateOf()) {
  const key = state.get("open");
  if (!key || !show(key)) hide();
  for (const name of FACETS) form.elements[name].value = state.get(name) || "";
  filter();
  change(state.get("if"));
}

// ---------------------------------------------------------------- find a finding

const form = $("#findings form");
const STEP = 60;
let matches = [];
let shown = STEP;

const verdictsOf = (effect) => [...new Set([...(claimsOf.get(effect.finding_id) || [])].map(shownVerdict).filter(Boolean))];
const catalogue = effects.map((effect) => {
  const report = reports.get(effect.report_id) || {};
  const coding = codings.get(mark(effect)) || {};
  const facets = {
    domain: [effect.domain], contrast: [effect.contrast], rung: [effect.rung], use: [effect.use], verdict: verdictsOf(effect),
    year: [report.year], country: splitted((samples.get(effect.sample_id) || {}).country || report.country),
    dose_iu: [effect.dose_iu], assay: [[effect.matrix, effect.assay].filter(Boolean).join(", ")],
  };
  const text = [effect.finding_id, effect.label, effect.outcome, effect.population, effect.sample_id, group(effect.outcome_group),
    report.title, report.authors, coding.instrument, coding.note, effect.locator].join(" ").toLowerCase();
  return { effect, report, facets, text };
});

function options(select, values, words = {}) {
  const sorted = [...values].filter(Boolean).sort((a, b) => (words[a] || a).localeCompare(words[b] || b, "en", { numeric: true }));
  for (const value of sorted) select.append(el("option", { value }, words[value] || value.replaceAll("_", " ")));
  if (!sorted.length) select.closest("label").hidden = true;
}
for (const name of FACETS.slice(1)) {
  const words = name === "domain" ? Object.fromEntries([...domains].map(([id, row]) => [id, row.title]))
    : name === "contrast" ? Object.fromEntries(Object.entries(data.words.contrasts).map(([id, row]) => [id, row.label])) : {};
  options(form.elements[name], new Set(catalogue.flatMap((item) => item.facets[name])), words);
}

function filter() {
  const wanted = FACETS.slice(1).map((name) => [name, form.elements[name].value]).filter(([, value]) => value);
  const terms = form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
  matches = catalogue.filter((item) => wanted.every(([name, value]) => item.facets[name].includes(value)) && terms.every((term) => item.text.includes(term)));
  const inDomains = new Set(matches.map((item) => item.effect.domain)).size;
  $("#found").textContent = `${matches.length} of ${catalogue.length} codings, in ${inDomains} ${inDomains === 1 ? "domain" : "domains"}`;
  showFound();
}

function showFound() {
  $("#found-rows").replaceChildren(...matches.slice(0, shown).map(({ effect, report }) => el("tr", { class: effect.use, "data-row": mark(effect) },
    el("th", { scope: "row" }, opener(mark(effect), effect.label)), el("td", {}, report.year || ""),
    el("td", {}, effect.outcome), el("td", {}, data.words.contrasts[effect.contrast].label),
    el("td", {}, el("a", { href: `#${effect.domain}` }, domains.get(effect.domain).title)),
    el("td", {}, effect.use === "excluded" ? `${effect.rung}, not pooled` : effect.rung), el("td", { class: "e" }, (drawn.get(mark(effect)) || {}).effect || ""))));
  const more = $("#more");
  more.hidden = matches.length <= shown;
  more.textContent = `Show all ${matches.length}`;
}

const chosen = () => Object.fromEntries(FACETS.map((name) => [name, form.elements[name].value]));
let timer = 0;
form.addEventListener("input", () => {
  shown = STEP;
  filter();
  clearTimeout(timer);
  timer = setTimeout(() => { // browsers limit how often the address may change
    const state = stateOf();
    for (const [name, value] of Object.entries(chosen())) value ? state.set(name, value) : state.delete(name);
    history.replaceState(null, "", address(state));
  }, 150);
});
form.addEventListener("reset", (event) => {
  event.preventDefault();
  shown = STEP;
  go(Object.fromEntries(FACETS.map((name) => [name, ""])), true);
});
form.addEventListener("submit", (event) => event.preventDefault());
$("#more").addEventListener("click", () => { shown = Infinity; showFound(); });

// ---------------------------------------------------------------- claims

const claimForm = $("#claim-filter");
const claimRows = $$("#claims tbody tr").map((node) => ({ node, text: node.textContent.toLowerCase() }));
options(claimForm.elements.section, new Set(claimRows.map(({ node }) => node.dataset.section)));
options(claimForm.elements.expected, new Set(claimRows.map(({ node }) => node.dataset.expected)), data.words.expected);
if (claimForm.elements.verdict) options(claimForm.elements.verdict, new Set(claimRows.map(({ node }) => node.dataset.verdict)));
function filterClaims() {
  const terms = claimForm.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = ["section", "expected", "verdict"].filter((name) => claimForm.elements[name] && claimForm.elements[name].value);
  let n = 0;
  for (const { node, text } of claimRows) {
    node.hidden = !(wanted.every((name) => node.dataset[name] === claimForm.elements[name].value)
      && (!claimForm.elements.core.checked || node.dataset.core === "yes") && terms.every((term) => text.includes(term)));
    n += !node.hidden;
  }
  $("#claims-found").textContent = `${n} of ${claimRows.length} claims`;
}
claimForm.addEventListener("input", filterClaims);
claimForm.addEventListener("submit", (event) => event.preventDefault());
filterClaims();

// ---------------------------------------------------------------- what if: only what the pipeline stored

const leaves = $$(".leave");
for (const node of leaves) {
  node.dataset.all = $("output", node).textContent;
  $("select", node).addEventListener("change", (event) => go({ if: event.target.value ? `${node.dataset.model}/${event.target.value}` : "" }, true));
}

function change(wanted) {
  for (const node of $$(".ghost")) node.remove();
  for (const node of $$(".out")) node.classList.remove("out");
  for (const node of leaves) {
    const key = node.dataset.model;
    const chosen = wanted && wanted.startsWith(`${key}/`) ? wanted.slice(key.length + 1) : "";
    const row = chosen && alternatives.find((one) => modelKey(one) === key && `${one.kind}/${one.name}` === chosen);
    $("select", node).value = row ? chosen : "";
    $("output", node).textContent = row ? `${capital(row.text)}: ${estimate(row)}, ${row.k} samples` : node.dataset.all;
    for (const line of $$("[data-if]", node)) line.classList.toggle("now", Boolean(row) && line.dataset.if === chosen);
    if (row) ghost(node, row);
  }
}

// The stored result as an open diamond over that of the main analysis. The scale of the drawing is read off
// the diamond that is there; where that one is clipped, none is drawn.
function ghost(node, row) {
  const article = node.closest(".domain");
  const cell = cellOf(row);
  for (const effect of inCell.get(cell) || []) {
    if (row.kind === LEFT_OUT && effect.sample_id === row.name && effect.use === "main") {
      for (const one of $$(`[data-mark="${CSS.escape(mark(effect))}"]`, article)) one.classList.add("out");
    }
  }
  const diamond = $(`[data-mark="${CSS.escape(node.dataset.model)}"]`, article);
  const m = modelOf.get(node.dataset.model);
  if (!diamond || row.est === "" || !Number.isFinite(Number(row.ci_lb)) || !Number.isFinite(Number(row.ci_ub))) return;
  const points = [...$("path", diamond).getAttribute("d").matchAll(/(-?[\d.]+) (-?[\d.]+)/g)].slice(0, 4).map((found) => [Number(found[1]), Number(found[2])]);
  const xs = points.map(([x]) => x), ys = points.map(([, y]) => y);
  const left = Math.min(...xs), right = Math.max(...xs), top = Math.min(...ys), bottom = Math.max(...ys), middle = (top + bottom) / 2;
  const scale = (right - left) / (m.ci_ub - m.ci_lb);
  const place = (value) => left + (value - m.ci_lb) * scale;
  if (Math.abs(place(m.est) - points[ys.indexOf(top)][0]) > 0.2) return;
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
  shape.setAttribute("class", "ghost");
  shape.setAttribute("points", `${place(row.ci_lb)},${middle} ${place(row.est)},${top - 1.5} ${place(row.ci_ub)},${middle} ${place(row.est)},${bottom + 1.5}`);
  diamond.append(shape);
}

// ---------------------------------------------------------------- downloads

function save(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

// A text that a spreadsheet would run as a formula gets an apostrophe; numbers, infinities included, stay as stored.
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$|^[+-]?inf$/i;
function cell(text) {
  const safe = /^[=+\-@\t\r]/.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
const csv = (columns, rows) => [columns, ...rows].map((row) => row.map(cell).join(",") + "\n").join("");

function saveTable(name, domain) {
  const table = data.tables[name];
  const columns = Object.keys(table.columns);
  const at = columns.indexOf("domain");
  const rows = domain ? table.rows.filter((row) => row[at] === domain) : table.rows;
  save(name.replace("<domain>", domain || "all").replaceAll("/", "_"), "text/csv;charset=utf-8", csv(columns, rows));
}

function saveDrawing(name) {
  const drawing = $(`[data-svg="${CSS.escape(name)}"]`).closest("figure").querySelector("svg.drawing").cloneNode(true);
  for (const node of $$(".hit, .ghost", drawing)) node.remove();
  for (const node of $$("[data-mark]", drawing)) {
    node.setAttribute("id", node.dataset.mark);
    for (const attribute of ["tabindex", "role", "class"]) node.removeAttribute(attribute);
  }
  const fonts = $("style").textContent.match(/@font-face\{.*\}/g) || [];
  drawing.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const style = document.createElementNS("http://www.w3.org/2000/svg", "style");
  style.textContent = fonts.join("\n");
  drawing.prepend(style);
  save(`${name}.svg`, "image/svg+xml", new XMLSerializer().serializeToString(drawing));
}

$("#found-csv").addEventListener("click", () => {
  const table = data.tables["2_effects/ladder.csv"];
  const wanted = new Set(matches.map((item) => item.effect));
  save("findings.csv", "text/csv;charset=utf-8", csv(Object.keys(table.columns), table.rows.filter((row, i) => wanted.has(effects[i]))));
});

// ---------------------------------------------------------------- clicks, keys, print, light and dark

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-open]");
  const markNode = event.target.closest("[data-mark]");
  const table = event.target.closest("[data-csv]");
  const drawing = event.target.closest("[data-svg]");
  const key = link ? link.dataset.open : markNode ? markNode.dataset.mark : "";
  if (key && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    if (!panel.open) (link || markNode).focus({ preventScroll: true });
    go({ open: key });
  } else if (table) saveTable(table.dataset.csv, table.dataset.of);
  else if (drawing) saveDrawing(drawing.dataset.svg);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && panel.open) go({ open: "" });
  const markNode = event.target.closest && event.target.closest("[data-mark]");
  if (markNode && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    go({ open: markNode.dataset.mark });
  }
});
$("#panel-close").addEventListener("click", () => go({ open: "" }));
$("#panel-link").addEventListener("click", async (event) => {
  try {
    await navigator.clipboard.writeText(location.href);
    event.target.textContent = "Copied";
  } catch {
    event.target.textContent = "The address bar has the link";
  }
  setTimeout(() => { event.target.textContent = "Copy link"; }, 2000);
});

function follow() {
  if (location.hash.startsWith("#?")) {
    apply();
    const state = stateOf();
    if (!state.has("open") && FACETS.some((name) => state.has(name))) $("#findings").scrollIntoView();
    if (state.has("open")) {
      const node = $(`[data-mark="${CSS.escape(state.get("open"))}"]`);
      if (node) node.scrollIntoView({ block: "center" });
    }
  } else {
    hide();
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target) for (let node = target.parentElement; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
  }
}
window.addEventListener("hashchange", follow);
window.addEventListener("popstate", () => { if (location.hash.startsWith("#?") || !location.hash) apply(); });

let opened = [];
window.addEventListener("beforeprint", () => {
  opened = $$("details:not([open])");
  for (const node of opened) node.open = true;
});
window.addEventListener("afterprint", () => { for (const node of opened) node.open = false; });

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const stored = { get: () => { try { return localStorage.getItem("theme"); } catch { return null; } },
  set: (value) => { try { localStorage.setItem("theme", value); } catch { /* a page from disk may not store */ } } };
if (stored.get()) root.dataset.theme = stored.get();
$("#theme").addEventListener("click", () => {
  root.dataset.theme = (root.dataset.theme || (dark.matches ? "dark" : "light")) === "dark" ? "light" : "dark";
  stored.set(root.dataset.theme);
});

for (const node of $$(".honesty span")) node.style.flexGrow = node.dataset.n;
if (window.matchMedia("(max-width: 68rem)").matches) $(".toc details").open = false;

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    const link = $(`.toc a[href="#${CSS.escape(entry.target.id)}"]`);
    if (link && entry.isIntersecting) {
      for (const other of $$(".toc [aria-current]")) other.removeAttribute("aria-current");
      link.setAttribute("aria-current", "true");
    }
  }
}, { rootMargin: "-15% 0px -75% 0px" });
for (const node of $$("main > section:not(#domains), .domain")) seen.observe(node);

filter();
follow();
root.dataset.ready = "yes";
