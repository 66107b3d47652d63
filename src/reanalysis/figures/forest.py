"""The forest plot of a domain: a panel for each metric with an axis of its own, and lists of what has no place on one.

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
from reanalysis.figures.forest_table import LISTS, ForestRow
from reanalysis.figures.legend import Part, legend, legend_height
from reanalysis.schema.vocabulary import METRICS
from reanalysis.text import capital, listed, number

PAD = 0.9  # mm, above and below the text of a row
MARGIN = 2.0
HEAD = 6.0  # mm, the line with the names of the columns
GAP = 2.5
INDENT = 3.0  # of studies and models below their heading
ARROW = 2.5  # room for the arrows at the ends of the plot
SHARES = (0.2, 0.22, 0.25, 0.28)  # of the page's width, that the plot may have at least
LARGEST = 0.36  # share that it has where the text needs no more
LONGER = 1.03  # what a wider plot may cost in length
BAND = 0.8  # mm above the ground of a heading
SQUARES = 0.4, 1.1  # mm, half sides of the smallest square and of the heaviest in a cell
MODEL = 44.0  # the longest name of a model before it wraps, where studies have short names
SYMBOL = 5.0  # mm, the mark of a finding in a list
TIGHT = 0.92  # of the height of a line, in small print

HEADINGS = {  # from left to right; what stands above arms and effects follows from them
    "study": "Study",
    "outcome": "Outcome",
    "arm": "",
    "n": "n",
    "exposure": "Exposure",
    "dose": "Dose",
    "matrix": "Specimen",
    "assay": "Assay",
    "population_kind": "Sample",
    "appraisal": "",
    "plot": "",
    "effect": "",
    "weight": "Weight",
}
TEXTS = ("outcome", "arm", "exposure", "dose", "matrix", "assay", "population_kind")  # columns of findings
NOT_ASSESSED = "\N{EN DASH}"
APPRAISED = {"low": "+", "some": "!", "high": "\N{MINUS SIGN}", "unclear": "?"}
RIGHT = ("n", "weight")  # columns of numbers
WORDS = ("study", *TEXTS)  # columns that wrap where room is short


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
    """Where everything stands across the page: columns, numbers and the scale of each panel."""

    columns: dict[str, _Column]
    numbers: Numbers
    persons: Persons
    headings: dict[str, str]
    scales: dict[str, m.Scale]
    listed: float  # left edge of the numbers and words at the end of a line of a list
    sides: dict[str, tuple[str, str]]  # what left and right of zero mean, in panels where that is the same everywhere

    @property
    def right(self) -> float:
        """Right edge of the page's content."""
        return next(reversed(self.columns.values())).right

    def below(self, panel: str) -> float:
        """Height of the axis of a panel; lists have none."""
        if panel not in self.scales:
            return 1.0
        return m.AXIS + (s.LINE if panel in self.sides else 0.0)


def draw_forest(rows: list[ForestRow], width_mm: float) -> Figure:
    """Draw the rows of a forest table."""
    edges = MARGIN, width_mm - MARGIN
    with mpl.rc_context(s.RC):
        layout, texts, heights = _best_layout(width_mm, rows)
        sizes, keys = _sizes(rows), _keys(rows)
        panels = list(dict.fromkeys(row.panel for row in rows))
        foot = sum(map(layout.below, panels))
        top = MARGIN + (HEAD if layout.scales else 0.0)
        fig, ax = s.page(width_mm, top + sum(heights) + foot + 1.5 + legend_height(keys, *edges) + MARGIN)
        if layout.scales:
            _header(ax, layout, top)
        y, lines = top, iter(zip(rows, texts, heights, strict=True))
        first = None  # where the findings of a cell begin
        for panel, members in groupby(rows, key=lambda row: row.panel):
            for _ in members:
                row, text, height = next(lines)
                if row.kind == "group":
                    first = y + height
                elif first and row.use == "main" and row.kind == "model" and row.k > 1:
                    _line_of_estimate(ax, layout.scales[panel], row, first, y)
                _row(ax, row, text, y, height, layout, sizes.get(row.mark_id, m.SQUARE))
                if panel in layout.scales and row.kind in ("finding", "model"):
                    m.zero(ax, layout.scales[panel], y, y + height)
                y += height
            if panel in layout.scales:
                m.axis(ax, layout.scales[panel], y, panel, layout.sides.get(panel))
            y += layout.below(panel)
        legend(ax, keys, y + 1.5, *edges)
        return fig


