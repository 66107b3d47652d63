"""The second review: its data are sound, say what the data set says, and give what R gives on them."""

import shutil
from collections import defaultdict

import numpy as np
import pytest
import yaml
from tests.project import ROOT, change_row

from reanalysis import meta
from reanalysis.check.evidence import check
from reanalysis.ladder import all_effects
from reanalysis.ladder.samples import groups
from reanalysis.models.pooling import pool
from reanalysis.problems import errors
from reanalysis.schema.config import parse_config

EXAMPLE = ROOT / "examples/antidepressants-fibromyalgia"

# Of metadat's dat.haeuser2009: rows, trials, and trials of which several arms share a control.
ARMS_AND_TRIALS = {
    "pain": (22, 17, {"arnold2005", "goldenberg1996", "hannonen1998", "russell2008"}),
    "fatigue": (14, 10, {"goldenberg1996", "hannonen1998", "russell2008"}),
    "sleep": (13, 10, {"arnold2005", "goldenberg1996", "hannonen1998"}),
    "mood": (10, 8, {"arnold2005", "goldenberg1996"}),
    "quality-of-life": (12, 7, {"arnold2005", "goldenberg1996", "heymann2001", "russell2008"}),
}
# metafor 3.8-1 on the same data: escalc(measure="SMD"), then rma(method="DL") on the arms, each as a trial of its own
DL_OF_ARMS = {
    "pain": -0.427321,
    "fatigue": -0.133211,
    "sleep": -0.321030,
    "mood": -0.255445,
    "quality-of-life": -0.315824,
}


@pytest.fixture(scope="module")
def checked():
    return check(EXAMPLE / "data/raw")


@pytest.fixture(scope="module")
def config():
    return parse_config(yaml.safe_load((EXAMPLE / "config/config.yaml").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def effects(checked, config):
    """The effects of each domain, by sample."""
    found = {domain: defaultdict(list) for domain in checked[0].domains}
    for effect in all_effects(checked[0], config.effects, config.models.level):
        found[effect.domain][effect.sample_id].append(effect)
    return found


def test_the_data_have_no_error_and_no_warning_that_nobody_looked_into(checked):
    _, problems = checked
    assert not errors(problems)
    assert [problem for problem in problems if not problem.accepted] == []


@pytest.mark.parametrize("domain", ARMS_AND_TRIALS)
def test_arms_trials_and_shared_controls_are_those_of_the_data_set(effects, domain):
    arms, trials, sharing = ARMS_AND_TRIALS[domain]
    found = effects[domain]
    assert sum(map(len, found.values())) == arms
    assert len(found) == trials
    assert {sample for sample, members in found.items() if len(members) > 1} == sharing
    for sample in sharing:
        drugs, controls = zip(*groups(found[sample]), strict=True)
        assert (len(set(drugs)), len(set(controls))) == (len(found[sample]), 1)


def test_the_trials_of_the_flow_are_those_of_the_findings(checked, effects):
    trials = {sample for found in effects.values() for sample in found}
    assert trials == set(checked[0].samples)
    assert checked[0].flow["trials-in-data"].count == len(trials)


def test_every_finding_gives_an_exact_effect_of_the_main_analysis(effects):
    every = [effect for found in effects.values() for members in found.values() for effect in members]
    assert {(effect.rung, effect.use, effect.metric) for effect in every} == {("exact", "main", "SMD")}


@pytest.mark.parametrize("domain", DL_OF_ARMS)
def test_arms_as_trials_of_their_own_give_what_r_gives(effects, domain):
    members = [effect for members in effects[domain].values() for effect in members]
    fit = meta.fit([effect.yi for effect in members], [effect.vi for effect in members], method="DL")
    assert fit.beta[0] == pytest.approx(DL_OF_ARMS[domain], abs=5e-7)


def test_trials_by_plain_means_of_their_arms_give_what_r_gives(effects, config):
    """aggregate(rho=0.6), unweighted, then rma(method="REML", test="knha").

    metafor 3.8-1 leaves its iteration where tau2 changes by less than 1e-5: 0.0000031 before its end, which moves the
    estimate and its interval by 0.000002.
    """
    means = []
    for members in effects["pain"].values():
        se = np.sqrt([effect.vi for effect in members])
        covariance = np.outer(se, se) * np.where(np.eye(len(se), dtype=bool), 1, config.models.rho)
        means.append((np.mean([effect.yi for effect in members]), covariance.mean()))
    fit = meta.fit(*map(np.array, zip(*means, strict=True)), method="REML")
    assert (fit.beta[0], fit.ci_lb[0], fit.ci_ub[0]) == pytest.approx((-0.450368, -0.648222, -0.252514), abs=2.5e-6)


def test_the_pipeline_weighs_arms_by_persons_and_knows_their_shared_control(effects, config):
    """By hand: the errors of two arms share what the control adds to both, 1/n2 of 1/n1 + 1/n2."""
    means = []
    for members in effects["pain"].values():
        n1, n2, vi, yi = (np.array([getattr(e, name) for e in members], float) for name in ("n1i", "n2i", "vi", "yi"))
        weights, error = n1 / n1.sum(), 1 / n1 + 1 / n2
        covariance = np.sqrt(np.outer(vi, vi)) * np.where(
            np.eye(len(vi), dtype=bool), 1, 1 / n2 / np.sqrt(np.outer(error, error))
        )
        means.append((weights @ yi, weights @ covariance @ weights))
    fit = meta.fit(*map(np.array, zip(*means, strict=True)), method="REML")
    models = pool([effect for members in effects["pain"].values() for effect in members], config.models).models
    (model,) = (model for model in models if model.headline)
    assert (model.k, model.k_effects) == (17, 22)
    expected = (fit.beta[0], fit.ci_lb[0], fit.ci_ub[0])
    assert (model.est, model.ci_lb, model.ci_ub) == pytest.approx(expected, rel=1e-8)


def test_an_estimate_with_its_sign_reversed_is_noticed(tmp_path):
    raw = tmp_path / "raw"
    shutil.copytree(EXAMPLE / "data/raw", raw)
    line = change_row(raw / "claims.csv", "C001", value="0.43", value_lb="0.30", value_ub="0.55")
    (problem,) = [problem for problem in check(raw)[1] if problem.check == "sign-of-estimate"]
    assert (problem.line, problem.column, problem.severity) == (line, "value", "warning")
    assert "-0.43" in problem.fix
