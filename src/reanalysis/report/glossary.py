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
        "Result": "One result of a study: a comparison or an association of one outcome, at one time, in one sample. "
        "Where sources print several versions of it, one is used and the others are shown as excluded.",
        "Sample, k": "One set of participants, whose reports may be several. k is the number of samples.",
        "Contrast": "What is compared, such as patients with controls, or a treatment with another.",
        "Reporting level": "How much is reported of a result: an effect size, only whether it was significant, only "
        "its direction, or nothing usable.",
        "Observed range": "The effects that a sample can have shown, given what is said of significance: open bars. "
        "The true effect lies in a wider interval.",
        "Hedges' g": "A difference of two groups in standard deviations. By custom 0.2 is called small, 0.5 medium and "
        "0.8 large.",
        "Standardized change": "The same for two conditions in the same participants, in standard deviations of the "
        "change.",
        "Fisher's z": "A correlation on a scale on which its uncertainty is even. Near zero the two are alike.",
        "Interval": f"In square brackets: the {level:.0%} confidence interval, or the credible interval where it says "
        "so.",
        "Prediction interval": "Where the effect of one more study like these is expected.",
        "tau², I²": "How much true effects differ between studies. tau² is their variance, I² the share of all "
        "variability that is due to it.",
        "All evidence": "A censored random-effects model: beside effect sizes it takes statements on significance and "
        "directions for what they are. Its Bayesian version judges the statements.",
        "May be, very uncertain": "GRADE's words for low and very low certainty. “Probably” and plain statements need "
        "a person's rating.",
        "Abbreviations": f"{'; '.join(f'{short}, {words}' for short, words in known.items())}.",
    }


TERMS = {
    "significance only": "Observed range",
    "hedges' g": "Hedges' g",
    "standardized change": "Standardized change",
    "fisher's z": "Fisher's z",
    "credible interval": "Interval",
    "confidence interval": "Interval",
    "prediction interval": "Prediction interval",
    "tau²": "tau², I²",
    "i²": "tau², I²",
    "model of all the evidence": "All evidence",
    "all evidence": "All evidence",
    "may be": "May be, very uncertain",
    "very uncertain": "May be, very uncertain",
}
"""Words of sentences and headings, in small letters, and the entry that explains them where they stand."""
