"""How often does each verdict come out when the truth is known? The operating characteristics of the decision rule.

Run `python -m benchmarks.simulate_verdicts`: it rewrites docs/verdict-simulation.csv and the tables of
docs/verdict-simulation.md. Same numbers at every run.

Every study has two groups of 30 people; its true effect is normal around mu with standard deviation tau; its t is drawn
from the non-central t itself. Then it is reported in full, by its significance (with the sign where it is significant),
or by its sign alone. The claim is that the effect is positive, or that there is none. Verdicts are those of
`reanalysis.claims.verdict`, with the choices of config/config.yaml and all alternatives that they declare: each sample
left out, other priors, other levels of significance, and selective reporting.
"""

import csv
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

from reanalysis.claims.evidence import Part
from reanalysis.claims.verdict import BOTH, OPEN, Judged
from reanalysis.effects import smd_bounds_from_p, smd_from_t
from reanalysis.files.config_file import read_config
from reanalysis.meta.evidence import Evidence, sampling
from reanalysis.meta.evidence_bayes import Priors, posterior
from reanalysis.schema.vocabulary import VERDICTS

ROOT = Path(__file__).resolve().parents[1]
SEED, N = 1926, 30
SETS, NULL_SETS = 400, 1200
"""Sets in a setting, and in one without an effect, whose errors are rare."""
POINTS = (33, 17)
"""Points of the grid in mu and tau: coarser than in the pipeline, by less than 0.005 in the probabilities."""
AT_ONCE = 400
DIRECTION = 0.25
"""Share of the studies not reported in full of which the sign alone is known."""
SILENT = 0.5
"""Chance of a result that is not significant to be reported at all, where reporting is selective."""
CONFIG = read_config(ROOT / "config/config.yaml")


class Setting(NamedTuple):
    reporting: str
    mu: float
    tau: float
    k: int
    share_exact: float


class Studies(NamedTuple):
    """Complete data, (B, k), and how much of each study is reported."""

    yi: np.ndarray
    vi: np.ndarray
    exact: np.ndarray
    direction: np.ndarray

    def take(self, sets: np.ndarray) -> "Studies":
        return Studies(*(x[sets] for x in self))


class Told(NamedTuple):
    """What the model is given, (B, k): effects, or intervals; `use` says which studies take part."""

    yi: np.ndarray
    vi: np.ndarray
    yi_lb: np.ndarray
    yi_ub: np.ndarray
    use: np.ndarray


class Row(NamedTuple):
    """What a verdict looks at in a row of `results.rows.Variant`."""

    kind: str
    k: int
    prob_below: float
    prob_beyond_below: float
    prob_beyond_above: float
    prob_new_below: float
    prob_mixed: float


def settings() -> Iterator[Setting]:
    mus, taus, ks = (0.0, 0.2, 0.5), (0.0, 0.2, 0.5), (1, 2, 5, 10, 20)
    yield from (Setting("at random", *rest) for rest in product(mus, taus, ks, (1.0, 0.3, 0.0)))
    yield from (Setting("selective", *rest) for rest in product((0.0, 0.5), (0.0, 0.2), ks, (1.0, 0.3)))


def draw(s: Setting, rng: np.random.Generator) -> Studies:
    pool = 8 * s.k if s.reporting == "selective" else s.k
    theta = s.mu + s.tau * rng.standard_normal((SETS if s.mu else NULL_SETS, pool))
    df = 2 * N - 2
    t = (rng.standard_normal(theta.shape) + theta * np.sqrt(N / 2)) / np.sqrt(rng.chisquare(df, theta.shape) / df)
    yi, vi = smd_from_t(t, N, N)
    if s.reporting == "selective":  # the first k that were reported
        reported = (np.abs(yi) > limit(CONFIG.effects.alpha)) | (rng.random(yi.shape) < SILENT)
        first = np.argsort(~reported, axis=1, kind="stable")[:, : s.k]
        yi, vi = (np.take_along_axis(x, first, axis=1) for x in (yi, vi))
    exact = rng.random(yi.shape) < s.share_exact
    return Studies(yi, vi, exact, ~exact & (rng.random(yi.shape) < DIRECTION))


def limit(alpha: float) -> float:
    """The smallest effect that is significant at this level."""
    return float(smd_bounds_from_p(N, N, alpha, "ns", 0).yi_ub)


