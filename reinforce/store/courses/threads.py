"""Courses on an account: their steps put into the outbox one under the other, and found there again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, exists, insert, select, update

from reinforce.domain.courses.course import FORM, PostedStep, ThreadState, as_content, from_content
from reinforce.domain.courses.standing import Standing, standing
from reinforce.domain.errors import Conflict
from reinforce.domain.nugget import Confidentiality
from reinforce.domain.sending.outbox import OutboxItem, Planned, State, course_occurrence
from reinforce.domain.texts.wording import text_hash
from reinforce.store import tables as t
from reinforce.store.courses.courses import Course
from reinforce.store.people import cohorts
from reinforce.store.sending import attempts, deletions, outbox
from reinforce.store.sending.deletions import Deletion, DeletionState

# How long steps that could not go out are still worth posting: a budget, a pause or a doubt may hold up a thread.
WORTH = timedelta(days=3)
WITHDRAWN = "the course was withdrawn"
_ENDED = frozenset({State.REFUSED, State.SKIPPED, State.CANCELLED})
_ON_ITS_WAY = frozenset({State.SENDING, State.UNKNOWN, State.HELD})
_h, _p = t.course_thread.c, t.course_post.c


@dataclass(frozen=True, slots=True)
class Thread:
    """A course on an account. `steps` are those that it posts; `due_at` is when the first is to go out."""

    id: int
    course_id: int
    rehearsal: bool
    account_id: int
    cohort_id: int | None
    state: ThreadState
    content_hash: str
    steps: tuple[PostedStep, ...]
    due_at: datetime
    note: str
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class StepPost:
    """The post that a step became, the last where it was tried again; `deletion` if it is to be taken off X."""

    step: int
    attempt: int
    item: OutboxItem
    deletion: Deletion | None = None

    @property
    def ended(self) -> bool:
        """Whether it will not be posted any more."""
        return self.item.state in _ENDED

    @property
    def stands(self) -> bool:
        """Whether it is on X."""
        return self.item.state is State.POSTED and not self.deleted

    def says(self, step: PostedStep) -> bool:
        """Whether it says what `step` says."""
        item = self.item
        return (item.text_hash, item.media, item.poll) == (text_hash(step.text), step.media, step.poll)

    @property
    def deleted(self) -> bool:
        """Whether it was taken off X."""
        return self.deletion is not None and self.deletion.state is DeletionState.DONE


def threads(
    connection: Connection, *, course_id: int | None = None, states: Sequence[ThreadState] = ()
) -> tuple[Thread, ...]:
    """Threads, the newest first; `None` and nothing leave a choice open."""
    query = select(t.course_thread).order_by(_h.id.desc())
    if course_id is not None:
        query = query.where(_h.course_id == course_id)
    if states:
        query = query.where(_h.state.in_([state.value for state in states]))
    return tuple(_thread(row) for row in connection.execute(query).mappings())


def unplanned(connection: Connection) -> tuple[Thread, ...]:
    """Open threads of which nothing is in the outbox yet, the newest first."""
    query = select(t.course_thread).where(_h.state == ThreadState.OPEN.value)
    nothing = ~exists().where(_p.thread_id == _h.id)
    return tuple(_thread(row) for row in connection.execute(query.where(nothing).order_by(_h.id.desc())).mappings())


def open_thread(connection: Connection, course_id: int, *, rehearsal: bool) -> Thread | None:
    """The thread of a course that is being posted or stands: its rehearsal, or the one for good."""
    found = threads(connection, course_id=course_id, states=[ThreadState.OPEN])
    return next((one for one in found if one.rehearsal is rehearsal), None)


def internal_on(connection: Connection, account_id: int) -> tuple[str, ...]:
    """The internal courses (slugs) that stand on an account for good, or are being posted there."""
    c = t.course.c
    here = (_h.account_id == account_id, _h.rehearsal.is_(False), _h.state != ThreadState.WITHDRAWN.value)
    query = select(c.slug).join(t.course_thread, _h.course_id == c.id)
    internal = query.where(*here, c.confidentiality == Confidentiality.INTERNAL.value).distinct().order_by(c.slug)
    return tuple(connection.execute(internal).scalars())


def begin(
    connection: Connection,
    course: Course,
    *,
    rehearsal: bool,
    account_id: int,
    cohort_id: int | None = None,
    due_at: datetime,
    now: datetime,
) -> Thread:
    """A thread of a course as it is now; nothing of it is planned yet. There must be no open one."""
    row = {
        "course_id": course.id,
        "rehearsal": rehearsal,
        "account_id": account_id,
        "cohort_id": cohort_id,
        "state": ThreadState.OPEN.value,
        "content_hash": course.content_hash,
        "content": as_content(course.steps),
        "due_at": due_at,
        "note": "",
        "created_at": now,
    }
    made = connection.execute(insert(t.course_thread).values(**row).returning(*_h)).mappings().one()
    return _thread(made)


def change(connection: Connection, thread: Thread, **values: Any) -> bool:
    """Change a thread if it still is in the state in which it was read."""
    same = (_h.id == thread.id) & (_h.state == thread.state.value)
    return connection.execute(update(t.course_thread).where(same).values(**values)).rowcount == 1


def posts(connection: Connection, thread_id: int) -> dict[int, StepPost]:
    """The newest post of each step that has one, by step."""
    every = _every_post(connection, thread_id)
    return {one.step: one for one in every}


def _every_post(connection: Connection, thread_id: int) -> list[StepPost]:
    query = select(t.course_post).where(_p.thread_id == thread_id).order_by(_p.step, _p.attempt)
    rows = connection.execute(query).all()
    ids = [row.outbox_id for row in rows]
    items = {one.id: one for one in outbox.items_of(connection, select(t.outbox).where(t.outbox.c.id.in_(ids)))}
    gone = deletions.of_posts(connection, ids)
    return [StepPost(row.step, row.attempt, items[row.outbox_id], gone.get(row.outbox_id)) for row in rows]


def standing_of(thread: Thread, of_steps: Mapping[int, StepPost]) -> Standing:
    """How far a thread has come; `of_steps` are its `posts`."""
    states = [(one.step, one.item.state, one.item.outcome) for one in of_steps.values()]
    return standing(len(thread.steps), states, thread.note)


def first_steps(connection: Connection, account_id: int) -> dict[str, int]:
    """X's ids of the first steps of the courses that stand on an account for good, by slug, the newest first."""
    o = t.outbox.c
    query = (
        select(t.course.c.slug, o.remote_id)
        .select_from(t.course_thread)
        .join(t.course, t.course.c.id == _h.course_id)
        .join(t.course_post, _p.thread_id == _h.id)
        .join(t.outbox, o.id == _p.outbox_id)
        .where(_h.account_id == account_id, _h.rehearsal.is_(False), _h.state == ThreadState.OPEN.value)
        .where(_p.step == 1, o.remote_id.is_not(None))
        .order_by(_h.id.desc())
    )
    return dict(connection.execute(query).all())


