"""The review in the formats of other programs: what is handed out, and what is taken in.

A format that is handed out is a module of this package with a function `files(build)`, which gives the files of the
export by name; one that is taken in is a module with a function `found(source)`, which gives the results in a file.
"""

from __future__ import annotations

import json
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from reanalysis.refused import Refused
from reanalysis.text import listed

if TYPE_CHECKING:
    from reanalysis.results.build import Build

EXPORTED = ".exported.json"
"""Hidden beside the files of an export: their hashes, by which the next one knows them."""
Files = dict[str, str | bytes]
"""Files of an export, by their path in its folder; text is written as UTF-8."""


class Format(NamedTuple):
    """A format that a review can be exported to: for which program, and the module that writes it."""

    purpose: str
    module: str


EXPORTS: dict[str, Format] = {
    "escalc": Format("R, JASP, SPSS, Excel: all effects with the names of metafor's escalc", "escalc"),
    "r": Format("R: metafor fits every classical model again and compares the numbers", "r_scripts"),
    "metapsy": Format("metapsyTools: the randomised trials in the Metapsy data standard", "metapsy"),
    "cochrane": Format("R's meta: the analyses as a Cochrane review data package, in RevMan's tables", "cochrane"),
    "robvis": Format("robvis: risk of bias, to draw or to fill in", "robvis"),
    "prisma": Format("PRISMA2020: the flow of records", "prisma"),
    "effect-direction": Format("effect direction plots: what each sample says of each outcome", "effect_direction"),
    "docx": Format("Word: text, tables and figures to begin a manuscript with", "manuscript"),
    "sof": Format("guideline groups: a summary-of-findings table with the columns of GRADE", "sof"),
    "xlsx": Format("Excel and LibreOffice: all tables in one workbook", "xlsx"),
    "bibtex": Format("LaTeX, Zotero and JabRef: the reports, and the works that the methods cite", "bibtex"),
    "ris": Format("EndNote, Zotero, Covidence and Rayyan: the reports, and the works that the methods cite", "ris"),
    "datapackage": Format("Frictionless, R and databases: all tables with their schemas", "datapackage"),
    "ro-crate": Format("Zenodo and WorkflowHub: a release with data, results, code and what made what", "crate"),
}
"""The formats by name, in the order in which they are listed."""
IMPORTS = {
    "escalc": Format("a data set for metafor's escalc, as R's write.csv writes it", "from_escalc"),
    "metapsy": Format("a data set of the Metapsy data standard", "from_metapsy"),
    "cochrane": Format("the analysis data of RevMan 5, or the data rows of RevMan Web", "from_cochrane"),
}
"""The formats whose files can be taken in (`take_in.py`): what such a file is, and the module that reads it."""


def export(build: Build, name: str, folder: Path) -> list[Path]:
    """Write a build in one format to `folder/<name>`, which is made anew as a whole; returns the files, sorted.

    It is written beside that place and then moved there, so that no half of an export is ever there. Raises Refused
    where the folder holds a file that no export has left there as it is now: nothing of anybody else is replaced.
    """
    made: Files = import_module(f"{__name__}.{EXPORTS[name].module}").files(build)
    contents = {file: content.encode() if isinstance(content, str) else content for file, content in made.items()}
    target = folder / name
    if others := _of_others(target, contents):
        named = listed([*others[:3], "others"] if others[3:] else others)
        raise Refused(
            f"{target} holds {named}, which no export has left there as it is now. Nothing was written: move it, or "
            "choose another folder with --to."
        )
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".export-", dir=folder) as beside:
        draft = Path(beside, name)
        draft.mkdir()
        hashes = {file: sha256(content).hexdigest() for file, content in contents.items()}
        for file, content in {**contents, EXPORTED: json.dumps(hashes, indent=1).encode()}.items():
            path = draft / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if target.exists():
            target.rename(Path(beside, "before"))
        draft.rename(target)
    return sorted(target / file for file in made)


def _of_others(target: Path, contents: dict[str, bytes]) -> list[str]:
    """The files below a folder that neither are what the last export wrote nor what this one would write."""
    try:
        known = json.loads((target / EXPORTED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    there = {path.relative_to(target).as_posix(): path for path in sorted(target.rglob("*")) if not path.is_dir()}
    there.pop(EXPORTED, None)
    now = {file: path.read_bytes() for file, path in there.items()}
    strange = [file for file, content in now.items() if known.get(file) != sha256(content).hexdigest()]
    return [file for file in strange if now[file] != contents.get(file)]
