"""A decision in words: one sentence with its numbers, written when the decision is made.

The sentence names groups, never a person, and no figure about fewer than five people.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from reinforce.domain.nugget import Form
from reinforce.domain.planning.belief import Belief
from reinforce.domain.planning.plan_context import SMALLEST_GROUP, Opening, PlanContext, day_number
from reinforce.domain.planning.policy_index import Gains
from reinforce.domain.sending.budget import dollars

_HALF = 0.5
_SECONDS_A_DAY = 86_400.0
# To within a minute over half a year: the day is what is told.
_HALVINGS = 18
_TURNS_FILL = "turns leave no slot quiet that there is room for"


def describe_gain(
    context: PlanContext, ranked: list[tuple[int, Form]], openings: tuple[Opening, ...], gains: Gains, pace: str
) -> tuple[str, dict[str, Any]]:
    """(sentence, numbers) for the best of `ranked` (opening, form); the next one of another nugget is the runner-up."""
    best, form = ranked[0]
    opening = openings[best]
    gain = float(gains.index[form][best])
    people = people_numbers(context, opening)
    runner_up = next(((place, other) for place, other in ranked[1:] if place != best), None)
    numbers: dict[str, Any] = {
        "policy": context.cadence.policy.value,
        "nugget": opening.nugget.name,
        "title": opening.nugget.title,
        "form": form.value,
        "gain": gain,
        **people,
        **post_numbers(context, opening),
        **_importance(opening),
        "lift": float(gains.lift[best]),
        "price": dollars(context.prices[form]),
        "instead_of_quiet": pace or _rather_than_quiet(context, gain),
    }
    words = [f"{_people_words(people)}; {_history_words(context, opening)}"]
    words.append(f"a {form.value} now is worth {gain:.2f} recalls, weighed by importance and by who would stay behind")
    words += _need_words(opening)
    if runner_up is not None:
        place, other = runner_up
        other_gain = float(gains.index[other][place])
        second = openings[place].nugget
        numbers["runner_up"] = {
            "nugget": second.name,
            "title": second.title,
            "form": other.value,
            "gain": other_gain,
        }
        words[-1] += f"; the runner-up, {second.called} as a {other.value}, would be worth {other_gain:.2f}"
    words.append(numbers["instead_of_quiet"])
    words.append(_price_words(context, form))
    return f"{opening.nugget.called}: {'; '.join(words)}.", numbers


def describe_turn(
    context: PlanContext, opening: Opening, form: Form, why: str, runner_up: Opening | None, preface: str
) -> tuple[str, dict[str, Any]]:
    """(sentence, numbers) for a choice by turns; `preface` says why turns decide ("" where the cadence says so)."""
    people = people_numbers(context, opening)
    numbers: dict[str, Any] = {
        "policy": context.cadence.policy.value,
        "nugget": opening.nugget.name,
        "title": opening.nugget.title,
        "form": form.value,
        "why": why,
        **people,
        **post_numbers(context, opening),
        **_importance(opening),
        "price": dollars(context.prices[form]),
        "instead_of_quiet": _TURNS_FILL,
    }
    if preface:
        numbers["fallback"] = preface
    words = [why, *_need_words(opening)]
    if "recall" in people:
        words.append(_people_words(people))
    if runner_up is not None:
        numbers["runner_up"] = {"nugget": runner_up.nugget.name, "title": runner_up.nugget.title}
        words.append(f"{runner_up.nugget.called} would have been next")
    words.append(_TURNS_FILL)
    words.append(_price_words(context, form))
    begin = f"{preface}, so turns decide: " if preface else ""
    return f"{opening.nugget.called}: {begin}{'; '.join(words)}.", numbers


def _importance(opening: Opening) -> dict[str, Any]:
    """What it counts for, and how much of that the cohort's own poll made."""
    need = opening.nugget.need
    return {"importance": opening.nugget.importance, **({} if need == 1.0 else {"asked_in_a_poll": need})}


def _need_words(opening: Opening) -> list[str]:
    need = opening.nugget.need
    return [] if need == 1.0 else [f"a poll of where the cohort stands makes its topic count {need:.2f} times as much"]


