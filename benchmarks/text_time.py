"""Whether reading a text stays linear, however hostile it is: each shape at one size and at twice that.

    python benchmarks/text_time.py [--size 50000]

Prints one JSON document. `ratio` is the time of the doubled text over that of the single one: 2 is linear, 4 quadratic.
Each time is the best of three, which is the one the machine disturbed least.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable

from reinforce.domain.texts.naming_guard import NamingGuard, PersonMarks
from reinforce.domain.texts.weighted_length import weighted_length
from reinforce.domain.texts.wording import cashtags, hashtags, mentions, text_hash

# What stops a careless scanner: prefixes of addresses that never end, brackets that never close, accents piled up.
SHAPES = {
    "plain": "a",
    "addresses": "a.com ",
    "labels": "a.",
    "unspaced script": "施",
    "labels of an unspaced script": "施.",
    "labels that end badly": "a.com施-.",
    "schemes": "http://",
    "open brackets": "x.co/(",
    "queries": "x.co?(",
    "underscores": "a_.",
    "half-encoded hosts": "xn--é.com",
    "path without an end": "x.co/,",
    "families": "👨‍👩‍👧‍👦",
    "flags": "\U0001f1e9",
    "stacked accents": "\u0301\u0327",
    "handles": "@a",
    "hashtags": "#a",
    "cashtags": "$A ",
    "entities": "&amp;",
    "names": "Given1 Middle1 ",
}
PEOPLE = 10_000


def best(read: Callable[[str], object], text: str) -> float:
    """Seconds of the quickest of three readings."""
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        read(text)
        taken.append(time.perf_counter() - started)
    return min(taken)


def compare(read: Callable[[str], object], unit: str, size: int) -> dict[str, float]:
    """The time of a text of `size` characters and of one twice as long."""
    once, twice = (best(read, (unit * length)[:length]) for length in (size, 2 * size))
    return {"seconds": round(once, 4), "seconds_doubled": round(twice, 4), "ratio": round(twice / once, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=50_000)
    size = parser.parse_args().size
    people = [
        PersonMarks(i, f"Given{i % 97} Middle{i % 13} Family{i}", f"handle{i}", f"E-{i:05}") for i in range(PEOPLE)
    ]
    started = time.perf_counter()
    guard = NamingGuard(people)
    built = time.perf_counter() - started
    readers: dict[str, Callable[[str], object]] = {
        "weighted_length": weighted_length,
        "mentions": mentions,
        "hashtags": hashtags,
        "cashtags": cashtags,
        "text_hash": text_hash,
        "naming_guard": guard.find,
    }
    figures = {
        name: {shape: compare(read, unit, size) for shape, unit in SHAPES.items()} for name, read in readers.items()
    }
    worst = {name: max(shapes.values(), key=lambda one: one["seconds_doubled"]) for name, shapes in figures.items()}
    print(
        json.dumps(
            {
                "benchmark": "text_time",
                "characters": size,
                "python": platform.python_version(),
                "cores": os.cpu_count(),
                "guard_of_people": PEOPLE,
                "guard_built_seconds": round(built, 3),
                "worst": worst,
                "figures": figures,
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
