"""Accounts, their rotating tokens, and how far their feeds were read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, LargeBinary
from sqlmodel import Field

from reinforce.store.tables.base import BIG, Base, instant, key, remote_key, text_column


class AccountRow(Base, table=True):
    """An account on X or the practice account (`base_url` on loopback). `read_at` is when mentions were last read to
    their end, in programme time. `state` is active, paused or unproven; `halted_at` is the operator's stop."""

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
