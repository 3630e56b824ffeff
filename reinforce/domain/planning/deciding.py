"""One slot, decided: the policy's choice, as a text that may be posted, or a reason to be quiet.

Plan, preview and "post now" all come through here; they differ only in what they do with the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from reinforce.domain.authoring.confidentiality import who_reads
from reinforce.domain.nugget import Form, StoredNugget
from reinforce.domain.picture import ShownPicture, media_of
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.plan_context import Choice, Quiet
from reinforce.domain.planning.plan_state import REVEAL, PlanSnapshot, PlanState
from reinforce.domain.planning.policy import Shut, choose
from reinforce.domain.planning.sharing import Kept, kept_reason
from reinforce.domain.planning.slots import SlotTime, in_quiet_hours, local_day
from reinforce.domain.sending.budget import Tariff, price_micros
from reinforce.domain.sending.outbox import Planned

_NOTHING_SHUT: Shut = {}
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Composed:
    """A text that may be posted, with what it is made of. `alternatives` as in `domain.sending.outbox.Planned`; `poll`
    is {"options": [texts], "minutes": n} or None; `picture` goes out with it. `waiting` is a better text that
    has no approval yet."""

    text: str
    text_hash: str
    price_micros: int
    wording_id: int | None = None
    question_id: int | None = None
    poll: dict[str, Any] | None = None
    alternatives: tuple[Mapping[str, Any], ...] = ()
    waiting: str = ""
    picture: ShownPicture | None = None

    @property
    def media(self) -> list[dict[str, str]] | None:
        """Its picture as the outbox takes it."""
        return media_of(self.picture)


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a nugget can't be posted in a form just now. `until` is when the first of its texts has rested, if it is for
    want of one."""

    reason: str
    until: datetime | None = None


# (nugget, form, when, where the plan stands) → its text, or why there is none.
Compose = Callable[[StoredNugget, Form, datetime, PlanState], Composed | Unfit]


@dataclass(frozen=True, slots=True)
class Decided:
    """A post for a slot. `closes_at` is when its window for answers ends, `reveal_at` when the answer follows.
    `passed_over` says why what the policy liked better could not be posted; `moved_from` is when it would have gone out
    if another cohort's post were not so near."""

    choice: Choice
    nugget: StoredNugget
    composed: Composed
    at: datetime
    closes_at: datetime
    reveal_at: datetime | None
    passed_over: Mapping[str, str] = field(default_factory=dict)
    moved_from: datetime | None = None

    @property
    def numbers(self) -> dict[str, Any]:
        """What `explain` keeps: the choice's numbers, and what was passed over because it could not be posted."""
        kept = {**self.choice.numbers, "closes_at": self.closes_at.isoformat()}
        if self.reveal_at is not None:
            kept["reveal_at"] = self.reveal_at.isoformat()
        if self.moved_from is not None:
            kept["moved_from"] = self.moved_from.isoformat()
        if self.composed.waiting:
            kept["waits_for_approval"] = self.composed.waiting
        if self.passed_over:
            kept["passed_over"] = dict(self.passed_over)
        return kept


def decide(
    state: PlanState, slot: SlotTime, at: datetime, compose: Compose, known_shut: Shut = _NOTHING_SHUT
) -> Decided | Quiet:
    """What to post for `slot` at `at` (the slot's instant, or now if that has passed). What is `known_shut` is not
    composed to find out again."""
    if slot.off:
        return Quiet(f"Nothing is posted: {slot.off}.")
    wanted, at = at, state.clear_from(at)
    if at != wanted and not _may_move(state, slot, at):
        return Quiet(_gap_reason(state))
    forms = state.forms_with_room(at)
    if not forms:
        return Quiet(caps_reason(state, at))
    fair = state.fair_forms(at, forms)
    if isinstance(fair, Kept):
        return Quiet(*_kept_words(state, fair))
    context = state.context(at, fair)
    shut = dict(known_shut)
    internal = f"it is internal, and {who_reads(state.snapshot.account)}"
    passed_over: dict[str, str] = dict.fromkeys(state.withheld, internal)
    while True:
        choice = choose(context, shut)
        if isinstance(choice, Quiet):
            reason = choice.reason if state.nuggets or not state.withheld else _withheld_reason(state)
            return Quiet(reason, {**choice.numbers, **({"passed_over": passed_over} if passed_over else {})})
        nugget = state.nugget(choice.nugget_id)
        composed = compose(nugget, choice.form, at, state)
        if isinstance(composed, Composed):
            found = decided(state, choice, nugget, composed, at, passed_over)
            return found if at == wanted else replace(found, moved_from=wanted)
        # Each round shuts one (nugget, form) more, so this ends.
        shut[choice.nugget_id, choice.form] = composed.reason
        passed_over[f"“{nugget.title}” ({nugget.procedure}/{nugget.slug}) as a {choice.form.value}"] = composed.reason


