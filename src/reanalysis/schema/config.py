"""The configuration: what a reviewer could argue with, validated strictly."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from reanalysis.problems import choices
from reanalysis.schema.cells import Text, fault
from reanalysis.schema.faults import explained, shown
from reanalysis.schema.filters import Where
from reanalysis.schema.raw import Finding

# Bounds of what makes sense are narrower than those of what can be computed: a value outside is a slip of the pen.
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def _number(value: Any) -> Any:
    """A number, also one in quotes; `yes` and `no` are none, nor is `1_000`."""
    if isinstance(value, bool) or (isinstance(value, str) and not NUMBER.fullmatch(value)):
        raise fault("not a number", "Write digits, with a point for decimals.")
    return value


def _distinct(values: list) -> list:
    if repeated := [value for value in dict.fromkeys(values) if values.count(value) > 1]:
        raise fault(f"{repeated[0]} stands in the list twice", "Keep one.")
    return values


T = TypeVar("T")
Distinct = Annotated[list[T], AfterValidator(_distinct)]
Float = Annotated[float, BeforeValidator(_number), Field(allow_inf_nan=False)]
Int = Annotated[int, BeforeValidator(_number)]
Alpha = Annotated[Float, Field(ge=0.0001, lt=0.5)]
Trend = Annotated[Float, Field(ge=1e-6, le=0.5)]
Reported = Annotated[Float, Field(gt=0, lt=1)]
Variance = Literal["LS", "LS2", "UB"]
Method = Literal["DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM"]
Test = Literal["knha", "adhoc", "t", "z"]
Arms = Literal["shared_group", "rho"]
Rho = Annotated[Float, Field(ge=0, lt=1)]
Margin = Annotated[Float, Field(ge=0.001, le=5)]
Scale = Annotated[Float, Field(ge=0.001, le=100)]
Probability = Annotated[Float, Field(gt=0.5, le=0.9999)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _choice(description: str):
    return Field(description=description)


class Effects(_Section):
    """How findings become effects."""

    alpha: Alpha = _choice("two-sided level that `significant` means without a p")
    trend: Trend = _choice("two-sided p below which `trend` means that it lies")
    smd_variance: Variance = _choice("sampling variance of Hedges' g, named as in metafor")


class Models(_Section):
    """How effects are pooled."""

    method: Method = _choice("estimator of tau2")
    test: Test = _choice(
        "test and interval of the random-effects headline: knha (Knapp-Hartung), adhoc (the same, never narrower than "
        "Wald), t or z (Wald)"
    )
    level: Probability = _choice("level of confidence and prediction intervals")
    rho: Rho = _choice("correlation of several effects of one sample, averaged into one")
    arms: Arms = _choice(
        "arms of one sample: shared_group (weights and correlation follow from the group that they share) or rho (as "
        "other effects of one sample)"
    )
    mu_prior_scale: Scale = _choice("standard deviation of the normal prior on a standardized mean difference")
    tau_prior_scale: Scale = _choice("scale of the half-normal prior on tau, for standardized mean differences")
    margin_smd: Margin = _choice("smallest standardized mean difference that matters: the margin of equivalence")
    margin_correlation: Margin = _choice(
        "the same for a correlation, as Fisher's z; the scales of the priors change in the same proportion"
    )
    mixed_share: Annotated[Float, Field(ge=0.001, lt=0.5)] = _choice(
        "share of true effects that must lie beyond the margin on either side for evidence to be mixed"
    )

    def margin(self, metric: str) -> float:
        """The smallest effect that matters, on the metric of the effect."""
        return self.margin_correlation if metric == "ZCOR" else self.margin_smd

    def prior_scales(self, metric: str) -> tuple[float, float]:
        """Scales of the priors on mu and tau, on the metric of the effect: as large, measured by what matters there."""
        unit = self.margin(metric) / self.margin_smd
        return self.mu_prior_scale * unit, self.tau_prior_scale * unit


class Claims(_Section):
    """When evidence supports a claim."""

    probability: Probability = _choice(
        "posterior probability of the claimed sign from which evidence supports a claim; at 0.975 its 95 % credible "
        "interval excludes zero"
    )
    probability_fragile: Probability = _choice("posterior probability from which support is fragile, and below it none")
    probability_mixed: Probability = _choice(
        "posterior probability that `models.mixed_share` of the true effects lie on either side, from which evidence "
        "is mixed"
    )
    min_samples: Annotated[Int, Field(ge=1, le=1000)] = _choice(
        "independent samples below which support is fragile, and opposite evidence does not yet contradict"
    )
    robust_share: Annotated[Float, Field(ge=0, le=1)] = _choice(
        "share of the declared alternatives of each kind under which a verdict must hold not to be fragile"
    )


class Together(_Section):
    """Several choices that are changed at once, such as those of the reviewed work; what is not named stays."""

    name: Text = _choice("what this combination is called")
    alpha: Alpha | None = Field(default=None, description="level that `significant` means")
    smd_variance: Variance | None = Field(default=None, description="sampling variance of Hedges' g")
    method: Method | None = Field(default=None, description="estimator of tau2")
    test: Test | None = Field(default=None, description="test and interval")
    rho: Rho | None = Field(default=None, description="correlation of effects of one sample")
    arms: Arms | None = Field(default=None, description="how arms of one sample are averaged")
    findings_as_units: bool = Field(default=False, description="every finding counts as a sample of its own")


class Sensitivity(_Section):
    """Alternatives to the choices above, tried one at a time."""

    alpha: Distinct[Alpha] = _choice("other levels that `significant` could mean")
    smd_variance: Distinct[Variance] = _choice("other sampling variances of Hedges' g")
    method: Distinct[Method] = _choice("other estimators of tau2")
    test: Distinct[Test] = _choice("other tests and intervals of the random-effects headline")
    rho: Distinct[Rho] = _choice("other correlations of effects of one sample")
    mu_prior_scale: Distinct[Scale] = _choice("other scales of the prior on the average effect")
    tau_prior_scale: Distinct[Scale] = _choice("other scales of the prior on tau")
    reported: Distinct[Reported] = _choice(
        "how often a result that is not significant might be reported, relative to one that is"
    )
    within_r: Distinct[Annotated[Float, Field(gt=-1, lt=1)]] = _choice(
        "correlations of the two conditions for which crossover and parallel trials of one question are "
        "set side by side"
    )
    findings_as_units: bool = _choice(
        "whether every finding is also counted as a sample of its own, as if arms and outcomes were independent"
    )
    together: list[Together] = _choice("several choices changed at once, each with a name")


class Forks(_Section):
    """Other options at the forks of the analysis, beside what the choices above say; what is not named has one path."""

    alpha: Distinct[Alpha] = Field(default=[], description="level that `significant` means")
    trend: Distinct[Trend] = Field(default=[], description="p below which `trend` means that it lies")
    adjusted: Distinct[Literal["as_unadjusted"]] = Field(
        default=[],
        description="a test or coefficient of an adjusted model: its sign alone is used (sign_only), or it is read as "
        "if it were not adjusted",
    )
    coding: Distinct[Literal["alternative"]] = Field(
        default=[], description="coding of a finding that has several: primary, or the first alternative"
    )
    doubtful: Distinct[Literal["counted"]] = Field(default=[], description="doubtful numbers: left_out or counted")
    no_statistic: Distinct[Literal["not_significant"]] = Field(
        default=[], description="results told without a statistic: as_told, or assumed not to be significant"
    )
    pre_post_r: Distinct[Annotated[Float, Field(gt=-1, lt=1)]] = Field(
        default=[], description="correlation of the two conditions where both means are given: as_coded, or this"
    )
    subset: dict[Text, Where] = Field(
        default={},
        description="findings that count: all, or by name those that meet conditions on columns (such as a fluid or an "
        "assay) in which they have anything",
    )
    standardizer: Distinct[Literal["average", "group_2"]] = Field(
        default=[],
        description="SD by which a difference of two means is divided: pooled, of the average variance, or that of the "
        "second group (Glass' delta)",
    )
    smd_variance: Distinct[Variance] = Field(default=[], description="sampling variance of Hedges' g")
    cohort: Distinct[Literal["larger", "earlier", "all"]] = Field(
        default=[],
        description="which of the samples that may share participants counts: the one on the highest_rung, the larger, "
        "the earlier, or all",
    )
    evidence: Distinct[Literal["effect_sizes"]] = Field(
        default=[], description="rungs of the ladder that count: all, or effect sizes alone"
    )
    units: Distinct[Literal["findings"]] = Field(
        default=[], description="what is independent: samples, or every finding (as if arms and outcomes were)"
    )
    arms: Distinct[Arms] = Field(default=[], description="how arms of one sample are averaged")
    rho: Distinct[Rho] = Field(default=[], description="correlation of several effects of one sample")
    method: Distinct[Method] = Field(default=[], description="estimator of tau2")
    test: Distinct[Test] = Field(default=[], description="test and interval of the headline")
    mu_prior_scale: Distinct[Scale] = Field(default=[], description="SD of the prior on the average effect")
    tau_prior_scale: Distinct[Scale] = Field(default=[], description="scale of the prior on tau")
    reported: Distinct[Reported] = Field(
        default=[],
        description="how often a result that is not significant is reported, relative to one that is: as often (1), or "
        "this",
    )


class Multiverse(_Section):
    """Forks of the analysis, of which every combination is a universe.

    Kinds as in Del Giudice & Gangestad (2021, Advances in Methods and Practices in Psychological Science 4(1)): type E,
    U and N decisions.
    """

    equivalent: Forks = Field(default=Forks(), description="forks whose options are as good as each other")
    uncertain: Forks = Field(default=Forks(), description="forks of which nobody knows the better option")
    non_equivalent: Forks = Field(
        default=Forks(), description="forks with options that are worse, or that answer another question"
    )
    impossible: list[dict[str, Any]] = Field(
        default=[], description="combinations, each by forks and options, that no universe may have"
    )

    @property
    def kinds(self) -> dict[str, Forks]:
        """The forks by their kind."""
        return {kind: getattr(self, kind) for kind in FORK_KINDS}


FORK_KINDS = {"equivalent": "equivalent", "uncertain": "uncertain", "non_equivalent": "not equivalent"}
"""Kinds of forks, and what they are called."""
SEPARATOR = ";"  # of options in a cell of a table
MANY = 1_000_000
"""Universes that are too many to be counted one by one."""


class Fork(NamedTuple):
    """A fork of the analysis: its name, its kind, and its options by name, that of the main analysis first."""

    name: str
    kind: str
    options: dict[str, Any]


PATHS: dict[str, Any] = {
    "adjusted": "sign_only",
    "coding": "primary",
    "doubtful": "left_out",
    "no_statistic": "as_told",
    "pre_post_r": "as_coded",
    "subset": "all",
    "standardizer": "pooled",
    "cohort": "highest_rung",
    "evidence": "all",
    "units": "samples",
    "reported": 1.0,
}
"""What the main analysis does at forks of which the configuration names no choice."""


def forks(config: Config) -> list[Fork]:
    """The forks that have several options, in the order of the analysis."""
    found = []
    for name in Forks.model_fields:
        for kind, own in config.multiverse.kinds.items():
            if others := getattr(own, name):
                options = {option_name(_chosen(config, name)): _chosen(config, name)}
                options |= others if isinstance(others, dict) else {option_name(value): value for value in others}
                found.append(Fork(name, kind, options))
    return found


def option_name(value: Any) -> str:
    """An option as it is written."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _chosen(config: Config, name: str) -> Any:
    """What the main analysis does at a fork."""
    if name in PATHS:
        return PATHS[name]
    return getattr(config.effects if name in Effects.model_fields else config.models, name)


