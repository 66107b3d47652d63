"""All measurements of docs/performance.md by one command, `python -m benchmarks`: peers, universes, pipeline, growth.

It takes an hour and a half. `--part` measures one of them; `--r-library FOLDER` adds a library of R, `--repetitions`
says how often the pipeline runs; `python -m benchmarks.growth` has choices of its own. At the end docs/performance.md
is written anew, and what has become slower is said.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from benchmarks import compare, document, peers, pipeline, universes

PARTS = ("peers", "universes", "pipeline", "growth")


def main() -> None:
    """Measure, write the tables and the document, and compare with the baseline."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("--part", action="append", choices=PARTS, help="measure this part alone")
    parser.add_argument("--r-library", action="append", default=[], metavar="FOLDER", help="a further library of R")
    parser.add_argument("--repetitions", type=int, default=3, help="of the runs of the pipeline")
    options = parser.parse_args()
    parts = options.part or PARTS
    if "peers" in parts:
        peers.main([word for library in options.r_library for word in ("--r-library", library)])
    if "universes" in parts:
        universes.main()
    if "pipeline" in parts:
        pipeline.main(["--repetitions", str(options.repetitions)])
    if "growth" in parts:  # in a process of its own: each process counts the memory of the one that has started it
        subprocess.run([sys.executable, "-m", "benchmarks.growth"], check=True)
    document.main()
    compare.main([])


if __name__ == "__main__":
    main()
