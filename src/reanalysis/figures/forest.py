"""The forest plot of a domain: every finding on its rung, blocks by contrast, models as diamonds.

Everything is laid out in millimetres on one page, so that columns align and nothing can overlap: columns are as wide as
their text needs, words wrap where that is more than there is, and each row is as high as its longest text. The page is
as long as its rows need: text never shrinks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle

from reanalysis.figures import marks as m
from reanalysis.figures import style as s
from reanalysis.figures.columns import Numbers, Persons, band, fitted, widest
from reanalysis.figures.forest_table import ForestRow
from reanalysis.figures.heading import heading, heading_height
from reanalysis.figures.legend import legend, legend_height
from reanalysis.schema.raw import Domain
from reanalysis.schema.vocabulary import METRICS
from reanalysis.text import capital, listed, number

PAD = 1.3  # mm, above and below the text of a row
MARGIN = 5.0
GAP = 2.5
INDENT = 3.0  # of studies and models below their heading
ARROW = 2.5  # room for the arrows at the ends of the plot
SHARES = (0.18, 0.21, 0.24, 0.27, 0.3)  # of the page's width, that the plot may have at least
LARGEST = 0.38  # share that it has where the text needs no more
LONGER = 1.1  # what a wider plot may cost in length
BAND = 1.2  # mm above the ground of a heading
SQUARES = 0.4, 1.1  # mm, half sides of the smallest square and of the heaviest in a cell

HEADINGS = {  # from left to right; what stands above details and effects follows from them
    "study": "Study",
    "outcome": "Outcome",
    "arm": "",
    "n": "n",
    "detail": "",
    "appraisal": "",
    "plot": "",
    "effect": "",
    "weight": "Weight",
}
DETAILS = {"exposure": "exposure", "dose": "dose", "matrix": "specimen", "assay": "assay"}
NOT_ASSESSED = "\N{EN DASH}"
APPRAISED = {
    "low": ("+", s.GREEN),
    "some": ("!", s.SAND),
    "high": ("\N{MINUS SIGN}", s.ORANGE),
    "unclear": ("?", s.SOFT),
}
RIGHT = ("n", "weight")  # columns of numbers
WORDS = ("study", "outcome", "arm", "detail")  # columns that wrap where room is short


@dataclass(frozen=True)
class _Column:
    """Left edge, width and right edge of a column, in millimetres."""

    left: float
    width: float

    @property
    def right(self) -> float:
        return self.left + self.width


@dataclass(frozen=True)
class _Layout:
    """Where everything stands across the page: columns, numbers and the scale of the plot."""

    columns: dict[str, _Column]
    numbers: Numbers
    persons: Persons
    headings: dict[str, str]
    scale: m.Scale
    sides: tuple[str, str] | None  # what left and right of zero mean, where that is the same in all blocks

    @property
    def right(self) -> float:
        """Right edge of the page's content."""
        return next(reversed(self.columns.values())).right

    @property
    def beside_plot(self) -> float:
        """Width of all that stands left of the plot."""
        return self.columns["plot"].left - GAP - MARGIN


def draw_forest(rows: list[ForestRow], domain: Domain, width_mm: float) -> Figure:
    """Draw the rows of a forest table. An empty table gives a page that says so."""
    section = "Added domain" if domain.section == "added" else f"Section {domain.section} of the review"
    note = f"{capital(domain.note)}." if domain.note else ""
    title, subtitle = domain.title, " ".join(filter(None, (f"{section}." if domain.section else "", note)))
    with mpl.rc_context(s.RC):
        top = heading_height(title, subtitle, width_mm, MARGIN) + 7.0
        if not rows:
            fig, ax = s.page(width_mm, top + 12.0 + MARGIN)
            heading(ax, title, subtitle, width_mm, MARGIN)
            words = "No finding of any kind is known for this domain."
            s.say(ax, MARGIN, top + 4, words, colour=s.SOFT, style="italic")
            return fig
        layout, texts, heights = _best_layout(width_mm, rows)
        sizes = _sizes(rows)
        keys, edges = [m.entries(_keys(rows))], (MARGIN, width_mm - MARGIN)
        foot = m.AXIS + (s.LINE if layout.sides else 0.0) + 2.0
        fig, ax = s.page(width_mm, top + sum(heights) + foot + legend_height(keys, *edges) + MARGIN - 2.0)
        heading(ax, title, subtitle, width_mm, MARGIN)
        _header(ax, layout, top)
        y = top
        for row, text, height in zip(rows, texts, heights, strict=True):
            if row.kind == "group":
                start = y + height
            elif row.use == "main" and row.kind == "model":
                _line_of_estimate(ax, layout.scale, row, start, y)
            _row(ax, row, text, y, height, layout, sizes.get(row.mark_id, m.SQUARE))
            y += height
        m.axis(ax, layout.scale, top + 2 * BAND, y, listed(_metrics(rows), "or"), layout.sides)
        legend(ax, keys, y + foot, *edges)
        return fig


