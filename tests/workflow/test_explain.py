"""Everything that has a name is explained, from the place in its source to the figures that show it; and the lists."""

import csv
import json
import re
import subprocess
import sys
from functools import cache

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from reanalysis.builds import read_build
from reanalysis.cli import commands
from reanalysis.explain import Unknown, explain
from reanalysis.explain.figures import records
from reanalysis.explain.tree import rows_of
from reanalysis.pipeline import STAGES
from reanalysis.refused import Refused
from tests.project import ROOT, change_row


@pytest.fixture(scope="module", params=[pytest.param(name, marks=pytest.mark.slow) for name in ("built", "example")])
def build(request):
    """The builds of both reviews, as their runs left them."""
    return read_build(request.getfixturevalue(request.param))


@pytest.fixture(scope="module")
def project(built):
    """The build of the project."""
    return read_build(built)


def teller(build):
    """Explains by name, as text; what was asked for before is known."""

    @cache
    def told(*words: str) -> str:
        return "\n".join(line for part in explain(build, words) for line in part.printed())

    return told


@pytest.fixture(scope="module")
def text(build):
    return teller(build)


@pytest.fixture(scope="module")
def text_of_project(project):
    return teller(project)


def figures_in(told: str) -> list[tuple[str, set[int]]]:
    """The figures that an explanation lists, with the rows that it names."""
    found = re.findall(r"^ *(5_figures/\S.*?\.csv) \([a-z, ]+\), rows? ([\d, -]+)$", told, re.MULTILINE)
    return [(file, set(_numbers(rows))) for file, rows in found]


def _numbers(rows: str):
    for run in rows.split(", "):
        first, _, last = run.partition("-")
        yield from range(int(first), int(last or first) + 1)


def names_in(record) -> set[str]:
    return {name for value in record.values() for name in re.split("--|__|; ", value or "")}


# ---------------------------------------------------------------- findings


def test_every_finding_is_told_from_its_locator_to_its_effect(build, text):
    formulas = build.tables["2_effects/formulas.csv"]
    effects = {}
    for effect in build.tables["2_effects/ladder.csv"]:
        effects.setdefault(effect.finding_id, []).append(effect)
    for name, own in effects.items():
        told = text(name)
        assert told.startswith(f"Finding {name}: ")
        for effect in own:
            assert f"read in: {effect.locator}" in told
            assert build.evidence.reports[effect.report_id].title.rstrip(".") in told
            for column in ("yi", "vi", "yi_lb", "yi_ub"):
                value = getattr(effect, column)
                assert value is None or f"{column} = {value:.12g}\n" in f"{told}\n"
            for line in formulas:
                if (line.finding_id, line.coding) == (name, effect.coding):
                    assert line.values in told
            assert (effect.use_why or "") in told
        assert len(re.findall(r"raw data: data/raw/findings/\S+\.csv, line \d+", told)) == len(own)


def test_the_raw_line_is_that_of_the_finding(build, text):
    for rows in build.evidence.findings.values():
        for row in rows[::5]:
            places = re.findall(r"raw data: (data/raw/findings/\S+\.csv), line (\d+)", text(row.finding_id))
            for file, line in places:
                stored = (build.folder / file).read_text(encoding="utf-8-sig").splitlines()[int(line) - 1]
                assert row.finding_id in stored


def test_figures_of_a_finding_hold_it_or_its_sample(build, text):
    listed = 0
    for effect in build.tables["2_effects/ladder.csv"]:
        for file, rows in figures_in(text(effect.finding_id)):
            stored = dict(records(build.folder / "results" / file))
            for row in rows:
                assert {effect.finding_id, effect.sample_id} & names_in(stored[row]), (effect.finding_id, file, row)
            listed += 1
    assert listed > len(build.tables["2_effects/ladder.csv"])


def test_no_figure_of_a_finding_is_left_out(build, text):
    """Whatever table holds the mark of a finding is listed with all these rows."""
    told = {}
    for path in sorted((build.folder / "results/5_figures").rglob("*.csv")):
        for row, record in records(path):
            mark, _, coding = record.get("mark_id", "").rpartition("--")
            if (mark, coding) in build.evidence.codings:
                told.setdefault(mark, dict(figures_in(text(mark))))
                assert row in told[mark][path.relative_to(build.folder / "results").as_posix()]
    assert told


