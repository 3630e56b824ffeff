"""Arrange an event: see what it would post and what that costs, put it on record, open it, close it, call it off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from reinforce.content.scalars import slug_of
from reinforce.domain.cohort import Cohort
from reinforce.domain.errors import Conflict, NotAllowed, ReinforceError
from reinforce.domain.gathering.backchannel import MARGIN, REACH
from reinforce.domain.gathering.events import CALLED_OFF, CLOSED, OPENED, Event, EventKind, Phase, notices
from reinforce.domain.planning.deciding import Unfit
from reinforce.domain.sending.budget import Tariff, dollars, holds_link
from reinforce.domain.sending.outbox import State
from reinforce.domain.texts.web_addresses import find_addresses
from reinforce.domain.texts.wording import hashtags
from reinforce.rendering.composing import composer_in
from reinforce.rendering.event_posts import compose_notice
from reinforce.rendering.posts import PostRenderer
from reinforce.store.accounts import accounts
from reinforce.store.authoring import nuggets
from reinforce.store.gathering import backchannel, events
from reinforce.store.gathering.events import EventDraft
from reinforce.store.operating import audit
from reinforce.store.people import cohorts, people
from reinforce.store.planning import decisions, plan_snapshot
from reinforce.store.sending import attempts, outbox
from reinforce.store.session import Database

LONGEST_TITLE = 100
LONGEST = timedelta(days=366)
# A live session that lasts longer is none, and its search would be asked each minute for nothing.
LONGEST_LIVE = timedelta(days=2)
PROTECTED = (
    "the account is protected: search shows neither its posts nor protected learners', so what is said is collected "
    "from mentions and replies, and from public posts with the hashtag"
)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event as somebody asks for it. Times are the cohort's local wall-clock times; `announce` None: at once, unless
    not `announced`. `follow_up` are nuggets ("procedure/slug") with the hours after its end, `procedures` (slugs) stand
    for all of their nuggets."""

    slug: str
    title: str
    cohort: str
    kind: EventKind
    hashtag: str
    starts: datetime
    ends: datetime
    link: str = ""
    announced: bool = True
    announce: datetime | None = None
    reminders: tuple[int, ...] = ()
    follow_up: tuple[tuple[str, int], ...] = ()
    procedures: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedPost:
    """A post that an event will have: `at` as it stands now; an announcement may wait for an open hour."""

    form: str
    at: datetime
    text: str
    price_micros: int


@dataclass(frozen=True, slots=True)
class EventPlan:
    """What an event would be: its posts with their prices, the nuggets ("procedure/slug") it holds back and until when,
    and what is worth knowing before one agrees."""

    event: Event
    posts: tuple[PlannedPost, ...]
    price_micros: int
    follow_up: Mapping[str, datetime]
    notes: tuple[str, ...]

    @property
    def dear(self) -> bool:
        """Whether a post with a link is among them: somebody has to agree to its price."""
        return any(holds_link(post.text) for post in self.posts)


def preview_event(
    database: Database, new: NewEvent, renderer: PostRenderer, tariff: Tariff, *, now: datetime
) -> EventPlan:
    """What `new` would be; changes nothing. Raises NotFound, ReinforceError for a value that can't be, Conflict with
    another event, NotAllowed where one of its posts can't be posted, with what to do."""
    with database.read() as connection:
        return _Arranging(connection, new, now).plan(renderer, tariff)


def create_event(
    database: Database,
    new: NewEvent,
    renderer: PostRenderer,
    tariff: Tariff,
    *,
    agreed: bool,
    actor: str,
    now: datetime,
) -> EventPlan:
    """Put an event on record; the daemon does the rest. Raises as `preview_event`, and NotAllowed where a post holds a
    link and nobody `agreed` to the price."""
    with database.write() as connection:
        arranging = _Arranging(connection, new, now)
        plan = arranging.plan(renderer, tariff)
        if plan.dear and not agreed:
            raise NotAllowed(
                f"a post with a link costs {dollars(max(post.price_micros for post in plan.posts))}, "
                f"all of its posts {dollars(plan.price_micros)}",
                "Agree to it with --yes, or leave --link out.",
            )
        made = events.add(connection, arranging.draft, now)
        events.set_follow_up(connection, made.id, arranging.follow_up)
        _withdraw(connection, arranging.cohort.id, frozenset(arranging.follow_up))
        cohorts.raise_version(connection, arranging.cohort.id)
        detail = {"cohort": made.cohort_id, "price_micros": plan.price_micros, "held_back": len(arranging.follow_up)}
        audit.record(connection, actor, "event-create", f"event/{made.id}", detail, now)
        return replace(plan, event=made)


