"""The notebooks: run them as a reader would, and compare or store what they print and show.

`python -m tests.notebooks` runs all of them in the folder of the project, on its results, and stores their outputs.
"""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def run(path: Path, folder: Path) -> nbformat.NotebookNode:
    """The notebook after it has run in a folder; raises CellExecutionError where a cell fails."""
    notebook = read(path)
    where = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=300, record_timing=False, resources=where).execute()
    notebook.metadata.language_info = {"name": "python"}  # without the version of the Python that ran it
    return notebook


def read(path: Path) -> nbformat.NotebookNode:
    """A notebook with its stored outputs."""
    return nbformat.read(path, as_version=4)


def printed(notebook: nbformat.NotebookNode) -> list[tuple[str, list[str]]]:
    """The source of each cell of code, with the text that it prints or shows; a picture is told as such."""
    return [(cell.source, list(map(_text, cell.outputs))) for cell in notebook.cells if cell.cell_type == "code"]


def _text(output: nbformat.NotebookNode) -> str:
    if output.output_type == "stream":
        return output.text
    return "a picture" if "image/png" in output.data else output.data["text/plain"]


def store(path: Path) -> None:
    """Run a notebook beside the results of the project, and keep its outputs in it."""
    path.write_text(nbformat.writes(run(path, path.parent)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for path in NOTEBOOKS:
        store(path)
        print(os.path.relpath(path))
