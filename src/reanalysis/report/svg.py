"""Put a figure of the pipeline into the page: small, and with marks that can be reached.

Ids become unique; styles become attributes, so that a strict content security policy holds and dark mode can recolour
them. The fonts that a figure carries are handed on, since a page needs each of them once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from reanalysis.fonts import FAMILIES
from reanalysis.problems import BadInput, Problem
from reanalysis.results.table import MADE_AGAIN

MARK = "--"  # occurs in no id that matplotlib makes up: such an id must be known
ROW = 11.4  # points: height of a row of a forest plot, the area that can be clicked
REACH = 6.0  # points around a mark of other figures that can be clicked
# Colours that read well on both papers, or that style.css exchanges in the dark. A figure with others stays on white.
ADAPTED = frozenset(
    ("#1b1b1b", "#6b6b6b", "#ffffff", "#f3f5f7", "#0072b2", "#d55e00", "#009e73")
    + ("#56b4e9", "#e69f00", "#999999", "#c9c9c9", "#e6e6e6", "#efefef", "#dfdfdf", "#cfcfcf", "#bfbfbf", "none", "")
)
DROPPED = {"metadata", "style", "title"}
SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_AXIS = re.compile(r"axis_(\w+)_(-?[\d.]+)_(-?[\d.]+)")  # id of an axis: its metric, and the values at its ends
_COORDINATES = re.compile(r"(-?[\d.]+)\s+(-?[\d.]+)")
_UPRIGHT = re.compile(r"rotate\(-?0 .*\)")


@dataclass(frozen=True)
class Mark:
    """What a mark stands for: the key of its row in the page's data, and its result in words."""

    key: str
    words: str


@dataclass(frozen=True)
class Inlined:
    """A figure as it goes into the page, the rules that declare its fonts, and the keys of its marks.

    `adapts`: all its colours may change in the dark.
    """

    svg: str
    fonts: list[str]
    keys: list[str]
    adapts: bool


class UnknownMark(ValueError):
    """A mark of a figure that no table knows: the figure and its table are not of one run."""


def inline(
    path: Path,
    name: str,
    words: str,
    find: Callable[[str], Mark | None],
    *,
    rows: bool,
) -> Inlined:
    """The figure for the page.

    Parameters
    ----------
    path : SVG as matplotlib wrote it.
    name : prefix of all ids, unique in the page.
    words : the result of the figure in words.
    find : gives the mark of an id, or None where no table knows it.
    rows : whether marks stand in rows of text, which then can be clicked as a whole.

    Raises UnknownMark on a mark that no table knows, and BadInput where the file is not as it was drawn.
    """
    try:
        root = ET.parse(path).getroot()
    except ET.ParseError as error:
        raise BadInput([Problem(str(path), error.position[0], "", "", f"no SVG: {error}", MADE_AGAIN)]) from None
    x, y, width, height = map(float, root.get("viewBox").split())
    work = _Work(name, find, rows, width, set(_references(root)), _whole_page(root, width, height))
    svg = ET.Element(
        "svg",
        {
            "class": "drawing",
            "viewBox": f"{x:g} {y:g} {_short(width)} {_short(height)}",
            "role": "group",
            "aria-label": words,
            "font-family": ", ".join(f"'{name}'" for name in (*FAMILIES, "DejaVu Sans", "Verdana")) + ", sans-serif",
            "stroke-linejoin": "round",
        },
    )
    for child in root:
        work.add(svg, child)
    for metric, ends in work.axes.items():
        svg.set(f"data-axis-{metric.lower()}", ends)
    if rows:  # from top to bottom, so that the keyboard meets the marks in the order of reading
        marks = sorted((node for node in svg if node.get("data-mark")), key=lambda mark: float(mark[0].get("y")))
        for mark in marks:
            svg.remove(mark)
        svg.extend(marks)
    if first := svg.find(".//*[@data-mark]"):  # one stop of the keyboard: the arrow keys lead on from there
        first.set("tabindex", "0")
    paints = {node.get(name, "") for node in svg.iter() for name in ("fill", "stroke")}
    adapts = all(paint in ADAPTED or paint.startswith("url(") for paint in paints)
    return Inlined(ET.tostring(svg, encoding="unicode"), list(_fonts(root)), work.keys, adapts)


