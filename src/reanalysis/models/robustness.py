"""How much of an answer rests on each sample? The models of a cell again, on parts of its samples.

Each sample left out in turn, the samples added by year, deletion diagnostics, subsets, and the asymmetry of the funnel,
as far as the number of samples allows (`schema.cell_models`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import numpy as np

from reanalysis import meta
from reanalysis.models.cell_models import all_evidence_columns, fit_cell, has_all_evidence
from reanalysis.models.diagnostics import funnel_contours, influence_limits, subset_samples
from reanalysis.results.rows import (
    Asymmetry,
    FunnelContour,
    Influence,
    InfluenceLimit,
    PooledUnit,
    Refit,
    Subset,
    SubsetSample,
)
from reanalysis.results.table import cell_of
from reanalysis.schema.cell_models import ALL_EVIDENCE, MIN_K_ASYMMETRY, MIN_K_PREDICTION, MIN_K_RANDOM
from reanalysis.schema.config import Models, Robustness
from reanalysis.store import compute

NO_YEAR = 9999  # a report without a year comes last


class RobustnessTables(NamedTuple):
    """What stage 3 writes on the samples of cells."""

    left_out: list[Refit]
    cumulative: list[Refit]
    influence: list[Influence]
    limits: list[InfluenceLimit]
    subsets: list[Subset]
    subset_samples: list[SubsetSample]
    asymmetry: list[Asymmetry]
    contours: list[FunnelContour]

    @classmethod
    def empty(cls) -> RobustnessTables:
        """Tables without a row."""
        return cls(*([] for _ in cls._fields))


@dataclass(frozen=True)
class _Pool:
    """A model of a cell that can be fitted to any of its samples.

    Both functions take masks (B, k) and give columns (B,), nan where a mask allows no estimate: `refit` est, ci_lb,
    ci_ub and tau2, `point` est, tau2 and I2.
    """

    model: str
    units: list[PooledUnit]
    least: int  # samples of the smallest subset that it can be fitted to
    refit: Callable[[np.ndarray], tuple[np.ndarray, ...]]
    point: Callable[[np.ndarray], tuple[np.ndarray, ...]]


def robustness(
    units: Iterable[PooledUnit], models: Models, config: Robustness, recall: Callable = compute
) -> RobustnessTables:
    """The tables for the units of any number of cells; units of a cell stand together, as `pool` has them."""
    found = RobustnessTables.empty()
    for _, members in groupby(units, key=cell_of):
        for table, rows in zip(found, recall(cell_robustness, list(members), models, config), strict=True):
            table.extend(rows)
    return found


def cell_robustness(units: list[PooledUnit], models: Models, config: Robustness) -> RobustnessTables:
    """The tables for the units of one cell."""
    found = RobustnessTables.empty()
    exact = [unit for unit in units if unit.rung == "exact"]
    pools = []
    if len(exact) >= MIN_K_PREDICTION:
        name, fitted = next(fit_cell(exact, models))
        pools.append(_classical(name, exact, fitted))
        found.influence.extend(_influence(name, exact, fitted))
        found.limits.extend(influence_limits(exact[0].cell, name, fitted))
    if len(exact) >= MIN_K_ASYMMETRY:
        found.asymmetry.extend(_asymmetry(exact, models.level))
        found.contours.extend(funnel_contours(exact[0].cell))
    if has_all_evidence(units) and len(units) >= MIN_K_RANDOM:
        fitted = meta.all_evidence(**all_evidence_columns(units), metric=units[0].metric, level=models.level)
        pools.append(_everything(units, fitted))
    for pool in pools:
        found.left_out.extend(_left_out(pool))
        found.cumulative.extend(_cumulative(pool))
        subsets = list(_subsets(pool, config))
        found.subsets.extend(subsets)
        found.subset_samples.extend(subset_samples(pool.units, subsets))
    return found


def _left_out(pool: _Pool) -> Iterator[Refit]:
    """The model without each sample in turn."""
    return _refits(pool, pool.units, ~np.eye(len(pool.units), dtype=bool))


def _cumulative(pool: _Pool) -> Iterator[Refit]:
    """The model on the samples up to each one, in the order of their years."""
    k = len(pool.units)
    order = sorted(range(k), key=lambda i: (pool.units[i].year or NO_YEAR, i))
    came = np.argsort(order)  # place of each unit in the order of years
    masks = came[None, :] <= np.arange(pool.least - 1, k)[:, None]
    return _refits(pool, [pool.units[i] for i in order[pool.least - 1 :]], masks)


def _classical(name: str, units: list[PooledUnit], fitted: meta.Fit) -> _Pool:
    def refit(masks: np.ndarray) -> tuple[np.ndarray, ...]:
        e = meta.refit(fitted, masks)
        return e.beta[:, 0], e.ci_lb[:, 0], e.ci_ub[:, 0], e.tau2

    def point(masks: np.ndarray) -> tuple[np.ndarray, ...]:
        e = meta.refit(fitted, masks)
        return e.beta[:, 0], e.tau2, e.I2

    return _Pool(name, units, 1, refit, point)


def _everything(units: list[PooledUnit], fitted: meta.AllEvidenceFit) -> _Pool:
    def refit(masks: np.ndarray) -> tuple[np.ndarray, ...]:
        e = meta.all_evidence_refit(fitted, masks)
        unknown = np.where(e.no_maximum, np.nan, 1.0)  # the likelihood has no maximum: there are bounds and no estimate
        return e.est * unknown, e.ci_lb, e.ci_ub, e.tau2 * unknown

    def point(masks: np.ndarray) -> tuple[np.ndarray, ...]:
        return *meta.all_evidence_maximum(fitted, masks), np.full(len(masks), np.nan)

    return _Pool(ALL_EVIDENCE, units, 2, refit, point)


def _refits(pool: _Pool, units: list[PooledUnit], masks: np.ndarray) -> Iterator[Refit]:
    """A row for each mask, with the unit that it stands for."""
    for unit, mask, est, ci_lb, ci_ub, tau2 in zip(units, masks, *pool.refit(masks), strict=True):
        yield Refit(
            **unit.cell._asdict(),
            model=pool.model,
            sample_id=unit.sample_id,
            label=unit.label,
            year=unit.year,
            k=int(mask.sum()),
            est=float(est),
            ci_lb=float(ci_lb),
            ci_ub=float(ci_ub),
            tau2=float(tau2),
        )


def _subsets(pool: _Pool, config: Robustness) -> Iterator[Subset]:
    """The model on subsets of its samples, all of them or as many random ones as the configuration says."""
    k = len(pool.units)
    if k < MIN_K_PREDICTION:
        return
    masks, _ = meta.subsets(k, at_least=pool.least, n=config.subsets, seed=config.seed)
    for mask, est, tau2, i2 in zip(masks, *pool.point(masks), strict=True):
        yield Subset(
            **pool.units[0].cell._asdict(),
            model=pool.model,
            samples="".join("1" if one else "0" for one in mask),
            k=int(mask.sum()),
            est=float(est),
            tau2=float(tau2),
            I2=float(i2),
        )


def _influence(name: str, units: list[PooledUnit], fitted: meta.Fit) -> Iterator[Influence]:
    case, where = meta.influence(fitted), meta.baujat(fitted)
    measures = ("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "QE_del", "hat", "weight")
    for i, unit in enumerate(units):
        yield Influence(
            **unit.cell._asdict(),
            model=name,
            sample_id=unit.sample_id,
            label=unit.label,
            **{measure: float(getattr(case, measure)[i]) for measure in measures},
            baujat_x=float(where.x[i]),
            baujat_y=float(where.y[i]),
            is_infl=case.is_infl[i],
        )


def _asymmetry(units: list[PooledUnit], level: float) -> Iterator[Asymmetry]:
    """Regression on 1 over the root of the size, which does not contain the effect, where all sizes are known.

    Nothing where all samples are of one size: then there is no effect of small studies to look for.
    """
    sizes = [size(unit) for unit in units]
    known = None not in sizes
    if len(set(sizes) if known else {unit.vi for unit in units}) == 1:
        return
    test = meta.regtest(
        [unit.yi for unit in units],
        [unit.vi for unit in units],
        sizes if known else None,
        predictor="sqrtninv" if known else "sei",
        level=level,
    )
    names = ("k", "predictor", "stat", "ddf", "pval", "est", "ci_lb", "ci_ub")
    yield Asymmetry(**units[0].cell._asdict(), **{name: getattr(test, name) for name in names})


def size(unit: PooledUnit) -> float | None:
    """What the precision of an effect grows with: half the harmonic mean of two groups, or participants in all."""
    if unit.metric == "SMD":
        return unit.n1i * unit.n2i / (unit.n1i + unit.n2i) if unit.n1i and unit.n2i else None
    return unit.ni
