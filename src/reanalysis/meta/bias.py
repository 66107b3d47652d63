"""Small-study effects: are the small studies different from the large ones?

None of these tests shows publication bias: they show that effects depend on study size, which selective publication can
cause, and other things can too (Sterne et al. 2011, BMJ 343:d4002). They say little with few studies, so all refuse
fewer than `MIN_K` unless `min_k` is lowered. Standard errors `sei` may stand in place of `vi` everywhere.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc

from reanalysis.meta.columns import check_effects, numbers, variances
from reanalysis.meta.power import study_power
from reanalysis.meta.univariate import Fit, fit
from reanalysis.numeric import chi2_sf, norm_ppf, norm_two_sided_p

MIN_K = 10
"""Fewest studies for a test of small-study effects (Sterne et al. 2011, BMJ 343:d4002)."""
_EXACT_K = 200
_TRIM_ROUNDS = 100

PREDICTORS = {
    "sei": lambda vi, ni: np.sqrt(vi),
    "vi": lambda vi, ni: vi,
    "sqrtninv": lambda vi, ni: 1 / np.sqrt(ni),
    "ninv": lambda vi, ni: 1 / ni,
    "sqrtni": lambda vi, ni: np.sqrt(ni),
    "ni": lambda vi, ni: ni,
}
"""Predictors of `regtest`, under metafor's names. The first four go to 0 as a study grows."""


@dataclass(frozen=True)
class RegressionTest:
    """Test of funnel plot asymmetry by regression on a measure of study size."""

    model: str
    predictor: str
    stat: float
    """Statistic of the slope: t with `ddf` degrees of freedom, normal where `ddf` is infinite."""
    ddf: float
    pval: float
    est: float
    """Effect expected in an infinitely large study: the intercept; nan for predictors that grow with the study."""
    ci_lb: float
    ci_ub: float
    k: int
    fit: Fit
    """The regression: coefficient 0 is the intercept, 1 the slope."""


@dataclass(frozen=True)
class RankTest:
    """Rank correlation between standardized effects and their variances."""

    tau: float
    """Kendall's tau-b."""
    pval: float
    exact: bool
    k: int


@dataclass(frozen=True)
class TrimFill:
    """Trim and fill: how many studies would make the funnel symmetric, and what if they existed."""

    k0: int
    """Studies estimated to be missing."""
    se_k0: float
    p_k0: float
    """p against "none is missing"; only R0 gives one (else nan)."""
    side: str
    estimator: str
    yi: np.ndarray
    vi: np.ndarray
    """The data with the filled studies after the observed ones."""
    filled: np.ndarray
    """True for the filled studies."""
    k: int
    fit: Fit
    """The model fitted to observed and filled studies."""


@dataclass(frozen=True)
class PetPeese:
    """Precision-effect test and precision-effect estimate with standard error."""

    pet: RegressionTest
    peese: RegressionTest
    chosen: str
    """"PEESE" if PET's intercept differs from zero, else "PET"."""
    est: float
    ci_lb: float
    ci_ub: float
    pval: float
    """Of the chosen estimate."""


@dataclass(frozen=True)
class ExcessSignificance:
    """Are there more significant studies than their power allows?"""

    O: int  # noqa: E741 - the literature's name
    """Observed number of significant studies."""
    E: float
    """Expected number: the sum of the powers."""
    OE_ratio: float
    theta: float
    """The effect taken to be true."""
    power: np.ndarray
    """Power of each study, shape (k,)."""
    stat: float
    """Chi-squared statistic; nan for the other two tests."""
    pval: float
    """One-sided: only an excess counts."""
    test: str
    k: int


