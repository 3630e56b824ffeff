"""Faults that can be switched on: which calls they hit, how often, and what they do.

They live in memory: a restarted practice account is a healthy one.
"""

from __future__ import annotations

import random
import threading
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any

# Kind → (what happens, whether the call takes effect unless `after` says otherwise).
KINDS: dict[str, tuple[str, bool]] = {
    "timeout_after": ("the call takes effect, then no answer comes until the client gives up (or `seconds`)", True),
    "timeout_before": ("no answer comes until the client gives up (or `seconds`), and nothing happens", False),
    "unavailable_after": ("the call takes effect, the answer is a 503", True),
    "unavailable_before": ("nothing happens, the answer is a 503", False),
    "throttled": ("429 with a reset `seconds` from now (machine time)", False),
    "throttled_no_reset": ("429 without rate-limit headers", False),
    "throttled_bad_reset": ("429 with a reset that is no number", False),
    "html_ok": ("an HTML page with status 200", False),
    "html_bad_gateway": ("an HTML page with status 502", False),
    "cut_off_json": ("the first half of the answer's JSON, in a complete HTTP answer", True),
    "cut_off_body": ("the connection ends in the middle of the answer", True),
    "empty_list": ("the body `[]` with `status` (500)", False),
    "null_body": ("the body `null` with `status` (500)", False),
    "null_errors": ("the body {\"errors\": null} with `status` (500)", False),
    "slow": ("the call takes effect and is answered `seconds` later", True),
    "lands_late": ("the connection is dropped at once, the call takes effect `seconds` later", True),
    "lagging_timeline": ("reads do not show posts that landed less than `seconds` ago (machine time)", True),
    "shifting_pages": ("the next page begins `shift` posts earlier (negative: later) than it should", True),
    "reset_before": ("the connection is reset and nothing happens", False),
    "reset_after": ("the call takes effect, then the connection is reset", True),
    "unauthorized": ("401", False),
    "out_of_credit": ("402", False),
    "suspended": ("403: the account is suspended", False),
    "duplicate": ("403: duplicate content", False),
    "server_errors": ("500, 502, 503 or 504 by chance, half of them after the call took effect", False),
}  # fmt: skip

# These only change what a read shows; the call goes its way.
COLOURING = frozenset({"lagging_timeline", "shifting_pages"})

_USUAL_SECONDS = {
    "timeout_after": 120.0,
    "timeout_before": 120.0,
    "throttled": 900.0,
    "slow": 1.0,
    "lands_late": 1.0,
    "lagging_timeline": 2.0,
}


@dataclass(slots=True)
class Fault:
    """One fault. `endpoint` is "METHOD /path" with `*` for anything; `count` how many calls it hits (None: all).

    `skip` matching calls pass first. With `probability` each further one is hit by chance, drawn from `seed` in the
    order of arrival. `after` overrides whether the call takes effect.
    """

    id: int
    endpoint: str
    kind: str
    count: int | None = 1
    probability: float | None = None
    seed: int = 0
    skip: int = 0
    seconds: float = 0.0
    status: int = 500
    shift: int = 1
    after: bool = False
    matched: int = 0
    fired: int = 0
    _random: random.Random = field(default_factory=random.Random, repr=False)

    def view(self) -> dict[str, Any]:
        """The fault as JSON, with what it does in words."""
        shown = asdict(self)
        shown.pop("_random")
        return shown | {"what": KINDS[self.kind][0]}

    def chance(self) -> float:
        """A number in [0, 1) from this fault's own seed."""
        return self._random.random()

    def _hits(self) -> bool:
        self.matched += 1
        if self.matched <= self.skip or (self.count is not None and self.fired >= self.count):
            return False
        return self.probability is None or self.chance() < self.probability


class Faults:
    """The faults that are switched on. Safe under threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._made = 0

    def add(self, asked: Any) -> Fault:
        """Switch on what `asked` (a JSON object) describes. Raises ValueError with what is wrong."""
        values = _checked(asked)
        with self._lock:
            self._made += 1
            fault = Fault(id=self._made, **values)
            fault._random.seed(fault.seed)
            self._faults.append(fault)
        return fault

    def all(self) -> list[dict[str, Any]]:
        """Every fault with how often it matched and fired."""
        with self._lock:
            return [fault.view() for fault in self._faults]

    def clear(self, fault_id: int | None = None) -> int:
        """Switch off one fault, or all; returns how many there were."""
        with self._lock:
            kept = [fault for fault in self._faults if fault_id is not None and fault.id != fault_id]
            gone = len(self._faults) - len(kept)
            self._faults = kept
        return gone

    def draw(self, method: str, path: str) -> tuple[Fault | None, list[Fault]]:
        """The first fault that hits this call, and those that only change what is read; their counters move on.

        Later faults wait for the next call: one call goes wrong in one way.
        """
        call = f"{method} {path}"
        first: Fault | None = None
        colouring: list[Fault] = []
        with self._lock:
            for fault in self._faults:
                colours = fault.kind in COLOURING
                if (first is not None and not colours) or not fnmatchcase(call, fault.endpoint):
                    continue
                if fault._hits():
                    fault.fired += 1
                    first, colouring = (first, [*colouring, fault]) if colours else (fault, colouring)
        return first, colouring


def _checked(asked: Any) -> dict[str, Any]:
    if not isinstance(asked, dict):
        raise ValueError("a fault is a JSON object with at least `endpoint` and `kind`")
    kind = asked.get("kind")
    if kind not in KINDS:
        raise ValueError(f"there is no fault {kind!r}: use one of {', '.join(KINDS)}")
    values: dict[str, Any] = {"seconds": _USUAL_SECONDS.get(kind, 0.0), "after": KINDS[kind][1]}
    if asked.get("probability") is not None:
        values["count"] = None
    allowed: dict[str, tuple[type, ...]] = {
        "endpoint": (str,), "kind": (str,), "count": (int, type(None)), "probability": (int, float, type(None)),
        "seed": (int,), "skip": (int,), "seconds": (int, float), "status": (int,), "shift": (int,), "after": (bool,),
    }  # fmt: skip
    for key, value in asked.items():
        if key not in allowed:
            raise ValueError(f"a fault has no {key!r}: use {', '.join(allowed)}")
        if not isinstance(value, allowed[key]) or (isinstance(value, bool) and bool not in allowed[key]):
            raise ValueError(f"a fault's {key!r} can't be {value!r}")
        values[key] = value
    endpoint = values.setdefault("endpoint", "* /2/*")
    if " /2/" not in endpoint:
        raise ValueError(f"endpoint {endpoint!r} must look like 'POST /2/tweets' or '* /2/users/*'")
    if not 200 <= values.get("status", 500) <= 599:
        raise ValueError("a fault's 'status' is an HTTP status from 200 to 599")
    return values
