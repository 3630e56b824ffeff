"""What composes the posts of a cohort on the walk of its account (`domain.walking`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from reinforce.domain.enrolling.updates import Update
from reinforce.domain.nugget import Form, Question, StoredNugget
from reinforce.domain.planning.approved_texts import beside_hash
from reinforce.domain.planning.deciding import Composed, Decided, Unfit
from reinforce.domain.planning.plan_state import PlanSnapshot, PlanState
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.texts.naming_guard import PersonMarks
from reinforce.rendering.composing import PostComposer, composer_for
from reinforce.rendering.posts import PostRenderer
from reinforce.rendering.update_posts import compose_update, is_up


@dataclass(slots=True)
class LaneComposer:
    """A `PostComposer` as the walk asks it: what was said counts as used, also for approvals of first uses."""

    posts: PostComposer

    def __call__(self, nugget: StoredNugget, form: Form, at: datetime, state: PlanState) -> Composed | Unfit:
        """The post of a nugget."""
        return self.posts(nugget, form, at, state)

    def answer(self, state: PlanState, decision: Decided) -> Composed | None:
        """The answer that will follow a post."""
        return self.posts.answer(state, decision)

    def reveal(self, question: Question, question_id: int, at: datetime, state: PlanState) -> Composed | Unfit:
        """The answer to a question whose window has closed."""
        return self.posts.reveal(question, question_id, at, state.texts, state.snapshot.cadence.repeat_after)

    def update(self, update: Update, at: datetime, state: PlanState) -> Composed | Unfit | None:
        """The post about a date; None if the account has said it already."""
        there = state.snapshot
        if is_up(self.posts, there.cohort, update, at, state.texts):
            return None
        return compose_update(self.posts, there.cohort, update, at, state.texts, there.cadence.repeat_after)

    def used(self, composed: Composed) -> None:
        """A text, with its picture, has its first use behind it."""
        book, key = self.posts.approval, (composed.text_hash, beside_hash(composed.media))
        if book is not None and key not in book.used:
            self.posts.approval = replace(book, used=frozenset({*book.used, key}))


def lane_composer(
    snapshot: PlanSnapshot,
    renderer: PostRenderer,
    tariff: Tariff,
    people: Iterable[PersonMarks],
    before: Iterable[tuple[PlanSnapshot, LaneComposer]] = (),
) -> LaneComposer:
    """The composer of a cohort's posts; `people` are those whom no post of the account may name. What the composers of
    the lanes `before` it have rendered and checked is not done again."""
    made = composer_for(snapshot, renderer, tariff, people)
    for there, other in before:
        made = made.sharing(other.posts, guards_alike=there.nuggets == snapshot.nuggets)
    return LaneComposer(made)
