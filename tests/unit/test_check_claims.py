"""How a claim is tested is checked: its rule, its scope, its parameters, its fellow claims."""

import pytest
from tests.project import change_row

from reanalysis.check import check, errors
from reanalysis.check.registry import CHECKS

LEVEL = "early-stress/bpd_vs_control/oxt-level"

BAD_CLAIMS = [
    ("C038", {"tested_by": "diference"}, "tested_by", "not one of the allowed words"),
    ("C038", {"scope": "early-stress/bpd_vs_control/oxt-levl"}, "scope", "matches no cell and no finding"),
    ("C038", {"scope": "bomann2017-levels"}, "scope", "matches no cell and no finding"),
    ("C038", {"scope": "compassion/association_bpd/*"}, "scope", "association_bpd cannot test a claim of difference"),
    ("C038", {"scope": ""}, "needs", "must not be empty without a scope"),
    ("C038", {"sign": "negative"}, "sign", "a sign although the claim is tested as lower"),
    ("C038", {"value": "7"}, "value", "does not fit the rule difference"),
    ("C104", {"sign": ""}, "sign", "does not tell the sign in this scope"),
    ("C133", {"sign": ""}, "sign", "does not tell the sign in this scope"),
    ("C014", {"scope": LEVEL}, "scope", "a scope for the rule background"),
    ("C115", {"restates": ""}, "restates", "must not be empty for a restatement"),
    ("C115", {"restates": "C115"}, "restates", "in a circle"),
    ("F001", {"value": ""}, "value", "does not fit the rule count"),
    ("F001", {"scope": "records-scopus"}, "scope", "not a count that the rule count knows"),
    ("F008", {"scope": "table1-treatment; section:33"}, "scope", "a section without claims"),
    ("F008", {"scope": "records-pubmed"}, "scope", "not a count that the rule omission knows"),
    ("C005", {"credited_to": "jawad2001"}, "credited_to", "not in reports.csv"),
    ("C011", {"conflicts_with": "C999"}, "conflicts_with", "not in claims.csv"),
    ("C011", {"conflicts_with": "C012"}, "conflicts_with", "can both hold"),
    ("C104", {"overruled_verdict": "mixed"}, "overruled_by", "overruled by a name, with a reason"),
    ("C104", {"overruled_verdict": "wrong"}, "overruled_verdict", "not one of the allowed words"),
]


@pytest.mark.parametrize(
    ("claim", "cells", "column", "message"), BAD_CLAIMS, ids=[f"{c[0]}-{'-'.join(c[1])}-{c[2]}" for c in BAD_CLAIMS]
)
def test_bad_claim(raw, claim, cells, column, message):
    line = change_row(raw / "claims.csv", claim, **cells)
    _, problems = check(raw)
    (problem,) = errors(problems)
    assert (problem.file, problem.line, problem.column) == ("claims.csv", line, column)
    assert message in problem.message
    assert problem.fix.strip()
    assert problem.check in CHECKS


def test_a_misspelt_cell_is_recognised(raw):
    change_row(raw / "claims.csv", "C038", scope=f"{LEVEL}s")
    (problem,) = errors(check(raw)[1])
    assert f"Did you mean `{LEVEL}`?" in problem.fix


def test_a_finding_that_is_renamed_is_missed_by_the_claims_that_name_it(raw):
    change_row(raw / "claims.csv", "C038", scope="bomann2017-level")
    change_row(raw / "findings/early-stress.csv", "bomann2017-level", finding_id="bomann2017-oxt")
    assert [problem.value for problem in errors(check(raw)[1])] == ["bomann2017-level"]
