"""`reanalysis diff`."""

from __future__ import annotations

from pathlib import Path

import click

from reanalysis.cli.complete import builds


@click.command()
@click.argument("before", required=False, metavar="[A]", shell_complete=builds)
@click.argument("after", required=False, metavar="[B]", shell_complete=builds)
@click.option("--json", "as_json", is_flag=True, help="Print rows as JSON, as they would stand in changes.csv.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Also write a page to this file.")
@click.option("--exit-code", is_flag=True, help="End with exit code 1 where anything has changed.")
def command(before: str | None, after: str | None, as_json: bool, html: Path | None, exit_code: bool) -> None:
    """Say what has changed from A to B: choices, data, effects, pooled estimates, answers and verdicts.

    A and B each name a build or a version of the data:

    \b
      previous      the build before the last one
      last          the last build, in results/
      now           the data and choices as they are, computed without a run
      a folder      a folder of results, or of a review, which is computed
      a day         such as 2026-01-31: the last revision of git of that day or before it
      a revision    a commit, tag or branch of git: its data and choices, computed by the code of today

    Without A, the previous build is compared with the last one; without B, A with the data as they are now. The order
    of rows is no change. Numbers that differ by less than a billionth are the same.

    \b
    Examples
      reanalysis diff
      reanalysis diff 2026-01-31
      reanalysis diff HEAD~3 HEAD --html changes.html
      reanalysis diff ../version-1/results results --json
    """
    from reanalysis.builds import difference
    from reanalysis.report.changes import lines

    before, after = before or "previous", after or ("now" if before else "last")
    changes, title = difference(before, after)
    if html:
        from reanalysis.report import changes_page

        html.write_text(changes_page(changes, title, before, after), encoding="utf-8")
    if as_json:
        import json
        from dataclasses import asdict

        click.echo(json.dumps([asdict(row) for row in changes], ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join([f"From {before} to {after}.", *lines(changes)]))
    if exit_code and changes:
        raise SystemExit(1)
