"""A larger review takes longer in proportion: what a stage does is counted, not timed (benchmarks/growth.py)."""

import sys
from dataclasses import fields, replace

import pytest
from benchmarks.made_up_review import write_review
from tests.project import RECALL

from reanalysis.check import check, errors
from reanalysis.files.config_file import read_config
from reanalysis.pipeline import STAGES, given
from reanalysis.results.rows import MAIN, TABLES, Variant
from reanalysis.schema.scope import Scoped, any_in_scope

SIZES = ((6, 60), (24, 240))
COUNTED = ("effects", "synthesis", "claims", "forests", "figures")


class Counted(list):
    """A table that counts how often its rows are gone through."""

    passes = 0

    def __iter__(self):
        self.passes += 1
        return super().__iter__()


class Calls:
    """Counts the calls of functions of the library while it is in force."""

    def __enter__(self):
        self.made = 0
        sys.setprofile(self._called)
        return self

    def __exit__(self, *error):
        sys.setprofile(None)

    def _called(self, frame, event, arg):
        self.made += event == "call" and "/reanalysis/" in frame.f_code.co_filename


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A small review and one that is four times as large: evidence, choices, tables, and the calls of the check."""
    return [_made(tmp_path_factory.mktemp("review") / "made-up", *size) for size in SIZES]


def _made(folder, domains, findings):
    raw = write_review(folder, domains, findings) / "data/raw"
    with Calls() as calls:
        evidence, problems = check(raw)
    assert errors(problems) == []
    config = read_config(folder / "config/config.yaml")
    tables = dict.fromkeys(TABLES, [])
    for name in ("effects", "models", "synthesis"):
        tables |= STAGES[name].function(given(STAGES[name], evidence, tables, config, RECALL))
    tables["3_models/sensitivity.csv"] = [_main(row) for row in tables["3_models/models.csv"]]
    return evidence, config, tables, calls.made


def _main(row):
    names = {one.name for one in fields(Variant)} & {one.name for one in fields(row)}
    return Variant(**{name: getattr(row, name) for name in names}, kind="main", variant=MAIN)


def test_the_made_up_reviews_differ_in_size_alone(made):
    (small, _, _, _), (large, _, _, _) = made
    for part in ("domains", "reports", "samples", "codings", "outcomes"):
        assert 2.5 < len(getattr(large, part)) / len(getattr(small, part)) < 5, part
    assert large.claims


def test_the_check_makes_calls_in_proportion(made):
    (small, *_, few), (large, *_, many) = made
    assert many / few < 1.25 * _size(large) / _size(small)


def _size(evidence):
    return len(evidence.codings) + len(evidence.claims)


@pytest.mark.parametrize("stage", COUNTED)
def test_a_stage_goes_through_its_tables_as_often_however_large_they_are(made, stage):
    """And calls functions in proportion to the review."""
    passes, calls = zip(*(_work(STAGES[stage], *one[:3]) for one in made), strict=True)
    assert passes[1] == passes[0]
    (small, *_), (large, *_) = made
    assert calls[1] / calls[0] < 1.25 * _size(large) / _size(small)


def _work(stage, evidence, config, tables):
    """How often a stage goes through each table, and how many calls it makes."""
    counted = {file: Counted(rows) for file, rows in tables.items()}
    own = given(stage, evidence, counted, config, RECALL)
    stage.function(own)  # imports what it needs, and fits what RECALL does not know
    for rows in counted.values():
        rows.passes = 0
    with Calls() as calls:
        stage.function(replace(own, evidence=replace(own.evidence)))
    return {file: rows.passes for file, rows in counted.items()}, calls.made


def test_a_domain_holds_nothing_of_the_others(made):
    """So that what is kept of it is known by as much as it takes, and stays when another domain is edited."""
    (small, *_), (large, *_) = made
    for evidence in (small, large):
        part = evidence.of(next(iter(evidence.domains)))
        rows = [row for own in part.findings.values() for row in own]
        assert {row.outcome_group for row in rows} == part.outcomes.keys()
        assert {row.report_id for row in rows} == part.reports.keys()
        assert [*part.samples] == [name for name in evidence.samples if name in part.samples]


SCOPES = (
    ["early-stress/bpd_vs_control/oxt-level"],
    ["*/bpd_vs_control/oxt-*"],
    ["early-stress/*"],
    ["*/oxt_vs_placebo_bpd/*", "back2022-hrv-bpd", "cardiac/*/*"],
    ["*/bpd_vs_control/oxt-level[matrix=plasma]"],
    ["no-such-domain/*/*", "no-such-finding"],
    None,
)


@pytest.mark.parametrize("scope", SCOPES)
def test_scopes_are_looked_up_as_they_are_asked(effects, scope):
    scoped = Scoped((effect.domain, effect) for effect in effects)
    assert scoped.named(scope) == [effect for effect in effects if any_in_scope(scope, effect.domain, effect)]


def test_every_claim_finds_its_effects(evidence, effects):
    scoped = Scoped((effect.domain, effect) for effect in effects)
    for claim in evidence.claims.values():
        assert scoped.named(claim.scope) == [e for e in effects if any_in_scope(claim.scope, e.domain, e)]
