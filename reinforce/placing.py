"""What has its place in a programme, made: events, rounds, polls and prompts, by the very verbs a person would use.

Each is made under a name that holds the run's number, so that who comes again after a kill finds what is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from reinforce.actions.gathering.arrange import NewEvent, create_event, preview_event
from reinforce.actions.gathering.introduce import introduce
from reinforce.actions.polling.ask import ask_poll, prepare_poll
from reinforce.actions.quizzing.create_quiz import create_quiz
from reinforce.actions.quizzing.run_quiz import start_quiz
from reinforce.bootstrap import House
from reinforce.content.marks import FaultList, parse_yaml
from reinforce.content.programme_items import new_poll
from reinforce.content.quiz_file import quiz_from
from reinforce.domain.cohort import Cohort
from reinforce.domain.errors import ContentRefused, NotFound, ReinforceError
from reinforce.domain.gathering.events import EventKind
from reinforce.domain.gathering.introducing import PROMPT
from reinforce.domain.planning.slots import resolve
from reinforce.domain.programmes.programme import Item, ItemKind, Programme
from reinforce.domain.programmes.runs import RunDates
from reinforce.domain.quizzing.quiz import QuizFile, QuizState
from reinforce.domain.sending.budget import holds_link, price_micros
from reinforce.domain.sending.outbox import poll_occurrence
from reinforce.store.gathering import events
from reinforce.store.programmes.runs import Run, RunItem
from reinforce.store.quizzing import quizzes
from reinforce.store.sending import outbox

_ACTOR = "daemon"
_LONGEST_NAME = 48
_ANNOUNCED_AT = time(9)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Foretold:
    """An item of a programme as it would be on a cohort. `price_micros` is what its posts cost, as far as that can be
    said before; `problem` why it can't be made as it stands."""

    phase: str
    kind: ItemKind
    name: str
    day: date
    at: time
    posts: tuple[str, ...] = ()
    price_micros: int = 0
    linked: bool = False
    problem: str = ""


def foretell(house: House, programme: Programme, cohort: Cohort, dates: RunDates) -> Iterator[Foretold]:
    """Every item as it would be, composed now and held against what is there; changes nothing."""
    for phase, there in zip(programme.phases, dates.phases, strict=True):
        for item in phase.items:
            day = there.first_day + (item.day - 1) * _DAY
            found = Foretold(phase.name, item.kind, item.name, day, item.at)
            try:
                yield _foretold(house, programme, cohort, item, found)
            except ContentRefused as refused:
                yield replace(found, problem="; ".join(str(fault) for fault in refused.faults))
            except ReinforceError as wrong:
                yield replace(found, problem=f"{wrong.message}. {wrong.advice}".strip())


def _foretold(house: House, programme: Programme, cohort: Cohort, item: Item, found: Foretold) -> Foretold:
    now, renderer, tariff = house.clock.now(), house.renderer, house.tariff
    match item.kind:
        case ItemKind.EVENT:
            new = _event(item.content, item.name, cohort, found.day, item.at, now)
            plan = preview_event(house.database, new, renderer, tariff, now=now)
            texts = tuple(post.text for post in plan.posts)
            return replace(found, posts=texts, price_micros=plan.price_micros, linked=plan.dear)
        case ItemKind.QUIZ:
            draft = _quiz(programme, item.content, item.name)
            create_quiz(house.database, cohort.slug, draft, renderer, tariff, actor=_ACTOR, now=now, dry_run=True)
            return replace(found, posts=(f"a round of {len(draft.entries)} questions: {draft.title}",))
        case ItemKind.POLL:
            ready = prepare_poll(house.database, cohort.slug, new_poll(item.content), renderer, tariff, now=now)
            return replace(found, posts=(ready.text,), price_micros=ready.price_micros, linked=ready.linked)
        case ItemKind.INTRODUCTION:
            ask = str(item.content["ask"])
            price = price_micros(ask, form=PROMPT, tariff=tariff)
            return replace(found, posts=(ask or "the prompt that ships",), price_micros=price, linked=holds_link(ask))


