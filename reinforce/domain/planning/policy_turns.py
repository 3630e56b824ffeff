"""The policies that need no model of memory: turns by weight, a ladder, and retiring what is known.

They are choices of a cadence in their own right; turns by weight is also what `cohort-adaptive` falls back on while
nothing has come back. Each names an opening and says why, or None with why not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from reinforce.domain.planning.cadence import LadderRule, RetireRule, WeightedRule
from reinforce.domain.planning.plan_context import Opening, PastPost, PlanContext

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is, and why, as the end of a sentence. `next_best` would have been next."""

    opening: Opening | None
    why: str
    next_best: Opening | None = None


def by_weight(context: PlanContext, openings: tuple[Opening, ...], rule: WeightedRule) -> Turn:
    """WRR + EDF: turns in proportion to √(importance × audience); near an assessment the earliest deadline first.

    A share becomes a turn without any memory of the turns before: the one that has waited longest, in units of its
    own interval, goes next. What was never posted goes before all of that, in the order of the procedure.
    """
    until = context.now + timedelta(days=rule.deadline_days)
    near = [one for one in openings if one.nugget.assessment and context.now < one.nugget.assessment <= until]
    if near:
        ranked = sorted(near, key=lambda one: (one.nugget.assessment, *_longest_unseen(one)))
        return _turn(ranked, lambda one: f"its assessment on {one.nugget.assessment:%Y-%m-%d} is near")
    fresh = [one for one in openings if not one.posts]
    if fresh:
        return _turn(sorted(fresh, key=_file_order), lambda _: "it has not been posted yet")
    ranked = sorted(openings, key=lambda one: (-_waiting(context, one), *one.precedence))
    return _turn(ranked, lambda one: f"it has waited longest for its share of the turns{_since(one)}")


def by_ladder(context: PlanContext, openings: tuple[Opening, ...], rule: LadderRule) -> Turn:
    """Each nugget again so many days after its first post; what is due goes before what is new."""

    def due(one: Opening) -> datetime | None:
        if not one.posts or len(one.posts) > len(rule.steps):
            return None
        step = one.posts[0].at + timedelta(days=rule.steps[len(one.posts) - 1])
        # A step that came late pushes the next one on: two posts of one nugget never come within a day.
        return max(step, one.posts[-1].at + _DAY)

    return _whichever_is_due(
        context, openings, due, lambda one: f"day {rule.steps[len(one.posts) - 1]:g} of its ladder has come"
    )


def by_answers(context: PlanContext, openings: tuple[Opening, ...], rule: RetireRule) -> Turn:
    """Again sooner after a post that most got wrong, later after one that most got right, and gone after a few."""

    def due(one: Opening) -> datetime | None:
        if not one.posts or _right_in_a_row(one.posts) >= rule.right_in_a_row:
            return None
        days = rule.right_days if _was_right(one.posts[-1]) else rule.wrong_days
        return one.posts[-1].at + timedelta(days=days)

    def why(one: Opening) -> str:
        if not one.posts[-1].right + one.posts[-1].wrong:
            return f"its last post, {rule.wrong_days:g} days ago or more, had no answer to grade"
        most = "right" if _was_right(one.posts[-1]) else "something else"
        return f"most answered {most} when it was last posted{_since(one)}"

    return _whichever_is_due(context, openings, due, why)


def _whichever_is_due(
    context: PlanContext,
    openings: tuple[Opening, ...],
    due: Callable[[Opening], datetime | None],
    why: Callable[[Opening], str],
) -> Turn:
    """The one that is longest due, else the next new one, else nobody until a day that is named."""
    days = {one.nugget.id: day for one in openings if (day := due(one)) is not None}
    overdue = [one for one in openings if one.nugget.id in days and days[one.nugget.id] <= context.now]
    if overdue:
        ranked = sorted(overdue, key=lambda one: (days[one.nugget.id], *one.precedence))
        return _turn(ranked, why)
    fresh = sorted((one for one in openings if not one.posts), key=_file_order)
    if fresh:
        return _turn(fresh, lambda _: "nothing is due again, and it has not been posted yet")
    if days:
        return Turn(None, f"nothing is due before {min(days.values()):%Y-%m-%d}")
    return Turn(None, "every nugget has had all its posts")


def _turn(ranked: list[Opening], why: Callable[[Opening], str]) -> Turn:
    return Turn(ranked[0], why(ranked[0]), ranked[1] if len(ranked) > 1 else None)


def _waiting(context: PlanContext, one: Opening) -> float:
    """How long it has waited, times its share √(importance × audience)."""
    assert one.last is not None
    share = (one.nugget.importance * max(one.nugget.learners, 1)) ** 0.5
    return float((context.now - one.last) / _DAY * share)


def _longest_unseen(one: Opening) -> tuple[float, float, int]:
    importance, last, key = one.precedence
    return (last, importance, key)


def _file_order(one: Opening) -> tuple[int, int]:
    return (one.nugget.position, one.nugget.id)


def _was_right(post: PastPost) -> bool:
    return post.right > 0 and post.right >= post.wrong


def _right_in_a_row(posts: tuple[PastPost, ...]) -> int:
    answered = [post for post in posts if post.right + post.wrong]
    for count, post in enumerate(reversed(answered)):
        if not _was_right(post):
            return count
    return len(answered)


def _since(one: Opening) -> str:
    return "" if one.last is None else f", since {one.last:%Y-%m-%d}"
