"""How long all universes of both reviews take: every answer with its interval, on one core and on two.

    python -m benchmarks.universes

The evidence is loaded and the code warm; the domains are spread over the cores. Before anything is timed, the default
universe is compared with the models of the main analysis.
"""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from benchmarks.measured import Disagreement, load, machine, say, spread, today, write
from reanalysis.check import load as load_review
from reanalysis.files.config_file import read_config
from reanalysis.ladder import domain_effects
from reanalysis.models.pooling import pool
from reanalysis.multiverse import choices, domain_answers, multiverse
from reanalysis.multiverse.universes import Universes
from reanalysis.schema.cell_models import ALL_EVIDENCE_BAYES, MODELS
from reanalysis.spread import spread as over_cores

ROOT = Path(__file__).resolve().parents[1]
REVIEWS = {"oxytocin in BPD": ROOT, **{path.name: path for path in sorted((ROOT / "examples").iterdir())}}
REPETITIONS = 3


def check(evidence, config) -> None:
    """Raise Disagreement unless the default universe is the main analysis, digit by digit."""
    main = {(row.cell, row.model): row for row in multiverse(evidence, config).results if row.main}
    for domain in evidence.domains:
        for model in pool(domain_effects(evidence, domain, config.effects), config.models).models:
            if MODELS[model.model].main:
                row = main[model.cell, model.model]
                if (row.k, row.est, row.ci_lb, row.ci_ub) != (model.k, model.est, model.ci_lb, model.ci_ub):
                    raise Disagreement(f"{model.cell}: the default universe is not the main analysis")


def answers(evidence, config, cores: int) -> list[list[dict]]:
    """All answers of all domains, on so many cores."""
    own = choices(config)
    tasks = [partial(domain_answers, evidence.of(domain), domain, own) for domain in evidence.domains]
    return over_cores(tasks, cores)


def measure(name: str, folder: Path) -> dict[str, object]:
    """The row of a review."""
    evidence, config = load_review(folder / "data/raw"), read_config(folder / "config/config.yaml")
    check(evidence, config)
    times: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(REPETITIONS):
        for cores, own in times.items():
            start = time.perf_counter()
            found = answers(evidence, config, cores)
            own.append(time.perf_counter() - start)
    fits = [fit for domain in found for one in domain for fit in one["results"]]
    return {
        "review": name,
        "universes": len(Universes.of(config)),
        "answers": sum(len(domain) for domain in found),
        "fits": len(fits),
        "posteriors": sum(fit[0] == ALL_EVIDENCE_BAYES for fit in fits),
        **{f"cores_{cores}_{key}": value for cores, own in times.items() for key, value in spread(own).items()},
        "machine": machine(),
        "date": today(),
        "load": load(),
    }


def main() -> None:
    """Measure both reviews and write the table."""
    rows = []
    for name, folder in REVIEWS.items():
        rows.append(measure(name, folder))
        say(f"{name}: {rows[-1]['universes']:,} universes in {rows[-1]['cores_2_median']} s on two cores")
    write("universes.csv", rows)


if __name__ == "__main__":
    main()
