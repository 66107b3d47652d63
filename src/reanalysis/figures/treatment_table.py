"""What the treatment panel shows, as a table: one row for each sample, function and group of persons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reanalysis.results.rows import Effect
from reanalysis.results.table import Row, col, several
from reanalysis.schema.raw import Domain
from reanalysis.synthesis.directions import sense, votes

# The columns of the panel, by contrast.
LANES = {
    "oxt_vs_placebo_bpd": "in BPD",
    "oxt_vs_placebo_control": "in controls",
    "oxt_vs_placebo_other": "others, or mixed",
    "group_by_drug": "interaction",
}


@dataclass(frozen=True, kw_only=True)
class TreatmentMark(Row):
    """What oxytocin does to one function in one sample: one vote."""

    mark_id: str | None = col("id of the mark in the figure: its findings and their coding")
    domain: str | None = col("domain: a block")
    section: str | None = col("section of the review")
    title: str | None = col("title of the domain")
    outcome_group: str | None = col("function, or outcome: a row")
    sample_id: str | None = col("sample: rows of one function are its samples")
    label: str | None = col("short name of the report")
    contrast: str | None = col("who took it, or the difference of the drug effects: a column")
    sense: str | None = col("what up means: better (for the person) or higher (neither is known to be better)")
    use: str | None = col("main, or excluded where only excluded codings are known: grey")
    verdict: str | None = col("up, down, mixed (less than 70 percent of the signs agree) or none (no sign is known)")
    rung: str | None = col("highest rung of the ladder among the findings")
    n: int | None = col("persons behind the largest finding; empty where not known")
    findings: int | None = col("findings behind the mark")
    finding_ids: tuple[str, ...] = several("the findings")


def treatment_table(effects: Iterable[Effect], domains: Iterable[Domain]) -> list[TreatmentMark]:
    """Marks by domain, function, sample and column."""
    known = {domain.domain: domain for domain in domains}
    treated = [effect for effect in effects if effect.contrast in LANES and effect.sample_id]
    names, lanes = list(known), list(LANES)
    places = sorted(
        {(e.domain, e.outcome_group, e.sample_id, e.contrast) for e in treated},
        key=lambda place: (names.index(place[0]), *place[1:3], lanes.index(place[3])),
    )
    return [
        mark
        for place in places
        for mark in _marks(
            [e for e in treated if (e.domain, e.outcome_group, e.sample_id, e.contrast) == place], known[place[0]]
        )
    ]


def _marks(codings: list[Effect], domain: Domain) -> Iterable[TreatmentMark]:
    """The vote of one sample on one function; two where better and worse are known for some of its outcomes only."""
    main = [effect for effect in codings if effect.use == "main"]
    for meaning in ("better", "higher"):
        own = [effect for effect in main or codings if sense(effect) == meaning]
        for vote in votes(own, "sample_id"):
            first = vote.findings[0]
            yield TreatmentMark(
                mark_id=vote.mark_id,
                domain=domain.domain,
                section=domain.section,
                title=domain.title,
                outcome_group=first.outcome_group,
                sample_id=first.sample_id,
                label=first.label,
                contrast=first.contrast,
                sense=meaning,
                use=first.use,
                verdict=vote.verdict,
                rung=vote.rung,
                n=vote.persons,
                findings=len(vote.findings),
                finding_ids=vote.ids,
            )
