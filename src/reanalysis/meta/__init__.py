"""Meta-analysis models for effects and their sampling variances."""

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
