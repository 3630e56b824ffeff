"""After a backup was put back: which slots do posts of ours stand in that the database knows nothing of?

Such a post cannot be told apart by its text: it may say what the plan would not choose again. Its time can tell. A slot
whose time it falls into has had its post, or may have had it; another one in that slot would be the second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

# X's clock and ours may differ; a send that was due in the last moment of its grace may land some minutes later.
EARLY, LATE = timedelta(minutes=1), timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class LostPost:
    """A post of ours that no row accounts for. `text` is normalised; `reply_to` is what it answers, by X's id."""

    text: str
    made_at: datetime
    reply_to: int | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """A place for one post: a slot that nothing was decided for, or a row (`row_id`) that still waits for its time.
    It may be filled from `at` until `until` (programme time)."""

    occurrence: str
    cohort_id: int
    at: datetime
    until: datetime
    row_id: int | None = None

    def may_hold(self, made_at: datetime) -> bool:
        """Whether a post of that time may be this one's."""
        return self.at - EARLY <= made_at <= self.until + LATE


@dataclass(frozen=True, slots=True)
class Adoption:
    """`fills`: the opening each post is taken to stand in, by the post's id. `doubtful`: openings that are left and
    that some post might have been for all that, each with the first such post's id."""

    fills: Mapping[int, Opening] = field(default_factory=dict)
    doubtful: tuple[tuple[Opening, int], ...] = ()


def adopt(posts: Mapping[int, datetime], openings: Iterable[Opening]) -> Adoption:
    """Match posts (id to time made) with openings: each fills the last one before it that is free.

    Of several cohorts with one slot time nobody can tell which had the post: those that stay free are doubtful.
    """
    free = sorted(openings, key=lambda one: (one.at, one.occurrence))
    fills: dict[int, Opening] = {}
    in_order = sorted(posts.items(), key=lambda one: (one[1], one[0]))
    for post_id, made_at in in_order:
        fitting = [one for one in free if one.may_hold(made_at)]
        if fitting:
            fills[post_id] = fitting[-1]
            free.remove(fitting[-1])
    doubts = ((one, next((key for key, made_at in in_order if one.may_hold(made_at)), None)) for one in free)
    return Adoption(fills, tuple((one, key) for one, key in doubts if key is not None))
