"""Results as Cochrane reviews hand them out: the analysis data of RevMan 5, and the data rows of RevMan Web.

- RevMan 5, File, Export, Data and analyses: a CSV whose columns R's `meta::read.rm5` names (meta 8.4-0). A row stands
  for a comparison (outcome number 0), an outcome or subgroup (with a data type), or a study.
- RevMan Web, data package: `*-data-rows.csv`, read by `meta::read.cdir` (meta 8.4-0). The names of comparisons, groups
  and scales are in `*-overall-estimates-and-settings.csv`: it is read, too, where it stands beside the data rows.

Both write 0 where there is no number. Effects of the generic inverse variance method, and O-E with its variance, are on
scales that no statistic of the raw tables takes, unless the scale is the standardized mean difference: the sign is
taken, and the numbers are noted. Which is the better end of an outcome, neither says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from reanalysis.exchange.source import Found, Source, direction, number, picked, read_source, sized
from reanalysis.problems import BadInput

OF_REVMAN_5 = {  # column of RevMan Web: column of RevMan 5
    "Analysis group": "Comparison Number",
    "Analysis number": "Outcome Number",
    "Study": "Name",
    "Study year": "Year of study",
    "Experimental mean": "Mean 1",
    "Experimental SD": "SD 1",
    "Experimental cases": "Events 1",
    "Experimental N": "Total 1",
    "Control mean": "Mean 2",
    "Control SD": "SD 2",
    "Control cases": "Events 2",
    "Control N": "Total 2",
    "O-E": "O-E",
    "Variance": "Var",
}
OF_HEADINGS = {  # column of the settings of RevMan Web: column of RevMan 5
    "Analysis group name": "",
    "Analysis name": "Name",
    "Experimental group label": "Group Label 1",
    "Control group label": "Group Label 2",
    "Effect measure": "Effect Measure",
    "Data type": "Data Type",
}
INVERSE_VARIANCE = {"Effect Estimate": "GIV Mean", "SE": "GIV SE"}
SUBGROUP = {"Subgroup", "Subgroup Number", "Applicability"}
TEXTS = {"Footnotes", "Analysis name", "User defined order"}
COMPUTED = {  # what the programs compute of these
    *("Weight", "Mean", "CI start", "CI end", "Effect Estimate", "SE", "CI Start", "CI End", "Statistical Method"),
    *("Analysis Model", "Q", "P(Q)", "I²(Q)", "Tau²", "Z", "P(Z)", "Qint", "P(Qint)", "I²(Qint)", "df"),
    *("Left Graph Label", "Right Graph Label", "Totals", "Study Confidence Interval", "Total Confidence Interval"),
    *("Test for subgroup differences", "Swap event and non-event"),
}
READ = {*OF_REVMAN_5, *OF_REVMAN_5.values(), *OF_HEADINGS.values(), *INVERSE_VARIANCE.values(), *SUBGROUP, *TEXTS}
READ |= COMPUTED
SETTINGS = "overall-estimates-and-settings"
MEANS = {"n1i": "Experimental N", "m1i": "Experimental mean", "sd1i": "Experimental SD"}
MEANS |= {"n2i": "Control N", "m2i": "Control mean", "sd2i": "Control SD"}
COUNTS = {"ai": "Experimental cases", "n1i": "Experimental N", "ci": "Control cases", "n2i": "Control N"}
EFFECTS = (("GIV Mean", "GIV SE"), ("O-E", "Variance"))
SMD = re.compile(r"SMD|std\.? mean difference|standardi[sz]ed mean difference", re.IGNORECASE)


def found(source: Source) -> list[Found]:
    """The results, one for each line of a study; raises BadInput where the file is neither of the two."""
    columns = {*source.columns}
    if "Comparison Number" in columns:
        return list(_of_revman_5(source))
    if {"Analysis group", "Analysis number", "Study"} <= columns:
        return list(_of_revman_web(source))
    fix = "Name the analysis data that RevMan 5 exports, or the data-rows.csv of a data package of RevMan Web."
    raise BadInput([source.problem(1, "", "neither `Comparison Number` nor `Analysis group` in the header", fix)])


# ---------------------------------------------------------------- the two forms


def _of_revman_web(source: Source) -> Iterator[Found]:
    settings = {_analysis(cells): cells for cells in _settings(source.path)}
    for record in source.records:
        yield _result(record.line, record.cells, settings.get(_analysis(record.cells), {}))


def _settings(path: Path) -> Iterable[dict[str, str]]:
    beside = path.with_name(path.name.replace("data-rows", SETTINGS))
    return [record.cells for record in read_source(beside).records] if beside != path and beside.exists() else []


def _of_revman_5(source: Source) -> Iterator[Found]:
    comparison, heading, subgroup, last = "", {}, "", None
    for record in source.records:
        cells = {web: record.cells[old] for web, old in OF_REVMAN_5.items() if old in record.cells}
        analysis = _analysis(cells)
        place = (*analysis, record.cells.get("Subgroup Number", "0"))
        if last is None or place[0] != last[0]:
            comparison = record.cells.get("Name", "")
        elif place[1] != last[1]:
            names = {web: record.cells[old] for web, old in OF_HEADINGS.items() if old in record.cells}
            heading, subgroup = {"Analysis group name": comparison} | names, ""
        elif place != last and "Data Type" in record.cells:
            subgroup = record.cells.get("Name", "")
        else:
            cells |= {web: record.cells[old] for old, web in INVERSE_VARIANCE.items() if old in record.cells}
            of = {"Subgroup": subgroup} if subgroup else {}
            yield _result(record.line, _without_commas(cells) | of, heading)
        last = place


def _without_commas(cells: dict[str, str]) -> dict[str, str]:
    """The cells without the commas that set thousands apart."""
    return {
        name: cell.replace(",", "") if number(cell.replace(",", "")) is not None else cell
        for name, cell in cells.items()
    }


def _analysis(cells: dict[str, str]) -> tuple[str, str]:
    """The numbers of the comparison and of the outcome."""
    return cells.get("Analysis group", ""), cells.get("Analysis number", "")


# ---------------------------------------------------------------- a result


def _result(line: int, cells: dict[str, str], heading: dict[str, str]) -> Found:
    comparison, outcome = _analysis(cells)
    name = heading.get("Analysis name") or cells.get("Analysis name") or f"outcome {outcome}"
    contrast = heading.get("Analysis group name") or f"comparison {comparison}"
    groups = {
        "group_1": heading.get("Experimental group label", "experimental group"),
        "group_2": heading.get("Control group label", "control group"),
    }
    notes = [cells["Footnotes"]] if "Footnotes" in cells else []
    statistic, told = _statistic(cells, heading)
    own = {"outcome": name, **groups, **sized(statistic)}
    own |= {"population": f"subgroup: {cells['Subgroup']}"} if "Subgroup" in cells else {}
    own |= {"note": "; ".join([*notes, *told])} if notes or told else {}
    return Found(
        line,
        cells.get("Study", "study not named"),
        own,
        picked(cells, year="Study year"),
        {"outcome": f"{name} ({comparison}.{outcome})", "contrast": contrast},
    )


def _statistic(cells: dict[str, str], heading: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """The cells of the statistic; and the numbers of an effect that no statistic takes."""
    value = {name: number(cell) or 0 for name, cell in cells.items()}
    sizes = {
        name: cells[column] for name, column in (("n1i", MEANS["n1i"]), ("n2i", MEANS["n2i"])) if value.get(column)
    }
    if value.get("GIV SE", 0) > 0 and _generic(heading, value):
        if SMD.fullmatch(heading.get("Effect measure", "")):
            return {"stat_type": "g_se", "yi": cells.get("GIV Mean", "0"), "sei": cells["GIV SE"], **sizes}, []
        return _sign_alone(cells, value, heading, sizes, *EFFECTS[0])
    if value.get("Experimental SD", 0) > 0 and value.get("Control SD", 0) > 0:
        return {"stat_type": "means", **picked(cells, **MEANS)}, []
    if value.get("Variance", 0) > 0:
        return _sign_alone(cells, value, heading, sizes, *EFFECTS[1])
    if len(sizes) == 2 and _of_events(heading, value):
        return {"stat_type": "counts", **picked(cells, **COUNTS)}, []
    return {"stat_type": "direction", **sizes}, []


def _generic(heading: dict[str, str], value: dict) -> bool:
    """Whether an analysis takes effects with standard errors: RevMan 5 prints an SE beside other data, too."""
    kind = heading.get("Data type", "").upper()
    of_groups = ("Experimental SD", "Control SD", "Experimental cases", "Control cases")
    return kind in ("IV", "CONTRAST LEVEL") or not kind and not any(value.get(name) for name in of_groups)


def _of_events(heading: dict[str, str], value: dict) -> bool:
    kind = heading.get("Data type", "").upper()
    return kind.startswith("DIC") or not kind and bool(value.get("Experimental cases") or value.get("Control cases"))


def _sign_alone(
    cells: dict[str, str], value: dict, heading: dict[str, str], sizes: dict[str, str], effect: str, error: str
) -> tuple[dict[str, str], list[str]]:
    """The direction of an effect that no statistic takes, and its numbers as a note."""
    scale = heading.get("Effect measure", "scale not given")
    size = value.get(effect, 0)
    sign = direction("difference", positive=size > 0) if size else "none"
    return (
        {"stat_type": "direction", "direction": sign, **sizes},
        [f"{scale}: {effect} {cells.get(effect, '0')}, {error} {cells[error]}"],
    )
