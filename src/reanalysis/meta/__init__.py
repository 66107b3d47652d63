"""Meta-analysis models for effects and their sampling variances."""

from reanalysis.meta.confint import HeterogeneityInterval, Range, confint
from reanalysis.meta.covariance import Aggregated, BlockCovariance, aggregate_effects, nested, vcalc
from reanalysis.meta.influence import (
    Baujat,
    Gosh,
    Influence,
    Refits,
    baujat,
    cumulative,
    gosh,
    influence,
    leave_one_out,
)
from reanalysis.meta.multilevel import MultilevelFit, fit_multilevel
from reanalysis.meta.permutation import PermutationTest, permutation_interval, permutation_test
from reanalysis.meta.subgroups import Subgroups, subgroups
from reanalysis.meta.robust import RobustFit, robust
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
    "Baujat",
    "BlockCovariance",
    "Estimates",
    "Fit",
    "Gosh",
    "HeterogeneityInterval",
    "Influence",
    "Interval",
    "MultilevelFit",
    "Omnibus",
    "PermutationTest",
    "Prediction",
    "Range",
    "Refits",
    "Subgroups",
    "aggregate_effects",
    "baujat",
    "confint",
    "cumulative",
    "fit",
    "fit_many",
    "fit_multilevel",
    "RobustFit",
    "robust",
    "gosh",
    "indicators",
    "influence",
    "leave_one_out",
    "likelihood_ratio_test",
    "nested",
    "permutation_interval",
    "permutation_test",
    "subgroups",
    "vcalc",
]
