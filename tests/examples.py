"""The examples of a document: run them as a reader would, and compare or rewrite the output printed below them.

A block of Python is followed by a block of text, its output, unless it prints nothing. Every section (`##`) runs on its
own, from its first block to its last, in the folder of the project. `python -m tests.examples docs/engine.md` writes
what the examples print today into the document.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^```python\n(?P<code>.*?)^```\n(?:\n```text\n(?P<output>.*?)^```\n)?", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    """A block of Python with the output that stands below it; `earlier` blocks of its section run before it."""

    section: str
    line: int
    earlier: tuple[str, ...]
    code: str
    output: str
    end: tuple[int, int]


def examples(document: Path) -> Iterator[Example]:
    """The examples of a document, in order."""
    text = document.read_text(encoding="utf-8")
    section, earlier = "", ()
    for match in BLOCK.finditer(text):
        headings = re.findall(r"^## (.*)$", text[: match.start()], re.MULTILINE)
        if headings and headings[-1] != section:
            section, earlier = headings[-1], ()
        line = text[: match.start()].count("\n") + 2
        yield Example(section, line, earlier, match["code"], match["output"] or "", match.span())
        earlier += (match["code"],)


def run(example: Example) -> str:
    """What the example prints after the earlier blocks of its section."""
    namespace: dict = {}
    with contextlib.chdir(ROOT), contextlib.redirect_stdout(io.StringIO()):
        for code in example.earlier:
            exec(code, namespace)
    printed = io.StringIO()
    with contextlib.chdir(ROOT), contextlib.redirect_stdout(printed):
        exec(compile("\n" * (example.line - 1) + example.code, "example", "exec"), namespace)
    return printed.getvalue()


def rewrite(document: Path) -> None:
    """Put what the examples print today below them."""
    text = document.read_text(encoding="utf-8")
    for example in reversed(list(examples(document))):
        output = run(example)
        below = f"\n```text\n{output}```\n" if output else ""
        start, end = example.end
        text = f"{text[:start]}```python\n{example.code}```\n{below}{text[end:]}"
    document.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        rewrite(Path(name))
        print(os.path.relpath(name))
