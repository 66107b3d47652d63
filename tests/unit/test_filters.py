"""What a condition selects, and what a count of the reviewed table amounts to."""

from typing import get_type_hints

import pytest
from pydantic import ValidationError

from reanalysis.results.rows import Effect
from reanalysis.schema.cells import is_number
from reanalysis.schema.filters import Condition, where
from reanalysis.schema.raw import Finding, Report
from reanalysis.schema.review import Count


def report(name, in_review, **cells):
    about = {"report_id": name, "label": name, "authors": "A B", "title": f"A study of {name}", "kind": "primary"}
    return Report(**about | cells, **({"in_review": in_review} if in_review else {}))


REPORTS = [
    report("a", 2, year=2006, theme="cause", title="Sleep and Pain: a review", kind="review"),
    report("b", 1, year=2012, theme="treatment"),
    report("c", 3, year=2012, theme="treatment", title="Pain at night", country="Germany; Japan"),
    report("d", 4, kind="thesis"),  # neither its year nor its theme is known
    report("e", None, year=1999, theme="cause", kind="review"),  # found since
]


def conditions(**raw):
    return Count(label="reports", where=raw).where


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, "abcde"),
        ({"kind": "primary"}, "bc"),
        ({"kind": ["review", "thesis"]}, "ade"),
        ({"kind": {"any_of": "thesis"}}, "d"),
        ({"theme": "cause"}, "ae"),  # an empty cell meets nothing
        ({"title": {"contains": "pain"}}, "ac"),  # whatever the case
        ({"title": {"contains": ["sleep", "PAIN"]}}, "a"),
        ({"title": {"contains": ["sleep", "night"]}}, ""),
        ({"year": {"below": 2012}}, "ae"),
        ({"year": {"at_least": 2012}}, "bc"),
        ({"year": {"at_least": 2000, "below": 2010}}, "a"),
        ({"year": "2012"}, "bc"),
        ({"kind": "primary", "title": {"contains": "night"}}, "c"),
        ({"kind": {"any_of": ["review", "primary"], "contains": "rev"}}, "ae"),
        ({"year": {}}, "abce"),  # any value at all
        ({"country": "Japan"}, "c"),  # one of several in a cell
        ({"country": ["Norway", "Germany"]}, "c"),
        ({"country": "Germany; Japan"}, ""),
        ({"country": {"contains": ["germ", "jap"]}}, "c"),
    ],
)
def test_where_keeps_the_rows_that_meet_every_condition(asked, found):
    assert [row.report_id for row in where(REPORTS, conditions(**asked))] == list(found)


@pytest.mark.parametrize("raw", [{"equals": "x"}, {"contains": [""]}, {"any_of": [1]}, {"below": "x"}])
def test_a_condition_of_another_form_is_refused(raw):
    with pytest.raises(ValidationError):
        Condition(**raw)


@pytest.mark.parametrize(
    ("asked", "number", "counted"),
    [
        ({}, 4, "abcd"),  # rows of the table alone, in whatever order
        ({"where": {"kind": "review"}}, 1, "a"),
        ({"where": {"theme": "nothing"}}, 0, ""),
        ({"smallest": "year"}, 2006, "a"),
        ({"smallest": "year", "where": {"theme": "treatment"}}, 2012, "bc"),
        ({"smallest": "year", "where": {"kind": "thesis"}}, None, ""),
        ({"smallest": "year", "where": {"kind": "meta_analysis"}}, None, ""),
        ({"distinct": "theme"}, 2, "abcd"),  # an empty cell is no theme
        ({"distinct": "kind"}, 3, "abcd"),
        ({"distinct": "year", "where": {"kind": "primary"}}, 1, "bc"),
        ({"distinct": "journal"}, 0, "abcd"),
    ],
)
def test_a_count_is_of_the_rows_that_it_names(asked, number, counted):
    count = Count(label="reports", **asked)
    assert count.of(REPORTS) == count.of(REPORTS[::-1]) == number
    assert [row.report_id for row in count.rows(REPORTS)] == list(counted)


@pytest.mark.parametrize(
    ("model", "name", "expected"),
    [
        (Report, "year", True),
        (Report, "in_review", True),
        (Report, "title", False),
        (Report, "country", False),
        (Report, "kind", False),
        (Finding, "m1i", True),
        (Finding, "n1i", True),
        (Finding, "dose", True),
        (Finding, "unit", False),
        (Finding, "design", False),
        (Effect, "yi", True),
        (Effect, "n1i", True),
        (Effect, "enters", False),
        (Effect, "label", False),
    ],
)
def test_columns_of_numbers(model, name, expected):
    assert is_number(get_type_hints(model)[name]) is expected
