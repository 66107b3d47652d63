"""Has anything become slower? Ratios of a fresh run beside those of a committed one.

`python -m benchmarks.compare` compares benchmarks/results/ with benchmarks/baseline.csv; `--write` makes the results
the baseline. A ratio says how many times as long the other side took in the same run (metafor beside this engine,
bare Snakemake beside the pipeline), so that it means the same on another machine, and more is better.

It is a report, never a failure. Slower is what is more than a quarter below the baseline even if the other side had
taken its longest time and this project its shortest: the rest is noise."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measured import RESULTS, read, write
from benchmarks.pipeline import PIPELINE
from benchmarks.tasks import OURS

BASELINE = RESULTS.parent / "baseline.csv"
LEAST = 1.25  # times: a change that is smaller says nothing


def ratios(results: Path = RESULTS) -> Iterator[dict[str, object]]:
    """Of each task and other side: the ratio of medians, and the best that the spread of both allows."""
    for name, task, ours in (("peers.csv", "task", OURS), ("pipeline.csv", "run", PIPELINE)):
        rows = read(results / name)
        own = {row[task]: row for row in rows if row["tool"] == ours}
        for row in rows:
            if row["tool"] == ours or row[task] not in own:
                continue
            mine = own[row[task]]
            yield {
                "task": row[task],
                "tool": row["tool"],
                "version": row["version"],
                "ratio": float(f"{float(row['median']) / float(mine['median']):.3g}"),
                "best": float(f"{float(row['max']) / float(mine['min']):.3g}"),
            }


def slower(baseline: list[dict[str, str]], fresh: list[dict[str, object]]) -> list[str]:
    """A line for each task that has become slower beyond the noise."""
    now = {(row["task"], row["tool"], row["version"]): row for row in fresh}
    lines = []
    for row in baseline:
        found, before = now.get((row["task"], row["tool"], row["version"])), float(row["ratio"])
        if found and before > LEAST * found["best"]:
            at_best = f"{found['ratio']:g} (at best {found['best']:g}), before {before:g}"
            lines.append(f"{row['task']}, beside {row['tool']} {row['version']}: {at_best}")
    return lines


def main(arguments: list[str]) -> None:
    """Print what has become slower, or make the results the baseline."""
    fresh = list(ratios())
    if not fresh:
        print("Nothing has been measured: python -m benchmarks")
    elif arguments == ["--write"]:
        print(f"written: {write(BASELINE, fresh)}")
    else:
        baseline = read(BASELINE)
        missing = {(row["task"], row["tool"], row["version"]) for row in baseline}
        missing -= {(row["task"], row["tool"], row["version"]) for row in fresh}
        found = slower(baseline, fresh)
        print(f"{len(baseline) - len(missing)} of {len(baseline)} ratios compared with the baseline.")
        for one in sorted(missing):
            print("not measured:", *one)
        print("\n".join(["Slower than the baseline beyond the noise:", *found]) if found else "Nothing is slower.")


if __name__ == "__main__":
    main(sys.argv[1:])
