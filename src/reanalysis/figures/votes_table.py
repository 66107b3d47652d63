"""What a panel of votes shows, as a table: one row for each sample, outcome and contrast."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from reanalysis.figures.forest_table import SYMBOLS, drawn, estimate_text, findings_mark
from reanalysis.figures.panels import chosen
from reanalysis.figures.verdicts import Codings, behind, codings, symbol
from reanalysis.results.rows import Effect, Model, SampleDirection
from reanalysis.results.table import Row, col, places, several
from reanalysis.schema.evidence import Names
from reanalysis.schema.raw import Domain
from reanalysis.schema.review import Panel
from reanalysis.text import interval, listed

# Columns that a mark has from its row.
SAME = ("domain", "outcome_group", "sample_id", "label", "contrast", "sense", "use", "verdict", "rung")


@dataclass(frozen=True, kw_only=True, slots=True)
class VoteMark(Row):
    """What the findings of one sample say of one outcome in one contrast: one vote."""

    mark_id: str | None = col("id of the mark in the figure: its findings and their coding")
    domain: str | None = col("domain: a block")
    section: str | None = col("section of the review")
    title: str | None = col("title of the domain")
    outcome_group: str | None = col("outcome: a row")
    outcome_label: str | None = col("the same in words")
    sample_id: str | None = col("sample: rows of one outcome are its samples")
    label: str | None = col("short name of the report")
    contrast: str | None = col("contrast: a lane")
    sense: str | None = col("what up means: better (for the person) or higher (neither is known to be better)")
    use: str | None = col("main, or excluded where only excluded codings are known: grey")
    measure: str | None = col("what was measured, where the lanes of an outcome and sample measured different things")
    verdict: str | None = col("up, down, mixed (less than 70 percent of the signs agree) or none (no sign is known)")
    symbol: str | None = col("better, worse, higher, lower, disagree, no difference, or not usable")
    rung: str | None = col("highest rung of the ladder among the findings")
    n: int | None = col("participants behind the largest finding; empty where not known")
    findings: int | None = col("findings behind the mark")
    finding_ids: tuple[str, ...] = several("the findings")
    estimate: float | None = col("effect size of the finding, or the mean of several")
    lower: float | None = col("lower end of the interval of the true effect")
    upper: float | None = col("upper end of it")
    level: float | None = col("level of the interval")
    effect: str | None = col("the same as printed, with the symbol of its metric; empty where excluded")
    lower_is_better: bool | None = col("whether a printed effect points the other way than its arrow")

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval of the true effect lies on one side of zero."""
        return self.lower is not None and (self.lower >= 0 or self.upper <= 0)


def votes_table(
    directions: Iterable[SampleDirection],
    effects: Iterable[Effect],
    models: Iterable[Model],
    domains: Iterable[Domain],
    panel: Panel,
    names: Names,
) -> list[VoteMark]:
    """Marks by domain, outcome, sample and contrast."""
    known, lanes = {domain.domain: domain for domain in domains}, list(panel.by["contrast"])
    order, of = places(known), codings(effects)
    means = {model.cell[:3]: model for model in models if model.headline and model.k == 1}
    rows = [row for row in chosen(panel, directions) if row.contrast in lanes]
    rows.sort(key=lambda r: (order[r.domain], r.outcome_group, r.sample_id, lanes.index(r.contrast)))
    measures = _measures(rows, of)
    marks = [_mark(row, known[row.domain], names, of, means) for row in rows]
    return [replace(mark, measure=measure) for mark, measure in zip(marks, measures, strict=True)]


def _measures(rows: list[SampleDirection], of: Codings) -> Iterator[str | None]:
    """What each row measured, where rows of one outcome and sample have no measure in common."""
    told = [{effect.outcome for effect in behind(row, of)} for row in rows]
    whole: dict[tuple, list[set]] = {}
    for row, words in zip(rows, told, strict=True):
        whole.setdefault((row.domain, row.outcome_group, row.sample_id), []).append(words)
    for row, words in zip(rows, told, strict=True):
        apart = not set.intersection(*whole[row.domain, row.outcome_group, row.sample_id])
        yield listed(sorted(filter(None, words))) or None if apart else None


def _mark(
    row: SampleDirection,
    domain: Domain,
    names: Names,
    of: Codings,
    means: dict[tuple[str, str, str], Model],
) -> VoteMark:
    own = behind(row, of)
    size: dict = (
        _size(row, own[0]) if len(own) == 1 else _mean(means.get((row.domain, row.contrast, row.outcome_group)))
    )
    if row.use != "main":  # an arrow says that it is known: its number stands in the forest plot, with why it is out
        size["effect"] = None
    return VoteMark(
        mark_id=findings_mark(row),
        **{name: getattr(row, name) for name in SAME},
        outcome_label=names.outcome(row.outcome_group),
        section=domain.section,
        title=domain.title,
        symbol=symbol(row, of),
        n=row.persons,
        findings=len(row.findings),
        finding_ids=row.findings,
        **size,
        lower_is_better=None not in (size.get("effect"), size.get("estimate"))
        and all(effect.higher_is_better == "no" for effect in own),
    )


def _size(row: SampleDirection, effect: Effect) -> dict:
    """What is known of the size of a single finding."""
    if row.rung not in ("exact", "bounded") or effect.ci_lb is None:
        return {}
    size = {name: value for name, value in drawn(effect).items() if name in ("estimate", "lower", "upper", "level")}
    return size | {"effect": _text(effect.metric, effect.yi, effect.ci_lb, effect.ci_ub)}


def _mean(model: Model | None) -> dict:
    """The mean of several findings of the only sample of a cell."""
    if model is None or model.est is None:
        return {}
    text = _text(model.metric, model.est, model.ci_lb, model.ci_ub)
    return {"estimate": model.est, "lower": model.ci_lb, "upper": model.ci_ub, "level": model.level, "effect": text}


def _text(metric: str, estimate: float | None, lower: float, upper: float) -> str:
    shown = f"in {interval(lower, upper)}" if estimate is None else estimate_text(estimate, lower, upper)
    return f"{SYMBOLS[metric]} {shown}"
