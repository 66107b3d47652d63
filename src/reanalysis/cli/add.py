"""`reanalysis add`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("study", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--template", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write a form instead."
)
@click.option("--yes", is_flag=True, help="Add without asking, if nothing is wrong.")
@click.option("--preview", "only_preview", is_flag=True, help="Show what would change, and add nothing.")
@click.option("--run", "and_run", is_flag=True, help="Run the analysis afterwards.")
@click.pass_context
def command(
    ctx: click.Context, study: Path | None, template: Path | None, yes: bool, only_preview: bool, and_run: bool
) -> None:
    """Add a study: its report, its samples and its results.

    STUDY is a YAML, XLSX or CSV file with rows of the raw tables. `--template` writes an empty form, and the ending of
    its name decides on the kind: YAML and XLSX explain the usual columns, CSV has the names of all. Without STUDY, the
    cells are asked for one by one.

    The study is checked together with what is there; each error names its place in STUDY. What the study would change
    is shown before anything is written: effects, pooled estimates, answers and verdicts. Then its rows are written to
    the ends of the tables in data/raw/, all of them or none; what stands there stays as it is.

    \b
    Examples
      reanalysis add --template study.yaml
      reanalysis add study.yaml
      reanalysis add study.xlsx --yes --run
      reanalysis add
    """
    from reanalysis.adding import preview
    from reanalysis.adding.study import read_study
    from reanalysis.report.changes import lines
    from reanalysis.text import count

    if template:
        _form(template)
        return
    rows = read_study(study) if study else _asked()
    addition = preview(Path(), rows)
    for warning in addition.warnings:
        click.echo(str(warning))
    if addition.mends:
        click.echo("Without this study the data cannot be used:")
        click.echo("\n".join(f"  {problem}" for problem in addition.mends))
    if addition.changes is None:
        click.echo("There was no run before, so what would change cannot be said.")
    else:
        since = ", since the last run" if addition.mends else ""
        click.echo("\n".join([f"With this study{since}:", *lines(addition.changes)]))
    if only_preview:
        return
    if not yes and not click.confirm("\nAdd it?", default=False):
        click.echo("Nothing was written.")
        return
    addition.write(Path())
    written = (f"{table} ({count(len(own), 'row')})" for table, own in addition.rows.items())
    click.echo(f"Added to data/raw: {', '.join(written)}.")
    if not and_run:
        click.echo("`reanalysis run` analyses it with the others.")
    else:
        from reanalysis.cli.run import command as run

        ctx.invoke(run)


def _form(path: Path) -> None:
    from reanalysis.adding.template import csv_form, xlsx_form, yaml_form
    from reanalysis.builds import evidence_now
    from reanalysis.refused import Refused

    forms = {".yaml": lambda: yaml_form(evidence_now(Path())).encode(), ".csv": lambda: csv_form().encode()}
    forms |= {".yml": forms[".yaml"], ".xlsx": lambda: xlsx_form(evidence_now(Path()))}
    if path.suffix not in forms:
        raise click.UsageError(f"A form is one of {', '.join(forms)}, not `{path.suffix}`.")
    if path.exists():
        raise Refused(f"{path} is there already: nothing was written.")
    path.write_bytes(forms[path.suffix]())
    click.echo(f"{path} is an empty form. Fill it in, then run `reanalysis add {path}`.")


def _asked() -> list:
    from reanalysis.adding.interview import interview
    from reanalysis.builds import evidence_now

    def ask(question: str, default: str) -> str:
        return click.prompt(question, default=default, show_default=bool(default))

    return interview(evidence_now(Path()), ask, click.echo)
