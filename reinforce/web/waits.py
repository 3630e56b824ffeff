"""What waits for somebody: only what they may do something about, as far as their right to it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from reinforce.domain.access.rights import Right
from reinforce.store.reporting.console.approvals import waiting_for_a_yes
from reinforce.store.reporting.console.inbox import waiting_for_a_person
from reinforce.store.reporting.console.questions import waiting_questions
from reinforce.store.reporting.console.status import posts_in_doubt
from reinforce.web.gate import Viewer


@dataclass(frozen=True, slots=True)
class Wait:
    """So many things of one kind, of which `late` are overdue, and where they are done."""

    address: str
    count: int
    words: str
    late: int = 0


def waits_for(connection: Connection, viewer: Viewer, now: datetime) -> tuple[Wait, ...]:
    """What waits for a viewer, what is most pressing first; nothing of what there is none."""
    answer, approve, settle = (viewer.scope(right) for right in (Right.ANSWER, Right.APPROVE, Right.SETTLE))
    asked, late = waiting_questions(connection, answer, now) if answer else (0, 0)
    to_read = waiting_for_a_person(connection, answer) if answer else 0
    to_approve = waiting_for_a_yes(connection, approve) if approve else 0
    in_doubt = posts_in_doubt(connection, settle) if settle else 0
    found = (
        Wait("/questions", asked, "question waits" if asked == 1 else "questions wait", late),
        Wait("/outbox?state=in+doubt", in_doubt, "post is in doubt" if in_doubt == 1 else "posts are in doubt"),
        Wait("/approvals", to_approve, "text waits for a yes" if to_approve == 1 else "texts wait for a yes"),
        Wait("/inbox?show=waiting", to_read, "reply needs a person" if to_read == 1 else "replies need a person"),
    )
    return tuple(one for one in found if one.count)
