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
    const absent = $$("option[data-why]", node).find((option) => option.value === chosen);
    $("select", node).value = row || absent ? chosen : "";
    $("output", node).textContent = row ? `${capital(row.text)}: ${estimate(row)}, ${counted(row.k, "sample")}. ${changed(modelOf.get(key), row)}`
      : absent ? `${capital(absent.textContent)}: nothing changes, for it is not in this model (${absent.dataset.why}). ${node.dataset.all}` : node.dataset.all;
    for (const line of $$("[data-if]", node)) line.classList.toggle("now", Boolean(row) && line.dataset.if === chosen);
    if (row) overlay(node, row);
    compare(node, row);
  }
}

// The estimate of the main analysis beside another one, and how far they are apart.
function changed(model, row) {
  if (model.est === "" || row.est === "") return `Main analysis: ${estimate(model)}.`;
  return `Main analysis: ${estimate(model)}; difference ${fixed(Number(row.est) - Number(model.est), 2)}.`;
}

// The model of the main analysis and the stored result, one over the other.
function compare(node, row) {
  const axis = stripAxis(node.closest(".domain"), modelOf.get(node.dataset.model).metric);
  if (!axis) return;
  const { y, half } = STRIP;
  $(".compare", node).replaceChildren(svg("svg", { viewBox: `0 0 320 ${STRIP.height + 14}` }, zeroLine(axis),
    svg("g", { class: "whole" }, pooled(axis, modelOf.get(node.dataset.model), y, half)),
    row ? svg("g", { class: "ghost" }, pooled(axis, row, y, half + 2)) : "", axisLabels(axis, STRIP.height + 11)));
}

// The stored result over the diamond of the main analysis; the sample that is left out fades.
function overlay(node, row) {
  const article = node.closest(".domain");
  for (const effect of inCell.get(cellOf(row)) || []) {
    if (row.kind === LEFT_OUT && [effect.sample_id, `without ${effect.label}`].includes(row.name) && effect.use === "main") {
      for (const one of $$(`[data-mark="${CSS.escape(mark(effect))}"]`, article)) one.classList.add("out");
    }
  }
  const diamond = $(`.opening [data-mark="${CSS.escape(node.dataset.model)}"]`, article);
  const axis = diamond && axisOf($(".opening svg.drawing", article), row.metric);
  if (!axis) return;
  const ys = [...$("path", diamond).getAttribute("d").matchAll(/-?[\d.]+ (-?[\d.]+)/g)].slice(0, 4).map((found) => Number(found[1]));
  diamond.append(svg("g", { class: "ghost" }, pooled(axis, row, (Math.min(...ys) + Math.max(...ys)) / 2, (Math.max(...ys) - Math.min(...ys)) / 2 + 1.5)));
}

// ---------------------------------------------------------------- shapes on the axis of a forest plot

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.flat(Infinity).filter(Boolean));
  return node;
}

// The axis of a metric in a drawing: where it begins and ends, and the values there.
function axisOf(drawing, metric) {
  const ends = drawing && drawing.getAttribute(`data-axis-${metric.toLowerCase()}`);
  if (!ends) return null;
  const [low, high, left, right] = ends.split(" ").map(Number);
  return { low, high, left, right };
}
const within = (axis, value) => value >= axis.low && value <= axis.high;
const place = (axis, value) => axis.left + (Math.min(Math.max(value, axis.low), axis.high) - axis.low) * (axis.right - axis.left) / (axis.high - axis.low);
const points = (...pairs) => pairs.map((pair) => pair.join(",")).join(" ");

// A head at the end of the axis for a value that lies beyond it.
function head(axis, value, y, size) {
  if (within(axis, value)) return null;
  const x = place(axis, value), tip = Math.sign(value) * size * 1.4;
  return svg("polygon", { class: "head", points: points([x, y - size], [x + tip, y], [x, y + size]) });
}

