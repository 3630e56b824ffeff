"""The trace of one belief."""

from __future__ import annotations

import numpy as np
import pytest

from reinforce.domain.nugget import Form
from reinforce.domain.planning.exposure import EvidenceKind, NuggetLog, PostSeen, Review, believe
from reinforce.domain.planning.totals import Totals
from reinforce.domain.planning.tracing import trace

EVERYBODY, NOBODY = np.arange(1, 41), np.empty(0, np.int64)


def _log() -> NuggetLog:
    """A reminder, a question that 1 knew and 2 did not, and a poll whose votes are known."""
    posts = (
        PostSeen(1, 10.0, Form.REMINDER, True, EVERYBODY, NOBODY),
        PostSeen(2, 12.0, Form.QUESTION, True, EVERYBODY, np.asarray([1, 2])),
        PostSeen(3, 15.0, Form.POLL, True, EVERYBODY, NOBODY, Totals(votes=(9, 3))),
    )
    reviews = (
        Review(7, 1, 2, 12.1, 3, EvidenceKind.ANSWER, 0.25),
        Review(8, 2, 2, 12.2, 1, EvidenceKind.ANSWER, 0.25),
    )
    return NuggetLog(posts, reviews)


def test_what_is_left_at_the_end_of_a_trace_is_what_is_believed() -> None:
    learners, belief = believe(_log())
    for learner in (1, 2, 3):
        left = trace(_log(), learner)[1]
        place = int(np.searchsorted(learners, learner))
        assert left.recall(20.0)[0] == pytest.approx(belief.recall(20.0)[place], rel=1e-12)


def test_a_trace_names_the_post_or_the_review_that_moved_it() -> None:
    assert [(one.post, one.review) for one in trace(_log(), 1)[0]] == [(1, None), (None, 7), (3, None)]
    assert [(one.post, one.review) for one in trace(_log(), 3)[0]] == [(1, None), (2, None), (3, None)]


def test_a_right_answer_raises_recall_and_another_lowers_it() -> None:
    right, other = trace(_log(), 1)[0][1], trace(_log(), 2)[0][1]
    assert right.after.recall > right.before.recall
    assert right.after.reached > 0.99
    assert other.after.stability < right.after.stability