def told(studies: Studies, alpha: float = CONFIG.effects.alpha, directions: str = "sign") -> Told:
    """What is known of the studies where "significant" is read as p < alpha.

    A sign alone is a half line; or, read as not significant, it ends at the limit of significance.
    """
    yi, significant = studies.yi, np.abs(studies.yi) > limit(CONFIG.effects.alpha)
    near = np.where(studies.direction, 0.0, np.where(significant, limit(alpha), -limit(alpha)))
    far = np.where(significant | studies.direction, np.inf, limit(alpha))
    if directions == "not significant":
        far = np.where(studies.direction, limit(alpha), far)
    up = yi > 0
    lb, ub = np.where(up, near, -far), np.where(up, far, -near)
    hidden = ~studies.exact
    numbers = (np.where(hidden, np.nan, yi), np.where(hidden, np.nan, studies.vi))
    return Told(*numbers, np.where(hidden, lb, np.nan), np.where(hidden, ub, np.nan), np.ones(yi.shape, bool))


def at_limit(known: Told, sign: int) -> Told:
    """Significant results of a sign at their limit, this sign alone left out, as `meta.all_evidence_at_limit` does."""
    bound = known.yi_lb if sign > 0 else known.yi_ub
    near = np.where(sign * bound > 0, bound, np.nan)
    limited, bare = ~np.isnan(near), bound == 0
    yi, vi = np.where(limited, near, known.yi), np.where(limited, 2 / N + near**2 / (4 * N), known.vi)
    ends = (np.where(limited, np.nan, end) for end in (known.yi_lb, known.yi_ub))
    return Told(yi, vi, *ends, known.use & ~bare)


