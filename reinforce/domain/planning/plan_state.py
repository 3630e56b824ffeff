"""Where a cohort's plan stands: what the store read in one snapshot, with its calendar, and how a post moves it on.

The same state serves the plan (one step of it, then the database is read again) and the preview (many steps, each
taking what the step before decided for granted, with no evidence coming back).
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.authoring.confidentiality import may_carry, too_confidential
from reinforce.domain.cohort import Cohort
from reinforce.domain.nugget import Form, StoredNugget
from reinforce.domain.planning.approved_texts import ApprovalBook
from reinforce.domain.planning.belief import FIELDS, Belief, apply
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.caps import AccountCaps, Room, clear_from
from reinforce.domain.planning.exposure import pending
from reinforce.domain.planning.feed_rows import ON_TIME, OutRow, lately, of_others, reserved
from reinforce.domain.planning.forms import forms_of_cohort, usable_forms
from reinforce.domain.planning.parameters import DEFAULT_PARAMETERS, Parameters
from reinforce.domain.planning.phases import PhaseCadence, cadence_on
from reinforce.domain.planning.plan_context import PastPost, PlanContext, PlanNugget, day_number
from reinforce.domain.planning.sharing import Claim, Kept, keep
from reinforce.domain.planning.slots import next_open, resolve

REVEAL = "reveal"
# An assessment is a date: recall is wanted when that working day begins.
_ASSESSED_AT = time(8)
# What another cohort's slot said the day before this cohort was made is not said again at once.
_JUST_BEFORE = timedelta(days=1)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A learner of another running cohort of the account, who counts there and is not in this one. `cohort` is which
    of them, counted from 1 (the first of several); `learns` are the procedures (ids) that any of them has in common
    with this one."""

    learner: int
    role: str
    cohort: int
    learns: frozenset[int]


@dataclass(frozen=True, slots=True)
class PlanSnapshot:
    """All that a plan of one cohort depends on, read in one transaction.

    `learners` are those who count (linked, not stopped, not snoozed), `roles` what they do; `roster` holds the roles of
    everybody enrolled who did not say stop. `neighbours` are whom a post reaches and teaches beside them. The rows of
    `belief` (people, nuggets) are the learners, then the neighbours. `rows` are what is on the account's feed, in order
    of time: all of this cohort's, of the others' what says one of its nuggets or is of the last week. `newest` is the
    highest id of any post of the account. `texts` says when a text (its hash) was last posted or is due on the account,
    `wordings` the same by wording. `created_at` is when the cohort was made: nothing was missed before. `parameters`
    are what the beliefs about a nugget (id) are computed with; the defaults where it is absent. `needs` is by how much
    a topic's importance changes since the cohort said where it stands (domain/polling/needs.py). `held` says until when
    nuggets (id) that follow an event are held back; None: until somebody lets them go. `zones` are
    those of the account's running cohorts. `approval` says which texts have a yes; None where none needs one. `phases`
    say from which day on the cohort has another cadence (domain/planning/phases.py).
    """

    cohort: Cohort
    account: AccountRecord
    cadence: Cadence
    created_at: datetime
    nuggets: tuple[StoredNugget, ...]
    learners: tuple[int, ...]
    roles: tuple[str, ...]
    roster: tuple[str, ...]
    belief: Belief
    rows: tuple[OutRow, ...]
    evidence: int
    last_response: datetime | None
    texts: Mapping[str, datetime]
    wordings: Mapping[int, datetime]
    parameters: Mapping[int, Parameters] = field(default_factory=dict)
    neighbours: tuple[Neighbour, ...] = ()
    newest: int = 0
    needs: Mapping[str, float] = field(default_factory=dict)
    held: Mapping[int, datetime | None] = field(default_factory=dict)
    zones: tuple[str, ...] = ()
    approval: ApprovalBook | None = None
    phases: tuple[PhaseCadence, ...] = ()


# What a post of each form costs (micro-dollars) under a cadence.
PricesOf = Callable[[Cadence], Mapping[Form, int]]


