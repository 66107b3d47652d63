"""What has changed between two builds of a review: what was put in, and what came of it.

Rows are matched by their keys, so that their order is no change. PRISMA-LSR (Akl EA et al., BMJ 2024;387:e079183) asks
a living review to report the changes to its methods and to its results since the preceding version.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from reanalysis.results.build import Build
from reanalysis.results.checked import CHECKED, FINDINGS
from reanalysis.results.rows import KEYS, Change
from reanalysis.results.table import KINDS, SEPARATOR
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.raw import FINDING_KEY
from reanalysis.schema.raw import KEYS as RAW_KEYS

SAME = 1e-9
"""Relative difference below which two numbers are the same: what another computer may round otherwise."""
EFFECT = ("rung", "use", "es_method", "yi", "vi", "yi_lb", "yi_ub", "ci_lb", "ci_ub")
POOL = ("k", "est", "ci_lb", "ci_ub", "tau2")
ANSWER = ("statement", "certainty", "samples", "participants", "est", "ci_lb", "ci_ub")
VERDICT = ("shown", "probability", "robustness", "flags")


class _Level(NamedTuple):
    """A table that is compared: what a row is, its key, the columns that count, and how a row is called."""

    level: str
    table: str
    key: Sequence[str]
    columns: Sequence[str] | None
    """None for data, of which every column counts."""
    label: Callable[[Any, Evidence], str | None]


def _outcome(row: Any, evidence: Evidence) -> str:
    return evidence.names.question(row)


RESULTS = (
    _Level("effect", "2_effects/ladder.csv", KEYS["2_effects/ladder.csv"], EFFECT, lambda row, _: _of(row.label, row)),
    _Level(
        "pool",
        "3_models/models.csv",
        KEYS["3_models/models.csv"],
        POOL,
        lambda row, evidence: f"{_outcome(row, evidence)}: {MODELS[row.model].label}",
    ),
    _Level("answer", "4_synthesis/answers.csv", KEYS["4_synthesis/answers.csv"], ANSWER, _outcome),
    _Level("verdict", "4_synthesis/claims.csv", KEYS["4_synthesis/claims.csv"], VERDICT, lambda row, _: row.claim),
)


def compare(before: Build, after: Build) -> list[Change]:
    """Everything that differs between two builds: choices and software first, then data, and what came of them."""
    return [
        *_choices(before, after),
        *_software(before.software, after.software),
        *chain.from_iterable(_rows(_data(table), before, after) for table in sorted(CHECKED, key=FINDINGS.__eq__)),
        *chain.from_iterable(_rows(level, before, after) for level in RESULTS),
    ]


# ---------------------------------------------------------------- methods


def _choices(before: Build, after: Build) -> Iterator[Change]:
    old, new = _flat(before), _flat(after)
    for name in dict.fromkeys([*new, *old]):
        if old.get(name) != new.get(name):
            yield _change("choice", None, name, name, None, "value", old.get(name), new.get(name))


def _flat(build: Build) -> dict[str, Any]:
    """Every choice by its name, such as `models.rho`; the looks of figures are none, nor is a fork with one path."""
    return {
        path: value
        for section, values in build.config.plain.items()
        if section != "figures"
        for name, one in values.items()
        for path, value in (_forks(f"{section}.{name}", one) if isinstance(one, dict) else [(f"{section}.{name}", one)])
    }


def _forks(kind: str, options: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The forks of a kind that have other options, by name."""
    return ((f"{kind}.{name}", value) for name, value in options.items() if value)


def _software(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for name in after:
        if name in before and before[name] != after[name]:
            label = "code of the analysis" if name == "code" else name
            yield _change("software", None, name, label, None, "version", before[name], after[name])


# ---------------------------------------------------------------- tables


def _data(table: str) -> _Level:
    if table == FINDINGS:
        return _Level("data", table, FINDING_KEY, None, lambda row, evidence: _of(_label_of(row, evidence), row))
    return _Level("data", table, RAW_KEYS[table.removeprefix("1_checked/")], None, _called)


def _called(row: Any, evidence: Evidence) -> str | None:
    return getattr(row, "label", None) or getattr(row, "claim", None)


def _label_of(row: Any, evidence: Evidence) -> str:
    report = evidence.reports.get(row.report_id)
    return report.label if report and report.label else row.report_id


def _of(name: str | None, row: Any) -> str:
    return f"{name or row.report_id}: {row.outcome}" if row.outcome else name or row.report_id


def _rows(level: _Level, before: Build, after: Build) -> Iterator[Change]:
    """What differs in one table; new rows and changed ones in the order of the new table, then those that are gone."""
    old, new = _by_key(level, before), _by_key(level, after)
    for key, row in new.items():
        yield from _row(level, key, old.get(key), row, after.evidence)
    for key, row in old.items():
        if key not in new:
            yield from _row(level, key, row, None, before.evidence)


def _by_key(level: _Level, build: Build) -> dict[tuple, Any]:
    rows = build.checked[level.table] if level.level == "data" else build.tables[level.table]
    return {tuple(getattr(row, name) for name in level.key): row for row in rows}


def _row(level: _Level, key: tuple, old: Any, new: Any, evidence: Evidence) -> Iterator[Change]:
    row = old if new is None else new
    item = " ".join(map(str, key))
    about = level.level, level.table, item, level.label(row, evidence), getattr(row, "domain", None)
    if level.columns is None and (old is None or new is None):
        yield _change(*about, None, None, None, "removed" if new is None else "added")
        return
    change = "added" if old is None else "removed" if new is None else "changed"
    for name in level.columns or [name for name in type(row).model_fields if name not in level.key]:
        was, now = getattr(old, name, None), getattr(new, name, None)
        if not _same(was, now):
            yield _change(*about, "verdict" if name == "shown" else name, was, now, change)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=SAME, abs_tol=1e-12)
    return (one or None) == (other or None) if isinstance(one, tuple) or isinstance(other, tuple) else one == other


def _change(
    level: str,
    table: str | None,
    item: str,
    label: str | None,
    domain: str | None,
    column: str | None,
    before: Any,
    after: Any,
    change: str = "changed",
) -> Change:
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (before, after))
    return Change(
        part=_part(level, table, change),
        level=level,
        change=change,
        table=table,
        item=item,
        label=label,
        domain=domain,
        column=column,
        before=_text(before),
        after=_text(after),
        difference=after - before if numbers else None,
    )


STUDIES = ("1_checked/reports.csv", "1_checked/samples.csv", FINDINGS)
APPRAISED = ("1_checked/appraisals.csv", "1_checked/retractions.csv", "1_checked/fidelity.csv")


def _part(level: str, table: str | None, change: str) -> str:
    """The part of PRISMA-LSR that a change belongs to."""
    if level in ("choice", "software"):
        return "methods"
    if level in ("answer", "verdict"):
        return "conclusions"
    if level != "data":
        return "results"
    if table in APPRAISED:
        return "appraisal"
    if table not in STUDIES:
        return "methods"
    return "data of included studies" if change == "changed" else "included studies"


def _text(value: Any) -> str | None:
    """A value as a cell of a table; a list, such as a choice has, as one text."""
    if value is None or value == () or value == []:
        return None
    if isinstance(value, tuple | list):
        return SEPARATOR.join(map(str, value))
    return KINDS[type(value)].text(value) if type(value) in KINDS else str(value)


def counted(changes: Iterable[Change]) -> dict[str, int]:
    """How many items changed, by level, in the order of the levels."""
    items: dict[str, set] = {}
    for row in changes:
        items.setdefault(row.level, set()).add((row.table, row.item))
    return {level: len(found) for level, found in items.items()}
