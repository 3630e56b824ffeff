"""Texts are approved before they go out: by somebody else, for days, as they are; the plan chooses among those."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from reinforce.actions.approving.review import Decision, SubmitOutcome, decide, set_mode, submit
from reinforce.actions.planning.plan import PlanResult
from reinforce.domain.approving.approval import Request, RequestState
from reinforce.domain.cohort import Approval
from reinforce.domain.errors import Conflict, NotAllowed, NotFound
from reinforce.domain.sending.outbox import OutboxItem, Planned, State
from reinforce.domain.sending.send_guard import Ruling, Verdict, judge
from reinforce.domain.texts.wording import text_hash
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.approving import approvals
from reinforce.store.sending import circumstances, outbox
from reinforce.store.sending.known_names import KnownNames
from tests.databases import ON_SQLITE

if TYPE_CHECKING:
    from tests.actions.planning.conftest import Course

TODAY = date(2026, 3, 2)
WEEK = (TODAY, TODAY + timedelta(days=6))
YES, NO = Decision(RequestState.APPROVED), Decision(RequestState.REJECTED)
ANNA, BEA = "member/1", "member/2"


def _mode(course: Course, mode: Approval) -> int:
    return set_mode(course.database, "press", mode, actor=ANNA, now=course.now)


def _submit(course: Course, days: tuple[date, date] = WEEK, texts: set[str] | None = None) -> SubmitOutcome:
    means = (course.renderer, course.tariff)
    return submit(course.database, "press", days, means, texts=texts, actor=ANNA, now=course.now)


def _decide(course: Course, ids: list[int], decision: Decision, actor: str = BEA) -> tuple[Request, ...]:
    return decide(course.database, "press", ids, decision, actor=actor, now=course.now)


def _requests(course: Course) -> tuple[Request, ...]:
    with course.database.read() as connection:
        return approvals.requests(connection, course.cohort.id)


def _last_look(course: Course, item: OutboxItem) -> Verdict:
    with course.database.read() as connection:
        account = replace(accounts.account_by_id(connection, item.account_id), read_at=course.now)
        around = circumstances.around(connection, item, course.now, KnownNames())
    return judge(item, account, around.circumstances, 300.0, course.now)


def test_the_plan_chooses_among_approved_texts_and_says_what_was_waiting(course: Course) -> None:
    _mode(course, Approval.EVERYTHING)
    assert _submit(course).submitted
    foreseen = course.preview(1)
    assert [one.form for one in foreseen] == ["quiet"]
    reminders = [one for one in _requests(course) if one.form == "reminder"]
    some = [one.id for one in reminders if one.nugget == reminders[-1].nugget]
    _decide(course, some, YES)
    outcome = course.plan()
    assert outcome.item is not None
    assert outcome.item.text in {one.text for one in reminders if one.id in some}
    waited = outcome.item.decision["passed_over"]
    assert "it waits for approval" in waited.values()
    assert _last_look(course, outcome.item).ruling is Ruling.GO


@ON_SQLITE
def test_a_text_whose_yes_was_taken_back_is_refused_at_the_last_look(course: Course) -> None:
    _mode(course, Approval.EVERYTHING)
    _decide(course, list(_submit(course).submitted), YES)
    item = course.plan().item
    assert item is not None
    (given,) = [one for one in _requests(course) if one.text == item.text]
    (taken,) = _decide(course, [given.id], NO)
    assert taken.voided
    verdict = _last_look(course, item)
    assert (verdict.ruling, verdict.reason) == (
        Ruling.REFUSE,
        "its approval was taken back, has ended or is for a text since edited",
    )


@ON_SQLITE
def test_an_edit_voids_the_yes(course: Course) -> None:
    _mode(course, Approval.EVERYTHING)
    _decide(course, list(_submit(course).submitted), YES)
    item = course.plan().item
    assert item is not None
    with course.database.write() as connection:
        connection.execute(update(t.wording).values(retired_at=course.now))
        connection.execute(update(t.question).values(retired_at=course.now))
    assert _last_look(course, item).ruling is Ruling.REFUSE
    one = next(one for one in _requests(course) if one.form == "reminder")
    assert one.voided
    with pytest.raises(Conflict, match="was edited since"):
        _decide(course, [one.id], YES)


@ON_SQLITE
def test_a_yes_holds_for_its_days_only(course: Course) -> None:
    _mode(course, Approval.EVERYTHING)
    _decide(course, list(_submit(course, (TODAY, TODAY)).submitted), YES)
    item = course.plan().item
    assert item is not None
    course.now += timedelta(days=1)
    assert _last_look(course, replace(item, grace_until=course.now)).ruling is Ruling.REFUSE
    assert _submit(course, (TODAY, TODAY)).submitted == ()


@ON_SQLITE
def test_neither_the_author_nor_who_submitted_may_say_yes_unless_nobody_else_is_there(course: Course) -> None:
    first, second, *_ = _submit(course).submitted
    with pytest.raises(NotAllowed, match="can't be approved by who submitted it"):
        _decide(course, [first, second], YES, actor=ANNA)
    with pytest.raises(NotAllowed, match="can't be approved by who wrote it"):
        _decide(course, [first], YES, actor="test")
    assert {one.state for one in _requests(course)} == {RequestState.SUBMITTED}
    alone = Decision(RequestState.APPROVED, single_user=True)
    (done,) = _decide(course, [first], alone, actor=ANNA)
    assert done.decided_by == ANNA
    with course.database.read() as connection:
        detail = connection.execute(select(t.audit.c.detail).order_by(t.audit.c.id.desc())).scalars().first()
    assert detail == {"requests": [first], "single_user": True}


@ON_SQLITE
def test_a_rejected_text_is_submitted_anew_and_what_is_not_there_is_not_found(course: Course) -> None:
    first, *_ = _submit(course).submitted
    (done,) = _decide(course, [first], Decision(RequestState.REJECTED, "name the form"))
    assert (done.state, done.note) == (RequestState.REJECTED, "name the form")
    with pytest.raises(Conflict, match="was rejected"):
        _decide(course, [first], YES)
    again = _submit(course)
    assert len(again.submitted) == 1
    with pytest.raises(NotFound, match="has no request 9999"):
        _decide(course, [9999], YES)
    with pytest.raises(NotAllowed, match="the last day is before the first"):
        _submit(course, (TODAY, TODAY - timedelta(days=1)))


def test_where_first_uses_need_a_yes_a_text_that_was_posted_needs_none_any_more(course: Course) -> None:
    item = course.first_post()
    _mode(course, Approval.FIRST)
    posted = replace(item, state=State.PLANNED, grace_until=course.now + timedelta(hours=1))
    assert _last_look(course, posted).ruling is Ruling.GO
    assert _last_look(course, replace(posted, text_hash="another")).ruling is Ruling.REFUSE
    _mode(course, Approval.EVERYTHING)
    assert _last_look(course, posted).ruling is Ruling.REFUSE


def test_without_approval_nothing_is_asked_and_the_setting_tells_what_waits(course: Course) -> None:
    outcome = course.plan()
    assert outcome.result is PlanResult.PLANNED
    assert outcome.item is not None
    assert _last_look(course, outcome.item).ruling is Ruling.GO
    assert _mode(course, Approval.EVERYTHING) == 1
    with course.database.read() as connection:
        assert outbox.item(connection, outcome.item.id).state is State.PLANNED


def test_a_post_with_a_date_of_its_own_waits_in_the_outbox_for_its_yes(course: Course) -> None:
    _mode(course, Approval.EVERYTHING)
    update = Planned(
        account_id=course.cohort.account_id,
        cohort_id=course.cohort.id,
        occurrence="update/press/start",
        form="update_start",
        text="It starts today.",
        text_hash=text_hash("It starts today."),
        due_at=course.now,
        grace_until=course.now + timedelta(hours=5),
        media=[{"hash": "a" * 64, "alt": "A locked valve"}],
    )
    with course.database.write() as connection:
        item = outbox.add(connection, update, course.now)
    assert _last_look(course, item) == Verdict(Ruling.WAIT, "it waits for approval: reinforce approvals list")
    (request,) = _submit(course, texts=set()).submitted
    _decide(course, [request], YES)
    assert _last_look(course, item).ruling is Ruling.GO
    other = replace(item, media=[{"hash": "a" * 64, "alt": "An open valve"}])
    assert _last_look(course, other).ruling is Ruling.WAIT
