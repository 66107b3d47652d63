"""Results as the data sets of R's metafor and metadat have them, or `reanalysis export escalc` writes them.

The columns have the names of the arguments of metafor's `escalc` (help page of metafor 5.1-12): group means and SDs
(`n1i, m1i, sd1i, n2i, m2i, sd2i`), counts (`ai, bi, ci, di`, or with `n1i` and `n2i` in place of `bi` and `di`),
correlations (`ri, ni`), t and d with sizes, or effects (`yi` with `vi` or `sei`, where `measure` says on which scale).
The study is named by `slab`, by `author` and `year`, by `study`, `source` or `trial`. Ids and words of
findings, such as `outcome`, `timepoint` or `design`, are taken as they are (docs/codebook.md).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from reanalysis.exchange.source import Found, Record, Source, direction, has, number, picked, sized
from reanalysis.problems import BadInput, Problem
from reanalysis.schema.vocabulary import WITHIN_PERSON

IDS = ("domain", "finding_id", "coding", "report_id", "sample_id", "cohort_id", "contrast", "outcome_group")
WORDS = ("population", "outcome", "instrument", "unit", "timepoint", "design", "group_1", "group_2", "locator", "note")
STUDY = ("slab", "author", "year", "study", "source", "trial")
MEANS = ("n1i", "m1i", "sd1i", "n2i", "m2i", "sd2i")
CHANGE = ("ni", "m1i", "sd1i", "m2i", "sd2i")
SIZES = ("n1i", "n2i", "ni")
EFFECT = ("yi", "vi", "sei", "yi_lb", "yi_ub", "measure")
TESTS = ("ai", "bi", "ci", "di", "ri", "r_kind", "ti", "pi", "p_relation", "p_sides")
REACHED = ("comparison", "rung", "use", "use_code")
READ = {*IDS, *WORDS, *STUDY, *MEANS, *CHANGE, *SIZES, *EFFECT, *TESTS, *REACHED}
STANDARDIZED = ("SMD", "SMDH", "SMD1", "SMD1H", "SMCC")
CORRELATIONS = ("COR", "UCOR", "ZCOR")


def found(source: Source) -> list[Found]:
    """The results, one for each line; raises BadInput where a column is lacking."""
    problems = list(_lacking(source))
    if problems:
        raise BadInput(problems)
    return [_result(source, record) for record in source.records]


def _lacking(source: Source) -> Iterator[Problem]:
    columns = {*source.columns}
    if not columns & {*STUDY[:2], *STUDY[3:]}:
        yield source.problem(1, "study", "no column names the studies", "Call it `study`, or `author` beside `year`.")
    numbers = ({"m1i", "m2i"}, {"ai", "ci"}, {"ri"}, {"ti"}, {"di"}, {"yi"})
    if not any(names <= columns for names in numbers):
        fix = (
            "Name the columns as metafor's escalc does: n1i, m1i, sd1i, n2i, m2i, sd2i; ai, bi, ci, di; ri, ni; yi, vi."
        )
        yield source.problem(1, "", "no column has a statistic", fix)
    elif not any(names <= columns for names in numbers[:-1]) and "measure" not in columns:
        fix = "Add a column `measure`, with SMD where they are standardized mean differences."
        yield source.problem(1, "measure", "nothing says on which scale the effects in `yi` are", fix)


def _result(source: Source, record: Record) -> Found:
    cells = record.cells
    statistic = _statistic(cells)
    association = statistic["stat_type"] == "r" or cells.get("measure") in CORRELATIONS
    comparison = cells.get("comparison", "association" if association else "difference")
    own = picked(cells, *IDS, *WORDS) | sized(statistic)
    if cells.get("use", "main") != "main" and cells.get("coding", "primary") == "primary":
        own["doubt"] = f"not in the main analysis of {source.path.name}: {cells.get('use_code', 'excluded')}"
    if "direction" not in own and statistic["stat_type"] in ("direction", "significance"):
        own["direction"] = _sign(cells, comparison)
    labels = {} if "outcome_group" in cells else picked(cells, "outcome")
    return Found(record.line, _study(cells), own, picked(cells, "year", authors="author"), labels, comparison)


def _study(cells: dict[str, str]) -> str:
    if "slab" in cells:
        return cells["slab"]
    if "author" in cells:
        return " ".join(picked(cells, "author", "year").values())
    named = [cells[name] for name in ("study", "source", "trial") if name in cells]
    return next((name for name in named if not name.isdecimal()), f"study {named[0]}" if named else "study not named")


def _statistic(cells: dict[str, str]) -> dict[str, str]:
    """The cells of the statistic of a line, the most complete one; the sign alone where no other can be read."""
    within = cells.get("design") in WITHIN_PERSON
    rung = cells.get("rung", "exact")
    if rung == "bounded":
        return {"stat_type": "significance", **picked(cells, *SIZES, "pi", "p_relation", "p_sides")}
    if rung == "exact":
        if has(cells, "ai", "ci") and (table := _counts(cells)):
            return {"stat_type": "counts", **table}
        if has(cells, *MEANS):
            return {"stat_type": "means", **picked(cells, *MEANS)}
        if within and has(cells, *CHANGE) and ("ri" in cells or "ti" in cells):
            return {"stat_type": "change", **picked(cells, *CHANGE, "ti", pre_post_r="ri")}
        if not within and "ri" in cells and ("ni" in cells or "pi" in cells):
            kind = cells.get("r_kind", "unknown")
            return {"stat_type": "r", "r_kind": kind, **picked(cells, "ri", "ni", "pi", "p_relation")}
        if has(cells, "ti") and (has(cells, "n1i", "n2i") or "ni" in cells):
            return {"stat_type": "t", **picked(cells, "ti", *SIZES)}
        if has(cells, "di", "n1i", "n2i"):
            return {"stat_type": "d", **picked(cells, "di", "n1i", "n2i")}
        if cells.get("measure") in STANDARDIZED and "yi" in cells and (error := _error(cells)):
            return {"stat_type": "g_se", "yi": cells["yi"], "sei": error, **picked(cells, *SIZES)}
    return {"stat_type": "direction", **picked(cells, *SIZES), **_told(cells)}


def _counts(cells: dict[str, str]) -> dict[str, str] | None:
    """Events and sizes of two groups; a size is the sum of events and of those without."""
    sizes = {}
    for size, events, others in (("n1i", "ai", "bi"), ("n2i", "ci", "di")):
        if size in cells:
            sizes[size] = cells[size]
        elif None not in (parts := (number(cells[events]), number(cells.get(others)))):
            sizes[size] = str(sum(parts))
    return {**picked(cells, "ai", "ci"), **sizes} if len(sizes) == 2 else None


def _error(cells: dict[str, str]) -> str | None:
    """The standard error as printed, or the root of the variance."""
    if "sei" in cells:
        return cells["sei"]
    variance = number(cells.get("vi"))
    return f"{math.sqrt(variance):.12g}" if variance is not None and variance > 0 else None


def _told(cells: dict[str, str]) -> dict[str, str]:
    """Effects on a scale that no statistic of the raw tables takes, as a note."""
    if "yi" not in cells:
        return {}
    told = ", ".join(f"{name} {cells[name]}" for name in ("measure", "yi", "vi", "sei") if name in cells)
    return {"note": f"{cells['note']}; {told}" if "note" in cells else told}


def _sign(cells: dict[str, str], comparison: str) -> str:
    """The sign of an effect or of its bounds; none of bounds around zero, as `not significant` gives them."""
    lower, upper = (number(cells.get(name, cells.get("yi"))) for name in ("yi_lb", "yi_ub"))
    if lower is not None and lower >= 0 and upper != 0:
        return direction(comparison, positive=True)
    if upper is not None and upper <= 0 and lower != 0:
        return direction(comparison, positive=False)
    if (lower, upper) == (None, None):
        return "not_visible"
    return "unclear" if None in (lower, upper) else "none"
