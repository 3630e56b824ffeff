"""A procedure's new version makes posts wrong: they are taken off X, corrected, and what they said is learnt anew."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from reinforce.actions.revising.undo import undo_recall
from reinforce.domain.errors import Conflict, NotAllowed
from reinforce.domain.sending.outbox import State, reveal_occurrence
from reinforce.store import tables as t
from reinforce.store.operating import audit
from reinforce.store.revising import recalls
from reinforce.store.sending import outbox
from tests.actions.revising.conftest import Revision

NEW = "Revised: what counts now,"
PATH = "DELETE /2/tweets/*"


def test_one_confirmation_deletes_corrects_and_has_it_learnt_anew(revision: Revision) -> None:
    told = revision.post("why-lockout", "reminder", "one")
    asked = revision.post("why-lockout", "question", "two")
    other = revision.post("who-may-lock", "reminder", "three")
    assert {told.remote_id, asked.remote_id, other.remote_id} <= set(revision.timeline())

    file = str(revision.revise(**{told.text[:25]: NEW}))
    shown = revision.verb("load", file, "--diff", "--meaning", "why-lockout")
    assert f"+ {NEW}" in shown
    assert "why-lockout: the author says so" in shown
    revision.verb("load", file, "--meaning", "why-lockout")

    shown = revision.verb("recall", "preview", "lockout")
    code = re.search(r"recall confirm lockout ([0-9a-f]{8})", shown)
    assert code is not None
    assert "1 posts deleted on X (at most $0.01), 1 corrections posted ($0.015), 1 nuggets learnt anew" in shown
    plan = revision.preview()
    assert [post.outbox_id for post in plan.posts] == [told.id]
    with pytest.raises(Conflict):
        revision.recall("00000000")
    before = revision.met("why-lockout")
    assert "Recall 1 is under way" in revision.verb("recall", "confirm", "lockout", code[1])
    revision.daemon.tick()
    assert revision.met("why-lockout") == 0 < before
    assert revision.met("who-may-lock") > 0.1
    revision.at(9, 5)
    revision.at(9, 30, ticks=2)
    there = revision.timeline()
    assert told.remote_id not in there
    # Its question still asks what it asked.
    assert {asked.remote_id, other.remote_id} <= set(there)
    assert [text for text in there.values() if text.startswith("Corrected: ")] == [plan.corrections[0].text]
    assert "1 deleted" in revision.verb("recall", "list")
    # The evidence, gone through again from its beginning, gives the same.
    believed = [revision.met(nugget) for nugget in ("why-lockout", "who-may-lock")]
    revision.throw_beliefs_away()
    assert revision.met("who-may-lock") == 0
    revision.daemon.tick()
    assert [revision.met(nugget) for nugget in ("why-lockout", "who-may-lock")] == believed
    with revision.house.database.read() as connection:
        assert audit.verify(connection).whole
        verbs = list(connection.execute(select(t.audit.c.verb, t.audit.c.subject)).all())
    assert ("recall", "recall/1") in verbs
    assert ("post.deleted", f"outbox/{told.id}") in verbs


def test_what_x_did_not_confirm_is_deleted_again_and_counts_as_done(sqlite_revision: Revision) -> None:
    revision = sqlite_revision
    asked = revision.post("why-lockout", "question", "one")
    gone = revision.post("who-may-lock", "reminder", "two")
    revision.daemon.tick()
    met = revision.met("why-lockout"), revision.met("who-may-lock")
    # Another answer is right, and a nugget is taken out.
    marked = "- text: {}\n          correct: yes"
    right, other = "Lock the machine out", "Ask someone to watch"
    path = revision.revise(**{marked.format(right): f"- {right}", f"- {other}": marked.format(other)})
    whole, gone_slug = path.read_text("utf-8"), "  - slug: who-may-lock"
    begin = whole.index(gone_slug)
    end = whole.index("  - slug:", begin + len(gone_slug))
    path.write_text((whole[:begin] + whole[end:]).replace("requires: [who-may-lock]", ""), "utf-8")
    assert "the right answer is another one" in revision.verb("load", str(path), "--diff")
    revision.verb("load", str(path))

    plan = revision.preview(retired=True)
    assert {post.outbox_id for post in plan.posts} == {asked.id, gone.id}
    assert sorted(one.text.split(":")[0] for one in plan.corrections) == ["Corrected", "No longer valid"]
    assert [one.slug for one in revision.preview().nuggets] == ["why-lockout"]
    revision.practice.control("POST", "/faults", {"endpoint": PATH, "kind": "unavailable_after", "count": 1})
    done = revision.recall(plan.code, retired=True)
    revision.daemon.tick()
    assert asked.remote_id not in revision.timeline()
    assert revision.states(done.id) == {"pending"}
    revision.wait_over()
    revision.practice.control("POST", "/faults", {"endpoint": PATH, "kind": "throttled", "skip": 1, "count": 1})
    revision.daemon.tick()
    assert revision.states(done.id) == {"deleted", "pending"}
    assert gone.remote_id in revision.timeline()

    # Undone before the second was deleted: it stays, and memory is what it was.
    assert revision.met("why-lockout") == 0
    revision.verb("recall", "undo", str(done.id))
    revision.wait_over()
    revision.daemon.tick()
    assert revision.states(done.id) == {"deleted", "kept"}
    assert gone.remote_id in revision.timeline()
    assert (revision.met("why-lockout"), revision.met("who-may-lock")) == met
    with revision.house.database.read() as connection:
        assert {one.state for one in recalls.corrections_of(connection, done.id)} == {State.POSTED}
    # No answer follows a question that is off the timeline.
    revision.at(9, day=4, ticks=2)
    with revision.house.database.read() as connection:
        assert outbox.item_by_occurrence(connection, reveal_occurrence(asked.id)) is None
    with pytest.raises(NotAllowed):
        undo_recall(revision.house.database, done.id, actor="author", now=revision.now())


def test_what_was_on_its_way_is_deleted_once_it_is_out(sqlite_revision: Revision) -> None:
    revision = sqlite_revision
    revision.practice.control(
        "POST", "/faults", {"endpoint": "POST /2/tweets", "kind": "unavailable_after", "count": 1}
    )
    late = revision.post("why-lockout", "reminder", "one")
    assert late.state is State.UNKNOWN
    first = {late.text[:25]: NEW}
    revision.verb("load", str(revision.revise(**first)), "--meaning", "why-lockout")
    plan = revision.preview()
    assert [(post.outbox_id, post.posted_at) for post in plan.posts] == [(late.id, None)]
    done = revision.recall(plan.code)
    assert revision.states(done.id) == {"pending"}
    # The timeline shows that it is out after all.
    for _ in range(4):
        revision.house.let_pass(60)
        revision.daemon.tick()
    assert revision.states(done.id) == {"deleted"}
    assert not any(text == late.text for text in revision.timeline().values())


def test_a_correction_is_taken_back_when_the_next_version_says_something_else(sqlite_revision: Revision) -> None:
    revision = sqlite_revision
    told = revision.post("why-lockout", "reminder", "one")
    revision.verb("load", str(revision.revise(**{told.text[:25]: NEW})), "--meaning", "why-lockout")
    revision.house.clock.step_to(revision.now() + timedelta(hours=12))  # nothing is open at night
    plan = revision.preview()
    # To confirm is to approve the correction: who brought its words in may not.
    revision.verb("cohort", "set", "press-shop", "--approval", "everything")
    assert "can't approve it" in revision.verb("recall", "confirm", "lockout", plan.code, fails=True)
    done = revision.recall(plan.code)
    overtaken = next(one for one in revision.stored("why-lockout").wordings if one.text in plan.corrections[0].text)
    revision.verb("load", str(revision.revise(**{told.text[:25]: NEW, overtaken.text: "Said in other words."})))
    with revision.house.database.read() as connection:
        assert [one.state for one in recalls.corrections_of(connection, done.id)] == [State.CANCELLED]
