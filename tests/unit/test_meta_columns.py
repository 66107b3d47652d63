"""What a caller names or labels is used or refused, never dropped without a word."""

import numpy as np
import pandas as pd
import pytest

from reanalysis import effects, meta
from reanalysis.meta.columns import indicators, labels, numbers

RNG = np.random.default_rng(21)
K = 12
VI = RNG.uniform(0.02, 0.2, K)
A, B = RNG.normal(size=K), RNG.normal(20, 3, K)
YI = 0.2 + 0.5 * A - 0.1 * (B - 20) + RNG.normal(size=K) * np.sqrt(VI)
SAMPLE = np.repeat(np.arange(4), 3)
NAN = float("nan")
BOTH = {"a": A, "b": B}


def models():
    multilevel = meta.fit_multilevel(YI, VI, random={"sample": SAMPLE, "effect": np.arange(K)}, mods=BOTH)
    one = meta.fit(YI, VI, BOTH)
    return {"fit": one, "multilevel": multilevel, "robust": meta.robust(one, SAMPLE, min_df=0)}


# ---- names in predictions --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["fit", "multilevel", "robust"])
def test_predictions_go_by_name(name):
    f = models()[name]
    expected = f.beta @ [1, 1, 20]
    for rows in (
        pd.DataFrame({"b": [20], "a": [1]}),
        {"b": 20, "a": 1},
        {"a": [1.0], "b": [20.0]},
        pd.DataFrame({"b": [20], "a": [1]}).iloc[0],
        [1, 20],
    ):
        assert f.predict(rows).pred == pytest.approx([expected])
    assert f.predict({"a": [0, 1], "b": 20}).pred == pytest.approx([f.beta @ [1, 0, 20], expected])


@pytest.mark.parametrize("name", ["fit", "multilevel", "robust"])
@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (pd.DataFrame({"zz": [1], "a": [1]}), "unknown: zz; missing: b"),
        ({"a": 1}, "missing: b"),
        ({"a": 1, "b": 2, "c": 3}, "unknown: c"),
        ({"a": "low", "b": 2}, "must be numbers"),
        ({"a": [1, 2], "b": [1, 2, 3]}, "equally long"),
        ([1, 2, 3], "2 columns"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "same name"),
    ],
)
def test_wrong_names_are_refused(name, rows, words):
    with pytest.raises(ValueError, match=words):
        models()[name].predict(rows)


def test_a_moderator_that_was_left_out_need_not_be_named():
    f = meta.fit(YI, VI, {"a": A, "twice": 2 * A})
    assert f.predict({"a": [1.0]}).pred == pytest.approx(f.predict({"a": [1.0], "twice": [2.0]}).pred)


def test_a_named_series_keeps_its_name():
    f = meta.fit(YI, VI, pd.Series(A, name="dose", index=range(5, 5 + K)))
    assert f.names == ("intercept", "dose")
    assert f.beta == pytest.approx(meta.fit(YI, VI, A).beta)


def test_names_that_come_twice_are_refused():
    for mods in (
        pd.DataFrame(np.column_stack([A, B]), columns=["a", "a"]),
        {"1": A, 1: B},
        {"intercept": A},
    ):
        with pytest.raises(ValueError, match="same name"):
            meta.fit(YI, VI, mods)


# ---- categories ------------------------------------------------------------------------------------------------

MISSING = [NAN, None, pd.NA, np.nan, "nan"]


@pytest.mark.parametrize("missing", MISSING, ids=repr)
@pytest.mark.parametrize(
    "make", [list, lambda x: np.array(x, dtype=object), pd.Series], ids=["list", "object", "Series"]
)
def test_a_missing_category_is_no_category(missing, make):
    group = ["a", "b", "c"] * 4
    group[4] = missing
    known = np.arange(K) != 4
    f = meta.fit(YI, VI, indicators({"group": make(group)}))
    g = meta.fit(YI[known], VI[known], indicators({"group": [x for i, x in enumerate(group) if i != 4]}))
    assert f.names == g.names == ("intercept", "group: b", "group: c")
    assert f.beta == pytest.approx(g.beta)
    assert f.notes[0] == "1 of 12 rows have a missing value and are left out"
    s = meta.subgroups(YI, VI, make(group))
    assert s.levels == ("a", "b", "c")
    assert [one.k for one in s.fits] == [4, 3, 4]
    assert s.notes == ("1 of 12 rows have no group and are left out",)
    for call in (
        lambda: meta.fit_many(YI, VI, indicators({"group": make(group)})),
        lambda: meta.fit_multilevel(YI, VI, random={"s": make(group), "e": range(K)}),
        lambda: meta.leave_one_out(meta.fit(YI, VI), make(group)),
        lambda: meta.robust(meta.fit(YI, VI), make(group)),
        lambda: meta.vcalc(VI, make(group), rho=0.5),
    ):
        with pytest.raises(ValueError, match="missing|finite"):
            call()


