"""Damage to the input of a review, as people, spreadsheets, file systems and attackers do it; the same for each seed.

A damage is a function of the folder of a review and a random number generator. It changes files below `config/` and
`data/raw/`, and returns the names of these as messages call them. `place` says how well the problems that are found
name what was damaged.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

from reanalysis.problems import Problem
from tests.project import read_csv, write_csv

Damage = Callable[[Path, Random], list[str]]
CONFIG = "config/config.yaml"
YAML = (CONFIG, "corrections.yaml", "review.yaml")

WORDS = """
- -- . .. ? * @ = =1+1 +1|2 ' " ; ;; , ,, \\ / // # #REF! <0.001 ≤.05 >3 p=.03 −0.4 –1 1_000 ٥.٥
１２ 1e308 -1e308 1e-300 1e999 1e-999 0 -0 0.0 00 1. .5 NaN nan inf -inf Infinity NA n/a None null ~
true yes no 0x1F 1e5 12,5 1.2.3 Mar-05 5-mar 2024-13-45 05.03.2024 1/2 50% 12pg/ml a b c x;y x; ;x
primary secondary a--b -a a- Ä ß 王 ש שלום محمد 😀 $$ $x^{2$ %s {0} {domain} ${HOME} <b> &amp; ]]>
!!int *a &a | > %YAML --- ... [ ] { } [[ ]] {{ }} oxt_vs_placebo_bpd group_1_higher positive means p
significance reported not_visible 10.1/x C001 F999 early-stress/bpd_vs_control/oxt-level */*/*
"""
UNSEEN = "\ufeff\u200b\u202e\u2028\ufffd\ufffe\x00\x07\x0b\x0c\x1b\x7f\t\n\r\xa0"
LONG = ["9" * 400, "x" * 300, "a" * 5000, "a" * 140_000, '"' * 7]
NASTY = [*WORDS.split(), *UNSEEN, *LONG, "", " ", "a\nb", "a\rb", " a ", "a,b", 'a"b', "1 000", "1\u2009000"]


def _texts(lines: str) -> list[str]:
    return lines.strip().replace("\n", " ¦ ").split(" ¦ ")


def _words(text: str) -> list[str]:
    return text.split()


TEXTS = _texts(r"""
cost $5 and $6 ¦ $x^{2$ ¦ 100 $\nope$ ¦ \frac{1}{2} ¦ a_b^c ¦ <script>alert(1)</script> ¦ <b>bold ¦ &lt; ¦ ]]> ¦ ${HOME}
--><svg onload=x> ¦ javascript:x ¦ " onmouseover="x ¦ {{ 7*7 }} ¦ {% raw %} ¦ {0} ¦ %(x)s ¦ محمد ٥ ¦ שלום (a) ¦ 王小明
Ĳsselmeer ¦ ﬁne ¦ - ¦ ... ¦ ' ¦ " ¦ None ¦ nan ¦ 0 ¦ \ ¦ \n ¦ a|b ¦ a; b ¦ ; ¦ # ¦ @x ¦ =HYPERLINK(1) ¦ =1+1 ¦ — ¦ 1e999
+1+cmd|' /C calc'!A0 ¦ -2+3+cmd|x!A ¦ ＝1+1 ¦ x;=1+1 ¦ x; @SUM(1) ¦ p < .05 ¦ [a](b) ¦ **a** ¦ ~a~ ¦ $$ ¦ a$b$c$ ¦ 😀
""")
TEXTS += ["a\u202eb", "e\u0301\u0301", "A" * 400, "word " * 300, "W" * 3000, "\t=1"]
NUMBERS = _words("""
0 -0 1 2 3 -1 0.0000001 1e-10 1e-12 1e-300 1e9 1e10 1e12 1e300 1e999 NaN inf -inf 1e-310 99999999999 0.1e1 .5 5. ٥.٥
1.0000000000000000000001 １２ 1_0 1,5 −0.4 0x1F 1e5 +7 1E2 0.5.5 1/2 50% 2.0 2.5 1000 0.999999999 0.05 0.001 38 160
-38 -160 1e160 1e-160 100000000 4 5
""")
NUMBERS += ["9" * 40, "9" * 400, "1 000"]
NAMES = _words("""
../../x ../victim /tmp/reanalysis-victim a/b .. . ~ con nul index none all nan true 0 1 csv a.b_c-d A ä соn -x x- a{b}
a$b a'b a"b a;b a|b * ? __main__ a%20b ａ =x ١ main summary overview models
""")
NAMES += ["x" * 60, "x" * 61, "y" * 100, "z" * 101, "w" * 300, "a b", "a\tb", "a\u200b"]
SCALARS = _texts(r"""
2024-13-45 ¦ 2026-02-30 ¦ 0x1F ¦ 0o17 ¦ 1e400 ¦ -1e400 ¦ .inf ¦ -.Inf ¦ .nan ¦ -0 ¦ 1_000 ¦ 1e-320 ¦ yes ¦ ~ ¦ null ¦ []
{} ¦ [[1]] ¦ {a: {b: 1}} ¦ "$x^{2$" ¦ ' ¦ " ¦ "\x00" ¦ "\ud800" ¦ !!int x ¦ !!python/object/apply:os.system [id] ¦ !x y
*a ¦ &a b ¦ | ¦ > ¦ @x ¦ `x` ¦ %x ¦ 12:30:45 ¦ =HYPERLINK(1) ¦ ٥.٥ ¦ １２ ¦ -1 ¦ 0 ¦ 2 ¦ 1e300 ¦ <b> ¦ {{ 7*7 }}
- a ¦ ? a ¦ [a ¦ {a ¦ true ¦ REML ¦ svg ¦ [svg, svg] ¦ [png] ¦ \ ¦ "a\nb" ¦ '*/*/*' ¦ [1, 2, 3] ¦ [REML, REML] ¦ [0.05]
0.5 ¦ 1 ¦ 100000 ¦ 999999999 ¦ 0.9999 ¦ 0.0001 ¦ ML ¦ 400 ¦ a: b: c
""")
SCALARS += ["", "9" * 400, "0." + "3" * 400, "x" * 100_000, "\t", "\x07", "\u200b"]
DOCUMENTS = {
    "laughs": "a: &a [lol, lol]\n" + "".join(f"{b}: &{b} [{', '.join(f'*{a}' for _ in range(9))}]\n"
                                             for a, b in zip("abcdefghi", "bcdefghij", strict=True)),
    "recursive": "&a [*a]\n",
    "recursive mapping": "&a {x: *a}\n",
    "merge": "a: &a {x: 1}\nb: {<<: *a}\n",
    "deep list": "[" * 3000,
    "deep list, closed": "[" * 500 + "]" * 500,
    "deep mapping": "".join(f"{' ' * depth}a:\n" for depth in range(1500)),
    "python tag": '!!python/object/apply:os.system ["touch pwned"]\n',
    "binary tag": "!!binary aGVsbG8=\n",
    "set": "!!set {a, b}\n",
    "empty": "",
    "blank": "\n\n  \n",
    "comment": "# nothing\n",
    "scalar": "42\n",
    "text": "nothing but a text\n",
    "null": "null\n",
    "list": "- a\n- b\n",
    "list of lists": "- [a, b]\n- - c\n",
    "two documents": "a: 1\n---\nb: 2\n",
    "end and more": "a: 1\n...\nb: 2\n",
    "old version": "%YAML 1.1\n---\na: yes\n",
    "unknown directive": "%FOO bar\n---\na: 1\n",
    "complex key": "? [a, b]\n: 1\n",
    "empty key": ": 1\n",
    "null key": "~: 1\n",
    "number as key": "1: a\n2: b\n",
    "yte": "__use_yte__: true\n__definitions__:\n  - open('pwned', 'w')\nx: ?open('pwned', 'w').write('x')\n",
    "tab": "a:\n\tb: 1\n",
    "quote": 'a: "never closed\nb: 2\n',
    "json": '{"effects": {"alpha": 0.05}}',
    "long line": "a: " + "b" * 400_000,
    "many keys": "".join(f"k{i}: {i}\n" for i in range(20_000)),
    "huge": "a: b\n" * 200_000,
    "toml": "[effects]\nalpha = 0.05\n",
    "html": "<html><body>404</body></html>",
    "merge conflict": "<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> theirs\n",
}  # fmt: skip


# ---------------------------------------------------------------- files


def path_of(review: Path, name: str) -> Path:
    """A file of the input by the name that messages give it."""
    return review / name if name == CONFIG else review / "data/raw" / name


def tables(review: Path) -> list[str]:
    """All tables, those of findings as often as all others together."""
    raw = review / "data/raw"
    own = sorted(path.name for path in raw.glob("*.csv"))
    found = sorted(f"findings/{path.name}" for path in (raw / "findings").glob("*.csv"))
    return own + found * (len(own) // max(1, len(found))) if len(found) < len(own) else own + found


def _table(review: Path, rng: Random) -> tuple[str, Path]:
    name = rng.choice(tables(review))
    return name, path_of(review, name)


def _any_file(review: Path, rng: Random) -> tuple[str, Path]:
    there = [name for name in YAML if path_of(review, name).exists()]
    name = rng.choice([*tables(review), *there * 2])
    return name, path_of(review, name)


def _yaml(review: Path, rng: Random) -> tuple[str, Path]:
    name = rng.choice(YAML)
    return name, path_of(review, name)


def _rows(path: Path) -> tuple[list[str], list[list[str]]]:
    columns, records = read_csv(path)
    return columns, [[record[column] or "" for column in columns] for record in records]


def _write(path: Path, rows: list[list[str]], delimiter: str = ",", end: str = "\n") -> None:
    quoted = (['"' + cell.replace('"', '""') + '"' for cell in row] for row in rows)
    path.write_bytes(end.join(delimiter.join(row) for row in quoted).encode("utf-8", errors="surrogatepass"))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="surrogateescape") if path.exists() else ""


def _write_text(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", errors="surrogateescape"))


# ---------------------------------------------------------------- cells


def cells(review: Path, rng: Random) -> list[str]:
    """Nasty content in some cells."""
    return _fill(review, rng, NASTY, lambda cell: True, rng.choice([1, 1, 2, 5, 40]))


def numbers(review: Path, rng: Random) -> list[str]:
    """Other numbers in cells that hold one: impossible, implausible, or written in another script."""
    return _fill(
        review, rng, NUMBERS, lambda cell: re.fullmatch(r"[+-]?[\d.]+(e[+-]?\d+)?", cell), rng.choice([1, 1, 2])
    )


def slips(review: Path, rng: Random) -> list[str]:
    """Slips of a pen: a digit or the point elsewhere, the sign turned, two cells exchanged."""
    name, path = _table(review, rng)
    columns, rows = _rows(path)
    places = [(row, at) for row in rows for at, cell in enumerate(row) if re.fullmatch(r"-?\d+(\.\d+)?", cell)]
    for row, at in rng.sample(places, min(len(places), rng.choice([1, 1, 3]))):
        value = row[at]
        row[at] = rng.choice(
            [
                f"{float(value) / 100:g}",
                f"{float(value) * 100:g}",
                f"-{value}",
                value[::-1],
                value + value[-1],
                value[:1],
            ]
        )
    _write(path, [columns, *rows])
    return [name]


def texts(review: Path, rng: Random) -> list[str]:
    """Texts that a figure, a page or a spreadsheet could take for something else, in cells that hold text."""
    return _fill(
        review, rng, TEXTS, lambda cell: " " in cell or not re.search(r"[\d_-]", cell), rng.choice([1, 2, 5, 20])
    )


def long_cells(review: Path, rng: Random) -> list[str]:
    """Cells of a thousand to three million characters."""
    sign = rng.choice("a9 ;-,$é")
    long = [sign * rng.choice([1000, 32_000, 40_000, 140_000, 1_000_000, 3_000_000]), "long words " * 2900]
    return _fill(review, rng, long, lambda cell: True, 1)


def _fill(review: Path, rng: Random, contents: list[str], fits: Callable, number: int) -> list[str]:
    name, path = _table(review, rng)
    columns, rows = _rows(path)
    filled = [(row, at) for row in rows for at, cell in enumerate(row) if cell and fits(cell)]
    places = filled or [(row, at) for row in rows for at in range(len(columns))]
    for row, at in rng.sample(places, min(len(places), number)):
        row[at] = rng.choice(contents)
    _write(path, [columns, *rows])
    return [name]


def whole_column(review: Path, rng: Random) -> list[str]:
    """The same content in all cells of a column."""
    name, path = _table(review, rng)
    columns, records = read_csv(path)
    column, content = rng.choice(columns), rng.choice([*NASTY, *NUMBERS, *TEXTS])
    write_csv(path, columns, [record | {column: content} for record in records])
    return [name]


# ---------------------------------------------------------------- rows and columns


def header(review: Path, rng: Random) -> list[str]:
    """A name of a column that is misspelt, doubled, empty or nasty."""
    name, path = _table(review, rng)
    columns, rows = _rows(path)
    at = rng.randrange(len(columns))
    columns[at] = rng.choice(
        [rng.choice(NASTY), columns[at - 1], columns[at].upper(), columns[at][:-1], f" {columns[at]}", "", "unnamed: 3"]
    )
    _write(path, [columns, *rows])
    return [name]


def columns(review: Path, rng: Random) -> list[str]:
    """Columns in another order, or some missing."""
    name, path = _table(review, rng)
    names, records = read_csv(path)
    kept = rng.sample(names, rng.choice([len(names), len(names) - 1, rng.randrange(len(names))]))
    write_csv(path, kept, [{column: record[column] for column in kept} for record in records])
    return [name]


def ragged(review: Path, rng: Random) -> list[str]:
    """Rows with too few or too many cells."""
    name, path = _table(review, rng)
    names, rows = _rows(path)
    for row in rows:
        if rng.random() < 0.3:
            row[rng.randrange(len(row)) :] = [rng.choice(NASTY)] * rng.randrange(5)
    _write(path, [names, *rows])
    return [name]


def rows(review: Path, rng: Random) -> list[str]:
    """Rows that are gone, doubled, or in another order; a table without any."""
    name, path = _table(review, rng)
    names, there = _rows(path)
    match rng.randrange(5):
        case 0:
            there = []
        case 1:
            there = there[: rng.randrange(len(there) + 1)]
        case 2:
            rng.shuffle(there)
        case 3 if there:
            there.append(rng.choice(there))
        case _ if there:
            there.pop(rng.randrange(len(there)))
    _write(path, [names, *there])
    return [name]


def renamed(review: Path, rng: Random) -> list[str]:
    """A key with another name wherever it stands: as a path, very long, or a word that means something else."""
    keyed = {
        "domains.csv": "domain",
        "contrasts.csv": "contrast",
        "outcomes.csv": "outcome_group",
        "reports.csv": "report_id",
        "samples.csv": "sample_id",
        "vocabulary.csv": "word",
        rng.choice([name for name in tables(review) if name.startswith("findings/")]): "finding_id",
    }
    table = rng.choice([name for name in keyed if path_of(review, name).exists()])
    _, records = read_csv(path_of(review, table))
    if not records:
        return [table]
    old, new = rng.choice(records)[keyed[table]], rng.choice(NAMES)
    whole = re.compile(rf"(?<![\w.-]){re.escape(old)}(?![\w.-])")
    for path in (review / "data/raw").rglob("*.*"):
        if path.is_file():
            cell = new.replace('"', '""') if path.suffix == ".csv" else new
            text = path.read_text(encoding="utf-8")
            path.write_text(whole.sub(lambda _: cell, text), encoding="utf-8", newline="")  # noqa: B023
    file = review / f"data/raw/findings/{old}.csv"
    if table == "domains.csv" and file.exists() and "/" not in new and len(new) < 200:
        file.rename(file.with_name(f"{new}.csv"))
    return [table, *keyed, "review.yaml", "corrections.yaml", "claims.csv", "fidelity.csv", f"findings/{new}.csv",
            *tables(review)]  # fmt: skip


# ---------------------------------------------------------------- the file as text or bytes


def some_bytes(review: Path, rng: Random) -> list[str]:
    """Bytes changed, put in or lost."""
    name, path = _any_file(review, rng)
    data = bytearray(path.read_bytes())
    for _ in range(rng.choice([1, 3, 20])):
        at = rng.randrange(len(data) + 1)
        data[at : at + rng.choice([0, 1, 5])] = rng.randbytes(rng.choice([0, 1, 2]))
    path.write_bytes(data)
    return [name]


def signs(review: Path, rng: Random) -> list[str]:
    """Signs of the format in the wrong places."""
    name, path = _any_file(review, rng)
    text = _text(path)
    wrong = ['"', ",", "\n", "\r", ";", "\t", ":", "-", "[", "{", "'", "\x00", "&a ", "*a "]
    for _ in range(rng.choice([1, 3, 20])):
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice(wrong) + text[at:]
    _write_text(path, text)
    return [name]


def cut(review: Path, rng: Random) -> list[str]:
    """The end of the file is missing."""
    name, path = _any_file(review, rng)
    data = path.read_bytes()
    path.write_bytes(data[: rng.randrange(len(data))])
    return [name]


def lines(review: Path, rng: Random) -> list[str]:
    """Lines lost, doubled, empty or foreign; other ends of lines."""
    name, path = _any_file(review, rng)
    there = _text(path).split("\n")
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(there))
        more = rng.choice([[], [there[at]] * 2, ["", there[at]], [rng.choice(NASTY)], [there[at], "," * 99]])
        there[at : at + 1] = more
    _write_text(path, rng.choice(["\n", "\r", "\r\n", "\n\r"]).join(there))
    return [name]


def encoded(review: Path, rng: Random) -> list[str]:
    """Another encoding, or a byte order mark."""
    name, path = _any_file(review, rng)
    text = _text(path).replace("e", "é", 3)
    encodings = ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252", "mac_roman", "utf-8-sig", "utf-7"]
    path.write_bytes(text.encode(rng.choice(encodings), errors="replace"))
    return [name]


def separators(review: Path, rng: Random) -> list[str]:
    """Other signs between the cells and other ends of lines, as spreadsheets of other countries write them."""
    name, path = _table(review, rng)
    names, there = _rows(path)
    first = rng.choice([[], [[f"sep={rng.choice(',;')}"]]])
    _write(
        path,
        [*first, names, *there],
        rng.choice([";", "\t", "|", " ", ":", ",\t", ""]),
        rng.choice(["\n", "\r", "\r\n"]),
    )
    return [name]


def other_content(review: Path, rng: Random) -> list[str]:
    """Something else altogether under the name of the file."""
    name, path = _any_file(review, rng)
    contents = [b"", b"\n", b"\x00" * 9, b"PK\x03\x04", b"%PDF-1.7", b"<html>", b'"', b",,,", rng.randbytes(500)]
    path.write_bytes(rng.choice([*contents, b"x" * 25_000_000, b"\n" * 300_000, b"a,b\n" * 50_000]))
    return [name]


# ---------------------------------------------------------------- what stands in the place of files, and beside them


def no_file(review: Path, rng: Random) -> list[str]:
    """A file that is missing, or a folder, a pipe, a device or a broken link in its place."""
    name, path = _any_file(review, rng)
    path.unlink()
    match rng.randrange(9):
        case 0:
            path.mkdir()
        case 1:
            os.mkfifo(path)
        case 2:
            path.symlink_to("/dev/zero")
        case 3:
            path.symlink_to(path.name)
        case 4:
            path.symlink_to("nowhere.csv")
        case 5:
            path.symlink_to("/dev/stdin")
        case 6:
            path.symlink_to("/proc/self/mem")
        case 7:
            path.touch(mode=0)
    return [name]


def no_folder(review: Path, rng: Random) -> list[str]:
    """A folder that is missing, or a file, a pipe or a link in its place."""
    name = rng.choice(["config", "data/raw", "data/raw/findings"])
    path = review / name
    kept = review / "kept"
    shutil.move(path, kept)
    match rng.randrange(5):
        case 0:
            path.touch()
        case 1:
            os.mkfifo(path)
        case 2:
            path.symlink_to(path.name)
        case 3:
            path.mkdir()
    shutil.rmtree(kept)
    return [name, CONFIG] if name == "config" else [name, "findings", "data/raw", *tables(review), *YAML]


def beside(review: Path, rng: Random) -> list[str]:
    """A file or folder that does not belong there."""
    names = ["x.csv", "a{b}.csv", ".DS_Store", "~$x.csv", "corrections.yml", "two\nlines.csv", "\udcff.csv", "folder"]
    names += [
        "{domain}.csv",
        "x.xlsx",
        "\x1b[2Jx.csv",
        "-rf",
        "x" * 200 + ".csv",
        "Reports.csv",
        "config.yaml",
        "=1.csv",
        ".being-written.json",
    ]
    name = rng.choice(names)
    path = review / rng.choice(["data/raw", "data/raw/findings", "config"]) / name
    match rng.randrange(4):
        case 0 if not path.exists():
            path.mkdir()
        case 1 if not path.exists():
            os.mkfifo(path)
        case 2 if not path.exists():
            path.symlink_to(rng.choice(["/dev/zero", ".", "nowhere"]))
        case _:
            path.write_bytes(b"x")
    return [name, "folder", *tables(review), CONFIG]


# ---------------------------------------------------------------- YAML


def yaml_document(review: Path, rng: Random) -> list[str]:
    """A YAML file of another form: without end, nested, tagged, several documents, or no mapping."""
    name, path = _yaml(review, rng)
    document = DOCUMENTS[rng.choice(list(DOCUMENTS))]
    _write_text(path, rng.choice([document, document, _text(path) + document, document + _text(path)]))
    return [name]


def yaml_value(review: Path, rng: Random) -> list[str]:
    """Another value of one or two keys."""
    name, path = _yaml(review, rng)
    there = _text(path).split("\n")
    keyed = [at for at, line in enumerate(there) if re.match(r"[\s-]*[\w\"./*-]+:( |$)", line) and "#" not in line[:1]]
    for at in rng.sample(keyed, min(len(keyed), rng.choice([1, 1, 2]))):
        key = there[at][: there[at].index(":") + 1]
        there[at] = f"{key} {rng.choice(SCALARS)}"
    _write_text(path, "\n".join(there))
    return [name]


def yaml_lines(review: Path, rng: Random) -> list[str]:
    """Keys that are misspelt, doubled, missing, indented otherwise or without their colon."""
    name, path = _yaml(review, rng)
    there = _text(path).split("\n")
    filled = [at for at, line in enumerate(there) if line.strip() and not line.lstrip().startswith("#")] or [0]
    for at in rng.sample(filled, min(len(filled), rng.choice([1, 1, 3]))):
        line = there[at]
        there[at] = rng.choice(
            [line.replace(*change, 1) for change in ((":", ""), (":", "x:"), ("[", ""))]
            + [f"{before}{line}" for before in ("  ", "\t", "- ", "# ", f"{line}\n")]
            + [f"{line}{behind}" for behind in ("'", ": x", ' "')]
            + [line.lstrip(), line.upper(), ""]
        )
    _write_text(path, "\n".join(there))
    return [name]


def yaml_words(review: Path, rng: Random) -> list[str]:
    """Nasty words among those of a YAML file."""
    name, path = _yaml(review, rng)
    words = _text(path).split(" ")
    more = [*NASTY, *SCALARS, *TEXTS, "'", "\n", "- ", "[" * 200, "a: " * 50, "!!int y", "&a [*a]"]
    for _ in range(rng.randrange(1, 5)):
        words[rng.randrange(len(words))] = rng.choice(more)
    _write_text(path, " ".join(words))
    return [name]


# ---------------------------------------------------------------- what is unusual, and may be sound


def fewer_findings(review: Path, rng: Random) -> list[str]:
    """No findings at all, one or two in each table, or those of one kind alone."""
    kind = rng.choice(["", "", "direction", "significance", "means", "effect"])
    number = rng.choice([0, 1, 2, 3])
    for name in sorted(set(tables(review))):
        if name.startswith("findings/"):
            names, records = read_csv(path_of(review, name))
            kept = [row for row in records if row["stat_type"] == kind] if kind else records[:number]
            write_csv(path_of(review, name), names, kept)
    for name in ("claims.csv", "fidelity.csv", "corrections.yaml", "appraisals.csv"):
        if rng.random() < 0.8:  # which would name what is gone
            path_of(review, name).unlink(missing_ok=True)
    return [name, *tables(review), *YAML, "claims.csv", "appraisals.csv"]


def long_labels(review: Path, rng: Random) -> list[str]:
    """Labels of any length, in all rows of the columns that figures show."""
    longest = rng.choice([40, 119, 119, 399, 3000])
    word = rng.choice(["W" * 40, "W" * 3000, "Wide", "iii-iii", "a/b"])
    text = (f"{word} " * longest)[:longest].strip()
    column = rng.choice(
        ["label", "title", "side_1", "higher", "outcome", "population", "group_1", "section", "country"]
    )
    for name in sorted(set(tables(review))):
        names, records = read_csv(path_of(review, name))
        write_csv(path_of(review, name), names, [r | ({column: text} if r.get(column) else {}) for r in records])
    return tables(review)


def one_value(review: Path, rng: Random) -> list[str]:
    """The same value in all rows of a column, or none."""
    columns = {
        "samples.csv": ["cohort_id", "n_total", "country", "percent_female"],
        "reports.csv": ["year", "country", "theme", "journal", "doi", "kind", "in_review"],
        "contrasts.csv": ["side_1", "lower", "label", "family", "treatment"],
        "outcomes.csv": ["label", "family", "question", "higher_is_better"],
        "flow.csv": ["label", "phase", "place"],
    }
    findings = ["sample_id", "report_id", "doubt", "outcome", "matrix", "exposure", "design", "timepoint", "direction"]
    name = rng.choice([name for name in sorted(set(tables(review))) if name in columns or name.startswith("findings/")])
    column = rng.choice(columns.get(name, findings))
    names, records = read_csv(path_of(review, name))
    value = rng.choice(["", *(row[column] for row in records if row.get(column))][:3])
    others = {"side_2": value} if column == "side_1" else {"higher": value} if column == "lower" else {}
    names = list(dict.fromkeys([*names, column, *others]))
    write_csv(path_of(review, name), names, [row | {column: value} | others for row in records])
    return [name]


def long_names(review: Path, rng: Random) -> list[str]:
    """Names of a domain, its contrasts and its outcomes that are as long as they may be, or longer."""
    length = rng.choice([50, 60, 60, 61, 100, 101])
    new: dict[str, str] = {}
    for name, key in (("contrasts.csv", "contrast"), ("outcomes.csv", "outcome_group"), ("domains.csv", "domain")):
        for number, row in enumerate(read_csv(path_of(review, name))[1]):
            new[row[key]] = f"{number}{'-x' * length}"[:length].rstrip("-").ljust(length, "x")
            if name == "domains.csv" and (file := path_of(review, f"findings/{row[key]}.csv")).exists():
                file.rename(file.with_name(f"{new[row[key]]}.csv"))
    whole = re.compile(rf"(?<![\w.-])({'|'.join(map(re.escape, sorted(new, key=len, reverse=True)))})(?![\w-])")
    for path in (review / "data/raw").rglob("*.*"):
        _write_text(path, whole.sub(lambda found: new[found[0]], _text(path)))
    return [*tables(review), *YAML]


def choices(review: Path, rng: Random) -> list[str]:
    """Choices at the ends of what they may be, and beyond."""
    path = path_of(review, CONFIG)
    there = _text(path).split("\n")
    keyed = [at for at, line in enumerate(there) if re.match(r"  \w+: [\[\d]", line)]
    for at in rng.sample(keyed, rng.choice([1, 2, 4])):
        key, _, value = there[at].partition(": ")
        ends = ["0.0001", "0.001", "0.4999", "0.51", "0.9999", "0", "1", "5", "100", "1000", "100000", "170", "400"]
        chosen = rng.sample(ends, 2)
        there[at] = f"{key}: [{', '.join(chosen)}]" if value.startswith("[") else f"{key}: {chosen[0]}"
    _write_text(path, "\n".join(there))
    return [CONFIG]


def several(review: Path, rng: Random) -> list[str]:
    """Two or three kinds of damage at once."""
    chosen = rng.sample(ONE_FILE, rng.choice([2, 2, 3]))
    return [name for damage in sorted(chosen, key=ONE_FILE.index) for name in damage(review, rng)]


FAMILIES: dict[str, tuple[Damage, ...]] = {
    "content of cells": (cells, whole_column, long_cells),
    "numbers": (numbers, slips),
    "texts": (texts,),
    "names and keys": (renamed,),
    "rows and columns": (header, columns, ragged, rows),
    "text and bytes of a file": (some_bytes, signs, cut, lines),
    "encodings and separators": (encoded, separators),
    "no file, or something else in its place": (no_file, no_folder, other_content, beside),
    "form of a YAML file": (yaml_document, yaml_lines),
    "values in a YAML file": (yaml_value, yaml_words),
    "unusual, and perhaps sound": (fewer_findings, long_labels, one_value, long_names, choices),
    "several at once": (several,),
}
"""All damage, by what it is done to."""
ONE_FILE = (
    cells,
    numbers,
    texts,
    header,
    ragged,
    yaml_value,
    yaml_lines,
    yaml_words,
    lines,
    signs,
    some_bytes,
    encoded,
)
"""What leaves the files in their places, in an order in which one does not undo the other."""
DAMAGES: tuple[Damage, ...] = tuple(damage for damages in FAMILIES.values() for damage in damages)


# ---------------------------------------------------------------- what is said of it

CELL, LINE, KEY, FILE = "file, line and column", "file and line", "file and key", "file"
NOWHERE, UNCLEAR, ELSEWHERE = "no place", "unclear message", "another file is blamed"
PLACES = (CELL, LINE, KEY, FILE, NOWHERE, UNCLEAR, ELSEWHERE)
"""What a message can say of the place, from the best to the worst; of the last three none is good enough."""
GOOD = PLACES[:4]
LONGEST = 900  # characters of a message that somebody reads


def place(problems: list[Problem], names: list[str]) -> str:
    """The least that any of these problems says of its place, where files of these names were damaged."""
    if any(not str(one).isprintable() or len(str(one)) > LONGEST or not one.fix for one in problems):
        return UNCLEAR
    said = "\n".join(map(str, problems))
    if not any(repr(Path(name).stem)[1:-1] in said for name in names):
        return ELSEWHERE
    return max(map(place_of, problems), key=PLACES.index)


def place_of(problem: Problem) -> str:
    """What a problem says of its place."""
    if not problem.file:
        return NOWHERE
    if problem.line:
        return CELL if problem.column else LINE
    return KEY if problem.column else FILE
