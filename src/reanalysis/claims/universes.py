"""The verdicts on claims in every universe of the multiverse.

In each universe a claim is judged as in the main analysis, by the posterior of the evidence there, and no further
alternative is asked for: the universes are the alternatives. What names counts or studies is not judged again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from reanalysis.claims.evidence import Part
from reanalysis.claims.rules import claimed_sign, counterparts
from reanalysis.claims.size import size_verdict, with_size
from reanalysis.claims.verdict import HOLDS, OPPOSITE, RULED_OUT, SUPPORT, Judged, Question, all_of, standing
from reanalysis.multiverse import choices, domain_answers, results_of
from reanalysis.multiverse.cells import Asked, Cell, Fitted, asked, at_their_limit, cells, fit
from reanalysis.multiverse.extraction import extraction
from reanalysis.multiverse.summary import variance_shares
from reanalysis.multiverse.universes import Profiles, Universes
from reanalysis.results.rows import POSTERIOR, ClaimUniverses, ClaimVerdict, Effect, Variant
from reanalysis.results.table import CellKey
from reanalysis.schema.config import Config
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.raw import Claim
from reanalysis.schema.scope import Scoped, any_in_scope
from reanalysis.schema.vocabulary import VERDICTS
from reanalysis.store import compute

RULES = ("difference", "association", "treatment", "estimate", "moderation", "no_difference")
"""Rules that judge by posteriors."""
ABSENT = -1
"""The verdict on a part of which no finding counts in a universe."""
WORDS = list(VERDICTS)


@dataclass(frozen=True)
class Seen:
    """The profiles that a claim tells apart, and its verdict in each as a place in `VERDICTS`, (P,)."""

    profiles: Profiles
    verdicts: np.ndarray


def claim_universes(
    evidence: Evidence,
    effects: Iterable[Effect],
    ledger: Iterable[ClaimVerdict],
    config: Config,
    recall: Callable = compute,
) -> list[ClaimUniverses]:
    """The share of the universes with each verdict, of the claims whose verdict rests on posteriors.

    `recall` calls a function, or knows its value.
    """
    universes = Universes.of(config)
    said = {row.claim_id: row for row in ledger}
    parts = _parts(evidence, effects, config, recall)
    seen: dict[str, Seen] = {}
    for name, claim in evidence.claims.items():
        if name in parts:
            seen[name] = _together(claim, parts[name], universes)
    for name in _in_order(evidence.claims):
        claim = evidence.claims[name]
        if any(other in seen for other in claim.restates):
            parts = [
                _shown(evidence.claims[other], said[other], seen.get(other), universes) for other in claim.restates
            ]
            seen[name] = _combined(parts, universes, lambda found: all_of([WORDS[one] for one in found]))
    return [_row(name, seen[name]) for name in evidence.claims if name in seen]


def _in_order(claims: dict[str, Claim]) -> list[str]:
    """The restatements, each after those that it repeats."""
    order: dict[str, None] = {}

    def visit(name: str) -> None:
        if claims[name].tested_by == "restatement" and name not in order:
            for other in claims[name].restates:
                visit(other)
            order[name] = None

    for name in claims:
        visit(name)
    return list(order)


# ---------------------------------------------------------------- the parts of claims, domain by domain


def _parts(evidence: Evidence, effects: Iterable[Effect], config: Config, recall: Callable) -> dict[str, list[dict]]:
    """What is found of the parts of each claim that posteriors judge alone; see `part_verdicts`."""
    by_domain: dict[str, list[Claim]] = {}
    scoped = Scoped((one.domain, one) for one in effects)
    for claim in evidence.claims.values():
        own = scoped.named(claim.scope) if claim.tested_by in RULES else []
        if claim.tested_by == "moderation" and counterparts(own, evidence.contrasts):
            continue  # the difference of two pools is no posterior of one
        for domain in dict.fromkeys(one.domain for one in own):
            by_domain.setdefault(domain, []).append(claim)
    found: dict[str, list[dict]] = {}
    for domain, claims in by_domain.items():
        answers = recall(domain_answers, evidence.of(domain), domain, choices(config))
        told = recall(part_verdicts, evidence.of(domain), domain, claims, answers, config)
        for claim, parts in zip(claims, told, strict=True):
            found.setdefault(claim.claim_id, []).extend(parts)
    return found


def part_verdicts(
    evidence: Evidence, domain: str, claims: Sequence[Claim], answers: Sequence[dict], config: Config
) -> list[list[dict]]:
    """For each claim its parts in a domain: the forks that each could rest on, and what is found in each profile.

    `answers` are those on the whole cells of the domain (`multiverse.domain_answers`). A part has the names of its
    `forks`, and by profile its `verdicts` and, of a claim that names a size, the verdicts on that (`sizes`), as places
    in `VERDICTS`.
    """
    universes = Universes.of(config)
    read = extraction(evidence, domain, config.effects, universes)
    whole = {cell.key: cell for cell in cells(read, universes, config.models)}
    stored = {tuple(one["cell"]): results_of(one) for one in answers if one["answer"] == POSTERIOR}
    known: dict[tuple[CellKey, tuple], _Posteriors] = {}

    def posteriors(scope: tuple[str, ...]) -> Iterator[_Posteriors]:
        """Those of the cells that a scope holds, whole or in part; claims share them where they ask for the same."""
        for cell in cells(read, universes, config.models, lambda one: any_in_scope(scope, domain, one)):
            as_a_whole = cell.same(whole[cell.key])
            key = cell.key, () if as_a_whole else scope
            if key not in known:
                wanted = asked(cell, POSTERIOR, universes, config.models)
                results = stored[cell.key] if as_a_whole else fit(POSTERIOR, wanted.wanted)
                known[key] = _Posteriors(cell, wanted, results)
            yield known[key]

    of_scope = {scope: list(posteriors(scope)) for scope in dict.fromkeys(tuple(claim.scope) for claim in claims)}
    return [[_judged(claim, one, config) for one in of_scope[tuple(claim.scope)]] for claim in claims]


@dataclass(frozen=True)
class _Posteriors:
    """The posterior of a cell, or of the part of it that is in scope, in every universe, as rows and as fits.

    `at_limit` are those with statements at their limit, by sign and place, as far as some claim has asked for them.
    """

    cell: Cell
    asked: Asked
    results: list[Fitted]
    at_limit: dict[int, dict[int, Variant | None]] = field(default_factory=lambda: defaultdict(dict))

    @cached_property
    def rows(self) -> list[Variant]:
        """The posteriors, as claims are judged by them."""
        return [_variant(self.cell, one) for one in self.results]

    def limits(self, needed: Sequence[bool], sign: int) -> list[Variant | None]:
        """The posteriors with statements at their limit, of the results of which these are asked; else themselves."""
        known = self.at_limit[sign]
        new = [place for place, one in enumerate(needed) if one and place not in known]
        least = at_their_limit([self.asked.wanted[one] for one in new], [self.results[one] for one in new], sign)
        known.update(zip(new, (one and _variant(self.cell, one) for one in least), strict=True))
        return [known[place] if needed[place] else row for place, row in enumerate(self.rows)]


def _judged(claim: Claim, posteriors: _Posteriors, config: Config) -> dict:
    """The verdict on one cell of a claim in each profile."""
    cell, wanted, rows = posteriors.cell, posteriors.asked, posteriors.rows
    main = rows[wanted.place[0]] if wanted.place[0] >= 0 else None
    null = claim.tested_by == "no_difference"
    question = Question.of(0 if null else claimed_sign(claim, cell.first), main, config.claims)
    sides = [standing(row, question).side for row in rows]
    limits = {
        question.sign: posteriors.limits([side == HOLDS for side in sides], question.sign),
        -question.sign: posteriors.limits([side in (OPPOSITE, RULED_OUT) for side in sides], -question.sign),
    }
    verdicts = []
    for place, row in enumerate(rows):
        part = Part((), row, {sign: own[place] for sign, own in limits.items()})
        verdicts.append(WORDS.index(Judged.answering(part, question, null=null).verdict))
    by_profile = np.array([*verdicts, WORDS.index("not testable")])[wanted.place]
    present = cell.present[wanted.profiles.within(cell.profiles)]
    part = {
        "forks": wanted.profiles.names,
        "verdicts": np.where(present, by_profile, ABSENT).tolist(),
    }
    if claim.size:
        sizes = [WORDS.index(size_verdict(row, question.sign, claim.size)) for row in rows]
        part["sizes"] = np.array([*sizes, ABSENT])[wanted.place].tolist()
    return part


def _variant(cell: Cell, one: Fitted) -> Variant:
    return Variant(**cell.key._asdict(), model=one.model, k=one.k, **one.numbers)


# ---------------------------------------------------------------- parts taken together


def _together(claim: Claim, parts: Sequence[dict], universes: Universes) -> Seen:
    """The verdict on a claim in each universe, from those on its parts."""
    found = [(part["forks"], part[name]) for name in ("verdicts", "sizes") for part in parts if name in part]
    columns = [Seen(universes.profiles(names), np.array(values)) for names, values in found]

    def verdict(found: Sequence[int]) -> str:
        own, size = (
            [WORDS[one] for one in half if one != ABSENT] for half in (found[: len(parts)], found[len(parts) :])
        )
        if not own:
            return "not testable"
        together = all_of(own)
        return with_size(together, size) if claim.size and together in SUPPORT else together

    return _combined(columns, universes, verdict)


def _combined(columns: Sequence[Seen], universes: Universes, verdict: Callable[[Sequence[int]], str]) -> Seen:
    """The verdict on each combination of verdicts: each different one is judged once."""
    profiles = universes.profiles({name for one in columns for name in one.profiles.names})
    found = np.stack([one.verdicts[profiles.within(one.profiles)] for one in columns], axis=1)
    different, place = np.unique(found, axis=0, return_inverse=True)
    judged = np.array([WORDS.index(verdict(one)) for one in different.tolist()])
    return Seen(profiles, judged[place.ravel()])


def _shown(claim: Claim, row: ClaimVerdict, own: Seen | None, universes: Universes) -> Seen:
    """The verdicts that readers are shown: one of a person, or one that rests on no posterior, is the same in all."""
    if own is not None and not claim.overruled_verdict:
        return own
    return Seen(universes.profiles([]), np.array([WORDS.index(row.shown)]))


def _row(name: str, seen: Seen) -> ClaimUniverses:
    profiles, main = seen.profiles, seen.verdicts[0]
    total = int(profiles.count.sum())
    shares = np.bincount(seen.verdicts, profiles.count, minlength=len(WORDS)) / total
    same = (seen.verdicts == main).astype(float)
    moved = {fork: variance_shares(profiles, same, fork)[1] for fork in profiles.names}
    known = {fork: share for fork, share in moved.items() if share > 0}
    fork = max(known, key=known.get) if known else None
    return ClaimUniverses(
        claim_id=name,
        verdict=WORDS[main],
        universes=total,
        share_same=shares[main],
        **{word.replace(" ", "_"): share for word, share in zip(WORDS, shares, strict=True)},
        fork=fork,
        fork_total=known.get(fork),
    )
