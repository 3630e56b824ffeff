"""News with a date."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field

from reinforce.store.tables.base import Base, instant, json_column, key, reference


class AnnouncementRow(Base, table=True):
    """An article or an event that a cohort is told of. `ladder` are days before `day`, `texts` its wordings, `at` a
    local time, `expires` the last local day on which it is posted."""

    __tablename__ = "announcement"
    id: int | None = key()
    cohort_id: int = reference("cohort.id")
    slug: str = Field(unique=True)
    day: date
    at: str
    ladder: list[int] = json_column()
    texts: list[str] = json_column()
    link: str
    expires: date
    rank: str
    audience: str
    created_at: datetime = instant()
    cancelled_at: datetime | None = instant(null=True)