class Robustness(_Section):
    """How the models of a cell are fitted to parts of its samples."""

    subsets: Annotated[Int, Field(ge=1, le=100_000)] = _choice(
        "subsets of the samples of a cell to which its model is fitted: all of them, where they are fewer"
    )
    seed: Annotated[Int, Field(ge=0, le=999_999_999)] = _choice("seed of the random subsets")


def _with_svg(formats: list[str]) -> list[str]:
    if "svg" not in formats:
        raise fault("the report is made of the SVG files", "Add `svg`.")
    return formats


class Figures(_Section):
    """How figures are written."""

    formats: Annotated[Distinct[Literal["svg", "pdf", "png"]], Field(min_length=1), AfterValidator(_with_svg)] = (
        _choice("file formats, of which the report needs `svg`")
    )
    width_mm: Annotated[Float, Field(ge=170, le=400)] = _choice("width of a figure in millimetres: that of a page")


class Config(_Section):
    """`config/config.yaml`: every key is required, none is added."""

    effects: Effects = _choice("how findings become effects")
    models: Models = _choice("how effects are pooled")
    claims: Claims = _choice("when evidence supports a claim")
    sensitivity: Sensitivity = _choice("alternatives to these choices, tried one at a time")
    multiverse: Multiverse = _choice("forks of the analysis, of which every combination is tried")
    robustness: Robustness = _choice("how the models of a cell are fitted to parts of its samples")
    figures: Figures = _choice("how figures are written")

    @property
    def plain(self) -> dict[str, dict]:
        """The choices by section and name, in the values that a file of records gives back."""
        return self.model_dump(mode="json")


