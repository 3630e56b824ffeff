"""The walk of an account, from what the database holds now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from reinforce.actions.planning.preview.imagining import AS_IT_IS, WhatIf
from reinforce.actions.planning.preview.posts import row_of, standing
from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.enrolling.updates import Calendar, Update, UpdateKind, update_occurrence, updates
from reinforce.domain.nugget import Form
from reinforce.domain.planning.contending import most_wanted
from reinforce.domain.planning.deciding import form_prices
from reinforce.domain.planning.plan_state import REVEAL, PlanSnapshot, begin
from reinforce.domain.planning.sharing import HORIZON
from reinforce.domain.planning.slot_queue import queue
from reinforce.domain.planning.slots import SlotTime
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.sending.outbox import OutboxItem, State, reveal_occurrence
from reinforce.domain.texts.naming_guard import PersonMarks
from reinforce.domain.walking.account import Asked, Lane, Walk, Walked
from reinforce.domain.walking.expecting import Expected
from reinforce.domain.walking.hand_overs import hand_over
from reinforce.domain.walking.previewed import PreviewedPost
from reinforce.domain.walking.reveals import reveal_later
from reinforce.domain.walking.slots import next_slot
from reinforce.domain.walking.updates import tell_dates
from reinforce.rendering.posts import PostRenderer
from reinforce.rendering.walking import LaneComposer, lane_composer
from reinforce.store.people import people, told
from reinforce.store.planning import plan_snapshot
from reinforce.store.planning.plan_snapshot import CohortFrame
from reinforce.store.sending import outbox
from reinforce.store.session import Database

# Beyond the end a cohort's slots count as what it wants, the furthest as far as a day's moving takes them.
_BEYOND = HORIZON + timedelta(days=2)
_MANY = 100_000


@dataclass(frozen=True, slots=True)
class WalkedAccount:
    """An account's days to come: its cohorts' lanes as they stand at the end, what was walked, and for each lane what
    stands in the outbox already."""

    lanes: tuple[Lane, ...]
    walked: tuple[Walked, ...]
    standing: tuple[tuple[OutboxItem, ...], ...]

    def rows(self, end: datetime) -> tuple[PreviewedPost, ...]:
        """All that is due by `end`, in order of time, then of cohort."""
        found = [row_of(self.lanes[one.lane], one) for one in self.walked]
        for lane, items in zip(self.lanes, self.standing, strict=True):
            found += [standing(lane.state.snapshot, item) for item in items]
        due = (one for one in found if one.due_at <= end)
        return tuple(sorted(due, key=lambda one: (one.due_at, one.form == REVEAL, one.cohort)))


def preview_account(
    database: Database,
    account_id: int,
    renderer: PostRenderer,
    tariff: Tariff,
    *,
    now: datetime,
    days: int,
    what_if: WhatIf = AS_IT_IS,
) -> tuple[PreviewedPost, ...]:
    """What would go out on an account from `now` (programme time) for `days` days, of all its running cohorts together,
    in order; `what_if` changes one of them in thought. Raises as `plan_cohort` does."""
    end = now + timedelta(days=days)
    return walk_of(database, account_id, (renderer, tariff), now, end, what_if).rows(end)


def walk_of(
    database: Database,
    account_id: int,
    means: tuple[PostRenderer, Tariff],
    now: datetime,
    end: datetime,
    what_if: WhatIf = AS_IT_IS,
    expect: int | None = None,
) -> WalkedAccount:
    """Walk an account from `now` to `end`; of the cohort `expect` (id) with its expected recall."""
    with database.read() as connection:
        frames = _frames(connection, account_id, what_if)
        start = _Start(*means, people.people_marks(connection, account_id), now, end, what_if)
        dates = [_Dates.read(connection, frame, start) for frame in frames]
        gone = {key for one in dates for key in one.taken_back}
        there = [tuple(item for item in _standing(connection, frame) if item.id not in gone) for frame in frames]
        lanes = []
        for place, (frame, date_posts) in enumerate(zip(frames, dates, strict=True)):
            snapshot, _ = plan_snapshot.snapshot(connection, frame.cohort.id, now, with_neighbours=True)
            snapshot = _without(_with_zones(what_if.of_snapshot(snapshot, frame), frames), gone)
            lanes.append(_lane(connection, place, frame, snapshot, date_posts, start))
        asked = [_asked(connection, frame, items) for frame, items in zip(frames, there, strict=True)]
    for lane in lanes:
        if lane.cohort.id == expect:
            lane.expected = Expected(lane.state, now, end)
    walk = Walk(lanes, now, end, partial(form_prices, means[1]))
    for lane, questions in zip(lanes, asked, strict=True):
        hand_over(walk, lane)
        tell_dates(walk, lane)
        next_slot(walk, lane)
        for question in questions:
            reveal_later(walk, lane, question)
    return WalkedAccount(tuple(lanes), walk.run(), tuple(there))


def _frames(connection: Connection, account_id: int, what_if: WhatIf) -> tuple[CohortFrame, ...]:
    """The cohorts that walk, in the order in which they are planned."""
    found = {one.cohort.id: one for one in plan_snapshot.running_on(connection, account_id)}
    if what_if.cohort_id is not None and what_if.cohort_id not in found:
        found[what_if.cohort_id] = plan_snapshot.frame(connection, what_if.cohort_id)
    return tuple(what_if.of_frame(one) for one in sorted(found.values(), key=lambda one: one.cohort.slug))


def _with_zones(snapshot: PlanSnapshot, frames: Iterable[CohortFrame]) -> PlanSnapshot:
    return replace(snapshot, zones=tuple(sorted({one.cohort.zone for one in frames})))


@dataclass(frozen=True, slots=True)
class _Start:
    """What all lanes begin with; `composers` are those of the lanes that are made already."""

    renderer: PostRenderer
    tariff: Tariff
    marks: tuple[PersonMarks, ...]
    now: datetime
    end: datetime
    what_if: WhatIf
    composers: list[tuple[PlanSnapshot, LaneComposer]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Dates:
    """A cohort's calendar, the updates that are to be planned, and the posts (ids) of those that were planned for other
    dates and are taken back at the next look."""

    calendar: Calendar
    to_tell: tuple[Update, ...]
    taken_back: frozenset[int]

    @classmethod
    def read(cls, connection: Connection, frame: CohortFrame, start: _Start) -> _Dates:
        """What stands, and what is to come."""
        cohort, cadence = frame.cohort, frame.cadence
        holidays = start.what_if.of_holidays(cohort.id, holidays_of(cohort, cadence, start.now))
        calendar = Calendar(cadence, cohort.zone, holidays)
        known = told.told(connection, [update_occurrence(cohort.slug, kind) for kind in UpdateKind])
        asked = {update_occurrence(cohort.slug, one.kind): one for one in updates(cohort)}
        stale = {key for key, one in known.items() if one.is_open and not one.stands(asked.get(key), calendar)}
        to_tell = tuple(
            update
            for key, update in asked.items()
            if key not in known or key in stale or known[key].may_be_made_again(update)
        )
        posts = (known[key].item_id for key in stale)
        return cls(calendar, to_tell, frozenset(one for one in posts if one is not None))


def _without(snapshot: PlanSnapshot, gone: Collection[int]) -> PlanSnapshot:
    return replace(snapshot, rows=tuple(row for row in snapshot.rows if row.id not in gone)) if gone else snapshot


def _lane(
    connection: Connection, place: int, frame: CohortFrame, snapshot: PlanSnapshot, dates: _Dates, start: _Start
) -> Lane:
    cohort, cadence, holidays = frame.cohort, frame.cadence, dates.calendar.holidays
    slots = _open_slots(connection, frame, holidays, start.now, start.end)
    compose = lane_composer(snapshot, start.renderer, start.tariff, start.marks, start.composers)
    start.composers.append((snapshot, compose))
    return Lane(
        place=place,
        state=begin(snapshot, holidays, form_prices(start.tariff, cadence)),
        compose=compose,
        calendar=dates.calendar,
        slots=slots,
        updates=dates.to_tell,
        most=most_wanted(cohort, cadence, holidays, slots),
    )


def _open_slots(
    connection: Connection, frame: CohortFrame, holidays: Mapping[date, str], now: datetime, end: datetime
) -> tuple[SlotTime, ...]:
    """The slots that nothing is decided for: one that passed and may be served still, and all to come."""
    late = queue(plan_snapshot.undecided(connection, frame, holidays, now), frame.cadence, frame.cohort.zone, now).due
    keyed = plan_snapshot.slots_between(frame, holidays, now, end + _BEYOND)
    decided = plan_snapshot.taken(connection, keyed)
    coming = [slot for occurrence, slot in keyed.items() if occurrence not in decided]
    return (*([late] if late is not None and late.at <= now else []), *coming)


def _standing(connection: Connection, frame: CohortFrame) -> tuple[OutboxItem, ...]:
    return outbox.items(connection, cohort_id=frame.cohort.id, states=[State.PLANNED], limit=_MANY)


def _asked(connection: Connection, frame: CohortFrame, items: tuple[OutboxItem, ...]) -> list[Asked]:
    """The cohort's questions that have no answer under them yet, those among them that are on their way."""
    window = frame.cadence.answer_window
    found = []
    out = plan_snapshot.open_questions(connection, frame.cohort.id, window)
    had = plan_snapshot.taken(connection, [reveal_occurrence(one.id) for one in out])
    for one in out:
        if reveal_occurrence(one.id) not in had:
            question = plan_snapshot.question_as_asked(connection, one.question_id)
            found.append(Asked(one.id, one.nugget_id, one.question_id, question, one.closes_at, one.posted_at))
    for item in items:
        if item.form in (Form.QUESTION, Form.POLL) and item.question_id is not None and item.nugget_id is not None:
            question = plan_snapshot.question_as_asked(connection, item.question_id)
            planned = item.decision.get("closes_at")
            closes = item.due_at + window
            closes = closes if planned is None else max(closes, datetime.fromisoformat(planned))
            found.append(Asked(item.id, item.nugget_id, item.question_id, question, closes, item.due_at))
    return found
