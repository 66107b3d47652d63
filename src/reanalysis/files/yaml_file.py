"""Read a YAML file that a person wrote, as plain data with the line of every key, or say what is wrong and where.

Only what settings and lists need is allowed: mappings, lists and scalars. Tags, anchors and aliases are refused,
because they run code or grow without bound in some readers; repeated keys, because one would be lost in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from ruamel.yaml.nodes import ScalarNode

from reanalysis.files.text_file import read_text, unseen
from reanalysis.problems import Problem

DEEPEST = 10  # levels; the files of this project have four
LARGEST = 500_000  # characters, read in a few seconds
KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class YamlFile:
    """Plain data (None where the file is empty or cannot be read), the line of each key path, and what is wrong."""

    name: str
    data: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def line(self, path: KeyPath) -> int:
        """Line of a key path such as `("models", "rho")` or `(0, "target")`; of what holds it where it is missing."""
        return line_of(self.lines, path)


def line_of(lines: dict[KeyPath, int], path: KeyPath) -> int:
    """Line of a key path, or of what holds it where it is missing; 0 of the file as a whole."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 0)


def read_yaml(path: Path, name: str, *, as_text: bool = False) -> YamlFile:
    """Read a YAML 1.2 file; never raises for its content.

    Scalars become None, bool, int, float or text; with `as_text`, every scalar stays the text that was written, and an
    empty one is `""`. A repeated key keeps its first value and is a problem.
    """
    text, problem = read_text(path, name)
    return YamlFile(name, problems=(problem,)) if problem else yaml_of(text, name, as_text=as_text)


@lru_cache(maxsize=8)
def yaml_of(text: str, name: str, *, as_text: bool = False) -> YamlFile:
    """The same for the text of a file; a text that did not change is read once."""
    problem = _unfit(text, name)
    return YamlFile(name, problems=(problem,)) if problem else _Reading(name, text, as_text).file()


class _Refused(Exception):
    """What ends the reading, with its line."""

    def __init__(self, line: int, message: str, fix: str):
        self.line, self.message, self.fix = line, message, fix


