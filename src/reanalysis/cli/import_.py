"""`reanalysis import`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="import")
@click.argument("name", metavar="FORMAT")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--domain", metavar="NAME", help="Name of the new domain; that of the file unless given.")
@click.option("--into", type=click.Path(path_type=Path), metavar="FOLDER", help="Make a new review in this folder.")
def command(name: str, file: Path, domain: str | None, into: Path | None) -> None:
    """Take in the results in FILE as a new domain of the review in the current folder, or as a new review.

    FORMAT is one of

    \b
      escalc    a data set for metafor's escalc, as R's write.csv writes it
      metapsy   a data set of the Metapsy data standard
      cochrane  the analysis data of RevMan 5, or the data rows of RevMan Web

    What FILE does not say is declared as not given. The new rows are checked before anything is written; if one cannot
    stand, every problem is told, and nothing is changed.

    \b
    Examples
      reanalysis import escalc dat.csv --domain stroke
      reanalysis import cochrane CD012345-data-rows.csv --into my-review
    """
    from reanalysis.exchange import IMPORTS
    from reanalysis.exchange.take_in import add_domain, begin_review
    from reanalysis.problems import choices
    from reanalysis.refused import Refused
    from reanalysis.text import count, listed

    if name not in IMPORTS:
        raise click.UsageError(f"There is no format `{name}`. {choices(name, IMPORTS)}")
    try:
        made = begin_review(file, name, into, domain) if into else add_domain(file, name, Path(), domain)
    except OSError as error:
        raise Refused(f"{error.filename} cannot be written: {error.strerror}. Nothing was changed.") from None
    for new, rows in made.findings.items():
        click.echo(f"{into or Path()}: domain `{new}` with {count(len(rows), 'finding')}".removeprefix(".: "))
    for table, rows in made.rows.items():
        click.echo(f"  data/raw/{table}: {count(len(rows), 'row')}")
    if made.known:
        click.echo(f"Already in the review, and taken to be the same: {listed(made.known)}.")
    if made.unread:
        click.echo(f"Not read: {count(len(made.unread), 'column')} ({listed(made.unread)}).")
    for warning in made.warnings:
        click.echo(str(warning))
