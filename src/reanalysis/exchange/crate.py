"""A release as an RO-Crate 1.1: data, choices, results, report and code, with what made what.

It conforms to the profiles Workflow Run Crate 0.5, Process Run Crate 0.5 and Workflow RO-Crate 1.0. The workflow runs
in its folder. No time of the run is given, since none is recorded: files are known by their content.
"""

from __future__ import annotations

import hashlib
import json
import re
from importlib.metadata import version
from pathlib import PurePosixPath
from typing import Any

from rocrate.model import ContextEntity, Entity
from rocrate.rocrate import ROCrate

from reanalysis.exchange import Files
from reanalysis.exchange.datapackage import row_of
from reanalysis.exchange.runs import contents, manifest, results
from reanalysis.provenance import Record
from reanalysis.refused import Refused
from reanalysis.report.citation import Citation, cite
from reanalysis.report.tables import meaning
from reanalysis.report.words import asked
from reanalysis.results.build import Build
from reanalysis.schema.review import Review
from reanalysis.text import listed

PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
TERMS = "https://w3id.org/ro/terms/workflow-run/context"
WORKFLOW, MANIFEST, README = "Snakefile", "results/manifest.json", "README.md"
BESIDE = ("Makefile", "pyproject.toml", "LICENSE", "profiles/default/config.yaml")
"""Files of the project by which the workflow is installed and started; no result rests on them."""
FOLDERS = {
    "src/": "Library that computes the results",
    "workflow/": "Scripts that the workflow starts",
    "requirements/": "Packages that are installed, with versions and hashes",
    "profiles/": "How the workflow is started",
}
"""Folders of code, whose files are not described one by one."""
KINDS = {
    ".css": "text/css",
    ".csv": "text/csv",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".md": "text/markdown",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".toml": "application/toml",
    ".yaml": "application/yaml",
}
SPDX = re.compile(r"[A-Za-z0-9.+-]+")
"""A licence by its name in the list of SPDX."""


class Unnamed(Refused):
    """Raised where a review does not say what a release must say of itself."""


def files(build: Build) -> Files:
    """`ro-crate-metadata.json`, and all that it describes.

    Raises Unnamed where the review has no authors, date or licence, and Stale where a file is not the one that the last
    run used or made.
    """
    review, record = build.evidence.review, manifest(build)
    if missing := [name for name in ("authors", "date", "licence") if not getattr(review, name)]:
        raise Unnamed(
            f"A release says who made it, when, and under which licence: add {listed(missing)} to review.yaml."
        )
    citation = cite(review, version("reanalysis"))
    packed = {**_packed(build, record), README: _readme(review, citation).encode()}
    metadata = _crate(review, citation, record, packed).metadata.generate()
    text = json.dumps(metadata, indent=1, ensure_ascii=False)
    return {"ro-crate-metadata.json": f"{text}\n", **packed}


# ---------------------------------------------------------------- files


def _packed(build: Build, record: Record) -> dict[str, bytes]:
    """The files of the run and its workflow by their path in the crate, in which review and code share one folder."""
    home = next(PurePosixPath(path).parent for path in record.inputs if PurePosixPath(path).name == WORKFLOW)
    found = contents(build, record.inputs | record.outputs)
    inside = {path.removeprefix(f"{home}/"): content for path, content in found.items()}
    beside = {name: build.folder / home / name for name in BESIDE}
    inside |= {name: path.read_bytes() for name, path in beside.items() if path.is_file()}
    return inside | {MANIFEST: (results(build) / "manifest.json").read_bytes()}


def _readme(review: Review, citation: Citation) -> str:
    return (
        f"# {review.title}: a living {review.genre}\n\n{asked(review)}\n\n{citation.licensed}\n\n"
        "`results/report.html` is the report. `make` installs what is locked and runs everything again. "
        "`ro-crate-metadata.json` says what each file is, and what the run has read and made.\n"
    )


