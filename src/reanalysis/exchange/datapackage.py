"""All tables as a Data Package (version 2.0, 2024) with a Table Schema for each, for Frictionless, R and databases."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Collection
from importlib.metadata import version
from typing import Any

from reanalysis import schemas
from reanalysis.exchange import Files
from reanalysis.exchange.runs import contents, manifest
from reanalysis.figures.tables import row_type
from reanalysis.report.citation import cite
from reanalysis.results.build import Build
from reanalysis.results.checked import CHECKED
from reanalysis.schema.raw import RAW_TABLES

RAW, RESULTS = f"{schemas.RAW}/", f"{schemas.RESULTS}/"


def files(build: Build) -> Files:
    """`datapackage.json`, and the tables as they are. Raises Stale where one was edited since the last run."""
    record = manifest(build)
    recorded = {
        path: value
        for path, value in (record.inputs | record.outputs).items()
        if path.startswith((RAW, RESULTS)) and path.endswith(".csv")
    }
    tables = contents(build, recorded)
    names = {schemas.name_of(path) for path in tables}
    resources = [_resource(path, content, names) for path, content in tables.items()]
    text = json.dumps({**_about(build), "resources": resources}, indent=1, ensure_ascii=False)
    return {"datapackage.json": f"{text}\n", **tables}


def _about(build: Build) -> dict[str, Any]:
    """What the package is."""
    review = build.evidence.review
    about = {
        "$schema": schemas.PACKAGE,
        "name": review.slug,
        "title": review.title,
        "description": cite(review, version("reanalysis")).licensed,
        "version": version("reanalysis"),
        "licenses": [{"name": review.licence}] if review.licence else [],
        "contributors": [{"title": author, "roles": ["creator"]} for author in review.authors],
    }
    if reviewed := review.reviewed:
        path = {"path": f"https://doi.org/{reviewed.doi}"} if reviewed.doi else {}
        about["sources"] = [{"title": reviewed.citation, **path}]
    return {name: value for name, value in about.items() if value}


def _resource(path: str, content: bytes, tables: Collection[str]) -> dict[str, Any]:
    """A table, described by the columns that it has, in their order, with its links to other tables that are there."""
    found = schemas.resource(path, row_of(path), _schema(path))
    schema = found["schema"]
    fields = {field["name"]: field for field in schema["fields"]}
    head = next(csv.reader(content.decode("utf-8-sig").splitlines()))
    schema["fields"] = [fields[name] for name in head]
    links = [
        link
        for link in schema.pop("foreignKeys", ())
        if {*link["fields"]} <= {*head} and link["reference"]["resource"] in tables
    ]
    schema |= {"foreignKeys": links} if links else {}
    return found | {"bytes": len(content), "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}


def row_of(path: str) -> type:
    """What a row of a table is, by its path from the folder of the review."""
    if path.startswith(RAW):
        return RAW_TABLES[_kind(path.removeprefix(RAW))]
    name = path.removeprefix(RESULTS)
    return CHECKED.get(name) or row_type(name)


def _schema(path: str) -> dict[str, Any]:
    """The Table Schema of a table with all the columns that it may have."""
    if path.startswith(RAW):
        return schemas.raw_schema(_kind(path.removeprefix(RAW)), row_of(path))
    name = path.removeprefix(RESULTS)
    if name in CHECKED:
        return schemas.raw_schema(name.removeprefix("1_checked/"), row_of(path))
    return schemas.result_schema(name, row_of(path))


def _kind(name: str) -> str:
    """The name of a raw table as the specification has it."""
    return "findings/<domain>.csv" if name.startswith("findings/") else name
