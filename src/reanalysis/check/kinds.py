"""The kinds of problems that are found while files are read, before there are rows to check."""

from reanalysis.check.catalog import Kind

READABLE = Kind(
    "readable-file",
    "error",
    "A table can be read as text: it exists, is UTF-8 (or UTF-16 with its mark), has a header and closed quotes.",
    "a file that is read wrongly is wrong in every row",
    "a table saved as Latin-1",
    "RFC 4180; Unicode",
)
HEADER = Kind(
    "header",
    "error",
    "The header has every needed column, no unknown one, and none twice.",
    "a column that nobody reads is lost",
    "`finding` in the place of `finding_id`",
    "columns of docs/codebook.md",
)
ROW_LENGTH = Kind(
    "cells-of-a-row",
    "error",
    "A row has one cell for each column, and no cell holds control characters, line breaks or outer spaces.",
    "cells that move to the left are other numbers",
    "a comma in a text without quotes",
    "RFC 4180",
)
CELL = Kind(
    "content-of-a-cell",
    "error",
    "A cell holds what its column allows: a number, a word of the list, an id, or nothing where it may be empty.",
    "what looks like a number is not always one",
    "`12,5`, a date, `#N/A`, a minus sign from a PDF",
    "columns and words of docs/codebook.md",
)
CORRECTION = Kind(
    "correction",
    "error",
    "An entry of corrections.yaml is complete, finds its cell or its warning with the value that it expects, and "
    "changes something.",
    "a correction that no longer fits corrects something else",
    "`expect` 12.5 where the table now has 1.25",
    "head of data/raw/corrections.yaml",
)
STRANGER = Kind(
    "stranger-among-the-data",
    "error",
    "Every file in data/raw is one that the analysis reads.",
    "a misspelt name means that a file is ignored in silence",
    "`corrections.yml`",
    "files of docs/codebook.md",
)
UNDECLARED = Kind(
    "undeclared-domain",
    "error",
    "Every table of findings has its domain in domains.csv.",
    "the findings of a domain that is not declared are ignored in silence",
    "a table of findings with a misspelt name",
    "files of docs/codebook.md",
)
REVIEW = Kind(
    "description-of-the-review",
    "error",
    "review.yaml is a YAML file with the keys that are asked for, and no others.",
    "a misspelt key is a choice that nothing reads",
    "`titel` in the place of `title`",
    "keys of docs/codebook.md",
)
LETTERS = Kind(
    "letters-without-glyph",
    "warning",
    "Texts that figures show have letters that the font of the figures knows.",
    "readers of a figure see an empty box in the place of the letter",
    "a label in Chinese, Japanese or Korean",
    "glyphs of the font of the figures, in `src/reanalysis/fonts/letters.txt`",
)

KINDS = (READABLE, HEADER, ROW_LENGTH, CELL, CORRECTION, STRANGER, UNDECLARED, REVIEW, LETTERS)
