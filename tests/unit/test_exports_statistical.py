"""What statistical programs are handed: nothing is lost, numbers are those of the tables, and no cell is a formula."""

import csv
import io
import math
import subprocess
import sys
import zipfile
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.golden.exported import rows

from reanalysis.builds import read_build
from reanalysis.exchange import EXPORTS, cochrane, effect_direction, escalc, export, metapsy, prisma, r_scripts, robvis
from reanalysis.exchange.csv_text import csv_text, inert
from reanalysis.exchange.studies import author_years, study_names
from reanalysis.refused import Refused
from reanalysis.results.build import Build
from reanalysis.schema.raw import Appraisal
from reanalysis.schema.vocabulary import RANDOMISED

STATISTICAL = ("escalc", "r", "metapsy", "cochrane", "robvis", "prisma", "effect-direction")


def appraisals(*judgements) -> dict[str, Appraisal]:
    """Judgements of samples by tool, item, word and level."""
    columns = ("sample_id", "tool", "item", "judgement", "level")
    said = {"reason": "why", "by": "AB", "date": "2026-01-31"}
    made = (
        Appraisal(appraisal_id=f"a{n}", **dict(zip(columns, judgement, strict=True)), **said)
        for n, judgement in enumerate(judgements)
    )
    return {one.appraisal_id: one for one in made}


def with_appraisals(build: Build, *judgements) -> Build:
    return replace(build, evidence=replace(build.evidence, appraisals=appraisals(*judgements)))


# ---------------------------------------------------------------- cells


@pytest.mark.parametrize("text", ["=1+1", "+1 more", "-1 to 2", "@sum", "\tx", "\rx"])
def test_a_text_that_a_spreadsheet_would_run_is_inert(text):
    assert inert(text) == f"'{text}"
    assert f",'{text[0]}" in csv_text(["a", "b"], [{"a": 1, "b": text}])


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (-0.5, "-0.5"),
        (Decimal("-1.20"), "-1.20"),
        (-math.inf, "-Inf"),
        (math.inf, "Inf"),
        (True, "TRUE"),
        (("a", "b"), "a; b"),
        (None, "NA"),
        ((), "NA"),
        ("3 - 2", "3 - 2"),
    ],
)
def test_numbers_are_never_changed_and_what_is_missing_is_told(value, cell):
    assert csv_text(["a"], [{"a": value}], missing="NA") == f"a\n{cell}\n"


def test_decimals_and_separators_of_other_places():
    assert csv_text(["a", "b"], [{"a": 1.5, "b": "x;y"}], separator=";", decimal=",") == 'a;b\n1,5;"x;y"\n'


# ---------------------------------------------------------------- names of studies


def test_each_sample_has_one_name_in_all_files(made_up):
    for names in (study_names(made_up.evidence), author_years(made_up.evidence)):
        assert names.keys() == made_up.evidence.samples.keys()
        assert len(set(names.values())) == len(names)


def test_samples_of_one_report_are_told_apart(made_up):
    samples = dict(made_up.evidence.samples)
    first = next(iter(samples.values()))
    samples["again"] = first.model_copy(update={"sample_id": "again"})
    evidence = replace(made_up.evidence, samples=samples)
    label = evidence.reports[first.report_ids[0]].label
    assert study_names(evidence)["again"] == f"{label} [again]"
    assert [author_years(evidence)[name] for name in (first.sample_id, "again")] == ["Nobody, 2001a", "Nobody, 2001b"]


def test_the_last_name_of_the_first_author(evidence):
    names = author_years(evidence)
    assert names["aboulafiabrakha2023"] == "Aboulafia-Brakha, 2023"
    assert names["bertsch2013-ajp"] == "Bertsch, 2013a"


# ---------------------------------------------------------------- escalc


def test_every_coding_is_in_the_table_of_effects_with_its_numbers(made_up):
    told = rows(escalc.files(made_up)["escalc.csv"])
    ladder = made_up.tables["2_effects/ladder.csv"]
    assert [(row["finding_id"], row["coding"]) for row in told] == [(e.finding_id, e.coding) for e in ladder]
    for row, effect in zip(told, ladder, strict=True):
        for name in ("yi", "vi", "yi_lb", "yi_ub", "ci_lb", "ci_ub", "n1i", "n2i", "ni"):
            assert float(row[name] or "nan") == pytest.approx(getattr(effect, name) or math.nan, nan_ok=True) or (
                getattr(effect, name) == 0 == float(row[name])
            )
        assert (row["measure"], row["rung"], row["use"]) == (effect.metric, effect.rung, effect.use)
        assert bool(row["vi"]) == (effect.rung == "exact")


