"""Results as a data set of the Metapsy data standard has them (docs.metapsy.org, Data Format, as of November 2025).

Each row compares two arms of a randomised trial. The standard asks for semicolons and decimal commas; other separators
are read, too. What the standard tells apart is an outcome of its own: times, and changes from baseline beside values.
The raw tables have no log risk ratio: its sign is taken, and its numbers are noted.
"""

from __future__ import annotations

from reanalysis.exchange.source import Found, Record, Source, direction, has, picked, sized
from reanalysis.problems import BadInput

IDS = ("domain", "finding_id", "report_id", "sample_id", "contrast", "outcome_group")
DESIGN = ("study", "condition_arm1", "condition_arm2", "multi_arm1", "multi_arm2", "outcome_type", "instrument")
WHEN = ("time", "time_weeks", "rating", "full_ref")
MEANS = {
    **{"n1i": "n_arm1", "m1i": "mean_arm1", "sd1i": "sd_arm1"},
    **{"n2i": "n_arm2", "m2i": "mean_arm2", "sd2i": "sd_arm2"},
}
CHANGES = {name: column.replace("_arm", "_change_arm") for name, column in MEANS.items()}
COUNTS = {"ai": "event_arm1", "n1i": "totaln_arm1", "ci": "event_arm2", "n2i": "totaln_arm2"}
PUBLISHED = {"yi": "precalc_g", "sei": "precalc_g_se"}
RATIO = ("precalc_log_rr", "precalc_log_rr_se")
OWN = ("outcome", "year", "country", "doi")
READ = {*IDS, *DESIGN, *WHEN, *OWN, *MEANS.values(), *CHANGES.values(), *COUNTS.values(), *PUBLISHED.values(), *RATIO}


def found(source: Source) -> list[Found]:
    """The results, one for each line; raises BadInput where a column that names them is lacking."""
    needed = ("study", "condition_arm1", "condition_arm2")
    fix = "The Metapsy data standard names the columns."
    lacking = [
        source.problem(1, name, "required column is missing", fix) for name in needed if name not in source.columns
    ]
    if lacking:
        raise BadInput(lacking)
    return [_result(record) for record in source.records]


def _result(record: Record) -> Found:
    cells = record.cells
    statistic, kind = _statistic(cells)
    when = [cells["time"]] if "time" in cells else []
    weeks = [f"{cells['time_weeks']} weeks after randomisation"] if "time_weeks" in cells else []
    outcome = ", ".join([cells.get("outcome_type", "outcome"), *when, *kind])
    own = {
        "outcome": ", ".join(dict.fromkeys(picked(cells, "outcome_type", "outcome", "instrument").values())) or outcome,
        **{"group_1": _arm(cells, "1"), "group_2": _arm(cells, "2"), "design": "parallel"},
        **({"timepoint": ", ".join([*when, *weeks])} if when or weeks else {}),
        **picked(cells, *IDS, "instrument"),
        **sized(statistic),
    }
    notes = [f"rating: {cells['rating']}"] if "rating" in cells else []
    notes += [f"{name} {cells[name]}" for name in RATIO if name in cells]
    report = picked(cells, "year", "country", "doi")
    report |= {"note": f"full reference: {cells['full_ref']}"} if "full_ref" in cells else {}
    contrast = " vs ".join(cells.get(f"condition_arm{arm}", "arm not named") for arm in "12")
    labels = {"outcome": outcome, "contrast": contrast}
    own |= {"note": "; ".join(notes)} if notes else {}
    return Found(record.line, cells.get("study", "study not named"), own, report, labels)


def _arm(cells: dict[str, str], arm: str) -> str:
    """The condition of an arm, with what it was in a trial of several arms."""
    name, kind = cells.get(f"condition_arm{arm}", f"arm {arm}"), cells.get(f"multi_arm{arm}")
    return f"{name} ({kind})" if kind and kind != name else name


def _statistic(cells: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """The cells of the statistic, and what sets it apart from the values at one time."""
    if has(cells, *MEANS.values()):
        return {"stat_type": "means", **picked(cells, **MEANS)}, []
    if has(cells, *CHANGES.values()):
        return {"stat_type": "means", **picked(cells, **CHANGES)}, ["change from baseline"]
    if has(cells, *COUNTS.values()):
        return {"stat_type": "counts", **picked(cells, **COUNTS)}, []
    if has(cells, *PUBLISHED.values()):
        return {"stat_type": "g_se", **picked(cells, **PUBLISHED)}, []
    ratio = cells.get("precalc_log_rr")
    sign = {"direction": direction("difference", positive=not ratio.startswith("-"))} if ratio else {}
    return {"stat_type": "direction", **sign}, []
