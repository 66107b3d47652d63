"""The command line, `reanalysis COMMAND`: one module for each command, imported only where it is called.

A command reads its arguments, calls the library, and prints. What a person can mend ends it with a message and exit
code 1; a wrong call with 2; an interruption with 130.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from keyword import iskeyword
from pathlib import Path

import click

from reanalysis.refused import refusal

COMMANDS = {
    "run": "Run the whole analysis, and say what has changed since the last run.",
    "check": "Check the data and the choices, without running the analysis.",
    "add": "Add a study: check it, show what it would change, then write it to data/raw/.",
    "diff": "Say what has changed between two builds, git revisions or folders.",
    "verify": "Say whether the results can be trusted: edited, out of date, reproducible.",
    "explain": "Trace a finding, a claim, a cell or any number of a table to its sources, and to what rests on it.",
    "worklist": "Say which missing number is worth most, and ask its authors for it.",
    "export": "Hand the review to people who work in R, RevMan, Excel, Word or other programs.",
    "import": "Take in a file of R, Metapsy or RevMan, as a new domain or a new review.",
    "new": "Begin a review of your own, with made-up data that run.",
    "tidy": "Remove what earlier runs made and the last one did not.",
}
"""The commands in the order of the help, each with what it does; its module in this package has its name.

That of `import`, a word of Python itself, is `import_`.
"""

EXIT_CODES = {
    0: "done; nothing is wrong",
    1: "the data cannot be used, something differs, or the work cannot be done; the message says what to do",
    2: "the command was called in a wrong way; the message says how it is called",
    130: "interrupted",
}


class Commands(click.Group):
    """The commands, whose modules are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        return import_module(f"{__name__}.{name}{'_' if iskeyword(name) else ''}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from reanalysis.problems import choices

            ctx.fail(f"There is no command `{args[0]}`. {choices(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "-C",
    "--directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the review, if it is not the current one; the paths of other files start from it as well.",
)
@click.version_option(package_name="reanalysis")
def commands(directory: Path | None) -> None:
    """A living, checkable reanalysis of a review.

    A review is a folder with `config/` and `data/raw/`; everything else follows from these. `reanalysis COMMAND --help`
    explains a command with examples.
    """
    if directory:
        os.chdir(directory)


def warn(said: str) -> None:
    """Print beside the answer of a command, to the standard error, which no pipe takes for it."""
    click.echo(said, err=True)


def main() -> None:
    """Run a command; the console script `reanalysis`."""
    try:
        sys.exit(commands(standalone_mode=False) or 0)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    except BrokenPipeError:  # such as `reanalysis worklist | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        sys.exit(refusal(error) or _defect(error))


def _defect(error: Exception) -> str:
    """What to say of an error that nobody has foreseen; its traceback is kept in a file."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", prefix="reanalysis-", suffix=".txt", delete=False, encoding="utf-8") as file:
        traceback.print_exception(error, file=file)
    return (
        f"This is a defect of the program, not of your data: {type(error).__name__}: {error}\n"
        f"Please report it, with the details in {file.name}."
    )
