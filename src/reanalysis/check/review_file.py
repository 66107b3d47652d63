"""Read `review.yaml`, and say of a YAML file where it has not the form that is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from reanalysis.files.raw_files import REVIEW
from reanalysis.files.yaml_file import KeyPath, YamlFile, read_yaml
from reanalysis.problems import Problem, choices
from reanalysis.schema.cells import bare
from reanalysis.schema.faults import explained, shown
from reanalysis.schema.review import Review

FORM = "docs/codebook.md describes the keys."
TOLD = ("fault", "literal_error", "string_pattern_mismatch")  # errors whose explanation says all that there is to do


def read_review(path: Path) -> tuple[Review | None, dict[KeyPath, int], list[Problem]]:
    """What the review says of itself, the line of every key, and what is wrong; None where it cannot be used."""
    file = read_yaml(path, REVIEW)
    problems = list(file.problems)
    if problems:
        return None, file.lines, problems
    if not isinstance(file.data, dict):
        message = "no keys with values"
        return None, file.lines, [Problem(REVIEW, 1, "", "", message, f"Write at least `title: ...`. {FORM}")]
    try:
        return Review.model_validate(file.data), file.lines, []
    except ValidationError as error:
        return None, file.lines, [malformed(file, Review, detail, FORM) for detail in error.errors()]


def malformed(
    file: YamlFile, model: type[BaseModel], detail: dict[str, Any], form: str, within: KeyPath = ()
) -> Problem:
    """The problem of a part of a file, at the key path `within`, that is not what its model asks for."""
    path = detail["loc"]
    match detail["type"]:
        case "missing":
            message, value, fix = "the key is missing", "", form
        case "extra_forbidden":
            message, value = "unknown key", str(path[-1])
            fix = choices(value, _keys(model, path[:-1]))
        case _:
            value, (message, fix) = shown(detail["input"]), explained(detail)
            fix = fix if detail["type"] in TOLD else f"{fix} {form}"
    path = tuple(key for key in path if key != "[key]")  # where a key itself is wrong
    line = file.line((*within, *path))
    return Problem(file.name, line, ".".join(map(str, path)), value, message, fix)


def _keys(model: type[BaseModel], path: KeyPath) -> list[str]:
    """The keys that the part at a path may have."""
    kind: Any = model
    for key in path:
        own = _model(kind)
        kind = own.model_fields[key].annotation if own else get_args(kind)[0 if isinstance(key, int) else -1]
    return list(_model(kind).model_fields)


def _model(kind: Any) -> type[BaseModel] | None:
    """The model that a type stands for, whether or not it may be missing; None for a list or a mapping."""
    below, _ = bare(kind)
    return below if isinstance(below, type) and issubclass(below, BaseModel) else None