# ---------------------------------------------------------------- across the page


def _best_layout(width: float, rows: list[ForestRow]) -> tuple[_Layout, list[dict[str, list[str]]], list[float]]:
    """The widest plot that makes the page hardly longer; with the layout, the texts and heights of the rows."""
    tried = []
    for share in SHARES:
        layout = _layout(width, rows, share)
        texts = [_texts(row, layout) for row in rows]
        tried.append((layout, texts, [_height(row, text) for row, text in zip(rows, texts, strict=True)]))
    shortest = min(sum(heights) for *_, heights in tried)
    return next(one for one in reversed(tried) if sum(one[2]) <= LONGER * shortest)


def _layout(width: float, rows: list[ForestRow], share: float) -> _Layout:
    """Columns as wide as their text; the plot takes what they leave, or has that share and the words wrap."""
    numbers = Numbers.of([(row.effect, _weight(row)) for row in rows if row.effect], s.BODY)
    persons = Persons.of([(row.n, _weight(row)) for row in rows if row.n], s.BODY)
    headings = _headings(rows)
    widths = _natural(rows, headings) | {"plot": share * width}
    widths["n"] = max(widths["n"], persons.width)
    widths["effect"] = max(widths["effect"], numbers.width)
    room = width - 2 * MARGIN - GAP * (len(widths) - 1)
    others = sum(wide for name, wide in widths.items() if name not in WORDS)
    widths |= fitted({name: widths[name] for name in WORDS if name in widths}, room - others)
    spare = room - sum(widths.values())
    more = min(spare, LARGEST * width - widths["plot"])
    widths["plot"] += more
    widths["outcome" if "outcome" in widths else "study"] += spare - more
    columns, left = {}, MARGIN
    for name in headings:
        columns[name] = _Column(left, widths[name])
        left += widths[name] + GAP
    ends = [end for row in rows for end in (*m.ends(row), row.pi_lower, row.pi_upper)]
    plot = columns["plot"]
    scale = m.Scale.over(ends, plot.left + ARROW, plot.width - 2 * ARROW)
    return _Layout(columns, numbers, persons, headings, scale, _common_sides(rows))


def _headings(rows: list[ForestRow]) -> dict[str, str]:
    """The columns that the rows need, from left to right, with their headings."""
    tool = next((row.appraisal_tool for row in rows if row.appraisal_tool), None)
    arm = next((row.arm for row in rows if row.kind == "contrast" and row.arm), "arm")
    headings = HEADINGS | {"detail": _detail_heading(rows), "effect": _effect_heading(rows)}
    headings |= {"appraisal": tool or "", "arm": capital(arm)}
    findings = [row for row in rows if row.kind == "finding"]
    empty = {"outcome"} if all(row.outcome is None for row in findings) else {"arm"}
    empty |= {"arm"} if all(row.arm is None for row in findings) else set()
    empty |= {"weight"} if all(row.weight is None for row in rows) else set()
    empty |= {"detail"} if not headings["detail"] else set()
    empty |= {"appraisal"} if all(row.appraisal is None for row in rows) else set()
    return {name: words for name, words in headings.items() if name not in empty}


def _natural(rows: list[ForestRow], headings: dict[str, str]) -> dict[str, float]:
    """Widths in millimetres that headings and unbroken words need."""
    widths = {name: widest(_lines(name, words), s.BODY, "bold") for name, words in headings.items()}
    findings = [row for row in rows if row.kind == "finding"]
    texts = {
        "study": [row.label for row in findings],
        "outcome": [row.outcome or "" for row in findings],
        "arm": [row.arm or "" for row in findings],
        "detail": [_detail(row) for row in findings],
        "appraisal": ["" if row.appraisal_level else row.appraisal or NOT_ASSESSED for row in findings],
    }
    for name in widths.keys() & texts.keys():
        widths[name] = max(widths[name], widest(texts[name], s.BODY) + 0.1)
    if "weight" in widths:
        widths["weight"] = max(widths["weight"], s.text_width("100.0%", s.BODY, "bold"))
    widths["study"] += INDENT
    return widths