def regtest(
    yi: ArrayLike,
    vi: ArrayLike | None = None,
    ni: ArrayLike | None = None,
    *,
    sei: ArrayLike | None = None,
    model: str = "lm",
    predictor: str | None = None,
    method: str = "REML",
    test: str | None = None,
    level: float = 0.95,
    min_k: int = MIN_K,
) -> RegressionTest:
    """Regression test of funnel plot asymmetry.

    `model="lm"` is weighted least squares with multiplicative dispersion (Egger et al. 1997, BMJ 315:629; Sterne &
    Egger 2005), `"rma"` a meta-regression with additive heterogeneity (`method`, `test`: as in `fit`).

    The default predictor is `1/sqrt(ni)` where the sizes `ni` of the studies are given (any multiple gives the same
    test; with unequal groups n1 n2 / (n1 + n2) is the better measure), else the standard error; the result says which.
    The standard error of a standardized mean difference contains
    the effect, so that regressing on it ("sei", Egger's predictor) finds asymmetry where there is none: Zwetsloot et
    al. (2017, eLife 6:e24260), Pustejovsky & Rodgers (2019, Research Synthesis Methods 10:57).

    Raises
    ------
    ValueError
        With fewer than `min_k` studies, a predictor that needs `ni` without it, or one that does not vary.
    """
    if model not in ("lm", "rma"):
        raise ValueError(f'model must be "lm" or "rma", not {model!r}')
    predictor = predictor or ("sei" if ni is None else "sqrtninv")
    if predictor not in PREDICTORS:
        raise ValueError(f"predictor must be one of {', '.join(PREDICTORS)}, not {predictor!r}")
    if ni is None and "n" in predictor:
        raise ValueError(f'predictor {predictor!r} needs the sample sizes `ni`; without them use "sei" or "vi"')
    yi, vi, ni = observed(yi, variances(vi, sei), ni)
    enough_studies(yi.size, max(min_k, 3), "a regression test for funnel plot asymmetry")
    if ni is not None and not (ni > 0).all():
        raise ValueError("sample sizes `ni` must be positive")
    x = PREDICTORS[predictor](vi, ni)
    if np.ptp(x) <= 1e-12 * np.max(np.abs(x)):
        raise ValueError(f"all studies have the same {predictor}: there is no small-study effect to look for")
    # Weighted least squares with dispersion is the common-effect regression with Knapp-Hartung standard errors.
    method, test = (method, test) if model == "rma" else ("CE", "knha")
    result = fit(yi, vi, x, method=method, test=test, level=level)
    grows = predictor in ("ni", "sqrtni")
    est, ci_lb, ci_ub = (np.nan if grows else float(v[0]) for v in (result.beta, result.ci_lb, result.ci_ub))
    return RegressionTest(
        model=model,
        predictor=predictor,
        stat=float(result.stat[1]),
        ddf=result.ddf,
        pval=float(result.pval[1]),
        est=est,
        ci_lb=ci_lb,
        ci_ub=ci_ub,
        k=yi.size,
        fit=result,
    )


def ranktest(
    yi: ArrayLike,
    vi: ArrayLike | None = None,
    *,
    sei: ArrayLike | None = None,
    exact: bool = True,
    min_k: int = MIN_K,
) -> RankTest:
    """Rank correlation test (Begg & Mazumdar 1994, Biometrics 50:1088): Kendall's tau-b, two-sided p.

    The p-value is exact up to 200 studies without ties, else the normal approximation with the variance for ties
    (Kendall & Gibbons 1990, "Rank correlation methods", 5th ed., chapter 4) and no continuity correction.

    Raises
    ------
    ValueError
        With fewer than `min_k` studies, or if all effects or all variances are equal.
    """
    yi, vi = observed(yi, variances(vi, sei))
    k = yi.size
    enough_studies(k, max(min_k, 3), "a rank test for funnel plot asymmetry")
    w = 1 / vi
    standardized = (yi - np.average(yi, weights=w)) / np.sqrt(vi - 1 / w.sum())
    ties = [np.unique(v, return_counts=True)[1] for v in (standardized, vi)]
    if any(t.size == 1 for t in ties):
        raise ValueError("all effects or all variances are equal: a rank correlation is not defined")
    S = sum(np.sign(standardized[i + 1 :] - standardized[i]) @ np.sign(vi[i + 1 :] - vi[i]) for i in range(k - 1))
    pairs = k * (k - 1) / 2
    a, b = (np.sum(t * (t - 1) / 2) for t in ties)
    tau = S / np.sqrt((pairs - a) * (pairs - b))
    exact = exact and a == b == 0 and k <= _EXACT_K
    pval = _kendall_exact(S, k) if exact else norm_two_sided_p(S / np.sqrt(_kendall_variance(k, *ties)))
    return RankTest(float(tau), float(pval), bool(exact), k)


def _kendall_exact(S: float, k: int) -> float:
    """Two-sided p of `S` (concordant less discordant pairs) when all k! orders are equally likely."""
    inversions = np.ones(1)
    for j in range(2, k + 1):  # adding the j-th item makes 0 ... j-1 more inversions, each with chance 1/j
        total = np.cumsum(np.r_[inversions, np.zeros(j - 1)])
        total[j:] -= total[:-j].copy()
        inversions = total / j
    discordant = round((k * (k - 1) / 2 - S) / 2)
    tail = min(discordant, inversions.size - 1 - discordant)  # the distribution is symmetric
    return min(1.0, 2 * float(inversions[: tail + 1].sum()))


def _kendall_variance(k: int, x: np.ndarray, y: np.ndarray) -> float:
    """Variance of S under independence, given the sizes of the groups of ties."""
    spread = [n * (n - 1) * (2 * n + 5) for n in (np.float64(k), x, y)]
    two = np.sum(x * (x - 1)) * np.sum(y * (y - 1)) / (2 * k * (k - 1))
    three = np.sum(x * (x - 1) * (x - 2)) * np.sum(y * (y - 1) * (y - 2)) / (9 * k * (k - 1) * (k - 2))
    return (spread[0] - spread[1].sum() - spread[2].sum()) / 18 + two + three


