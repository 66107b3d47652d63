"""Every quantity of every reference case agrees with metafor, or says why not."""

import importlib
import pkgutil

import pytest

from tests.golden import oracle, recipes

for module in pkgutil.iter_modules(recipes.__path__):
    importlib.import_module(f"tests.golden.recipes.{module.name}")


def test_every_case_has_a_recipe():
    assert sorted(oracle.RECIPES) == oracle.cases()


@pytest.mark.parametrize("case", oracle.cases())
def test_case(case):
    bad = [leaf for leaf in oracle.compare(case) if leaf.status in ("wrong", "missing")]
    lines = [f"  {leaf.status:8} {leaf.path}: want {leaf.want!r}, got {leaf.got!r}" for leaf in bad[:40]]
    assert not bad, f"{len(bad)} leaves of {case}:\n" + "\n".join(lines)
