"""Bad input through the real command: what is wrong and where, exit code 1, and the earlier results left alone."""

import shutil
from pathlib import Path

import pytest

from reanalysis.builds import examine
from reanalysis.problems import BadInput
from tests.project import ROOT, change_row, change_text, copy_raw, hashes, read_csv, snakemake, write_csv

ACCURACY = "data/raw/findings/emotion-recognition.csv"
LEVELS = "data/raw/findings/early-stress.csv"
ANGER = "bertsch2013-ajp-anger-eyes-bpd"


@pytest.fixture
def project(tmp_path):
    """The data and the configuration of the project, to damage."""
    (tmp_path / "data").mkdir()
    copy_raw(tmp_path / "data")
    shutil.copytree(ROOT / "config", tmp_path / "config")
    return tmp_path


OWN_OUTPUT = {
    "logs/check.log",
    "logs/check.tsv",
    *(f"1_checked/{name}.csv" for name in ("problems", "checks", "claims", "fidelity", "flow")),
    "1_checked/review.json",
}  # of the check itself


def unknown_column(project):
    change_text(project / LEVELS, lambda text: text.replace("outcome_group", "outcomegroup", 1))
    return [
        "findings/early-stress.csv:1 [outcomegroup] 'outcomegroup': unknown column",
        "Did you mean `outcome_group`?",
    ]


def missing_direction(project):
    line = change_row(project / ACCURACY, ANGER, direction="")
    return [f"findings/emotion-recognition.csv:{line} [direction] must not be empty", "Fill in: what the source says"]


def sign_against_direction(project):
    line = change_row(project / ACCURACY, ANGER, direction="group_2_higher")
    return [
        f"findings/emotion-recognition.csv:{line} [m1i] '92.1': has the other sign than direction group_2_higher",
        "Check the sign at the source",
    ]


def no_spread(project):
    line = change_row(project / ACCURACY, ANGER, sd1i="0")
    return [f"findings/emotion-recognition.csv:{line} [sd1i] '0': must be above 0", "Check it against the source"]


def one_person(project):
    line = change_row(project / ACCURACY, ANGER, n1i="1")
    return [f"findings/emotion-recognition.csv:{line} [n1i] '1': must be at least 2", "participants in group_1"]


def impossible_p(project):
    line = change_row(project / LEVELS, "bocchiochiavetto2025-level", pi="1.002")
    return [f"findings/early-stress.csv:{line} [pi] '1.002': must be at most 1", "Check it against the source"]


def unknown_report(project):
    line = change_row(project / LEVELS, "bomann2017-level", report_id="bomann2071")
    return [
        f"findings/early-stress.csv:{line} [report_id] 'bomann2071': not in reports.csv",
        "Did you mean `bomann2017`?",
    ]


def duplicate_id(project):
    columns, records = read_csv(project / LEVELS)
    write_csv(project / LEVELS, columns, [*records, records[0]])
    name = f"{records[0]['finding_id']} primary"
    return [
        f"findings/early-stress.csv:{len(records) + 2} [finding_id] '{name}': duplicate",
        "It stands already at findings/early-stress.csv:2: rename or remove one",
    ]


def cell_of_another_statistic(project):
    line = change_row(project / ACCURACY, ANGER, di="2.1")
    return [
        f"findings/emotion-recognition.csv:{line} [di] '2.1': does not belong to stat_type means",
        "empty it or declare another stat_type",
    ]


def wrong_encoding(project):
    path = project / "data/raw/samples.csv"
    text = path.read_text(encoding="utf-8").splitlines(keepends=True)
    text[2] = text[2].replace(",", " \xfc,", 1)
    path.write_bytes("".join(text[:3]).encode("latin-1") + "".join(text[3:]).encode("utf-8"))
    return ["samples.csv:3 'byte fc': not UTF-8", "Save the file as UTF-8"]


