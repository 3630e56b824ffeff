"""Rosters in, invitations out."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
import regex
from sqlalchemy import select

from reinforce.actions.authoring.enroll import Terms, enroll
from reinforce.actions.authoring.invite import ALPHABET, invite
from reinforce.domain.cohort import Cause, Cohort, ConsentKind, EnrollmentState, Learner, RosterRow
from reinforce.domain.errors import ContentRefused, NotFound
from reinforce.rendering.invitations import invitation_rows
from reinforce.rendering.spreadsheets import csv_bytes
from reinforce.store import tables as t
from reinforce.store.operating import audit
from reinforce.store.people import cohorts, enrollments, people
from reinforce.store.people.invitations import redeem
from reinforce.store.session import Database

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PAT, KIM = "Pat Moreau", "Kim Reyes"


def row(employee_id: str, name: str = PAT, handle: str = "", *, zone: str = "", naming: bool = False) -> RosterRow:
    """A line of a roster."""
    return RosterRow(employee_id, name, handle, zone, naming=naming, line=2, file="roster.csv")


def take_in(database: Database, *rows: RosterRow, now: datetime = NOW) -> dict[str, str]:
    """Enroll rows in press-shop; what became of each, by employee id."""
    report = enroll(database, "press-shop", rows, actor="author", now=now)
    return {line.employee_id: line.change.value for line in report.lines}


def learners(database: Database, cohort: Cohort, *, live: bool = True) -> dict[str, Learner]:
    """The cohort's learners by employee id."""
    with database.read() as connection:
        return {one.employee_id: one for one in people.learners_of(connection, cohort.id, live=live)}


def test_people_join_by_employee_id_and_their_handle_is_only_a_claim(database: Database, cohort: Cohort) -> None:
    assert take_in(database, row("E-1", handle="pat_m"), row("E-2", KIM)) == {"E-1": "added", "E-2": "added"}
    pat = learners(database, cohort)["E-1"]
    assert (pat.handle, pat.linked, pat.remote_user_id, pat.stopped) == ("pat_m", False, None, False)
    with database.read() as connection:
        states = {one.state for one in enrollments.enrollments(connection, cohort.id).values()}
    assert states == {EnrollmentState.INVITED}


def test_a_roster_loaded_again_changes_only_what_changed(database: Database, cohort: Cohort) -> None:
    take_in(database, row("E-1"), row("E-2", KIM))
    with database.read() as connection:
        version = cohorts.cohort_by_id(connection, cohort.id).version
    assert take_in(database, row("E-1"), row("E-2", KIM)) == {"E-1": "unchanged", "E-2": "unchanged"}
    with database.read() as connection:
        assert cohorts.cohort_by_id(connection, cohort.id).version == version
    assert take_in(database, row("E-1", zone="Europe/Rome")) == {"E-1": "changed"}
    assert learners(database, cohort)["E-1"].zone == "Europe/Rome"
    with database.read() as connection:
        assert cohorts.cohort_by_id(connection, cohort.id).version > version


def test_learners_whom_a_roster_leaves_out_stay_and_are_counted(database: Database, cohort: Cohort) -> None:
    take_in(database, row("E-1"), row("E-2", KIM))
    report = enroll(database, "press-shop", [row("E-1")], actor="author", now=NOW)
    assert report.not_in_roster == 1
    assert "1 of the cohort's learners are not in this roster" in str(report)
    assert len(learners(database, cohort)) == 2


def test_no_roster_lifts_a_stop(database: Database, cohort: Cohort) -> None:
    take_in(database, row("E-1", naming=True))
    pat = learners(database, cohort)["E-1"]
    with database.write() as connection:
        people.set_stopped(connection, pat.id, NOW)
        people.withdraw_consent(connection, pat.id, ConsentKind.NAMING, NOW)
    report = enroll(database, "press-shop", [row("E-1", "Pat M. Moreau", naming=True)], actor="author", now=NOW)
    assert "said stop, and stays stopped" in str(report)
    assert learners(database, cohort)["E-1"].stopped
    with database.read() as connection:
        assert people.live_consents(connection, ConsentKind.NAMING) == set()


