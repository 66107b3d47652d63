"""`reanalysis new`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def command(folder: Path) -> None:
    """Begin a review of your own in FOLDER, with made-up data that run.

    FOLDER must not exist yet, or be empty. It is written as a whole or not at all. Its README.md says what to do next.

    \b
    Example
      reanalysis new my-review
      reanalysis -C my-review run
    """
    from reanalysis.new import begin
    from reanalysis.refused import Refused

    try:
        begin(folder)
    except OSError as error:
        raise Refused(f"{folder} cannot be made: {error.strerror}. Nothing was written.") from None
    click.echo(f"{folder} is a review with made-up data. Its README.md says what to do next.")
