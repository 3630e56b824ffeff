"""A workspace with a week of history: a cohort of eight, six nuggets, posts in most states, replies of most kinds."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from reinforce.clock import Clock
from reinforce.domain.courses.course import CourseFile, PostedStep, Step
from reinforce.domain.picture import ShownPicture
from reinforce.domain.texts.wording import text_hash
from reinforce.settings import Settings
from reinforce.store import tables as t
from reinforce.store.courses import courses
from reinforce.store.operating import heartbeats, workspace
from reinforce.store.operating.heartbeats import Heartbeat
from reinforce.store.sending import pictures
from reinforce.store.session import Database
from tests.databases import copy_sqlite
from tests.pictures import png

# Wednesday 4 March 2026, 10:30 in Berlin.
NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
ZONE = "Europe/Berlin"
COURSE = "locks"
HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
CADENCE: dict[str, Any] = {
    "name": "cohort-adaptive",
    "slots": [
        {"name": "morning", "at": "09:00", "weekdays": ["mon", "tue", "wed", "thu", "fri"]},
        {"name": "afternoon", "at": "14:00", "weekdays": ["mon", "tue", "wed", "thu", "fri"]},
    ],
    "quiet_hours": {"from": "18:00", "until": "07:00"},
    "holidays": {"country": "", "subdivision": "", "days": []},
    "caps": {"a_day": 4, "a_week": 14, "new_a_week": 6},
    "repeat_after_days": 90,
    "grace_hours": 2,
    "answer_window_hours": 4,
    "reveal": True,
    "forms": ["question", "reminder"],
    "policy": {"name": "cohort-adaptive", "opening_days": 0},
}
NUGGETS = (
    ("tell", "Tell everyone first", "Before you lock a machine out, tell everyone who works on it.", "Who is told?"),
    ("stop", "Stop it the normal way", "Stop the machine with its own stop button first.", "How is it stopped?"),
    ("isolate", "Open every isolator", "Open every isolator: power, air, hydraulics, steam.", "Which are opened?"),
    ("lock", "One lock each", "Your lock, your key: one lock for each person.", "How many locks are on the hasp?"),
    ("stored", "Let stored energy go", "Bleed air, lower what is raised, wait for what turns.", "What may still move?"),
    ("try", "Try it before you trust it", "Press start. Only a machine that stays dead is locked out.",
     "What proves that it is dead?"),
)  # fmt: skip
LEARNERS = (
    "Ada Brandt",
    "Ben Okafor",
    "Chiara Rossi",
    "Deniz Kaya",
    "Emil Novak",
    "Fatou Diallo",
    "Greta Lind",
    HOSTILE,
)


@dataclass(frozen=True)
class Seeded:
    """A workspace with history. Ids are those of the rows that tests name."""

    folder: Path
    database: Database
    clock: Clock
    settings: Settings
    cohort_id: int
    account_id: int
    learner_ids: tuple[int, ...]
    nugget_ids: tuple[int, ...]
    question_post_id: int
    question_remote_id: int


def seed(folder: Path) -> Seeded:
    """Fill a new workspace in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    clock = Clock(folder / "clock.json")
    clock.step_to(NOW)
    database = Database(copy_sqlite(folder / "reinforce.db"))
    with database.write() as connection:
        workspace.create(connection, rehearsal=True, now=NOW)
        ids = fill(connection)
        heartbeats.beat(
            connection,
            Heartbeat(
                owner=f"{socket.gethostname()}:{os.getpid()}",
                role="daemon",
                pid=os.getpid(),
                started_at=Clock.wall() - timedelta(hours=1),
                at=Clock.wall(),
                leader=True,
                ticked_at=Clock.wall(),
            ),
        )
    return Seeded(folder, database, clock, Settings(workspace=folder), **ids)


def _add(connection: Connection, table: Any, **values: Any) -> int:
    return int(connection.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())


