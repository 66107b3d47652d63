import itertools
from math import factorial

import numpy as np
import pytest

from reanalysis.meta import fit, permutation_interval, permutation_test

RNG = np.random.default_rng(4)
VI = RNG.uniform(0.02, 0.2, 7)
YI = RNG.normal(0.4, np.sqrt(VI + 0.1))


def test_all_signs_are_counted():
    f = fit(YI, VI, method="DL", test="z")
    statistics = [
        abs(fit(np.array(s) * YI, VI, method="DL", test="z").stat[0]) for s in itertools.product([1, -1], repeat=7)
    ]
    t = permutation_test(f)
    assert t.exact
    assert t.n == 128
    assert t.pval[0] == np.mean(np.array(statistics) >= abs(f.stat[0]) - 1e-9)
    assert t.QMp == t.pval[0]


def test_the_smallest_p_value_is_two_sign_vectors():
    assert permutation_test(fit(np.full(6, 0.5), np.full(6, 0.1))).pval[0] == 2 / 64


def test_too_few_arrangements_are_said():
    assert permutation_test(fit(YI[:6], VI[:6])).note == ""
    assert "5 effects have 32 arrangements: p cannot fall below 0.0625" in permutation_test(fit(YI[:5], VI[:5])).note
    few = permutation_test(fit(YI[:4], VI[:4], [0, 0, 1, 1]))
    assert "4 effects have 6 arrangements" in few.note


@pytest.mark.parametrize("x", [[0, 0, 1, 1, 1], [3, 1, 4, 1, 5]])
def test_all_orders_of_the_moderator_are_counted(x):
    yi, vi, x = YI[:5], VI[:5], np.array(x, float)
    f = fit(yi, vi, x, test="z")
    permuted = [fit(yi, vi, x[list(order)], test="z") for order in itertools.permutations(range(5))]
    t = permutation_test(f)
    assert t.exact
    distinct = factorial(5) // np.prod([factorial(c) for c in np.unique(x, return_counts=True)[1]])
    assert t.n == distinct
    for j in range(2):
        reached = np.array([abs(g.stat[j]) for g in permuted]) >= abs(f.stat[j]) * (1 - 1e-9)
        assert t.pval[j] == pytest.approx(reached.mean())
    assert pytest.approx(np.mean([g.QM >= f.QM * (1 - 1e-9) for g in permuted])) == t.QMp


def test_sampled_p_values_approach_the_exact_ones():
    f = fit(YI, VI, [0, 0, 0, 1, 1, 1, 1], test="z")
    exact, sampled = permutation_test(f), permutation_test(f, n=30, seed=2)
    assert exact.exact
    assert not sampled.exact
    assert sampled.n == 31
    many = permutation_test(fit(np.tile(YI, 2), np.tile(VI, 2)), n=4000)
    assert not many.exact
    reference = permutation_test(fit(np.tile(YI, 2), np.tile(VI, 2)), n=2**14)
    assert many.pval[0] == pytest.approx(reference.pval[0], abs=0.02)
    again = permutation_test(fit(np.tile(YI, 2), np.tile(VI, 2)), n=4000)
    assert again.pval[0] == many.pval[0]


@pytest.mark.parametrize("stat", ["stat", "coef"])
def test_the_interval_holds_what_the_test_does_not_reject(stat):
    lower, upper = permutation_interval(fit(YI, VI, method="DL"), stat=stat)
    width = upper - lower

    def p(value):
        return permutation_test(fit(YI - value, VI, method="DL"), stat=stat).pval[0]

    assert p(lower + 1e-3 * width) > 0.05
    assert p(lower - 1e-3 * width) <= 0.05
    assert p(upper - 1e-3 * width) > 0.05
    assert p(upper + 1e-3 * width) <= 0.05


def test_too_few_effects_exclude_nothing():
    assert permutation_interval(fit(YI[:5], VI[:5])) == (-np.inf, np.inf)


def test_refusals():
    f = fit(YI, VI)
    for call in (permutation_test, permutation_interval):
        with pytest.raises(ValueError, match="stat must be"):
            call(f, stat="t")
    with pytest.raises(ValueError, match="weights"):
        permutation_test(fit(YI, VI, weights=np.ones(7)))
    with pytest.raises(ValueError, match="without moderators"):
        permutation_interval(fit(YI, VI, np.arange(7)))
