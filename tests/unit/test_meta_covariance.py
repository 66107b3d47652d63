import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reanalysis.meta import BlockCovariance, aggregate_effects, nested, vcalc

VI = np.array([0.04, 0.09, 0.05, 0.16])
ONE = np.ones(4)


def lower(v):
    """Entries below the diagonal, column by column."""
    full = v.toarray()
    return full.T[np.triu_indices(len(full), 1)]


def test_constant_correlation_within_clusters_only():
    v = vcalc(VI, ["a", "b", "a", "b"], rho=0.6).toarray()
    assert np.allclose(np.diag(v), VI)
    assert v[0, 2] == pytest.approx(0.6 * np.sqrt(0.04 * 0.05))
    assert v[1, 3] == pytest.approx(0.6 * 0.3 * 0.4)
    assert np.all(v[[0, 0, 2, 2], [1, 3, 1, 3]] == 0)


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        # made by metafor 3.8-1, vcalc(); its default observation is our explicit one
        (
            {"obs": [1, 2, 3, 4], "type": [1, 1, 2, 2], "rho": (0.7, 0.5)},
            [0.042, 0.0223606797749979, 0.04, 0.0335410196624968, 0.06, 0.0626099033699941],
        ),
        (
            {"obs": [1, 1, 2, 2], "time": [0, 2, 0, 2], "rho": 0.6, "phi": 0.8},
            [0.0384, 0.0268328157299975, 0.03072, 0.0257595031007976, 0.072, 0.0572433402239946],
        ),
        (
            {"time": [0, 1, 3, 6], "phi": 0.9},
            [0.054, 0.0326018711119469, 0.04251528, 0.0543364518532449, 0.0708588, 0.0652037422238939],
        ),
        (
            {"obs": [1, 2, 1, 2], "grp1": list("aabb"), "grp2": list("cccc"), "rho": 0.6}
            | {"w1": [20, 20, 30, 30], "w2": [40, 40, 40, 40]},
            [0.036, 0.0169030850945703, 0.0181422947044429, 0.0152127765851133, 0.0453557367611073, 0.053665631459995],
        ),
    ],
)
def test_types_times_and_groups_as_metafor(choices, expected):
    assert lower(vcalc(VI, ONE, **choices)) == pytest.approx(expected, rel=1e-13)


def test_shared_groups_correlate_and_reversed_ones_negatively():
    chain = {"grp1": ["a", "b", "c"], "grp2": ["c", "c", "d"]}
    assert lower(vcalc(VI[:3], ONE[:3], **chain)) == pytest.approx([0.03, -0.0223606797749979, -0.0335410196624968])
    sized = vcalc(VI[:3], ONE[:3], **chain, w1=[20, 30, 40], w2=[40, 40, 25])
    assert lower(sized) == pytest.approx([0.0226778683805536, -0.0160128153805087, -0.0272352389700961])
    apart = vcalc(VI[:2], ONE[:2], grp1=["a", "b"], grp2=["c", "d"])
    assert np.all(lower(apart) == 0)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({}, "rho"),
        ({"rho": 1.2}, "between -1 and 1"),
        ({"rho": (0.5, 0.4, 0.3)}, "pair"),
        ({"rho": -0.5}, "not positive definite"),
        ({"rho": 1.0}, "not positive definite"),
        ({"time": [0, 1, 2, 3]}, "time and phi"),
        ({"time": [0, 1, 2, 3], "phi": -0.5}, "phi must be"),
        ({"time": [0, 1, 1, 3], "phi": 0.5}, "not positive definite"),
        ({"grp1": list("aabb")}, "grp1 and grp2"),
        ({"grp1": list("aabb"), "grp2": list("cdcd"), "w1": [1, 1, 1, 0], "w2": ONE}, "w1 and w2"),
        ({"rho": 0.5, "obs": [1, 2, 3]}, "obs must have one label"),
    ],
)
def test_impossible_correlations_are_refused(choices, message):
    with pytest.raises(ValueError, match=message):
        vcalc(VI, ONE, **choices)


@pytest.mark.parametrize("vi", [[0.1, 0.0], [0.1, -1.0], [0.1, np.nan], [], [[0.1]]])
def test_variances_must_be_positive_numbers(vi):
    with pytest.raises(ValueError, match="variances"):
        vcalc(vi, np.zeros(len(vi)), rho=0.5)