def trimfill(
    yi: ArrayLike,
    vi: ArrayLike | None = None,
    *,
    sei: ArrayLike | None = None,
    estimator: str = "L0",
    side: str = "auto",
    method: str = "REML",
    test: str | None = None,
    level: float = 0.95,
    min_k: int = MIN_K,
) -> TrimFill:
    """Trim and fill (Duval & Tweedie 2000a, Biometrics 56:455; 2000b, JASA 95:89).

    `estimator` is L0, R0 or Q0; `side` is where studies are missing: "left", "right" or "auto" (left if small studies
    have the larger effects, by the meta-regression on the standard error). A sensitivity analysis, not an estimate:
    it assumes that asymmetry has no other cause (Terrin et al. 2003, Statistics in Medicine 22:2113).

    Raises
    ------
    ValueError
        With fewer than `min_k` studies, an unknown `estimator` or `side`, or if trimming does not settle.
    """
    if estimator not in _MISSING:
        raise ValueError(f"estimator must be one of {', '.join(_MISSING)}, not {estimator!r}")
    if side not in ("auto", "left", "right"):
        raise ValueError(f'side must be "left", "right" or "auto", not {side!r}')
    yi, vi = observed(yi, variances(vi, sei))
    k = yi.size
    enough_studies(k, max(min_k, 3), "trim and fill")
    if side == "auto":
        slope = regtest(yi, vi, model="rma", predictor="sei", method=method, min_k=min_k).fit.beta[1]
        side = "right" if slope < 0 else "left"
    sign = 1 if side == "left" else -1
    order = np.argsort(sign * yi, kind="stable")
    y, v = sign * yi[order], vi[order]  # now studies are missing on the left and the last are trimmed

    k0 = 0
    for _ in range(_TRIM_ROUNDS):
        previous = k0
        centre = fit(y[: k - k0], v[: k - k0], method=method, test=test).beta[0]
        raw, se_k0 = _MISSING[estimator](y - centre)
        k0 = max(0, round(raw))
        if k0 in (previous, k - 1, k):
            break
    if k0 != previous:
        raise ValueError(f"trim and fill ({estimator}) finds no number of missing studies that repeats itself")
    mirrored = slice(k - k0, k)
    y = np.r_[yi, sign * (2 * centre - y[mirrored])]
    v = np.r_[vi, v[mirrored]]
    return TrimFill(
        k0=k0,
        se_k0=float(se_k0),
        p_k0=0.5 ** (k0 + 1) if estimator == "R0" else np.nan,
        side=side,
        estimator=estimator,
        yi=y,
        vi=v,
        filled=np.arange(k + k0) >= k,
        k=k,
        fit=fit(y, v, method=method, test=test, level=level),
    )


def _signed_ranks(centred: np.ndarray) -> np.ndarray:
    ranks = np.empty(centred.size)
    ranks[np.argsort(np.abs(centred), kind="stable")] = np.arange(1, centred.size + 1)
    return np.sign(centred) * ranks


def _missing_r0(centred: np.ndarray) -> tuple[float, float]:
    """From the length of the run of largest deviations that all lie to the right."""
    signed = _signed_ranks(centred)
    raw = signed.size - max(-signed.min(), 0) - 1
    return raw, np.sqrt(2 * max(0.0, raw) + 2)


def _rank_sum(centred: np.ndarray) -> tuple[int, float]:
    signed = _signed_ranks(centred)
    return signed.size, signed[signed > 0].sum()


def _rank_sum_variance(k: int, k0: float) -> float:
    """Variance of the sum of positive ranks when the `k0` lowest of k + k0 studies are missing."""
    cubic = 10 * k0**3 + 27 * k0**2 + 17 * k0
    return (k * (k + 1) * (2 * k + 1) + cubic - 18 * k * k0**2 - 18 * k * k0 + 6 * k**2 * k0) / 24


def _missing_l0(centred: np.ndarray) -> tuple[float, float]:
    """Linear in the sum of the positive ranks."""
    k, total = _rank_sum(centred)
    raw = (4 * total - k * (k + 1)) / (2 * k - 1)
    return raw, 4 * np.sqrt(_rank_sum_variance(k, raw)) / (2 * k - 1)


def _missing_q0(centred: np.ndarray) -> tuple[float, float]:
    """The root of the quadratic equation for the expected sum of the positive ranks."""
    k, total = _rank_sum(centred)
    raw = k - 0.5 - np.sqrt(max(0.0, 2 * k**2 - 4 * total + 0.25))
    return raw, 2 * np.sqrt(_rank_sum_variance(k, raw) / ((k - 0.5) ** 2 - raw * (2 * k - raw - 1)))