def rows(known: Told, kind: str, mu_sd: float | None = None, tau_scale: float | None = None, omega: float = 1.0):
    """The posterior of each set, as a row of the table that claims are judged by; None where nothing is known."""
    models = CONFIG.models
    found: list[Row | None] = [None] * len(known.yi)
    filled = np.flatnonzero(known.use.any(axis=1))
    for part in np.array_split(filled, max(1, len(filled) // AT_ONCE)):
        if not len(part):
            continue
        own = Told(*(x[part] for x in known))
        evidence = Evidence.of(*own[:4], sampling("SMD", n1i=np.full(own.yi.shape, N), n2i=N), use=own.use, omega=omega)
        scales = (0.0, mu_sd or models.mu_prior_scale, tau_scale or models.tau_prior_scale)
        priors = Priors(*(np.full(len(part), scale) for scale in scales))
        p, margin = posterior(evidence, priors, POINTS), models.margin_smd
        probabilities = p.mu_cdf(0.0), p.mu_cdf(-margin), 1 - p.mu_cdf(margin)
        probabilities += p.new_cdf(0.0)[0], p.p_mixed(margin, models.mixed_share)
        for place, k, *own_row in zip(part, own.use.sum(axis=1), *probabilities, strict=True):
            found[place] = Row(kind, int(k), *map(float, own_row))
    return found


def alternatives(studies: Studies) -> Iterator[list[Row | None]]:
    """The posteriors of each set under each alternative that the configuration declares."""
    known, choices = told(studies), CONFIG.sensitivity
    for alpha in choices.alpha:
        yield rows(told(studies, alpha), "reading")
    for scale in choices.mu_prior_scale:
        yield rows(known, "prior", mu_sd=scale)
    for scale in choices.tau_prior_scale:
        yield rows(known, "prior", tau_scale=scale)
    for omega in choices.reported:
        yield rows(known, "selection", omega=omega)
    yield rows(told(studies, directions="not significant"), "selection")
    k = studies.yi.shape[1]
    for left_out in range(k) if k > 1 else ():
        use = known.use.copy()
        use[:, left_out] = False
        yield rows(known._replace(use=use), "sample left out")


def verdicts(studies: Studies, signs: tuple[int, ...] = (1,)) -> tuple[list[str], list[str]]:
    """The verdicts on an effect of these signs and on no effect, for each set."""
    known = told(studies)
    answers, *least = rows(known, "main"), *(rows(at_limit(known, sign), "reading") for sign in (1, -1))
    limits = [dict(zip((1, -1), both, strict=True)) for both in zip(*least, strict=True)]
    parts = [Part((), answer, limit) for answer, limit in zip(answers, limits, strict=True)]
    claims = [{"sign": sign, "rules": CONFIG.claims} for sign in signs]
    claims.append({"sign": 0, "rules": CONFIG.claims, "null": True})
    found = [[Judged.of(part, **claim) for part in parts] for claim in claims]
    decided = np.array(
        [any(judged[i].standing.side not in (OPEN, BOTH) for judged in found) for i in range(len(parts))]
    )
    some = np.flatnonzero(decided)
    if len(some):
        others = list(zip(*alternatives(studies.take(some)), strict=True))
        for place, own in zip(some, others, strict=True):
            part = Part((), answers[place], limits[place], tuple(row for row in own if row is not None))
            for judged, claim in zip(found, claims, strict=True):
                judged[place] = Judged.of(part, **claim)
    *effects, null = ([one.verdict for one in judged] for judged in found)
    return [verdict for effect in effects for verdict in effect], null


def simulate() -> None:
    """Every setting, on three processes; the numbers are written when all are there."""
    names = [verdict.replace(" ", "_") for verdict in VERDICTS]
    rows = []
    with ProcessPoolExecutor(3) as processes:
        for s, found in zip(settings(), processes.map(one_setting, enumerate(settings())), strict=True):
            rows += found
            print(*s, flush=True)
    with NUMBERS.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["claim", *Setting._fields, *names])
        writer.writerows(rows)


def one_setting(numbered: tuple[int, Setting]) -> list[list]:
    """The share of sets with each verdict, for each claim."""
    place, s = numbered
    both = verdicts(draw(s, np.random.default_rng((SEED, place))), (1,) if s.mu else (1, -1))
    return [
        [claim, *s, *(f"{found.count(verdict) / len(found):.4f}" for verdict in VERDICTS)]
        for claim, found in zip(("effect", "no effect"), both, strict=True)
    ]


NUMBERS, DOCUMENT = ROOT / "docs/verdict-simulation.csv", ROOT / "docs/verdict-simulation.md"
TABLES = (
    ("A positive effect is claimed; reported at random", "effect", "at random", (1.0, 0.3, 0.0)),
    ("No effect is claimed; reported at random", "no effect", "at random", (1.0, 0.3, 0.0)),
    (
        "A positive effect is claimed; half of the results that are not significant are never reported",
        "effect",
        "selective",
        (1.0, 0.3),
    ),
)


def document() -> None:
    """The tables of the document, from the stored numbers."""
    with NUMBERS.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    parts = [HEAD]
    for title, claim, reporting, shares in TABLES:
        own = [row for row in rows if (row["claim"], row["reporting"]) == (claim, reporting)]
        settings = dict.fromkeys((row["mu"], row["tau"], row["k"]) for row in own)
        parts += [
            f"## {title}",
            "",
            f"| mu | tau | k | {' | '.join(VERDICTS)} |",
            f"|--:|--:|--:|{'--:|' * len(VERDICTS)}",
        ]
        for mu, tau, k in settings:
            at = [(mu, tau, k, share) for share in shares]
            cells = [" / ".join(_percent(own, *one, verdict) for one in at) for verdict in VERDICTS]
            parts.append(f"| {mu} | {tau} | {k} | {' | '.join(cells)} |")
        parts.append("")
    DOCUMENT.write_text("\n".join(parts), encoding="utf-8")


HEAD = f"""# How often each verdict comes out

Generated by `python -m benchmarks.simulate_verdicts` from [`verdict-simulation.csv`](verdict-simulation.csv); seeded,
{SETS} sets of studies in each setting, {NULL_SETS} where mu is 0, each of these judged for a positive and a negative
claim. Every study has two groups of {N}; true effects are normal around mu with standard deviation tau. Percent of sets
with each verdict, where all studies are reported as numbers / 30 % of them / none; of the others three quarters are
known by their significance (with the sign where significant), one quarter by the sign alone. The margin of what matters
is 0.2. Simulation error where mu is 0: 0.3 points at 2.5 %, 0.6 at 10 %; else 2.5 at 50 %.
"""


def _percent(rows: list[dict], mu: str, tau: str, k: str, share: float, verdict: str) -> str:
    """Share of sets with a verdict, in whole percent but for small ones."""
    (row,) = (r for r in rows if (r["mu"], r["tau"], r["k"], float(r["share_exact"])) == (mu, tau, k, share))
    value = 100 * float(row[verdict.replace(" ", "_")])
    return f"{value:.1f}" if 0 < value < 5 else f"{value:.0f}"


def main() -> None:
    simulate()
    document()


if __name__ == "__main__":
    main()
