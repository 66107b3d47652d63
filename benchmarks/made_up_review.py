"""A made-up review of any size: a whole folder, `config/` and `data/raw/`, that the check passes and a run takes.

    python -m benchmarks.made_up_review FOLDER DOMAINS FINDINGS [SEED]
    reanalysis -C FOLDER run

It has the shape of the review of this project: how often a source prints which statistic, how many findings a sample
has, how many samples share a cohort, how many findings of a sample lie in one domain, how many articles have no sample
of their own, and how many statements there are for a domain. What does not depend on the size, such as the number of
contrasts and questions, does not grow with it. All numbers are drawn from a seed and mean nothing.
"""

from __future__ import annotations

import csv
import random
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import NormalDist

import yaml

from reanalysis.new import SKELETON

SEED = 1
STATISTICS = {"direction": 60, "significance": 31, "means": 16, "p": 8, "g_ci": 6, "d": 6, "beta": 5, "g_se": 4, "r": 3}
"""Codings by what their source prints."""
STATISTICS |= {"t": 1}
FINDINGS_OF_A_SAMPLE = {1: 10, 2: 12, 3: 6, 4: 6, 5: 2, 6: 3, 7: 1, 8: 1}
SAMPLES_OF_A_COHORT = {1: 18, 2: 5, 3: 3, 4: 1}
AT_HOME = 0.7
"""Share of the findings of a sample that lie in the domain of its first one."""
OTHER_CODINGS = 0.05
MEASURED = ("memory", "pain", "level")
"""Kinds of outcomes; each domain has one of each."""
REPORTS_OF_A_SAMPLE = 2.3
"""Reports in all; one of each sample has its findings, the others are reviews and commentaries."""
WITH_CLAIMS, CLAIMS_OF_A_DOMAIN = 0.8, (2, 16)
"""Share of the domains of which the reviewed work says something, and fewest and most statements on one of them."""
CONTRASTS = ("patients_vs_control", "drug_vs_placebo", "association_level")
QUESTIONS = ("levels", "treatment", "correlates")

Row = dict[str, str]


@dataclass
class MadeUp:
    """The tables of a made-up review: by file below `data/raw/`, rows with their filled cells."""

    tables: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, file: str, **cells: object) -> None:
        """Add a row of these cells to a table."""
        filled = {name: str(cell) for name, cell in cells.items() if cell is not None}
        self.tables.setdefault(file, []).append(filled)


def made_up(domains: int, findings: int, seed: int = SEED) -> MadeUp:
    """The tables of a review with so many domains and so many findings, other codings of these not counted."""
    draw, review = random.Random(seed), MadeUp()
    names = [f"domain-{i:04d}" for i in range(domains)]
    _declare(review, names)
    for name in names:
        review.tables[_file(name)] = []
    sample, cohort, left = 0, 0, findings
    while left:
        for _ in range(_drawn(draw, SAMPLES_OF_A_COHORT)):
            n = min(left, _drawn(draw, FINDINGS_OF_A_SAMPLE))
            if n:
                _sample(draw, review, names, sample, cohort, n)
                sample, left = sample + 1, left - n
        cohort += 1
    for i in range(round((REPORTS_OF_A_SAMPLE - 1) * sample)):
        _report(review, f"review{i:05d}", f"Review {i}", 1990 + i % 35, draw.choice(("review", "commentary")))
    _claims(draw, review, names)
    return review


def _file(domain: str) -> str:
    return f"findings/{domain}.csv"


def _drawn(draw: random.Random, counts: dict) -> int | str:
    """One of the keys, as often as the counts say."""
    return draw.choices(tuple(counts), tuple(counts.values()))[0]


def _declare(review: MadeUp, names: list[str]) -> None:
    """What is compared and measured, and the domains."""
    sides = {"side_1": "patients", "side_2": "controls"}
    review.add("contrasts.csv", contrast=CONTRASTS[0], label="Patients vs controls", design="between", **sides)
    arms = {"side_1": "drug", "side_2": "placebo", "treatment": "yes"}
    review.add("contrasts.csv", contrast=CONTRASTS[1], label="Drug vs placebo", design="between", **arms)
    review.add("contrasts.csv", contrast=CONTRASTS[2], label="Association with the level", design="association")
    for i, name in enumerate(names):
        review.add("domains.csv", domain=name, section=f"3.{i + 1}", title=f"Topic {i + 1}")
        for kind, better in zip(MEASURED, ("yes", "no", "not_applicable"), strict=True):
            outcome = {"outcome_group": _outcome(name, kind), "label": f"{kind} of topic {i + 1}"}
            review.add("outcomes.csv", **outcome, higher_is_better=better, question=_question(i))


