"""The effects as one table with the names of metafor's `escalc`, which every program that reads a CSV can use.

Names and meaning of the columns: metafor 3.8-1, help page of `escalc`, `measure` SMD, SMCC and ZCOR.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reanalysis.exchange.csv_text import csv_text
from reanalysis.exchange.studies import study_names

if TYPE_CHECKING:
    from reanalysis.exchange import Files
    from reanalysis.results.build import Build
    from reanalysis.results.rows import Effect
    from reanalysis.schema.raw import Finding

WHICH = ("domain", "contrast", "outcome_group", "measure")
WHOSE = ("sample_id", "cohort_id", "report_id", "finding_id", "coding")
WHAT = ("outcome", "population", "timepoint", "group_1", "group_2", "comparison", "design")
KNOWN = ("stat_type", "rung", "use", "use_code", "enters")
SIZES = ("n1i", "n2i", "ni")
TEST = ("ti", "fi", "df2", "pi", "p_sides", "p_relation")
STATISTICS = ("m1i", "sd1i", "m2i", "sd2i", "ai", "ci", "ri", "r_kind", "di", *TEST)
EFFECT = ("yi", "vi", "sei", "es_method", "vtype", "yi_lb", "yi_ub", "ci_lb", "ci_ub", "level", "missing", "locator")
COLUMNS = ("study", "year", *WHICH, *WHOSE, *WHAT, *KNOWN, *SIZES, *STATISTICS, *EFFECT)


def files(build: Build) -> Files:
    """`escalc.csv`: a row for every coding of every finding, in the order of the ladder."""
    return {"escalc.csv": effects_text(build)}


def effects_text(build: Build) -> str:
    """Every coding: its statistics, and its effect with variance, or what else is known of it."""
    names, codings = study_names(build.evidence), build.evidence.codings
    return csv_text(
        COLUMNS,
        (
            {
                "study": names.get(effect.sample_id, effect.label),
                **_own(effect),
                **statistics(codings[effect.finding_id, effect.coding]),
            }
            for effect in build.tables["2_effects/ladder.csv"]
        ),
    )


def _own(effect: Effect) -> dict[str, Any]:
    """What the ladder knows of a coding."""
    same = {name: getattr(effect, name, None) for name in COLUMNS}
    return same | {"measure": effect.metric, "sei": effect.vi and math.sqrt(effect.vi)}


def statistics(row: Finding) -> dict[str, Any]:
    """The statistics of a finding by their names in `escalc`, as printed.

    The SD of a group follows from the standard error of its mean; `ri` of a contrast within participants is the
    correlation of their two measurements.
    """
    named = {name: getattr(row, name) for name in STATISTICS}
    if row.stat_type == "means_se":
        named["sd1i"], named["sd2i"] = _sd(row.se1i, row.n1i), _sd(row.se2i, row.n2i)
    if row.stat_type == "change":
        named["ri"] = row.pre_post_r
    return named


def _sd(se: Decimal, n: int) -> float:
    return float(se) * math.sqrt(n)
