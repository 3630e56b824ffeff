"""How well a passage fits a question: the share of what was asked, rare words counting more, that it says too.

score(question, passage) = Σ_{t in both} w(t) / Σ_{t in question} w(t), with w(t) = ln(1 + (N − n(t) + ½)/(n(t) + ½)):
the idf of Robertson and Spärck Jones as Lucene smooths it, n(t) of N passages holding t. A word that stands in the
passage's head (its title, topic, tags) counts half as much again, so that what is about a thing comes before what
mentions it. 0 is nothing in common, 1 everything; the full-text search of the database gives the candidates.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# A look-up is answered by itself from here on; a suggestion, which a person reads first, may be worse.
ANSWERS = 0.6
SUGGESTS = 0.25
# Two questions are taken for the same from here on (`likeness`).
SAME = 0.6
_IN_HEAD = 1.5
# How much clearer the best passage of a look-up must be than what comes behind it with the same score: not at all, the
# first by age wins. What is asked for in two words fits several nuggets of one procedure about equally well.


@dataclass(frozen=True, slots=True)
class Passage:
    """Something that may answer: exactly one of `nugget_id` and `inquiry_id` is set. `head` and `words` are stems."""

    id: int
    nugget_id: int | None
    inquiry_id: int | None
    head: frozenset[str]
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Match:
    """A passage that fits, with its score (0 to 1)."""

    passage: Passage
    score: float


def ranked(asked: Sequence[str], candidates: Iterable[Passage], total: int, least: float) -> tuple[Match, ...]:
    """The `candidates` that score `least` or more, the best first. `asked` are stems, `total` is how many passages
    there are in all; every one of them that holds any of `asked` has to be among the candidates."""
    there = tuple(candidates)
    wanted = frozenset(asked)
    if not wanted:
        return ()
    weight = _weights(wanted, there, max(total, len(there)))
    whole = sum(weight.values())
    scored = [(_common(wanted, one, weight) / whole, one) for one in there]
    # By what is above 1 as well: of two that say everything, the one whose head says it comes first.
    best = sorted(scored, key=lambda one: (-one[0], one[1].id))
    return tuple(Match(one, min(score, 1.0)) for score, one in best if score >= least)


def _weights(wanted: frozenset[str], there: Sequence[Passage], total: int) -> Mapping[str, float]:
    counts = {stem: sum(stem in one.words for one in there) for stem in wanted}
    return {stem: math.log1p((total - n + 0.5) / (n + 0.5)) for stem, n in sorted(counts.items())}


def _common(wanted: frozenset[str], one: Passage, weight: Mapping[str, float]) -> float:
    return math.fsum(weight[stem] * (_IN_HEAD if stem in one.head else 1.0) for stem in wanted & one.words)


def likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """How alike two questions are: what they share of all they say (Jaccard), 0 to 1. Of a question with fewer than two
    words that say something, nothing is known."""
    first, second = frozenset(one), frozenset(other)
    if min(len(first), len(second)) < 2:
        return float(first == second and bool(first))
    return len(first & second) / len(first | second)
