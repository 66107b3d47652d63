"""What the shell offers for the arguments of commands, by the results of the last run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    import click

    from reanalysis.results.build import Build


def ids(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    """Ids that can be explained and begin like this; behind a table belongs a row, which nobody can offer."""
    from reanalysis.explain import known

    build = None if ctx.params.get(param.name) else _last(ctx)
    return sorted(name for name in known(build) if name.startswith(begun)) if build else []


def requests(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    """Reports and findings of the work list that begin like this."""
    build = _last(ctx)
    work = build.tables["4_synthesis/worklist.csv"] if build else []
    names = dict.fromkeys(name for item in work for name in (item.report_id, item.finding_id))
    return [name for name in names if name.startswith(begun)]


def formats(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    """Formats of the export that begin like this."""
    from reanalysis.exchange import EXPORTS

    return [name for name in EXPORTS if name.startswith(begun)]


def builds(ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Builds that have a name; folders otherwise."""
    names = [CompletionItem(name) for name in ("previous", "last", "now") if name.startswith(begun)]
    return names or [CompletionItem(begun, type="dir")]


def _last(ctx: click.Context) -> Build | None:
    """The build of the last run in the folder of the review; None without one, which a shell need not be told."""
    from reanalysis.builds import read_build
    from reanalysis.refused import Refused

    try:
        return read_build(ctx.find_root().params.get("directory") or Path())
    except Refused:
        return None
