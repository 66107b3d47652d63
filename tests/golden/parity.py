"""Writes `docs/parity.md` from the comparison with the reference cases: `python -m tests.golden.parity`."""

from __future__ import annotations

import math
import re
from collections import Counter
from pathlib import Path

from tests.golden import oracle, published, recipes

DOCUMENT = Path(__file__).parents[2] / "docs" / "parity.md"
MOST_DIGITS = 10
ROUGH = 1e-3
SMALLEST = oracle.DEFAULT_ABS / oracle.DEFAULT_REL

HEAD = """\
# Agreement with metafor

*Generated from the tests by `python -m tests.golden.parity`; do not edit.*

Every quantity that this project shares with the R package [metafor](https://www.metafor-project.org) is compared with
it, on {cases} reference cases. A case is a folder with data, an R script and the values that script gave. The tests
recompute it with `reanalysis` and account for **every** value: it agrees, or it differs on purpose, or it is out of
scope, with the reasons below. A value without any of the three fails the tests. How to rerun the R side:
`tests/golden/README.md`.

**Of {total} values {agrees} agree, {differs} differ on purpose and {out} are out of scope.**

The reference was computed with {software}. metafor 5.1-12 was built from
its upstream repository. The R scripts make metafor iterate to the optimum (by default it stops once tau² moves by less
than 1e-5), so agreement is with the optimum of the likelihood or estimating equation, not with what metafor prints by
default.

## Cases

*Digits*: significant digits to which all agreeing numbers of the case agree (numbers smaller than {smallest:g} count by
their distance relative to {smallest:g}); {most}+ means {most} or more. Fewer than that is the precision of the
reference, where it comes from a numerical optimizer: multilevel models, selection models, profile likelihood.

| case | covers | data | values | agree | digits | differ | out of scope |
|---|---|---|--:|--:|--:|--:|--:|
"""

OTHERWISE = """
## What is done otherwise, outside these cases

- `fit_multilevel` tests by t with degrees of freedom by containment, as `fit` tests by t; metafor's default is z. The
  cases ask for the test that the reference used.
- `robust` of a model with Knapp-Hartung test: metafor multiplies the sandwich standard error by the Knapp-Hartung scale
  s2w, which belongs to the model-based covariance; here the sandwich stands as it is.
- Sampling variances of zero are refused; metafor fits them by HE, REML, ML, SJ and EB.
- Where a likelihood has several maxima, ML and REML take the highest, and so do multilevel models
  ([engine.md](engine.md)); metafor climbs from one start and ends at a lower one in some data sets.
"""
VERSIONS = """
## Where metafor 3.8-1 answers differently

Debian and many published analyses use metafor 3.8-1. The same scripts give other numbers there; this project follows
5.1-12. Apart from these, and from noise of numerical optimizers, the two versions agree to six digits.

| quantity | what changed in metafor |
|---|---|
| SMDH, SMD1H, SMCRH: variance | 4.6-0: n - 1 in the denominators |
| ROM, ROMC, CVR, CVRC: estimate | 5.0-1: bias correction on by default (`correct=False` gives the old value) |
| ZPCOR: variance | 4.0-0: 1/(n - m - 3) instead of 1/(n - m - 1) |
| PCOR, ZPCOR, SPCOR: number of predictors | 4.4-0: the focal predictor counts too |
| SMD with `correct=FALSE` | 3.8-1 ignores it |
| tau² by DLIT | 5.1-12 converges to the Paule-Mandel value, its fixed point; 3.8-1 stops elsewhere or fails |
"""

WHOLE = """
## Out of scope as a whole

The collection that these cases were chosen from holds others, for which this project has no counterpart: the evidence
it was built for has no such data, or a method that is offered does the same better.

- rates, single proportions and other single-group measures, paired binary outcomes;
- Mantel-Haenszel and Peto pooling;
- multivariate models with unstructured or autoregressive random effects (`UN`, `HAR`);
- continuous selection functions (beta, half-normal, negative-exponential and the like);
- fail-safe N.
"""


