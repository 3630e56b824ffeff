"""Connections and instants, on both databases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.exc import DBAPIError, StatementError

from reinforce.clock import Clock
from reinforce.domain.cohort import RosterRow
from reinforce.store.one_trip import Change, make_changes
from reinforce.store.operating import audit
from reinforce.store.operating.audit import Verification
from reinforce.store.people import cohorts, people
from reinforce.store.people.roster_version import roster_version
from reinforce.store.session import Database, database_clock, database_now
from reinforce.store.tables import cohort, heartbeat, learner

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


def _settings(database: Database) -> dict[str, str]:
    """What libpq was told for a connection."""
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        found: dict[str, str] = raw.info.get_parameters()
    return found


def test_a_postgres_that_went_away_without_a_word_is_given_up_and_the_url_says_when(database: Database) -> None:
    if database.is_sqlite:
        return
    told = _settings(database)
    assert (told["connect_timeout"], told["tcp_user_timeout"]) == ("10", "30000")
    impatient = Database(database.engine.url.update_query_dict({"connect_timeout": "3"}).render_as_string(False))
    try:
        told = _settings(impatient)
        assert (told["connect_timeout"], told["tcp_user_timeout"]) == ("3", "30000")
    finally:
        impatient.close()


def test_a_connection_that_its_server_closed_is_never_handed_out(database: Database) -> None:
    if database.is_sqlite:
        return
    with database.read() as connection:
        first = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    beside = Database(database.engine.url.render_as_string(False))
    with beside.write() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": first})
    beside.close()
    with database.write() as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() != first


def test_statements_stay_prepared_from_one_reading_to_the_next(database: Database) -> None:
    if database.is_sqlite:
        return
    database.close()  # the tests before left several connections
    for _ in range(10):
        with database.read() as connection:
            connection.execute(select(heartbeat.c.owner)).all()
    with database.read() as connection:
        prepared = connection.execute(text("SELECT statement FROM pg_prepared_statements")).scalars().all()
    assert any("heartbeat.owner" in statement for statement in prepared)


def test_a_glance_sees_what_was_committed(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(heartbeat).values(**_beat(AT)))
    with database.glance() as connection:
        assert connection.execute(select(heartbeat.c.at)).scalar_one() == AT


def test_the_databases_clock_can_be_written_down_and_compared_with(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(heartbeat).values(**_beat(AT)))
        connection.execute(update(heartbeat).values(at=database_clock()))
    with database.read() as connection:
        at = connection.execute(select(heartbeat.c.at).where(heartbeat.c.at <= database_clock())).scalar_one()
        assert abs(at - database_now(connection)) < timedelta(seconds=60)


def test_changes_in_one_trip_are_all_made_and_counted(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(heartbeat).values(**_beat(AT)))
        one, none = make_changes(
            connection,
            Change(update(heartbeat).values(pid=bindparam("new_pid")), {"new_pid": 7}),
            Change(update(cohort).where(cohort.c.id == bindparam("cohort")).values(version=1), {"cohort": 0}),
        )
        assert (one, none) == (1, 0)
    with database.read() as connection:
        assert connection.execute(select(heartbeat.c.pid)).scalar_one() == 7


def test_the_log_is_told_of_a_change_in_the_same_trip_and_only_if_there_was_one(database: Database) -> None:
    def beats(pid: int) -> Change:
        mine = update(heartbeat).where(heartbeat.c.pid == bindparam("read_pid")).values(owner="x:2")
        return Change(mine, {"read_pid": pid})

    def told(n: int) -> audit.Row:
        return audit.Row(AT, "daemon", "post.posted", f"outbox/{n}", {"attempt": 1})

    with database.write() as connection:
        connection.execute(insert(heartbeat).values(**_beat(AT)))
        pid = connection.execute(select(heartbeat.c.pid)).scalar_one()
    other = Change(update(cohort).where(cohort.c.id == bindparam("cohort")).values(version=1), {"cohort": 0})
    for n, (there, made) in enumerate([(pid, 1), (pid, 1), (pid + 1, 0), (pid, 1)]):
        with database.at_once() as connection:
            assert make_changes(connection, beats(there), other, told=told(n)) == (made, 0)
    with database.read() as connection:
        assert [one.subject for one in audit.entries(connection)] == ["outbox/0", "outbox/1", "outbox/3"]
        assert audit.verify(connection).whole


def test_many_who_tell_the_log_in_one_trip_make_one_chain(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(heartbeat), [_beat(AT) | {"owner": f"x:{n}"} for n in range(4)])

    def tell(thread: int) -> None:
        mine = update(heartbeat).where(heartbeat.c.owner == bindparam("read_owner")).values(pid=heartbeat.c.pid + 1)
        for n in range(25):
            row = audit.Row(AT, "daemon", "post.posted", f"outbox/{thread}{n:02}", {})
            with database.at_once() as connection:
                assert make_changes(connection, Change(mine, {"read_owner": f"x:{thread}"}), told=row) == (1,)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(tell, range(4)))
    with database.read() as connection:
        found = audit.verify(connection)
        assert found.whole
        assert found.head.length == 100


def test_people_who_are_changed_in_one_trip_raise_the_rosters_version(database: Database, now: datetime) -> None:
    with database.write() as connection:
        people.add_learner(connection, RosterRow("E-1", "Eva Roth"), now)
    with database.write() as connection:
        before = roster_version(connection)
        make_changes(
            connection,
            Change(update(learner).values(role=bindparam("new_role")), {"new_role": "fitter"}),
            Change(update(cohort).where(cohort.c.id == bindparam("cohort")).values(version=1), {"cohort": 0}),
        )
    with database.read() as connection:
        assert roster_version(connection) > before
