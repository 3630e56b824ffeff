"""A cohort with nuggets, learners and posts that are out, and a way to let learners write to us."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, insert, select, update

from reinforce.actions.listening.grade import GradeOutcome, grade
from reinforce.content.lexicon_file import read_lexicons
from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.listening.inbound import Arrived, Inbound, oldest_id_at
from reinforce.domain.listening.lexicon import Lexicon
from reinforce.domain.sending.outbox import Planned, State
from reinforce.domain.texts.wording import text_hash
from reinforce.shipped import shipped
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.listening import inbox
from reinforce.store.people import invitations, people
from reinforce.store.sending import outbox
from reinforce.store.session import Database

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OUR_USER_ID = 900


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    """The lexicons that ship."""
    return read_lexicons(shipped("templates") / "lexicon")


@dataclass
class Scene:
    """A workspace as grading meets it. `reminder`, `choice`, `short` and `number` are outbox ids of posts that are out;
    `dana` is linked, `kim` stands on the roster only."""

    database: Database
    lexicon: Lexicon
    account: AccountRecord
    cohort_id: int
    nugget_id: int
    dana: int
    kim: int
    reminder: int
    choice: int
    short: int
    number: int
    _ids: Any = field(default_factory=lambda: itertools.count(1))

    DANA_USER_ID = 501

    def write(self, text: str, to: int | None = None, *, author: int = 501, handle: str = "dana", **more: Any) -> int:
        """Somebody writes `text` in reply to an outbox row; the row id of what came in."""
        minutes = timedelta(minutes=next(self._ids))
        remote_id = oldest_id_at(NOW + minutes)
        values: dict[str, Any] = {
            "remote_id": remote_id,
            "author_remote_id": author,
            "author_handle": handle,
            "text": text,
            "created_at": NOW + minutes,
            "in_reply_to": None if to is None else self.remote_id(to),
        }
        with self.database.write() as connection:
            arrived = Arrived(**{**values, **more})
            inbox.save_page(connection, self.account.id, [arrived], arrived.remote_id, NOW + minutes)
            return int(
                connection.execute(
                    select(t.inbound.c.id).where(t.inbound.c.remote_id == arrived.remote_id)
                ).scalar_one()
            )

    def grade(self, **more: Any) -> GradeOutcome:
        """Read and act on everything."""
        return grade(self.database, self.lexicon, now=NOW + timedelta(hours=2), **more)

    def say(self, text: str, to: int | None = None, **more: Any) -> Inbound:
        """Somebody writes, and it is graded."""
        inbound_id = self.write(text, to, **more)
        self.grade()
        return self.inbound(inbound_id)

    def asked(self, inbound_id: int) -> tuple[str, str] | None:
        """(kind, state) of the inquiry that was made of it."""
        q = t.inquiry.c
        with self.database.read() as connection:
            row = connection.execute(select(q.kind, q.state).where(q.inbound_id == inbound_id)).first()
        return None if row is None else (row.kind, row.state)

    def inbound(self, inbound_id: int) -> Inbound:
        """A row of the inbox."""
        with self.database.read() as connection:
            found = inbox.inbound(connection, inbound_id)
        assert found is not None
        return found

    def remote_id(self, outbox_id: int) -> int:
        """X's id of a post of ours."""
        with self.database.read() as connection:
            remote_id = outbox.item(connection, outbox_id).remote_id
        assert remote_id is not None
        return remote_id

    def reviews(self, learner_id: int | None = None, *, voided: bool = False) -> list[tuple[str, int]]:
        """(evidence, rating) of a learner's live reviews, or of the voided ones, in order."""
        r = t.review.c
        query = select(r.evidence, r.rating).where(r.learner_id == (learner_id or self.dana)).order_by(r.id)
        query = query.where(r.voided_at.is_not(None) if voided else r.voided_at.is_(None))
        with self.database.read() as connection:
            return [(row.evidence, row.rating) for row in connection.execute(query)]

    def learner(self, learner_id: int) -> Any:
        """A learner's row."""
        with self.database.read() as connection:
            return connection.execute(select(t.learner).where(t.learner.c.id == learner_id)).one()

    def version(self) -> int:
        """The cohort's version."""
        with self.database.read() as connection:
            return int(
                connection.execute(select(t.cohort.c.version).where(t.cohort.c.id == self.cohort_id)).scalar_one()
            )

    def outgoing(self) -> list[tuple[Any, ...]]:
        """Every row of the outbox, whole."""
        with self.database.read() as connection:
            return [tuple(row) for row in connection.execute(select(t.outbox).order_by(t.outbox.c.id))]

    def post(self, form: str, remote_id: int | None, **more: Any) -> int:
        """A post of ours: posted if it has an id of X, else planned."""
        n = next(self._ids)
        text = f"A post of ours, number {n}."
        planned = Planned(
            account_id=self.account.id,
            cohort_id=self.cohort_id,
            nugget_id=self.nugget_id,
            occurrence=f"now/{n}",
            form=form,
            text=text,
            text_hash=text_hash(text),
            due_at=NOW,
            grace_until=NOW + timedelta(hours=4),
            **more,
        )
        with self.database.write() as connection:
            item = outbox.add(connection, planned, NOW)
            if remote_id is not None:
                values = {"state": State.POSTED.value, "remote_id": remote_id, "posted_at": NOW}
                connection.execute(update(t.outbox).where(t.outbox.c.id == item.id).values(**values))
        return item.id

    def invitation(self, learner_id: int, code: str = "7KQ2M9XD", days: int = 14) -> str:
        """A code for a learner."""
        with self.database.write() as connection:
            e = t.enrollment.c
            enrollment = connection.execute(select(e.id).where(e.learner_id == learner_id)).scalar_one()
            invitations.new_invitation(connection, enrollment, code, NOW + timedelta(days=days))
        return code

    def add_learner(self, name: str, handle: str) -> int:
        """Somebody on the roster of the cohort."""
        with self.database.write() as connection:
            return _learner(connection, self.cohort_id, name, handle)


