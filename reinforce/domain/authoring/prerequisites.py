"""Which nugget needs which other one first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


def find_cycle(requires: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """A circle in `requires` (name → names it needs), as ("a", "b", "a"), or () if there is none.

    Names that are no key of `requires` lead nowhere. Of several circles the first in key order is given.
    """
    done: set[str] = set()
    for start in requires:
        path: list[str] = []
        waiting: list[tuple[str, Iterator[str]]] = []
        name: str | None = start
        while name is not None or waiting:
            if name is not None and name in path:
                return (*path[path.index(name) :], name)
            if name is not None and name in requires and name not in done:
                path.append(name)
                waiting.append((name, iter(requires[name])))
            if not waiting:
                break
            name = next(waiting[-1][1], None)
            if name is None:
                finished, _ = waiting.pop()
                path.pop()
                done.add(finished)
    return ()
