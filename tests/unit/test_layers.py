"""Who may import whom: one way, no circle; figures and the report show what is stored, and start quickly."""

import ast
import subprocess
import sys

import pytest
from tests.project import ROOT

from reanalysis.imports import SOURCE, imported

# From the ground up. A module imports from its own line and those above it; parts of one line do not know one another.
LAYERS = [
    {"text", "numeric", "fonts", "imports", "spread", "refused", "progress"},
    {"problems", "effects", "provenance", "new"},
    {"schema", "meta", "locks", "tidy"},
    {"files"},
    {"results"},
    {"store", "ladder", "figures"},
    {"check", "models", "report"},
    {"synthesis", "multiverse"},
    {"claims", "codebook", "schemas", "changes"},
    {"pipeline"},
    {"stages"},
    {"jobs", "builds"},
    {"server", "exchange", "adding", "verify", "data_request", "explain"},
    {"cli"},
]
MODULES = sorted(
    ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in SOURCE.rglob("*.py")
)


def part(module):
    return module.split(".")[1]


def test_every_part_has_its_layer():
    parts = [name for layer in LAYERS for name in layer]
    assert sorted(parts) == sorted({part(module) for module in MODULES if "." in module})


@pytest.mark.parametrize("module", [module for module in MODULES if "." in module])
def test_no_arrow_points_up(module):
    own = next(i for i, layer in enumerate(LAYERS) if part(module) in layer)
    allowed = {name for layer in LAYERS[:own] for name in layer} | {part(module)}
    assert {part(name) for name in imported(module) if "." in name} <= allowed


def test_there_is_no_circle_of_modules():
    """What a package imports for its users counts as theirs, not as its modules'."""
    own = {module: {module, *(name for name in MODULES if module.startswith(f"{name}."))} for module in MODULES}
    graph = {module: imported(module) - own[module] for module in MODULES}
    while free := {module for module, names in graph.items() if not names & graph.keys()}:
        graph = {module: names for module, names in graph.items() if module not in free}
    assert graph == {}


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


BENCHMARKS = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py"))


@pytest.mark.parametrize("name", BENCHMARKS)
def test_what_a_benchmark_imports_is_there(name):
    """They run by hand, and seldom: nothing else would tell that a name has gone."""
    tree = ast.parse((ROOT / f"benchmarks/{name}.py").read_text(encoding="utf-8"))
    taken = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    for node in taken:
        if node.module.partition(".")[0] in ("reanalysis", "tests", "benchmarks"):
            exec(compile(ast.Module([node], []), name, "exec"))
