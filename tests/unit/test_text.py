"""How numbers, p, intervals, counts, lists and names are printed."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reanalysis.text import capital, count, in_words, interval, listed, number, p_value

ORDINARY = st.floats(-1e6, 1e6)
NOUNS = st.from_regex(r"[a-z]+", fullmatch=True)


def parsed(printed: str) -> float:
    """A printed number as a number again."""
    return float(printed.replace("\N{MINUS SIGN}", "-").replace("\N{INFINITY}", "inf"))


@given(ORDINARY, st.integers(0, 6))
@example(-0.001, 2)
@example(-0.005, 2)
def test_a_printed_number_is_the_rounded_value(value, decimals):
    printed = number(value, decimals)
    assert parsed(printed) == round(value, decimals)
    assert len(printed.partition(".")[2]) == decimals
    assert "-" not in printed
    assert printed.startswith("\N{MINUS SIGN}") == (round(value, decimals) < 0)


@given(ORDINARY)
def test_the_sign_is_all_that_differs_between_a_number_and_its_opposite(value):
    assert number(-abs(value)).removeprefix("\N{MINUS SIGN}") == number(abs(value))


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (-0.001, "0.00"),
        (-0.0, "0.00"),
        (-0.5, "−0.50"),
        (1.005, "1.00"),  # the double lies below
        (-100, "−100.00"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_numbers(value, printed):
    assert number(value) == printed


def test_a_number_of_no_decimals_has_no_point():
    assert [number(value, 0) for value in (-0.4, -10, 37.2)] == ["0", "−10", "37"]


@given(st.floats(0, 1))
def test_a_p_is_printed_as_three_decimals_or_as_smaller_than_they_show(p):
    relation, printed = p_value(p).removeprefix("p ").split()
    assert float(printed) == (round(p, 3) if p >= 0.001 else 0.001)
    assert relation == ("=" if p >= 0.001 else "<")


@pytest.mark.parametrize(("p", "printed"), [(0.0004, "p < 0.001"), (0.001, "p = 0.001"), (0.04, "p = 0.040")])
def test_p(p, printed):
    assert p_value(p) == printed


def test_an_interval_may_be_open():
    assert interval(-1, -0.001) == "[−1.00, 0.00]"
    assert interval(-math.inf, 0.2) == "[−∞, 0.20]"


@given(st.integers(0, 10**6), NOUNS)
def test_only_one_is_singular(n, noun):
    assert count(n, noun) == (f"1 {noun}" if n == 1 else f"{n} {noun}s")


def test_a_count_takes_its_verb_along():
    assert [count(n, "study is", "studies are") for n in (0, 1, 2)] == ["0 studies are", "1 study is", "2 studies are"]


@given(st.lists(NOUNS.filter(lambda word: word != "and"), min_size=2))
def test_a_list_holds_its_items_in_order(items):
    start, last = listed(items).rsplit(" and ", 1)
    assert [*start.split(", "), last] == items


def test_lists():
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(letter for letter in "abc") == "a, b and c"
    assert listed("ab", "or") == "a or b"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("resting-rate", "Resting rate"),
        ("meta_analysis", "Meta analysis"),
        ("rs53576-adversity", "rs53576 adversity"),
        ("pain", "Pain"),
    ],
)
def test_a_name_begins_a_sentence(name, words):
    assert capital(in_words(name)) == words


def test_a_capital_leaves_the_rest_as_it_is():
    assert capital("") == ""
    assert capital("\N{INFINITY} and g") == "\N{INFINITY} and g"
    assert capital("the BPD group") == "The BPD group"
