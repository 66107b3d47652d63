"""What a command says beside its answer."""

from __future__ import annotations

import click


def warn(said: str) -> None:
    """Print to the standard error, which no pipe takes for the answer."""
    click.echo(said, err=True)
