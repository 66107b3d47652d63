"""Files of R, Metapsy and RevMan become domains and reviews: every number where it belongs, and no other."""

import csv
import io
import json
import math
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest
from tests.project import RECALL, ROOT, copy_raw, hashes, read_csv

from reanalysis.check import check
from reanalysis.exchange import escalc
from reanalysis.exchange.take_in import add_domain, begin_review
from reanalysis.files.config_file import read_config
from reanalysis.ladder import all_effects
from reanalysis.models.pooling import pool
from reanalysis.problems import BadInput, open_warnings
from reanalysis.refused import Refused

CASES = ROOT / "tests/golden/cases"


def golden(case, **renamed):
    """The data of a reference case as R's write.csv writes them, columns under other names if need be."""
    columns, records = read_csv(CASES / case / "input.csv")
    lines = [["", *(renamed.get(name, name) for name in columns)]]
    lines += [[str(number), *record.values()] for number, record in enumerate(records, start=1)]
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(lines)
    return out.getvalue()


def expected(case):
    return json.loads((CASES / case / "expected.json").read_text(encoding="utf-8"))["results"]


@pytest.fixture
def new(tmp_path):
    """Write a file, and make a new review of it; gives what was imported, the evidence, and the folder."""

    def make(text, form, name="dat.csv", **options):
        (tmp_path / name).write_text(text, encoding="utf-8")
        made = begin_review(tmp_path / name, form, tmp_path / "review", **options)
        evidence, problems = check(tmp_path / "review/data/raw")
        assert not [problem for problem in problems if problem.severity == "error"]
        return made, evidence, tmp_path / "review"

    return make


def effects_of(evidence, folder):
    config = read_config(folder / "config/config.yaml")
    return all_effects(evidence, config.effects, config.models.level)


