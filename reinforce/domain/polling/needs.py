"""What a poll of where a cohort stands says to its plan: which topics to weigh more, and which less.

Only a poll whose options stand for topics says anything ("What are you least sure of?" – tagging, isolating, trying
out). Its votes make no review and touch no belief: nobody's vote is known, and people judge badly *how well* they know
something (self-ratings and measured performance agree with r ≈ 0.29 over 22 meta-analyses: Zell & Krizan 2014), mostly
too well. They do better at telling *which* of several things they know less (relative accuracy of judgments made after
a while: gamma ≈ 0.5 and more, Rhodes & Tauber 2011). So the votes move the topics' importance against one another, and
never the level of anything.

The share s of a topic is estimated with c = 20 votes' worth of "all alike" (a Dirichlet prior), and n votes count as
n/(1 + 0.02(n − 1)), since who votes is not drawn by lot (the design effect of Kish 1965; the same as in
domain/planning/totals.py). With k topics the weight is k·s, within one half and two, and it fades to 1 over four weeks,
since what is posted meanwhile changes where people stand. What a knowledge poll says (its votes are right or wrong) is
evidence on memory and stands in domain/planning/totals.py; neither is counted in the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from reinforce.domain.polling.poll import Poll

_PRIOR_VOTES = 20.0
_ALIKE = 0.02
_LEAST, _MOST = 0.5, 2.0
FADES_OVER = timedelta(days=28)


def weights(topics: Iterable[str], votes: Iterable[int]) -> dict[str, float]:
    """The weight of each topic that an option stands for, within 0.5 and 2; none where fewer than two topics do."""
    by_topic: Counter[str] = Counter()
    for topic, count in zip(topics, votes, strict=True):
        if topic:
            by_topic[topic] += count
    said, number = sum(by_topic.values()), len(by_topic)
    if number < 2 or not said:
        return {}
    counted = said / (1.0 + _ALIKE * (said - 1))
    return {
        topic: min(max(number * _share(count / said, counted, number), _LEAST), _MOST)
        for topic, count in by_topic.items()
    }


def _share(share: float, counted: float, number: int) -> float:
    return (share * counted + _PRIOR_VOTES / number) / (counted + _PRIOR_VOTES)


def needs(polls: Iterable[Poll], now: datetime) -> Mapping[str, float]:
    """What each topic's importance is multiplied by at `now` (programme time): the newest closed poll about a topic
    counts, faded by its age. Topics without one are left out."""
    found: dict[str, float] = {}
    for poll in sorted((one for one in polls if one.closed_at is not None), key=_closed):
        left = max(1.0 - (now - _closed(poll)) / FADES_OVER, 0.0)
        for topic, weight in weights(poll.topics, poll.votes).items() if poll.votes else ():
            found[topic] = 1.0 + (weight - 1.0) * min(left, 1.0)
    return {topic: weight for topic, weight in found.items() if weight != 1.0}


def _closed(poll: Poll) -> datetime:
    assert poll.closed_at is not None
    return poll.closed_at
