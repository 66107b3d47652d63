"""Warnings that need more than one row: tables that disagree, rows that repeat or contain one another."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import combinations
from statistics import median

from reanalysis.check.catalog import Located, Tables, check, findings, rows_of
from reanalysis.check.plausibility.numbers import (
    MAIN,
    compared,
    effect,
    fits_design,
    fits_groups,
    paired,
    percent,
    persons,
)
from reanalysis.check.plausibility.printed import decimals, span, unit
from reanalysis.check.plausibility.words import plain
from reanalysis.numeric import t_two_sided_p
from reanalysis.problems import Problem
from reanalysis.schema import vocabulary as v
from reanalysis.schema.raw import Finding, Sample
from reanalysis.text import count

Place = tuple[str, Located]  # file and row of a finding


def _by(tables: Tables, *columns: str) -> dict[tuple, list[Place]]:
    """The findings by the values of these columns."""
    groups: dict[tuple, list[Place]] = defaultdict(list)
    for file, located in findings(tables):
        groups[tuple(getattr(located.row, column) for column in columns)].append((file, located))
    return groups


def _samples(tables: Tables) -> dict[str, Sample]:
    return {located.row.sample_id: located.row for located in rows_of(tables, "samples.csv")}


def _size(sample: Sample) -> int | None:
    """Participants of a sample in all, as far as its row says."""
    if sample.n_total is not None:
        return sample.n_total
    if sample.n_group_1 is None or sample.n_group_2 is None:
        return None
    return sample.n_group_1 + sample.n_group_2


def _problem(place: Place, column: str, message: str, fix: str) -> Problem:
    file, located = place
    value = getattr(located.row, column)
    return Problem(file, located.line, column, "" if value is None else str(value), message, fix)


def _of_each_sample(tables: Tables, found: Callable[[Finding], bool]) -> Iterator[tuple[Place, str]]:
    """The first finding of each sample and outcome group in which something is found, and how many more there are."""
    for places in _by(tables, "sample_id", "outcome_group").values():
        hits = [place for place in places if found(place[1].row)]
        if hits:
            more = len(hits) - 1
            also = count(more, "more finding", "more findings")
            yield hits[0], f" (also in {also} of the sample)" if more else ""


# ---------------------------------------------------------------- sizes


@check(
    severity="warning",
    why="participants who are in no table, or a size of the wrong sample, give wrong weights",
    example="765 participants in a finding of a sample of 1,804",
    source="rule of this project; Gøtzsche et al. 2007, JAMA 298, 430-437 (wrong numbers of participants)",
)
def _participants_of_the_sample(tables: Tables) -> Iterator[Problem]:
    """A finding has no more participants than its sample; one on the whole sample has at least two in three of them."""
    samples = _samples(tables)
    fix = "Check both sizes at the source and correct the one that is wrong."
    for place in findings(tables):
        row = place[1].row
        sample = samples.get(row.sample_id)
        if sample is None:
            continue
        own, size = persons(row), _size(sample)
        column = "ni" if row.ni is not None else "n1i"
        if own is not None and size is not None and own > size:
            yield _problem(place, column, f"{own} participants, more than the {size} of the sample in samples.csv", fix)
        elif own is not None and size is not None and row.contrast in _WHOLE_SAMPLE and own < 2 * size / 3:
            yield _problem(place, column, f"{own} participants, though the sample has {size} in samples.csv", fix)
        for column, label in (("n1i", row.group_1), ("n2i", row.group_2)):
            n = getattr(row, column)
            for name, most in ((sample.group_1, sample.n_group_1), (sample.group_2, sample.n_group_2)):
                if None not in (n, label, name, most) and plain(label) == plain(name) and n > most:
                    yield _problem(place, column, f"more than the {most} in `{name}` in samples.csv", fix)


_WHOLE_SAMPLE = frozenset({"moderation", "association_other"})


@check(
    severity="warning",
    why="a total below its parts is a misprint",
    example="groups of 35 and 23 in a sample of 48",
    source="arithmetic",
)
def _groups_of_a_sample(tables: Tables) -> Iterator[Problem]:
    """The groups of a sample are not larger than its total."""
    for located in rows_of(tables, "samples.csv"):
        row = located.row
        groups = (row.n_group_1 or 0) + (row.n_group_2 or 0)
        if row.n_total is not None and groups > row.n_total:
            fix = "Check the sizes at the source."
            message = f"the groups have {groups} participants"
            yield Problem("samples.csv", located.line, "n_total", str(row.n_total), message, fix)


@check(
    severity="warning",
    why="degrees of freedom tell how many participants were tested",
    example="t(437) in a trial of 87 participants: repeated measures, from which no d follows",
    source="statcheck: Nuijten et al. 2016; Welch 1947, Biometrika 34, 28-35",
)
def _degrees_of_freedom(tables: Tables) -> Iterator[Problem]:
    """Residual degrees of freedom are fewer than the participants, and not far fewer than the test of them has."""
    samples = _samples(tables)
    for place in findings(tables):
        row = place[1].row
        own = persons(row)
        if row.df2 is None or own is None:
            continue
        sample = samples.get(row.sample_id)
        most = max(own, (sample and _size(sample)) or 0)
        df = float(row.df2)
        whole = own - (1 if paired(row) else 2)
        fix = "Check sizes and test at the source: other participants, repeated measures, or a model with more in it?"
        if df > most - 1:
            yield _problem(place, "df2", f"more than {most} participants can give", fix)
        elif paired(row) and decimals(row.df2) == 0 and df < 0.8 * whole:
            yield _problem(place, "df2", f"a test of about {df + 1:.0f} participants, not of {own}", fix)
        elif compared(row) is not None and not paired(row) and df < min(row.n1i, row.n2i, 0.7 * whole) - 1:
            yield _problem(place, "df2", f"a test of about {df + 2:.0f} participants, not of {own}", fix)


@check(
    severity="warning",
    why="r and p tell n: above the size of the sample, one of the two was misread",
    example="r = .20 with p = .001 in a sample of 40",
    source="t = r (n - 2)^.5 / (1 - r^2)^.5; statcheck: Nuijten et al. 2016",
)
def _participants_of_a_correlation(tables: Tables) -> Iterator[Problem]:
    """Where n is not printed, r and p do not imply more participants than the sample has."""
    samples = _samples(tables)
    for place in findings(tables):
        row = place[1].row
        sample = samples.get(row.sample_id)
        size = _size(sample) if sample else None
        if row.stat_type != "r" or row.ni is not None or size is None or row.p_relation != "=" or size < 4:
            continue
        if row.test_of not in (None, "contrast") or row.r_kind == "partial":
            continue
        largest = min(0.999999, max(map(abs, span(row.ri))))
        least = float(t_two_sided_p(largest * math.sqrt((size - 2) / (1 - largest**2)), size - 2))
        if row.p_sides == "one":
            least /= 2
        if span(row.pi)[1] < 0.8 * least:
            message = f"with this r it takes more than the {size} participants of the sample"
            yield _problem(place, "pi", message, "Check r and p at the source.")


@check(
    severity="warning",
    why="pulling down a cell in a spreadsheet counts up what should be copied",
    example="27, 28, 29, 30 participants in four outcomes of one sample",
    source="seen in the published data of a meta-analysis: 27, 28, ... 33 for 27 participants",
)
def _sizes_that_count_up(tables: Tables) -> Iterator[Problem]:
    """The sizes of the findings of one sample do not grow by one from row to row."""
    for column in ("ni", "n1i", "n2i"):
        for places in _by(tables, "report_id", "sample_id", "contrast").values():
            sizes = [getattr(place[1].row, column) for place in places]
            for start in range(len(sizes) - 3):
                run = sizes[start : start + 4]
                if None not in run and all(b - a == 1 for a, b in zip(run, run[1:], strict=False)):
                    message = f"sizes count up from row to row ({', '.join(map(str, run))})"
                    fix = "Check whether a spreadsheet filled the column."
                    yield _problem(places[start + 3], column, message, fix)
                    break


# ---------------------------------------------------------------- what is said of one thing twice


@check(
    severity="warning",
    why="two readings of one result that differ this much cannot both be right, and the analysis uses one of them",
    example="d = -1.19 in one meta-analysis, -2.45 in another",
    source="Gøtzsche et al. 2007, JAMA 298, 430-437 (0.1 is called an error there)",
)
def _codings_that_disagree(tables: Tables) -> Iterator[Problem]:
    """The codings of a finding have effects within 0.5, or within half, of the first that has one, primary first."""
    for places in _by(tables, "finding_id").values():
        places = sorted(places, key=lambda place: place[1].row.coding != "primary")
        known = [place for place in places if effect(place[1].row) is not None and place[1].row.stat_type != "r"]
        for place in known[1:]:
            row, other = place[1].row, known[0][1].row
            value, first = effect(row), effect(other)
            if abs(value - first) > max(0.5, abs(first) / 2):
                message = f"{value:.2f} here, {first:.2f} in the coding {other.coding}"
                yield _problem(place, MAIN[row.stat_type], message, "Find out which is right, and say why in `note`.")


@check(
    severity="warning",
    why="the same trial cannot be both: its variance and its metric depend on the design",
    example="parallel groups in one meta-analysis, a crossover in another",
    source="Cochrane Handbook 6.5, section 23.2 (crossover trials)",
)
def _design_of_a_sample(tables: Tables) -> Iterator[Problem]:
    """The findings of one report and sample have one design of a trial: parallel or crossover."""
    for places in _by(tables, "report_id", "sample_id").values():
        trials = [place for place in places if place[1].row.design in ("parallel", "crossover")]
        designs = [place[1].row.design for place in trials]
        if len(set(designs)) > 1 and trials[0][1].row.sample_id is not None:
            rarer = min(reversed(designs), key=designs.count)  # of two that are as common, the one that came later
            place = trials[designs.index(rarer)]
            file, other = next(one for one in trials if one[1].row.design != rarer)
            message = f"{other.row.design} at {file}:{other.line}, of the same report and sample"
            yield _problem(place, "design", message, "Find out which is right; fill `doubt` where no source tells.")


@check(
    severity="warning",
    why="the variance of two groups is wrong for participants who were measured twice: the design was misread",
    example="d = 0.29, interval -0.49 to 1.06, of 13 participants under both conditions: that of two groups of 13",
    source="Becker 1988, Br. J. Math. Stat. Psychol. 41, 257-278; Cochrane Handbook 6.5, section 23.2",
)
def _same_participants_as_groups(tables: Tables) -> Iterator[Problem]:
    """Within-person effects have the SE of within-person effects, in every row of a source."""
    for places in _by(tables, "via", "stat_type").values():
        hits = [place for place in places if fits_groups(place[1].row)]
        if any(not fits_design(place[1].row) for place in hits):
            for place in hits:
                n = persons(place[1].row)
                message = f"SE or interval of two groups of {n} and {n}, though {n} participants were measured twice"
                yield _problem(place, MAIN[place[1].row.stat_type], message, "Find out the design; fill `doubt`.")


_STATISTICS = tuple(c for c in v.STAT_CELLS if c not in ("ni", "n1i", "n2i", "df1", "ci_level", "p_relation", "r_kind"))


@check(
    severity="warning",
    why="a result that was entered twice counts twice",
    example="the same means and SDs under two finding ids",
    source="Senn 2009, BMC Med. Res. Methodol. 9, 10 (overstating the evidence: double counting)",
)
def _same_numbers_twice(tables: Tables) -> Iterator[Problem]:
    """No two findings have the same means and spreads, or the same other numbers (five digits or more) and sizes."""
    first: dict[tuple, Place] = {}
    for place in findings(tables):
        row = place[1].row
        numbers = tuple((c, getattr(row, c)) for c in _STATISTICS if getattr(row, c) is not None)
        digits = sum(len(n.normalize().as_tuple().digits) for _, n in numbers if isinstance(n, Decimal))
        if digits < 5 or len(numbers) < 2:
            continue
        # Two studies share an effect and its SE by chance, but not four numbers of participants of their own.
        sizes = (row.ni, row.n1i, row.n2i)
        where = () if _means(row) else (*sizes, row.sample_id if not any(sizes) else None)
        other = first.setdefault((*numbers, *where), place)
        if other[1].row.finding_id != row.finding_id:
            message = f"the same numbers as {other[1].row.finding_id} ({other[0]}:{other[1].line})"
            yield _problem(place, "finding_id", message, "Remove one of them, or correct the numbers.")


@check(
    severity="warning",
    why="a result that was entered twice counts twice",
    example="accuracy for angry faces of one sample in two domains under two ids",
    source="Senn 2009, BMC Med. Res. Methodol. 9, 10",
)
def _same_outcome_twice(tables: Tables) -> Iterator[Problem]:
    """No two findings of a report and sample have the same contrast, outcome, instrument, time and groups."""
    first: dict[tuple, Place] = {}
    for place in findings(tables):
        row = place[1].row
        words = _plainly(row.outcome, row.population, row.instrument, row.timepoint, row.group_1, row.group_2)
        key = (row.report_id, row.sample_id, row.contrast, row.matrix, row.dose, *words)
        other = first.setdefault(key, place)
        if other[1].row.finding_id != row.finding_id:
            message = f"the same outcome as {other[1].row.finding_id} ({other[0]}:{other[1].line})"
            fix = (
                "If these are arms of a trial, give each a name of its own in group_1; if outcomes differ, say so in "
                "outcome; if it is the same result, make it another coding of that finding."
            )
            yield _problem(place, "outcome", message, fix)


@check(
    severity="warning",
    why="arms without names of their own pass for the same participants, who are counted once",
    example="two rows of one trial with group_1 `drug`, one with exposure `low`, the other with `high`",
    source="Cochrane Handbook 6.5, section 23.3 (trials with more than two groups)",
)
def _arms_without_names(tables: Tables) -> Iterator[Problem]:
    """Findings of a sample with groups apart whose exposure or dose differs have names of their own for the groups."""
    first: dict[tuple, Place] = {}
    for place in findings(tables):
        row = place[1].row
        if row.design == "parallel" and row.sample_id and (row.exposure or row.dose):
            groups = _plainly(row.group_1, row.group_2)
            key = (row.sample_id, row.contrast, row.outcome_group, row.timepoint, row.population, *groups)
            other = first.setdefault(key, place)
            if _given(row) != _given(other[1].row):
                message = f"the groups of {other[1].row.finding_id} ({other[0]}:{other[1].line}) with another exposure"
                fix = (
                    "If these are arms of a trial, give each a name of its own; if the same participants, accept this."
                )
                yield _problem(place, "group_1", message, fix)


def _plainly(*words: str | None) -> list[str | None]:
    return [plain(word) if word else None for word in words]


def _given(row: Finding) -> tuple:
    return row.exposure, row.dose, row.dose_unit


@check(
    severity="warning",
    why="effects are pooled by what they measure; what is not known cannot be pooled for certain",
    example="`fixation, row 1 of 2`",
    source="Cochrane Handbook 6.5, chapter 3 (outcomes are defined before they are combined)",
)
def _outcome_not_known(tables: Tables) -> Iterator[Problem]:
    """It is known which outcome a finding is about: it is no row of a table, and not `not named`."""
    for place, more in _of_each_sample(tables, lambda row: bool(_UNNAMED.search(row.outcome))):
        fix = "Find it at the source, fill `doubt`, or accept this with the reason why it may be pooled."
        yield _problem(place, "outcome", "which outcome this is, is not known" + more, fix)


_UNNAMED = re.compile(r"\b(row|line|item) \d+ of \d+\b|\bnot (named|known|stated)\b|\bunknown\b", re.IGNORECASE)


# ---------------------------------------------------------------- means of other findings


def _means(row: Finding) -> tuple[Decimal, Decimal] | None:
    known = row.stat_type in ("means", "means_se", "change") and row.m1i is not None and row.m2i is not None
    return (row.m1i, row.m2i) if known else None


def _is_mean(row: Finding, parts: Iterable[Finding], exact: bool = False) -> bool:
    """Whether both means of a row are those of the parts, up to rounding: of the row alone if the parts are exact."""
    parts = list(parts)
    for side in (0, 1):
        own, numbers = _means(row)[side], [_means(part)[side] for part in parts]
        away = abs(float(own) - sum(map(float, numbers)) / len(numbers))
        if away > _rounding(own, numbers, exact) * (1 + 1e-6):
            return False
    return True


def _rounding(own: Decimal, parts: list[Decimal], exact: bool) -> float:
    """How far a printed mean can be from the mean of its printed parts."""
    return unit(own) / 2 + (0 if exact else sum(map(unit, parts)) / len(parts) / 2)


@check(
    severity="warning",
    why="a total pooled with its parts counts the parts twice",
    example="accuracy over all emotions, which is the mean of three rows of the same sample",
    source="Borenstein et al. 2009, ch. 24",
)
def _mean_of_other_findings(tables: Tables) -> Iterator[Problem]:
    """A finding whose two means are, to the last digit, those of others of its sample says so in `composite_of`."""
    for places in _by(tables, "sample_id", "contrast", "outcome_group", "coding").values():
        rows = [place for place in places if _means(place[1].row)]
        for place in rows:
            row = place[1].row
            if row.composite_of or row.sample_id is None:
                continue
            others = [p[1].row for p in rows if p is not place and not p[1].row.composite_of]
            tries = [parts for k in range(2, min(len(others), 6) + 1) for parts in combinations(others, k)]
            if not tries or len(tries) > 200:
                continue
            telling = [exact for exact in (True, False) if len(tries) * _chance(row, others, exact) < 0.001]
            parts = next((parts for parts in tries for exact in telling if _is_mean(row, parts, exact)), None)
            if parts:
                names = "; ".join(part.finding_id for part in parts)
                fix = "Name them in `composite_of`, so that they are not pooled with it."
                yield _problem(place, "composite_of", f"both means are those of {names}", fix)


def _chance(row: Finding, others: list[Finding], exact: bool) -> float:
    """How probably two means agree by chance with those of given parts, among numbers spread like these."""
    chance = 1.0
    for side in (0, 1):
        own, numbers = _means(row)[side], [_means(other)[side] for other in others]
        spread = float(max(own, *numbers) - min(own, *numbers))
        chance *= min(1.0, 2 * _rounding(own, numbers, exact) / spread) if spread else 1.0
    return chance


@check(
    severity="warning",
    why="what is called the mean of other findings must be it, or one of the numbers is misread",
    example="`composite_of` three emotions whose mean is 92.1 beside a printed 94.3",
    source="arithmetic",
)
def _mean_of_its_parts(tables: Tables) -> Iterator[Problem]:
    """The means of a composite are those of the parts that it names."""
    for file, table in tables.items():
        if not file.startswith("findings/"):
            continue
        primaries = {one.row.finding_id: one.row for one in table.rows if one.row.coding == "primary"}
        for located in table.rows:
            parts = [primaries.get(name) for name in located.row.composite_of or ()]
            known = bool(parts) and all(one is not None and _means(one) for one in (located.row, *parts))
            if known and not _is_mean(located.row, parts):
                message = "its means are not those of the findings in composite_of"
                yield _problem((file, located), "m1i", message, "Check the parts and the numbers at the source.")


# ---------------------------------------------------------------- spread and scale of a sample


@check(
    severity="warning",
    why="a standard error in the place of the SD makes the effect too large by the root of n",
    example="SDs of 1.9 and 2.1 where two other studies with the same scale have about 10",
    source="Cochrane Handbook 6.5, section 6.5.2.2; Kadlec, Sainani & Nimphius 2023, Sports Med. 53, 313-325",
)
def _sd_among_other_studies(tables: Tables) -> Iterator[Problem]:
    """The SDs are not those of other studies, with the same unit and instrument, divided by the root of n."""
    for (unit_of, instrument, *_), places in _by(tables, "unit", "instrument", "matrix", "outcome_group").items():
        rows = [place for place in places if place[1].row.stat_type == "means" and not place[1].row.composite_of]
        if unit_of is None and instrument is None:
            continue
        for place in rows:
            row = place[1].row
            others = [p[1].row for p in rows if p[1].row.sample_id != row.sample_id]
            usual = [math.sqrt(float(other.sd1i) * float(other.sd2i)) for other in others]
            if len({other.sample_id for other in others}) < 2 or max(usual) > 2 * min(usual):
                continue
            ratio = median(usual) / math.sqrt(float(row.sd1i) * float(row.sd2i))
            root = math.sqrt((row.n1i + row.n2i) / 2)
            if ratio > 2.5 and abs(math.log(ratio / root)) < 0.45:
                message = f"the SD of other studies on this scale is {ratio:.1f} times larger, about the root of n"
                fix = "Check at the source whether SD or SE is printed; for SE declare stat_type means_se."
                yield _problem(place, "sd1i", message, fix)


@check(
    severity="warning",
    why="SDs that somebody computed from error bars are right only if the bars were standard errors",
    example="an SD of 7.846018098 in 19 participants: 1.8 times the root of 19",
    source="Cochrane Handbook 6.5, section 6.5.2.2",
)
def _sd_computed_from_an_se(tables: Tables) -> Iterator[Problem]:
    """The SDs of a row are no short decimal numbers times the root of n, with six digits or more."""
    for place, more in _of_each_sample(tables, _both_sds_from_se):
        row = place[1].row
        message = f"{_short_se(row.sd1i, row.n1i)} times the root of {row.n1i}: computed from a standard error"
        fix = "Make sure that the source calls it a standard error and not an SD."
        yield _problem(place, "sd1i", message + more, fix)


def _both_sds_from_se(row: Finding) -> bool:
    return row.stat_type == "means" and all(_short_se(sd, n) for sd, n in ((row.sd1i, row.n1i), (row.sd2i, row.n2i)))


def _short_se(sd: Decimal, n: int) -> str:
    """The standard error of up to two decimals from which a long SD was computed; empty where there is none."""
    se = float(sd) / math.sqrt(n)
    short = round(se, 2)
    long = len(sd.as_tuple().digits) >= 6 and decimals(sd) >= 4
    return f"{short:g}" if long and short > 0 and abs(se - short) <= unit(sd) else ""


@check(
    severity="warning",
    why="of a skewed measure the standardized difference of the means says little; logarithms may be needed",
    example="12 (SD 11) pg/ml; 98.8 (SD 7.3) percent correct",
    source="Altman & Bland 1996, BMJ 313, 1200; Cochrane Handbook 6.5, section 10.5.3",
)
def _skewed(tables: Tables) -> Iterator[Problem]:
    """Means of concentrations and percentages are at least two SDs from zero, and one SD from 100 percent."""
    for place, more in _of_each_sample(tables, _near_the_end):
        message = "an SD so large that the values are skewed, if none can lie beyond the end of the scale" + more
        fix = "Look for medians, ranges or log values at the source. Accept it where values can lie beyond it."
        yield _problem(place, "m1i", message, fix)


def _near_the_end(row: Finding) -> bool:
    if row.stat_type != "means" or not (percent(row) or row.matrix is not None):
        return False
    groups = [(float(row.m1i), float(row.sd1i)), (float(row.m2i), float(row.sd2i))]
    if min(mean for mean, _ in groups) < 0 or "change" in row.outcome.lower():
        return False
    at_top = percent(row) and any(100 - mean < sd for mean, sd in groups)
    return at_top or any(mean < 2 * sd for mean, sd in groups)


@check(
    severity="warning",
    why="pg and ng, or minutes and seconds, under one name",
    example="means of 0.4 and 390 pg/ml in two studies of plasma, neither of them extracted",
    source="Szeto et al. 2011, Psychosom. Med. 73, 393-400 (levels change 100-fold by extraction alone)",
)
def _scale_of_a_unit(tables: Tables) -> Iterator[Problem]:
    """In a cell, levels with the same unit, fluid and extraction are within a factor of 30."""
    columns = ("contrast", "outcome_group", "unit", "matrix", "extraction", "instrument")
    for key, places in _by(tables, *columns).items():
        rows = [p for p in places if _means(p[1].row) and min(_means(p[1].row)) > 0]
        if key[2] is None:
            continue
        for place in rows:
            others = [_level(p[1].row) for p in rows if p[1].row.sample_id != place[1].row.sample_id]
            if others and not 1 / 30 < _level(place[1].row) / median(others) < 30:
                message = f"{_level(place[1].row) / median(others):.3g} times the level of other studies in this unit"
                yield _problem(place, "unit", message, "Check the unit of each at the source.")


def _level(row: Finding) -> float:
    return math.sqrt(float(row.m1i) * float(row.m2i))


# ---------------------------------------------------------------- reports


@check(
    severity="warning",
    why="results of a retracted report are not evidence until somebody says why",
    example="a report with `retracted` in `retractions.csv` and two findings in the main analysis",
    source="Cochrane policy on managing potentially problematic studies",
)
def _retracted_report(tables: Tables) -> Iterator[Problem]:
    """A report that was retracted, or of which the journal expressed concern, has no finding without a `doubt`."""
    used: dict[str, int] = defaultdict(int)
    for _, located in findings(tables):
        row = located.row
        for report in {row.report_id, row.via} - {None}:
            used[report] += row.coding == "primary" and not row.doubt
    for located in rows_of(tables, "retractions.csv"):
        row = located.row
        if row.status in ("retracted", "concern") and used[row.report_id]:
            word = "is retracted" if row.status == "retracted" else "is under an expression of concern"
            message = f"the report {word}, and {count(used[row.report_id], 'finding')} from it may be pooled"
            fix = "Fill `doubt` in its findings, or accept this with a reason."
            yield Problem("retractions.csv", located.line, "report_id", row.report_id, message, fix)


@check(
    severity="warning",
    why="one publication under two names is counted twice",
    example="one DOI for a trial and for the review that mentions it",
    source="rule of this project",
)
def _one_publication_twice(tables: Tables) -> Iterator[Problem]:
    """No two reports have the same DOI, PubMed id, or title and year."""
    first: dict[tuple, Located] = {}
    for located in rows_of(tables, "reports.csv"):
        row = located.row
        keys = (
            ("doi", row.doi and row.doi.lower()),
            ("pmid", row.pmid),
            ("title", row.year and len(row.title) > 30 and (plain(row.title), row.year)),
        )
        for column, key in keys:
            if key:
                other = first.setdefault((column, key), located)
                if other is not located:
                    message = f"also that of {other.row.report_id} (line {other.line})"
                    fix = "Make it one report, or correct the cell."
                    yield Problem("reports.csv", located.line, column, str(getattr(row, column)), message, fix)


@check(
    severity="warning",
    why="a year that disagrees with the name or the DOI belongs to another paper",
    example="`smith2010` with the year 2001",
    source="rule of this project",
)
def _year_of_a_report(tables: Tables) -> Iterator[Problem]:
    """The year of a report is that of its id, and within three years of one that its DOI holds."""
    for located in rows_of(tables, "reports.csv"):
        row = located.row
        if row.year is None:
            continue
        place = ("reports.csv", located.line, "year", str(row.year))
        named = re.match(r"[a-z]+((?:19|20)\d\d)(?![0-9])", row.report_id)
        if named and int(named.group(1)) != row.year:
            yield Problem(*place, f"the id says {named.group(1)}", "Correct the year, or rename the report.")
        dated = re.search(r"[./]((?:19|20)\d\d)[./]", row.doi or "")
        if dated and abs(int(dated.group(1)) - row.year) > 3:
            yield Problem(*place, f"the DOI {row.doi} holds {dated.group(1)}", "Check year and DOI.")


@check(
    severity="warning",
    why="a link that does not resolve",
    example="10.1016/j.yhbeh.2012.11.013. with the full stop of a sentence",
    source="DOI Handbook, section 2.2; PubMed ids have up to eight digits",
)
def _shape_of_an_id(tables: Tables) -> Iterator[Problem]:
    """A DOI does not end with punctuation or hold an address, a PubMed id has up to eight digits."""
    for located in rows_of(tables, "reports.csv"):
        row = located.row
        if row.doi and re.search(r"[.,;:]$|https?:|doi\.org|^10\.\d{1,3}/", row.doi):
            fix = "Write the DOI alone, from 10. to its last letter or digit."
            yield Problem("reports.csv", located.line, "doi", row.doi, "not the shape of a DOI", fix)
        if row.pmid and (len(row.pmid) > 8 or row.pmid.startswith("0")):
            fix = "Look it up in PubMed."
            yield Problem("reports.csv", located.line, "pmid", row.pmid, "not the shape of a PubMed id", fix)


TABLE_CHECKS = (
    _participants_of_the_sample,
    _groups_of_a_sample,
    _degrees_of_freedom,
    _participants_of_a_correlation,
    _sizes_that_count_up,
    _codings_that_disagree,
    _design_of_a_sample,
    _same_participants_as_groups,
    _same_numbers_twice,
    _same_outcome_twice,
    _arms_without_names,
    _outcome_not_known,
    _mean_of_other_findings,
    _mean_of_its_parts,
    _sd_among_other_studies,
    _sd_computed_from_an_se,
    _skewed,
    _scale_of_a_unit,
    _retracted_report,
    _one_publication_twice,
    _year_of_a_report,
    _shape_of_an_id,
)
