"""Warnings: each fires on a small example and stays silent on its sound neighbour; none fires on sound data."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq
from tests.cases import raw_of
from tests.findings import valid_findings
from tests.project import CONTRASTS, RAW, change_row, change_text, read_csv, write_csv

from reanalysis import effects as es
from reanalysis.check import check, errors, rules
from reanalysis.check.catalog import Located, Table
from reanalysis.check.plausibility import ROW_CHECKS, TABLE_CHECKS
from reanalysis.check.plausibility.words import near_names, near_traits, one_slip
from reanalysis.check.reading import read_table
from reanalysis.check.registry import CHECKS, GROUPS
from reanalysis.schema import vocabulary as v
from reanalysis.schema.raw import Finding, Outcome, Report, Retraction, Sample

FILE = "findings/one.csv"
BETWEEN = {"contrast": "bpd_vs_control", "design": "observational", "group_1": "patients", "group_2": "controls"}
WITHIN = {"contrast": "oxt_vs_placebo_control", "design": "crossover", "group_1": "drug", "group_2": "placebo"}
PARALLEL = WITHIN | {"design": "parallel"}
ASSOCIATED = {"contrast": "association_bpd", "design": "observational"}


def finding(name: str = "f1", **cells) -> Finding:
    """A finding with everything that a row needs; empty cells are None."""
    given = {
        "finding_id": name,
        "coding": "primary",
        "report_id": "r1",
        "sample_id": "s1",
        "outcome_group": "score",
        "population": "adults",
        "outcome": f"score of {name}",
        "direction": "group_1_higher",
        "higher_is_better": "unclear",
        "locator": "table 2",
        "source_kind": "full_text",
        "coder": "XY",
        **BETWEEN,
        **cells,
    }
    comparison = CONTRASTS[given["contrast"]].comparison
    return Finding(comparison=comparison, **{column: value for column, value in given.items() if value is not None})


def table(name: str, rows) -> Table:
    return Table(name, tuple(Located(line, row) for line, row in enumerate(rows, start=2)), ())


def tables(*rows: Finding, samples=(), reports=(), retractions=(), outcomes=()) -> dict[str, Table]:
    """Tables of one domain; samples and reports that are not given are made to fit."""
    named = {one.sample_id for one in samples}
    samples = [*samples, *(sample(name) for name in sorted({row.sample_id for row in rows} - named))]
    listed = {one.report_id for one in reports}
    reports = [*reports, *(report(name) for name in sorted({row.report_id for row in rows} - listed))]
    return {
        "reports.csv": table("reports.csv", reports),
        "samples.csv": table("samples.csv", samples),
        "retractions.csv": table("retractions.csv", retractions),
        "outcomes.csv": table("outcomes.csv", outcomes),
        FILE: table(FILE, rows),
    }


def sample(name: str = "s1", **cells) -> Sample:
    return Sample(**{"sample_id": name, "report_ids": "r1", "cohort_id": name, **cells})


def report(name: str = "r1", **cells) -> Report:
    about = {"report_id": name, "label": name, "authors": "A B", "title": f"title {name}", "kind": "primary"}
    return Report(**about | cells)


def found(data: dict[str, Table]) -> dict[str, list[tuple[str, int, str]]]:
    """What the plausibility checks find: file, line and column by the name of the check."""
    problems = [p for one in TABLE_CHECKS for p in one.of_tables(data)]
    problems += [p for one in ROW_CHECKS for located in data[FILE].rows for p in one.of_row(FILE, located)]
    for problem in problems:
        assert problem.check in CHECKS
        assert problem.severity == CHECKS[problem.check].severity
        assert problem.message
        assert problem.fix.strip()[-1] in ".?"
        assert not problem.message.endswith(".")
    places: dict[str, list[tuple[str, int, str]]] = {}
    for problem in problems:
        places.setdefault(problem.check, []).append((problem.file, problem.line, problem.column))
    return places


MEANS = {"stat_type": "means", "n1i": "30", "m1i": "21.4", "sd1i": "5.2", "n2i": "30", "m2i": "18.0", "sd2i": "4.9"}
T = {"stat_type": "t", "ti": "2.20", "n1i": "15", "n2i": "15"}
ARM = T | {"design": "parallel", "group_1": "drug", "group_2": "control", "exposure": "low"}
OTHER_ARM = ARM | {"exposure": "high"}
D_CI = {"stat_type": "d", "n1i": "20", "n2i": "20", "di": "0.50", "ci_lb": "-0.13", "ci_ub": "1.13", "ci_level": "0.95"}
CHANGE = WITHIN | {"stat_type": "change", "ni": "25", "m1i": "18.2", "sd1i": "5.1", "m2i": "15.0", "sd2i": "5.4"}
SE_CI = {"sei": "0.32", **D_CI}
LEVEL = MEANS | {"matrix": "plasma", "unit": "pg/ml", "m1i": "412", "sd1i": "90", "m2i": "380", "sd2i": "85"}
PERCENT = MEANS | {"unit": "percent correct", "m1i": "81.2", "sd1i": "9.1", "m2i": "78.3", "sd2i": "8.8"}
COUNTS = {"stat_type": "counts", "ai": "3", "n1i": "20", "ci": "5", "n2i": "22"}

# check, row that it finds and the column, cells that make it sound again
OF_ROWS = [
    ("very-large-effect", MEANS | {"sd1i": "1.0", "sd2i": "0.9"}, "m1i", {"sd1i": "5.2", "sd2i": "4.9"}),
    ("very-large-effect", {"stat_type": "g_se", "yi": "3.4", "sei": "0.5"}, "yi", {"yi": "2.4"}),
    ("very-large-effect", CHANGE | {"m1i": "48.2"}, "m1i", {"m1i": "18.2"}),
    ("very-large-effect", T | {"ti": "12.20"}, "ti", {"ti": "2.20"}),
    (
        "very-large-effect",
        ASSOCIATED | {"stat_type": "r", "ri": "0.97", "r_kind": "pearson", "direction": "positive"},
        "ri",
        {"ri": "0.87"},
    ),
    ("sd-of-one-group", MEANS | {"sd2i": "0.95"}, "sd2i", {"sd2i": "2.9"}),
    ("sd-small-for-a-level", LEVEL | {"sd1i": "18", "sd2i": "17", "m2i": "395"}, "sd1i", {"sd1i": "90", "sd2i": "85"}),
    (
        "interval-around-its-effect",
        {"stat_type": "g_ci", "yi": "1.90", "ci_lb": "1.20", "ci_ub": "3.01", "ci_level": "0.95"},
        "ci_lb",
        {"ci_ub": "2.60"},
    ),
    (
        "interval-around-its-effect",
        {"stat_type": "g_ci", "yi": "0.50", "ci_lb": "-0.40", "ci_ub": "0.70", "ci_level": "0.95"},
        "ci_lb",
        {"ci_lb": "0.30"},
    ),
    ("interval-and-its-se", SE_CI | {"sei": "0.26", "n1i": None, "n2i": None}, "sei", {"sei": "0.32"}),
    ("se-of-these-sizes", D_CI | {"n1i": "15", "n2i": "16"}, "di", {"n1i": "20", "n2i": "20"}),
    ("se-of-these-sizes", {"stat_type": "g_se", "yi": "0.31", "sei": "0.314", "n1i": "15", "n2i": "16"}, "yi",
     {"n1i": "21", "n2i": "20"}),
    ("se-of-these-sizes", PARALLEL | {"stat_type": "g_se", "yi": "0.31", "sei": "0.20", "ni": "40"}, "yi",
     {"sei": "0.32"}),
    ("se-of-these-sizes", WITHIN | {"stat_type": "d", "ni": "14", "di": "-2.45", "ci_lb": "-3.47", "ci_ub": "-1.43",
     "ci_level": "0.95", "direction": "group_2_higher"}, "di", {"ci_lb": "-3.50", "ci_ub": "-1.40"}),
    ("p-of-its-statistic", T | {"pi": "0.36", "p_relation": "="}, "pi", {"pi": "0.036"}),
    ("p-of-its-statistic", T | {"pi": "0.018", "p_relation": "="}, "pi", {"p_sides": "one"}),
    ("p-of-its-statistic", T | {"pi": "0.01", "p_relation": "<"}, "pi", {"pi": "0.05"}),
    ("p-of-its-statistic", T | {"ti": "0.90", "p_relation": "sig"}, "p_relation", {"p_relation": "ns"}),
    ("p-of-its-statistic", T | {"ti": "4.90", "p_relation": "ns"}, "p_relation", {"test_of": "adjusted"}),
    ("p-of-its-statistic", {"stat_type": "f", "fi": "7.01", "df1": "2", "df2": "57", "pi": "0.02", "p_relation": "="},
     "pi", {"pi": "0.002"}),
    ("p-of-its-statistic", ASSOCIATED | {"stat_type": "r", "ri": "0.40", "ni": "50", "r_kind": "pearson", "pi": "0.04",
     "p_relation": "=", "direction": "positive"}, "pi", {"pi": "0.004"}),
    ("p-of-its-statistic", {"stat_type": "beta", "bi": "2.40", "sei": "0.80", "pi": "0.03", "p_relation": "="}, "pi",
     {"pi": "0.003"}),
    ("test-of-its-means", MEANS | {"pi": "0.60", "p_relation": "="}, "pi", {"pi": "0.012"}),
    ("test-of-its-means", MEANS | {"ti": "6.61"}, "ti", {"ti": "2.61"}),
    ("test-of-its-means", MEANS | {"m1i": "18.2", "p_relation": "sig"}, "p_relation", {"p_relation": "ns"}),
    ("published-effect", MEANS | {"published_yi": "0.83"}, "published_yi", {"published_yi": "0.66"}),
    ("published-effect", MEANS | {"published_sei": "0.37"}, "published_sei", {"published_sei": "0.265"}),
    ("published-effect", T | {"published_yi": "-0.78"}, "published_yi", {"published_yi": "0.80"}),
    ("missing-code", MEANS | {"m2i": "-99"}, "m2i", {"m2i": "18.0"}),
    ("missing-code", MEANS | {"sd1i": "999"}, "sd1i", {"sd1i": "5.2"}),
    ("missing-code", T | {"dose": "99"}, "dose", {"dose": "24"}),
    ("correlation-of-two-times", CHANGE | {"ti": "0.90"}, "ti", {"ti": "3.10"}),
    ("correlation-of-two-times", CHANGE | {"pi": "0.60", "p_relation": "="}, "pi", {"pi": "0.005"}),
    ("correlation-of-two-times", CHANGE | {"ti": "3.10", "pre_post_r": "0.9"}, "pre_post_r", {"pre_post_r": "0.5"}),
    ("grim", MEANS | {"n1i": "15", "m1i": "21.44", "scale_items": "1"}, "m1i", {"m1i": "21.47"}),
    ("grim", MEANS | {"n1i": "15", "m1i": "21.44", "scale_items": "1"}, "m1i", {"scale_items": None}),
    ("room-on-the-scale", PERCENT | {"m1i": "98.0", "sd1i": "25.0"}, "sd1i", {"m1i": "80.0", "sd1i": "9.0"}),
    ("room-on-the-scale", PERCENT | {"m1i": "121.0"}, "m1i", {"unit": "percent change"}),
    ("nobody-or-everybody", COUNTS | {"ai": "0", "ci": "0"}, "ai", {"ci": "1"}),
    ("nobody-or-everybody", COUNTS | {"ai": "20", "ci": "22"}, "ai", {"ai": "19"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "cells", "column", "sound"), OF_ROWS, ids=[f"{c[0]}-{i}" for i, c in enumerate(OF_ROWS)]
)
def test_a_warning_about_a_row_and_its_sound_neighbour(name, cells, column, sound):
    assert (FILE, 2, column) in found(tables(finding(**cells)))[name]
    assert name not in found(tables(finding(**cells | sound)))


PARTS = [
    finding("anger", **MEANS | {"m1i": "92.10", "m2i": "88.90"}),
    finding("fear", **MEANS | {"m1i": "90.50", "m2i": "92.90"}),
]
OVERALL = MEANS | {"m1i": "91.30", "m2i": "90.90"}
G_WITHIN = WITHIN | {"stat_type": "d", "ni": "13", "ci_level": "0.95", "via": "r9"}
EBERT = G_WITHIN | {"di": "0.29", "ci_lb": "-0.49", "ci_ub": "1.06"}
SOUND_13 = {"ci_lb": "-0.27", "ci_ub": "0.85"}
SCALE = MEANS | {"unit": "points", "instrument": "BDI"}
RETRACTED = Retraction(report_id="r1", status="retracted", source="x", checked_on="2025-01-31")
DOI = "10.1000/j.x.2012.11.013"


def others(**cells) -> list[Finding]:
    """Findings of two other studies."""
    return [
        finding(f"o{i}", report_id=f"r{i}", sample_id=f"s{i}", **MEANS | cells | {"m1i": f"2{i}.4"}) for i in (2, 3)
    ]


GROUPED = [
    Outcome(outcome_group=name, label=label, higher_is_better="unclear")
    for name, label in (
        ("oxytocin", "oxytocin"),
        ("oxt-level", "oxytocin level"),
        ("oxt-level-pooled", "oxytocin level, pooled by others"),
    )
]
# check, data that it finds, the place, the sound neighbour
OF_TABLES = [
    (
        "participants-of-the-sample",
        tables(finding(**MEANS), samples=[sample(n_total="58")]),
        (FILE, 2, "n1i"),
        tables(finding(**MEANS), samples=[sample(n_total="60")]),
    ),
    (
        "participants-of-the-sample",
        tables(finding(**MEANS), samples=[sample(group_1="Patients", n_group_1="29")]),
        (FILE, 2, "n1i"),
        tables(finding(**MEANS), samples=[sample(group_1="controls", n_group_1="35")]),
    ),
    (
        "participants-of-the-sample",
        tables(
            finding(contrast="moderation", stat_type="direction", ni="765", direction="positive"),
            samples=[sample(n_total="1804")],
        ),
        (FILE, 2, "ni"),
        tables(
            finding(contrast="association_bpd", stat_type="direction", ni="765", direction="positive"),
            samples=[sample(n_total="1804")],
        ),
    ),
    (
        "groups-of-a-sample",
        tables(samples=[sample(n_group_1="35", n_group_2="23", n_total="48")]),
        ("samples.csv", 2, "n_total"),
        tables(samples=[sample(n_group_1="35", n_group_2="23", n_total="60")]),
    ),
    (
        "degrees-of-freedom",
        tables(finding(**T | {"df2": "437"})),
        (FILE, 2, "df2"),
        tables(finding(**T | {"df2": "26.4"})),
    ),
    (
        "degrees-of-freedom",
        tables(finding(**T | {"df2": "12"})),
        (FILE, 2, "df2"),
        tables(finding(**T | {"df2": "38"}), samples=[sample(n_total="40")]),
    ),
    (
        "degrees-of-freedom",
        tables(finding(**WITHIN | {"stat_type": "t", "ti": "2.2", "ni": "30", "df2": "19"})),
        (FILE, 2, "df2"),
        tables(finding(**WITHIN | {"stat_type": "t", "ti": "2.2", "ni": "30", "df2": "28"})),
    ),
    (
        "participants-of-a-correlation",
        tables(
            finding(**ASSOCIATED, stat_type="r", ri="0.20", r_kind="pearson", pi="0.001", p_relation="="),
            samples=[sample(n_total="40")],
        ),
        (FILE, 2, "pi"),
        tables(
            finding(**ASSOCIATED, stat_type="r", ri="0.20", r_kind="pearson", pi="0.001", p_relation="="),
            samples=[sample(n_total="400")],
        ),
    ),
    (
        "sizes-that-count-up",
        tables(*(finding(f"e{i}", **MEANS | {"n1i": str(27 + i), "m1i": f"2{i}.4"}) for i in range(4))),
        (FILE, 5, "n1i"),
        tables(*(finding(f"e{i}", **MEANS | {"n1i": str(27 + i % 3), "m1i": f"2{i}.4"}) for i in range(4))),
    ),
    (
        "codings-that-disagree",
        tables(finding(**T | {"ti": "3.0"}), finding(coding="other", stat_type="d", di="2.45")),
        (FILE, 3, "di"),
        tables(finding(**T | {"ti": "3.0"}), finding(coding="other", stat_type="d", di="1.15")),
    ),
    (
        "design-of-a-sample",
        tables(finding(**PARALLEL, stat_type="d", di="0.2"), finding("f2", **WITHIN, stat_type="d", di="0.3")),
        (FILE, 3, "design"),
        tables(finding(**PARALLEL, stat_type="d", di="0.2"), finding("f2", **PARALLEL, stat_type="d", di="0.3")),
    ),
    ("same-participants-as-groups", tables(finding(**EBERT)), (FILE, 2, "di"), tables(finding(**EBERT | SOUND_13))),
    (
        "same-participants-as-groups",  # alone, the second could be an interval with the quantile of t
        tables(finding(**EBERT), finding("f2", **G_WITHIN | {"di": "1.45", "ci_lb": "0.58", "ci_ub": "2.31"})),
        (FILE, 3, "di"),
        tables(
            finding(**EBERT | SOUND_13), finding("f2", **G_WITHIN | {"di": "1.45", "ci_lb": "0.58", "ci_ub": "2.31"})
        ),
    ),
    (
        "same-numbers-twice",
        tables(finding(**MEANS), finding("f2", **MEANS)),
        (FILE, 3, "finding_id"),
        tables(finding(**MEANS), finding("f2", **MEANS | {"m2i": "18.1"})),
    ),
    (
        "same-outcome-twice",
        tables(finding(outcome="anger", **T), finding("f2", outcome="Anger", stat_type="direction")),
        (FILE, 3, "outcome"),
        tables(finding(outcome="anger", **T), finding("f2", outcome="Anger", timepoint="later", stat_type="direction")),
    ),
    (
        "arms-without-names",
        tables(finding(**ARM), finding("f2", **OTHER_ARM)),
        (FILE, 3, "group_1"),
        tables(finding(**ARM), finding("f2", **OTHER_ARM | {"group_1": "drug, high"})),
    ),
    (
        "outcome-not-known",
        tables(finding(outcome="gaze, row 1 of 2", **T)),
        (FILE, 2, "outcome"),
        tables(finding(outcome="gaze at angry faces", **T)),
    ),
    (
        "mean-of-other-findings",
        tables(*PARTS, finding("overall", **OVERALL)),
        (FILE, 4, "composite_of"),
        tables(*PARTS, finding("overall", composite_of="anger; fear", **OVERALL)),
    ),
    (
        "mean-of-its-parts",
        tables(*PARTS, finding("overall", composite_of="anger; fear", **OVERALL | {"m1i": "94.30"})),
        (FILE, 4, "m1i"),
        tables(*PARTS, finding("overall", composite_of="anger; fear", **OVERALL)),
    ),
    (
        "sd-among-other-studies",
        tables(finding(**SCALE | {"sd1i": "0.95", "sd2i": "0.90"}), *others(unit="points", instrument="BDI")),
        (FILE, 2, "sd1i"),
        tables(finding(**SCALE), *others(unit="points", instrument="BDI")),
    ),
    (
        "sd-computed-from-an-se",
        tables(finding(**MEANS | {"n1i": "19", "sd1i": "7.846018098", "n2i": "19", "sd2i": "8.281907993"})),
        (FILE, 2, "sd1i"),
        tables(finding(**MEANS | {"n1i": "19", "sd1i": "7.846018", "n2i": "20", "sd2i": "8.281907993"})),
    ),
    (
        "skewed",
        tables(finding(**LEVEL | {"m1i": "12", "sd1i": "11", "m2i": "10", "sd2i": "9"})),
        (FILE, 2, "m1i"),
        tables(finding(**LEVEL)),
    ),
    (
        "skewed",
        tables(finding(**PERCENT | {"m1i": "97.0", "sd1i": "5.0"})),
        (FILE, 2, "m1i"),
        tables(finding(**PERCENT)),
    ),
    (
        "scale-of-a-unit",
        tables(finding(**LEVEL), *others(matrix="plasma", unit="pg/ml", m2i="2.0")),
        (FILE, 2, "unit"),
        tables(finding(**LEVEL), *others(matrix="plasma", unit="pg/ml", m2i="80")),
    ),
    (
        "retracted-report",
        tables(finding(**T), retractions=[RETRACTED]),
        ("retractions.csv", 2, "report_id"),
        tables(
            finding(**T, doubt="the report is retracted"),
            retractions=[RETRACTED],
        ),
    ),
    (
        "one-publication-twice",
        tables(reports=[report(doi=DOI), report("r2", doi=DOI.upper())]),
        ("reports.csv", 3, "doi"),
        tables(reports=[report(doi=DOI), report("r2", doi=f"{DOI}4")]),
    ),
    (
        "year-of-a-report",
        tables(reports=[report("smith2010-b", year="2001")]),
        ("reports.csv", 2, "year"),
        tables(reports=[report("smith2010-b", year="2010")]),
    ),
    (
        "year-of-a-report",
        tables(reports=[report(doi=DOI, year="2020")]),
        ("reports.csv", 2, "year"),
        tables(reports=[report(doi=DOI, year="2013")]),
    ),
    (
        "shape-of-an-id",
        tables(reports=[report(doi=f"{DOI}.")]),
        ("reports.csv", 2, "doi"),
        tables(reports=[report(doi=DOI)]),
    ),
    (
        "shape-of-an-id",
        tables(reports=[report(pmid="123456789")]),
        ("reports.csv", 2, "pmid"),
        tables(reports=[report(pmid="12345678")]),
    ),
    (
        "word-for-nothing",
        tables(finding(doubt="n/a", **T)),
        (FILE, 2, "doubt"),
        tables(finding(doubt="n is not known", **T)),
    ),
    ("placeholder", tables(finding(**T | {"locator": "-"})), (FILE, 2, "locator"), tables(finding(**T))),
    (
        "lonely-outcome-group",
        tables(finding(outcome_group="scores", **T), *others()),
        (FILE, 2, "outcome_group"),
        tables(finding(outcome_group="age", **T), *others()),
    ),
    (
        "lonely-outcome-group",  # a newcomer's word for a level
        tables(finding(outcome_group="oxytocin", **T), *others(outcome_group="oxt-level"), outcomes=GROUPED),
        (FILE, 2, "outcome_group"),
        tables(finding(outcome_group="oxt-level-pooled", **T), *others(outcome_group="oxt-level"), outcomes=GROUPED),
    ),
    (
        "lonely-outcome-group",
        tables(finding(outcome_group="level", **T), *others(outcome_group="oxt-level")),
        (FILE, 2, "outcome_group"),
        tables(finding(outcome_group="oxt-level-pooled", **T), *others(outcome_group="oxt-level")),
    ),
    (
        "lonely-outcome-group",
        tables(finding(outcome_group="cortisol", outcome="Level at rest", **T), *others(outcome="level at rest")),
        (FILE, 2, "outcome_group"),
        tables(finding(outcome_group="cortisol", outcome="Level after stress", **T), *others(outcome="level at rest")),
    ),
    (
        "spelt-in-two-ways",
        tables(finding(**T, unit="pg/mL"), *others(unit="pg/ml")),
        (FILE, 2, "unit"),
        tables(finding(**T, unit="ng/ml"), *others(unit="pg/ml")),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "data", "place", "sound"), OF_TABLES, ids=[f"{c[0]}-{i}" for i, c in enumerate(OF_TABLES)]
)
def test_a_warning_across_rows_and_its_sound_neighbour(name, data, place, sound):
    assert place in found(data)[name]
    assert name not in found(sound)


def test_every_plausibility_check_has_an_example_here():
    tested = {case[0] for case in (*OF_ROWS, *OF_TABLES)}
    assert tested == {one.id for one in (*ROW_CHECKS, *TABLE_CHECKS)}


def test_every_check_says_what_it_expected_why_and_from_where():
    names = [kind.id for group in GROUPS.values() for kind in group]
    assert len(names) == len(set(names))
    for kind in CHECKS.values():
        assert kind.expected.endswith("."), kind.id
        assert all((kind.why, kind.example, kind.source)), kind.id


# ---------------------------------------------------------------- words


@pytest.mark.parametrize("word", ["NA", "n/a", "N.A.", "no", "None", "-", "–", "?", ".", "nil", "unknown", "x"])
@pytest.mark.parametrize("column", ["doubt"])
def test_words_for_nothing(word, column):
    (place,) = found(tables(finding(**T, **{column: word})))["word-for-nothing"]
    assert place == (FILE, 2, column)


def test_a_word_for_nothing_ends_the_run():
    _, problems = check(raw_of("na-in-doubt"))
    assert {(p.column, p.value, p.check) for p in errors(problems)} >= {("doubt", "NA", "word-for-nothing")}


@pytest.mark.parametrize(
    ("first", "second", "near"),
    [
        ("oxt-level", "oxt-levels", True),
        ("oxt-level", "oxtlevel", True),
        ("emotion-recogniton", "emotion-recognition", True),
        ("emotion-recongition", "emotion-recognition", True),
        ("recall-t1", "recall-t2", False),
        ("rs53576-abuse", "rs53577-abuse", False),
        ("fear-bias", "gear-bias", False),
        ("childhood-adversity", "childhood-adversity-recovery", False),
    ],
)
def test_names_that_are_spelt_nearly_alike(first, second, near):
    assert near_names(first, second) is near
    assert near_names(second, first) is near


def test_names_that_are_nearly_alike_have_a_trait_in_common():
    """So each name need not be compared with each: slips of real names, and of words put together from few letters."""
    draw = random.Random(5)
    names = [located.row.outcome_group for located in read_table(RAW / "outcomes.csv", Outcome, "").rows]
    names += ["-".join("".join(draw.choices("ab1", k=draw.randint(3, 6))) for _ in range(2)) for _ in range(150)]
    for name in names[:60]:
        at = draw.randrange(len(name) - 1)
        names += [name[:at] + name[at + 1 :], name[:at] + "x" + name[at:], name.replace("-", "")]
        names.append(name[:at] + name[at + 1] + name[at] + name[at + 2 :])
    near = [(a, b) for a in names for b in names if a != b and near_names(a, b)]
    assert len(near) > 200
    assert [(a, b) for a, b in near if not {*near_traits(a)} & {*near_traits(b)}] == []


def test_one_slip_of_the_keyboard():
    assert [one_slip("angry", word) for word in ("angyr", "angrry", "angy", "ankry", "agnyr", "anger")] == [
        True, True, True, True, False, False,
    ]  # fmt: skip


# ---------------------------------------------------------------- sound data


def printed(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}"


def p_cells(p: float) -> dict[str, str]:
    return {"pi": "0.001", "p_relation": "<"} if p < 0.001 else {"pi": printed(p, 3), "p_relation": "="}


def sound_row(draw: np.random.Generator, i: int) -> tuple[dict, Sample]:
    """A finding from normal samples, printed as papers do, and its sample."""
    n1, n2 = draw.integers(8, 80, 2)
    kind = i % 10
    sign = {"direction": "group_1_higher"}
    name = f"s{i}"
    decimals = int(draw.integers(1, 3))
    delta = draw.normal(0.3, 0.5)
    x, y = draw.normal(50 + 10 * delta, 10, n1), draw.normal(50, 10, n2)
    people = {"n1i": str(n1), "n2i": str(n2)}
    both = sample(name, group_1="patients", n_group_1=str(n1), group_2="controls", n_group_2=str(n2))
    t, p = stats.ttest_ind(x, y, equal_var=bool(i % 3))
    df = n1 + n2 - 2 if i % 3 else stats.ttest_ind(x, y, equal_var=False).df
    pooled = float(es.pooled_sd(x.std(ddof=1), n1, y.std(ddof=1), n2))
    d = (x.mean() - y.mean()) / pooled
    sign = {"direction": "group_1_higher" if d > 0 else "group_2_higher"}
    means = {"m1i": printed(x.mean(), decimals), "m2i": printed(y.mean(), decimals)}
    if kind == 0:
        spread = {"sd1i": printed(x.std(ddof=1), decimals), "sd2i": printed(y.std(ddof=1), decimals)}
        g = es.smd(x.mean(), x.std(ddof=1), n1, y.mean(), y.std(ddof=1), n2)
        published = {"published_yi": printed(float(g.yi), 2), "published_sei": printed(float(g.sei), 3)}
        return BETWEEN | sign | means | spread | people | p_cells(p) | published | {"stat_type": "means"}, both
    if kind == 1:
        spread = {"se1i": printed(x.std(ddof=1) / math.sqrt(n1), 2), "se2i": printed(y.std(ddof=1) / math.sqrt(n2), 2)}
        level = {"matrix": "plasma", "unit": "pg/ml"}
        test = {"ti": printed(t, 2), "df2": printed(df, 0 if i % 3 else 1)}
        return BETWEEN | sign | means | spread | people | level | test | {"stat_type": "means_se"}, both
    if kind == 2:
        test = {"ti": printed(t, 2)} | ({"df2": printed(df, 0 if i % 3 else 1)} if i % 2 else {})
        return BETWEEN | sign | people | test | p_cells(p) | {"stat_type": "t"}, both
    if kind == 3:
        f, p = t**2, p
        test = {"fi": printed(f, 2), "df1": "1", "df2": printed(df, 0 if i % 3 else 1)}
        return BETWEEN | sign | people | test | p_cells(p) | {"stat_type": "f"}, both
    if kind == 4:
        n = int(draw.integers(12, 150))
        a = draw.normal(size=n)
        r, p = stats.pearsonr(a, 0.4 * a + draw.normal(size=n))
        one = {
            "stat_type": "r",
            "ri": printed(r, 2),
            "r_kind": "pearson",
            "direction": "positive" if r > 0 else "negative",
        }
        size = {"ni": str(n)} if i % 2 else {}
        return ASSOCIATED | one | size | p_cells(p), sample(name, n_total=str(n + int(draw.integers(0, 20))))
    contrast = es.two_groups(n1, n2)
    if kind in (5, 6):
        formula = ("LS", "LS2", "UB")[i % 3]
        g = es.standardized(d, contrast, vtype=formula)
        y, se = float(g.yi), float(g.sei)
        if kind == 5:
            row = {"stat_type": "g_se", "yi": printed(y, 2), "sei": printed(se, 2 + i % 2)}
            return BETWEEN | sign | people | row, both
        q = stats.norm.ppf(0.975) if i % 4 < 2 else stats.t.ppf(0.975, n1 + n2 - 2)
        row = {"yi": printed(y, 2), "ci_lb": printed(y - q * se, 2), "ci_ub": printed(y + q * se, 2)}
        return BETWEEN | sign | people | row | {"stat_type": "g_ci", "ci_level": "0.95"}, both
    if kind == 7:  # the exact interval of d, and Wald with its SE
        root = math.sqrt(contrast.error)
        if i % 2:
            low, high = (root * float(es_nc(n1 + n2 - 2, tail, d / root)) for tail in (0.975, 0.025))
            row = {"ci_lb": printed(low, 2), "ci_ub": printed(high, 2), "ci_level": "0.95"}
        else:
            se = math.sqrt(contrast.error + d * d / (2 * (n1 + n2)))
            row = {"ci_lb": printed(d - 1.959964 * se, 2), "ci_ub": printed(d + 1.959964 * se, 2), "ci_level": "0.95"}
            row |= {"sei": printed(se, 2)}
        return BETWEEN | sign | people | {"stat_type": "d", "di": printed(d, 2)} | row, both
    n = int(n1)
    a = draw.normal(50, 10, n)
    b = 0.6 * (a - 50) + draw.normal(50 + 10 * delta, 8, n)
    t, p = stats.ttest_rel(b, a)
    sign = {"direction": "group_1_higher" if t > 0 else "group_2_higher"}
    whole = sample(name, n_total=str(n))
    if kind == 8:
        cells = {"m1i": printed(b.mean(), decimals), "sd1i": printed(b.std(ddof=1), decimals)}
        cells |= {"m2i": printed(a.mean(), decimals), "sd2i": printed(a.std(ddof=1), decimals), "ni": str(n)}
        cells |= {"ti": printed(t, 2)} if i % 20 < 10 else p_cells(p)
        cells |= {"pre_post_r": printed(float(np.corrcoef(a, b)[0, 1]), 2)} if "ti" in cells else {}
        return WITHIN | sign | cells | {"stat_type": "change"}, whole
    scores1, scores2 = draw.integers(0, 22, n1), draw.integers(0, 20, n2)
    cells = {"m1i": printed(scores1.mean(), 2), "sd1i": printed(scores1.std(ddof=1), 2)}
    cells |= {"m2i": printed(scores2.mean(), 2), "sd2i": printed(scores2.std(ddof=1), 2)}
    higher = "group_1_higher" if scores1.mean() > scores2.mean() else "group_2_higher"
    return BETWEEN | people | cells | {"stat_type": "means", "scale_items": "1", "direction": higher}, both


def es_nc(df: float, tail: float, t: float) -> float:
    """Noncentrality at which this tail of the noncentral t ends at t, from its definition."""
    w = (np.arange(4000) + 0.5) / 4000
    scale = np.sqrt(stats.chi2.ppf(w, df) / df)
    return brentq(lambda nc: stats.norm.cdf(t * scale - nc).mean() - tail, t - 12, t + 12)


def sound_data(seed: int, n: int = 300) -> dict[str, Table]:
    """Findings of so many studies, all of them sound."""
    draw = np.random.default_rng(seed)
    rows, samples, reports = [], [], []
    for i in range(n):
        cells, who = sound_row(draw, i)
        name = f"r{i}"
        cells |= {"report_id": name, "sample_id": f"s{i}", "outcome_group": ("score", "time", "empathy")[i % 3]}
        cells |= {} if "unit" in cells else {"unit": "points", "instrument": f"scale {i % 7}"}
        rows.append(finding(f"f{i}", **cells))
        samples.append(who)
        reports.append(
            report(name, year="2012", doi=f"10.1000/j.x.2012.{i}", title=f"study {i} of its kind, at length")
        )
    return tables(*rows, samples=samples, reports=reports)


@pytest.mark.parametrize("seed", range(2))
def test_sound_data_raise_no_warning(seed):
    data = sound_data(seed)
    over_rows = (*rules.ROW_RULES, *ROW_CHECKS)
    problems = [str(problem) for one in TABLE_CHECKS for problem in one.of_tables(data)]
    problems += [str(p) for one in over_rows for located in data[FILE].rows for p in one.of_row(FILE, located)]
    assert problems == []


def test_huge_and_tiny_numbers_raise_nothing():
    numbers = ("1e-12", "1e12", "-1e12", "0")
    for a in numbers:
        for b in ("1e-12", "1e12", "1"):
            for cells in (
                MEANS | {"m1i": a, "sd1i": b, "sd2i": "1e-12", "pi": "0.05", "p_relation": "=", "published_yi": a},
                D_CI | {"di": a, "ci_lb": a, "ci_ub": b, "sei": b},
                T | {"ti": a, "df2": b, "pi": "1", "p_relation": "="},
                CHANGE | {"m1i": a, "sd1i": b, "ti": a, "pre_post_r": "1"},
                {"stat_type": "f", "fi": b, "df1": "1", "df2": b, "pi": "1e-300", "p_relation": "="},
                {"stat_type": "beta", "bi": a, "sei": b, "sdi": b, "pi": "0.5", "p_relation": "="},
            ):
                found(tables(finding(**cells)))


def test_nothing_that_the_errors_let_through_raises():
    rows = [row.model_copy(update={"finding_id": f"f{i}"}) for i, row in enumerate(valid_findings(3, 150))]
    found(tables(*rows))


# ---------------------------------------------------------------- what is known to be suspect


@pytest.fixture(scope="module")
def real():
    """The checks that fire on the real data, by finding (or by report, of a row of retractions) and column."""
    _, problems = check(RAW)
    rows = {}
    for path in RAW.glob("findings/*.csv"):
        for line, record in enumerate(read_csv(path)[1], start=2):
            rows[f"findings/{path.name}", line] = record
    return {
        (rows[p.file, p.line]["finding_id"], rows[p.file, p.line]["coding"], p.check)
        for p in problems
        if (p.file, p.line) in rows
    }


SUSPECTS = [
    # sizes that do not give the printed interval
    ("bertsch2013-ajp-fixation-1-bpd", "primary", "se-of-these-sizes"),
    ("bertsch2013-ajp-fixation-2-bpd", "primary", "se-of-these-sizes"),
    # a meta-analysis that took crossover trials for two groups of 13
    ("bartz2011-trust-bpd", "yang2021", "se-of-these-sizes"),
    ("bartz2011-trust-control", "primary", "same-participants-as-groups"),
    ("ebert2013-trust-bpd", "yang2021", "same-participants-as-groups"),
    ("ebert2013-trust-control", "primary", "same-participants-as-groups"),
    # two meta-analyses that disagree on design and size of one trial
    ("bartz2011-trust-bpd", "yang2021", "codings-that-disagree"),
    ("bartz2011-trust-bpd", "bakermanskranenburg2013", "design-of-a-sample"),
    # rows whose outcome no source names
    ("bertsch2013-ajp-fixation-1-bpd", "primary", "outcome-not-known"),
    ("bartz2011-trust-bpd", "bakermanskranenburg2013", "outcome-not-known"),
    ("ebert2013-trust-bpd", "yang2021", "outcome-not-known"),
    # SDs that somebody computed from error bars, near the ceiling of the task
    ("bertsch2013-ajp-anger-eyes-bpd", "primary", "sd-computed-from-an-se"),
    ("bertsch2013-ajp-overall-eyes-bpd", "primary", "skewed"),
]


@pytest.mark.parametrize("suspect", SUSPECTS, ids=[f"{s[0]}-{s[2]}" for s in SUSPECTS])
def test_the_known_suspects_are_found(real, suspect):
    assert suspect in real


def test_suspects_that_the_data_no_longer_hold_are_found_again(raw):
    """The sizes of the fixation rows as they were listed, the sample of 1,804, and a total without its parts."""
    change_row(raw / "findings/social-threat.csv", "bertsch2013-ajp-fixation-1-control", n1i="15", n2i="16")
    change_row(raw / "findings/social-threat.csv", "bertsch2013-ajp-fixation-2-control", n1i="15", n2i="16")
    change_row(raw / "samples.csv", "zhang2020", n_total="1804")
    change_row(raw / "findings/emotion-recognition.csv", "bertsch2013-ajp-overall-eyes-bpd", composite_of="")
    (raw / "corrections.yaml").unlink()
    _, problems = check(raw)
    fired = {(problem.check, problem.value) for problem in problems}
    assert {
        ("se-of-these-sizes", "-0.12"),
        ("se-of-these-sizes", "0.31"),
        ("participants-of-the-sample", "765"),
    } <= fired
    assert ("mean-of-other-findings", "") in fired


def test_the_same_sizes_of_two_data_sets():
    """What stands in the published data sets, not in ours: sizes that count up, a design and sizes that differ."""
    counting = [finding(f"e{i}", **PARALLEL | MEANS | {"n1i": str(27 + i), "m1i": f"2{i}.4"}) for i in range(7)]
    assert "sizes-that-count-up" in found(tables(*counting))
    lischke = (
        finding(**PARALLEL | MEANS),
        finding("f2", **WITHIN | {"stat_type": "g_se", "yi": "0.3", "sei": "0.28", "ni": "14"}),
    )
    assert "design-of-a-sample" in found(tables(*lischke))
    arms = finding(**PARALLEL | MEANS | {"n1i": "43", "n2i": "43"})
    assert "participants-of-the-sample" in found(tables(arms, samples=[sample(n_total="65")]))


def test_a_new_study_with_a_group_of_its_own_spelling(raw):
    path = raw / "findings/early-stress.csv"
    columns, records = read_csv(path)
    new = next(r for r in records if r["finding_id"] == "bomann2017-level")
    new = new | {"finding_id": "new2025-level", "report_id": "brune2016", "sample_id": "domes2019", "n1i": "30"}
    write_csv(path, columns, [*records, new | {"outcome_group": "oxytocin"}])
    _, problems = check(raw)
    assert [(p.check, p.line, p.value) for p in errors(problems)] == [("references", len(records) + 2, "oxytocin")]
    change_text(raw / "outcomes.csv", lambda text: f"{text}oxytocin,oxytocin,not_applicable,levels,,\n")
    _, problems = check(raw)
    assert ("lonely-outcome-group", len(records) + 2) in {(p.check, p.line) for p in problems}
    write_csv(path, columns, [*records, new])
    _, problems = check(raw)
    assert len(records) + 2 not in {p.line for p in problems if p.check == "lonely-outcome-group"}


def test_a_retracted_report_of_the_real_data(raw):
    text = "report_id,status,date,source,checked_on\nbomann2017,retracted,2024-05-01,made up,2025-01-31\n"
    (raw / "retractions.csv").write_text(text, encoding="utf-8")
    _, problems = check(raw)
    (problem,) = (p for p in problems if p.check == "retracted-report")
    assert (problem.file, problem.line, problem.value) == ("retractions.csv", 2, "bomann2017")
    assert errors(problems) == []
    (raw / "retractions.csv").write_text(text.replace("bomann2017", "nobody2017"), encoding="utf-8")
    assert [(p.check, p.value) for p in errors(check(raw)[1])] == [("references", "nobody2017")]


def test_stat_types_take_the_test_beside_the_numbers():
    for kind in ("means", "means_se", "t", "f", "r", "change", "d", "g_se", "g_ci", "beta"):
        assert {"pi", "p_relation"} <= {*v.STAT_TYPES[kind].required, *v.STAT_TYPES[kind].optional}
