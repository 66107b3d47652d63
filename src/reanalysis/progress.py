"""What a run shows on the screen: a bar where a person watches, otherwise a line for each stage."""

from __future__ import annotations

import logging
import sys

import click

SHOWN = "REANALYSIS_PROGRESS"
"""In the environment of a run that shows its progress in this way."""


class Progress(logging.Handler):
    """Shows the events of a workflow, which it is given as log records with an `event`.

    What went wrong is kept in `errors`, for the end of the screen, unless it was `explained` by the log of a job.
    """

    interrupted = False
    """Whether the run was interrupted by a person."""

    def __init__(self):
        super().__init__()
        self.errors: list[str] = []
        self.explained = False
        self.bar = None
        self.started, self.done, self.total = 0, 0, 0

    def emit(self, record: logging.LogRecord) -> None:
        """Show one event."""
        match str(getattr(record, "event", None)):
            case "run_info":
                self.total = record.stats["total"] - 1  # the last one is the target that wants all the others
            case "job_info" if record.rule_msg:
                self._show(record.rule_msg)
            case "progress":
                self._show(None, min(record.done, self.total))
            case "job_error":
                pass  # its log says why
            case _ if "on user request" in record.getMessage():
                Progress.interrupted = True
            case _ if record.levelno >= logging.ERROR:
                self.errors.append(record.getMessage())

    def _show(self, purpose: str | None, done: int | None = None) -> None:
        steps = (done or self.done) - self.done
        self.done += steps
        self.started += purpose is not None
        if not sys.stderr.isatty():
            if purpose:
                click.echo(f"[{self.started:2}/{self.total}] {purpose}", err=True)
            return
        if self.bar is None:
            self.bar = click.progressbar(
                length=self.total, file=sys.stderr, show_eta=False, width=24, item_show_func=lambda item: item or ""
            )
            self.bar.__enter__()
        self.bar.update(steps, purpose or self.bar.current_item)
        self.bar.render_progress()

    def close(self) -> None:
        """End the bar, so that what follows stands on a line of its own."""
        if self.bar is not None:
            self.bar.__exit__(None, None, None)
            self.bar = None
        super().close()

    def last_words(self) -> str:
        """Errors that nothing has explained, such as those of the workflow itself."""
        if self.interrupted:
            return "Interrupted. What was finished is kept: run again to go on."
        return "" if self.explained else "\n".join(self.errors)
