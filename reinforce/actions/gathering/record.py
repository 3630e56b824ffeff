"""The record of an event, made from what is there at this moment: consents are asked for anew each time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from reinforce.domain.cohort import ConsentKind
from reinforce.domain.gathering.events import Event, Phase
from reinforce.domain.gathering.record import EventRecord, Known, OurWords, make_record
from reinforce.domain.listening.inbound import Inbound
from reinforce.domain.texts.naming_guard import NamingGuard
from reinforce.rendering.composing import ordinary_words
from reinforce.store.accounts import accounts
from reinforce.store.authoring import nuggets
from reinforce.store.gathering import backchannel, events
from reinforce.store.gathering.overview import answered, reading
from reinforce.store.people import cohorts, people
from reinforce.store.session import Database


def event_record(database: Database, slug: str, *, now: datetime) -> EventRecord:
    """Everything that was said in an event, as far as it is read at `now` (programme time). Raises NotFound."""
    with database.read() as connection:
        event = events.event_by_slug(connection, slug)
        there = [post for post in backchannel.posts(connection, event.id) if post.gone_at is None]
        posts = [post for post in there if post.graded_at is not None]
        unread = len(there) - len(posts)
        known = _known(connection, event, posts)
        notes = list(reading(connection, event, now))
        if event.phase(now) is Phase.OPEN:
            notes.append("The event is still open: this is the record so far.")
        if unread:
            notes.append(f"{unread} posts came in and are not in it yet: they were not read. Write it again soon.")
        ours = _our_words(connection, event, posts)
        return make_record(event, posts, ours, answered(connection, event.id), known, notes)


def _known(connection: Connection, event: Event, posts: list[Inbound]) -> Known:
    """Who may be named in it: who agrees to it now, and did not say stop."""
    cohort = cohorts.cohort_by_id(connection, event.cohort_id)
    account = accounts.account_by_id(connection, cohort.account_id)
    agreed = people.live_consents(connection, ConsentKind.NAMING)
    names, handles = dict[int, str](), {account.handle.lower()}
    for learner_id in sorted({post.learner_id for post in posts if post.learner_id in agreed} - {None}):
        learner = people.learner_by_id(connection, learner_id or 0)
        if learner.remote_user_id is not None and not learner.stopped:
            names[learner.remote_user_id] = learner.name
            handles |= {learner.handle.lower()} - {""}
    learnt = nuggets.cohort_nuggets(connection, cohort.id)
    guard = NamingGuard(people.people_marks(connection, account.id), ordinary_words(learnt))
    return Known(names, account.handle, guard, frozenset(handles))


def _our_words(connection: Connection, event: Event, posts: list[Inbound]) -> list[OurWords]:
    """Our posts about the event within its time, our replies, and the answers that went out as posts of their own."""
    found = []
    for item in backchannel.own_posts(connection, event):
        at = item.posted_at or item.due_at
        if event.opens_at <= at < event.closes_at:
            found.append(OurWords(item.remote_id, item.reply_to, at, item.text))
    ids = [post.id for post in posts]
    replied = set()
    for item in backchannel.replies_to(connection, ids):
        replied.add(item.inbound_id)
        found.append(OurWords(item.remote_id, item.reply_to, item.posted_at or item.due_at, item.text))
    for inbound_id, answer, at in backchannel.answers_to(connection, ids):
        if inbound_id not in replied or not any(answer in words.text for words in found):
            found.append(OurWords(None, None, at, answer, answers=inbound_id))
    return found
