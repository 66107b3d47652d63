"""Documents and data packages, read back by the programs that they are for and compared with the tables of the run."""

import csv
import hashlib
import io
import json
import math
import re
from collections import Counter, defaultdict
from dataclasses import replace
from decimal import Decimal
from zipfile import ZipFile

import bibtexparser
import openpyxl
import pytest
import rispy
from bibtexparser.bparser import BibTexParser
from bibtexparser.customization import convert_to_unicode
from docx import Document
from docx.oxml.ns import qn
from frictionless import Package
from rocrate.rocrate import ROCrate
from tests.project import ROOT, evidence_with

from reanalysis.builds import read_build
from reanalysis.exchange import archives, bibtex, crate, datapackage, manuscript, ris, runs, sof, xlsx
from reanalysis.exchange.bibliography import methods
from reanalysis.provenance import read_record
from reanalysis.report.references import cited
from reanalysis.report.tables import descriptions
from reanalysis.results.build import Build
from reanalysis.results.checked import CHECKED
from reanalysis.results.rows import TABLES
from reanalysis.results.table import column_types
from reanalysis.schema.raw import Report
from reanalysis.schema.review import Review
from reanalysis.text import number

REVIEWS = ("first", "second")


@pytest.fixture(scope="module")
def builds(built, example):
    """Both reviews, as a run left them."""
    return dict(zip(REVIEWS, map(read_build, (built, example)), strict=True))


@pytest.fixture(params=REVIEWS)
def build(builds, request):
    return builds[request.param]


@pytest.fixture(scope="module")
def offices(builds):
    """The Word document and the workbook of each review, as bytes."""
    return {
        name: (manuscript.files(build)["manuscript.docx"], xlsx.files(build)["tables.xlsx"])
        for name, build in builds.items()
    }


@pytest.fixture
def one_report(config):
    """A build of one report, with no tables of results."""

    def made(**cells):
        report = Report(**({"report_id": "a1", "label": "A", "authors": ("Lee A",), "kind": "primary"} | cells))
        evidence = replace(evidence_with(reports={"a1": report}), review=Review(title="A review"))
        return Build(evidence, config, {file: [] for file in TABLES}, {}, ROOT)

    return made


def numbers(text):
    """The numbers that a text prints, infinities included."""
    found = re.findall(r"−?(?:\d+\.\d+|∞)", text)
    return [float(one.replace("−", "-").replace("∞", "inf")) for one in found]


# ---------------------------------------------------------------- BibTeX and RIS


def bib(text):
    parser = BibTexParser(customization=convert_to_unicode, ignore_nonstandard_types=False)
    return bibtexparser.loads(text, parser).entries


def named(authors):
    """The known names of a report as `Bartz JA`, and whether there are more."""
    names = [name for one in authors if (name := one.removesuffix(" et al.")) != name.casefold()]
    return names, any("et al." in one or "others" in one for one in authors)


def plain(name):
    """`Bartz, J. A.` as `Bartz JA`."""
    return name.replace(",", "").replace(". ", "").replace(".", "")


def test_bibtex_gives_every_report_and_every_work(build):
    made = bibtex.files(build)
    reports = build.evidence.reports
    found = {entry["ID"]: entry for entry in bib(made["reports.bib"])}
    assert list(found) == list(reports)
    for key, report in reports.items():
        entry = found[key]
        people = [name for name in entry.get("author", "").split(" and ") if name]
        assert ([plain(name) for name in people if name != "others"], "others" in people) == named(report.authors)
        assert entry["title"].strip("{}") == report.title
        place = {"phdthesis": "school", "misc": "howpublished"}.get(entry["ENTRYTYPE"], "journal")
        assert entry.get(place) == report.journal
        assert entry.get("year") == (str(report.year) if report.year else None)
        assert (entry.get("doi"), entry.get("pmid")) == (report.doi, report.pmid)
        assert entry.get("annote") == report.note
    works = {work.key: work.text for work in methods(build).works}
    assert len(works) > 10
    entries = [{name: text.strip("{}") for name, text in entry.items()} for entry in bib(made["methods.bib"])]
    assert {entry["ID"]: cited(entry) for entry in entries} == works


