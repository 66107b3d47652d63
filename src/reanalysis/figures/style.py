"""One hand for all figures: colours, type, paper, and saving with the same bytes every time."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from importlib import import_module
from io import BytesIO
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

from matplotlib.axes import Axes  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.font_manager import FontProperties, fontManager, get_font  # noqa: E402
from matplotlib.patches import Polygon  # noqa: E402
from matplotlib.textpath import text_to_path  # noqa: E402

from reanalysis.fonts import FACES, FAMILIES, Face  # noqa: E402

for face in FACES:
    fontManager.addfont(face.file("ttf"))

# What a colour means is the same in every figure, and declared here alone. Colours are safe for colour-blind readers
# (Okabe & Ito 2008); the shape of a mark says the same, so that nothing is lost in grey.
INK = "#1b1b1b"  # text, axes, and all that is pooled or counted
SOFT = "#6b6b6b"  # what is excluded or not usable, and small print
FAINT = "#c9c9c9"  # rules
PAPER = "#ffffff"
BAND = "#f3f5f7"  # ground of a heading
LEVEL = {"exact": "#0072b2", "bounded": "#d55e00", "direction": "#009e73", "unusable": SOFT}  # how much is reported
INTERVAL = {"clear": "#7fb8d8", "open": "#dbe9f2"}  # of many results side by side: whether it excludes zero
SHADES = (BAND, "#e6e6e6", FAINT, PAPER)  # grounds of a plot, by p
QUALITY = {"low": PAPER, "some": "#e6e6e6", "high": "#999999", "unclear": PAPER}  # ground of a judgement of bias
SCORES = (PAPER, "#efefef", "#dfdfdf", "#cfcfcf", "#bfbfbf")  # grounds of scores of quality, the best first

MM = 1 / 25.4
BODY = 6.6  # points
SMALL = 6.0  # no text is smaller
LINE = 2.9  # mm, one line of body text
COLUMN, WIDER = 88.0, 130.0  # mm, width of a column of a journal, and of one and a half
TALLEST = 230.0  # mm that a page of a journal holds
PIXELS = 65_000  # that a side of a bitmap can hold

OURS = {
    "font.family": FAMILIES,
    "font.size": BODY,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "pdf.fonttype": 42,
    "ps.fonttype": 42,  # by which matplotlib 3.11 parts the letters of a face in a PDF: else it embeds some faces twice
    "svg.fonttype": "none",
    "svg.hashsalt": "reanalysis",
    "savefig.dpi": 300,
    "figure.dpi": 100,
    "text.hinting": "none",  # widths are the same in every format
    "text.parse_math": False,  # text from the data is never markup: trust games pay in $
}
_STYLE = '<style type="text/css">'  # of matplotlib, at the beginning of an SVG
_TEXT = re.compile(r'<text style="([^"]*)"[^>]*>([^<]*)')
_SPACED_TEXT = re.compile(r"<text (?=[^>]*>[^<]*  )")  # whose spaces a browser would draw as one
# Over the defaults of matplotlib, whatever a matplotlibrc of the user says.
RC = {name: value for name, value in mpl.rcParamsDefault.items() if name != "backend"} | OURS


def page(width_mm: float, height_mm: float) -> tuple[Figure, Axes]:
    """A figure of the given size whose only axes is measured in millimetres, origin at the top left."""
    fig = Figure(figsize=(width_mm * MM, height_mm * MM), facecolor=PAPER)
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width_mm), ylim=(height_mm, 0))
    ax.axis("off")
    return fig, ax


def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Width of a line of text in millimetres, from the metrics of the font itself."""
    return _width(text, weight) * size


@lru_cache(maxsize=10_000)
def _width(text: str, weight: str) -> float:
    """Width in millimetres at one point."""
    font = FontProperties(family=FAMILIES, weight=weight, size=1.0)
    return text_to_path.get_text_width_height_descent(text, font, ismath=False)[0] / 72 * 25.4


def wrap(text: str, width_mm: float, size: float, weight: str = "normal") -> list[str]:
    """Break text into lines that fit the width, but not at a sign such as `=`.

    A single word that is too long is broken, after a hyphen if it has one.
    """
    space = text_width("\N{NO-BREAK SPACE}", size, weight)
    lines, taken = [""], 0.0
    for word in re.split(r"(?<![=<])\s+(?![=<])", text.strip()):
        parts = _parts(word, width_mm, size, weight)
        for part in parts:
            wide = text_width(part, size, weight)
            if lines[-1] and (taken + space + wide > width_mm or len(parts) > 1):
                lines.append(part)
                taken = wide
            else:
                lines[-1] = f"{lines[-1]} {part}".strip()
                taken += (space if taken else 0.0) + wide
    return lines


def _parts(word: str, width_mm: float, size: float, weight: str) -> list[str]:
    """The word, in pieces that fit the width."""
    if text_width(word, size, weight) <= width_mm or len(word) < 2:
        return [word]
    fitting = (end for end in range(len(word) - 1, 1, -1) if text_width(word[:end], size, weight) <= width_mm)
    end = next(fitting, 1)
    end = max(word.rfind(mark, 0, end) for mark in "-/") + 1 or end
    return [word[:end], *_parts(word[end:], width_mm, size, weight)]