def test_numbers_as_categories():
    group = [1, 1, 2, 2, NAN, NAN, 2, 1, 1, 2, 1, 2]
    f = meta.fit(YI, VI, indicators({"g": group}))
    assert (f.k, f.names) == (10, ("intercept", "g: 2"))
    known = np.isfinite(group)
    s = meta.fit(YI[known], VI[known], {"second": np.array(group)[known] == 2})
    assert f.beta == pytest.approx(s.beta)
    masked = np.ma.array(np.ones(K, int), mask=[i in (4, 5) for i in range(K)])
    masked[[2, 3, 6, 9, 11]] = 2
    assert meta.fit(YI, VI, indicators({"g": masked})).beta == pytest.approx(f.beta)


def test_factors_with_equal_levels_stand_beside_each_other():
    yes = np.array(["y", "n"])
    a, b = yes[np.arange(K) % 2], yes[np.arange(K) // 6]
    f = meta.fit(YI, VI, {**indicators({"blind": a}), **indicators({"funded": b})})
    assert f.names == ("intercept", "blind: y", "funded: y")
    assert f.beta == pytest.approx(meta.fit(YI, VI, indicators(pd.DataFrame({"blind": a, "funded": b}))).beta)
    assert list(indicators(pd.Series(a, name="blind"))) == ["blind: y"]
    with pytest.raises(ValueError, match="name what you give"):
        indicators(a)
    with pytest.raises(ValueError, match="fewer than two levels"):
        indicators({"g": ["x"] * K})


def test_labels_of_mixed_types():
    known, missing = labels(["a", 1, NAN], "x")
    assert known[:2].tolist() == ["a", "1"]
    assert missing.tolist() == [False, False, True]
    with pytest.raises(ValueError, match="list of labels"):
        labels([["a"], ["b"]], "x")


# ---- coefficients ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["fit", "multilevel"])
def test_coefficients_by_name(name):
    f = models()[name]
    assert f.omnibus("a") == f.omnibus(["a"]) == f.omnibus(1) == f.omnibus([-2])
    assert f.omnibus(["a", "b"]).stat == pytest.approx(f.QM)
    for wrong, words in ((["zz"], "no coefficient 'zz'"), ("ab", "no coefficient 'ab'"), ([], "at least one")):
        with pytest.raises(ValueError, match=words):
            f.omnibus(wrong)
    with pytest.raises(ValueError, match="no coefficient 3"):
        f.omnibus([3])
    with pytest.raises(ValueError, match="same name"):
        f.omnibus(["a", 1])
    c = f.contrast([0, 1, -1])
    assert c.estimate == pytest.approx([f.beta[1] - f.beta[2]])
    assert f.contrast([0, 1, 0]).pval == pytest.approx([f.pval[1]])
    with pytest.raises(ValueError, match="3 columns"):
        f.contrast([1, 2])


# ---- numbers ---------------------------------------------------------------------------------------------------


def test_masked_values_are_missing():
    yi = np.ma.array(np.where(np.arange(K) == 3, 99.0, YI), mask=np.arange(K) == 3)
    rest = np.delete(np.arange(K), 3)
    f = meta.fit(yi, VI)
    assert f.k == K - 1
    assert f.beta == pytest.approx(meta.fit(YI[rest], VI[rest]).beta)
    assert meta.fit_many(yi, VI).beta[0] == pytest.approx(f.beta)
    assert meta.tes(yi, VI).k == K - 1
    with pytest.raises(ValueError, match="missing"):
        meta.fit_multilevel(yi, VI, random={"s": SAMPLE, "e": range(K)})


def test_the_index_of_a_series_does_not_matter():
    shuffled = pd.Series(YI, index=range(K)[::-1])
    assert meta.fit(shuffled, VI).beta == pytest.approx(meta.fit(YI, VI).beta)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: meta.fit(YI, VI, 3), "mods must be a column"),
        (lambda: meta.fit(YI, VI, {}), "names no moderator"),
        (lambda: meta.fit(YI, VI, {"a": ["x"] * K}), "code categories"),
        (lambda: meta.fit(YI + 1j, VI), "real numbers"),
        (lambda: meta.fit(["x"] * K, VI), "'x' is not one"),
        (lambda: meta.fit(YI, VI, tau2="a"), "tau2 must be"),
        (lambda: meta.confint(meta.fit(YI, VI), level="0.9"), "between 0 and 1"),
        (lambda: meta.fit_many([*YI[:-1], np.inf], VI), "finite"),
        (lambda: meta.fit_many(YI, [*VI[:-1], np.inf]), "finite"),
        (lambda: meta.fit([1e308, -1e308, 0], [1, 1, 1]), "size to compute with"),
        (lambda: meta.fit([1, 2, 3], [1, 1, 5e-324]), "size to compute with"),
        (lambda: meta.fit(YI, np.where(np.arange(K) == 3, 1e-20, 0.05)), "factor of 1e\\+15"),
        (lambda: meta.fit_many(YI, np.where(np.arange(K) == 3, 1e-20, 0.05)), "factor of 1e\\+15"),
        (lambda: meta.fit_multilevel(YI, np.where(np.arange(K) == 3, 1e-20, 0.05), random={"e": range(K)}), "factor"),
        (lambda: meta.all_evidence(YI, np.where(np.arange(K) == 3, 1e-20, 0.05)), "factor of 1e\\+15"),
        (lambda: meta.bayes_re(YI, np.where(np.arange(K) == 3, 1e-20, 0.05)), "factor of 1e\\+15"),
        (lambda: effects.smd(np.inf, 1, 10, 0, 1, 10), "infinite"),
        (lambda: effects.zcor(0.3, np.inf), "infinite"),
    ],
)
def test_what_is_no_number_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_numbers_of_every_kind():
    for values in (
        [1, None, "2.5"],
        pd.Series([1, pd.NA, 2.5], dtype="Float64"),
        np.ma.array([1, 9, 2.5], mask=[0, 1, 0]),
    ):
        assert numbers(values, "x") == pytest.approx([1, NAN, 2.5], nan_ok=True)


