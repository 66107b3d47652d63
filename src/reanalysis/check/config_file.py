"""Read the file of choices, with what the command line sets in its place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from reanalysis.check.problems import BadInput, Problem
from reanalysis.check.yaml_file import KeyPath, read_yaml
from reanalysis.schema.config import BadConfig, Config, ConfigProblem, dotted, parse_config


def read_config(path: Path, overrides: Mapping | None = None) -> Config:
    """The choices of a run; raises BadInput with all problems, each with the line of the file.

    `overrides` are those of the command line, by section; they win over the file.
    """
    file = read_yaml(path, path.as_posix())
    values, overrides = {} if file.data is None else file.data, overrides or {}
    problems = list(file.problems)
    if not isinstance(values, dict):
        problems.append(Problem(file.name, 1, "", "", "not a list of `section:` and `key: value`", "See docs/codebook.md."))
    if problems:
        raise BadInput(problems)
    try:
        return parse_config(_merged(values, overrides))
    except BadConfig as error:
        raise BadInput(_placed(problem, file.name, file.line(problem.path), overrides) for problem in error.problems) from None


def _merged(values: Mapping, overrides: Mapping) -> dict:
    merged = dict(values)
    for name, value in overrides.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(name), Mapping)
        merged[name] = _merged(merged[name], value) if both else value
    return merged


def _placed(problem: ConfigProblem, name: str, line: int, overrides: Mapping) -> Problem:
    place = ("--config", 0) if _set_by(overrides, problem.path) else (name, line)
    return Problem(*place, dotted(problem.path), problem.value, problem.message, problem.fix)


def _set_by(overrides: Mapping, path: KeyPath) -> bool:
    for key in path:
        if not isinstance(overrides, Mapping):
            return True
        if key not in overrides:
            return False
        overrides = overrides[key]
    return True
