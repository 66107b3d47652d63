"""What the ladder or the models could not read is named by the check, with its column; what they can is let through."""

import pytest
from tests.findings import SAMPLE, finding

from reanalysis.check.preconditions import ROW_RULES
from reanalysis.ladder.reading import read_finding
from reanalysis.schema.config import Effects

CONFIG = Effects(alpha=0.05, trend=0.1, smd_variance="LS")
GROUPS = {"n1i": 20, "n2i": 20}
CROSSOVER = {"contrast": "oxt_vs_placebo_bpd", "design": "crossover"}
ASSOCIATION = {"contrast": "association_bpd", "direction": "negative"}
INTERACTION = {"contrast": "group_by_drug", "design": "parallel"}
MEANS = {"m1i": "4", "sd1i": "1", "m2i": "5", "sd2i": "1"}
QUARTILES = {"med1i": "10", "q1_1i": "8", "q3_1i": "13", "med2i": "12", "q1_2i": "9", "q3_2i": "15"}


def refused(**cells) -> set[str]:
    """The columns in which the rules find an error."""
    row = finding(**cells)
    return {found[0] for rule in ROW_RULES for found in rule.find(row)}


WRONG = {
    "sizes of groups in a crossover": ({"stat_type": "t", "ti": "-3", **GROUPS, **CROSSOVER}, "n1i"),
    "sizes of groups in an association": ({"stat_type": "t", "ti": "-3", **GROUPS, **ASSOCIATION}, "n1i"),
    "one group": ({"stat_type": "t", "ti": "-3", "n1i": 20}, "n2i"),
    "the other group": ({"stat_type": "t", "ti": "-3", "n2i": 20}, "n1i"),
    "means of a crossover": ({"stat_type": "means", **MEANS, "ni": 20, **CROSSOVER}, "stat_type"),
    "change between groups": ({"stat_type": "change", **MEANS, "ni": 20}, "stat_type"),
    "r between groups": ({"stat_type": "r", "ri": "-0.3", "r_kind": "pearson", "ni": 20}, "stat_type"),
    "d of an association": ({"stat_type": "d", "di": "-0.3", "ni": 20, **ASSOCIATION}, "stat_type"),
    "means of four arms": ({"stat_type": "means", **MEANS, **GROUPS, **INTERACTION}, "stat_type"),
    "quartiles": ({"stat_type": "median_iqr", **GROUPS, **QUARTILES, "q1_1i": "12"}, "q1_1i"),
    "quartiles without a spread": (
        {"stat_type": "median_iqr", **GROUPS, **QUARTILES, "q1_2i": "12", "q3_2i": "12"},
        "q1_2i",
    ),
    "events": ({"stat_type": "counts", **GROUPS, "ai": 21, "ci": 3}, "ai"),
    "rates against the direction": ({"stat_type": "counts", **GROUPS, "ai": 9, "ci": 3}, "ai"),
    "r of one": ({"stat_type": "r", "ri": "-1.00", "r_kind": "pearson", "ni": 20, **ASSOCIATION}, "ri"),
    "pre-post r of one": ({"stat_type": "change", **MEANS, "ni": 20, "pre_post_r": "1", **CROSSOVER}, "pre_post_r"),
    "half an interval": ({"stat_type": "d", "di": "-0.8", "ci_lb": "-1.7"}, "ci_ub"),
    "a test of means": ({"stat_type": "means", **MEANS, **GROUPS, "test_of": "adjusted"}, "test_of"),
    "a p of this contrast as a direction": (
        {"stat_type": "direction", "pi": "0.02", "p_relation": "=", "test_of": "contrast"},
        "test_of",
    ),
    "an unadjusted partial r": (
        {"stat_type": "r", "ri": "-0.3", "r_kind": "partial", "ni": 20, **ASSOCIATION, "test_of": "contrast"},
        "test_of",
    ),
    "kind of another statistic": ({"stat_type": "t", "ti": "-3", **GROUPS, "r_kind": "spearman"}, "r_kind"),
    "one side of nothing": ({"stat_type": "t", "ti": "-3", **GROUPS, "p_sides": "one"}, "p_sides"),
    "one side without a direction": (
        {"stat_type": "significance", "p_relation": "ns", **GROUPS, "p_sides": "one", "direction": "none"},
        "p_sides",
    ),
    "one-sided on the other side": (
        {"stat_type": "p", "pi": "0.7", "p_relation": "=", **GROUPS, "p_sides": "one"},
        "pi",
    ),
    "p below one": ({"stat_type": "significance", "pi": "1", "p_relation": "<", **GROUPS}, "pi"),
    "p above one": ({"stat_type": "significance", "pi": "1.00", "p_relation": ">", **GROUPS}, "pi"),
    "p of no test": ({"stat_type": "p", "pi": "1e-299", "p_relation": "=", **GROUPS}, "pi"),
    "a huge mean": ({"stat_type": "means", **MEANS, **GROUPS, "m2i": "1e11"}, "m2i"),
    "a tiny SD": ({"stat_type": "means", **MEANS, **GROUPS, "sd1i": "1e-11"}, "sd1i"),
    "an SD with a slipped decimal": ({"stat_type": "means", **MEANS, **GROUPS, "sd1i": "0.01", "sd2i": "0.01"}, "m1i"),
    "an SE with a slipped decimal": ({"stat_type": "g_se", "yi": "-0.3912", "sei": "0.0026"}, "yi"),
    "an SE of nothing": ({"stat_type": "g_se", "yi": "-0.39", "sei": "0.000001"}, "sei"),
    "a level of 95": ({"stat_type": "d", "di": "-0.8", "ci_lb": "-1", "ci_ub": "0", "ci_level": "0.05"}, "ci_level"),
    "a published effect of 1e11": ({"stat_type": "direction", "published_yi": "1e11"}, "published_yi"),
    "a t beyond every p": ({"stat_type": "t", "ti": "-500", "n1i": 5000, "n2i": 5000}, "ti"),
}


@pytest.mark.parametrize(("cells", "column"), WRONG.values(), ids=WRONG)
def test_an_impossible_row_is_named_by_its_column(cells, column):
    assert column in refused(**cells)


@pytest.mark.parametrize("row", SAMPLE.values(), ids=SAMPLE)
def test_a_sound_row_passes(row):
    assert not [found for rule in ROW_RULES for found in rule.find(row)]
    assert read_finding(row, CONFIG).rung == "exact"


def test_few_events_in_a_large_trial_are_many_standard_errors_of_no_test():
    """Hart & Sutherland 1977 (BCG vaccine): log OR -1.5, ten of its standard errors from zero."""
    trial = {"stat_type": "counts", "ai": 62, "n1i": 13598, "ci": 248, "n2i": 12867, "direction": "group_2_higher"}
    assert refused(**trial) == set()
