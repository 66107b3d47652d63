"""The notebooks run from top to bottom on the results, and print what is stored in them."""

import base64
import re
import shutil

import pytest

from tests.notebooks import NOTEBOOKS, printed, read, run
from tests.project import EXAMPLE, ROOT

STALE = "the stored outputs are not those of today: `make docs`, or `python -m tests.notebooks` after a run"
PICTURE = 150_000  # bytes


@pytest.fixture(scope="module")
def folder(built, example, tmp_path_factory):
    """A folder of notebooks beside the results of both reviews and metafor's stored answers."""
    root = tmp_path_factory.mktemp("project")
    (root / "notebooks").mkdir()
    (root / "examples" / EXAMPLE.name).mkdir(parents=True)
    (root / "results").symlink_to(built / "results")
    (root / "examples" / EXAMPLE.name / "results").symlink_to(example / "results")
    shutil.copytree(ROOT / "tests/golden", root / "tests/golden", ignore=shutil.ignore_patterns("cases"))
    return root / "notebooks"


@pytest.fixture(autouse=True)
def without_r(monkeypatch):
    """The stored answers of metafor are those that everybody has."""
    monkeypatch.setenv("PATH", "")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_prints_what_is_stored(path, folder):
    assert printed(run(path, folder)) == printed(read(path)), STALE


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_writes_nothing_and_its_pictures_are_small(path):
    notebook = read(path)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    pictures = [output.data["image/png"] for output in outputs if "image/png" in output.get("data", {})]
    assert all(len(base64.b64decode(picture)) < PICTURE for picture in pictures)
    assert not [output for output in outputs if output.output_type == "stream" and output.name == "stderr"]
    assert [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"] == [
        *range(1, 1 + sum(cell.cell_type == "code" for cell in notebook.cells))
    ]
    assert not re.search(r"RESULTS[^\n]*(write|to_csv|savefig)", "".join(cell.source for cell in notebook.cells))


def test_other_effects_are_not_shown_beside_stored_answers(folder, monkeypatch):
    """What metafor answered belongs to its data: with other ones the notebook stops."""
    answers = folder.parent / "tests/golden/refit.json"
    text = answers.read_text(encoding="utf-8")
    changed = text.replace('"yi": [\n    -0.44', '"yi": [\n    -0.45', 1)
    assert changed != text
    (path,) = [path for path in NOTEBOOKS if "refit" in path.stem]
    sources = [source for source, _ in printed(read(path))]
    namespace: dict = {}
    monkeypatch.chdir(folder)
    exec("\n".join(source for source in sources if "ask_metafor(" in source or "import" in source), namespace)
    answers.write_text(changed, encoding="utf-8")
    try:
        with pytest.raises(AssertionError, match="refit.json is of other data"):
            namespace["ask_metafor"](namespace["effects"])
    finally:
        answers.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "package"), [("notebook.txt", "jupyterlab"), ("slurm.txt", "snakemake-executor-plugin-slurm")]
)
def test_what_some_users_install_changes_no_package_that_is_locked(file, package):
    """It comes into the environment of the project."""
    locked, more = (
        dict(re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements" / name).read_text("utf-8"), re.MULTILINE))
        for name in ("lock.txt", file)
    )
    assert package in more
    assert package not in locked
    assert {name: version for name, version in more.items() if locked.get(name, version) != version} == {}
