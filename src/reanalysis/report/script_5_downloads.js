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
const csv = (columns, rows) => [columns, ...rows].map((row) => row.map(cell).join(",") + "\n").join("");
function saveRows(name, columns, rows) {
  save(name, new Blob([csv(columns, rows)], { type: "text/csv;charset=utf-8" }));
}

function saveTable(name, domain) {
  const table = data.tables[name];
  const columns = Object.keys(table.columns);
  const at = columns.indexOf("domain");
  const rows = domain ? table.rows.filter((row) => row[at] === domain) : table.rows;
  saveRows(name.replace("<domain>", domain || "all").replaceAll("/", "_"), columns, rows);
}

// A ZIP archive without compression: local headers with the contents, then the directory (PKWARE APPNOTE, 4.3).
const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});
const crc32 = (bytes) => ~bytes.reduce((sum, byte) => CRC[(sum ^ byte) & 255] ^ (sum >>> 8), -1) >>> 0;
function little(...numbers) { // pairs of a size in bytes and a number
  const bytes = new Uint8Array(numbers.reduce((sum, [size]) => sum + size, 0)), view = new DataView(bytes.buffer);
  let at = 0;
  for (const [size, value] of numbers) {
    size === 2 ? view.setUint16(at, value, true) : view.setUint32(at, value, true);
    at += size;
  }
  return bytes;
}
function zip(files) {
  const encoder = new TextEncoder(), parts = [], directory = [];
  let at = 0, size = 0;
  for (const [file, text] of files) {
    const name = encoder.encode(file), content = encoder.encode(text);
    const entry = [[2, 20], [2, 0x800], [2, 0], [2, 0], [2, 0x21], [4, crc32(content)], [4, content.length], [4, content.length], [2, name.length]];
    const head = little([4, 0x04034b50], ...entry, [2, 0]), record = little([4, 0x02014b50], [2, 20], ...entry, [2, 0], [2, 0], [2, 0], [2, 0], [4, 0], [4, at]);
    parts.push(head, name, content);
    directory.push(record, name);
    at += head.length + name.length + content.length;
    size += record.length + name.length;
  }
  const end = little([4, 0x06054b50], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, size], [4, at], [2, 0]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}
$("#zip").addEventListener("click", () => save("tables.zip", zip(Object.entries(data.tables).map(([name, table]) =>
  [name.replace("<domain>", "all"), csv(Object.keys(table.columns), table.rows)]))));

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
