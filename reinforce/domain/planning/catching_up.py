"""What somebody who was away should see first: the planner's index over that learner's own memory, blind to right and
wrong.

The reply that carries it is public. If it went by what was answered right, everybody could read in it what the learner
had got wrong; so it must be the same whether they were right or not (PRODUCT, promise 2). Therefore the belief it goes
by is made from the learner's log with every grade taken out: when the posts went out, which of them they wrote anything
under, and how long that is ago. Not even that a reply could be graded is used, since a long reply can be only if it is
right; nor votes and impressions, nor parameters, which are fitted to answers. Whoever answered everything wrong gets
the very reply of one who answered everything right.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reinforce.domain.nugget import Form
from reinforce.domain.planning.belief import FIELDS, Belief, unmet
from reinforce.domain.planning.cadence import AdaptiveRule
from reinforce.domain.planning.exposure import NOT_COUNTED, NuggetLog, PostSeen, believe
from reinforce.domain.planning.parameters import DEFAULT_PARAMETERS
from reinforce.domain.planning.plan_context import Opening, PlanContext
from reinforce.domain.planning.policy_index import gains


def blind_belief(logs: tuple[NuggetLog, ...], learner_id: int) -> Belief:
    """(1, nuggets): what is believed of one learner from posts and their having written, and from nothing else."""
    found = unmet(len(logs))
    for column, log in enumerate(logs):
        posts = tuple(_blind(post, learner_id) for post in log.posts)
        _, belief = believe(NuggetLog(posts, ()))
        if belief.unmet.size:
            for name in FIELDS:
                getattr(found, name)[..., column] = getattr(belief, name)[..., 0]
    return found.each(lambda array: array[..., np.newaxis, :])


def _blind(post: PostSeen, learner_id: int) -> PostSeen:
    """A post as it concerns one learner."""
    here = [ids[ids == learner_id] for ids in (post.learners, post.replied)]
    return replace(post, learners=here[0], replied=here[1], totals=NOT_COUNTED)


def most_useful(context: PlanContext, most: int) -> tuple[int, ...]:
    """The ids of the `most` nuggets whose reminder would gain the one learner of `context` most, the best first: of
    those that have been posted and are for them."""
    nuggets = tuple(replace(one, parameters=DEFAULT_PARAMETERS) for one in context.nuggets)
    blind = replace(context, nuggets=nuggets, forms=(Form.REMINDER,), prices={Form.REMINDER: 0})
    openings = tuple(
        Opening(column, nugget, (Form.REMINDER,), posts)
        for column, nugget in enumerate(nuggets)
        if context.audience[0, column] and (posts := blind.posts_of(nugget.id))
    )
    if not openings:
        return ()
    rule = context.cadence.rule if isinstance(context.cadence.rule, AdaptiveRule) else AdaptiveRule()
    index = gains(blind, openings, rule).index[Form.REMINDER]
    best = sorted(range(len(openings)), key=lambda place: (-index[place], openings[place].precedence))
    return tuple(openings[place].nugget.id for place in best[:most])
