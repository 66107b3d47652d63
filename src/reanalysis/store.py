"""What was computed before, by the content that it was computed from: code, versions and arguments.

A figure whose table did not change is not drawn again, nor is a model fitted again whose cell did not. Nothing but
content counts, so a value that is found is the value that would be computed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from reanalysis.imports import code_files
from reanalysis.provenance import versions
from reanalysis.results.table import Row
from reanalysis.spread import spread

Function = Callable | str  # or a reference, "module:function", that is imported only where it must be called


class Call(NamedTuple):
    """A function and its arguments, as `Store.recall` takes them."""

    function: Function
    arguments: tuple
    rests_on: str = ""


def compute(function: Function, *arguments: Any, rests_on: str = "", nested: bool = False) -> Any:
    """Call a function: what `Store.recall` does where nothing is kept."""
    return _resolved(function)(*arguments, **({"recall": compute} if nested else {}))


class Store:
    """Values by the content that they rest on, in memory, and where there is a file also from run to run.

    Arguments and values are rows, raw rows, configurations, texts, numbers, bytes, and lists and dictionaries of these.
    What is not asked for between opening and saving is not kept. `others` are the files of further stores, which
    are read and never written.
    """

    def __init__(self, path: Path | None = None, others: Iterable[Path] = ()):
        self.path = path
        self.used: dict[str, bytes] = {}
        self.values: dict[str, Any] = {}
        self.within: list[set[str]] = []  # the keys that each nested call has asked for so far
        self.kept = [archive for archive in map(_open, (path, *others)) if archive]

    def recall(self, function: Function, *arguments: Any, rests_on: str = "", nested: bool = False) -> Any:
        """The value of a function at these arguments, computed if it is not known.

        `rests_on` names a further module whose code counts, such as that of a function among the arguments. A `nested`
        function is also given this method, as `recall`: what it asks for is kept together with its own value, so that
        where that must be computed again, only a part must.
        """
        key = _key(function, arguments, rests_on)
        for asked in self.within:
            asked.add(key)
        if key not in self.values:
            known = self.used.get(key) or _read(self.kept, key)
            if nested:
                known = self._nested(key, known, Call(function, arguments))
            self.used[key] = known or _computed(Call(function, arguments))
            self.values[key] = decoded(self.used[key])
        return self.values[key]

    def _nested(self, key: str, known: bytes | None, call: Call) -> bytes:
        """The value of a nested call, which is kept with the values that it has asked for."""
        names = f"{key}.asked"
        if known is None:
            self.within.append(set())
            known = encoded(_resolved(call.function)(*call.arguments, recall=self.recall))
            self.used[names] = json.dumps(sorted(self.within.pop())).encode()
            return known
        self.used[names] = self.used.get(names) or _read(self.kept, names) or b"[]"
        for name in json.loads(self.used[names]):
            if name not in self.used and (text := _read(self.kept, name)):
                self.used[name] = text
        return known

    def prepare(self, calls: Sequence[Call], cores: int) -> None:
        """Compute what is not known of these calls, on so many cores; to recall them then takes no time."""
        keys = [_key(*call) for call in calls]
        texts = {key: _read(self.kept, key) for key in keys}
        new = [(key, call) for key, call in zip(keys, calls, strict=True) if texts[key] is None]
        tasks = [partial(_computed, call) for _, call in new]
        texts |= dict(zip((key for key, _ in new), spread(tasks, cores), strict=True))
        self.used |= texts

    def save(self) -> None:
        """Write what was asked for, never half of it."""
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".draft")
        with zipfile.ZipFile(draft, "w") as archive:
            for key, text in self.used.items():
                archive.writestr(key, text)
        draft.replace(self.path)


def _computed(call: Call) -> bytes:
    return encoded(compute(call.function, *call.arguments))


def _open(path: Path | None) -> zipfile.ZipFile | None:
    """What was kept; nothing where the file is missing or damaged."""
    try:
        return zipfile.ZipFile(path) if path and path.is_file() else None
    except (OSError, zipfile.BadZipFile):
        return None


def _read(kept: Iterable[zipfile.ZipFile], key: str) -> bytes | None:
    """A value as it was kept; None where it was not, or where its bytes are not those that were written."""
    for archive in kept:
        with suppress(KeyError, OSError, zipfile.BadZipFile, zlib.error):
            return archive.read(key)
    return None


# ---------------------------------------------------------------- keys


def _key(function: Function, arguments: tuple, rests_on: str) -> str:
    """SHA-256 of a function, the code and the packages behind it, and its arguments."""
    module, name = _reference(function)
    code = [_code(one) for one in (module, rests_on) if one]
    text = json.dumps([code, name, _plain(arguments)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _code(module: str) -> str:
    """SHA-256 of the files that a module rests on, and of the versions of the packages."""
    digest = hashlib.sha256(json.dumps(versions()).encode())
    for path in code_files(module):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _reference(function: Function) -> tuple[str, str]:
    if isinstance(function, str):
        module, _, name = function.partition(":")
        return module, name
    return function.__module__, function.__qualname__


def _resolved(function: Function) -> Callable:
    if callable(function):
        return function
    module, name = _reference(function)
    return getattr(import_module(module), name)


# ---------------------------------------------------------------- values as JSON


def encoded(value: Any) -> bytes:
    """A value as JSON."""
    return json.dumps(_plain(value)).encode()


def decoded(text: bytes) -> Any:
    """The value that was encoded; a tuple comes back as a list."""
    return _value(json.loads(text))


def _plain(value: Any) -> Any:
    """A value as JSON can hold it; rows and bytes say what they are."""
    match value:
        case Row():
            return {"row": _name(type(value)), "cells": [_plain(getattr(value, f.name)) for f in fields(value)]}
        case bytes():
            return {"bytes": base64.b64encode(value).decode("ascii")}
        case BaseModel():
            return {"model": _name(type(value)), "values": value.model_dump(mode="json")}
        case list() | tuple():
            return [_plain(one) for one in value]
        case dict():
            return {"pairs": [[_plain(name), _plain(one)] for name, one in value.items()]}
        case None | str() | int() | float():
            return value
        case _ if is_dataclass(value):
            return {"object": _name(type(value)), "cells": [_plain(getattr(value, f.name)) for f in fields(value)]}
    raise TypeError(f"{type(value).__name__} cannot be kept")


def _name(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _value(plain: Any) -> Any:
    match plain:
        case list():
            return [_value(one) for one in plain]
        case {"row": name, "cells": cells}:
            kind = _row_type(name)
            return kind(**{f.name: _value(cell) for f, cell in zip(fields(kind), cells, strict=True)})
        case {"bytes": text}:
            return base64.b64decode(text)
        case {"pairs": pairs}:
            return {_value(name): _value(one) for name, one in pairs}
    return plain


@cache
def _row_type(name: str) -> type[Row]:
    kind = _resolved(name)
    if not (name.startswith("reanalysis.") and issubclass(kind, Row)):
        raise TypeError(f"{name} is no row of a table")
    return kind
