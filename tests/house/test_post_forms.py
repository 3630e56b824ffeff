"""Every form of a post is in the one list that the outbox and the console go by: the outbox takes no other."""

from __future__ import annotations

from reinforce.domain.post_forms import FORMS
from reinforce.web import words


def test_every_form_has_its_word_in_the_console() -> None:
    assert set(words.FORMS) == set(FORMS), "say it in reinforce/web/words.py as people would"
    assert len(set(words.FORMS.values())) == len(set(FORMS)) == len(FORMS)
