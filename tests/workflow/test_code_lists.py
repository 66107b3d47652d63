"""What a stage declares is what it reads: editing any of it makes the stage run again."""

import ast
import json
import re
from pathlib import Path

import pytest

from reanalysis.imports import PACKAGE, SOURCE, closure, imported, imported_by, module_file
from reanalysis.pipeline import STAGES
from reanalysis.provenance import read_record, record_path
from reanalysis.stages import outputs


@pytest.mark.parametrize("name", STAGES)
def test_no_job_reads_what_its_stage_does_not_declare(built, reads, name):
    """The record of a job holds what its stage declares; the note, what the process has opened and imported."""
    note = json.loads((reads / f"{name}.json").read_text(encoding="utf-8"))
    first = outputs(STAGES[name])[0]
    record = read_record(built / record_path(Path(first)))
    made = {path for path in note if path in record.outputs}
    assert any(path.startswith("src/reanalysis/") for path in note)
    assert set(note) - made <= record.inputs.keys()


def test_a_stage_declares_little_more_than_it_reads(built, reads):
    """Else an edit anywhere would make everything run again."""
    for name in ("effects", "models", "claims"):
        note = json.loads((reads / f"{name}.json").read_text(encoding="utf-8"))
        first = outputs(STAGES[name])[0]
        declared = {path for path in read_record(built / record_path(Path(first))).inputs if path.endswith(".py")}
        assert len(declared - set(note)) <= 8, sorted(declared - set(note))


MODULES = sorted(
    ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in SOURCE.rglob("*.py")
)


@pytest.mark.parametrize("module", MODULES)
def test_the_imports_of_a_module_are_those_that_python_sees(module):
    tree = ast.parse(module_file(module).read_text(encoding="utf-8"))
    seen = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            assert not node.level, "imports are absolute"
            seen |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
        if isinstance(node, ast.Import):
            seen |= {name.name for name in node.names if name.name.startswith(PACKAGE)}
    assert {name for name in seen if name in MODULES} <= imported(module) <= set(MODULES)


def test_what_is_imported_later_counts_too():
    assert "reanalysis.models.other_packages" in closure("reanalysis.models.second_opinion"), "by a reference"
    assert "reanalysis.figures.forest" in imported_by("reanalysis.pipeline", "forests")
    assert "reanalysis.figures.forest" not in imported_by("reanalysis.pipeline", "models")


def test_no_module_is_named_by_a_text_that_is_put_together():
    """Such a name is not found in the code, and an edit of that module would change nothing."""
    for path in SOURCE.rglob("*.py"):
        assert not re.search(rf"f[\"']{PACKAGE}\.", path.read_text(encoding="utf-8")), path
