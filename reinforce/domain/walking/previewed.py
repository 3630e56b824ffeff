"""What a preview shows of a cohort: its rows, and what they come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.cohort import Cohort
from reinforce.domain.planning.phases import PhaseCadence
from reinforce.domain.planning.plan_state import REVEAL
from reinforce.domain.planning.slots import local_day

QUIET = "quiet"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PreviewedPost:
    """One slot, reveal, or update of the days to come. `local` is due_at in the cohort's zone.

    Where the plan would stay quiet, `nugget` and `text` are "", `form` is "quiet" and `reason` says why. `planned` is
    True for what stands in the outbox already. `cohort` is the slug of whose it is, `options` what a poll lets people
    choose, `media` the pictures it shows as {"hash", "alt"}. `recall_before` and `recall_after` are what the model
    expects of the cohort's recall of the nugget just before the post and with it, None where that is not asked for.
    """

    due_at: datetime
    local: datetime
    slot: str
    nugget: str
    form: str
    text: str
    price_micros: int
    reason: str
    planned: bool = False
    cohort: str = ""
    options: tuple[str, ...] = ()
    recall_before: float | None = None
    recall_after: float | None = None
    media: tuple[Mapping[str, str], ...] = ()

    @property
    def at(self) -> datetime:
        """As `due_at`."""
        return self.due_at

    @property
    def is_post(self) -> bool:
        """Whether anything goes out."""
        return self.form != QUIET


@dataclass(frozen=True, slots=True)
class NuggetExpected:
    """A nugget's expected mean recall now, and at `on`: its assessment, or the end of the preview if that is sooner."""

    name: str
    title: str
    on: datetime
    now: float
    then: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What a cohort's preview comes to: posts (answers under questions among them), slots that stay empty, local days
    without any post, the price, and the expected mean recall over its nuggets now and on their days (None: it has no
    nuggets that are for anybody). `typical`: fewer than five of the roster are linked, so typical learners stand in."""

    posts: int
    reveals: int
    quiet: int
    days: int
    days_without: int
    price_micros: int
    recall_now: float | None
    recall_then: float | None
    typical: bool
    nuggets: tuple[NuggetExpected, ...] = ()


@dataclass(frozen=True, slots=True)
class LookAhead:
    """The days from `start` to `end` (UTC) of one cohort: its rows with the recall that is expected, what they come to,
    why nothing is posted on a day (by local date), and on which days its cadence changes. `what_if`: they are supposed.
    """

    cohort: Cohort
    account: AccountRecord
    cadence: str
    start: datetime
    end: datetime
    rows: tuple[PreviewedPost, ...]
    figures: Figures
    days_off: Mapping[date, str]
    phases: tuple[PhaseCadence, ...]
    what_if: bool = False


def figures(
    rows: Iterable[PreviewedPost],
    zone: str,
    stretch: tuple[datetime, datetime],
    nuggets: tuple[NuggetExpected, ...] = (),
    *,
    typical: bool = False,
) -> Figures:
    """The figures of one cohort's rows over `stretch` (from, to); `zone` is the cohort's."""
    found = list(rows)
    posts = [one for one in found if one.is_post]
    days = local_days(stretch, zone)
    with_post = {local_day(one.due_at, zone) for one in posts}
    return Figures(
        posts=len(posts),
        reveals=sum(one.form == REVEAL for one in posts),
        quiet=len(found) - len(posts),
        days=len(days),
        days_without=sum(day not in with_post for day in days),
        price_micros=sum(one.price_micros for one in posts),
        recall_now=_mean([one.now for one in nuggets]),
        recall_then=_mean([one.then for one in nuggets]),
        typical=typical,
        nuggets=nuggets,
    )


def local_days(stretch: tuple[datetime, datetime], zone: str) -> list[date]:
    """The local dates that a stretch of time touches."""
    first, last = (local_day(at, zone) for at in stretch)
    return [first + n * _DAY for n in range((last - first).days + 1)]


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
