"""Which of a cohort's nuggets a round asks about, where nobody chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from reinforce.domain.nugget import StoredNugget

_NEVER = datetime.min.replace(tzinfo=UTC)


def draw(nuggets: Iterable[StoredNugget], last_asked: Mapping[int, datetime], count: int) -> tuple[StoredNugget, ...]:
    """At most `count` of those `nuggets` that have a question, one topic after the other: of each topic first what was
    never asked or longest ago (`last_asked`, by id), then what matters most; in the order of the procedures at last."""
    able = [one for one in nuggets if one.question is not None and not one.retired]
    able.sort(key=lambda one: (last_asked.get(one.id, _NEVER), -one.importance, one.procedure, one.position))
    turns: dict[str, int] = {}
    order = []
    for place, one in enumerate(able):
        topic = one.topic or f"{one.procedure}/{one.slug}"
        turns[topic] = turns.get(topic, 0) + 1
        order.append((turns[topic], place, one))
    drawn = [one for _, _, one in sorted(order, key=lambda each: each[:2])[:count]]
    return tuple(sorted(drawn, key=lambda one: (one.procedure, one.position, one.id)))
