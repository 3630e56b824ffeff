"""Introductions: a prompt that asks a cohort for its biggest challenge, and what is answered, kept with the cohort."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.cohort import CohortState
from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.domain.gathering.introducing import PROMPT
from reinforce.domain.planning.deciding import Unfit
from reinforce.domain.planning.slots import next_open, resolve
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.sending.outbox import OutboxItem, Planned
from reinforce.rendering.composing import composer_in
from reinforce.rendering.posts import PostForm, PostRenderer, PostValues
from reinforce.store.authoring import nuggets
from reinforce.store.gathering import introductions
from reinforce.store.gathering.introductions import Introduction
from reinforce.store.operating import audit
from reinforce.store.people import cohorts, people
from reinforce.store.planning import plan_snapshot
from reinforce.store.privacy.meanwhile import about_people
from reinforce.store.sending import outbox
from reinforce.store.session import Database

_GRACE = timedelta(days=2)
_REASON = "A person asked the cohort to introduce itself."


def introduce(  # noqa: PLR0913 - the four after the database are what a person says, the rest is the house
    database: Database,
    slug: str,
    at: datetime | None,
    text: str,
    request_id: str,
    renderer: PostRenderer,
    tariff: Tariff,
    *,
    now: datetime,
    actor: str,
) -> OutboxItem:
    """Plan the prompt of a cohort for the local wall-clock time `at` (None: the next open hour), in the words `text`,
    else in ours; returns it as it stands. `request_id` is made once per request.

    Raises NotFound; NotAllowed where the cohort is not running or a rule forbids the text; Conflict if that is up
    already.
    """
    with database.read() as connection:
        there = plan_snapshot.frame(connection, cohorts.cohort_by_slug(connection, slug).id)
        cohort, cadence = there.cohort, there.cadence
        learnt = nuggets.cohort_nuggets(connection, cohort.id)
        marks = people.people_marks(connection, cohort.account_id)
        texts = plan_snapshot.texts_used(connection, cohort.account_id, now - cadence.repeat_after)
    if cohort.state is not CohortState.RUNNING:
        raise NotAllowed(f"the cohort {slug} is {cohort.state.value}", f"Run: reinforce cohort resume {slug}")
    wanted = now if at is None else resolve(at.date(), at.time(), cohort.zone)
    if wanted < now - timedelta(minutes=1):
        raise ReinforceError("that time has passed", f"Give a later one, local to {cohort.zone}.")
    due = next_open(max(wanted, now), cadence, cohort.zone, holidays_of(cohort, cadence, max(wanted, now)))
    if due is None:
        raise NotAllowed(f"the cadence of {slug} never lets anything be posted", "Look at its days and quiet hours.")
    values = PostValues(language=cohort.language, title=cohort.title, text=text.strip())
    compose = composer_in(cohort.language, learnt, renderer, tariff, marks)
    composed = compose.notice(PostForm.PROMPT, values, PROMPT, PROMPT, due, texts, cadence.repeat_after)
    if isinstance(composed, Unfit):
        raise NotAllowed(f"the prompt can't be posted: {composed.reason}", "Say it in other words: --ask TEXT")
    post = Planned(
        account_id=cohort.account_id,
        cohort_id=cohort.id,
        occurrence=f"{PROMPT}/{request_id}",
        form=PROMPT,
        text=composed.text,
        text_hash=composed.text_hash,
        alternatives=[dict(one) for one in composed.alternatives],
        price_micros=composed.price_micros,
        due_at=due,
        grace_until=due + _GRACE,
        reason=_REASON,
    )
    with database.write() as connection:
        item = outbox.add(connection, post, now, cadence.repeat_after)
        cohorts.raise_version(connection, cohort.id)
        audit.record(connection, actor, "introduce", f"outbox/{item.id}", {"cohort": cohort.id}, now)
        return item


def gather_introductions(database: Database, *, now: datetime) -> int:
    """Keep what was answered to prompts with its cohort; how many that were."""
    with about_people(database) as connection:
        return len(introductions.gather(connection, now))


def tag_introduction(
    database: Database, introduction_id: int, references: Sequence[str], *, remove: bool, actor: str, now: datetime
) -> Introduction:
    """Say which nuggets ("procedure/slug" or "slug") an introduction is about, or take it back (`remove`). Raises
    NotFound for an introduction or nugget that is not there."""
    with database.write() as connection:
        found = introductions.introduction(connection, introduction_id)
        cohort = cohorts.cohort_by_slug(connection, found.cohort)
        ids = [nuggets.nugget_by_reference(connection, one, cohort.id).id for one in references]
        (introductions.untag if remove else introductions.tag)(connection, introduction_id, ids)
        verb = "introduction.untagged" if remove else "introduction.tagged"
        audit.record(connection, actor, verb, f"introduction/{introduction_id}", {"nuggets": sorted(ids)}, now)
        return introductions.introduction(connection, introduction_id)
