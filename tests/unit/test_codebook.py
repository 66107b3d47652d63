"""docs/codebook.md is what the specification says today."""

import re
from dataclasses import fields
from typing import Literal

import pytest
from tests.project import ROOT

from reanalysis import codebook
from reanalysis.check.registry import CHECKS
from reanalysis.schema.cells import Correlation, GroupSize, Id, Ids, Positive
from reanalysis.schema.config import Config
from reanalysis.schema.filters import Condition
from reanalysis.schema.raw import RAW_TABLES
from reanalysis.schema.review import Count, Panel, Review, Reviewed
from reanalysis.schema.vocabulary import STAT_CELLS, STAT_TYPES


@pytest.fixture(scope="module")
def text():
    return codebook.render()


def test_it_is_current(text):
    assert (ROOT / codebook.DOCUMENT).read_text(encoding="utf-8") == text, "docs/codebook.md is stale: run make docs"


def test_the_list_of_checks_is_current_and_complete():
    text = (ROOT / codebook.CHECKS_DOCUMENT).read_text(encoding="utf-8")
    assert text == codebook.render_checks(), "docs/checks.md is stale: run make docs"
    assert [name for name, one in CHECKS.items() if f"| `{name}` | {one.severity} |" not in text] == []


def test_every_column_is_described(text):
    assert all(field.description for model in RAW_TABLES.values() for field in model.model_fields.values())
    names = [name for model in RAW_TABLES.values() for name in model.model_fields]
    names += [f.name for row in codebook.ROW_TABLES.values() for f in fields(row)]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_every_key_of_the_review_is_described(text):
    (section,) = re.findall(r"### `review.yaml`\n(.*?)\n### ", text, re.DOTALL)
    keys = dict(re.findall(r"^\| (\*?\*?`[^`]*`)\*?\*? \| (.*) \|$", section, re.MULTILINE))
    for model, before in ((Review, ""), (Reviewed, "reviewed."), (Count, "counts.<name>."), (Panel, "panels[].")):
        for name, field in model.model_fields.items():
            shown = f"`{before}{name}`"
            assert keys[f"**{shown}" if field.is_required() else shown] == field.description
    for name in Condition.model_fields:
        assert {f"`counts.<name>.where.<column>.{name}`", f"`panels[].where.<column>.{name}`"} <= keys.keys()


def test_every_choice_is_described(text):
    (section,) = re.findall(r"## Choices\n(.*?)\n## ", text, re.DOTALL)
    for name, part in Config.model_fields.items():
        assert [key for key in part.annotation.model_fields if f"| `{name}.{key}` |" not in section] == []


def test_every_statistic_is_described(text):
    (section,) = re.findall(r"### Statistics\n(.*?)\n## ", text, re.DOTALL)
    assert all(f"`{name}`" in section for name in (*STAT_TYPES, *STAT_CELLS))


def test_links_lead_somewhere(text):
    anchors = {codebook._anchor(title.replace("`", "")) for title in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]*)\)", text)) <= anchors


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (Positive | None, "number, above 0"),
        (Correlation | None, "number, -1 to 1"),
        (GroupSize, "whole number, 2 to 100000000"),
        (Id, "id"),
        (bool, "`true` or `false`"),
        (Ids | None, "several: id"),
        (Literal["yes", "no"], "`yes`, `no`"),
        (Literal[tuple(STAT_TYPES)], "[statistics](#statistics)"),
    ],
)
def test_what_a_cell_may_hold_in_words(annotation, words):
    assert codebook.values(annotation) == words
