"""A real SLURM of one machine: `benchmarks/slurm.sh`, where it can be run."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.project import ROOT

INSTALLED = all(map(shutil.which, ("slurmctld", "slurmd", "munged"))) and find_spec("snakemake_executor_plugin_slurm")
FREE = os.geteuid() == 0 and not Path("/etc/slurm/slurm.conf").exists()


@pytest.mark.slow
@pytest.mark.skipif(not (INSTALLED and FREE), reason="needs root, slurm-wlm, munge and requirements/slurm.txt")
def test_results_on_slurm_are_those_of_this_machine_also_where_jobs_are_killed():
    """The script compares the results, and fails where what it killed was not tried again."""
    env = os.environ | {"PYTHON": sys.executable, "PYTHONPATH": str(ROOT / "src")}
    command = [str(ROOT / "benchmarks/slurm.sh"), "2"]
    run = subprocess.run(command, env=env, text=True, stdout=-1, stderr=subprocess.STDOUT, timeout=1800, check=False)
    assert run.returncode == 0, run.stdout
    assert "results are the same, byte for byte" in run.stdout
    assert "Killed on its node" in run.stdout