# ---------------------------------------------------------------- across the page


def _best_layout(width: float, rows: list[ForestRow]) -> tuple[_Layout, list[dict[str, list[str]]], list[float]]:
    """The widest plot that makes the page hardly longer; with the layout, the texts and heights of the rows.

    Outcomes stand in a column, or below the studies where that makes the page shorter.
    """
    tried = []
    for below in (True, False):
        for share in SHARES:
            layout = _layout(width, rows, share, below)
            texts = [_texts(row, above, layout) for row, above in zip(rows, (None, *rows), strict=False)]
            tried.append((layout, texts, [_height(row, text) for row, text in zip(rows, texts, strict=True)]))
    shortest = min(sum(heights) for *_, heights in tried)
    return next(one for one in reversed(tried) if sum(one[2]) <= LONGER * shortest)


def _layout(width: float, rows: list[ForestRow], share: float, below: bool) -> _Layout:
    """Columns as wide as their text; the plot takes what they leave, or has that share and the words wrap."""
    tabled = [row for row in rows if row.panel in METRICS]
    numbers = Numbers.of([(row.effect, _weight(row)) for row in tabled if row.effect], s.BODY)
    persons = Persons.of([(row.n, _weight(row)) for row in tabled if row.n], s.BODY)
    headings = _headings(rows, below)
    widths = _natural(rows, headings) | {"plot": share * width}
    widths["n"] = max(widths["n"], persons.width)
    widths["effect"] = max(widths["effect"], numbers.width)
    room = width - 2 * MARGIN - GAP * (len(widths) - 1)
    others = sum(wide for name, wide in widths.items() if name not in WORDS)
    widths |= fitted({name: widths[name] for name in WORDS if name in widths}, room - others)
    spare = room - sum(widths.values())
    more = min(spare, LARGEST * width - widths["plot"])
    widths["plot"] += more
    widths[next(name for name in ("outcome", "arm", "plot") if name in widths)] += spare - more
    columns, left = {}, MARGIN
    for name in headings:
        columns[name] = _Column(left, widths[name])
        left += widths[name] + GAP
    plot = columns["plot"]
    scales = {
        panel: m.Scale.over(_ends(own), plot.left + ARROW, plot.width - 2 * ARROW)
        for panel in METRICS
        if (own := [row for row in rows if row.panel == panel])
    }
    ending = widest((row.effect for row in rows if row.panel in LISTS), s.SMALL)
    return _Layout(columns, numbers, persons, headings, scales, width - MARGIN - ending, _common_sides(rows))


def _ends(rows: list[ForestRow]) -> list[float | None]:
    return [end for row in rows for end in (*m.ends(row), row.pi_lower, row.pi_upper)]


def _headings(rows: list[ForestRow], below: bool) -> dict[str, str]:
    """The columns that the rows need, from left to right, with their headings."""
    findings = [row for row in rows if row.kind == "finding" and row.panel in METRICS]
    tool = next((row.appraisal_tool for row in findings if row.appraisal_tool), None)
    arms = {row.arm for row in rows if row.kind == "contrast" and row.arm}
    headings = HEADINGS | {"effect": _effect_heading(rows), "appraisal": tool or ""}
    headings |= {} if findings else {"study": "Outcome and model"}
    headings |= {"arm": capital(arms.pop() if len(arms) == 1 else "group")}
    empty = {name for name in TEXTS if not any(getattr(row, name) for row in findings)}
    empty |= {"arm"} if "outcome" not in empty else set()
    empty |= {"outcome"} if below else set()
    empty |= {"weight"} if all(row.weight is None for row in rows) else set()
    empty |= {"appraisal"} if tool is None else set()
    return {name: words for name, words in headings.items() if name not in empty}


