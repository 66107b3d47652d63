"""Recomputed values are the numbers printed in the articles, to the last printed digit, or it is known why not."""

import pytest

from tests.golden import oracle, published, recipes

recipes.load_all()

CASES = [case for case in oracle.cases() if published.source(case)]


@pytest.mark.parametrize("case", CASES)
def test_printed_numbers(case):
    rows = list(published.printed(case))
    wrong = [f"  {r.path}: printed {r.printed}, {r.at} is {r.got}: {r.reason}" for r in rows if r.status == "wrong"]
    assert not wrong, f"{case} ({published.source(case)}):\n" + "\n".join(wrong)
    assert any(r.status == "agrees" for r in rows)


def test_nothing_is_mapped_that_was_not_printed():
    assert set(published.WHERE) == set(CASES)
    for case in CASES:
        paths = {r.path for r in published.printed(case)}
        assert {path for path, _ in oracle.leaves(published.WHERE[case])} <= paths
        assert set(published.OTHERWISE.get(case, {})) <= paths
