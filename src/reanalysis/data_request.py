"""The work list in words, and letters that ask the authors of a report for the numbers that are missing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from reanalysis.ladder.design import Design, design_of, tests_contrast
from reanalysis.ladder.routes import ROUTES
from reanalysis.results.rows import WorkItem
from reanalysis.schema.evidence import Evidence, Names
from reanalysis.schema.raw import Finding
from reanalysis.schema.vocabulary import SIGN
from reanalysis.text import capital, count, listed, number

ASKED = {"SMD": ("means", "t", "p"), "SMCC": ("change", "t", "p"), "ZCOR": ("r", "p")}
"""Statistics that are asked for on each metric, the one that tells most first: any one of them is enough."""
WIDTH = 100
LABELS = 42
"""Signs of a line of the letter before its numbers."""
BLANK = "____________"


# ---------------------------------------------------------------- the list


def lines(items: Iterable[WorkItem], names: Names) -> Iterator[str]:
    """The work list as lines of text, under headings that say why items stand where they do."""
    for heading, own in groupby(items, key=_heading):
        yield f"{heading}:"
        for item in own:
            of = f", n = {item.n}" if item.n else ""
            yield f"{item.rank:>4}  {item.finding_id} ({item.label}{of}): {item.needed}. {gain(item, names)}"


HEADINGS = {"headline": "The headline", "main": "Main answers", "other": "Other answers"}


def _heading(item: WorkItem) -> str:
    if item.worth == "narrower":
        return HEADINGS[item.standing]
    return "Answers without an interval" if item.worth == "first" else "What it would do is not known"


def gain(item: WorkItem, names: Names) -> str:
    """What the number would do to its answer, as a sentence."""
    answer = f"“{names.question(item)}”"
    if item.worth == "first":
        return f"Gives {answer} its first interval."
    if item.worth == "unknown":
        return f"For {answer}."
    said = f"Makes the interval of {answer} narrower by {number(100 * item.shrinks, 0)}%"
    gained = round(item.sure_then, 2) - round(item.sure_now, 2)
    if gained > 0:
        said += f", and its sign more certain: {number(item.sure_now)} becomes {number(item.sure_then)} on average"
    if not item.settled_now and round(item.settled_then, 2) > 0:
        said += f"; with a probability of {number(item.settled_then)} it settles the answer"
    if item.settled_now and round(item.settled_then, 2) < 1:
        said += f"; the answer stays settled with a probability of {number(item.settled_then)}"
    return f"{said}."


# ---------------------------------------------------------------- what is asked for


class Form(NamedTuple):
    """One way to give the number: a statistic, and the cells of the finding that it takes."""

    stat_type: str
    cells: tuple[str, ...]


def forms(finding: Finding) -> list[Form]:
    """The statistics that would each make a finding an exact effect; the participants belong to all of them.

    Of the difference between two comparisons, each of randomised arms, the means of two groups say nothing.
    """
    design = design_of(finding)
    asked = [kind for kind in ASKED[design.metric] if not (design.four_arms and kind == "means")]
    return [Form(kind, _cells(kind, design)) for kind in asked]


def _cells(kind: str, design: Design) -> tuple[str, ...]:
    """What the first route of a statistic takes on a metric, but for sizes."""
    route = next(route for route in ROUTES[kind] if design.metric in route.metrics)
    return tuple(cell for cell in route.cells if cell not in SIZES)


SIZES = ("n1i", "n2i", "ni")


def sizes(finding: Finding) -> tuple[str, ...]:
    """The cells that hold its participants: of each group, or of a contrast within persons or an association in all."""
    return ("n1i", "n2i") if design_of(finding).metric == "SMD" else ("ni",)


# ---------------------------------------------------------------- the letter


def letter(evidence: Evidence, items: Sequence[WorkItem]) -> str:
    """A letter to the authors of the report of some items, which asks for what is missing of each.

    Raises ValueError where the items are of several reports, or of none.
    """
    ids = {item.report_id for item in items}
    if len(ids) != 1:
        raise ValueError(f"a letter is about one report, not {len(ids)}")
    review, report = evidence.review, evidence.reports[ids.pop()]
    findings = {row.finding_id: row for rows in evidence.findings.values() for row in rows if row.coding == "primary"}
    about = f", a living {review.genre}{f' of {review.reviewed.label}' if review.reviewed else ''}"
    these = count(len(items), "result")
    known_as = f" under {review.licence}" if review.licence else ""
    paragraphs = [
        _wrapped(f"To the authors of {report.reference}"),
        f"Subject: summary statistics of your report{f' of {report.year}' if report.year else ''}",
        "Dear colleagues,",
        _wrapped(
            f"We are working on “{review.title}”{about}. Your report belongs to its evidence, but of "
            f"{these} we could not find all the numbers that an effect size takes. Could you fill in the "
            "blanks below? Beside the participants, one of the statistics marked a, b and c is enough. We need no data "
            "of individual participants. What is filled in already is what we read: please correct what is wrong."
        ),
        *(
            _asked(f"{place}. " if len(items) > 1 else "", item, findings[item.finding_id], evidence.names)
            for place, item in enumerate(items, 1)
        ),
        _wrapped(
            "Every number of the review is published with its source. May we name you as the source of what you send? "
            f"It will be public{known_as}, with the effect size that follows from it."
        ),
        "With many thanks and kind regards,",
        listed(review.authors) or BLANK,
    ]
    return "\n\n".join(paragraphs) + "\n"


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _asked(place: str, item: WorkItem, finding: Finding, names: Names) -> str:
    """What is asked for of one result: what it is, what is known of it, and a form with blanks."""
    contrast = names.contrasts[finding.contrast]
    about = [
        ("Participants", finding.population),
        ("Comparison" if contrast.comparison != "association" else "Association", contrast.label),
        ("Measured", ", ".join(filter(None, _measured(finding, names)))),
        ("What we read", finding.locator),
        ("What it would do", WOULD[item.worth].format(percent=number(100 * (item.shrinks or 0), 0))),
    ]
    described = [_wrapped(f"{name}: {text}", "   ") for name, text in about if text]
    return "\n".join([_wrapped(f"{place}{capital(finding.outcome)}"), *described, "", *_form(finding, names)])


WOULD = {
    "narrower": "the interval of our answer becomes narrower by about {percent}%",
    "first": "our answer gets its first interval",
    "unknown": "",
}


def _measured(finding: Finding, names: Names) -> Iterator[str | None]:
    yield finding.instrument
    yield names.word("matrix", finding.matrix)
    yield names.word("assay", finding.assay)
    yield finding.timepoint
    if finding.dose:
        yield f"{finding.dose} {finding.dose_unit or ''}".strip()


def _form(finding: Finding, names: Names) -> Iterator[str]:
    """A table with blanks: the participants, and then the statistics of which one is enough."""
    first, second = groups(finding, names)
    width = max(len(BLANK), len(first), len(second)) + 2
    heads = f"{'':<{LABELS}}{first:<{width}}{second}"
    if len(sizes(finding)) == 2:
        yield heads
    yield _row("   participants", [_size(finding, cell) for cell in sizes(finding)], width)
    yield "   and one of these:"
    for mark, form in zip("abc", forms(finding), strict=False):
        if form.stat_type == "change":
            yield heads
        yield from _statistic(f"   {mark}  ", form, finding, first, width)


def groups(finding: Finding, names: Names) -> tuple[str, str]:
    """The names of both sides of a finding; those of the contrast, or plain ones, where the finding names none."""
    contrast = names.contrasts[finding.contrast]
    return (
        finding.group_1 or contrast.side_1 or "first group (which?)",
        finding.group_2 or contrast.side_2 or "second group (which?)",
    )


def _statistic(mark: str, form: Form, finding: Finding, first: str, width: int) -> Iterator[str]:
    """The lines of one statistic, those of both groups side by side."""
    association = finding.comparison == "association"
    of = " of the differences within persons" if finding.comparison == "interaction" else ""
    labels = {
        "m1i": f"mean{of}{f' ({finding.unit})' if finding.unit else ''}",
        "sd1i": f"standard deviation{of}",
        "pre_post_r": "correlation of the two measurements",
        "ti": f"{'paired ' * ('ni' in sizes(finding))}t, not adjusted, positive where “{first}” is higher",
        "ri": "correlation, not adjusted (Pearson’s or Spearman’s?)",
        "pi": "exact two-sided p, not adjusted",
    }
    for cells in _by_kind(form.cells):
        yield _row(f"{mark}{labels[cells[0]]}", [_known(finding, cell) for cell in cells], width)
        mark = " " * len(mark)
    if form.stat_type == "p" and finding.direction not in SIGN:
        yield _row(f"{mark}{'positive or negative' if association else 'which is higher'}", [None], width)


def _by_kind(cells: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Cells, those of the two groups that hold the same kind of number together."""
    both = {cell: cell.replace("1i", "2i") for cell in cells if cell.endswith("1i")}
    return [(cell, both[cell]) if cell in both else (cell,) for cell in cells if cell not in both.values()]


def _size(finding: Finding, cell: str) -> str | None:
    value = getattr(finding, cell)
    return None if value is None else str(value)


def _known(finding: Finding, cell: str) -> str | None:
    """A number that was read already; one of a test only where it is exact, and of this contrast itself."""
    value = getattr(finding, cell)
    tested = cell not in ("ti", "pi", "ri") or (tests_contrast(finding) and finding.p_relation in (None, "="))
    return str(value) if value is not None and tested else None


def _row(label: str, values: Sequence[str | None], width: int) -> str:
    """A label and what stands behind it, or blanks; on two lines where the label is long."""
    shown = "".join(f"{value or BLANK:<{width}}" for value in values).rstrip()
    return f"{label:<{LABELS}}{shown}" if len(label) < LABELS else f"{label}\n{'':<{LABELS}}{shown}"