// A pooled value with its interval; without a value, the interval alone.
function pooled(axis, row, y, half) {
  const ends = [numberIn(row.ci_lb), numberIn(row.ci_ub)], [left, right] = ends.map((end) => place(axis, end));
  const shape = row.est === "" ? [[left, y - half / 2], [right, y - half / 2], [right, y + half / 2], [left, y + half / 2]]
    : [[left, y], [place(axis, row.est), y - half], [right, y], [place(axis, row.est), y + half]];
  return [svg("polygon", { points: points(...shape) }), ...ends.map((end) => head(axis, end, y, half / 2))];
}

// ---------------------------------------------------------------- small screens: the plot in strips, row by row

const STRIP = { left: 14, right: 306, y: 9, height: 18, half: 5 };

function strip(row, axis) {
  const { y, half } = STRIP, x = (value) => place(axis, value);
  const bounds = [row.lower, row.upper].map(numberIn), [left, right] = bounds.map(x);
  const heads = bounds.map((end) => head(axis, end, y, 3.5));
  const line = (from, to, attributes = {}) => svg("line", { x1: from, x2: to, y1: y, y2: y, ...attributes });
  const box = (from, to, tall) => svg("rect", { x: from, y: y - tall, width: to - from, height: 2 * tall });
  if (row.kind === "model") {
    return row.estimate === "" ? [] : [row.pi_lower && line(x(numberIn(row.pi_lower)), x(numberIn(row.pi_upper)), { class: "prediction" }),
      pooled(axis, { est: row.estimate, ci_lb: row.lower, ci_ub: row.upper }, y, half)];
  }
  switch (row.rung) {
    case "exact": return [line(left, right), heads, box(x(row.estimate) - half + 1, x(row.estimate) + half - 1, half - 1)];
    case "bounded": {
      const [from, to] = [row.observed_lower, row.observed_upper].map((end) => x(numberIn(end)));
      return [line(left, right), box(from, to, half - 1), heads];
    }
    case "direction": {  // at a fixed place: it has no scale
      const sign = numberIn(row.observed_upper) === Infinity ? 1 : -1, base = x(0) + sign * 3;
      return [svg("polygon", { class: "head", points: points([base, y - 4], [base + sign * 8, y], [base, y + 4]) })];
    }
  }
  return [];
}

function stripAxis(article, metric) {
  const axis = axisOf($(".opening svg.drawing", article), metric);
  return axis && { ...axis, left: STRIP.left, right: STRIP.right };
}
const zeroLine = (axis) => svg("line", { class: "zero", x1: place(axis, 0), x2: place(axis, 0), y1: 0, y2: STRIP.height });
const axisLabels = (axis, y) => [...new Set([axis.low, 0, axis.high])].map((value) => svg("text", { x: place(axis, value), y, "text-anchor": "middle" }, minus(String(value))));

function strips() {
  for (const article of $$(".domain")) {
    for (const line of $$(".twin tr[data-row]", article)) {
      const row = drawn.get(line.dataset.row), axis = stripAxis(article, row.panel);
      if (axis) line.append(el("td", { class: `strip ${row.rung}`, "aria-hidden": "true" }, svg("svg", { viewBox: `0 0 320 ${STRIP.height}` }, zeroLine(axis), strip(row, axis))));
    }
    for (const block of $$(".twin tr.block th[data-panel]", article)) {
      const axis = stripAxis(article, block.dataset.panel);
      if (axis) block.append(svg("svg", { class: "strip", viewBox: "0 0 320 16", "aria-hidden": "true" }, axisLabels(axis, 12)));
    }
  }
}

const small = window.matchMedia("(max-width: 40rem)");
function fit() {
  for (const node of $$(".plot")) node.open = !small.matches;
  for (const node of $$(".domain .twin")) node.open = small.matches;
  if (small.matches && !$(".strip")) strips();
}
small.addEventListener("change", fit);
fit();

// ---------------------------------------------------------------- the figures over all domains as tables

