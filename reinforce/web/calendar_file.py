"""The plan of cohorts as a file for people's own calendars: what is planned, what is foreseen (tentative), and the
cohorts' dates, holds and events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from reinforce.domain.cohort import Cohort
from reinforce.domain.gathering.events import Event
from reinforce.domain.planning.slots import resolve
from reinforce.domain.sending.outbox import slot_occurrence
from reinforce.domain.walking.previewed import PreviewedPost
from reinforce.rendering.ics import Item, calendar_file
from reinforce.store.operating.workspace import workspace
from reinforce.store.reporting.console.calendar import CalendarPost, posts_between, told_of
from reinforce.store.reporting.console.posts import nugget_titles
from reinforce.store.sending.outbox import UNDER_WAY
from reinforce.web.calendar import DATES
from reinforce.web.words import FORMS

MEDIA_TYPE = "text/calendar; charset=utf-8"
# So far ahead, unless somebody asks for more or less.
DAYS = 45
_TOLD = 60


def plan_file(
    connection: Connection,
    name: str,
    cohorts: Sequence[Cohort],
    foreseen: Iterable[PreviewedPost],
    *,
    now: datetime,
    days: int = DAYS,
) -> bytes:
    """The calendar `name` of the next `days` days of `cohorts`; `foreseen` holds what is to come of them, and may hold
    more. Replies to single people are never in it."""
    by_id, by_slug = {one.id: one for one in cohorts}, {one.slug: one for one in cohorts}
    posts = posts_between(connection, by_id, now, now + timedelta(days=days))
    titles = {key: title for one in cohorts for key, title in nugget_titles(connection, one.id).items()}
    items = [_planned(one, by_id[one.cohort_id]) for one in posts if one.state in UNDER_WAY]
    items += [
        _foreseen(one, by_slug[one.cohort], titles)
        for one in foreseen
        if one.cohort in by_slug and one.is_post and not one.planned
    ]
    for cohort in cohorts:
        items += _dates(cohort)
    events, _ = told_of(connection, by_id)
    items += [_event(one) for one in events]
    there = workspace(connection)
    return calendar_file(name, items, instance_id="" if there is None else there.instance_id, now=now)


def _planned(post: CalendarPost, cohort: Cohort) -> Item:
    return Item(post.occurrence, _title(post.nugget, post.text, post.form, cohort), post.at, text=post.text)


def _foreseen(row: PreviewedPost, cohort: Cohort, titles: Mapping[str, str]) -> Item:
    # Where it has a slot, its key is the one it will be planned under: then the plan takes the place of the guess.
    other = f"foreseen/{row.form}/{cohort.slug}/{row.due_at.isoformat()}"
    key = slot_occurrence(cohort.slug, row.local.date(), row.slot) if row.slot else other
    title = _title(titles.get(row.nugget, row.nugget), row.text, row.form, cohort)
    text = f"{row.text}\n\nForeseen: answers change it."
    return Item(key, f"{title} (foreseen)", row.due_at, text=text, tentative=True)


def _title(nugget: str, text: str, form: str, cohort: Cohort) -> str:
    said = nugget or (text if len(text) <= _TOLD else f"{text[:_TOLD]}…")
    return f"{cohort.title}: {FORMS.get(form, form)}: {said}"


def _dates(cohort: Cohort) -> Iterator[Item]:
    for field, words in DATES:
        day = getattr(cohort, field)
        if day is not None:
            yield Item(f"date/{cohort.slug}/{field}", f"{cohort.title}: {words}", day, day)
    for hold in cohort.holds:
        words = f"{cohort.title}: on hold" + (f" ({hold.reason})" if hold.reason else "")
        yield Item(f"hold/{cohort.slug}/{hold.id}", words, hold.first_day, hold.last_day)


def _event(event: Event) -> Item:
    begins, ends = (resolve(at.date(), at.time(), event.zone) for at in (event.starts, event.ends))
    return Item(f"event/{event.id}", event.title, begins, ends, text=event.link)
