"""What a line of a roster does to what is stored of a person. A roster says who somebody is and whether they are still
there, never what they want: it lifts no stop, and takes back nobody who left by a word of their own or a person's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from reinforce.domain.cohort import LIVE, Cause, EnrollmentState, Learner, RosterRow
from reinforce.domain.enrolling.moves import may_return

# More of a cohort than this does not leave by a slip: a person is asked.
MANY = 0.1

_ERASED = "was erased, and is not taken in (if they ask to be: reinforce readmit)"
_STOPPED_BEFORE = "said stop before, and stays stopped until they say start"
_STOPPED = "said stop, and stays stopped until they say start"
_GONE = "is not there any more by the roster, and was not taken in"
_BACK = "left as it is (to take them back: reinforce enrollment re-enroll)"


class RosterChange(StrEnum):
    """What a line of a roster does: a new person, a known one new to this cohort, one who comes from another one, one
    who came back, one who has completed, one who leaves, a changed name, zone, role, handle or team, nothing; or the
    person is not taken in."""

    ADDED = "added"
    JOINED = "joined"
    MOVED = "moved here"
    RETURNED = "returned"
    COMPLETED = "completed"
    LEFT = "left"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of a person that a line changes."""

    field: str
    was: str
    now: str

    def __str__(self) -> str:
        return f'{self.field} "{self.was}" → "{self.now}"'


@dataclass(frozen=True, slots=True)
class EnrolledLine:
    """One line of the roster, or with line 0 a learner who stands on none of a full one. `note` says what was left as
    it is, and why (""); `moved_from` is the cohort they leave for this one."""

    line: int
    employee_id: str
    change: RosterChange
    note: str = ""
    name: str = ""
    fields: tuple[FieldChange, ...] = ()
    moved_from: str = ""

    def __str__(self) -> str:
        told = [f"line {self.line}:" if self.line else "on no line:", f"{self.employee_id} {self.name}".strip()]
        told += [f"from {self.moved_from}"] if self.moved_from else []
        told += ["; ".join((*map(str, self.fields), *([self.note] if self.note else [])))]
        return " ".join(part for part in told if part)


@dataclass(frozen=True, slots=True)
class EnrollReport:
    """What enrolling did, or would do. `not_in_roster` counts the cohort's live learners whom the roster leaves out and
    who stay enrolled; `live` how many there were before."""

    cohort: str
    lines: tuple[EnrolledLine, ...]
    not_in_roster: int
    live: int = 0

    def of(self, change: RosterChange) -> tuple[EnrolledLine, ...]:
        """The lines that do this."""
        return tuple(line for line in self.lines if line.change is change)

    @property
    def leavers(self) -> int:
        """How many leave."""
        return len(self.of(RosterChange.LEFT))

    @property
    def many_leave(self) -> bool:
        """Whether more than a tenth of the cohort would leave."""
        return self.leavers > MANY * self.live

    @property
    def changes_nothing(self) -> bool:
        """Whether everything would stay as it is."""
        return all(line.change in {RosterChange.UNCHANGED, RosterChange.LEFT_OUT} for line in self.lines)

    def __str__(self) -> str:
        """The report in a few lines for a terminal."""
        return self.summary(self.lines)

    def summary(self, noted: Iterable[EnrolledLine]) -> str:
        """Counts of what the roster does, and the notes of the lines `noted`."""
        counts = Counter(line.change for line in self.lines)
        told = ", ".join(f"{counts[change]} {change.value}" for change in RosterChange if counts[change])
        rows = [f"{self.cohort}: {told or 'nothing changed'}"]
        rows += [f"  line {line.line}: {line.note}" for line in noted if line.note and line.line]
        if self.not_in_roster:
            rows.append(f"  {self.not_in_roster} of the cohort's learners are not in this roster; they stay enrolled")
        return "\n".join(rows)


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of whom a line means. `state`, `cause` and `team` are of their enrollment in this cohort (None:
    never in it); `elsewhere` the other cohorts in which they are live; `own_word` what they said themselves about being
    named; `erased` and `stopped` are by the suppression list."""

    learner: Learner | None = None
    state: EnrollmentState | None = None
    cause: Cause = Cause.ROSTER
    team: str = ""
    elsewhere: tuple[str, ...] = ()
    own_word: bool | None = None
    erased: bool = False
    stopped: bool = False


def weigh(row: RosterRow, there: Known, today: date, *, move: bool) -> EnrolledLine:
    """What `row` does on the local date `today`; with `move`, who is in another cohort comes over from there."""
    line = EnrolledLine(row.line, row.employee_id, RosterChange.UNCHANGED, name=row.name)
    if there.learner is None:
        return _unknown(line, row, there, today)
    fields = field_changes(there.learner, row)
    if row.team not in (None, there.team) and there.state is not None:
        fields = (*fields, FieldChange("team", there.team, row.team or ""))
    line = replace(line, fields=fields, note=_note(there, row))
    gone = ended(row, today)
    if gone is None:
        return _taken_in(line, row, there, move=move)
    if there.state is None:
        return replace(line, change=RosterChange.LEFT_OUT, note=_GONE, fields=())
    if gone is EnrollmentState.WITHDRAWN and there.state in LIVE:
        return replace(line, change=RosterChange.LEFT, note="")
    if gone is EnrollmentState.COMPLETED and there.state in LIVE | {EnrollmentState.LAPSED}:
        return replace(line, change=RosterChange.COMPLETED, note="")
    note = "takes part here, whatever the roster says; left as it is" if there.state in LIVE else ""
    return replace(line, change=_changed(fields), note=note)


def ended(row: RosterRow, today: date) -> EnrollmentState | None:
    """How a line says that somebody's part is over by `today`; None if they take part."""
    if row.state is EnrollmentState.COMPLETED or (row.completed_on is not None and row.completed_on <= today):
        return EnrollmentState.COMPLETED
    if row.state is EnrollmentState.WITHDRAWN or (row.left_on is not None and row.left_on < today):
        return EnrollmentState.WITHDRAWN
    return row.state