def _natural(rows: list[ForestRow], headings: dict[str, str]) -> dict[str, float]:
    """Widths in millimetres that headings and unbroken words need."""
    widths = {name: widest(_lines(name, words), s.BODY, "bold") for name, words in headings.items()}
    findings = [row for row in rows if row.kind == "finding" and row.panel in METRICS]
    texts = {
        "study": [row.label for row in rows if row.kind == "finding"] or [row.label for row in rows],
        **{name: [getattr(row, name) or "" for row in findings] for name in TEXTS},
        "appraisal": ["" if row.appraisal_level else row.appraisal or NOT_ASSESSED for row in findings],
    }
    for name in (name for name in widths if name in texts):
        widths[name] = max(widths[name], widest(texts[name], s.BODY) + 0.1)
    if "weight" in widths:
        widths["weight"] = max(widths["weight"], s.text_width("100.0%", s.BODY, "bold"))
    models = widest((row.label for row in rows if row.kind == "model"), s.BODY, "bold")
    widths["study"] = INDENT + max(widths["study"], min(models, MODEL))
    return widths


def _lines(name: str, heading: str) -> list[str]:
    """A heading in lines: that of the appraisals names a tool, and stands above narrow marks."""
    return heading.rsplit(maxsplit=1) if name == "appraisal" else [heading]


def _effect_heading(rows: list[ForestRow]) -> str:
    """Metric and level of the interval, where they are the same in all panels."""
    metrics = {row.panel for row in rows if row.panel in METRICS}
    return f"{METRICS[metrics.pop()] if len(metrics) == 1 else 'Effect size'} [{m.level_of(rows)} CI]"


def _common_sides(rows: list[ForestRow]) -> dict[str, tuple[str, str]]:
    """What left and right mean in each panel with an axis, where all its cells have the same sides."""
    kind = "group" if any(row.kind == "group" for row in rows) else "contrast"
    found = {
        panel: {(row.left, row.right) for row in rows if row.panel == panel and row.kind == kind} for panel in METRICS
    }
    return {panel: own.pop() for panel, own in found.items() if len(own) == 1}


def _sizes(rows: list[ForestRow]) -> dict[str, float]:
    """Half sides of squares in millimetres: in each cell as the root of the weight, up to the largest."""
    sizes = {}
    weighed = [row for row in rows if row.kind == "finding" and row.rung == "exact" and row.weight is not None]
    smallest, largest = SQUARES
    for _, cell in groupby(weighed, key=lambda row: row.cell):
        members = list(cell)
        heaviest = max(row.weight for row in members)
        sizes |= {row.mark_id: max(smallest, largest * math.sqrt(row.weight / heaviest)) for row in members}
    return sizes


# ---------------------------------------------------------------- down the page


def _weight(row: ForestRow) -> str:
    return "bold" if row.kind == "model" else "normal"


def _texts(row: ForestRow, above: ForestRow | None, layout: _Layout) -> dict[str, list[str]]:
    """The wrapped words of a row, by column; a sample that stands in the row above is not named again."""
    c = layout.columns
    match row.kind:
        case "contrast":
            return {"head": s.wrap(row.label, layout.right - MARGIN - 2.0, s.BODY, "bold")}
        case "group":
            own = row.panel in METRICS and row.panel not in layout.sides
            left, right = _beside(layout.scales[row.panel].x(0), row, layout) if own else ([], [])
            room = (c["plot"].left - GAP if own else layout.right) - MARGIN - 1.0
            return {"head": s.wrap(row.label, room, s.BODY), "left": left, "right": right}
        case "model":
            room = c["plot"].left - GAP - MARGIN - INDENT
            wide = s.text_width(row.n, s.BODY, "bold") if row.n else 0.0
            head = (c["n"].right - wide if row.n else c["plot"].left) - GAP - MARGIN - INDENT
            notes = [line for note in _small_print(row) for line in s.wrap(note, room, s.SMALL)]
            return {"head": s.wrap(row.label, head, s.BODY, "bold"), "note": notes}
    if row.panel in LISTS:
        words = "; ".join(filter(None, (row.outcome, f"n = {row.n}" if row.n != "?" else None, row.note)))
        room = layout.listed - SYMBOL - GAP - c["study"].right - GAP
        return {"study": s.wrap(row.label, c["study"].width - INDENT, s.SMALL), "words": s.wrap(words, room, s.SMALL)}
    study = [] if _repeats(row, above) else s.wrap(row.label, c["study"].width - INDENT, s.BODY)
    texts = {name: s.wrap(getattr(row, name) or "", c[name].width, s.BODY) for name in TEXTS if name in c}
    room = c["plot"].left - GAP - MARGIN - INDENT
    below = s.wrap(row.outcome, room, s.SMALL) if row.outcome and "outcome" not in c else []
    return {"study": study, "below": below} | texts


