"""Where things stand in the report: in one page or, in a large review, in pages beside that of the whole review.

Each topic has a page, and so have the search through all results and the list of all statements: what is asked for is
loaded, and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from reanalysis.report.links import Link

PAGE, FOLDER = "report.html", "report"
"""The page of the whole review; the folder of the other pages, and of what all pages share."""
STYLE, SCRIPT = f"{FOLDER}/style.css", f"{FOLDER}/script.js"
RESULTS, STATEMENTS = "all.results", "all.statements"
"""The names of the pages of all results and of all statements, which no topic can have."""
LONGEST = 200
"""Rows of a table that the page of a whole review shows where it is not the only one."""


@dataclass(frozen=True)
class Site:
    """The topics that have a page of their own, none where the report is one page, and the name of this page.

    The page of a topic has its name, and that of the whole review none.
    """

    topics: frozenset[str] = frozenset()
    own: str = ""

    @property
    def divided(self) -> bool:
        return bool(self.topics)

    @property
    def whole(self) -> bool:
        """Whether this page is that of the whole review, beside others."""
        return self.divided and not self.own

    @property
    def of_topic(self) -> bool:
        return self.own in self.topics

    @property
    def root(self) -> str:
        """The folder of results, from this page."""
        return "../" if self.own else ""

    @property
    def front(self) -> str:
        """The page of the whole review, from this page; empty where this is it."""
        return f"../{PAGE}" if self.own else ""

    def page(self, name: str) -> str:
        """The file of a page, below the results."""
        return f"{FOLDER}/{name}.html"

    def to_page(self, name: str) -> str:
        """What leads to a page by its name; nothing where this is it, or where there is only one."""
        if not self.divided or name == self.own:
            return ""
        return f"{name}.html" if self.own else self.page(name)

    def at(self, address: str) -> str:
        """What leads from here to a place of the undivided page: to a topic, or to results that pass filters."""
        name = address.removeprefix("#")
        if name in self.topics:
            return self.to_page(name) or address
        if (address.startswith("#?") or name == "findings") and not self.of_topic:
            return self.to_page(RESULTS) + address
        return address

    def among_statements(self, address: str) -> str:
        """What leads from here to statements that pass filters."""
        return self.to_page(STATEMENTS) + address

    def to(self, link: Link) -> str:
        """The address of a link."""
        return self.among_statements(link.address) if link.of_claims else self.at(link.address)

    def told(self, rows: Collection) -> Collection:
        """The rows of a table that this page shows."""
        return list(rows)[:LONGEST] if self.whole else rows

    @property
    def for_script(self) -> dict[str, str] | None:
        """What the script needs in order to find other pages; nothing where there are none."""
        if not self.divided:
            return None
        others = {"results": self.to_page(RESULTS), "statements": self.to_page(STATEMENTS)}
        return {"own": self.own, "topics": "" if self.own else f"{FOLDER}/", **others}
