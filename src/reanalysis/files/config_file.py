"""Read the file of choices, with what the command line sets in its place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from reanalysis.files.yaml_file import KeyPath, YamlFile, read_yaml
from reanalysis.problems import BadInput, Problem
from reanalysis.schema.config import BadConfig, Config, ConfigProblem, dotted, parse_config


def read_config(path: Path, overrides: Mapping | None = None) -> Config:
    """The choices of a run; raises BadInput with all problems, each with the line of the file.

    `overrides` are those of the command line, by section; they win over the file.
    """
    file = read_yaml(path, path.as_posix())
    values, overrides = {} if file.data is None else file.data, overrides or {}
    problems = list(file.problems)
    if not isinstance(values, dict):
        message, fix = "no sections with keys and values", "docs/codebook.md describes the sections."
        problems.append(Problem(file.name, 1, "", "", message, fix))
    if problems:
        raise BadInput(problems)
    try:
        return parse_config(_merged(values, overrides))
    except BadConfig as error:
        raise BadInput(_placed(found, file, overrides) for found in error.problems) from None


def _merged(values: Mapping, overrides: Mapping) -> dict:
    merged = dict(values)
    for name, value in overrides.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(name), Mapping)
        merged[name] = _merged(merged[name], value) if both else value
    return merged


def _placed(problem: ConfigProblem, file: YamlFile, overrides: Mapping) -> Problem:
    place = ("--config", 0) if _set_by(overrides, problem.path) else (file.name, file.line(problem.path))
    return Problem(*place, dotted(problem.path), problem.value, problem.message, problem.fix)


def _set_by(overrides: Mapping, path: KeyPath) -> bool:
    for key in path:
        if not isinstance(overrides, Mapping):
            return True
        if key not in overrides:
            return False
        overrides = overrides[key]
    return True
