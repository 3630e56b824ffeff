"""Everything a plan of one cohort needs, read in one transaction and in few statements."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, and_, func, or_, select

from reinforce.domain.cohort import Cohort
from reinforce.domain.enrolling.updates import end_of_day
from reinforce.domain.nugget import Option, Question, QuestionKind, StoredNugget
from reinforce.domain.planning.belief import Belief, unmet
from reinforce.domain.planning.cadence import Cadence, RetireRule
from reinforce.domain.planning.feed_rows import OutRow, counted_from, on_the_minute
from reinforce.domain.planning.phases import PhaseCadence, slots_across
from reinforce.domain.planning.plan_state import PlanSnapshot
from reinforce.domain.planning.slot_queue import stretch
from reinforce.domain.planning.slots import SlotTime
from reinforce.domain.polling.needs import needs
from reinforce.domain.sending.outbox import State, slot_occurrence
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.approving import approvals
from reinforce.store.authoring import nuggets
from reinforce.store.gathering.events import held_back
from reinforce.store.people import away, cohorts, people
from reinforce.store.planning import feed, memories, parameters
from reinforce.store.polling import polls
from reinforce.store.revising import recalls
from reinforce.store.sending import outbox

_BATCH = 500
_o = t.outbox.c


@dataclass(frozen=True, slots=True)
class CohortFrame:
    """What tells whether a cohort has a slot to plan, without the weight of its memories. `cadence` is the one in use;
    `phases` say on which days it was or will be another."""

    cohort: Cohort
    cadence: Cadence
    created_at: datetime
    phases: tuple[PhaseCadence, ...] = ()


def frame(connection: Connection, cohort_id: int) -> CohortFrame:
    """A cohort with its cadence. Raises NotFound."""
    cohort = cohorts.cohort_by_id(connection, cohort_id)
    created: datetime = connection.execute(select(t.cohort.c.created_at).where(t.cohort.c.id == cohort_id)).scalar_one()
    cadence = Cadence.from_content(cohorts.schedule_in_use(connection, cohort_id))
    return CohortFrame(cohort, cadence, created, _phases(connection, [cohort_id]).get(cohort_id, ()))


def running_on(connection: Connection, account_id: int) -> tuple[CohortFrame, ...]:
    """The running cohorts of an account with their cadences, by slug."""
    found = cohorts.running_on(connection, account_id)
    phases = _phases(connection, [cohort.id for cohort, _, _ in found])
    return tuple(
        CohortFrame(cohort, Cadence.from_content(content), created_at, phases.get(cohort.id, ()))
        for cohort, content, created_at in found
    )


def _phases(connection: Connection, cohort_ids: Collection[int]) -> dict[int, tuple[PhaseCadence, ...]]:
    c, s = t.cohort_cadence.c, t.schedule.c
    query = select(c.cohort_id, c.first_day, s.content).join(t.schedule, s.id == c.schedule_id)
    found: dict[int, tuple[PhaseCadence, ...]] = {}
    for row in connection.execute(query.where(c.cohort_id.in_(cohort_ids)).order_by(c.cohort_id, c.first_day)):
        here = PhaseCadence(row.first_day, Cadence.from_content(row.content))
        found[row.cohort_id] = (*found.get(row.cohort_id, ()), here)
    return found


def taken(connection: Connection, occurrences: Collection[str]) -> frozenset[str]:
    """Those of `occurrences` that have a post, or were decided to have none."""
    wanted = sorted(occurrences)
    found: set[str] = set()
    for start in range(0, len(wanted), _BATCH):
        batch = wanted[start : start + _BATCH]
        live = and_(_o.occurrence.in_(batch), _o.state != State.CANCELLED.value)
        found.update(connection.execute(select(_o.occurrence).where(live)).scalars())
        quiet = t.quiet.c.occurrence
        found.update(connection.execute(select(quiet).where(quiet.in_(batch))).scalars())
    return frozenset(found)


def undecided(
    connection: Connection, there: CohortFrame, holidays: Mapping[date, str], now: datetime
) -> tuple[SlotTime, ...]:
    """The slots around `now` for which neither a post nor a reason to have none is on record, in order of time."""
    slots = slots_between(there, holidays, *stretch(there.created_at, now))
    decided = taken(connection, slots)
    return tuple(slot for occurrence, slot in slots.items() if occurrence not in decided)


def slots_between(
    there: CohortFrame, holidays: Mapping[date, str], start: datetime, end: datetime
) -> dict[str, SlotTime]:
    """The slots with start < instant ≤ end of a cohort that has begun by then, by occurrence, in order of time."""
    cohort = there.cohort
    return {
        slot_occurrence(cohort.slug, slot.day, slot.slot): slot
        for slot in slots_across(there.phases, there.cadence, cohort.zone, holidays, start, end)
        if cohort.runs_on(slot.day)
    }


def version_of(connection: Connection, cohort_id: int) -> int:
    """The cohort's version, locked until the end of the transaction (where there is anything to lock)."""
    query = select(t.cohort.c.version).where(t.cohort.c.id == cohort_id).with_for_update()
    return int(connection.execute(query).scalar_one())


