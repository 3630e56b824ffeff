"""Lets scripted learners live: they come across the company's posts, remember, forget and answer, in programme time.

All chance comes from (seed, handle, which post of the company it is): the same posts at the same programme times bring
the same replies. What they mean to do is kept in the storage, so a restart loses nothing.
"""

from __future__ import annotations

import logging
import random
import threading
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from reinforce.practice import tables
from reinforce.practice.config import Config, current_rules
from reinforce.practice.forgetting import recall
from reinforce.practice.posting import NewPost, add_post, cast_vote, live_post, set_like
from reinforce.practice.script import Subject, delay_of, folded, react, traits_of
from reinforce.practice.storage import Storage, count_of, save_setting, setting

_log = logging.getLogger(__name__)

_BATCH = 100
MAX_LATENESS = 2 * 86_400_000


def learn(connection: Connection, asked: Any) -> int:
    """Take up which posts are about what. Returns how many fingerprints are known now for the entries given.

    `asked` is a list of {"fingerprints": [text, …], "nugget": key, "kind": "question"|"reminder", "options": [text, …],
    "correct": [text, …], "wrong": [text, …]}. A post is about the longest fingerprint whose words stand in it.
    Raises ValueError with the entry that is wrong.
    """
    if not isinstance(asked, list):
        raise ValueError("knowledge is a JSON list of entries with `fingerprints` and `nugget`")
    learned = 0
    for number, entry in enumerate(asked, 1):
        if not isinstance(entry, dict) or not isinstance(entry.get("nugget"), str):
            raise ValueError(f"entry {number}: needs a `nugget` (its key)")
        texts = entry.get("fingerprints") or [entry.get("fingerprint")]
        lists = {name: entry.get(name) or [] for name in ("options", "correct", "wrong")}
        for name, values in {"fingerprints": texts, **lists}.items():
            if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
                raise ValueError(f"entry {number}: `{name}` must be a list of texts")
        kind = entry.get("kind") or ("question" if lists["correct"] else "reminder")
        for text in texts:
            row = {"nugget": entry["nugget"], "kind": kind, **lists}
            statement = upsert(tables.knowledge).values(fingerprint=folded(text), **row)
            connection.execute(statement.on_conflict_do_update(index_elements=["fingerprint"], set_=row))
            learned += 1
    return learned


