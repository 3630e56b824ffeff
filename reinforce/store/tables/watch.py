"""The workspace itself, heartbeats and the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field

from reinforce.store.tables.base import Base, instant, json_column, key, text_column


class WorkspaceRow(Base, table=True):
    """One row: which workspace this is. `place` is where its database stood when a daemon last looked, as a hash: in a
    copy it is another place (store/operating/places.py). `backed_up_at` is when `reinforce db backup` last wrote a
    sound copy, machine time; `retained_at` when what had been kept for long enough was last deleted, programme time.
    `list_version` grows with each suppression list that was written beside the database: one with a higher number comes
    from a later state of it (store/privacy/list_file.py)."""

    __tablename__ = "workspace"
    id: int | None = key()
    instance_id: str
    place: str = ""
    rehearsal: bool = False
    created_at: datetime = instant()
    backed_up_at: datetime | None = instant(null=True)
    retained_at: datetime | None = instant(null=True)
    list_version: int = 0


class HeartbeatRow(Base, table=True):
    """The last sign of life of a process, machine time. `ticked_at` is when its last round ended, `last_error` what
    keeps failing in it, in words."""

    __tablename__ = "heartbeat"
    owner: str = Field(primary_key=True)
    role: str
    pid: int
    started_at: datetime = instant()
    at: datetime = instant()
    leader: bool = False
    ticked_at: datetime | None = instant(null=True)
    last_error: str = text_column()


class LeaderRow(Base, table=True):
    """One row: which daemon leads on SQLite, until when (machine time). Postgres has an advisory lock instead."""

    __tablename__ = "leader"
    id: int | None = key()
    token: str
    host: str
    pid: int
    until: datetime = instant()


class AuditRow(Base, table=True):
    """Who did what to which opaque id; never a handle, a name or a text. Each row's hash covers the one before."""

    __tablename__ = "audit"
    id: int | None = key()
    at: datetime = instant()
    actor: str
    verb: str
    subject: str
    detail: dict[str, Any] = json_column()
    previous: str
    hash: str = Field(unique=True)


class AuditHeadRow(Base, table=True):
    """One row: how long the audit log is, and the hashes it ends with: rows cut off at its end are missed."""

    __tablename__ = "audit_head"
    id: int | None = key()
    length: int
    previous: str
    hash: str
