"""The second opinion: it agrees for reasons, and speaks up when one of our numbers is wrong."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pingouin
import pytest
from tests.findings import SAMPLE, finding
from tests.golden import oracle
from tests.project import RAW, ROOT

from reanalysis import effects as es
from reanalysis import meta
from reanalysis.check import load
from reanalysis.ladder import domain_effects, read_finding
from reanalysis.ladder.routes import ROUTES
from reanalysis.models.other_packages import Cause, pool_opinions
from reanalysis.models.pooling import pool
from reanalysis.models.second_opinion import (
    Unexplained,
    cells_opinions,
    explained,
    findings_opinions,
    samples_opinions,
)
from reanalysis.results.rows import Effect, PooledUnit
from reanalysis.schema.config import Effects
from reanalysis.schema.raw import Finding

CELL = {"domain": "early-stress", "contrast": "bpd_vs_control", "outcome_group": "oxt-level", "metric": "SMD"}


def effect(row: Finding, smd_variance: str = "LS") -> Effect:
    """The effect of a finding as our engine places it."""
    reading = read_finding(row, Effects(alpha=0.05, trend=0.1, smd_variance=smd_variance))
    assert reading.rung == "exact", reading.why
    names = ("finding_id", "coding", "contrast", "outcome_group", "sample_id", "stat_type")
    known = {name: getattr(row, name) for name in names}
    known |= {name: getattr(reading, name) for name in ("metric", "rung", "route", "vtype", "yi", "vi")}
    return Effect(**known, domain="early-stress", use="main")


def opinions(row: Finding, ours: Effect):
    return list(findings_opinions([ours], {(row.finding_id, row.coding): row}))


def units(yi, vi) -> list[PooledUnit]:
    return [
        PooledUnit(**CELL, rung="exact", sample_id=f"sample{i}", findings=[f"finding{i}"], yi=float(y), vi=float(v))
        for i, (y, v) in enumerate(zip(yi, vi, strict=True))
    ]


def effects_of(samples: list[PooledUnit]) -> list[Effect]:
    names = (*CELL, "sample_id", "yi", "vi")
    own = [{name: getattr(unit, name) for name in names} | {"finding_id": unit.findings[0]} for unit in samples]
    return [Effect(**columns, rung="exact", use="main") for columns in own]


# ---------------------------------------------------------------- effects


@pytest.mark.parametrize("smd_variance", ["LS", "LS2", "UB"])
@pytest.mark.parametrize("row", SAMPLE.values(), ids=SAMPLE)
def test_every_statistic_has_an_opinion_that_is_explained(row, smd_variance):
    rows = opinions(row, effect(row, smd_variance))
    assert explained(rows) == rows
    assert {r.quantity for r in rows} == {"yi", "vi"}
    assert all(r.cause in {*Cause} for r in rows if r.verdict == "explained")


def test_no_statistic_is_forgotten():
    assert {name.split(",")[0].split(" ")[0] for name in SAMPLE} == {name for name, routes in ROUTES.items() if routes}
    silent = {
        name for name, row in SAMPLE.items() if "no second opinion" in {r.verdict for r in opinions(row, effect(row))}
    }
    assert silent == {"median_iqr", "t, interaction", "t, four arms of a total"}


@pytest.mark.parametrize("row", [row for name, row in SAMPLE.items() if name != "median_iqr"])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda e: replace(e, yi=e.yi * (1 + 1e-8)),
        lambda e: replace(e, yi=-e.yi),
        lambda e: replace(e, vi=e.vi * (1 + 1e-8)),
    ],
    ids=["yi slightly off", "sign", "vi slightly off"],
)
def test_an_error_of_ours_fails_with_the_finding_named(row, spoil):
    spoiled = spoil(effect(row))
    if row.contrast == "group_by_drug" and spoiled.yi == effect(row).yi:
        return  # nobody else has that variance
    with pytest.raises(Unexplained, match=r"some-finding \(primary\): (yi|vi) is .* says"):
        explained(opinions(row, spoiled))


def test_a_cause_explains_what_it_makes_and_no_more(monkeypatch):
    """With a package that corrects by yet another factor, approximate J is named and does not explain."""
    row = SAMPLE["t"]
    assert {r.cause for r in opinions(row, effect(row)) if r.quantity == "yi"} == {Cause.APPROXIMATE_J}
    plain = pingouin.convert_effsize
    monkeypatch.setattr(pingouin, "convert_effsize", lambda *a, **k: plain(*a, **k) * (1 + 1e-7))
    with pytest.raises(Unexplained, match="not explained by: approximate J"):
        explained(opinions(row, effect(row)))


def test_the_large_sample_correction_is_as_far_off_as_it_should_be():
    """Hedges (1981): the approximation is within 0.00033 of J for 10 degrees of freedom and more."""
    row = SAMPLE["d"]
    (yi,) = [r for r in opinions(row, effect(row)) if (r.quantity, r.package) == ("yi", "pingouin")]
    assert 0 < yi.relative_difference < 0.00033


# ---------------------------------------------------------------- samples and pools


def test_averaged_findings_are_recomputed(config):
    two = [
        replace(e, sample_id="one", finding_id=f"f{i}") for i, e in enumerate(effects_of(units([0.2, 0.9], [0.1, 0.3])))
    ]
    pooled = pool(two, config.models)
    rows = list(samples_opinions(two, pooled.units))
    assert [(r.item, r.quantity, r.verdict) for r in rows] == [("one", "yi", "agrees"), ("one", "vi", "agrees")]
    with pytest.raises(Unexplained, match="sample one: vi"):
        explained(samples_opinions(two, [replace(pooled.units[0], vi=pooled.units[0].vi * 1.01)]))


def log_risk_ratios():
    table = oracle.inputs("13_rma_methods_bcg")["input"]
    return es.log_rr(table["tpos"], table["tneg"], table["cpos"], table["cneg"])


def stroke_units():
    """Findings of the length of stay in nine trials (Normand 1999)."""
    table = oracle.inputs("17_rma_normand1999_published")["input"]
    names = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
    cells = [{name: str(int(table[name][i])) for name in names} for i in range(9)]
    return [finding(stat_type="means", **row) for row in cells]


ALIKE = ([0.3, 0.31, 0.29, 0.3], [0.1, 0.2, 0.15, 0.12])  # less spread than chance: tau2 would be negative
POOLS = {
    "tuberculosis": log_risk_ratios(),
    "stroke": tuple(np.transpose([(e.yi, e.vi) for e in map(effect, stroke_units())])),
    "alike": ALIKE,
    "two": ([0.1, 0.9], [0.02, 0.03]),
}


@pytest.mark.parametrize("method", ["REML", "DL", "PM"])
@pytest.mark.parametrize("numbers", POOLS.values(), ids=POOLS)
def test_pools_of_several_samples(numbers, method, config):
    samples = units(*numbers)
    models = pool(effects_of(samples), config.models.model_copy(update={"method": method})).models
    rows = explained(cells_opinions(samples, models))
    assert {"DL", "PM"} | {m.model for m in models} == {r.item for r in rows}
    assert Counter(r.verdict for r in rows)["agrees"] > len(rows) / 2


def test_a_negative_tau2_is_named_for_what_it_is():
    rows = {(r.item, r.quantity): r for r in cells_opinions(units(*ALIKE), [])}
    assert rows["DL", "tau2"].ours == 0
    assert rows["DL", "tau2"].theirs < 0
    assert {rows["DL", q].cause for q in ("tau2", "se")} == {Cause.NEGATIVE_TAU2}
    assert {rows["PM", q].verdict for q in ("tau2", "est", "se")} == {"agrees"}


def test_published_numbers_of_the_tuberculosis_trials():
    """tau2 of metafor's own tests: 0.3088 by DL (against metan of Stata), 0.3181 where DL iterates to PM."""
    yi, vi = log_risk_ratios()
    for method, tau2 in (("DL", 0.3088), ("PM", 0.3181)):
        theirs = {o.quantity: o for o in pool_opinions(yi, vi, method)}
        ours = meta.fit(yi, vi, method=method, test="knha")
        assert ours.tau2 == pytest.approx(tau2, abs=2e-4)
        assert theirs["tau2"].theirs == pytest.approx(ours.tau2, rel=1e-4)
        assert theirs["se_knha"].mended == pytest.approx(ours.se[0], rel=1e-9)


