"""What the page after a form says once: what was done, and the button that undoes it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

# One browser, one notice. More browsers than this at once lose the oldest: a lost notice costs nobody anything.
KEPT = 1000


@dataclass(frozen=True, slots=True)
class Undo:
    """A form that takes back what was done: where it goes, the hidden fields it carries (a sequence: one several
    times), the word on its button."""

    address: str
    fields: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    label: str = "Undo"


@dataclass(frozen=True, slots=True)
class Notice:
    """What was done, in a sentence; `more` are further lines, `tone` is "good", "care" or "stop". `secret` is what
    can't be shown again: a link, a token."""

    words: str
    more: tuple[str, ...] = ()
    undo: Undo | None = None
    tone: str = "good"
    secret: str = field(default="", repr=False)


class Notices:
    """Notices that wait for the next page of a browser. In memory: what a restart forgets, the audit log still has."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, Notice] = OrderedDict()
        self._lock = Lock()

    def leave(self, cookie: str, notice: Notice) -> None:
        """Keep a notice for the next page that is shown to this cookie."""
        with self._lock:
            self._waiting[cookie] = notice
            self._waiting.move_to_end(cookie)
            while len(self._waiting) > KEPT:
                self._waiting.popitem(last=False)

    def take(self, cookie: str) -> Notice | None:
        """The notice that waits for this cookie; it is told once."""
        with self._lock:
            return self._waiting.pop(cookie, None)
