"""`reanalysis check`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--all", "every", is_flag=True, help="Also list the warnings that were accepted.")
def command(every: bool) -> None:
    """Check the data and the choices, without running the analysis.

    Prints every problem at once, each with its file, line, column and value, and what to do about it. Errors stop a
    run, and the exit code is 1; warnings are possible but not plausible: correct them, or accept them with a reason in
    data/raw/corrections.yaml. Nothing is written.

    \b
    Examples
      reanalysis check
      reanalysis -C my-review check --all
    """
    from reanalysis.builds import examine
    from reanalysis.problems import BadInput, errors, open_warnings
    from reanalysis.text import count

    problems = examine(Path())
    if errors(problems):
        raise BadInput(problems)
    for problem in sorted(problems if every else open_warnings(problems)):
        click.echo(f"{problem}{f' Accepted: {problem.accepted}' if problem.accepted else ''}")
    accepted = len(problems) - len(open_warnings(problems))
    click.echo(
        f"No errors. {count(len(open_warnings(problems)), 'warning is', 'warnings are')} open, {accepted} accepted."
    )
