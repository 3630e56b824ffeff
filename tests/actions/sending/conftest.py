"""A stage: a database with an account, a practice server behind it over HTTP, and the actions that send."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import func, insert, select, update

from reinforce.accounts.tariff import read_tariff
from reinforce.accounts.x import XAccount
from reinforce.actions.sending.halt import resume
from reinforce.actions.sending.publish import Means, PublishOutcome, publish_next
from reinforce.actions.sending.reconcile import Quarantine, Reconciled, ReconcileOutcome, reconcile
from reinforce.actions.sending.recover import recover
from reinforce.clock import Clock
from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.accounts.credentials import OAuth1Keys, read_given
from reinforce.domain.nugget import Confidentiality
from reinforce.domain.sending.outbox import IN_FLIGHT, Attempt, OutboxItem, Planned, State
from reinforce.domain.sending.send_policy import SendPolicy
from reinforce.domain.texts.wording import text_hash
from reinforce.practice.running import PracticeThread
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.sending import attempts, outbox
from reinforce.store.session import Database
from tests.databases import copy_sqlite

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TARIFF = read_tariff()
_TEXTS = itertools.count(1)

# Patient enough for a busy machine; what takes longer than a moment is let pass (`Stage.after_quarantine`).
QUICK = SendPolicy(
    lease=10.0, guard=5.0, pause=0.1, deadline=2.5, lag=0.5, quarantine=8.1, doubt="resend", backoff=0.05, rest=0.1
)


class PassingClock(Clock):
    """A clock whose monotonic time a test can let pass, instead of waiting for it."""

    passed = 0.0

    def monotonic(self) -> float:  # type: ignore[override]
        """Seconds of machine time, and those that were let pass."""
        return Clock.monotonic() + self.passed

    def let_pass(self, seconds: float) -> None:
        self.passed += seconds


@pytest.fixture(scope="session")
def clock_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that daemon and practice server share."""
    return tmp_path_factory.mktemp("clock") / "clock.json"


@pytest.fixture(scope="session")
def stepped_clock(clock_path: Path) -> Clock:
    """Programme time that stands still where a test puts it; the practice server shares it."""
    clock = Clock(clock_path)
    clock.step_to(NOW)
    return clock


@pytest.fixture(scope="session")
def practice_server(tmp_path_factory: pytest.TempPathFactory, stepped_clock: Clock) -> Iterator[PracticeThread]:
    """One practice server for the tests of this folder: each says texts of its own."""
    with PracticeThread(tmp_path_factory.mktemp("practice"), stepped_clock) as running:
        yield running


@pytest.fixture
def practice(practice_server: PracticeThread) -> Iterator[PracticeThread]:
    """The practice server, healthy."""
    yield practice_server
    practice_server.control("DELETE", "/faults")
    practice_server.control("POST", "/limits/reset")
    practice_server.control("POST", "/rules", {"duplicate_hours": 24, "daily_posts": 2400})


