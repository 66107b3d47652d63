"""Meta-analysis models for effects and their sampling variances."""

from reanalysis.meta.allevidence import (
    AllEvidenceFit,
    AllEvidencePosterior,
    Scenario,
    all_evidence,
    all_evidence_bayes,
    all_evidence_leave_one_out,
    sensitivity,
)
from reanalysis.meta.batch import Estimates
from reanalysis.meta.bayes import BayesFit, HalfCauchy, HalfNormal, LogStudentT, Normal, bayes_re
from reanalysis.meta.bias import (
    ExcessSignificance,
    PetPeese,
    RankTest,
    RegressionTest,
    TrimFill,
    pet_peese,
    ranktest,
    regtest,
    tes,
    trimfill,
)
from reanalysis.meta.confint import HeterogeneityInterval, Range, confint
from reanalysis.meta.covariance import Aggregated, BlockCovariance, aggregate_effects, nested, vcalc
from reanalysis.meta.equivalence import Equivalence, tost
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
from reanalysis.meta.power import Firepower, firepower, minimal_detectable_effect, study_power
from reanalysis.meta.robust import RobustFit, robust
from reanalysis.meta.selection import SelectionModel, selmodel
from reanalysis.meta.subgroups import Subgroups, subgroups
from reanalysis.meta.univariate import (
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
    "AllEvidenceFit",
    "AllEvidencePosterior",
    "BayesFit",
    "HalfCauchy",
    "HalfNormal",
    "LogStudentT",
    "Normal",
    "bayes_re",
    "Aggregated",
    "Baujat",
    "BlockCovariance",
    "Equivalence",
    "Estimates",
    "ExcessSignificance",
    "Firepower",
    "Fit",
    "Gosh",
    "HeterogeneityInterval",
    "Influence",
    "Interval",
    "MultilevelFit",
    "Omnibus",
    "PermutationTest",
    "PetPeese",
    "Prediction",
    "Range",
    "RankTest",
    "Refits",
    "RegressionTest",
    "RobustFit",
    "Scenario",
    "SelectionModel",
    "Subgroups",
    "TrimFill",
    "aggregate_effects",
    "all_evidence",
    "all_evidence_bayes",
    "all_evidence_leave_one_out",
    "baujat",
    "confint",
    "cumulative",
    "firepower",
    "fit",
    "fit_many",
    "fit_multilevel",
    "gosh",
    "indicators",
    "influence",
    "leave_one_out",
    "likelihood_ratio_test",
    "minimal_detectable_effect",
    "nested",
    "permutation_interval",
    "permutation_test",
    "pet_peese",
    "ranktest",
    "regtest",
    "robust",
    "selmodel",
    "sensitivity",
    "study_power",
    "subgroups",
    "tes",
    "tost",
    "trimfill",
    "vcalc",
]
