"""Learners: linking, consent, stop, and who may be named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from reinforce.domain.cohort import Cause, ConsentKind, EnrollmentState, RosterRow
from reinforce.domain.errors import NotAllowed
from reinforce.store import tables as t
from reinforce.store.operating import workspace
from reinforce.store.people import cohorts, enrollments, people
from reinforce.store.people.enrollments import Newcomer
from reinforce.store.session import Database

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def join(connection: Connection, cohort_id: int, employee_id: str, handle: str = "", role: str = "") -> int:
    """A learner, invited to a cohort."""
    name = f"Person {employee_id}"
    learner_id = people.add_learner(connection, RosterRow(employee_id, name, handle, role=role), NOW)
    enrollments.enter(connection, cohort_id, [Newcomer(learner_id)], actor="author", now=NOW)
    return learner_id


def test_linking_binds_the_user_id_with_consent_and_enrolls(database: Database, cohort_id: int) -> None:
    with database.write() as connection:
        pat = join(connection, cohort_id, "E-1", "pat_m")
        people.link(connection, pat, 2**62, "@pat_new", "code", NOW)
    with database.read() as connection:
        linked = people.learner_by_remote_id(connection, 2**62)
        assert linked is not None
        assert (linked.id, linked.handle, linked.linked) == (pat, "pat_new", True)
        assert people.live_consents(connection, ConsentKind.LINKING) == {pat}
        assert enrollments.enrollments(connection, cohort_id)[pat].state is EnrollmentState.ENROLLED
        assert cohorts.cohorts_of_learner(connection, pat) == (cohort_id,)


def test_linking_again_takes_the_new_handle_and_one_consent(database: Database, cohort_id: int) -> None:
    with database.write() as connection:
        pat = join(connection, cohort_id, "E-1")
        people.link(connection, pat, 77, "pat_m", "code", NOW)
        people.link(connection, pat, 77, "pat_renamed", "code", LATER)
        assert people.learner_by_id(connection, pat).handle == "pat_renamed"
        assert len(connection.execute(select(t.consent)).all()) == 1


def test_an_account_links_to_one_person_only_and_a_person_to_one_account(database: Database, cohort_id: int) -> None:
    with database.write() as connection:
        pat, kim = join(connection, cohort_id, "E-1"), join(connection, cohort_id, "E-2")
        people.link(connection, pat, 77, "pat_m", "code", NOW)
        with pytest.raises(NotAllowed):
            people.link(connection, kim, 77, "pat_m", "code", NOW)
        with pytest.raises(NotAllowed):
            people.link(connection, pat, 78, "pat_two", "code", NOW)
        assert people.learner_by_remote_id(connection, 78) is None


def test_a_withdrawn_consent_unlinks_in_every_list(database: Database, cohort_id: int) -> None:
    with database.write() as connection:
        pat = join(connection, cohort_id, "E-1")
        people.link(connection, pat, 77, "pat_m", "code", NOW)
        assert people.withdraw_consent(connection, pat, ConsentKind.LINKING, LATER)
        assert not people.withdraw_consent(connection, pat, ConsentKind.LINKING, LATER)
        assert not people.learner_by_id(connection, pat).linked


def test_handles_are_found_however_they_are_written(database: Database, cohort_id: int) -> None:
    with database.write() as connection:
        pat = join(connection, cohort_id, "E-1", "Pat_M")
        assert [one.id for one in people.learners_by_handle(connection, "@pat_m")] == [pat]
        assert people.learners_by_handle(connection, "") == ()


def test_a_stop_keeps_its_first_instant_until_start(database: Database, cohort_id: int) -> None:
    with database.write() as connection:
        pat = join(connection, cohort_id, "E-1")
        people.set_stopped(connection, pat, NOW)
        people.set_stopped(connection, pat, LATER)
        stopped = select(t.learner.c.stopped_at)
        assert connection.execute(stopped).scalar_one() == NOW
        assert people.learner_by_id(connection, pat).stopped
        assert not people.may_be_replied_to(connection, pat, LATER)
        people.clear_stopped(connection, pat)
        assert connection.execute(stopped).scalar_one() is None
        assert people.may_be_replied_to(connection, pat, LATER)


def test_nobody_is_replied_to_while_snoozed_or_paused(database: Database, cohort_id: int) -> None:
    with database.write() as connection:
        pat = join(connection, cohort_id, "E-1")
        people.snooze(connection, pat, LATER)
        people.snooze(connection, pat, NOW)  # the later one stays
        assert people.snoozed(connection, cohort_id, NOW) == {pat}
        assert not people.may_be_replied_to(connection, pat, LATER - timedelta(seconds=1))
        assert people.may_be_replied_to(connection, pat, LATER)
        people.pause_replies(connection, pat, NOW)
        assert not people.may_be_replied_to(connection, pat, LATER)
        people.resume_replies(connection, pat)
        assert people.may_be_replied_to(connection, pat, LATER)


def test_only_a_live_opt_in_without_a_stop_lets_a_person_be_named(database: Database, cohort_id: int) -> None:
    with database.write() as connection:
        plain, opted, stopped, left = (join(connection, cohort_id, f"E-{n}", f"handle_{n}") for n in range(4))
        for learner_id in (opted, stopped, left):
            people.give_consent(connection, learner_id, ConsentKind.NAMING, "roster", NOW)
        people.set_stopped(connection, stopped, NOW)
        people.withdraw_consent(connection, left, ConsentKind.NAMING, NOW)
        enrollment = enrollments.enrollments(connection, cohort_id)[left]
        enrollments.move(connection, [enrollment], EnrollmentState.WITHDRAWN, Cause.PERSON, actor="author", now=NOW)
        account_id = cohorts.cohort_by_id(connection, cohort_id).account_id
        marks = {one.learner_id: one for one in people.people_marks(connection, account_id)}
        assert set(marks) == {plain, stopped, left}
        assert (marks[plain].name, marks[plain].handle, marks[plain].employee_id) == ("Person E-0", "handle_0", "E-0")
        assert people.people_marks(connection, account_id + 1) == ()


def test_live_learners_are_those_who_still_take_part(database: Database, cohort_id: int) -> None:
    with database.write() as connection:
        pat, kim = join(connection, cohort_id, "E-1"), join(connection, cohort_id, "E-2")
        enrollment = enrollments.enrollments(connection, cohort_id)[kim]
        enrollments.move(connection, [enrollment], EnrollmentState.LAPSED, Cause.CLOSED, actor="daemon", now=LATER)
        assert [one.id for one in people.learners_of(connection, cohort_id)] == [pat]
        assert [one.id for one in people.learners_of(connection, cohort_id, live=False)] == [pat, kim]
        assert cohorts.cohorts_of_learner(connection, kim) == ()


def test_learners_are_linked_without_their_doing_in_a_rehearsal_only(database: Database, cohort_id: int) -> None:
    with database.write() as connection:
        pat = join(connection, cohort_id, "E-1", "pat_m")
        with pytest.raises(NotAllowed):
            people.link_for_rehearsal(connection, {"pat_m": 77}, NOW)
        workspace.create(connection, rehearsal=True, now=NOW)
        assert people.link_for_rehearsal(connection, {"pat_m": 77, "nobody": 78}, NOW) == (pat,)
        assert people.link_for_rehearsal(connection, {"pat_m": 77}, NOW) == ()
        assert connection.execute(select(t.consent.c.source)).scalar_one() == "rehearsal"


def test_in_a_live_workspace_nobody_is_linked_without_their_doing(database: Database, cohort_id: int) -> None:
    with database.write() as connection:
        workspace.create(connection, rehearsal=False, now=NOW)
        join(connection, cohort_id, "E-1", "pat_m")
        with pytest.raises(NotAllowed):
            people.link_for_rehearsal(connection, {"pat_m": 77}, NOW)


def test_a_roster_can_change_nothing_but_what_it_says(database: Database, cohort_id: int) -> None:
    with database.write() as connection:
        pat = join(connection, cohort_id, "E-1")
        people.update_learner(connection, pat, name="Pat Lind", role="operator")
        assert people.learner_by_id(connection, pat).role == "operator"
        with pytest.raises(ValueError, match="only"):
            people.update_learner(connection, pat, stopped_at="")
