"""Ask for a yes to texts, say it or not, take it back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.approving.approval import DATED, Request, RequestState, check_approver
from reinforce.domain.cohort import Approval, Cohort
from reinforce.domain.errors import Conflict, NotAllowed, NotFound
from reinforce.domain.planning.approved_texts import beside_hash
from reinforce.domain.planning.deciding import Composed, form_prices
from reinforce.domain.planning.plan_state import REVEAL, PlanSnapshot, begin
from reinforce.domain.planning.slots import local_day
from reinforce.domain.sending.budget import Tariff
from reinforce.rendering.composing import PostComposer, composer_for
from reinforce.rendering.posts import PostRenderer
from reinforce.store.approving import approvals
from reinforce.store.approving.approvals import Wanted
from reinforce.store.operating import audit
from reinforce.store.people import cohorts, people
from reinforce.store.planning import plan_snapshot
from reinforce.store.sending.unapproved import unapproved
from reinforce.store.session import Database


@dataclass(frozen=True, slots=True)
class SubmitOutcome:
    """The requests that were made, and how many texts had one for these days already."""

    submitted: tuple[int, ...]
    there: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody says to requests. `single_user`: the workspace says that nobody else is there."""

    state: RequestState
    note: str = ""
    single_user: bool = False


def submit(
    database: Database,
    slug: str,
    days: tuple[date, date],
    means: tuple[PostRenderer, Tariff],
    *,
    texts: Collection[str] | None,
    actor: str,
    now: datetime,
) -> SubmitOutcome:
    """Ask for a yes to a cohort's texts on these local days (first, last): to those of `texts` (hashes), None for every
    text that its nuggets have; and to its planned posts with a date of their own, each for its own days.

    Raises NotFound for a cohort there is not, NotAllowed for days that end before they begin."""
    if days[1] < days[0]:
        raise NotAllowed("the last day is before the first", "Give a later day with --until.")
    with database.read() as connection:
        cohort = cohorts.cohort_by_slug(connection, slug)
        snapshot, _ = plan_snapshot.snapshot(connection, cohort.id, now)
        marks = people.people_marks(connection, snapshot.account.id)
    compose = composer_for(replace(snapshot, approval=None), *means, marks)
    found = [one for one in _every(snapshot, compose, means[1], now) if texts is None or one.text_hash in texts]
    with database.write() as connection:
        live = [one for one in approvals.requests(connection, cohort.id) if one.live]
        made, there = [], 0
        for wanted, span in [*((one, days) for one in _once(found)), *_dated(connection, cohort, now)]:
            if any(one.same_as(wanted.text_hash, wanted.media_hash) and one.covers(*span) for one in live):
                there += 1
                continue
            author = approvals.author_of(connection, wanted.nugget_id)
            made.append(approvals.submit(connection, cohort.id, wanted, span, (author, actor), now))
        if made:
            audit.record(connection, actor, "approval.submit", f"cohort/{cohort.id}", {"requests": made}, now)
    return SubmitOutcome(tuple(made), there)


def decide(
    database: Database, slug: str, ids: Sequence[int], decision: Decision, *, actor: str, now: datetime
) -> tuple[Request, ...]:
    """Approve or reject these requests of a cohort, all or none; rejecting an approved one takes the yes back. Without
    ids, all that are submitted.

    Raises NotFound for a request there is not, NotAllowed for its author or who submitted it, Conflict for one whose
    text was edited since, or that somebody else decided meanwhile.
    """
    with database.write() as connection:
        cohort = cohorts.cohort_by_slug(connection, slug)
        chosen = approvals.requests(connection, cohort.id, () if ids else (RequestState.SUBMITTED,), ids)
        missing = sorted(set(ids) - {one.id for one in chosen})
        if missing:
            raise NotFound(f"{slug} has no request {missing[0]}", f"See them with: reinforce approvals list {slug}")
        chosen = chosen if ids else tuple(one for one in chosen if not one.voided)
        for one in chosen:
            _decide(connection, one, decision, actor, now)
        if chosen:
            cohorts.raise_version(connection, cohort.id)
            verb = "approval.approve" if decision.state is RequestState.APPROVED else "approval.reject"
            detail = {"requests": [one.id for one in chosen], "single_user": decision.single_user}
            audit.record(connection, actor, verb, f"cohort/{cohort.id}", detail, now)
    with database.read() as connection:
        return approvals.requests(connection, cohort.id, ids=[one.id for one in chosen]) if chosen else ()


