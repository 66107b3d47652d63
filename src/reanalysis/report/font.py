"""The font of the figures, cut down to the characters in use: what matplotlib measured is what a browser draws."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from reanalysis.report.svg import FACES


def font_faces(characters: Mapping[str, set[str]]) -> str:
    """CSS that declares the faces of DejaVu Sans with these characters, each font inside it as a data URI."""
    return "\n".join(_face(name, characters[name]) for name in FACES if characters.get(name))


def _face(name: str, characters: set[str]) -> str:
    style = FACES[name]
    return (
        f'@font-face{{font-family:"DejaVu Sans";font-weight:{style.get("font-weight", "normal")};'
        f"font-style:{style.get('font-style', 'normal')};"
        f'src:url(data:font/woff;base64,{_subset(name, characters)})format("woff")}}'
    )


def _subset(name: str, characters: set[str]) -> str:
    """The font with these characters and its kerning, as WOFF in base64; same characters, same bytes."""
    from fontTools import subset
    from matplotlib import get_data_path

    options = subset.Options(flavor="woff", hinting=False, name_IDs=[], recalc_timestamp=False)
    options.drop_tables += ["FFTM"]  # dates of the font editor
    font = subset.load_font(str(Path(get_data_path()) / f"fonts/ttf/{name}.ttf"), options)
    cut = subset.Subsetter(options)
    cut.populate(text="".join(sorted(characters)))
    cut.subset(font)
    buffer = BytesIO()
    subset.save_font(font, buffer, options)
    return base64.b64encode(buffer.getvalue()).decode("ascii")
