"""Connections and instants, on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError, StatementError

from reinforce.clock import Clock
from reinforce.store.operating import audit
from reinforce.store.operating.audit import Verification
from reinforce.store.people import cohorts
from reinforce.store.session import Database, database_now
from reinforce.store.tables import heartbeat

AT = datetime(2026, 3, 2, 8, 55, tzinfo=UTC)


def _beat(at: datetime) -> dict[str, object]:
    return {"owner": "a", "role": "daemon", "pid": 0, "started_at": at, "at": at, "last_error": ""}


def test_an_instant_comes_back_aware_and_equal_whatever_zone_it_went_in_with(database: Database) -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=5, minutes=45)))
    with database.write() as connection:
        connection.execute(insert(heartbeat).values(**_beat(elsewhere)))
    with database.read() as connection:
        back = connection.execute(select(heartbeat.c.at)).scalar_one()
    assert back == AT
    assert back.tzinfo is UTC


def test_a_naive_instant_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="naive"), database.write() as connection:
        connection.execute(insert(heartbeat).values(**_beat(AT.replace(tzinfo=None))))


def test_what_is_written_in_a_reading_block_is_not_kept(database: Database) -> None:
    with database.read() as connection:
        connection.execute(insert(heartbeat).values(**_beat(AT)))
    with database.read() as connection:
        assert connection.execute(select(heartbeat.c.owner)).all() == []


def test_read_modify_write_of_four_threads_loses_no_update(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(heartbeat).values(**_beat(AT)))

    def add_twenty_five() -> None:
        for _ in range(25):
            with database.write() as connection:
                row = select(heartbeat.c.pid).with_for_update()
                pid = connection.execute(row).scalar_one()
                connection.execute(update(heartbeat).values(pid=pid + 1))

    threads = [threading.Thread(target=add_twenty_five) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as connection:
        assert connection.execute(select(heartbeat.c.pid)).scalar_one() == 100


def test_two_that_write_to_the_same_in_other_orders_do_not_wait_for_each_other_for_ever(
    database: Database, cohort_id: int
) -> None:
    both, failed = threading.Barrier(2), []

    def write(*, audit_first: bool) -> None:
        acts = [
            lambda connection: audit.record(connection, "test", "went", f"cohort/{cohort_id}", {}, AT),
            lambda connection: cohorts.raise_version(connection, cohort_id),
        ]
        for _ in range(5):
            try:
                with database.write() as connection:
                    for act in acts if audit_first else reversed(acts):
                        act(connection)
                        if not database.is_sqlite:  # which lets one in at a time anyway
                            both.wait(10)
            except DBAPIError as error:
                failed.append(error)
                both.abort()

    threads = [threading.Thread(target=write, kwargs={"audit_first": first}) for first in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with database.read() as connection:
        assert cohorts.cohort_by_id(connection, cohort_id).version == 10
        assert audit.verify(connection) == Verification(audit.head(connection))


def test_the_databases_own_clock_is_aware_and_close_to_the_machines(database: Database) -> None:
    with database.read() as connection:
        assert abs((database_now(connection) - Clock.wall()).total_seconds()) < 60
