"""The words that a reader of the report needs, explained without others of them."""

from __future__ import annotations

from collections.abc import Mapping

ABBREVIATIONS = {
    "SD": "standard deviation",
    "SE": "standard error",
    "LS": "the usual large-sample variance of Hedges' g",
}


def glossary(level: float, abbreviations: Mapping[str, str]) -> dict[str, str]:
    """What the words mean; `level` is that of the intervals, and the abbreviations are those of the review."""
    known = {**abbreviations, **ABBREVIATIONS}
    return {
        "Finding": "One result of a study: a comparison or an association, of one outcome, at one time, in one sample.",
        "Coding": "A version of a finding as one source prints it. One is used; the others are shown.",
        "Sample, k": "A sample is one set of participants, whose reports may be several. k is the number of samples.",
        "Contrast": "What is compared, such as patients with controls, or a treatment with another.",
        "Rung": "How much a finding tells: an effect (exact), an interval for the effect of its sample (bounded), only "
        "the direction, or nothing usable. The rungs form a ladder.",
        "Hedges' g": "A difference of two groups in standard deviations. By custom 0.2 is called small, 0.5 medium and "
        "0.8 large.",
        "Standardized change": "The same for two conditions of the same persons, in standard deviations of the change.",
        "Fisher's z": "A correlation on a scale on which its uncertainty is even. Near zero the two are alike.",
        "Interval": f"In square brackets: the values that the data leave plausible, by {level:.0%} confidence, or by "
        "Bayesian credibility where it says so.",
        "Prediction interval": "Where the effect of one more study like these is expected.",
        "tau², I²": "How much true effects differ between studies. tau² is their variance, I² the share of all "
        "variability that is due to it.",
        "Classical, all evidence": "A classical model pools effects alone. A model of all the evidence also takes "
        "intervals and directions, for what they are.",
        "Abbreviations": f"{'; '.join(f'{short}, {words}' for short, words in known.items())}.",
    }