def refused(tmp_path, text, form, name="dat.csv"):
    """The problems for which a file is refused; nothing is written."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as error:
        begin_review(tmp_path / name, form, tmp_path / "review")
    assert not (tmp_path / "review").exists()
    return [(problem.file, problem.line, problem.column, problem.message) for problem in error.value.problems]


# ---------------------------------------------------------------- escalc


def test_means_become_a_review_whose_effects_are_those_of_metafor(new):
    made, evidence, folder = new(golden("03_es_two_group_means_normand1999"), "escalc", "dat.normand1999.csv")
    ladder = effects_of(evidence, folder)
    reference = expected("03_es_two_group_means_normand1999")["SMD"]
    assert [effect.yi for effect in ladder] == pytest.approx(reference["yi"], rel=1e-9)
    assert [effect.label for effect in ladder][:2] == ["Edinburgh", "Orpington-Mild"]
    (finding, *_) = evidence.findings["dat-normand1999"]
    assert (finding.locator, finding.direction) == ("line 2 of dat.normand1999.csv", "group_2_higher")
    assert made.unread == []


def test_counts_and_authors_are_read_and_what_is_not_there_is_declared(new):
    text = golden("01_es_2x2_bcg", tpos="ai", tneg="bi", cpos="ci", cneg="di")
    made, evidence, folder = new(text, "escalc", domain="vaccine")
    findings = evidence.findings["vaccine"]
    reference = expected("01_es_2x2_bcg")["OR"]
    per_g = math.pi / math.sqrt(3)
    assert [effect.yi * per_g for effect in effects_of(evidence, folder)] == pytest.approx(reference["yi"], rel=1e-9)
    first = findings[0]
    assert (first.ai, first.n1i, first.ci, first.n2i) == (4, 123, 11, 139)
    report = evidence.reports["ferguson-simes1949"]
    assert (report.label, report.authors, report.year) == ("Ferguson & Simes 1949", ("Ferguson & Simes",), 1949)
    assert report.title == "not given in dat.csv"
    assert {outcome.higher_is_better for outcome in evidence.outcomes.values()} == {"unclear"}
    assert made.unread == ["ablat", "alloc"]


def test_correlations_are_associations(new):
    _, evidence, _ = new(golden("05_es_correlations"), "escalc")
    finding = evidence.findings["dat"][1]
    assert (finding.stat_type, str(finding.ri), finding.ni, finding.direction) == ("r", "0.06", 95, "positive")
    (contrast,) = evidence.contrasts.values()
    assert (contrast.design, finding.comparison, finding.group_1) == (("association",), "association", None)


YI = "study,yi,vi,measure\nA 2001,0.5,0.04,SMD\nB 2002,-0.1,0.09,SMD\nC 2003,0.7,0.01,OR\nD 2004,NA,NA,SMD\n"


def test_effects_on_the_scale_of_the_tables_are_taken_and_of_others_the_sign(new):
    _, evidence, _ = new(YI, "escalc")
    a, b, c, d = evidence.findings["dat"]
    assert (a.stat_type, str(a.yi), str(a.sei), a.direction) == ("g_se", "0.5", "0.2", "group_1_higher")
    assert b.direction == "group_2_higher"
    assert (c.stat_type, c.yi, c.direction, c.note) == (
        "direction",
        None,
        "group_1_higher",
        "measure OR, yi 0.7, vi 0.01",
    )
    assert (d.stat_type, d.direction) == ("direction", "not_visible")


def test_without_its_scale_no_effect_is_taken(tmp_path):
    (problem,) = refused(tmp_path, "study,yi,vi\nA,0.5,0.04\n", "escalc")
    assert problem == ("dat.csv", 1, "measure", "nothing says on which scale the effects in `yi` are")


def test_all_problems_are_told_at_the_lines_of_the_file(tmp_path):
    text = "study,n1i,m1i,sd1i,n2i,m2i,sd2i\nA,10,1,1,10,2,1\nB,ten,1,1,10,2,1\nC,10,1,-1,10,2,1\nD,10,=1,1,10,2,1\n"
    assert [found[:3] for found in refused(tmp_path, text, "escalc")] == [
        ("dat.csv", 3, "n1i"),
        ("dat.csv", 4, "sd1i"),
        ("dat.csv", 5, "m1i"),
    ]
    assert [found[3] for found in refused(tmp_path, "trial,x\nA,1\n", "escalc")] == ["no column has a statistic"]
    assert [found[3] for found in refused(tmp_path, "study,yi\n", "escalc")][-1].startswith("nothing says")
    assert [found[3] for found in refused(tmp_path, "study,ri,ni\nA,1,2,3\n", "escalc")] == ["4 cells under 3 columns"]
    assert [found[3] for found in refused(tmp_path, "", "escalc")] == ["the file is empty"]


def test_columns_of_findings_are_taken_as_they_are(new):
    text = (
        "study,sample_id,outcome_group,outcome,timepoint,design,group_1,group_2,n1i,m1i,sd1i,n2i,m2i,sd2i\n"
        "Smith 2011,trial-one,pain,pain at rest,week 8,parallel,drug,placebo,30.0,1,2,31.0,2,2\n"
        "Smith 2011,trial-one,pain,pain at work,week 8,parallel,drug,placebo,30.0,3,2,31.0,5,2\n"
    )
    made, evidence, _ = new(text, "escalc")
    one, two = evidence.findings["dat"]
    assert (one.finding_id, two.finding_id) == ("trial-one-pain", "trial-one-pain-2")
    assert (one.outcome, one.timepoint, one.design, one.n1i) == ("pain at rest", "week 8", "parallel", 30)
    assert one.contrast == "drug-vs-placebo"
    assert [*evidence.samples] == ["trial-one"]
    assert [*evidence.reports] == ["smith2011"]


# ---------------------------------------------------------------- Metapsy

METAPSY = """\
study;condition_arm1;condition_arm2;multi_arm1;multi_arm2;outcome_type;instrument;time;time_weeks;rating;mean_arm1;\
mean_arm2;sd_arm1;sd_arm2;n_arm1;n_arm2;mean_change_arm1;mean_change_arm2;sd_change_arm1;sd_change_arm2;n_change_arm1;\
n_change_arm2;event_arm1;event_arm2;totaln_arm1;totaln_arm2;precalc_g;precalc_g_se;precalc_log_rr;precalc_log_rr_se;\
full_ref;.g
Smith, 2011;cbt;wl;f2f;wl;msd;bdi;post;8;self-report;12,5;15,25;6,1;7;20;21;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;\
Smith A (2011). A title. J 1, 1.;-0,41
Smith, 2011;cbt;wl;internet;wl;msd;bdi;post;8;self-report;13,5;15,25;6,1;7;22;21;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;\
NA;NA;NA;NA
Jones, 2012;cbt;wl;NA;NA;msd;bdi;post;NA;NA;NA;NA;NA;NA;NA;NA;-3,5;-1;4;4,5;30;31;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA
Brown, 2013;cbt;wl;NA;NA;response;bdi;post;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;12;5;30;31;NA;NA;NA;NA;NA;NA
Green, 2014;cbt;wl;NA;NA;msd;bdi;post;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;-0,3;0,1;NA;NA;NA;NA
White, 2015;cbt;wl;NA;NA;response;bdi;post;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;NA;0,4;0,2;NA;NA
"""


def test_metapsy_with_decimal_commas_arms_changes_counts_and_published_effects(new):
    made, evidence, _ = new(METAPSY, "metapsy", "data.csv")
    one, two, change, counts, published, ratio = evidence.findings["data"]
    assert (str(one.m1i), str(one.sd1i), one.n2i, one.design) == ("12.5", "6.1", 21, "parallel")
    assert (one.group_1, one.group_2, two.group_1) == ("cbt (f2f)", "wl", "cbt (internet)")
    assert one.sample_id == two.sample_id
    assert (one.timepoint, one.note) == ("post, 8 weeks after randomisation", "rating: self-report")
    assert one.outcome_group == two.outcome_group == published.outcome_group == "msd-post"
    assert (change.outcome_group, str(change.m1i)) == ("msd-post-change-from-baseline", "-3.5")
    assert (counts.stat_type, counts.ai, counts.n2i, counts.direction) == ("counts", 12, 31, "group_1_higher")
    assert (published.stat_type, str(published.yi), str(published.sei)) == ("g_se", "-0.3", "0.1")
    assert (ratio.stat_type, ratio.direction) == ("direction", "group_1_higher")
    assert ratio.note == "precalc_log_rr 0.4; precalc_log_rr_se 0.2"
    report = evidence.reports["smith2011"]
    assert report.note == "full reference: Smith A (2011). A title. J 1, 1."
    assert (report.authors, report.year) == (("Smith",), 2011)
    assert made.unread == [".g"]


def test_metapsy_needs_the_columns_that_name_a_comparison(tmp_path):
    found = refused(tmp_path, "study;mean_arm1\nSmith, 2011;1,5\n", "metapsy")
    assert [column for _, _, column, _ in found] == ["condition_arm1", "condition_arm2"]


# ---------------------------------------------------------------- Cochrane

# A few rows in the form of meta's example file: Fleiss (1993), Stat. Methods Med. Res. 2, 121-145.
REVMAN_5 = """\
Comparison Number,Outcome Number,Subgroup Number,Name,Data Type,Effect Measure,Events 1,Mean 1,SD 1,Total 1,Events 2,\
Mean 2,SD 2,Total 2,O-E,Var,Effect Estimate,SE,Group Label 1,Group Label 2,Year of study
1,0,0,Fleiss,,,,,,,,,,,,,,,,,
1,1,0,Death,DIC,OR,"2,128",,,14186,2286,,,13817,0,0,0.897,,Aspirin,Control,
1,1,0,MRC-1,,,49,0,0,615,67,0,0,624,0,0,0.72,0.197,,,1974
1,1,0,ISIS-2,,,"1,570",0,0,"8,587","1,720",0,0,"8,600",0,0,0.895,0.039,,,1988
1,2,0,Score,CON,SMD,0,,,106,0,,,126,0,0,-0.7,,Treatment,Control,
1,2,1,Adults,CON,SMD,0,,,13,0,,,13,0,0,-0.7,,,,
1,2,1,Davis,,,0,5,4.7,13,0,6.5,3.8,13,0,0,-0.35,0.4,,,1973
1,3,0,Survival,IV,Hazard Ratio,0,,,0,0,,,0,0,0,-0.2,,,,
1,3,0,Wilson,,,0,0,0,8,0,0,0,8,0,0,-0.2,0.1,,,1977
1,4,0,Relapse,IPD,Peto Odds Ratio,0,,,0,0,,,0,0,0,0,,,,
1,4,0,Hart,,,5,0,0,20,6,0,0,20,1.5,2.5,0,0,,,1975
1,5,0,Nothing,CON,MD,0,,,0,0,,,0,0,0,0,,,,
1,5,0,Gruen,,,0,0,0,35,0,0,0,35,0,0,0,0,,,1975
"""


def test_the_analysis_data_of_revman_5(new):
    _, evidence, _ = new(REVMAN_5, "cochrane", "My review.csv")
    mrc, isis, davis, wilson, hart, gruen = evidence.findings["my-review"]
    assert (mrc.stat_type, mrc.ai, mrc.n1i, mrc.ci, mrc.n2i) == ("counts", 49, 615, 67, 624)
    assert (isis.ai, isis.n2i) == (1570, 8600)
    assert (mrc.outcome, mrc.group_1, mrc.group_2, mrc.contrast) == ("Death", "Aspirin", "Control", "fleiss")
    assert (davis.stat_type, str(davis.m1i), str(davis.sd2i)) == ("means", "5", "3.8")
    assert davis.population == "subgroup: Adults"
    assert (wilson.direction, wilson.note) == ("group_2_higher", "Hazard Ratio: GIV Mean -0.2, GIV SE 0.1")
    assert (hart.direction, hart.note) == ("group_1_higher", "Peto Odds Ratio: O-E 1.5, Variance 2.5")
    assert (gruen.direction, gruen.stat_type) == ("not_visible", "direction")
    assert evidence.reports["davis1973"].year == 1973
    assert [outcome.label for outcome in evidence.outcomes.values()][0] == "Death (1.1)"


DATA_ROWS = """\
\ufeffAnalysis group,Analysis number,Analysis name,Subgroup,Applicability,Study,Study year,GIV Mean,GIV SE,\
Experimental mean,Experimental SD,Experimental cases,Experimental N,Control mean,Control SD,Control cases,Control N,\
O-E,Variance,Weight,Mean,CI start,CI end,Footnotes
1,1,Death,,SUBGROUP_AND_OVERALL,MRC-1,1974,0.0,0.0,0.0,0.0,49,615,0.0,0.0,67,624,0.0,0.0,3.2,0.7,0.5,1.1,
1,2,Score,,SUBGROUP_AND_OVERALL,Davis,1973,0.0,0.0,5.0,4.7,0,13,6.5,3.8,0,13,0.0,0.0,2.8,-1.5,-4.8,1.8,"(1) from
a figure"
2,1,Score,,SUBGROUP_AND_OVERALL,Wilson,1977,-0.5,0.2,0.0,0.0,0,8,0.0,0.0,0,8,0.0,0.0,2.8,-0.5,-0.9,-0.1,
"""
SETTINGS = """\
Analysis group,Analysis number,Analysis name,Analysis group name,Data type,Experimental group label,\
Control group label,Effect measure
1,1,Death,Aspirin for hearts,Dichotomous,Aspirin,Control,Odds Ratio
1,2,Score,Aspirin for hearts,Continuous,Aspirin,Control,Standardized Mean Difference
2,1,Score,Talking,Contrast level,Talk,Wait,Standardized Mean Difference
"""


def test_the_data_rows_of_revman_web_with_their_settings(new, tmp_path):
    (tmp_path / "CD1-overall-estimates-and-settings.csv").write_text(SETTINGS, encoding="utf-8")
    _, evidence, _ = new(DATA_ROWS, "cochrane", "CD1-data-rows.csv", domain="hearts")
    mrc, davis, wilson = evidence.findings["hearts"]
    assert (mrc.stat_type, mrc.ai, mrc.group_1, mrc.contrast) == ("counts", 49, "Aspirin", "aspirin-for-hearts")
    assert (davis.stat_type, str(davis.sd1i), davis.note) == ("means", "4.7", "(1) from a figure")
    assert (wilson.stat_type, str(wilson.yi), str(wilson.sei), wilson.n1i) == ("g_se", "-0.5", "0.2", 8)
    assert davis.outcome_group != wilson.outcome_group
    assert wilson.contrast == "talking"


def test_the_data_rows_alone_name_no_groups(new):
    _, evidence, _ = new(DATA_ROWS, "cochrane", "CD1-data-rows.csv", domain="hearts")
    mrc, davis, wilson = evidence.findings["hearts"]
    assert (mrc.stat_type, davis.stat_type, mrc.group_1) == ("counts", "means", "experimental group")
    assert (wilson.stat_type, wilson.direction) == ("direction", "group_2_higher")
    assert wilson.note == "scale not given: GIV Mean -0.5, GIV SE 0.2"


def test_another_file_is_told(tmp_path):
    ((_, line, _, message),) = refused(tmp_path, "study,yi\nA,1\n", "cochrane")
    assert (line, message) == (1, "neither `Comparison Number` nor `Analysis group` in the header")


# ---------------------------------------------------------------- into a review that is there


@pytest.fixture
def review(tmp_path):
    """The review of the project, to add to."""
    copy_raw(tmp_path / "review/data")
    return tmp_path / "review"


def test_a_domain_is_added_and_every_line_that_was_there_stays(review, tmp_path):
    (tmp_path / "dat.csv").write_text(golden("03_es_two_group_means_normand1999"), encoding="utf-8")
    before, evidence = hashes(review), check(review / "data/raw")
    texts = {path: path.read_text(encoding="utf-8") for path in (review / "data/raw").glob("*.csv")}
    made = add_domain(tmp_path / "dat.csv", "escalc", review, "stroke")
    after = hashes(review)
    changed = {f"data/raw/{name}" for name in made.rows}
    assert {name for name in after if after[name] != before.get(name)} == changed
    for path, text in texts.items():
        kept = path.read_text(encoding="utf-8").splitlines()[1 : len(text.splitlines())]
        assert [line.rstrip(",") for line in kept] == [line.rstrip(",") for line in text.splitlines()[1:]]
    now = check(review / "data/raw")
    assert len(now[0].findings["stroke"]) == 9
    assert {name: rows for name, rows in now[0].findings.items() if name != "stroke"} == evidence[0].findings
    assert len(open_warnings(now[1])) == len(open_warnings(evidence[1])) + len(made.warnings)


def test_what_the_review_has_already_is_told_and_not_added_again(review, tmp_path):
    text = "study,report_id,sample_id,outcome_group,n1i,m1i,sd1i,n2i,m2i,sd2i\nB,back2022,back2022,new,9,1,1,9,2,1\n"
    (tmp_path / "dat.csv").write_text(text, encoding="utf-8")
    made = add_domain(tmp_path / "dat.csv", "escalc", review)
    assert made.known == ["back2022"]
    assert {*made.rows} == {"domains.csv", "contrasts.csv", "outcomes.csv", "findings/dat.csv"}


def test_a_domain_that_is_there_and_rows_that_cannot_stand_change_nothing(review, tmp_path):
    before = hashes(review)
    (tmp_path / "dat.csv").write_text(golden("03_es_two_group_means_normand1999"), encoding="utf-8")
    with pytest.raises(Refused, match="has a domain `cardiac` already"):
        add_domain(tmp_path / "dat.csv", "escalc", review, "cardiac")
    with pytest.raises(BadInput, match="no table of the raw data"):
        add_domain(tmp_path / "dat.csv", "escalc", review, "../../../elsewhere")
    (tmp_path / "dat.csv").write_text("study,finding_id,ri,ni\nA,back2022-hrv-bpd,0.1,20\n", encoding="utf-8")
    with pytest.raises(BadInput, match="duplicate"):
        add_domain(tmp_path / "dat.csv", "escalc", review)
    assert hashes(review) == before
    assert not (tmp_path / "elsewhere.csv").exists()


# ---------------------------------------------------------------- there and back


def test_what_is_exported_for_escalc_comes_back_with_the_same_models(evidence, effects, pooled, config, new):
    """All domains of the project, every rung: each model of each cell has the same numbers."""
    build = SimpleNamespace(evidence=evidence, tables={"2_effects/ladder.csv": effects})
    _, again, _ = new(escalc.files(build)["escalc.csv"], "escalc", "escalc.csv")
    ladder = all_effects(again, config.effects, config.models.level)
    assert len(ladder) == len(effects)
    models = {model.fit: model for model in pool(ladder, config.models, RECALL).models}
    assert models.keys() == {model.fit for model in pooled.models}
    for model in pooled.models:
        own = models[model.fit]
        numbers = (model.k, model.est, model.ci_lb, model.ci_ub, model.tau2)
        assert (own.k, own.est, own.ci_lb, own.ci_ub, own.tau2) == pytest.approx(numbers, abs=1e-9), model.fit


# ---------------------------------------------------------------- the document


def test_the_document_shows_what_the_commands_print(tmp_path):
    document = (ROOT / "docs/exchange-imports.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"```csv\n(.*?)```", document, re.DOTALL)
    (tmp_path / "stroke.csv").write_text(table, encoding="utf-8")
    own = f'reanalysis() {{ "{sys.executable}" -m reanalysis.cli "$@"; }}\n'
    for shown in re.findall(r"```console\n(.*?)```", document, re.DOTALL):
        commands = re.findall(r"^\$ (.*)", shown, re.MULTILINE)
        said = subprocess.run(
            ["bash", "-c", own + "\n".join(commands)],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert said.stdout == "".join(re.findall(r"^(?!\$ ).*\n", shown, re.MULTILINE))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["stroke-review", "stroke.csv", "wrong.csv"]
