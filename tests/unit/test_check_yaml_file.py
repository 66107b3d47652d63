"""YAML is read as plain data with the line of every key; what runs code or grows without bound is refused at once."""

import pytest
from tests.project import ROOT

from reanalysis.files.yaml_file import read_yaml


def read(tmp_path, text, **how):
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    return read_yaml(path, "x.yaml", **how)


def test_plain_data_and_lines(tmp_path):
    file = read(tmp_path, "# head\na: 1\nb:\n  c: [x, 2.5, ~]\n  d: true\n  'e f': yes\n")
    assert file.problems == ()
    assert file.data == {"a": 1, "b": {"c": ["x", 2.5, None], "d": True, "e f": "yes"}}
    assert file.line(("a",)) == 2
    assert file.line(("b", "c", 1)) == 4
    assert file.line(("b", "e f")) == 6
    assert file.line(("b", "gone", "deeper")) == 3, "a missing key has the line of what should hold it"


def test_the_configuration_of_the_project():
    file = read_yaml(ROOT / "config/config.yaml", "config/config.yaml")
    assert file.problems == ()
    text = (ROOT / "config/config.yaml").read_text(encoding="utf-8").splitlines()
    for section, values in file.data.items():
        for key in values:
            assert text[file.line((section, key)) - 1].strip().startswith(f"{key}:")


@pytest.mark.parametrize("text", ["2024-13-45", "2024-01-02", "12:30:45", "0.50", "~", "no", "1e5", "0x1F"])
def test_every_scalar_can_be_kept_as_text(tmp_path, text):
    assert read(tmp_path, f"a: {text}", as_text=True).data == {"a": text}


def test_an_odd_date_is_text(tmp_path):
    assert read(tmp_path, "a: 2024-13-45").data == {"a": "2024-13-45"}


@pytest.mark.parametrize("text", ["", "# a comment alone\n", "---\n"])
def test_nothing(tmp_path, text):
    file = read(tmp_path, text)
    assert (file.data, file.problems) == (None, ())


LAUGHS = "\n".join(["a0: &a0 [lol]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10))])
REFUSED = {
    "tag": ("a: 1\nb: !!int y", 2, "a tag"),
    "python": ("a: !!python/object/apply:os.system [ls]", 1, "a tag"),
    "own": ("a: !x y", 1, "a tag"),
    "laughs": (LAUGHS, 1, "a reference (&a0)"),
    "alias": ("a: 1\nb: *a", 2, "a reference (*a)"),
    "deep": ("a: " + "[" * 100_000, 1, "more than 10 levels"),
    "deep-block": ("- " * 5000, 1, "more than 10 levels"),
    "repeated": ("a: 1\nb: 2\na: 3", 3, "the key stands already at line 1"),
    "repeated-deep": ("x:\n  a: 1\n  'a': 3", 3, "the key stands already at line 2"),
    "two": ("a: 1\n---\nb: 2", 2, "a second document"),
    "key": ("a: 1\n[b]: 2", 2, "a key that is no text"),
    "open": ("a: [1\nb: 2", 2, "a list that is not closed"),
    "quote": ("a: 1\nb: 'x\n", 3, "a quotation mark that is not closed"),
    "tab": ("a:\n\tb: 1", 2, "a tab"),
    "colon": ("a: b: c", 1, "a text that holds a colon followed by a space"),
    "colon-in-a-list": ("- x: 1\n- a: b: c", 2, "a text that holds a colon followed by a space"),
    "deeper": ("a: 1\n  b: 2", 2, "the indentation of this line does not fit"),
    "deeper-old-line-ends": ("a: 1\r  b: 2\r", 2, "the indentation of this line does not fit"),
    "less-deep": ("a:\n  b: 1\n c: 2", 3, "the indentation of this line does not fit"),
    "less-deep-in-a-list": ("a:\n  - b: x\n    c: y\n   d: z", 4, "the indentation of this line does not fit"),
    "behind-a-quote": ("a: 'x' y", 1, "no YAML"),
    "version": ("%YAML 9.9\n---\na: 1", 1, "no YAML"),
    "bell": ("a: 1\nb: x\x07", 2, "holds U+0007"),
    "escape": ('a: 1\nb: "\\u200b"', 2, "holds U+200B"),
    "digits": ("a: 1\nb: " + "9" * 5000, 2, "not a number"),
    "long": ("a: " + "x" * 600_000, 0, "too long"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_has_its_line(tmp_path, name):
    text, line, message = REFUSED[name]
    (problem,) = read(tmp_path, text).problems
    assert (problem.file, problem.line) == ("x.yaml", line)
    assert message in problem.message
    assert problem.fix


def test_a_repeated_key_keeps_its_first_value_and_hides_no_other_fault(tmp_path):
    file = read(tmp_path, "a: 1\na: 2\nb: {c: 1, c: 2}")
    assert file.data == {"a": 1, "b": {"c": 1}}
    assert [problem.line for problem in file.problems] == [2, 3]


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_another_encoding(tmp_path, encoding):
    path = tmp_path / "x.yaml"
    path.write_bytes("name: Müller".encode(encoding))
    (problem,) = read_yaml(path, "x.yaml").problems
    assert {"utf-16": "UTF-16", "latin-1": "Latin-1"}[encoding] in problem.message
