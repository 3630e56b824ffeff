"""The steps of a tick between listening and sending: what learners said is answered, counted and kept; courses go on,
and what is to go is taken off X."""

from __future__ import annotations

from collections.abc import Callable

from reinforce.actions.courses.carry_on import carry_on_courses
from reinforce.actions.polling.close import close_polls
from reinforce.bootstrap import House
from reinforce.daemon.answering import answering_steps
from reinforce.daemon.gathering import gathering_steps
from reinforce.daemon.joining import joining_steps
from reinforce.daemon.privacy import privacy_steps
from reinforce.daemon.quizzing import quizzing_steps
from reinforce.daemon.revising import revising_steps
from reinforce.daemon.taking_down import take_posts_down
from reinforce.daemon.vanishing import vanishing_steps


def conversation_steps(house: House) -> tuple[tuple[str, Callable[[], object]], ...]:
    """Names and verbs, in order: what was graded in this tick is there, what they plan is published after them, and
    what a recall or a withdrawal asks for is deleted in the same tick."""
    return (
        *joining_steps(house),
        *gathering_steps(house),
        *answering_steps(house),
        ("close polls", lambda: close_polls(house.database, now=house.clock.now())),
        *quizzing_steps(house),
        *revising_steps(house),
        ("carry courses on", lambda: carry_on_courses(house.database, now=house.clock.now())),
        ("take posts down", lambda: take_posts_down(house)),
        *vanishing_steps(house),
        *privacy_steps(house),
    )