def test_statistics_bear_the_names_of_escalc(made_up):
    codings = {row.stat_type: row for row in made_up.evidence.codings.values()}
    means = escalc.statistics(codings["means"])
    assert (means["m1i"], means["sd1i"]) == (codings["means"].m1i, codings["means"].sd1i)
    errors = codings["means_se"]
    assert escalc.statistics(errors)["sd2i"] == pytest.approx(float(errors.se2i) * math.sqrt(errors.n2i))
    assert escalc.statistics(codings["change"])["ri"] == codings["change"].pre_post_r is not None
    assert escalc.statistics(codings["counts"])["ai"] == codings["counts"].ai


# ---------------------------------------------------------------- R


def test_each_cell_with_an_exact_effect_has_a_script_of_all_its_classical_models(made_up):
    files = r_scripts.files(made_up)
    models = rows(files["models.csv"])
    cells = {tuple(row[name] for name in ("domain", "contrast", "outcome_group", "metric")) for row in models}
    exact = {unit.cell for unit in made_up.tables["3_models/units.csv"] if unit.rung == "exact"}
    assert cells == exact
    for cell in cells:
        script = files[f"{'--'.join(cell)}.R"]
        own = [
            row["model"]
            for row in models
            if (row["domain"], row["contrast"], row["outcome_group"], row["metric"]) == cell
        ]
        assert [line for line in script.splitlines() if line.startswith("compare_model")] == [
            f'compare_model(cell, "{model}", fit)' for model in own
        ]
        assert f'"{"--".join(cell)}.R"' in files["all.R"]


def test_without_an_exact_effect_there_is_nothing_for_programs_that_pool(made_up):
    bounded = [e for e in made_up.tables["2_effects/ladder.csv"] if e.rung != "exact"]
    tables = {name: [] for name in made_up.tables} | {"2_effects/ladder.csv": bounded}
    none = replace(made_up, tables=tables)
    assert [module.files(none) for module in (r_scripts, metapsy, cochrane)] == [{}, {}, {}]
    assert len(rows(escalc.files(none)["escalc.csv"])) == len(bounded)


# ---------------------------------------------------------------- Metapsy


def test_metapsy_has_the_exact_effects_of_randomised_groups_and_no_others(made_up):
    told = rows(metapsy.files(made_up)["data.csv"], ";")
    fitting = [
        effect.finding_id
        for effect in made_up.tables["2_effects/ladder.csv"]
        if (effect.metric, effect.rung, effect.use, effect.comparison) == ("SMD", "exact", "main", "difference")
        and effect.design in ("parallel", "crossover_as_groups")
    ]
    assert [row["finding_id"] for row in told] == fitting
    assert "example-clark2003-crossover" not in fitting


def test_metapsy_keeps_to_the_rules_of_the_standard(made_up):
    text = metapsy.files(made_up)["data.csv"]
    told = rows(text, ";")
    assert len({row[".id"] for row in told}) == len(told)
    for row in told:
        groups = (metapsy.RAW, metapsy.CHANGE, metapsy.COUNTS, ("precalc_g", "precalc_g_se"))
        filled = [{row[name] != "NA" for name in group} for group in groups]
        assert sorted(map(sorted, filled)) == [[False], [False], [False], [True]]
        assert not any(cell != cell.strip() or cell == "" or "." in row[".g"] for cell in row.values())
    plain = [list(csv.reader(io.StringIO(line), delimiter=";"))[0] for line in text.splitlines()]
    assert {len(cells) for cells in plain} == {len(metapsy.COLUMNS)}  # no semicolon in a cell
    assert ";" not in "".join(cell for row in told for cell in row.values())


def test_metapsy_names_the_arms_of_a_trial_with_several(example):
    told = rows(metapsy.files(read_build(example))["data.csv"], ";")
    assert len(told) == 71
    arms = Counter((row["study"], row["multi_arm1"]) for row in told if row["domain"] == "pain")
    assert arms["Arnold, 2005", "duloxetine, arm 1"] == arms["Arnold, 2005", "duloxetine, arm 2"] == 1
    assert arms["Carette, 1986", "NA"] == 1
    assert len({row[".id"] for row in told}) == 71


# ---------------------------------------------------------------- Cochrane


