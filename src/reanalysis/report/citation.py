"""How the page is cited."""

from __future__ import annotations

from dataclasses import dataclass

from reanalysis.schema.review import Review
from reanalysis.text import listed


@dataclass(frozen=True)
class Citation:
    """A reference to the page: as text, as BibTeX, and as text with the licence."""

    text: str
    bibtex: str
    licensed: str

    def part(self, name: str) -> str:
        """How a figure or a table of the page is cited."""
        return f"{name.rstrip('.')}. In: {self.licensed}"


def cite(review: Review, version: str) -> Citation:
    """The page as a reference; what the review does not say of itself is left out."""
    title = f"{review.title}: a living {review.genre}"
    year = review.date[:4] if review.date else ""
    authors = listed(review.authors)
    dated = f" ({review.date})" if review.date else ""
    text = f"{authors}{dated}. " if authors or dated else ""
    fields = {
        "author": " and ".join(f"{{{author}}}" for author in review.authors),
        "title": f"{{{title}}}",
        "year": year,
        "note": f"Version {version}{f', {review.date}' if review.date else ''}",
    }
    body = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    whole = f"{text.strip()} {title}. Version {version}.".strip()
    licence = f" Licence: {review.licence}." if review.licence else ""
    return Citation(whole, f"@misc{{{review.slug}{year},\n{body}}}", f"{whole}{licence}")
