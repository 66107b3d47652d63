"""Measurements, by hand: `python -m benchmarks` for all of docs/performance.md. All of them work on one thread."""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # read when numpy is loaded
    os.environ.setdefault(name, "1")
