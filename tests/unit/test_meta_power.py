import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reanalysis.meta.power import EFFECTS, firepower, minimal_detectable_effect, study_power

positive = st.floats(0.01, 10)


def test_textbook_values():
    assert study_power(2.8, 1.0) == pytest.approx(0.8, abs=1e-3)
    assert study_power(0.0, 0.3) == pytest.approx(0.05, abs=1e-15)
    assert minimal_detectable_effect(1.0) == pytest.approx(2.8016, abs=1e-4)


@given(st.floats(-3, 3), positive)
def test_power_depends_on_size_not_sign_and_exceeds_alpha(effect, sei):
    power = study_power(effect, sei)
    assert power == study_power(-effect, sei)
    assert 0.05 - 1e-12 <= power <= 1


@given(positive, st.floats(0.051, 0.999), st.floats(0.001, 0.05))
def test_minimal_detectable_effect_inverts_power(sei, power, alpha):
    effect = minimal_detectable_effect(sei, power=power, alpha=alpha)
    assert study_power(effect, sei, alpha=alpha) == pytest.approx(power, abs=1e-12)


def test_firepower_is_the_median_over_studies():
    result = firepower([0.2, 0.3, 0.5])
    assert result.power.shape == (10, 3)
    assert np.all(result.effects == EFFECTS)
    assert np.all(np.diff(result.median) > 0)
    assert result.median[4] == study_power(0.5, 0.3)
    assert firepower([0.4], 0.5).median.tolist() == [study_power(0.5, 0.4)]


@pytest.mark.parametrize("sei", [0, -1, np.nan, np.inf])
def test_bad_standard_errors_are_refused(sei):
    with pytest.raises(ValueError, match="positive number"):
        study_power(0.5, sei)
    with pytest.raises(ValueError, match="positive number"):
        minimal_detectable_effect(sei)


def test_bad_choices_are_refused():
    with pytest.raises(ValueError, match="at least one study"):
        firepower([])
    with pytest.raises(ValueError, match="alpha must lie"):
        study_power(0.5, 0.1, alpha=5)
    with pytest.raises(ValueError, match="must exceed alpha"):
        minimal_detectable_effect(0.1, power=0.04)
