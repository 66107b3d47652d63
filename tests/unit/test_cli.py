"""The command line: it answers quickly, explains itself, and never shows a traceback."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner
from tests.project import ROOT

from reanalysis.cli import COMMANDS, EXIT_CODES, commands
from reanalysis.cli.document import document
from reanalysis.refused import Refused


def reanalysis(*arguments, folder=ROOT, **more):
    command = [sys.executable, "-m", "reanalysis.cli", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, **more)


def test_the_help_answers_without_importing_what_computes():
    """Nothing that takes long to import is imported before a command is chosen."""
    code = "import sys; from reanalysis.cli import commands; commands(['--help'], standalone_mode=False); "
    code += "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "Commands:" in said
    heavy = {"numpy", "scipy", "pandas", "pydantic", "matplotlib", "snakemake", "ruamel", "openpyxl", "docx", "jinja2"}
    assert not heavy & {*said.splitlines()[-1].split()}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_with_an_example(name):
    said = CliRunner().invoke(commands, [name, "--help"])
    assert said.exit_code == 0
    assert f"reanalysis {name}" in said.output.partition("Example")[2]


def test_the_help_of_no_command_imports_what_computes():
    code = "import sys; from reanalysis.cli import COMMANDS, commands; "
    code += "[commands([name, '--help'], standalone_mode=False) for name in COMMANDS]; "
    code += "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"numpy", "scipy", "pandas", "matplotlib", "snakemake"} & {*said.splitlines()[-1].split()}


def test_the_document_is_that_of_the_commands():
    stored = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    assert stored == document(), "stale: run `make docs`"
    assert all(f"## `reanalysis {name}`" in stored for name in COMMANDS)


def test_a_misspelt_command_is_answered_with_the_right_one():
    said = reanalysis("chek")
    assert (said.returncode, said.stdout) == (2, "")
    assert "Did you mean `check`?" in said.stderr


@pytest.mark.parametrize("name", ["check", "diff", "export", "run", "verify", "worklist"])
def test_a_folder_without_a_review_is_named(tmp_path, monkeypatch, name):
    monkeypatch.chdir(ROOT)  # which `-C` leaves
    said = CliRunner().invoke(commands, ["-C", str(tmp_path), name])
    assert isinstance(said.exception, Refused)
    assert tmp_path.name in str(said.exception) or "no finished run" in str(said.exception)
    assert list(tmp_path.iterdir()) == []


def test_what_nobody_foresaw_is_said_without_a_traceback(monkeypatch, capsys, tmp_path):
    @click.command()
    def broken():
        raise ZeroDivisionError("division by zero")

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("reanalysis.cli.commands", broken)
    monkeypatch.setattr(sys, "argv", ["reanalysis"])
    from reanalysis.cli import main

    with pytest.raises(SystemExit) as end:
        main()
    assert "defect of the program" in str(end.value.code)
    (kept,) = tmp_path.glob("reanalysis-*.txt")
    assert "Traceback" in kept.read_text(encoding="utf-8")


def test_a_closed_pipe_is_no_error():
    reader = subprocess.Popen(["head", "-1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    said = subprocess.run(
        [sys.executable, "-m", "reanalysis.cli", "--help"], stdout=reader.stdin, stderr=subprocess.PIPE, check=False
    )
    assert said.returncode == 0
    assert said.stderr == b""
    reader.communicate()


def test_the_shell_completes_commands_and_options():
    words = {"_REANALYSIS_COMPLETE": "bash_complete", "COMP_WORDS": "reanalysis ver", "COMP_CWORD": "1"}
    said = CliRunner(env=words).invoke(commands, prog_name="reanalysis")
    assert "verify" in said.output


def test_the_exit_codes_are_documented():
    assert list(EXIT_CODES) == [0, 1, 2, 130]
