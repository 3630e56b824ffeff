"""Draw a procedure's parameters towards what its own posts and answers show, from the first ones on.

Two estimates, both drawn towards the defaults while there is little to go by: how many see a post and answer it
(domain/planning/engagement.py), and one scale on the stabilities of memory (domain/planning/shrinkage.py). They are
made again when there is half as much again to go by as the last time, so a procedure's beliefs are computed anew some
dozen times in its life and not each time somebody answers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from reinforce.domain.planning.engagement import Turnout, engagement
from reinforce.domain.planning.exposure import NuggetLog, PostSeen
from reinforce.domain.planning.foretelling import answers_of
from reinforce.domain.planning.parameters import Origin, Parameters
from reinforce.domain.planning.shrinkage import Shrinkage, shrink
from reinforce.store.planning import parameters, procedure_evidence
from reinforce.store.planning.parameters import ParameterVersion
from reinforce.store.planning.procedure_evidence import Amount
from reinforce.store.session import Database

# What there must be for a first estimate, and how much more for each further one.
FIRST = Amount(answers=5, posts=3)
GROWTH = 1.5
# Answers the scale is sought by: beyond it their number adds nothing to one number, and takes seconds.
_ANSWERS = 3_000


@dataclass(frozen=True, slots=True)
class CalibrateOutcome:
    """What was estimated for which procedure; None if nothing was due."""

    version: ParameterVersion | None = None


def calibrate(database: Database, *, now: datetime) -> CalibrateOutcome:
    """Estimate the parameters of the one procedure that is most due for it, if any, and put them in force.

    A procedure that a person has set back to the defaults is left alone until they fit it again. `now`: programme time.
    """
    with database.read() as connection:
        known = parameters.in_force(connection)
        amounts = procedure_evidence.amounts(connection)
        procedure_id = most_due(amounts, known, parameters.left_alone(connection))
        if procedure_id is None:
            return CalibrateOutcome()
        amount = amounts[procedure_id]
        logs = procedure_evidence.logs(connection, procedure_id, now)
        base = parameters.base_weights(connection, procedure_id)
    model = engagement(turnout for log in logs for turnout in turnouts(log.posts))
    found = shrink(answers_of(logs, model, most=_ANSWERS), base)
    version = ParameterVersion(
        procedure_id=procedure_id,
        parameters=Parameters(found.weights, model),
        why=Origin.SHRINKAGE,
        kept=True,
        answers=amount.answers,
        posts=amount.posts,
        at=now,
        figures=_figures(found, logs),
    )
    with database.write() as connection:
        if parameters.newest_kept(connection, procedure_id) != known.get(procedure_id):
            # Somebody fitted it, or set it back, meanwhile: the next round starts from that.
            return CalibrateOutcome()
        parameters.record(connection, version)
    return CalibrateOutcome(version)


def most_due(
    amounts: Mapping[int, Amount], known: Mapping[int, ParameterVersion], left_alone: Collection[int]
) -> int | None:
    """The procedure whose evidence has grown most since its parameters were last found, if any has enough."""
    grown = {key: growth(amount, known.get(key)) for key, amount in amounts.items() if key not in left_alone}
    due = [key for key, factor in grown.items() if factor >= 1.0]
    return max(due, key=lambda key: (grown[key], -key), default=None)


def growth(amount: Amount, last: ParameterVersion | None) -> float:
    """How far answers, or posts, have come on their way to the next estimate: 1 and more is due."""
    needed_answers = float(FIRST.answers) if last is None else max(GROWTH * last.answers, FIRST.answers)
    needed_posts = float(FIRST.posts) if last is None else max(GROWTH * last.posts, FIRST.posts)
    return max(amount.answers / needed_answers, amount.posts / needed_posts)


def turnouts(posts: Sequence[PostSeen]) -> list[Turnout]:
    """What came back from those posts whose window for answers is over."""
    return [_turnout(post) for post in posts if post.closed and post.learners.size]


def _turnout(post: PostSeen) -> Turnout:
    audience, totals = post.learners.size, post.totals
    # Counts are of the whole feed; this nugget is for a part of it.
    ours = audience / totals.feed if totals.feed else 0.0
    replied = len(set(post.learners.tolist()) & set(post.replied.tolist()))
    if totals.votes is not None:
        replied += round(sum(totals.votes) * min(ours, 1.0))
    shown = None if totals.impressions is None or not ours else totals.impressions * ours
    return Turnout(post.form, audience, min(replied, audience), impressions=shown)


def _figures(found: Shrinkage, logs: Sequence[NuggetLog]) -> dict[str, float | int]:
    figures: dict[str, float | int] = {
        "scale": found.scale,
        "judged_by": found.answers,
        "closed_posts": sum(post.closed for log in logs for post in log.posts),
    }
    if found.answers:
        # JSON knows no NaN.
        figures |= {"log_loss_before": found.before, "log_loss_after": found.after}
    return figures