def test_the_cochrane_package_holds_every_sample_of_its_analyses(made_up):
    made = cochrane.files(made_up)
    data = rows(made["reanalysis-analysis-data/reanalysis-data-rows.csv"])
    settings = rows(made["reanalysis-analysis-data/reanalysis-overall-estimates-and-settings.csv"])
    exact = {unit.cell for unit in made_up.tables["3_models/units.csv"] if unit.rung == "exact"}
    units = [unit for unit in made_up.tables["3_models/units.csv"] if unit.cell in exact]
    assert len(settings) == len(exact)
    assert len(data) == len(units)
    for row in data:
        assert bool(row["GIV Mean"]) == bool(row["GIV SE"]) == (row["Weight"] != "0")
        assert row["GIV Mean"] or row["Footnotes"].startswith(("Significance only", "Direction only"))
    weights = Counter()
    for row in data:
        weights[row["Analysis group"], row["Analysis number"]] += float(row["Weight"])
    assert list(weights.values()) == pytest.approx([100] * len(settings))
    headline = next(m for m in made_up.tables["3_models/models.csv"] if m.model == "random effects")
    (pooled,) = (row for row in settings if row["Analysis model"] == "Random effect")
    assert float(pooled["Mean"]) == headline.est
    assert float(pooled["Heterogeneity Tau²"]) == headline.tau2
    assert pooled["Heterogeneity df"] == str(headline.k - 1)


def test_the_archive_holds_the_same_tables_and_is_the_same_each_time(made_up):
    made, again = cochrane.files(made_up), cochrane.files(made_up)
    assert made == again
    with zipfile.ZipFile(io.BytesIO(made["reanalysis.zip"])) as outer:
        (name,) = outer.namelist()
        with zipfile.ZipFile(io.BytesIO(outer.read(name))) as inner:
            held = {name: inner.read(name).decode() for name in inner.namelist()}
    assert name == "reanalysis/reanalysis-files/reanalysis-data.zip"
    assert held == {name: text for name, text in made.items() if name.endswith(".csv")}


# ---------------------------------------------------------------- robvis


def test_who_was_not_judged_has_an_empty_template(made_up):
    made = robvis.files(with_appraisals(made_up))
    told = rows(made["ROB2.csv"])
    assert list(made) == ["ROB2.csv"]
    assert list(told[0]) == ["Study", "D1", "D2", "D3", "D4", "D5", "Overall"]
    randomised = {e.sample_id for e in made_up.tables["2_effects/ladder.csv"] if e.design in RANDOMISED}
    assert len(told) == len(randomised - {None})
    assert {cell for row in told for name, cell in row.items() if name != "Study"} == {""}


def test_judgements_stand_in_the_template_of_their_tool(made_up):
    judged = [
        ("example-adams2001", "RoB 2", "D1", "some concerns", None),
        ("example-adams2001", "RoB 2", "domain 2", "low", "low"),
        ("example-adams2001", "RoB 2", "overall", "high", None),
        ("example-baker2002", "ROBINS-I", "D7", "serious", None),
    ]
    made = robvis.files(with_appraisals(made_up, *judged))
    (adams,) = (row for row in rows(made["ROB2.csv"]) if row["Study"] == "Example Adams 2001")
    assert list(adams.values())[1:] == ["Some concerns", "Low", "", "", "", "High"]
    (baker,) = rows(made["ROBINS-I.csv"])
    assert (baker["Study"], baker["D7"], baker["Overall"]) == ("Example Baker 2002", "Serious", "")


def test_a_tool_without_a_template_is_drawn_by_its_levels_and_a_score_is_not(made_up):
    judged = [
        ("example-adams2001", "Newcastle-Ottawa", "selection", "3 stars", "low"),
        ("example-adams2001", "Newcastle-Ottawa", "overall", "6 stars", "unclear"),
        ("example-baker2002", "Jadad scale", "overall", "4", None),
        ("example-baker2002", "RoB 2", "D6 / other", "high", "high"),
        ("example-baker2002", "../up", "overall", "low", "low"),
    ]
    made = robvis.files(with_appraisals(made_up, *judged))
    assert set(made) == {"ROB2.csv", "generic-Newcastle-Ottawa.csv", "generic-ROB2.csv", "generic--up.csv"}
    assert rows(made["generic-ROB2.csv"]) == [{"Study": "Example Baker 2002", "D6 / other": "High", "Overall": ""}]
    (row,) = rows(made["generic-Newcastle-Ottawa.csv"])
    assert row == {"Study": "Example Adams 2001", "selection": "Low", "Overall": "No information"}