def render() -> str:
    """The document as text."""
    recipes.load_all()
    results = {case: oracle.compare(case) for case in oracle.cases()}
    counts = Counter(leaf.status for leaves in results.values() for leaf in leaves)
    parts = [
        HEAD.format(
            cases=len(results),
            total=counts.total(),
            agrees=counts["agrees"],
            differs=counts["differs"],
            out=counts["out_of_scope"],
            software=_software(),
            smallest=SMALLEST,
            most=MOST_DIGITS,
        ),
        *(_row(case, leaves) for case, leaves in results.items()),
        _rough(results),
        "\n## Differs on purpose\n\n" + _reasons(results, "differs"),
        "\n## Out of scope inside these cases\n\n" + _reasons(results, "out_of_scope"),
        WHOLE,
        OTHERWISE,
        "\n## Numbers printed in articles\n\n" + _published(),
        VERSIONS,
    ]
    return "".join(parts)


def without_digits(text: str) -> str:
    """The document less the column of digits, which depends a little on the machine that computed it."""
    return re.sub(r"^((\|[^|]*){5})\|[^|]*", r"\1|", text, flags=re.MULTILINE)


def digits(leaves) -> str:
    """Significant digits to which all agreeing numbers agree, but for those agreeing only roughly, as text."""
    worst = max((d for d in map(_distance, leaves) if d < ROUGH), default=0.0)
    found = MOST_DIGITS if worst == 0 else min(MOST_DIGITS, math.floor(-math.log10(worst)))
    return f"{found}+" if found == MOST_DIGITS else str(found)


def _distance(leaf) -> float:
    """Relative difference of an agreeing number; 0 for everything else."""
    if leaf.status != "agrees" or isinstance(leaf.want, bool | str | type(None)) or not math.isfinite(leaf.want):
        return 0.0
    return abs(float(leaf.got) - leaf.want) / max(abs(leaf.want), SMALLEST)


def _rough(results) -> str:
    lines = [
        f"- **{case}**, `{leaf.path}`: {leaf.want:.3g}, here {leaf.got:.3g}.\n"
        for case, leaves in results.items()
        for leaf in leaves
        if _distance(leaf) >= ROUGH
    ]
    if not lines:
        return ""
    return "\nNot counted among the digits, because the reference is itself random or a rough search:\n\n" + "".join(
        lines
    )


def _row(case: str, leaves) -> str:
    about = oracle.expected(case)
    n = Counter(leaf.status for leaf in leaves)
    cells = [
        case,
        "; ".join(about["covers"]),
        about["source"],
        *map(str, (len(leaves), n["agrees"], digits(leaves), n["differs"], n["out_of_scope"])),
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _reasons(results, status: str) -> str:
    """Each reason once, with the cases, how many values, and the first of them."""
    found: dict[str, dict[str, list[str]]] = {}
    for case, leaves in results.items():
        for leaf in leaves:
            if leaf.status == status:
                found.setdefault(leaf.reason, {}).setdefault(case, []).append(leaf.path)
    lines = []
    for reason, where in found.items():
        cases = "; ".join(f"{case} ({len(paths)}, e.g. `{paths[0]}`)" for case, paths in where.items())
        lines.append(f"- {reason}. *{cases}*\n")
    return "".join(lines) or "Nothing.\n"


def _published() -> str:
    rows = [row for case in oracle.cases() for row in published.printed(case)]
    n = Counter(row.status for row in rows)
    lines = [
        f"{len(rows)} numbers printed in articles, or held as constants in metafor's own tests, are compared at their "
        f"printed precision: {n['agrees']} agree, {n['out_of_scope']} belong to methods out of scope, and "
        f"{n['otherwise']} differ in the last printed digits for a known reason.\n\n",
        "| case | source | numbers | agree |\n|---|---|--:|--:|\n",
    ]
    for case in oracle.cases():
        if found := Counter(row.status for row in rows if row.case == case):
            total = found.total() - found["out_of_scope"]
            lines.append(f"| {case} | {published.source(case)} | {total} | {found['agrees']} |\n")
    lines.append("\n")
    for reason in dict.fromkeys(row.reason for row in rows if row.status == "otherwise"):
        where = [row for row in rows if row.status == "otherwise" and row.reason == reason]
        cases = dict.fromkeys(row.case for row in where)
        listed = "; ".join(f"{c} ({', '.join(r.path for r in where if r.case == c)})" for c in cases)
        lines.append(f"- {reason}: {listed}.\n")
    return "".join(lines)


def _software() -> str:
    versions: dict[str, str] = {}
    for case in oracle.cases():
        versions |= oracle.expected(case)["software"]
    return ", ".join(f"{name} {_r_version(version)}" for name, version in versions.items())


def _r_version(version: str) -> str:
    return version.replace("5.1.12", "5.1-12")


if __name__ == "__main__":
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(render(), encoding="utf-8")
    print(DOCUMENT)
