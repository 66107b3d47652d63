"""Whether results can be trusted: as their manifest says, up to date, and the same when they are computed anew."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from reanalysis.builds import NoResults
from reanalysis.check import load
from reanalysis.files.config_file import read_config
from reanalysis.files.raw_files import data_files
from reanalysis.jobs import build
from reanalysis.provenance import Difference, contents, differences, read_record, record_path
from reanalysis.stages import BEFORE_LAST, CONFIG, LAST, RAW, RESULTS, no_review

SAID = {
    "edited input": "has changed since the run",
    "missing input": "is gone since the run",
    "edited code": "has changed since the run",
    "missing code": "is gone since the run",
    "other choice": "is chosen otherwise than in the run",
    "other version": "is installed",
    "edited output": "is not as the run left it: it was edited, or damaged",
    "missing output": "is missing",
}


@dataclass(frozen=True)
class Verification:
    """What was found of the results of a run.

    `files` is the number of results in the manifest; `stale` is what they no longer follow from, `edited` which of them
    are not as they were left, `other` which come out otherwise when they are computed anew, None where that was not
    tried.
    """

    files: int
    stale: list[Difference]
    edited: list[Difference]
    other: list[str] | None

    @property
    def sound(self) -> bool:
        """Whether nothing differs."""
        return not (self.stale or self.edited or self.other)


def verify(
    recompute: bool = True,
    cores: int = 1,
    tell: Callable[[str], None] = lambda purpose: None,
) -> Verification:
    """Compare the results in the current folder with their manifest, and with what is computed anew, on so many cores.

    To recompute, everything is made a second time from `config/` and `data/raw/` in a temporary folder, with no value
    kept from before; `tell` is given the purpose of each stage. Nothing is changed here. Raises NoResults where there
    is no finished run, BadInput where the data or the choices cannot be used.
    """
    target = RESULTS / "manifest.json"
    manifest = read_record(target)
    if not manifest.outputs:
        raise NoResults(no_review(Path()) or "There is no finished run to verify. Run `reanalysis run` first.")
    choices = read_config(CONFIG).plain
    found = differences(manifest, Path(), choices)
    own = read_record(record_path(target)).outputs.get(target.as_posix())
    if own is not None and contents(Path())(target.as_posix()) != own:
        found.append(Difference("edited output", target.as_posix()))
    edited = [difference for difference in found if difference.kind.endswith("output")]
    stale = [difference for difference in found if difference not in edited]
    other = None
    if recompute:
        load(RAW)  # says what is wrong with the data
        other = _otherwise(manifest.outputs, choices, cores, tell)
    return Verification(len(manifest.outputs), stale, edited, other)


def _otherwise(
    outputs: Mapping[str, str], choices: Mapping[str, Mapping], cores: int, tell: Callable[[str], None]
) -> list[str]:
    """The results that come out otherwise than their hashes say."""
    with TemporaryDirectory() as scratch:
        builds = [path for path in (LAST, BEFORE_LAST) if path.exists()]  # what it tells changes from
        for path in (CONFIG, *data_files(RAW), *builds):
            copy = Path(scratch, path)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        with chdir(scratch):
            build(choices, cores, tell)
            now = contents(Path())
            return [path for path, value in outputs.items() if now(path) != value]


def told(verification: Verification) -> list[str]:
    """What was found, in lines of a text."""
    lines = [f"{one.what} {SAID[one.kind]}." for one in (*verification.stale, *verification.edited)]
    if verification.other is not None:
        same = verification.files - len(verification.other)
        lines += [f"{path} comes out otherwise when it is computed anew." for path in verification.other]
        lines.append(f"{same} of {verification.files} results come out the same, byte for byte, when computed anew.")
    if verification.sound:
        anew = "" if verification.other is None else ", and to what is computed anew"
        return [*lines, f"Sound: all {verification.files} results are true to their manifest{anew}."]
    reasons = []
    if verification.stale:
        reasons.append("The results are not up to date: run `reanalysis run`.")
    if verification.edited:
        reasons.append("Edited or missing results are made again by `reanalysis run`.")
    if verification.other and not verification.stale:
        reasons.append("Some cannot be reproduced here.")
    return [*lines, " ".join(reasons)]
