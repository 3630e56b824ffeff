"""Rosters that come again: who joins, comes over, leaves; and what no file ever does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from reinforce.actions.authoring.enroll import Terms, enroll
from reinforce.actions.authoring.undo_enroll import undo_enroll
from reinforce.domain.cohort import Cause, Cohort, EnrollmentState, RosterRow
from reinforce.domain.enrolling.roster_changes import EnrollReport
from reinforce.domain.errors import ContentRefused, NotAllowed, NotFound
from reinforce.store.operating import audit
from reinforce.store.people import cohorts, enrollments, people
from reinforce.store.session import Database

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
LEFT, DONE, GONE = EnrollmentState.WITHDRAWN, EnrollmentState.COMPLETED, EnrollmentState.LAPSED


def row(number: int, **more: Any) -> RosterRow:
    return RosterRow(f"E-{number}", f"Person{number} Surname", line=number + 1, file="r.csv", **more)


def take(
    database: Database, *rows: RosterRow, slug: str = "press-shop", at: datetime = LATER, **terms: Any
) -> EnrollReport:
    return enroll(database, slug, rows, actor="author", now=at, terms=Terms(**terms))


def changes(report: EnrollReport) -> dict[str, str]:
    return {line.employee_id: line.change.value for line in report.lines}


def states(database: Database, slug: str = "press-shop") -> dict[str, str]:
    with database.read() as connection:
        cohort = cohorts.cohort_by_slug(connection, slug)
        there = enrollments.enrollments(connection, cohort.id)
        everybody = people.learners_of(connection, cohort.id, live=False)
        return {one.employee_id: there[one.id].state.value for one in everybody}


def second_cohort(database: Database) -> None:
    with database.write() as connection:
        there = cohorts.cohort_by_slug(connection, "press-shop")
        draft = cohorts.CohortDraft(
            "paint-shop", "Paint shop", there.account_id, 1, "UTC", "en", "", there.answers, None, None
        )
        cohorts.create(connection, draft, (), NOW)


@pytest.fixture
def twenty(database: Database, cohort: Cohort) -> Database:
    take(database, *(row(n) for n in range(1, 21)), at=NOW)
    return database


def test_a_file_says_who_has_left_and_who_has_completed(twenty: Database) -> None:
    report = take(
        twenty,
        row(1, state=LEFT),
        row(2, left_on=date(2026, 3, 31)),
        row(3, left_on=date(2026, 4, 1)),
        row(4, completed_on=date(2026, 3, 5)),
        row(5, state=GONE),
        row(30, state=LEFT),
        agreed=2,
    )
    assert list(changes(report).values()) == ["left", "left", "unchanged", "completed", "unchanged", "left out"]
    there = states(twenty)
    assert [there[f"E-{n}"] for n in range(1, 6)] == ["withdrawn", "withdrawn", "invited", "completed", "invited"]
    assert "E-30" not in there
    assert changes(take(twenty, row(1, state=LEFT), row(4, state=DONE))) == {"E-1": "unchanged", "E-4": "unchanged"}


def test_a_full_roster_lets_those_go_whom_it_does_not_list_and_asks_if_they_are_many(twenty: Database) -> None:
    assert take(twenty, *(row(n) for n in range(1, 19))).not_in_roster == 2
    two_gone = [row(n) for n in range(1, 19)]
    assert take(twenty, *two_gone, full=True).leavers == 2
    seen = take(twenty, *two_gone[:9], full=True, preview=True)
    assert (seen.leavers, seen.live, seen.many_leave) == (9, 18, True)
    with pytest.raises(NotAllowed, match="9 of 18 learners would leave press-shop; nothing was changed") as refused:
        take(twenty, *two_gone[:9], full=True)
    assert "--yes-they-leave" in refused.value.advice
    with pytest.raises(NotAllowed):
        take(twenty, *two_gone[:9], full=True, agreed=8)
    assert sum(state == "invited" for state in states(twenty).values()) == 18
    take(twenty, *two_gone[:9], full=True, agreed=9)
    assert sum(state == "withdrawn" for state in states(twenty).values()) == 11


def test_a_roster_takes_back_whom_a_roster_took_out_and_nobody_else(twenty: Database) -> None:
    take(twenty, row(1, state=LEFT))
    with twenty.write() as connection:
        cohort = cohorts.cohort_by_slug(connection, "press-shop")
        there = enrollments.enrollments(connection, cohort.id)
        two, three = people.learners_by_employee_id(connection, ["E-2", "E-3"]).values()
        enrollments.move(connection, [there[two.id]], LEFT, Cause.PERSON, actor="t", now=NOW)
        people.set_stopped(connection, three.id, NOW)
    take(twenty, row(3, state=LEFT))
    report = take(twenty, row(1), row(2), row(3))
    assert changes(report) == {"E-1": "returned", "E-2": "unchanged", "E-3": "unchanged"}
    assert "has withdrawn in this cohort already" in str(report)
    assert "said stop, and stays stopped" in str(report)
    assert states(twenty)["E-3"] == "withdrawn"


def test_learners_come_over_from_another_cohort_if_the_file_or_its_reader_says_so(twenty: Database) -> None:
    second_cohort(twenty)
    plain = take(twenty, row(1), slug="paint-shop", preview=True)
    assert changes(plain) == {"E-1": "joined"}
    assert "is in press-shop too" in plain.lines[0].note
    report = take(twenty, row(1, moved_from="press-shop"), row(21), slug="paint-shop")
    assert changes(report) == {"E-1": "moved here", "E-21": "added"}
    assert changes(take(twenty, row(2), slug="paint-shop", move=True)) == {"E-2": "moved here"}
    assert (states(twenty)["E-1"], states(twenty)["E-2"]) == ("withdrawn", "withdrawn")
    assert states(twenty, "paint-shop") == {"E-1": "invited", "E-2": "invited", "E-21": "invited"}
    assert changes(take(twenty, row(1))) == {"E-1": "unchanged"}
    assert changes(take(twenty, row(1), move=True)) == {"E-1": "moved here"}
    with pytest.raises(ContentRefused) as refused:
        take(twenty, row(3, moved_from="foundry"), slug="paint-shop")
    assert 'in the cohort "foundry"' in refused.value.faults[0].message


def test_an_id_that_lost_its_zeros_is_not_somebody_new(database: Database, cohort: Cohort) -> None:
    eva = RosterRow("00123", "Eva Roth", line=2, file="r.csv")
    take(database, eva, at=NOW)
    with pytest.raises(ContentRefused) as refused:
        take(database, replace(eva, employee_id="123"))
    assert "the employee id 123 is not known here, but 00123 is." in refused.value.faults[0].message
    assert changes(take(database, eva, replace(eva, employee_id="123", name="Kim", line=3)))["123"] == "added"


def test_what_a_file_has_no_column_for_stays_as_it_was(database: Database, cohort: Cohort) -> None:
    take(database, row(1, role="operator", zone="Europe/Rome"), at=NOW)
    report = take(database, row(1, unsaid=frozenset({"role", "zone"})))
    assert changes(report) == {"E-1": "unchanged"}
    changed = take(database, row(1, role="office", unsaid=frozenset({"zone"})))
    assert str(changed.lines[0]) == 'line 2: E-1 Person1 Surname role "operator" → "office"'


def test_the_last_roster_is_taken_back_with_everybody_it_moved(twenty: Database) -> None:
    second_cohort(twenty)
    take(twenty, row(25), slug="paint-shop", at=NOW)
    before, paint = states(twenty), states(twenty, "paint-shop")
    with twenty.write() as connection:
        cohort = cohorts.cohort_by_slug(connection, "press-shop")
        learner = people.learners_by_employee_id(connection, ["E-3"])["E-3"]
        people.set_stopped(connection, learner.id, NOW)
    take(twenty, *(row(n) for n in range(3, 24)), row(25), full=True, move=True, agreed=2)
    assert states(twenty)["E-1"] == "withdrawn"
    undone = undo_enroll(twenty, "press-shop", actor="author", now=LATER + timedelta(minutes=5))
    assert (undone.back, undone.withdrawn, undone.left) == (3, 4, 0)
    after = states(twenty)
    assert {who: after[who] for who in before} == before
    assert {after[f"E-{n}"] for n in (21, 22, 23, 25)} == {"withdrawn"}
    assert states(twenty, "paint-shop") == paint
    assert changes(take(twenty, row(21), row(3))) == {"E-21": "returned", "E-3": "unchanged"}
    with twenty.read() as connection:
        assert people.learner_by_id(connection, learner.id).stopped
        assert audit.verify(connection).whole
        assert "enroll.undo" in {one.verb for one in audit.entries(connection)}
        assert cohorts.cohort_by_id(connection, cohort.id).version > 0


def test_who_has_moved_on_since_is_left_as_they_are(twenty: Database) -> None:
    take(twenty, row(1, state=LEFT), row(2, state=DONE))
    with twenty.write() as connection:
        cohort = cohorts.cohort_by_slug(connection, "press-shop")
        learner = people.learners_by_employee_id(connection, ["E-1"])["E-1"]
        there = enrollments.enrollments(connection, cohort.id)[learner.id]
        enrollments.move(connection, [there], EnrollmentState.INVITED, Cause.PERSON, actor="t", now=LATER)
    undone = undo_enroll(twenty, "press-shop", actor="author", now=LATER)
    assert (undone.back, undone.left) == (1, 1)
    undo_enroll(twenty, "press-shop", actor="author", now=LATER)  # the roster of before
    assert set(states(twenty).values()) == {"withdrawn"}
    with pytest.raises(NotFound, match="no roster was taken into press-shop"):
        undo_enroll(twenty, "press-shop", actor="author", now=LATER)