# --- planning -----------------------------------------------------------------------------------------------------


def plan_missing(connection: Connection, thread: Thread, course: Course, now: datetime) -> tuple[OutboxItem, ...]:
    """Put every step that has no post any more, or one with other words, into the outbox, each under the step before.

    From the first such step on, what was planned is planned anew: it would have stood under a post that never comes.
    Raises Conflict if a step's text is under way or was posted lately on the account; nothing is planned then.
    """
    there = posts(connection, thread.id)
    added: list[OutboxItem] = []
    above: OutboxItem | None = None
    for step in thread.steps:
        found = there.get(step.number)
        if found is not None and not found.ended and not added and found.says(step):
            above = found.item
            continue
        if found is not None and not found.ended:
            _clear(connection, found)
        attempt = 1 if found is None else found.attempt + 1
        above = outbox.add(connection, _planned(thread, course, step, attempt, above), now)
        row = {"outbox_id": above.id, "thread_id": thread.id, "step": step.number, "attempt": attempt}
        connection.execute(insert(t.course_post).values(**row))
        added.append(above)
    for found in there.values():
        if found.step > len(thread.steps) and not found.ended:
            _clear(connection, found)
    if added and thread.cohort_id is not None:
        cohorts.raise_version(connection, thread.cohort_id)
    return tuple(added)


