"""Every quantity of every reference case agrees with metafor, or says why not."""

import pytest

from tests.golden import oracle, recipes

recipes.load_all()


def test_every_case_has_a_recipe():
    assert sorted(oracle.RECIPES) == oracle.cases()


@pytest.mark.parametrize("case", oracle.cases())
def test_case(case):
    bad = [leaf for leaf in oracle.compare(case) if leaf.status in ("wrong", "missing")]
    lines = [f"  {leaf.status:8} {leaf.path}: want {leaf.want!r}, got {leaf.got!r}" for leaf in bad[:40]]
    assert not bad, f"{len(bad)} leaves of {case}:\n" + "\n".join(lines)
