"""Random effects from all the evidence: exact effects, significance statements and directions together.

The likelihood is that of `reanalysis.meta.evidence`, maximized over mu and tau2 >= 0. Intervals for mu invert the
likelihood-ratio test, with a threshold from Student's t instead of the chi-square: the variance of the average is
itself estimated, and its degrees of freedom are Satterthwaite's. docs/all-evidence.md shows how well that works.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from reanalysis import numeric
from reanalysis.effects import Contrast
from reanalysis.meta.bayes import HalfNormal, Normal
from reanalysis.meta.columns import check_effects, numbers, variances
from reanalysis.meta.evidence import RUNGS, Evidence, Sampling, sampling
from reanalysis.meta.evidence_bayes import Posterior, Priors, Summary, posterior
from reanalysis.meta.evidence_fit import Estimates, estimate, maximum, tau_interval

Array = np.ndarray
TAU_PRIOR, MU_PRIOR = HalfNormal(0.5), Normal(0.0, 2.0)
MARGIN, MIXED_SHARE = 0.2, 0.1
"""Smallest effect that matters, and the share of true effects beyond it on either side that makes evidence mixed."""
CELLS, POSTERIOR_CELLS = 50_000, 500
"""Findings worked on at once, so that leaving one out of thousands fits into memory; posteriors are on a grid each."""


@dataclass(frozen=True)
class AllEvidenceFit:
    """Random effects fitted to all findings; see `all_evidence`.

    `est` is the average effect with its standard error from the observed information, the interval `ci_*` and the
    two-sided `pval` of mu = 0 by likelihood ratio, calibrated by a t with `ddf` degrees of freedom; `k_eff` is how many
    equally informative findings would hold the same information. `tau_*` is the profile likelihood interval of tau
    (chi-square). `pi_*` holds the true effect of a new study, less often than it says (78 to 100 % in simulations), for
    tau is often estimated too low; `all_evidence_bayes` averages over tau. `information` (k,) is the observed
    information about mu in each finding, `shares` its distribution over the rungs. `no_maximum`: the likelihood rises
    without end, `est` is infinite (or nan), and only bounds are given.
    """

    metric: str
    level: float
    k: int
    k_exact: int
    k_bounded: int
    k_direction: int
    est: float
    se: float
    ci_lb: float
    ci_ub: float
    pval: float
    ddf: float
    k_eff: float
    tau2: float
    tau: float
    tau_lb: float
    tau_ub: float
    pi_lb: float
    pi_ub: float
    loglik: float
    converged: bool
    boundary: bool
    no_maximum: bool
    information: Array = field(repr=False)
    shares: dict[str, float]
    notes: tuple[str, ...]
    findings: "Findings" = field(repr=False)

    def summary(self) -> str:
        """The model as text."""
        percent = f"{100 * self.level:g} %"
        return "\n".join(
            [
                f"All-evidence random effects, {self.metric} (k = {self.k}: {self.k_exact} exact, {self.k_bounded} "
                f"bounded, {self.k_direction} direction only; maximum likelihood)",
                "",
                f"mu    {self.est:.4f} (SE {self.se:.4f}), {percent} interval [{self.ci_lb:.4f}, {self.ci_ub:.4f}], "
                f"p = {self.pval:.4g} (t with {self.ddf:.1f} degrees of freedom)",
                f"tau   {self.tau:.4f}, {percent} interval [{self.tau_lb:.4f}, {self.tau_ub:.4f}]",
                f"new   {percent} prediction interval [{self.pi_lb:.4f}, {self.pi_ub:.4f}]",
                *(f"information about mu from {rung} findings: {100 * s:.0f} %" for rung, s in self.shares.items()),
                *(f"note: {note}" for note in self.notes),
            ]
        )

    def __str__(self) -> str:
        return self.summary()


class Findings(NamedTuple):
    """Checked input, each (k,); `rung` is exact, bounded or direction."""

    metric: str
    yi: Array
    vi: Array
    yi_lb: Array
    yi_ub: Array
    size: Sampling
    rung: Array
    notes: tuple[str, ...]

    def evidence(self, use: Array | None = None, omega: ArrayLike = 1.0) -> Evidence:
        """The likelihood of the findings, once for each row of `use` (B, k)."""
        use = np.ones((1, len(self.yi)), bool) if use is None else use
        columns = (np.broadcast_to(x, use.shape) for x in (self.yi, self.vi, self.yi_lb, self.yi_ub))
        return Evidence.of(*columns, self.size, use=use, omega=omega)

    def take(self, index: Array) -> "Findings":
        """The findings at `index`, in its shape."""
        size = Sampling(Contrast(*(x[index] for x in self.size.contrast)), self.size.significant[index])
        columns = (x[index] for x in (self.yi, self.vi, self.yi_lb, self.yi_ub))
        return Findings(self.metric, *columns, size, self.rung[index], self.notes)


def all_evidence(
    yi: ArrayLike,
    vi: ArrayLike | None = None,
    yi_lb: ArrayLike = np.nan,
    yi_ub: ArrayLike = np.nan,
    *,
    sei: ArrayLike | None = None,
    metric: str = "SMD",
    n1i: ArrayLike = np.nan,
    n2i: ArrayLike = np.nan,
    ni: ArrayLike = np.nan,
    four_arms: ArrayLike = False,
    level: float = 0.95,
) -> AllEvidenceFit:
    """Fit random effects by maximum likelihood to exact effects and to intervals that hold an effect.

    The likelihood can have several maxima: the highest counts. For a given tau2 it has one in mu.

    Parameters
    ----------
    yi, vi : (k,) exact effects and their sampling variances (or standard errors `sei`), nan where not known.
    yi_lb, yi_ub : (k,) the interval that holds the effect where `yi` is nan (`effects.smd_bounds_from_p` and its like);
        an end may be infinite. A direction alone is a half line from 0. Both nan where `yi` is known.
    metric : SMD (between groups, Hedges' g), SMCC (within participants, d_z) or ZCOR (Fisher's z).
    n1i, n2i : group sizes of SMD; where only `ni`, the total, is known, equal groups are assumed, and noted.
    ni : participants of SMCC and ZCOR.
    four_arms : where an SMD is the difference between two randomised comparisons, with half of each group in an arm.
    level : confidence level of all intervals.

    One finding per independent sample: findings that share participants must be reduced to one before. The likelihood
    assumes that what was reported of a finding (the number, or only its significance or direction) depends on nothing
    but its significance; `sensitivity` asks what if not.

    The interval of mu holds every value that the likelihood-ratio test W does not reject: W is compared with
    `(df + 1) log(1 + t^2 / df)`, its exact quantile in a normal sample, t being Student's with Satterthwaite's degrees
    of freedom `df` for the variance of the estimate (Satterthwaite 1946, Biometrics Bulletin 2, 110-114). Here
    `df = (k_eff - 1) / r`, where `k_eff = (sum w)^2 / sum w^2` of the information `w` in each finding, and `r <= 1` is
    what an estimate of tau2 that cannot fall below zero keeps of its variance. The profile likelihood of tau is that
    of Hardy & Thompson (1996, Statistics in Medicine 15, 619-629). The prediction interval takes t with k_eff - 1
    degrees of freedom.

    Raises
    ------
    ValueError : fewer than two findings, a finding with neither effect nor interval, an interval without sample sizes.
    """
    level = numeric.check_level(level)
    sizes = {"n1i": n1i, "n2i": n2i, "ni": ni, "four_arms": four_arms}
    findings = check_findings(yi, variances(vi, sei), yi_lb, yi_ub, metric=metric, **sizes)
    if len(findings.yi) < 2:
        raise ValueError("one finding tells nothing of how studies differ; use all_evidence_bayes for it")
    evidence = findings.evidence()
    e = Estimates(*(x.item() for x in estimate(evidence, level)))
    tau_lb, tau_ub = (x.item() for x in tau_interval(evidence, level))
    counts = {rung: int((findings.rung == rung).sum()) for rung in RUNGS}
    information, shares = np.full(len(findings.yi), np.nan), {}
    if not e.no_maximum:
        exact = findings.rung == "exact"
        information[exact], information[~exact] = evidence.information(e.est, e.tau2)
        shares = {rung: float(information[findings.rung == rung].sum() / information.sum()) for rung in RUNGS}
    spread = numeric.t_critical(level, max(e.k_eff - 1, 1)) * np.sqrt(e.tau2 + e.se**2)
    return AllEvidenceFit(
        metric=metric,
        level=level,
        k=len(findings.yi),
        **{f"k_{rung}": n for rung, n in counts.items()},
        **{name: getattr(e, name) for name in Estimates._fields},
        tau=float(np.sqrt(e.tau2)),
        tau_lb=tau_lb,
        tau_ub=tau_ub,
        pi_lb=e.est - spread,
        pi_ub=e.est + spread,
        boundary=e.tau2 == 0,
        information=information,
        shares=shares,
        notes=findings.notes + _notes(e, counts),
        findings=findings,
    )


def all_evidence_sets(
    counts: Sequence[int],
    yi: ArrayLike,
    vi: ArrayLike,
    yi_lb: ArrayLike,
    yi_ub: ArrayLike,
    *,
    metric: str = "SMD",
    n1i: ArrayLike = np.nan,
    n2i: ArrayLike = np.nan,
    ni: ArrayLike = np.nan,
    four_arms: ArrayLike = False,
    omega: ArrayLike = 1.0,
    level: float = 0.95,
) -> Estimates:
    """The estimates of many sets of findings at once, in a fraction of the time that `all_evidence` takes for each.

    The columns hold the findings of the first set, then those of the second, and so on; `counts` (B,) says how many
    each set has. Every field of the result is (B,). `omega`, one or (B,), is the chance of being reported at all of a
    finding that is not significant, relative to one that is: assumed, not estimated (see `sensitivity`).

    Raises ValueError as `all_evidence`, and for an `omega` that is no such chance.
    """
    level = numeric.check_level(level)
    if (np.asarray(counts) < 2).any():
        raise ValueError("each set needs at least two findings")
    sizes = {"n1i": n1i, "n2i": n2i, "ni": ni, "four_arms": four_arms}
    findings = check_findings(yi, vi, yi_lb, yi_ub, metric=metric, **sizes)
    return Estimates(*_joined(estimate(one, level) for one, _ in _sets(counts, findings, omega, CELLS)))


def _sets(counts: Sequence[int], findings: Findings, omega: ArrayLike, cells: int) -> Iterator[tuple[Evidence, slice]]:
    """The likelihoods of sets of findings that stand one after the other, and which sets they are, in batches."""
    counts = np.asarray(counts)
    omega = np.broadcast_to(np.asarray(omega, float), counts.shape)
    if not ((omega > 0) & (omega <= 1)).all():
        raise ValueError("omega must lie above 0 and not above 1")
    if len(findings.yi) != counts.sum():
        raise ValueError(f"the sets need {counts.sum()} findings together, got {len(findings.yi)}")
    end = np.cumsum(counts)[:, None]
    index = end - counts[:, None] + np.arange(counts.max())
    use, index = index < end, np.minimum(index, end - 1)
    for rows in _batches(len(counts), counts.max(), cells):
        yield findings.take(index[rows]).evidence(use[rows], omega[rows]), rows


def check_findings(yi, vi, yi_lb, yi_ub, *, metric, n1i, n2i, ni, four_arms=False) -> Findings:
    """Checked columns of `all_evidence`; raises its ValueErrors."""
    given = {"yi": yi, "vi": vi, "yi_lb": yi_lb, "yi_ub": yi_ub, "n1i": n1i, "n2i": n2i, "ni": ni}
    columns = [numbers(x, name) for name, x in given.items()]
    yi, vi, yi_lb, yi_ub, n1i, n2i, ni = (x.ravel() for x in np.broadcast_arrays(*np.atleast_1d(*columns)))
    exact, bounded = ~np.isnan(yi), ~(np.isnan(yi_lb) | np.isnan(yi_ub))

    def refuse(bad: Array, message: str) -> None:
        if bad.any():
            raise ValueError(f"{message} (row {', '.join(map(str, np.flatnonzero(bad)[:5]))})")

    refuse(~exact & ~bounded, "a finding has neither an effect nor an interval: leave it out")
    refuse(exact & bounded, "a finding has both an effect and an interval: give the effect alone")
    refuse(exact & ~(np.isfinite(yi) & np.isfinite(vi) & (vi > 0)), "an effect needs a variance, finite and above zero")
    check_effects(np.where(exact, yi, np.nan), np.where(exact, vi, np.nan))
    refuse(bounded & ~(yi_lb < yi_ub), "the lower end of an interval is not below its upper end")
    refuse(bounded & np.isinf(yi_lb) & np.isinf(yi_ub), "an interval without any end tells nothing: leave it out")
    size = sampling(metric, n1i=n1i, n2i=n2i, ni=ni, four_arms=np.broadcast_to(four_arms, yi.shape))
    refuse(bounded & ~(np.isfinite(size.contrast.error) & (size.contrast.error > 0)), "an interval needs sample sizes")
    half = bounded & (((yi_lb == 0) & np.isinf(yi_ub)) | ((yi_ub == 0) & np.isinf(yi_lb)))
    split = metric == "SMD" and (bounded & (np.isnan(n1i) | np.isnan(n2i))).any()
    notes = ("only the total sample size of some findings is known: equal groups assumed",) if split else ()
    rung = np.where(exact, "exact", np.where(half, "direction", "bounded"))
    return Findings(metric, yi, vi, yi_lb, yi_ub, size, rung, notes)


def _notes(e: Estimates, counts: dict[str, int]) -> tuple[str, ...]:
    """What a reader must know: where the method has little to go on, by docs/all-evidence.md."""
    k, exact = sum(counts.values()), counts["exact"]
    notes = []
    if e.no_maximum:
        notes.append(
            "no exact effect and no interval with two ends: the likelihood has no maximum, only bounds are shown; the "
            "Bayesian answer depends on its priors"
        )
    if not e.converged:
        notes.append("the maximum was not found to full precision")
    if not exact:
        notes.append("no exact effect: heterogeneity rests on bounds alone")
    elif exact < 0.2 * k:
        notes.append("fewer than a fifth of the samples report an effect size: less than was tried in simulations")
    if k < 5:
        notes.append("fewer than five findings: in simulations the interval was wider than it needs to be")
    if e.tau2 == 0:
        notes.append("tau is estimated as zero, the end of its range: it may well be larger, see its interval")
    return tuple(notes)


# ---- what if: without one finding, without a rung, with selective reporting ----------------------------------


def all_evidence_refit(fitted: AllEvidenceFit, mask: ArrayLike) -> Estimates:
    """The estimates on subsets of the findings: `mask` (B, k) says which take part; every field of the result is (B,).

    Raises ValueError where a subset has fewer than two findings.
    """
    return Estimates(*_joined(estimate(evidence, fitted.level) for evidence in _on_subsets(fitted, mask)))


def all_evidence_maximum(fitted: AllEvidenceFit, mask: ArrayLike) -> tuple[Array, Array]:
    """est and tau2, each (B,), on subsets as `all_evidence_refit` takes them: ten times as fast, without intervals."""
    parts = [maximum(evidence) for evidence in _on_subsets(fitted, mask)]
    est, tau2 = map(np.concatenate, zip(*parts, strict=True))
    return est, tau2


def _on_subsets(fitted: AllEvidenceFit, mask: ArrayLike) -> Iterator[Evidence]:
    """The likelihoods of the subsets, batch by batch."""
    mask = np.asarray(mask, bool)
    if mask.ndim != 2 or mask.shape[1] != fitted.k:
        raise ValueError(f"mask needs one column for each of the {fitted.k} findings, got {mask.shape}")
    if (mask.sum(axis=1) < 2).any():
        raise ValueError("each subset needs at least two findings")
    for rows in _batches(len(mask), fitted.k, CELLS):
        yield fitted.findings.evidence(mask[rows])


def _batches(sets: int, k: int, cells: int) -> Iterator[slice]:
    """Slices of so many sets of k findings, with about so many findings at once."""
    at_once = max(1, cells // k)
    return (slice(first, first + at_once) for first in range(0, sets, at_once))


def _joined(parts: Iterable[Sequence[Array]]) -> Iterator[Array]:
    """Columns of several batches as one."""
    return map(np.concatenate, zip(*parts, strict=True))


def all_evidence_leave_one_out(fitted: AllEvidenceFit) -> Estimates:
    """The estimates without each finding in turn, every field (k,).

    Raises ValueError with fewer than three findings.
    """
    if fitted.k < 3:
        raise ValueError("leaving one finding out needs at least three")
    return all_evidence_refit(fitted, ~np.eye(fitted.k, dtype=bool))


class Scenario(NamedTuple):
    """The estimate under another assumption or from a part of the findings; nan, with a note, where there is none."""

    name: str
    k: int
    est: float
    ci_lb: float
    ci_ub: float
    tau2: float
    note: str


def sensitivity(fitted: AllEvidenceFit, omegas: tuple[float, ...] = (0.5, 0.2, 0.05)) -> tuple[Scenario, ...]:
    """How the estimate moves when only some rungs enter, or when reporting depended on significance.

    "Directions not significant": a source that gives no more than a direction had nothing significant to give, so the
    effect lies between 0 and the bound of significance. "Reported omega times as often": every finding had a
    chance to be reported at all that is lower by the factor omega if it was not significant (two-sided p < .05; weights
    as in Vevea & Woods 2005, Psychological Methods 10, 428-443); omega is assumed, not estimated. With such weights the
    likelihood may have several maxima in mu, of which the one climbed from the middle of the findings is taken.
    """
    findings, rung = fitted.findings, fitted.findings.rung
    everything = np.ones((1, fitted.k), bool)
    silent = findings._replace(
        yi_lb=np.where(rung == "direction", np.maximum(findings.yi_lb, -findings.size.significant), findings.yi_lb),
        yi_ub=np.where(rung == "direction", np.minimum(findings.yi_ub, findings.size.significant), findings.yi_ub),
    )
    scenarios = [
        ("all findings", findings, everything, 1.0),
        ("exact only", findings, everything & (rung == "exact"), 1.0),
        ("without the exact ones", findings, everything & (rung != "exact"), 1.0),
        ("without directions", findings, everything & (rung != "direction"), 1.0),
        ("directions not significant", silent, everything, 1.0),
        *((f"not significant, reported {omega:g} times as often", findings, everything, omega) for omega in omegas),
    ]
    return tuple(_scenario(*scenario, fitted.level) for scenario in scenarios)


def all_evidence_at_limit(
    yi: ArrayLike,
    vi: ArrayLike,
    yi_lb: ArrayLike,
    yi_ub: ArrayLike,
    *,
    sign: int,
    metric: str = "SMD",
    n1i: ArrayLike = np.nan,
    n2i: ArrayLike = np.nan,
    ni: ArrayLike = np.nan,
    four_arms: ArrayLike = False,
) -> dict[str, Array]:
    """The least that statements can mean for an effect of a sign: the columns of `all_evidence`, and `keep`, each (k,).

    An effect that is known to lie beyond a bound on that side of zero is taken to lie on it, with the sampling variance
    that an effect of this size has. A direction alone says nothing of that kind and is not kept. What is known to lie
    on the other side, or on both, stays as it is.

    Raises ValueError as `all_evidence`.
    """
    sizes = {"n1i": n1i, "n2i": n2i, "ni": ni, "four_arms": four_arms}
    findings = check_findings(yi, vi, yi_lb, yi_ub, metric=metric, **sizes)
    bound = findings.yi_lb if sign > 0 else findings.yi_ub
    near = np.where(sign * bound > 0, bound, np.nan)
    limited = np.isnan(findings.yi) & ~np.isnan(near)
    error, _, total = findings.size.contrast
    return {
        "yi": np.where(limited, near, findings.yi),
        "vi": np.where(limited, error + near**2 / (2 * total), findings.vi),
        "yi_lb": np.where(limited, np.nan, findings.yi_lb),
        "yi_ub": np.where(limited, np.nan, findings.yi_ub),
        "keep": (findings.rung != "direction") | (bound != 0),
    }


def _scenario(name: str, findings: Findings, use: Array, omega: float, level: float) -> Scenario:
    k = int(use.sum())
    if k < 2:
        return Scenario(name, k, np.nan, np.nan, np.nan, np.nan, "fewer than two findings")
    e = Estimates(*(x.item() for x in estimate(findings.evidence(use, omega), level)))
    return Scenario(name, k, e.est, e.ci_lb, e.ci_ub, e.tau2, "the likelihood has no maximum" if e.no_maximum else "")


# ---- Bayesian ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AllEvidencePosterior:
    """Posterior of the average effect mu, of tau and of a new true effect.

    The fields are those of `evidence_bayes.Summary` and `evidence_bayes.Spread`.
    """

    metric: str
    level: float
    k: int
    tau_prior: HalfNormal
    mu_prior: Normal
    margin: float
    mixed_share: float
    mu: float
    median: float
    sd_mu: float
    ci_lb: float
    ci_ub: float
    p_below: float
    p_beyond_below: float
    p_beyond_above: float
    p_new_below: float
    p_mixed: float
    median_tau: float
    tau_lb: float
    tau_ub: float
    pi_lb: float
    pi_ub: float
    log_marginal: float
    error: float

    def summary(self) -> str:
        """The posterior as text."""
        percent = f"{100 * self.level:g} %"
        below, above, margin = self.p_beyond_below, self.p_beyond_above, f"{self.margin:g}"
        return "\n".join(
            [
                f"All-evidence Bayesian random effects, {self.metric} (k = {self.k}; tau ~ {self.tau_prior}; "
                f"mu ~ {self.mu_prior})",
                "",
                f"mu    {self.median:.4f} (median; SD {self.sd_mu:.4f}), {percent} interval "
                f"[{self.ci_lb:.4f}, {self.ci_ub:.4f}], P(mu > 0) = {1 - self.p_below:.4f}",
                f"      P(mu < -{margin}) = {below:.4f}, P(|mu| < {margin}) = {1 - below - above:.4f}, "
                f"P(mu > {margin}) = {above:.4f}",
                f"tau   {self.median_tau:.4f} (median), {percent} interval [{self.tau_lb:.4f}, {self.tau_ub:.4f}]",
                f"new   {percent} prediction interval [{self.pi_lb:.4f}, {self.pi_ub:.4f}], "
                f"P(above 0) = {1 - self.p_new_below:.4f}",
                f"P(at least {100 * self.mixed_share:g} % of true effects beyond the margin on either side) = "
                f"{self.p_mixed:.4f}",
            ]
        )

    def __str__(self) -> str:
        return self.summary()


def all_evidence_bayes(
    yi: ArrayLike,
    vi: ArrayLike | None = None,
    yi_lb: ArrayLike = np.nan,
    yi_ub: ArrayLike = np.nan,
    *,
    sei: ArrayLike | None = None,
    metric: str = "SMD",
    n1i: ArrayLike = np.nan,
    n2i: ArrayLike = np.nan,
    ni: ArrayLike = np.nan,
    four_arms: ArrayLike = False,
    tau_prior: HalfNormal = TAU_PRIOR,
    mu_prior: Normal = MU_PRIOR,
    margin: float = MARGIN,
    mixed_share: float = MIXED_SHARE,
    level: float = 0.95,
) -> AllEvidencePosterior:
    """Bayesian random effects from all the evidence, by quadrature; data as in `all_evidence`, k = 1 allowed.

    The default priors suit standardized mean differences: tau half-normal(0.5) (Roever et al. 2021, Research Synthesis
    Methods 12, 448-474), mu wide but proper, so that there is a posterior where the likelihood has no maximum.
    `Normal()` is flat. On Fisher's z, where r = 0.1 is about what g = 0.2 is, half of both scales says the same.

    Raises ValueError as `all_evidence`, and for a flat prior where the posterior would be improper.
    """
    columns = {"yi": yi, "vi": variances(vi, sei), "yi_lb": yi_lb, "yi_ub": yi_ub, "n1i": n1i, "n2i": n2i, "ni": ni}
    k = np.broadcast(*map(np.atleast_1d, columns.values())).size
    level = numeric.check_level(level)
    choices = {"margin": margin, "mixed_share": mixed_share, "level": level}
    priors = {"mu_mean": mu_prior.mean, "mu_sd": mu_prior.sd, "tau_scale": tau_prior.scale}
    found = next(_posteriors([k], 1.0, **columns, metric=metric, four_arms=four_arms, **priors))
    told = found.summary(level, margin, mixed_share)._asdict() | found.spread(level)._asdict()
    values = {name: value.item() for name, value in told.items()}
    return AllEvidencePosterior(metric=metric, k=k, tau_prior=tau_prior, mu_prior=mu_prior, **choices, **values)


class Predicted(NamedTuple):
    """Significant results as the posterior of the same findings expects them: a check of the model.

    `below` and `above` are the expected numbers on either side; `at_least` and `at_most` the probabilities of as many
    as were seen, or more, and of as many or fewer.
    """

    below: float
    above: float
    at_least: float
    at_most: float


def all_evidence_predicted(
    seen: int,
    yi: ArrayLike,
    vi: ArrayLike,
    yi_lb: ArrayLike,
    yi_ub: ArrayLike,
    *,
    metric: str = "SMD",
    n1i: ArrayLike = np.nan,
    n2i: ArrayLike = np.nan,
    ni: ArrayLike = np.nan,
    four_arms: ArrayLike = False,
    mu_sd: float = MU_PRIOR.sd,
    tau_scale: float = TAU_PRIOR.scale,
    told: ArrayLike | None = None,
    alpha: float = 0.05,
) -> Predicted:
    """The posterior predictive check of what was called significant (two-sided p < alpha), `seen` of the findings.

    `told` (k,) says of which findings it is known whether they are: of a direction alone it is not. Data as in
    `all_evidence_bayes`. The posterior averages over mu and tau, given which findings are independent (Gelman, Meng &
    Stern 1996, Statistica Sinica 6, 733-760).

    Raises ValueError as `all_evidence_bayes`.
    """
    columns = {"yi": yi, "vi": vi, "yi_lb": yi_lb, "yi_ub": yi_ub, "n1i": n1i, "n2i": n2i, "ni": ni}
    findings = check_findings(**columns, metric=metric, four_arms=four_arms)
    told = findings.rung != "direction" if told is None else np.asarray(told, bool)
    priors = {"mu_mean": 0.0, "mu_sd": mu_sd, "tau_scale": tau_scale}
    p = next(_posteriors([len(findings.yi)], 1.0, **columns, metric=metric, four_arms=four_arms, **priors))
    size = sampling(metric, n1i=n1i, n2i=n2i, ni=ni, four_arms=np.broadcast_to(four_arms, told.shape), alpha=alpha)
    by_variance = numeric.norm_ppf(1 - alpha / 2) * np.sqrt(findings.vi)
    limit = np.where(np.isnan(size.significant), by_variance, size.significant)
    size = size.or_variance(findings.vi)._replace(significant=limit).of(told[None])
    region = size.region(-size.significant, size.significant)
    below, above, numbers = p.significant(region.at, region.var)
    return Predicted(
        below.sum().item(), above.sum().item(), numbers[seen:].sum().item(), numbers[: seen + 1].sum().item()
    )


def all_evidence_posteriors(
    counts: Sequence[int],
    yi: ArrayLike,
    vi: ArrayLike,
    yi_lb: ArrayLike,
    yi_ub: ArrayLike,
    *,
    metric: str = "SMD",
    n1i: ArrayLike = np.nan,
    n2i: ArrayLike = np.nan,
    ni: ArrayLike = np.nan,
    four_arms: ArrayLike = False,
    omega: ArrayLike = 1.0,
    mu_mean: ArrayLike = MU_PRIOR.mean,
    mu_sd: ArrayLike = MU_PRIOR.sd,
    tau_scale: ArrayLike = TAU_PRIOR.scale,
    margin: float = MARGIN,
    mixed_share: float = MIXED_SHARE,
    level: float = 0.95,
) -> Summary:
    """The posteriors of many sets of findings at once; columns and `counts` as in `all_evidence_sets`.

    Selection and the scales of the priors are those of `all_evidence_bayes`, one each or (B,).

    Raises ValueError as `all_evidence_bayes`.
    """
    level = numeric.check_level(level)
    columns = {"yi": yi, "vi": vi, "yi_lb": yi_lb, "yi_ub": yi_ub, "n1i": n1i, "n2i": n2i, "ni": ni}
    priors = {"mu_mean": mu_mean, "mu_sd": mu_sd, "tau_scale": tau_scale}
    found = _posteriors(counts, omega, **columns, metric=metric, four_arms=four_arms, **priors)
    return Summary(*_joined(one.summary(level, margin, mixed_share) for one in found))


def _posteriors(counts, omega, *, mu_mean, mu_sd, tau_scale, **columns) -> Iterator[Posterior]:
    """The posteriors of sets of findings, batch by batch; `columns` are those of `check_findings`."""
    findings = check_findings(**columns)
    priors = Priors(*(np.broadcast_to(np.asarray(x, float), len(counts)) for x in (mu_mean, mu_sd, tau_scale)))
    for evidence, rows in _sets(counts, findings, omega, POSTERIOR_CELLS):
        yield posterior(evidence, Priors(*(x[rows] for x in priors)))
