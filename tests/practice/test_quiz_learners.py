"""Scripted learners play along in a quiz round."""

from __future__ import annotations

import random

import pytest

from reinforce.practice.script import MINUTE, Subject, delay_of, react, teams_in, traits_of


@pytest.mark.parametrize("text", [
    "Quiz: Lockout.\n10 questions.\nOn no team yet? Reply “join blue” (teams: blue, night shift, red).",
    "Einem Team beitreten: als Antwort „join blue“. Teams: blue, night shift, red.",
])  # fmt: skip
def test_who_is_invited_to_a_team_joins_one(text: str) -> None:
    assert teams_in(text) == ("blue", "night shift", "red")
    said = set()
    for n in range(40):
        reaction = react(traits_of(random.Random(n)), Subject("unknown"), text, (), 0.5, random.Random(n))
        said.add(reaction.acts[0].text)
    assert said == {"join blue", "join night shift", "join red"}


def test_an_invitation_with_a_code_is_no_invitation_to_a_team() -> None:
    assert teams_in("Lockout is open to join until 3 May. Reply “join” with your code.") == ()


def test_a_numbered_question_is_seen_within_minutes() -> None:
    def median(text: str) -> int:
        return sorted(delay_of(traits_of(random.Random(n)), text, random.Random(n)) for n in range(99))[49]

    assert median("3/10 Who removes a lock?") < 3 * MINUTE
    assert median("Who removes a lock?") > 10 * MINUTE