def fill(connection: Connection) -> dict[str, Any]:
    """Write the rows into empty tables. Returns the ids of `Seeded`."""
    account = _add(
        connection, t.account, name="practice", base_url="http://127.0.0.1:9", handle="acme_reinforce",
        remote_user_id=1,
        confidentiality="internal", state="active", paused_reason="", read_at=NOW,
    )  # fmt: skip
    schedule = _add(connection, t.schedule, name="cohort-adaptive", content=CADENCE, content_hash="0", loaded_at=NOW)
    cohort = _add(
        connection, t.cohort, slug="press-shop", title="Press shop", account_id=account, schedule_id=schedule,
        zone=ZONE, language="en", country="DE", answers="replies", state="running", paused_reason="",
        starts_on=date(2026, 3, 2), assessment=date(2026, 4, 15), version=7, created_at=NOW,
    )  # fmt: skip
    nuggets = _procedure(connection, cohort)
    learners = tuple(_learner(connection, cohort, n, name) for n, name in enumerate(LEARNERS))
    posted = _posts(connection, account, cohort, nuggets)
    _answers(connection, account, learners, nuggets, posted)
    _course(connection)
    return {
        "cohort_id": cohort, "account_id": account, "learner_ids": learners, "nugget_ids": nuggets,
        "question_post_id": posted, "question_remote_id": 5002,
    }  # fmt: skip


def _course(connection: Connection) -> None:
    """Two steps, the first with a picture, as if somebody had rehearsed them."""
    shown = ShownPicture(pictures.keep(connection, png(), "image/png", NOW), HOSTILE, "lock.png")
    steps = (PostedStep(1, "Why", f"Why {HOSTILE}", (shown,)), PostedStep(2, "How", "How: your own lock."))
    file = CourseFile(COURSE, f"Locks {HOSTILE}", (Step("Why", "Why"), Step("How", "How")))
    courses.keep(connection, file, steps, "member/1", NOW)


def _procedure(connection: Connection, cohort: int) -> tuple[int, ...]:
    procedure = _add(
        connection, t.procedure, slug="lockout", title="Lockout of a press", owner="Safety", language="en",
        audience=[], importance=1.0, confidentiality="internal", revision=1, content_hash="0",
        source="lockout.yaml", loaded_at=NOW,
    )  # fmt: skip
    connection.execute(insert(t.cohort_procedure).values(cohort_id=cohort, procedure_id=procedure))
    ids = []
    for position, (slug, title, text, prompt) in enumerate(NUGGETS):
        nugget = _add(
            connection, t.nugget, procedure_id=procedure, slug=slug, title=title, position=position, topic="",
            tags=[], audience=[], importance=1.0, confidentiality="internal", source_step=str(position + 1),
            revision=1, content_hash=slug,
        )  # fmt: skip
        for number, wording in enumerate((text, f"Remember: {text.lower()}", f"{title}. {text}", f"Today: {text}")):
            connection.execute(
                insert(t.wording).values(nugget_id=nugget, position=number, text=wording, language="en", style="plain")
            )
        question = _add(
            connection, t.question, nugget_id=nugget, kind="multiple_choice", prompt=prompt, accepted=[], hints=[],
            explanation="So that nobody is surprised.",
        )  # fmt: skip
        for key, choice, correct in (("A", "The foreman", False), ("B", text[:40], True), ("C", "Nobody", False)):
            connection.execute(insert(t.option).values(question_id=question, key=key, text=choice, correct=correct))
        ids.append(nugget)
    return tuple(ids)


def _learner(connection: Connection, cohort: int, number: int, name: str) -> int:
    learner = _add(
        connection, t.learner, employee_id=f"E{number}", name=name,
        handle=f"learner_{number}", zone="", role="operator",
        remote_user_id=100 + number if number != 6 else None,
        stopped_at=NOW - timedelta(days=1) if number == 5 else None, created_at=NOW,
    )  # fmt: skip
    since = NOW - timedelta(days=10)
    connection.execute(
        insert(t.enrollment).values(cohort_id=cohort, learner_id=learner, state="active", joined_at=since)
    )
    if number != 6:
        connection.execute(insert(t.consent).values(learner_id=learner, kind="linking", source="test", given_at=since))
    return learner


def _post(connection: Connection, account: int, cohort: int, nugget: int, **values: Any) -> int:
    given = {
        "form": "reminder", "state": "posted", "due_at": NOW, "price_micros": 15_000, "reason": "Seen longest ago.",
        "decision": {}, "outcome": "", "alternatives": [], **values,
    }  # fmt: skip
    return _add(
        connection, t.outbox, account_id=account, cohort_id=cohort, nugget_id=nugget,
        text_hash=text_hash(given["text"]), occurrence=f"slot/press-shop/{given['due_at'].date()}/{given['text'][:9]}",
        grace_until=given["due_at"] + timedelta(hours=2), created_at=given["due_at"], fence=1, owner="", rounds=0,
        **given,
    )  # fmt: skip


