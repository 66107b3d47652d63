"""Checks of the claims: a rule needs its scope and parameters, and a scope names what exists."""

from __future__ import annotations

from collections.abc import Iterator

from reanalysis.check.catalog import Tables, check, domain_of, findings, rows_of, unread_findings
from reanalysis.problems import Problem, choices, nearest
from reanalysis.schema import vocabulary as v
from reanalysis.schema.raw import Claim, Finding
from reanalysis.schema.review import Review
from reanalysis.schema.scope import SECTION, SLASH, Scoped, in_section
from reanalysis.text import listed

Complaint = tuple[str, str, str, str]  # column, value, what is wrong, what to do


def claim_problems(tables: Tables, review: Review | None) -> Iterator[Problem]:
    """Claims have what their rule needs, and the findings, boxes and claims that they name exist."""
    if "claims.csv" not in tables:
        return
    world = _World(tables, review)
    for located in tables["claims.csv"].rows:
        for one in CLAIM_CHECKS:
            complaints = one.find(located.row, world)
            yield from one.stamped(Problem("claims.csv", located.line, *complaint) for complaint in complaints)


class _World:
    """What claims can name: findings, flow boxes, claims. What could not be read is not complained about again."""

    def __init__(self, tables: Tables, review: Review | None):
        self.findings: list[tuple[str, Finding]] = [
            (domain_of(file), located.row) for file, located in findings(tables)
        ]
        self.scoped = Scoped(self.findings)
        self.incomplete = unread_findings(tables)
        self.incomplete_claims = bool(tables["claims.csv"].problems)
        self.claims: dict[str, Claim] = {located.row.claim_id: located.row for located in tables["claims.csv"].rows}
        self.designs = {one.row.contrast: set(one.row.design) for one in rows_of(tables, "contrasts.csv")}
        self.boxes = {located.row.box: located.row.count for located in rows_of(tables, "flow.csv")}
        self.counts = review.counts if review else {}
        self.incomplete_counts = review is None or bool("flow.csv" in tables and tables["flow.csv"].problems)

    def has_claims(self, section: str) -> bool:
        return self.incomplete_claims or any(in_section(one.section, section) for one in self.claims.values())

    def named(self, item: str) -> list[Finding]:
        return self.scoped.named([item])

    def nearest(self, item: str) -> str:
        known = {
            f"{domain}/{row.contrast}/{row.outcome_group}" if SLASH in item else row.finding_id
            for domain, row in self.findings
        }
        return nearest(item, known)


@check(
    why="a rule without its parameter tests nothing",
    example="a `count` without `value`",
    source="rules of docs/claims.md",
)
def _parameters(claim: Claim, world: _World) -> Iterator[Complaint]:
    """The rule of a claim has the cells that it needs, and no others."""
    rule = claim.tested_by
    if rule == "restatement" and not claim.restates:
        yield "restates", "", "must not be empty for a restatement", "Name the claims that it repeats."
    if rule in ("restatement", "background") and claim.scope:
        yield "scope", "; ".join(claim.scope), f"a scope for the rule {rule}", "Empty it or name another rule."
    if rule in ("count", "omission") and not claim.scope:
        yield "scope", "", f"must not be empty for the rule {rule}", "Name flow boxes or a count of the reports."
    if rule in v.EFFECT_RULES | {"background"} and not claim.scope and not claim.needs:
        yield (
            "needs",
            "",
            "must not be empty without a scope",
            "Say which data would test the claim, or why none could.",
        )
    value = "" if claim.value is None else str(claim.value)
    if (claim.value is None) == (rule in ("count", "estimate")):
        yield (
            "value",
            value,
            f"does not fit the rule {rule}",
            "A count or an estimate, and nothing else, states a value.",
        )
    if rule == "count" and claim.value is not None and claim.value % 1:
        yield "value", value, "a count that is not whole", "Write whole numbers, or name the rule `estimate`."
    bounds = [cell for cell in ("value_lb", "value_ub") if getattr(claim, cell) is not None]
    if bounds and (rule != "estimate" or len(bounds) == 1):
        fix = "Give both bounds of an estimate, or neither."
        yield bounds[0], str(getattr(claim, bounds[0])), "a bound that stands alone", fix
    elif bounds and claim.value is not None and not claim.value_lb <= claim.value <= claim.value_ub:
        yield "value", value, "lies outside of its interval", "Check the three numbers at the source."


@check(
    severity="warning",
    why="an estimate with its sign reversed agrees with no estimate of its own",
    example="`improves` with the value 0.42, where lower scores are better",
    source="rule of this project",
)
def _sign_of_estimate(claim: Claim, world: _World) -> Iterator[Complaint]:
    """A printed estimate has the sign that effects have here if the claim holds."""
    if claim.tested_by != "estimate" or not claim.value:
        return
    rows = [row for item in claim.scope or () for row in world.named(item)]
    signs = {_claimed_sign(claim, row) for row in rows}
    if signs == {"negative" if claim.value > 0 else "positive"}:
        fix = f"Where the review counts signs the other way, write {-claim.value}, and turn the bounds as well."
        yield "value", str(claim.value), f"the claim means a {signs.pop()} effect here", fix


