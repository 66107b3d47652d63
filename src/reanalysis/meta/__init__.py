"""Meta-analysis models for effects and their sampling variances."""

from reanalysis.meta.covariance import Aggregated, BlockCovariance, aggregate_effects, nested, vcalc
from reanalysis.meta.multilevel import MultilevelFit, fit_multilevel
from reanalysis.meta.univariate import (
    Estimates,
    Fit,
    Interval,
    Omnibus,
    Prediction,
    fit,
    fit_many,
    indicators,
    likelihood_ratio_test,
)

__all__ = [
    "Aggregated",
    "BlockCovariance",
    "aggregate_effects",
    "nested",
    "vcalc",
    "MultilevelFit",
    "fit_multilevel",
    "Estimates",
    "Fit",
    "Interval",
    "Omnibus",
    "Prediction",
    "fit",
    "fit_many",
    "indicators",
    "likelihood_ratio_test",
]
