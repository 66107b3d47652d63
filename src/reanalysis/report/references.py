"""Works that the methods rest on, from `references.bib`. The report lists those that the run at hand has used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import bibtexparser

BIBLIOGRAPHY = Path(__file__).with_name("references.bib")


@dataclass(frozen=True)
class Work:
    """A work as the list of references gives it, with its DOI where it has one."""

    key: str
    text: str
    doi: str | None = None


@cache
def works() -> dict[str, Work]:
    """All works by key."""
    return {key: Work(key, cited(entry), entry.get("doi")) for key, entry in entries().items()}


@cache
def entries() -> dict[str, dict[str, str]]:
    """The entries of `references.bib` by key: their fields as plain text, with key (`ID`) and type (`ENTRYTYPE`)."""
    with BIBLIOGRAPHY.open(encoding="utf-8") as file:
        found = bibtexparser.load(file).entries_dict
    return {key: {name: value.strip("{}") for name, value in entry.items()} for key, entry in found.items()}


def cited(entry: Mapping[str, str]) -> str:
    """A work by the fields of its entry, as a list of references prints it, without its DOI."""
    title = entry["title"]
    match entry["ENTRYTYPE"]:
        case "article":
            number = f"({entry['number']})" if "number" in entry else ""
            place = f"{entry['journal']} {entry['volume']}{number}, {entry['pages'].replace('--', '–')}"
        case "incollection":
            editors = f"{_people(entry['editor'])} (editors)"
            place = f"In {editors}, {entry['booktitle']}, version {entry['version']}, chapter {entry['chapter']}. "
            place += entry["publisher"]
        case "book":
            title += f", {entry['edition']} edition" if "edition" in entry else ""
            place = entry["publisher"]
    return f"{_people(entry['author'])} ({entry['year']}). {title}. {place}."


def _people(names: str) -> str:
    """`Cheung, M. W.-L. and others` as `Cheung MW-L, et al.`."""
    return ", ".join("et al." if name == "others" else _person(name) for name in names.split(" and "))


def _person(name: str) -> str:
    family, _, given = name.partition(", ")
    return f"{family} {given.replace('.', '').replace(' ', '')}"


ESTIMATORS = {
    "DL": ("DerSimonian and Laird’s moment estimator", "dersimonian1986"),
    "PM": ("Paule and Mandel’s estimator", "paule1982"),
    "HE": ("Hedges’ moment estimator", "hedges1983"),
    "HS": ("Hunter and Schmidt’s estimator", "hunter2004"),
    "SJ": ("Sidik and Jonkman’s estimator", "sidik2005"),
    "ML": ("maximum likelihood", "hardy1996"),
    "REML": ("restricted maximum likelihood", "viechtbauer2005"),
    "EB": ("the empirical Bayes estimator", "morris1983"),
}
TESTS = {
    "z": ("Wald intervals from the normal distribution", None),
    "t": ("Wald intervals from Student’s t", None),
    "knha": ("Knapp-Hartung intervals", "knapp2003"),
    "adhoc": ("Knapp-Hartung intervals never narrower than Wald’s", "rover2015"),
}
