"""How the house stands: accounts, daemon, and what waits for a person. The strip on top of every page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from reinforce.domain.access.rights import EVERYTHING, Scope
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.operating.heartbeats import Heartbeat, heartbeats
from reinforce.store.reporting.console.approvals import waiting_for_a_yes
from reinforce.store.reporting.console.inbox import waiting_for_a_person
from reinforce.store.reporting.console.questions import waiting_questions
from reinforce.store.reporting.console.rows import value_from, within


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account as the console names it. `paused_reason` is empty while it is active; `halted` is the operator's."""

    id: int
    name: str
    handle: str
    base_url: str
    confidentiality: str
    protected: bool | None
    state: str
    paused_reason: str
    halted: bool
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class HouseStatus:
    """`beats` newest first; `unsettled` counts posts held or unknown, `to_read` replies that wait for a person,
    `to_approve` texts that wait for a yes.
    `to_answer` questions that do and `late` those overdue.

    `zone` is the one that times of the whole house are shown in: the oldest cohort's, "UTC" while there is none.
    """

    accounts: tuple[AccountLine, ...]
    beats: tuple[Heartbeat, ...]
    cohorts: int
    procedures: int
    learners: int
    unsettled: int
    to_read: int
    to_approve: int
    to_answer: int
    late: int
    rehearsal: bool
    zone: str

    @property
    def daemon(self) -> Heartbeat | None:
        """The daemon that gave the newest sign of life, if any ever did."""
        return next(iter(self.daemons_since()), None)

    def daemons_since(self, instant: datetime | None = None) -> tuple[Heartbeat, ...]:
        """The daemons that gave a sign of life after `instant` (machine time), the newest first."""
        daemons = (beat for beat in self.beats if beat.role == "daemon")
        return tuple(beat for beat in daemons if instant is None or beat.at > instant)


def house_status(
    connection: Connection, seen: Scope = EVERYTHING, named: Scope = EVERYTHING, now: datetime | None = None
) -> HouseStatus:
    """Everything the strip on top needs. `unsettled` counts as far as `seen` reaches, what people wrote as far as
    `named`; without `now` (programme time) nothing is late."""
    accounts = tuple(
        value_from(AccountLine, row, halted=row["halted_at"] is not None)
        for row in connection.execute(select(t.account).order_by(t.account.c.id)).mappings()
    )
    to_answer, late = waiting_questions(connection, named, now) if named else (0, 0)
    return HouseStatus(
        accounts=accounts,
        beats=heartbeats(connection),
        cohorts=_count(connection, t.cohort.c.id),
        procedures=_count(connection, t.procedure.c.id),
        learners=_count(connection, t.learner.c.id),
        unsettled=posts_in_doubt(connection, seen),
        to_read=waiting_for_a_person(connection, named) if named else 0,
        to_approve=waiting_for_a_yes(connection, seen),
        to_answer=to_answer,
        late=late,
        rehearsal=bool(connection.execute(select(t.workspace.c.rehearsal)).scalar()),
        zone=connection.execute(select(t.cohort.c.zone).order_by(t.cohort.c.id).limit(1)).scalar() or "UTC",
    )


def posts_in_doubt(connection: Connection, seen: Scope) -> int:
    """How many posts are held or unknown, as far as `seen` reaches."""
    in_doubt = t.outbox.c.state.in_([State.HELD.value, State.UNKNOWN.value])
    query = select(func.count()).where(in_doubt, within(seen, t.outbox.c.cohort_id))
    return int(connection.execute(query).scalar_one())


def spent_between(connection: Connection, start: datetime, end: datetime, seen: Scope = EVERYTHING) -> int:
    """What the posts of [start, end) cost, in millionths of a dollar, at the price recorded when each was planned."""
    o = t.outbox.c
    total = connection.execute(
        select(func.coalesce(func.sum(o.price_micros), 0)).where(
            o.state == State.POSTED.value, o.posted_at >= start, o.posted_at < end, within(seen, o.cohort_id)
        )
    ).scalar_one()
    return int(total)


def _count(connection: Connection, column: object) -> int:
    return int(connection.execute(select(func.count(column))).scalar_one())  # type: ignore[arg-type]