def snapshot(
    connection: Connection, cohort_id: int, now: datetime, *, with_neighbours: bool = False
) -> tuple[PlanSnapshot, frozenset[int]]:
    """The snapshot of a cohort at `now`, and those of its nuggets whose stored belief is damaged.

    Without neighbours it is about the cohort's own learners alone, as a report is; a plan counts with both.
    """
    there = frame(connection, cohort_id)
    account = accounts.account_by_id(connection, there.cohort.account_id)
    known = nuggets.cohort_nuggets(connection, cohort_id)
    asleep = people.snoozed(connection, cohort_id, now) | away.absent(connection, cohort_id, now)
    enrolled = [one for one in people.learners_of(connection, cohort_id) if not one.stopped]
    counted = [one for one in enrolled if one.linked and one.id not in asleep]
    learners = tuple(one.id for one in counted)
    neighbours = feed.neighbours(connection, there.cohort, now) if with_neighbours else ()
    belief, damaged = _belief(connection, known, (*learners, *(one.learner for one in neighbours)))
    # Of all rules only one looks at how many were right, and to count them takes longer than all else here.
    rows = feed.rows(connection, there.cohort, now, answers=isinstance(there.cadence.rule, RetireRule))
    since = now - there.cadence.repeat_after
    return (
        PlanSnapshot(
            cohort=there.cohort,
            account=account,
            cadence=there.cadence,
            created_at=there.created_at,
            nuggets=known,
            learners=learners,
            roles=tuple(one.role for one in counted),
            roster=tuple(one.role for one in enrolled),
            belief=belief,
            rows=rows,
            evidence=_graded(connection, cohort_id) + sum(sum(row.votes) for row in rows),
            last_response=_last_response(connection, there.cohort, rows, now),
            texts=texts_used(connection, account.id, since),
            wordings=outbox.wordings_used(connection, account.id, [one.id for one in known], since),
            parameters=parameters.by_nugget(connection),
            neighbours=neighbours,
            newest=feed.newest(connection, account.id),
            needs=needs(polls.with_topics(connection, cohort_id), now),
            held=held_back(connection, cohort_id),
            zones=cohorts.zones_on(connection, account.id),
            approval=approvals.book(connection, there.cohort),
            phases=there.phases,
        ),
        damaged,
    )


