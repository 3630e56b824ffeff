"""What the report of a programme is made of, read from posts, answers and beliefs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import numpy as np
from sqlalchemy import Connection, select

from reinforce.domain.cohort import Cohort, EnrollmentState
from reinforce.domain.nugget import Form
from reinforce.domain.planning.exposure import EvidenceKind, NuggetLog
from reinforce.domain.planning.plan_context import day_number
from reinforce.domain.planning.plan_state import is_for
from reinforce.domain.planning.slots import local_day
from reinforce.domain.reporting.programme_report import Answer, Assessed, Material, Sent
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.authoring import nuggets
from reinforce.store.people.people import is_linked
from reinforce.store.planning import memories
from reinforce.store.planning.event_log import read_log

_LEFT = (EnrollmentState.WITHDRAWN.value, EnrollmentState.LAPSED.value)
# "Not sure" tells that somebody did not know.
_TELLING = frozenset({EvidenceKind.ANSWER, EvidenceKind.NOT_SURE})
_MONTH = timedelta(days=30)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def material(
    connection: Connection,
    cohort: Cohort,
    days: tuple[date, date | None],
    results: Mapping[str, Assessed],
    now: datetime,
) -> Material:
    """Everything of a cohort between two local dates (None: until now), as it is known at `now` (programme time).
    `results` are those of an assessment, by employee id."""
    everybody = _people(connection, cohort.id)
    # Who said stop counts among those who are there, as on every other page: else the two numbers beside each other
    # would tell how many did. Nothing of theirs is counted.
    people = {
        learner: (employee, role, on) for learner, (employee, role, on, stopped) in everybody.items() if not stopped
    }
    counted = frozenset(people)
    linked = frozenset(learner for learner, (_, _, is_on) in people.items() if is_on)
    known = nuggets.cohort_nuggets(connection, cohort.id)
    posts = _own_posts(connection, cohort.id)
    log = read_log(connection, now)
    sent: list[Sent] = []
    answers: list[Answer] = []
    for nugget_id in sorted({one.id for one in known} | set(posts.values())):
        of_nugget = log.of(connection, nugget_id)
        sent += _sent(of_nugget, posts, counted, cohort.zone, days)
        answers += _answers(of_nugget, nugget_id, counted, cohort.zone, days)
    recall = _recall(connection, cohort, people, linked, now)
    return Material(
        cohort=cohort.slug,
        title=cohort.title,
        enrolled=frozenset(everybody),
        linked=frozenset(learner for learner, (_, _, is_on, _) in everybody.items() if is_on),
        sent=tuple(sorted(sent, key=lambda one: one.day)),
        answers=tuple(answers),
        recall=recall[0],
        recall_in_30_days=recall[1],
        assessed={learner: results[employee] for learner, (employee, _, _) in people.items() if employee in results},
    )


def _people(connection: Connection, cohort_id: int) -> dict[int, tuple[str, str, bool, bool]]:
    """Who is or was in a cohort and did not leave: employee id, role, whether they are linked, whether they said
    stop."""
    e, person = t.enrollment.c, t.learner.c
    query = (
        select(person.id, person.employee_id, person.role, person.stopped_at, is_linked().label("linked"))
        .join(t.enrollment, e.learner_id == person.id)
        .where(e.cohort_id == cohort_id, e.state.not_in(_LEFT))
    )
    rows = connection.execute(query)
    return {row.id: (row.employee_id, row.role, bool(row.linked), row.stopped_at is not None) for row in rows}


def _own_posts(connection: Connection, cohort_id: int) -> dict[int, int]:
    """The cohort's posts of nuggets that are out: id → nugget."""
    o = t.outbox.c
    query = select(o.id, o.nugget_id).where(o.cohort_id == cohort_id, o.state == State.POSTED.value)
    of_nuggets = query.where(o.nugget_id.is_not(None), o.form.in_([form.value for form in Form]))
    return {row.id: row.nugget_id for row in connection.execute(of_nuggets)}


def _sent(
    log: NuggetLog, posts: Mapping[int, int], enrolled: frozenset[int], zone: str, days: tuple[date, date | None]
) -> list[Sent]:
    found = []
    for post in log.posts:
        day = local_day(_instant(post.day), zone)
        if post.id in posts and post.closed and _within(day, days):
            reached = frozenset(post.learners.tolist()) & enrolled
            responded = frozenset(post.replied.tolist()) & reached
            found.append(Sent(day, post.form is not Form.REMINDER, reached, responded))
    return found


def _answers(
    log: NuggetLog, nugget_id: int, enrolled: frozenset[int], zone: str, days: tuple[date, date | None]
) -> list[Answer]:
    """Graded answers to questions. Whichever cohort's post came first to somebody: after it, an answer is no first."""
    asked = {post.id: post for post in log.posts if post.form is Form.QUESTION}
    contact: dict[int, int] = {}
    for post in sorted(log.posts, key=lambda post: (post.day, post.id)):
        for learner in post.learners.tolist():
            contact.setdefault(learner, post.id)
    found: list[Answer] = []
    taken: set[tuple[int, int]] = set()
    for review in sorted(log.reviews, key=lambda review: (review.day, review.id)):
        post_id, learner = review.post, review.learner
        if review.kind not in _TELLING or post_id not in asked or learner not in enrolled:
            continue
        at = _instant(review.day)
        if post_id is None or (learner, post_id) in taken or not _within(local_day(at, zone), days):
            continue  # a second try at the same question is no second answer
        taken.add((learner, post_id))
        found.append(Answer(learner, nugget_id, at, review.rating > 1, contact.get(learner, post_id) == post_id))
    return found


def _recall(
    connection: Connection,
    cohort: Cohort,
    people: Mapping[int, tuple[str, str, bool]],
    linked: frozenset[int],
    now: datetime,
) -> tuple[float | None, float | None]:
    """The model's mean chance of recall, now and in 30 days without any further post."""
    known, learners = nuggets.cohort_nuggets(connection, cohort.id), sorted(linked)
    if not known or not learners:
        return None, None
    belief, damaged = memories.load_sound(connection, [one.id for one in known], learners)
    whom = np.asarray([[is_for(people[one][1], nugget.audience) for nugget in known] for one in learners], np.bool_)
    if damaged or not whom.any():
        return None, None
    return (
        float(belief.recall(day_number(now))[whom].mean()),
        float(belief.recall(day_number(now + _MONTH))[whom].mean()),
    )


def _within(day: date, days: tuple[date, date | None]) -> bool:
    first, last = days
    return first <= day and (last is None or day <= last)


def _instant(day: float) -> datetime:
    return _EPOCH + timedelta(days=day)
