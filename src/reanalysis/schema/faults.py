"""What is wrong with a value that does not fit its model, in the words of people: the same in tables and YAML files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reanalysis.problems import nearest
from reanalysis.schema.cells import DAY, FORMS, form_fault

BOUNDS = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
KINDS = {
    "int": ("not a whole number", "Write digits only."),
    "float": ("not a number", "Write digits, with a point for decimals."),
    "decimal": ("not a number", "Write digits, with a point for decimals."),
    "finite": ("not a finite number", "Write digits, with a point for decimals."),
    "string": ("not text", "Put it in quotes."),
    "bool": ("neither true nor false", "Write true or false."),
    "date": (f"not {FORMS[DAY]}", ""),
    "list": ("not a list", "Write a list, such as [a, b]."),
    "tuple": ("not a list", "Write a list, such as [a, b]."),
    "model": ("no keys with values", "Write keys with their values in lines of their own below it."),
    "dict": ("no keys with values", "Write keys with their values in lines of their own below it."),
}
"""By the first word of the type of an error of pydantic."""


def explained(detail: Mapping[str, Any]) -> tuple[str, str]:
    """What is wrong and what to do, of an error of pydantic.

    What to do is empty where only the source, or the meaning of the choice, can say it.
    """
    context = detail.get("ctx", {})
    match detail["type"]:
        case "fault":
            return context["message"], context["fix"]
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            (key, limit) = next((key, context[key]) for key in BOUNDS if key in context)
            return f"must be {BOUNDS[key]} {limit}", ""
        case "literal_error":
            expected = [word.strip("'") for word in context["expected"].replace(" or ", ", ").split(", ")]
            hint = nearest(str(detail["input"]), expected)
            return "not one of the allowed words", f"{hint} Allowed: {', '.join(expected)}.".strip()
        case "string_too_long":
            return f"longer than {context['max_length']} characters", "Shorten it."
        case "string_too_short":
            shortest = context["min_length"]
            return ("must not be empty" if shortest == 1 else f"shorter than {shortest} characters"), ""
        case "string_pattern_mismatch":
            return form_fault(str(detail["input"]), context["pattern"])
        case "too_short":
            return "too few entries", f"Name at least {context['min_length']}."
        case "missing" | "extra_forbidden":
            place = ".".join(map(str, detail["loc"]))
            return f"{place} is {'missing' if detail['type'] == 'missing' else 'unknown'}", ""
        case "json_invalid":
            return "not JSON", ""
    return KINDS[detail["type"].partition("_")[0]]
