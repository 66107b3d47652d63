"""R scripts that fit the models again with metafor, and compare every number with the stored one.

A script for each cell with an exact effect fits all its classical models; one recomputes the effects from the printed
statistics; `all.R` runs them all. A number that differs ends them with an error.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reanalysis.exchange.csv_text import csv_text
from reanalysis.exchange.escalc import effects_text
from reanalysis.exchange.studies import study_names
from reanalysis.models.robustness import size
from reanalysis.results.rows import Asymmetry, Model, Refit
from reanalysis.results.table import CellKey, Row, columns
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.vocabulary import METRICS
from reanalysis.text import capital, count

if TYPE_CHECKING:
    from reanalysis.exchange import Files
    from reanalysis.results.build import Build

UNITS = ("study", *CellKey._fields, "sample_id", "year", "findings", "how", "yi", "vi", "n1i", "n2i", "ni", "size")
FIXED = Path(__file__).with_name("r")
"""The scripts that are the same for every review."""


def files(build: Build) -> Files:
    """The scripts and the tables that they read; nothing without an exact effect."""
    fitted = [model for model in build.tables["3_models/models.csv"] if MODELS[model.model].classical]
    if not fitted:
        return {}
    names, cells = study_names(build.evidence), dict.fromkeys(model.cell for model in fitted)
    units = [unit for unit in build.tables["3_models/units.csv"] if unit.rung == "exact"]
    left_out = [row for row in build.tables["3_models/leave_one_out.csv"] if MODELS[row.model].classical]
    scripts = {_file(cell): _script(build, [model for model in fitted if model.cell == cell]) for cell in cells}
    return {
        "all.R": _all(["effects.R", *scripts]),
        "compare.R": (FIXED / "compare.R").read_text(encoding="utf-8"),
        "effects.R": (FIXED / "effects.R").read_text(encoding="utf-8"),
        **scripts,
        "effects.csv": effects_text(build),
        "units.csv": csv_text(UNITS, _named(units, names, size=size)),
        "models.csv": csv_text(columns(Model), map(Row.by_column, fitted)),
        "leave_one_out.csv": csv_text(("study", *columns(Refit)), _named(left_out, names)),
        "asymmetry.csv": csv_text(columns(Asymmetry), map(Row.by_column, build.tables["3_models/asymmetry.csv"])),
    }


def _named(rows: Iterable[Row], names: dict[str, str], **computed) -> Iterable[dict[str, Any]]:
    for row in rows:
        more = {name: function(row) for name, function in computed.items()}
        yield {"study": names[row.sample_id], **row.by_column(), **more}


def _file(cell: CellKey) -> str:
    return f"{'--'.join(cell)}.R"


def _script(build: Build, models: list[Model]) -> str:
    """The models of one cell."""
    first = models[0]
    cell, names = first.cell, build.evidence.names
    parts = ", ".join(f"{name} = {json.dumps(value)}" for name, value in cell._asdict().items())
    lines = [
        f"# {capital(names.question(first))}: {count(first.k, 'sample')}, {METRICS[cell.metric]}.",
        f"# Run it in this folder: Rscript {_file(cell)}",
        'source("compare.R")',
        "",
        f"cell <- c({parts})",
        'units <- in_cell("units.csv", cell)',
    ]
    for model in models:
        fit = f"fit <- {_call(model)}"
        lines += ["", f"# {capital(MODELS[model.model].label)}", fit, "print(fit)"]
        lines += [f"{compare}(cell, {json.dumps(model.model)}, fit)" for compare in ("compare_model", LEFT_OUT)]
        if model.headline:
            lines.append("compare_asymmetry(cell, fit)")
    return "\n".join([*lines, "", "finish()", ""])


LEFT_OUT = "compare_leave_one_out"


def _call(model: Model) -> str:
    method = "EE" if model.method == "CE" else model.method
    chosen = f'method = "{method}", test = "{model.test}", level = {100 * model.level:g}'
    return f"rma(yi, vi, ni = size, data = units, slab = study, {chosen}, control = precise)"


def _all(scripts: Iterable[str]) -> str:
    """The script that runs the others, and counts what agrees."""
    listed = ",\n".join(f"  {json.dumps(name)}" for name in scripts)
    return (FIXED / "all.R").read_text(encoding="utf-8").replace("SCRIPTS", f"c(\n{listed}\n)")
