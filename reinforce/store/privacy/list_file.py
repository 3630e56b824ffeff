"""The suppression list beside the database, so that it outlives a restore: keyed hashes, a line each.

The first line bears a number that grows with each list that is written, and stands in the database as well. A list with
a higher number than the database comes from a later state of it: the database is an older one that was put back. The
file is written first, so whoever dies in between applies a list that says nothing new.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reinforce.domain.errors import ReinforceError
from reinforce.store.privacy.suppression import Entry, Kind

NAME = "suppression.list"
_TITLE = "reinforce suppression list"


@dataclass(frozen=True, slots=True)
class ListFile:
    """What the file says; version 0 and nothing if there is none."""

    version: int = 0
    entries: frozenset[Entry] = frozenset()


def read(path: Path) -> ListFile:
    """The list at `path`. Raises ReinforceError if it is there and can't be read whole."""
    try:
        lines = path.read_text("ascii").splitlines()
    except FileNotFoundError:
        return ListFile()
    except (OSError, UnicodeDecodeError):
        raise _unreadable(path) from None
    try:
        title, _, version = lines[0].rpartition(" ")
        if title != _TITLE or lines[-1] != "end":
            raise ValueError
        return ListFile(int(version), frozenset(_entry(line) for line in lines[1:-1]))
    except (ValueError, IndexError):
        raise _unreadable(path) from None


def write(path: Path, version: int, entries: Iterable[Entry]) -> None:
    """Put a list in the place of the one at `path`, in one step, mode 600. Raises ReinforceError if it can't be."""
    ordered = sorted(entries, key=lambda one: (one.kind, one.mark))
    lines = [f"{one.kind.value} {one.mark} {one.key_id} {one.person} {one.at.isoformat()}" for one in ordered]
    draft = None
    try:
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.new-")
        with os.fdopen(handle, "w", encoding="ascii") as opened:
            opened.write("\n".join([f"{_TITLE} {version}", *lines, "end", ""]))
            opened.flush()
            os.fsync(opened.fileno())
        Path(draft).replace(path)
    except OSError as error:
        if draft is not None:
            Path(draft).unlink(missing_ok=True)
        raise ReinforceError(f"{path} can't be written: {error.strerror}", "Make room, or give its owner.") from None


def _entry(line: str) -> Entry:
    kind, mark, key_id, person, at = line.split(" ")
    return Entry(Kind(kind), mark, key_id, person, datetime.fromisoformat(at))


def _unreadable(path: Path) -> ReinforceError:
    return ReinforceError(
        f"{path} is no whole suppression list",
        "Put it back from a copy. Without one, move it away: the database's own list goes on to hold.",
    )
