"""How far a thread has come, in words for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from reinforce.domain.sending.outbox import State

_NEVER = frozenset({State.REFUSED, State.SKIPPED, State.CANCELLED})


class Progress(StrEnum):
    """WAITING: nothing of it is planned yet. STOPPED: a step was refused or let go, and nothing follows under it."""

    WAITING = "waiting"
    UNDER_WAY = "under way"
    STOPPED = "stopped"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Standing:
    """Of a thread that is not withdrawn: how far it is, and why it does not go on by itself ("" if it does)."""

    progress: Progress
    posted: int
    total: int
    why: str = ""


def standing(total: int, states: Sequence[tuple[int, State, str]], note: str = "") -> Standing:
    """How a thread of `total` steps stands; `states` are (step, state, outcome) of the posts there are, in order."""
    posted = sum(state is State.POSTED for _, state, _ in states)
    if not states:
        return Standing(Progress.WAITING, 0, total, note)
    if posted == total:
        return Standing(Progress.COMPLETE, posted, total)
    ended = [(step, state, outcome) for step, state, outcome in states if state in _NEVER]
    if ended:
        step, state, outcome = ended[0]
        return Standing(Progress.STOPPED, posted, total, f"step {step} was {state.value}: {outcome}".rstrip(": "))
    held = [step for step, state, _ in states if state is State.HELD]
    if held:
        return Standing(Progress.UNDER_WAY, posted, total, f"nobody knows whether step {held[0]} is up: settle it")
    return Standing(Progress.UNDER_WAY, posted, total, note)