def test_what_a_finding_enters_is_told(project, text_of_project):
    told = text_of_project("mielke2023-level")
    for part in (
        "Models that it enters",
        "Peripheral oxytocin may be lower in BPD.",
        "C038 (central)",
        "rank 1 of the",
    ):
        assert part in told
    excluded = text_of_project("bertsch2013-hormbehav-level")
    assert "may share participants with" in excluded
    assert "Models that it enters" not in excluded


def test_corrections_and_accepted_warnings_are_told(project, text_of_project):
    told = text_of_project("bertsch2013-ajp-fixation-1-control")
    assert re.search(r"correction: n1i 15 is read as 21, since .*corrections\.yaml, line \d+\)", told)
    warned = [row for row in project.tables["1_checked/problems.csv"] if "finding_id" in row.key]
    assert warned
    for row in warned:
        assert f"warning ({row.check})" in text_of_project(row.key["finding_id"])


# ---------------------------------------------------------------- all that has a name


def test_every_claim_is_told_with_verdict_and_parts(build, text):
    parts = {}
    for part in build.tables["4_synthesis/claim_parts.csv"]:
        parts.setdefault(part.claim_id, []).append(part)
    for row in build.tables["4_synthesis/claims.csv"]:
        told = text(row.claim_id)
        assert f"Verdict: {row.shown}" in told
        assert row.why in told
        for part in parts.get(row.claim_id, ()):
            assert f"{part.part}: {part.verdict}" in told
        assert all(name in told for name in row.rests_on)


def test_every_report_and_sample_is_told(build, text):
    effects = build.tables["2_effects/ladder.csv"]
    for name in build.evidence.reports:
        told = text(name)
        assert f"Report {name}: " in told
        assert all(effect.finding_id in told for effect in effects if effect.report_id == name)
    for name, row in build.evidence.samples.items():
        told = text(name)
        assert f"Sample {name}" in told
        assert all(effect.finding_id in told for effect in effects if effect.sample_id == name)
        assert row.locator is None or row.locator in told


def test_every_cell_is_told(build, text):
    units, models = build.tables["3_models/units.csv"], build.tables["3_models/models.csv"]
    for cell in {effect.cell for effect in build.tables["2_effects/ladder.csv"]}:
        for name in ("/".join(cell[:3]), "/".join(cell)):
            told = text(name)
            assert told.startswith(f"Cell {name}: ")
            assert all(f"sample {unit.sample_id} (" in told for unit in units if unit.cell == cell)
            assert all(f"k = {model.k}" in told for model in models if model.cell == cell)


def test_a_pool_shows_its_formula_with_the_numbers(example):
    told = teller(read_build(example))("pain/drug_vs_placebo/pain")
    (terms,) = re.findall(r"Σ wᵢ yᵢ / Σ wᵢ = (.*) = (\S+)$", told, re.MULTILINE)
    found = re.findall(r"([\d.]+)% · \((\S+)\)", terms[0].replace("\N{MINUS SIGN}", "-"))
    assert len(found) == 17
    pooled = sum(float(weight) / 100 * float(effect) for weight, effect in found)
    assert pooled == pytest.approx(float(terms[1].replace("\N{MINUS SIGN}", "-")), abs=0.005)


def test_an_unknown_name_suggests_the_nearest(project):
    with pytest.raises(Unknown, match="Did you mean `mielke2023-level`"):
        explain(project, ["mielke2023-levle"])
    with pytest.raises(Unknown, match="Did you mean `C038`"):
        explain(project, ["c038"])


# ---------------------------------------------------------------- numbers of tables


