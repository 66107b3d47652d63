"""`reanalysis tidy`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
def command() -> None:
    """Remove what earlier runs made and the last one did not.

    Only what a record proves to be the work of the pipeline is removed, and only as long as nobody has edited it.

    \b
    Example
      reanalysis tidy
    """
    from contextlib import nullcontext

    from reanalysis.locks import run_alone
    from reanalysis.tidy import tidy

    with run_alone(Path("results")) or nullcontext():
        removed, kept = tidy(Path("results"))
    for path in removed:
        click.echo(f"Removed {path}")
    for path in kept:
        click.echo(f"Kept {path}: it has been edited since it was made. Remove it by hand if you do not need it.")
    if not removed and not kept:
        click.echo("Nothing to remove.")