@dataclass
class _Work:
    """One figure on its way into the page."""

    name: str
    find: Callable[[str], Mark | None]
    rows: bool
    width: float
    referenced: set[str]
    whole: set[str]
    keys: list[str] = field(default_factory=list)
    axes: dict[str, str] = field(default_factory=dict)  # by metric: their ends, as values and in points

    def add(self, parent: ET.Element, node: ET.Element) -> None:
        """Append the converted node to its new parent; a group without a meaning gives way to its children."""
        if _tag(node) in DROPPED:
            return
        name = node.get("id", "")
        if ends := _AXIS.fullmatch(name):
            xs = [_short(x) for x, _ in _points(node)]
            self.axes[ends[1]] = f"{ends[2]} {ends[3]} {xs[0]} {xs[-1]}"
        attributes = _lean(self.attributes(node)) if _tag(node) == "text" else self.attributes(node)
        if _tag(node) == "defs" and not node.findall("*[@id]"):
            return
        new = parent if _tag(node) == "g" and not attributes else ET.SubElement(parent, _tag(node), attributes)
        if _tag(node) == "text":
            new.text = node.text
        if key := attributes.get("data-mark"):
            new.append(self.hit_area(node))
            self.keys.append(key)
        for child in node:
            self.add(new, child)

    def attributes(self, node: ET.Element) -> dict[str, str]:
        result = {}
        for name, value in node.attrib.items():
            match name:
                case "id" if mark := self.find(value):
                    result |= {"data-mark": mark.key, "tabindex": "-1", "role": "button", "aria-label": mark.words}
                case "id" if MARK in value:
                    raise UnknownMark(f"{self.name}: no table knows the mark `{value}`")
                case "id" if value in self.referenced:
                    result["id"] = f"{self.name}-{value}"
                case "id":
                    pass
                case "style":
                    result |= {key.strip(): self.own(value.strip()) for key, _, value in _declarations(value)}
                case "d" | "points":
                    result[name] = _rounded(value)
                case "clip-path" if value in self.whole:
                    pass
                case _ if name == XLINK:
                    result["href"] = f"#{self.name}-{value[1:]}"
                case _:
                    result[name] = self.own(value)
        return result

    def own(self, value: str) -> str:
        """A value whose references point to the ids of this figure."""
        return _REFERENCE.sub(rf"url(#{self.name}-\1)", value)

    def hit_area(self, node: ET.Element) -> ET.Element:
        """What can be clicked or shows the focus: the row of the mark, or a little more than the mark itself."""
        points = list(_points(node))
        left, right = min(x for x, _ in points), max(x for x, _ in points)
        top, bottom = min(y for _, y in points), max(y for _, y in points)
        middle = (top + bottom) / 2
        if self.rows:
            left, right, top, bottom = 6.0, self.width - 6.0, middle - ROW / 2, middle + ROW / 2
        else:
            left, right, top, bottom = left - REACH, right + REACH, top - REACH, bottom + REACH
        box = {"x": left, "y": top, "width": right - left, "height": bottom - top}
        return ET.Element("rect", {"class": "hit", **{key: _short(value) for key, value in box.items()}})


def _whole_page(root: ET.Element, width: float, height: float) -> set[str]:
    """Clip paths as large as the page, which clip nothing."""
    return {
        f"url(#{clip.get('id')})"
        for clip in root.iter(f"{SVG}clipPath")
        for box in clip
        if float(box.get("width", 0)) >= width and float(box.get("height", 0)) >= height
    }


def _points(node: ET.Element) -> Iterator[tuple[float, float]]:
    """Points of what is drawn in a group; the shape of a marker is drawn where it is used, not where it is defined."""
    for child in node:
        match _tag(child):
            case "path":
                yield from ((float(x), float(y)) for x, y in _COORDINATES.findall(child.get("d")))
            case "use":
                yield float(child.get("x", 0)), float(child.get("y", 0))
            case "g":
                yield from _points(child)


def _lean(text: dict[str, str]) -> dict[str, str]:
    """Attributes of a text without its family, which is that of the drawing, and without what is so by itself."""
    return {
        name: _rounded(value.removesuffix("px"))
        for name, value in text.items()
        if name != "font-family" and (name, value) != ("text-anchor", "start") and not _UPRIGHT.fullmatch(value)
    }


def _fonts(root: ET.Element) -> Iterator[str]:
    """The rules that declare the fonts of a figure, each on a line of its style."""
    for style in root.iter(f"{SVG}style"):
        yield from (line for line in style.text.splitlines() if line.startswith("@font-face"))


def _references(root: ET.Element) -> Iterator[str]:
    for node in root.iter():
        for name, value in node.attrib.items():
            if name == XLINK:
                yield value[1:]
            yield from _REFERENCE.findall(value)


def _declarations(style: str) -> list[tuple[str, str, str]]:
    return [part.partition(":") for part in style.split(";") if part.strip()]


def _tag(node: ET.Element) -> str:
    return node.tag.rpartition("}")[2]


def _rounded(value: str) -> str:
    """Coordinates to hundredths of a point, on one line."""
    return " ".join(_NUMBER.sub(lambda match: _short(float(match[0])), value).split())


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