def test_any_number_of_any_table_names_its_stage_and_its_rows(build, text):
    results = build.folder / "results"
    for path in sorted(results.rglob("*.csv")):
        file = path.relative_to(results).as_posix()
        if file.startswith("logs/"):
            continue
        with path.open(encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle))
        if not rows:
            continue
        at = len(rows) // 2
        column = next(name for name, value in reversed(rows[at].items()) if value)
        told = text(file, str(at + 2), column)
        assert told.startswith(f"{file}, row {at + 2}, {column}\n  {column} = {rows[at][column]} (")
        (stage,) = re.findall(r"made by the stage `(\w+)`", told)
        assert any(file == made or file.startswith(f"{made}/") for made in STAGES[stage].makes)


def test_a_number_leads_to_the_finding_behind_it(project, built, text_of_project):
    with (built / "results/5_figures/forest/early-stress.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    at = next(i for i, row in enumerate(rows) if row["mark_id"] == "bocchiochiavetto2025-level--primary")
    told = text_of_project("results/5_figures/forest/early-stress.csv", str(at + 2), "estimate")
    assert "Finding bocchiochiavetto2025-level: " in told
    effect = next(
        one for one in project.tables["2_effects/ladder.csv"] if one.finding_id == "bocchiochiavetto2025-level"
    )
    assert f"estimate = {effect.yi:.12g} (" in told
    assert f"yi = {effect.yi:.12g}" in told


def test_the_rows_behind_a_model_are_all_samples_of_its_cell(project, text_of_project):
    models = project.tables["3_models/models.csv"]
    at = next(i for i, model in enumerate(models) if model.k == 6)
    told = text_of_project("3_models/models.csv", str(at + 2), "est")
    (rows,) = re.findall(r"2_effects/ladder\.csv, rows? ([\d, -]+) \(the same cell\)", told)
    ladder = project.tables["2_effects/ladder.csv"]
    assert set(_numbers(rows)) == {i + 2 for i, effect in enumerate(ladder) if effect.cell == models[at].cell}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("3_models/model.csv", "3"), "Did you mean `3_models/models.csv`"),
        (("../data/raw/reports.csv", "3"), "no table"),
        (("3_models/models.csv", "1"), "rows are 2 to"),
        (("3_models/models.csv", "x"), "no row x"),
        (("3_models/models.csv", "3", "estt"), "Did you mean `est`"),
    ],
)
def test_what_is_not_there_is_said(project, words, message):
    with pytest.raises(Refused, match=message):
        explain(project, words)


def test_rows_are_told_in_runs():
    assert rows_of([3]) == "row 3"
    assert rows_of([5, 3, 4, 9]) == "rows 3-5, 9"
    assert rows_of([3, 4]) == "rows 3-4"


# ---------------------------------------------------------------- the commands


@pytest.fixture
def run(built, monkeypatch):
    """Calls a command in the finished run of the project."""
    monkeypatch.chdir(built)
    return lambda *arguments: CliRunner().invoke(commands, arguments, catch_exceptions=False)


def test_the_commands_print_text_and_json(run):
    printed = run("explain", "C038")
    assert printed.exit_code == 0
    assert printed.output.startswith("Claim C038: ")
    (part,) = json.loads(run("explain", "C038", "--json").output)
    assert part["heading"] in printed.output
    assert {"heading", "lines", "parts"} == set(part)
    both = json.loads(run("explain", "mielke2023", "--json").output)
    assert [one["heading"].split()[0] for one in both] == ["Report", "Sample"]


def test_the_work_list_is_printed_as_far_as_asked(run):
    few, every = run("worklist", "--top", "3").output, run("worklist", "--all").output
    assert few.count("\n") == 3 + 2
    assert "mielke2023-level" in few.splitlines()[1]
    assert every.startswith("\n".join(few.splitlines()[:4]))
    assert len(re.findall(r"^ +\d+  \S+ \(", every, re.MULTILINE)) > 60


def test_a_letter_goes_to_the_screen_or_to_a_file(run, tmp_path):
    shown = run("worklist", "--request", "mielke2023").output
    assert shown.startswith("To the authors of Mielke EL")
    file = tmp_path / "letter.txt"
    assert "3 results" in run("worklist", "--request", "mielke2023", "--to", str(file)).output
    assert file.read_text(encoding="utf-8") == shown
    one = run("worklist", "--request", "mielke2023-level").output
    assert one.count("and one of these:") == 1


