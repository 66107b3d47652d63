"""A Word document to begin a manuscript with: answers, methods and references, then tables and figures.

Its sentences and numbers are those of the report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

from docx.document import Document as Paper

from reanalysis.exchange import Files, word
from reanalysis.exchange.archives import day_of
from reanalysis.exchange.bibliography import methods
from reanalysis.exchange.runs import made_by, results
from reanalysis.exchange.sof import Summary, summaries
from reanalysis.exchange.word import Heading
from reanalysis.figures.forest_table import ForestRow, domain_tables, finding_mark
from reanalysis.report import answers, words
from reanalysis.report.citation import cite
from reanalysis.report.links import plain
from reanalysis.report.overviews import in_words, overviews
from reanalysis.report.pages import read_from
from reanalysis.report.tables import stored_tables
from reanalysis.results.build import Build
from reanalysis.results.table import by_domain
from reanalysis.schema import vocabulary as v
from reanalysis.schema.raw import Report
from reanalysis.text import capital, count, listed

SUMMARY = (("Outcome", 48), ("Effect", 52), ("Participants", 38), ("Certainty (GRADE)", 24), ("What is known", 105))
RESULTS = (
    *(("Study or model", 46), ("Outcome", 58), ("n", 18), ("Exposure, dose, specimen, assay", 42)),
    *(("Reporting", 26), ("Effect [95% interval]", 40), ("Read in", 37)),
)
STATEMENTS = (
    *(("No.", 13), ("Section", 15), ("Statement", 75), ("Verdict", 26), ("Does the source say so?", 28)),
    ("Reason", 110),
)
"""The columns of each table, with their widths in millimetres."""
JUDGED = ("empirical", "literature")
"""Kinds of statements that have evidence of their own; the others repeat these, or cannot be tested."""


def files(build: Build) -> Files:
    """`manuscript.docx`."""
    review = build.evidence.review
    citation = cite(review, version("reanalysis"))
    document = word.paper(review.title, listed(review.authors), day_of(review))
    document.add_heading(f"{review.title}: a living {review.genre}", 0)
    document.add_paragraph(f"Please cite as: {citation.licensed}")
    _key_findings(document, build)
    _methods(document, build)
    _references(document, build)
    _tables(document, build)
    _figures(document, build)
    return {"manuscript.docx": word.saved(document)}


# ---------------------------------------------------------------- text


def _key_findings(document: Paper, build: Build) -> None:
    evidence, names, models = build.evidence, build.evidence.names, build.tables["3_models/models.csv"]
    told, effects = build.tables["4_synthesis/answers.csv"], build.tables["2_effects/ladder.csv"]
    document.add_heading("Key findings", 1)
    document.add_paragraph(f"{answers.headline(told, evidence.review, names)}.").runs[0].bold = True
    document.add_paragraph(words.asked(evidence.review))
    for card in answers.cards(told, models, evidence.review, names):
        document.add_heading(card.asks, 2)
        for line in card.lines:
            document.add_paragraph(str(line), "List Bullet")
        if card.rest:
            document.add_paragraph(str(card.rest), "List Bullet")
    document.add_heading("Evidence", 2)
    for lead, text in words.summary(evidence, effects, models):
        line = document.add_paragraph()
        line.add_run(f"{lead} ").bold = True
        line.add_run(plain(text))
    document.add_paragraph(words.certain(evidence, effects))
    verdicts = build.tables["4_synthesis/claims.csv"]
    if evidence.claims:
        document.add_heading("Statements", 2)
        document.add_paragraph(words.statements(evidence, len(verdicts)))
        document.add_paragraph(plain(words.verdict(verdicts)))


def _methods(document: Paper, build: Build) -> None:
    document.add_heading("Methods", 1)
    for heading, text in methods(build).paragraphs:
        document.add_heading(heading, 2)
        document.add_paragraph(text)


def _references(document: Paper, build: Build) -> None:
    """The works that the methods cite, and the reports: those that gave a result first."""
    evidence, reviewed = build.evidence, build.evidence.review.reviewed
    gave = read_from(build.tables["2_effects/ladder.csv"])
    reports = sorted(evidence.reports.values(), key=lambda report: report.authors[0].casefold())
    groups = {
        "The review and the methods" if reviewed else "The methods": [
            *([_with_doi(reviewed.citation, reviewed.doi)] if reviewed else []),
            *(_with_doi(work.text, work.doi) for work in methods(build).works),
        ],
        "Reports that gave a result": [_reference(report) for report in reports if report.report_id in gave],
        "Other reports": [_reference(report) for report in reports if report.report_id not in gave],
    }
    document.add_heading("References", 1)
    for heading, texts in groups.items():
        if texts:
            document.add_heading(heading, 2)
        for text in texts:
            document.add_paragraph(text, word.REFERENCE)


def _reference(report: Report) -> str:
    authors = ", ".join(report.authors)
    dated = f"{authors} ({report.year})" if report.year else authors.rstrip(".")
    journal = f" {report.journal}." if report.journal else ""
    return _with_doi(f"{dated}. {report.title.rstrip('.')}.{journal}", report.doi)


def _with_doi(text: str, doi: str | None) -> str:
    return f"{text} https://doi.org/{doi}" if doi else text


# ---------------------------------------------------------------- tables


Rows = Iterator[Sequence[str] | Heading]


def _tables(document: Paper, build: Build) -> None:
    rows = list(summaries(build))
    rated = sum(row.certainty is not None for row in rows)
    certainty = f"The certainty of {rated or 'none'} of {count(len(rows), 'outcome')} has been rated by a person."
    main, others = [row for row in rows if row.main], [row for row in rows if not row.main]
    first = "the outcomes that answer the questions of the review in the first place"
    found = [
        (f"Summary of findings: {first}. {certainty}", SUMMARY, _summary(main, build)),
        ("Summary of findings: other outcomes.", SUMMARY, _summary(others, build)),
        ("Included results, by topic.", RESULTS, _results(build)),
        (_of_statements(build), STATEMENTS, _statements(build)),
    ]
    word.broad(document)
    document.add_heading("Tables", 1)
    filled = ((text, columns, rows) for text, columns, shown in found if (rows := list(shown)))
    for number, (text, columns, rows) in enumerate(filled, start=1):
        word.caption(document, "Table", number, text)
        word.table(document, *zip(*columns, strict=True), rows)
        document.add_paragraph()


def _summary(rows: list[Summary], build: Build) -> Rows:
    """Outcomes by question and comparison, in the order of the review."""
    questions = [*(one.asks for one in build.evidence.review.questions.values()), None]
    comparisons = [contrast.label for contrast in build.evidence.contrasts.values()]
    ordered = sorted(rows, key=lambda row: (questions.index(row.question), comparisons.index(row.comparison)))
    for question, asked in groupby(ordered, key=lambda row: row.question):
        yield Heading(question or "Outcomes of no question of the review", 1)
        for comparison, members in groupby(asked, key=lambda row: row.comparison):
            yield Heading(comparison, 2)
            own = list(members)
            known = Counter(row.outcome for row in own)
            for row in own:
                outcome = f"{row.outcome} ({row.topic})" if known[row.outcome] > 1 else row.outcome
                certainty = f"{capital(row.certainty)}, rated by {row.rated_by}" if row.certainty else "not rated"
                yield outcome, row.effect or "", row.participants_and_samples, certainty, row.comment


def _results(build: Build) -> Rows:
    """What each forest plot shows, and the results that have no place in one; those that are excluded are left out."""
    evidence, tables = build.evidence, build.tables
    effects = tables["2_effects/ladder.csv"]
    read = {finding_mark(effect): v.READ_AS[effect.source_kind] for effect in effects}
    found = domain_tables(evidence, effects, tables["3_models/models.csv"], tables["3_models/units.csv"])
    for name, rows in found.items():
        shown = [row for row in rows if row.panel != "excluded" and (row.kind != "model" or row.use == "main")]
        if shown:
            yield Heading(evidence.domains[name].title, 1)
        for row in shown:
            match row.kind:
                case "contrast":
                    yield Heading(_heading(row), 2)
                case "group":
                    yield Heading(row.label, 3)
                case "model":
                    yield row.label, row.composition or "", row.n or "", "", "", row.effect, ""
                case _:
                    exposure = ", ".join(filter(None, (row.exposure, row.dose, row.matrix, row.assay)))
                    outcome = row.outcome or row.arm or ""
                    reporting = v.REPORTING[row.rung]
                    yield row.label, outcome, row.n, exposure, reporting, row.effect, read[row.mark_id]


def _heading(row: ForestRow) -> str:
    """What a block of results is about, and for a comparison what below and above zero mean."""
    sides = f" (below zero: {row.left}; above zero: {row.right})" if row.left else ""
    return f"{row.label}{sides}"


def _of_statements(build: Build) -> str:
    """The caption of the table of statements, which says what is not in it."""
    found = Counter(row.kind for row in build.tables["4_synthesis/claims.csv"])
    left = [count(found[kind], one, several) for kind, one, several in LEFT_OUT if found[kind]]
    missing = f" Not listed: {listed(left)}." if left else ""
    return f"Statements{' of the review' if build.evidence.review.reviewed else ''}, in our own words.{missing}"


LEFT_OUT = (
    ("restatement", "statement that repeats others", "statements that repeat others"),
    ("background", "statement of background", "statements of background"),
)


def _statements(build: Build) -> Rows:
    for row in build.tables["4_synthesis/claims.csv"]:
        if row.kind in JUDGED:
            yield row.claim_id, row.section, row.claim, row.shown, row.fidelity or "", row.why or ""


# ---------------------------------------------------------------- figures


def _figures(document: Paper, build: Build) -> None:
    """The figures of the whole review, then the forest plots."""
    made = made_by(build)
    word.upright(document)
    document.add_heading("Figures", 1)
    for number, (drawing, text, alternative) in enumerate(_drawn(build, made), start=1):
        picture = drawing.with_suffix(".png")
        if picture in made:
            word.figure(document, picture.read_bytes(), alternative)
        else:
            file = drawing.relative_to(build.folder)
            document.add_paragraph(f"{file}: add png to figures.formats in config/config.yaml and run again.")
        word.caption(document, "Figure", number, text)


def _drawn(build: Build, made: set[Path]) -> Iterator[tuple[Path, str, str]]:
    """Each figure that the run drew, in whatever format: its file, its caption, and its result in words."""
    evidence, tables, folder = build.evidence, stored_tables(results(build), made), results(build)
    models = by_domain(build.tables["3_models/models.csv"])
    told = by_domain(build.tables["4_synthesis/answers.csv"])
    drawn = {path.with_suffix(".svg") for path in made if path.suffix != ".csv"}
    for one in overviews(evidence.review):
        if (drawing := folder / f"{one.picture}.svg") in drawn:
            yield drawing, f"{one.title}. {one.caption}", in_words(one, tables[one.file], evidence)
    for name, domain in evidence.domains.items():
        if (drawing := folder / f"5_figures/forest/{name}.svg") in drawn:
            lead = answers.lead(told[name], models[name], evidence.names)
            yield drawing, f"Forest plot: {domain.title}.", words.forest(domain, *lead)
