"""Invite those who are not linked yet: single-use codes, and all a letter or a printed page has to say.

Nothing is sent from here, and never on X. A code is given out once, in what this returns; the store keeps its hash.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection

from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.authoring.confidentiality import may_carry
from reinforce.domain.authoring.invitation import Invitation
from reinforce.domain.cohort import Cohort
from reinforce.domain.enrolling.joining import JOINED_BY_THEMSELVES
from reinforce.domain.errors import NotAllowed
from reinforce.domain.nugget import Confidentiality
from reinforce.store.accounts import accounts
from reinforce.store.operating import audit
from reinforce.store.people import cohorts, enrollments, invitations, people
from reinforce.store.privacy.meanwhile import about_people
from reinforce.store.session import Database

# No vowels (no words come about), and nothing that looks like something else (0/O, 1/I/L, U/V).
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"
CODE_LENGTH = 8


def invite(database: Database, cohort_slug: str, days: int, *, actor: str, now: datetime) -> tuple[Invitation, ...]:
    """New codes, good for `days`, for the cohort's live learners who are neither linked nor stopped, in roster order.

    Older codes of the same learners are void from now on. Raises NotFound for the cohort, NotAllowed if it is open.
    """
    expires_at = now + timedelta(days=days)
    with about_people(database) as connection:
        cohort = cohorts.cohort_by_slug(connection, cohort_slug)
        if cohort.opening is not None:
            raise NotAllowed(f"{cohort.slug} is an open cohort: nobody needs a code", JOINED_BY_THEMSELVES)
        account = accounts.account_by_id(connection, cohort.account_id)
        made = _invite_all(connection, cohort, account, expires_at)
        detail = {"invitations": len(made), "days": days}
        audit.record(connection, actor, "invite", f"cohort/{cohort.id}", detail, now)
        return made


def _invite_all(
    connection: Connection, cohort: Cohort, account: AccountRecord, expires_at: datetime
) -> tuple[Invitation, ...]:
    there = enrollments.enrollments(connection, cohort.id)
    made = []
    for learner in people.learners_of(connection, cohort.id):
        if learner.linked or learner.stopped:
            continue
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        invitations.new_invitation(connection, there[learner.id].id, code, expires_at)
        made.append(
            Invitation(
                employee_id=learner.employee_id,
                name=learner.name,
                handle=learner.handle,
                cohort=cohort.slug,
                cohort_title=cohort.title,
                account_handle=account.handle,
                code=code,
                # The handle comes last: a cell of the mail merge that began with @ would need an apostrophe.
                post_this=f"join {code} @{account.handle}",
                expires_at=expires_at,
                zone=learner.zone or cohort.zone,
                language=learner.language or cohort.language,
                follow_first=may_carry(account, Confidentiality.INTERNAL),
                on_x=not account.on_this_machine,
            )
        )
    return tuple(made)
