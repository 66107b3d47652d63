"""Reference cases computed by metafor 5.1-12: how they are read, compared and accounted for.

A case is a folder in `cases/` with its data, the R script, and `expected.json` as that script wrote it. A *recipe*
recomputes the case with this project: it takes the inputs and the expected results and returns a nested dict shaped
like `expected["results"]`. Every leaf of the expected results must either be returned by the recipe and agree, or
match a pattern that the recipe declares out of scope, with the reason. Nothing can be skipped silently.
"""

from __future__ import annotations

import csv
import functools
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

CASES = Path(__file__).parent / "cases"
DEFAULT_REL = 1e-8
DEFAULT_ABS = 1e-10


@dataclass(frozen=True)
class Recipe:
    """How one case is recomputed.

    `tolerance` maps a regex on the leaf path to `(relative, absolute)`; the first match wins. `out_of_scope` maps a
    regex on the leaf path to the reason why this project does not define the quantity. `differs` maps a regex to the
    reason why this project answers differently on purpose: such leaves must *not* agree (else the note is stale).
    """

    case: str
    compute: Callable[[dict, dict], dict]
    tolerance: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    out_of_scope: Mapping[str, str] = field(default_factory=dict)
    differs: Mapping[str, str] = field(default_factory=dict)


RECIPES: dict[str, Recipe] = {}


def recipe(case: str, *, tolerance=None, out_of_scope=None, differs=None):
    """Register the decorated function `(inputs, expected_results) -> nested dict` as the recipe of `case`."""

    def register(compute):
        if case in RECIPES:
            raise ValueError(f"two recipes for {case}")
        RECIPES[case] = Recipe(case, compute, tolerance or {}, out_of_scope or {}, differs or {})
        return compute

    return register


def cases() -> list[str]:
    """Names of all committed cases, sorted."""
    return sorted(p.parent.name for p in CASES.glob("*/expected.json"))


def expected(case: str) -> dict:
    """The whole `expected.json` of a case; "Inf" strings become floats, R's NA is None."""
    return _infinities(json.loads((CASES / case / "expected.json").read_text()))


def inputs(case: str) -> dict[str, dict[str, np.ndarray]]:
    """All input tables of a case as `{stem: {column: array}}`; numeric columns are float (NA = nan), others str."""
    tables = {}
    for path in sorted((CASES / case).glob("input*.csv")):
        with path.open(newline="") as handle:
            rows = list(csv.DictReader(handle))
        tables[path.stem] = {name: _column([row[name] for row in rows]) for name in rows[0]}
    return tables


def leaves(value, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield `(path, leaf)` for nested dicts, lists and arrays, as `a.b[0]`."""
    if isinstance(value, Mapping):
        for key, child in value.items():
            yield from leaves(child, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple | np.ndarray) and np.ndim(value) > 0:
        for index, child in enumerate(value):
            yield from leaves(child, f"{path}[{index}]")
    else:
        yield path, value


@dataclass(frozen=True)
class Leaf:
    """One compared leaf: `status` is agrees, out_of_scope, differs, wrong or missing."""

    path: str
    status: str
    reason: str = ""
    want: object = None
    got: object = None


@functools.cache
def recomputed(case: str) -> Mapping[str, object]:
    """What the recipe of a case returns, as `{leaf path: value}`; computed once per process."""
    recipe_of_case = RECIPES[case]
    return dict(leaves(recipe_of_case.compute(inputs(case), expected(case)["results"])))


@functools.cache
def compare(case: str) -> tuple[Leaf, ...]:
    """Account for every leaf of the expected results of a case.

    Values are looked up by path, so a recipe may return more than the case holds; extra leaves are ignored.
    """
    want, got = expected(case)["results"], recomputed(case)
    return tuple(_account(RECIPES[case], path, value, got) for path, value in leaves(want))


def _account(rec: Recipe, path: str, want, got: Mapping) -> Leaf:
    if reason := match(rec.out_of_scope, path):
        return Leaf(path, "out_of_scope", reason)
    if path not in got:
        return Leaf(path, "missing", want=want)
    rel, absolute = match(rec.tolerance, path) or (DEFAULT_REL, DEFAULT_ABS)
    agrees = _same(want, got[path], rel, absolute)
    if reason := match(rec.differs, path):
        return Leaf(path, "wrong" if agrees else "differs", reason, want, got[path])
    return Leaf(path, "agrees" if agrees else "wrong", "", want, got[path])


def match(patterns: Mapping, path: str):
    """The value of the first regex key found in `path`, else None."""
    return next((value for pattern, value in patterns.items() if re.search(pattern, path)), None)


def _same(want, got, rel: float, absolute: float) -> bool:
    if want is None:
        return got is None or (isinstance(got, float | np.floating) and math.isnan(got))
    if isinstance(want, bool | str) or got is None or isinstance(got, str):
        return want == got
    return math.isclose(want, float(got), rel_tol=rel, abs_tol=absolute) or want == got


def _column(cells: list[str]) -> np.ndarray:
    try:
        return np.array([math.nan if cell == "NA" else float(cell) for cell in cells])
    except ValueError:
        return np.array(cells)


def _infinities(value):
    if isinstance(value, dict):
        return {key: _infinities(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_infinities(child) for child in value]
    return {"Inf": math.inf, "-Inf": -math.inf}.get(value, value) if isinstance(value, str) else value
