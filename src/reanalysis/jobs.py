"""What every job of the pipeline does around its work: keep a log, and speak to people when the input is at fault."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reanalysis.check import BadInput


@contextmanager
def logged(log: str) -> Iterator[None]:
    """Run the body; on failure write the reason to `log` and end the process with exit code 1.

    Bad input is explained without a traceback; anything else is a defect and leaves its traceback in the log.
    """
    path = Path(log)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("", encoding="utf-8")
    try:
        yield
    except BadInput as error:
        path.write_text(f"{error}\n", encoding="utf-8")
        sys.exit(1)
    except Exception:
        path.write_text(traceback.format_exc(), encoding="utf-8")
        sys.exit(1)
