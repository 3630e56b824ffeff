"""What a post's totals say of people of whom nothing else came back.

X tells how often a post was shown and how a poll's votes fell, never who looked and who voted.

Two things follow. From the impressions, how likely one of the feed's people is to have seen this very post. From a
poll's votes, how far the audience as a whole knows better or worse than was believed. Both are about everybody alike:
nobody's vote is guessed at, and no total can make a lapse of anybody.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reinforce.domain.planning.belief import KNOWN_ANYWAY, Belief
from reinforce.domain.planning.memory import Floats

# How often a post is shown to one who sees it at all: X counts every time it stands on a screen, the same person's too.
# No figure is published.
_SHOWN_EACH = 1.5
# The prior chance weighs as much as a feed of so many people, and impressions move it threefold at most: X counts
# everybody's, and on a public account most of them may be nobody's whom we know.
_PRIOR_PEOPLE, _MOST_TIMES = 20.0, 3.0
_MOST_SEEN = 0.95
# How far the recall believed of a whole audience may be out, as a standard deviation of its logit. FSRS-6's defaults
# predicted 0.69 on a real cohort's log that had 0.42: 1.1 apart.
_AUDIENCE_ERROR = 1.0
# Who votes is not drawn by lot, and one poll is one wording of it, so votes resemble each other (the design effect of
# Kish 1965): even thousands count as 1/_ALIKE at most.
_ALIKE = 0.02
# The furthest one poll moves anybody: less than one right answer of their own, out of four choices, would.
_MOST_SHIFT = 1.0
_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Totals:
    """What was counted of one post. `votes` are a poll's (right, wrong), `impressions` how often it was shown; None
    where that is not known. `feed` is how many people we know of who could have seen it, whatever their role, 0 where
    that is not known: then counts say nothing of anybody's having seen it. `guess` is the chance of a lucky vote."""

    votes: tuple[int, int] | None = None
    impressions: int | None = None
    feed: int = 0
    guess: float = 0.25

    @property
    def voted(self) -> float:
        """The share of the feed that voted: at most 0.95, since people we don't know vote, too."""
        if self.votes is None or self.feed < 1:
            return 0.0
        return min(sum(self.votes) / self.feed, _MOST_SEEN)


def chance_seen(sees: float, totals: Totals) -> float:
    """e of this post, with `sees` that of any post: the mean of a gamma-Poisson posterior, (c·e + I/s)/(c + F), of I
    impressions, s of them each, in a feed of F; never below the share that voted."""
    if totals.impressions is None or totals.feed < 1:
        return max(sees, totals.voted)
    viewers = totals.impressions / _SHOWN_EACH
    found = (_PRIOR_PEOPLE * sees + viewers) / (_PRIOR_PEOPLE + totals.feed)
    return float(max(min(max(found, sees / _MOST_TIMES), sees * _MOST_TIMES, _MOST_SEEN), totals.voted))


def voters_recall(audience: Belief, day: float) -> Floats:
    """Chance of recall on `day` of each of an audience (learners,) if they are among the voters. Who votes looks often,
    so the nugget has reached them sooner: where visits vary as much as they come (a geometric distribution), the chance
    of never having been reached is about squared. Without this a poll would flatter the many who never look."""
    met = np.einsum("h...,h...->...", audience.weight, audience.shape_recall(day))
    absent = audience.unmet**2
    return np.asarray(absent * KNOWN_ANYWAY + (1.0 - absent) * met)


def audience_shift(recall: Floats, totals: Totals, unknowing: float, slip: float) -> float:
    """δ: by how much the logit of an audience's `recall` (learners, as voters) was out, given how the votes fell.

    Within ±1; 0 without votes.

    A voter is right with s(R) = [R(1 − slip) + (1 − R)κg]/[R + (1 − R)κ], since who knows votes 1/κ times as readily.
    With δ ~ N(0, τ²) and binomial votes, one step of Fisher scoring from δ = 0 gives δ = u/(1/τ² + v), u being the
    score and v the information; the votes are as many as are this audience's share of the feed, less their likeness.
    """
    if totals.votes is None or not sum(totals.votes) or not recall.size:
        return 0.0
    ours = min(recall.size / totals.feed, 1.0) if totals.feed else 1.0
    votes = sum(totals.votes) * ours
    votes /= 1.0 + _ALIKE * max(votes - 1.0, 0.0)
    right = totals.votes[0] / sum(totals.votes)
    mean, steepness = float(recall.mean()), float((recall * (1.0 - recall)).mean())
    voting = mean + (1.0 - mean) * unknowing
    guess = max(totals.guess, 0.001)
    expected = (mean * (1.0 - slip) + (1.0 - mean) * unknowing * guess) / voting
    slope = unknowing * (1.0 - slip - guess) / voting**2 * steepness
    spread = max(expected * (1.0 - expected), _LEAST)
    score = votes * (right - expected) * slope / spread
    information = votes * slope**2 / spread
    return float(np.clip(score / (1.0 / _AUDIENCE_ERROR**2 + information), -_MOST_SHIFT, _MOST_SHIFT))
