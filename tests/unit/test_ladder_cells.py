"""No number is lost: every cell that a statistic may have enters the reading, or is shown beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from pydantic import ValidationError
from tests.findings import KIND_OF, NUMBERS, allowed, valid_findings

from reanalysis.ladder.reading import Reading, read_finding
from reanalysis.ladder.routes import ROUTES
from reanalysis.schema import vocabulary as v
from reanalysis.schema.config import Effects
from reanalysis.schema.raw import Finding

CONFIG = Effects(alpha=0.05, trend=0.1, smd_variance="LS")
SIZES = ("n1i", "n2i", "ni")  # columns of their own in the table of effects
CELLS = (*v.STAT_CELLS, "published_yi", "published_sei", "p_sides", "test_of")

NO_TEST = ("means", "means_se", "median_iqr", "counts")  # numbers behind which no test stands


@pytest.fixture(scope="module")
def rows() -> list[Finding]:
    return list(valid_findings(seed=1, n=4000))


@pytest.fixture(scope="module")
def readings(rows) -> list[Reading]:
    """The reading of each row."""
    return [read_finding(row, CONFIG) for row in rows]


def numbers(reading: Reading) -> tuple:
    return reading.rung, reading.yi, reading.vi, reading.yi_lb, reading.yi_ub


def names(listed: str) -> list[str]:
    return [part.partition(" = ")[0] for part in listed.split("; ") if part]


def test_the_rows_cover_every_statistic_and_cell(rows, readings):
    seen = Counter((row.stat_type, cell) for row in rows for cell in v.STAT_CELLS if getattr(row, cell) is not None)
    allowed_cells = {(name, cell) for name, kind in v.STAT_TYPES.items() for cell in (*kind.required, *kind.optional)}
    assert allowed_cells == set(seen)
    rungs = Counter(reading.rung for reading in readings)
    assert set(rungs) == set(v.RUNGS)
    routes = {(row.stat_type, reading.route) for row, reading in zip(rows, readings, strict=True) if reading.route}
    assert routes == {(name, route.name) for name, own in ROUTES.items() for route in own}


def test_every_filled_cell_is_used_or_shown(rows, readings):
    for row, reading in zip(rows, readings, strict=True):
        used, shown = names(reading.inputs), names(reading.shown)
        assert not set(used) & set(shown)
        assert len(used + shown) == len(set(used + shown))
        for cell in CELLS:
            if getattr(row, cell) is None or cell in SIZES or (cell, getattr(row, cell)) == ("p_relation", "="):
                continue
            assert cell in used + shown, (row, reading)


def test_what_is_used_matters_and_what_is_shown_does_not(rows, readings):
    """Other numbers in a used cell give another reading, in a shown one the same: so `inputs` says the truth."""
    tried = Counter()
    for row, reading in zip(rows[:400], readings, strict=False):
        for cell in names(reading.inputs) + names(reading.shown):
            others = [read_finding(changed, CONFIG) for changed in _changed(row, cell)]
            same = [numbers(other) == numbers(reading) for other in others]
            if cell in names(reading.shown):
                # a number that was out of reach for its route can open it
                assert all(one or cell in names(other.inputs) for one, other in zip(same, others, strict=True)), row
            elif reading.rung == "exact" and reading.yi != 0 and same:  # a zero stays zero, whatever it is divided by
                assert not all(same), (cell, row)
            tried[row.stat_type, cell] += len(same)
    assert sum(n > 0 for n in tried.values()) > 60


def _changed(row: Finding, cell: str) -> Iterator[Finding]:
    """The row with every other number in a cell that the check lets through."""
    for value in NUMBERS[KIND_OF[cell]] if cell in KIND_OF else ():
        cells = {name: one for name, one in row.model_dump().items() if one is not None} | {cell: value}
        try:
            changed = Finding.model_validate(cells)
        except ValidationError:
            continue
        if getattr(changed, cell) != getattr(row, cell) and allowed(changed):
            yield changed


@pytest.mark.parametrize("stat_type", [name for name, routes in ROUTES.items() if routes and name not in NO_TEST])
@pytest.mark.parametrize("test_of", ["adjusted", "other_people", "other_contrast"])
def test_a_test_of_something_else_gives_a_sign_at_most(rows, stat_type, test_of):
    """One rule for every statistic: neither an effect nor a bound, whatever is printed; and the p is shown."""
    for row in rows:
        if row.stat_type != stat_type or (stat_type == "change" and row.pre_post_r is not None):
            continue
        reading = read_finding(row.model_copy(update={"test_of": test_of}), CONFIG)
        assert reading.rung in ("direction", "unusable")
        assert (reading.rung == "direction") == (row.direction in v.SIGN)
        if row.pi is not None:
            assert f"pi = {row.pi}" in reading.shown
        if row.p_relation is not None:
            short = test_of == "adjusted" and row.direction == "none"
            assert ("from an adjusted model" if short else v.TEST_OF[test_of]) in reading.why


def test_a_statement_on_significance_of_something_else_is_no_bound(rows):
    said = [row for row in rows if row.stat_type in ("significance", "direction") and row.p_relation is not None]
    assert len(said) > 100
    for row in said:
        reading = read_finding(row.model_copy(update={"test_of": "other_people"}), CONFIG)
        assert reading.rung == ("direction" if row.direction in v.SIGN else "unusable")
