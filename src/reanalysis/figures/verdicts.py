"""What the findings of a sample say, as one symbol: a direction, no difference, or nothing usable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reanalysis.results.rows import Effect, SampleDirection

DIRECTED = {  # verdict and what up means
    ("up", "better"): "better",
    ("down", "better"): "worse",
    ("up", "higher"): "higher",
    ("down", "higher"): "lower",
}
DISAGREE, NO_DIFFERENCE, NOT_USABLE = "disagree", "no difference", "not usable"
WORDS = {  # of the symbols, in a legend
    "better": "better",
    "worse": "worse",
    "higher": "higher, or positive association",
    "lower": "lower, or negative association",
    DISAGREE: "results of the sample disagree",
    NO_DIFFERENCE: "no difference",
    NOT_USABLE: "not usable: result not seen, or its sign unclear",
}
Codings = Mapping[tuple[str, str], Effect]


def codings(effects: Iterable[Effect]) -> Codings:
    """Effects by finding and coding."""
    return {(effect.finding_id, effect.coding): effect for effect in effects}


def behind(row: SampleDirection, known: Codings) -> list[Effect]:
    """The effects of a row."""
    return [known[key] for key in zip(row.findings, row.codings, strict=True)]


def symbol(row: SampleDirection, known: Codings) -> str:
    """A key of WORDS. Without a sign it is told apart whether a source says that nothing differs, or nothing usable."""
    if row.verdict == "mixed":
        return DISAGREE
    if row.verdict != "none":
        return DIRECTED[row.verdict, row.sense]
    told = row.rung != "unusable" or any(effect.direction == "none" for effect in behind(row, known))
    return NO_DIFFERENCE if told else NOT_USABLE