def test_ris_gives_the_same(build):
    made = ris.files(build)
    found = {one["id"]: one for one in rispy.loads(made["reports.ris"])}
    assert list(found) == list(build.evidence.reports)
    for key, report in build.evidence.reports.items():
        one, (names, more) = found[key], named(report.authors)
        assert [plain(name) for name in one.get("authors", [])] == names
        assert one["title"] == report.title
        assert one.get("publisher" if report.kind == "thesis" else "secondary_title") == report.journal
        assert one.get("year") == (str(report.year) if report.year else None)
        assert (one.get("doi"), one.get("accession_number")) == (report.doi, report.pmid)
        assert one.get("notes", []) == [ris.FURTHER] * more + [report.note] * (report.note is not None)
    for work in rispy.loads(made["methods.ris"]):
        assert work["type_of_reference"] in ("JOUR", "BOOK", "CHAP")
        assert all(text in work["title"] + cited_text(build, work["id"]) for text in (work["title"], work["year"]))


def cited_text(build, key):
    return next(work.text for work in methods(build).works if work.key == key)


def test_what_latex_takes_for_commands_and_groups_of_authors(one_report):
    authors = ("The X Group and friends", "Famey J-P", "Perez-Rodriguez MDLM", "Lee", "others not visible")
    build = one_report(authors=authors, title="50% of {x}_1 & $y", journal="J")
    made = bibtex.files(build)["reports.bib"]
    people = "{The X Group and friends} and Famey, J.-P. and Perez-Rodriguez, M. D. L. M. and Lee and others"
    assert f"author = {{{people}}}" in made
    assert r"title = {{50\% of \textbraceleft{}x\textbraceright{}\_1 \& \$y}}" in made
    (entry,) = rispy.loads(ris.files(build)["reports.ris"])
    assert entry["authors"] == ["The X Group and friends", "Famey, J.-P.", "Perez-Rodriguez, M. D. L. M.", "Lee"]
    assert entry["title"] == "50% of {x}_1 & $y"


# ---------------------------------------------------------------- workbook


@pytest.mark.parametrize("name", REVIEWS)
def test_every_cell_of_the_workbook_is_that_of_its_table(builds, offices, name):
    build, book = builds[name], openpyxl.load_workbook(io.BytesIO(offices[name][1]), read_only=True)
    listed = {row[1]: (row[0], row[3]) for row in book["Contents"].iter_rows(min_row=4, values_only=True) if row[1]}
    assert set(listed) == {*CHECKED, *TABLES}
    compared = 0
    for file, model in (CHECKED | TABLES).items():
        rows = build.checked[file] if file in CHECKED else build.tables[file]
        title, count = listed[file]
        assert count == len(rows)
        assert (title in book.sheetnames) == bool(rows)
        if not rows:
            continue
        head, *found = book[title].iter_rows()
        assert [cell.value for cell in head] == list(descriptions(model))
        for row, cells in zip(rows, found, strict=True):
            for cell, column in zip(cells, descriptions(model), strict=True):
                value = getattr(row, column)
                assert same(cell, value), (file, column, value, cell.value)
                compared += value not in (None, ())
    assert compared > 10_000
    described = {(row[0], row[1]): row[2] for row in book["Columns"].iter_rows(min_row=2, values_only=True)}
    assert described == {
        (listed[file][0], column): text
        for file, model in (CHECKED | TABLES).items()
        for column, text in descriptions(model).items()
    }


def same(cell, value):
    if value is None or value == ():
        return cell.value is None
    if isinstance(value, tuple):
        return cell.value == "; ".join(value)
    if isinstance(value, float) and math.isinf(value):
        return cell.value == str(value) and cell.data_type == "s"
    if isinstance(value, str):
        return cell.value == value and cell.data_type == "s"
    if isinstance(value, bool):
        return cell.value is value
    return cell.data_type == "n" and math.isclose(cell.value, value, rel_tol=1e-15)


def test_text_is_inert_and_a_printed_number_keeps_its_digits():
    sheet = openpyxl.Workbook().active
    for line, value in enumerate(("=1+1", "+1", "-1", "@SUM(A1)", "#N/A", Decimal("0.50"), -math.inf, "plain"), 1):
        xlsx._write(sheet.cell(line, 1), value)
    cells = [sheet.cell(line, 1) for line in range(1, 9)]
    assert [cell.data_type for cell in cells] == ["s"] * 5 + ["n", "s", "s"]
    assert [bool(cell.quotePrefix) for cell in cells] == [True] * 4 + [False] * 2 + [True, False]
    assert cells[5].number_format == "0.00"


def test_the_head_of_a_sheet_stays_in_sight_and_every_table_is_listed(one_report):
    book = openpyxl.load_workbook(io.BytesIO(xlsx.files(one_report(title="A title"))["tables.xlsx"]))
    assert book.sheetnames == ["Contents", "Columns", "1 Contrasts", "1 Outcomes", "1 Reports"]
    assert book["1 Reports"].freeze_panes == "B2"
    assert book["1 Reports"].auto_filter.ref == book["1 Reports"].dimensions
    links = [cell.hyperlink.location for (cell,) in book["Contents"].iter_rows(max_col=1) if cell.hyperlink]
    assert links == ["'1 Contrasts'!A1", "'1 Outcomes'!A1", "'1 Reports'!A1"]