_MISSING = {"L0": _missing_l0, "R0": _missing_r0, "Q0": _missing_q0}


def pet_peese(
    yi: ArrayLike,
    vi: ArrayLike | None = None,
    ni: ArrayLike | None = None,
    *,
    sei: ArrayLike | None = None,
    model: str = "lm",
    method: str = "REML",
    test: str | None = None,
    level: float = 0.95,
    alpha: float = 0.1,
    min_k: int = MIN_K,
) -> PetPeese:
    """Effect in an infinitely large study: PET and PEESE (Stanley & Doucouliagos 2014, Res Synth Methods 5:60).

    PET regresses on the standard error, PEESE on its square; with sample sizes `ni`, on 1/sqrt(ni) and 1/ni, which
    standardized mean differences need (see `regtest`, which fits both). PEESE is chosen where PET's intercept
    differs from zero (two-sided p < `alpha`), PET where it does not.

    Raises
    ------
    ValueError
        As `regtest`.
    """
    common = {"model": model, "method": method, "test": test, "level": level, "min_k": min_k}
    vi = variances(vi, sei)
    linear, square = ("sei", "vi") if ni is None else ("sqrtninv", "ninv")
    pet = regtest(yi, vi, ni, predictor=linear, **common)
    peese = regtest(yi, vi, ni, predictor=square, **common)
    name, chosen = ("PEESE", peese) if pet.fit.pval[0] < alpha else ("PET", pet)
    return PetPeese(pet, peese, name, chosen.est, chosen.ci_lb, chosen.ci_ub, float(chosen.fit.pval[0]))


def tes(
    yi: ArrayLike,
    vi: ArrayLike | None = None,
    *,
    sei: ArrayLike | None = None,
    theta: float | None = None,
    test: str = "exact",
    alpha: float = 0.05,
    min_k: int = MIN_K,
) -> ExcessSignificance:
    """Test of excess significance (Ioannidis & Trikalinos 2007, Clinical Trials 4:245).

    Counts the studies significant at two-sided `alpha` and compares with the sum of their powers at the true effect
    `theta` (default: the common-effect estimate). `test` is "exact" (the distribution of a sum of unequal chances),
    "binom" (as if all powers were equal) or "chi2". Heterogeneity alone can produce an excess.

    Raises
    ------
    ValueError
        With fewer than `min_k` studies or an unknown test.
    """
    if test not in ("exact", "binom", "chi2"):
        raise ValueError(f'test must be "exact", "binom" or "chi2", not {test!r}')
    yi, vi = observed(yi, variances(vi, sei))
    k = yi.size
    enough_studies(k, min_k, "a test of excess significance")
    sei = np.sqrt(vi)
    theta = float(np.average(yi, weights=1 / vi)) if theta is None else float(theta)
    power = study_power(theta, sei, alpha=alpha)
    significant = int(np.sum(np.abs(yi / sei) >= norm_ppf(1 - alpha / 2)))
    expected = float(power.sum())
    stat = np.nan
    if test == "chi2":
        excess = significant - expected
        stat = excess**2 / expected + excess**2 / (k - expected)
        tail = float(chi2_sf(stat, 1)) / 2
        pval = tail if excess >= 0 else 1 - tail
    elif test == "binom":
        pval = float(betainc(significant, k - significant + 1, expected / k)) if significant else 1.0
    else:
        chance = np.ones(1)
        for one in power:
            chance = np.r_[chance * (1 - one), 0] + np.r_[0, chance * one]
        pval = float(chance[significant:].sum())
    return ExcessSignificance(significant, expected, significant / expected, theta, power, float(stat), pval, test, k)


def enough_studies(k: int, min_k: int, what: str) -> None:
    """Raise ValueError, with the sentence why, if `k` studies are too few for `what`."""
    if k < min_k:
        raise ValueError(
            f"{what} needs at least {min_k} studies, there are {k}: with so few it cannot tell small-study effects "
            "from chance (lower min_k to see it all the same)"
        )


def observed(*columns: ArrayLike | None) -> list[np.ndarray | None]:
    """The rows of yi, vi and further columns (k,) where nothing is missing; a column None stays None.

    Raises
    ------
    ValueError
        If lengths differ, or effects and variances are not as `columns.check_effects` wants them.
    """
    arrays = [None if x is None else numbers(x, "yi, vi and what goes with them") for x in columns]
    given = [x for x in arrays if x is not None]
    if given[0].ndim != 1 or any(x.shape != given[0].shape for x in given):
        raise ValueError("yi, vi and what goes with them must be lists of the same length")
    keep = ~np.isnan(given).any(axis=0)
    check_effects(given[0][keep], given[1][keep])
    return [None if x is None else x[keep] for x in arrays]
