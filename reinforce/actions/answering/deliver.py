"""Bring answers to those who asked: by the one reply where X and the person allow it, else by a post that names nobody.

A reply goes out at once. A post waits for an open hour of the cadence and for room under its caps, but not beyond the
promised time: then it goes out in the next open hour, whatever else there is. While posts wait, they gather: three or
more go out as one round-up, if they fit. What X refuses or a person no longer wants as a reply becomes a post; nothing
is lost, and what found no way at all is shown as stuck.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.answering.inquiry import ANSWER, Inquiry, InquiryState, Way, answer_occurrence
from reinforce.domain.cohort import ConsentKind
from reinforce.domain.errors import Conflict
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.caps import Room
from reinforce.domain.planning.slots import local_day, next_open
from reinforce.domain.sending.budget import Tariff, price_micros
from reinforce.domain.sending.outbox import OutboxItem, Planned, State, reply_occurrence
from reinforce.domain.texts.naming_guard import NamingGuard
from reinforce.domain.texts.wording import mentions
from reinforce.rendering.answer_texts import AnswerTexts, Fitting
from reinforce.rendering.answer_texts import Way as TextWay
from reinforce.rendering.posts import PostRenderer
from reinforce.store.answering import inquiries
from reinforce.store.authoring import passages
from reinforce.store.people import cohorts, people
from reinforce.store.planning import feed, plan_snapshot
from reinforce.store.planning.plan_snapshot import CohortFrame
from reinforce.store.privacy.meanwhile import about_people
from reinforce.store.sending import circumstances, outbox
from reinforce.store.session import Database

ROUND_UP_FROM = 3
_REPLY_GRACE = timedelta(days=1)
_POST_GRACE = timedelta(days=2)
_OVER = frozenset({State.REFUSED, State.SKIPPED, State.CANCELLED})


@dataclass(frozen=True, slots=True)
class DeliverOutcome:
    """How many answers arrived (`delivered`), the replies and posts that were planned, how many wait for an open hour
    or for room, and how many found no way out."""

    delivered: int = 0
    planned: tuple[OutboxItem, ...] = ()
    waiting: int = 0
    stuck: int = 0


def deliver(database: Database, renderer: PostRenderer, tariff: Tariff, *, now: datetime) -> DeliverOutcome:
    """See what became of the answers on their way, and plan what has no post yet. `now` is programme time."""
    with database.read() as connection:
        answered = inquiries.in_state(connection, InquiryState.ANSWERED)
    if not answered:
        return DeliverOutcome()
    delivering = _Delivering(database, renderer, tariff, now)
    delivered = sum(delivering.settle(one) for one in answered)
    with database.read() as connection:
        answered = inquiries.in_state(connection, InquiryState.ANSWERED)
    planned = [item for one in answered if one.way is Way.REPLY and (item := delivering.reply(one)) is not None]
    with database.read() as connection:
        left = inquiries.in_state(connection, InquiryState.ANSWERED)
    posts = [one for one in left if one.way is Way.POST and one.outbox_id is None]
    for cohort_id, account_id in sorted({(one.cohort_id or 0, one.account_id) for one in posts}):
        theirs = [one for one in posts if (one.cohort_id or 0, one.account_id) == (cohort_id, account_id)]
        planned += delivering.posts(theirs)
    with database.read() as connection:
        end = inquiries.in_state(connection, InquiryState.ANSWERED)
    waiting = sum(one.way is Way.POST and one.outbox_id is None for one in end)
    return DeliverOutcome(delivered, tuple(planned), waiting, sum(one.way is Way.STUCK for one in end))


@dataclass(slots=True)
class _Delivering:
    database: Database
    renderer: PostRenderer
    tariff: Tariff
    now: datetime
    _guards: dict[int, NamingGuard] = field(default_factory=dict)

    @contextmanager
    def _unless_changed(self) -> Iterator[Connection]:
        """A question that was changed meanwhile, or went with who asked it, is left to the next tick."""
        with suppress(Conflict), about_people(self.database) as connection:
            yield connection

    def settle(self, one: Inquiry) -> bool:
        """What became of the post that carries it: True if it is out."""
        if one.outbox_id is None:
            return False
        with self._unless_changed() as connection:
            item = outbox.item(connection, one.outbox_id)
            if item.state is State.POSTED:
                values = {"state": InquiryState.DELIVERED.value, "delivered_at": item.posted_at or self.now}
                inquiries.change(connection, one, **values, outcome="")
                passages.keep_answer(connection, one.id, one.about, one.answer)
                return True
            if item.state in _OVER:
                self._next_way(connection, one, item)
        return False

    def _next_way(self, connection: Connection, one: Inquiry, item: OutboxItem) -> None:
        """A reply that did not go out becomes a post; a post that did not is for a person to look at."""
        why = item.outcome or item.state.value
        way = Way.POST if one.way is Way.REPLY else Way.STUCK
        words = f"as a {one.way.value if one.way else 'post'}: {why}"
        inquiries.change(connection, one, way=way.value, outbox_id=None, outcome=words)

    # --- replies --------------------------------------------------------------------------------------------------

    def reply(self, one: Inquiry) -> OutboxItem | None:
        """Plan the answer as the one reply to what was asked; else it becomes a post."""
        if one.outbox_id is not None:
            return None
        with self._unless_changed() as connection:
            if not circumstances.may_reply(connection, one.inbound_id, self.now):
                inquiries.change(connection, one, way=Way.POST.value, outcome="a reply to this post is not possible")
                return None
            frame = None if one.cohort_id is None else plan_snapshot.frame(connection, one.cohort_id)
            texts = self._texts(connection, one.account_id, frame)
            taken = outbox.taken_since(connection, one.account_id, self.now - _repeat_after(frame))
            fitting = texts.fit(texts.reply(one.answer, one.initials), taken)
            if isinstance(fitting, str):
                inquiries.change(connection, one, way=Way.POST.value, outcome=f"as a reply: {fitting}")
                return None
            planned = self._planned(one, fitting, _REPLY_GRACE, self.now, "Answers a learner's question.")
            return self._add(connection, (one,), planned, _repeat_after(frame))
        return None

    # --- posts ----------------------------------------------------------------------------------------------------

    def posts(self, waiting: Sequence[Inquiry]) -> list[OutboxItem]:
        """Plan the answers of one cohort that no reply can carry, as far as there is an open hour and room now."""
        first = waiting[0]
        with self.database.read() as connection:
            frame = None if first.cohort_id is None else plan_snapshot.frame(connection, first.cohort_id)
            room = None if frame is None else feed.room(connection, frame.cohort, frame.cadence, self.now)
        if frame is not None and not self._is_open(frame):
            return []
        planned = []
        for together in self._bundles(waiting, frame):
            if frame is not None and room is not None and not self._may_go(together, frame, room):
                continue
            item = None
            with self._unless_changed() as connection:
                item = self._post(connection, together, frame)
            if item is not None:
                planned.append(item)
                room = room and room.taking((self.now,))
        return planned

    def _is_open(self, frame: CohortFrame) -> bool:
        holidays = holidays_of(frame.cohort, frame.cadence, self.now)
        return next_open(self.now, frame.cadence, frame.cohort.zone, holidays) == self.now

    def _may_go(self, together: Sequence[Inquiry], frame: CohortFrame, room: Room) -> bool:
        """Whether there is room today, or the promise would be broken by waiting for tomorrow."""
        cadence, zone = frame.cadence, frame.cohort.zone
        if room.holds((self.now,)):
            return True
        holidays = holidays_of(frame.cohort, cadence, self.now)
        tomorrow = _next_day_open(self.now, cadence, zone, holidays)
        return any(one.due_at is not None and (tomorrow is None or one.due_at <= tomorrow) for one in together)

    def _bundles(self, waiting: Sequence[Inquiry], frame: CohortFrame | None) -> list[tuple[Inquiry, ...]]:
        """What goes out in one post each: equal answers are one; three or more that fit are a round-up."""
        same: dict[tuple[str, str], list[Inquiry]] = {}
        for one in waiting:
            same.setdefault((one.answer, one.initials), []).append(one)
        singles = [tuple(ones) for ones in same.values()]
        if len(singles) < ROUND_UP_FROM:
            return singles
        with self.database.read() as connection:
            texts = self._texts(connection, waiting[0].account_id, frame)
            chosen: list[tuple[Inquiry, ...]] = []
            for ones in sorted(singles, key=lambda ones: len(ones[0].answer)):
                tried = [*chosen, ones]
                if not isinstance(texts.fit(self._round_up(connection, texts, tried), lambda _: False), str):
                    chosen = tried
        if len(chosen) < ROUND_UP_FROM:
            return singles
        rest = [ones for ones in singles if ones not in chosen]
        return [tuple(one for ones in singles if ones in chosen for one in ones), *rest]

    def _round_up(
        self, connection: Connection, texts: AnswerTexts, several: Sequence[Sequence[Inquiry]]
    ) -> list[TextWay]:
        pairs = [(self._about(connection, texts, ones), ones[0].answer) for ones in several]
        initials = " ^".join(dict.fromkeys(ones[0].initials for ones in several if ones[0].initials))
        bare = [("", answer) for _, answer in pairs]
        return [*texts.round_up(pairs, initials), *texts.round_up(bare, initials)]

    def _post(
        self, connection: Connection, together: Sequence[Inquiry], frame: CohortFrame | None
    ) -> OutboxItem | None:
        first = together[0]
        texts = self._texts(connection, first.account_id, frame)
        same: dict[str, list[Inquiry]] = {}
        for one in together:
            same.setdefault(one.answer, []).append(one)
        if len(same) == 1:
            ways = texts.post(first.answer, self._about(connection, texts, together), first.initials)
            reason = "Answers a learner's question, whom no reply can reach; it names nobody."
        else:
            ways = self._round_up(connection, texts, list(same.values()))
            reason = f"Answers {len(same)} questions of learners whom no reply can reach; it names nobody."
        taken = outbox.taken_since(connection, first.account_id, self.now - _repeat_after(frame))
        fitting = texts.fit(ways, taken)
        if isinstance(fitting, str):
            for one in together:
                inquiries.change(connection, one, way=Way.STUCK.value, outcome=f"as a post: {fitting}")
            return None
        planned = self._planned(first, fitting, _POST_GRACE, self.now, reason)
        return self._add(connection, together, planned, _repeat_after(frame))

    def _about(self, connection: Connection, texts: AnswerTexts, ones: Sequence[Inquiry]) -> str:
        """The question as it may be shown: in the answerer's words, else in the learner's if they opted in."""
        about = next((one.about for one in ones if one.about), "")
        if about:
            return about
        agreed = people.live_consents(connection, ConsentKind.NAMING)
        for one in ones:
            words = " ".join(word for word in one.text.split() if not word.startswith("@"))
            quotable = one.quote and one.learner_id in agreed and not mentions(words)
            if quotable and not texts.guard.find(words):
                return words
        return ""

    # --- both -----------------------------------------------------------------------------------------------------

    def _texts(self, connection: Connection, account_id: int, frame: CohortFrame | None) -> AnswerTexts:
        guard = self._guards.get(account_id)
        if guard is None:
            guard = self._guards[account_id] = NamingGuard(people.people_marks(connection, account_id))
        return AnswerTexts(self.renderer, frame.cohort.language if frame else "en", guard)

    def _planned(self, one: Inquiry, fitting: Fitting, grace: timedelta, due: datetime, reason: str) -> Planned:
        reply = one.way is Way.REPLY
        return Planned(
            account_id=one.account_id,
            cohort_id=one.cohort_id,
            inbound_id=one.inbound_id if reply else None,
            reply_to=one.remote_id if reply else None,
            occurrence=reply_occurrence(one.inbound_id) if reply else answer_occurrence(one.id, one.round + 1),
            form=ANSWER,
            text=fitting.text,
            text_hash=fitting.text_hash,
            price_micros=price_micros(fitting.text, form=ANSWER, tariff=self.tariff, reply=reply),
            due_at=due,
            grace_until=due + grace,
            reason=reason,
            decision={"question": one.id},
        )

    def _add(
        self, connection: Connection, together: Sequence[Inquiry], planned: Planned, repeat_after: timedelta
    ) -> OutboxItem | None:
        """Put it into the outbox, and on record which answers it carries."""
        try:
            item = outbox.add(connection, planned, self.now, repeat_after)
        except Conflict as conflict:
            way = Way.POST if together[0].way is Way.REPLY else Way.STUCK
            for one in together:
                inquiries.change(connection, one, way=way.value, outcome=conflict.message)
            return None
        for one in together:
            inquiries.change(connection, one, outbox_id=item.id, round=one.round + 1)
        if planned.cohort_id is not None:
            cohorts.raise_version(connection, planned.cohort_id)
        return item


def _repeat_after(frame: CohortFrame | None) -> timedelta:
    return outbox.REPEAT_AFTER if frame is None else frame.cadence.repeat_after


def _next_day_open(now: datetime, cadence: Cadence, zone: str, holidays: Mapping[date, str]) -> datetime | None:
    """The first open instant of a later local day."""
    at = now
    while local_day(at, zone) == local_day(now, zone):
        at += timedelta(hours=1)
    return next_open(at, cadence, zone, holidays)
