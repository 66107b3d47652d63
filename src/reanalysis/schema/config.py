"""The configuration: what a reviewer could argue with, validated strictly."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _choice(description: str):
    return Field(description=description)


class Effects(_Section):
    """How findings become effects."""

    alpha: Annotated[float, Field(gt=0, lt=0.5)] = _choice("two-sided level that `significant` means without a p")
    trend: Annotated[float, Field(gt=0, le=0.5)] = _choice("two-sided p below which `trend` means that it lies")
    smd_variance: Literal["LS", "LS2", "UB"] = _choice("sampling variance of Hedges' g, named as in metafor")


class Models(_Section):
    """How effects are pooled."""

    method: Literal["DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM"] = _choice("estimator of tau2")
    level: Annotated[float, Field(gt=0.5, lt=1)] = _choice("level of confidence and prediction intervals")
    rho: Annotated[float, Field(ge=0, lt=1)] = _choice(
        "correlation of several effects of one sample, averaged into one"
    )
    tau_prior_scale: Annotated[float, Field(gt=0)] = _choice("scale of the half-normal prior on tau")


class Claims(_Section):
    """When evidence supports a claim."""

    margin_smd: Annotated[float, Field(gt=0)] = _choice(
        "smallest standardized mean difference that matters: the margin of equivalence, and what support must exceed"
    )
    margin_correlation: Annotated[float, Field(gt=0)] = _choice("the same for a correlation, as Fisher's z")
    probability: Annotated[float, Field(gt=0.5, lt=1)] = _choice(
        "posterior probability of the claimed sign below which support is fragile"
    )
    min_samples: Annotated[int, Field(ge=1)] = _choice(
        "independent samples below which support is fragile, and opposite evidence does not yet contradict"
    )
    robust_share: Annotated[float, Field(ge=0, le=1)] = _choice(
        "share of the declared alternatives under which a verdict must hold not to be fragile"
    )

    def margin(self, metric: str) -> float:
        """The smallest effect that matters, on the metric of the effect."""
        return self.margin_correlation if metric == "ZCOR" else self.margin_smd


class Sensitivity(_Section):
    """Alternatives to the choices above, tried one at a time."""

    alpha: list[Annotated[float, Field(gt=0, lt=0.5)]] = _choice("other levels that `significant` could mean")
    smd_variance: list[Literal["LS", "LS2", "UB"]] = _choice("other sampling variances of Hedges' g")
    method: list[Literal["DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM"]] = _choice("other estimators of tau2")
    rho: list[Annotated[float, Field(ge=0, lt=1)]] = _choice("other correlations of effects of one sample")


class Robustness(_Section):
    """How the models of a cell are fitted to parts of its samples."""

    subsets: Annotated[int, Field(ge=1, le=100_000)] = _choice(
        "subsets of the samples of a cell to which its model is fitted: all of them, where they are fewer"
    )
    seed: Annotated[int, Field(ge=0)] = _choice("seed of the random subsets")


def _with_svg(formats: list[str]) -> list[str]:
    if "svg" not in formats:
        raise PydanticCustomError("no_svg", "the report is made of the SVG files. Add `svg`")
    return formats


class Figures(_Section):
    """How figures are written."""

    formats: Annotated[list[Literal["svg", "pdf", "png"]], Field(min_length=1), AfterValidator(_with_svg)] = _choice(
        "file formats, of which the report needs `svg`"
    )
    width_mm: Annotated[float, Field(ge=170, le=400)] = _choice("width of a figure in millimetres: that of a page")


class Config(_Section):
    """`config/config.yaml`: every key is required, none is added."""

    effects: Effects = _choice("how findings become effects")
    models: Models = _choice("how effects are pooled")
    claims: Claims = _choice("when evidence supports a claim")
    sensitivity: Sensitivity = _choice("alternatives to these choices, tried one at a time")
    robustness: Robustness = _choice("how the models of a cell are fitted to parts of its samples")
    figures: Figures = _choice("how figures are written")


class BadConfig(Exception):
    """Raised with all problems of the configuration at once."""


def parse_config(values: Mapping) -> Config:
    """Validate a configuration mapping; raises BadConfig naming every wrong key, its value and what to do."""
    try:
        return Config.model_validate(dict(values))
    except ValidationError as error:
        lines = [f"error: config/config.yaml [{_path(d)}] {_value(d)}{_message(d)}" for d in error.errors()]
        raise BadConfig("\n".join([*lines, "Mend config/config.yaml and run again."])) from None


def _path(detail: dict) -> str:
    return ".".join(map(str, detail["loc"]))


def _value(detail: dict) -> str:
    return "" if detail["type"] == "missing" else f"{detail['input']!r}: "


def _message(detail: dict) -> str:
    if detail["type"] == "extra_forbidden":
        section = Config
        for key in detail["loc"][:-1]:
            section = section.model_fields[key].annotation
        close = get_close_matches(str(detail["loc"][-1]), list(section.model_fields), n=1)
        hint = f"Did you mean `{close[0]}`? " if close else ""
        return f"unknown key. {hint}Known: {', '.join(section.model_fields)}."
    if detail["type"] == "missing":
        return "the key is missing. Add it."
    return detail["msg"] + "."
