"""What outlives a person's data, and what people wish of theirs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from reinforce.store.tables.base import Base, instant, key, reference, text_column


class SuppressionRow(Base, table=True):
    """Somebody who is to stay away: `kind` is erased or stopped. `mark` is an HMAC of one thing that names them (an
    employee id, a handle, an X user id), `key_id` tells the key it was made with. What was listed together bears one
    `person`, a word by chance. `at` is when.

    A stop stands here only where no learner's row could bear it."""

    __tablename__ = "suppression"
    __table_args__ = (UniqueConstraint("kind", "mark"),)
    id: int | None = key()
    kind: str
    mark: str
    key_id: str
    person: str = Field(index=True)
    at: datetime = instant()


class WishRow(Base, table=True):
    """What a learner wished by reply, once it was read: to be named or not, a language, a time zone, to catch up.

    `at` is when it was read (programme time), `dealt_at` when it was done (None: not yet), `outcome` what was done."""

    __tablename__ = "wish"
    __table_args__ = (UniqueConstraint("inbound_id", "kind"),)
    id: int | None = key()
    inbound_id: int = reference("inbound.id")
    learner_id: int = reference("learner.id")
    kind: str
    value: str = Field(default="")
    at: datetime = instant()
    dealt_at: datetime | None = instant(null=True, index=True)
    outcome: str = text_column()
