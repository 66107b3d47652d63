"""Read a text file that a person wrote: what it is, how it is encoded, and what no text should hold.

Nothing but a regular file is ever opened, so that a pipe or a device cannot hang the run.
"""

from __future__ import annotations

import re
import stat
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from reanalysis.problems import Problem

LARGEST = 20_000_000  # bytes; the tables of a large review have a twentieth of that
SAVE = "Save the file as UTF-8 (in Excel: CSV UTF-8)."
KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"PK\x03\x04": "a workbook or an archive (such as .xlsx)",
    b"\xd0\xcf\x11\xe0": "an old workbook (.xls)",
}
# Line ends and tabs have messages of their own. Persian and Indic words need the two joiners.
UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters
    "\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # invisible, or turning the text
    "\ud800-\udfff\ufdd0-\ufdef\ufffd-\uffff\U000e0000-\U000e0fff]"  # no characters, tags, the mark of a lost letter
    "|(?<![\u0600-\u1fff])[\u200c\u200d]"
)
NAMES = {"\ufffd": "the mark of a letter that was lost", **{chr(code): "no character" for code in (0xFFFE, 0xFFFF)}}


def read_text(path: Path, name: str, largest: float = LARGEST) -> tuple[str, Problem | None]:
    """The text of a file, without a byte order mark, or the problem that keeps it from being read.

    `name` is what messages call the file; `largest` is the size in bytes beyond which it is not read.
    """
    try:
        state = path.stat()
    except FileNotFoundError:
        if path.is_symlink():
            return "", Problem(name, 0, "", "", "a link to a file that does not exist", "Put the file in its place.")
        return "", Problem(name, 0, "", "", "the file is missing", "Create it as docs/codebook.md describes it.")
    except OSError as error:
        return "", _refused(name, error)
    if not stat.S_ISREG(state.st_mode):
        kind = next((word for is_one, word in KINDS if is_one(state.st_mode)), "something else")
        return "", Problem(name, 0, "", "", f"{kind} in the place of a file", "Put the file in its place.")
    if state.st_size > largest:
        size = f"{state.st_size / 1e6:,.0f} MB"
        fix = f"A table has at most {largest / 1e6:.0f} MB: remove what does not belong to it."
        return "", Problem(name, 0, "", size, "too large for a table that people wrote", fix)
    try:
        data = path.read_bytes()
    except OSError as error:
        return "", _refused(name, error)
    return _decoded(data, name)


def unseen(text: str) -> Iterator[tuple[int, str]]:
    """Characters that no cell should hold, as position (from 1) and what they are."""
    for found in UNSEEN.finditer(text):
        yield found.start() + 1, character(found[0])


def character(sign: str) -> str:
    """A character by its code point and name."""
    name = NAMES.get(sign) or unicodedata.name(sign, "a control character")
    return f"U+{ord(sign):04X} ({name})"


def _refused(name: str, error: OSError) -> Problem:
    fix = "Check the name of the file and whether you may read it."
    return Problem(name, 0, "", "", f"cannot be read: {error.strerror}", fix)


def _decoded(data: bytes, name: str) -> tuple[str, Problem | None]:
    marked = next((kind for mark, kind in MARKS.items() if data.startswith(mark)), None)
    if found := marked or _without_mark(data):
        return "", Problem(name, 0, "", "", f"the file is {found}, not text in UTF-8", SAVE)
    try:
        return data.decode("utf-8").removeprefix("\ufeff"), None
    except UnicodeDecodeError as error:
        at = error.start
        line = len(re.findall(rb"\r\n|\r|\n", data[:at])) + 1
        message = f"not UTF-8, but {_guess(data, at)}"
        return "", Problem(name, line, "", f"byte {data[at]:02x}", message, SAVE)


def _without_mark(data: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of Western text is zero."""
    head = data[:400]
    zeros = max(head[0::2].count(0), head[1::2].count(0))
    return "UTF-16" if len(head) > 3 and zeros > len(head) / 4 else None


def _guess(data: bytes, at: int) -> str:
    """The likeliest of the old encodings, with the text around the place as it would then read."""
    mac = re.search(rb"[\x80\x85\x8a\x8e\x9a\x9f]", data) and not re.search(rb"[\xc0-\xff]", data)
    encoding, name = ("mac_roman", "Mac Roman") if mac else ("cp1252", "Latin-1 (Windows-1252)")
    before, after = data[max(0, at - 12) : at], data[at : at + 8]
    text = re.split(rb"[\r\n]", before)[-1] + re.split(rb"[\r\n]", after)[0]
    return f"probably {name}: {text.decode(encoding, errors='replace').strip()!r}"
