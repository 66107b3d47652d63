// ---------------------------------------------------------------- downloads

function save(name, blob) {
  const url = URL.createObjectURL(blob);
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

// A text that a spreadsheet would run as a formula gets an apostrophe; numbers, infinities included, stay as stored.
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$|^[+-]?inf$/i;
function cell(text) {
  const safe = /^[=+\-@\t\r]/.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
function saveRows(name, columns, rows) {
  const lines = [columns, ...rows].map((row) => row.map(cell).join(",") + "\n");
  save(name, new Blob([lines.join("")], { type: "text/csv;charset=utf-8" }));
}

function saveTable(name, domain) {
  const table = data.tables[name];
  const columns = Object.keys(table.columns);
  const at = columns.indexOf("domain");
  const rows = domain ? table.rows.filter((row) => row[at] === domain) : table.rows;
  saveRows(name.replace("<domain>", domain || "all").replaceAll("/", "_"), columns, rows);
}

// A figure as it was made, with its title and its own colours, and with the fonts that it needs.
function standalone(name) {
  const drawing = $(`[data-svg="${CSS.escape(name)}"]`).closest("figure").querySelector("svg.drawing").cloneNode(true);
  for (const node of $$(".hit, .ghost", drawing)) node.remove();
  for (const node of $$("[data-mark]", drawing)) {
    node.setAttribute("id", node.dataset.mark);
    for (const attribute of ["tabindex", "role", "class"]) node.removeAttribute(attribute);
  }
  const page = drawing.getAttribute("viewBox");
  const [, , width, height] = page.split(" ");
  for (const [attribute, value] of Object.entries({ viewBox: page, width: `${width}pt`, height: `${height}pt` })) drawing.setAttribute(attribute, value);
  drawing.prepend(svg("style", {}, ($("style").textContent.match(/@font-face\{.*\}/g) || []).join("\n")));
  return { text: new XMLSerializer().serializeToString(drawing), width: Number(width), height: Number(height) };
}

const saveDrawing = (name) => save(`${name}.svg`, new Blob([standalone(name).text], { type: "image/svg+xml" }));

async function savePicture(name) {
  const { text, width, height } = standalone(name);
  const scale = 300 / 72; // dots per point
  const image = new Image(width * scale, height * scale);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = el("canvas", { width: Math.round(width * scale), height: Math.round(height * scale) });
  const paper = canvas.getContext("2d");
  paper.fillStyle = "#fff";
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => save(`${name}.png`, blob));
}

$("#found-csv").addEventListener("click", () => {
  const table = data.tables["2_effects/ladder.csv"];
  const chosen = new Set(matches.map((item) => item.effect));
  saveRows("findings.csv", Object.keys(table.columns), table.rows.filter((row, i) => chosen.has(effects[i])));
});
