"""The walk of all cohorts of an account is what the daemon does afterwards, post by post."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.actions.enrolling.be_away import hold_cohort
from reinforce.actions.enrolling.plan_updates import plan_updates
from reinforce.actions.operating.set_caps import set_caps
from reinforce.actions.planning.plan import plan_cohort
from reinforce.actions.planning.preview import PreviewedPost, preview, preview_account
from reinforce.actions.planning.reveal import plan_reveals
from reinforce.content.schedule_file import read_schedule
from reinforce.domain.cohort import Cohort
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.store import tables as t
from reinforce.store.people import cohorts
from reinforce.store.sending import outbox
from tests.actions.planning.conftest import REPOSITORY, Course

# A week before the clocks change in Europe, two after they did in New York; Easter is in the second week.
START = datetime(2026, 3, 23, 7, 30, tzinfo=UTC)
AHEAD = timedelta(minutes=5)
MADE = (
    ("alpha", "Europe/Berlin", "DE", ("09:00", "14:00")),
    ("beta", "America/New_York", "US", ("09:00", "14:00")),
    ("gamma", "Europe/London", "GB", ("08:03", "13:00")),
)


@dataclass
class Account:
    """Three cohorts with ladders in three zones, on an account whose caps and gap are tight. `seconds` is how late
    posts leave."""

    course: Course
    seconds: float = 2.0

    def cohorts(self) -> tuple[Cohort, ...]:
        with self.course.database.read() as connection:
            return tuple(one for one in cohorts.cohorts(connection) if one.slug != "press")

    def preview(self, days: int) -> tuple[PreviewedPost, ...]:
        course = self.course
        account_id = self.cohorts()[0].account_id
        return preview_account(course.database, account_id, course.renderer, course.tariff, now=course.now, days=days)

    def run(self, until: datetime) -> None:
        """The daemon's steps wherever something may be due, until then."""
        while True:
            stops = self._stops()
            coming = min((at for at in stops if at > self.course.now), default=until)
            if coming >= until:
                self.course.now = until
                return
            self.course.now = coming
            self.tick(stops[coming])

    def tick(self, kinds: frozenset[str] = frozenset({"updates", "slots", "answers"})) -> None:
        """What concerns posts in one tick of the daemon, as far as it can find anything to do."""
        course = self.course
        acts: dict[str, Callable[..., object]] = {
            "updates": plan_updates,
            "slots": plan_cohort,
            "answers": plan_reveals,
        }
        for kind, act in acts.items():
            for one in self.cohorts() if kind in kinds else ():
                act(course.database, one.id, course.renderer, course.tariff, now=course.now)
        self._send()

    def _send(self) -> None:
        course = self.course
        with course.database.write() as connection:
            for item in outbox.items(connection, states=[State.PLANNED], limit=100):
                if item.due_at <= course.now:
                    leased = outbox.claim(connection, item, "test", timedelta(minutes=1))
                    assert leased is not None
                    sending = outbox.move(connection, leased, State.SENDING)
                    assert sending is not None
                    left = course.now + timedelta(seconds=self.seconds)
                    outbox.move(connection, sending, State.POSTED, posted_at=left, remote_id=item.id)

    def _stops(self) -> dict[datetime, frozenset[str]]:
        """The next instants at which a tick may find something to do: before slots, when posts are due, when windows
        close, when quiet hours end and when days begin."""
        now, found = self.course.now, defaultdict[datetime, set[str]](set)
        for _, zone, _, clocks in MADE:
            marks = {"00:00": {"updates", "answers"}, "06:55": {"answers"}, **{key: {"slots"} for key in clocks}}
            for ahead in (0, 1):
                day = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=ahead)
                for clock, kinds in marks.items():
                    local = datetime.combine(day, time.fromisoformat(clock), tzinfo=ZoneInfo(zone))
                    found[local.astimezone(UTC) - (AHEAD if "slots" in kinds else timedelta())] |= kinds
        o = t.outbox.c
        with self.course.database.read() as connection:
            for item in outbox.items(connection, states=[State.PLANNED], limit=100):
                found[item.due_at] |= set()
            asked = select(o.decision["closes_at"].as_string(), o.decision["reveal_at"].as_string())
            recent = o.posted_at > now - timedelta(days=5)
            for row in connection.execute(asked.where(o.state == State.POSTED.value, recent)):
                for at in (datetime.fromisoformat(one) for one in row if one is not None):
                    # Another cohort's post may move it by the gap.
                    for later in (-5, 10):
                        found[at + timedelta(minutes=later)] |= {"answers"}
        return {at: frozenset(kinds) for at, kinds in found.items()}

    def posted(self) -> list[tuple[Any, ...]]:
        """What stands on the timeline, by the minute."""
        with self.course.database.read() as connection:
            slugs = {one.id: one.slug for one in cohorts.cohorts(connection)}
            items = outbox.items(connection, states=[State.POSTED], limit=10_000)
        return sorted((_minute(one), slugs[one.cohort_id or 0], one.form, one.text) for one in items)

    def quiet(self) -> list[tuple[str, ...]]:
        with self.course.database.read() as connection:
            rows = connection.execute(select(t.quiet.c.occurrence, t.quiet.c.reason)).all()
        return sorted((*key.split("/")[1:], reason) for key, reason in rows if key.startswith("slot/"))


