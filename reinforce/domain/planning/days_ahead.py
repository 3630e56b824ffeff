"""Slot after slot of the days to come, each decided by the plan itself and taken for granted by the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from reinforce.domain.nugget import Form, StoredNugget
from reinforce.domain.planning.deciding import Compose, Composed, Decided, Unfit, decide
from reinforce.domain.planning.plan_context import Quiet
from reinforce.domain.planning.plan_state import PlanState, PricesOf
from reinforce.domain.planning.policy import Shut
from reinforce.domain.planning.slots import SlotTime

# The answer that follows a question, if any: a text of its own, that counts as used from then on.
Answer = Callable[[PlanState, Decided], Composed | None]
# (state before a post, state with it on its way, the post) → the state with whatever else comes of it.
Consequence = Callable[[PlanState, PlanState, Decided], PlanState]


@dataclass(frozen=True, slots=True)
class Step:
    """One slot: what the plan decides for it, the answer that will follow it, and the state after it."""

    slot: SlotTime
    decision: Decided | Quiet
    answer: Composed | None
    state: PlanState


def steps(
    state: PlanState,
    slots: Iterable[SlotTime],
    compose: Compose,
    answer: Answer,
    consequence: Consequence = lambda _before, after, _decision: after,
    prices_of: PricesOf | None = None,
) -> Iterator[Step]:
    """The slots in order of time, from `state` on, each under the cadence of its day. Without a `consequence` nothing
    ever comes back; `prices_of` a cadence are asked where the cohort changes to another."""
    resting = Resting(compose)
    for slot in slots:
        state = state.on(slot.day, prices_of)
        decision = decide(state, slot, slot.at, resting, resting.shut(slot.at))
        if isinstance(decision, Quiet):
            yield Step(slot, decision, None, state)
            continue
        composed = decision.composed
        before = state
        state = state.after(
            decision.nugget.id, decision.choice.form, decision.at, composed.text_hash, composed.wording_id
        )
        reveal = answer(state, decision)
        if reveal is not None and decision.reveal_at is not None:
            state = replace(state, texts={**state.texts, reveal.text_hash: decision.reveal_at})
        state = consequence(before, state, decision)
        yield Step(slot, decision, reveal, state)


@dataclass(slots=True)
class Resting:
    """Composes, and remembers whose texts were all used lately, and until when: asking again each day takes most of a
    long walk."""

    compose: Compose
    known: dict[tuple[int, Form], tuple[datetime, str]] = field(default_factory=dict)

    def __call__(self, nugget: StoredNugget, form: Form, at: datetime, state: PlanState) -> Composed | Unfit:
        found = self.compose(nugget, form, at, state)
        if isinstance(found, Unfit) and found.until is not None:
            self.known[nugget.id, form] = (found.until, found.reason)
        return found

    def shut(self, at: datetime) -> Shut:
        """What has not rested by `at`."""
        return {key: reason for key, (until, reason) in self.known.items() if at < until}
