"""`reanalysis explain`."""

from __future__ import annotations

from pathlib import Path

import click

from reanalysis.cli import warn
from reanalysis.cli.complete import ids


@click.command()
@click.argument("words", nargs=-1, metavar="ID | TABLE ROW [COLUMN]", required=True, shell_complete=ids)
@click.option("--json", "as_json", is_flag=True, help="Print the explanation as JSON: heading, lines, parts.")
def command(words: tuple[str, ...], as_json: bool) -> None:
    """Trace anything to its sources, and to all that rests on it.

    ID is a finding, a sample, a report, a claim, a domain, or a cell, written as domain/contrast/outcome. Or name a
    number of a table: the file in results/, the row as a spreadsheet counts it (the header is row 1), and the column.

    \b
    What is told
      finding    the place in its source, corrections, the formula with its numbers, the effect,
                 models and weight, the answer, statements that rest on it, figures that show it
      domain     its cells, each with its answer
      cell       what was pooled, the models, the answer, sensitivity analyses, statements
      claim      verdict and rule, the posterior of each part, the evidence, the cited source
      report     its samples and findings, what it says of statements, what to ask its authors
      sample     its findings, the cells that it enters, the models without it
      number     the stage that made it, from which rows, and what these are

    The numbers are those of the last run.

    \b
    Examples
      reanalysis explain smith2010-pain-week-8
      reanalysis explain smith2010
      reanalysis explain C038
      reanalysis explain pain-relief/drug_vs_control/pain
      reanalysis explain 3_models/models.csv 12 est
      reanalysis explain 5_figures/forest/pain-relief.csv 4
    """
    from reanalysis.builds import read_last
    from reanalysis.explain import explain

    if len(words) > 3:
        raise click.UsageError("Give one id, or a table with a row and a column.")
    parts = explain(read_last(Path(), warn), words)
    if as_json:
        import json
        from dataclasses import asdict

        click.echo(json.dumps([asdict(part) for part in parts], ensure_ascii=False, indent=1))
    else:
        click.echo("\n\n".join("\n".join(part.printed()) for part in parts))