def test_missing_labels_are_refused():
    for labels in ([1.0, np.nan, 2.0, 3.0], ["a", None, "b", "c"]):
        with pytest.raises(ValueError, match="missing"):
            vcalc(VI, labels, rho=0.5)


def test_a_full_matrix_falls_into_its_blocks():
    v = vcalc(np.linspace(0.1, 1, 7), ["a", "b", "a", "c", "b", "a", "d"], rho=0.4)
    again = BlockCovariance.of(v.toarray())
    assert np.array_equal(again.toarray(), v.toarray())
    assert sorted(rows.shape for rows, _ in again.groups) == [(1, 2), (1, 3), (2, 1)]
    assert np.array_equal(again.diagonal(), np.linspace(0.1, 1, 7))
    wide = again.regroup(np.array([0, 1, 0, 2, 1, 0, 2]))
    assert np.array_equal(wide.toarray(), v.toarray())
    with pytest.raises(ValueError, match="different clusters"):
        again.regroup(np.arange(7))


@pytest.mark.parametrize(
    ("v", "message"),
    [
        (np.ones((2, 3)), "shape"),
        ([[1.0, 0.5], [0.2, 1.0]], "symmetric"),
        ([[1.0, 2.0], [2.0, 1.0]], "not positive definite"),
    ],
)
def test_matrices_that_are_no_covariances_are_refused(v, message):
    with pytest.raises(ValueError, match=message):
        BlockCovariance.of(v)


def test_nested_labels_tell_equal_numbers_of_different_samples_apart():
    assert nested(["a", "a", "b", "b", "a"], [1, 2, 1, 2, 1]).tolist() == [0, 1, 2, 3, 0]


@given(
    st.lists(st.tuples(st.floats(-3, 3), st.floats(0.01, 2), st.integers(0, 3)), min_size=1, max_size=12),
    st.floats(0, 0.95),
)
def test_aggregation_is_least_squares_within_clusters(rows, rho):
    yi, vi, cluster = (np.array(column) for column in zip(*rows, strict=True))
    got = aggregate_effects(yi, vi, cluster, rho=rho)
    plain = aggregate_effects(yi, vi, cluster, rho=rho, weighted=False)
    v = vcalc(vi, cluster, rho=rho).toarray()
    for j, label in enumerate(got.cluster):
        own = cluster == label
        w = np.linalg.inv(v[np.ix_(own, own)])
        assert got.vi[j] == pytest.approx(1 / w.sum(), rel=1e-8)
        assert got.yi[j] == pytest.approx((w @ yi[own]).sum() / w.sum(), rel=1e-8, abs=1e-9)
        assert plain.yi[j] == pytest.approx(yi[own].mean(), abs=1e-12)
        assert plain.vi[j] == pytest.approx(v[np.ix_(own, own)].mean(), rel=1e-10)
        assert got.vi[j] <= plain.vi[j] * (1 + 1e-10)
        assert got.n_effects[j] == own.sum()
    assert got.cluster.tolist() == list(dict.fromkeys(cluster.tolist()))


def test_full_correlation_gains_nothing_from_more_effects():
    got = aggregate_effects([0.2, 0.4], [0.1, 0.1], ["a", "a"], rho=1, weighted=False)
    assert got.yi == pytest.approx([0.3])
    assert got.vi == pytest.approx([0.1])


@pytest.mark.parametrize("choices", [{"rho": 1.0}, {"rho": -0.6}, {"rho": 2.0}])
def test_impossible_aggregation_is_refused(choices):
    with pytest.raises(ValueError, match="rho"):
        aggregate_effects([0.1, 0.2, 0.3], [0.1, 0.1, 0.2], ["a", "a", "a"], **choices)


def test_aggregation_needs_matching_lengths():
    with pytest.raises(ValueError, match="yi"):
        aggregate_effects([0.1], [0.1, 0.2], ["a", "b"], rho=0.5)
    with pytest.raises(ValueError, match="cluster"):
        aggregate_effects([0.1, 0.2], [0.1, 0.2], ["a"], rho=0.5)