def _decide(connection: Connection, one: Request, decision: Decision, actor: str, now: datetime) -> None:
    if one.voided:
        raise Conflict(f"the text of request {one.id} was edited since, or the yes taken back", "Submit it again.")
    if one.state is decision.state:
        return
    if decision.state is RequestState.APPROVED:
        if one.state is not RequestState.SUBMITTED:
            raise Conflict(f"request {one.id} was rejected", "Submit the text again.")
        did = {one.submitted_by: "submitted it", one.author: "wrote it"}
        check_approver(f"the text of request {one.id}", did, actor, single_user=decision.single_user)
    if one.state is RequestState.APPROVED:
        done = approvals.void(connection, one.id, now)
    else:
        done = approvals.decide(connection, one, decision.state, actor, decision.note, now)
    if not done:
        raise Conflict(f"somebody else decided request {one.id} meanwhile", "Look at the list again.")


def set_mode(database: Database, slug: str, mode: Approval, *, actor: str, now: datetime) -> int:
    """Say which texts of a cohort need a yes. Returns how many planned posts wait for one then. Raises NotFound."""
    with database.write() as connection:
        cohort = cohorts.cohort_by_slug(connection, slug)
        cohorts.change(connection, cohort.id, {"approval": mode.value})
        cohorts.raise_version(connection, cohort.id)
        audit.record(connection, actor, "cohort.approval", f"cohort/{cohort.id}", {"approval": mode.value}, now)
    with database.read() as connection:
        return len(unapproved(connection, cohorts.cohort_by_id(connection, cohort.id), now))


def _every(snapshot: PlanSnapshot, compose: PostComposer, tariff: Tariff, now: datetime) -> list[Wanted]:
    """Every text that the cohort's nuggets have, in every form they can take here, and of the answers."""
    state = begin(snapshot, holidays_of(snapshot.cohort, snapshot.cadence, now), form_prices(tariff, snapshot.cadence))
    found: list[Wanted] = []
    for planned in state.nuggets:
        nugget = state.nugget(planned.id)
        for form in planned.forms:
            found += [_wanted(form.value, nugget.id, one) for one in compose.texts(nugget, form, now, state)]
        if nugget.question is not None and nugget.question_id is not None and snapshot.cadence.reveal:
            answers = compose.reveal_texts(nugget.question, nugget.question_id)
            found += [_wanted(REVEAL, nugget.id, one) for one in answers]
    return found


def _wanted(form: str, nugget_id: int, one: Composed) -> Wanted:
    return Wanted(
        form, one.text, one.text_hash, nugget_id, one.wording_id, one.question_id, beside_hash(one.media), one.media
    )


def _once(found: Iterable[Wanted]) -> list[Wanted]:
    first: dict[tuple[str, str], Wanted] = {}
    for one in found:
        first.setdefault((one.text_hash, one.media_hash), one)
    return list(first.values())


def _dated(connection: Connection, cohort: Cohort, now: datetime) -> list[tuple[Wanted, tuple[date, date]]]:
    """The cohort's planned posts that wait for a yes, each for its own days."""
    return [
        (
            Wanted(
                *(one.form, one.text, one.text_hash, one.nugget_id, one.wording_id, one.question_id),
                media_hash=approvals.beside(one),
                media=one.media,
            ),
            (local_day(one.due_at, cohort.zone), local_day(one.grace_until, cohort.zone)),
        )
        for one in unapproved(connection, cohort, now)
        if one.form in DATED
    ]
