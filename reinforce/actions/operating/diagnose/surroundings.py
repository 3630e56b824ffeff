"""What the doctor is told of the world around the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class Surroundings:
    """`now` is programme time, `wall` machine time. `opens`: whether the key opens something that is stored encrypted,
    and whether the first key alone does; None where there is no key that can be read. `skew`: by how many seconds the
    service at a base URL is ahead of this machine's clock; None if it could not be asked.
    `skew` None: nobody is asked."""

    folder: Path
    key_file: Path
    now: datetime
    wall: datetime
    opens: Callable[[bytes], tuple[bool, bool]] | None = None
    skew: Callable[[str], float | None] | None = None
