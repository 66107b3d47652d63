"""`reanalysis run`."""

from __future__ import annotations

import click


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("snakemake", nargs=-1, type=click.UNPROCESSED)
def command(snakemake: tuple[str, ...]) -> None:
    """Run the whole analysis, and say what has changed since the last run.

    What is up to date is not made again. A run that was interrupted can simply be run again. Further arguments are
    those of Snakemake, which does the work.

    \b
    Examples
      reanalysis run
      reanalysis -C my-review run
      reanalysis run --cores 1
    """
    from reanalysis.running import run

    raise SystemExit(run(snakemake))
