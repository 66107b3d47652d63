"""The lines and cells of a CSV that a person or another program wrote, whatever stands between and behind them."""

from __future__ import annotations

import csv
import io
import re
import sys

from reanalysis.problems import Problem

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # what is too long is said with its place, not raised


def one_kind_of_line_end(text: str, name: str) -> tuple[str, list[Problem]]:
    """The text with line feeds alone; a carriage return in a line that ends otherwise is a problem."""
    text = text.replace("\r\n", "\n")
    if "\n" not in text:
        return text.replace("\r", "\n"), []
    fix = "It was pasted with the text: delete it."
    lines = [text.count("\n", 0, found.start()) + 1 for found in re.finditer("\r", text)]
    problems = [Problem(name, line, "", "", "a carriage return (U+000D) inside the line", fix) for line in lines]
    return text.replace("\r", " "), problems


def lines_of(text: str, name: str) -> tuple[list[tuple[int, list[str]]], list[Problem]]:
    """The lines that hold anything, with their numbers; and the problems of quotes, after which no row is certain."""
    delimiter, skipped = delimiter_of(text)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    lines, torn = [], []
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return lines, torn
        except csv.Error as error:
            if "end of data" in str(error) or reader.line_num > start:
                message = "a quotation mark that is opened in this line is not closed in it"
            else:
                message = "text behind a closing quotation mark"
            fix = 'A cell stands in quotes as a whole; a quotation mark in it is written twice: "the ""new"" scale".'
            torn.append(Problem(name, start, "", "", message, fix))
            continue
        if start > skipped and any(cell.strip() for cell in cells):
            lines.append((start, [*map(sys.intern, cells)]))  # most words come again in other rows and files


def delimiter_of(text: str) -> tuple[str, int]:
    """What stands between the cells, by the first line; and the number of lines above the header."""
    first = text.partition("\n")[0]
    if declared := re.fullmatch(r'"?sep=(.)"?[,;\t]*', first, re.IGNORECASE):  # Excel's own
        return declared[1], 1
    return max(",;\t", key=first.count), 0


def used(cells: list[str]) -> int:
    """Number of cells up to the last that holds anything."""
    return max((index for index, cell in enumerate(cells, start=1) if cell.strip()), default=0)