def _outcome(domain: str, kind: str) -> str:
    return f"{kind}-{domain.removeprefix('domain-')}"


def _question(domain: int) -> str:
    """The question that a domain is about, and so its contrast."""
    return QUESTIONS[(0, 0, 0, 0, 0, 0, 1, 1, 1, 2)[domain % 10]]


def _report(review: MadeUp, name: str, label: str, year: int, kind: str) -> None:
    number = len(review.tables.get("reports.csv", ())) + 1
    about = {"title": f"Article {number} on what was made up", "journal": "Journal of Examples", "country": "Nowhere"}
    who = {"report_id": name, "label": f"{label} {year}", "in_review": number, "authors": f"{label} A; Other B"}
    review.add("reports.csv", **who, year=year, kind=kind, **about)


def _sample(draw: random.Random, review: MadeUp, names: list[str], number: int, cohort: int, findings: int) -> None:
    """Add a sample with its report and so many findings, most of them in one domain."""
    name, label, year = f"study{number:06d}", f"Study {number}", 1990 + number % 35
    home = draw.randrange(len(names))
    sizes = draw.randint(12, 60), draw.randint(12, 60)
    _report(review, name, label, year, "primary")
    groups = {"group_1": "first", "n_group_1": sizes[0], "group_2": "second", "n_group_2": sizes[1]}
    shared = {"cohort_id": f"cohort{cohort:06d}", "overlap": "the same clinic and the same years"}
    review.add("samples.csv", sample_id=name, report_ids=name, **groups, **shared, country="Nowhere", locator="table 1")
    truth = draw.gauss(-0.4, 0.3)
    for i in range(findings):
        place = home if draw.random() < AT_HOME else draw.randrange(len(names))
        contrast = CONTRASTS[QUESTIONS.index(_question(place))]
        kind = draw.choice(MEASURED)
        cells = {
            "finding_id": f"{name}-{i}",
            "coding": "primary",
            "report_id": name,
            "sample_id": name,
            "contrast": contrast,
            "outcome_group": _outcome(names[place], kind),
            "population": "adults",
            "outcome": f"{kind} of topic {place + 1}, measure {i + 1}",
            "design": "parallel" if contrast == CONTRASTS[1] else "observational",
            "locator": f"abstract, results, sentence {i + 1}",
            "source_kind": "abstract",
            "coder": "nobody",
        }
        if contrast != CONTRASTS[2]:
            cells |= dict(zip(("group_1", "group_2"), _sides(contrast), strict=True))
        effect = draw.gauss(truth, 0.2)
        review.add(_file(names[place]), **cells, **_printed(draw, contrast, effect, sizes))
        if draw.random() < OTHER_CODINGS:
            other = {"coding": "retold", "stat_type": "direction", "direction": _direction(contrast, effect)}
            review.add(_file(names[place]), **cells | other)


def _sides(contrast: str) -> tuple[str, str]:
    return ("patients", "controls") if contrast == CONTRASTS[0] else ("drug", "placebo")


def _direction(contrast: str, effect: float) -> str:
    words = ("negative", "positive") if contrast == CONTRASTS[2] else ("group_2_higher", "group_1_higher")
    return words[effect > 0]


def _printed(draw: random.Random, contrast: str, effect: float, sizes: tuple[int, int]) -> dict[str, object]:
    """What the source prints of an effect in standard deviations: the cells of one statistic."""
    association = contrast == CONTRASTS[2]
    kind = _drawn(draw, STATISTICS)
    if association and kind in ("means", "p", "t", "d", "g_se", "g_ci"):
        kind = "r"
    elif not association and kind in ("r", "beta"):
        kind = "direction"
    n = dict(zip(("n1i", "n2i"), sizes, strict=True))
    se = (1 / sizes[0] + 1 / sizes[1]) ** 0.5
    p = 2 * NormalDist().cdf(-abs(effect) / se)
    se_of_g = (1 / sizes[0] + 1 / sizes[1] + effect**2 / 2 / sum(sizes)) ** 0.5
    total = sum(sizes)
    cells = {
        "direction": lambda: {},
        "significance": lambda: ({"ni": total} if association else n) | {"p_relation": "sig" if p < 0.05 else "ns"},
        "means": lambda: n | {"m1i": f"{50 + 10 * effect:.1f}", "sd1i": _sd(draw), "m2i": "50.0", "sd2i": _sd(draw)},
        "p": lambda: n | {"pi": f"{max(p, 0.001):.3f}", "p_relation": "="},
        "t": lambda: n | {"ti": f"{effect / se:.2f}"},
        "d": lambda: n | {"di": f"{effect:.2f}"},
        "g_se": lambda: n | {"yi": f"{effect:.3f}", "sei": f"{se_of_g:.3f}"},
        "g_ci": lambda: (
            n
            | {
                "yi": f"{effect:.3f}",
                "ci_lb": f"{effect - 1.96 * se_of_g:.3f}",
                "ci_ub": f"{effect + 1.96 * se_of_g:.3f}",
            }
            | {"ci_level": "0.95"}
        ),
        "beta": lambda: {"ni": total, "bi": f"{effect:.2f}"},
        "r": lambda: {"ni": total, "ri": f"{effect / (effect**2 + 4) ** 0.5:.2f}", "r_kind": "pearson"},
    }[kind]()
    return {"stat_type": kind, "direction": _direction(contrast, effect)} | cells