def _lines(name: str, heading: str) -> list[str]:
    """A heading in lines: that of the appraisals names a tool, and stands above narrow marks."""
    return heading.rsplit(maxsplit=1) if name == "appraisal" else [heading]


def _detail_heading(rows: list[ForestRow]) -> str:
    """What the details are; empty without any."""
    shown = [name for name in DETAILS if any(getattr(row, name) for row in rows)]
    return capital(", ".join(DETAILS[name] for name in shown))


def _detail(row: ForestRow) -> str:
    return ", ".join(filter(None, (getattr(row, name) for name in DETAILS)))


def _effect_heading(rows: list[ForestRow]) -> str:
    level = next((row.level for row in rows if row.level is not None), None)
    return "Effect" if level is None else f"Effect [{100 * level:g}% interval]"


def _weight(row: ForestRow) -> str:
    """The weight of type of an effect."""
    return "bold" if row.kind == "model" and row.use != "other" else "normal"


def _metrics(rows: list[ForestRow]) -> list[str]:
    return list(dict.fromkeys(METRICS[row.metric] for row in rows if row.metric))


def _common_sides(rows: list[ForestRow]) -> tuple[str, str] | None:
    sides = {(row.left, row.right) for row in rows if row.kind == "contrast"}
    return sides.pop() if len(sides) == 1 else None


def _sizes(rows: list[ForestRow]) -> dict[str, float]:
    """Half the side of each square whose finding has a weight: areas are as weights in its cell."""
    sizes = {}
    for _, cell in groupby(rows, key=lambda row: (row.contrast, row.outcome_group, row.metric)):
        weights = {row.mark_id: row.weight for row in cell if row.kind == "finding" and row.weight is not None}
        least, most = SQUARES
        sizes |= {name: max(least, most * math.sqrt(w / max(weights.values()))) for name, w in weights.items()}
    return sizes


# ---------------------------------------------------------------- rows


def _texts(row: ForestRow, layout: _Layout) -> dict[str, list[str]]:
    """Wrapped text of a row's cells."""
    c, wide = layout.columns, layout.beside_plot
    match row.kind:
        case "contrast":
            head = {"head": s.wrap(row.label, wide - 1, s.BODY + 0.6, "bold")}
            if layout.sides:
                return head
            left, right = m.sides(layout.scale, row.left, row.right, (ARROW, c["effect"].width / 2))
            return head | {"left": left, "right": right}
        case "group":
            return {"head": s.wrap(row.label, wide - 1, s.BODY)}
        case "model":
            note = s.wrap(row.note, wide - INDENT, s.SMALL) if row.note else []
            head = (c["n"].left - GAP if row.n else c["plot"].left - GAP) - MARGIN - INDENT
            return {"head": s.wrap(row.label, head, s.BODY, _weight(row)), "note": note}
    note = s.wrap(row.note, c["plot"].left - c["study"].right - 2 * GAP, s.SMALL) if row.note else []
    return {
        "study": s.wrap(row.label, c["study"].width - INDENT, s.BODY),
        **{name: s.wrap(getattr(row, name) or "", c[name].width, s.BODY) for name in ("outcome", "arm") if name in c},
        "detail": s.wrap(_detail(row), c["detail"].width, s.BODY) if "detail" in c else [],
        "note": note,
    }


def _height(row: ForestRow, text: dict[str, list[str]]) -> float:
    beside = len(text.get("study", ()))
    extra = {"contrast": 2.6, "group": 0.6}.get(row.kind, 0.0)
    return max(beside, _above_note(text) + 0.9 * len(text.get("note", ()))) * s.LINE + PAD + extra


def _above_note(text: dict[str, list[str]]) -> int:
    """Lines of the cells that stand above a row's note."""
    return max((len(lines) for name, lines in text.items() if name not in ("note", "study")), default=1)


def _row(ax: Axes, row: ForestRow, text: dict, y: float, height: float, layout: _Layout, half: float) -> None:
    match row.kind:
        case "contrast":
            band(ax, MARGIN, layout.right, y + BAND, height - BAND - 0.2, zorder=0.6)
            s.lines(ax, MARGIN + 1, y + 2.6, text["head"], size=s.BODY + 0.6, weight="bold")
            if not layout.sides:
                m.point(ax, layout.scale.x(0), y + 2.6, text["left"], text["right"])
        case "group":
            s.lines(ax, MARGIN + 1, y + 1.0, text["head"], style="italic", colour=s.SOFT)
        case "model":
            _model_row(ax, row, text, y + PAD / 2, layout)
        case "finding":
            _finding_row(ax, row, text, y + PAD / 2, layout, half)


