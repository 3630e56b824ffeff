"""What becomes of posts in doubt: recovered, reconciled, held, decided by a person, proven after a backup."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from reinforce.accounts.base import Draft, Reading
from reinforce.actions.sending.cancel import cancel
from reinforce.actions.sending.halt import resume
from reinforce.actions.sending.prove import prove
from reinforce.actions.sending.publish import Published
from reinforce.actions.sending.reconcile import Reconciled
from reinforce.actions.sending.recover import recover
from reinforce.actions.sending.settle import settle
from reinforce.domain.errors import Conflict, NotAllowed, NotFound
from reinforce.domain.sending.outbox import State
from reinforce.domain.texts.wording import text_hash
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.operating import audit
from reinforce.store.sending import outbox

POST = "POST /2/tweets"
TIMELINE = "GET /2/users/*/tweets"
HOUR = timedelta(hours=1)


def _unknown(stage: Any, *, posted: bool = False, **changes: Any) -> Any:
    """A post that nobody knows anything of, on the timeline or not."""
    item = stage.plan(**changes)
    stage.practice.fault(POST, "unavailable_after" if posted else "unavailable_before")
    assert stage.publish().kind is Published.UNKNOWN
    return item


def _held(stage: Any) -> Any:
    item = _unknown(stage)
    hold = replace(stage, policy=replace(stage.policy, doubt="hold")).after_quarantine()
    assert hold.reconcile().kind is Reconciled.HELD
    return item


def test_a_lease_that_ran_out_before_the_attempt_is_planned_again(stage: Any) -> None:
    item = stage.plan()
    with stage.database.write() as connection:
        assert outbox.claim(connection, item, "dead:1", timedelta(seconds=-1)) is not None
    assert [one.id for one in recover(stage.database).released] == [item.id]
    assert stage.publish().item.id == item.id


def test_a_lease_that_ran_out_after_the_attempt_is_unknown(stage: Any) -> None:
    item = stage.plan()
    stage.set_outbox(item, state="sending", lease_until=datetime.fromisoformat("2020-01-01T00:00:00+00:00"))
    assert [one.id for one in recover(stage.database).unknown] == [item.id]
    assert recover(stage.database).unknown == ()
    assert stage.publish().kind is Published.NOTHING


def test_absent_counts_only_after_the_quarantine_of_this_process(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    item = _unknown(stage)
    later = stage.after_quarantine()
    assert later.another_process().reconcile().kind is Reconciled.WAITING, "it begins anew in another process"
    assert later.reconcile().kind is Reconciled.PLANNED
    assert stage.item(item).rounds == 1


def test_a_post_that_stays_absent_is_sent_again_three_times_and_then_held(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    item = _unknown(stage)
    for time in (1, 2, 3):
        assert stage.after_quarantine().reconcile().kind is Reconciled.PLANNED
        assert stage.item(item).rounds == time
        stage.practice.fault(POST, "unavailable_before")
        assert stage.publish().kind is Published.UNKNOWN
    assert stage.after_quarantine().reconcile().kind is Reconciled.HELD
    assert len(stage.attempts(item)) == 4


def test_a_held_post_does_not_block_the_account(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    held, other = _held(stage), stage.plan()
    assert stage.publish().item.id == other.id
    assert stage.item(held).state is State.HELD


class HalfRead:
    """The account behind it, of whose timeline only the newest posts can be read, and none of ours is among them."""

    def own_posts(self, *, since_id: int | None, limit: int = 3200) -> Reading:
        return Reading((), complete=False)


def test_a_reading_that_is_not_complete_settles_nothing_as_absent(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    item = _unknown(stage)
    later = stage.after_quarantine()
    assert later.with_account(HalfRead()).reconcile().kind is Reconciled.WAITING
    assert stage.item(item).state is State.UNKNOWN


def test_what_a_person_is_to_judge_is_shown_beside_what_was_meant(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    item = _unknown(stage, text=stage.words("Whoever is judged to hang a tag alone hangs it where all can read it."))
    remote_id = stage.account.post(Draft(item.text + " (changed)"), timeout=10)
    hold = replace(stage, policy=replace(stage.policy, doubt="hold")).after_quarantine()
    assert hold.reconcile().kind is Reconciled.HELD
    likest = stage.item(item).decision["alike"][0]
    assert (likest["remote_id"], likest["text"]) == (str(remote_id), item.text + " (changed)")
    settled = settle(stage.database, item.id, State.POSTED, remote_id=remote_id, actor="test", now=stage.clock.now())
    assert settled.remote_id == remote_id


def test_what_lies_beyond_the_reach_of_the_timeline_is_held_after_a_backup(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    due, later = stage.plan(), stage.plan(due_at=stage.clock.now() + HOUR)
    _unproven(stage)
    outcome = _prove(stage.with_account(HalfRead()))
    assert [item.id for item in outcome.held] == [due.id]
    assert (stage.item(due).state, stage.item(later).state) == (State.HELD, State.PLANNED)


def test_a_timeline_that_cannot_be_read_settles_nothing(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    item = _unknown(stage)
    for fault in ("throttled", "unavailable_before", "html_ok", "cut_off_json", "reset_before"):
        stage.practice.fault(TIMELINE, fault)
        later = stage.another_process()
        assert later.reconcile().kind is Reconciled.WAITING
        assert stage.item(item).state is State.UNKNOWN


def test_credentials_that_fail_while_reading_pause_the_account(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    _unknown(stage)
    stage.practice.fault(TIMELINE, "unauthorized")
    assert stage.reconcile().kind is Reconciled.WAITING
    assert stage.record.state.value == "paused"
    assert stage.another_process().reconcile().kind is Reconciled.WAITING, "reading goes on while it is paused"


def test_the_timeline_is_not_read_at_every_tick(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    # A tenth of the quarantine lies between two readings: here longer than a busy machine takes for five ticks.
    stage.policy = replace(stage.policy, quarantine=600.0)
    _unknown(stage)
    before = _calls(stage)
    assert stage.reconcile().kind is Reconciled.WAITING
    read = _calls(stage)
    assert read > before
    for _ in range(4):
        assert stage.reconcile().kind is Reconciled.WAITING
    assert _calls(stage) == read


def _calls(stage: Any) -> int:
    """How many calls of any kind the practice account has seen."""
    return sum(int(kind["requests"]) for kind in stage.practice.state()["calls"].values())


def test_a_post_that_belongs_to_one_row_is_taken_for_no_other(sqlite_stage: Any) -> None:
    """Two rows with one text (the first long ago): each post on the timeline belongs to one of them."""
    stage = sqlite_stage
    first = stage.plan()
    stage.publish()
    stage.set_outbox(first, posted_at=stage.clock.now() - timedelta(days=100))
    stage.practice.control("POST", "/rules", {"duplicate_hours": 0})
    second = _unknown(stage, text=first.text)
    with stage.database.write() as connection:
        connection.execute(update(t.attempt).where(t.attempt.c.outbox_id == second.id).values(since_id=None))
    assert stage.after_quarantine().reconcile().kind is Reconciled.PLANNED


def test_a_person_settles_a_held_post_as_posted(stage: Any) -> None:
    item = _held(stage)
    decided = settle(stage.database, item.id, State.POSTED, remote_id=2**60, actor="me", now=stage.clock.now())
    assert (decided.state, decided.remote_id) == (State.POSTED, 2**60)
    with pytest.raises(NotAllowed, match="is posted"):
        settle(stage.database, item.id, State.SKIPPED, actor="me", now=stage.clock.now())
    with stage.database.read() as connection:
        entry = list(audit.entries(connection, subject=f"outbox/{item.id}"))[-1]
    assert (entry.actor, entry.verb) == ("me", "post.settled.posted")


def test_a_person_has_a_held_post_sent_again_although_its_slot_is_over(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    item = _held(stage)
    stage.clock.step_to(stage.clock.now() + 6 * HOUR)
    settle(stage.database, item.id, State.PLANNED, actor="me", now=stage.clock.now())
    assert stage.publish().kind is Published.POSTED
    assert stage.on_timeline(item.text) == 1


def test_a_person_who_has_it_sent_again_although_it_was_there_doubles_nothing(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    item = stage.plan()
    hidden = stage.practice.fault(TIMELINE, "lagging_timeline", seconds=600, count=None)
    stage.practice.fault(POST, "unavailable_after")
    stage.publish()
    hold = replace(stage, policy=replace(stage.policy, doubt="hold")).after_quarantine()
    assert hold.reconcile().kind is Reconciled.HELD
    other = stage.plan()
    assert stage.publish().item.id == other.id
    stage.practice.control("DELETE", f"/faults/{hidden['id']}")
    settle(stage.database, item.id, State.PLANNED, actor="me", now=stage.clock.now())
    assert stage.publish().kind is Published.UNKNOWN, "X calls it a duplicate"
    assert stage.reconcile().kind is Reconciled.POSTED, "found below the newer post"
    assert stage.on_timeline(item.text) == 1


def test_only_a_held_post_is_settled_and_only_with_an_id_that_is_free(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    sent = stage.plan()
    stage.publish()
    item, now = _held(stage), stage.clock.now()
    with pytest.raises(NotAllowed, match="its id on X"):
        settle(stage.database, item.id, State.POSTED, actor="me", now=now)
    with pytest.raises(Conflict, match="another post"):
        settle(stage.database, item.id, State.POSTED, remote_id=stage.item(sent).remote_id, actor="me", now=now)
    with pytest.raises(NotAllowed, match="can't become"):
        settle(stage.database, item.id, State.SENDING, actor="me", now=now)
    with pytest.raises(NotFound):
        settle(stage.database, 999, State.SKIPPED, actor="me", now=now)
    assert settle(stage.database, item.id, State.SKIPPED, actor="me", now=now).state is State.SKIPPED


def test_a_planned_post_is_withdrawn_and_one_in_doubt_keeps_its_slot(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    now = stage.clock.now()
    plain = stage.plan()
    assert cancel(stage.database, plain.id, actor="me", reason="not today", now=now).state is State.CANCELLED
    doubtful = _unknown(stage)
    with pytest.raises(NotAllowed, match="unknown"):
        cancel(stage.database, doubtful.id, actor="me", reason="not today", now=now)
    assert stage.after_quarantine().reconcile().kind is Reconciled.PLANNED
    assert cancel(stage.database, doubtful.id, actor="me", reason="not today", now=now).state is State.SKIPPED


def _prove(stage: Any, watched: float = 60.0) -> Any:
    return prove(stage.database, stage.record, stage.account, stage.policy, stage.clock, watched=watched)


def _unproven(stage: Any) -> None:
    with stage.database.write() as connection:
        accounts.mark_unproven(connection, "restored")


def test_an_unproven_account_sends_nothing_whatever_a_person_resumes(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    stage.plan()
    _unproven(stage)
    assert resume(stage.database, None, actor="me", now=stage.clock.now()).unproven == ("practice",)
    assert stage.publish().kind is Published.NOTHING


def test_what_went_out_after_the_backup_is_found_before_anything_is_sent(stage: Any) -> None:
    question = stage.plan(form="poll", poll={"options": ["Lock", "Tag"], "minutes": 60})
    reveal = stage.plan(form="reveal", reply_to_outbox_id=question.id)
    gone, waiting = stage.plan(), stage.plan()
    for _ in range(3):
        assert stage.publish().kind is Published.POSTED
    for item in (question, reveal, gone):  # as the backup knew them
        stage.set_outbox(item, state="planned", remote_id=None, posted_at=None, reply_to=None)
    _unproven(stage)
    outcome = _prove(stage)
    assert outcome.proven
    assert [item.id for item in outcome.found] == [question.id, reveal.id, gone.id]
    assert stage.item(reveal).reply_to == stage.item(question).remote_id
    assert stage.publish().item.id == waiting.id
    assert {stage.on_timeline(item.text) for item in (question, reveal, gone, waiting)} == {1}


def test_a_post_that_was_being_sent_when_the_backup_was_made_waits_for_its_lease(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    item = stage.plan()
    with stage.database.write() as connection:
        outbox.claim(connection, item, "old:1", HOUR)
    _unproven(stage)
    assert not _prove(stage).proven
    stage.let_lease_expire(item)
    assert _prove(stage).proven
    assert stage.publish().item.id == item.id


def test_a_slot_that_was_filled_in_other_words_after_the_backup_waits_for_a_person(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    # What other tests said on this server lies before this post, and is not read.
    stage.plan()
    assert stage.publish().kind is Published.POSTED
    edited = stage.plan(occurrence="slot/press-shop/2026-03-02/morning")
    assert stage.publish().kind is Published.POSTED
    other = stage.words("Planned in other words")
    stage.set_outbox(edited, state="planned", remote_id=None, posted_at=None, text=other, text_hash=text_hash(other))
    _unproven(stage)
    assert not _prove(stage, watched=stage.policy.quarantine - 0.1).proven
    outcome = _prove(stage)
    assert [item.id for item in outcome.held] == [edited.id]
    assert edited.text not in {item.text for item in outcome.adopted}
    assert stage.publish().kind is Published.NOTHING
    assert stage.on_timeline(other) == 0
    (remote_id,) = (int(post["id"]) for post in stage.practice.state()["posts"] if post["text"] == edited.text)
    settle(stage.database, edited.id, State.POSTED, remote_id=remote_id, actor="me", now=stage.clock.now())


def test_a_proven_account_is_left_as_it_is(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    item = stage.plan()
    assert _prove(stage).found == ()
    assert stage.item(item).state is State.PLANNED


def test_who_decides_about_a_post_that_was_sent_again_meanwhile_is_told(stage: Any) -> None:
    item = _held(stage)
    with stage.database.read() as connection:
        fence = outbox.item(connection, item.id).fence
    with pytest.raises(Conflict, match="was sent again since this was shown"):
        settle(stage.database, item.id, State.SKIPPED, fence=fence - 1, actor="me", now=stage.clock.now())
    assert (
        settle(stage.database, item.id, State.SKIPPED, fence=fence, actor="me", now=stage.clock.now()).state
        == "skipped"
    )
