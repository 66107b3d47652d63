"""The flow of records for PRISMA2020, the R package and web page that draw the PRISMA 2020 flow diagram.

Columns, rows and their order are those of the template `PRISMA.csv` of PRISMA2020 1.1.4 (Haddaway et al. 2022, Campbell
Systematic Reviews 18, e1230); the boxes are those of the statement (Page et al. 2021, BMJ 372, n71).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from reanalysis.exchange.csv_text import csv_text
from reanalysis.schema.raw import FlowCount
from reanalysis.schema.vocabulary import FLOW_WORDS
from reanalysis.text import capital

if TYPE_CHECKING:
    from reanalysis.exchange import Files
    from reanalysis.results.build import Build

COLUMNS = ("data", "node", "box", "description", "boxtext", "tooltips", "url", "n")
NA = "NA"
"""What the template writes where a row has nothing of a column."""


class Line(NamedTuple):
    """A row of the template: its count, node and box in the diagram, the text there, and boxes of `flow.csv`."""

    data: str
    node: str
    box: str
    text: str
    boxes: tuple[str, ...] = ()


SPECIFIC = "database_specific_results"
TEMPLATE = (
    Line(NA, "node4", "prevstud", "Previous studies"),
    Line("previous_studies", "node5", "box1", "Studies included in previous version of review"),
    Line("previous_reports", NA, "box1", "Reports of studies included in previous version of review"),
    Line(NA, "node6", "newstud", "Identification of new studies via databases and registers"),
    Line("database_results", "node7", "box2", "Databases", ("records-identified",)),
    Line(SPECIFIC, NA, "box2", "Specific Databases"),
    Line("register_results", NA, "box2", "Registers", ("records-registers",)),
    Line("register_specific_results", NA, "box2", "Specific Registers"),
    Line(NA, "node16", "othstud", "Identification of new studies via other methods"),
    Line("website_results", "node17", "box11", "Websites", ("records-websites",)),
    Line("organisation_results", NA, "box11", "Organisations", ("records-organisations",)),
    Line("citations_results", NA, "box11", "Citation searching", ("records-citations",)),
    Line("duplicates", "node8", "box3", "Duplicate records", ("duplicates-removed",)),
    Line(
        "excluded_automatic", NA, "box3", "Records marked as ineligible by automation tools", ("removed-by-automation",)
    ),
    Line("excluded_other", NA, "box3", "Records removed for other reasons", ("removed-for-other-reasons",)),
    Line("records_screened", "node9", "box4", "Records screened", ("records-screened",)),
    Line("records_excluded", "node10", "box5", "Records excluded", ("records-excluded",)),
    Line("dbr_sought_reports", "node11", "box6", "Reports sought for retrieval", ("reports-sought",)),
    Line("dbr_notretrieved_reports", "node12", "box7", "Reports not retrieved", ("reports-not-retrieved",)),
    Line("other_sought_reports", "node18", "box12", "Reports sought for retrieval"),
    Line("other_notretrieved_reports", "node19", "box13", "Reports not retrieved"),
    Line("dbr_assessed", "node13", "box8", "Reports assessed for eligibility", ("reports-assessed",)),
    Line("dbr_excluded", "node14", "box9", "Reports excluded", ("reports-excluded",)),
    Line("other_assessed", "node20", "box14", "Reports assessed for eligibility"),
    Line("other_excluded", "node21", "box15", "Reports excluded"),
    Line("new_studies", "node15", "box10", "New studies included in review", ("studies-included", "trials-included")),
    Line("new_reports", NA, "box10", "Reports of new included studies", ("articles-included", "reports-included")),
    Line("total_studies", "node22", "box16", "Total studies included in review"),
    Line("total_reports", NA, "box16", "Reports of total included studies"),
    Line("identification", "node1", "identification", "Identification"),
    Line("screening", "node2", "screening", "Screening"),
    Line("included", "node3", "included", "Included"),
    Line("total_studies_ma", "node23", "box17", "Total studies included in meta-analysis", ("studies-quantitative",)),
    Line(
        "total_reports_ma",
        NA,
        "box17",
        "Reports of total included studies in meta-analysis",
        ("articles-quantitative",),
    ),
)
OTHER = ("box", "phase", "place", "label", "count", "status", "lower", "upper", "basis", "note")


def files(build: Build) -> Files:
    """`PRISMA.csv`, the template filled in, and `other_boxes.csv`, the boxes of the review that it has no place for.

    Nothing where the review has no flow.
    """
    flow = build.evidence.flow
    if not flow:
        return {}
    sources = [count for count in flow.values() if count.place == "source"]
    used = {box for line in TEMPLATE for box in line.boxes} | {count.box for count in sources}
    others = [dict(count) for box, count in flow.items() if box not in used]
    return {
        "PRISMA.csv": csv_text(COLUMNS, (_row(line, flow, sources) for line in TEMPLATE)),
        "other_boxes.csv": csv_text(OTHER, others),
    }


def _row(line: Line, flow: Mapping[str, FlowCount], sources: list[FlowCount]) -> dict[str, str | int | None]:
    text = {"description": line.text, "boxtext": line.text, "tooltips": NA, "url": NA}
    row = {"data": line.data, "node": line.node, "box": line.box, **text}
    if line.data == SPECIFIC:
        known = (count for count in sources if count.count is not None)
        return row | {"n": "; ".join(f"{count.label.replace(',', ' ')}, {count.count}" for count in known)}
    found = next((flow[box] for box in line.boxes if box in flow), None)
    return row | ({"n": found.count, "tooltips": _said(found)} if found else {})


def _said(count: FlowCount) -> str:
    """What is known of a count, beside itself."""
    limits = [f"at least {count.lower}"] if count.lower is not None else []
    limits += [f"at most {count.upper}"] if count.upper is not None else []
    return capital(": ".join([FLOW_WORDS[count.status], *filter(None, [", ".join(limits)])]))
