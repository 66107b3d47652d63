"""`reanalysis worklist`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reanalysis.cli import warn
from reanalysis.cli.complete import requests

if TYPE_CHECKING:  # a command imports what it needs when it is called
    from reanalysis.results.rows import WorkItem
    from reanalysis.schema.evidence import Evidence


@click.command()
@click.option("--top", type=click.IntRange(min=1), default=10, show_default=True, help="How many items to show.")
@click.option("--all", "every", is_flag=True, help="Show all items.")
@click.option(
    "--request",
    metavar="ID",
    shell_complete=requests,
    help="Write to the authors of this report, or about this finding alone.",
)
@click.option("--to", type=click.Path(path_type=Path, dir_okay=False), help="Write the letter to this file.")
def command(top: int, every: bool, request: str | None, to: Path | None) -> None:
    """Say which missing number is worth most, and ask its authors for it.

    Lists the results that are not reported with an effect size, the most valuable first: which numbers of which report
    to ask for, and what they would do to an answer of the review. Items of the same rank are worth the same. The order
    is explained in docs/worklist.md; the whole list with all its numbers is results/4_synthesis/worklist.csv.

    --request writes a letter to the authors of a report, ready to be sent, that names the numbers which are missing and
    has blanks to fill in. ID is a report, or a finding of the list.

    \b
    Examples
      reanalysis worklist
      reanalysis worklist --top 30
      reanalysis worklist --request smith2010
      reanalysis worklist --request smith2010-pain-week-8 --to letter.txt
    """
    from reanalysis.builds import read_last
    from reanalysis.data_request import letter, lines
    from reanalysis.refused import Refused
    from reanalysis.text import count

    if to and not request:
        raise click.UsageError("--to says where the letter goes: name a report or a finding with --request.")
    build = read_last(Path(), warn)
    work = build.tables["4_synthesis/worklist.csv"]
    if request is None:
        shown = work if every else work[:top]
        click.echo("\n".join(lines(shown, build.evidence.names)))
        more = f"{count(len(work) - len(shown), 'more item')}: --all shows all. " if len(shown) < len(work) else ""
        click.echo(
            f"{more}--request ID writes a letter to the authors." if work else "Every result has an effect size."
        )
        return
    items = [item for item in work if request in (item.report_id, item.finding_id)]
    if not items:
        raise Refused(_nothing(request, build.evidence, work))
    text = letter(build.evidence, items)
    if to:
        try:
            to.write_text(text, encoding="utf-8")
        except OSError as error:
            raise Refused(f"{to} cannot be written: {error.strerror}.") from None
        click.echo(f"{to}: {count(len(items), 'result')} of {items[0].label}")
    else:
        click.echo(text, nl=False)


def _nothing(request: str, evidence: Evidence, work: Iterable[WorkItem]) -> str:
    """Why there is nothing to ask for: the name is not known, or nothing is missing."""
    from reanalysis.problems import nearest

    findings = {row.finding_id for rows in evidence.findings.values() for row in rows}
    if request in findings:
        return f"Nothing is missing of `{request}`: it has an effect size, or does not count."
    if request in evidence.reports:
        return f"Nothing is missing of `{request}`: each of its results that counts has an effect size."
    wanted = {name for item in work for name in (item.report_id, item.finding_id)}
    hint = nearest(request, wanted) or "`reanalysis worklist` lists what can be asked for."
    return f"`{request}` is neither a report nor a finding of this review. {hint}"
