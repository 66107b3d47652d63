"""Write a bitmap as PNG. On drawings of text and lines, rows as they are compress better and faster than filtered ones.

PNG (Portable Network Graphics) Specification, Third Edition, W3C 2025. Pillow filters every row of a picture in colour.
"""

from __future__ import annotations

import zlib
from struct import pack

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LEVEL = 3  # of compression: higher ones take longer and save little


def png(pixels: np.ndarray, dpi: float) -> bytes:
    """The PNG of pixels of shape (height, width, 3), red, green and blue of 0 to 255, to be printed at `dpi`."""
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each opens with its filter: none
    rows[:, 1:] = pixels.reshape(height, -1)
    per_metre = round(dpi / 0.0254)
    chunks = {
        b"IHDR": pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0),
        b"pHYs": pack(">IIB", per_metre, per_metre, 1),
        b"IDAT": zlib.compress(rows, LEVEL),
        b"IEND": b"",
    }
    return SIGNATURE + b"".join(
        pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data)) for name, data in chunks.items()
    )
