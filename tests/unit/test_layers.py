"""Who may import whom: figures and the report show what is stored, and start quickly."""

import ast
import subprocess
import sys

import pytest

from reanalysis.imports import SOURCE, imported

GROUND = {"results", "schema", "text", "fonts"}
ALLOWED = {"figures": GROUND | {"figures"}, "report": GROUND | {"figures", "report", "provenance", "problems"}}
NUMERIC = {"numpy", "scipy", "pandas", "matplotlib", "seaborn"}
FILES = [path for layer in ALLOWED for path in sorted((SOURCE / layer).glob("*.py"))]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_figures_and_report_import_what_is_stored_and_nothing_that_computes(path):
    layer = path.parent.name
    module = f"reanalysis.{layer}" if path.stem == "__init__" else f"reanalysis.{layer}.{path.stem}"
    names = {name.split(".")[1] for name in imported(module) if "." in name}
    assert names <= ALLOWED[layer]


@pytest.mark.parametrize("path", [path for path in FILES if path.stem.endswith("_table")], ids=lambda path: path.stem)
def test_the_table_of_a_figure_computes_with_no_package(path):
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    assert not NUMERIC & {name.split(".")[0] for name in names}


def test_the_report_starts_without_numeric_packages():
    code = "import sys, reanalysis.report; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not NUMERIC & set(loaded)
