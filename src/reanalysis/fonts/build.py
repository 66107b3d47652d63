"""Make the files of the font: `python -m reanalysis.fonts.build`, after a change of `BLOCKS` or matplotlib.

`make docs` does it too; a test makes them again and compares.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from matplotlib import get_data_path

from reanalysis.fonts import COMMON, FACES, FULL, LETTERS, Face

SOURCES = {
    "Regular": "DejaVuSans",
    "Bold": "DejaVuSans-Bold",
    "Oblique": "DejaVuSans-Oblique",
}
BLOCKS = {
    COMMON: (
        (0x0020, 0x017F),  # Latin of Europe
        (0x0218, 0x021B),  # Romanian
        (0x02B0, 0x02BC),  # raised letters, by which a browser fits raised digits to pixels; turned comma, apostrophe
        (0x02E0, 0x02E4),
        (0x0384, 0x03CE),  # Greek
        (0x2010, 0x2027),  # punctuation
        (0x202F, 0x203A),
        (0x2070, 0x209C),  # raised and lowered digits and letters
        (0x20AC, 0x20AC),  # euro, numero, trade mark
        (0x2116, 0x2116),
        (0x2122, 0x2122),
        (0x2190, 0x2199),  # arrows
        (0x21D0, 0x21D5),
        (0x2205, 0x2206),  # mathematics
        (0x220F, 0x221E),
        (0x223C, 0x223C),
        (0x2248, 0x2248),
        (0x2260, 0x2265),
        (0x25A0, 0x25A1),  # shapes
        (0x25B2, 0x25BD),
        (0x25C6, 0x25CF),
    ),
    FULL: (
        (0x0020, 0x024F),  # Latin
        (0x0254, 0x0254),  # open o, schwa and open e, of African languages and Azerbaijani
        (0x0259, 0x0259),
        (0x025B, 0x025B),
        (0x02B0, 0x036F),  # modifiers and combining marks
        (0x0370, 0x045F),  # Greek, Cyrillic
        (0x048A, 0x04FF),  # Cyrillic of Ukraine and Asia
        (0x0590, 0x06FF),  # Hebrew, Arabic
        (0x1E00, 0x1EFF),  # Latin with two marks, as in Vietnamese
        (0x2000, 0x20CF),  # punctuation, raised and lowered digits, currencies
        (0x2103, 0x2103),  # degree Celsius, litre, numero, trade mark, ohm, angstrom
        (0x2113, 0x2113),
        (0x2116, 0x2116),
        (0x2122, 0x2122),
        (0x2126, 0x2126),
        (0x212B, 0x212B),
        (0x2150, 0x215F),  # fractions
        (0x2190, 0x219F),  # arrows
        (0x21D0, 0x21D5),
        (0x2200, 0x222B),  # mathematics
        (0x223C, 0x226B),
        (0x2282, 0x2287),
        (0x25A0, 0x25FF),  # shapes
        (0xFB1D, 0xFB4F),  # Hebrew with points
        (0xFE70, 0xFEFF),  # Arabic as it stands in words: without tables of layout, programs choose among these
    ),
}
LAYOUT = ["GDEF", "GPOS", "GSUB", "MATH", "kern"]
DATES = ["FFTM"]
NOTICES = [0, 13]  # names that hold the copyright and the permission, which go with every copy


def files() -> dict[Path, bytes]:
    """Every file of the font, by its path; the same bytes every time."""
    made, upright = {}, []
    for face in FACES:
        font = _cut(face)
        made[face.file("ttf")] = _saved(font)
        font.flavor = "woff"
        font["post"].formatType = 3.0  # names of glyphs, which make drawing a PDF faster, are of no use to a page
        made[face.file("woff")] = _saved(font)
        upright += [set(font.getBestCmap())] if (face.family, face.style) == (FULL, "normal") else []
    return made | {LETTERS: _ranges(set.intersection(*upright)).encode("ascii")}


def _cut(face: Face) -> TTFont:
    """The face with the letters of the blocks, under its new name."""
    options = subset.Options(hinting=False, glyph_names=True, notdef_outline=True, name_IDs=[*range(7), *NOTICES])
    options.drop_tables += LAYOUT + DATES
    font = TTFont(Path(get_data_path()) / f"fonts/ttf/{SOURCES[face.name]}.ttf", recalcTimestamp=False)
    cut = subset.Subsetter(options)
    cut.populate(unicodes=[point for low, high in BLOCKS[face.family] for point in range(low, high + 1)])
    cut.subset(font)
    full_name = f"{face.family} {face.name}"
    names = {1: face.family, 2: face.name, 3: full_name, 4: full_name, 6: face.file("ttf").stem}
    for record in font["name"].names:
        record.string = names.get(record.nameID, record.toUnicode())
    return font


def _saved(font: TTFont) -> bytes:
    buffer = BytesIO()
    font.save(buffer)
    return buffer.getvalue()


def _ranges(points: Iterable[int]) -> str:
    """Code points as lines of first and last, in hexadecimal digits."""
    ordered = sorted(points)
    lows = [point for point in ordered if point - 1 not in points]
    highs = [point for point in ordered if point + 1 not in points]
    return "".join(f"{low:04X}-{high:04X}\n" for low, high in zip(lows, highs, strict=True))


if __name__ == "__main__":
    for path, content in files().items():
        path.write_bytes(content)