@dataclass(frozen=True, slots=True)
class PlanState:
    """A snapshot with its calendar, and what was decided since. `holidays` are names by local date.

    `history` holds the posts of this cohort's nuggets, whichever cohort paid for them; `room` is what everything that a
    follower of the account gets leaves, the reveals among it that `reserved` says questions (row) will need. `claims`
    are what the account's other cohorts have had and want. `withheld` are nuggets (slugs) that are internal, on an
    account that may not carry them.
    """

    snapshot: PlanSnapshot
    holidays: Mapping[date, str]
    prices: Mapping[Form, int]
    nuggets: tuple[PlanNugget, ...]
    audience: NDArray[np.bool_]
    belief: Belief
    history: tuple[PastPost, ...]
    room: Room
    texts: Mapping[str, datetime]
    wordings: Mapping[int, datetime]
    reserved: Mapping[int, datetime] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    withheld: tuple[str, ...] = ()

    def on(self, day: date, prices_of: PricesOf | None = None) -> PlanState:
        """The state with the cadence that holds on a local date; `prices_of` it, where they may be others."""
        there = self.snapshot
        cadence = cadence_on(there.phases, day, there.cadence)
        if cadence == there.cadence:
            return self
        snapshot = replace(there, cadence=cadence)
        return replace(
            self,
            snapshot=snapshot,
            prices=self.prices if prices_of is None else prices_of(cadence),
            nuggets=tuple(
                replace(able, forms=usable_forms(cadence, there.cohort.answers, one))
                for able, one in zip(self.nuggets, snapshot.nuggets, strict=True)
            ),
            room=replace(self.room, own=(there.cohort.zone, cadence.caps)),
        )

    def context(self, at: datetime, forms: tuple[Form, ...]) -> PlanContext:
        """What a policy gets to choose from for a post at `at`, in one of `forms`."""
        there = self.snapshot
        return PlanContext(
            now=at,
            zone=there.cohort.zone,
            cadence=there.cadence,
            nuggets=self.nuggets,
            belief=self.belief,
            audience=self.audience,
            roles=(*there.roles, *(one.role for one in there.neighbours)),
            history=self.history,
            evidence=there.evidence,
            last_response=there.last_response,
            forms=forms,
            prices=self.prices,
            groups=_groups(there) if there.neighbours else None,
        )

    def reveal_at(self, posted: datetime) -> datetime | None:
        """When the answer to a question posted at `posted` follows; None if it never may."""
        cadence = self.snapshot.cadence
        if not cadence.reveal:
            return None
        return next_open(posted + cadence.answer_window, cadence, self.snapshot.cohort.zone, self.holidays)

    def takes(self, form: Form, at: datetime) -> tuple[datetime, ...]:
        """The instants at which a post in this form adds to what followers get: its own, and its reveal's."""
        reveal = self.reveal_at(at) if form in (Form.QUESTION, Form.POLL) else None
        return (at, *(() if reveal is None else (reveal,)))

    def forms_with_room(self, at: datetime) -> tuple[Form, ...]:
        """The forms that the caps leave room for at `at`, the preferred one first."""
        usable = forms_of_cohort(self.snapshot.cadence, self.snapshot.cohort.answers)
        return tuple(form for form in usable if self.room.holds(self.takes(form, at)))

    def fair_forms(self, at: datetime, forms: tuple[Form, ...]) -> tuple[Form, ...] | Kept:
        """Those of `forms` that take no room which another cohort is owed; else for whom it is kept."""
        if not self.claims:
            return forms
        kept = {form: keep(self.room, self.takes(form, at), self.own_claim(at), self.claims) for form in forms}
        free = tuple(form for form, one in kept.items() if one is None)
        return free or next(one for one in kept.values() if one is not None)

    def own_claim(self, at: datetime) -> Claim:
        """What this cohort has had, by its rows."""
        cohort, cadence = self.snapshot.cohort, self.snapshot.cadence
        posts = lately(self.snapshot.rows, cohort.id, at)
        return Claim(cohort.title, cohort.slug, cohort.priority, (cohort.zone, cadence.caps), posts)

    def clear_from(self, at: datetime) -> datetime:
        """The first instant from `at` on that is far enough from every other cohort's post."""
        gap = AccountCaps.of(self.snapshot.account).gap
        return clear_from(at, of_others(self.snapshot.rows, at - gap - ON_TIME), gap)

    @property
    def room_beside_rows(self) -> Room:
        """What everything that is out or on its way leaves, reveals to come not counted."""
        return self.room.giving_back(list(self.reserved.values()))

    def after(self, nugget_id: int, form: Form, at: datetime, text_hash: str, wording_id: int | None) -> PlanState:
        """The state once a post of its own is on its way: it counts, and works on memory as such a post does on
        average."""
        rows = self.snapshot.rows
        row = OutRow(
            id=1 + max((one.id for one in rows), default=0),
            nugget_id=nugget_id,
            form=form.value,
            at=at,
            out=False,
            cohort_id=self.snapshot.cohort.id,
        )
        return self.hearing(row, text_hash, wording_id)

    def hearing(self, row: OutRow, text_hash: str, wording_id: int | None = None) -> PlanState:
        """The state once one post more is on the feed, whichever cohort's."""
        there, taken, given_back, kept = self.snapshot, [row.at], [], dict(self.reserved)
        if row.reveal_of in kept:
            given_back.append(kept.pop(row.reveal_of))
        reveal = (self.reveal_at(row.at) if row.own else row.reveal_at) if row.asks else None
        if reveal is not None:
            taken.append(reveal)
            kept[row.id] = reveal
        rows = list(there.rows)
        insort(rows, row, key=_in_time)
        after = replace(
            self,
            snapshot=replace(there, rows=tuple(rows), newest=max(there.newest, row.id)),
            room=self.room.giving_back(given_back).taking(taken),
            reserved=kept,
            texts={**self.texts, text_hash: max(row.meant, self.texts.get(text_hash, row.meant))},
            wordings=self.wordings if wording_id is None else {**self.wordings, wording_id: row.meant},
        )
        return after.having_said(row)

    def having_said(self, row: OutRow) -> PlanState:
        """The state once what a post says has reached its audience, as far as this cohort learns it."""
        column = next((place for place, one in enumerate(self.nuggets) if one.id == row.nugget_id), None)
        if column is None or row.nugget_id is None or row.form not in tuple(Form):
            return self
        history = list(self.history)
        insort(history, PastPost(row.nugget_id, Form(row.form), row.meant), key=lambda one: one.at)
        after = replace(self, belief=self.belief.each(np.copy), history=tuple(history))
        after._expose(column, Form(row.form), row.at)
        return after

    def nugget(self, nugget_id: int) -> StoredNugget:
        """The nugget with this id among those that can be planned."""
        return next(one for one in self.snapshot.nuggets if one.id == nugget_id)

    def column(self, nugget_id: int) -> int:
        """The place of a nugget among `nuggets`."""
        return next(column for column, one in enumerate(self.nuggets) if one.id == nugget_id)

    def _expose(self, column: int, form: Form, at: datetime) -> None:
        """Count one nugget's post of `at` for its audience, in this state's belief: it must be nobody else's."""
        who, given = np.flatnonzero(self.audience[:, column]), self.nuggets[column].parameters
        if not who.size:
            return
        there = self.belief.each(lambda array: array[..., who, column])
        moved = apply(there, day_number(at), pending(form, given.model), given.weights)
        for name in FIELDS:
            getattr(self.belief, name)[..., who, column] = getattr(moved, name)


