"""The receipt of an erasure: what was removed, what could not be, and why. It says nothing of who the person was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Remains:
    """Something that could not be removed: how much of it, `why`, and what can be `done` about it. `places` are ids on
    X, dates or files."""

    what: str
    count: int
    why: str
    done: str
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """`person` is the number of the learner's row, which leads to nobody any more ("nobody on a roster" for an X user).

    `removed` counts rows by table: those deleted, those that lost their words, those in which the name was struck out.
    `withdrawn` posts were waiting to go out, `beliefs` are nuggets of whose memory the person was part. `listed` keyed
    hashes keep the person erased through a roster or a restore. `erased_at` is machine time, `dry_run`: nothing was
    done.
    """

    person: str
    erased_at: datetime
    dry_run: bool
    removed: Mapping[str, int] = field(default_factory=dict)
    withdrawn: int = 0
    beliefs: int = 0
    listed: int = 0
    remains: tuple[Remains, ...] = ()

    def __str__(self) -> str:
        """The receipt as a person reads it."""
        head = "Would remove" if self.dry_run else "Removed"
        lines = [f"{head}: {self.person}, {self.erased_at:%Y-%m-%d %H:%M} UTC", ""]
        lines += [f"  {count:>6}  {table}" for table, count in self.removed.items()] or ["       0  rows"]
        if self.withdrawn:
            lines.append(f"  {self.withdrawn:>6}  of the posts were waiting to go out and will not")
        lines += [
            "",
            f"{self.listed} keyed hashes keep this person erased: a roster or a backup does not bring them back.",
        ]
        lines += ["", "Not removed:" if self.remains else "Nothing is left that is known of."]
        for one in self.remains:
            lines.append(f"  - {one.what} ({one.count}): {one.why}. {one.done}")
            lines += [f"      {place}" for place in one.places]
        return "\n".join(lines)
