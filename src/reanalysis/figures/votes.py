"""A panel of votes: what each sample says of each outcome, with the contrasts side by side in lanes.

Contrasts with few marks have no lane: their votes stand in a block of their own, at the end.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reanalysis.figures import marks as m
from reanalysis.figures import style as s
from reanalysis.figures.columns import BLOCK, Numbers, block, fitted, widest
from reanalysis.figures.forest_table import SYMBOLS
from reanalysis.figures.legend import Entry, legend, legend_height
from reanalysis.figures.verdicts import DISAGREE, NO_DIFFERENCE, NOT_USABLE, WORDS
from reanalysis.figures.votes_table import VoteMark
from reanalysis.schema.review import Panel
from reanalysis.schema.vocabulary import METRICS
from reanalysis.text import listed

MARGIN, GAP, INDENT = 2.0, 2.0, 1.0  # mm
ROW, LEAD = 3.7, 2.6  # mm: least height of a row, distance of lines of text
HEAD = 5.4  # mm, the lower line of the heads of the columns
N, REACH = 6.0, 5.2  # mm: width of the numbers of participants, and from the middle of a lane to its marks
SPARSE = 1 / 3  # of the marks of the fullest lane: fewer have none
ADDED = "Added"
SIDES = {"down": -1, "mixed": 0, "none": 0, "up": 1}


def draw_votes(marks: list[VoteMark], panel: Panel, width_mm: float) -> Figure:
    """Draw the marks: a row for each outcome and sample, a lane for each contrast that has enough of them."""
    heads = panel.by["contrast"]
    counted = Counter(mark.contrast for mark in marks)
    full = [name for name in heads if counted[name] >= SPARSE * max(counted.values())]
    blocks = [
        (
            words,
            [
                list(row)
                for _, row in groupby(
                    members, key=lambda mark: (mark.outcome_group, mark.sample_id, mark.measure or "")
                )
            ],
        )
        for words, members in _blocks([mark for mark in marks if mark.contrast in full])
    ]
    others = [[mark] for mark in marks if mark.contrast not in full]
    blocks += [("Other comparisons, in the samples that are named", others)] if others else []
    edges = MARGIN, width_mm - MARGIN
    parts = (_shapes(marks), _levels(marks), _note(marks, panel))
    with mpl.rc_context(s.RC):
        layout = _layout(marks, full, heads, width_mm)
        most = max(map(len, layout.heads.values()))
        top = MARGIN + HEAD + most * LEAD
        body = sum(BLOCK + sum(_height(row, heads, full, layout) for row in rows) for _, rows in blocks)
        fig, ax = s.page(width_mm, top + body + 2.0 + legend_height(parts, *edges) + MARGIN)
        _heads(ax, layout, top, edges)
        y = top
        for words, rows in blocks:
            block(ax, words, *edges, y)
            y += BLOCK
            for row in rows:
                _row(ax, row, heads, full, y, layout)
                y += _height(row, heads, full, layout)
        ax.add_line(Line2D(edges, [y, y], color=s.INK, lw=0.6))
        legend(ax, parts, y + 2.0, *edges)
        return fig


def _blocks(marks: list[VoteMark]) -> list[tuple[str, list[VoteMark]]]:
    """The marks of each domain, with its heading."""
    found = []
    for _, members in groupby(marks, key=lambda mark: mark.domain):
        own = list(members)
        section = ADDED if own[0].section == "added" else own[0].section
        found.append((": ".join(filter(None, (section, own[0].title))), own))
    return found


@dataclass(frozen=True)
class _Layout:
    """Left edges and widths of the texts; of each lane its head in lines and its left edge, in millimetres."""

    texts: dict[str, tuple[float, float]]
    heads: dict[str, list[str]]
    lanes: dict[str, float]
    numbers: Numbers

    def middle(self, lane: str) -> float:
        """The middle of the marks of a lane."""
        return self.lanes[lane] + N + 1.5 + REACH + 1.2

    def effect(self, lane: str) -> float:
        """Left edge of the effects of a lane."""
        return self.middle(lane) + REACH + 2.4


def _layout(marks: list[VoteMark], full: list[str], heads: dict[str, str], width_mm: float) -> _Layout:
    numbers = Numbers.of([(mark.effect, "normal") for mark in marks if mark.effect], s.SMALL)
    lane = N + 1.5 + 2 * REACH + 3.6 + numbers.width
    room = width_mm - 2 * MARGIN - INDENT - len(full) * (lane + GAP) - GAP
    natural = {
        "outcome": widest((mark.outcome_label for mark in marks), s.SMALL) + 0.1,
        "study": widest((mark.label for mark in marks), s.SMALL) + 0.1,
    }
    width = fitted(natural, room)
    study = MARGIN + INDENT + width["outcome"] + GAP
    start = width_mm - MARGIN - len(full) * lane - (len(full) - 1) * GAP
    return _Layout(
        texts={"outcome": (MARGIN + INDENT, width["outcome"]), "study": (study, width["study"])},
        heads={name: s.wrap(heads[name], lane, s.SMALL, "bold") for name in full},
        lanes={name: start + index * (lane + GAP) for index, name in enumerate(full)},
        numbers=numbers,
    )


def _texts(row: list[VoteMark], heads: dict[str, str], full: list[str], layout: _Layout) -> dict[str, list[str]]:
    """Outcome and study of a row, in lines; of a comparison without a lane also its name."""
    first, (_, outcome), (_, study) = row[0], layout.texts["outcome"], layout.texts["study"]
    name = f"{first.outcome_label}: {first.measure}" if first.measure else first.outcome_label
    asides = [heads[first.contrast]] if first.contrast not in full else []
    asides += ["lower is better"] if any(mark.lower_is_better for mark in row) else []
    name += f" ({'; '.join(asides)})" if asides else ""
    return {"outcome": s.wrap(name, outcome, s.SMALL), "study": s.wrap(first.label, study, s.SMALL)}


def _height(row: list[VoteMark], heads: dict[str, str], full: list[str], layout: _Layout) -> float:
    return ROW + (max(map(len, _texts(row, heads, full, layout).values())) - 1) * LEAD


def _heads(ax: Axes, layout: _Layout, top: float, edges: tuple[float, float]) -> None:
    y, how = top - 2.2, {"size": s.SMALL, "weight": "bold"}
    for name, words in (("outcome", "Outcome"), ("study", "Study")):
        s.say(ax, layout.texts[name][0], y, words, **how)
    for lane, lines in layout.heads.items():
        for index, line in enumerate(reversed(lines)):
            s.say(ax, layout.lanes[lane], y - 3.2 - index * LEAD, line, **how)
        s.say(ax, layout.lanes[lane] + N, y, "n", align="right", **how)
        for side, word in ((-1, "worse"), (1, "better")):
            x = layout.middle(lane) + side * 0.8
            s.say(ax, x, y, word, size=s.SMALL, align="right" if side < 0 else "left")
        x = layout.effect(lane) + layout.numbers.width
        s.say(ax, x, y, "Effect size [CI]", align="right", **how)
    ax.add_line(Line2D(edges, [top - 0.3, top - 0.3], color=s.INK, lw=0.8))


def _row(ax: Axes, row: list[VoteMark], heads: dict[str, str], full: list[str], y: float, layout: _Layout) -> None:
    middle = y + ROW / 2
    for name, words in _texts(row, heads, full, layout).items():
        for index, line in enumerate(words):
            s.say(ax, layout.texts[name][0], middle + index * LEAD, line, size=s.SMALL)
    for mark in row:
        lane = mark.contrast if mark.contrast in full else full[0]
        colour = s.INK if mark.use == "main" else s.SOFT
        if mark.n:
            s.say(ax, layout.lanes[lane] + N, middle, str(mark.n), size=s.SMALL, colour=colour, align="right")
        if mark.effect:
            layout.numbers.say(ax, layout.effect(lane), middle, mark.effect, colour=colour)
        _mark(ax, mark, layout.middle(lane), middle).set_gid(mark.mark_id)
    for lane in [lane for lane in full if any(mark.contrast == lane for mark in row)] or full[:1]:
        x = layout.middle(lane)
        ax.add_line(Line2D([x, x], [y, y + ROW], color=s.FAINT, lw=0.5, zorder=0.4))


def _mark(ax: Axes, mark: VoteMark, x: float, y: float) -> Artist:
    """Right or left of the middle where better and worse are known, else in it: up for higher, down for lower."""
    main = mark.use == "main"
    colour = s.LEVEL[mark.rung] if main else s.SOFT
    if mark.symbol == NOT_USABLE:
        return m.cross(ax, x, y)
    if mark.symbol == NO_DIFFERENCE:
        return m.pointer(ax, "none", x, y, colour=s.INK if main and mark.rung == "unusable" else colour, filled=False)
    filled = _filled(mark)
    if mark.verdict in ("up", "down") and mark.sense == "better":
        side = SIDES[mark.verdict]
        return m.sign(ax, "direction", side, x + side * REACH / 2, y, colour, filled=filled)
    return m.pointer(ax, mark.verdict, x, y, colour=colour, filled=filled)


def _filled(mark: VoteMark) -> bool:
    """Whether the interval of an effect of the main analysis excludes zero."""
    return bool(mark.use == "main" and mark.excludes_zero)


def _shapes(marks: list[VoteMark]) -> list[Entry]:
    """What shape and fill mean, whatever the colour; a filled arrow only where there is one."""

    def sign(side: int, filled: bool):
        return lambda ax, x, y: m.sign(ax, "direction", side, x, y, s.INK, filled=filled)

    def pointer(verdict: str):
        return lambda ax, x, y: m.pointer(ax, verdict, x, y, colour=s.INK, filled=False)

    return [
        *([Entry(sign(1, True), "interval excludes zero", 1.6)] if any(_filled(mark) for mark in marks) else []),
        Entry(sign(1, False), "interval includes zero, or not known", 1.6),
        Entry(pointer("up"), "higher or lower, not known which is better", 1.6),
        Entry(pointer("none"), WORDS[NO_DIFFERENCE], 1.6),
        Entry(pointer("mixed"), WORDS[DISAGREE], 1.6),
        Entry(m.cross, WORDS[NOT_USABLE], 1.6),
    ]


def _levels(marks: list[VoteMark]) -> list[Entry]:
    """The colours that occur."""
    present = {mark.rung for mark in marks if mark.use == "main"}
    words = {"exact": "effect size reported", "bounded": "significance only", "direction": "direction only"}
    colours = [(s.LEVEL[rung], text) for rung, text in words.items() if rung in present]
    colours += [(s.SOFT, "excluded")] if any(mark.use != "main" for mark in marks) else []
    return [
        Entry(lambda ax, x, y, colour=colour: m.square(ax, x, y, m.SQUARE, colour), text, 1.6)
        for colour, text in colours
    ]


def _note(marks: list[VoteMark], panel: Panel) -> str:
    """What the symbols of the effect sizes stand for, and what the review adds."""
    metrics = [f"{SYMBOLS[name]}, {METRICS[name]}" for name in METRICS if any(_of(mark, name) for mark in marks)]
    level = m.level_of(marks)
    told = (
        f"n, participants; {listed(metrics)}; CI, {level} interval of the true effect."
        if metrics
        else "n, participants."
    )
    return " ".join(filter(None, (told, panel.note)))


def _of(mark: VoteMark, metric: str) -> bool:
    return (mark.effect or "").startswith(f"{SYMBOLS[metric]} ")
