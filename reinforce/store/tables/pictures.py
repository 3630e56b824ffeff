"""Pictures that posts show, and what X was handed of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, LargeBinary, UniqueConstraint
from sqlmodel import Field

from reinforce.store.tables.base import Base, instant, key, reference, remote_number


class PictureRow(Base, table=True):
    """A picture, kept once by the SHA-256 of its bytes: in the database, so that every daemon has it and a backup holds
    it."""

    __tablename__ = "picture"
    id: int | None = key()
    hash: str = Field(unique=True)
    media_type: str
    size: int
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    added_at: datetime = instant()


class PictureUploadRow(Base, table=True):
    """X's id of a picture that was handed over for one post, at its `position` (from 0). It can be posted until
    `good_until` (machine time)."""

    __tablename__ = "picture_upload"
    __table_args__ = (UniqueConstraint("outbox_id", "position"),)
    id: int | None = key()
    outbox_id: int = reference("outbox.id", index=False)
    position: int
    remote_id: int | None = remote_number()
    good_until: datetime = instant()