def _sd(draw: random.Random) -> str:
    return f"{draw.uniform(8, 12):.1f}"


# ---------------------------------------------------------------- what the reviewed work says


def _claims(draw: random.Random, review: MadeUp, names: list[str]) -> None:
    """Add statements on a share of the domains, each on one of its cells, and what their sources say."""
    number = 0
    for section, name in enumerate(names, 1):
        rows = review.tables[_file(name)]
        if not rows or draw.random() > WITH_CLAIMS:
            continue
        for i in range(draw.randint(*CLAIMS_OF_A_DOMAIN)):
            number += 1
            row = draw.choice(rows)
            about = {
                "claim_id": _claim_id(number),
                "section": f"3.{section}",
                "domain": name,
                "topic": f"statement-{i}",
            }
            cited = {"cited": number, "cited_reports": row["report_id"], "cited_basis": "number"}
            told = {"claim": f"Statement {i + 1} on topic {section}", "core": ("no", "yes")[i == 0], "lines": number}
            if i % 3 == 2:  # a third of the statements names nothing that was measured
                kind = {"claim_type": "background", "expected_direction": "background", "tested_by": "background"}
                review.add("claims.csv", **about, **told, **kind, **cited, needs="nothing that is measured here")
            else:
                scope = f"{name}/{row['contrast']}/{row['outcome_group']}"
                review.add("claims.csv", **about, **told, **_tested(row), **cited, claim_type="empirical", scope=scope)
            seen = {"says": "yes", "seen": "abstract", "locator": "abstract", "told": "It says so."}
            review.add("fidelity.csv", claim_id=about["claim_id"], report_id=row["report_id"], **seen)


def _claim_id(number: int) -> str:
    """C0001 ... C9999, D0001 and so on."""
    letter, number = divmod(number - 1, 9999)
    return f"{'CDEGHIJKLM'[letter]}{number + 1:04d}"


def _tested(row: Row) -> Row:
    """How a statement on the cell of a finding is tested."""
    if row["contrast"] == CONTRASTS[2]:
        return {"expected_direction": "positive_association", "tested_by": "association"}
    rule = "treatment" if row["contrast"] == CONTRASTS[1] else "difference"
    return {"expected_direction": "lower", "tested_by": rule}


# ---------------------------------------------------------------- the folder


def write_review(folder: Path, domains: int, findings: int, seed: int = SEED) -> Path:
    """Write a made-up review into a folder that is not there yet; returns the folder."""
    raw = folder / "data/raw"
    (raw / "findings").mkdir(parents=True)
    shutil.copytree(SKELETON / "config", folder / "config")
    for file, rows in made_up(domains, findings, seed).tables.items():
        _write(raw / file, rows)
    (raw / "review.yaml").write_text(yaml.safe_dump(_described(), sort_keys=False), encoding="utf-8")
    return folder


def _write(path: Path, rows: Iterable[Row]) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row)) or list(_COLUMNS)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


_COLUMNS = ("finding_id", "coding", "report_id", "contrast", "outcome_group", "population", "outcome")
_COLUMNS += ("stat_type", "direction", "locator", "source_kind", "coder")
"""Of a domain without findings: those that no table may lack."""


def _described() -> dict:
    """What the review says of itself."""
    asked = zip(QUESTIONS, CONTRASTS, strict=True)
    return {
        "title": "A made-up review",
        "reviewed": {"label": "Nobody (2016)", "citation": "Nobody A (2016). A review.", "kind": "narrative review"},
        "questions": {
            name: {"asks": f"What of the {name}?", "about": f"the {name}", "main": [f"*/{contrast}/*"]}
            for name, contrast in asked
        },
    }


if __name__ == "__main__":
    write_review(Path(sys.argv[1]), *map(int, sys.argv[2:]))
