"""Recalls of a procedure as the console shows them: what became of each post, what was posted instead, who has seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from reinforce.domain.access.rights import Scope
from reinforce.domain.cohort import LIVE
from reinforce.domain.listening.intent import Intent
from reinforce.domain.revising.recalling import PostState
from reinforce.store import tables as t
from reinforce.store.reporting.console.posts import PostLine, posts_by_id
from reinforce.store.reporting.enrolling import shown_handle
from reinforce.store.revising import recalls
from reinforce.store.revising.recalls import Recall

_ACKNOWLEDGES = frozenset({Intent.GOT_IT.value, Intent.ANSWER.value})


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Of a cohort's `learners` those who answered a correction, by name (a handle where there is none)."""

    learners: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecallLine:
    """A recall: `posts` with what became of each (a reason where there is one), `corrections`, and by cohort who has
    acknowledged those. Posts of cohorts that are not seen are left out."""

    recall: Recall
    posts: tuple[tuple[PostLine, PostState, str], ...]
    corrections: tuple[PostLine, ...]
    acknowledged: dict[int, Acknowledged]


def recall_lines(
    connection: Connection, procedure: str, cohort_ids: Collection[int], seen: Scope, *, most: int
) -> tuple[RecallLine, ...]:
    """The `most` latest recalls of a procedure that `cohort_ids` learn, the latest first."""
    of_it = [one for one in recalls.recalls(connection) if one.procedure == procedure]
    return tuple(_line(connection, one, cohort_ids, seen) for one in of_it[:most])


def _line(connection: Connection, recall: Recall, cohort_ids: Collection[int], seen: Scope) -> RecallLine:
    fates = recalls.posts_of(connection, recall.id)
    corrections = [one.id for one in recalls.corrections_of(connection, recall.id)]
    lines = posts_by_id(connection, [*(one["outbox"] for one in fates), *corrections], seen)
    posts = tuple((lines[one["outbox"]], one["state"], one["outcome"]) for one in fates if one["outbox"] in lines)
    shown = tuple(lines[key] for key in corrections if key in lines)
    return RecallLine(recall, posts, shown, _acknowledged(connection, corrections, cohort_ids))


def _acknowledged(
    connection: Connection, corrections: Collection[int], cohort_ids: Collection[int]
) -> dict[int, Acknowledged]:
    """A correction is for all who follow its account: whose learners answered it counts, not for whom it was made."""
    e, person, i = t.enrollment.c, t.learner.c, t.inbound.c
    live = e.cohort_id.in_(sorted(cohort_ids)) & e.state.in_([state.value for state in LIVE])
    counted = connection.execute(select(e.cohort_id, func.count()).where(live).group_by(e.cohort_id))
    counts = {row[0]: int(row[1]) for row in counted}
    name = func.coalesce(func.nullif(person.name, ""), shown_handle())
    query = (
        select(e.cohort_id, person.id, name, i.read_as)
        .join(t.learner, person.id == e.learner_id)
        .join(t.inbound, i.learner_id == person.id)
        .where(live, i.outbox_id.in_(sorted(corrections)), i.replaced_by.is_(None))
    )
    names: dict[int, dict[int, str]] = defaultdict(dict)
    for cohort_id, learner, called, read_as in connection.execute(query):
        if _ACKNOWLEDGES & set(read_as or ()):
            names[cohort_id][learner] = called
    return {key: Acknowledged(count, tuple(sorted(names[key].values()))) for key, count in counts.items()}
