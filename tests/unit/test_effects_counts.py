"""2 x 2 tables and the zero-cell rule."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reanalysis import effects as es

counts = st.integers(1, 300)


def test_handbook_of_research_synthesis_table_13_4():
    """Printed estimates and standard errors for 135, 15, 40, 10."""
    cells = (135, 15, 40, 10)
    phi, odds = es.phi(*cells), es.log_or(*cells)
    d, normal = es.smd_from_log_or(*odds), es.smd_from_log_or(*odds, distribution="normal")
    assert (phi.yi, phi.sei) == pytest.approx((0.1309, 0.0789), abs=5e-5)
    assert (d.yi, d.sei) == pytest.approx((0.4471, 0.2460), abs=5e-5)
    assert (normal.yi, normal.sei) == pytest.approx((0.4915, 0.2704), abs=5e-5)


@given(counts, counts, counts, counts)
def test_swapping_groups_or_answers(a, b, c, d):
    for effect in (es.log_or, es.log_rr, es.rd, es.phi):
        assert effect(c, d, a, b).yi == pytest.approx(-effect(a, b, c, d).yi, abs=1e-12)
        assert effect(c, d, a, b).vi == pytest.approx(effect(a, b, c, d).vi)
    assert es.log_or(b, a, d, c).yi == pytest.approx(-es.log_or(a, b, c, d).yi, abs=1e-12)


@given(counts, counts, counts, counts)
def test_d_and_odds_ratio_are_inverse(a, b, c, d):
    odds = es.log_or(a, b, c, d)
    assert es.log_or_from_smd(*es.smd_from_log_or(*odds)) == pytest.approx(odds)


def test_only_tables_with_a_zero_are_changed():
    mixed = es.log_or([0, 12], [20, 88], [3, 15], [17, 85])
    assert mixed.yi[0] == pytest.approx(np.log(0.5 * 17.5 / (20.5 * 3.5)))
    assert mixed.yi[1] == pytest.approx(np.log(12 * 85 / (88 * 15)))
    assert es.log_or([0, 12], [20, 88], [3, 15], [17, 85], to="if0all").yi[1] != mixed.yi[1]


def test_tables_without_events_can_be_dropped():
    odds = es.log_or([0, 12], [25, 88], [0, 15], [25, 85], drop00=True)
    assert np.isnan(odds.yi[0])
    assert np.isfinite(odds.yi[1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: es.log_or(0, 20, 3, 17, to="none"), "only0"),
        (lambda: es.log_rr(0, 20, 3, 17, to="none"), "only0"),
        (lambda: es.phi(0, 20, 0, 17, to="none"), "empty row or column"),
        (lambda: es.log_or(-1, 20, 3, 17), "negative"),
        (lambda: es.rd(0, 0, 3, 17), "group is empty"),
        (lambda: es.rd(1, 2, 3, 4, to="some"), "to must be"),
        (lambda: es.phi(1, 2, 3, 4, vtype="LS"), "vtype"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()
