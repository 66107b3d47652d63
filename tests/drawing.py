"""How a reader sees a figure: where its texts and marks stand, and which of them meet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from matplotlib.transforms import Bbox

SMALLEST = 6.0  # points, of any text at the size at which a figure is printed
DPI = 300
RULER = RendererAgg(1, 1, DPI)  # measures texts, and knows those of earlier figures
GROUND = 1.0  # what is drawn below this order lies behind text: grids, bands and contours


def gids(figure: Figure) -> list[str]:
    """Ids of the marks; text and scale may have ids of their own."""
    (ax,) = figure.axes
    ids = [child.get_gid() for child in ax.get_children() if not isinstance(child, Text)]
    return [name for name in ids if name and not name.startswith("axis_")]


def unreadable(figure: Figure) -> list[tuple]:
    """Text that leaves the page, is too small, or meets other text or a mark that it does not stand in."""
    figure.set_dpi(DPI)  # as it is saved: on a screen, hinting widens letters
    if any(ax.axison for ax in figure.axes):
        figure.draw_without_rendering()  # places the texts of a scale
    texts = [text for text in _shown(figure) if text.get_text().strip()]
    boxes = [_letters(text, text.get_window_extent(RULER)) for text in texts]
    names = [text.get_text() for text in texts]
    page = figure.bbox
    found = [("small", text.get_text()) for text in texts if text.get_fontsize() < SMALLEST]
    found += [
        ("off the page", name)
        for name, box in zip(names, boxes, strict=True)
        if box.x0 < page.x0 or box.x1 > page.x1 or box.y0 < page.y0 or box.y1 > page.y1
    ]
    near = ((i, j) for i, j in _overlapping(boxes, boxes) if i < j)
    found += [("meet", names[i], names[j]) for i, j in near if _meet(texts[i], texts[j])]
    marks = [mark for ax in figure.axes for mark in ax.get_children() if _is_mark(mark)]
    level = [box for text, box in zip(texts, boxes, strict=True) if not _slanted(text)]
    said = [name for text, name in zip(texts, names, strict=True) if not _slanted(text)]
    return found + [("crossed", said[i]) for i in _crossed(level, marks)]


def _slanted(text: Text) -> bool:
    return text.get_rotation() % 90 != 0


def _meet(one: Text, other: Text) -> bool:
    """Whether the letters of two texts meet, of which one may be slanted: no straight line keeps them apart."""
    if not (_slanted(one) or _slanted(other)):
        return True
    corners = [_corners(one), _corners(other)]
    for text in (one, other):
        turn = np.deg2rad(text.get_rotation())
        for axis in ((np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))):
            ends = [points @ np.array(axis) for points in corners]
            if ends[0].max() < ends[1].min() or ends[1].max() < ends[0].min():
                return False
    return True


def _corners(text: Text) -> np.ndarray:
    """The four corners of the letters of a text, turned as it is, around the middle of its box."""
    turned = text.get_window_extent(RULER)
    middle = np.array([(turned.x0 + turned.x1) / 2, (turned.y0 + turned.y1) / 2])
    angle = text.get_rotation()
    text.set_rotation(0)
    flat = _letters(text, text.get_window_extent(RULER))
    text.set_rotation(angle)
    turn = np.deg2rad(angle)
    half = np.array([[x * flat.width / 2, y * flat.height / 2] for x in (-1, 1) for y in (-1, 1)])
    return middle + half @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])


def _crossed(boxes: list[Bbox], marks: list[Patch | Line2D]) -> Iterator[int]:
    """Places of texts that the line of a mark crosses, unless they stand on a filled mark, which hides it."""
    outlines = [mark.get_transform().transform_path(mark.get_path()) for mark in marks]
    extents = [outline.get_extents() for outline in outlines]
    near = defaultdict(list)
    for i, j in _overlapping(boxes, extents):
        near[i].append(j)
    for i, places in near.items():
        grounds = [
            j for j in places if isinstance(marks[j], Patch) and marks[j].get_fill() and _in(boxes[i], extents[j])
        ]
        ground = max((marks[j].get_zorder() for j in grounds), default=GROUND)
        above = (j for j in places if marks[j].get_zorder() > ground or not grounds)
        if any(outlines[j].intersects_bbox(boxes[i], filled=False) for j in above):
            yield i


def _in(inner: Bbox, outer: Bbox) -> bool:
    return outer.x0 <= inner.x0 and inner.x1 <= outer.x1 and outer.y0 <= inner.y0 and inner.y1 <= outer.y1


def _letters(text: Text, box: Bbox) -> Bbox:
    """The box of the letters: without the room above and below them, where nothing is."""
    room = 0.18 * text.get_fontsize() / 72 * text.figure.dpi
    turned = text.get_rotation() in (90.0, 270.0)
    return box.padded(-room if turned else -0.3, -0.3 if turned else -room)


def _shown(artist: Artist) -> Iterator[Text]:
    """The texts of an artist and of its parts, without those of a scale that is off and of ticks beyond the scale."""
    if isinstance(artist, Text):
        yield artist
    for part in artist.get_children():
        if isinstance(part, Axis):
            yield from _of_scale(part)
        else:
            yield from _shown(part)


def _of_scale(axis: Axis) -> Iterator[Text]:
    if axis.axes.axison:
        low, high = sorted(axis.get_view_interval())
        yield from (axis.label, axis.offsetText)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            if low <= tick.get_loc() <= high:
                yield from (tick.label1, tick.label2)


def _is_mark(artist: Artist) -> bool:
    return isinstance(artist, Patch | Line2D) and artist.get_zorder() >= GROUND and artist.axes is not None


def _overlapping(some: list[Bbox], others: list[Bbox]) -> np.ndarray:
    """Pairs of places, in the one list and the other, whose boxes meet."""
    a, b = (np.array([box.extents for box in boxes]).reshape(-1, 4) for boxes in (some, others))
    meet = (a[:, None, :2] < b[None, :, 2:]) & (b[None, :, :2] < a[:, None, 2:])
    return np.argwhere(meet.all(axis=2))
