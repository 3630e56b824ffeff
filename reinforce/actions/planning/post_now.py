"""Put one nugget into the outbox at once, because a person asked for it.

The same checks as for a planned post: confidentiality, names, length, wordings, quiet hours, holidays and caps. What
the policy would have thought of it is not asked.
"""

from __future__ import annotations

from datetime import datetime

from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.authoring.confidentiality import may_carry, who_reads
from reinforce.domain.cohort import CohortState
from reinforce.domain.errors import NotAllowed
from reinforce.domain.nugget import Form, StoredNugget
from reinforce.domain.planning.deciding import Unfit, caps_reason, decided, form_prices, planned_post
from reinforce.domain.planning.plan_context import Choice
from reinforce.domain.planning.plan_state import PlanSnapshot, PlanState, begin
from reinforce.domain.planning.slots import day_off, in_quiet_hours, local_day
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.sending.outbox import OutboxItem, now_occurrence
from reinforce.rendering.composing import composer_for
from reinforce.rendering.posts import PostRenderer
from reinforce.store.authoring import nuggets
from reinforce.store.operating import audit
from reinforce.store.people import cohorts, people
from reinforce.store.planning import plan_snapshot
from reinforce.store.sending import outbox
from reinforce.store.session import Database

_REASON = "A person asked for it."


def post_now(  # noqa: PLR0913 - the four after the database are what a person says, the rest is the house
    database: Database,
    nugget_reference: str,
    cohort_slug: str,
    form: str | None,
    request_id: str,
    renderer: PostRenderer,
    tariff: Tariff,
    *,
    now: datetime,
    actor: str,
) -> OutboxItem:
    """Plan a post of `nugget_reference` ("procedure/slug" or "slug") for `now`, and return it as it stands.

    `form` is a `Form`, None for the first that fits. `request_id` is made once per request: repeating a request gives
    the same post. Raises NotFound for a cohort or nugget that is not there, NotAllowed with what to do about it where
    a rule forbids the post, Conflict if another post took its text meanwhile.
    """
    occurrence = now_occurrence(request_id)
    with database.read() as connection:
        cohort = cohorts.cohort_by_slug(connection, cohort_slug)
        already = outbox.item_by_occurrence(connection, occurrence)
        if already is not None:
            return already
        nugget = nuggets.nugget_by_reference(connection, nugget_reference, cohort.id)
        snapshot, _ = plan_snapshot.snapshot(connection, cohort.id, now)
        marks = people.people_marks(connection, snapshot.account.id)
    holidays = holidays_of(cohort, snapshot.cadence, now)
    state = begin(snapshot, holidays, form_prices(tariff, snapshot.cadence))
    _check_time(state, now)
    _check_nugget(snapshot, nugget)
    chosen = _form(state, nugget, form, now)
    composed = composer_for(snapshot, renderer, tariff, marks)(nugget, chosen, now, state)
    if isinstance(composed, Unfit):
        raise NotAllowed(f"{nugget.slug} can't be posted as a {chosen.value}: {composed.reason}.", _other_form(form))
    choice = Choice(nugget.id, chosen, _REASON, {"policy": "asked for", "nugget": f"{nugget.procedure}/{nugget.slug}"})
    decision = decided(state, choice, nugget, composed, now, {})
    with database.write() as connection:
        planned = planned_post(snapshot, decision, occurrence, now, now + snapshot.cadence.grace)
        item = outbox.add(connection, planned, now, snapshot.cadence.repeat_after)
        cohorts.raise_version(connection, cohort.id)
        audit.record(connection, actor, "post-now", f"outbox/{item.id}", {"nugget": nugget.id}, now)
        return item


def _check_time(state: PlanState, now: datetime) -> None:
    """Raise NotAllowed unless the cohort may hear from us at `now`."""
    there = state.snapshot
    cohort, zone = there.cohort, there.cohort.zone
    if cohort.state is not CohortState.RUNNING:
        raise NotAllowed(
            f"the cohort {cohort.slug} is {cohort.state.value}", f"Run: reinforce cohort resume {cohort.slug}"
        )
    off = day_off(local_day(now, zone), there.cadence, state.holidays)
    if off:
        raise NotAllowed(f"nothing is posted for {cohort.slug} today: {off}.", "Ask again on a working day.")
    quiet = there.cadence.quiet_hours
    if quiet is not None and in_quiet_hours(now, there.cadence, zone):
        raise NotAllowed(f"{cohort.slug} is in its quiet hours.", f"Ask again after {quiet.end:%H:%M}, local time.")


def _check_nugget(snapshot: PlanSnapshot, nugget: StoredNugget) -> None:
    if not may_carry(snapshot.account, nugget.confidentiality):
        advice = "Post it on a protected account, or mark the nugget public in its file."
        raise NotAllowed(f"{nugget.slug} is internal, and {who_reads(snapshot.account)}.", advice)


def _form(state: PlanState, nugget: StoredNugget, wanted: str | None, now: datetime) -> Form:
    """The form to post in. Raises NotAllowed if the nugget can't take the one asked for, or the caps are full."""
    planned = next((one for one in state.nuggets if one.id == nugget.id), None)
    able = planned.forms if planned is not None else (Form.REMINDER,)
    if wanted is not None and Form(wanted) not in able:
        possible = " or ".join(form.value for form in able)
        raise NotAllowed(f"{nugget.slug} can't be posted as a {wanted} here.", f"Ask for it as a {possible}.")
    room = [form for form in state.forms_with_room(now) if form in able and wanted in (None, form.value)]
    if not room:
        advice = "A question takes two places, one for its reveal: ask for a reminder, wait, or raise the caps."
        raise NotAllowed(caps_reason(state, now), advice)
    return room[0]


def _other_form(form: str | None) -> str:
    return "Add wordings to its file, or ask for another form." if form else "Add wordings to its file."