@dataclass(frozen=True)
class ConfigProblem:
    """A wrong key or value: its path, such as `("models", "rho")`, the value, what is wrong with it and what to do."""

    path: tuple[str | int, ...]
    value: str
    message: str
    fix: str


class BadConfig(Exception):
    """Raised with all problems of the configuration at once."""

    def __init__(self, problems: list[ConfigProblem]):
        self.problems = problems
        super().__init__("\n".join(f"[{dotted(p.path)}] {p.value}: {p.message}. {p.fix}" for p in problems))


def parse_config(values: Mapping) -> Config:
    """Validate a configuration mapping; raises BadConfig naming every wrong key, its value and what to do."""
    try:
        config = Config.model_validate(dict(values))
    except ValidationError as error:
        raise BadConfig([_problem(detail) for detail in error.errors()]) from None
    if problems := [*_no_alternatives(config), *_forks(config)]:
        raise BadConfig(problems)
    return config


def partial(values: Mapping[str, Mapping]) -> Config:
    """A configuration of some sections alone: what a job does not rest on must not make it run again."""
    return Config.model_construct(
        **{name: Config.model_fields[name].annotation.model_validate(section) for name, section in values.items()}
    )


def dotted(path: tuple[str | int, ...]) -> str:
    """A path of keys as people write it."""
    return ".".join(map(str, path))


