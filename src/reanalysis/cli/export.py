"""`reanalysis export`."""

from __future__ import annotations

from pathlib import Path

import click

from reanalysis.cli import warn
from reanalysis.cli.complete import formats as known_formats


@click.command()
@click.argument("formats", nargs=-1, metavar="[FORMAT]...", shell_complete=known_formats)
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), default="exports", show_default=True, help="Where to write."
)
@click.option("--list", "only_list", is_flag=True, help="List the formats, and write nothing.")
def command(formats: tuple[str, ...], folder: Path, only_list: bool) -> None:
    """Hand the review to people who work with other programs.

    Writes each FORMAT to a folder of its own, made anew each time; without FORMAT, all of them. The numbers are those
    of the last run. A file of your own is never replaced. docs/exchange.md says what is in each.

    \b
    Examples
      reanalysis export
      reanalysis export --list
      reanalysis export r cochrane
      reanalysis export --to ~/for-my-co-author
    """
    from reanalysis.builds import read_last
    from reanalysis.exchange import EXPORTS, export
    from reanalysis.problems import choices
    from reanalysis.text import count

    if only_list:
        for name, form in EXPORTS.items():
            click.echo(f"{name:18}{form.purpose}")
        return
    if unknown := [name for name in formats if name not in EXPORTS]:
        hint = "RevMan reads `cochrane`. " if unknown[0].lower() == "revman" else ""
        raise click.UsageError(f"There is no format `{unknown[0]}`. {hint}{choices(unknown[0], EXPORTS)}")
    build = read_last(Path(), warn)
    for name in formats or EXPORTS:
        made = export(build, name, folder)
        click.echo(f"{folder / name}: {count(len(made), 'file', 'files')} for {EXPORTS[name].purpose}")
