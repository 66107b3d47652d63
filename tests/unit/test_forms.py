"""Texts of a certain form: what does not fit is told in words, with the nearest text that would."""

from itertools import chain

import pytest
from pydantic import BaseModel
from tests.project import ROOT

from reanalysis.schema.cells import CLAIM, DAY, DIGITS, DOI, FORMS, HYPHENATED, NAME, form_fault
from reanalysis.schema.config import Config
from reanalysis.schema.raw import RAW_TABLES
from reanalysis.schema.review import Review


def patterns(part):
    """Every pattern in a JSON Schema."""
    if isinstance(part, dict):
        own = [part["pattern"]] if isinstance(part.get("pattern"), str) else []
        return {*own, *chain.from_iterable(map(patterns, part.values()))}
    return set(chain.from_iterable(map(patterns, part))) if isinstance(part, list) else set()


def test_every_pattern_has_words_and_every_word_a_pattern():
    models: list[type[BaseModel]] = [Config, Review, *RAW_TABLES.values()]
    assert set().union(*(patterns(model.model_json_schema()) for model in models)) == set(FORMS)


@pytest.mark.parametrize("pattern", FORMS)
def test_nobody_is_shown_a_pattern(pattern):
    told = " ".join(form_fault("Ungefähr so?", pattern))
    assert pattern not in told
    assert FORMS[pattern] in told
    assert pattern.replace("|", "\\|") not in (ROOT / "docs/codebook.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "pattern", "fitting"),
    [
        ("Resistence training", NAME, "resistence-training"),
        ("IL-6 (serum)", NAME, "il-6-serum"),
        ("Müller_2010.b", NAME, "muller_2010.b"),
        ("a -- b", NAME, "a-b"),
        ("quality of life", HYPHENATED, "quality-of-life"),
        ("heart_rate", HYPHENATED, "heart-rate"),
    ],
)
def test_a_name_is_suggested_in_its_form(text, pattern, fitting):
    assert f"such as `{fitting}`." in form_fault(text, pattern)[1]


@pytest.mark.parametrize(("text", "pattern"), [("?", NAME), ("doi:10.1/x", DOI), ("PMID 12", DIGITS), ("c1", CLAIM)])
def test_nothing_is_suggested_that_would_not_fit(text, pattern):
    assert "`" not in form_fault(text, pattern)[1].replace(FORMS[pattern], "")


def test_what_a_spreadsheet_made_of_a_name_or_a_day():
    assert form_fault("5.3.2020", NAME)[0] == "a date in the place of a name"
    assert form_fault("31.1.2026", DAY)[0] == "not a day in the form 2026-01-31"
