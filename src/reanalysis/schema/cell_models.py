"""The models of a cell: names, from how many independent samples (k) each is fitted, and what is said of it.

`models.cell_models` fits them; figures, report and codebook read this.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

MIN_K_RANDOM = 3
MIN_K_PREDICTION = 5
MIN_K_ASYMMETRY = 10

SHOWN_FROM = {
    MIN_K_PREDICTION: "a prediction interval, and what rests on each sample: left out in turn, added by year, deletion "
    "diagnostics, subsets",
    MIN_K_ASYMMETRY: "a funnel plot and its test",
}
"""What is shown of the models from so many samples on."""

SINGLE_STUDY = "single study"
COMMON_EFFECT = "common effect"
RANDOM_EFFECTS = "random effects"
AD_HOC = "random effects, ad hoc"
KNAPP_HARTUNG = "random effects, Knapp-Hartung"
BAYES = "Bayesian random effects"
ALL_EVIDENCE = "all evidence"
ALL_EVIDENCE_BAYES = "all evidence, Bayesian"
BAYESIAN = (BAYES, ALL_EVIDENCE_BAYES)  # models whose intervals are credible intervals


@dataclass(frozen=True)
class CellModel:
    """A model of a cell.

    Parameters
    ----------
    label : what readers know it by: figures and sentences print it, tables keep the name.
    said : what the methods section says of it.
    works : what that rests on (keys of `report/references.bib`).
    least, most : of how many independent samples it is fitted.
    everything : whether it takes bounds and directions too.
    mixed : whether it is fitted only where not all samples are exact.
    main : whether the answer rests on it, so that it is fitted again under every alternative. Of the models of exact
        effects this is the headline.
    classical : whether it weighs effects by 1 / (variance + tau2), which other packages do too.
    credible : whether its interval is that of a posterior: a credible interval.
    """

    label: str
    said: str
    works: tuple[str, ...] = ()
    least: int = 1
    most: float = math.inf
    everything: bool = False
    mixed: bool = False
    main: bool = False
    classical: bool = False
    credible: bool = False

    @property
    def headline(self) -> bool:
        """Whether it is the main model of the exact effects."""
        return self.main and not self.everything

    @property
    def judges(self) -> bool:
        """Whether claims are judged by it: the posterior of every cell, whatever is known of its samples."""
        return self.everything and not self.mixed


MODELS = {
    SINGLE_STUDY: CellModel(
        SINGLE_STUDY,
        "A single sample stands for itself with its own interval; nothing is pooled",
        most=1,
        main=True,
        classical=True,
    ),
    COMMON_EFFECT: CellModel(
        "common-effect model",
        "Two samples are pooled with a common effect, since two do not tell heterogeneity from chance",
        least=2,
        most=MIN_K_RANDOM - 1,
        main=True,
        classical=True,
    ),
    RANDOM_EFFECTS: CellModel("random-effects model", "Random effects", least=MIN_K_RANDOM, main=True, classical=True),
    AD_HOC: CellModel("random-effects model, ad hoc", "Random effects, ad hoc", least=MIN_K_RANDOM, classical=True),
    KNAPP_HARTUNG: CellModel(
        "random-effects model, Knapp-Hartung", "Random effects, Knapp-Hartung", least=MIN_K_RANDOM, classical=True
    ),
    BAYES: CellModel(
        "Bayesian random-effects model",
        "Bayesian random effects are integrated numerically",
        ("rover2020",),
        least=2,
        credible=True,
    ),
    ALL_EVIDENCE: CellModel(
        "censored random-effects model",
        "The censored random-effects model gives an effect size its normal density, and a result known by its "
        "significance or direction the probability of its interval",
        ("metansue2019", "hardy1996"),
        least=2,
        everything=True,
        mixed=True,
        main=True,
    ),
    ALL_EVIDENCE_BAYES: CellModel(
        "Bayesian censored random-effects model",
        "The Bayesian version of the censored random-effects model, by which statements are judged, is integrated on "
        "a grid",
        ("rover2020", "bartos2021"),
        everything=True,
        main=True,
        credible=True,
    ),
}
"""Every model of a cell by its name, in the order in which they are fitted and shown."""