def test_what_excel_cannot_hold_is_refused(one_report):
    with pytest.raises(xlsx.TooLarge, match="1_checked/reports.csv, line 2, title: 32,768 characters"):
        xlsx.files(one_report(title="x" * 32_768))


# ---------------------------------------------------------------- summary of findings


def test_the_summary_of_findings_has_the_numbers_of_the_answers(build):
    rows = list(csv.DictReader(io.StringIO(sof.files(build)["summary-of-findings.csv"])))
    answers = build.tables["4_synthesis/answers.csv"]
    assert len(rows) == len(answers)
    kinds = column_types(type(answers[0]))
    for row, answer in zip(rows, answers, strict=True):
        for name in ("est", "ci_lb", "ci_ub", "level", "participants", "samples"):
            known = getattr(answer, name)
            assert (kinds[name](row[name]) if row[name] else None) == known
        assert row["certainty"] == (answer.certainty or "")
        assert answer.statement in row["comment"]
        assert (
            f"{answer.exact + answer.bounded + answer.direction or answer.samples} sample"
            in row["participants_and_samples"]
        )
    certainty = build.tables["4_synthesis/certainty.csv"]
    for row, answer in zip(rows, answers, strict=True):
        own = [part for part in certainty if part.cell[:3] == answer.fit[0][:3]]
        if answer.metric:
            own = [part for part in own if part.metric == answer.metric]
        if len({part.metric for part in own}) == 1:
            assert {part.item: row[part.item.replace(" ", "_")] for part in own} == {
                part.item: part.concern for part in own
            }
    assert sum(bool(row["imprecision"]) for row in rows) > len({part.cell for part in certainty}) / 2


def test_the_certainty_is_that_of_a_person_alone(builds):
    build = builds["second"]
    first, *others = build.tables["4_synthesis/answers.csv"]
    assert not any(row.certainty for row in sof.summaries(build))
    rated = {**build.tables, "4_synthesis/answers.csv": [replace(first, certainty="moderate", rated_by="AB"), *others]}
    document = Document(io.BytesIO(manuscript.files(replace(build, tables=rated))["manuscript.docx"]))
    column = [row.cells[3].text for row in document.tables[0].rows]
    assert Counter(column)["Moderate, rated by AB"] == 1
    assert Counter(column)["not rated"] == len(others)


# ---------------------------------------------------------------- Word


@pytest.fixture(scope="module")
def documents(offices):
    return {name: Document(io.BytesIO(document)) for name, (document, _) in offices.items()}


def table_rows(table):
    """The rows of a table as text, without its head and without headings across all columns."""
    rows = [[cell.text for cell in row.cells] for row in table.rows[1:]]
    return [row for row in rows if len(set(row)) > 1]


@pytest.mark.parametrize("name", REVIEWS)
def test_the_tables_of_the_document_have_the_numbers_of_the_run(documents, builds, name):
    document, build = documents[name], builds[name]
    *summaries, results, statements = document.tables
    answers = build.tables["4_synthesis/answers.csv"]
    rows = [row for table in summaries for row in table_rows(table)]
    assert len(rows) == len(answers)
    told = defaultdict(list)
    for row in sof.summaries(build):
        told[row.effect or "", row.participants_and_samples, row.comment].append(row)
    for outcome, effect, people, _, comment in rows:
        row = told[effect, people, comment].pop(0)
        assert outcome.startswith(row.outcome)
        if row.est is not None:
            assert numbers(effect) == rounded([row.est, row.ci_lb, row.ci_ub])
        elif effect:
            assert set(numbers(effect)) <= set(rounded([row.ci_lb, row.ci_ub]))
        assert row.participants is None or f"{row.participants} participant" in people
    assert not any(told.values())

    effects = [effect for effect in build.tables["2_effects/ladder.csv"] if effect.use == "main"]
    lines = [row for row in table_rows(results) if row[4]]
    assert len(lines) == len(effects)
    shown = Counter((row[0], *numbers(row[5])) for row in lines if row[4] == "effect size")
    exact = [effect for effect in effects if effect.rung == "exact"]
    assert shown == Counter((one.label, *rounded([one.yi, one.ci_lb, one.ci_ub])) for one in exact)
    assert Counter(row[4] for row in lines)["significance only"] == sum(one.rung == "bounded" for one in effects)

    verdicts = [row for row in build.tables["4_synthesis/claims.csv"] if row.kind in manuscript.JUDGED]
    assert [(row[0], row[2], row[3]) for row in table_rows(statements)] == [
        (row.claim_id, row.claim, row.shown) for row in verdicts
    ]


