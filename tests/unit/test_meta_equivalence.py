import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reanalysis.meta import equivalence, fit


@pytest.mark.parametrize(
    ("estimate", "se", "conclusion"),
    [
        (0.0, 0.1, "equivalent"),
        (1.0, 0.1, "different"),
        (0.2, 0.05, "different but within the margin"),
        (0.3, 0.3, "undecided"),
    ],
)
def test_the_four_conclusions(estimate, se, conclusion):
    assert equivalence.tost(estimate, se, 0.5).conclusion == conclusion


def test_worked_example():
    # z = (0.5 - 0.2) / 0.15 = 2 against the nearer bound
    result = equivalence.tost(0.2, 0.15, 0.5)
    assert result.pval == result.p_upper == pytest.approx(0.02275013194817921)
    assert result.pval_difference == pytest.approx(0.18242243945173575)
    assert (result.ci_lb, result.ci_ub) == pytest.approx((0.2 - 1.6448536 * 0.15, 0.2 + 1.6448536 * 0.15))


@given(st.floats(-2, 2), st.floats(0.01, 2), st.floats(0.05, 1), st.floats(1, 100))
def test_equivalence_is_the_interval_inside_the_margin(estimate, se, margin, ddf):
    result = equivalence.tost(estimate, se, margin, ddf=ddf)
    inside = (result.ci_lb + margin, margin - result.ci_ub)
    if min(map(abs, inside)) > 1e-9:
        assert bool(result.equivalent) == (min(inside) > 0)
    mirrored = equivalence.tost(-estimate, se, margin, ddf=ddf)
    assert (mirrored.p_lower, mirrored.pval) == (result.p_upper, result.pval)


def test_pooled_estimate_asymmetric_margin_and_few_df():
    model = fit([0.1, -0.1, 0.05, 0.0], [0.01, 0.02, 0.01, 0.015])
    result = equivalence.tost(model.beta, model.se, (-0.3, 0.4), ddf=model.ddf)
    assert result.equivalent.tolist() == [True]
    assert (result.lower, result.upper) == ([-0.3], [0.4])
    assert "not reliable" in result.note
    assert equivalence.tost(0.1, 0.1, 0.5).note == ""


@pytest.mark.parametrize("margin", [0, -0.2, (0.1, 0.3), (-1, 0), (1, 2, 3), np.nan])
def test_a_margin_must_enclose_zero(margin):
    with pytest.raises(ValueError, match="margin must be"):
        equivalence.tost(0.1, 0.1, margin)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="needs an estimate"):
        equivalence.tost(np.nan, 0.1, 0.5)
    with pytest.raises(ValueError, match="must be positive"):
        equivalence.tost(0.1, 0.0, 0.5)
    with pytest.raises(ValueError, match="must be positive"):
        equivalence.tost(0.1, 0.1, 0.5, ddf=0)
    with pytest.raises(ValueError, match="alpha"):
        equivalence.tost(0.1, 0.1, 0.5, alpha=0.6)
