"""A cohort's next post, on both databases."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update

from reinforce.actions.planning.plan import PlanResult
from reinforce.domain.sending.kill_points import KillPoint
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.people import cohorts, people
from tests.databases import ON_SQLITE

if TYPE_CHECKING:
    from tests.actions.planning.conftest import Course

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_slot_is_planned_when_it_comes_and_not_before(course: Course) -> None:
    course.now -= timedelta(minutes=30)
    assert course.plan().result is PlanResult.NOTHING_DUE
    course.now += timedelta(minutes=30)
    outcome = course.plan()
    assert outcome.result is PlanResult.PLANNED
    assert outcome.item is not None
    assert outcome.item.occurrence == "slot/press/2026-03-02/morning"
    assert outcome.item.due_at.astimezone(BERLIN).isoformat() == "2026-03-02T09:00:00+01:00"
    assert outcome.item.price_micros == course.tariff.post
    assert outcome.item.reason.startswith("“")


def test_the_same_slot_is_never_planned_twice(course: Course) -> None:
    assert course.plan().result is PlanResult.PLANNED
    assert course.plan().result is PlanResult.NOTHING_DUE
    assert len(course.items()) == 1


def test_a_cohort_that_changes_while_a_post_is_chosen_is_planned_anew_from_what_it_is_now(course: Course) -> None:
    seen = []

    def meanwhile(point: str) -> None:
        seen.append(point)
        if point == KillPoint.BEFORE_PLAN_COMMIT and len(seen) == 1:
            with course.database.write() as connection:
                cohorts.raise_version(connection, course.cohort.id)

    assert course.plan(checkpoint=meanwhile).result is PlanResult.PLANNED
    assert seen.count(KillPoint.BEFORE_PLAN_COMMIT) == 2
    assert len(course.items()) == 1


def test_a_cohort_that_never_stands_still_is_left_for_the_next_tick(course: Course) -> None:
    def meanwhile(point: str) -> None:
        if point == KillPoint.BEFORE_PLAN_COMMIT:
            with course.database.write() as connection:
                cohorts.raise_version(connection, course.cohort.id)

    assert course.plan(checkpoint=meanwhile).result is PlanResult.OVERTAKEN
    assert course.items() == ()
    assert course.plan().result is PlanResult.PLANNED


def test_a_slot_that_passed_is_served_late_within_its_grace(course: Course) -> None:
    course.now += timedelta(hours=3)
    outcome = course.plan()
    assert outcome.result is PlanResult.PLANNED
    assert outcome.item is not None
    assert outcome.item.due_at < course.now < outcome.item.grace_until


def test_slots_missed_for_days_are_put_on_record_and_never_bunched(course: Course) -> None:
    course.now += timedelta(days=3, hours=1)
    outcome = course.plan()
    assert outcome.result is PlanResult.PLANNED
    assert len(outcome.missed) == 3
    assert len(course.items()) == 1
    assert set(course.quiet()) == {f"slot/press/2026-03-0{day}/morning" for day in (2, 3, 4)}
    assert all("passed while nothing ran" in reason for reason in course.quiet().values())


def test_a_paused_cohort_is_not_planned(course: Course) -> None:
    with course.database.write() as connection:
        connection.execute(update(t.cohort).values(state="paused", paused_reason="a fire drill"))
    outcome = course.plan()
    assert (outcome.result, outcome.reason) == (PlanResult.NOT_RUNNING, "a fire drill")


def test_a_holiday_is_kept_and_named(course: Course) -> None:
    course.now += timedelta(days=32)  # Good Friday
    outcome = course.plan()
    assert outcome.result is PlanResult.QUIET
    assert outcome.reason == "Nothing is posted: a holiday: Good Friday."
    assert course.items() == ()


def test_an_internal_nugget_never_comes_to_an_account_that_turned_public(course: Course) -> None:
    with course.database.write() as connection:
        connection.execute(update(t.nugget).values(confidentiality="internal"))
        connection.execute(update(t.account).values(protected=False))
    outcome = course.plan()
    assert outcome.result is PlanResult.QUIET
    assert "all of its nuggets are internal, and the account practice is public" in outcome.reason


def test_a_text_that_names_a_learner_is_passed_over_without_saying_whom(course: Course) -> None:
    with course.database.write() as connection:
        connection.execute(update(t.question).values(prompt="What would Person3 Surname3 do first?"))
    outcome = course.plan()
    assert outcome.item is not None
    assert outcome.item.form == "reminder"
    passed_over = outcome.item.decision["passed_over"]
    assert "the text names somebody who has not agreed to it" in passed_over.values()
    assert "Person3" not in str(outcome.item.decision)


def test_a_cohort_whose_answers_are_polls_gets_polls(course: Course) -> None:
    with course.database.write() as connection:
        connection.execute(update(t.cohort).values(answers="polls"))
    outcome = course.plan()
    assert outcome.item is not None
    assert outcome.item.form == "poll"
    assert outcome.item.poll is not None
    assert 2 <= len(outcome.item.poll["options"]) <= 4
    assert outcome.item.poll["minutes"] == 30 * 60


def test_without_any_reply_yet_turns_decide_and_the_reason_says_so(course: Course) -> None:
    outcome = course.plan()
    assert "no reply has been graded yet, so turns decide" in outcome.reason


def test_a_learner_who_stopped_weighs_nothing(course: Course) -> None:
    question = course.first_post()
    for learner in course.learners:
        course.reply(learner, question, 1 if learner in course.learners[:3] else 3)
    course.absorb()
    with course.database.write() as connection:
        for learner in course.learners[:3]:
            people.set_stopped(connection, learner, course.now)
        cohorts.raise_version(connection, course.cohort.id)
    course.now = question.due_at + timedelta(days=2)
    outcome = course.plan()
    assert outcome.item is not None
    assert outcome.item.decision["learners"] == 5


@ON_SQLITE
def test_caps_quiet_hours_and_days_off_hold_over_a_month(course: Course) -> None:
    course.now += timedelta(days=21, minutes=5)  # Easter lies in this month
    for hours in [6, 18] * 31:
        _, posted = course.tick(hours)
        for item in posted[:1]:
            for learner in course.learners[::2]:
                if item.form == "question":
                    course.reply(learner, item, 3)
    sent = [item.posted_at.astimezone(BERLIN) for item in course.items(State.POSTED) if item.posted_at]
    assert len(sent) > 8
    days = Counter(at.date() for at in sent)
    assert max(days.values()) <= 2
    for day in days:
        assert sum(days[day + timedelta(days=n)] for n in range(7)) <= 5
    assert all(7 <= at.hour < 18 and at.weekday() < 5 for at in sent)
    assert not set(days) & {date(2026, 4, 3), date(2026, 4, 6)}
    forms = Counter(item.form for item in course.items(State.POSTED))
    assert forms["reveal"] > 3
    texts = [item.text_hash for item in course.items()]
    assert len(texts) == len(set(texts))


def test_a_slot_is_not_served_late_into_quiet_hours(course: Course) -> None:
    course.schedule(
        slots=[{"name": "evening", "at": "17:30", "weekdays": ["mon", "tue", "wed", "thu", "fri"]}], grace_hours=4
    )
    course.now += timedelta(hours=10)
    outcome = course.plan()
    assert outcome.result is PlanResult.NOTHING_DUE
    assert outcome.missed == ("2026-03-02 evening: it passed while nothing ran, and quiet hours have begun",)


def test_a_text_that_is_in_use_on_the_account_is_not_used_again(course: Course) -> None:
    first = course.plan().item
    assert first is not None
    elsewhere = {"state": "posted", "posted_at": course.now, "remote_id": 1, "cohort_id": None, "occurrence": "other"}
    with course.database.write() as connection:
        connection.execute(update(t.outbox).values(**elsewhere))
        connection.execute(update(t.nugget).where(t.nugget.c.id != first.nugget_id).values(retired_at=course.now))
    # Nothing else is left to say, and what another slot of the account has said needs another text.
    course.now += timedelta(days=3)
    second = course.plan().item
    assert second is not None
    assert second.nugget_id == first.nugget_id
    assert second.text_hash != first.text_hash


def test_nothing_is_planned_before_the_cohort_starts(course: Course) -> None:
    with course.database.write() as connection:
        connection.execute(update(t.cohort).values(starts_on=date(2026, 3, 4)))
    assert course.plan().result is PlanResult.NOTHING_DUE
    course.now += timedelta(days=2)
    assert course.plan().result is PlanResult.PLANNED


def test_the_day_and_its_reason_are_on_record_when_nothing_is_posted(course: Course) -> None:
    with course.database.write() as connection:
        at = course.now - timedelta(days=1)
        for n in range(5):
            update_post = insert(t.outbox).values(
                account_id=1, cohort_id=course.cohort.id, form="update_start", occurrence=f"u{n}", state="posted",
                fence=0, owner="", rounds=0, text=str(n), text_hash=str(n), alternatives=[], price_micros=0,
                due_at=at, grace_until=at, posted_at=at, remote_id=n, reason="", decision={}, outcome="", created_at=at,
            )  # fmt: skip
            connection.execute(update_post)
    outcome = course.plan()
    assert outcome.result is PlanResult.QUIET
    reason = "There is no room: at most 2 posts a day and 5 in seven days, reveals included."
    assert course.quiet() == {"slot/press/2026-03-02/morning": reason}
    assert course.plan().result is PlanResult.NOTHING_DUE
    with course.database.read() as connection:
        assert connection.execute(select(t.quiet.c.cohort_id)).scalars().all() == [course.cohort.id]
