"""Enroll a roster in a cohort: people by their employee id, all lines or none. What a line does stands in
`domain.enrolling.roster_changes`; its handle is a claim until the learner's own post links the account.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from reinforce.domain.access.rights import EVERYTHING, Scope
from reinforce.domain.cohort import LIVE, Cause, Cohort, CohortState, ConsentKind, EnrollmentState, Learner, RosterRow
from reinforce.domain.enrolling.joining import JOINED_BY_THEMSELVES
from reinforce.domain.enrolling.moves import entered
from reinforce.domain.enrolling.roster_changes import (
    EnrolledLine,
    EnrollReport,
    Known,
    RosterChange,
    field_changes,
    weigh,
)
from reinforce.domain.errors import ContentRefused, Fault, NotAllowed
from reinforce.domain.planning.slots import local_day
from reinforce.domain.privacy.keyed_hash import KeyedHash
from reinforce.store.operating import audit
from reinforce.store.operating.locks import one_at_a_time
from reinforce.store.people import cohorts, enrollments, people, roster_imports, wishes
from reinforce.store.people.enrollments import Enrollment, Newcomer
from reinforce.store.people.roster_imports import ImportMove
from reinforce.store.planning import memories
from reinforce.store.privacy import suppression
from reinforce.store.privacy.meanwhile import about_people
from reinforce.store.privacy.suppression import Kind
from reinforce.store.session import Database

_SOURCE = "roster"
_TAKES_OUT = {RosterChange.LEFT: EnrollmentState.WITHDRAWN, RosterChange.COMPLETED: EnrollmentState.COMPLETED}


@dataclass(frozen=True, slots=True)
class Terms:
    """How a roster is meant. `preview`: nothing changes; `full`: whoever is missing has left; `move`: whoever is in
    another cohort comes over; `agreed`: how many may leave, where they are more than a tenth of the cohort; `reach`:
    out of which cohorts whoever brings it may take people."""

    preview: bool = False
    full: bool = False
    move: bool = False
    agreed: int = 0
    reach: Scope = EVERYTHING


def enroll(
    database: Database,
    cohort_slug: str,
    rows: Sequence[RosterRow],
    *,
    actor: str,
    now: datetime,
    keyed: KeyedHash | None = None,
    terms: Terms | None = None,
) -> EnrollReport:
    """Enroll `rows` (`content.roster_file`). In a preview the same report is made and nothing changes. `keyed` knows
    those who were erased, and those who said stop, from the suppression list; it is needed as soon as there is one.

    Raises NotFound for the cohort, NotAllowed if it is finished or if more than a tenth of it would leave and no more
    than `agreed` may, ContentRefused with the lines that don't go together with what is stored.
    """
    terms = terms or Terms()
    with database.read() if terms.preview else about_people(database) as connection:
        if not terms.preview:
            one_at_a_time(connection, "enroll")
        cohort = cohorts.cohort_by_slug(connection, cohort_slug)
        if cohort.state is CohortState.FINISHED:
            raise NotAllowed(f"the cohort {cohort.slug} is finished", "Create a new one for further learners.")
        if cohort.opening is not None:
            raise NotAllowed(f"{cohort.slug} is an open cohort: it has no roster", JOINED_BY_THEMSELVES)
        roster = _Roster(connection, cohort, rows, _Away.of(connection, rows, keyed), terms)
        roster.require_fitting()
        report = roster.weigh(now)
        _require_reach(connection, report, terms.reach)
        if not terms.preview:
            _require_agreed(report, terms)
            roster.take_in(report, actor, now)
            counts = Counter(line.change.name.lower() for line in report.lines)
            if not report.changes_nothing:
                cohorts.raise_version(connection, cohort.id)
            audit.record(connection, actor, "enroll", f"cohort/{cohort.id}", dict(counts), now)
        return report


def _require_reach(connection: Connection, report: EnrollReport, reach: Scope) -> None:
    slugs = cohorts.slugs(connection)
    mine = {slug for number, slug in slugs.items() if reach.holds(number)}
    beyond = [line for line in report.lines if line.moved_from and line.moved_from not in mine]
    if beyond:
        raise NotAllowed(
            f"line {beyond[0].line} would take {beyond[0].employee_id} out of a cohort that is not yours;"
            " nothing was changed",
            "Leave the line out, or ask a facilitator of both cohorts to bring this roster.",
        )


def _require_agreed(report: EnrollReport, terms: Terms) -> None:
    if report.many_leave and report.leavers > terms.agreed:
        raise NotAllowed(
            f"{report.leavers} of {report.live} learners would leave {report.cohort}; nothing was changed",
            "Look at them with --preview; if they do leave, say --yes-they-leave.",
        )


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

    def __init__(
        self, connection: Connection, cohort: Cohort, rows: Sequence[RosterRow], away: _Away, terms: Terms
    ) -> None:
        self._connection = connection
        self._cohort = cohort
        self._away = away
        self._rows = rows
        self._terms = terms
        self._known = people.learners_by_employee_id(connection, [row.employee_id for row in rows])
        self._enrollments = enrollments.enrollments(connection, cohort.id)
        ids = [one.id for one in self._known.values()]
        # Who said themselves whether they may be named: a roster does not say otherwise.
        self._own_words = wishes.own_word_on_naming(connection, ids)
        self._slugs = cohorts.slugs(connection)
        self._elsewhere = enrollments.live_elsewhere(connection, cohort.id, ids)
        self._moved: list[ImportMove] = []
        self._beliefs_follow = False

    def require_fitting(self) -> None:
        """Raise ContentRefused with every line that does not go together with what is stored."""
        faults = [*self._claimed_handles(), *self._mistaken_ids(), *self._doubtful_moves()]
        if faults:
            raise ContentRefused(faults)

    def _claimed_handles(self) -> Iterator[Fault]:
        """Lines that claim a handle which another person has and does not give up here."""
        claimed = {row.employee_id: row.handle.lower() for row in self._rows}
        holders = people.learners_by_handles(self._connection, list(claimed.values()))
        for row in self._rows:
            for other in holders.get(row.handle.lower(), ()):
                # Who joined an open cohort may turn out to be the one with that handle: their own code will tell.
                if other.employee_id in ("", row.employee_id):
                    continue
                gives_up = claimed.get(other.employee_id, "") not in ("", row.handle.lower())
                if other.remote_user_id is not None or not gives_up:
                    message = f"the handle @{row.handle} is that of another learner already."
                    advice = "See whose it is; leave the cell empty to let the learner link the account."
                    yield _fault(row, message, advice)

    def _mistaken_ids(self) -> Iterator[Fault]:
        """Lines whose id is new but for zeros or capitals: a spreadsheet drops zeros, and somebody known would become
        somebody new."""
        here = people.learners_of(self._connection, self._cohort.id, live=False)
        like = {_alike(one.employee_id): one.employee_id for one in here}
        listed = {row.employee_id for row in self._rows}
        for row in self._rows:
            known = like.get(_alike(row.employee_id))
            if known is not None and row.employee_id not in self._known and known not in listed:
                message = f"the employee id {row.employee_id} is not known here, but {known} is."
                advice = "If a spreadsheet dropped zeros, say how long ids are (columns save --digits); else mend it."
                yield _fault(row, message, advice)

    def _doubtful_moves(self) -> Iterator[Fault]:
        """Lines that come from a cohort in which the learner is not, or from more than one."""
        for row in self._rows:
            there = self._cohorts_of(self._known.get(row.employee_id))
            if row.moved_from and row.moved_from not in there and not self._is_here(row):
                message = f'nobody with this employee id is in the cohort "{row.moved_from}".'
                yield _fault(row, message, "Name the cohort they are in, by its short name, or leave the cell empty.")
            elif self._terms.move and not row.moved_from and len(there) > 1 and not self._is_here(row):
                mine = self._within_reach(there)
                message = f"the learner is in {' and '.join(mine if len(mine) > 1 else ['several cohorts'])}."
                yield _fault(row, message, 'Say in a column "moved from" which of them they leave.')

    def _is_here(self, row: RosterRow) -> bool:
        learner = self._known.get(row.employee_id)
        there = self._enrollments.get(learner.id) if learner else None
        return there is not None and there.state in LIVE

    def _cohorts_of(self, learner: Learner | None) -> tuple[str, ...]:
        there = self._elsewhere.get(learner.id, ()) if learner else ()
        return tuple(self._slugs[one.cohort_id] for one in there)

    def _told_of(self, learner: Learner, row: RosterRow) -> tuple[str, ...]:
        """Where else they are; of cohorts beyond reach only what a line that moves them has to be refused for."""
        every = self._cohorts_of(learner)
        return every if self._terms.move or row.moved_from else self._within_reach(every)

    def _within_reach(self, slugs: Sequence[str]) -> tuple[str, ...]:
        mine = {slug for number, slug in self._slugs.items() if self._terms.reach.holds(number)}
        return tuple(slug for slug in slugs if slug in mine)

    def weigh(self, now: datetime) -> EnrollReport:
        """What each line does; and, of a full roster, who leaves because they stand on none."""
        today = local_day(now, self._cohort.zone)
        lines = [weigh(row, self._stored(row), today, move=self._terms.move) for row in self._rows]
        here = {learner.id for row in self._rows if (learner := self._known.get(row.employee_id))}
        live = {one.learner_id for one in self._enrollments.values() if one.state in LIVE}
        missing = live - here
        if self._terms.full and missing:
            everybody = people.learners_of(self._connection, self._cohort.id)
            lines += [
                EnrolledLine(0, one.employee_id, RosterChange.LEFT, name=one.name)
                for one in everybody
                if one.id in missing
            ]
            missing = set()
        return EnrollReport(self._cohort.slug, tuple(lines), len(missing), len(live))

    def _stored(self, row: RosterRow) -> Known:
        erased, stopped = row.employee_id in self._away.erased, row.employee_id in self._away.stopped
        learner = self._known.get(row.employee_id)
        if learner is None:
            return Known(erased=erased, stopped=stopped)
        known = Known(learner, elsewhere=self._told_of(learner, row), own_word=self._own_words.get(learner.id))
        there = self._enrollments.get(learner.id)
        return replace(known, state=there.state, cause=there.cause, team=there.team) if there else known

    def take_in(self, report: EnrollReport, actor: str, now: datetime) -> None:
        """Write what `weigh` said; who was there for whom may be another matter then, and beliefs follow."""
        newcomers: list[Newcomer] = []
        moving: dict[tuple[EnrollmentState, Cause], list[Enrollment]] = {}
        for row, line in zip(self._rows, report.lines, strict=False):
            if line.change is RosterChange.LEFT_OUT:
                continue
            learner = self._known.get(row.employee_id)
            learner_id = self._save(learner, row, now)
            self._save_opt_in(learner, learner_id, row, now)
            newcomer = Newcomer(learner_id, learner is not None and learner.linked, row.team or "")
            if line.change in (RosterChange.ADDED, RosterChange.JOINED):
                newcomers.append(newcomer)
            elif line.change is RosterChange.MOVED:
                self._bring_over(line, newcomer, actor, now)
            else:
                self._stay(line, row, newcomer, moving)
        self._let_go(report, moving)
        ids = enrollments.enter(self._connection, self._cohort.id, newcomers, actor=actor, now=now)
        self._moved += [
            ImportMove(key, None, entered(linked=one.linked)) for key, one in zip(ids, newcomers, strict=True)
        ]
        for (to, cause), these in moving.items():
            enrollments.move(self._connection, these, to, cause, actor=actor, now=now)
            self._moved += [ImportMove(one.id, one.state, to) for one in these]
        if not report.changes_nothing:
            roster_imports.keep(self._connection, self._cohort.id, self._moved, now)
        suppression.remove(self._connection, Kind.STOPPED, self._away.stops)  # their rows bear it now
        if self._beliefs_follow:
            memories.outdate(self._connection)

    def _stay(
        self,
        line: EnrolledLine,
        row: RosterRow,
        there: Newcomer,
        moving: dict[tuple[EnrollmentState, Cause], list[Enrollment]],
    ) -> None:
        """The line of somebody who is, or was, in the cohort."""
        enrollment = self._enrollments[there.learner_id]
        if row.team not in (None, enrollment.team):
            enrollments.set_team(self._connection, enrollment.id, row.team or "")
        to = entered(linked=there.linked) if line.change is RosterChange.RETURNED else _TAKES_OUT.get(line.change)
        if to is not None:
            moving.setdefault((to, Cause.ROSTER), []).append(enrollment)

    def _let_go(self, report: EnrollReport, moving: dict[tuple[EnrollmentState, Cause], list[Enrollment]]) -> None:
        """Those who leave because a full roster lists them nowhere."""
        missing = [line.employee_id for line in report.lines[len(self._rows) :]]
        leaving = people.learners_by_employee_id(self._connection, missing)
        gone = [self._enrollments[one.id] for one in leaving.values()]
        if gone:
            moving.setdefault((EnrollmentState.WITHDRAWN, Cause.ROSTER), []).extend(gone)

    def _bring_over(self, line: EnrolledLine, newcomer: Newcomer, actor: str, now: datetime) -> None:
        theirs = self._elsewhere[newcomer.learner_id]
        left = next(one for one in theirs if self._slugs[one.cohort_id] == line.moved_from)
        before = self._enrollments.get(newcomer.learner_id)
        new = enrollments.take_over(self._connection, left, self._cohort.id, newcomer, actor=actor, now=now)
        if before is not None and newcomer.team:
            enrollments.set_team(self._connection, new, newcomer.team)
        self._moved += [
            ImportMove(left.id, left.state, EnrollmentState.WITHDRAWN),
            ImportMove(new, before.state if before else None, entered(linked=newcomer.linked)),
        ]

    def _save(self, learner: Learner | None, row: RosterRow, now: datetime) -> int:
        if learner is None:
            added = people.add_learner(self._connection, row, now)
            if row.employee_id in self._away.stopped:
                people.set_stopped(self._connection, added, now)
            return added
        changes = {one.field: one.now for one in field_changes(learner, row)}
        if changes:
            self._beliefs_follow |= "role" in changes
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


def _alike(employee_id: str) -> str:
    return employee_id.casefold().lstrip("0")


def _fault(row: RosterRow, message: str, advice: str) -> Fault:
    return Fault(row.file or "roster", row.line, 1, message, advice)