def open_event(database: Database, slug: str, *, actor: str, now: datetime) -> Event:
    """Begin before its time, or again after it was closed by hand.

    What was to be said of it and has not left is planned anew, by the times that hold now: the start, if it was not
    posted and its window is not over. Nuggets that follow it are held back until after its new end. Raises NotFound;
    NotAllowed if it was cancelled, or its time is over; Conflict if it is open.
    """
    with database.write() as connection:
        event = events.event_by_slug(connection, slug, lock=True)
        phase = event.phase(now)
        if phase is Phase.CANCELLED:
            raise NotAllowed(f"{slug} was cancelled", "Create it anew, under another name.")
        if phase is Phase.OPEN:
            raise Conflict(f"{slug} is open already, until {event.closes_at:%Y-%m-%d %H:%M} UTC")
        if now >= event.ends_at:
            raise NotAllowed(f"{slug} ended at {event.ends_at:%Y-%m-%d %H:%M} UTC", "Create another event.")
        values: dict[str, datetime | int | None] = {
            "closed_at": None,
            "sweep_at": None,
            "swept_at": None,
            "matched_id": 0,
        }
        if phase is Phase.AHEAD:
            values["opened_at"] = _second(now)
        _take_back(connection, event, OPENED)
        opened = _changed(connection, event, "event-open", actor, now, **values)
        # While it was closed these windows seemed to be over.
        ahead = [notice.occurrence(event.id) for notice in notices(opened) if notice.until > now]
        decisions.forget_quiet(connection, ahead)
        _withdraw(connection, event.cohort_id, frozenset(events.follow_up(connection, event.id)))
        return opened


def close_event(database: Database, slug: str, *, actor: str, now: datetime) -> Event:
    """End before its time; what was to be said of it and has not left is taken back. Raises NotFound; Conflict if it
    is not open."""
    with database.write() as connection:
        event = events.event_by_slug(connection, slug, lock=True)
        phase = event.phase(now)
        if phase is not Phase.OPEN:
            advice = f"Call it off with: reinforce event cancel {slug}" if phase is Phase.AHEAD else ""
            raise Conflict(f"{slug} is not open: it is {phase.value}", advice)
        _take_back(connection, event, CLOSED)
        # What was said in this very second still belongs to it: X stamps posts to the second.
        return _changed(connection, event, "event-close", actor, now, closed_at=_second(now) + timedelta(seconds=1))


def cancel_event(database: Database, slug: str, *, release: bool, actor: str, now: datetime) -> Event:
    """Call it off: what is planned is taken back, and news of it goes out if it had been announced. Its follow-up
    nuggets stay held back, unless they are to be let go (`release`). Raises NotFound; Conflict if it is over."""
    with database.write() as connection:
        event = events.event_by_slug(connection, slug, lock=True)
        if event.phase(now) is Phase.OVER:
            raise Conflict(f"{slug} is over", "What was said in it stays: reinforce event record --help")
        _take_back(connection, event, CALLED_OFF)
        if release:
            events.set_follow_up(connection, event.id, {})
        cancelled = event.cancelled_at or now
        return _changed(connection, event, "event-cancel", actor, now, cancelled_at=cancelled)


def _take_back(connection: Connection, event: Event, why: str) -> None:
    for item in backchannel.own_posts(connection, event, under_way=True):
        if item.state in (State.PLANNED, State.LEASED) and not attempts.may_have_been_sent(connection, item.id):
            outbox.cancel(connection, item, why)


def _changed(
    connection: Connection, event: Event, verb: str, actor: str, now: datetime, **values: datetime | int | None
) -> Event:
    changed = events.change(connection, event.id, **values)
    cohorts.raise_version(connection, event.cohort_id)
    audit.record(connection, actor, verb, f"event/{event.id}", {}, now)
    return changed


def _second(now: datetime) -> datetime:
    """X stamps posts to the second: one made in the second in which an event opens belongs to it."""
    return now.replace(microsecond=0)


def _withdraw(connection: Connection, cohort_id: int, nugget_ids: frozenset[int]) -> None:
    """Take back what was planned of nuggets that are held back from now on; a slot that is still to come is chosen for
    again. What may be up already stays."""
    for item in outbox.waiting(connection, nugget_ids):
        if item.cohort_id == cohort_id and not attempts.may_have_been_sent(connection, item.id):
            outbox.cancel(connection, item, "it follows an event now")


