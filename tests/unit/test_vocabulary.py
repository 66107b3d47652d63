"""Names of the data as words."""

import pytest

from reanalysis.schema.vocabulary import capital, in_words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("oxt-level", "Oxytocin level"),
        ("aa-genotype-frequency", "AA genotype frequency"),
        ("bpd-symptoms", "BPD symptoms"),
        ("rs53576-adversity-bpd-symptoms", "rs53576 adversity BPD symptoms"),
        ("resting-rate", "Resting rate"),
    ],
)
def test_a_name_begins_a_sentence(name, words):
    assert capital(in_words(name)) == words
