// ---------------------------------------------------------------- downloads

function save(name, blob) {
  const url = URL.createObjectURL(blob);
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

// A text that a spreadsheet would run as a formula gets an apostrophe; numbers, infinities included, stay as stored.
function cell(text) {
  const safe = /^[=+\-@\t\r]/.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
const csv = (columns, rows) => [columns, ...rows].map((row) => row.map(cell).join(",") + "\n").join("");
function saveRows(name, columns, rows) {
  save(name, new Blob([csv(columns, rows)], { type: "text/csv;charset=utf-8" }));
}

// A table, or its rows of one domain, with the name of its file.
function chosen(name, domain) {
  const table = data.tables[name], columns = Object.keys(table.columns), at = columns.indexOf("domain");
  const rows = domain ? table.rows.filter((row) => row[at] === domain) : table.rows;
  return { file: fileOf(name, domain).replaceAll("/", "_").replace(/\.csv$/, ""), columns, rows };
}
const fileOf = (name, domain) => name.replace("<domain>", domain || "all");
function saveTable(name, domain) {
  const { file, columns, rows } = chosen(name, domain);
  saveRows(`${file}.csv`, columns, rows);
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
$("#zip")?.addEventListener("click", () => save("tables.zip", zip([["CITATION.txt", `${data.citation}\n`],
  ...Object.entries(data.tables).map(([name, table]) => [fileOf(name), csv(Object.keys(table.columns), table.rows)])])));

// A workbook with a sheet for each table (ECMA-376, part 1: 18.2 workbook, 18.3 worksheet); texts stand in their cells.
const xml = (text) => String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, "");
const OOXML = "http://schemas.openxmlformats.org/", HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = `xmlns="${OOXML}spreadsheetml/2006/main"`, RELATIONS = `${OOXML}officeDocument/2006/relationships`;
const sheetCell = (text) => text === "" ? "<c/>" : NUMBER.test(text) && Number.isFinite(Number(text)) ? `<c><v>${Number(text)}</v></c>`
  : `<c t="inlineStr"><is><t xml:space="preserve">${xml(text)}</t></is></c>`;
const sheet = (rows) => `${HEAD}<worksheet ${MAIN}><sheetData>${rows.map((row) => `<row>${row.map(sheetCell).join("")}</row>`).join("")}</sheetData></worksheet>`;
const related = (entries) => `${HEAD}<Relationships xmlns="${OOXML}package/2006/relationships">${entries.map(([id, type, target]) =>
  `<Relationship Id="${id}" Type="${RELATIONS}/${type}" Target="${target}"/>`).join("")}</Relationships>`;
const contents = (entries) => `${HEAD}<Types xmlns="${OOXML}package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${entries.map(([part, type]) =>
  `<Override PartName="${part}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.${type}+xml"/>`).join("")}</Types>`;
function saveWorkbook(file, tables) {
  const sheets = [...tables.map(({ file: name, columns, rows }) => [name, [columns, ...rows]]), ["source", [["cite as"], [data.citation]]]];
  const names = sheets.map(([name], i) => name.length > 31 ? `${name.slice(0, 28)}_${i + 1}` : name); // Excel takes 31 letters
  save(`${file}.xlsx`, zip([
    ["[Content_Types].xml", contents([["/xl/workbook.xml", "sheet.main"], ...sheets.map((_, i) => [`/xl/worksheets/sheet${i + 1}.xml`, "worksheet"])])],
    ["_rels/.rels", related([["rId1", "officeDocument", "xl/workbook.xml"]])],
    ["xl/workbook.xml", `${HEAD}<workbook ${MAIN} xmlns:r="${RELATIONS}"><sheets>${names.map((name, i) => `<sheet name="${xml(name)}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`).join("")}</sheets></workbook>`],
    ["xl/_rels/workbook.xml.rels", related(sheets.map((_, i) => [`rId${i + 1}`, "worksheet", `worksheets/sheet${i + 1}.xml`]))],
    ...sheets.map(([, rows], i) => [`xl/worksheets/sheet${i + 1}.xml`, sheet(rows)]),
  ]));
}
$("#workbook")?.addEventListener("click", () => saveWorkbook("tables", Object.keys(data.tables).map((name) => chosen(name))));

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

// A figure alone on a page of its size, for the browser to save as PDF.
function printDrawing(name) {
  const figure = $(`[data-pdf="${CSS.escape(name)}"]`).closest("figure"), { width, height } = standalone(name);
  const sheet = document.styleSheets[0], at = sheet.insertRule(`@page { size: ${width}pt ${height}pt; margin: 0 }`, sheet.cssRules.length);
  root.classList.add("alone");
  figure.classList.add("chosen");
  window.addEventListener("afterprint", () => {
    root.classList.remove("alone");
    figure.classList.remove("chosen");
    sheet.deleteRule(at);
  }, { once: true });
  window.print();
}

$("#found-csv")?.addEventListener("click", () => {
  const table = data.tables["2_effects/ladder.csv"];
  const found = new Set(matches.map((item) => item.effect));
  saveRows("results.csv", Object.keys(table.columns), table.rows.filter((row, i) => found.has(effects[i])));
});
