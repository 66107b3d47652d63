"""The report: one HTML page with nothing outside itself, built from the result tables and figures alone.

Of a review with very many results it is a page for each topic beside that of the whole review (`site`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from reanalysis import text
from reanalysis.figures.forest_table import ForestRow, model_key
from reanalysis.fonts import FACES
from reanalysis.provenance import hashes, versions
from reanalysis.report import answers, multiverse, pages, words
from reanalysis.report.changes import summary, told
from reanalysis.report.citation import Citation, cite
from reanalysis.report.data_checks import data_checks
from reanalysis.report.glossary import TERMS, glossary
from reanalysis.report.methods import write_methods
from reanalysis.report.overviews import Figure, Overview, known_marks, of_cells, overview_figures, overviews
from reanalysis.report.pages import Page
from reanalysis.report.site import PAGE, RESULTS, SCRIPT, STATEMENTS, STYLE, Site
from reanalysis.report.svg import Mark, inline
from reanalysis.report.tables import (
    REPORTS,
    SAMPLES,
    Table,
    by_topic,
    for_script,
    of_results,
    of_statements,
    stored_tables,
)
from reanalysis.results.checked import read_checked
from reanalysis.results.rows import (
    Answer,
    Certainty,
    Change,
    CheckRun,
    ClaimUniverses,
    ClaimVerdict,
    Conclusion,
    DataProblem,
    Effect,
    Fork,
    FormulaLine,
    Model,
    Refit,
    Variant,
    Vibration,
    WorkItem,
)
from reanalysis.results.table import by_domain, cell_of, read_table
from reanalysis.schema import vocabulary as v
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.config import Config
from reanalysis.schema.evidence import Evidence

HERE = Path(__file__).parent


@dataclass(frozen=True)
class _Run:
    """Everything of a run that the report is made of."""

    results: Path
    made: set[Path]
    config: Config
    evidence: Evidence
    problems: list[DataProblem]
    checks: list[CheckRun]
    effects: list[Effect]
    formulas: list[FormulaLine]
    forest: list[ForestRow]
    models: list[Model]
    left_out: list[Refit]
    variants: list[Variant]
    verdicts: dict[str, ClaimVerdict]
    answers: list[Answer]
    certainty: list[Certainty]
    conclusions: list[Conclusion]
    work: list[WorkItem]
    changes: list[Change]
    forks: list[Fork]
    vibrations: list[Vibration]
    universes: dict[str, ClaimUniverses]
    tables: dict[str, Table]

    @cached_property
    def of(self) -> dict[str, dict[str | None, list]]:
        """What has a domain, by what it is and by domain."""
        parts = ("effects", "models", "answers", "forest", "left_out", "variants", "work")
        tables = {name: getattr(self, name) for name in parts} | {"claims": self.evidence.claims.values()}
        return {name: by_domain(rows) for name, rows in tables.items()}

    @cached_property
    def marks(self) -> dict[tuple[str, str], Mark]:
        """What each mark stands for, by domain and id."""
        return pages.marks_of(self.effects, self.forest, self.models, self.evidence.names)

    @cached_property
    def _known(self) -> dict[str, Mark]:
        return known_marks(self.marks.values(), self.evidence)

    def drawn(self, wanted: Iterable[Overview], largest: float = math.inf) -> list[Figure]:
        """Figures for a page, those with more bytes than `largest` without their drawing."""
        return overview_figures(self.results, self.made, wanted, self.tables, self.evidence, self._known, largest)

    @cached_property
    def of_cells(self) -> dict[str, Overview]:
        """The figures of what the answers of cells rest on, by their table."""
        return {figure.file: figure for figure in of_cells(self.tables.get("5_figures/cells.csv"))}

    @cached_property
    def read_from(self) -> set[str]:
        """The reports that results come from."""
        return pages.read_from(self.effects)

    @cached_property
    def swim(self) -> dict[str, list[tuple[str, str]]]:
        """The SWiM items of each domain."""
        return pages.swim_texts(self.tables.get("4_synthesis/swim.csv"))


def build_report(
    results: Path, config: Config, made: Iterable[Path], inputs: Iterable[Path], *, divided: bool = False
) -> dict[str, str | Callable[[], str]]:
    """The report by its files below the results, as texts or as what makes them.

    Parameters
    ----------
    results : the folder of results.
    config : the configuration of the run.
    made : files under `results` that the run made; others are not looked at.
    inputs : files whose hashes are printed beside those of the tables.
    divided : whether each topic has a page of its own beside that of the whole review, for which it is too much.

    Raises UnknownMark when a mark of a figure stands for no row of a table.
    """
    run = _gather(results, config, set(made))
    return _in_pages(run, list(inputs)) if divided else {PAGE: _in_one_page(run, list(inputs))}


def _in_one_page(run: _Run, inputs: list[Path]) -> str:
    topics = [_with_figure(run, _page(run, name)) for name in run.evidence.domains]
    figures = run.drawn([*overviews(run.evidence.review), *run.of_cells.values()])
    fonts = {rule for one in (*topics, *figures) if (picture := one.drawing) for rule in picture.fonts}
    return _whole(run, Site(), _shared(run, fonts), topics, figures, run.tables, inputs)


def _in_pages(run: _Run, inputs: list[Path]) -> dict[str, str | Callable[[], str]]:
    """The page of the whole review, those of all results and all statements, and one for each topic."""
    site, shared = Site(frozenset(run.evidence.domains)), _shared(run, (face.css for face in FACES))
    topics = [_page(run, name) for name in run.evidence.domains]
    figures = run.drawn(overviews(run.evidence.review), LARGEST)
    shown = {file: run.tables[file] for figure in figures if figure.drawing and (file := figure.overview.file)}
    claims = run.evidence.claims.values()
    topic_of = {effect.finding_id: effect.domain for effect in run.effects}
    own = by_topic(run.tables, topic_of | {claim.claim_id: claim.domain for claim in claims})
    of_none = {name for claim in claims if not claim.domain for name in claim.cited_reports or ()}
    drawings: dict[str, list[Overview]] = defaultdict(list)
    for overview in run.of_cells.values():
        drawings[overview.place].append(overview)

    def topic(place: int) -> str:
        page = topics[place]
        beside = {"Previous": topics[place - 1] if place else None, "Next": [*topics, None][place + 1]}
        parts = _with_figure(run, page), beside, run.drawn(drawings[page.name]), own[page.name]
        return _topic(run, replace(site, own=page.name), shared, *parts)

    results = of_results(run.tables)
    statements = of_statements(run.tables, results, own.get("", {}), of_none)
    return {
        STYLE: shared.style,
        SCRIPT: shared.script,
        PAGE: _whole(run, site, shared, topics, figures, shown, inputs),
        site.page(RESULTS): partial(_all, run, replace(site, own=RESULTS), shared, results),
        site.page(STATEMENTS): partial(_all, run, replace(site, own=STATEMENTS), shared, statements),
        **{site.page(page.name): partial(topic, place) for place, page in enumerate(topics)},
    }


LARGEST = 500_000
"""Bytes of a drawing that the page of a whole review has inside where topics have pages of their own."""


@dataclass(frozen=True)
class _Shared:
    """What all pages of a report have."""

    style: str
    script: str
    citation: Citation
    glossary: dict[str, str]


def _shared(run: _Run, fonts: Iterable[str]) -> _Shared:
    review = run.evidence.review
    style = "".join(f"{rule}\n" for rule in sorted(fonts))
    return _Shared(
        style=style + _sources("*.css").replace("TITLE OF THE REVIEW", _in_css(review.title)),
        script=_sources("script_*.js"),
        citation=cite(review, version("reanalysis")),
        glossary=glossary(run.config.models.level, review.abbreviations),
    )


def _whole(
    run: _Run,
    site: Site,
    shared: _Shared,
    domain_pages: list[Page],
    figures: list[Figure],
    tables: Mapping[str, Table],
    inputs: list[Path],
) -> str:
    """The page of the whole review; `tables` are those that its script has."""
    evidence = run.evidence
    doubtful = pages.doubtful(evidence, run.verdicts)
    contrasts, cells = pages.evidence_map(evidence, run.effects)
    return _rendered(
        "page.html.j2",
        run,
        site,
        shared,
        figures=figures,
        data=_data(run, site, shared, tables, evidence),
        here=frozenset() if site.divided else tables.keys(),
        effects=run.effects,
        headline=answers.headline(run.answers, evidence.review, evidence.names),
        cards=answers.cards(run.answers, run.models, evidence.review, evidence.names),
        answers=run.answers,
        summary=words.summary(evidence, run.effects, run.models),
        verdict_words=words.verdict(run.verdicts.values()),
        topics=pages.topics(domain_pages, evidence),
        doubtful=doubtful,
        problems=_problems(doubtful),
        front=[figure for figure in figures if figure.overview.place == "front"],
        contrasts=contrasts,
        cells=cells,
        pages=domain_pages,
        tallies=pages.tallies(run.verdicts.values()),
        certainty=_of_several(run),
        appraisals=pages.appraised(evidence),
        fidelity=Counter(row.fidelity for row in run.verdicts.values() if row.fidelity),
        conclusions=run.conclusions,
        worklist=run.work,
        changes=told(run.changes),
        changes_summary=summary(run.changes),
        forks=run.forks,
        universes=run.universes,
        multiverse=multiverse.summary(run.forks, run.vibrations, run.universes.values()),
        checks=data_checks(run.problems, run.checks, run.effects, evidence),
        methods=write_methods(run.config, run.effects, run.formulas, run.models, _filled(run.tables)),
        choices=_choices(run.config),
        formats=text.listed(form.upper() for form in run.config.figures.formats),
        listed_tables=[table for table in run.tables.values() if not (site.divided and table.name in run.of_cells)],
        versions=versions(),
        hashes=hashes([*inputs, *(path for path in run.made if path.suffix == ".csv")]),
        m=multiverse,
    )


def _all(run: _Run, site: Site, shared: _Shared, tables: Mapping[str, Table]) -> str:
    """The page of all results, or of all statements; `tables` are those that its script has."""
    return _rendered(
        "all.html.j2",
        run,
        site,
        shared,
        data=_data(run, site, shared, tables, run.evidence),
        here=frozenset(),
        problems=_problems(pages.doubtful(run.evidence, run.verdicts)),
        universes=run.universes,
        m=multiverse,
    )


def _topic(
    run: _Run,
    site: Site,
    shared: _Shared,
    page: Page,
    beside: dict[str, Page | None],
    figures: list[Figure],
    tables: Mapping[str, Table],
) -> str:
    """The page of a topic, with the topics before and after it."""
    evidence = run.evidence.of(page.name)
    cited = {name for claim in page.claims for name in claim.cited_reports or ()}
    shown = {figure.overview.file: run.tables[figure.overview.file] for figure in figures}
    named = {REPORTS: {*(report.report_id for report in page.reports), *cited}, SAMPLES: evidence.samples}
    tables = {**tables, **shown, **{name: run.tables[name].named(names) for name, names in named.items()}}
    return _rendered(
        "topic.html.j2",
        run,
        site,
        shared,
        figures=figures,
        data=_data(run, site, shared, tables, evidence),
        here=tables.keys(),
        page=page,
        beside=beside,
    )


def _rendered(name: str, run: _Run, site: Site, shared: _Shared, **more) -> str:
    """A page, from what all pages have and what this one has."""
    return _template(name).render(
        site=site,
        style=STYLE if site.divided else shared.style,
        script=SCRIPT if site.divided else shared.script,
        style_source="self" if site.divided else _hash(shared.style),
        script_source="self" if site.divided else _hash(shared.script),
        RESULTS=RESULTS,
        STATEMENTS=STATEMENTS,
        forms=run.config.figures.formats,
        version=version("reanalysis"),
        review=run.evidence.review,
        names=run.evidence.names,
        evidence=run.evidence,
        verdicts=run.verdicts,
        citation=shared.citation,
        glossary=shared.glossary,
        cited=run.read_from,
        v=v,
        w=words,
        a=answers,
        t=text,
        model_key=model_key,
        **more,
    )


def changes_page(changes: list[Change], title: str, before: str, after: str) -> str:
    """A page of its own, as HTML, that tells what has changed in a review of this title from one build to another."""
    style = _sources("*.css")
    return _template("changes.html.j2").render(
        style=style,
        style_hash=_hash(style),
        title=title,
        before=before,
        after=after,
        changes=told(changes),
        summary=summary(changes),
    )


@cache
def _template(name: str) -> Template:
    options = {"autoescape": True, "undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    return Environment(loader=FileSystemLoader(HERE), **options).get_template(name)


def _gather(results: Path, config: Config, made: set[Path]) -> _Run:
    evidence = read_checked(results)
    claims, universes = (results / f"4_synthesis/{name}.csv" for name in ("claims", "claim_universes"))
    return _Run(
        results=results,
        made=made,
        config=config,
        evidence=evidence,
        problems=read_table(results / "1_checked/problems.csv", DataProblem),
        checks=read_table(results / "1_checked/checks.csv", CheckRun),
        effects=read_table(results / "2_effects/ladder.csv", Effect),
        formulas=read_table(results / "2_effects/formulas.csv", FormulaLine),
        forest=[
            row for name in evidence.domains for row in read_table(results / f"5_figures/forest/{name}.csv", ForestRow)
        ],
        models=read_table(results / "3_models/models.csv", Model),
        left_out=read_table(results / "3_models/leave_one_out.csv", Refit),
        variants=read_table(results / "3_models/sensitivity.csv", Variant),
        verdicts={row.claim_id: row for row in read_table(claims, ClaimVerdict)} if claims in made else {},
        conclusions=read_table(results / "4_synthesis/conclusions.csv", Conclusion) if claims in made else [],
        work=read_table(results / "4_synthesis/worklist.csv", WorkItem),
        changes=read_table(results / "4_synthesis/changes.csv", Change),
        forks=read_table(results / "3_models/forks.csv", Fork),
        vibrations=read_table(results / "3_models/vibration.csv", Vibration),
        universes={row.claim_id: row for row in read_table(universes, ClaimUniverses)} if universes in made else {},
        answers=read_table(results / "4_synthesis/answers.csv", Answer),
        certainty=read_table(results / "4_synthesis/certainty.csv", Certainty),
        tables=stored_tables(results, made),
    )


def _page(run: _Run, name: str) -> Page:
    """What is told of a topic, without its figure."""
    domain = run.evidence.domains[name]
    effects, models, told = run.of["effects"][name], run.of["models"][name], run.of["answers"][name]
    lead = answers.lead(told, models, run.evidence.names)
    claims = run.of["claims"][name]
    return Page(
        domain=domain,
        answers=told,
        lead=lead,
        effects=effects,
        forest=run.of["forest"][name],
        models=models,
        what_if=pages.what_if(models, run.of["left_out"][name], run.of["variants"][name], effects),
        claims=claims,
        verdicts=Counter(
            row.shown for c in claims if (row := run.verdicts.get(c.claim_id)) and row.kind == "empirical"
        ),
        work=run.of["work"][name],
        swim=run.swim[name],
        drawing=None,
        figure_words=words.forest(domain, *lead),
        reports=pages.sources(run.evidence, effects),
    )


def _with_figure(run: _Run, page: Page) -> Page:
    """The topic with its forest plot; there is none where no effect has a size."""
    path = run.results / f"5_figures/forest/{page.name}.svg"
    if path not in run.made:
        return page
    name = f"forest-{page.name}"
    drawing = inline(path, name, page.figure_words, lambda mark: run.marks.get((page.name, mark)), rows=True)
    return replace(page, drawing=drawing)


def _filled(tables: dict[str, Table]) -> set[str]:
    """The tables that have a row."""
    return {name for name, table in tables.items() if table.rows}


def _problems(doubtful: list[tuple[str, list]]) -> dict[str, list[str]]:
    """What is wrong with each claim."""
    found: dict[str, list[str]] = defaultdict(list)
    for heading, rows in doubtful:
        for claim, _ in rows:
            found[claim.claim_id].append(heading)
    return found


def _of_several(run: _Run) -> list[tuple[str, list[Certainty]]]:
    """What the certainty rests on of answers to which two samples or more speak, by the question."""
    several = {model.cell for model in run.models if model.k > 1}
    rows = [row for row in run.certainty if row.cell in several]
    return [(run.evidence.names.question(own[0]), own) for _, group in groupby(rows, key=cell_of) if (own := [*group])]


def _choices(config: Config) -> list[tuple[str, str, str]]:
    """Name, meaning and value of every choice that a result rests on."""
    return [
        (f"{section}.{name}", field.description, ", ".join(map(str, value)) if isinstance(value, list) else str(value))
        for section, values in config
        if section not in ("figures", "multiverse")  # the page has a section on its forks
        for name, field in type(values).model_fields.items()
        for value in [getattr(values, name)]
    ]


def _data(run: _Run, site: Site, shared: _Shared, tables: Mapping[str, Table], evidence: Evidence) -> str:
    """What the script of a page knows, as JSON that cannot end the element that holds it.

    `evidence` has the contrasts and outcomes that the page speaks of.
    """
    data = {
        **for_script(tables),
        "site": site.for_script,
        "citation": shared.citation.licensed,
        "terms": {word: shared.glossary[entry] for word, entry in TERMS.items()},
        "everything": [name for name, model in MODELS.items() if model.everything],
        "words": {
            "contrasts": {
                name: {"label": contrast.label, "left": contrast.left, "right": contrast.right}
                for name, contrast in evidence.contrasts.items()
            },
            "metrics": v.METRICS,
            "models": {name: model.label for name, model in MODELS.items()},
            "rungs": v.REPORTING,
            "sources": v.SOURCE_KINDS,
            "directions": v.DIRECTIONS,
            "relations": v.P_RELATIONS,
            "designs": v.DESIGNS,
            "verdicts": {verdict: verdict for verdict in v.VERDICTS},
            "fidelity": {word: word for word in v.FIDELITY},
            "kinds": {kind: kind for kind in v.CLAIM_KINDS},
            "groups": {name: outcome.label for name, outcome in evidence.outcomes.items()},
            "own": _own_words(run.evidence),
            "expected": words.EXPECTED,
        },
    }
    stored = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return stored.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _own_words(evidence: Evidence) -> dict[str, dict[str, str]]:
    """How the words of the review's own columns are printed, by column."""
    return {
        column: {word.word: word.label for word in evidence.vocabulary.values() if word.field == column}
        for column in v.OWN_WORDS
    }


def _sources(pattern: str) -> str:
    """The files of the page that match, in the order of their names."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(HERE.glob(pattern)))


def _in_css(text: str) -> str:
    """A text as it stands within quotes in CSS; every sign but letters, digits and spaces by its number."""
    return "".join(sign if sign.isalnum() or sign == " " else f"\\{ord(sign):06x}" for sign in text)


def _hash(text: str) -> str:
    """What a content security policy asks of an inline style or script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
