"""The nine items of the SWiM reporting guideline, filled for each domain from the tables.

Items as in Campbell et al. (2020, BMJ 368, l6890). Every sentence is written from data: nothing here knows a study or
a result.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from reanalysis.results.rows import CombinedP, Direction, Effect, Model, SwimItem
from reanalysis.results.table import by_domain
from reanalysis.schema import vocabulary as v
from reanalysis.schema.cell_models import ALL_EVIDENCE, ALL_EVIDENCE_BAYES, MODELS
from reanalysis.schema.evidence import Evidence, Names
from reanalysis.schema.raw import Appraisal, Domain
from reanalysis.synthesis.directions import AGREEMENT, Cell, cells, votes, words
from reanalysis.text import count, in_words, interval, listed, number, p_value

ALPHA = 0.05
IMPRECISE = 400  # participants, continuous outcomes: Murad et al. (2017, Evid. Based Med. 22, 85-87)
READ_IN_FULL = ("full_text", "thesis")
NOTHING = "No result of any kind is known for this topic."
UNUSED = "Results are known for this topic, and none of them is included."
SOURCES = {
    "matrix": "body fluid or tissue",
    "assay": "assay",
    "exposure": "exposure",
    "dose": "dose",
    "design": "design",
}


@dataclass(frozen=True)
class _Material:
    """What is known of one domain; the appraisals are those of its answers."""

    domain: Domain
    names: Names
    appraisals: list[Appraisal]
    effects: list[Effect]
    cells: list[Cell]
    directions: list[Direction]
    combined: list[CombinedP]
    models: list[Model]

    @property
    def findings(self) -> list[Effect]:
        return [effect for effect in self.effects if effect.use == "main"]

    @property
    def voted(self) -> list[Direction]:
        """The outcome groups with findings of the main analysis: each finding is in one of them."""
        return [row for row in self.directions if row.outcome_group and row.findings]

    @property
    def told(self) -> list[Model]:
        """The models whose results are told: of each outcome the headline and, where bounds enter, all evidence.

        Where the latter has no estimate, its Bayesian version is told instead.
        """
        told = [model for model in self.models if model.headline or model.model == ALL_EVIDENCE]
        without = {model.cell for model in told if model.est is None}
        posterior = [m for m in self.models if m.model == ALL_EVIDENCE_BAYES and m.cell in without and m.k > 1]
        replaced = {model.cell for model in posterior}
        return [model for model in told if model.est is not None or model.cell not in replaced] + posterior

    def rungs(self) -> Counter:
        return Counter(effect.rung for effect in self.findings)

    def name(self, row: Cell | Direction | CombinedP | Model) -> str:
        """Contrast and outcome of a row, in words."""
        every = "all outcomes with a known better and worse"
        outcome = self.names.outcome(row.outcome_group) if row.outcome_group else every
        return f"{self.names.contrasts[row.contrast].label}, {outcome}"

    def named(self, rows: Iterable[Direction | CombinedP]) -> str:
        """Contrasts and outcomes of rows."""
        return _semicolons(map(self.name, rows))

    def ways(self, row: Direction) -> tuple[str, str]:
        """What up and down are called."""
        own = [e for e in self.findings if (e.contrast, e.outcome_group) == (row.contrast, row.outcome_group)]
        return words(row.sense, self.names.contrasts[row.contrast], own or self.findings)

    def split(self, row: Direction) -> str:
        """How many votes point which way."""
        up, down = self.ways(row)
        return listed(f"{n} {meaning}" for n, meaning in ((row.up, up), (row.down, down), (row.mixed, "mixed")) if n)

    def labels(self, samples: str) -> str:
        """The reports behind samples."""
        known = {effect.sample_id: effect.label for effect in self.effects}
        return listed(dict.fromkeys(known[sample] for sample in samples))


def report_swim(
    evidence: Evidence,
    effects: Iterable[Effect],
    directions: Iterable[Direction],
    combined: Iterable[CombinedP],
    models: Iterable[Model],
) -> list[SwimItem]:
    """Nine rows for each domain, those without any finding included."""
    effects, names = list(effects), evidence.names
    tables = [by_domain(table) for table in (effects, cells(effects, names), directions, combined, models)]
    appraisals: dict[str, list[Appraisal]] = defaultdict(list)
    for one in evidence.appraisals.values():
        if one.cell:
            appraisals[one.cell.partition("/")[0]].append(one)
    rows = []
    for name, domain in evidence.domains.items():
        material = _Material(domain, names, appraisals[name], *(table[name] for table in tables))
        for n, (item, write) in enumerate(ITEMS.items(), start=1):
            text = _text(material, write)
            rows.append(SwimItem(domain=name, section=domain.section, title=domain.title, item=n, name=item, text=text))
    return rows


def _text(m: _Material, write: Callable[[_Material], str]) -> str:
    if not m.effects:
        return NOTHING
    return write(m) if m.findings or write is _priority else UNUSED


def _grouping(m: _Material) -> str:
    blocks = []
    for contrast in dict.fromkeys(row.contrast for row in m.voted):
        groups = [
            f"{m.names.outcome(row.outcome_group)} ({count(row.units, 'sample')})"
            for row in m.voted
            if row.contrast == contrast
        ]
        blocks.append(f"{m.names.contrasts[contrast].label}: {', '.join(groups)}")
    origin = (
        f"The topic was added: {m.domain.note}."
        if m.domain.section == "added"
        else f"The topic is section {m.domain.section} of the review."
        if m.domain.section
        else f"The topic is {m.domain.title}."
    )
    return (
        f"{origin} Its results ({len(m.findings)}) are grouped by contrast, and by outcome within a "
        f"contrast: {_semicolons(blocks)}. Contrasts answer different questions and are never pooled with one another."
    )


def _metric(m: _Material) -> str:
    rungs = m.rungs()
    methods = Counter(effect.es_method for effect in m.findings if effect.es_method)
    assumed = Counter(effect.assumed for effect in m.findings if effect.assumed)
    parts = [
        f"All results: the direction of the effect. Where more is known: {_tally(methods)}."
        if methods
        else "The direction of the effect; nothing more is known of any result.",
        f"Reported: {listed(v.reported(rung, rungs[rung]) for rung in v.RUNGS if rungs[rung])}.",
    ]
    if assumed:
        parts.append(f"Assumed: {_tally(assumed)}.")
    return " ".join(parts)


def _method(m: _Material) -> str:
    several = [row for row in m.directions if row.up + row.down > 1]
    combined = [row for row in m.combined if row.k > 1]
    pooled = [model for model in m.told if model.k > 1]
    return " ".join(
        (
            f"Sign test on directions, one vote for each independent sample: {m.named(several)}."
            if several
            else "Sign test: no outcome has two independent samples with a direction, so none is tested.",
            f"Combined exact p: {m.named(combined)}."
            if combined
            else "Combined p: no outcome has two independent samples with an exact p, so none are combined.",
            f"Meta-analysis: {_semicolons(f'{m.name(row)} ({_named(row)}, k = {row.k})' for row in pooled)}."
            if pooled
            else "Meta-analysis: no outcome has two samples that a model could pool.",
        )
    )


def _priority(m: _Material) -> str:
    excluded = [effect for effect in m.effects if effect.use == "excluded"]
    shared = sum(len(vote.findings) > 1 for cell in m.cells if cell.outcome_group for vote in votes(cell.findings))
    left_out = _semicolons(f"{effect.label}, {effect.outcome} ({effect.use_why})" for effect in excluded)
    return " ".join(
        (
            "All included results count equally, whatever their size, reporting level or significance.",
            f"{count(shared, 'sample')} with several results of one outcome vote once, and are mixed where less than "
            f"{AGREEMENT:.0%} of their signs agree."
            if shared
            else "No sample has several results of one outcome.",
            f"Excluded: {left_out}." if excluded else "No result is excluded.",
        )
    )


def _heterogeneity(m: _Material) -> str:
    divided = [row for row in m.directions if (row.up and row.down) or row.mixed]
    comparable = any(row.up + row.down > 1 for row in m.directions)
    agree = "No directions disagree." if comparable else "No outcome has two samples whose directions could disagree."
    estimated = [f"{m.name(model)} ({_named(model)}), {_spread(model)}" for model in m.told if _spread(model)]
    differ = []
    for name, label in SOURCES.items():
        values = Counter(_word(m, name, getattr(effect, name)) for effect in m.findings if getattr(effect, name))
        if len(values) > 1:
            differ.append(f"{label} ({_tally(values)})")
    return " ".join(
        (
            f"Directions disagree in {_semicolons(f'{m.name(row)} ({m.split(row)})' for row in divided)}."
            if divided
            else agree,
            f"Estimated: {_semicolons(estimated)}." if estimated else "No model here estimates heterogeneity.",
            f"Results differ in {listed(differ)}; effects are compared only by moderators that the review names."
            if differ
            else f"Results do not differ in these as far as they are known: {_semicolons(SOURCES.values())}.",
        )
    )


def _word(m: _Material, column: str, value: str) -> str:
    """How a word of the data is printed: by the review, or without its joints."""
    return m.names.word(column, value) if column in v.OWN_WORDS else in_words(value)


def _certainty(m: _Material) -> str:
    read = Counter(in_words(effect.source_kind) for effect in m.findings)
    designs = Counter(in_words(effect.design or "design not known") for effect in m.findings)
    sizes = [_persons(cell) for cell in m.cells if cell.outcome_group and cell.findings]
    known = [size for size in sizes if size is not None]
    span = f"{' to '.join(dict.fromkeys((str(min(known)), str(max(known)))))}, " if known else ""
    few = sum(size < IMPRECISE for size in known)
    return (
        f"{_rating(m)} What bears on it: "
        f"designs: {_tally(designs)}; sources: {_tally(read)}; participants behind an outcome: {span}"
        f"fewer than {IMPRECISE}, which alone makes it imprecise, in {few} of {len(sizes)}, "
        f"not known in {len(sizes) - len(known)}."
    )


def _rating(m: _Material) -> str:
    """What people judged of the answers of a domain."""
    cells = {f"{row.domain}/{row.contrast}/{row.outcome_group}": m.name(row) for row in m.voted}
    told = [f"{cells[one.cell]}: {one.judgement} ({one.tool}, {one.by})" for one in m.appraisals if one.cell in cells]
    if told:
        return f"Rated by a person: {_semicolons(told)}."
    return "Not rated: a rating needs a person's judgement."


def _persons(cell: Cell) -> int | None:
    """Participants behind the samples of a cell; None where the size of one is not known."""
    sizes = [vote.persons for vote in votes(cell.findings)]
    return None if None in sizes else sum(sizes)


def _presentation(m: _Material) -> str:
    sized = any(effect.rung in ("exact", "bounded") for effect in m.effects)
    plot = "Forest plot of the topic" if sized else "Table of the results, for none has a size"
    return (
        f"{plot} ({count(len(m.effects), 'result')}, by year; excluded ones at the end); effect direction plots of all "
        f"topics ({count(len(m.findings), 'result')} of this one), ordered by study, not by result."
    )


def _results(m: _Material) -> str:
    return " ".join(_result(m, row) for row in m.directions if row.findings)


def _result(m: _Material, row: Direction) -> str:
    up, down = m.ways(row)
    signed = row.up + row.down
    if signed == 0:
        said = []
    elif signed == 1:
        side, who = (up, row.up_samples) if row.up else (down, row.down_samples)
        said = [f"{side} in the only sample with a sign ({m.labels(who)})"]
    else:
        more = row.up >= row.down
        share, low, high = (row.share, row.ci_lb, row.ci_ub) if more else (1 - row.share, 1 - row.ci_ub, 1 - row.ci_lb)
        said = [
            f"{up if more else down} in {row.up if more else row.down} of {signed} samples with a sign "
            f"({share:.0%}, {row.level:.0%} interval {low:.0%} to {high:.0%}, sign test {p_value(row.pval)})"
        ]
    key = (row.contrast, row.outcome_group, row.sense)
    said += [f"mixed in {count(row.mixed, 'sample')}"] if row.mixed else []
    said += [f"{count(row.none, 'sample')} without a sign"] if row.none else []
    said += [
        _combined(other)
        for other in m.combined
        if (other.contrast, other.outcome_group, other.sense) == key and other.k > 1
    ]
    said += [_estimate(model) for model in m.told if (model.contrast, model.outcome_group) == key[:2]]
    return f"{m.name(row)}: {'; '.join(said)}."


def _combined(row: CombinedP) -> str:
    """The combined p of several samples; Stouffer's rests on their sizes."""
    stouffer = "p not known, for an n is not" if row.stouffer_p is None else p_value(row.stouffer_p)
    return f"combined p of {row.k} samples: Stouffer {stouffer}, Fisher {p_value(row.fisher_p)}"


