"""What is fitted and shown from how many independent samples (k) on."""

from __future__ import annotations

MIN_K_RANDOM = 3
MIN_K_PREDICTION = 5
MIN_K_ASYMMETRY = 10

# docs/codebook.md prints this.
K_RULE = {
    1: "the single sample with its own interval; nothing is pooled",
    2: "common effect as headline, Bayesian random effects beside it",
    MIN_K_RANDOM: "random effects with Knapp-Hartung as headline; its ad hoc version and Bayes beside it",
    MIN_K_PREDICTION: "the same, with a prediction interval, and what rests on each sample: left out in turn, added by "
    "year, deletion diagnostics, subsets",
    MIN_K_ASYMMETRY: "the same, with a funnel plot and its test",
}