def test_the_stroke_trials():
    """The variance of statsmodels lies up to 3.8 percent above the large-sample one, and no more."""
    rows = [r for row in stroke_units() for r in explained(opinions(row, effect(row)))]
    off = [r.difference / r.ours for r in rows if (r.quantity, r.package) == ("vi", "statsmodels")]
    assert len(off) == 9
    assert min(off) > 0
    assert max(off) == pytest.approx(0.0379, abs=5e-5)


@pytest.mark.parametrize("name", ["est", "se", "ci_lb", "ci_ub", "QE", "QEp"])
def test_an_error_in_a_model_fails_with_the_cell_named(name, config):
    samples = units(*log_risk_ratios())
    first, *rest = pool(effects_of(samples), config.models).models
    spoiled = replace(first, **{name: getattr(first, name) * (1 + 1e-6)})
    with pytest.raises(Unexplained, match=f"early-stress, bpd_vs_control, oxt-level, cell random effects: {name} is"):
        explained(cells_opinions(samples, [spoiled, *rest]))


def test_a_wrong_estimator_of_ours_is_not_taken_for_an_early_stop(monkeypatch):
    plain = meta.fit
    monkeypatch.setattr(meta, "fit", lambda *a, **k: plain(*a, **k | {"method": "HE"}))
    with pytest.raises(Unexplained, match="cell PM: tau2 is"):
        explained(cells_opinions(units(*log_risk_ratios()), []))


# ---------------------------------------------------------------- the evidence of today


def test_all_evidence_is_explained(config):
    evidence = load(RAW)
    effects = [e for domain in evidence.domains for e in domain_effects(evidence, domain, config.effects)]
    pools = [pool([e for e in effects if e.domain == domain], config.models) for domain in evidence.domains]
    samples = [unit for pooled in pools for unit in pooled.units]
    models = [model for pooled in pools for model in pooled.models]
    findings = {(row.finding_id, row.coding): row for rows in evidence.findings.values() for row in rows}
    rows = explained(
        [
            *findings_opinions(effects, findings),
            *samples_opinions(effects, samples),
            *cells_opinions(samples, models),
        ]
    )
    exact = {(e.finding_id, e.coding) for e in effects if e.rung == "exact"}
    assert {(r.item, r.coding) for r in rows if r.level == "finding"} == exact
    assert {m.model for m in models} <= {r.item for r in rows if r.level == "cell"}


def test_the_slow_packages_are_imported_where_one_must_be_called():
    """Elsewhere than in `other_packages` this is within a function."""
    for path in (ROOT / "src").glob("**/*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        slow = [
            line
            for line in lines
            if line.startswith(("import ", "from ")) and ("pingouin" in line or "statsmodels" in line)
        ]
        assert not slow or path.name == "other_packages.py", path