def _repeats(row: ForestRow, above: ForestRow | None) -> bool:
    same = above is not None and (above.cell, above.label, above.sample_id) == (row.cell, row.label, row.sample_id)
    return same and above.kind == "finding"


def _small_print(row: ForestRow) -> list[str]:
    """What stands below the name of a model."""
    told = {"Samples": row.composition, "Heterogeneity": row.heterogeneity, "Test for overall effect": row.test}
    return [f"{name}: {text}" for name, text in told.items() if text] + ([row.note] if row.note else [])


def _beside(zero: float, row: ForestRow, layout: _Layout) -> tuple[list[str], list[str]]:
    """What left and right of zero mean, in lines that fit the plot and the gaps beside it."""
    plot = layout.columns["plot"]
    return m.sides(zero, (plot.left, plot.right), row.left, row.right)


def _height(row: ForestRow, text: dict[str, list[str]]) -> float:
    beside = max(len(text.get("left", ())), len(text.get("right", ())))
    match row.kind:
        case "contrast":
            return max(len(text["head"]), beside) * s.LINE + PAD + 2.0
        case "group":
            return max(len(text["head"]), beside) * s.LINE + PAD + 0.4
        case "model":
            return (len(text["head"]) + 0.9 * len(text["note"])) * s.LINE + PAD
    below = text.get("below", [])
    lines = max((len(own) for name, own in text.items() if name != "below"), default=1)
    return ((TIGHT if "words" in text else 1.0) * max(lines, 1) + TIGHT * len(below)) * s.LINE + PAD


def _row(ax: Axes, row: ForestRow, text: dict, y: float, height: float, layout: _Layout, half: float) -> None:
    match row.kind:
        case "contrast":
            band(ax, MARGIN, layout.right, y + BAND, height - BAND - 0.2, zorder=0.6)
            first = y + BAND + 0.9
            s.lines(ax, MARGIN + 1, first, text["head"], weight="bold")
        case "group":
            s.lines(ax, MARGIN + 1, y + 0.8, text["head"], style="italic")
            if text["left"]:
                m.point(ax, layout.scales[row.panel].x(0), y + 0.8, text["left"], text["right"])
        case "model":
            _model_row(ax, row, text, y + PAD / 2, layout)
        case "finding" if "words" in text:
            _listed_row(ax, row, text, y + PAD / 2, layout)
        case "finding":
            _finding_row(ax, row, text, y + PAD / 2, layout, half)


def _finding_row(ax: Axes, row: ForestRow, text: dict, top: float, layout: _Layout, half: float) -> None:
    c, middle = layout.columns, top + s.LINE / 2
    s.lines(ax, c["study"].left + INDENT, top, text["study"])
    layout.numbers.say(ax, c["effect"].left, middle, row.effect)
    named = [name for name in TEXTS if name in text]
    for name in named:
        s.lines(ax, c[name].left, top, text[name])
    lines = max(1, *(len(text[name]) for name in ("study", *named)))
    how = {"size": s.SMALL, "colour": s.SOFT, "step": TIGHT}
    s.lines(ax, c["study"].left + INDENT, top + lines * s.LINE, text["below"], **how)
    layout.persons.say(ax, c["n"].right, middle, row.n)
    if row.weight is not None:
        s.say(ax, c["weight"].right, middle, f"{number(row.weight, 1)}%", align="right")
    if "appraisal" in c:
        _appraisal(ax, row, c["appraisal"].left, middle)
    m.effect(ax, row, middle, layout.scales[row.panel], half)


