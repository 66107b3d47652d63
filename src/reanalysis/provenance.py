"""The manifest: a hash of every file that went in and came out, so that anyone can tell what made what."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

NUMERIC_PACKAGES = (
    "matplotlib",
    "numpy",
    "pandas",
    "pingouin",
    "pydantic",
    "scipy",
    "seaborn",
    "snakemake",
    "statsmodels",
)


def build_manifest(inputs: Iterable[Path], outputs: Iterable[Path], results: Path) -> dict:
    """Hashes of all inputs and outputs, versions of what computed them, and files in `results` that no rule makes."""
    outputs = sorted(outputs)
    return {
        "versions": versions(),
        "inputs": hashes(inputs),
        "outputs": hashes(outputs),
        "orphans": [path.as_posix() for path in orphans(outputs, results)],
    }


def files(paths: Iterable[Path]) -> list[Path]:
    """The paths, with each folder replaced by the files in it; hidden ones, which mark its time, do not count."""
    found = (path.rglob("[!.]*") if path.is_dir() else [path] for path in paths)
    return [path for group in found for path in sorted(group) if not path.is_dir()]


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that compute and draw."""
    return {"python": platform.python_version()} | {name: version(name) for name in NUMERIC_PACKAGES}


def hashes(paths: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of each file, by path, sorted."""
    return {path.as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(set(paths))}


def orphans(outputs: Iterable[Path], results: Path) -> list[Path]:
    """Files under `results` that the pipeline does not make (any more); logs and the manifest do not count."""
    known = set(outputs) | {results / "manifest.json"}
    found = (path for path in files([results]) if results / "logs" not in path.parents)
    return sorted(set(found) - known)


def write_manifest(path: Path, manifest: dict) -> None:
    """Write the manifest as JSON, the same bytes for the same content."""
    path.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
