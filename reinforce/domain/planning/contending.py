"""The other cohorts of an account, as the plan of one of them has to reckon with them.

Where there is room for all that they could possibly want, nobody is asked. Else each is asked what it would post by its
own plan, in the order of their turns and only as far as it matters: to think out a week takes as long as planning it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from reinforce.domain.cohort import Cohort
from reinforce.domain.nugget import Form
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.days_ahead import Step
from reinforce.domain.planning.feed_rows import OutRow, lately
from reinforce.domain.planning.forms import forms_of_cohort
from reinforce.domain.planning.plan_context import Quiet
from reinforce.domain.planning.plan_state import PlanState
from reinforce.domain.planning.policy import choose
from reinforce.domain.planning.sharing import HORIZON, Claim, Want
from reinforce.domain.planning.slots import SlotTime, next_open


class Thought:
    """What a cohort would post on its slots, thought out only as far as it is asked for, and each slot once."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._steps = iter(steps)
        self._found: list[Want] = []
        self._upto: datetime | None = None

    def until(self, last: datetime) -> Iterator[Want]:
        """Its posts up to the first slot at `last` or later."""
        place = 0
        while place < len(self._found) or self._think(last):
            if place < len(self._found):
                yield self._found[place]
                place += 1

    def _think(self, last: datetime) -> bool:
        """Decide one slot more; False if there is none that is asked for."""
        if self._upto is not None and self._upto >= last:
            return False
        step = next(self._steps, None)
        if step is None:
            return False
        self._upto = step.slot.at
        if not isinstance(step.decision, Quiet):
            self._found.append(step.state.takes(step.decision.choice.form, step.decision.at))
        return True


@dataclass(frozen=True, slots=True)
class Rival:
    """Another running cohort of the account. `most` is what it would post if something were due on each of its open
    slots, `thought` what by its own plan."""

    cohort: Cohort
    cadence: Cadence
    most: Sequence[Want]
    thought: Thought

    def claim(self, rows: Sequence[OutRow], at: datetime, wants: Iterable[Want]) -> Claim:
        """What it has had by `at` and wants."""
        posts = lately(rows, self.cohort.id, at)
        bound = (self.cohort.zone, self.cadence.caps)
        return Claim(self.cohort.title, self.cohort.slug, self.cohort.priority, bound, posts, wants)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The wants of a thought that matter until `last`; they can be looked through again."""

    thought: Thought
    last: datetime

    def __iter__(self) -> Iterator[Want]:
        return self.thought.until(self.last)


def claims_at(state: PlanState, at: datetime, rivals: Sequence[Rival]) -> tuple[Claim, ...]:
    """What the account's other cohorts have had and want, for a slot that may be served from `at` on; nothing where
    there is room for all they could want, or this one wants nothing."""
    at = state.clear_from(at)
    forms = state.forms_with_room(at)
    rows = state.snapshot.rows
    most = tuple(one.claim(rows, at, one.most) for one in rivals)
    if not forms or not rivals or replace(state, claims=most).fair_forms(at, forms) == forms:
        return ()
    if isinstance(choose(state.context(at, forms)), Quiet):
        return ()  # it has no use for the room, whoever else has
    return tuple(one.claim(rows, at, _Asked(one.thought, at + HORIZON)) for one in rivals)


def most_wanted(
    cohort: Cohort, cadence: Cadence, holidays: Mapping[date, str], slots: Iterable[SlotTime]
) -> tuple[Want, ...]:
    """What a cohort would post if something were due on each of its slots, in the form that takes most room."""
    asks = cadence.reveal and {Form.QUESTION, Form.POLL} & {*forms_of_cohort(cadence, cohort.answers)}
    found: list[Want] = []
    for slot in slots:
        if not slot.off:
            window = slot.at + cadence.answer_window
            reveal = next_open(window, cadence, cohort.zone, holidays) if asks else None
            found.append((slot.at,) if reveal is None else (slot.at, reveal))
    return tuple(found)
