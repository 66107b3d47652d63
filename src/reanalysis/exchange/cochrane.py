"""The exact effects as a Cochrane review data package, which `read.cdir` of the R package meta reads.

Files and columns: "Data package specification", version 1 (Cochrane RevMan knowledge base; packages until September
2024), which is the version that meta 8.4-0 reads.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from reanalysis.exchange.csv_text import csv_text
from reanalysis.exchange.escalc import statistics
from reanalysis.exchange.studies import study_names
from reanalysis.numeric import t_critical
from reanalysis.results.table import cell_of
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.vocabulary import METRICS, REPORTING
from reanalysis.text import capital, listed

if TYPE_CHECKING:
    from reanalysis.exchange import Files
    from reanalysis.results.build import Build
    from reanalysis.results.rows import Model, PooledUnit
    from reanalysis.schema.raw import Contrast

NAME = "reanalysis"
"""In the place of the number of a Cochrane review, which only Cochrane gives."""
MARK = "\ufeff"
"""By which RevMan's files begin, so that spreadsheets read them as UTF-8."""
ANALYSIS = ("Analysis group", "Analysis number", "Analysis name")
EXPERIMENTAL = ("Experimental mean", "Experimental SD", "Experimental cases", "Experimental N")
CONTROL = ("Control mean", "Control SD", "Control cases", "Control N")
ESTIMATE = ("Mean", "CI start", "CI end")
TOTALS = ("Experimental cases", "Experimental N", "Control cases", "Control N")
HETEROGENEITY = tuple(f"Heterogeneity {name}" for name in ("Tau²", "Chi²", "df", "P", "I²"))
EFFECT = ("Effect Z", "Effect P")
DATA_ROWS = (
    *ANALYSIS,
    *("Subgroup", "Applicability", "Study", "Study year", "GIV Mean", "GIV SE"),
    *EXPERIMENTAL,
    *CONTROL,
    *("O-E", "Variance", "Weight"),
    *ESTIMATE,
    "Footnotes",
)
SETTINGS = (
    *ANALYSIS,
    *("Analysis group name", "Data source", "Data source eligibility", "Data type", "Log-scale data"),
    *("Outcome", "Intervention grouping", "Experimental intervention", "Control intervention"),
    *("Subgroup by", "Filter criteria", "Experimental group label", "Control group label"),
    *("Statistical method", "Effect measure", "Unit of effect measure", "Analysis model"),
    *("Subgroup estimates", "Overall estimates", "Test for subgroup differences", "Swap event and non-event"),
    *("Study CI", "Estimate CI"),
    *TOTALS,
    *ESTIMATE,
    *HETEROGENEITY,
    *EFFECT,
    *("Subgroup Chi²", "Subgroup df", "Subgroup P", "Subgroup I²", "ID"),
)
SUBGROUPS = (*ANALYSIS[:2], "Subgroup", "Subgroup number", *TOTALS, "Weight", *ESTIMATE, *HETEROGENEITY, *EFFECT, "ID")
MEASURES = {"SMD": "Standardized Mean Difference"}
"""RevMan's name of a metric; the others have none there, and keep ours."""


def files(build: Build) -> Files:
    """The three tables of the analyses, to look at, and the package that holds them, for `read.cdir`.

    An analysis is a cell with an exact effect, an analysis group a contrast. Nothing without an exact effect.
    """
    analyses = list(_analyses(build))
    if not analyses:
        return {}
    names, printed = study_names(build.evidence), _printed(build)
    tables = {
        "data-rows": (DATA_ROWS, [row for analysis in analyses for row in _data_rows(analysis, names, printed)]),
        "overall-estimates-and-settings": (SETTINGS, map(_settings, analyses)),
        "subgroup-estimates": (SUBGROUPS, []),
    }
    made = {
        f"{NAME}-analysis-data/{NAME}-{name}.csv": MARK + csv_text(columns, rows)
        for name, (columns, rows) in tables.items()
    }
    return made | {f"{NAME}.zip": _package(made)}


def _package(made: dict[str, str]) -> bytes:
    """The archive in which `read.cdir` looks for the tables: an archive of them in a folder of an archive."""
    inner = _archive({name: text.encode() for name, text in made.items()})
    return _archive({f"{NAME}/{NAME}-files/{NAME}-data.zip": inner})