def people_numbers(context: PlanContext, opening: Opening) -> dict[str, Any]:
    """Whose recall it is, how low, and since when, in groups of five and more: none of it for a smaller audience.

    All of it is the cohort's own; `in_all` counts whom else the post teaches, the learners of other cohorts."""
    whom = context.audience[:, opening.column]
    concerned = np.flatnonzero(whom & context.own)
    numbers: dict[str, Any] = {"learners": int(concerned.size)}
    if context.groups is not None and whom[~context.own].any():
        cohorts = np.unique(context.groups[whom]).size
        numbers["in_all"] = f"{int(whom.sum())} learners of {cohorts} cohorts"
    if concerned.size < SMALLEST_GROUP:
        return numbers
    belief = context.belief.each(lambda array: array[..., concerned, opening.column])
    recall = belief.recall(day_number(context.now))
    numbers["recall"] = round(float(recall.mean()), 3)
    below = int((recall < _HALF).sum())
    if below >= SMALLEST_GROUP:
        numbers["below_one_half"] = below
    since = _below_half_since(belief, context, opening)
    if since:
        numbers["below_one_half_since"] = since
    roles = np.asarray([context.roles[i] for i in concerned])
    groups = {
        str(role): float(recall[roles == role].mean())
        for role in np.unique(roles)
        if role and (roles == role).sum() >= SMALLEST_GROUP
    }
    if len(groups) > 1:
        lowest = min(groups, key=lambda role: (groups[role], role))
        numbers["lowest_group"] = {"role": lowest, "recall": round(groups[lowest], 3)}
    return numbers


def _below_half_since(belief: Belief, context: PlanContext, opening: Opening) -> str:
    """The local date (ISO) on which the mean of `belief` fell below one half, by the curve as it is believed today;
    "before …" if it was below when the nugget was last posted; "" if it is not below, or was never posted."""
    early, late = 0.0 if opening.last is None else day_number(opening.last), day_number(context.now)
    if opening.last is None or float(belief.recall(late).mean()) >= _HALF:
        return ""
    if float(belief.recall(early).mean()) < _HALF:
        return f"before {_local(opening.last, context.zone).date().isoformat()}"
    for _ in range(_HALVINGS):
        middle = (early + late) / 2.0
        if float(belief.recall(middle).mean()) < _HALF:
            late = middle
        else:
            early = middle
    return _local(datetime.fromtimestamp(late * _SECONDS_A_DAY, UTC), context.zone).date().isoformat()


def post_numbers(context: PlanContext, opening: Opening) -> dict[str, Any]:
    """How often it was posted, and when last (local date)."""
    last = opening.last
    return {
        "posts_so_far": len(opening.posts),
        "last_posted": "" if last is None else _local(last, context.zone).date().isoformat(),
    }


def _people_words(people: dict[str, Any]) -> str:
    return f"{_own_words(people)}; it reaches {people['in_all']}" if "in_all" in people else _own_words(people)


def _own_words(people: dict[str, Any]) -> str:
    learners = people["learners"]
    if "recall" not in people:
        return "too few learners are linked to tell their recall" if learners else "nobody is linked yet"
    words = f"the {learners} learners who count would recall it with {people['recall']:.0%} today"
    if "below_one_half" in people:
        words += f", {people['below_one_half']} of them with less than one half"
    if "lowest_group" in people:
        words += f" (lowest: {people['lowest_group']['role']}, {people['lowest_group']['recall']:.0%})"
    if "below_one_half_since" in people:
        words += f"; their mean has been below one half since {_day_words(people['below_one_half_since'])}"
    return words


def _history_words(context: PlanContext, opening: Opening) -> str:
    if opening.last is None:
        return "it has not been posted yet"
    return f"it was last posted on {_day_words(_local(opening.last, context.zone).date().isoformat())}"


def _day_words(day: str) -> str:
    """ "2026-03-04" as "4 March"; a "before" stands where it stood."""
    before, _, iso = day.rpartition(" ")
    read = date.fromisoformat(iso)
    return f"{before} {read.day} {read:%B}".strip()


def _rather_than_quiet(context: PlanContext, gain: float) -> str:
    """What speaks against saying nothing: the index is what is left after money and fatigue."""
    posts = context.posts_since(context.last_week())
    tired = f" and of the {posts} posts of the last seven days" if posts else ""
    return f"quiet would gain nothing, this {gain:.2f} after the price of it{tired}"


def _price_words(context: PlanContext, form: Form) -> str:
    price = dollars(context.prices[form])
    return price if form is Form.REMINDER or not context.cadence.reveal else f"{price} with its reveal"


def _local(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone))
