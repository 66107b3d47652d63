"""What the samples of a cell could have shown, and whether what was called significant fits its model."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import groupby

import numpy as np

from reanalysis import meta
from reanalysis.models.cell_models import all_evidence_columns
from reanalysis.results.rows import Model, PooledUnit, Power
from reanalysis.results.table import cell_of
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.config import Models
from reanalysis.store import compute

TARGET = 0.8
"""Power that a study should have: the custom of the field (Cohen 1988, Statistical Power Analysis, 2nd ed., p. 56)."""


def power(
    units: Iterable[PooledUnit], models: Iterable[Model], config: Models, alpha: float, recall: Callable = compute
) -> list[Power]:
    """A row for each cell, in the order of its units; `alpha` is the level that significant means."""
    by_cell: dict[tuple, list[Model]] = {}
    for model in models:
        by_cell.setdefault(model.cell, []).append(model)
    return [
        recall(cell_power, list(members), by_cell[cell], config, alpha) for cell, members in groupby(units, key=cell_of)
    ]


def cell_power(units: list[PooledUnit], models: list[Model], config: Models, alpha: float) -> Power:
    """The row of one cell."""
    metric, margin = units[0].metric, config.margin(units[0].metric)
    columns = all_evidence_columns(units)
    sizes = {name: columns[name] for name in ("n1i", "n2i", "ni", "four_arms")}
    size = meta.sampling(metric, **sizes, alpha=alpha)
    error = np.where(np.isnan(size.contrast.error), columns["vi"], size.contrast.error)
    error = error[np.isfinite(error)]
    one = all_of_them = None
    if len(error):
        one, all_of_them = meta.minimal_detectable_effect(
            np.sqrt([error.min(), 1 / np.sum(1 / error)]), power=TARGET, alpha=alpha
        )
    posterior = next(model for model in models if MODELS[model.model].judges)
    return Power(
        **units[0].cell._asdict(),
        k=len(units),
        k_sized=len(error),
        margin=margin,
        detectable_one=one,
        detectable_all=all_of_them,
        could_show_margin=None if all_of_them is None else bool(all_of_them <= margin),
        **_equivalence(models, margin, alpha),
        prob_within=1 - posterior.prob_beyond_below - posterior.prob_beyond_above,
        **_predicted(units, config, alpha),
    )


def _equivalence(models: list[Model], margin: float, alpha: float) -> dict:
    """The equivalence test of the headline model; nothing where there is none, or no standard error but zero."""
    headline = next((model for model in models if model.headline), None)
    if headline is None or not headline.se:
        return {}
    ddf = math.inf if headline.ddf is None else headline.ddf
    test = meta.tost(headline.est, headline.se, margin, ddf=ddf, alpha=alpha)
    return {"pval_equivalence": test.pval.item(), "equivalence": str(test.conclusion)}


def _predicted(units: list[PooledUnit], config: Models, alpha: float) -> dict:
    """How many of the samples are significant, and how many their posterior expects to be; of two samples or more."""
    known = [significant(unit, alpha) for unit in units]
    told = [one is not None for one in known]
    seen = sum(bool(one) for one in known)
    found = {"told": sum(told), "significant": seen}
    if len(units) < 2 or not any(told):
        return found
    mu_sd, tau_scale = config.prior_scales(units[0].metric)
    expected = meta.all_evidence_predicted(
        seen,
        **all_evidence_columns(units),
        metric=units[0].metric,
        mu_sd=mu_sd,
        tau_scale=tau_scale,
        told=told,
        alpha=alpha,
    )
    return found | {
        "expected": expected.below + expected.above,
        "prob_as_many": expected.at_least,
        "prob_as_few": expected.at_most,
    }


def significant(unit: PooledUnit, alpha: float) -> bool | None:
    """Whether the effect of a sample is significant; None where only its sign is known."""
    if unit.rung == "exact":
        return math.erfc(abs(unit.yi) / math.sqrt(2 * unit.vi)) < alpha
    return unit.yi_lb > 0 or unit.yi_ub < 0 if unit.rung == "bounded" else None