def texts_used(connection: Connection, account_id: int, since: datetime) -> dict[str, datetime]:
    """When each text (its hash) was last posted on the account since `since`, or is due if it is on its way."""
    posted = and_(_o.state == State.POSTED.value, _o.posted_at >= since)
    query = select(_o.text_hash, _o.posted_at, _o.due_at).where(_o.account_id == account_id)
    found: dict[str, datetime] = {}
    for text_hash, posted_at, due_at in connection.execute(query.where(or_(feed.under_way(), posted))):
        at = counted_from(posted_at, due_at)
        found[text_hash] = max(at, found.get(text_hash, at))
    return found


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that is out and has no reveal yet. `closes_at` is when its window ends."""

    id: int
    remote_id: int
    nugget_id: int
    question_id: int
    posted_at: datetime
    closes_at: datetime


def open_questions(connection: Connection, cohort_id: int, window: timedelta) -> tuple[OpenQuestion, ...]:
    """The cohort's questions and polls that are out, have no reveal planned or posted, and were not decided to have
    none; `window` is how long answers to a post are collected that does not say so itself."""
    reveal = t.outbox.alias("reveal").c
    revealed = select(reveal.reply_to_outbox_id).where(
        reveal.reply_to_outbox_id.is_not(None), reveal.form == "reveal", reveal.state != State.CANCELLED.value
    )
    query = (
        select(
            _o.id,
            _o.remote_id,
            _o.nugget_id,
            _o.question_id,
            _o.posted_at,
            _o.due_at,
            _o.decision["closes_at"].as_string().label("closes_at"),
        )
        .where(_o.cohort_id == cohort_id, _o.state == State.POSTED.value, _o.form.in_(["question", "poll"]))
        .where(_o.remote_id.is_not(None), _o.question_id.is_not(None), _o.id.not_in(revealed))
        .where(~recalls.is_taken_off(_o.id))
        .order_by(_o.posted_at, _o.id)
    )
    found = []
    for row in connection.execute(query):
        planned = None if row.closes_at is None else datetime.fromisoformat(row.closes_at)
        # A post that went out late has its whole window all the same.
        posted = on_the_minute(row.posted_at, row.due_at)
        closes = max(planned or posted, posted + window)
        found.append(OpenQuestion(row.id, row.remote_id, row.nugget_id, row.question_id, posted, closes))
    return tuple(found)


def question_as_asked(connection: Connection, question_id: int) -> Question:
    """A question as it stood when it was posted, retired or not."""
    row = connection.execute(select(t.question).where(t.question.c.id == question_id)).mappings().one()
    options = connection.execute(select(t.option).where(t.option.c.question_id == question_id).order_by(t.option.c.key))
    return Question(
        kind=QuestionKind(row["kind"]),
        prompt=row["prompt"],
        options=tuple(Option(one.key, one.text, one.correct) for one in options),
        accepted=tuple(row["accepted"]),
        tolerance=row["tolerance"],
        hints=tuple(row["hints"]),
        explanation=row["explanation"],
    )


def _belief(
    connection: Connection, known: tuple[StoredNugget, ...], learners: tuple[int, ...]
) -> tuple[Belief, frozenset[int]]:
    if not learners:
        return unmet(0, len(known)), frozenset()
    return memories.load_sound(connection, [one.id for one in known], learners)


def _graded(connection: Connection, cohort_id: int) -> int:
    """1 if there is a graded reply from any of this cohort's learners on what it learns, else 0. To count them all, a
    million in a large cohort, would take longer than the plan."""
    r, e = t.review.c, t.enrollment.c
    query = (
        select(r.id)
        .join(t.nugget, t.nugget.c.id == r.nugget_id)
        .join(t.cohort_procedure, t.cohort_procedure.c.procedure_id == t.nugget.c.procedure_id)
        .join(t.enrollment, and_(e.learner_id == r.learner_id, e.cohort_id == t.cohort_procedure.c.cohort_id))
        .where(e.cohort_id == cohort_id, r.voided_at.is_(None))
        .limit(1)
    )
    return int(connection.execute(query).first() is not None)


def _last_response(connection: Connection, cohort: Cohort, rows: tuple[OutRow, ...], now: datetime) -> datetime | None:
    """When anybody last wrote under a post of the cohort, or one of its learners under any post of its account; or when
    its last hold was over, if that is later. Of a poll it is not known when somebody voted, only that it was after it
    went out."""
    i, e = t.inbound.c, t.enrollment.c
    # By post and by learner, and not over all there is: each is then one look into an index.
    under = select(func.max(i.created_at)).where(i.outbox_id == _o.id).scalar_subquery()
    by = (
        select(i.created_at)
        .where(i.learner_id == e.learner_id, i.account_id == cohort.account_id, i.outbox_id.is_not(None))
        .order_by(i.created_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    newest = (
        select(func.max(under)).where(_o.cohort_id == cohort.id),
        select(func.max(by)).where(e.cohort_id == cohort.id),
    )
    replies = [connection.execute(query).scalar() for query in newest]
    found = [*(one for one in replies if one is not None), *(row.at for row in rows if any(row.votes))]
    return max([*found, *_holds_over(cohort, now)], default=None)


def _holds_over(cohort: Cohort, now: datetime) -> list[datetime]:
    """When the cohort's holds ended: nobody was silent in them, for nothing was asked."""
    ends = (end_of_day(hold.last_day, cohort.zone) for hold in cohort.holds)
    return [end for end in ends if end <= now]