def _add(connection: Any, table: Table, **values: Any) -> int:
    return int(connection.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())


def _learner(connection: Any, cohort_id: int, name: str, handle: str) -> int:
    values = {"employee_id": f"E-{name}", "name": name, "handle": handle, "zone": "", "role": ""}
    learner = _add(connection, t.learner, **values, created_at=NOW)
    _add(connection, t.enrollment, cohort_id=cohort_id, learner_id=learner, state="enrolled", joined_at=NOW)
    return learner


def _nugget(connection: Any) -> int:
    procedure = _add(
        connection, t.procedure, slug="lockout", title="Lockout", owner="L&D", language="en", audience=[],
        importance=1.0, confidentiality="public", revision=1, content_hash="", source="", loaded_at=NOW,
    )  # fmt: skip
    return _add(
        connection, t.nugget, procedure_id=procedure, slug="one-lock", title="One lock", position=1, topic="", tags=[],
        audience=[], importance=1.0, confidentiality="public", source_step="", revision=3, content_hash="",
    )  # fmt: skip


def _question(connection: Any, nugget_id: int, kind: str, accepted: list[str], tolerance: float | None = None) -> int:
    values = {"nugget_id": nugget_id, "kind": kind, "prompt": "?", "accepted": accepted, "tolerance": tolerance}
    return _add(connection, t.question, **values, hints=[], explanation="")


@pytest.fixture
def scene(database: Database, lexicon: Lexicon) -> Scene:
    """The workspace of these tests."""
    with database.write() as connection:
        account = accounts.add_account(
            connection, name="acme", base_url="http://127.0.0.1:1", handle="acme_learn", remote_user_id=OUR_USER_ID
        )
        schedule = _add(connection, t.schedule, name="s", content={}, content_hash="", loaded_at=NOW)
        cohort = _add(
            connection, t.cohort, slug="press", title="Press", account_id=account.id, schedule_id=schedule,
            zone="Europe/Berlin", language="en", country="", answers="replies", state="running", paused_reason="",
            version=0, created_at=NOW,
        )  # fmt: skip
        nugget = _nugget(connection)
        choice = _question(connection, nugget, "multiple_choice", [])
        for key, text in (("A", "A tag alone"), ("B", "Your own lock"), ("C", "A colleague's lock")):
            _add(connection, t.option, question_id=choice, key=key, text=text, correct=key == "B")
        short = _question(connection, nugget, "short", ["group lock box"])
        number = _question(connection, nugget, "number", ["15 minutes"], tolerance=1.0)
        dana = _learner(connection, cohort, "Dana Fox", "dana")
        kim = _learner(connection, cohort, "Kim Lee", "kim_lee")
        people.link(connection, dana, Scene.DANA_USER_ID, "dana", "test", NOW)
    made = Scene(database, lexicon, account, cohort, nugget, dana, kim, 0, 0, 0, 0)
    made.reminder = made.post("reminder", oldest_id_at(NOW) + 1)
    made.choice = made.post("question", oldest_id_at(NOW) + 2, question_id=choice)
    made.short = made.post("question", oldest_id_at(NOW) + 3, question_id=short)
    made.number = made.post("question", oldest_id_at(NOW) + 4, question_id=number)
    return made