# ---------------------------------------------------------------- what they are


def _crate(review: Review, citation: Citation, record: Record, packed: dict[str, bytes]) -> ROCrate:
    crate = ROCrate(version="1.1")
    crate.metadata.extra_contexts.append(TERMS)
    authors = [
        _context(crate, f"#author-{n}", _kind_of_author(name), name=name) for n, name in enumerate(review.authors, 1)
    ]
    described = {path: content for path, content in packed.items() if not path.startswith(tuple(FOLDERS))}
    workflow = crate.add_workflow(
        dest_path=WORKFLOW,
        main=True,
        lang="snakemake",
        lang_version=record.versions["snakemake"],
        properties=_facts(WORKFLOW, described.pop(WORKFLOW))
        | {"description": "Workflow of the reanalysis", "version": version("reanalysis")},
    )
    workflow["author"] = authors
    workflow["softwareRequirements"] = [
        _context(crate, f"#{name}", "SoftwareApplication", name=name, softwareVersion=number)
        for name, number in record.versions.items()
    ]
    for folder, what in FOLDERS.items():
        crate.add_dataset(dest_path=folder, properties={"name": what})
    entities = {path: _file(crate, path, content) for path, content in sorted(described.items())}
    run = _context(
        crate,
        "#run",
        "CreateAction",
        name="Run that made the results",
        description="Its record, with the SHA-256 of all that it read and made, and its choices, is the manifest.",
        actionStatus="http://schema.org/CompletedActionStatus",
    )
    run["instrument"], run["agent"], run["subjectOf"] = workflow, authors, entities[MANIFEST]
    run["object"] = [entities[path] for path in record.inputs if path in entities]
    run["result"] = [entities[path] for path in record.outputs]
    entities[MANIFEST]["about"], entities[README]["about"] = run, crate.root_dataset
    _describe(crate, review, citation, authors, run)
    return crate


def _describe(crate: ROCrate, review: Review, citation: Citation, authors: list[Entity], run: Entity) -> None:
    """The crate as a whole."""
    root, licence = crate.root_dataset, review.licence
    root["name"] = f"{review.title}: a living {review.genre}"
    root["description"] = f"{asked(review)} {citation.licensed}"
    root["datePublished"], root["version"] = review.date, version("reanalysis")
    root["author"], root["mentions"] = authors, run
    root["license"] = _context(
        crate,
        f"https://spdx.org/licenses/{licence}" if SPDX.fullmatch(licence) else "#licence",
        "CreativeWork",
        name=licence,
        description="Licence of the reanalysis and its data",
    )
    root["conformsTo"] = [
        _context(crate, address, "CreativeWork", name=name, version=number)
        for address, (name, number) in PROFILES.items()
    ]
    if reviewed := review.reviewed:
        address = f"https://doi.org/{reviewed.doi}" if reviewed.doi else "#reviewed"
        root["isBasedOn"] = _context(crate, address, "ScholarlyArticle", name=reviewed.citation)


def _file(crate: ROCrate, path: str, content: bytes) -> Entity:
    row = row_of(path) if path.endswith(".csv") else None
    described = {"description": meaning(row)} if row else {}
    return crate.add_file(dest_path=path, properties=_facts(path, content) | described)


def _facts(path: str, content: bytes) -> dict[str, Any]:
    kind = KINDS.get(PurePosixPath(path).suffix, "text/plain")
    digest = hashlib.sha256(content).hexdigest()
    return {"name": path, "encodingFormat": kind, "contentSize": str(len(content)), "sha256": digest}


def _context(crate: ROCrate, address: str, kind: str, **properties: str) -> Entity:
    return crate.add(ContextEntity(crate, address, properties={"@type": kind, **properties}))


def _kind_of_author(name: str) -> str:
    """RO-Crate asks whether an author is a person; the name of a group is taken to begin with `The`."""
    return "Organization" if name.startswith("The ") else "Person"
