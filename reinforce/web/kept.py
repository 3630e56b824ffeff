"""What takes seconds to work out, kept for as long as that from which it was worked out stands. Safe under threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Values by key, each with its basis: what it was worked out from. `stands` says of a value whether time alone has
    overtaken it (False)."""

    def __init__(self, stands: Callable[[V], bool] = lambda _value: True) -> None:
        self._stands = stands
        self._lock = threading.Lock()
        self._found: dict[K, tuple[Hashable, V]] = {}

    def at_hand(self, key: K, basis: Hashable) -> V | None:
        """The value, if it is known, its basis is still this one, and it stands. Never waits."""
        found = self._found.get(key)
        return found[1] if found is not None and found[0] == basis and self._stands(found[1]) else None

    def latest(self, key: K) -> V | None:
        """The value as it was last worked out, whatever came to pass since. Never waits."""
        found = self._found.get(key)
        return None if found is None else found[1]

    def of(self, key: K, basis: Hashable, work: Callable[[], V]) -> V:
        """The value, worked out now if it has to be. Whoever asks while somebody else's is being worked out waits, and
        gets that one: two at once would only take twice as long. Raises what `work` raises."""
        found = self.at_hand(key, basis)
        if found is not None:
            return found
        with self._lock:
            found = self.at_hand(key, basis)
            if found is None:
                found = work()
                self._found[key] = (basis, found)
        return found
