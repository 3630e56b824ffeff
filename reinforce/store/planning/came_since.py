"""What came back, and what people did, between two instants: all that can make a plan differ from its preview."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select

from reinforce.domain.cohort import Cohort
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t

_o = t.outbox.c
# Who acts by themselves; anybody else in the audit log is a person.
_DAEMON = "daemon"
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class CameSince:
    """Ids of the graded replies, of all posts read, and of the counts (impressions, votes) that came; of our posts
    whose window for answers closed; how many joined or left the account's cohorts; what people did (audit ids with
    verbs)."""

    graded: tuple[int, ...] = ()
    read: tuple[int, ...] = ()
    counted: tuple[int, ...] = ()
    closed: tuple[int, ...] = ()
    moved: int = 0
    acts: tuple[tuple[int, str], ...] = ()

    def in_words(self) -> str:
        """All of it, with the ids that it stands under; never whose."""
        told = [
            _listed("graded replies", self.graded),
            _listed("posts read", self.read),
            _listed("counts of impressions or votes", self.counted),
            _listed("posts whose window for answers closed", self.closed),
            f"{self.moved} joined or left" if self.moved else "",
            "; ".join(f"{verb} (audit {key})" for key, verb in self.acts),
        ]
        return ", ".join(one for one in told if one) or "nothing came"

    def __bool__(self) -> bool:
        return bool(self.graded or self.read or self.counted or self.closed or self.moved or self.acts)


def _listed(what: str, ids: tuple[int, ...]) -> str:
    if not ids:
        return ""
    shown = ", ".join(str(one) for one in ids[:_SHOWN])
    return f"{len(ids)} {what} ({shown}{', …' if len(ids) > _SHOWN else ''})"


def came_since(connection: Connection, cohort: Cohort, since: datetime, until: datetime) -> CameSince:
    """All of it with since < instant ≤ until (programme time), on the account of `cohort`."""

    def within(at: ColumnElement[datetime]) -> ColumnElement[bool]:
        found: ColumnElement[bool] = (at > since) & (at <= until)
        return found

    i, r, s, e, g = t.inbound.c, t.review.c, t.signal.c, t.enrollment.c, t.audit.c
    here = i.account_id == cohort.account_id
    reviews = select(r.id).join(t.inbound, i.id == r.inbound_id).where(here, within(i.received_at)).order_by(r.id)
    read = select(i.id).where(here, within(i.received_at), i.learner_id.is_not(None)).order_by(i.id)
    counts = select(s.id).join(t.outbox, _o.id == s.outbox_id).where(_o.account_id == cohort.account_id, within(s.at))
    window = select(_o.id, _o.decision["closes_at"].as_string()).where(
        _o.account_id == cohort.account_id, _o.state == State.POSTED.value, _o.nugget_id.is_not(None)
    )
    closed = [
        key
        for key, at in connection.execute(window.order_by(_o.id))
        if at is not None and since < datetime.fromisoformat(at) <= until
    ]
    moves = select(func.count()).select_from(t.enrollment).join(t.cohort, t.cohort.c.id == e.cohort_id)
    moves = moves.where(t.cohort.c.account_id == cohort.account_id, or_(within(e.joined_at), within(e.ended_at)))
    acts = select(g.id, g.verb).where(within(g.at), g.actor != _DAEMON).order_by(g.id)
    return CameSince(
        tuple(connection.execute(reviews).scalars()),
        tuple(connection.execute(read).scalars()),
        tuple(connection.execute(counts.order_by(s.id)).scalars()),
        tuple(closed),
        int(connection.execute(moves).scalar_one()),
        tuple((row.id, row.verb) for row in connection.execute(acts)),
    )
