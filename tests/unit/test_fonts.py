"""The font of the figures: made by its script, with the letters that it says it has."""

import base64
import re
import unicodedata
from io import BytesIO

import pytest
from fontTools.ttLib import TTFont

from reanalysis.fonts import COMMON, FACES, FULL, LETTERS, letters
from reanalysis.fonts.build import files

RESERVED = ("bitstream", "vera", "arev", "tavmjong", "dejavu")
LINES_OF_ARABIC = [(0x0600, 0x06FF), (0xFE70, 0xFEFF)]


@pytest.fixture(scope="module")
def made():
    return files()


def test_the_files_are_those_that_the_script_makes(made):
    assert {path.name for path in made} == {path.name for path in LETTERS.parent.glob("*.*") if path.suffix != ".py"}
    same = {path.name: path.read_bytes() == content for path, content in made.items() if path.suffix != ".woff"}
    assert [name for name, is_same in same.items() if not is_same] == []


def tables(font):
    return {tag: font.reader[tag] for tag in font.reader.keys() if tag not in ("post", "head")}  # noqa: SIM118


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.file("ttf").stem)
def test_pages_have_the_glyphs_that_were_measured(face, made):
    """Compressed bytes depend on the library that compresses; what they hold does not."""
    drawn, shown = TTFont(face.file("ttf")), TTFont(face.file("woff"))
    assert tables(shown) == tables(drawn) == tables(TTFont(BytesIO(made[face.file("woff")])))
    assert not {"GSUB", "GPOS", "GDEF", "kern", "fpgm"} & set(tables(drawn))


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.file("ttf").stem)
def test_a_changed_font_has_another_name_and_keeps_its_notices(face):
    names = {record.nameID: record.toUnicode() for record in TTFont(face.file("ttf"))["name"].names}
    assert names[1] == face.family
    assert not any(word in names[number].lower() for number in (1, 2, 3, 4, 6) for word in RESERVED)
    assert "Copyright (c) 2003 by Bitstream" in names[0]
    assert "this permission notice shall" in names[13]


def points_of(face):
    return set(TTFont(face.file("ttf")).getBestCmap())


@pytest.mark.parametrize("face", [face for face in FACES if face.family == FULL], ids=lambda face: face.name)
def test_a_full_face_has_the_letters_of_the_list(face):
    found = points_of(face)
    arabic = {point for low, high in LINES_OF_ARABIC for point in range(low, high + 1)}
    assert letters() - found <= (set() if face.style == "normal" else arabic)
    if face.name == "Regular":
        assert letters() <= found
        assert {ord(letter) for letter in "Müller Łuć Nguyễn Παπαδόπουλος Ґалаган ʻƏ−≤∞₂⁻→√"} <= letters()


@pytest.mark.parametrize("common", [face for face in FACES if face.family == COMMON], ids=lambda face: face.name)
def test_a_common_face_is_a_small_part_of_the_full_one(common):
    """Its marks would be torn from the letters that only the full face has, so it has none."""
    (full,) = (face for face in FACES if (face.family, face.name) == (FULL, common.name))
    found = points_of(common)
    assert found < points_of(full)
    assert {ord(letter) for letter in "Müller Łuć Παπαδόπουλος −≤∞₂⁻→√–…’"} <= found
    assert not [chr(point) for point in found if unicodedata.combining(chr(point))]
    assert len(TTFont(common.file("ttf")).getGlyphOrder()) <= 600
    small, large = TTFont(common.file("ttf")), TTFont(full.file("ttf"))
    assert all(shape(small, point) == shape(large, point) for point in found)


def shape(font, point):
    """The outline of a letter, and the room that it takes."""
    name = font.getBestCmap()[point]
    coordinates, ends, flags = font["glyf"][name].getCoordinates(font["glyf"])
    return list(coordinates), list(ends), bytes(flags), font["hmtx"][name]


def test_a_rule_holds_the_font_on_one_line():
    bold = FACES[1]
    assert re.fullmatch(r'@font-face\{font-family:"Reanalysis Sans";font-weight:700;font-style:normal;.*\}', bold.css)
    (font,) = re.findall(r"base64,([^)]*)\)", bold.css)
    assert base64.b64decode(font) == bold.file("woff").read_bytes()
