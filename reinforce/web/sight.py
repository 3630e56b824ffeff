"""How much of people somebody sees: by name, in groups of five or more, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from reinforce.domain.access.groups import FEWEST
from reinforce.domain.access.rights import Right, Scope
from reinforce.store.reporting.console.cohorts import cohorts_of, titles_beyond
from reinforce.store.reporting.console.posts import PostLine, QuietLine
from reinforce.web.forecast import Outlook
from reinforce.web.gate import Viewer

TO_ONE_PERSON = "A reply to one person: its words are for the facilitators of the cohort."
TOO_FEW = "It goes by what fewer than five people remember, so its reason is for the facilitators of the cohort."


@dataclass(frozen=True, slots=True)
class Sight:
    """What a viewer sees: cohorts and posts in `seen`, single learners in `named`. `large` are the cohorts of which
    figures tell of a group, `others` the titles of those that are not seen."""

    seen: Scope
    named: Scope
    large: frozenset[int]
    others: tuple[str, ...] = ()

    def figures_of(self, cohort_id: int | None) -> bool:
        """Whether figures about a cohort's memory may be shown: they tell of five or more, or single people may be."""
        return self.named.holds(cohort_id) or cohort_id in self.large

    @property
    def told(self) -> Scope:
        """The cohorts of which it may be told why the plan stayed quiet: it goes by what their learners remember."""
        if self.named.everything:
            return self.seen
        shown = self.large if self.seen.everything else self.seen.cohorts & self.large
        return Scope(cohorts=shown | self.named.cohorts)

    def of_outlook(self, cohort_id: int, outlook: Outlook | None) -> Outlook | None:
        """The next slots of a cohort, without reasons where those tell of fewer than five; None for unknown ones."""
        if outlook is None:
            return None
        shown = self.figures_of(cohort_id)
        slots = (replace(slot, reason=self.of_reason(slot.reason) if shown else "") for slot in outlook.slots)
        return replace(outlook, slots=tuple(slots))

    def of_quiet(self, line: QuietLine) -> QuietLine:
        """A slot that was left empty, and why."""
        return replace(line, reason=self.of_reason(line.reason))

    def of_reason(self, reason: str) -> str:
        """A reason without the titles of cohorts that are not seen: those that share an account have to do with each
        other."""
        for title in self.others:
            reason = reason.replace(f"“{title}”", "of others")
        return reason

    def of_post(self, post: PostLine) -> PostLine:
        """A post, without what tells of single people where those may not be seen."""
        post = replace(post, reason=self.of_reason(post.reason), outcome=self.of_reason(post.outcome))
        if self.named.holds(post.cohort_id):
            return post
        if post.inbound_id is not None:
            return replace(post, text=TO_ONE_PERSON, reason="", outcome="", decision={}, poll=None)
        if post.cohort_id is not None and not self.figures_of(post.cohort_id):
            return replace(post, reason=TOO_FEW, decision={})
        return post

    def of_posts(self, posts: tuple[PostLine, ...]) -> tuple[PostLine, ...]:
        """Posts as `of_post` gives them."""
        return tuple(map(self.of_post, posts))


def sight_of(connection: Connection, viewer: Viewer) -> Sight:
    """What a viewer sees."""
    seen = viewer.scope(Right.LOOK)
    return Sight(seen, viewer.scope(Right.NAMES), cohorts_of(connection, FEWEST), titles_beyond(connection, seen))