# What a person is to hold beside the held post.
ALIKE = {"remote_id": "5009", "text": "Bleed air, lower what is raised: wait!", "at": "2026-03-03T15:00:00+00:00"}


def _posts(connection: Connection, account: int, cohort: int, nuggets: tuple[int, ...]) -> int:
    """Three that went out, one waiting, one held, one refused. Returns the question's id."""

    def post(index: int, **values: Any) -> int:
        return _post(connection, account, cohort, nuggets[index], **values)

    post(
        0, text="Before you lock a machine out, tell everyone who works on it.", remote_id=5001,
        due_at=NOW - timedelta(days=1, hours=1), posted_at=NOW - timedelta(days=1, hours=1),
    )  # fmt: skip
    question = post(
        2, form="question", question_id=3, remote_id=5002, due_at=NOW - timedelta(hours=1, minutes=30),
        posted_at=NOW - timedelta(hours=1, minutes=30),
        text="Which isolators are opened?\nA. The foreman's\nB. Every one\nC. None\nReply with the letter.",
        reason="Worth most now: 5 of 7 learners have not met it.", decision=DECISION,
    )  # fmt: skip
    post(3, text=f"Hostile wording {HOSTILE}", remote_id=5003, due_at=NOW - timedelta(hours=20),
         posted_at=NOW - timedelta(hours=20), reason=HOSTILE)  # fmt: skip
    post(1, state="planned", text="Stop the machine with its own stop button first.", due_at=NOW + timedelta(hours=3))
    held = post(4, state="held", text="Bleed air, lower what is raised, wait for what turns.",
                due_at=NOW - timedelta(hours=18), outcome="Not on the timeline after 3 complete readings.",
                decision={"alike": [ALIKE]})  # fmt: skip
    post(5, state="refused", text="Press start. Only a machine that stays dead is locked out.",
         due_at=NOW - timedelta(days=2), outcome="403 Forbidden: duplicate content")  # fmt: skip
    connection.execute(
        insert(t.attempt).values(
            outbox_id=held, n=1, fence=1, text_hash="0", started_at=NOW, deadline_at=NOW, finished_at=NOW,
            outcome="unknown", detail="read timed out",
        )
    )  # fmt: skip
    connection.execute(
        insert(t.quiet).values(
            cohort_id=cohort, occurrence="slot/press-shop/2026-03-03/afternoon", decision={},
            reason="Nothing gains enough: every nugget was seen within three days.", at=NOW - timedelta(hours=19),
        )
    )  # fmt: skip
    return question


DECISION: dict[str, Any] = {
    "gain": 0.4312,
    "learners": 7,
    "runner_up": {"nugget": "Tell everyone first", "form": "reminder", "gain": 0.29},
}


def _answers(
    connection: Connection, account: int, learners: tuple[int, ...], nuggets: tuple[int, ...], question: int
) -> None:
    said = (
        (0, "B", ["answer"], 3, "The letter of the right choice.", False),
        (1, "C", ["answer"], 1, "The letter of another choice.", False),
        (2, "what about the steam line?", ["question"], 1, "Ends with a question mark.", True),
        (7, HOSTILE, ["comment"], None, HOSTILE, True),
        (5, "stop", ["stop"], None, "The whole text is a stop word.", False),
    )
    for number, (who, text, read_as, rating, why, needs_person) in enumerate(said):
        at = NOW - timedelta(minutes=80 - number)
        inbound = _add(
            connection, t.inbound, account_id=account, remote_id=6000 + number, author_remote_id=100 + who,
            author_handle=f"learner_{who}", learner_id=learners[who], outbox_id=question, in_reply_to=5002,
            text=text, created_at=at, received_at=at, read_as=read_as, read_why=why, rating=rating, graded_at=at,
            needs_person=needs_person,
        )  # fmt: skip
        if rating is not None:
            connection.execute(
                insert(t.review).values(
                    learner_id=learners[who], nugget_id=nuggets[2], outbox_id=question, inbound_id=inbound,
                    rating=rating, evidence="answer", guess=1 / 3, nugget_revision=1, at=at,
                )
            )  # fmt: skip
