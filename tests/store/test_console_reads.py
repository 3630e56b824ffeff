"""The console's read models say what the tables hold, on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from reinforce.domain.access.rights import EVERYTHING, NOTHING, Role, Scope
from reinforce.domain.cohort import CohortState
from reinforce.domain.revising.recalling import PostState
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.access import users
from reinforce.store.approving import members
from reinforce.store.operating import audit
from reinforce.store.reporting.console.audit import AuditFilter, audit_page, audit_rows, verbs
from reinforce.store.reporting.console.cohorts import cohort_lines
from reinforce.store.reporting.console.inbox import answers_to, inbound_by_remote_id, inbox_page
from reinforce.store.reporting.console.people import actor_by_id, actors, memory_updated_at, written_since
from reinforce.store.reporting.console.posts import (
    PostFilter,
    latest_posted,
    nugget_titles,
    post_detail,
    post_page,
    posts_by_id,
    quiet_lines,
    waiting,
)
from reinforce.store.reporting.console.recall import cell_log, evidence_of, recall_frame, said_in_cell
from reinforce.store.reporting.console.recalls import recall_lines
from reinforce.store.reporting.console.schedules import kept_schedules
from reinforce.store.reporting.console.search import Reach, search
from reinforce.store.reporting.console.status import house_status, spent_between
from reinforce.store.revising import recalls
from reinforce.store.sending import outbox
from reinforce.store.session import Database
from tests.web.seeding import NOW, fill


@pytest.fixture
def ids(database: Database) -> dict[str, Any]:
    """The ids of a seeded workspace."""
    with database.write() as connection:
        return fill(connection)


def test_the_outbox_is_paged_and_narrowed(database: Database, ids: dict[str, Any]) -> None:
    with database.read() as connection:
        everything = post_page(connection, PostFilter())
        assert [post.id for post in everything.posts] == sorted((post.id for post in everything.posts), reverse=True)
        assert everything.counts == {State.POSTED: 3, State.PLANNED: 1, State.HELD: 1, State.REFUSED: 1}
        first = post_page(connection, PostFilter(), limit=4)
        rest = post_page(connection, PostFilter(before=first.posts[-1].id), limit=4)
        assert (first.more, rest.more) == (True, False)
        assert [*first.posts, *rest.posts] == list(everything.posts)
        narrowed = post_page(connection, PostFilter(cohort="press-shop", states=(State.POSTED,), form="question"))
        assert [post.id for post in narrowed.posts] == [ids["question_post_id"]]
        assert narrowed.counts == {State.POSTED: 1}
        assert not post_page(connection, PostFilter(cohort="other")).posts


def test_a_post_comes_with_its_question_its_attempts_and_what_came_back(
    database: Database, ids: dict[str, Any]
) -> None:
    with database.read() as connection:
        question = post_detail(connection, ids["question_post_id"])
        assert question is not None
        assert (question.post.cohort, question.post.nugget, question.post.replies) == (
            "press-shop", "Open every isolator", 5,
        )  # fmt: skip
        assert [key for key, _, correct in question.options if correct] == ["B"]
        assert question.reveal_id is None
        held = post_page(connection, PostFilter(states=(State.HELD,))).posts[0]
        detail = post_detail(connection, held.id)
        assert detail is not None
        assert [attempt.outcome for attempt in detail.attempts] == ["unknown"]
        assert post_detail(connection, 999) is None
        assert [line.text for line in answers_to(connection, ids["question_post_id"])][:2] == ["B", "C"]


def test_what_is_next_and_what_was_last(database: Database, ids: dict[str, Any]) -> None:
    with database.read() as connection:
        assert [post.state for post in waiting(connection, limit=9)] == [State.PLANNED]
        assert latest_posted(connection, limit=1)[0].id == ids["question_post_id"]
        assert len(latest_posted(connection, limit=9, cohort_id=ids["cohort_id"], chosen=True)) == 3
        assert nugget_titles(connection, ids["cohort_id"])["lockout/lock"] == "One lock each"
        assert quiet_lines(connection, since=NOW - timedelta(days=3), limit=3)[0].zone == "Europe/Berlin"
        assert not quiet_lines(connection, since=NOW, limit=3)
        assert spent_between(connection, NOW - timedelta(days=30), NOW) == 45_000
        assert spent_between(connection, NOW, NOW) == 0


def test_a_cohort_counts_its_learners_and_its_evidence(database: Database, ids: dict[str, Any]) -> None:
    with database.read() as connection:
        (line,) = cohort_lines(connection)
        assert (line.state, line.learners, line.linked, line.stopped) == (CohortState.RUNNING, 8, 7, 1)
        assert (line.nuggets, line.procedures, line.posted) == (6, ("Lockout of a press",), 3)
        assert (line.last_posted, line.next_due) == (NOW - timedelta(minutes=90), NOW + timedelta(hours=3))


def test_a_map_of_recall_has_its_rows_its_columns_and_the_evidence_behind_its_cells(
    database: Database, ids: dict[str, Any]
) -> None:
    with database.read() as connection:
        frame = recall_frame(connection, ids["cohort_id"])
        assert [nugget.id for nugget in frame.nuggets] == list(ids["nugget_ids"])
        assert sum(person.linked for person in frame.learners) == 7
        assert [person.name for person in frame.learners if person.stopped] == ["Fatou Diallo"]
        assert (frame.zone, frame.assessment) == ("Europe/Berlin", date(2026, 4, 15))
        asked = ids["nugget_ids"][2]
        found = evidence_of(connection, ids["learner_ids"], ids["nugget_ids"])
        assert found == {(learner, asked): 1 for learner in ids["learner_ids"][:3]}
        cell = cell_log(connection, asked, NOW, {})
        assert [post.id for post in cell.log.posts] == list(cell.posts) == [ids["question_post_id"]]
        said = said_in_cell(connection, ids["learner_ids"][1], asked)
        assert [(one.text, one.rating, one.voided) for one in said.values()] == [("C", 1, False)]


def test_the_inbox_says_what_waits_for_a_person(database: Database, ids: dict[str, Any]) -> None:
    with database.read() as connection:
        page = inbox_page(connection, needs_person=True)
        assert (len(page.lines), page.waiting, page.more) == (2, 2, False)
        assert {line.zone for line in page.lines} == {"Europe/Berlin"}
        assert not inbox_page(connection, cohort="other").lines
        first = inbox_page(connection, limit=2)
        assert first.more
        assert len(inbox_page(connection, before=first.lines[-1].id).lines) == 3
        stop = inbound_by_remote_id(connection, 6004)
        assert stop is not None
        assert (stop.read_as, stop.learner, stop.our_replies) == (("stop",), "Fatou Diallo", 0)


def test_a_rehearsal_offers_those_who_can_still_answer_first(database: Database, ids: dict[str, Any]) -> None:
    with database.read() as connection:
        people = actors(connection, ids["cohort_id"], ids["question_post_id"])
        assert [person.answered for person in people] == [False, False, True, True, True, True, True]
        assert people[-1].stopped_at is not None
        assert actor_by_id(connection, ids["learner_ids"][6]) is None, "not linked"
        actor = actor_by_id(connection, ids["learner_ids"][5])
        assert actor is not None
        assert written_since(connection, actor, NOW - timedelta(days=9)).replies == 0
        assert memory_updated_at(connection, ids["nugget_ids"][0]) is None


def test_the_house_says_how_it_stands(database: Database, ids: dict[str, Any]) -> None:
    with database.read() as connection:
        house = house_status(connection)
    assert (house.cohorts, house.procedures, house.learners, house.unsettled, house.to_read) == (1, 1, 8, 1, 2)
    assert (house.zone, house.daemon, house.rehearsal) == ("Europe/Berlin", None, False)
    assert [(account.handle, account.halted) for account in house.accounts] == [("acme_reinforce", False)]


def test_users_the_log_and_cadences_are_listed(database: Database, ids: dict[str, Any]) -> None:
    with database.write() as connection:
        number = int(members.add(connection, "Zoë", NOW).removeprefix("member/"))
        users.let_in(connection, number, NOW)
        users.give(connection, number, Role.AUTHOR, [ids["cohort_id"]])
        users.give(connection, number, Role.VIEWER, [])
        for verb in ("cohort.hold", "cohort.dates", "cohorts.other"):
            audit.record(connection, f"member/{number}", verb, "cohort/1", {"ä": [1]}, NOW)
    with database.read() as connection:
        (user,) = users.users(connection)
        assert (user.name, len(user.grants)) == ("Zoë", 2)
        page = audit_page(connection, AuditFilter(verb="cohort", subject="cohort"), limit=1)
        assert ([one.verb for one in page.entries], page.more) == (["cohort.dates"], True)
        narrowed = AuditFilter(actor=f"member/{number}", since=NOW, until=NOW + timedelta(days=1))
        assert [one.verb for one in audit_rows(connection, narrowed, limit=2)] == ["cohorts.other", "cohort.dates"]
        assert {"cohort.hold", "cohorts.other"} <= set(verbs(connection))
        (kept,) = kept_schedules(connection)
        assert (kept.name, kept.cohorts) == ("cohort-adaptive", (("press-shop", "Press shop"),))


def test_each_kind_is_found_as_far_as_it_may_be_seen(database: Database, ids: dict[str, Any]) -> None:
    with database.read() as connection:
        every = Reach(EVERYTHING, EVERYTHING, writes=True)
        found = search(connection, "ISOLATOR", every)
        assert [hit.title for hit in found.nuggets] == ["Open every isolator"]
        assert found.posts
        assert [hit.title for hit in search(connection, "okafor", every).learners] == ["Ben Okafor"]
        assert search(connection, "steam line", every).replies
        assert not search(connection, "okafor", Reach(EVERYTHING)).learners
        assert not search(connection, "isolator", Reach(Scope(), NOTHING))
        assert not search(connection, "100%_", every)
        assert set(posts_by_id(connection, [1, 2, 99])) == {1, 2}
        assert posts_by_id(connection, [1, 2], Scope()) == {}


def test_a_recall_tells_what_became_of_its_posts_and_who_answered_its_corrections(
    database: Database, ids: dict[str, Any]
) -> None:
    asked, here = ids["question_post_id"], [ids["cohort_id"]]
    with database.write() as connection:
        recall_id = recalls.add(connection, 1, "member/1", "00000000", NOW)
        recalls.add_posts(connection, recall_id, [outbox.item(connection, asked)], NOW)
        # As if its question had been the correction: two of those who wrote under it answered it.
        connection.execute(
            update(t.outbox).where(t.outbox.c.id == asked).values(occurrence=f"recall/{recall_id}/3/1/en")
        )
    with database.read() as connection:
        (line,) = recall_lines(connection, "lockout", here, EVERYTHING, most=5)
        assert [(post.id, fate) for post, fate, _ in line.posts] == [(asked, PostState.PENDING)]
        assert [post.id for post in line.corrections] == [asked]
        told = line.acknowledged[here[0]]
        assert (told.learners, len(told.names)) == (8, 2)
        assert "Ben Okafor" in told.names
        (hidden,) = recall_lines(connection, "lockout", here, Scope(), most=5)
        assert (hidden.posts, hidden.corrections) == ((), ())
        assert recall_lines(connection, "other", here, EVERYTHING, most=5) == ()