@pytest.mark.parametrize("state", [EnrollmentState.WITHDRAWN, EnrollmentState.COMPLETED])
def test_who_left_or_finished_is_not_enrolled_again_by_a_roster(
    database: Database, cohort: Cohort, state: EnrollmentState
) -> None:
    take_in(database, row("E-1"))
    _set_state(database, cohort, state)
    report = enroll(database, "press-shop", [row("E-1")], actor="author", now=NOW)
    assert f"has {state.value} in this cohort already" in report.lines[0].note
    assert learners(database, cohort) == {}


def test_who_lapsed_comes_back_with_the_next_roster(database: Database, cohort: Cohort) -> None:
    take_in(database, row("E-1"))
    _set_state(database, cohort, EnrollmentState.LAPSED)
    assert learners(database, cohort) == {}
    assert take_in(database, row("E-1")) == {"E-1": "returned"}
    assert list(learners(database, cohort)) == ["E-1"]


def _set_state(database: Database, cohort: Cohort, state: EnrollmentState) -> None:
    with database.write() as connection:
        (enrollment,) = enrollments.enrollments(connection, cohort.id).values()
        cause = Cause.CLOSED if state is EnrollmentState.LAPSED else Cause.PERSON
        enrollments.move(connection, [enrollment], state, cause, actor="facilitator", now=NOW)


def test_the_handle_of_a_linked_learner_is_not_taken_from_a_roster(database: Database, cohort: Cohort) -> None:
    take_in(database, row("E-1", handle="pat_m"))
    pat = learners(database, cohort)["E-1"]
    with database.write() as connection:
        people.link(connection, pat.id, 77, "pat_new", "code", NOW)
    report = enroll(database, "press-shop", [row("E-1", handle="pat_m")], actor="author", now=NOW)
    assert "under another handle" in report.lines[0].note
    assert learners(database, cohort)["E-1"].handle == "pat_new"


def test_a_handle_of_another_employee_is_refused_with_its_line(database: Database, cohort: Cohort) -> None:
    take_in(database, row("E-1", handle="pat_m"))
    for dry_run in (True, False):
        with pytest.raises(ContentRefused) as refused:
            enroll(
                database,
                "press-shop",
                [row("E-9", KIM, "Pat_M")],
                actor="author",
                now=NOW,
                terms=Terms(preview=dry_run),
            )
        (fault,) = refused.value.faults
        assert (fault.file, fault.line) == ("roster.csv", 2)
        assert "the handle @Pat_M is that of another learner" in fault.message
    assert list(learners(database, cohort)) == ["E-1"]


def test_two_unlinked_learners_may_swap_handles(database: Database, cohort: Cohort) -> None:
    take_in(database, row("E-1", handle="one"), row("E-2", KIM, "two"))
    assert take_in(database, row("E-1", handle="two"), row("E-2", KIM, "one")) == {"E-1": "changed", "E-2": "changed"}
    assert learners(database, cohort)["E-1"].handle == "two"


def test_an_opt_in_of_the_roster_comes_and_goes_with_it(database: Database, cohort: Cohort) -> None:
    take_in(database, row("E-1", naming=True))
    pat = learners(database, cohort)["E-1"]
    with database.read() as connection:
        assert people.live_consents(connection, ConsentKind.NAMING) == {pat.id}
    take_in(database, row("E-1", naming=False), now=NOW + timedelta(days=1))
    with database.read() as connection:
        assert people.live_consents(connection, ConsentKind.NAMING) == set()
        given = connection.execute(select(t.consent.c.source, t.consent.c.withdrawn_at)).one()
    assert tuple(given) == ("roster", NOW + timedelta(days=1))


