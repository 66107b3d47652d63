"""How a reader sees a figure: where its texts and marks stand, and which of them meet."""

from __future__ import annotations

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Bbox

SMALLEST = 6.0  # points, of any text at the size at which a figure is printed
GROUND = 1.0  # what is drawn below this order lies behind text: grids, bands and contours


def gids(figure: Figure) -> list[str]:
    """Ids of the marks; the scale and the heading have ids of their own."""
    (ax,) = figure.axes
    ids = (child.get_gid() or "" for child in ax.get_children())
    return [name for name in ids if name and not name.startswith(("axis_", "heading"))]


def unreadable(figure: Figure) -> list[tuple]:
    """Text that leaves the page, is too small, or meets other text or a mark that it does not stand in."""
    figure.set_dpi(300)  # as it is saved: on a screen, hinting widens letters
    if any(ax.axison for ax in figure.axes):
        figure.draw_without_rendering()  # places the texts of a scale
    texts = [
        text
        for text in figure.findobj(Text)
        if text.get_text().strip() and (text.axes is None or text.axes.axison or text in text.axes.texts)
    ]
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [_letters(text, text.get_window_extent(renderer)) for text in texts]
    names = [text.get_text() for text in texts]
    page = figure.bbox
    found = [("small", text.get_text()) for text in texts if text.get_fontsize() < SMALLEST]
    found += [
        ("off the page", name)
        for name, box in zip(names, boxes, strict=True)
        if box.x0 < page.x0 or box.x1 > page.x1 or box.y0 < page.y0 or box.y1 > page.y1
    ]
    found += [("meet", names[i], names[j]) for i, j in _overlapping(boxes, boxes) if i < j]
    marks = [_outline(mark) for ax in figure.axes for mark in ax.get_children() if _is_mark(mark)]
    near = _overlapping(boxes, [mark.get_extents() for mark in marks])
    found += [("crossed", names[i]) for i, j in near if marks[j].intersects_bbox(boxes[i], filled=False)]
    return found


def _letters(text: Text, box: Bbox) -> Bbox:
    """The box of the letters: without the room above and below them, where nothing is."""
    room = 0.18 * text.get_fontsize() / 72 * text.figure.dpi
    turned = text.get_rotation() in (90.0, 270.0)
    return box.padded(-room if turned else -0.3, -0.3 if turned else -room)


def _is_mark(artist: Artist) -> bool:
    return isinstance(artist, Patch | Line2D) and artist.get_zorder() >= GROUND and artist.axes is not None


def _outline(mark: Patch | Line2D) -> Path:
    """The line that is drawn, in pixels."""
    return mark.get_transform().transform_path(mark.get_path())


def _overlapping(some: list[Bbox], others: list[Bbox]) -> np.ndarray:
    """Pairs of places, in the one list and the other, whose boxes meet."""
    a, b = (np.array([box.extents for box in boxes]).reshape(-1, 4) for boxes in (some, others))
    meet = (a[:, None, :2] < b[None, :, 2:]) & (b[None, :, :2] < a[:, None, 2:])
    return np.argwhere(meet.all(axis=2))
