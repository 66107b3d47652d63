"""The files of the last run of a review, as its manifest has recorded them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from reanalysis.provenance import Hashes, Record, read_record
from reanalysis.refused import Refused
from reanalysis.results.build import Build
from reanalysis.stages import RESULTS


class Stale(Refused):
    """Raised where a file is not the one that the last run used or made."""


def results(build: Build) -> Path:
    """The folder of results."""
    return build.folder / RESULTS


def manifest(build: Build) -> Record:
    """What the last run read and made, by path from the folder of the review."""
    return read_record(results(build) / "manifest.json")


def made_by(build: Build) -> set[Path]:
    """The results that the last run made."""
    return {build.folder / path for path in manifest(build).outputs}


def contents(build: Build, recorded: Hashes) -> dict[str, bytes]:
    """The content of recorded files, by path; raises Stale, with all of their names, where some are other ones now."""
    found = {path: (build.folder / path).read_bytes() for path in recorded if (build.folder / path).is_file()}
    stale = [path for path, value in recorded.items() if hashlib.sha256(found.get(path, b"")).hexdigest() != value]
    if stale:
        names = "\n".join(f"  {path}" for path in stale)
        raise Stale(f"Not as the last run used or made them:\n{names}\nRun again before you hand this out.")
    return found
