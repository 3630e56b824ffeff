"""What may have changed since a post was planned: each is looked at in the transaction that commits the attempt."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from reinforce.accounts.base import Heard
from reinforce.actions.sending.halt import halt, resume
from reinforce.actions.sending.publish import Published
from reinforce.actions.sending.publish.terms import CONNECTED_ANEW
from reinforce.domain.sending.kill_points import KillPoint
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.accounts import accounts

HOUR = timedelta(hours=1)


@pytest.fixture
def stage(sqlite_stage: Any) -> Any:
    """These rules don't depend on the database."""
    return sqlite_stage


def _after_claim(act: Any) -> Any:
    """Something happens right after the claim is committed."""
    return lambda point: act() if point == KillPoint.AFTER_CLAIM_COMMIT else None


def _nothing_was_sent(stage: Any, item: Any) -> None:
    assert stage.on_timeline(item.text) == 0
    assert stage.attempts(item) == ()


def test_a_halted_account_sends_nothing_until_it_is_resumed(stage: Any) -> None:
    item = stage.plan()
    assert halt(stage.database, "practice", actor="me", now=stage.clock.now()).accounts == ("practice",)
    assert stage.publish().kind is Published.NOTHING
    resume(stage.database, None, actor="me", now=stage.clock.now())
    assert stage.publish().item.id == item.id


def test_a_halt_between_claim_and_attempt_still_holds(stage: Any) -> None:
    item = stage.plan()
    stop = _after_claim(lambda: halt(stage.database, None, actor="me", now=stage.clock.now()))
    assert stage.publish(checkpoint=stop).kind is Published.POSTPONED
    assert stage.item(item).state is State.PLANNED
    _nothing_was_sent(stage, item)


def test_a_paused_cohorts_posts_wait_and_others_pass_them(stage: Any) -> None:
    cohort = stage.cohort(state="paused")
    waiting, other = stage.plan(cohort_id=cohort), stage.plan()
    assert stage.publish().item.id == other.id
    assert stage.publish().kind is Published.NOTHING
    stage.set_row(t.cohort, cohort, state="running")
    assert stage.publish().item.id == waiting.id


def test_what_is_too_late_is_skipped_even_while_halted(stage: Any) -> None:
    item = stage.plan(grace_until=stage.clock.now() + HOUR)
    halt(stage.database, None, actor="me", now=stage.clock.now())
    stage.clock.step_to(stage.clock.now() + 2 * HOUR)
    outcome = stage.publish()
    assert [one.id for one in outcome.let_go] == [item.id]
    assert "too late" in stage.item(item).outcome
    assert "halted" in stage.item(item).outcome


def test_two_slots_that_waited_are_not_sent_together(stage: Any) -> None:
    cohort = stage.cohort()
    morning = stage.plan(cohort_id=cohort, occurrence=f"slot/{cohort}/1/a", due_at=stage.clock.now() - HOUR)
    noon = stage.plan(cohort_id=cohort, occurrence=f"slot/{cohort}/1/b")
    assert stage.publish().item.id == noon.id
    assert stage.item(morning).state is State.SKIPPED
    assert "overtaken" in stage.item(morning).outcome


def test_a_learner_who_said_stop_gets_no_reply(stage: Any) -> None:
    learner = stage.learner()
    reply = stage.plan(inbound_id=stage.inbound(learner_id=learner), reply_to=7)
    stage.set_row(t.learner, learner, stopped_at=stage.clock.now())
    assert stage.publish().kind is Published.SKIPPED
    _nothing_was_sent(stage, reply)


def test_an_account_that_is_connected_anew_between_claim_and_attempt_sends_with_its_new_keys(stage: Any) -> None:
    item = stage.plan()
    connect = _after_claim(lambda: stage.set_account(connected_at=stage.clock.wall()))
    outcome = stage.publish(checkpoint=connect)
    assert (outcome.kind, outcome.reason) == (Published.POSTPONED, CONNECTED_ANEW)
    _nothing_was_sent(stage, item)
    assert stage.publish().kind is Published.POSTED, "the record is read anew"


def test_a_stop_between_claim_and_attempt_still_holds(stage: Any) -> None:
    learner = stage.learner()
    reply = stage.plan(inbound_id=stage.inbound(learner_id=learner), reply_to=7)
    stop = _after_claim(lambda: stage.set_row(t.learner, learner, stopped_at=stage.clock.now()))
    assert stage.publish(checkpoint=stop).kind is Published.SKIPPED
    _nothing_was_sent(stage, reply)


@pytest.mark.parametrize(
    ("said", "gets_a_reply"),
    [([], True), ([["stop"]], False), ([["pause", "comment"]], False), ([["stop"], ["start"]], True)],
)
def test_somebody_who_is_on_no_roster_is_obeyed_too(stage: Any, said: list[list[str]], gets_a_reply: bool) -> None:
    asked = stage.post_of_a_stranger(f"@{stage.record.handle} how?")
    inbound = stage.inbound(remote_id=asked)
    for words in said:
        stage.inbound(read_as=words)
    stage.plan(inbound_id=inbound, reply_to=asked)
    assert (stage.publish().kind is Published.POSTED) is gets_a_reply