def _listed_row(ax: Axes, row: ForestRow, text: dict, top: float, layout: _Layout) -> None:
    """A finding without a place on an axis: its mark and its number or direction at the end of the line."""
    c, middle, main = layout.columns, top + s.LINE / 2, row.panel == "direction"
    how = {"size": s.SMALL, "colour": s.INK if main else s.SOFT}
    s.lines(ax, c["study"].left + INDENT, top, text["study"], step=TIGHT, **how)
    s.lines(ax, c["study"].right + GAP, top, text["words"], step=TIGHT, **how)
    s.say(ax, layout.listed, middle, row.effect, **how)
    side = 0 if row.rung != "direction" else 1 if math.isinf(row.observed_upper) else -1
    mark = m.sign(ax, row.rung, side, layout.listed - SYMBOL / 2, middle, m.colour_of(row), filled=main)
    mark.set_gid(row.mark_id)


def _appraisal(ax: Axes, row: ForestRow, left: float, y: float) -> None:
    """A disc with a sign for a judgement that has a level, else its words; what nobody judged is said to be so."""
    if row.appraisal_level is None:
        s.say(ax, left, y, row.appraisal or NOT_ASSESSED)
        return
    ax.add_patch(Circle((left + 1.4, y), 1.4, fc=s.QUALITY[row.appraisal_level], ec=s.INK, lw=0.4))
    s.say(ax, left + 1.4, y, APPRAISED[row.appraisal_level], weight="bold", align="center")


def _model_row(ax: Axes, row: ForestRow, text: dict, top: float, layout: _Layout) -> None:
    c, middle = layout.columns, top + s.LINE / 2
    s.lines(ax, MARGIN + INDENT, top, text["head"], weight="bold")
    below = top + len(text["head"]) * s.LINE
    s.lines(ax, MARGIN + INDENT, below, text["note"], size=s.SMALL, colour=s.SOFT, step=0.9)
    layout.persons.say(ax, c["n"].right, middle, row.n or "", weight="bold")
    layout.numbers.say(ax, c["effect"].left, middle, row.effect, weight="bold")
    if row.weight is not None:
        s.say(ax, c["weight"].right, middle, f"{number(row.weight, 1)}%", align="right", weight="bold")
    scale = layout.scales[row.panel]
    if row.pi_lower is not None:
        m.prediction(ax, row.pi_lower, row.pi_upper, middle, scale)
    (m.model if row.k > 1 else m.average)(ax, row, middle, scale)


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
        if name == "effect":
            x, right = column.left + layout.numbers.width, True
        for index, line in enumerate(reversed(_lines(name, text))):
            s.say(ax, x, top - 2.6 - index * s.LINE, line, weight="bold", align="right" if right else "left")
    ax.add_line(Line2D([MARGIN, layout.right], [top - 0.6, top - 0.6], color=s.INK, lw=0.8))


def _keys(rows: list[ForestRow]) -> list[Part]:
    """The marks that occur, in words, so that boxes and pointers need no other explanation."""
    weighed = any(row.rung == "exact" and row.weight is not None for row in rows)
    words = {"exact": f"{m.KEYS['exact']}; its area is its weight"} if weighed else {}
    return [m.entries(m.present(rows), m.level_of(rows), **words), *_judgements(rows)]


def _judgements(rows: list[ForestRow]) -> list[str]:
    """What the signs in the discs mean."""
    words = {row.appraisal_level: row.appraisal for row in rows if row.appraisal_level}
    told = (f"{APPRAISED[level]} {words[level]}" for level in APPRAISED if level in words)
    return [f"Judgement of the study: {listed(told)}."] if words else []
