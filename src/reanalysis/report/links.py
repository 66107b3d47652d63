"""Words that lead somewhere: a sentence of the report is a list of strings and links, never markup."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

SEARCH = "#findings"


@dataclass(frozen=True)
class Link:
    """Words that open the panel of a row (`key`), or else lead to a place of the page (`address`).

    `of_claims`: the place is among the claims of the whole review.
    """

    words: str
    key: str = ""
    address: str = ""
    of_claims: bool = False

    @property
    def scripted(self) -> bool:
        """Whether only the script of the page can follow it: a filter, or the search, which the script brings."""
        return self.address.startswith("#?") or self.address == SEARCH

    def __str__(self) -> str:
        return self.words


Text = list[str | Link]


def plain(text: Text) -> str:
    """The text without its links."""
    return "".join(map(str, text))


def joined(parts: Iterable[Text | str], between: str = ", ", last: str = " and ") -> Text:
    """The parts as an enumeration, as `text.listed` of plain words."""
    parts = [[part] if isinstance(part, str) else part for part in parts]
    result: Text = []
    for i, part in enumerate(parts):
        if i:
            result.append(last if i == len(parts) - 1 else between)
        result += part
    return result


def findings(words: str, **filters: str) -> Link:
    """The findings that pass the filters, by the names of the search form."""
    return Link(words, address=f"#?{urlencode(filters)}" if filters else SEARCH)


def claims(words: str, **filters: str) -> Link:
    """The claims that pass the filters, by the names of the form of the claims."""
    return Link(words, address=f"#?{urlencode(filters)}" if filters else "#claims", of_claims=True)


def place(words: str, name: str) -> Link:
    """An element of the page, by its id."""
    return Link(words, address=f"#{name}")
