"""Who signs in: roles of the team's members, whom the company's sign-in knows them as, their sessions, one-time links,
tokens, attempts that failed, and answers to scripts that may ask again.

A member (tables/sending.py) is a user from the first role on. Of everything that opens a door only the hash is kept.
Instants are machine time.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from reinforce.store.tables.base import Base, instant, json_column, key, reference


class MemberRoleRow(Base, table=True):
    """A role of a member in a cohort; `cohort_id` empty: in all."""

    __tablename__ = "member_role"
    __table_args__ = (UniqueConstraint("member_id", "role", "cohort_id"),)
    id: int | None = key()
    member_id: int = reference("member.id")
    role: str
    cohort_id: int | None = reference("cohort.id", null=True)


class MemberIdentityRow(Base, table=True):
    """Whom the company's sign-in is to know a member as: `named` by an operator. From the first time on it is who came
    then, by `issuer` and `subject`; empty before."""

    __tablename__ = "member_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)
    id: int | None = key()
    member_id: int = reference("member.id", unique=True)
    named: str = Field(unique=True)
    issuer: str | None = None
    subject: str | None = None


class SignInStartRow(Base, table=True):
    """A browser that was sent to the company's sign-in and may come back once. `mark` is a hash of its cookie and
    of the word that it took along; `going_to` is the page it was after."""

    __tablename__ = "sign_in_start"
    id: int | None = key()
    mark: str = Field(unique=True)
    going_to: str
    expires_at: datetime = instant(index=True)


class SessionRow(Base, table=True):
    """A browser that is signed in, since `started_at`; `seen_at` is its last page, to the minute."""

    __tablename__ = "session"
    id: int | None = key()
    member_id: int = reference("member.id")
    token_hash: str = Field(unique=True)
    started_at: datetime = instant()
    seen_at: datetime = instant(index=True)


class SignInLinkRow(Base, table=True):
    """A link with which somebody chooses a password, once."""

    __tablename__ = "sign_in_link"
    id: int | None = key()
    member_id: int = reference("member.id")
    code_hash: str = Field(unique=True)
    expires_at: datetime = instant()


class SignInAttemptRow(Base, table=True):
    """An attempt to sign in that failed, or is being looked at. `mark` is a hash of the name, the address, the
    user; or of what failures that are on the audit log are counted by."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_mark_at", "mark", "at"),)
    id: int | None = key()
    mark: str
    at: datetime = instant(index=True)


class ApiTokenRow(Base, table=True):
    """A script's key to the API. `grants` lists [role, cohort id or null]; it may no more than its member may."""

    __tablename__ = "api_token"
    id: int | None = key()
    member_id: int = reference("member.id")
    label: str
    token_hash: str = Field(unique=True)
    grants: list[Any] = json_column()
    made_at: datetime = instant()
    expires_at: datetime = instant()
    used_at: datetime | None = instant(null=True)
    revoked_at: datetime | None = instant(null=True)


class KeptAnswerRow(Base, table=True):
    """What was answered to a call of the API that bears an idempotency key, for a day. `mark` is a hash of token, key
    and address, `asked` one of what was sent; `sealed` opens with the caller's token and key only."""

    __tablename__ = "kept_answer"
    id: int | None = key()
    mark: str = Field(unique=True)
    asked: str
    status: int | None = None
    sealed: str
    at: datetime = instant(index=True)