def test_a_reply_waits_until_mentions_were_read_to_their_end(stage: Any) -> None:
    asked = stage.post_of_a_stranger(f"@{stage.record.handle} how?")
    reply = stage.plan(inbound_id=stage.inbound(remote_id=asked), reply_to=asked)
    plain = stage.plan()
    stage.clock.step_to(stage.clock.now() + timedelta(seconds=301))
    assert stage.publish().item.id == plain.id, "others are not held up"
    assert stage.publish().kind is Published.NOTHING
    assert stage.item(reply).state is State.PLANNED
    with stage.database.write() as connection:
        accounts.mark_read(connection, stage.account_id, stage.clock.now())
    assert stage.publish().item.id == reply.id


def test_a_reply_waits_until_everything_its_author_wrote_was_read(stage: Any) -> None:
    asked = stage.post_of_a_stranger(f"@{stage.record.handle} how?")
    reply = stage.plan(inbound_id=stage.inbound(remote_id=asked), reply_to=asked)
    perhaps_a_stop = stage.inbound(graded_at=None)
    assert stage.publish().kind is Published.NOTHING
    stage.set_row(t.inbound, perhaps_a_stop, graded_at=stage.clock.now(), read_as=["comment"])
    assert stage.publish().item.id == reply.id


def test_a_text_that_names_a_learner_without_consent_is_refused(stage: Any) -> None:
    stage.learner(name="Eva Maria Roth", cohort=stage.cohort())
    item = stage.plan("A tip of Eva Roth: lock it first.")
    assert stage.publish().kind is Published.REFUSED
    _nothing_was_sent(stage, item)
    assert "Roth" not in stage.item(item).outcome


def test_a_text_that_names_a_learner_with_consent_waits_for_a_reading_of_mentions(stage: Any) -> None:
    learner = stage.learner(name="Eva Maria Roth", cohort=stage.cohort())
    stage.add(t.consent, learner_id=learner, kind="naming", source="roster", given_at=stage.clock.now())
    item = stage.plan("A tip of Eva Roth: tag it at once.")
    stage.clock.step_to(stage.clock.now() + HOUR)
    assert stage.publish().kind is Published.NOTHING
    with stage.database.write() as connection:
        accounts.mark_read(connection, stage.account_id, stage.clock.now())
    assert stage.publish().item.id == item.id


def test_an_internal_nugget_is_refused_on_a_public_account(stage: Any) -> None:
    item = stage.plan(nugget_id=stage.nugget(confidentiality="internal"))
    public = stage.plan(nugget_id=stage.nugget(confidentiality="public"))
    stage.set_account(confidentiality="public", protected=False)
    assert stage.publish().kind is Published.REFUSED
    _nothing_was_sent(stage, item)
    assert stage.publish().item.id == public.id


def test_an_account_that_turned_public_pauses_and_keeps_its_posts(stage: Any) -> None:
    item = stage.plan()
    stage.set_account(protected=False)
    assert stage.publish().kind is Published.POSTPONED
    assert stage.record.state.value == "paused"
    assert "public" in stage.record.paused_reason
    assert stage.item(item).state is State.PLANNED
    _nothing_was_sent(stage, item)


def test_an_internal_nugget_waits_until_x_was_asked_whether_the_account_is_protected(stage: Any) -> None:
    item = stage.plan(nugget_id=stage.nugget(confidentiality="internal"))
    stage.set_account(protected=None)
    assert stage.publish().kind is Published.NOTHING
    stage.set_account(protected=True)
    assert stage.publish().item.id == item.id


def test_a_process_that_was_held_up_before_its_attempt_sends_nothing(stage: Any) -> None:
    item = stage.plan()
    clock = stage.passing_clock()
    held_up = _after_claim(lambda: clock.let_pass(stage.policy.guard + 0.1))
    outcome = stage.with_clock(clock).publish(checkpoint=held_up)
    assert (outcome.kind, stage.item(item).state) == (Published.POSTPONED, State.PLANNED)
    _nothing_was_sent(stage, item)


def test_a_process_that_was_held_up_after_its_attempt_sends_nothing(stage: Any) -> None:
    item = stage.plan()
    clock = stage.passing_clock()

    def held_up(point: str) -> None:
        if point == KillPoint.AFTER_ATTEMPT_COMMIT:
            clock.let_pass(stage.policy.guard + 0.1)

    assert stage.with_clock(clock).publish(checkpoint=held_up).kind is Published.POSTPONED
    assert stage.on_timeline(item.text) == 0
    assert [attempt.outcome.value for attempt in stage.attempts(item)] == ["not_sent"]


def test_an_answer_that_comes_after_the_lease_ran_out_is_evidence_all_the_same(stage: Any) -> None:
    item = stage.plan()

    def taken_over(point: str) -> None:
        if point == KillPoint.RESPONSE_READ:
            stage.let_lease_expire(item)

    assert stage.publish(checkpoint=taken_over).kind is Published.POSTED
    assert stage.item(item).state is State.POSTED


class BrokenAccount:
    """An account with a bug in it."""

    def post(self, draft: object, *, timeout: float) -> int:
        raise TypeError("the token is s3cret")

    def heard(self) -> Heard:
        return Heard()


def test_a_bug_on_the_way_to_x_leaves_the_post_unknown_and_its_words_unsaid(stage: Any) -> None:
    item = stage.plan()
    assert stage.with_account(BrokenAccount()).publish().kind is Published.UNKNOWN
    assert stage.item(item).state is State.UNKNOWN
    assert "s3cret" not in stage.item(item).outcome + stage.attempts(item)[0].detail