def _estimate(model: Model) -> str:
    """What a model says, and of how many samples on which rungs."""
    rungs = [v.reported(rung, n) for rung in v.RUNGS if (n := getattr(model, f"k_{rung}", None))]
    k = f"k = {model.k}" + (f" ({listed(rungs)})" if len(rungs) > 1 else "")
    if model.est is None:
        return f"{_named(model)}: no estimate, {k}"
    return f"{_named(model)}, {v.METRICS[model.metric]} {number(model.est)} {interval(model.ci_lb, model.ci_ub)}, {k}"


def _named(model: Model) -> str:
    """What readers know a model by."""
    return MODELS[model.model].label


def _spread(model: Model) -> str:
    """The heterogeneity that a model estimates; empty where it estimates none."""
    parts = [f"tau² = {number(model.tau2, 3)}"] if model.tau2 is not None else []
    return ", ".join([*parts, *([f"I² = {number(model.I2, 0)}%"] if model.I2 is not None else [])])


def _limitations(m: _Material) -> str:
    rungs, total = m.rungs(), count(len(m.findings), "result")
    silent = sum(row.none for row in m.voted)
    none_said = sum(effect.direction == "none" and effect.rung == "unusable" for effect in m.findings)
    unread = sum(effect.source_kind not in READ_IN_FULL for effect in m.findings)
    able = [row for row in m.directions if row.least_p is not None and row.least_p < ALPHA]
    parts = [
        "Votes ignore the size of an effect and of a sample.",
        f"Of {total}, {rungs['direction']} with no more than a sign, {rungs['unusable']} with not even that.",
        f"Only here are there votes enough for a sign test to fall below {ALPHA:g}: {m.named(able)}."
        if able
        else f"No outcome has votes enough for a sign test to fall below {ALPHA:g}, even were they unanimous.",
        f"Not read in a full text: {unread} of {total}.",
    ]
    out = [e.enters_why for e in m.findings if e.rung != "unusable" and e.enters is False]
    if out:
        parts.append(f"Usable and in no model: {len(out)} of {total} ({_tally(Counter(out))}).")
    if silent:
        parts.insert(
            2,
            f"{count(silent, 'vote')} missing for want of a sign, {none_said} of these results reported as “no "
            "difference” and no more: that such results have no sign overstates agreement.",
        )
    return " ".join(parts)


ITEMS = {
    "Grouping studies for synthesis": _grouping,
    "Standardized metric and transformation": _metric,
    "Synthesis methods": _method,
    "Criteria to prioritise results": _priority,
    "Heterogeneity": _heterogeneity,
    "Certainty of evidence": _certainty,
    "Data presentation": _presentation,
    "Results": _results,
    "Limitations of the synthesis": _limitations,
}


def _tally(counts: Counter) -> str:
    """Each value with how often it occurs, the most frequent first."""
    return ", ".join(f"{value} ({n})" for value, n in counts.most_common())


def _semicolons(parts: Iterable[str]) -> str:
    return "; ".join(parts)
