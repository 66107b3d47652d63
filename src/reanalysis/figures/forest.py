"""The forest plot of a domain: a panel for each metric with an axis of its own, and lists of what has no place on one.

Everything is laid out in millimetres on one page, so that columns align and nothing can overlap: columns are as wide as
their text needs, words wrap where that is more than there is, and each row is as high as its longest text. The page is
as long as its rows need: text never shrinks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Rectangle

from reanalysis.figures import footnotes
from reanalysis.figures import marks as m
from reanalysis.figures import style as s
from reanalysis.figures.columns import Numbers, Persons, band, fitted, widest
from reanalysis.figures.forest_row import LISTS, ForestRow
from reanalysis.figures.forest_table import CROSSOVER, SYMBOLS
from reanalysis.figures.legend import Part, legend, legend_height
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.vocabulary import METRICS
from reanalysis.text import capital, listed, number

PAD = 0.9  # mm, above and below the text of a row
MARGIN = 2.0
HEAD = 3.1  # mm of the names of the columns, beside their lines
TYPE = 6.2  # points, of rows
GAP = 1.7
INDENT = 2.2  # of studies and models below their heading
ARROW = 2.0  # room for the arrows at the ends of the plot
SHARES = (1 / 3, 0.36, 0.4, 0.44)  # of the page's width, that the plot may have
LONGER = 1.02  # what a wider plot may cost in length
BAND = 0.8  # mm above the ground of a heading
SQUARES = 0.4, 1.1  # mm, half sides of the smallest square and of the heaviest in a cell
MODEL = 44.0  # mm that the name of a model has before it wraps, where columns beside the study are narrow
STUDY = 22.0  # mm that the name of a study has before it wraps, where there is room
ALONE = 72.0  # mm, the same where a figure has models alone
LONGEST = 25.0  # mm, a word that is not broken
NAMES = 40.0  # mm, the longest name of a study in a list before it wraps
GROUPS = 20.0  # mm, the longest line with the names of the groups
SYMBOL = 5.0  # mm, the mark of a finding in a list
TIGHT = 0.92  # of the height of a line, in small print
NOTE = 0.9  # of the height of a line, below the name of a model
LEAST = 0.1  # percent: smaller weights are not told apart

HEADINGS = {  # from left to right; what stands above judgements, numbers and effects follows from them
    "study": "Study",
    "appraisal": "",
    "outcome": "Outcome",
    "arm": "Arm",
    "exposure": "Exposure",
    "dose": "Dose",
    "matrix": "Specimen",
    "assay": "Assay",
    "population_kind": "Sample",
    "n": "n",
    "plot": "",
    "effect": "",
    "weight": "Weight",
}
TEXTS = ("outcome", "arm", "exposure", "dose", "matrix", "assay", "population_kind")  # columns of findings
NOT_ASSESSED = "\N{EN DASH}"
APPRAISED = {"low": "+", "some": "!", "high": "\N{MINUS SIGN}", "unclear": "?"}
RIGHT = ("n", "effect", "weight")  # columns of numbers
WORDS = ("study", *TEXTS)  # columns that wrap where room is short
INCLUDED = ("single", "direction")  # lists of what enters the synthesis
INFORMATION = "share of the information on the average effect in the {}"


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
    headings: dict[str, list[str]]
    scales: dict[str, m.Scale]
    names: float  # mm, the names of studies in lists
    listed: float  # left edge of the numbers and words at the end of a line of a list
    right: float  # right edge of the page's content
    sides: dict[str, tuple[str, str]]  # what left and right of zero mean, in panels where that is the same everywhere
    notes: dict[str, str]  # the footnotes of the figure with their marks

    @property
    def head(self) -> float:
        """Height of the names of the columns, which stand above a plot alone."""
        return HEAD + s.LINE * max(map(len, self.headings.values())) if self.scales else 0.0

    @property
    def plot(self) -> tuple[float, float]:
        """Edges of the plot."""
        return self.columns["plot"].left, self.columns["plot"].right

    def below(self, panel: str) -> float:
        """Height of the axis of a panel; lists have none."""
        if panel not in self.scales:
            return 1.0
        if panel not in self.sides:
            return m.AXIS
        return m.AXIS + s.LINE * max(map(len, m.below_axis(self.scales[panel], self.sides[panel], self.plot)))

    def marks(self, row: ForestRow) -> str:
        """The marks of the footnotes of a row."""
        return ",".join(self.notes[text] for text in row.footnotes)


def draw_forest(rows: list[ForestRow], width_mm: float) -> Figure:
    """Draw the rows of a forest table."""
    edges = MARGIN, width_mm - MARGIN
    with mpl.rc_context(s.RC):
        layout, texts, heights = _best_layout(width_mm, rows)
        sizes, keys = _sizes(rows), _keys(rows, layout.notes)
        grounds = _grounds(rows)
        panels = list(dict.fromkeys(row.panel for row in rows))
        foot = sum(map(layout.below, panels))
        top = MARGIN + layout.head
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
                _row(ax, row, text, y, height, layout, sizes.get(row.mark_id, m.SQUARE), grounds)
                if panel in layout.scales and row.kind not in ("contrast", "group"):
                    _zero(ax, layout.scales[panel], text, y, height)
                y += height
            if panel in layout.scales:
                m.axis(ax, layout.scales[panel], y, panel, layout.sides.get(panel), layout.plot)
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
    """Columns as wide as their text, or less where the plot would not have its share: then words wrap."""
    tabled = [row for row in rows if row.panel in METRICS]
    numbers = Numbers.of([(row.effect, _weight(row)) for row in tabled if row.effect], TYPE)
    persons = Persons.of([(row.n, _weight(row)) for row in tabled if row.n], TYPE)
    notes = _notes(rows)
    headings = _headings(rows, below, numbers.width, notes)
    widths = _natural(rows, headings, notes) | {"plot": share * width}
    widths["n"] = max(widths["n"], persons.width)
    widths["effect"] = max(widths["effect"], numbers.width)
    room = width - 2 * MARGIN - GAP * (len(widths) - 1)
    others = sum(wide for name, wide in widths.items() if name not in WORDS)
    words = {name: widths[name] for name in WORDS if name in widths}
    widths |= fitted(words, room - others, _least(rows, headings, widths))
    widths[next(name for name in ("outcome", "arm", "study") if name in widths)] += room - sum(widths.values())
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
    in_lists = [row for row in rows if row.panel in LISTS and row.kind == "finding"]
    return _Layout(
        columns,
        numbers,
        persons,
        headings,
        scales,
        names=min(NAMES, widest((row.label for row in in_lists), s.SMALL) + 0.1),
        listed=width - MARGIN - widest((row.effect for row in in_lists), s.SMALL),
        right=width - MARGIN,
        sides=_common_sides(rows),
        notes=notes,
    )


def _ends(rows: list[ForestRow]) -> list[float | None]:
    return [end for row in rows for end in (*m.ends(row), row.pi_lower, row.pi_upper)]


def _notes(rows: list[ForestRow]) -> dict[str, str]:
    """The footnotes of the figure with their marks; that of the head of a column is the first."""
    information = [INFORMATION.format(MODELS[name].label) for name in _censored(rows)]
    return footnotes.marks_of([*information, *(text for row in rows for text in row.footnotes)], (CROSSOVER,))


def _censored(rows: list[ForestRow]) -> list[str]:
    """The censored models whose shares of the information stand in the place of weights."""
    return list(dict.fromkeys(row.weight_of for row in rows if row.weight_of and MODELS[row.weight_of].mixed))


def _headings(rows: list[ForestRow], below: bool, numbers: float, notes: dict[str, str]) -> dict[str, list[str]]:
    """The columns that the rows need, from left to right, with the lines of their headings."""
    findings = [row for row in rows if row.kind == "finding" and row.panel in METRICS]
    tool = next((row.appraisal_tool for row in findings if row.appraisal_tool), None)
    own = dict(head.split(": ", 1) for row in rows for head in row.heads)
    headings = {name: [own.get(name, words)] for name, words in HEADINGS.items()}
    headings |= {"effect": _effect_heading(rows, numbers), "appraisal": (tool or "").rsplit(maxsplit=1)}
    headings |= {"n": _n_heading(findings)}
    headings |= {} if findings else {"study": ["Outcome and model"]}
    headings |= {"weight": ["Information"]} if _censored(rows) else {}
    empty = {name for name in TEXTS if not any(getattr(row, name) for row in findings)}
    empty |= {"arm"} if "outcome" not in empty else set()
    empty |= {"outcome"} if below else set()
    empty |= {"weight"} if all(row.weight is None for row in rows) else set()
    empty |= {"appraisal"} if tool is None else set()
    return {name: words for name, words in headings.items() if name not in empty}


def _natural(rows: list[ForestRow], headings: dict[str, list[str]], notes: dict[str, str]) -> dict[str, float]:
    """Widths in millimetres that headings and unbroken words need."""
    widths = {name: widest(lines, TYPE, "bold") for name, lines in headings.items()}
    widths["n"] = max([widest(headings["n"][:1], TYPE, "bold"), widest(headings["n"][1:], s.SMALL)])
    findings = [row for row in rows if row.kind == "finding" and row.panel in METRICS]
    texts = {
        **{name: [getattr(row, name) or "" for row in findings] for name in TEXTS},
        "appraisal": ["" if row.appraisal_level else row.appraisal or NOT_ASSESSED for row in findings],
    }
    for name in (name for name in widths if name in texts):
        widths[name] = max(widths[name], widest(texts[name], TYPE) + 0.1)
    if "weight" in widths:
        marks = "".join(notes[INFORMATION.format(MODELS[name].label)] for name in _censored(rows))
        widths["weight"] = max(widths["weight"] + footnotes.room(marks), s.text_width("100.0%", TYPE, "bold"))
    labels = [s.text_width(row.label, TYPE) + footnotes.room(_marks(row, notes)) + 0.1 for row in findings]
    models = widest((row.label for row in rows if row.kind == "model"), TYPE, "bold")
    beside = sum(widths[name] + GAP for name in ("appraisal", *TEXTS) if name in widths) if findings else 0.0
    longest = MODEL if findings else ALONE
    widths["study"] = INDENT + max([widths["study"], *labels, min(models, longest) - beside])
    return widths


def _least(rows: list[ForestRow], headings: dict[str, list[str]], widths: dict[str, float]) -> dict[str, float]:
    """Widths in millimetres below which words of a column would be broken, or studies need a second line."""
    findings = [row for row in rows if row.kind == "finding" and row.panel in METRICS]
    least = {"study": min(widths["study"], INDENT + STUDY)}
    for name in (name for name in headings if name in TEXTS):
        words = widest((word for row in findings for word in (getattr(row, name) or "").split()), TYPE)
        least[name] = max(widest(headings[name], TYPE, "bold"), min(words, LONGEST) + 0.1)
    return least


def _marks(row: ForestRow, notes: dict[str, str]) -> str:
    return ",".join(notes[text] for text in row.footnotes)


def _n_heading(findings: list[ForestRow]) -> list[str]:
    """What stands above the numbers of participants: with the names of the groups, where all are of the same two."""
    named = {row.groups for row in findings if row.n and "/" in row.n}
    if len(named) != 1 or not (groups := named.pop()):
        return ["n"]
    line = " / ".join(groups)
    return ["n", line] if s.text_width(line, s.SMALL) <= GROUPS else ["n", groups[0], f"/ {groups[1]}"]


def _effect_heading(rows: list[ForestRow], width: float) -> list[str]:
    """Metric, and level and kind of the interval, where they are the same in all panels; in two lines where narrow."""
    tabled = [row for row in rows if row.panel in METRICS]
    metrics = {row.panel for row in tabled}
    metric = METRICS[metrics.pop()] if len(metrics) == 1 else "Effect size"
    credible = {bool(row.model) and MODELS[row.model].credible for row in tabled if row.kind in ("finding", "model")}
    kinds = " or ".join(words for kind, words in ((False, "CI"), (True, "CrI")) if kind in credible)
    parts = [capital(metric), f"[{m.level_of(rows)} {kinds or 'CI'}]"]
    whole = " ".join(parts)
    return [whole] if s.text_width(whole, TYPE, "bold") <= width else parts


def _common_sides(rows: list[ForestRow]) -> dict[str, tuple[str, str]]:
    """What left and right mean in each panel with an axis, where all its cells have the same sides."""
    kind = "group" if any(row.kind == "group" and row.panel in METRICS for row in rows) else "contrast"
    found = {
        panel: {(row.left, row.right) for row in rows if row.panel == panel and row.kind == kind} for panel in METRICS
    }
    return {panel: own.pop() for panel, own in found.items() if len(own) == 1}


def _sizes(rows: list[ForestRow]) -> dict[str, float]:
    """Half sides of squares in millimetres: in each cell as the root of the weight, up to the largest."""
    heaviest: dict[tuple, float] = {}
    weighed = [row for row in rows if row.kind == "finding" and row.rung == "exact" and row.weight is not None]
    for row in weighed:
        heaviest[row.cell] = max(row.weight, heaviest.get(row.cell, 0.0))
    smallest, largest = SQUARES
    return {row.mark_id: max(smallest, largest * math.sqrt(row.weight / heaviest[row.cell])) for row in weighed}


# ---------------------------------------------------------------- down the page


def _weight(row: ForestRow) -> str:
    return "bold" if row.kind == "model" else "normal"


def _texts(row: ForestRow, above: ForestRow | None, layout: _Layout) -> dict[str, list[str]]:
    """The wrapped words of a row, by column; a sample that stands in the row above is not named again."""
    c = layout.columns
    match row.kind:
        case "contrast":
            return {"head": s.wrap(row.label, layout.right - MARGIN - 2.0, TYPE, "bold")}
        case "group":
            own = row.panel in METRICS and row.panel not in layout.sides
            left, right = _beside(layout.scales[row.panel].x(0), row, layout) if own else ([], [])
            room = (c["plot"].left - GAP if own else layout.right) - MARGIN - 1.0
            return {"head": s.wrap(row.label, room, TYPE), "left": left, "right": right}
        case "level":
            return {"head": s.wrap(row.label, c["plot"].left - GAP - MARGIN - 1.0, TYPE, "bold")}
        case "test":
            return {"head": [], "note": s.wrap(row.label, layout.right - MARGIN - INDENT - 4.0, s.SMALL)}
        case "model":
            wide = s.text_width(row.n, TYPE, "bold") if row.n else 0.0
            head = (c["n"].right - wide if row.n else c["plot"].left) - GAP - MARGIN - INDENT
            head -= footnotes.room(layout.marks(row))
            return {"head": s.wrap(row.label, head, TYPE, "bold"), "note": _note(_small_print(row), layout)}
    if row.panel in LISTS:
        words = "; ".join(filter(None, _listed_words(row)))
        room = layout.listed - SYMBOL - GAP - MARGIN - INDENT - layout.names - GAP
        return {"study": s.wrap(row.label, layout.names, s.SMALL), "words": s.wrap(words, room, s.SMALL)}
    repeated, marks = _repeats(row, above), footnotes.room(layout.marks(row))
    study = [] if repeated else s.wrap(row.label, c["study"].width - INDENT - marks, TYPE)
    texts = {name: s.wrap(getattr(row, name) or "", c[name].width, TYPE) for name in TEXTS if name in c}
    room = (_next_text(texts, layout) if repeated else c["plot"].left) - GAP - MARGIN - INDENT
    small = (row.outcome if "outcome" not in c else None, row.means)
    below = [line for text in small if text for line in s.wrap(text, room, s.SMALL)]
    return {"study": study, "below": below} | texts


def _next_text(texts: dict[str, list[str]], layout: _Layout) -> float:
    """Where the next text begins in the line of a study that is not named again."""
    c = layout.columns
    known = [c[name].left for name in ("appraisal", *TEXTS) if name in c and texts.get(name) != [""]]
    return min([*known, c["n"].right - layout.persons.width])


def _repeats(row: ForestRow, above: ForestRow | None) -> bool:
    same = above is not None and (above.cell, above.label, above.sample_id) == (row.cell, row.label, row.sample_id)
    return same and above.kind == "finding" and above.footnotes == row.footnotes


def _listed_words(row: ForestRow) -> Iterator[str | None]:
    """What a line of a list says of a finding."""
    yield row.outcome
    yield f"n = {row.n}" if row.n != "?" else None
    yield from (row.matrix, row.dose, row.means, row.note)


def _small_print(row: ForestRow) -> str:
    """What stands below the name of a model."""
    told = {"Samples": row.composition, "Heterogeneity": row.heterogeneity, "Test for overall effect": row.test}
    return ". ".join([*(f"{name}: {text}" for name, text in told.items() if text), *filter(None, [row.note])])


def _note(text: str, layout: _Layout) -> list[str]:
    """Small print in lines: beside the plot where one line is enough, else as wide as the page."""
    if not text:
        return []
    beside = layout.plot[0] - GAP - MARGIN - INDENT
    if s.text_width(text, s.SMALL) <= beside:
        return [text]
    return s.wrap(text, layout.right - MARGIN - INDENT, s.SMALL)


def _beside(zero: float, row: ForestRow, layout: _Layout) -> tuple[list[str], list[str]]:
    """What left and right of zero mean, in lines that fit the plot and the gaps beside it."""
    return m.sides(zero, layout.plot, row.left, row.right)


def _height(row: ForestRow, text: dict[str, list[str]]) -> float:
    beside = max(len(text.get("left", ())), len(text.get("right", ())))
    match row.kind:
        case "contrast":
            return max(len(text["head"]), beside) * s.LINE + PAD + 2.0
        case "group":
            return max(len(text["head"]), beside) * s.LINE + PAD + 0.4
        case "model" | "level" | "test":
            return (len(text["head"]) + NOTE * len(text.get("note", ()))) * s.LINE + PAD
    below = text.get("below", [])
    if "words" in text:
        return TIGHT * max(map(len, text.values())) * s.LINE + PAD
    return max(_lines_above(text) * s.LINE + TIGHT * len(below) * s.LINE, s.LINE) + PAD


def _lines_above(text: dict[str, list[str]]) -> int:
    """Lines of a finding above its small print, which stands in the first where the study is not named again."""
    return max((len(own) for name, own in text.items() if name != "below" and any(own)), default=0)


def _row(
    ax: Axes, row: ForestRow, text: dict, y: float, height: float, layout: _Layout, half: float, grounds: dict
) -> None:
    match row.kind:
        case "contrast":
            band(ax, MARGIN, layout.right, y + BAND, height - BAND - 0.2, zorder=0.6)
            first = y + BAND + 0.9
            s.lines(ax, MARGIN + 1, first, text["head"], size=TYPE, weight="bold")
        case "group":
            s.lines(ax, MARGIN + 1, y + 0.8, text["head"], size=TYPE, style="italic")
            if text["left"]:
                m.point(ax, layout.scales[row.panel].x(0), y + 0.8, text["left"], text["right"])
        case "level":
            s.lines(ax, MARGIN + 1, y + PAD / 2, text["head"], size=TYPE, weight="bold")
        case "test":
            _small(ax, text["note"], y + PAD / 2, layout.marks(row), s.INK)
        case "model":
            _model_row(ax, row, text, y + PAD / 2, layout)
        case "finding" if "words" in text:
            _listed_row(ax, row, text, y + PAD / 2, layout)
        case "finding":
            _finding_row(ax, row, text, y + PAD / 2, layout, half)
            if "appraisal" in layout.columns:
                _appraisal(ax, row, layout.columns["appraisal"].left, y + PAD / 2 + s.LINE / 2, grounds)


def _finding_row(ax: Axes, row: ForestRow, text: dict, top: float, layout: _Layout, half: float) -> None:
    c, middle = layout.columns, top + s.LINE / 2
    s.lines(ax, c["study"].left + INDENT, top, text["study"], size=TYPE)
    _after(ax, c["study"].left + INDENT, top, text["study"], layout.marks(row))
    layout.numbers.say(ax, c["effect"].right - layout.numbers.width, middle, row.effect)
    named = [name for name in TEXTS if name in text]
    for name in named:
        s.lines(ax, c[name].left, top, text[name], size=TYPE)
    how = {"size": s.SMALL, "colour": s.SOFT, "step": TIGHT}
    s.lines(ax, c["study"].left + INDENT, top + _lines_above(text) * s.LINE, text["below"], **how)
    layout.persons.say(ax, c["n"].right, middle, row.n)
    if row.weight is not None:
        s.say(ax, c["weight"].right, middle, weight_text(row.weight), size=TYPE, align="right")
    m.effect(ax, row, middle, layout.scales[row.panel], half)


def weight_text(weight: float) -> str:
    """A weight as printed, in percent."""
    return f"<{LEAST:g}%" if weight < LEAST else f"{number(weight, 1)}%"


def _after(ax: Axes, left: float, top: float, lines: list[str], marks: str, weight: str = "normal") -> None:
    """The marks of footnotes, at the end of the last line of a text."""
    if lines:
        end = left + s.text_width(lines[-1], TYPE, weight)
        footnotes.say(ax, end, top + (len(lines) - 0.5) * s.LINE, marks)


def _listed_row(ax: Axes, row: ForestRow, text: dict, top: float, layout: _Layout) -> None:
    """A finding without a place on an axis: its mark and its number or direction at the end of the line."""
    left, middle, included = MARGIN + INDENT, top + s.LINE / 2, row.panel in INCLUDED
    how = {"size": s.SMALL, "colour": s.INK if included else s.SOFT}
    s.lines(ax, left, top, text["study"], step=TIGHT, **how)
    s.lines(ax, left + layout.names + GAP, top, text["words"], step=TIGHT, **how)
    s.say(ax, layout.listed, middle, row.effect, **how)
    x = layout.listed - SYMBOL / 2
    if m.mark_of(row) == "none":
        mark = m.ring(ax, x, middle)
    else:
        side = 0 if row.rung != "direction" else 1 if math.isinf(row.observed_upper) else -1
        filled = included and row.rung != "bounded"
        mark = m.sign(ax, row.rung, side, x, middle, m.colour_of(row), filled=filled)
    mark.set_gid(row.mark_id)


def _grounds(rows: list[ForestRow]) -> dict[str, str]:
    """The grounds of scores: the lower, the darker, as in all figures; of words, and of a single score, none."""
    scores = {row.appraisal for row in rows if row.appraisal and not row.appraisal_level}
    if len(scores) < 2 or not all(score.replace(".", "", 1).isdigit() for score in scores):
        return {}
    ordered = sorted(scores, key=float)
    last = len(ordered) - 1
    return {score: s.SCORES[-1 - round(i / last * (len(s.SCORES) - 1))] for i, score in enumerate(ordered)}


def _appraisal(ax: Axes, row: ForestRow, left: float, y: float, grounds: dict[str, str]) -> None:
    """A disc with a sign for a judgement that has a level, a score on its ground, else its words.

    What nobody judged is said to be so.
    """
    if row.appraisal_level is not None:
        ax.add_patch(Circle((left + 1.4, y), 1.4, fc=s.QUALITY[row.appraisal_level], ec=s.INK, lw=0.4))
        s.say(ax, left + 1.4, y, APPRAISED[row.appraisal_level], size=TYPE, weight="bold", align="center")
    elif row.appraisal in grounds:
        wide = max(3.2, s.text_width(row.appraisal, TYPE) + 1.0)
        ax.add_patch(Rectangle((left, y - 1.35), wide, 2.7, fc=grounds[row.appraisal], ec=s.FAINT, lw=0.4))
        s.say(ax, left + wide / 2, y, row.appraisal, size=TYPE, align="center")
    else:
        s.say(ax, left, y, row.appraisal or NOT_ASSESSED, size=TYPE)


def _model_row(ax: Axes, row: ForestRow, text: dict, top: float, layout: _Layout) -> None:
    c, middle = layout.columns, top + s.LINE / 2
    s.lines(ax, MARGIN + INDENT, top, text["head"], size=TYPE, weight="bold")
    _after(ax, MARGIN + INDENT, top, text["head"], layout.marks(row), "bold")
    _small(ax, text["note"], top + len(text["head"]) * s.LINE)
    layout.persons.say(ax, c["n"].right, middle, row.n or "", weight="bold")
    layout.numbers.say(ax, c["effect"].right - layout.numbers.width, middle, row.effect, weight="bold")
    if row.weight is not None:
        s.say(ax, c["weight"].right, middle, weight_text(row.weight), size=TYPE, align="right", weight="bold")
    scale = layout.scales[row.panel]
    if row.pi_lower is not None:
        m.prediction(ax, row.pi_lower, row.pi_upper, middle, scale)
    (m.model if row.k > 1 else m.average)(ax, row, middle, scale)


def _small(ax: Axes, lines: list[str], top: float, marks: str = "", colour: str = s.SOFT) -> None:
    """Small print from `top` downwards."""
    s.lines(ax, MARGIN + INDENT, top, lines, size=s.SMALL, colour=colour, step=NOTE)
    if lines:
        end = MARGIN + INDENT + s.text_width(lines[-1], s.SMALL)
        footnotes.say(ax, end, top + ((len(lines) - 1) * NOTE + 0.5) * s.LINE, marks)


def _zero(ax: Axes, scale: m.Scale, text: dict, y: float, height: float) -> None:
    """The line of no effect beside a row, but not through its small print."""
    lines = text.get("note", [])
    start, step = y + height - PAD / 2 - NOTE * s.LINE * len(lines), NOTE * s.LINE
    m.zero(ax, scale, y, start if lines else y + height)
    for i, line in enumerate(lines):
        if MARGIN + INDENT + s.text_width(line, s.SMALL) < scale.x(0) - 1.0:
            m.zero(ax, scale, start + i * step, start + (i + 1) * step)
    if lines:
        m.zero(ax, scale, y + height - PAD / 2, y + height)


def _line_of_estimate(ax: Axes, scale: m.Scale, row: ForestRow, top: float, bottom: float) -> None:
    """From the first finding of a cell down to the estimate of its main model."""
    if not scale.clipped(row.estimate):
        x = scale.x(row.estimate)
        ax.add_line(Line2D([x, x], [top, bottom], color=s.SOFT, lw=0.5, ls=(0, (1.5, 2)), zorder=0.5))


# ---------------------------------------------------------------- head and foot


def _header(ax: Axes, layout: _Layout, top: float) -> None:
    for name, lines in layout.headings.items():
        column, right = layout.columns[name], name in RIGHT
        marks = "".join(mark for text, mark in layout.notes.items() if name == "weight" and _is_of_head(text))
        x = column.right - footnotes.room(marks) if right else column.left
        for index, line in enumerate(reversed(lines)):
            small = name == "n" and index < len(lines) - 1
            how = {"size": s.SMALL} if small else {"size": TYPE, "weight": "bold"}
            s.say(ax, x, top - 2.6 - index * s.LINE, line, align="right" if right else "left", **how)
        footnotes.say(ax, x, top - 2.6, marks)
    ax.add_line(Line2D([MARGIN, layout.right], [top - 0.6, top - 0.6], color=s.INK, lw=0.8))


def _is_of_head(text: str) -> bool:
    """Whether a footnote is that of the head of the weights."""
    return text.startswith(INFORMATION.partition("{")[0])


def _keys(rows: list[ForestRow], notes: dict[str, str]) -> list[Part]:
    """The marks that occur, in words, so that boxes and pointers need no other explanation."""
    weighed = any(row.rung == "exact" and row.weight is not None for row in rows)
    words = {"unusable": f"NR: {m.KEYS['unusable']}", **_model_words(rows)}
    words |= {"exact": f"{m.KEYS['exact']}; area of the square, its weight"} if weighed else {}
    plotted = any(row.panel in METRICS for row in rows)
    words |= {} if plotted else {"bounded": "significance only, with the {level} interval of the true effect"}
    entries = m.entries(m.present(rows), m.level_of(rows), **words)
    return [entries, *_judgements(rows), *_symbols(rows), *footnotes.told(notes)]


def _model_words(rows: list[ForestRow]) -> dict[str, str]:
    """What diamonds are, by the names of their models: first that of the estimate that is quoted."""
    pools = [row for row in rows if row.kind == "model" and row.k > 1]
    named = {
        use: listed(dict.fromkeys(MODELS[row.model].label for row in pools if row.use == use), "or")
        for use in ("main", "other")
    }
    quoted = "the estimate quoted" if named["other"] else "pooled estimate"
    return {"main": f"{quoted} ({named['main']})", "other": named["other"]}


def _judgements(rows: list[ForestRow]) -> list[str]:
    """What the signs in the discs and the grounds of scores mean."""
    if grounds := _grounds(rows):
        tool = next(row.appraisal_tool for row in rows if row.appraisal in grounds)
        return [f"{tool}: the lower the score, the darker its ground."]
    words = {row.appraisal_level: row.appraisal for row in rows if row.appraisal_level}
    told = (f"{APPRAISED[level]} {words[level]}" for level in APPRAISED if level in words)
    return [f"Judgement of the study: {listed(told)}."] if words else []


def _symbols(rows: list[ForestRow]) -> list[str]:
    """What the letters before the numbers in lists mean."""
    used = {row.metric for row in rows if row.panel in LISTS and row.rung in ("exact", "bounded")}
    told = [f"{SYMBOLS[metric]}, {METRICS[metric]}" for metric in METRICS if metric in used]
    return [f"In the lists: {'; '.join(told)}, with its {m.level_of(rows)} interval."] if told else []
