"""The harvest plot (Ogilvie et al. 2008): a bar for each sample and outcome, by direction and by how much is known.

Everything is laid out in millimetres: a bar is as wide as the text below it, a panel as its bars, and panels follow one
another like words on lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from reanalysis.figures import marks as m
from reanalysis.figures import style as s
from reanalysis.figures.harvest_table import HEIGHTS, HarvestBar
from reanalysis.figures.heading import heading, heading_height
from reanalysis.figures.legend import Entry, legend, legend_height
from reanalysis.schema.vocabulary import CONTRASTS, RUNGS, in_words

MARGIN = 4.0
STEP = 2.0  # mm of height for each rung
FULL = STEP * len(RUNGS)
BAR = 3.0  # mm, width of a bar
LEADING, LABEL = 2.3, 24.0  # mm between lines of the text below a bar, and their length
NARROW = 36.0  # mm, least width of a panel
BETWEEN, APART, BELOW = 2.0, 4.0, 2.5  # mm between the sides of a panel, between panels, and below them
SIDES = {
    "down": "\N{BLACK DOWN-POINTING TRIANGLE}",
    "unclear": "\N{WHITE CIRCLE}",
    "up": "\N{BLACK UP-POINTING TRIANGLE}",
}
BETTER = {"fc": s.BLUE, "ec": s.BLUE}
WORSE = {"fc": s.ORANGE, "ec": s.ORANGE}
OPEN = {"fc": s.PAPER, "ec": s.INK}
MIXED = {"fc": s.PAPER, "ec": s.SOFT, "hatch": "//////"}
SILENT = {"fc": s.FAINT, "ec": s.FAINT}
LEGEND = (
    (BETTER, "better"),
    (WORSE, "worse"),
    (OPEN, "higher or lower, and neither is known to be better"),
    (MIXED, "findings of the sample disagree"),
    (SILENT, "no sign is known"),
)
HEIGHTS_IN_WORDS = ", ".join(f"{height} {m.SIGNS[rung]}" for rung, height in HEIGHTS.items())
NOTE = f"Height, what is known at most: {HEIGHTS_IN_WORDS}.  ? persons not known."
TITLE = "Harvest of the findings"
SUBTITLE = "A bar is a sample and an outcome, the figure above it the persons; excluded codings are left out."


def draw_harvest(bars: list[HarvestBar], width_mm: float) -> Figure:
    """Draw the bars, a panel for each contrast."""
    edges, parts = (MARGIN, width_mm - MARGIN), (_sides(), _looks(), NOTE)
    with mpl.rc_context({**s.RC, "hatch.linewidth": 0.5}):
        panels = [_Panel(tuple(members)) for _, members in groupby(bars, key=lambda bar: bar.contrast)]
        rows = _rows(panels, width_mm - 2 * MARGIN)
        heads = [max(panel.head for panel in row) for row in rows]
        bodies = [max(panel.body for panel in row) for row in rows]
        top = heading_height(TITLE, SUBTITLE, width_mm, MARGIN) + 2.0
        fig, ax = s.page(width_mm, top + sum(heads) + sum(bodies) + legend_height(parts, *edges) + MARGIN)
        heading(ax, TITLE, SUBTITLE, width_mm, MARGIN)
        y = top
        for row, head, body in zip(rows, heads, bodies, strict=True):
            x = MARGIN
            for panel in row:
                panel.draw(ax, x, y + head)
                x += panel.width + APART
            y += head + body
        legend(ax, parts, y, *edges)
        return fig


@dataclass(frozen=True)
class _Panel:
    """The bars of one contrast."""

    bars: tuple[HarvestBar, ...]

    @cached_property
    def texts(self) -> dict[str, list[str]]:
        """Lines below each bar: the report, then the outcome."""
        return {
            bar.mark_id: self._label(bar) + s.wrap(in_words(bar.outcome_group), LABEL, s.SMALL) for bar in self.bars
        }

    def _label(self, bar: HarvestBar) -> list[str]:
        return s.wrap(bar.label, LABEL, s.SMALL)

    def _wide(self, bar: HarvestBar) -> float:
        return max(BAR + 1.0, len(self.texts[bar.mark_id]) * LEADING + 0.6)

    def side(self, name: str) -> list[HarvestBar]:
        return [bar for bar in self.bars if bar.side == name]

    def _span(self, name: str) -> float:
        return max(BAR + 1.0, sum(self._wide(bar) for bar in self.side(name)))

    @cached_property
    def width(self) -> float:
        return max(NARROW, sum(self._span(name) for name in SIDES) + BETWEEN * (len(SIDES) - 1))

    @cached_property
    def heading(self) -> list[str]:
        return s.wrap(CONTRASTS[self.bars[0].contrast].label, self.width, s.BODY, "bold")

    @property
    def head(self) -> float:
        """Millimetres above the ground on which the bars stand."""
        return len(self.heading) * s.LINE + 6.0 + FULL

    @cached_property
    def body(self) -> float:
        """Millimetres below the ground."""
        longest = max(s.text_width(line, s.SMALL) for lines in self.texts.values() for line in lines)
        return 1.5 + longest + BELOW

    def draw(self, ax: Axes, x: float, ground: float) -> None:
        s.lines(ax, x, ground - self.head, self.heading, weight="bold")
        for name, symbol in SIDES.items():
            span = self._span(name)
            s.say(ax, x + span / 2, ground - FULL - 4.4, symbol, size=s.SMALL, align="center")
            for rung in range(len(RUNGS) + 1):
                level = ground - rung * STEP
                look = {"color": s.FAINT, "lw": 0.35, "zorder": 0.4} if rung else {"color": s.INK, "lw": 0.7}
                ax.add_line(Line2D([x, x + span], [level, level], **look))
            left = x
            for bar in self.side(name):
                self._bar(ax, bar, left + self._wide(bar) / 2, ground)
                left += self._wide(bar)
            x += span + BETWEEN

    def _bar(self, ax: Axes, bar: HarvestBar, middle: float, ground: float) -> None:
        top = ground - bar.height * STEP
        ax.add_patch(Rectangle((middle - BAR / 2, top), BAR, bar.height * STEP, lw=0.6, gid=bar.mark_id, **_look(bar)))
        s.say(ax, middle, top - 1.1, "?" if bar.n is None else str(bar.n), size=s.SMALL, align="center")
        lines = self.texts[bar.mark_id]
        for index, line in enumerate(lines):
            x = middle + (index - (len(lines) - 1) / 2) * LEADING
            colour = s.INK if index < len(self._label(bar)) else s.SOFT
            ax.text(x, ground + 1.2, line, size=s.SMALL, color=colour, rotation=90, ha="center", va="top")


def _rows(panels: list[_Panel], width: float) -> list[list[_Panel]]:
    """Panels in their order, as many on a line as it holds."""
    rows: list[list[_Panel]] = []
    for panel in panels:
        if rows and sum(other.width + APART for other in rows[-1]) + panel.width <= width:
            rows[-1].append(panel)
        else:
            rows.append([panel])
    return rows


def _look(bar: HarvestBar) -> dict:
    if bar.verdict in ("mixed", "none"):
        return MIXED if bar.verdict == "mixed" else SILENT
    if bar.sense == "higher":
        return OPEN
    return BETTER if bar.verdict == "up" else WORSE


def _sides() -> list[Entry]:
    """What the place of a bar means."""
    words = {"down": "worse or lower", "unclear": "no direction", "up": "better or higher"}
    return [
        Entry(lambda ax, x, y, side=side: s.say(ax, x, y, SIDES[side], size=s.SMALL, align="center"), text)
        for side, text in words.items()
    ]


def _looks() -> list[Entry]:
    """What the fill of a bar means."""
    return [Entry(lambda ax, x, y, look=look: _swatch(ax, x, y, look), text, 1.8) for look, text in LEGEND]


def _swatch(ax: Axes, x: float, y: float, look: dict) -> None:
    ax.add_patch(Rectangle((x - 1.8, y - 1.1), 3.6, 2.2, lw=0.6, **look))
