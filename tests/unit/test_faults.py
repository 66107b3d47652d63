"""What is wrong with a value is said in the words of people, never in those of a library."""

import math

import pytest
from pydantic import BaseModel, ValidationError
from tests.project import ROOT

from reanalysis.check.corrections import Acceptance, Correction
from reanalysis.schema.cells import is_day
from reanalysis.schema.config import Config
from reanalysis.schema.faults import explained, shown
from reanalysis.schema.raw import RAW_TABLES, FindingRow
from reanalysis.schema.review import Review

MODELS = {model.__name__: model for model in (Config, Review, Correction, Acceptance, FindingRow)}
MODELS |= {model.__name__: model for name, model in RAW_TABLES.items() if name.endswith(".csv")}
WRONG = [
    *("", "x", "X Y", "=1+1", "word " * 3000, "1e999", "-1", "0", "1.5", "7" * 400, "2026-13-45"),
    *(-1, 0, 1, 1.5, 10**12, 95, math.nan, math.inf, True, None),
    *([], ["x"], [1, 1], ["svg", "svg"], {}, {"x": 1}, [{}], [{"x": [1]}], {"x": {"y": 1}}, {"a": {"b": "x"}}),
]


def below(kind):
    """The models that a model is made of."""
    found = {}
    for field in kind.model_fields.values():
        for part in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(part, type) and issubclass(part, BaseModel):
                found |= {part.__name__: part} | below(part)
    return found


for one in list(MODELS.values()):
    MODELS |= below(one)


@pytest.mark.parametrize("name", MODELS)
def test_every_fault_of_a_value_is_said_in_plain_words(name):
    model, seen = MODELS[name], set()
    for value in WRONG:
        try:
            model.model_validate(dict.fromkeys(model.model_fields, value))
        except ValidationError as error:
            for detail in error.errors():
                message, fix = explained(detail)
                seen.add(detail["type"])
                assert not {"Input", "input", "valid", "should", "dictionary", "ctx"} & {*message.split()}, detail
                assert message == message.strip(" .")
                assert message != "not of the form that is asked for", detail
                assert fix == fix.strip()
    assert seen


def test_nothing_prints_the_words_of_the_library():
    for path in (ROOT / "src").rglob("*.py"):
        assert '"msg"' not in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize("text", ["2026-11-31", "2026-02-29", "2026-04-31"])
def test_a_day_that_no_calendar_has_is_refused(text):
    with pytest.raises(ValidationError) as refused:
        Review.model_validate({"title": "x", "date": text})
    assert explained(refused.value.errors()[0])[0] == "no day of the calendar"
    assert not is_day(text)


def test_several_in_the_place_of_one_value_are_named_as_such_and_shown_as_written():
    with pytest.raises(ValidationError) as refused:
        Review.model_validate({"title": ["Oxytocin", "BPD"]})
    detail = refused.value.errors()[0]
    assert explained(detail) == ("a list where one value belongs", "Write one value.")
    assert shown(detail["input"]) == "[Oxytocin, BPD]"
    assert shown({"a": [True, None]}) == "{a: [true, ]}"
