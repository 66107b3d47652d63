"""What a review says of itself is checked: its description, its contrasts, outcomes and words, and its appraisals."""

import re

import pytest
from tests.project import change_row, change_text, read_csv, write_csv

from reanalysis.check import BadInput, check, errors, load, load_evidence
from reanalysis.check.registry import CHECKS
from reanalysis.schema.raw import OPTIONAL

REVIEW = "review.yaml"
LEVELS = "findings/early-stress.csv"
LEVEL = "bomann2017-level"
CELL = "early-stress/bpd_vs_control/oxt-level"


def the_one(raw, path=REVIEW):
    """The only error, which explains itself, with the text of its line."""
    (problem,) = errors(check(raw)[1])
    assert problem.file == path
    assert problem.line >= 1
    assert problem.message
    assert problem.fix.strip()
    assert problem.check in CHECKS
    return problem, (raw / path).read_text(encoding="utf-8").splitlines()[problem.line - 1]


def put(raw, old, new):
    """Replace a text that stands once in the description."""

    def change(text):
        assert text.count(old) == 1, old
        return text.replace(old, new)

    change_text(raw / REVIEW, change)


# ---------------------------------------------------------------- the form of review.yaml


def test_a_text_that_a_spreadsheet_would_run(raw):
    put(raw, "title: Oxytocin in borderline personality disorder", "title: '@SUM(1)'")
    problem, line = the_one(raw)
    assert (problem.column, line) == ("title", "title: '@SUM(1)'")
    assert problem.message == "begins as a formula of a spreadsheet does"


# what is replaced by what, the place, the text of the line, what is wrong, what to do
MALFORMED = [
    ("short_title:", "short_titel:", "short_titel", "short_titel", "unknown key", "Did you mean `short_title`?"),
    ("  doi:", "  dio:", "reviewed.dio", "dio:", "unknown key", "Did you mean `doi`?"),
    ("    smallest: year", "    least: year", "counts.table1-first-year.least", "least", "unknown key", "smallest"),
    ("{year: {below: 2010}}", "{year: {under: 2010}}", "counts.table1-before-2010.where.year.under", "under",
     "unknown key", "at_least"),
    ("    caption: BPD against", "    captoin: BPD against", "panels.0.captoin", "captoin", "unknown key",
     "Did you mean `caption`?"),
    ("\ntitle:", "\n# title:", "title", "short_title", "the key is missing", "docs/codebook.md"),
    ("    kind: votes\n", "", "panels.1.kind", "name: treatment", "the key is missing", "docs/codebook.md"),
    ("    title: Peripheral", "    # title: Peripheral", "panels.0.title", "name: levels", "the key is missing",
     "docs/codebook.md"),
    ("kind: votes", "kind: ballots", "panels.1.kind", "ballots", "allowed words", "studies, votes, signs"),
    ("short_title: Oxytocin in BPD", "short_title: 2010", "short_title", "2010", "not text", "Put it in quotes"),
    ("doi: 10.3389/", "doi: https://doi.org/10.3389/", "reviewed.doi", "doi:", "expected form", "10.1000/182"),
    ("title: Oxytocin in borderline", 'title: ""\n# ', "title", 'title: ""', "must not be empty", "docs/codebook.md"),
    ("below: 2010", "below: soon", "counts.table1-before-2010.where.year.below", "soon", "number",
     "docs/codebook.md"),
    ("smallest: year", "smallest: title", "counts.table1-first-year.smallest", "title", "allowed words",
     "Allowed: year."),
    ("\npanels:", "\nmoderators: {matrx: body fluid}\npanels:", "moderators.matrx", "matrx",
     "allowed words", "Did you mean `matrix`?"),
    ("name: levels", "name: Levels of all", "panels.0.name", "Levels of all", "expected form",
     "such as `levels-of-all`"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "column", "text", "message", "fix"), MALFORMED, ids=[f"{c[2]}-{c[4]}" for c in MALFORMED]
)
def test_a_key_of_another_form_is_named_with_its_line(raw, old, new, column, text, message, fix):
    put(raw, old, new)
    problem, line = the_one(raw)
    assert problem.column == column
    assert text in line
    assert message in problem.message
    assert fix in problem.fix
    assert problem.check == "description-of-the-review"