class _Arranging:
    """One request, held against what is there."""

    def __init__(self, connection: Connection, new: NewEvent, now: datetime) -> None:
        self._connection, self._new, self._now = connection, new, now
        self.cohort: Cohort = cohorts.cohort_by_slug(connection, new.cohort)
        self._check_words()
        tag = new.hashtag.removeprefix("#")
        self.draft = EventDraft(
            slug=new.slug,
            title=new.title,
            cohort_id=self.cohort.id,
            kind=new.kind,
            hashtag=tag,
            link=new.link,
            zone=self.cohort.zone,
            starts=new.starts,
            ends=new.ends,
            announce_at=None,
            reminders=tuple(sorted(set(new.reminders), reverse=True)),
        )
        self.event = self.draft.event(now)
        self._check_times()
        self.draft = replace(self.draft, announce_at=self._announce_at())
        self.event = self.draft.event(now)
        self.follow_up = self._follow_up()

    def plan(self, renderer: PostRenderer, tariff: Tariff) -> EventPlan:
        """Its posts, each composed as it will be."""
        learnt = nuggets.cohort_nuggets(self._connection, self.cohort.id)
        marks = people.people_marks(self._connection, self.cohort.account_id)
        compose = composer_in(self.cohort.language, learnt, renderer, tariff, marks)
        cadence = plan_snapshot.frame(self._connection, self.cohort.id).cadence
        since = self._now - cadence.repeat_after
        texts = plan_snapshot.texts_used(self._connection, self.cohort.account_id, since)
        posts = []
        for notice in notices(self.event):
            if notice.until <= self._now:
                continue
            at = max(notice.at, self._now)
            composed = compose_notice(compose, self.event, notice, at, texts, cadence.repeat_after)
            if isinstance(composed, Unfit):
                what = notice.kind.value.removeprefix("event_")
                advice = "Give another title, hashtag or link, or fewer reminders."
                raise NotAllowed(f"its {what} can't be posted: {composed.reason}", advice)
            texts[composed.text_hash] = at
            posts.append(PlannedPost(notice.kind.value, at, composed.text, composed.price_micros))
        named = {one.id: f"{one.procedure}/{one.slug}" for one in learnt}
        held = {named[key]: self.event.ends_at + timedelta(hours=hours) for key, hours in self.follow_up.items()}
        price = sum(post.price_micros for post in posts)
        return EventPlan(self.event, tuple(posts), price, held, self._notes())

    def _notes(self) -> tuple[str, ...]:
        found = []
        if accounts.account_by_id(self._connection, self.cohort.account_id).protected:
            found.append(PROTECTED)
        if self._now - self.event.opens_at > REACH - MARGIN:
            found.append("it began more than seven days ago: what was said before can't be searched for any more")
        return tuple(found)

    def _check_words(self) -> None:
        new = self._new
        if slug_of(new.slug) != new.slug or not new.slug:
            better = slug_of(new.slug)
            advice = "Use lower case letters, digits and hyphens" + (f", such as {better}." if better else ".")
            raise ReinforceError(f"“{new.slug}” can't be an event's name", advice)
        if not 0 < len(new.title.strip()) <= LONGEST_TITLE:
            raise ReinforceError(f"a title has 1 to {LONGEST_TITLE} characters", "Give another --title.")
        tag = new.hashtag.removeprefix("#")
        if hashtags(f"#{tag}") != (tag,):
            advice = "Use letters, digits and _, at least one letter, as in --hashtag lockoutlive."
            raise ReinforceError(f"“{new.hashtag}” is no hashtag", advice)
        whole = [address for address in find_addresses(new.link) if address.url == new.link]
        if new.link and not (whole and new.link.startswith(("http://", "https://"))):
            raise ReinforceError(f"“{new.link}” is no web address", "Write it whole: --link https://…")

    def _check_times(self) -> None:
        event, now = self.event, self._now
        if event.ends_at <= event.starts_at:
            raise ReinforceError("it would end before it starts", "Give a later --ends.")
        if event.ends_at <= now:
            raise ReinforceError("it is over already", "Give later times; they are the cohort's local ones.")
        length = event.ends_at - event.starts_at
        if length > LONGEST or (event.kind is EventKind.LIVE and length > LONGEST_LIVE):
            advice = "What is watched over weeks is a --recording, of at most a year."
            raise ReinforceError(f"{length.days} days are too long for a {event.kind.value} event", advice)
        if any(not 0 < hours <= 24 * 60 for hours in event.reminders):
            raise ReinforceError("a reminder comes 1 to 1440 hours before", "Give another --remind.")
        for other in events.events(self._connection, account_id=self.cohort.account_id):
            same = other.hashtag.casefold() == event.hashtag.casefold() and other.cancelled_at is None
            if same and other.opens_at < event.ends_at and event.starts_at < other.closes_at:
                advice = "What is said would belong to both: choose another hashtag."
                raise Conflict(f"the event {other.slug} has #{other.hashtag} at the same time", advice)

    def _announce_at(self) -> datetime | None:
        new, event = self._new, self.event
        if not new.announced or event.opens_at <= self._now:
            return None
        wanted = None if new.announce is None else replace(self.draft, starts=new.announce).event(self._now).starts_at
        if wanted is not None and not self._now <= wanted < event.starts_at:
            raise ReinforceError("the announcement has to come between now and its start", "Give another --announce.")
        return wanted or self._now

    def _follow_up(self) -> dict[int, int]:
        """Hours after its end by nugget id; what is named by itself wins over its procedure."""
        learnt = nuggets.cohort_nuggets(self._connection, self.cohort.id)
        found: dict[int, int] = {}
        for slug, hours in self._new.procedures:
            mine = {one.id: hours for one in learnt if one.procedure == slug}
            if not mine:
                learns = ", ".join(sorted({one.procedure for one in learnt})) or "nothing yet"
                raise ReinforceError(
                    f"{self.cohort.slug} learns no procedure {slug}", f"Name one that it learns: {learns}."
                )
            found |= mine
        for reference, hours in self._new.follow_up:
            found[nuggets.nugget_by_reference(self._connection, reference, self.cohort.id).id] = hours
        if any(hours < 0 for hours in found.values()):
            raise ReinforceError("a nugget can't follow an event before its end", "Give another delay.")
        return found
