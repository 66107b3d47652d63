"""The topic of a review is data: the code speaks of contrasts and outcomes, and never of one review's own."""

import re

import pytest
from tests.project import ROOT

TOPIC = re.compile("oxytocin|bpd|borderline|placebo|giacomo|fibromyalgia", re.IGNORECASE)
TEXT = {".py", ".js", ".css", ".j2", ".html", ".txt", ".smk", ".yaml", ".md", ".json", ".toml"}
FILES = [ROOT / "Snakefile"] + sorted(
    path for folder in ("src", "workflow") for path in (ROOT / folder).rglob("*") if path.suffix in TEXT
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_file_of_the_code_names_the_topic_of_a_review(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [f"{n}: {line.strip()}" for n, line in enumerate(lines, start=1) if TOPIC.search(line)] == []


def test_no_file_is_named_after_the_topic_of_a_review():
    assert [path.name for path in FILES if TOPIC.search(path.name)] == []


def test_the_code_is_looked_at():
    assert {".py", ".js", ".j2", ".css", ".smk"} <= {path.suffix for path in FILES}
    assert len(FILES) > 150
