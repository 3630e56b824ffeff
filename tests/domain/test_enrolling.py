"""How enrollments move, and when a cohort's dates are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from reinforce.content.schedule_file import find_schedule, read_schedule
from reinforce.domain.cohort import LIVE, Answers, Cause, Cohort, CohortState, Completes, EnrollmentState
from reinforce.domain.enrolling.joining import may_come_back
from reinforce.domain.enrolling.moves import MOVES, Standing, allowed, due_move, entered, may_return, to_look_at
from reinforce.domain.enrolling.updates import (
    Calendar,
    UpdateKind,
    end_of_day,
    timed,
    update_occurrence,
    updates,
)
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.slots import OnHold, local_day
from reinforce.shipped import shipped

CADENCE = Cadence.from_content(read_schedule(find_schedule("cohort-adaptive", shipped("schedules"))).content)
DAY = timedelta(days=1)
START = date(2026, 3, 2)  # a Monday
DAYS = st.dates(START, START + 200 * DAY)
MAYBE = st.none() | DAYS
COHORT = Cohort(1, "c", "C", 1, "Europe/Berlin", "en", CohortState.RUNNING, Answers.REPLIES, "s", 0, None, None, "")

cohorts = st.builds(
    replace,
    st.just(COHORT),
    opens_on=MAYBE,
    closes_on=MAYBE,
    starts_on=MAYBE,
    ends_on=MAYBE,
    assessment=MAYBE,
    completes=st.sampled_from(Completes),
    lapse_after=st.sampled_from([0, 10, 30]),
)
standings = st.builds(
    Standing,
    state=st.sampled_from(EnrollmentState),
    cause=st.sampled_from(Cause),
    since=DAYS,
    linked=st.booleans(),
    stopped=st.booleans(),
    away=st.booleans(),
    heard=MAYBE,
)


@given(standings, cohorts, DAYS)
def test_dates_ask_for_moves_of_the_table_only_and_each_state_that_may_move_is_looked_at(
    there: Standing, cohort: Cohort, today: date
) -> None:
    move = due_move(there, cohort, today)
    if move is not None:
        assert allowed(there.state, *move)
        assert there.state in to_look_at(cohort, today) or (there.state, cohort.lapse_after) == ("lapsed", 0)


@given(standings, cohorts, DAYS)
def test_what_a_person_did_today_no_date_undoes_today(there: Standing, cohort: Cohort, today: date) -> None:
    by_hand = replace(there, since=today, heard=None)
    move = due_move(by_hand, cohort, today)
    assert move is None or move[0] in (EnrollmentState.ACTIVE,)


@given(standings, cohorts, DAYS)
def test_who_says_nothing_lapses_only_where_the_cohort_says_so(there: Standing, cohort: Cohort, today: date) -> None:
    quiet = replace(cohort, lapse_after=0, closes_on=None, ends_on=None, assessment=None, completes=Completes.END)
    move = due_move(there, quiet, today)
    assert move is None or move[0] not in (EnrollmentState.LAPSED, EnrollmentState.COMPLETED)


@given(standings, DAYS)
def test_a_stop_is_never_told_apart_from_not_having_joined(there: Standing, today: date) -> None:
    """Both lapse with the cohort, for the same reason, so that no list shows who said stop."""
    over = replace(COHORT, ends_on=today - DAY)
    live = replace(there, state=EnrollmentState.ACTIVE, since=today - 2 * DAY)
    stopped = due_move(replace(live, stopped=True, linked=True), over, today)
    unlinked = due_move(replace(live, state=EnrollmentState.INVITED, stopped=False, linked=False), over, today)
    assert stopped == unlinked == (EnrollmentState.LAPSED, Cause.ENDED)


def test_a_withdrawal_is_taken_back_by_a_person_or_by_whose_doing_it_was() -> None:
    back = {cause for (was, to), causes in MOVES.items() for cause in causes if was == "withdrawn" and to in LIVE}
    assert back == {Cause.PERSON, Cause.MOVED, Cause.UNDONE, Cause.ROSTER, Cause.JOINED}
    withdrawn = EnrollmentState.WITHDRAWN
    assert {cause for cause in Cause if may_return(withdrawn, cause)} == {Cause.ROSTER, Cause.UNDONE}
    assert {cause for cause in Cause if may_come_back(withdrawn, cause)} == {Cause.LEFT}


class Enrollments(RuleBasedStateMachine):
    """One enrollment that people and dates move at random."""

    @initialize(linked=st.booleans())
    def enter(self, linked: bool) -> None:
        self.linked = linked
        self.today = START
        self.there = Standing(entered(linked=linked), Cause.ROSTER, START, linked=linked)
        self.cohort = replace(COHORT, starts_on=START + 7 * DAY, closes_on=START + 20 * DAY, ends_on=START + 60 * DAY)

    def _move(self, to: EnrollmentState, cause: Cause) -> None:
        if allowed(self.there.state, to, cause):
            self.there = replace(self.there, state=to, cause=cause, since=self.today)

    @rule(days=st.integers(0, 30))
    def pass_days(self, days: int) -> None:
        self.today += days * DAY

    @rule()
    def link(self) -> None:
        self.there = replace(self.there, linked=True)
        self._move(EnrollmentState.ENROLLED, Cause.LINKED)

    @rule(to=st.sampled_from(EnrollmentState), cause=st.sampled_from([Cause.PERSON, Cause.ROSTER, Cause.MOVED]))
    def decide(self, to: EnrollmentState, cause: Cause) -> None:
        if to not in (EnrollmentState.ENROLLED, EnrollmentState.ACTIVE) or self.there.linked:
            self._move(to, cause)

    @rule()
    def follow_dates(self) -> None:
        for _ in range(len(EnrollmentState)):
            move = due_move(self.there, self.cohort, self.today)
            if move is None:
                return
            self._move(*move)
        raise AssertionError("the dates move it for ever")

    @invariant()
    def active_people_are_linked(self) -> None:
        there = getattr(self, "there", None)
        assert there is None or there.state != "active" or there.linked


TestEnrollments = Enrollments.TestCase


@given(cohorts)
def test_each_update_is_asked_for_at_most_once_and_in_order(cohort: Cohort) -> None:
    asked = updates(cohort)
    keys = [update_occurrence(cohort.slug, one.kind) for one in asked]
    assert len(set(keys)) == len(keys)
    assert [one.day for one in asked] == sorted(one.day for one in asked)
    assert not updates(replace(cohort, updates=False))


@given(cohorts, DAYS, st.sets(DAYS, max_size=40), st.integers(0, 23))
def test_an_update_goes_out_when_something_may_and_while_it_is_true_or_says_why_not(
    cohort: Cohort, today: date, off: set[date], hour: int
) -> None:
    calendar = Calendar(CADENCE, cohort.zone, {day: OnHold("shutdown") for day in off})
    now = datetime(today.year, today.month, today.day, hour, tzinfo=UTC)
    for update in updates(cohort):
        when = timed(update, calendar, now)
        if when.why_not:
            continue
        assert when.at is not None
        assert when.last is not None
        day = local_day(when.at, cohort.zone)
        assert when.at >= now
        assert update.day <= day <= when.last
        assert day not in off
        assert not calendar.holidays.get(day)
        assert update.until is None or day <= update.until
        if update.kind is UpdateKind.START and local_day(now, cohort.zone) <= update.day:
            assert when.natural == when.at


def test_a_hold_over_the_start_moves_it_and_one_over_the_last_call_lets_it_go() -> None:
    cohort = replace(COHORT, closes_on=START + 4 * DAY, starts_on=START, ends_on=START + 60 * DAY)
    held = {START + n * DAY: OnHold("shutdown") for n in range(5)}
    calendar = Calendar(CADENCE, cohort.zone, held)
    now = end_of_day(START - 3 * DAY, cohort.zone)
    found = {one.kind: timed(one, calendar, now) for one in updates(cohort)}
    start, call = found[UpdateKind.START], found[UpdateKind.DAYS_LEFT]
    assert start.at is not None
    assert local_day(start.at, cohort.zone) == START + 7 * DAY
    assert call.why_not == "2026-03-03 is on hold: shutdown, and on 2026-03-09 it would not be true any more"


def test_the_start_is_told_on_its_day_only() -> None:
    cohort = replace(COHORT, starts_on=START)
    calendar = Calendar(CADENCE, cohort.zone, {})
    (start,) = updates(cohort)
    later = end_of_day(START, cohort.zone) + timedelta(hours=10)  # the slot is at nine
    assert timed(start, calendar, later - DAY).at == later - DAY
    assert timed(start, calendar, later).why_not == "its day, 2026-03-02, has passed"
