"""The steps of a tick that hold quiz rounds."""

from __future__ import annotations

from collections.abc import Callable

from reinforce.actions.quizzing.post_quizzes import post_quizzes
from reinforce.actions.quizzing.score_quizzes import score_quizzes
from reinforce.bootstrap import House


def quizzing_steps(house: House) -> tuple[tuple[str, Callable[[], object]], ...]:
    """Names and verbs: answers are scored first, so that a hint goes by all that was read in this tick."""
    database, clock = house.database, house.clock
    return (
        ("score quizzes", lambda: score_quizzes(database, house.lexicon, now=clock.now())),
        ("post quizzes", lambda: _post(house)),
    )


def _post(house: House) -> None:
    post_quizzes(house.database, house.renderer, house.tariff, now=house.clock.now(), checkpoint=house.checkpoint)
