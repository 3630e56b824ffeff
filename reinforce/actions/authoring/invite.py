"""Invite those who are not linked yet: single-use codes, and all a letter or a printed page has to say.

Nothing is sent from here, and never on X. A code is given out once, in what this returns; the store keeps its hash.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.authoring.confidentiality import may_carry
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

HEADINGS = ("employee_id", "name", "handle", "cohort", "account", "code", "post_this", "expires_on")

# What a learner is told before linking, in plain words; the invitation prints it whole.
PLAIN_WORDS = (
    "Taking part on X is voluntary. Nothing happens to you if you leave it, and nobody reports it.",
    "By posting the code you link your X account to your name in this programme. We keep your X user id, your handle, "
    "what you write to the account, and how well each point seems to be remembered.",
    "Your facilitators see that by name. Everybody else sees groups of five or more.",
    "Your own replies on X are public, as everything you post there. We never name you in a post unless you agreed.",
    'Reply "stop" at any time: no more replies to you, nothing graded, nothing planned for you. '
    "Ask your facilitator to have everything about you deleted.",
)
PROTECTED_WORDS = "If your own account is protected, the programme sees your replies only if it follows you; ask it to."


@dataclass(frozen=True, slots=True)
class Invitation:
    """One learner's invitation. `code` is shown here and nowhere again; `post_this` is what to post or send back.

    `expires_at` is programme time (UTC), `zone` the learner's or else the cohort's, for printing it. `follow_first`:
    the account is protected, so a learner has to ask to follow it before anything can be seen.
    """

    employee_id: str
    name: str
    handle: str
    cohort: str
    cohort_title: str
    account_handle: str
    code: str
    post_this: str
    expires_at: datetime
    zone: str
    follow_first: bool


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


def invitation_rows(made: tuple[Invitation, ...]) -> tuple[tuple[str, ...], ...]:
    """Headings and rows of the mail-merge file; no cell is a formula to a spreadsheet."""
    rows = (
        (
            one.employee_id,
            one.name,
            one.handle,
            one.cohort_title,
            one.account_handle,
            one.code,
            one.post_this,
            one.expires_at.date().isoformat(),
        )
        for one in made
    )
    return (HEADINGS, *(tuple(_harmless(cell) for cell in row) for row in rows))


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
                # The handle comes last: a cell that began with @ would need an apostrophe (see `_harmless`).
                post_this=f"join {code} @{account.handle}",
                expires_at=expires_at,
                zone=learner.zone or cohort.zone,
                follow_first=may_carry(account, Confidentiality.INTERNAL),
            )
        )
    return tuple(made)


def _harmless(cell: str) -> str:
    """`cell` with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
