"""Worked examples of textbooks, from the printed data through effect sizes to the results of the model.

The examples of Borenstein, Hedges, Higgins & Rothstein (2009, Introduction to Meta-Analysis) are quoted from
Viechtbauer, R Code Corresponding to the Book Introduction to Meta-Analysis, which recomputes them with metafor. A value
marked as computed is there to two digits only.
"""

import numpy as np
import pytest

from reanalysis import effects as es
from reanalysis import meta


def columns(*rows):
    return np.array(rows, float).T


def models(effect):
    """Common effect and DerSimonian-Laird with normal intervals, as in the textbook."""
    return meta.fit(*effect, method="CE"), meta.fit(*effect, method="DL", test="z")


def test_borenstein_2009_continuous_data():
    """Table 14.1, and chapter 18 for heterogeneity: Hedges' g of six studies, with J^2 in the variance."""
    groups = columns(
        (94, 22, 60, 92, 20, 60),
        (98, 21, 65, 92, 22, 65),
        (98, 28, 40, 88, 26, 40),
        (94, 19, 200, 82, 17, 200),
        (98, 21, 50, 88, 22, 45),
        (96, 21, 85, 92, 22, 85),
    )
    g = es.smd(*groups, vtype="LS2")
    assert g.yi == pytest.approx([0.095, 0.277, 0.367, 0.664, 0.462, 0.185], abs=6e-4)
    assert g.vi == pytest.approx([0.033, 0.031, 0.050, 0.011, 0.043, 0.023], abs=6e-4)
    common, random = models(g)
    assert common.beta[0] == pytest.approx(0.4142, abs=1e-4)  # computed
    assert common.vb[0, 0] == pytest.approx(0.0041, abs=5e-5)  # computed
    np.testing.assert_allclose([common.QE, common.I2], [12.0033, 58.34], atol=5e-3)
    assert random.tau2 == pytest.approx(0.0373, abs=5e-5)
    assert random.beta[0] == pytest.approx(0.3582, abs=5e-5)
    assert random.vb[0, 0] == pytest.approx(0.0111, abs=5e-5)
    prediction = random.predict(rule="k-2")
    assert (prediction.pi_lb[0], prediction.pi_ub[0]) == pytest.approx((-0.2525, 0.9690), abs=5e-5)


def test_borenstein_2009_binary_data():
    """Table 14.4: log odds ratios of six studies."""
    a, n1, c, n2 = columns(
        (12, 65, 16, 65),
        (8, 40, 10, 40),
        (14, 80, 19, 80),
        (25, 400, 80, 400),
        (8, 40, 11, 40),
        (16, 65, 18, 65),
    )
    common, random = models(es.log_or(a, n1 - a, c, n2 - c))
    assert common.beta[0] == pytest.approx(-0.7241, abs=5e-5)  # computed
    np.testing.assert_allclose(common.QE, 10.5512, atol=5e-5)
    assert random.tau2 == pytest.approx(0.1729, abs=5e-5)
    assert random.beta[0] == pytest.approx(-0.5663, abs=5e-5)


def test_borenstein_2009_correlations():
    """Table 14.7: Fisher's z of six correlations, and the average back on the scale of r."""
    common, random = models(es.zcor([0.5, 0.6, 0.4, 0.2, 0.7, 0.45], [40, 90, 25, 400, 60, 50]))
    assert random.tau2 == pytest.approx(0.0819, abs=5e-5)
    assert random.beta[0] == pytest.approx(0.5328, abs=5e-5)
    assert es.ztor(random.beta[0]) == pytest.approx(0.4875, abs=5e-5)


def test_cochrane_handbook_6_5_2_3():
    """A mean difference of 3.8 with p = 0.008 in groups of 25 and 22: t = 2.78 and SE = 1.37. SD = 4.69 is computed."""
    t = es.t_from_p(0.008, 25 + 22 - 2)
    se = 3.8 / t
    sd = se / np.sqrt(1 / 25 + 1 / 22)
    assert (t, se, sd) == pytest.approx((2.78, 1.37, 4.69), abs=0.01)
    assert es.smd_from_t(t, 25, 22, correct=False).yi == pytest.approx(3.8 / sd)
