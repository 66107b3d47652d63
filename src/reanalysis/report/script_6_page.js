// ---------------------------------------------------------------- clicks and keys

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const on = (selector) => event.target.closest(selector);
  const link = on("[data-open]") || on("[data-mark]");
  const row = on("a, button, select, summary") || !getSelection().isCollapsed ? null : on("tr[data-row]");
  if (link || row) {
    event.preventDefault();
    if (!panel.open) (link || $("a", row)).focus({ preventScroll: true });
    go({ open: link ? link.dataset.open || link.dataset.mark : row.dataset.row });
    return;
  }
  const button = on("button"), { csv: table, xlsx: book, of, svg: drawing, pdf: paper, png: picture } = button ? button.dataset : {};
  if (table) saveTable(table, of);
  else if (book) saveWorkbook(chosen(book, of).file, [chosen(book, of)]);
  else if (drawing) saveDrawing(drawing);
  else if (paper) printDrawing(paper);
  else if (picture) savePicture(picture);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && panel.open) go({ open: "" });
  const markNode = event.target.closest && event.target.closest("[data-mark]");
  if (!markNode) return;
  const others = $$("[data-mark]", markNode.closest("svg")), here = others.indexOf(markNode);
  const next = { ArrowDown: here + 1, ArrowRight: here + 1, ArrowUp: here - 1, ArrowLeft: here - 1, Home: 0, End: others.length - 1 }[event.key];
  if (event.key === "Enter" || event.key === " ") go({ open: markNode.dataset.mark });
  else if (next === undefined) return;
  else if (others[next]) {
    markNode.setAttribute("tabindex", "-1");
    others[next].setAttribute("tabindex", "0");
    others[next].focus();
  }
  event.preventDefault();
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

// ---------------------------------------------------------------- addresses

// What holds a node is opened, and so is a section that is folded itself.
function reveal(node) {
  for (let around = node; around; around = around.parentElement) if (around.tagName === "DETAILS") around.open = true;
  const folded = node.matches("section.back") && $("details", node);
  if (folded) folded.open = true;
}

function follow() {
  if (location.hash.startsWith("#?")) {
    apply();
    const state = stateOf();
    if (state.has("open")) {
      const node = $(`[data-mark="${CSS.escape(state.get("open"))}"]`);
      if (node) {
        reveal(node);
        node.scrollIntoView({ block: "center" });
      }
      return;
    }
    const search = searches.find((one) => one.asks(state));
    const leaf = state.has("if") && leaves.find((node) => state.get("if").startsWith(`${node.dataset.model}/`));
    if (leaf) reveal(leaf);
    if (search) {
      reveal(search.form);
      search.form.scrollIntoView();
    }
    else if (leaf) leaf.scrollIntoView({ block: "center" });
  } else {
    hide();
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target) {
      reveal(target);
      target.scrollIntoView();
    }
  }
}
window.addEventListener("hashchange", follow);
window.addEventListener("popstate", () => { if (location.hash.startsWith("#?") || !location.hash) apply(); });

// ---------------------------------------------------------------- print, light and dark, contents

let opened = [];
window.addEventListener("beforeprint", () => {
  opened = $$("details:not([open], .screen, .screen *)");
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

for (const node of $$(".honesty li")) node.style.flexGrow = node.dataset.n;
if (window.matchMedia("(max-width: 68rem)").matches) for (const one of $$(".toc details")) one.open = false;

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    const link = $(`.toc a[href="#${CSS.escape(entry.target.id)}"]`);
    if (link && entry.isIntersecting) {
      for (const other of $$(".toc [aria-current]")) other.removeAttribute("aria-current");
      link.setAttribute("aria-current", "true");
    }
  }
}, { rootMargin: "-15% 0px -75% 0px" });
for (const node of $$("main > section")) seen.observe(node);

// ---------------------------------------------------------------- words of the glossary, explained where they stand

const TERMS = new RegExp(`(?<![\\w-])(?:${Object.keys(data.terms).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})(?![\\w-])`, "gi");
function explain(node) {
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT), texts = [], told = new Set();
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts.filter((one) => !one.parentElement.closest("a, button, .vh, svg"))) {
    const parts = [];
    let end = 0;
    for (const found of text.data.matchAll(TERMS)) {
      const word = found[0].toLowerCase();
      if (told.has(word)) continue;
      told.add(word);
      parts.push(text.data.slice(end, found.index), el("abbr", { title: data.terms[word] }, found[0]));
      end = found.index + found[0].length;
    }
    if (parts.length) text.replaceWith(...parts, text.data.slice(end));
  }
}
for (const node of $$(".card, .facts, .lead, figcaption, thead")) explain(node);

apply();
follow();
root.dataset.ready = "yes";