class Learners:
    """The scripted learners of one practice account."""

    def __init__(self, storage: Storage, config: Config) -> None:
        self._storage = storage
        self._config = config
        self._turn = threading.Lock()

    def step(self) -> int:
        """Let everybody do what is due by programme time now; returns how many acts that were."""
        with self._turn:
            while self._notice():
                pass
            acts = 0
            while done := self._act():
                acts += done
            return acts

    def run(self, stop: threading.Event) -> None:
        """Step until `stop` is set. A failure is logged, and the next round tries again."""
        while not stop.wait(self._config.learner_pause):
            try:
                self.step()
            except Exception:
                _log.exception("the scripted learners stumbled; they go on in the next round")

    def _notice(self) -> int:
        """Decide for the next new posts of the company who will come across them, and when; returns how many."""
        with self._storage.writing() as connection:
            company = setting(connection, "company_id")
            posts = tables.posts.c
            query = select(tables.posts).where(posts.author_id == company, posts.id > _cursor(connection))
            people = list(connection.execute(select(tables.users).where(tables.users.c.kind == "learner")))
            new = connection.execute(query.order_by(posts.id).limit(_BATCH)).all()
            for post in new:
                if post.deleted_at is None and post.in_reply_to_user_id in (None, company):
                    for person in people:
                        self._meet(connection, person, post)
                save_setting(connection, "noticed_id", post.id)
            return len(new)

    def _meet(self, connection: Connection, person: Row[Any], post: Row[Any]) -> None:
        traits = traits_of(self._chance(person.handle, "traits"))
        chance = self._chance_of(connection, person, post, "meet")
        if chance.random() < traits.sees:
            due = post.created_at + delay_of(traits, post.text, chance)
            connection.execute(insert(tables.intentions).values(user_id=person.id, post_id=post.id, due_at=due))

    def _act(self) -> int:
        """Carry out the next intentions that are due; returns how many."""
        with self._storage.writing() as connection:
            intentions = tables.intentions.c
            query = select(tables.intentions).where(intentions.due_at <= self._storage.now())
            due = connection.execute(query.order_by(intentions.due_at, intentions.id).limit(_BATCH)).all()
            for intention in due:
                self._come_across(connection, intention)
                connection.execute(delete(tables.intentions).where(intentions.id == intention.id))
            return len(due)

    def _come_across(self, connection: Connection, intention: Row[Any]) -> None:
        post = live_post(connection, intention.post_id)
        person = connection.execute(select(tables.users).where(tables.users.c.id == intention.user_id)).one()
        if post is None or self._storage.now() - intention.due_at > MAX_LATENESS:
            return
        posts = tables.posts
        connection.execute(update(posts).where(posts.c.id == post.id).values(impressions=posts.c.impressions + 1))
        traits = traits_of(self._chance(person.handle, "traits"))
        subject = subject_of(connection, post)
        recalled = self._recalled(connection, person, subject, intention.due_at)
        chance = self._chance_of(connection, person, post, "react")
        reaction = react(traits, subject, post.text, _options(connection, post), recalled, chance)
        for act in reaction.acts:
            self._do(connection, person, post, act)
        if subject.nugget is not None:
            self._remember(connection, person.id, subject.nugget, reaction.encounter, intention.due_at)

    def _do(self, connection: Connection, person: Row[Any], post: Row[Any], act: Any) -> None:
        if act.kind == "like":
            set_like(connection, self._storage, post.id, person.id, liked=True)
        elif act.kind == "vote":
            cast_vote(connection, self._storage, post.poll_id, person.id, act.position)
        else:
            rules = current_rules(connection, self._config)
            add_post(connection, self._storage, person.id, NewPost(act.text, "script", reply_to=post.id), rules)

    def _recalled(self, connection: Connection, person: Row[Any], subject: Subject, at: int) -> float:
        traits = traits_of(self._chance(person.handle, "traits"))
        columns = tables.recollections.c
        query = select(tables.recollections).where(columns.user_id == person.id, columns.nugget == subject.nugget)
        row = connection.execute(query).one_or_none()
        encounters, last = (0.0, at) if row is None else (row.encounters, row.last_at)
        return recall(encounters, at - last, traits.forgetting, traits.known_before)

    def _remember(self, connection: Connection, user_id: int, nugget: str, encounter: float, at: int) -> None:
        columns = tables.recollections.c
        row = upsert(tables.recollections).values(user_id=user_id, nugget=nugget, encounters=encounter, last_at=at)
        more = {"encounters": columns.encounters + encounter, "last_at": at}
        connection.execute(row.on_conflict_do_update(index_elements=["user_id", "nugget"], set_=more))

    def _chance_of(self, connection: Connection, person: Row[Any], post: Row[Any], purpose: str) -> random.Random:
        posts = tables.posts.c
        number = count_of(connection, tables.posts, posts.author_id == post.author_id, posts.id <= post.id)
        return self._chance(person.handle, f"{purpose} {number}")

    def _chance(self, handle: str, purpose: str) -> random.Random:
        return random.Random(f"{self._config.learner_seed} {handle.casefold()} {purpose}")  # noqa: S311


def subject_of(connection: Connection, post: Row[Any]) -> Subject:
    """What `post` is about: the longest known fingerprint in it; else, below a post of ours, what that one is about."""
    said = f" {folded(post.text)} "
    rows = connection.execute(select(tables.knowledge))
    found = [row for row in rows if row.fingerprint and f" {row.fingerprint} " in said]
    if found:
        row = max(found, key=lambda candidate: len(candidate.fingerprint))
        return Subject(row.kind, row.nugget, tuple(row.options), tuple(row.correct), tuple(row.wrong))
    parent = live_post(connection, post.in_reply_to_id) if post.in_reply_to_id is not None else None
    if parent is not None and parent.author_id == post.author_id:
        return Subject("reveal", subject_of(connection, parent).nugget)
    return Subject("unknown")


def _options(connection: Connection, post: Row[Any]) -> list[str]:
    if post.poll_id is None:
        return []
    query = select(tables.polls.c.options).where(tables.polls.c.id == post.poll_id)
    return list(connection.execute(query).scalar_one())


def _cursor(connection: Connection) -> int:
    return int(setting(connection, "noticed_id", 0))