# ---- standard errors in place of variances ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "value"),
    [
        (meta.fit, lambda f: f.pval),
        (meta.fit_many, lambda f: f.pval),
        (lambda yi, *v, **sei: meta.fit_multilevel(yi, *v, random={"s": SAMPLE}, **sei), lambda f: f.pval),
        (meta.all_evidence, lambda f: f.pval),
        (meta.all_evidence_bayes, lambda f: f.mu),
        (meta.bayes_re, lambda f: f.mu),
        (lambda yi, *v, **sei: meta.subgroups(yi, *v, group=SAMPLE % 2, **sei), lambda s: s.QB),
        (lambda yi, *v, **sei: meta.selmodel(yi, *v, **sei), lambda s: s.beta),
    ],
)
def test_standard_errors_in_place_of_variances(call, value):
    sei = np.sqrt(VI)
    assert value(call(YI, sei=sei)) == pytest.approx(value(call(YI, VI)))
    for wrong in (lambda: call(YI), lambda: call(YI, VI, sei=sei)):
        with pytest.raises(ValueError, match="either sampling variances vi or standard errors sei"):
            wrong()
    with pytest.raises(ValueError, match="sei must be positive"):
        call(YI, sei=-sei)


def test_predictions_on_another_scale():
    f = meta.fit(YI, VI)
    p, ratio = f.predict(), f.predict(transf=np.exp)
    assert ratio.pred == pytest.approx(np.exp(p.pred))
    assert (ratio.ci_lb[0], ratio.pi_ub[0]) == pytest.approx((np.exp(p.ci_lb[0]), np.exp(p.pi_ub[0])))
    assert np.isnan(ratio.se).all()
    falling = f.predict(transf=lambda x: -x)
    assert (falling.ci_lb[0], falling.ci_ub[0]) == pytest.approx((-p.ci_ub[0], -p.ci_lb[0]))
    m = meta.fit_multilevel(YI, VI, random={"s": SAMPLE})
    assert m.predict(transf=np.exp).ci_ub == pytest.approx(np.exp(m.predict().ci_ub))
