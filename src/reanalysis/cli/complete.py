"""What the shell offers for the arguments of commands, by the results of the last run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click

    from reanalysis.results.build import Build


def ids(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    """Ids that can be explained and begin like this."""
    from reanalysis.explain import known

    build = _last(ctx)
    return sorted(name for name in known(build) if name.startswith(begun)) if build else []


def requests(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    """Reports and findings of the work list that begin like this."""
    build = _last(ctx)
    work = build.tables["4_synthesis/worklist.csv"] if build else []
    names = dict.fromkeys(name for item in work for name in (item.report_id, item.finding_id))
    return [name for name in names if name.startswith(begun)]


def _last(ctx: click.Context) -> Build | None:
    """The build of the last run in the folder of the review; None without one, which a shell need not be told."""
    from reanalysis.builds import read_build
    from reanalysis.refused import Refused

    try:
        return read_build(ctx.find_root().params.get("directory") or Path())
    except Refused:
        return None