def decimal_comma(project):
    line = change_row(project / ACCURACY, ANGER, m1i="92,1")
    return [f"findings/emotion-recognition.csv:{line} [m1i] '92,1': decimal comma", "Write the number with a point"]


def misspelt_key(project):
    change_text(project / "config/config.yaml", lambda text: text.replace("smd_variance: LS", "smd_varience: LS"))
    return ["config/config.yaml:7 [effects.smd_varience] 'LS': unknown key", "Did you mean `smd_variance`?"]


def unknown_contrast(project):
    line = change_row(project / LEVELS, "bomann2017-level", contrast="bpd_vs_controls")
    return [
        f"findings/early-stress.csv:{line} [contrast] 'bpd_vs_controls': not in contrasts.csv",
        "Did you mean `bpd_vs_control`?",
    ]


def misspelt_key_of_the_review(project):
    change_text(project / "data/raw/review.yaml", lambda text: text.replace("short_title:", "short_titel:", 1))
    return ["review.yaml:5 [short_titel] 'short_titel': unknown key", "Did you mean `short_title`?"]


def four_at_once(project):
    return [
        *no_spread(project),
        *unknown_report(project),
        *wrong_encoding(project),
        f"findings/trust-cooperation.csv:{broken_number(project)} [di] 'large': not a number",
        "4 errors in the input: fix what is listed above and run again.",
    ]


def all_files_at_once(project):
    """A domain whose own row is wrong, a finding in it, and a choice: none is checked before the others."""
    line = change_row(project / "data/raw/domains.csv", "trust-cooperation", title="")
    return [
        f"domains.csv:{line} [title] must not be empty",
        f"findings/trust-cooperation.csv:{broken_number(project)} [di] 'large': not a number",
        *misspelt_key(project),
        "4 errors in the input: fix what is listed above and run again.",
    ]


def broken_number(project):
    return change_row(project / "data/raw/findings/trust-cooperation.csv", "bartz2011-trust-bpd", di="large")


KINDS = [
    *(unknown_column, missing_direction, sign_against_direction, no_spread, one_person, impossible_p, unknown_report),
    *(duplicate_id, cell_of_another_statistic, wrong_encoding, decimal_comma, misspelt_key, four_at_once),
    *(unknown_contrast, misspelt_key_of_the_review, all_files_at_once),
]


@pytest.mark.parametrize("spoil", KINDS, ids=lambda spoil: spoil.__name__)
def test_bad_input_is_named_with_what_to_do(project, monkeypatch, spoil):
    """In process: what the command does with it is the same for all kinds, and shown below for some."""
    monkeypatch.chdir(project)
    expected = spoil(project)
    said = str(BadInput(examine(Path())))
    for message in expected:
        assert message in said


@pytest.mark.parametrize("spoil", [unknown_column, all_files_at_once], ids=lambda spoil: spoil.__name__)
def test_bad_input_stops_the_command(rebuilt, spoil):
    before = hashes(rebuilt / "results")
    expected = spoil(rebuilt)
    run = snakemake(rebuilt)
    assert run.returncode == 1
    for message in expected:
        assert message in run.stdout
    assert "Traceback" not in run.stdout
    lines = run.stdout.strip().splitlines()
    assert any(message in line for message in expected for line in lines[-8:]), "what matters comes last"
    after = hashes(rebuilt / "results")
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} <= OWN_OUTPUT


def test_mended_input_brings_the_results_back(small):
    before = hashes(small / "results")
    path = small / "data/raw/claims.csv"
    sound = path.read_bytes()
    change_row(path, read_csv(path)[1][0]["claim_id"], core="perhaps")
    assert snakemake(small).returncode == 1
    path.write_bytes(sound)
    run = snakemake(small)
    assert run.returncode == 0, run.stdout
    after = hashes(small / "results")
    assert {name for name in before if before[name] != after.get(name) and not name.startswith("logs/")} == set()