@dataclass
class Stage:
    """One process's view: what it knows (`quarantine`) dies with it."""

    database: Database
    practice: PracticeThread
    account: XAccount
    account_id: int
    clock: Clock
    clock_path: Path
    policy: SendPolicy = QUICK
    owner: str = "test:1"
    quarantine: Quarantine = field(default_factory=Quarantine)

    @property
    def record(self) -> AccountRecord:
        with self.database.read() as connection:
            return accounts.account_by_id(connection, self.account_id)

    def words(self, text: str) -> str:
        """`text`, told apart from what other tests say on the same server."""
        return f"{text} ({next(_TEXTS)})"

    def plan(self, text: str = "", **changes: Any) -> OutboxItem:
        """Put a due post into the outbox."""
        number = next(_TEXTS)
        text = text or f"Step {number} of the procedure."
        values: dict[str, Any] = {
            "account_id": self.account_id,
            "occurrence": f"now/{number}",
            "form": "reminder",
            "text": text,
            "text_hash": text_hash(text),
            "due_at": NOW,
            "grace_until": NOW + timedelta(hours=4),
        }
        with self.database.write() as connection:
            return outbox.add(connection, Planned(**{**values, **changes}), NOW)

    def publish(self, **more: Any) -> PublishOutcome:
        """One post, as the daemon would send it."""
        means = Means(self.database, self.clock, self.owner, TARIFF, **more)
        return publish_next(means, self.record, self.account, self.policy)

    def reconcile(self) -> ReconcileOutcome:
        """One look at the unknown post."""
        return reconcile(self.database, self.record, self.account, self.policy, self.quarantine, self.clock)

    def reconcile_until_settled(self, seconds: float = 15.0) -> ReconcileOutcome:
        """Look until it is settled, as tick after tick would."""
        end = self.clock.monotonic() + seconds
        while self.clock.monotonic() < end:
            outcome = self.reconcile()
            if outcome.kind is not Reconciled.WAITING:
                return outcome
            time.sleep(0.02)
        raise AssertionError(f"still not settled: {outcome}")

    def after_quarantine(self) -> Stage:
        """The same process, having watched its unknown post for long enough. Only where nothing is on the wire."""
        clock = PassingClock(self.clock_path)
        later = replace(self, clock=clock)
        later.reconcile()
        clock.let_pass(self.policy.quarantine)
        if self.policy.rest < self.policy.quarantine:
            # A breaker goes by the wall clock, which did not pass: its rest would have been over.
            with self.database.write() as connection:
                connection.execute(update(t.breaker).values(retry_at=datetime(2020, 1, 1, tzinfo=UTC)))
        return later

    def go_on(self) -> None:
        """Recover, reconcile and publish, tick after tick, until nothing is planned or in flight any more."""
        end = time.monotonic() + 40
        while time.monotonic() < end:
            recover(self.database)
            with self.database.read() as connection:
                if not outbox.in_state(connection, self.account_id, State.PLANNED, *IN_FLIGHT):
                    return
            self.reconcile()
            self.publish()
            time.sleep(0.01)
        raise AssertionError("posts are still under way")

    def go_on_later(self) -> None:
        """The same, long after: every lease has run out, and whatever is unknown has been watched for long.

        Only where no request can still be on its way: those take the time they take.
        """
        with self.database.write() as connection:
            long_ago = datetime(2020, 1, 1, tzinfo=UTC)
            held = t.outbox.c.lease_until.is_not(None)
            connection.execute(update(t.outbox).where(held).values(lease_until=long_ago))
        clock = PassingClock(self.clock_path)
        later = replace(self, owner="test:later", clock=clock, quarantine=Quarantine())
        recover(self.database)
        later.reconcile()
        clock.let_pass(self.policy.quarantine)
        later.go_on()

    def item(self, item: OutboxItem) -> OutboxItem:
        with self.database.read() as connection:
            return outbox.item(connection, item.id)

    def attempts(self, item: OutboxItem) -> tuple[Attempt, ...]:
        with self.database.read() as connection:
            return attempts.attempts(connection, item.id)

    def count_attempts(self) -> int:
        """How many attempts there are of any post."""
        with self.database.read() as connection:
            return int(connection.execute(select(func.count()).select_from(t.attempt)).scalar_one())

    def on_timeline(self, text: str) -> int:
        """How many live posts of ours say `text`."""
        return int(self.practice.state()["texts"].get(text, 0))

    def let_lease_expire(self, item: OutboxItem) -> None:
        """As if the lease had run out long ago."""
        with self.database.write() as connection:
            long_ago = datetime(2020, 1, 1, tzinfo=UTC)
            connection.execute(update(t.outbox).where(t.outbox.c.id == item.id).values(lease_until=long_ago))
        recover(self.database)

    def let_waiting_end(self) -> None:
        """As if every `not_before` had passed."""
        with self.database.write() as connection:
            connection.execute(update(t.outbox).values(not_before=None))
            connection.execute(update(t.breaker).values(retry_at=datetime(2020, 1, 1, tzinfo=UTC)))
            connection.execute(update(t.rate_window).values(resets_at=datetime(2020, 1, 1, tzinfo=UTC)))

    def set_account(self, **values: Any) -> None:
        with self.database.write() as connection:
            connection.execute(update(t.account).where(t.account.c.id == self.account_id).values(**values))

    def set_outbox(self, item: OutboxItem, **values: Any) -> None:
        with self.database.write() as connection:
            connection.execute(update(t.outbox).where(t.outbox.c.id == item.id).values(**values))

    def resume(self) -> None:
        """A person has mended the account."""
        resume(self.database, None, actor="test", now=self.clock.now())

    def with_account(self, account: Any) -> Stage:
        return replace(self, account=account)

    def with_account_at(self, base_url: str) -> Stage:
        """The same credentials, somewhere else."""
        return replace(self, account=XAccount(_keys(self.practice), self.clock, base_url=base_url))

    def alternatives(self, *texts: str) -> list[dict[str, Any]]:
        """Further wordings, as the plan would write them."""
        return [{"wording_id": None, "text": text, "text_hash": text_hash(text)} for text in texts]

    def post_of_a_stranger(self, text: str) -> int:
        """Somebody writes something; its id."""
        person = self.practice.control("POST", "/people", [{"handle": "stranger", "scripted": False}])["people"][0]
        answer = requests.post(
            f"{self.practice.url}/2/tweets",
            json={"text": self.words(text)},
            headers={"Authorization": f"Bearer {person['token']}"},
            timeout=10,
        )
        answer.raise_for_status()
        return int(answer.json()["data"]["id"])

    def set_row(self, table: Any, row_id: int, **values: Any) -> None:
        with self.database.write() as connection:
            connection.execute(update(table).where(table.c.id == row_id).values(**values))

    def passing_clock(self) -> PassingClock:
        return PassingClock(self.clock_path)

    def with_clock(self, clock: Clock) -> Stage:
        return replace(self, clock=clock)

    def cohort(self, state: str = "running") -> int:
        """A cohort of the account."""
        n = next(_TEXTS)
        schedule = self.add(t.schedule, name=f"s{n}", content={}, content_hash="", loaded_at=NOW)
        return self.add(
            t.cohort,
            slug=f"c{n}",
            title="A cohort",
            account_id=self.account_id,
            schedule_id=schedule,
            zone="UTC",
            language="en",
            country="",
            answers="replies",
            state=state,
            paused_reason="",
            version=0,
            created_at=NOW,
        )

    def learner(self, name: str = "Kim", cohort: int | None = None) -> int:
        """A person on the roster, in `cohort` if there is one."""
        n = next(_TEXTS)
        learner = self.add(t.learner, employee_id=f"E-{n:06}", name=name, handle="", zone="", role="", created_at=NOW)
        if cohort is not None:
            self.add(t.enrollment, cohort_id=cohort, learner_id=learner, state="active", joined_at=NOW)
        return learner

    def inbound(
        self,
        *,
        learner_id: int | None = None,
        remote_id: int = 0,
        read_as: Sequence[str] = (),
        graded_at: datetime | None = NOW,
    ) -> int:
        """Something a person wrote to us, already read; without a learner, always by the same stranger."""
        return self.add(
            t.inbound,
            account_id=self.account_id,
            remote_id=remote_id or 2**61 + next(_TEXTS),
            author_remote_id=77,
            author_handle="stranger",
            learner_id=learner_id,
            text="",
            created_at=NOW,
            received_at=NOW,
            read_as=list(read_as),
            read_why="",
            graded_at=graded_at,
            needs_person=False,
        )

    def nugget(self, confidentiality: str) -> int:
        """A nugget of a procedure of its own."""
        n = next(_TEXTS)
        words = {"title": "T", "language": "en", "audience": [], "importance": 1.0, "confidentiality": confidentiality}
        procedure = self.add(
            t.procedure,
            **words,
            slug=f"p{n}",
            owner="",
            revision=1,
            content_hash="",
            source="",
            loaded_at=NOW,
        )
        del words["language"]
        return self.add(
            t.nugget,
            **words,
            procedure_id=procedure,
            slug=f"n{n}",
            position=1,
            topic="",
            tags=[],
            source_step="",
            revision=1,
            content_hash="",
        )

    def add(self, table: Any, **values: Any) -> int:
        """Insert a row, return its id."""
        with self.database.write() as connection:
            return int(connection.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())

    def another_process(self) -> Stage:
        """A second daemon on the same database, with nothing in its memory."""
        return replace(self, owner="test:2", quarantine=Quarantine())