def _finding_row(ax: Axes, row: ForestRow, text: dict, top: float, layout: _Layout, half: float) -> None:
    c, middle = layout.columns, top + s.LINE / 2
    colour = s.INK if row.use == "main" else s.SOFT
    s.lines(ax, c["study"].left + INDENT, top, text["study"], colour=colour)
    for name in {"outcome", "arm"} & c.keys():
        s.lines(ax, c[name].left, top, text[name], colour=colour)
    layout.persons.say(ax, c["n"].right, middle, row.n or "", colour=colour)
    if row.weight is not None:
        s.say(ax, c["weight"].right, middle, f"{number(row.weight, 1)}%", align="right")
    if "detail" in c:
        s.lines(ax, c["detail"].left, top, text["detail"], colour=colour)
    if "appraisal" in c:
        _appraisal(ax, row, c["appraisal"].left, middle, colour)
    below = top + _above_note(text) * s.LINE
    s.lines(ax, c["study"].right + GAP, below, text["note"], size=s.SMALL, colour=s.SOFT, style="italic", step=0.9)
    layout.numbers.say(ax, c["effect"].left, middle, row.effect, colour=colour)
    m.effect(ax, row, middle, layout.scale, half)


def _appraisal(ax: Axes, row: ForestRow, left: float, y: float, colour: str) -> None:
    """A disc with a sign for a judgement that has a level, else its words; what nobody judged is said to be so."""
    if row.appraisal_level is None:
        s.say(ax, left, y, row.appraisal or NOT_ASSESSED, colour=colour if row.appraisal else s.SOFT)
        return
    sign, paint = APPRAISED[row.appraisal_level]
    ax.add_patch(Circle((left + 1.4, y), 1.4, fc=paint, ec="none"))
    s.say(ax, left + 1.4, y, sign, colour=s.PAPER, weight="bold", align="center")


def _model_row(ax: Axes, row: ForestRow, text: dict, top: float, layout: _Layout) -> None:
    c, middle, weight = layout.columns, top + s.LINE / 2, _weight(row)
    s.lines(ax, MARGIN + INDENT, top, text["head"], weight=weight)
    below = top + len(text["head"]) * s.LINE
    s.lines(ax, MARGIN + INDENT, below, text["note"], size=s.SMALL, colour=s.SOFT, step=0.9)
    layout.persons.say(ax, c["n"].right, middle, row.n or "", weight=weight)
    layout.numbers.say(ax, c["effect"].left, middle, row.effect, weight=weight)
    if row.weight is not None:
        s.say(ax, c["weight"].right, middle, f"{number(row.weight, 1)}%", align="right", weight=weight)
    if row.estimate is None:  # an all-evidence model whose likelihood has no maximum: there is nothing to draw
        return
    if row.pi_lower is not None:
        m.prediction(ax, row.pi_lower, row.pi_upper, middle, layout.scale)
    m.model(ax, row, middle, layout.scale)


def _line_of_estimate(ax: Axes, scale: m.Scale, row: ForestRow, top: float, bottom: float) -> None:
    """From the first finding of a cell down to the estimate of its main model."""
    if not scale.clipped(row.estimate):
        x = scale.x(row.estimate)
        ax.add_line(Line2D([x, x], [top, bottom], color=s.SOFT, lw=0.5, ls=(0, (1.5, 2)), zorder=0.5))


# ---------------------------------------------------------------- head and foot


def _header(ax: Axes, layout: _Layout, top: float) -> None:
    for name, text in layout.headings.items():
        column, right = layout.columns[name], name in RIGHT
        x = column.right if right else column.left
        for index, line in enumerate(reversed(_lines(name, text))):
            s.say(ax, x, top - 2.6 - index * s.LINE, line, weight="bold", align="right" if right else "left")
    ax.add_line(Line2D([MARGIN, layout.right], [top - 0.6, top - 0.6], color=s.INK, lw=0.8))


def _keys(rows: list[ForestRow]) -> dict[str, str]:
    """The marks that occur, in words, so that bars and arrows need no other explanation."""
    models = [row for row in rows if row.kind == "model" and row.estimate is not None]
    present = {row.rung for row in rows} | {row.use for row in rows}
    present |= {"model"} if any(row.use != "all" for row in models) else set()
    present |= {"interval"} if any(row.pi_lower is not None for row in models) else set()
    keys = {name: words for name, words in m.KEYS.items() if name in present}
    if "exact" in keys and any(row.weight is not None for row in rows):
        keys["exact"] += "; its area is its weight"
    return keys
