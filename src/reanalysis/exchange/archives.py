"""ZIP archives whose bytes tell nothing but their content: those of workbooks and documents."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from reanalysis.schema.review import Review

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first moment that an archive can name (PKWARE APPNOTE 6.3.10, 4.4.6)."""


def undated(archive: bytes) -> bytes:
    """The same entries in the same order, without the time at which they were packed."""
    packed = BytesIO()
    with ZipFile(BytesIO(archive)) as made, ZipFile(packed, "w") as target:
        for entry in made.infolist():
            target.writestr(ZipInfo(entry.filename, EARLIEST), made.read(entry), ZIP_DEFLATED)
    return packed.getvalue()


def day_of(review: Review) -> datetime:
    """When the data of a review last changed, which its documents give as their own date."""
    return datetime.fromisoformat(review.date) if review.date else datetime(*EARLIEST)