def say(
    ax: Axes,
    x: float,
    y: float,
    text: str,
    *,
    size: float = BODY,
    colour: str = INK,
    weight: str = "normal",
    style: str = "normal",
    align: str = "left",
) -> None:
    """Text at x, centred vertically on y."""
    ax.text(x, y, text, size=size, color=colour, weight=weight, style=style, ha=align, va="center_baseline")


def lines(ax: Axes, x: float, y: float, texts: list[str], *, step: float = 1.0, **how) -> None:
    """Lines of text from y downwards; `step` stretches the distance between them."""
    for index, text in enumerate(texts):
        say(ax, x, y + (index * step + 0.5) * LINE, text, **how)


def arrowhead(ax: Axes, x: float, y: float, sign: int, colour: str, size: float) -> Polygon:
    """A head at x that points to the right (sign 1) or the left (sign -1)."""
    points = [(x, y - size * 0.8), (x + sign * size * 1.4, y), (x, y + size * 0.8)]
    return ax.add_patch(Polygon(points, closed=True, fc=colour, ec=colour, lw=0.3))


def save(fig: Figure, stem: str | Path, formats: Collection[str]) -> None:
    """Write the figure as `<stem>.<format>`."""
    stem = Path(stem)
    stem.parent.mkdir(parents=True, exist_ok=True)
    for form, content in rendered(fig, formats).items():
        stem.with_name(f"{stem.name}.{form}").write_bytes(content)


def render(draw: str, arguments: Sequence, width_mm: float, formats: Sequence[str]) -> list[bytes]:
    """Draw a figure and give its files, one for each format; `draw` is a reference, "module:function"."""
    module, _, name = draw.partition(":")
    fig = getattr(import_module(module), name)(*arguments, width_mm)
    return list(rendered(fig, formats).values())


def rendered(fig: Figure, formats: Collection[str], dpi: float = OURS["savefig.dpi"]) -> dict[str, bytes]:
    """The figure in each format (svg, pdf, png), with its fonts and with nothing that changes from run to run.

    A PNG is the picture of the PDF, with `dpi` pixels to the inch.
    """
    with mpl.rc_context(RC):
        made = {form: RENDER[form](fig) for form in ("svg", "pdf") if form in formats}
        if "png" in formats:
            made["png"] = _png(made["pdf"] if "pdf" in made else _pdf(fig), max(fig.get_size_inches()), dpi)
    return {form: made[form] for form in formats}


def _svg(fig: Figure) -> bytes:
    return _alone(_saved(fig, "svg", metadata={"Date": None}).decode("utf-8")).encode("utf-8")


def _pdf(fig: Figure) -> bytes:
    return _saved(fig, "pdf", metadata={"CreationDate": None, "ModDate": None})


RENDER: dict[str, Callable[[Figure], bytes]] = {"svg": _svg, "pdf": _pdf}


def _png(pdf: bytes, longest: float, dpi: float) -> bytes:
    """The page of a PDF as a bitmap; `longest` is its longer side in inches, so that no side has too many pixels."""
    from pypdfium2 import PdfDocument  # where no PNG is written, its import is saved

    dpi = min(dpi, PIXELS / longest)
    (page,) = PdfDocument(pdf)
    buffer = BytesIO()
    picture = page.render(scale=dpi / 72, rev_byteorder=True).to_pil().convert("RGB")
    picture.save(buffer, "png", compress_level=3, dpi=(dpi, dpi))  # as small as 6 on these, and faster
    return buffer.getvalue()


def _saved(fig: Figure, form: str, **how) -> bytes:
    buffer = BytesIO()
    fig.savefig(buffer, format=form, **how)
    return buffer.getvalue()


def _alone(svg: str) -> str:
    """A drawing that looks the same everywhere: with the faces that its text is set in, and every space of it."""
    letters = defaultdict(set)
    for look, text in set(_TEXT.findall(svg)):
        letters[_look(look)].update(map(ord, text))
    used = {face for look, points in letters.items() for face in _needed(look, points)}
    rules = "\n".join(face.css for face in FACES if face in used)
    svg = svg.replace(_STYLE, f"{_STYLE}\n{rules}\n", 1)
    return _SPACED_TEXT.sub('<text xml:space="preserve" ', svg)


def _look(style: str) -> tuple[int, str]:
    """Weight and slant that the style of a text asks for."""
    return 700 if "font-weight: 700" in style else 400, "italic" if "font-style: italic" in style else "normal"


def _needed(look: tuple[int, str], points: set[int]) -> Iterator[Face]:
    """The faces of this look in which code points are drawn: each in the first family that has it."""
    for face in FACES:
        if (face.weight, face.style) == look:
            found = points & get_font(face.file("ttf")).get_charmap().keys()
            points = points - found
            if found:
                yield face
