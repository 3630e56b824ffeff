"""Nothing is kept for longer than it is to be; what X shows no more is purged at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from reinforce.actions.privacy.retain import retain, show
from reinforce.domain.privacy.retention import Kept, Times
from reinforce.store import tables as t
from reinforce.store.operating import audit
from reinforce.store.session import Database
from tests.actions.privacy.conftest import NOW, Traces

DAY = timedelta(days=1)
TIMES = Times({Kept.TEXTS: 30, Kept.COUNTS: 30, Kept.ATTEMPTS: 30, Kept.INVITATIONS: 30, Kept.JOINERS: 30})


def run(database: Database, days: float, times: Times = TIMES, **more: Any) -> dict[str, int]:
    """The daily step, so many days later."""
    later = NOW + days * DAY
    return dict(retain(database, times, now=later, wall=later, **more))


def count(database: Database, table: Any) -> int:
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def texts(database: Database) -> list[Any]:
    with database.read() as connection:
        i = t.inbound.c
        return list(
            connection.execute(
                select(i.text, i.author_handle, i.author_remote_id, i.rating, i.purged_at).order_by(i.id)
            )
        )


@pytest.fixture
def old(held: Database) -> Database:
    """Everything was read and settled long ago."""
    with held.write() as connection:
        connection.execute(
            update(t.inbound).values(gone_at=None, purged_at=None, needs_person=False, read_as=["comment"])
        )
        connection.execute(update(t.workspace).values(retained_at=NOW))
        connection.execute(update(t.invitation).values(used_at=None))
    return held


def test_what_was_kept_for_long_enough_goes_once_a_day_and_is_on_record(old: Database, pat: Traces) -> None:
    assert run(old, 0.5) == {}
    assert run(old, 29) == {}
    gone = run(old, 31)
    assert gone == {"texts": 2, "attempts": 2, "invitations": 2}
    assert [row.text for row in texts(old)] == ["", ""]
    assert (count(old, t.inbound), count(old, t.attempt), count(old, t.outbox)) == (2, 0, 2)
    with old.read() as connection:
        assert audit.latest(connection, limit=1)[0].detail == gone
        assert audit.verify(connection).whole
    assert run(old, 31.5) == {}


def test_nothing_goes_of_what_is_kept_for_ever(old: Database) -> None:
    for_ever = Times(dict.fromkeys(Kept, 0))
    assert run(old, 10_000, for_ever) == {}
    assert {one.due for one in show(old, for_ever, now=NOW + 9_999 * DAY, wall=NOW)} == {0}


def test_what_waits_for_a_person_or_is_not_settled_stays(old: Database) -> None:
    with old.write() as connection:
        connection.execute(update(t.inbound).values(needs_person=True))
        connection.execute(update(t.outbox).values(state="held"))
    assert run(old, 31) == {"invitations": 2}


def test_of_counts_the_latest_of_each_kind_stays(old: Database, pat: Traces) -> None:
    with old.write() as connection:
        for value in (1, 2, 3):
            row = {"outbox_id": pat.rows["outbox"], "kind": "likes", "value": value, "at": NOW + value * DAY}
            connection.execute(insert(t.signal).values(**row))
    assert run(old, 40)["counts"] == 2
    with old.read() as connection:
        likes = select(t.signal.c.value).where(t.signal.c.kind == "likes")
        assert connection.execute(likes).scalars().all() == [3]


def test_a_stranger_is_forgotten_but_one_who_said_stop_is_obeyed(old: Database, pat: Traces, kim: Traces) -> None:
    with old.write() as connection:
        connection.execute(update(t.inbound).values(learner_id=None))
        mine = t.inbound.c.id == kim.rows["inbound"]
        connection.execute(update(t.inbound).where(mine).values(read_as=["stop"]))
    run(old, 31)
    assert [row.author_remote_id for row in texts(old)] == [0, kim.remote_user_id]


def test_what_x_shows_no_more_loses_its_words_at_once_and_stays_a_fact(old: Database, pat: Traces) -> None:
    with old.write() as connection:
        mine = t.inbound.c.id == pat.rows["inbound"]
        connection.execute(update(t.inbound).where(mine).values(gone_at=NOW))
        connection.execute(update(t.inquiry).values(topic="lockout"))
    rating = texts(old)[0].rating
    assert run(old, 0.1) == {"gone_from_x": 1}
    gone, other = texts(old)
    assert (gone.text, gone.author_handle, gone.rating, gone.author_remote_id) == ("", "", rating, pat.remote_user_id)
    assert other.text != ""
    with old.read() as connection:
        assert set(connection.execute(select(t.inquiry.c.topic)).scalars()) == {"", "lockout"}
    assert run(old, 0.2) == {}


def test_much_is_deleted_in_small_batches(old: Database, pat: Traces) -> None:
    with old.write() as connection:
        row = {"enrollment_id": pat.rows["enrollment"], "expires_at": NOW, "used_at": None}
        connection.execute(insert(t.invitation), [row | {"code_hash": f"h{n}"} for n in range(1_200)])
    assert show(old, TIMES, now=NOW + 31 * DAY, wall=NOW)[3].due == 1_202
    assert run(old, 31, at_once=True)["invitations"] == 1_202
