"""What other programs check a review's files with (`docs/schemas/`), from what validates and computes.

JSON Schemas of the two YAML files, for editors that complete and check while one types; and a Table Schema of every
table, with its keys and the tables that its columns refer to. `make docs` writes them, with the codebook.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from reanalysis.figures.tables import FIGURE_TABLES
from reanalysis.results import table as results
from reanalysis.results.rows import KEYS, TABLES
from reanalysis.schema import cells, raw
from reanalysis.schema.config import Config
from reanalysis.schema.review import Review

FOLDER = Path("docs/schemas")
DIALECT = "https://json-schema.org/draft/2020-12/schema"
PACKAGE = "https://datapackage.org/profiles/2.0/datapackage.json"
RAW, RESULTS = "data/raw", "results"
CONSTRAINTS = {
    "pattern": "pattern",
    "ge": "minimum",
    "le": "maximum",
    "gt": "exclusiveMinimum",
    "lt": "exclusiveMaximum",
}
TYPES = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    Decimal: {"type": "number"},
    bool: {"type": "boolean", "trueValues": ["true"], "falseValues": ["false"]},
    tuple: {"type": "list", "itemType": "string"},
}


def render() -> dict[Path, str]:
    """The text of each file."""
    found = {"config": json_schema(Config), "review": json_schema(Review), "tables": tables()}
    texts = {name: json.dumps(content, indent=1, ensure_ascii=False) for name, content in found.items()}
    return {FOLDER / f"{name}.json": f"{text}\n" for name, text in texts.items()}


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a YAML file."""
    return {"$schema": DIALECT, **_standard(model.model_json_schema())}


def _standard(part: Any) -> Any:
    """The same with the standard's names of limits, which pydantic leaves as they are where it converts before."""
    if isinstance(part, list):
        return [_standard(one) for one in part]
    if isinstance(part, dict):
        return {CONSTRAINTS.get(key, key): _standard(value) for key, value in part.items()}
    return part


def tables() -> dict[str, Any]:
    """All tables of a review as a Data Package (Frictionless, version 2), seen from the folder of the review.

    Names in angle brackets within a path stand for any: each such file is a table of its own.
    """
    result_tables = TABLES | FIGURE_TABLES
    resources = [
        *(resource(f"{RAW}/{file}", model, raw_schema(file, model)) for file, model in raw.RAW_TABLES.items()),
        *(resource(f"{RESULTS}/{file}", row, result_schema(file, row)) for file, row in result_tables.items()),
    ]
    return {"$schema": PACKAGE, "resources": resources}


def resource(path: str, row: type, schema: dict[str, Any]) -> dict[str, Any]:
    """A table of a Data Package: its file, what a row is, and its Table Schema."""
    return {
        "name": name_of(path),
        "path": path,
        "description": " ".join((inspect.getdoc(row) or "").split()),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def name_of(path: str) -> str:
    """The name of a table within the package: its path with hyphens."""
    return path.removesuffix(".csv").replace("/", "-").replace("<", "").replace(">", "").replace("_", "-")


def raw_schema(file: str, model: type[cells.Row]) -> dict[str, Any]:
    """Table Schema of a raw table, by its name in `data/raw/`, or of the same table after corrections."""
    kinds = get_type_hints(model, include_extras=True)
    columns = [
        _field(name, *cells.bare(kinds[name]), cells.SEPARATOR, field.description, field.is_required())
        for name, field in model.model_fields.items()
    ]
    return _schema(columns, raw.KEYS.get(file, raw.FINDING_KEY), raw.links(model))


def result_schema(file: str, row: type[results.Row]) -> dict[str, Any]:
    """Table Schema of a table of results, by its file in `results/`."""
    kinds, separator = results.column_types(row), results.SEPARATOR.strip()
    columns = [_field(f.name, kinds[f.name], {}, separator, f.metadata["description"], False) for f in fields(row)]
    links = {column: f"{table}.csv" for column, table in results.links(row).items()}
    return _schema(columns, KEYS.get(file, ()), links)


def _schema(columns: list[dict[str, Any]], key: tuple[str, ...], links: Mapping[str, str]) -> dict[str, Any]:
    """A Table Schema, in which a column that holds several keys cannot be a foreign key."""
    one = {column["name"] for column in columns if column["type"] != "list"}
    foreign = [
        {"fields": [column], "reference": {"resource": name_of(f"{RAW}/{file}"), "fields": [raw.KEYS[file][0]]}}
        for column, file in links.items()
        if column in one and file in raw.KEYS
    ]
    named = {"primaryKey": list(key)} if key else {}
    return {"fields": columns, "missingValues": [""], **named, **({"foreignKeys": foreign} if foreign else {})}


def _field(name: str, kind: Any, limits: Mapping[str, Any], separator: str, text: str, needed: bool) -> dict[str, Any]:
    """A column of a Table Schema."""
    words = get_args(kind) if get_origin(kind) is Literal else ()
    field = {"name": name, **TYPES[str if words else get_origin(kind) or kind], "description": text}
    if field["type"] == "list":
        field["delimiter"] = separator
    constraints = {CONSTRAINTS[key]: limit for key, limit in limits.items()}
    if words:
        constraints["enum"] = list(words)
    if needed:
        constraints["required"] = True
    return field | ({"constraints": constraints} if constraints else {})


def main() -> None:
    """Write them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in render().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