def made_already(house: House, item: RunItem) -> str:
    """What stands for an item already, in words: somebody made it, and was killed before saying so. "" for nothing."""
    name = _name(item)
    with house.database.read() as connection:
        match item.kind:
            case ItemKind.EVENT:
                known = any(one.slug == name for one in events.events(connection))
                return f"event {name}" if known else ""
            case ItemKind.QUIZ:
                started = any(
                    one.slug == name and one.state is not QuizState.DRAFT for one in quizzes.quizzes(connection)
                )
                return f"quiz {name}" if started else ""
            case ItemKind.POLL:
                post = outbox.item_by_occurrence(connection, poll_occurrence(name))
            case ItemKind.INTRODUCTION:
                post = outbox.item_by_occurrence(connection, f"{PROMPT}/{name}")
    return "" if post is None else f"outbox {post.id}"


def place(house: House, run: Run, cohort: Cohort, item: RunItem) -> str:
    """Make an item what it is to be; what it is then, in words. Raises as the verbs of the items do."""
    there = made_already(house, item)
    if there:
        return there
    name, now, slug = _name(item), house.clock.now(), cohort.slug
    database, renderer, tariff = house.database, house.renderer, house.tariff
    match item.kind:
        case ItemKind.EVENT:
            new = _event(item.content, name, cohort, item.day, item.at, now)
            create_event(database, new, renderer, tariff, agreed=run.agreed, actor=_ACTOR, now=now)
            return f"event {name}"
        case ItemKind.QUIZ:
            _start_quiz(house, run, cohort, item, name)
            return f"quiz {name}"
        case ItemKind.POLL:
            asked = ask_poll(database, slug, new_poll(item.content), name, renderer, tariff, now=now, actor=_ACTOR)
            return f"outbox {asked.item.id}"
        case ItemKind.INTRODUCTION:
            ask = str(item.content["ask"])
            post = introduce(database, slug, None, ask, name, renderer, tariff, now=now, actor=_ACTOR)
            return f"outbox {post.id}"


def lasts(item: RunItem) -> timedelta:
    """How long an item goes on, if it is an event."""
    if item.kind is not ItemKind.EVENT:
        return timedelta()
    return _length(item.content)


def _start_quiz(house: House, run: Run, cohort: Cohort, item: RunItem, name: str) -> None:
    database, now = house.database, house.clock.now()
    try:
        with database.read() as connection:
            quizzes.quiz_by_slug(connection, name)
    except NotFound:
        draft = replace(_quiz(run.programme, item.content, name), slug=name)
        create_quiz(database, cohort.slug, draft, house.renderer, house.tariff, actor=_ACTOR, now=now)
    begins = resolve(item.day, item.at, cohort.zone)
    start_quiz(database, name, begins if begins > now else None, actor=_ACTOR, now=now)


def _quiz(programme: Programme, content: Any, name: str) -> QuizFile:
    file, faults = str(content["file"]), FaultList()
    quiz = quiz_from(parse_yaml((programme.quizzes or {})[file], file, faults), name, file, faults)
    faults.raise_if_any()
    return quiz


def _event(content: Any, name: str, cohort: Cohort, day: date, at: time, now: datetime) -> NewEvent:
    starts = datetime.combine(day, at)
    announced = day - content["announce_days"] * _DAY
    ahead = resolve(announced, _ANNOUNCED_AT, cohort.zone) > now
    after = content["follow_up_after_hours"]
    return NewEvent(
        slug=name,
        title=content["title"],
        cohort=cohort.slug,
        kind=EventKind.RECORDING if content["recording_days"] else EventKind.LIVE,
        hashtag=content["hashtag"],
        starts=starts,
        ends=starts + _length(content),
        link=content["link"],
        announced=content["announce_days"] > 0,
        announce=datetime.combine(announced, _ANNOUNCED_AT) if ahead else None,
        reminders=tuple(content["remind_hours"]),
        follow_up=tuple((reference, after) for reference in content["follow_up"]),
        procedures=tuple((procedure, after) for procedure in content["follow_up_procedures"]),
    )


def _length(content: Any) -> timedelta:
    days = int(content["recording_days"])
    return timedelta(days=days) if days else timedelta(minutes=int(content["minutes"]))


def _name(item: RunItem) -> str:
    """The name of what an item becomes: its own, with the run's number, since another run has one like it."""
    return f"{item.name[:_LONGEST_NAME].strip('-')}-{item.run_id}"