def begin(snapshot: PlanSnapshot, holidays: Mapping[date, str], prices: Mapping[Form, int]) -> PlanState:
    """The state a plan starts from. Nuggets that this account may not carry, or that are for nobody in the cohort, are
    left out; posts that are on their way count as what such a post does on average."""
    # Thousands of people have a few roles.
    roster = Counter(snapshot.roster)
    columns = [
        column
        for column, one in enumerate(snapshot.nuggets)
        if may_carry(snapshot.account, one.confidentiality) and (not roster or _people(roster, one))
    ]
    stored = tuple(snapshot.nuggets[column] for column in columns)
    ids = {one.id for one in stored}
    state = PlanState(
        snapshot=replace(snapshot, nuggets=stored),
        holidays=holidays,
        prices=prices,
        nuggets=tuple(
            _plan_nugget(snapshot, one, position, _people(roster, one)) for position, one in enumerate(stored)
        ),
        audience=np.hstack([_audience(snapshot.roles, stored).T, _reached(snapshot.neighbours, stored).T]).T,
        belief=snapshot.belief
        if len(columns) == len(snapshot.nuggets)
        else snapshot.belief.at(np.asarray(columns, np.intp)),
        history=tuple(
            PastPost(row.nugget_id, Form(row.form), row.meant, *_heard(row))
            for row in snapshot.rows
            if row.nugget_id in ids and row.form in tuple(Form) and _concerned(snapshot, row)
        ),
        room=Room({}, (snapshot.cohort.zone, snapshot.cadence.caps), ()),
        texts=snapshot.texts,
        wordings=snapshot.wordings,
        withheld=too_confidential(snapshot.account, snapshot.nuggets),
    )
    own = (snapshot.cohort.zone, snapshot.cadence.caps)
    to_come = reserved(snapshot.rows, state.reveal_at)
    posts = [*(row.at for row in snapshot.rows), *to_come.values()]
    room = Room.of(posts, own, AccountCaps.of(snapshot.account), snapshot.zones)
    state = replace(state, room=room, reserved=to_come)
    under_way = [row for row in snapshot.rows if not row.out and row.nugget_id in ids and row.form in tuple(Form)]
    if under_way:
        state = replace(state, belief=state.belief.each(np.copy))
    for row in under_way:
        assert row.nugget_id is not None
        state._expose(state.column(row.nugget_id), Form(row.form), row.at)
    return state


