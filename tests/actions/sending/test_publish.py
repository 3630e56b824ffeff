"""What each answer of X means for a post; on the practice server, over HTTP."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import pytest

from reinforce.actions.sending.cancel import cancel
from reinforce.actions.sending.halt import halt, resume
from reinforce.actions.sending.publish import Ahead, Means, Published, publish_next
from reinforce.actions.sending.reconcile import Reconciled
from reinforce.domain.sending.kill_points import KillPoint
from reinforce.domain.sending.outbox import AttemptOutcome, State
from reinforce.store.people import people
from tests.actions.sending.conftest import TARIFF

POST = "POST /2/tweets"
HOUR = timedelta(hours=1)


def test_a_due_post_goes_out_once_and_is_known_by_its_id(stage: Any) -> None:
    item = stage.plan()
    outcome = stage.publish()
    assert outcome.kind is Published.POSTED
    assert stage.publish().kind is Published.NOTHING
    there = stage.item(item)
    assert (there.state, there.posted_at, there.owner, there.lease_until) == (
        State.POSTED,
        stage.clock.now(),
        "",
        None,
    )
    assert there.remote_id in {int(post["id"]) for post in stage.practice.state()["posts"]}
    assert stage.on_timeline(item.text) == 1
    assert [attempt.outcome for attempt in stage.attempts(item)] == [AttemptOutcome.POSTED]


def test_a_poll_and_a_reveal_under_it_go_out_as_planned(stage: Any) -> None:
    question = stage.plan(form="poll", poll={"options": ["Lock", "Tag"], "minutes": 60})
    reveal = stage.plan(form="reveal", reply_to_outbox_id=question.id, due_at=question.due_at - HOUR)
    assert stage.publish().item.id == question.id, "a reveal waits until its question is out"
    assert stage.publish().item.id == reveal.id
    posted = {post["text"]: post for post in stage.practice.state()["posts"]}
    assert posted[reveal.text]["in_reply_to"] == str(stage.item(question).remote_id)
    assert stage.item(reveal).reply_to == stage.item(question).remote_id


@pytest.mark.parametrize("became", ["skipped", "refused", "cancelled"])
def test_a_reveal_whose_question_never_went_out_is_skipped(sqlite_stage: Any, became: str) -> None:
    stage = sqlite_stage
    question = stage.plan(due_at=stage.clock.now() + HOUR)
    reveal = stage.plan(form="reveal", reply_to_outbox_id=question.id)
    stage.set_outbox(question, state=became)
    assert stage.publish().kind is Published.SKIPPED
    assert became in stage.item(reveal).outcome


@pytest.mark.parametrize("fault", ["timeout_after", "unavailable_after", "cut_off_body", "reset_after"])
def test_an_answer_that_is_lost_after_the_post_was_made_leaves_one_post(stage: Any, fault: str) -> None:
    item = stage.plan()
    stage.practice.fault(POST, fault)
    assert stage.publish().kind is Published.UNKNOWN
    assert stage.publish().kind is Published.NOTHING, "nothing is sent while a post is unknown"
    outcome = stage.reconcile_until_settled()
    assert outcome.kind is Reconciled.POSTED
    assert stage.publish().kind is Published.NOTHING
    assert stage.on_timeline(item.text) == 1
    assert stage.item(item).remote_id is not None


@pytest.mark.parametrize("fault", ["timeout_before", "unavailable_before", "html_bad_gateway"])
def test_a_call_that_did_nothing_is_sent_again_after_the_quarantine(sqlite_stage: Any, fault: str) -> None:
    stage = sqlite_stage
    item = stage.plan()
    stage.practice.fault(POST, fault)
    assert stage.publish().kind is Published.UNKNOWN
    assert stage.after_quarantine().reconcile().kind is Reconciled.PLANNED
    assert stage.publish().kind is Published.POSTED
    assert stage.on_timeline(item.text) == 1
    first, second = stage.attempts(item)
    assert (first.outcome, second.outcome) == (AttemptOutcome.UNKNOWN, AttemptOutcome.POSTED)
    assert first.text_hash == second.text_hash


def test_a_post_that_lands_after_the_connection_broke_is_found(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    item = stage.plan()
    stage.practice.fault(POST, "lands_late", seconds=1.0)
    assert stage.publish().kind is Published.UNKNOWN
    assert stage.reconcile().kind is Reconciled.WAITING
    assert stage.reconcile_until_settled().kind is Reconciled.POSTED
    assert stage.on_timeline(item.text) == 1


def test_a_timeline_that_lags_within_its_bound_doubles_nothing(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    item = stage.plan()
    stage.practice.fault(POST, "unavailable_after")
    stage.practice.fault("GET /2/users/*/tweets", "lagging_timeline", seconds=0.5, count=None)
    assert stage.publish().kind is Published.UNKNOWN
    assert stage.reconcile_until_settled().kind is Reconciled.POSTED
    assert stage.on_timeline(item.text) == 1


def test_throttled_waits_until_the_reset_and_keeps_the_order(stage: Any) -> None:
    first, second = stage.plan(), stage.plan()
    stage.practice.fault(POST, "throttled", seconds=600)
    assert stage.publish().kind is Published.POSTPONED
    there = stage.item(first)
    assert there.state is State.PLANNED
    wait = (there.not_before - stage.clock.wall()).total_seconds()
    assert 500 < wait < 700
    assert stage.publish().kind is Published.NOTHING
    stage.let_waiting_end()
    assert [stage.publish().item.id, stage.publish().item.id] == [first.id, second.id]


@pytest.mark.parametrize("fault", ["throttled_no_reset", "throttled_bad_reset"])
def test_throttled_without_a_reset_waits_all_the_same(sqlite_stage: Any, fault: str) -> None:
    stage = sqlite_stage
    item = stage.plan()
    stage.practice.fault(POST, fault)
    assert stage.publish().kind is Published.POSTPONED
    assert stage.item(item).not_before > stage.clock.wall()


def test_an_account_that_is_not_there_is_tried_again_later_each_time(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    item = stage.plan()
    away = stage.with_account_at("http://127.0.0.1:9")
    waits = []
    for _ in range(3):
        assert away.publish().kind is Published.POSTPONED
        waits.append((stage.item(item).not_before - stage.clock.wall()).total_seconds())
        stage.let_waiting_end()
    assert waits == sorted(waits)
    assert {attempt.outcome for attempt in stage.attempts(item)} == {AttemptOutcome.NOT_SENT}
    assert stage.publish().kind is Published.POSTED


@pytest.mark.parametrize("fault", ["unauthorized", "suspended"])
def test_an_account_that_may_not_post_pauses_and_loses_nothing(stage: Any, fault: str) -> None:
    item = stage.plan()
    stage.practice.fault(POST, fault)
    assert stage.publish().kind is Published.POSTPONED
    record = stage.record
    assert (record.state.value, record.paused_until) == ("paused", None)
    assert record.paused_reason
    assert stage.publish().kind is Published.NOTHING
    stage.resume()
    assert stage.publish().item.id == item.id


def test_out_of_credit_pauses_until_the_next_day(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    item = stage.plan(grace_until=stage.clock.now() + 48 * HOUR)
    stage.practice.fault(POST, "out_of_credit")
    assert stage.publish().kind is Published.POSTPONED
    assert "credit" in stage.record.paused_reason
    stage.clock.step_to(stage.clock.now() + 14 * HOUR)
    assert stage.publish().kind is Published.NOTHING
    stage.clock.step_to(stage.clock.now() + 2 * HOUR)
    assert stage.publish().item.id == item.id
    assert (stage.record.state.value, stage.record.paused_reason) == ("active", "")


def test_a_text_x_has_already_gives_way_to_the_next_free_wording(stage: Any) -> None:
    taken, other = stage.plan(), stage.words("Pull the plug, then tag it.")
    item = stage.plan(alternatives=stage.alternatives(taken.text, other, "Unused."))
    stage.publish()
    stage.practice.fault(POST, "duplicate")
    assert stage.publish().kind is Published.POSTPONED
    assert stage.publish().kind is Published.POSTED
    there = stage.item(item)
    assert there.text == other
    assert [left["text"] for left in there.alternatives] == ["Unused."]
    assert stage.on_timeline(item.text) == 0
    assert stage.on_timeline(there.text) == 1


def test_a_text_x_has_already_is_refused_when_there_is_no_other(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    item = stage.plan()
    stage.practice.fault(POST, "duplicate")
    assert stage.publish().kind is Published.REFUSED
    assert "duplicate" in stage.item(item).outcome


def test_a_duplicate_after_an_earlier_attempt_is_looked_for_and_found(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    item = stage.plan(alternatives=stage.alternatives("Never to be used."))
    stage.practice.fault(POST, "unavailable_after")
    # The timeline hides it past the quarantine: the bound V is broken, and X's own filter is the second net.
    hidden = stage.practice.fault("GET /2/users/*/tweets", "lagging_timeline", seconds=60.0, count=None)
    assert stage.publish().kind is Published.UNKNOWN
    assert stage.after_quarantine().reconcile().kind is Reconciled.PLANNED
    assert stage.publish().kind is Published.UNKNOWN
    stage.practice.control("DELETE", f"/faults/{hidden['id']}")
    assert stage.reconcile_until_settled().kind is Reconciled.POSTED
    assert stage.on_timeline(item.text) == 1


def test_what_x_does_not_allow_is_refused_in_its_own_words(stage: Any) -> None:
    too_long = stage.plan("a" * 300)
    stranger = stage.plan(reply_to=stage.post_of_a_stranger("Nothing to do with you."))
    assert stage.publish().kind is Published.REFUSED
    assert stage.item(too_long).state is State.REFUSED
    assert stage.item(too_long).outcome
    assert stage.publish().kind is Published.REFUSED
    assert "mentioned" in stage.item(stranger).outcome
    assert [attempt.outcome for attempt in stage.attempts(stranger)] == [AttemptOutcome.REFUSED]


def test_a_reply_is_recognised_although_x_puts_handles_before_its_text(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    asked = stage.post_of_a_stranger(f"@{stage.record.handle} how do I lock it?")
    item = stage.plan("Turn the key, take it with you.", reply_to=asked)
    stage.practice.fault(POST, "unavailable_after")
    assert stage.publish().kind is Published.UNKNOWN
    assert stage.reconcile_until_settled().kind is Reconciled.POSTED
    assert stage.item(item).remote_id is not None


def test_a_text_x_rewrites_is_recognised_all_the_same(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    item = stage.plan("Lock & tag <now>: see https://example.com/lockout?a=1&b=2 “Café”  twice")
    stage.practice.fault(POST, "unavailable_after")
    assert stage.publish().kind is Published.UNKNOWN
    assert stage.reconcile_until_settled().kind is Reconciled.POSTED
    assert stage.item(item).state is State.POSTED


def test_a_stop_that_is_just_being_committed_is_waited_for(stage: Any) -> None:
    learner = stage.learner(cohort=stage.cohort())
    item = stage.plan(inbound_id=stage.inbound(learner_id=learner), reply_to=7)
    under_way = threading.Event()

    def stop() -> None:
        with stage.database.write() as connection:
            people.set_stopped(connection, learner, stage.clock.now())
            under_way.set()
            time.sleep(0.3)

    stopping = threading.Thread(target=stop)

    def meanwhile(point: str) -> None:
        if point == KillPoint.AFTER_CLAIM_COMMIT:
            stopping.start()
            under_way.wait()

    assert stage.publish(checkpoint=meanwhile).kind is Published.SKIPPED
    stopping.join()
    assert stage.attempts(item) == ()


def test_a_halt_that_has_returned_is_followed_by_no_attempt(stage: Any) -> None:
    for _ in range(5):
        stage.plan()
    halted_at: list[int] = []

    def stop() -> None:
        halt(stage.database, None, actor="me", now=stage.clock.now())
        halted_at.append(stage.count_attempts())

    stopping = threading.Thread(target=stop)
    stopping.start()
    while stage.publish().kind is not Published.NOTHING:
        pass
    stopping.join()
    assert halted_at == [stage.count_attempts()]


def test_what_changed_since_the_look_that_found_several_posts_is_seen(stage: Any) -> None:
    first, withdrawn, halted, last = (stage.plan(occurrence=f"now/ahead-{n}") for n in range(4))
    means, ahead = Means(stage.database, stage.clock, stage.owner, TARIFF), Ahead(3)

    def send() -> Published:
        return publish_next(means, stage.record, stage.account, stage.policy, ahead).kind

    assert send() is Published.POSTED
    assert [item.id for item in ahead.items] == [withdrawn.id, halted.id], "no more than were asked for"
    cancel(stage.database, withdrawn.id, actor="test", reason="no", now=stage.clock.now())
    assert send() is Published.NOTHING
    halt(stage.database, None, actor="test", now=stage.clock.now())
    assert send() is Published.NOTHING
    resume(stage.database, None, actor="test", now=stage.clock.now())
    assert [send(), send(), send()] == [Published.POSTED, Published.POSTED, Published.NOTHING]
    assert [stage.item(item).state.value for item in (first, withdrawn, halted, last)] == [
        "posted",
        "cancelled",
        "posted",
        "posted",
    ]