def _clear(connection: Connection, found: StepPost) -> None:
    """Take back a step that was planned under one that never came, or with other words."""
    on_its_way = found.item.state in _ON_ITS_WAY or attempts.may_have_been_sent(connection, found.item.id)
    if on_its_way or outbox.cancel(connection, found.item, "planned anew") is None:
        raise Conflict(f"step {found.step} is on its way just now", "Look again: reinforce course status")


def _planned(thread: Thread, course: Course, step: PostedStep, attempt: int, above: OutboxItem | None) -> Planned:
    what = "Rehearses" if thread.rehearsal else "Publishes"
    of = f'step {step.number} of {len(thread.steps)} of the course "{course.title}"'
    return Planned(
        account_id=thread.account_id,
        cohort_id=thread.cohort_id,
        occurrence=course_occurrence(thread.id, step.number, attempt),
        form=FORM,
        text=step.text,
        text_hash=text_hash(step.text),
        due_at=thread.due_at,
        grace_until=thread.due_at + WORTH,
        reply_to_outbox_id=None if above is None else above.id,
        poll=step.poll,
        media=step.media,
        confidentiality=course.confidentiality.value,
        price_micros=step.price_micros,
        reason=f"{what} {of}, which a person asked for.",
        decision={"course": course.slug, "step": step.number, "thread": thread.id},
    )


# --- withdrawing --------------------------------------------------------------------------------------------------


def take_back(connection: Connection, thread: Thread, now: datetime) -> tuple[int, str]:
    """Carry the withdrawal of a thread on: what has not gone out is cancelled, what stands is asked to be deleted, the
    last step first. Safe to repeat. Returns how many posts still stand, and why the rest has to wait ("" if not).
    """
    every = _every_post(connection, thread.id)
    waiting = ""
    for one in every:
        if one.item.state in (State.PLANNED, State.LEASED):
            # What may have been sent keeps its key: whoever looks at the timeline can still find it.
            leave = outbox.skip if attempts.may_have_been_sent(connection, one.item.id) else outbox.cancel
            if leave(connection, one.item, WITHDRAWN) is None:
                waiting = f"step {one.step} is on its way just now"
        elif one.item.state is State.HELD:
            waiting = f"nobody knows whether step {one.step} is up: run `reinforce settle {one.item.id}`"
        elif one.item.state in _ON_ITS_WAY:
            waiting = f"it is not known yet whether step {one.step} went out"
    stands = [one for one in reversed(every) if one.stands]
    if not waiting:
        for one in stands:
            if one.deletion is None:
                deletions.ask(connection, one.item, WITHDRAWN, now)
        refused = [one for one in stands if one.deletion and one.deletion.state is DeletionState.REFUSED]
        if refused and refused[0].deletion is not None:
            waiting = f"X does not delete step {refused[0].step}: {refused[0].deletion.outcome}"
    return len(stands), waiting


def ask_again(connection: Connection, thread: Thread, now: datetime) -> None:
    """Ask once more for the deletion of what X refused to delete."""
    for one in _every_post(connection, thread.id):
        if one.deletion is not None and one.deletion.state is DeletionState.REFUSED:
            deletions.ask(connection, one.item, WITHDRAWN, now)


def _thread(row: RowMapping) -> Thread:
    values = {name: row[name] for name in Thread.__dataclass_fields__ if name not in ("state", "steps")}
    return Thread(**values, state=ThreadState(row["state"]), steps=from_content(row["content"]))
