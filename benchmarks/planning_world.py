"""A workspace with a history, for the benchmark of a plan step: procedures, a cohort, posts, and who wrote under them.

Everything is drawn from one seed. What it is like:

* a procedure has 20 nuggets, each with two wordings and a question. Half of the procedures have an assessment to come;
  half are for everybody, the others for two or three of four roles;
* three quarters of the learners are there from the beginning, the others joined at any time since;
* three posts a day, two thirds of them questions, each nugget four times, one nugget after another;
* most people say nothing. How often a learner replies is drawn from a beta distribution with a mean of 0.08 in which a
  few write a lot (the mean can be set). A reply comes hours after its post, at a time of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic_core import PydanticUndefined
from sqlalchemy import Connection, func, insert, select, text

from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.content.schedule_file import read_schedule
from reinforce.domain.nugget import Confidentiality, Form, QuestionKind
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.session import Database
from reinforce.store.tables.base import Base

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
ROLES = ("operator", "maintenance", "lead", "logistics")
_CADENCE = Path(__file__).parent.parent / "schedules" / "cohort-adaptive.yaml"
_A_PROCEDURE = 20
_TIMES = 4
_A_DAY = 3
_BEGUN = NOW - timedelta(days=1_000)

_Instants = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class _Cohort:
    """Arrays over learners, whose ids count from 1: what they do, since when they are there, how often they reply and
    how long that takes them (hours)."""

    roles: NDArray[np.str_]
    since: _Instants
    replies: NDArray[np.float64]
    hours: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Post:
    """A post as it went out; ids of posts and nuggets count from 1."""

    id: int
    nugget: int
    form: Form
    at: datetime


def build(database: Database, learners: int, nuggets: int, answering: float = 0.08) -> int:
    """Write it all into an empty database, but for the beliefs (`absorb` makes them). Gives the cohort's id."""
    draw = np.random.default_rng(learners + nuggets)
    with database.write() as connection:
        t.metadata.create_all(connection)
        account = accounts.add_account(
            connection, name="bench", base_url="http://127.0.0.1:9", protected=True,
            confidentiality=Confidentiality.INTERNAL,
        )  # fmt: skip
        audiences = _content(connection, nuggets)
    content = {**read_schedule(_CADENCE).content, "caps": {"a_day": 24, "a_week": 160, "new_a_week": 20}}
    procedures = tuple(f"p{n}" for n in range(-(-nuggets // _A_PROCEDURE)))
    new = NewCohort("bench", "Bench", "bench", procedures, zone="Europe/Berlin", country="DE")
    cohort = create_cohort(database, new, content, actor="bench", now=_BEGUN)
    posts = _posts(draw, nuggets)
    people = _people(draw, learners, posts[0].at, answering)
    with database.write() as connection:
        _write_people(connection, people, cohort.id)
        _write_posts(connection, posts, account.id, cohort.id)
        _write_replies(connection, draw, people, posts, audiences)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # What a server that has run for some time has done by itself.
        connection.execute(text("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE"))
    return cohort.id


def one_more_reply(database: Database, at: datetime) -> int:
    """The first learner answers the last post; gives the nugget it is about."""
    o = t.outbox.c
    with database.write() as connection:
        post = connection.execute(select(o.id, o.nugget_id).order_by(o.id.desc()).limit(1)).one()
        count = connection.execute(select(func.count()).select_from(t.inbound)).scalar_one()
        _bulk(connection, "inbound", _INBOUND, [_inbound(count + 1, 1, post.id, _stamp(connection, at))])
        _bulk(connection, "review", _REVIEW, [_review(1, post.nugget_id, post.id, True, _stamp(connection, at))])
        return int(post.nugget_id)


def _content(connection: Connection, nuggets: int) -> list[tuple[str, ...]]:
    """Procedures and nuggets; gives each nugget's roles, () for everybody."""
    count = -(-nuggets // _A_PROCEDURE)
    audiences = [() if n % 2 == 0 else ROLES[: 2 + n // 2 % 2] for n in range(count)]
    connection.execute(
        insert(t.procedure),
        [
            {
                "id": n + 1, "slug": f"p{n}", "title": f"Procedure {n}", "owner": "", "language": "en",
                "audience": list(audiences[n]), "importance": (1.0, 2.0, 4.0)[n % 3], "confidentiality": "public",
                "assessment": date(2026, 3, 20) + timedelta(days=n % 40) if n // 2 % 2 else None,
                "revision": 1, "content_hash": "", "source": "", "loaded_at": NOW,
            }
            for n in range(count)
        ],
    )  # fmt: skip
    ids = range(1, nuggets + 1)
    connection.execute(
        insert(t.nugget),
        [
            {
                "id": n, "procedure_id": 1 + (n - 1) // _A_PROCEDURE, "slug": f"n{n}", "title": f"Nugget {n}",
                "position": n, "topic": f"topic {n // 5}", "tags": [], "audience": [], "importance": 1.0,
                "confidentiality": "public", "source_step": "", "revision": 1, "content_hash": "",
            }
            for n in ids
        ],
    )  # fmt: skip
    connection.execute(
        insert(t.wording),
        [
            {"nugget_id": n, "position": k, "text": f"Wording {k} of {n}.", "language": "en", "style": "plain"}
            for n in ids
            for k in range(2)
        ],
    )
    connection.execute(
        insert(t.question),
        [
            {
                "id": n, "nugget_id": n, "kind": QuestionKind.MULTIPLE_CHOICE.value, "prompt": f"What of {n}?",
                "accepted": [], "hints": [], "explanation": f"Because of {n}.",
            }
            for n in ids
        ],
    )  # fmt: skip
    connection.execute(
        insert(t.option),
        [
            {"question_id": n, "key": key, "text": f"{key} {n}", "correct": key == "A"}
            for n in ids
            for key in ("A", "B", "C")
        ],
    )
    return [audiences[(n - 1) // _A_PROCEDURE] for n in ids]


def _posts(draw: np.random.Generator, nuggets: int) -> list[_Post]:
    """Every nugget so many times, in rounds of another order each, the last of them this morning."""
    order = np.concatenate([draw.permutation(nuggets) + 1 for _ in range(_TIMES)])
    forms = np.where(draw.random(order.size) < 2 / 3, Form.QUESTION.value, Form.REMINDER.value)
    ago = [timedelta(days=left // _A_DAY, hours=1 + 4 * (left % _A_DAY)) for left in reversed(range(order.size))]
    return [_Post(k + 1, int(order[k]), Form(forms[k]), NOW - ago[k]) for k in range(order.size)]


def _people(draw: np.random.Generator, learners: int, begun: datetime, answering: float) -> _Cohort:
    late = np.where(draw.random(learners) < 0.75, 0.0, draw.random(learners))
    since = np.datetime64(_naive(begun), "us") + (late * (NOW - begun).total_seconds()).astype("timedelta64[s]")
    few = draw.beta(0.3, 0.3 * (1.0 - answering) / answering, learners)
    return _Cohort(draw.choice(np.asarray(ROLES), learners), since, few, np.exp(draw.normal(1.0, 0.8, learners)))


def _write_people(connection: Connection, people: _Cohort, cohort_id: int) -> None:
    ids, since = range(1, people.roles.size + 1), _stamps(connection, people.since)
    rows: list[tuple[Any, ...]] = [
        (n, f"E-{n}", f"Person{n} Surname{n}", f"handle_{n}", "", role, 9_000_000 + n, at)
        for n, role, at in zip(ids, people.roles.tolist(), since, strict=True)
    ]
    columns = ("id", "employee_id", "name", "handle", "zone", "role", "remote_user_id", "created_at")
    _bulk(connection, "learner", columns, rows)
    enrolled = [(cohort_id, n, "active", at) for n, at in zip(ids, since, strict=True)]
    _bulk(connection, "enrollment", ("cohort_id", "learner_id", "state", "joined_at"), enrolled)
    linked = [(n, "linking", "bench", at) for n, at in zip(ids, since, strict=True)]
    _bulk(connection, "consent", ("learner_id", "kind", "source", "given_at"), linked)


def _write_posts(connection: Connection, posts: list[_Post], account_id: int, cohort_id: int) -> None:
    rows: list[dict[str, Any]] = [
        {
            "id": post.id, "account_id": account_id, "cohort_id": cohort_id, "nugget_id": post.nugget,
            "wording_id": None, "question_id": post.nugget if post.form is Form.QUESTION else None,
            "form": post.form.value, "occurrence": f"bench/{post.id}", "state": "posted", "text": f"Post {post.id}.",
            "text_hash": f"{post.id:032x}", "alternatives": [], "due_at": post.at, "grace_until": post.at,
            "posted_at": post.at, "remote_id": 1_000_000 + post.id, "reason": "", "outcome": "",
            "decision": {"closes_at": (post.at + timedelta(hours=30)).isoformat()}, "created_at": post.at,
        }
        for post in posts
    ]  # fmt: skip
    connection.execute(insert(t.outbox), rows)


def _write_replies(
    connection: Connection,
    draw: np.random.Generator,
    people: _Cohort,
    posts: list[_Post],
    audiences: list[tuple[str, ...]],
) -> None:
    inbound: list[tuple[Any, ...]] = []
    review: list[tuple[Any, ...]] = []
    for post in posts:
        roles = audiences[post.nugget - 1]
        at = np.datetime64(_naive(post.at), "us")
        concerned = (people.since <= at) & (np.isin(people.roles, roles) | (not roles))
        who = np.flatnonzero(concerned & (draw.random(people.since.size) < people.replies))
        hours = people.hours[who] * np.exp(draw.normal(0.0, 0.5, who.size))
        written = np.minimum(at + (hours * 3.6e9).astype("timedelta64[us]"), np.datetime64(_naive(NOW), "us"))
        right = draw.random(who.size) < 0.7
        of_post = zip((who + 1).tolist(), _stamps(connection, written), right.tolist(), strict=True)
        for learner, stamp, good in of_post:
            inbound.append(_inbound(len(inbound) + 1, learner, post.id, stamp))
            review.append(_review(learner, post.nugget, post.id, good, stamp))
    _bulk(connection, "inbound", _INBOUND, inbound)
    _bulk(connection, "review", _REVIEW, review)


_INBOUND = (
    *("account_id", "remote_id", "author_remote_id", "author_handle", "learner_id", "outbox_id", "text", "created_at"),
    *("received_at", "read_as", "read_why", "graded_at", "needs_person"),
)
_REVIEW = (*("learner_id", "nugget_id", "outbox_id", "rating", "evidence", "guess", "nugget_revision", "at"),)


def _inbound(number: int, learner: int, post: int, stamp: str) -> tuple[Any, ...]:
    remote = 10_000_000 + number
    return 1, remote, 9_000_000 + learner, "", learner, post, "A", stamp, stamp, "[]", "", stamp, False


def _review(learner: int, nugget: int, post: int, right: bool, stamp: str) -> tuple[Any, ...]:
    return learner, nugget, post, 3 if right else 1, "answer", 0.25, 1, stamp


def _bulk(connection: Connection, table: str, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    """Past SQLAlchemy, which takes minutes for a million rows. Columns that are not given have the table's defaults."""
    raw: Any = connection.connection.driver_connection
    model = next(one for one in Base.__subclasses__() if one.__tablename__ == table)
    others = {
        name: field.default
        for name, field in model.model_fields.items()
        if name not in columns and field.default not in (None, PydanticUndefined)
    }
    names, rest = ", ".join((*columns, *others)), tuple(others.values())
    columns, rows = (*columns, *others), (row + rest for row in rows)
    if connection.dialect.name == "sqlite":
        raw.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", rows)
        return
    with raw.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _naive(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)


def _stamp(connection: Connection, instant: datetime) -> str:
    return _stamps(connection, np.asarray([_naive(instant)], "datetime64[us]"))[0]


def _stamps(connection: Connection, instants: _Instants) -> list[str]:
    """Instants as each database wants them written."""
    zone = "" if connection.dialect.name == "sqlite" else "Z"
    return [one.replace("T", " ") + zone for one in np.datetime_as_string(instants.astype("datetime64[us]")).tolist()]
