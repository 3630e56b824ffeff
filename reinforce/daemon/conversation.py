"""The steps of a tick that carry the conversation on: what learners said is answered, counted and kept."""

from __future__ import annotations

from collections.abc import Callable

from reinforce.actions.polling.close import close_polls
from reinforce.bootstrap import House
from reinforce.daemon.answering import answering_steps
from reinforce.daemon.courses import course_steps
from reinforce.daemon.gathering import gathering_steps
from reinforce.daemon.privacy import privacy_steps
from reinforce.daemon.quizzing import quizzing_steps
from reinforce.daemon.revising import revising_steps
from reinforce.daemon.vanishing import vanishing_steps


def conversation_steps(house: House) -> tuple[tuple[str, Callable[[], object]], ...]:
    """Names and verbs, in order: what was graded in this tick is there, and what they plan is published after them."""
    return (
        *gathering_steps(house),
        *answering_steps(house),
        ("close polls", lambda: close_polls(house.database, now=house.clock.now())),
        *quizzing_steps(house),
        *revising_steps(house),
        *course_steps(house),
        *vanishing_steps(house),
        *privacy_steps(house),
    )
