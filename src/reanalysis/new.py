"""Begin a review: `reanalysis new my-review`.

The new folder is a copy of `skeleton/`, a complete review with made-up data that passes the check and gives a report.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from reanalysis.refused import Refused

SKELETON = Path(__file__).parent / "skeleton"


class Occupied(Refused):
    """Raised when there is something already where the new review would be."""


def begin(folder: Path, review: Path | None = None) -> None:
    """Make a copy of a review, of that with made-up data unless another is given, in a new or empty folder.

    It is written beside that place and then moved there, so that it is there as a whole or not at all. Raises Occupied,
    or OSError where the folder cannot be made; neither changes what is there.
    """
    if folder.is_symlink() or folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise Occupied(
            f"{folder} is there already and is not an empty folder: nothing was written. Choose another one."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".new-review-", dir=folder.parent) as beside:
        shutil.copytree(review or SKELETON, Path(beside, "review")).rename(folder)
