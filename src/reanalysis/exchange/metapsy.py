"""The trials as a data set of the Metapsy data standard, which metapsyTools analyses.

Variables and file format: docs.metapsy.org, "Data Format", as of metapsyTools 1.0.14 (July 2026): wide format, one row
for each comparison of two arms, semicolons between cells, decimal commas, `NA` for missing, and no semicolon in a text.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from reanalysis.exchange.csv_text import csv_text
from reanalysis.exchange.escalc import statistics
from reanalysis.exchange.studies import author_years
from reanalysis.schema.vocabulary import RANDOMISED

if TYPE_CHECKING:
    from reanalysis.exchange import Files
    from reanalysis.results.build import Build
    from reanalysis.results.rows import Effect
    from reanalysis.schema.evidence import Evidence
    from reanalysis.schema.raw import Finding, Report

MEANS = ("means", "means_se")
ARMS = ("condition_arm1", "condition_arm2", "multi_arm1", "multi_arm2")
DESIGN = ("study", *ARMS, "outcome_type", "instrument", "time", "time_weeks", "rating", "full_ref")
RAW = ("mean_arm1", "mean_arm2", "sd_arm1", "sd_arm2", "n_arm1", "n_arm2")
CHANGE = ("mean_change_arm1", "mean_change_arm2", "sd_change_arm1", "sd_change_arm2", "n_change_arm1", "n_change_arm2")
COUNTS = ("event_arm1", "event_arm2", "totaln_arm1", "totaln_arm2")
PRECALCULATED = ("precalc_g", "precalc_g_se", "precalc_log_rr", "precalc_log_rr_se")
COMPUTED = (".id", ".g", ".g_se", ".log_rr", ".log_rr_se", *(f".{name}" for name in COUNTS))
"""What metapsyTools computes; here `.g` and `.g_se` are the effect of this project and its standard error."""
WHICH = ("finding_id", "sample_id", "domain", "contrast", "outcome_group", "outcome", "population")
OWN = (*WHICH, "year", "country", "percent_women", "doi")
COLUMNS = (*DESIGN, *RAW, *CHANGE, *COUNTS, *PRECALCULATED, *COMPUTED, *OWN)
IDENTIFYING = ("study", "outcome_type", "instrument", "time", "time_weeks", "rating", *ARMS)
"""What tells comparisons apart, in the order in which metapsyTools makes their `.id` of it."""


def files(build: Build) -> Files:
    """`data.csv`: the exact effects of the main analysis that compare two randomised groups; nothing without any."""
    kept = [effect for effect in build.tables["2_effects/ladder.csv"] if _fits(effect)]
    if not kept:
        return {}
    rows = _identified(list(_rows(kept, build.evidence)))
    return {"data.csv": csv_text(COLUMNS, map(_plain, rows), separator=";", decimal=",", missing="NA")}


def _fits(effect: Effect) -> bool:
    """Whether an effect is what the standard is for: a comparison of two arms of a randomised trial, as Hedges' g."""
    kind = effect.metric, effect.comparison, effect.rung, effect.use
    return kind == ("SMD", "difference", "exact", "main") and effect.design in RANDOMISED


def _rows(effects: list[Effect], evidence: Evidence) -> Iterable[dict[str, Any]]:
    studies, codings = author_years(evidence), evidence.codings
    arms = defaultdict(set)
    for effect in effects:
        arms[effect.sample_id, effect.contrast].add((effect.group_1, effect.group_2))
    for effect in effects:
        contrast, sample = evidence.contrasts[effect.contrast], evidence.samples[effect.sample_id]
        report = evidence.reports[effect.report_id]
        finding = codings[effect.finding_id, effect.coding]
        several = len(arms[effect.sample_id, effect.contrast]) > 1
        yield {
            "study": studies[effect.sample_id],
            "condition_arm1": contrast.side_1 or effect.group_1,
            "condition_arm2": contrast.side_2 or effect.group_2,
            "multi_arm1": effect.group_1 if several else None,
            "multi_arm2": effect.group_2 if several else None,
            "outcome_type": "event" if finding.stat_type == "counts" else "msd",
            "instrument": finding.instrument or effect.outcome,
            "time": effect.timepoint,
            "full_ref": _reference(report),
            **_effect_data(effect, finding),
            ".g": effect.yi,
            ".g_se": math.sqrt(effect.vi),
            **{name: getattr(effect, name) for name in WHICH},
            "year": effect.year,
            "country": sample.country,
            "percent_women": sample.percent_female,
            "doi": report.doi,
        }


def _effect_data(effect: Effect, finding: Finding) -> dict[str, Any]:
    """One group of variables, as the standard asks: means, counts, or else the effect as it was computed here."""
    raw = statistics(finding)
    if finding.stat_type in MEANS:
        values = (raw["m1i"], raw["m2i"], raw["sd1i"], raw["sd2i"], effect.n1i, effect.n2i)
        return dict(zip(RAW, values, strict=True))
    if finding.stat_type == "counts":
        values = (raw["ai"], raw["ci"], effect.n1i, effect.n2i)
        return dict(zip(COUNTS, values, strict=True)) | {f".{name}": v for name, v in zip(COUNTS, values, strict=True)}
    return {"precalc_g": effect.yi, "precalc_g_se": math.sqrt(effect.vi)}


def _reference(report: Report) -> str:
    parts = (", ".join(report.authors), str(report.year or ""), report.title, report.journal)
    return ". ".join(part.rstrip(".") for part in parts if part)


def _identified(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with their `.id`; where several would have one, the instrument also says the outcome, or in whom."""
    for more in ("outcome", "population", "finding_id"):
        shared = Counter(map(_id, rows))
        rows = [
            row | {"instrument": f"{row['instrument']}, {row[more]}"} if shared[_id(row)] > 1 else row for row in rows
        ]
    return [row | {".id": _id(row)} for row in rows]


def _id(row: dict[str, Any]) -> str:
    return "_".join(str(row.get(name) or "NA") for name in IDENTIFYING).replace(",", "_").replace(" ", "")


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """The row without semicolons in its texts."""
    return {name: value.replace(";", ",") if isinstance(value, str) else value for name, value in row.items()}