def _archive(contents: dict[str, bytes]) -> bytes:
    """A ZIP archive without time stamps: the same contents give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


class _Analysis(NamedTuple):
    """A cell with an exact effect: how the package numbers and names it, its samples, and the model of its headline."""

    group: int
    number: int
    name: str
    contrast: Contrast
    units: list[PooledUnit]
    model: Model

    @property
    def key(self) -> dict[str, Any]:
        return dict(zip(ANALYSIS, (self.group, self.number, self.name), strict=True))


def _analyses(build: Build) -> Iterator[_Analysis]:
    """The cells with an exact effect, by contrast."""
    evidence, tables = build.evidence, build.tables
    units = {cell: list(own) for cell, own in groupby(tables["3_models/units.csv"], key=cell_of)}
    models = [model for model in tables["3_models/models.csv"] if MODELS[model.model].headline]
    for group, contrast in enumerate(evidence.names.of(model.contrast for model in models), start=1):
        own = [model for model in models if model.contrast == contrast]
        for number, model in enumerate(own, start=1):
            outcome, domain = evidence.names.outcome(model.outcome_group), evidence.domains[model.domain]
            name = f"{capital(outcome)} ({domain.title})"
            yield _Analysis(group, number, name, evidence.contrasts[contrast], units[model.cell], model)


def _data_rows(analysis: _Analysis, names: dict[str, str], printed: dict[str, dict]) -> Iterator[dict[str, Any]]:
    """A row for each sample; one without an effect size has no estimate, and its footnote says what is known of it."""
    for unit in analysis.units:
        row = {
            **analysis.key,
            "Applicability": "SUBGROUP_AND_OVERALL",
            "Study": names[unit.sample_id],
            "Study year": unit.year,
            "Experimental N": unit.n1i,
            "Control N": unit.n2i,
            "Weight": 0,
            "Footnotes": _footnote(unit),
        }
        yield row | (_estimated(unit, analysis.model.level) | _own(unit, printed) if unit.rung == "exact" else {})


def _estimated(unit: PooledUnit, level: float) -> dict[str, Any]:
    """The effect of a sample, with its interval."""
    half = float(t_critical(level)) * unit.sei
    interval = dict(zip(ESTIMATE, (unit.yi, unit.yi - half, unit.yi + half), strict=True))
    return {"GIV Mean": unit.yi, "GIV SE": unit.sei, "Weight": unit.weight, **interval}


def _own(unit: PooledUnit, printed: dict[str, dict]) -> dict[str, Any]:
    """What a source prints of both groups, where a sample is one finding."""
    return printed[unit.findings[0]] if len(unit.findings) == 1 else {}


def _printed(build: Build) -> dict[str, dict[str, Any]]:
    """By finding of the main analysis, the means, SDs and events of its two groups."""
    codings, made = build.evidence.codings, {}
    for effect in build.tables["2_effects/ladder.csv"]:
        if effect.use == "main":
            raw = statistics(codings[effect.finding_id, effect.coding])
            first = zip(EXPERIMENTAL, (raw["m1i"], raw["sd1i"], raw["ai"]), strict=False)
            second = zip(CONTROL, (raw["m2i"], raw["sd2i"], raw["ci"]), strict=False)
            made[effect.finding_id] = dict((*first, *second))
    return made


def _footnote(unit: PooledUnit) -> str | None:
    if unit.rung == "exact":
        return capital(unit.how) if unit.how else None
    ends = [f"at least {unit.yi_lb:.3g}"] if math.isfinite(unit.yi_lb) else []
    ends += [f"at most {unit.yi_ub:.3g}"] if math.isfinite(unit.yi_ub) else []
    return f"{capital(REPORTING[unit.rung])}: the observed effect is {listed(ends)}"


def _settings(analysis: _Analysis) -> dict[str, Any]:
    """How a cell was analysed, and the numbers of its headline."""
    contrast, model = analysis.contrast, analysis.model
    exact, percent = [unit for unit in analysis.units if unit.rung == "exact"], f"{100 * model.level:g}%"
    df = model.k - 1 if model.k > 1 else None
    return {
        **analysis.key,
        "Analysis group name": contrast.label,
        "Data source": "Custom input",
        "Data source eligibility": "#N/A",
        "Data type": "Contrast level",
        "Log-scale data": False,
        "Experimental group label": contrast.side_1,
        "Control group label": contrast.side_2,
        "Statistical method": "IV",
        "Effect measure": MEASURES.get(model.metric, model.metric),
        "Unit of effect measure": METRICS[model.metric],
        "Analysis model": "Fixed effect" if model.tau2 is None else "Random effect",
        "Subgroup estimates": False,
        "Overall estimates": True,
        "Test for subgroup differences": False,
        "Swap event and non-event": False,
        "Study CI": percent,
        "Estimate CI": percent,
        "Experimental N": _total(exact, "n1i"),
        "Control N": _total(exact, "n2i"),
        **dict(zip(ESTIMATE, (model.est, model.ci_lb, model.ci_ub), strict=True)),
        **dict(zip(HETEROGENEITY, (model.tau2, model.QE, df, model.QEp, model.I2), strict=True)),
        **dict(zip(EFFECT, (model.zval, model.pval), strict=True)),
        "ID": f"analysis:{analysis.group}.{analysis.number}",
    }


def _total(units: list[PooledUnit], name: str) -> int | None:
    """Participants of all samples in a group; None where those of one are not known."""
    known = [getattr(unit, name) for unit in units]
    return None if None in known else sum(known)