def _claimed_sign(claim: Claim, row: Finding) -> str | None:
    """The sign of an effect if the claim holds; None where that is not known."""
    told = claim.sign or v.SIGN_OF_CLAIM.get(claim.expected_direction)
    if told or not _for_better_or_worse(claim, [row]):
        return told
    good = {"yes": "positive", "no": "negative"}.get(row.higher_is_better)
    other = {"positive": "negative", "negative": "positive"}
    return good if claim.expected_direction == "improves" else other.get(good)


@check(
    why="a claim on a misspelt cell is never tested",
    example="a cell with `levl` in its name",
    source="rules of docs/claims.md",
)
def _scope_of_effects(claim: Claim, world: _World) -> Iterator[Complaint]:
    """The scope of a claim names cells and findings that exist and that its rule can test, with a known sign."""
    if claim.tested_by not in v.EFFECT_RULES:
        return
    allowed = v.CLAIM_RULES[claim.tested_by].designs
    found: list[Finding] = []
    for item in claim.scope or ():
        rows = world.named(item)
        found += rows
        if not rows and not world.incomplete:
            fix = f"Name a cell (domain/contrast/outcome_group) or a finding. {world.nearest(item)}"
            yield "scope", item, "matches no cell and no finding", fix
        for contrast in sorted({row.contrast for row in rows}):
            if world.designs.get(contrast, set(allowed)).intersection(allowed):
                continue
            fix = f"The rule takes contrasts of the designs {listed(allowed)}: correct the scope or the rule."
            yield "scope", item, f"contrast {contrast} cannot test a claim of {claim.tested_by}", fix
    told = claim.expected_direction in v.SIGN_OF_CLAIM or claim.tested_by in ("no_difference", "some_studies")
    if claim.sign and told:
        fix = "Empty it, or correct expected_direction or the rule."
        yield "sign", claim.sign, f"a sign although the claim is tested as {claim.expected_direction}", fix
    if found and not claim.sign and not told and not _for_better_or_worse(claim, found):
        fix = "Say which sign the effects in scope would have if the claim held: positive, negative or either."
        yield "sign", "", f"must not be empty: {claim.expected_direction} does not tell the sign in this scope", fix


def _for_better_or_worse(claim: Claim, rows: list[Finding]) -> bool:
    """Whether `improves` or `worsens` tells the sign, because each outcome in scope is good or bad when higher.

    What could not be read of an outcome is not held against the claim.
    """
    good_or_bad = all(row.higher_is_better in ("yes", "no", None) for row in rows)
    return claim.expected_direction in ("improves", "worsens") and good_or_bad


@check(
    why="a count on an unknown box is never tested",
    example="`records-scopsu`",
    source="rules of docs/claims.md",
)
def _scope_of_counts(claim: Claim, world: _World) -> Iterator[Complaint]:
    """A count names boxes of the flow or counts of review.yaml; an omission such counts, and at most one section."""
    if claim.tested_by not in ("count", "omission") or world.incomplete_counts:
        return
    known = set(world.counts)
    if claim.tested_by == "count":
        known |= {box for box, count in world.boxes.items() if count is not None}
    for item in claim.scope or ():
        if claim.tested_by == "omission" and item.startswith(SECTION):
            if not world.has_claims(item.removeprefix(SECTION)):
                yield (
                    "scope",
                    item,
                    "a section without claims",
                    "Name it as the claims do, or leave it out for all claims.",
                )
        elif item not in known:
            yield (
                "scope",
                item,
                f"not a count that the rule {claim.tested_by} knows",
                choices(item, sorted(known)),
            )


@check(
    why="a circle has no verdict to begin from",
    example="C115 restates C115",
    source="rules of docs/claims.md",
)
def _circles(claim: Claim, world: _World) -> Iterator[Complaint]:
    """No claim repeats itself, be it by way of others."""
    seen: set[str] = set()
    ahead = list(claim.restates or ())
    while ahead:
        name = ahead.pop()
        if name not in seen and name in world.claims:
            seen.add(name)
            ahead += world.claims[name].restates or ()
    if claim.claim_id in seen:
        fix = "A claim repeats what was said before it, never itself."
        yield "restates", "; ".join(claim.restates), "the claims repeat each other in a circle", fix


@check(
    why="a false conflict condemns both",
    example="`improves` against `mixed`",
    source="rules of docs/claims.md",
)
def _conflicts(claim: Claim, world: _World) -> Iterator[Complaint]:
    """Claims in conflict cannot both hold."""
    for name in claim.conflicts_with or ():
        other = world.claims.get(name)
        pair = frozenset({claim.expected_direction, other.expected_direction}) if other else None
        if pair is not None and pair not in v.INCOMPATIBLE:
            fix = "Only claims that cannot both hold are in conflict: correct their directions or remove the conflict."
            yield "conflicts_with", name, f"{listed(sorted(pair))} can both hold", fix


@check(
    why="a verdict without a reason cannot be argued with",
    example="`overruled_verdict` without `overruled_by`",
    source="rule of this project",
)
def _overruling(claim: Claim, world: _World) -> Iterator[Complaint]:
    """A verdict is overruled by a person who is named, with a reason."""
    cells = ("overruled_verdict", "overruled_by", "overruled_reason")
    empty = [cell for cell in cells if getattr(claim, cell) is None]
    if len(empty) in (1, 2):
        yield empty[0], "", "a verdict is overruled by a name, with a reason", "Fill all three cells, or none."


CLAIM_CHECKS = (_parameters, _sign_of_estimate, _scope_of_effects, _scope_of_counts, _circles, _conflicts, _overruling)
