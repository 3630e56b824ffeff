"""Take up what learners asked: promise a time, give it to somebody, answer a look-up, say that somebody looks into it.

Each inquiry is one short transaction. A look-up that finds its nugget is answered by a reply where X allows one; every
other is a question for a person, and a gap for the author to see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.access.rights import only
from reinforce.domain.answering.inquiry import (
    ACKNOWLEDGEMENT,
    LOOKUP_REPLY,
    UNANSWERED,
    Inquiry,
    InquiryKind,
    InquiryState,
    Way,
)
from reinforce.domain.answering.matching import ANSWERS, SAME, likeness
from reinforce.domain.answering.promise import SOON, promised_by
from reinforce.domain.answering.stems import stems
from reinforce.domain.authoring.confidentiality import may_carry, who_reads
from reinforce.domain.cohort import Cohort
from reinforce.domain.errors import Conflict, NotFound
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.slots import local_day, resolve
from reinforce.domain.sending.budget import Tariff, price_micros
from reinforce.domain.sending.outbox import Planned, reply_occurrence
from reinforce.domain.texts.naming_guard import NamingGuard
from reinforce.rendering.answer_texts import AnswerTexts, Fitting
from reinforce.rendering.posts import PostRenderer
from reinforce.store.accounts import accounts
from reinforce.store.answering import inquiries
from reinforce.store.authoring import nuggets, passages
from reinforce.store.people import people
from reinforce.store.planning import plan_snapshot
from reinforce.store.privacy.meanwhile import about_people
from reinforce.store.sending import circumstances, outbox
from reinforce.store.session import Database

# What is promised to somebody who belongs to no cohort: a plain day.
NO_COHORT = timedelta(days=1)
# A look-up is for the moment of need, and "we look into it" for the first hours.
_GRACE = timedelta(hours=4)
# So many questions of a cohort that still wait are compared with a new one.
_COMPARED = 200


@dataclass(frozen=True, slots=True)
class TakeUpOutcome:
    """How many were taken up, how many look-ups were `found` and `missed`, and how many people were told that somebody
    looks into it."""

    taken: int = 0
    found: int = 0
    missed: int = 0
    acknowledged: int = 0


@dataclass(slots=True)
class _Counts:
    taken: int = 0
    found: int = 0
    missed: int = 0
    acknowledged: int = 0


def take_up(database: Database, renderer: PostRenderer, tariff: Tariff, *, now: datetime) -> TakeUpOutcome:
    """Take up everything that is new, in the order it was asked. `now` is programme time.

    One that can't be taken up keeps none of the others waiting: what went wrong first is raised at the end.
    """
    with database.read() as connection:
        if not inquiries.any_owed(connection):
            return TakeUpOutcome()
    with about_people(database) as connection:
        inquiries.close_gone(connection)
        waiting = inquiries.in_state(connection, InquiryState.NEW)
    taking = _Taking(renderer, tariff, now)
    failed: Exception | None = None
    for one in waiting:
        try:
            with about_people(database) as connection:
                taking.take(connection, one.id)
        except NotFound:
            continue  # it went a moment ago, with whoever asked it
        except Exception as error:  # the next one may be simple
            failed = failed or error
    if failed is not None:
        raise failed
    return TakeUpOutcome(taking.counts.taken, taking.counts.found, taking.counts.missed, taking.counts.acknowledged)


@dataclass(frozen=True, slots=True)
class _Belonging:
    """The cohort of an inquiry with its calendar; None of them without a cohort."""

    cohort: Cohort | None = None
    cadence: Cadence | None = None
    holidays: Mapping[date, str] = field(default_factory=dict)

    @property
    def zone(self) -> str:
        return self.cohort.zone if self.cohort else "UTC"

    @property
    def language(self) -> str:
        return self.cohort.language if self.cohort else "en"

    @property
    def repeat_after(self) -> timedelta:
        return self.cadence.repeat_after if self.cadence else outbox.REPEAT_AFTER


@dataclass(slots=True)
class _Taking:
    """Takes up one after the other; what names people is read once an account."""

    renderer: PostRenderer
    tariff: Tariff
    now: datetime
    counts: _Counts = field(default_factory=_Counts)
    _guards: dict[int, NamingGuard] = field(default_factory=dict)

    def take(self, connection: Connection, inquiry_id: int) -> None:
        """One inquiry, unless somebody else was first."""
        one = inquiries.inquiry(connection, inquiry_id, lock=True)
        if one.state is not InquiryState.NEW:
            return
        there = self._belonging(connection, one)
        soon, due = self._promise(one, there)
        one = inquiries.change(
            connection,
            one,
            state=InquiryState.OPEN.value,
            cohort_id=there.cohort.id if there.cohort else None,
            facilitator_id=there.cohort.facilitator_id if there.cohort else None,
            due_soon_at=soon,
            due_at=due,
        )
        self.counts.taken += 1
        if one.kind is InquiryKind.LOOKUP and self._answer_lookup(connection, one, there):
            self.counts.found += 1
            return
        if one.kind is InquiryKind.LOOKUP:
            self.counts.missed += 1
        one = inquiries.change(connection, one, similar_to=self._similar(connection, one))
        if there.cohort is not None and there.cohort.acknowledge:
            self.counts.acknowledged += self._acknowledge(connection, one, there)

    def _belonging(self, connection: Connection, one: Inquiry) -> _Belonging:
        cohort_id = inquiries.cohort_of(connection, one)
        if cohort_id is None:
            return _Belonging()
        frame = plan_snapshot.frame(connection, cohort_id)
        return _Belonging(frame.cohort, frame.cadence, holidays_of(frame.cohort, frame.cadence, self.now))

    def _promise(self, one: Inquiry, there: _Belonging) -> tuple[datetime | None, datetime | None]:
        """When it is due soon, and when it is due."""
        if there.cohort is None or there.cadence is None:
            return one.asked_at + NO_COHORT * SOON, one.asked_at + NO_COHORT
        within, zone = timedelta(hours=there.cohort.respond_hours), there.cohort.zone
        soon, due = (
            promised_by(one.asked_at, part, there.cadence, zone, there.holidays) for part in (within * SOON, within)
        )
        return soon, due

    def _texts(self, connection: Connection, one: Inquiry, there: _Belonging) -> AnswerTexts:
        guard = self._guards.get(one.account_id)
        if guard is None:
            guard = NamingGuard(people.people_marks(connection, one.account_id))
            self._guards[one.account_id] = guard
        return AnswerTexts(self.renderer, there.language, guard)

    # --- look-ups -------------------------------------------------------------------------------------------------

    def _answer_lookup(self, connection: Connection, one: Inquiry, there: _Belonging) -> bool:
        """Plan the nugget that is asked for as a reply; False if there is none, or it can't be said."""
        cohort_id = there.cohort.id if there.cohort else None
        asked = one.topic or one.text
        found = passages.found(connection, asked, account_id=one.account_id, cohort_id=cohort_id, least=ANSWERS)
        account = accounts.account_by_id(connection, one.account_id)
        known = nuggets.nuggets_by_id(connection, [m.passage.nugget_id for m in found if m.passage.nugget_id])
        allowed = [known[m.passage.nugget_id] for m in found if m.passage.nugget_id in known]
        allowed = [one for one in allowed if may_carry(account, one.confidentiality)]
        if not allowed:
            why = f"what fits is internal, and {who_reads(account)}" if found else f"no nugget fits “{asked[:80]}”"
            inquiries.change(connection, one, missed=True, outcome=why)
            return False
        nugget = allowed[0]
        if not circumstances.may_reply(connection, one.inbound_id, self.now):
            inquiries.change(connection, one, nugget_id=nugget.id, outcome="a reply to this post is not possible")
            return False
        taken = outbox.taken_since(connection, one.account_id, self.now - there.repeat_after)
        texts = self._texts(connection, one, there)
        fitting = texts.fit(texts.lookup(nugget), taken)
        if isinstance(fitting, str):
            inquiries.change(connection, one, nugget_id=nugget.id, outcome=f"{nugget.slug} can't be said: {fitting}")
            return False
        reason = f"Asked for by a learner; {nugget.procedure}/{nugget.slug} fits best."
        item_id = self._reply(connection, one, fitting, LOOKUP_REPLY, reason, nugget.id)
        if item_id is None:
            return False
        values = {"state": InquiryState.ANSWERED.value, "way": Way.REPLY.value, "outbox_id": item_id}
        said = {"answer": fitting.text, "answered_at": self.now, "nugget_id": nugget.id}
        inquiries.change(connection, one, **values, **said)
        return True

    # --- questions ------------------------------------------------------------------------------------------------

    def _similar(self, connection: Connection, one: Inquiry) -> int | None:
        """The first question of those that wait in the same cohort and ask the same."""
        states = tuple(sorted(UNANSWERED))
        others = inquiries.listed(connection, states=states, scope=only(one.cohort_id), limit=_COMPARED)
        mine = stems(one.text)
        alike = [other for other in others if other.id < one.id and other.cohort_id == one.cohort_id]
        scored = [(likeness(mine, stems(other.text)), other) for other in alike]
        best = max(scored, key=lambda pair: (pair[0], -pair[1].id), default=None)
        if best is None or best[0] < SAME:
            return None
        return best[1].similar_to or best[1].id

    def _acknowledge(self, connection: Connection, one: Inquiry, there: _Belonging) -> bool:
        """Say that somebody looks into it, once a person and local day. It uses up the one reply."""
        midnight = resolve(local_day(self.now, there.zone), time(), there.zone)
        if inquiries.acknowledged_since(connection, one.account_id, one.author_remote_id, midnight):
            return False
        if not circumstances.may_reply(connection, one.inbound_id, self.now):
            return False
        by = one.due_at.astimezone(ZoneInfo(there.zone)) if one.due_at else None
        today = by is not None and by.date() == local_day(self.now, there.zone)
        written = "" if by is None else f"{by:%H:%M}" if today else f"{by:%d.%m. %H:%M}"
        texts = self._texts(connection, one, there)
        taken = outbox.taken_since(connection, one.account_id, self.now - there.repeat_after)
        fitting = texts.fit(texts.acknowledgement(one.id, written), taken)
        if isinstance(fitting, str):
            return False
        reason = "Somebody looks into a learner's question: said at most once a person and day."
        return self._reply(connection, one, fitting, ACKNOWLEDGEMENT, reason, None) is not None

    def _reply(
        self, connection: Connection, one: Inquiry, fitting: Fitting, form: str, reason: str, nugget_id: int | None
    ) -> int | None:
        """Put the one reply into the outbox; its row id, None if there is one already."""
        planned = Planned(
            account_id=one.account_id,
            cohort_id=one.cohort_id,
            nugget_id=nugget_id,
            wording_id=fitting.wording_id,
            inbound_id=one.inbound_id,
            reply_to=one.remote_id,
            occurrence=reply_occurrence(one.inbound_id),
            form=form,
            text=fitting.text,
            text_hash=fitting.text_hash,
            price_micros=price_micros(fitting.text, form=form, tariff=self.tariff, reply=True),
            due_at=self.now,
            grace_until=self.now + _GRACE,
            reason=reason,
            decision={"question": one.id},
        )
        try:
            return outbox.add(connection, planned, self.now).id
        except Conflict as conflict:
            inquiries.change(connection, one, outcome=conflict.message)
            return None