def test_an_unknown_cohort_is_told_with_the_nearest(database: Database, cohort: Cohort) -> None:
    with pytest.raises(NotFound) as missing:
        enroll(database, "pres-shop", [row("E-1")], actor="author", now=NOW)
    assert missing.value.advice == "Did you mean press-shop?"


def test_an_invitation_is_a_code_that_links_once(database: Database, cohort: Cohort) -> None:
    take_in(database, row("E-1"))
    (made,) = invite(database, "press-shop", 14, actor="author", now=NOW)
    assert regex.fullmatch(f"[{ALPHABET}]{{8}}", made.code)
    assert made.post_this == f"join {made.code} @acme_learns"
    assert made.follow_first
    assert made.expires_at == NOW + timedelta(days=14)
    pat = learners(database, cohort)["E-1"]
    spoken = f"{made.code[:4]}-{made.code[4:]}".lower()
    with database.write() as connection:
        assert redeem(connection, "22222222", NOW) is None
        assert redeem(connection, spoken, NOW) == pat.id
        assert redeem(connection, made.code, NOW) is None


def test_a_code_expires_and_a_new_one_voids_the_old(database: Database, cohort: Cohort) -> None:
    take_in(database, row("E-1"))
    (old,) = invite(database, "press-shop", 14, actor="author", now=NOW)
    (new,) = invite(database, "press-shop", 14, actor="author", now=NOW)
    assert old.code != new.code
    with database.write() as connection:
        assert redeem(connection, old.code, NOW) is None
        assert redeem(connection, new.code, NOW + timedelta(days=14)) is None
        assert redeem(connection, new.code, NOW + timedelta(days=13)) is not None


def test_only_the_hash_of_a_code_is_kept(database: Database, cohort: Cohort) -> None:
    take_in(database, row("E-1"))
    (made,) = invite(database, "press-shop", 14, actor="author", now=NOW)
    with database.read() as connection:
        kept = repr(connection.execute(select(t.invitation)).all())
    assert made.code not in kept


def test_the_linked_and_the_stopped_are_not_invited(database: Database, cohort: Cohort) -> None:
    take_in(database, row("E-1"), row("E-2", KIM), row("E-3", "Ada Brightwell"))
    there = learners(database, cohort)
    with database.write() as connection:
        people.link(connection, there["E-1"].id, 77, "pat_m", "code", NOW)
        people.set_stopped(connection, there["E-2"].id, NOW)
    assert [one.employee_id for one in invite(database, "press-shop", 14, actor="author", now=NOW)] == ["E-3"]


def test_no_cell_of_the_mail_merge_is_a_formula(database: Database, cohort: Cohort) -> None:
    take_in(database, row("E-1", '=HYPERLINK("http://x.example","Pat")'), row("-2", "+1"), row("E-3", "@SUM(A1)"))
    made = invite(database, "press-shop", 14, actor="author", now=NOW)
    headings, *rows = csv.reader(io.StringIO(csv_bytes(invitation_rows(made)).decode("utf-8-sig")))
    assert "post_this" in headings
    assert len(rows) == 3
    assert not [cell for cells in rows for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_neither_names_nor_handles_nor_employee_ids_reach_the_audit_log(database: Database, cohort: Cohort) -> None:
    take_in(database, row("E-1", PAT, "pat_m", naming=True), row("E-2", KIM, "kim_r"))
    take_in(database, row("E-1", "Pat Moreau-Lind", "pat_m"))
    (made, _) = invite(database, "press-shop", 14, actor="author", now=NOW)
    with database.read() as connection:
        log = [(one.subject, json.dumps(one.detail)) for one in audit.entries(connection)]
        assert audit.verify(connection).whole
    assert len(log) == 6
    for word in ("Pat", "Moreau", "Kim", "pat_m", "kim_r", "E-1", "E-2", made.code):
        assert word not in repr(log)
