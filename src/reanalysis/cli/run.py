"""`reanalysis run`."""

from __future__ import annotations

import os
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

import click

SHOWN = 8  # answers and verdicts that are told at the end of a run


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[SNAKEMAKE OPTIONS]...")
def command(arguments: tuple[str, ...]) -> None:
    """Run the whole analysis, and say what has changed since the last run.

    What is up to date is not made again. A run that was interrupted can simply be run again. The work is done by
    Snakemake, which takes all further options; `python -m snakemake` alone does the same with its own messages.

    \b
    Examples
      reanalysis run
      reanalysis -C my-review run
      reanalysis run --cores 1
      reanalysis run --dry-run
    """
    from reanalysis.progress import SHOWN as PROGRESS
    from reanalysis.progress import Progress
    from reanalysis.stages import HOME, RESULTS, demand_review

    demand_review(Path())
    os.environ[PROGRESS] = "1"
    manifest = RESULTS / "manifest.json"
    before = _written(manifest)
    quiet = () if {"-n", "--dry-run", "--dryrun"} & {*arguments} else ("--quiet", "all")
    code = _snakemake(["--snakefile", str(HOME / "Snakefile"), *arguments, *quiet])
    if code == 0 and quiet and _written(manifest) != before:
        _tell()
    elif code == 0 and quiet:
        click.echo(f"Everything is up to date. The report is {RESULTS / 'report.html'}.")
    raise SystemExit(130 if Progress.interrupted else code)


def _snakemake(arguments: list[str]) -> int:
    """Run Snakemake in this process; its exit code."""
    from snakemake.cli import args_to_api, parse_args

    said = StringIO()  # which profile is used, or what is wrong with the options
    try:
        with redirect_stderr(said):
            parser, options = parse_args(arguments)
        return 0 if args_to_api(options, parser) else 1
    except SystemExit as end:
        reason = said.getvalue().strip().rpartition("\n")[2]
        click.echo(end.code if isinstance(end.code, str) else reason, err=True)
        return end.code if isinstance(end.code, int) else 1


def _written(path: Path) -> int | None:
    return path.stat().st_mtime_ns if path.exists() else None


def _tell() -> None:
    """What has changed in the answers and verdicts, and how much else."""
    from reanalysis.report.changes import conclusions, summary
    from reanalysis.results.rows import Change
    from reanalysis.results.table import read_table
    from reanalysis.stages import PREVIOUS, RESULTS

    if not PREVIOUS.stat().st_size:
        return
    changes = read_table(RESULTS / "4_synthesis/changes.csv", Change)
    click.echo("\n".join([f"Since the previous build: {summary(changes)}", *conclusions(changes, SHOWN)]))
    if changes:
        click.echo("`reanalysis diff` shows everything that changed.")