# ---------------------------------------------------------------- PRISMA2020


def test_no_box_of_the_flow_is_lost_and_no_count_is_made_up(evidence, made_up):
    build = replace(made_up, evidence=evidence)
    made = prisma.files(build)
    told = {row["data"]: row for row in rows(made["PRISMA.csv"])}
    others = {row["box"] for row in rows(made["other_boxes.csv"])}
    placed = {box for line in prisma.TEMPLATE for box in line.boxes}
    sources = {count.box for count in evidence.flow.values() if count.place == "source"}
    assert others | placed | sources >= evidence.flow.keys()
    assert others.isdisjoint(placed | sources)
    assert told["database_results"]["n"] == "310"
    assert told["database_specific_results"]["n"].count(";") == 2
    assert told["duplicates"]["n"] == ""
    assert told["duplicates"]["tooltips"].endswith("at least 0, at most 144")
    assert told["dbr_excluded"]["n"] == "24"
    assert told["previous_studies"]["n"] == ""


def test_a_review_without_a_flow_has_none_to_draw(made_up, tmp_path):
    build = replace(made_up, evidence=replace(made_up.evidence, flow={}))
    assert export(build, "prisma", tmp_path) == []
    assert list((tmp_path / "prisma").glob("[!.]*")) == []


# ---------------------------------------------------------------- effect direction


def test_each_sample_and_outcome_has_its_arrow(made_up):
    told = rows(effect_direction.files(made_up)["effect_direction.csv"])
    stored = [
        row for row in made_up.tables["4_synthesis/sample_directions.csv"] if row.outcome_group and row.use == "main"
    ]
    key = ("domain", "contrast", "outcome_group", "sample_id", "sense")
    here = {tuple(row[name] for name in key): row for row in told}
    assert here.keys() == {tuple(getattr(row, name) for name in key) for row in stored}
    for row in stored:
        own = here[tuple(getattr(row, name) for name in key)]
        assert own["arrow"] == {"up": "▲", "down": "▼", "mixed": "◄►", "none": ""}[row.verdict]
        assert own["n"] == str(row.persons or "")
        assert (own["up"], own["down"], own["silent"]) == (str(row.up), str(row.down), str(row.silent))


# ---------------------------------------------------------------- whole reviews


def test_both_reviews_are_handed_out_in_every_format_and_the_same_each_time(built, example, tmp_path):
    for name, folder in (("main", built), ("example", example)):
        build = read_build(folder)
        for wanted in STATISTICAL:
            files = export(build, wanted, tmp_path / name)
            before = {path: path.read_bytes() for path in files}
            assert before, wanted
            assert {path: path.read_bytes() for path in export(build, wanted, tmp_path / name)} == before


def test_the_command_hands_them_out(example, tmp_path):
    command = [sys.executable, "-m", "reanalysis.cli", "-C", str(example), "export", "--to", str(tmp_path / "out")]
    run = subprocess.run([*command, *STATISTICAL], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.count(" for ") >= len(STATISTICAL)
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(STATISTICAL)
    assert all(EXPORTS[name].purpose in run.stdout for name in STATISTICAL)


# ---------------------------------------------------------------- what is there already


def test_nothing_of_anybody_else_is_replaced(made_up, tmp_path):
    """An edited export, or a file of one's own in a folder of the same name, is named and left alone."""
    export(made_up, "escalc", tmp_path)
    export(made_up, "escalc", tmp_path)
    own = tmp_path / "escalc/notes.txt"
    own.write_text("mine", encoding="utf-8")
    with pytest.raises(Refused, match="notes.txt"):
        export(made_up, "escalc", tmp_path)
    assert own.read_text(encoding="utf-8") == "mine"
    own.unlink()
    (tmp_path / "escalc/escalc.csv").write_text("edited", encoding="utf-8")
    with pytest.raises(Refused, match="escalc.csv"):
        export(made_up, "escalc", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["escalc"]


def test_what_an_earlier_export_left_is_removed(made_up, tmp_path, monkeypatch):
    export(made_up, "escalc", tmp_path)
    monkeypatch.setattr("reanalysis.exchange.escalc.files", lambda build: {"other.csv": "a\n"})
    assert export(made_up, "escalc", tmp_path) == [tmp_path / "escalc/other.csv"]
    assert [path.name for path in (tmp_path / "escalc").glob("*.csv")] == ["other.csv"]
