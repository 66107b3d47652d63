"""docs/parity.md says what the tests found."""

from tests.golden import parity


def test_document_is_current():
    on_disk = parity.DOCUMENT.read_text(encoding="utf-8")
    assert parity.without_digits(on_disk) == parity.without_digits(parity.render()), (
        "docs/parity.md is stale: run python -m tests.golden.parity"
    )


def test_digits_are_left_out_of_the_comparison():
    row = "| case | covers | data | 12 | 12 | {} | 0 | 0 |\n"
    assert parity.without_digits(row.format("9")) == parity.without_digits(row.format("10+")) != row.format("9")
