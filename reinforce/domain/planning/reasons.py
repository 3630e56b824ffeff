"""A decision in words: one sentence with its numbers, written when the decision is made.

The sentence names groups, never a person, and no figure about fewer than five people.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from reinforce.domain.nugget import Form
from reinforce.domain.planning.plan_context import SMALLEST_GROUP, Opening, PlanContext, day_number
from reinforce.domain.planning.policy_index import Gains
from reinforce.domain.sending.budget import dollars


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
        "form": form.value,
        "gain": gain,
        **people,
        **post_numbers(context, opening),
        "importance": opening.nugget.importance,
        "lift": float(gains.lift[best]),
        "price": dollars(context.prices[form]),
        "instead_of_quiet": pace or "it gains more than it costs",
    }
    words = [f"{_people_words(people)}; {_history_words(context, opening)}"]
    words.append(f"a {form.value} now is worth {gain:.2f} recalls, weighed by importance and by who would stay behind")
    if runner_up is not None:
        place, other = runner_up
        other_gain = float(gains.index[other][place])
        numbers["runner_up"] = {"nugget": openings[place].nugget.name, "form": other.value, "gain": other_gain}
        words[-1] += f", {openings[place].nugget.name} would be worth {other_gain:.2f}"
    words.append(pace or "quiet would gain nothing")
    words.append(_price_words(context, form))
    return f"{opening.nugget.name}: {'; '.join(words)}.", numbers


def describe_turn(
    context: PlanContext, opening: Opening, form: Form, why: str, runner_up: Opening | None, preface: str
) -> tuple[str, dict[str, Any]]:
    """(sentence, numbers) for a choice by turns; `preface` says why turns decide ("" where the cadence says so)."""
    numbers: dict[str, Any] = {
        "policy": context.cadence.policy.value,
        "nugget": opening.nugget.name,
        "form": form.value,
        "why": why,
        **people_numbers(context, opening),
        **post_numbers(context, opening),
        "importance": opening.nugget.importance,
        "price": dollars(context.prices[form]),
    }
    if preface:
        numbers["fallback"] = preface
    words = [why]
    if runner_up is not None:
        numbers["runner_up"] = {"nugget": runner_up.nugget.name}
        words.append(f"{runner_up.nugget.name} would have been next")
    words.append(_price_words(context, form))
    begin = f"{preface}, so turns decide: " if preface else ""
    return f"{opening.nugget.name}: {begin}{'; '.join(words)}.", numbers


def people_numbers(context: PlanContext, opening: Opening) -> dict[str, Any]:
    """Whose recall it is and how low, in groups of five and more: none of it for a smaller audience."""
    concerned = np.flatnonzero(context.audience[:, opening.column])
    numbers: dict[str, Any] = {"learners": int(concerned.size)}
    if concerned.size < SMALLEST_GROUP:
        return numbers
    recall = context.belief.at(np.asarray([opening.column])).recall(day_number(context.now))[concerned, 0]
    numbers["recall"] = round(float(recall.mean()), 3)
    below = int((recall < 0.5).sum())
    if below >= SMALLEST_GROUP:
        numbers["below_one_half"] = below
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


def post_numbers(context: PlanContext, opening: Opening) -> dict[str, Any]:
    """How often it was posted, and when last (local date)."""
    last = opening.last
    return {
        "posts_so_far": len(opening.posts),
        "last_posted": "" if last is None else _local(last, context.zone).date().isoformat(),
    }


def _people_words(people: dict[str, Any]) -> str:
    learners = people["learners"]
    if "recall" not in people:
        return "too few learners are linked to tell their recall" if learners else "nobody is linked yet"
    words = f"the {learners} learners who count would recall it with {people['recall']:.0%} today"
    if "below_one_half" in people:
        words += f", {people['below_one_half']} of them with less than one half"
    if "lowest_group" in people:
        words += f" (lowest: {people['lowest_group']['role']}, {people['lowest_group']['recall']:.0%})"
    return words


def _history_words(context: PlanContext, opening: Opening) -> str:
    if opening.last is None:
        return "it has not been posted yet"
    last = _local(opening.last, context.zone)
    return f"it was last posted on {last.day} {last:%B}"


def _price_words(context: PlanContext, form: Form) -> str:
    price = dollars(context.prices[form])
    return price if form is Form.REMINDER or not context.cadence.reveal else f"{price} with its reveal"


def _local(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone))
