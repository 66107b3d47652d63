"""Where things stand in the report: in one page, or in a page for each topic beside that of the whole review."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from reanalysis.report.links import Link

PAGE, FOLDER = "report.html", "report"
"""The page of the whole review; the folder of the pages of topics, and of what all pages share."""
STYLE, SCRIPT = f"{FOLDER}/style.css", f"{FOLDER}/script.js"
LONGEST = 200
"""Rows of a table that the page of a whole review shows where topics have pages of their own."""


@dataclass(frozen=True)
class Site:
    """The topics that have a page of their own, none where the report is one page, and the topic of this page."""

    topics: frozenset[str] = frozenset()
    own: str = ""

    @property
    def divided(self) -> bool:
        return bool(self.topics)

    @property
    def whole(self) -> bool:
        """Whether this page is that of the whole review, beside those of its topics."""
        return self.divided and not self.own

    @property
    def root(self) -> str:
        """The folder of results, from this page."""
        return "../" if self.own else ""

    @property
    def front(self) -> str:
        """The page of the whole review, from this page; empty where this is it."""
        return f"../{PAGE}" if self.own else ""

    def page(self, topic: str) -> str:
        """The file of a topic, below the results."""
        return f"{FOLDER}/{topic}.html"

    def at(self, address: str) -> str:
        """What leads to a place of the undivided page, such as `#topic`, from this one."""
        name = address.removeprefix("#")
        if name not in self.topics or name == self.own:
            return address
        return f"{name}.html" if self.own else self.page(name)

    def to(self, link: Link) -> str:
        """The address of a link: statements can be filtered on the page of the whole review alone."""
        return f"{self.front}{link.address}" if link.of_claims else self.at(link.address)

    def told(self, rows: Collection) -> Collection:
        """The rows of a table that this page shows."""
        return list(rows)[:LONGEST] if self.whole else rows

    @property
    def for_script(self) -> dict[str, str] | None:
        """What the script needs in order to find other pages; nothing where there are none."""
        if not self.divided:
            return None
        return {"own": self.own, "front": self.front, "topics": "" if self.own else f"{FOLDER}/"}
