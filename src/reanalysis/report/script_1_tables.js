"use strict";
// The script of the report, in the order of its files. It shows what the tables hold and computes no statistics.

const data = JSON.parse(document.getElementById("data-json").textContent);
for (const table of Object.values(data.tables)) table.rows = table.rows.map((row) => row.map((place) => data.texts[place]));
const root = document.documentElement;
const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
root.classList.add("js");
// Links that only this script can follow are links only where it runs.
for (const link of $$("[data-go]")) link.href = link.dataset.go;

// ---------------------------------------------------------------- tables

const records = (name) => {
  const table = data.tables[name];
  if (!table) return [];
  const columns = Object.keys(table.columns);
  return table.rows.map((row) => Object.fromEntries(row.map((cell, i) => [columns[i], cell])));
};
const by = (rows, key) => new Map(rows.map((row) => [key(row), row]));
const grouped = (rows, key) => {
  const groups = new Map();
  for (const row of rows) {
    const own = key(row);
    if (!groups.has(own)) groups.set(own, []);
    groups.get(own).push(row);
  }
  return groups;
};
const splitted = (cell) => (cell || "").split(";").map((part) => part.trim()).filter(Boolean);

const effects = records("2_effects/ladder.csv");
const codings = by(records("1_checked/findings.csv"), (row) => `${row.finding_id}--${row.coding}`);
const reports = by(records("1_checked/reports.csv"), (row) => row.report_id);
const samples = by(records("1_checked/samples.csv"), (row) => row.sample_id);
const domains = by(records("1_checked/domains.csv"), (row) => row.domain);
const claims = by(records("1_checked/claims.csv"), (row) => row.claim_id);
const verdicts = by(records("4_synthesis/claims.csv"), (row) => row.claim_id);
const models = records("3_models/models.csv");
const units = records("3_models/units.csv");
const LEFT_OUT = "sample left out";
const leftOut = records("3_models/leave_one_out.csv");
const modelKey = (m) => `${m.domain}--model--${m.contrast}--${m.outcome_group}--${m.metric}--${m.model.replaceAll(" ", "-")}`;
const refitted = new Set(leftOut.map(modelKey)); // models whose leave-one-out analysis has a table of its own
const alternatives = [
  ...leftOut.map((row) => ({ ...row, kind: LEFT_OUT, name: row.sample_id, text: `without ${row.label}` })),
  ...records("3_models/sensitivity.csv").filter((row) => row.kind !== "main" && !(row.kind === LEFT_OUT && refitted.has(modelKey(row))))
    .map((row) => ({ ...row, name: row.variant, text: row.variant })),
];
const drawn = by(records("5_figures/forest/<domain>.csv").filter((row) => row.mark_id), (row) =>
  row.kind === "model" ? `${row.domain}--${row.mark_id}` : row.mark_id);

const mark = (effect) => `${effect.finding_id}--${effect.coding}`;
const cellOf = (row) => [row.domain, row.contrast, row.outcome_group, row.metric].join("/");
const effectOf = by(effects, mark);
const modelOf = by(models, modelKey);
const inCell = grouped(effects, cellOf);
const formulaOf = grouped(records("2_effects/formulas.csv"), mark);
// The claims that name a finding, a report or another claim, in the columns that hold such keys.
const NAMING = ["claim_id", "cited_reports", "credited_to", "restates", "conflicts_with", "scope", "rests_on"];
const claimsOf = new Map();
for (const row of [...claims.values(), ...verdicts.values()]) {
  for (const column of NAMING) {
    for (const id of splitted(row[column])) {
      if (!claimsOf.has(id)) claimsOf.set(id, new Set());
      claimsOf.get(id).add(row.claim_id);
    }
  }
}

// Where topics have pages of their own: the page that shows a row, if this one does not.
const topicOf = (key) => effectOf.has(key) ? effectOf.get(key).domain
  : key.includes("--model--") ? key.split("--model--")[0] : (claims.get(key) || {}).domain || "";
function elsewhere(key) {
  if (!data.site || !key) return "";
  if (key.includes("#")) return ""; // a row of the table of a figure
  const topic = topicOf(key);
  if (topic) return topic === data.site.own ? "" : pageOf(topic);
  if (claims.has(key)) return "";
  return key.includes("--") ? data.site.results : data.site.statements; // which knows the topic
}
const pageOf = (topic) => data.site && topic !== data.site.own ? `${data.site.topics}${topic}.html` : `#${topic}`;

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$|^[+-]?inf$/i;
// Numbers, counts and capitals are printed as by `reanalysis.text`, but for exact halves, which are rounded up here.
const minus = (text) => text.replace(/^-/, "\u2212");
const numberIn = (cell) => ({ inf: Infinity, "-inf": -Infinity })[cell] ?? Number(cell);
const fixed = (cell, decimals) => {
  const value = numberIn(cell), size = Math.abs(value) === Infinity ? "\u221e" : Math.abs(value).toFixed(decimals);
  return value < 0 && Number(size) !== 0 ? `\u2212${size}` : size;
};
// A stored number as it is read: five digits, of which downloads have all.
const short = (cell) => NUMBER.test(cell) ? minus(numberIn(cell).toString() === cell && cell.length < 7 ? cell : Math.abs(numberIn(cell)) === Infinity ? cell.replace("inf", "\u221e") : String(Number(Number(cell).toPrecision(5)))) : minus(cell);
const two = (cell) => cell === "" || cell === undefined ? "" : fixed(cell, 2);
const group = (name) => data.words.groups[name] || name;
const own = (column, word) => (data.words.own[column] || {})[word] || word;
const dose = (effect) => [effect.dose, effect.dose_unit].filter(Boolean).join(" ");
const meansOf = (effect) => effect.means + (effect.ratio_of_means ? ` (ratio of means ${two(effect.ratio_of_means)})` : "");
const spaced = (name) => name.replaceAll("_", " ");
const capital = (text) => /^rs\d/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
const modelName = (row) => data.words.models[row.model] || row.model;
const question = (row) => `${group(row.outcome_group)}, ${data.words.contrasts[row.contrast].label}`;
const estimate = (m) => m.est === "" && m.ci_lb === "-inf" && m.ci_ub === "inf" ? "no estimate"
  : `${data.words.metrics[m.metric]} ${m.est === "" ? "in" : two(m.est)} [${two(m.ci_lb)}, ${two(m.ci_ub)}]`;
const counted = (n, one) => `${n} ${one}${Number(n) === 1 ? "" : "s"}`;

// ---------------------------------------------------------------- elements (text only, never markup)

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== "" && child !== null && child !== undefined));
  return node;
}
const linkTo = (state, text, attributes = {}) => el("a", { href: `#?${new URLSearchParams(state)}`, ...attributes }, text);
const opener = (key, text) => linkTo({ open: key }, text, { class: "open", "data-open": key });
const doi = (value) => el("a", { href: `https://doi.org/${encodeURI(value)}`, rel: "noopener noreferrer" }, value);
const reportLink = (id) => {
  const label = (reports.get(id) || { label: id }).label;
  return document.getElementById(`ref-${id}`) ? el("a", { href: `#ref-${id}` }, label) : label;
};
const list = (items) => el("ul", {}, items.map((item) => el("li", {}, item)));
const pairs = (entries) => el("dl", {}, entries.filter(([, value]) => value !== "" && value !== undefined && value !== null)
  .flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
const part = (heading, ...children) => [el("h3", {}, heading), ...children];