def _in_time(row: OutRow) -> tuple[datetime, int]:
    return (row.at, row.id)


def is_for(role: str, audience: tuple[str, ...]) -> bool:
    """Whether a nugget for `audience` (roles; empty: everybody) is for somebody in this role."""
    return not audience or role.casefold() in {one.casefold() for one in audience}


def _heard(row: OutRow) -> tuple[int, int]:
    """(right, other) answers to a post, a poll's votes among them."""
    return row.answers[0] + row.votes[0], row.answers[1] + row.votes[1]


def _concerned(snapshot: PlanSnapshot, row: OutRow) -> bool:
    """Whether the cohort was there to be reached by a post: whoever paid for it, not before the cohort was made."""
    return row.own or row.at >= snapshot.created_at - _JUST_BEFORE


def _groups(snapshot: PlanSnapshot) -> NDArray[np.intp]:
    return np.asarray([0] * len(snapshot.learners) + [one.cohort for one in snapshot.neighbours], np.intp)


def _people(roster: Counter[str], nugget: StoredNugget) -> int:
    """How many of a roster a nugget is for."""
    return sum(count for role, count in roster.items() if is_for(role, nugget.audience))


def _plan_nugget(snapshot: PlanSnapshot, nugget: StoredNugget, position: int, learners: int) -> PlanNugget:
    wanted_on = snapshot.cohort.assessment or nugget.assessment
    return PlanNugget(
        id=nugget.id,
        name=f"{nugget.procedure}/{nugget.slug}",
        topic=nugget.topic,
        importance=nugget.importance * snapshot.needs.get(nugget.topic, 1.0),
        position=position,
        requires=nugget.requires,
        assessment=None if wanted_on is None else resolve(wanted_on, _ASSESSED_AT, snapshot.cohort.zone),
        forms=usable_forms(snapshot.cadence, snapshot.cohort.answers, nugget),
        learners=learners,
        parameters=snapshot.parameters.get(nugget.id, DEFAULT_PARAMETERS),
        title=nugget.title,
        need=snapshot.needs.get(nugget.topic, 1.0),
        not_before=(snapshot.held[nugget.id] or _NEVER) if nugget.id in snapshot.held else None,
    )


def _audience(roles: tuple[str, ...], nuggets: tuple[StoredNugget, ...]) -> NDArray[np.bool_]:
    """(learners, nuggets): whom each nugget is for. It lies in memory nugget by nugget, as beliefs do."""
    places = {role: place for place, role in enumerate(dict.fromkeys(roles))}
    whom = np.asarray([is_for(role, one.audience) for one in nuggets for role in places], np.bool_)
    which = np.asarray([places[role] for role in roles], np.intp)
    return whom.reshape(len(nuggets), len(places))[:, which].T


def _reached(neighbours: tuple[Neighbour, ...], nuggets: tuple[StoredNugget, ...]) -> NDArray[np.bool_]:
    """(neighbours, nuggets): what is for each of them, and learnt by a cohort of theirs."""
    table = _audience(tuple(one.role for one in neighbours), nuggets)
    for procedure in {nugget.procedure_id for nugget in nuggets}:
        learnt = np.asarray([procedure in one.learns for one in neighbours], np.bool_)
        table[:, [nugget.procedure_id == procedure for nugget in nuggets]] &= learnt[:, None]
    return table
