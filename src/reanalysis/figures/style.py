"""One hand for all figures: colours, type, paper, and saving with the same bytes every time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from importlib import import_module
from io import BytesIO
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

from matplotlib.axes import Axes  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.font_manager import FontProperties, findfont, get_font  # noqa: E402
from matplotlib.patches import Polygon  # noqa: E402

# Colour-blind safe (Okabe & Ito 2008), and distinct in grey by lightness.
INK = "#1b1b1b"
SOFT = "#6b6b6b"
FAINT = "#c9c9c9"
PAPER = "#ffffff"
BLUE = "#0072b2"
ORANGE = "#d55e00"
GREEN = "#009e73"
SKY = "#56b4e9"
SAND = "#e69f00"
BAND = "#f3f5f7"

MM = 1 / 25.4
BODY = 6.6  # points
SMALL = 6.0  # no text is smaller
HEAD = 8.6
HEADING, SUBTITLE = "heading", "subtitle"  # ids of text that the report leaves out where its page says the same
LINE = 2.9  # mm, one line of body text
LARGE = 200.0  # points, at which text is measured
PIXELS = 65_000  # that a side of a bitmap can hold

WRITING = {
    "svg": {"metadata": {"Date": None}},
    "pdf": {"metadata": {"CreationDate": None, "ModDate": None}},
    "png": {"metadata": {"Software": None}, "pil_kwargs": {"compress_level": 3}},  # as small as 6 on these, and faster
}
OURS = {
    "font.family": "DejaVu Sans",
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
    "svg.fonttype": "path",
    "svg.hashsalt": "reanalysis",
    "savefig.dpi": 300,
    "figure.dpi": 100,
    "text.parse_math": False,  # text from the data is never markup: trust games pay in $
}
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
    """Width in millimetres at one point.

    Measured large and scaled down: at its own size hinting rounds every letter, by up to a seventh of the line.
    """
    font = get_font(findfont(FontProperties(family=RC["font.family"], weight=weight)))
    font.set_size(LARGE, 72)
    font.set_text(text, 0.0)
    return font.get_width_height()[0] / 64 / 72 * 25.4 / LARGE


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
    gid: str | None = None,
) -> None:
    """Text at x, centred vertically on y; `gid` is its id in an SVG."""
    ax.text(x, y, text, size=size, color=colour, weight=weight, style=style, ha=align, va="center_baseline", gid=gid)


def lines(ax: Axes, x: float, y: float, texts: list[str], *, step: float = 1.0, gid: str | None = None, **how) -> None:
    """Lines of text from y downwards; `step` stretches the distance between them."""
    for index, text in enumerate(texts):
        say(ax, x, y + (index * step + 0.5) * LINE, text, gid=gid and f"{gid}_{index}", **how)


def arrowhead(ax: Axes, x: float, y: float, sign: int, colour: str, size: float) -> Polygon:
    """A head at x that points to the right (sign 1) or the left (sign -1)."""
    points = [(x, y - size * 0.8), (x + sign * size * 1.4, y), (x, y + size * 0.8)]
    return ax.add_patch(Polygon(points, closed=True, fc=colour, ec=colour, lw=0.3))


def save(fig: Figure, stem: str | Path, formats: list[str]) -> None:
    """Write the figure as `<stem>.<format>` with nothing in it that changes from run to run."""
    stem = Path(stem)
    stem.parent.mkdir(parents=True, exist_ok=True)
    dpi = min(RC["savefig.dpi"], PIXELS / max(fig.get_size_inches()))
    for form in formats:
        with mpl.rc_context(RC), _plain_fonts() if form == "pdf" else nullcontext():
            fig.savefig(stem.with_name(f"{stem.name}.{form}"), format=form, dpi=dpi, **WRITING[form])


@contextmanager
def _plain_fonts() -> Iterator[None]:
    """Leave the layout tables out of the fonts in a PDF, which places each glyph itself: to cut them takes longest."""
    from fontTools.subset import Options  # where no PDF is written, its import is saved

    kept = Options._drop_tables_default
    Options._drop_tables_default = [*kept, "GDEF", "GPOS", "GSUB", "kern"]
    try:
        yield
    finally:
        Options._drop_tables_default = kept


def render(draw: str, arguments: Sequence, width_mm: float, formats: list[str]) -> list[bytes]:
    """Draw a figure and give its files, one for each format; `draw` is a reference, "module:function"."""
    module, _, name = draw.partition(":")
    fig = getattr(import_module(module), name)(*arguments, width_mm)
    return [_written(fig, form) for form in formats]


def _written(fig: Figure, form: str) -> bytes:
    buffer = BytesIO()
    dpi = min(RC["savefig.dpi"], PIXELS / max(fig.get_size_inches()))
    with mpl.rc_context(RC), _plain_fonts() if form == "pdf" else nullcontext():
        fig.savefig(buffer, format=form, dpi=dpi, **WRITING[form])
    return buffer.getvalue()
