"""How many see and answer, estimated from the replies to a procedure's own posts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.nugget import Form
from reinforce.domain.planning.engagement import Turnout, engagement
from reinforce.domain.planning.exposure import MODEL


def _posts(
    count: int, audience: int, share: float, form: Form = Form.QUESTION, seen: float | None = None
) -> list[Turnout]:
    shown = None if seen is None else round(audience * seen * 1.5)
    return [Turnout(form, audience, round(audience * share), 1.0, shown) for _ in range(count)]


def test_without_posts_the_prior_stays_as_it_is() -> None:
    assert engagement([]) == MODEL
    assert engagement([Turnout(Form.QUESTION, 0, 0)]) == MODEL


def test_replies_tell_the_product_of_seeing_and_answering() -> None:
    for share in (0.02, 0.05, 0.1, 0.25):
        found = engagement(_posts(40, 200, share))
        assert found.sees * found.answers[Form.QUESTION] == pytest.approx(share, rel=0.06)


def test_one_post_moves_the_prior_only_a_little() -> None:
    found = engagement(_posts(1, 10, 0.0))
    assert 0.6 * MODEL.sees < found.sees < MODEL.sees
    assert found.answers[Form.REMINDER] == MODEL.answers[Form.REMINDER]


def test_impressions_tell_seeing_from_answering() -> None:
    many_see = engagement(_posts(40, 200, 0.05, seen=0.5))
    few_see = engagement(_posts(40, 200, 0.05, seen=0.08))
    assert few_see.sees < 0.75 * MODEL.sees < 1.05 * MODEL.sees < many_see.sees
    assert many_see.answers[Form.QUESTION] < 0.22 < few_see.answers[Form.QUESTION]


def test_impressions_that_are_never_counted_say_nothing() -> None:
    posts = _posts(10, 100, 0.05)
    hidden = [Turnout(one.form, one.audience, one.replied, one.recall, 0) for one in posts]
    assert engagement(hidden) == engagement(posts)


def test_votes_help_to_know_who_sees_and_are_still_nobodys_answer() -> None:
    found = engagement(_posts(30, 100, 0.4, Form.POLL))
    assert found.sees > MODEL.sees
    assert found.answers[Form.POLL] == 0.0


def test_those_who_did_not_know_are_expected_to_reply_less() -> None:
    known = engagement([Turnout(Form.QUESTION, 5_000, 400, 1.0)])
    unknown = engagement([Turnout(Form.QUESTION, 5_000, 400, 0.0)])
    product = [one.sees * one.answers[Form.QUESTION] for one in (known, unknown)]
    assert product[0] / product[1] == pytest.approx(MODEL.unknowing, rel=0.05)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(Form)),
            st.integers(0, 300),
            st.integers(0, 400),
            st.floats(0, 1),
            st.none() | st.integers(0, 10_000),
        ),
        max_size=30,
    )
)
def test_whatever_came_back_the_estimate_is_a_model(raw: list[tuple[Form, int, int, float, int | None]]) -> None:
    posts = [Turnout(*one) for one in raw]
    found = engagement(posts)
    assert 0.0 < found.sees < 1.0
    assert all(0.0 <= share < 1.0 for share in found.answers.values())
    assert list(found.answers) == list(MODEL.answers)
    assert found == engagement(reversed(posts))
    assert np.isfinite([found.sees, *found.answers.values()]).all()