def rounded(values):
    return [float(number(value).replace("−", "-").replace("∞", "inf")) for value in values]


@pytest.mark.parametrize("name", REVIEWS)
def test_the_document_can_be_edited_as_one_that_was_written_in_word(documents, builds, name):
    document, build = documents[name], builds[name]
    styles = Counter(line.style.name for line in document.paragraphs)
    assert styles["Title"] == 1
    assert styles["Heading 1"] == 5
    for table in document.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
    captions = [text for line in document.paragraphs if line.style.name == "Caption" and (text := whole(line))]
    assert [text[:8] for text in captions][: len(document.tables)] == [
        f"Table {n}." for n in range(1, len(document.tables) + 1)
    ]
    methods_of = {heading for heading, _ in methods(build).paragraphs}
    assert methods_of <= {line.text for line in document.paragraphs if line.style.name == "Heading 2"}
    references = [line.text for line in document.paragraphs if line.style.name == "Reference"]
    assert len(references) == len(build.evidence.reports) + len(methods(build).works) + 1
    assert all(any(text.startswith(work.text) for text in references) for work in methods(build).works)


def whole(line):
    """The text of a paragraph with that of its fields."""
    return "".join(node.text for node in line._p.iter(qn("w:t")))


def test_the_figures_stand_in_the_document_in_their_size(documents, builds):
    build = builds["first"]
    made = {path.relative_to(build.folder).as_posix() for path in runs.made_by(build)}
    drawn = {file for file in made if re.fullmatch(r"results/5_figures/(forest|overview|panels)/.*\.png", file)}
    pictures = documents["first"].inline_shapes
    assert len(pictures) == len(drawn) > 15
    for shape in pictures:
        assert 129 < shape.width.mm < 181
        assert shape.height.mm < 240
        assert len(shape._inline.docPr.get("descr")) > 20
    captions = [whole(line) for line in documents["first"].paragraphs if line.style.name == "Caption"]
    assert sum(text.startswith("Figure ") for text in captions) == len(drawn)


def test_a_figure_that_was_not_drawn_as_png_is_named(documents):
    assert len(documents["second"].inline_shapes) == 0
    named = [line.text for line in documents["second"].paragraphs if "add png to figures.formats" in line.text]
    assert any(text.startswith("results/5_figures/forest/pain.svg") for text in named)


# ---------------------------------------------------------------- archives


def test_documents_bear_the_date_of_the_review_and_no_other(builds, offices):
    for content in offices["second"]:
        with ZipFile(io.BytesIO(content)) as archive:
            assert {entry.date_time for entry in archive.infolist()} == {archives.EARLIEST}
            core = archive.read("docProps/core.xml").decode()
        assert set(re.findall(r"\d{4}-\d\d-\d\d", core)) == {builds["second"].evidence.review.date}


def test_the_same_build_gives_the_same_bytes(builds, offices, one_report):
    build, small = builds["second"], one_report(title="A title")
    assert manuscript.files(build) == {"manuscript.docx": offices["second"][0]}
    for module, one in (
        (bibtex, build),
        (ris, build),
        (sof, build),
        (xlsx, small),
        (datapackage, build),
        (crate, build),
    ):
        assert module.files(one) == module.files(one), module.__name__


# ---------------------------------------------------------------- Data Package


def validated(made, folder, *files):
    """What Frictionless finds wrong with these tables of a package, all unless named.

    The links of results are left out, which takes half of the time: `test_keys.py` follows them.
    """
    written(made, folder)
    package = json.loads(made["datapackage.json"])
    package["resources"] = [one for one in package["resources"] if not files or one["path"] in files]
    for one in package["resources"]:
        if files or one["path"].startswith("results/"):
            one["schema"].pop("foreignKeys", None)
    report = Package.from_descriptor(package, basepath=str(folder)).validate()
    return report, {error.type for task in report.tasks for error in task.errors}


@pytest.mark.parametrize("name", REVIEWS)
def test_frictionless_finds_every_table_as_described(builds, name, tmp_path):
    build = builds[name]
    made = datapackage.files(build)
    tables = {path for path in runs.manifest(build).outputs if path.endswith(".csv")}
    tables |= {path.relative_to(build.folder).as_posix() for path in (build.folder / "data/raw").rglob("*.csv")}
    assert {*made} - {"datapackage.json"} == tables
    assert all((build.folder / path).read_bytes() == made[path] for path in tables)
    report, faults = validated(made, tmp_path)
    assert (report.valid, faults, report.stats["tasks"]) == (True, set(), len(tables))


