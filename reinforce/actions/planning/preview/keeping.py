"""A preview as a file, to be held against what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from reinforce.domain.errors import ReinforceError
from reinforce.domain.sending.outbox import slot_occurrence
from reinforce.domain.walking.previewed import LookAhead, PreviewedPost

_FORMAT = "reinforce plan 1"


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row of a kept preview. `key` is the occurrence of its slot; "" for what has none."""

    key: str
    day: date
    slot: str
    due_at: datetime
    nugget: str
    form: str
    text: str


@dataclass(frozen=True, slots=True)
class KeptPreview:
    """What was foreseen of a cohort (slug) at `taken_at` until `until` (programme time)."""

    cohort: str
    taken_at: datetime
    until: datetime
    rows: tuple[KeptRow, ...]


def kept(look: LookAhead) -> KeptPreview:
    """A look ahead as it is kept."""
    return KeptPreview(look.cohort.slug, look.start, look.end, tuple(_row(one) for one in look.rows))


def _row(one: PreviewedPost) -> KeptRow:
    day = one.local.date()
    key = slot_occurrence(one.cohort, day, one.slot) if one.slot else ""
    return KeptRow(key, day, one.slot, one.due_at, one.nugget, one.form, one.text)


def to_file(preview: KeptPreview) -> str:
    """The text of its file."""
    rows = [
        {"key": one.key, "day": str(one.day), "slot": one.slot, "due_at": one.due_at.isoformat()}
        | {"nugget": one.nugget, "form": one.form, "text": one.text}
        for one in preview.rows
    ]
    whole = {"format": _FORMAT, "cohort": preview.cohort, "taken_at": preview.taken_at.isoformat()}
    return json.dumps({**whole, "until": preview.until.isoformat(), "rows": rows}, ensure_ascii=False, indent=1)


def from_file(text: str, place: str) -> KeptPreview:
    """What `to_file` wrote; `place` names the file in errors. Raises ReinforceError for any other text."""
    try:
        there = json.loads(text)
        if there["format"] != _FORMAT:
            raise ValueError(there["format"])
        return KeptPreview(
            str(there["cohort"]), _instant(there["taken_at"]), _instant(there["until"]), tuple(_rows(there["rows"]))
        )
    except (ValueError, KeyError, TypeError) as error:
        advice = "Give a file that `reinforce plan COHORT --save FILE` wrote."
        raise ReinforceError(f"{place} is no kept preview", advice) from error


def _rows(rows: Iterable[dict[str, str]]) -> Iterable[KeptRow]:
    for one in rows:
        day, due = date.fromisoformat(one["day"]), _instant(one["due_at"])
        yield KeptRow(one["key"], day, one["slot"], due, one["nugget"], one["form"], one["text"])


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at
