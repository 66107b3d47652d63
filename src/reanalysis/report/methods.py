"""The methods section, written from what the run at hand has done, and the works that it therefore cites."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from reanalysis.report.references import ESTIMATORS, TESTS, Work, works
from reanalysis.results.rows import Effect, FormulaLine, Model
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.config import Config
from reanalysis.text import count, listed

# What a table of the run stands for, with the works that it rests on; said where the table has a row.
BY_TABLE = {
    "Synthesis without meta-analysis": {
        "4_synthesis/directions.csv": (
            "Each independent sample counts once for the direction of an outcome, where at least 70% of its results "
            "with a sign agree. Directions are tested by exact sign tests, with Clopper-Pearson intervals.",
            ("clopper1934",),
        ),
        "4_synthesis/combined_p.csv": (
            "Exact p values of independent samples are combined by the methods of Stouffer and Fisher.",
            (),
        ),
        "4_synthesis/swim.csv": (
            "The nine items of the SWiM guideline are answered for each topic.",
            ("campbell2020",),
        ),
    },
    "Sensitivity and robustness": {
        "3_models/sensitivity.csv": (
            "Every model is refitted under each declared alternative, one at a time.",
            ("steegen2016",),
        ),
        "3_models/forks.csv": (
            "In a multiverse analysis every combination of the options at the declared forks is a universe. Forks are "
            "equivalent, uncertain or not equivalent. Specification curves show every result, and the total share of "
            "the variance of the estimates tells how much each fork moves them.",
            ("delgiudice2021", "patel2015", "saltelli2010", "simonsohn2020"),
        ),
        "3_models/leave_one_out.csv": (
            "Leave-one-out analyses omit each sample in turn, where a model has enough samples.",
            (),
        ),
        "3_models/cumulative.csv": ("Cumulative meta-analyses add the samples by year.", ()),
        "3_models/subsets.csv": (
            "The models are fitted to all subsets of their samples, or to a random selection (GOSH).",
            ("olkin2012",),
        ),
        "3_models/influence.csv": (
            "Deletion diagnostics show what each sample adds to the estimate and to heterogeneity.",
            ("viechtbauer2010",),
        ),
        "3_models/asymmetry.csv": (
            "Funnels of ten samples or more are tested by regression on 1 over the root of the sample size, which, "
            "unlike a standard error, does not contain the effect.",
            ("pustejovsky2019", "peters2008"),
        ),
    },
    "Statements": {
        "4_synthesis/claims.csv": (
            "Each statement declares how it is tested; its verdict follows from the posterior of the effects in its "
            "scope. A person can overrule it, with name and reason, and the computed verdict stays visible. Whether "
            "the cited source says so is a second answer, coded from what could be read of it.",
            (),
        ),
    },
    "Checks": {
        "2_effects/second_opinion.csv": (
            "Effect sizes and pooled estimates are computed a second time by pingouin and statsmodels; a difference "
            "without a verified cause stops the run.",
            (),
        ),
    },
}


@dataclass(frozen=True)
class Methods:
    """Paragraphs (heading and text) and the works they cite, in alphabetical order."""

    paragraphs: list[tuple[str, str]]
    works: list[Work]


def write_methods(
    config: Config, effects: list[Effect], formulas: list[FormulaLine], models: list[Model], filled: Collection[str]
) -> Methods:
    """The methods of this run: a sentence appears only when something rests on it.

    `filled` are the tables of results that have a row.
    """
    cited = {"page2021", *(work for line in formulas for work in line.works)}
    paragraphs = [
        ("Reading the sources", _reading(config)),
        ("Effect sizes", _effects(effects)),
        ("Independence", _independence(config)),
    ]
    if models:
        paragraphs.append(("Models", _models(models, cited)))
        paragraphs.append(("Heterogeneity and prediction", _heterogeneity(models, cited)))
    for heading, sentences in BY_TABLE.items():
        said = [sentence for table, sentence in sentences.items() if table in filled]
        paragraphs.append((heading, " ".join(text for text, _ in said)))
        cited |= {work for _, works in said for work in works}
    return Methods(
        [(heading, text) for heading, text in paragraphs if text],
        sorted((works()[key] for key in cited), key=lambda work: work.text.casefold()),
    )


def _reading(config: Config) -> str:
    alpha = f"{config.effects.alpha:g}"
    return (
        "For every result it is declared which statistic its source gives, and as much is used as that statistic "
        "supports: an effect size, a range of effects from a statement on significance, or a direction. "
        f"“Significant” without a p value is read as two-sided p < {alpha}; “not significant” is a range of effects "
        f"around zero and never an effect of zero; “a trend” is {alpha} < p < {config.effects.trend:g}; a p value "
        "known only as below a threshold is a bound. A test in other participants, of another contrast, or adjusted "
        "for other variables gives a direction at most. The direction is taken from the words of the source, never "
        "guessed from a number. Excluded results are shown with the reason."
    )


def _effects(effects: list[Effect]) -> str:
    used = Counter(effect.es_method for effect in effects if effect.rung == "exact")
    if not used:
        return ""
    formulas = "; ".join(f"{method} ({n})" for method, n in used.most_common())
    return f"Effect sizes were computed by these formulas (number of results): {formulas}."


def _independence(config: Config) -> str:
    return (
        f"Several effects of one sample are averaged before pooling, with a correlation of {config.models.rho:g} "
        "between the errors of outcomes in the same participants, and the share of a common group between arms. "
        "Samples that may share participants form a cohort, of which one is counted. Contrasts, outcomes and metrics "
        "are never mixed."
    )


def _models(models: list[Model], cited: set[str]) -> str:
    fitted: dict[str, list[str]] = {}
    for (name, method, test), n in Counter((m.model, m.method, m.test) for m in models).items():
        how = []
        if method in ESTIMATORS:
            words, work = ESTIMATORS[method]
            how.append(f"between-study variance by {words}")
            cited.add(work)
        elif method and method != "CE":
            how.append(method)
        if test in TESTS:
            words, work = TESTS[test]
            how.append(words)
            cited |= {work} if work else set()
        elif test:
            how.append(test)
        cited |= set(MODELS[name].works)
        fitted.setdefault(name, []).append(", ".join([*how, count(n, "outcome")]))
    sentences = [f"{MODELS[name].said} ({'; '.join(fitted[name])})." for name in MODELS if name in fitted]
    (level,) = {model.level for model in models} if len({model.level for model in models}) == 1 else (None,)
    return " ".join(sentences) + (f" All intervals are at {level:.0%}." if level else "")


def _heterogeneity(models: list[Model], cited: set[str]) -> str:
    parts = []
    if any(model.I2 is not None for model in models):
        parts.append("I² and H² are computed from the estimated variances.")
        cited.add("higgins2002")
    if any(model.tau2_lb is not None and model.test in TESTS for model in models):
        parts.append("Intervals of tau² come from the Q-profile method.")
        cited.add("viechtbauer2007")
    if rules := list(dict.fromkeys(model.pi_rule for model in models if model.pi_rule)):
        parts.append(f"Prediction intervals: {listed(rules)}.")
        cited.add("higgins2009")
    return " ".join(parts)