def field_changes(learner: Learner, row: RosterRow) -> tuple[FieldChange, ...]:
    """What of a person's record the line changes. The handle of a linked learner is theirs to change."""
    wanted = {"name": row.name, "role": row.role} | ({} if learner.own_zone else {"zone": row.zone})
    if row.handle and learner.remote_user_id is None:
        wanted["handle"] = row.handle
    return tuple(
        FieldChange(field, getattr(learner, field), value)
        for field, value in wanted.items()
        if field not in row.unsaid and value != getattr(learner, field)
    )


def _unknown(line: EnrolledLine, row: RosterRow, there: Known, today: date) -> EnrolledLine:
    if there.erased:
        return replace(line, change=RosterChange.LEFT_OUT, note=_ERASED)
    if ended(row, today) is not None:
        return replace(line, change=RosterChange.LEFT_OUT, note=_GONE)
    return replace(line, change=RosterChange.ADDED, note=_STOPPED_BEFORE if there.stopped else "")


def _taken_in(line: EnrolledLine, row: RosterRow, there: Known, *, move: bool) -> EnrolledLine:
    assert there.learner is not None
    source = row.moved_from or (there.elsewhere[0] if move and there.elsewhere else "")
    comes_over = bool(source) and source in there.elsewhere
    went_over = there.state is EnrollmentState.WITHDRAWN and there.cause is Cause.MOVED
    if comes_over and (there.state is None or went_over or _returns(there)):
        return replace(line, change=RosterChange.MOVED, moved_from=source)
    if there.state is None:
        also = f"is in {', '.join(there.elsewhere)} too (--move takes them out of it)" if there.elsewhere else ""
        return replace(line, change=RosterChange.JOINED, note=line.note or also)
    if _returns(there):
        return replace(line, change=RosterChange.RETURNED)
    return replace(line, change=_changed(line.fields))


def _returns(there: Known) -> bool:
    assert there.learner is not None
    return there.state is not None and may_return(there.state, there.cause) and not there.learner.stopped


def _changed(fields: tuple[FieldChange, ...]) -> RosterChange:
    return RosterChange.CHANGED if fields else RosterChange.UNCHANGED


def _note(there: Known, row: RosterRow) -> str:
    learner = there.learner
    assert learner is not None
    if learner.stopped:
        return _STOPPED
    over = there.state is not None and there.state not in LIVE
    if there.state is not None and over and not may_return(there.state, there.cause):
        return f"has {there.state.value} in this cohort already; {_BACK}"
    if learner.remote_user_id is not None and row.handle and row.handle.lower() != learner.handle.lower():
        return "is linked to an X account under another handle; kept, the roster's was not taken"
    if there.own_word is not None and row.naming not in (None, there.own_word):
        may = "may" if there.own_word else "may not"
        return f"said themselves that they {may} be named; the roster's word was not taken"
    if learner.own_zone and row.zone not in ("", learner.zone):
        return "said themselves in which time zone they live; kept, the roster's was not taken"
    return ""
