// ---------------------------------------------------------------- the address says what is shown

const stateOf = () => new URLSearchParams(location.hash.startsWith("#?") ? location.hash.slice(2) : "");
const address = (state) => state.size ? `#?${state}` : location.pathname + location.search;

function go(change, replace = false) {
  const away = elsewhere(change.open || change.if);
  if (away) {
    location.assign(`${away}#?${new URLSearchParams(change)}`);
    return;
  }
  const state = stateOf();
  for (const [name, value] of Object.entries(change)) value ? state.set(name, value) : state.delete(name);
  history[replace ? "replaceState" : "pushState"](null, "", address(state));
  apply(state);
}

function apply(state = stateOf()) {
  const key = state.get("open"), away = elsewhere(key || state.get("if"));
  if (away) {
    location.replace(away + location.hash);
    return;
  }
  if (!key || !show(key)) hide();
  for (const search of searches) search.read(state);
  change(state.get("if"));
}

// A form of filters whose fields stand in the address under their names; `filter` shows what they let through.
function searching(form, filter) {
  const fields = [...form.elements].filter((field) => field.name);
  const values = () => Object.fromEntries(fields.map((field) => [field.name, field.value]));
  let timer = 0;
  form.addEventListener("input", () => {
    filter();
    clearTimeout(timer);
    timer = setTimeout(() => { // browsers limit how often the address may change
      const state = stateOf();
      for (const [name, value] of Object.entries(values())) value ? state.set(name, value) : state.delete(name);
      history.replaceState(null, "", address(state));
    }, 150);
  });
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    go(Object.fromEntries(fields.map((field) => [field.name, ""])), true);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  return {
    form,
    asks: (state) => fields.some((field) => state.has(field.name)),
    read(state) {
      for (const field of fields) field.value = state.get(field.name) || "";
      filter();
    },
  };
}