DAMAGED = {
    "a quote without its end": (lambda text: text.replace("licence: GPL", 'licence: "GPL'), "no YAML"),
    "a tab": (lambda text: text.replace("  label: di", "\tlabel: di"), "a tab"),
    "a key twice": (lambda text: text.replace("licence:", "title:"), "the key stands already at line 4"),
    "nothing": (lambda text: "", "no keys with values"),
    "a list": (lambda text: "- title\n", "no keys with values"),
    "a tag": (lambda text: text.replace("title: Oxytocin in b", "title: !x Oxytocin in b"), "a tag"),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_description_is_one_problem(raw, damage):
    change, message = DAMAGED[damage]
    change_text(raw / REVIEW, change)
    problems = errors(check(raw)[1])
    assert [(p.file, p.check) for p in problems] == [(REVIEW, "description-of-the-review")]
    assert message in problems[0].message
    assert problems[0].line >= 1
    assert problems[0].fix
    with pytest.raises(BadInput):
        load(raw)


def test_a_missing_description_is_one_problem(raw):
    (raw / REVIEW).unlink()
    assert [(p.file, p.message) for p in errors(check(raw)[1])] == [(REVIEW, "the file is missing")]


def test_what_the_effects_rest_on_is_not_the_description(raw):
    """Whoever mends a caption does not compute all effects again."""
    (raw / REVIEW).unlink()
    assert load_evidence(raw).review is None


def test_a_title_is_description_enough(raw):
    """Of a review of one's own, without a flow, claims or a table that it examines."""
    (raw / REVIEW).write_text("title: Something\n", encoding="utf-8")
    for name in ("claims.csv", "flow.csv"):
        (raw / name).unlink()
    columns, records = read_csv(raw / "outcomes.csv")
    write_csv(raw / "outcomes.csv", columns, [record | {"question": ""} for record in records])
    review = load(raw).review
    assert (review.brand, review.table, review.panels) == ("Something", "the list of reports", ())


# ---------------------------------------------------------------- what the description names

UNKNOWN = [
    ("{theme: correlation}", "{themes: correlation}", "counts.table1-correlation.where.themes",
     "not a column of reports.csv", "Did you mean `theme`?"),
    ("{matrix: [plasma", "{matrx: [plasma", "panels.0.where.matrx", "not a column that a panel of studies knows",
     "Did you mean `matrix`?"),
    ("{matrix: [plasma, serum, blood, saliva]}", "{instrument: x}", "panels.0.where.instrument",
     "not a column that a panel of studies knows", "Known: domain"),
    ("    caption: By function and", "    where: {matrix: plasma}\n    caption: By function and",
     "panels.1.where.matrix", "not a column that a panel of votes knows", "Known: domain"),
    ("      population_kind: {mothers", "      population: {mothers", "panels.0.by.population",
     "not a column that a panel of studies tells apart", "Did you mean `population_kind`?"),
    ("    by:\n      contrast:", "    by:\n      matrix:", "panels.1.by.matrix",
     "not a column that a panel of votes tells apart", "contrast"),
    ("serum: serum", "serumm: serum", "panels.0.by.matrix.serumm", "no word of vocabulary.csv for matrix",
     "Did you mean `serum`?"),
    ("        group_by_drug: inter", "        group_by_drugs: inter", "panels.1.by.contrast.group_by_drugs",
     "not in contrasts.csv", "Did you mean `group_by_drug`?"),
    ("      population_kind: {mothers: mothers}", "      design: {paralel: trials}", "panels.0.by.design.paralel",
     "not a design of docs/codebook.md", "Did you mean `parallel`?"),
    ("  - name: genes", "  - name: levels", "panels.2.name", "a second panel of this name", "Rename it."),
    ("{year: {below: 2010}}", "{title: {below: 2010}}", "counts.table1-before-2010.where.title",
     "a range of a column that holds no numbers", "`any_of` or `contains`"),
    ("    where: {matrix: [plasma, serum, blood, saliva]}", "    where: {assay: {at_least: 2}}",
     "panels.0.where.assay", "a range of a column that holds no numbers", "`any_of` or `contains`"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "column", "message", "fix"), UNKNOWN, ids=[f"{c[2]}-{c[3]}" for c in UNKNOWN])
def test_what_the_description_names_exists(raw, old, new, column, message, fix):
    put(raw, old, new)
    found = [p for p in errors(check(raw)[1]) if p.file == REVIEW and p.column == column]
    (problem,) = (p for p in found if message in p.message)
    assert fix in problem.fix
    assert problem.check in CHECKS
    assert problem.check != "description-of-the-review"
    line = (raw / REVIEW).read_text(encoding="utf-8").splitlines()[problem.line - 1]
    assert column.rpartition(".")[2] in line or "name" in line


ACCEPTED = """
- target: {{table: review.yaml, column: panels.0.cells.0}}
  action: accept
  check: cells-of-the-panels
  expect: "{}"
  reason: the findings of this cell come with the next search
  by: AB
  date: 2026-11-28
"""


def test_a_cell_that_a_panel_shows_has_findings(raw):
    put(raw, '"*/bpd_vs_control/oxt-level*"', f'"{CELL}l"')
    (problem,) = [one for one in check(raw)[1] if one.check == "cells-of-the-panels"]
    assert (problem.column, problem.severity, problem.accepted) == ("panels.0.cells.0", "warning", "")
    assert "cells:" in (raw / REVIEW).read_text(encoding="utf-8").splitlines()[problem.line - 1]
    assert f"Did you mean `{CELL}`?" in problem.fix
    with (raw / "corrections.yaml").open("a", encoding="utf-8") as file:
        file.write(ACCEPTED.format(problem.value))
    (problem,) = [one for one in check(raw)[1] if one.check == "cells-of-the-panels"]
    assert problem.accepted.startswith("the findings of this cell come")
    change_row(raw / LEVELS, LEVEL, direction="lower")
    assert {one.file for one in errors(check(raw)[1])} == {LEVELS}, "a finding of the cell may not have been read"


def test_a_panel_may_ask_for_a_dose_though_it_is_kept_as_it_was_printed(raw):
    put(raw, "{matrix: [plasma, serum, blood, saliva]}", "{dose: {at_least: 24}, year: {below: 2020}}")
    assert errors(check(raw)[1]) == []


@pytest.mark.parametrize("by", ["{}", "{matrix: {dna: Genotype}, assay: {ria: RIA}}"])
def test_a_panel_of_signs_tells_one_column_apart(raw, by):
    change_text(
        raw / REVIEW,
        lambda text: re.sub(r"(stands with the outcome\.\n    by:).*", rf"\1 {by}\n", text, flags=re.DOTALL),
    )
    problem, _ = the_one(raw)
    assert problem.column == "panels.2.by"
    assert "columns in a panel of signs" in problem.message
    assert problem.fix == "Name one column."


def test_a_question_that_is_not_asked(raw):
    line = change_row(raw / "outcomes.csv", "oxt-level", question="level")
    problem, _ = the_one(raw, "outcomes.csv")
    assert (problem.line, problem.column, problem.value) == (line, "question", "level")
    assert "Did you mean `levels`?" in problem.fix


def test_a_box_that_disagrees_with_its_count(raw):
    put(raw, "where: {kind: [primary, thesis]}", "where: {kind: primary}")
    problem, line = the_one(raw, "flow.csv")
    assert line.startswith("table1-original-data")
    assert (problem.column, problem.value) == ("count", "35")
    assert re.fullmatch(r"reports\.csv has \d+ rows of Table 1 with original data", problem.message)
    assert problem.check == "flow-against-reports"


# ---------------------------------------------------------------- contrasts, outcomes and words

FINDINGS = [
    ({"contrast": "bpd_vs_controls"}, "contrast", "not in contrasts.csv", "Did you mean `bpd_vs_control`?"),
    ({"outcome_group": "oxt-levle"}, "outcome_group", "not in outcomes.csv", "Did you mean `oxt-level`?"),
    ({"matrix": "plazma"}, "matrix", "no word of vocabulary.csv for matrix", "Did you mean `plasma`?"),
    ({"assay": "elsia"}, "assay", "no word of vocabulary.csv for assay", "Did you mean `elisa`?"),
    ({"exposure": "stres"}, "exposure", "no word of vocabulary.csv for exposure", "Did you mean `stress`?"),
    ({"population_kind": "mother"}, "population_kind", "no word of vocabulary.csv", "Did you mean `mothers`?"),
    ({"population_kind": "plasma"}, "population_kind", "no word of vocabulary.csv", "Add it to vocabulary.csv"),
    ({"design": "crossover"}, "design", "contrast bpd_vs_control is declared as between", "one more design"),
    ({"design": "pre_post"}, "design", "contrast bpd_vs_control is declared as between", "one more design"),
]


@pytest.mark.parametrize(
    ("cells", "column", "message", "fix"), FINDINGS, ids=[f"{c[1]}-{c[0][c[1]]}" for c in FINDINGS]
)
def test_a_finding_uses_words_that_the_review_declares(raw, cells, column, message, fix):
    line = change_row(raw / LEVELS, LEVEL, **cells)
    (problem,) = (p for p in errors(check(raw)[1]) if (p.file, p.line, p.column) == (LEVELS, line, column))
    assert problem.value == cells[column]
    assert message in problem.message
    assert fix in problem.fix
    assert problem.check in CHECKS


def test_a_finding_of_an_unknown_contrast_is_one_problem(raw):
    """Nothing more can be said of it: whether it is a difference or an association is not known."""
    line = change_row(raw / LEVELS, LEVEL, contrast="somebody_vs_others")
    assert [(p.column, p.check) for p in check(raw)[1] if (p.file, p.line) == (LEVELS, line)] == [
        ("contrast", "references")
    ]


def test_an_undeclared_word_is_said_once_whatever_cells_hold_it(raw):
    columns, records = read_csv(raw / LEVELS)
    write_csv(raw / LEVELS, columns, [record | {"matrix": "plazma"} for record in records])
    (problem,) = errors(check(raw)[1])
    assert (problem.file, problem.line, problem.column, problem.value) == (LEVELS, 2, "matrix", "plazma")
    assert f"({len(records) - 1} more cells have it)" in problem.message


def test_without_the_file_of_the_words_each_word_is_said_once_with_the_file_that_is_missing(raw):
    (raw / "vocabulary.csv").unlink()
    problems = errors(check(raw)[1])
    assert {problem.file for problem in problems} >= {REVIEW, LEVELS}
    cells = [(problem.column, problem.value) for problem in problems if problem.file != REVIEW]
    assert len(cells) == len(set(cells))
    for problem in problems:
        assert problem.message.startswith("vocabulary.csv is missing, which declares the words for ")
        assert problem.value in problem.fix


def test_a_column_without_words_is_said_as_that(raw):
    columns, records = read_csv(raw / "vocabulary.csv")
    write_csv(raw / "vocabulary.csv", columns, [record for record in records if record["field"] != "assay"])
    problems = errors(check(raw)[1])
    assert {problem.message.split(" (")[0] for problem in problems} == {"vocabulary.csv declares no words for assay"}


def test_no_list_of_known_words_is_empty(raw):
    columns, _ = read_csv(raw / "contrasts.csv")
    write_csv(raw / "contrasts.csv", columns, [])
    told = [problem.fix for problem in errors(check(raw)[1]) if problem.file == REVIEW]
    assert "Known: none so far." in told
    assert not [fix for fix in told if "Known: ." in fix]


def test_a_theme_is_a_word_of_the_review(raw):
    line = change_row(raw / "reports.csv", "brune2016", theme="correlations")
    problems = [p for p in errors(check(raw)[1]) if p.file == "reports.csv"]
    assert [(p.line, p.column, p.value) for p in problems] == [(line, "theme", "correlations")]
    assert "Did you mean `correlation`?" in problems[0].fix


@pytest.mark.parametrize(
    ("contrast", "cells", "column", "message"),
    [
        ("association_bpd", {"design": "association; between"}, "design", "designs that differ"),
        ("group_by_drug", {"design": "interaction; association"}, "design", "designs that differ"),
        ("other_vs_control", {"side_2": ""}, "side_2", "one side alone is named"),
        ("other_vs_control", {"side_1": ""}, "side_1", "one side alone is named"),
        ("other_vs_control", {"side_1": "one", "side_2": "one"}, "side_2", "the same words as side_1"),
        ("other_vs_control", {"lower": "less", "higher": "less"}, "higher", "the same words as lower"),
        ("other_vs_control", {"label": "very long " * 12 + "x"}, "label", "longer than 120 characters"),
        ("other_vs_control", {"label": "W" * 41}, "label", "a word of 41 characters"),
        ("oxt_vs_placebo_bpd", {"counterpart": "oxt_vs_placebo_controls"}, "counterpart", "not in contrasts.csv"),
        ("other_vs_control", {"design": "betwen"}, "design", "not one of the allowed words"),
        ("other_vs_control", {"label": ""}, "label", "must not be empty"),
    ],
)
def test_a_contrast_is_one_thing_with_both_of_its_sides(raw, contrast, cells, column, message):
    line = change_row(raw / "contrasts.csv", contrast, **cells)
    found = [p for p in errors(check(raw)[1]) if (p.file, p.line) == ("contrasts.csv", line)]
    assert [(p.column, message in p.message) for p in found] == [(column, True)]
    assert found[0].fix


@pytest.mark.parametrize("name", ["contrasts.csv", "outcomes.csv", "vocabulary.csv"])
def test_what_is_declared_twice(raw, name):
    columns, records = read_csv(raw / name)
    write_csv(raw / name, columns, [*records, records[0]])
    problem, _ = the_one(raw, name)
    assert (problem.line, problem.message) == (len(records) + 2, "duplicate")
    assert f"{name}:2" in problem.fix


def test_a_word_may_stand_for_two_columns(raw):
    change_text(raw / "vocabulary.csv", lambda text: f"{text}exposure,plasma,plasma given,\n")
    assert errors(check(raw)[1]) == []


def test_findings_take_what_outcomes_say_unless_they_say_otherwise(raw):
    change_row(raw / "outcomes.csv", "oxt-level", higher_is_better="no")
    row = next(row for row in load(raw).findings["early-stress"] if row.finding_id == LEVEL)
    assert (row.higher_is_better, row.comparison) == ("no", "difference")
    line = change_row(raw / LEVELS, LEVEL, higher_is_better="yes")
    found = [p for p in errors(check(raw)[1]) if p.column == "higher_is_better"]
    assert found
    assert {p.file for p in found} == {LEVELS}
    assert any("for the same contrast" in p.message for p in found)
    assert line in {p.line for p in found} or all(f"line {line} says yes" in p.message for p in found)


# ---------------------------------------------------------------- appraisals

HEAD = "appraisal_id,sample_id,cell,tool,item,judgement,level,reason,by,date,locator\n"


def appraised(raw, sample="", cell="", **cells):
    told = {"level": "some", "date": "2026-03-15"} | cells
    row = f"one,{sample},{cell},RoB 2,overall,some concerns,{told['level']},the order is not told,AB,{told['date']},\n"
    (raw / "appraisals.csv").write_text(HEAD + row, encoding="utf-8")


@pytest.mark.parametrize(("sample", "cell"), [("bomann2017", ""), ("", CELL)])
def test_an_appraisal_is_of_a_sample_or_of_an_answer(raw, sample, cell):
    appraised(raw, sample, cell)
    assert errors(check(raw)[1]) == []
    (one,) = load(raw).appraisals.values()
    assert (one.sample_id or one.cell) == (sample or cell)


@pytest.mark.parametrize(
    ("cells", "column", "message", "fix"),
    [
        ({}, "sample_id", "one of two is needed", "Fill `sample_id`"),
        ({"sample": "bomann2017", "cell": CELL}, "sample_id", "one of two is needed", "or `cell`"),
        ({"cell": f"{CELL}s"}, "cell", "no findings of this answer", f"Did you mean `{CELL}`?"),
        ({"sample": "bomann2071"}, "sample_id", "not in samples.csv", "Did you mean `bomann2017`?"),
        ({"sample": "bomann2017", "level": "medium"}, "level", "not one of the allowed words", "low"),
        ({"sample": "bomann2017", "date": "31.1.2026"}, "date", "not a day in the form 2026-01-31", "to text"),
    ],
)
def test_an_appraisal_of_nothing_or_of_two_things(raw, cells, column, message, fix):
    appraised(raw, **cells)
    problem, _ = the_one(raw, "appraisals.csv")
    assert (problem.line, problem.column) == (2, column)
    assert message in problem.message
    assert fix in problem.fix


def test_an_answer_whose_findings_could_not_be_read_is_not_complained_about(raw):
    appraised(raw, cell=CELL)
    change_text(raw / LEVELS, lambda text: text.replace("outcome_group", "outcomegroup", 1))
    assert {p.file for p in errors(check(raw)[1])} == {LEVELS}


# ---------------------------------------------------------------- what a review may do without


@pytest.mark.parametrize("name", sorted(OPTIONAL))
def test_a_table_may_be_missing(raw, name):
    """Nothing is said but of what names its rows."""
    (raw / name).unlink(missing_ok=True)
    evidence, problems = check(raw)
    assert getattr(evidence, name.removesuffix(".csv")) == {}
    words = {"vocabulary.csv": "vocabulary.csv", "flow.csv": "not a count that the rule count knows"}
    assert [str(p) for p in errors(problems) if words.get(name, "nothing") not in p.message] == []
    assert all(p.fix for p in problems)


def test_all_of_them_may_be_missing_at_once(raw):
    for name in OPTIONAL:
        (raw / name).unlink(missing_ok=True)
    for path in (*(raw / "findings").iterdir(), raw / "reports.csv"):
        columns, records = read_csv(path)
        own = dict.fromkeys(("matrix", "assay", "exposure", "population_kind", "theme"), "")
        write_csv(path, columns, [record | {k: v for k, v in own.items() if k in columns} for record in records])
    change_text(raw / REVIEW, lambda text: text[: text.index("counts:")])
    evidence = load(raw)
    assert evidence.findings["early-stress"]
    assert [getattr(evidence, name.removesuffix(".csv")) for name in OPTIONAL] == [{}] * len(OPTIONAL)


@pytest.mark.parametrize("name", ["contrasts.csv", "outcomes.csv", "domains.csv", "reports.csv", "samples.csv"])
def test_the_others_may_not(raw, name):
    (raw / name).unlink()
    assert (name, "the file is missing") in {(p.file, p.message) for p in errors(check(raw)[1])}
