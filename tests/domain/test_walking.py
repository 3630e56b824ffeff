"""The walk of an account: no cap is broken, posts are a gap apart, and a cohort alone walks as it did."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from reinforce.domain.accounts.account import AccountRecord, AccountState
from reinforce.domain.cohort import Answers, Cohort, CohortState
from reinforce.domain.enrolling.updates import Calendar, Update
from reinforce.domain.nugget import (
    Confidentiality,
    Form,
    Question,
    QuestionKind,
    StoredNugget,
)
from reinforce.domain.planning.belief import unmet
from reinforce.domain.planning.cadence import Cadence, Caps, LadderRule, PolicyName, QuietHours, Slot
from reinforce.domain.planning.contending import most_wanted
from reinforce.domain.planning.days_ahead import steps
from reinforce.domain.planning.deciding import Composed, Decided
from reinforce.domain.planning.plan_context import Quiet
from reinforce.domain.planning.plan_state import PlanSnapshot, PlanState, begin
from reinforce.domain.planning.slot_queue import AHEAD
from reinforce.domain.planning.slots import local_day, slot_times
from reinforce.domain.walking.account import Lane, Walk, Walked
from reinforce.domain.walking.previewed import QUIET
from reinforce.domain.walking.slots import next_slot

# The clocks go forward within these days, in London and in Berlin.
NOW = datetime(2026, 3, 25, 3, tzinfo=UTC)
DAYS = 9
ZONES = ("Europe/Berlin", "Europe/London", "America/New_York", "Asia/Tokyo")
ASKED = Question(QuestionKind.SHORT, "What?", (), ("this",), None, (), "")
PRICES = dict.fromkeys(Form, 15_000)
_WEEK = frozenset(range(7))


class Composer:
    """A text of its own for each nugget, form and instant."""

    def __call__(self, nugget: StoredNugget, form: Form, at: datetime, _state: PlanState) -> Composed:
        text = f"{nugget.id} {form} {at.isoformat()}"
        return Composed(text, text, 15_000, question_id=nugget.id if form is Form.QUESTION else None)

    def answer(self, _state: PlanState, decision: Decided) -> Composed | None:
        return None if decision.reveal_at is None else Composed("answer", f"answer {decision.reveal_at}", 15_000)

    def reveal(self, _question: Question, question_id: int, at: datetime, _state: PlanState) -> Composed:
        return Composed(f"answer {question_id} {at}", f"answer {question_id} {at}", 15_000)

    def update(self, _update: Update, _at: datetime, _state: PlanState) -> None:
        return None

    def used(self, composed: Composed) -> None:
        """Nothing needs a yes here."""


def _cadence(hours: list[int], minute: int, caps: Caps, forms: tuple[Form, ...]) -> Cadence:
    return Cadence(
        name="test",
        slots=tuple(Slot(f"s{hour}", time(hour, minute), _WEEK) for hour in sorted(hours)),
        quiet_hours=QuietHours(time(20), time(7)),
        country="",
        subdivision="",
        days_off=frozenset(),
        caps=caps,
        repeat_after=timedelta(days=1),
        grace=timedelta(hours=2),
        answer_window=timedelta(hours=20),
        reveal=True,
        forms=forms,
        policy=PolicyName.LADDER,
        rule=LadderRule((1, 2, 4)),
    )


def _nugget(key: int) -> StoredNugget:
    return StoredNugget(
        *(key, 1, "p", f"n{key}", f"N {key}", "", (), (), 1.0, Confidentiality.PUBLIC, "", key, 1, False, ()),
        *(key, ASKED, (), None),
    )


def _lane(
    place: int, zone: str, cadence: Cadence, account: AccountRecord, zones: tuple[str, ...], end: datetime
) -> Lane:
    cohort = Cohort(
        *(place + 1, f"c{place}", f"C {place}", 1, zone, "en", CohortState.RUNNING, Answers.REPLIES, "s", 0),
        *(None, None, ""),
    )
    snapshot = PlanSnapshot(
        cohort=cohort,
        account=account,
        cadence=cadence,
        created_at=NOW,
        nuggets=tuple(_nugget(key) for key in range(1, 6)),
        learners=(1, 2),
        roles=("", ""),
        roster=("", ""),
        belief=unmet(2, 5),
        rows=(),
        evidence=0,
        last_response=None,
        texts={},
        wordings={},
        zones=zones,
    )
    slots = tuple(slot_times(cadence, zone, {}, NOW, end + timedelta(days=9)))
    return Lane(
        place=place,
        state=begin(snapshot, {}, PRICES),
        compose=Composer(),
        calendar=Calendar(cadence, zone, {}),
        slots=slots,
        most=most_wanted(cohort, cadence, {}, slots),
    )


def _account(a_day: int, a_week: int, gap: int) -> AccountRecord:
    return AccountRecord(
        *(
            1,
            "a",
            "http://127.0.0.1:1",
            "a",
            1,
            Confidentiality.INTERNAL,
            True,
            AccountState.ACTIVE,
            "",
            None,
            None,
            None,
        ),
        posts_a_day=a_day,
        posts_a_week=max(a_week, a_day),
        gap_minutes=gap,
    )


def _walk(lanes: list[Lane], end: datetime) -> tuple[Walked, ...]:
    walk = Walk(lanes, NOW, end, lambda _cadence: PRICES)
    for lane in lanes:
        next_slot(walk, lane)
    return walk.run()


@st.composite
def _cohorts(draw: st.DrawFn) -> list[tuple[str, Cadence]]:
    found = []
    for _ in range(draw(st.integers(1, 3))):
        hours = draw(st.lists(st.integers(8, 18), min_size=1, max_size=2, unique=True))
        a_day = draw(st.integers(1, 3))
        caps = Caps(a_day, draw(st.integers(a_day, 9)), 5)
        forms = draw(st.sampled_from([(Form.QUESTION, Form.REMINDER), (Form.REMINDER,)]))
        found.append((draw(st.sampled_from(ZONES)), _cadence(hours, draw(st.sampled_from([0, 5, 30])), caps, forms)))
    return found


@settings(max_examples=20, deadline=None)
@given(_cohorts(), st.integers(1, 4), st.integers(2, 12), st.integers(0, 60))
def test_no_cap_is_broken_and_posts_of_two_cohorts_are_a_gap_apart(
    cohorts: list[tuple[str, Cadence]], a_day: int, a_week: int, gap: int
) -> None:
    end, account = NOW + timedelta(days=DAYS), _account(a_day, a_week, gap)
    zones = tuple(sorted({zone for zone, _ in cohorts}))
    lanes = [_lane(place, *one, account, zones, end) for place, one in enumerate(cohorts)]
    found = _walk(lanes, end)
    posts = sorted((one.at, one.lane) for one in found if one.form != QUIET)
    for (at, lane), (later, another) in pairwise(posts):
        assert lane == another or later - at >= timedelta(minutes=gap)
    for place, (zone, cadence) in enumerate(cohorts):
        by_day = Counter(local_day(at, zone) for at, _ in posts)
        for day in by_day:
            week = sum(by_day[day + timedelta(days=n)] for n in range(7))
            assert by_day[day] <= account.posts_a_day
            assert week <= account.posts_a_week
        own = [one for one in found if one.lane == place and one.form not in (QUIET, "reveal")]
        for one in own:
            assert cadence.quiet_hours is not None
            assert not cadence.quiet_hours.holds(one.at.astimezone(ZoneInfo(zone)).time())
    decided = Counter((one.lane, one.slot) for one in found if one.slot is not None)
    assert set(decided.values()) <= {1}


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(ZONES), st.lists(st.integers(8, 18), min_size=1, max_size=2, unique=True), st.integers(1, 4))
def test_a_cohort_alone_walks_as_its_slots_do_one_after_the_other(zone: str, hours: list[int], a_day: int) -> None:
    end, account = NOW + timedelta(days=DAYS), _account(12, 60, 10)
    cadence = _cadence(hours, 0, Caps(a_day, 9, 5), (Form.REMINDER,))
    lane = _lane(0, zone, cadence, account, (zone,), end)
    within = [one for one in lane.slots if one.at - AHEAD <= end]
    alone = [
        (step.slot, None if isinstance(step.decision, Quiet) else step.decision.composed.text)
        for step in steps(lane.state, within, Composer(), Composer().answer)
    ]
    together = [(one.slot, None if one.composed is None else one.composed.text) for one in _walk([lane], end)]
    assert together == alone
