"""What a check-up found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `advice` says what to do next; it is shown unless `level` is "ok"."""

    level: Literal["ok", "warn", "fail"]
    what: str
    advice: str = ""