def _keys(practice: PracticeThread) -> OAuth1Keys:
    given = read_given(practice.credentials, "the practice account")
    assert isinstance(given.credentials, OAuth1Keys)
    return given.credentials


def open_stage(database: Database, practice: PracticeThread, clock: Clock, clock_path: Path) -> Stage:
    """Connect the practice account to the database."""
    account = XAccount(_keys(practice), clock, base_url=practice.url, read_seconds=5)
    identity = account.identity()
    with database.write() as connection:
        record = accounts.add_account(
            connection,
            name="practice",
            base_url=practice.url,
            handle=identity.handle,
            remote_user_id=identity.user_id,
            confidentiality=Confidentiality.INTERNAL,
            protected=True,
        )
        accounts.mark_read(connection, record.id, NOW)
    return Stage(database, practice, account, record.id, clock, clock_path)


@pytest.fixture
def stage(database: Database, practice: PracticeThread, stepped_clock: Clock, clock_path: Path) -> Stage:
    """A stage on each database, at Monday 09:00 UTC, mentions just read."""
    stepped_clock.step_to(NOW)
    return open_stage(database, practice, stepped_clock, clock_path)


@pytest.fixture
def sqlite_stage(tmp_path: Path, practice: PracticeThread, stepped_clock: Clock, clock_path: Path) -> Iterator[Stage]:
    """A stage on SQLite only, for what does not depend on the database."""
    stepped_clock.step_to(NOW)
    database = Database(copy_sqlite(tmp_path / "stage.db"))
    yield open_stage(database, practice, stepped_clock, clock_path)
    database.close()
