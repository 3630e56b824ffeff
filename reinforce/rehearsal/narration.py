"""One line on the terminal for each post with its reason, and one for what came back to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from reinforce.bootstrap import House
from reinforce.store.reporting.listings import inbox_rows, outbox_rows

WINDOW = 50
_WORDS = {4: "right", 3: "right", 2: "unsure", 1: "not yet"}


class Narrator:
    """Tells what happened since it was made, or since it last told."""

    def __init__(self, house: House, tell: Callable[[str], None]) -> None:
        self._house = house
        self._tell = tell
        posts, inbound = self._news()
        self._told = {row["id"] for row in posts}
        self._heard = max((row["id"] for row in inbound), default=0)

    def tell_news(self) -> None:
        """Tell what is new: first what came back, then what went out after it."""
        posts, inbound = self._news()
        self._tell_answers([row for row in inbound if row["id"] > self._heard])
        for row in sorted(posts, key=lambda row: row["posted_at"]):
            if row["id"] not in self._told:
                self._told.add(row["id"])
                self._tell(self._line(row))

    def _news(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        with self._house.database.read() as connection:
            posts = outbox_rows(connection, states=["posted"], limit=WINDOW)
            inbound = [row for row in inbox_rows(connection, limit=WINDOW) if row["read_as"]]
        return posts, inbound

    def _line(self, row: dict[str, Any]) -> str:
        text = " ".join(row["text"].split())
        said = text if len(text) <= 70 else text[:69] + "…"
        what = row["nugget"] or row["form"]
        return f"{_local(row['posted_at'], row['zone'])}  {row['form']:<8}  {what}: {said}\n    why: {row['reason']}"

    def _tell_answers(self, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        self._heard = max(row["id"] for row in rows)
        counts = Counter(_WORDS.get(row["rating"]) or row["read_as"][0].replace("_", " ") for row in rows)
        self._tell("    came back: " + ", ".join(f"{count} {word}" for word, count in counts.most_common()))


def _local(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%a %d %b %H:%M}"