def _withheld_reason(state: PlanState) -> str:
    return f"Nothing can be posted: all of its nuggets are internal, and {who_reads(state.snapshot.account)}."


def decided(
    state: PlanState,
    choice: Choice,
    nugget: StoredNugget,
    composed: Composed,
    at: datetime,
    passed_over: Mapping[str, str],
) -> Decided:
    """A choice with its text and its times."""
    reveal = state.reveal_at(at) if choice.form in (Form.QUESTION, Form.POLL) else None
    closes = at + state.snapshot.cadence.answer_window
    return Decided(choice, nugget, composed, at, closes, reveal, dict(passed_over))


def planned_post(
    snapshot: PlanSnapshot, decision: Decided, occurrence: str, due_at: datetime, grace_until: datetime
) -> Planned:
    """A decision as the outbox takes it."""
    composed = decision.composed
    return Planned(
        account_id=snapshot.account.id,
        cohort_id=snapshot.cohort.id,
        nugget_id=decision.nugget.id,
        wording_id=composed.wording_id,
        question_id=composed.question_id,
        occurrence=occurrence,
        form=decision.choice.form.value,
        text=composed.text,
        text_hash=composed.text_hash,
        poll=composed.poll,
        media=composed.media,
        alternatives=[dict(one) for one in composed.alternatives],
        price_micros=composed.price_micros,
        due_at=due_at,
        grace_until=grace_until,
        reason=decision.choice.reason,
        decision=decision.numbers,
    )


def form_prices(tariff: Tariff, cadence: Cadence) -> dict[Form, int]:
    """What a post of each form costs in micro-dollars, its text being nothing out of the ordinary: a question's
    reveal is part of it."""
    reveal = price_micros("", form=REVEAL, tariff=tariff) if cadence.reveal else 0
    return {
        form: price_micros("", form=form, tariff=tariff) + (0 if form is Form.REMINDER else reveal) for form in Form
    }


def _may_move(state: PlanState, slot: SlotTime, at: datetime) -> bool:
    """Whether a slot may be served as late as `at`: within its grace, on its day, outside quiet hours."""
    cadence, zone = state.snapshot.cadence, state.snapshot.cohort.zone
    on_its_day = local_day(at, zone) == local_day(slot.at, zone)
    return at <= slot.at + cadence.grace and on_its_day and not in_quiet_hours(at, cadence, zone)


def _gap_reason(state: PlanState) -> str:
    minutes = state.snapshot.account.gap_minutes
    return (
        f"Other cohorts' posts are too near: two are {minutes} minutes apart on this account, and this slot's "
        "grace has no such time."
    )


def _kept_words(state: PlanState, kept: Kept) -> tuple[str, dict[str, Any]]:
    """Why a slot is left to another cohort: in words, and in numbers."""
    when = kept.at.astimezone(ZoneInfo(state.snapshot.cohort.zone))
    numbers = {"cohort": kept.claim.slug, "at": kept.at.isoformat(), "had": kept.had, "own": kept.own_had}
    return kept_reason(kept, f"{when:%a} {when.day} {when:%B %H:%M}"), {"kept_for": numbers}


def caps_reason(state: PlanState, at: datetime) -> str:
    """Why there is no room for another post at `at`."""
    caps = state.snapshot.cadence.caps
    if state.room.within((at,), state.room.own) and not state.room.holds_shared((at,)):
        account = state.snapshot.account
        return (
            f"There is no room: at most {account.posts_a_day} posts a day and {account.posts_a_week} in seven days "
            "go out on the account, all cohorts together, reveals included."
        )
    words = f"There is no room: at most {caps.a_day} posts a day and {caps.a_week} in seven days, reveals included"
    others = sum(not row.own and at - _WEEK < row.meant <= at for row in state.snapshot.rows)
    return (
        f"{words}; {others} of the last seven days' were other cohorts' on the same account." if others else f"{words}."
    )
