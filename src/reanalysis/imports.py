"""Which files a module of the library rests on, computed from what it imports."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parent
PACKAGE = SOURCE.name
# Found anywhere in a file, also in a function; what looks like an import in a text only adds to the files.
IMPORT = re.compile(
    rf"^[ \t]*(?:from ({PACKAGE}[\w.]*) import (\([^)]*\)|[^\n(]+)|import ({PACKAGE}[\w.]*))", re.MULTILINE
)
REFERENCE = re.compile(rf"[\"']({PACKAGE}(?:\.\w+)+):")  # "module:function", imported when it is called


@cache
def imported(module: str) -> frozenset[str]:
    """The modules of the library that a module imports itself; its packages are among them, since they come first."""
    return _named(_text(module)) | ({module.rpartition(".")[0]} if "." in module else set())


@cache
def imported_first(module: str) -> frozenset[str]:
    """The modules that a module imports before any of its functions is called."""
    return _named("\n".join(line for line in _blocks(module) if line[:1] in "fi"))


@cache
def imported_by(module: str, function: str) -> frozenset[str]:
    """The modules that one function of a module imports, those that the module imports for all apart."""
    found = re.search(rf"^def {function}\(.*?(?=^\S|\Z)", _text(module), re.MULTILINE | re.DOTALL)
    return _named(found[0]) if found else frozenset()


def _named(text: str) -> frozenset[str]:
    """The modules of the library that a text imports, or refers to by name."""
    found = {name for name in REFERENCE.findall(text) if exists(name)}
    for source, names, plain in IMPORT.findall(text):
        if plain:
            found.add(plain)
            continue
        found.add(source)
        words = (name.split(" as ")[0].split("#")[0].strip() for name in re.split(r"[,\n]", names.strip("()")))
        found |= {f"{source}.{word}" for word in words if word and exists(f"{source}.{word}")}
    return frozenset(found)


@cache
def closure(module: str, apart: str = "") -> frozenset[str]:
    """The modules that a module rests on: itself, what it imports, what these import, and so on.

    What the module `apart` imports is left out.
    """
    reached, waiting = {module}, [module]
    while waiting:
        name = waiting.pop()
        new = imported(name) - reached if name != apart else set()
        reached |= new
        waiting += new
    return frozenset(reached)


@cache
def code_files(module: str, apart: str = "") -> tuple[Path, ...]:
    """The files behind a module, sorted: all modules that it rests on, and what lies beside them and is no module.

    What the module `apart` imports is left out.
    """
    files = {module_file(name) for name in closure(module, apart)}
    folders = {file.parent for file in files if file.parent != SOURCE}
    return tuple(sorted(files | {path for folder in folders for path in _beside(folder)}))


def _beside(folder: Path) -> set[Path]:
    """Templates, scripts of the page and fonts: read by the modules of a folder, not imported."""
    return {path for path in folder.iterdir() if path.is_file() and path.suffix not in (".py", ".pyc")}


@cache
def exists(module: str) -> bool:
    """Whether there is such a module."""
    path = SOURCE.parent.joinpath(*module.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


@cache
def module_file(module: str) -> Path:
    """The file of a module, or of a package."""
    path = SOURCE.parent.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _text(module: str) -> str:
    return module_file(module).read_text(encoding="utf-8")


def _blocks(module: str) -> list[str]:
    """The text of a module in pieces that each begin at the margin."""
    return re.split(r"^(?=[^\s)])", _text(module), flags=re.MULTILINE)
