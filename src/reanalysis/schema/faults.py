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
ONE_VALUE = ("literal", "string", "int", "float", "decimal", "bool", "date")


def explained(detail: Mapping[str, Any]) -> tuple[str, str]:
    """What is wrong and what to do, of an error of pydantic.

    What to do is empty where only the source, or the meaning of the choice, can say it.
    """
    context, value = detail.get("ctx", {}), detail["input"]
    asked = detail["type"].partition("_")[0]
    if isinstance(value, list | tuple | dict) and asked in ONE_VALUE:
        several = "keys with values" if isinstance(value, dict) else "a list"
        allowed = f" Allowed: {', '.join(_words(context))}." if asked == "literal" else ""
        return f"{several} where one value belongs", f"Write one value.{allowed}"
    match detail["type"]:
        case "fault":
            return context["message"], context["fix"]
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            (key, limit) = next((key, context[key]) for key in BOUNDS if key in context)
            return f"must be {BOUNDS[key]} {limit}", ""
        case "literal_error":
            expected = _words(context)
            hint = nearest(str(value), expected)
            return "not one of the allowed words", f"{hint} Allowed: {', '.join(expected)}.".strip()
        case "string_too_long":
            return f"longer than {context['max_length']} characters", "Shorten it."
        case "string_too_short":
            shortest = context["min_length"]
            return ("must not be empty" if shortest == 1 else f"shorter than {shortest} characters"), ""
        case "string_pattern_mismatch":
            return form_fault(str(value), context["pattern"])
        case "too_short":
            return "too few entries", f"Name at least {context['min_length']}."
        case "missing" | "extra_forbidden":
            place = ".".join(map(str, detail["loc"]))
            return f"{place} is {'missing' if detail['type'] == 'missing' else 'unknown'}", ""
        case "json_invalid":
            return "not JSON", ""
    return KINDS.get(asked, ("not of the form that is asked for", ""))


def shown(value: Any) -> str:
    """A value as a person writes it in YAML, shortened."""
    match value:
        case list() | tuple():
            text = f"[{', '.join(map(shown, value))}]"
        case dict():
            text = f"{{{', '.join(f'{key}: {shown(one)}' for key, one in value.items())}}}"
        case bool() | None:
            text = {True: "true", False: "false", None: ""}[value]
        case _:
            text = str(value)
    return text[:60]


def _words(context: Mapping[str, Any]) -> list[str]:
    """The words that are allowed, of an error about one that is not."""
    return [word.strip("'") for word in context["expected"].replace(" or ", ", ").split(", ")]