// The columns that people read, and what they are called; downloads have all.
const HEADS = {
  year: "year", section: "section", title: "topic", outcome_label: "outcome", outcome_group: "outcome", outcome: "measure", contrast: "contrast",
  contrast_label: "contrast", arm: "arm", phase: "stage", n: "participants", k: "samples", exposure: "exposure", dose: "dose", matrix: "specimen",
  assay: "assay", rung: "reporting", use: "included", verdict: "direction", results: "results", findings: "results", reports: "reports",
  outcomes: "outcomes", pval: "P", effect: "effect", estimate: "estimate", lower: "lower limit", upper: "upper limit", se: "standard error",
  weight: "weight, %", measure: "measure", value: "value", flagged: "marked", heterogeneity: "heterogeneity", test: "test", note: "note",
  appraisal: "quality score", count: "number", status: "how known", tau_from: "tau, from", tau_to: "tau, to", est_from: "estimate, from",
  est_to: "estimate, to", subsets: "subsets",
};
const HEAD_OF_ROWS = { claim: "statement", title: "topic" };
const PRINTED = new Set(["estimate", "lower", "upper"]); // numbers that the column `effect` gives in words
const MEASURES = { rstudent: "studentized residual", dffits: "DFFITS", cook_d: "Cook's distance", cov_r: "covariance ratio", tau2_del: "tau\u00b2 without it",
  QE_del: "Q without it", hat: "leverage", weight: "weight, %" };
const WORDS = { use: { main: "included", all: "included", excluded: "excluded" }, measure: MEASURES, flagged: { true: "yes", false: "" }, status: { bounded: "limited to a range" } };
const WAYS = { up: ["higher", "better"], down: ["lower", "worse"], mixed: ["inconsistent", "inconsistent"], none: ["no direction", "no direction"] };
function inWords(column, value, columns, row) {
  if (column === "weight") return value && (value < 0.05 ? "< 0.1" : fixed(value, 1));
  if (column === "rung") return data.words.rungs[value] || value;
  if (column === "contrast" && data.words.contrasts[value]) return data.words.contrasts[value].label;
  if (column === "outcome_group") return group(value);
  if (column === "verdict" && value in WAYS) return WAYS[value][row[columns.indexOf("sense")] === "better" ? 1 : 0];
  return (WORDS[column] || {})[value] ?? (NUMBER.test(value) ? short(value) : spaced(value));
}

function twin(node) {
  const { twin: name, key, prefix } = node.dataset;
  const table = data.tables[name], columns = Object.keys(table.columns), at = columns.indexOf(key);
  const rows = at < 0 ? table.rows : table.rows.filter((row) => row[at]);
  const head = ["label", "claim", "title"].map((column) => columns.indexOf(column)).find((i) => i >= 0);
  const printed = rows.every((row) => row[columns.indexOf("effect")] || !row[columns.indexOf("estimate")]);
  const hasLabels = columns.includes("outcome_label") || columns.includes("contrast_label");
  const shown = columns.map((column, i) => i).filter((i) => i !== at && i !== head && columns[i] in HEADS
    && !(columns[i] === "use" && rows.every((row) => row[i] === rows[0][i])) && !(printed && PRINTED.has(columns[i])) && !(hasLabels && ["outcome_group", "contrast"].includes(columns[i])) && rows.some((row) => row[i]));
  const opened = (row) => isRow(row[at]) ? row[at] : `${name}#${row[at]}`;
  const report = columns.indexOf("report_id");
  const first = (row) => at >= 0 ? opener(opened(row), row[head] || row[columns.indexOf("kind")] || row[at])
    : reportLink(row[report]);
  const heads = (cell) => at >= 0 || report >= 0 ? cell() : "";
  node.append(el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Table: ${$(".scroll", node.closest("figure")).getAttribute("aria-label")}` },
    el("table", { class: "rows" },
      el("thead", {}, el("tr", {}, heads(() => el("th", { scope: "col" }, HEAD_OF_ROWS[columns[head]] || "study or model")), shown.map((i) => el("th", { scope: "col", title: table.columns[columns[i]] }, HEADS[columns[i]])))),
      el("tbody", {}, rows.map((row) => el("tr", at < 0 ? {} : { "data-row": opened(row) },
        heads(() => el("th", { scope: "row" }, first(row))),
        shown.map((i) => el("td", columns[i] === "effect" ? { class: "e" } : { "data-name": HEADS[columns[i]] }, inWords(columns[i], row[i], columns, row)))))))));
}
for (const node of $$("[data-twin]")) node.addEventListener("toggle", () => { if (node.open && !$("table", node)) twin(node); });
