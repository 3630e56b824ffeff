"""How a month's budget will end, told before it does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reinforce.domain.sending.allowance import Bounds, Spent, month_ends
from reinforce.domain.sending.budget import dollars
from reinforce.domain.sending.rationing import Ahead, share_of_chosen


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a month comes to if it goes on like this. `share` says for how much of the chosen posts there is room
    (1: all), `ends_at` when a budget that won't do would be spent if nothing were given up."""

    expected_micros: int
    expected_posts: int
    share: float
    ends_at: datetime | None

    @property
    def short(self) -> bool:
        """Whether posts will be given up."""
        return self.share < 1


def outlook(bounds: Bounds, spent: Spent, ahead: Ahead, now: datetime) -> Outlook:
    """The outlook at `now` (programme time)."""
    micros = ahead.owed_micros + ahead.steady_micros + ahead.chosen_micros
    posts = ahead.owed_posts + ahead.steady_posts + ahead.chosen_posts
    pairs = (
        (bounds.micros_a_month, spent.micros_month, micros, ahead.chosen_micros),
        (bounds.posts_a_month, spent.posts_month, posts, ahead.chosen_posts),
    )
    rooms = [None if bound is None else bound - used - (need - chosen) for bound, used, need, chosen in pairs]
    share = share_of_chosen(rooms[0], rooms[1], ahead.chosen_micros, ahead.chosen_posts)
    lasting = min(
        [max(bound - used, 0) / need for bound, used, need, _ in pairs if bound is not None and need > 0], default=1.0
    )
    ends_at = now + (month_ends(now) - now) * lasting if lasting < 1 else None
    return Outlook(spent.micros_month + micros, spent.posts_month + posts, share, ends_at)


def warning(name: str, bounds: Bounds, found: Outlook) -> str:
    """The shortage in words for a person; "" if there is none."""
    if not found.short or found.ends_at is None:
        return ""
    parts = []
    if bounds.micros_a_month is not None:
        parts.append(f"{dollars(found.expected_micros)} expected of {dollars(bounds.micros_a_month)}")
    if bounds.posts_a_month is not None:
        parts.append(f"{found.expected_posts} posts expected of {bounds.posts_a_month}")
    when = f"it would be spent on {found.ends_at:%Y-%m-%d} (UTC)"
    return (
        f"the budget of {name} won't do this month: {', '.join(parts)}; {when}: the least valuable posts are given up"
    )
