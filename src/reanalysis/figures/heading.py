"""The title of a figure, with what it shows in a line below."""

from __future__ import annotations

from matplotlib.axes import Axes

from reanalysis.figures import style as s

TOP, STEP = 4.0, 4.0  # mm above the title, and between its lines


def heading_height(title: str, subtitle: str, width_mm: float, margin: float) -> float:
    """Height of the heading in millimetres, from the top of the page."""
    return TOP + len(_title(title, width_mm, margin)) * STEP + len(_subtitle(subtitle, width_mm, margin)) * s.LINE + 1.0


def heading(ax: Axes, title: str, subtitle: str, width_mm: float, margin: float) -> None:
    """Write the heading at the top of the page."""
    lines = _title(title, width_mm, margin)
    s.lines(ax, margin, TOP, lines, size=s.HEAD, weight="bold", gid=s.HEADING, step=STEP / s.LINE)
    below = TOP + len(lines) * STEP + 0.4
    s.lines(ax, margin, below, _subtitle(subtitle, width_mm, margin), colour=s.SOFT, gid=s.SUBTITLE)


def _title(title: str, width_mm: float, margin: float) -> list[str]:
    return s.wrap(title, width_mm - 2 * margin, s.HEAD, "bold")


def _subtitle(subtitle: str, width_mm: float, margin: float) -> list[str]:
    return s.wrap(subtitle, width_mm - 2 * margin, s.BODY)
