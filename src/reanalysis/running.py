"""A run of the whole analysis by Snakemake, in the current folder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable

from reanalysis.stages import HOME


def run(arguments: Iterable[str]) -> int:
    """Run the workflow on the review in the current folder; the exit code of Snakemake.

    `arguments` are further ones of Snakemake.
    """
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(HOME / "Snakefile"), *arguments]
    return subprocess.run([*command, "--profile", str(HOME / "profiles/default")], check=False).returncode
