"""Enroll a roster in a cohort: people by their employee id, all lines or none.

A roster says who somebody is, never what they want: it lifts no stop, undoes no withdrawal, and its handle is a claim
until the learner's own post links the account.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from reinforce.domain.cohort import LIVE, Cause, Cohort, CohortState, ConsentKind, EnrollmentState, Learner, RosterRow
from reinforce.domain.enrolling.moves import entered
from reinforce.domain.errors import ContentRefused, Fault, NotAllowed
from reinforce.domain.privacy.keyed_hash import KeyedHash
from reinforce.store.operating import audit
from reinforce.store.operating.locks import one_at_a_time
from reinforce.store.people import cohorts, enrollments, people, wishes
from reinforce.store.people.enrollments import Enrollment, Newcomer
from reinforce.store.planning import memories
from reinforce.store.privacy import suppression
from reinforce.store.privacy.meanwhile import about_people
from reinforce.store.privacy.suppression import Kind
from reinforce.store.session import Database

_SOURCE = "roster"
_ERASED = "was erased, and is not taken in (if they ask to be: reinforce readmit)"
_STOPPED = "said stop before, and stays stopped until they say start"


class RosterChange(StrEnum):
    """What a line of a roster does: a new person, a known one new to this cohort, one who came back after a lapse, a
    changed name, zone, role, handle or team, nothing; or the person was erased, and is not taken in."""

    ADDED = "added"
    JOINED = "joined"
    RETURNED = "returned"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class EnrolledLine:
    """One line of the roster. `note` says what was left as it is, and why ("")."""

    line: int
    employee_id: str
    change: RosterChange
    note: str = ""


@dataclass(frozen=True, slots=True)
class EnrollReport:
    """What enrolling did, or would do. `not_in_roster` counts the cohort's live learners whom the roster leaves out:
    they stay enrolled."""

    cohort: str
    lines: tuple[EnrolledLine, ...]
    not_in_roster: int

    def __str__(self) -> str:
        """The report in a few lines for a terminal."""
        counts = Counter(line.change for line in self.lines)
        told = ", ".join(f"{counts[change]} {change.value}" for change in RosterChange if counts[change])
        rows = [f"{self.cohort}: {told or 'nothing changed'}"]
        rows += [f"  line {line.line}: {line.note}" for line in self.lines if line.note]
        if self.not_in_roster:
            rows.append(f"  {self.not_in_roster} of the cohort's learners are not in this roster; they stay enrolled")
        return "\n".join(rows)


def enroll(
    database: Database,
    cohort_slug: str,
    rows: Sequence[RosterRow],
    *,
    actor: str,
    now: datetime,
    dry_run: bool = False,
    keyed: KeyedHash | None = None,
) -> EnrollReport:
    """Enroll `rows` (`content.roster_file`). With `dry_run` the same report is made and nothing changes. `keyed` knows
    those who were erased, and those who said stop, from the suppression list; it is needed as soon as there is one.

    Raises NotFound for the cohort, NotAllowed if it is finished, ContentRefused with the lines that don't go together
    with what is stored (a handle that is another person's).
    """
    with database.read() if dry_run else about_people(database) as connection:
        if not dry_run:
            one_at_a_time(connection, "enroll")
        cohort = cohorts.cohort_by_slug(connection, cohort_slug)
        if cohort.state is CohortState.FINISHED:
            raise NotAllowed(f"the cohort {cohort.slug} is finished", "Create a new one for further learners.")
        roster = _Roster(connection, cohort, rows, _Away.of(connection, rows, keyed))
        roster.require_free_handles()
        report = roster.weigh()
        if not dry_run:
            roster.take_in(report, actor, now)
            counts = Counter(line.change.name.lower() for line in report.lines)
            if counts.keys() - {"unchanged", "left_out"}:
                cohorts.raise_version(connection, cohort.id)
            audit.record(connection, actor, "enroll", f"cohort/{cohort.id}", dict(counts), now)
        return report


@dataclass(frozen=True, slots=True)
class _Away:
    """Employee ids of the roster that were erased, or said stop; and the marks on the list that say the latter."""

    erased: frozenset[str] = frozenset()
    stopped: frozenset[str] = frozenset()
    stops: frozenset[str] = frozenset()

    @classmethod
    def of(cls, connection: Connection, rows: Sequence[RosterRow], keyed: KeyedHash | None) -> _Away:
        """Asks the list. Raises ReinforceError if it can't be read with this key."""
        keyed = suppression.key_for(connection, keyed)
        if keyed is None:
            return cls()
        marks = {row.employee_id: frozenset(keyed.of_person(row.employee_id, row.handle)) for row in rows}
        every = {mark for theirs in marks.values() for mark in theirs}
        erased = suppression.listed(connection, Kind.ERASED, every)
        stops = suppression.listed(connection, Kind.STOPPED, every)
        return cls(
            frozenset(who for who, theirs in marks.items() if theirs & erased),
            frozenset(who for who, theirs in marks.items() if theirs & stops),
            stops,
        )


class _Roster:
    """A roster held against what is stored, within one transaction."""

    def __init__(self, connection: Connection, cohort: Cohort, rows: Sequence[RosterRow], away: _Away) -> None:
        self._connection = connection
        self._cohort = cohort
        self._away = away
        self._rows = rows
        self._known = people.learners_by_employee_id(connection, [row.employee_id for row in rows])
        self._enrollments = enrollments.enrollments(connection, cohort.id)
        # Who said themselves whether they may be named: a roster does not say otherwise.
        self._own_words = wishes.own_word_on_naming(connection, [one.id for one in self._known.values()])
        self._moved = False

    def require_free_handles(self) -> None:
        """Raise ContentRefused where a line claims a handle that another person has and does not give up here."""
        claimed = {row.employee_id: row.handle.lower() for row in self._rows}
        holders = people.learners_by_handles(self._connection, list(claimed.values()))
        faults = []
        for row in self._rows:
            for other in holders.get(row.handle.lower(), ()):
                if other.employee_id == row.employee_id:
                    continue
                gives_up = claimed.get(other.employee_id, "") not in ("", row.handle.lower())
                if other.remote_user_id is not None or not gives_up:
                    message = f"the handle @{row.handle} is that of another learner already."
                    advice = "See whose it is; leave the cell empty to let the learner link the account."
                    faults.append(Fault(row.file or "roster", row.line, 1, message, advice))
        if faults:
            raise ContentRefused(faults)

    def weigh(self) -> EnrollReport:
        """What each line does."""
        lines = tuple(self._line(row) for row in self._rows)
        here = {learner.id for row in self._rows if (learner := self._known.get(row.employee_id))}
        live = {enrollment.learner_id for enrollment in self._enrollments.values() if enrollment.state in LIVE}
        return EnrollReport(self._cohort.slug, lines, len(live - here))

    def _line(self, row: RosterRow) -> EnrolledLine:
        learner = self._known.get(row.employee_id)
        if learner is None and row.employee_id in self._away.erased:
            return EnrolledLine(row.line, row.employee_id, RosterChange.LEFT_OUT, _ERASED)
        if learner is None:
            stopped = row.employee_id in self._away.stopped
            return EnrolledLine(row.line, row.employee_id, RosterChange.ADDED, _STOPPED if stopped else "")
        enrollment = self._enrollments.get(learner.id)
        note = _note(learner, enrollment, row, self._own_words.get(learner.id))
        if enrollment is None:
            change = RosterChange.JOINED
        elif enrollment.state is EnrollmentState.LAPSED and not learner.stopped:
            change = RosterChange.RETURNED
        else:
            changed = _changes(learner, row) or row.team not in (None, enrollment.team)
            change = RosterChange.CHANGED if changed else RosterChange.UNCHANGED
        return EnrolledLine(row.line, row.employee_id, change, note)

    def take_in(self, report: EnrollReport, actor: str, now: datetime) -> None:
        """Write what `weigh` said; who was there for whom may be another matter then, and beliefs follow."""
        newcomers: list[Newcomer] = []
        returned: dict[bool, list[Enrollment]] = {True: [], False: []}
        for row, line in zip(self._rows, report.lines, strict=True):
            if line.change is RosterChange.LEFT_OUT:
                continue
            learner = self._known.get(row.employee_id)
            learner_id = self._save(learner, row, now)
            self._save_opt_in(learner, learner_id, row, now)
            linked = learner is not None and learner.linked
            if line.change in (RosterChange.ADDED, RosterChange.JOINED):
                newcomers.append(Newcomer(learner_id, linked, row.team or ""))
                continue
            enrollment = self._enrollments[learner_id]
            if row.team not in (None, enrollment.team):
                enrollments.set_team(self._connection, enrollment.id, row.team or "")
            if line.change is RosterChange.RETURNED:
                returned[linked].append(enrollment)
        enrollments.enter(self._connection, self._cohort.id, newcomers, actor=actor, now=now)
        for linked, these in returned.items():
            to = entered(linked=linked)
            enrollments.move(self._connection, these, to, Cause.ROSTER, actor=actor, now=now)
        suppression.remove(self._connection, Kind.STOPPED, self._away.stops)  # their rows bear it now
        if self._moved:
            memories.outdate(self._connection)

    def _save(self, learner: Learner | None, row: RosterRow, now: datetime) -> int:
        if learner is None:
            added = people.add_learner(self._connection, row, now)
            if row.employee_id in self._away.stopped:
                people.set_stopped(self._connection, added, now)
            return added
        changes = _changes(learner, row)
        if changes:
            self._moved |= "role" in changes
            people.update_learner(self._connection, learner.id, **changes)
            for cohort_id in cohorts.cohorts_of_learner(self._connection, learner.id):
                cohorts.raise_version(self._connection, cohort_id)
        return learner.id

    def _save_opt_in(self, learner: Learner | None, learner_id: int, row: RosterRow, now: datetime) -> None:
        if row.naming is None or learner_id in self._own_words or (learner is not None and learner.stopped):
            return
        change = people.give_consent if row.naming else _take_back
        if change(self._connection, learner_id, ConsentKind.NAMING, _SOURCE, now):
            cohorts.raise_version(self._connection, self._cohort.id)


def _take_back(connection: Connection, learner_id: int, kind: ConsentKind, _source: str, now: datetime) -> bool:
    return people.withdraw_consent(connection, learner_id, kind, now)


def _changes(learner: Learner, row: RosterRow) -> dict[str, str]:
    """What of a person's record the line changes. The handle of a linked learner is theirs to change."""
    wanted = {"name": row.name, "role": row.role} | ({} if learner.own_zone else {"zone": row.zone})
    if row.handle and learner.remote_user_id is None:
        wanted["handle"] = row.handle
    return {field: value for field, value in wanted.items() if value != getattr(learner, field)}


def _note(learner: Learner, enrollment: Enrollment | None, row: RosterRow, own_word: bool | None) -> str:
    if learner.stopped:
        return "said stop, and stays stopped until they say start"
    if enrollment is not None and enrollment.state in (EnrollmentState.WITHDRAWN, EnrollmentState.COMPLETED):
        return f"has {enrollment.state.value} in this cohort already; left as it is"
    if learner.remote_user_id is not None and row.handle and row.handle.lower() != learner.handle.lower():
        return "is linked to an X account under another handle; kept, the roster's was not taken"
    if own_word is not None and row.naming not in (None, own_word):
        return f"said themselves that they {'may' if own_word else 'may not'} be named; the roster's word was not taken"
    if learner.own_zone and row.zone not in ("", learner.zone):
        return "said themselves in which time zone they live; kept, the roster's was not taken"
    return ""
