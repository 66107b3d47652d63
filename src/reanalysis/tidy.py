"""Remove from the results what earlier runs made and the last one did not: `reanalysis tidy`.

Only what a record proves to be the work of the pipeline is removed, and only as long as it is as the pipeline left it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from reanalysis.provenance import contents, hashes, read_record, read_records, record_path, write_record
from reanalysis.refused import Refused


class Untidy(Refused):
    """Raised when it is not known what the pipeline made; nothing is removed then."""


def tidy(results: Path) -> tuple[list[Path], list[Path]]:
    """Remove the leftovers of earlier runs; returns what was removed, and what was kept since it has been edited.

    `results` is relative to the current folder, from which all recorded paths start. Raises Untidy when there is no
    finished run, or when its manifest is not as the run left it.
    """
    target = results / "manifest.json"
    now, records = contents(Path()), read_records(results)
    proof = records.pop(target.as_posix(), None)
    if not proof or now(target.as_posix()) != proof.outputs.get(target.as_posix()):
        raise Untidy("There is no finished run to tidy up after. Run `make` first.")
    manifest = read_record(target)
    left: dict[str, set[str]] = {}
    for record in records.values():
        for path, value in [*record.orphans.items(), *record.outputs.items()]:
            if path not in manifest.outputs and now(path) and _inside(Path(path), results):
                left.setdefault(path, set()).add(value)
    removed = [Path(path) for path, values in sorted(left.items()) if now(path) in values]
    for path in removed:
        path.unlink()
    for name, record in records.items():
        if name not in manifest.outputs and not any(Path(path).is_file() for path in record.outputs):
            record_path(Path(name)).unlink()
    kept = sorted(set(map(Path, left)) - set(removed))
    orphans = {path: value for path, value in manifest.orphans.items() if Path(path).is_file()}
    write_record(target, replace(manifest, orphans=orphans))
    write_record(record_path(target), replace(proof, outputs=hashes([target])))
    return removed, kept


def _inside(path: Path, folder: Path) -> bool:
    """Whether a file lies in a folder, links followed and `..` resolved."""
    return path.resolve().is_relative_to(folder.resolve())
