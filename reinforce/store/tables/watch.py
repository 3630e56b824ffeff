"""The workspace itself, heartbeats and the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field

from reinforce.store.tables.base import Base, instant, json_column, key


class WorkspaceRow(Base, table=True):
    """One row: which workspace this is. `instance_id` differs from the folder's after a copy."""

    __tablename__ = "workspace"
    id: int | None = key()
    instance_id: str
    rehearsal: bool = False
    created_at: datetime = instant()


class HeartbeatRow(Base, table=True):
    """The last sign of life of a process, machine time."""

    __tablename__ = "heartbeat"
    owner: str = Field(primary_key=True)
    role: str
    pid: int
    started_at: datetime = instant()
    at: datetime = instant()


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
