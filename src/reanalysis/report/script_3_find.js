// ---------------------------------------------------------------- the address says what is shown

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
const terms = (field) => field.value.toLowerCase().split(/\s+/).filter(Boolean);

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
    exposure: [effect.exposure], dose: [dose(effect)], matrix: [effect.matrix], assay: [effect.assay],
    population_kind: [effect.population_kind],
  };
  const text = [effect.finding_id, effect.label, effect.outcome, effect.population, effect.sample_id, group(effect.outcome_group),
    report.title, report.authors, coding.instrument, coding.note, effect.locator].join(" ").toLowerCase();
  return { effect, report, facets, text };
});

const among = (name) => catalogue.flatMap((item) => item.facets[name]);
const titles = Object.fromEntries([...domains].map(([id, row]) => [id, row.title]));
const findingWords = {
  domain: titles,
  contrast: Object.fromEntries(Object.entries(data.words.contrasts).map(([id, row]) => [id, row.label])),
  rung: Object.fromEntries(Object.keys(data.words.rungs).map((rung) => [rung, rung])),
  use: { main: "in the main analysis", excluded: "shown, not pooled" },
  verdict: data.words.verdicts,
  dose: Object.fromEntries([...new Set(among("dose"))].sort((a, b) => parseFloat(a) - parseFloat(b)).map((words) => [words, words])),
  ...data.words.own,
};
for (const name of Object.keys(catalogue.length ? catalogue[0].facets : {})) options(form.elements[name], among(name), findingWords[name]);

function filterFindings() {
  const filters = wanted(form), words = terms(form.elements.q);
  matches = catalogue.filter((item) => filters.every(([name, value]) => item.facets[name].includes(value)) && words.every((word) => item.text.includes(word)));
  shown = STEP;
  const inDomains = new Set(matches.map((item) => item.effect.domain)).size;
  $("#found").textContent = `${matches.length} of ${counted(catalogue.length, "coding")}, in ${counted(inDomains, "domain")}`;
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
$("#more").addEventListener("click", () => { shown = Infinity; showFound(); });

// ---------------------------------------------------------------- claims

const claimForm = $("#claim-filter");
const claimRows = $$("#claims tbody tr").map((node) => ({ node, text: node.textContent.toLowerCase() }));
const claimWords = {
  about: titles, says: data.words.expected, judged: data.words.verdicts, kind: data.words.kinds, source: data.words.fidelity, core: { yes: "central to the conclusion", no: "other" },
};
for (const name of ["section", "about", "says", "kind", "judged", "source", "core"]) options(claimForm.elements[name], claimRows.map(({ node }) => node.dataset[name]), claimWords[name]);

function filterClaims() {
  const filters = wanted(claimForm), words = terms(claimForm.elements.claim);
  let n = 0;
  for (const { node, text } of claimRows) {
    node.hidden = !(filters.every(([name, value]) => node.dataset[name] === value) && words.every((word) => text.includes(word)));
    n += !node.hidden;
  }
  $("#claims-found").textContent = `${n} of ${counted(claimRows.length, "claim")}`;
}

const searches = [searching(form, filterFindings), searching(claimForm, filterClaims)];
