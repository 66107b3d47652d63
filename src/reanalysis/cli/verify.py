"""`reanalysis verify`."""

from __future__ import annotations

import os

import click


@click.command()
@click.option("--quick", is_flag=True, help="Compare with the manifest alone, without computing anything.")
def command(quick: bool) -> None:
    """Say whether the results can be trusted.

    Compares every result with the manifest of the run: what was edited by hand, damaged or deleted; and what the
    results no longer follow from: data, choices, code or packages that have changed since. Then computes everything
    anew in a temporary folder, which takes as long as a first run, and compares byte for byte. Nothing is changed. The
    exit code is 1 where anything differs.

    \b
    Examples
      reanalysis verify
      reanalysis verify --quick
    """
    from reanalysis.verify import told, verify

    found = verify(recompute=not quick, cores=os.cpu_count() or 1, tell=_tell)
    click.echo("\n".join(told(found)))
    if not found.sound:
        raise SystemExit(1)


def _tell(purpose: str) -> None:
    click.echo(f"{purpose} ...", err=True)