const wanted = (form) => [...form.elements].filter((field) => field.localName === "select" && field.value).map((field) => [field.name, field.value]);
// Letters without accents and true minus signs, so that names and numbers are found as people type them.
const folded = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replaceAll("\u2212", "-").toLowerCase();
// A term is found where a word begins.
const begins = (text, term) => (" " + text).includes(" " + term);
const words = (cells) => folded(cells.filter(Boolean).join(" ")).replace(/[\s(),;:/\[\]"'\u201c\u201d\u2019=]+/g, " ");
const terms = (field) => words([field.value]).split(" ").filter(Boolean);

// The values of a select, in the order of their words where these are given.
function options(select, values, words = {}) {
  const known = Object.keys(words);
  const place = (value) => known.includes(value) ? known.indexOf(value) : known.length;
  const sorted = [...new Set(values)].filter(Boolean).sort((a, b) => place(a) - place(b) || a.localeCompare(b, "en", { numeric: true }));
  for (const value of sorted) select.append(el("option", { value }, words[value] || spaced(value)));
  if (!sorted.length) select.closest("label").hidden = true;
}

// ---------------------------------------------------------------- find a finding

const form = $("#findings form");
const STEP = 60; // rows of a search
const FEW = 5; // rows before anything is asked
let matches = [];
let shown = STEP;

const verdictsOf = (effect) => [...new Set([...(claimsOf.get(effect.finding_id) || [])].map(shownVerdict).filter(Boolean))];
const catalogue = effects.map((effect) => {
  const report = reports.get(effect.report_id) || {};
  const coding = codings.get(mark(effect)) || {};
  const facets = {
    domain: [effect.domain], contrast: [effect.contrast], rung: [effect.rung], use: [effect.use], verdict: verdictsOf(effect),
    year: [report.year], country: splitted((samples.get(effect.sample_id) || {}).country || report.country),
    exposure: [effect.exposure], dose: [dose(effect)], matrix: [effect.matrix], assay: [effect.assay],
    population_kind: [effect.population_kind],
  };
  const text = words([...Object.values(effect), ...Object.values(coding), group(effect.outcome_group),
    data.words.contrasts[effect.contrast].label, domains.get(effect.domain).title, own("matrix", effect.matrix), own("assay", effect.assay),
    own("exposure", effect.exposure), dose(effect), report.title, report.authors, (drawn.get(mark(effect)) || {}).effect]);
  return { effect, report, facets, text };
});

const among = (name) => catalogue.flatMap((item) => item.facets[name]);
const titles = Object.fromEntries([...domains].map(([id, row]) => [id, row.title]));
const findingWords = {
  domain: titles,
  contrast: Object.fromEntries(Object.entries(data.words.contrasts).map(([id, row]) => [id, row.label])),
  rung: data.words.rungs,
  use: { main: "included", excluded: "excluded" },
  verdict: data.words.verdicts,
  dose: Object.fromEntries([...new Set(among("dose"))].sort((a, b) => parseFloat(a) - parseFloat(b)).map((words) => [words, words])),
  ...data.words.own,
};
if (form) for (const name of Object.keys(catalogue.length ? catalogue[0].facets : {})) options(form.elements[name], among(name), findingWords[name]);

function filterFindings() {
  const filters = wanted(form), asked = terms(form.elements.q);
  matches = catalogue.filter((item) => filters.every(([name, value]) => item.facets[name].includes(value)) && asked.every((term) => begins(item.text, term)));
  const named = (item) => asked.some((term) => begins(folded(item.effect.label), term)) ? 0 : 1;
  if (asked.length) matches.sort((a, b) => named(a) - named(b)); // who is asked for by name comes first
  shown = filters.length || asked.length ? STEP : FEW;
  const inDomains = new Set(matches.map((item) => item.effect.domain)).size;
  $("#found").textContent = `${matches.length} of ${counted(catalogue.length, "result")}, in ${counted(inDomains, "topic")}`;
  showFound();
}

function showFound() {
  $("#found-rows").replaceChildren(...matches.slice(0, shown).map(({ effect, report }) => el("tr", { class: effect.use, "data-row": mark(effect) },
    el("th", { scope: "row" }, opener(mark(effect), effect.label)), el("td", {}, report.year || ""),
    el("td", {}, effect.outcome), el("td", {}, data.words.contrasts[effect.contrast].label),
    el("td", {}, el("a", { href: pageOf(effect.domain) }, domains.get(effect.domain).title)),
    el("td", {}, `${data.words.rungs[effect.rung]}${effect.use === "excluded" ? ", excluded" : ""}`), el("td", { class: "e" }, (drawn.get(mark(effect)) || {}).effect || "", effect.means ? el("span", { class: "hint" }, meansOf(effect)) : ""))));
  const more = $("#more");
  more.hidden = matches.length <= shown;
  more.textContent = `Show all ${matches.length}`;
}
$("#more")?.addEventListener("click", () => { shown = Infinity; showFound(); });

// ---------------------------------------------------------------- claims

const claimForm = $("#claim-filter");
const claimRows = $$("#all-claims tbody tr").map((node) => ({ node, text: words([node.textContent]) }));
const moreClaims = $("#more-claims"); // where there may be thousands, which a browser takes seconds to lay out
let claimsShown = moreClaims ? 500 : Infinity;
const claimWords = {
  about: titles, says: data.words.expected, judged: data.words.verdicts, kind: data.words.kinds, source: data.words.fidelity, core: { yes: "central to the conclusion", no: "other" }, problem: {},
};
const valuesOf = (node, name) => name === "problem" ? splitted(node.dataset.problem) : [node.dataset[name]];
if (claimForm) for (const name of ["problem", "section", "about", "says", "kind", "judged", "source", "core"]) options(claimForm.elements[name], claimRows.flatMap(({ node }) => valuesOf(node, name)), claimWords[name]);

function filterClaims() {
  const filters = wanted(claimForm), asked = terms(claimForm.elements.claim);
  let n = 0;
  for (const { node, text } of claimRows) {
    const found = filters.every(([name, value]) => valuesOf(node, name).includes(value)) && asked.every((term) => begins(text, term));
    n += found;
    node.hidden = !found || n > claimsShown;
  }
  for (const rows of $$("tbody.many")) rows.classList.add("shown");
  if (moreClaims) {
    moreClaims.hidden = n <= claimsShown;
    moreClaims.textContent = `Show all ${n}`;
  }
  $("#claims-found").textContent = `${n} of ${counted(claimRows.length, "statement")}`;
}

moreClaims?.addEventListener("click", () => { claimsShown = Infinity; filterClaims(); });

const searches = [[form, filterFindings], [claimForm, filterClaims]].filter(([one]) => one).map(([one, filter]) => searching(one, filter));