def _minute(item: OutboxItem) -> datetime:
    assert item.posted_at is not None
    return item.posted_at.replace(second=0, microsecond=0)


def foreseen(rows: tuple[PreviewedPost, ...]) -> list[tuple[Any, ...]]:
    """The posts of a preview, as `Account.posted` has them."""
    return sorted(
        (one.due_at.replace(second=0, microsecond=0), one.cohort, one.form, one.text)
        for one in rows
        if one.form != "quiet"
    )


def silent(rows: tuple[PreviewedPost, ...]) -> list[tuple[str, ...]]:
    """The slots that stay empty in it, as `Account.quiet` has them."""
    return sorted((one.cohort, str(one.local.date()), one.slot, one.reason) for one in rows if one.form == "quiet")


@pytest.fixture
def account(sqlite_course: Course) -> Account:
    course = sqlite_course
    course.now = START
    there = Account(course)
    with course.database.write() as connection:
        connection.execute(t.cohort.update().values(state="paused"))
        learners = connection.execute(select(t.enrollment)).mappings().all()
    base = read_schedule(REPOSITORY / "schedules" / "ladder-1-3-10-30-60.yaml").content
    week = ["mon", "tue", "wed", "thu", "fri"]
    for slug, zone, country, clocks in MADE:
        slots = [{"name": f"s{place}", "at": at, "weekdays": week} for place, at in enumerate(clocks)]
        caps = {"a_day": 4, "a_week": 16, "new_a_week": 4}
        cadence = {**base, "name": slug, "slots": slots, "caps": caps, "repeat_after_days": 14}
        new = NewCohort(
            slug,
            slug.title(),
            "practice",
            ("lockout",),
            zone=zone,
            country=country,
            opens_on=date(2026, 3, 23),
            closes_on=date(2026, 4, 2),
            starts_on=date(2026, 3, 24),
            ends_on=date(2026, 5, 20),
            assessment=date(2026, 4, 13),
        )
        cohort = create_cohort(course.database, new, cadence, actor="test", now=course.now)
        with course.database.write() as connection:
            for row in learners[:4] if slug == "beta" else learners[4:]:
                values = {key: value for key, value in row.items() if key not in ("id", "cohort_id")}
                connection.execute(insert(t.enrollment).values(**values, cohort_id=cohort.id))
    set_caps(course.database, "practice", 5, 22, 15, actor="test", now=course.now)
    hold_cohort(
        course.database, "alpha", date(2026, 3, 26), date(2026, 3, 27), "Inventory", actor="test", now=course.now
    )
    there.tick()
    return there


def test_weeks_of_three_cohorts_are_posted_as_the_preview_had_them(account: Account) -> None:
    shown = account.preview(15)
    account.run(account.course.now + timedelta(days=15))
    assert account.posted() == foreseen(shown)
    assert account.quiet() == silent(shown)
    forms = Counter(one.form for one in shown)
    assert min(forms["question"], forms["reveal"]) > 5
    assert forms["update_assessment_week"] >= 2
    reasons = " ".join(one.reason for one in shown)
    for word in ("on hold: Inventory", "a holiday: Good Friday", "a holiday: Easter Monday", "Room is kept", "no room"):
        assert word in reasons
    assert any(one.slot and one.local.minute not in (0, 3) for one in shown if one.form != "quiet")  # moved by the gap


def test_a_cohort_s_preview_is_its_part_of_the_account_s(account: Account) -> None:
    course, together = account.course, account.preview(14)
    for cohort in account.cohorts():
        alone = preview(course.database, cohort.id, course.renderer, course.tariff, now=course.now, days=14)
        assert alone == tuple(one for one in together if one.cohort == cohort.slug)