def _no_alternatives(config: Config):
    """An alternative that is the choice itself would count a verdict as robust against nothing."""
    for name, alternatives in config.sensitivity:
        if not isinstance(alternatives, list) or name == "together":
            continue
        main = next((getattr(section, name) for _, section in config if name in type(section).model_fields), None)
        for at, value in enumerate(alternatives):
            if value == main:
                path = ("sensitivity", name, at)
                yield ConfigProblem(path, str(value), "this is the choice itself, no alternative to it", "Remove it.")


def _forks(config: Config):
    """A fork stands once, beside other options than the choice itself; what is impossible names options that exist."""
    seen: dict[str, str] = {}
    for kind, own in config.multiverse.kinds.items():
        for name, others in own:
            path, main = ("multiverse", kind, name), option_name(_chosen(config, name))
            if others and name in seen:
                yield ConfigProblem(path, "", f"this fork is declared under {seen[name]}, too", "Keep one of the two.")
            if others:
                seen.setdefault(name, kind)
            if main in map(option_name, others):
                yield ConfigProblem(path, main, "this is the choice itself, no other option", "Remove it.")
            for option, conditions in others.items() if name == "subset" else ():
                if SEPARATOR in option:
                    yield ConfigProblem(path, option, f"a name cannot hold `{SEPARATOR}`", "Choose another.")
                for column in conditions.keys() - Finding.model_fields.keys():
                    fix = choices(column, Finding.model_fields)
                    yield ConfigProblem((*path, option), column, "the findings have no such column", fix)
    known = {fork.name: fork.options for fork in forks(config)}
    for at, combination in enumerate(config.multiverse.impossible):
        yield from _impossible(combination, known, ("multiverse", "impossible", at))
    if (count := math.prod(map(len, known.values()))) > MANY:
        fix = f"Declare fewer options: at most {MANY:,} combinations."
        yield ConfigProblem(("multiverse",), f"{count:,}", "too many universes", fix)


def _impossible(combination: Mapping[str, Any], known: Mapping[str, Mapping], path: tuple):
    """What is wrong with a combination that is declared impossible."""
    named = {name: named_options(value) for name, value in combination.items()}
    for name, options in named.items():
        if name not in known:
            yield ConfigProblem((*path, name), "", "no declared fork is called so", choices(name, known))
            continue
        for option in options:
            if option not in known[name]:
                yield ConfigProblem((*path, name), option, "this fork has no such option", choices(option, known[name]))
    if all(name in known and next(iter(known[name])) in options for name, options in named.items()):
        fix = "Name an option that the main analysis does not take."
        yield ConfigProblem(path, "", "the main analysis itself would be impossible", fix)


def named_options(value: Any) -> list[str]:
    """The options that a combination names at a fork: one, or any of a list."""
    return list(map(option_name, value)) if isinstance(value, list) else [option_name(value)]


def _problem(detail: Mapping) -> ConfigProblem:
    path, value = detail["loc"], "" if detail["type"] == "missing" else shown(detail["input"])
    if detail["type"] == "extra_forbidden":
        section = Config
        for key in path[:-1]:
            section = section.model_fields[key].annotation
        fix = choices(str(path[-1]), section.model_fields)
        return ConfigProblem(path, value, "unknown key", fix)
    if detail["type"] == "missing":
        return ConfigProblem(path, value, "the key is missing", "Add it.")
    message, fix = explained(detail)
    return ConfigProblem(path, value, message, fix or "docs/codebook.md explains each choice.")