def test_a_wrong_name_is_refused_with_exit_code_1(built):
    command = [sys.executable, "-m", "reanalysis.cli", "worklist", "--request", "mielke2032"]
    done = subprocess.run(command, cwd=built, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    expected = "`mielke2032` is neither a report nor a finding of this review. Did you mean `mielke2023`?\n"
    assert done.stderr == expected


def test_a_report_of_which_nothing_is_missing_is_told_from_one_that_is_not_known(run, built):
    build = read_build(built)
    wanted = {item.report_id for item in build.tables["4_synthesis/worklist.csv"]}
    whole = next(name for name in build.evidence.reports if name not in wanted)
    with pytest.raises(Refused, match=f"^Nothing is missing of `{whole}`"):
        run("worklist", "--request", whole)
    with pytest.raises(Refused, match="`reanalysis worklist` lists what can be asked for.$"):
        run("worklist", "--request", "nobody")


def test_a_domain_is_told_as_its_cells_with_their_answers(run, built):
    told = run("explain", "early-stress").output
    answers = [row for row in read_build(built).tables["4_synthesis/answers.csv"] if row.domain == "early-stress"]
    assert told.startswith("Domain early-stress: ")
    assert told.count("\n") == 1 + len(answers) > 3
    assert all(row.statement in told for row in answers)


@pytest.mark.parametrize("words", [["explain", "cardiac"], ["worklist"], ["export", "bibtex"]])
def test_results_that_are_older_than_the_data_are_handed_out_with_a_word(small, words, monkeypatch):
    monkeypatch.chdir(small)
    said = CliRunner().invoke(commands, words)
    assert (said.exit_code, said.stderr) == (0, "")
    change_row(small / "data/raw/findings/cardiac.csv", "back2022-hrv-bpd", note="edited since")
    said = CliRunner().invoke(commands, words)
    assert said.exit_code == 0
    assert said.stderr.startswith("The data or the choices have changed since the last run")


def test_the_shell_completes_ids(built, example, tmp_path):
    def offered(words, begun, *folder):
        shell = ShellComplete(commands, {}, "reanalysis", "_REANALYSIS_COMPLETE")
        return {item.value for item in shell.get_completions([*folder, *words], begun)}

    here = ("-C", str(built))
    assert offered(["explain"], "mielke2023", *here) == {
        *("mielke2023", "mielke2023-adversity", "mielke2023-criteria", "mielke2023-depression", "mielke2023-level")
    }
    assert "early-stress/bpd_vs_control/oxt-level" in offered(["explain"], "early-stress/", *here)
    assert "mielke2023-level" in offered(["worklist", "--request"], "miel", *here)
    assert offered(["explain", "3_models/models.csv"], "") == set(), "behind a table belongs a row"
    assert offered(["export"], "esc") == {"escalc"}
    assert offered(["diff"], "pre") == {"previous"}
    assert offered(["explain"], "C0", "-C", str(tmp_path)) == set(), "without a run there is nothing to offer"
    assert not offered(["explain"], "mielke2023", "-C", str(example))


@pytest.mark.parametrize("name", ["worklist", "explain"])
def test_transcripts_in_the_documents_are_real(name, built, example, monkeypatch):
    """Line by line and in order; `…` stands for what is left out."""
    document = (ROOT / f"docs/{name}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```\n\$ reanalysis ([^\n]*)\n(.*?)^```$", document, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 2
    for call, shown in blocks:
        words = call.split()
        elsewhere = words[:1] == ["-C"]
        monkeypatch.chdir(example if elsewhere else built)
        done = CliRunner().invoke(commands, words[2:] if elsewhere else words)
        left = iter([*done.output.splitlines(), *str(done.exception or "").splitlines()])
        for line in (one for one in shown.splitlines() if one.strip(" …")):
            begin, more, end = line.partition("…")
            assert any(line == one or (more and one.startswith(begin) and one.endswith(end)) for one in left), line