@pytest.mark.parametrize(
    ("file", "right", "wrong", "faults"),
    [
        ("data/raw/outcomes.csv", b",no,", b",of,", {"constraint-error", "hash-count"}),
        ("results/4_synthesis/answers.csv", b"0.95,", b"much,", {"type-error", "hash-count"}),
        ("data/raw/samples.csv", b"", b"", set()),
    ],
)
def test_frictionless_finds_a_slip(builds, file, right, wrong, faults, tmp_path):
    made = datapackage.files(builds["second"])
    assert right in made[file]
    made |= {file: made[file].replace(right, wrong)}
    assert validated(made, tmp_path, file)[1] == faults


def written(made, folder):
    for file, content in made.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


# ---------------------------------------------------------------- RO-Crate


@pytest.fixture(scope="module")
def crates(builds, tmp_path_factory):
    folders = {}
    for name, build in builds.items():
        folders[name] = tmp_path_factory.mktemp(name)
        written(crate.files(build), folders[name])
    return folders


@pytest.mark.parametrize("name", REVIEWS)
@pytest.mark.filterwarnings("error")
def test_a_crate_has_what_its_profiles_require(crates, builds, name):
    build, read = builds[name], ROCrate(crates[name])
    root, review = read.root_dataset, build.evidence.review
    assert root["datePublished"] == review.date
    assert root["license"].id == "https://spdx.org/licenses/GPL-3.0-or-later"
    assert root["license"]["name"]
    assert root["license"]["description"]
    assert [one["name"] for one in root["author"]] == list(review.authors)
    assert review.title in root["name"]
    assert root["description"]
    assert {one.id for one in root["conformsTo"]} == set(crate.PROFILES)
    assert all(one.type == "CreativeWork" and one["version"] for one in root["conformsTo"])
    assert {one if isinstance(one, str) else one.id for one in read.metadata["conformsTo"]} == {
        "https://w3id.org/ro/crate/1.1",
        "https://w3id.org/workflowhub/workflow-ro-crate/1.0",
    }
    workflow = read.mainEntity
    assert workflow.type == ["File", "SoftwareSourceCode", "ComputationalWorkflow"]
    assert workflow["programmingLanguage"].id == "https://w3id.org/workflowhub/workflow-ro-crate#snakemake"
    (run,) = read.get_by_type("CreateAction")
    assert (
        [one.id for one in root["mentions"]] == [run.id]
        if isinstance(root["mentions"], list)
        else root["mentions"] is run
    )
    assert run["instrument"] is workflow
    assert run["agent"] == root["author"]
    record = read_record(crates[name] / "results/manifest.json")
    assert sorted(names(run["result"])) == sorted(record.outputs)
    own = [path for path in record.inputs if path.startswith(("data/raw/", "config/", "results/"))]
    assert {"config/config.yaml", "data/raw/reports.csv"} <= {*own}
    assert sorted(names(run["object"])) == sorted(own)


def names(entities):
    return [one["name"] for one in entities]


@pytest.mark.parametrize("name", REVIEWS)
def test_every_file_of_a_crate_is_the_one_that_is_described(crates, name):
    described = ROCrate(crates[name]).get_by_type("File")
    for one in described:
        if one.id == "ro-crate-metadata.json":
            continue
        content = (crates[name] / one["name"]).read_bytes()
        assert (one["sha256"], one["contentSize"]) == (hashlib.sha256(content).hexdigest(), str(len(content)))
    assert len(described) > 150
    listed = {one["name"] for one in described if one.get("name")} | {"ro-crate-metadata.json"}
    there = {path.relative_to(crates[name]).as_posix() for path in crates[name].rglob("*") if path.is_file()}
    assert {path for path in there - listed if not path.startswith(tuple(crate.FOLDERS))} == set()
    assert there >= {"Snakefile", "Makefile", "pyproject.toml", "src/reanalysis/pipeline.py", "README.md"}


def test_nothing_is_handed_out_that_is_not_of_the_last_run(builds):
    recorded = {"data/raw/reports.csv": "0" * 64, "data/raw/gone.csv": "0" * 64}
    with pytest.raises(runs.Stale, match="data/raw/reports.csv\n  data/raw/gone.csv"):
        runs.contents(builds["first"], recorded)


def test_a_release_says_who_made_it_and_under_which_licence(builds):
    build = builds["second"]
    silent = replace(build.evidence, review=Review(title="A review", date="2026-01-31"))
    with pytest.raises(crate.Unnamed, match="add authors and licence to review.yaml"):
        crate.files(replace(build, evidence=silent))
