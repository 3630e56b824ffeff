"""Accounts, their rotating tokens, and how far their feeds were read."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary
from sqlmodel import Field

from reinforce.domain.accounts.account import GAP_MINUTES, POSTS_A_DAY, POSTS_A_WEEK
from reinforce.store.tables.base import BIG, Base, instant, key, reference, remote_key, text_column


class AccountRow(Base, table=True):
    """An account on X or the practice account (`base_url` on loopback). `read_at` is when mentions were last read to
    their end, in programme time. `state` is active, paused or unproven; `halted_at` is the operator's stop;
    `connected_at` is when its keys were stored, in machine time."""

    __tablename__ = "account"
    id: int | None = key()
    name: str = Field(unique=True)
    base_url: str
    handle: str
    remote_user_id: int | None = remote_key(unique=True)
    confidentiality: str
    protected: bool | None = None
    state: str
    paused_reason: str = text_column()
    paused_until: datetime | None = instant(null=True)
    halted_at: datetime | None = instant(null=True)
    read_at: datetime | None = instant(null=True)
    connected_at: datetime | None = instant(null=True)
    posts_a_day: int = POSTS_A_DAY
    posts_a_week: int = POSTS_A_WEEK
    gap_minutes: int = GAP_MINUTES
    open_cohorts: bool = False


class CredentialRow(Base, table=True):
    """Keys and rotating tokens, Fernet-encrypted; the encryption key lives outside the database and its backups.

    `lease_owner` and `lease_until` (machine time, the database's clock) say which process is exchanging a single-use
    refresh token at the moment (store/accounts/credentials.py)."""

    __tablename__ = "credential"
    account_id: int = Field(sa_column=Column(BIG, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True))
    name: str = Field(primary_key=True)
    ciphertext: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    expires_at: datetime | None = instant(null=True)
    lease_owner: str = ""
    lease_until: datetime | None = instant(null=True)
    updated_at: datetime = instant()


class CursorRow(Base, table=True):
    """How far a feed of an account was read; saved in the transaction that saves what was read."""

    __tablename__ = "cursor"
    account_id: int = Field(sa_column=Column(BIG, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True))
    feed: str = Field(primary_key=True)
    since_id: int = remote_key(null=False)
    at: datetime = instant()


class RateWindowRow(Base, table=True):
    """What is left of one of X's limits for an account: `name` is the endpoint, " a day" behind it for a day's limit.
    `resets_at` is machine time."""

    __tablename__ = "rate_window"
    account_id: int = Field(sa_column=Column(BIG, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True))
    name: str = Field(primary_key=True)
    most: int
    remaining: int
    resets_at: datetime = instant()
    seconds: float


class BreakerRow(Base, table=True):
    """The circuit breaker of an account's posting (domain/sending/breaker.py). `retry_at` is machine time."""

    __tablename__ = "breaker"
    account_id: int = Field(sa_column=Column(BIG, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True))
    state: str
    failures: int
    retry_at: datetime | None = instant(null=True)


class ReadTallyRow(Base, table=True):
    """How many posts were read for an account in a month of programme time (`month` is its first day, UTC): each
    costs money."""

    __tablename__ = "read_tally"
    account_id: int = Field(sa_column=Column(BIG, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True))
    month: date = Field(primary_key=True)
    own: int
    others: int


class BudgetRow(Base, table=True):
    """What an account, or one cohort of it, may spend in a calendar month (UTC, programme time), and how often the
    account may post a day. Empty: not bounded here."""

    __tablename__ = "budget"
    id: int | None = key()
    account_id: int = reference("account.id")
    cohort_id: int | None = reference("cohort.id", null=True)
    micros_a_month: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    posts_a_month: int | None = None
    posts_a_day: int | None = None
    replies_a_day: int | None = None
