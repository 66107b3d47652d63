"""The numbers of the forest plot in `docs/forest.md` are those of metafor, and of meta where both ask the same."""

import pytest

from tests.golden.forest import pooled, reference, table

SAME = ("est", "ci_lb", "ci_ub", "tau2", "QE", "QEp")
# meta bases I2 on Q and the prediction interval on the Wald standard error; its Q-profile interval is less exact.
METAFOR_ONLY = ("pi_lb", "pi_ub", "tau2_lb", "tau2_ub", "I2")


@pytest.fixture(scope="module")
def ours():
    found = pooled()
    assert found.models[0].headline
    return found


@pytest.mark.parametrize("package", ["metafor", "meta"])
def test_the_model_and_the_weights_agree(package, ours):
    theirs, names = reference()[package], (*SAME, *(METAFOR_ONLY if package == "metafor" else ()))
    assert {name: getattr(ours.models[0], name) for name in names} == pytest.approx(
        {name: theirs[name] for name in names}, rel=1e-10
    )
    assert [unit.weight for unit in ours.units] == pytest.approx(theirs["weights"], rel=1e-10)


def test_the_drawn_table_holds_these_numbers(ours):
    row = next(row for row in table() if row.kind == "model")
    model = ours.models[0]
    assert (row.estimate, row.lower, row.upper) == (model.est, model.ci_lb, model.ci_ub)
    assert (row.pi_lower, row.pi_upper) == (model.pi_lb, model.pi_ub)
