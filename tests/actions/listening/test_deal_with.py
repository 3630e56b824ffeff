"""What waits for a person is dealt with, and given back."""

from __future__ import annotations

import pytest

from reinforce.actions.listening.deal_with import deal_with, give_back
from reinforce.domain.errors import NotAllowed, NotFound
from tests.actions.listening.conftest import NOW, Scene


def test_what_a_person_has_dealt_with_waits_no_more_until_it_is_given_back(scene: Scene) -> None:
    scene.say("C", scene.choice)
    post = scene.say("B", scene.reminder)
    assert post.needs_person
    deal_with(scene.database, post.id, actor="test", now=NOW)
    assert not scene.inbound(post.id).needs_person
    with pytest.raises(NotAllowed, match="waits for nobody"):
        deal_with(scene.database, post.id, actor="test", now=NOW)
    give_back(scene.database, post.id, actor="test", now=NOW)
    assert scene.inbound(post.id).needs_person


def test_what_never_came_in_can_not_be_dealt_with(scene: Scene) -> None:
    for act in (deal_with, give_back):
        with pytest.raises(NotFound, match="no reply with the number 999"):
            act(scene.database, 999, actor="test", now=NOW)
