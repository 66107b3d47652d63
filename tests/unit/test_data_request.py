"""Letters ask for what lifts a finding to the top rung, and for nothing that is known; lists say what a number does."""

import re
from collections import defaultdict
from dataclasses import replace

import pytest
from tests.findings import SAMPLE

from reanalysis.data_request import BLANK, WIDTH, forms, gain, letter, lines, sizes
from reanalysis.ladder.reading import read_finding
from reanalysis.schema.vocabulary import STAT_CELLS

FILLED = {
    **{"n1i": 20, "n2i": 22, "ni": 25, "m1i": "10.5", "sd1i": "2", "m2i": "9", "sd2i": "2.5", "pre_post_r": "0.5"},
    **{"ti": "2.4", "pi": "0.03", "ri": "0.3"},
}
"""What authors could send, with the first group higher or a positive association."""


@pytest.fixture(scope="module")
def findings(evidence):
    return {row.finding_id: row for rows in evidence.findings.values() for row in rows if row.coding == "primary"}


@pytest.fixture(scope="module")
def letters(evidence, work):
    """The letter about each report of the work list."""
    own = defaultdict(list)
    for item in work:
        own[item.report_id].append(item)
    return {name: letter(evidence, items) for name, items in own.items()}


def answered(finding, form):
    """The finding with one form filled in, and nothing else of what was known."""
    sign = "positive" if finding.comparison == "association" else "group_1_higher"
    known = dict(finding) | dict.fromkeys((*STAT_CELLS, "test_of", "p_sides")) | {"direction": sign}
    known |= {"stat_type": form.stat_type, "p_relation": "=" if "pi" in form.cells else None}
    known |= {"r_kind": "pearson"} if form.stat_type == "r" else {}
    known |= {cell: FILLED[cell] for cell in (*form.cells, *sizes(finding))}
    return type(finding).model_validate({name: value for name, value in known.items() if value is not None})


def test_each_form_alone_makes_the_finding_an_exact_effect(work, findings, config):
    for item in work:
        asked = forms(findings[item.finding_id])
        assert len(asked) >= 2
        for form in asked:
            reading = read_finding(answered(findings[item.finding_id], form), config.effects)
            assert reading.rung == "exact", (item.finding_id, form, reading.why)
            assert reading.yi > 0


@pytest.mark.parametrize("name", ["t, interaction", "t, correlation", "change", "means"])
def test_the_forms_fit_the_design(name, config):
    kinds = [form.stat_type for form in forms(SAMPLE[name])]
    wanted = {"t, interaction": ["t", "p"], "t, correlation": ["r", "p"], "change": ["change", "t", "p"]}
    assert kinds == wanted.get(name, ["means", "t", "p"])
    for form in forms(SAMPLE[name]):
        assert read_finding(answered(SAMPLE[name], form), config.effects).rung == "exact"


def test_a_letter_names_report_review_and_every_result(letters, work, evidence):
    for name, text in letters.items():
        flat = re.sub(r"\s+", " ", text)
        report, review = evidence.reports[name], evidence.review
        assert report.title.rstrip(".") in flat
        assert all(author in flat for author in report.authors)
        assert review.title in flat
        assert review.licence in flat
        assert all(author in flat for author in review.authors)
        assert f"https://doi.org/{report.doi}" in flat or report.doi is None
        own = [item for item in work if item.report_id == name]
        assert all(item.outcome[1:] in flat for item in own)
        assert flat.count("and one of these:") == len(own)


def test_a_letter_has_blanks_for_what_is_missing_and_shows_what_is_known(letters, findings):
    text = letters["mielke2023"]
    assert re.search(r"participants +131 +124\n", text)
    assert re.search(rf"a  mean +{BLANK} +{BLANK}\n +standard deviation +{BLANK} +{BLANK}\n", text)
    assert "BPD                   controls without BPD" in text
    assert text.count("and one of these:") == 3


def test_a_p_of_another_test_is_no_number_that_was_read(letters, findings):
    row = findings["simeon2011-dysphoria"]
    assert str(row.pi) == "0.04"
    about = letters["simeon2011"].partition("attenuated more by oxytocin")[2]
    assert "0.04" not in about
    assert "0.037" in letters["simeon2011"], "the p of this contrast, whose sign is not known"


def test_letters_invent_no_address_and_keep_to_the_width(letters):
    for text in letters.values():
        assert "@" not in text
        prose = [line for line in text.splitlines() if "____" not in line and "  " not in line.strip()]
        assert all(len(line) <= WIDTH or " " not in line.strip() for line in prose)


def test_a_letter_is_about_one_report(evidence, work):
    assert len({item.report_id for item in work[:2]}) == 2
    with pytest.raises(ValueError, match="one report, not 2"):
        letter(evidence, work[:2])


def test_every_item_is_a_line_below_the_heading_that_places_it(work, evidence):
    told = list(lines(work, evidence.names))
    headings = [line for line in told if not line.startswith(" ")]
    assert headings == [
        "The headline:", "Main answers:", "Other answers:", "Answers without an interval:",
        "What it would do is not known:",
    ]  # fmt: skip
    assert len(told) == len(work) + len(headings)
    assert told[1].startswith("   1  mielke2023-level (Mielke 2023, n = 255): ")
    assert "narrower by 13%" in told[1]


def test_what_a_number_settles_or_unsettles_is_told(work, evidence):
    item = replace(work[0], settled_now=False, settled_then=0.31, sure_now=0.8, sure_then=0.9, shrinks=0.2)
    said = gain(item, evidence.names)
    assert (
        "narrower by 20%, and its sign more certain: 0.80 becomes 0.90 on average; with a probability of 0.31" in said
    )
    assert "stays settled with a probability of 0.70" in gain(
        replace(item, settled_now=True, settled_then=0.7), evidence.names
    )