class _Reading:
    """One pass over the events of a file; nothing is built from what is refused."""

    def __init__(self, name: str, text: str, as_text: bool):
        self.name, self.text, self.as_text = name, text, as_text
        self.yaml = YAML(typ="safe", pure=True)
        self.lines: dict[KeyPath, int] = {}
        self.problems: list[Problem] = []

    def file(self) -> YamlFile:
        try:
            data = self._document(self._allowed())
        except _Refused as error:
            self.problems.append(Problem(self.name, error.line, "", "", error.message, error.fix))
            data = None
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 0
            self.problems.append(Problem(self.name, line, "", "", *_in_words(error, self.text)))
            data = None
        except YAMLError as error:
            message = f"no YAML: {error}".splitlines()[0]
            self.problems.append(Problem(self.name, 0, "", "", message, "See the form of the file at its head."))
            data = None
        return YamlFile(self.name, data, self.lines, tuple(self.problems))

    def _allowed(self) -> Iterator[Event]:
        """The events of the file, as far as they are allowed."""
        depth = documents = 0
        for event in self.yaml.parse(self.text):
            line = event.start_mark.line + 1
            documents += isinstance(event, DocumentStartEvent)
            if documents > 1:
                raise _Refused(line, "a second document", "Remove the line `---`.")
            if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
                mark = "*" if isinstance(event, AliasEvent) else "&"
                fix = f"Write the value out, or put the text in quotes if it begins with `{mark}`."
                raise _Refused(line, f"a reference ({mark}{event.anchor})", fix)
            if getattr(event, "tag", None):
                fix = "Write the value alone, or put the text in quotes if it begins with `!`."
                raise _Refused(line, f"a tag ({event.tag})", fix)
            depth += isinstance(event, (MappingStartEvent, SequenceStartEvent))
            depth -= isinstance(event, (MappingEndEvent, SequenceEndEvent))
            if depth > DEEPEST:
                raise _Refused(line, f"more than {DEEPEST} levels", "See the form of the file at its head.")
            yield event

    def _document(self, events: Iterator[Event]) -> Any:
        for event in events:
            if isinstance(event, StreamEndEvent):
                return None
            if isinstance(event, (ScalarEvent, MappingStartEvent, SequenceStartEvent)):
                data = self._value(event, events, ())
                for _ in events:  # to the end: what stands behind the data may be refused
                    pass
                return data
        return None

    def _value(self, event: Event, events: Iterator[Event], path: KeyPath) -> Any:
        self.lines.setdefault(path, event.start_mark.line + 1)
        if isinstance(event, MappingStartEvent):
            return self._mapping(events, path)
        if isinstance(event, SequenceStartEvent):
            rows: list[Any] = []
            while not isinstance(event := next(events), SequenceEndEvent):
                rows.append(self._value(event, events, (*path, len(rows))))
            return rows
        return self._scalar(event)

    def _mapping(self, events: Iterator[Event], path: KeyPath) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(key := next(events), MappingEndEvent):
            line = key.start_mark.line + 1
            if not isinstance(key, ScalarEvent):
                raise _Refused(line, "a key that is no text", "Write `key: value`, the key on one line.")
            name, repeated = key.value, key.value in values
            if repeated:
                message = f"the key stands already at line {self.lines[*path, name]}"
                self.problems.append(Problem(self.name, line, _dotted((*path, name)), "", message, "Keep one of them."))
            else:
                self.lines[*path, name] = line
            value = self._value(next(events), events, (*path, name))
            if not repeated:
                values[name] = value
        return values

    def _scalar(self, event: ScalarEvent) -> Any:
        line = event.start_mark.line + 1
        for _, sign in unseen(event.value):  # written as an escape, such as "\u200b"
            raise _Refused(line, f"holds {sign}", "Delete it.")
        if self.as_text:
            return event.value
        tag = self.yaml.resolver.resolve(ScalarNode, event.value, event.implicit)
        kind = str(tag).rpartition(":")[2]
        if kind not in ("null", "bool", "int", "float"):
            return event.value
        try:
            return self.yaml.constructor.construct_object(ScalarNode(tag, event.value))
        except ValueError:
            raise _Refused(line, f"not a number that can be read: {event.value[:40]}", "Correct it.") from None


FAULTS = {
    "found character '\\t'": ("a tab", "Indent with spaces."),
    "could not find expected ':'": ("a key without a colon", "Write `key: value`, with a space after the colon."),
    "unexpected end of stream": ("a quotation mark that is not closed", "Close it, or write the text without it."),
    "expected ',' or ']'": ("a list that is not closed", "Write it as [a, b], with commas and both brackets."),
}
"""What is wrong and what to do, by what the parser says."""


def _in_words(error: MarkedYAMLError, text: str) -> tuple[str, str]:
    """What is wrong and what to do, in plain words for the faults that are common in files typed by hand."""
    problem, mark = error.problem or "", error.problem_mark
    before = text[mark.index - mark.column : mark.index] if mark else ""  # in the same line
    no_colon_here = problem.startswith("mapping values are not allowed here")
    if no_colon_here and re.search(r":\s", before):
        return "a text that holds a colon followed by a space", 'Put the text in quotes: `key: "Text: more text"`.'
    if no_colon_here or (problem.startswith("expected <block end>") and not before.strip()):
        message = "the indentation of this line does not fit the lines around it"
        fix = "Begin it in the column of the lines it belongs with. The line above may lack a space after its colon."
        return message, fix
    for signs, said in FAULTS.items():
        if signs in problem:
            return said
    message = " ".join(filter(None, (error.context, problem)))
    return f"no YAML: {message}", "Check the indentation, the quotes and the space after each colon."


def _unfit(text: str, name: str) -> Problem | None:
    if len(text) > LARGEST:
        return Problem(name, 0, "", f"{len(text):,} characters", "too long", f"At most {LARGEST:,} are read.")
    for at, sign in unseen(text):
        line = text.count("\n", 0, at - 1) + 1
        return Problem(name, line, "", "", f"holds {sign}", "Delete it, or type the text anew.")
    return None


def _dotted(path: KeyPath) -> str:
    return ".".join(map(str, path))
