"""What was deleted on X is noticed within a day, over HTTP with the practice account."""

from __future__ import annotations

from typing import Any

import requests
from sqlalchemy import insert, select

from reinforce.actions.listening.look_again import LookOutcome, look_again
from reinforce.domain.sending.outbox import Planned, State
from reinforce.store import tables as t
from reinforce.store.sending import outbox
from tests.actions.listening.test_listen import Stage, stage  # noqa: F401


def _delete(stage: Stage, remote_id: int, handle: str = "dana") -> None:  # noqa: F811
    people = stage.practice.control("POST", "/people", [{"handle": handle, "scripted": False}])["people"]
    url = f"{stage.practice.url}/2/tweets/{remote_id}"
    requests.delete(url, headers={"Authorization": f"Bearer {people[0]['token']}"}, timeout=10).raise_for_status()


def _look(stage: Stage) -> LookOutcome:  # noqa: F811
    return look_again(stage.database, stage.record, stage.account, now=stage.now)


def _rows(stage: Stage) -> list[Any]:  # noqa: F811
    i = t.inbound.c
    with stage.database.read() as connection:
        return list(connection.execute(select(i.id, i.gone_at, i.needs_person).order_by(i.remote_id)))


def test_a_deleted_reply_is_gone_before_a_day_has_passed_and_is_answered_no_more(stage: Stage) -> None:  # noqa: F811
    kept, deleted = stage.mention("I stay"), stage.mention("who has the key?")
    stage.listen()
    inbound_id = _rows(stage)[1].id
    reply = Planned(
        stage.account_id, f"reply/{inbound_id}", "answer", "Ann.", "h", stage.now, stage.now, inbound_id=inbound_id
    )
    with stage.database.write() as connection:
        item = outbox.add(connection, reply, stage.now)
        connection.execute(t.inbound.update().values(needs_person=True))
    assert _look(stage) == LookOutcome()
    _delete(stage, deleted)
    stage.pass_time(hours=18, seconds=1)
    assert _look(stage) == LookOutcome(asked=2, gone=1)
    assert [(row.gone_at is not None, row.needs_person) for row in _rows(stage)] == [(False, True), (True, False)]
    with stage.database.read() as connection:
        assert outbox.item(connection, item.id).state is State.SKIPPED
    assert _look(stage) == LookOutcome(), "asked once a day"
    assert kept != deleted


def test_an_answer_that_is_not_whole_says_of_nothing_that_it_is_gone(stage: Stage) -> None:  # noqa: F811
    stage.mention("I stay")
    stage.listen()
    stage.pass_time(hours=19)
    with stage.database.write() as connection:
        row = dict(connection.execute(select(t.inbound)).mappings().one())
        del row["id"]
        connection.execute(insert(t.inbound).values({**row, "remote_id": 2**62}))
    outcome = look_again(stage.database, stage.record, _Cut(stage.account), now=stage.now)  # type: ignore[arg-type]
    assert (outcome.asked, outcome.gone) == (2, 0)
    assert _look(stage) == LookOutcome(), "it is asked anew after an hour"
    stage.pass_time(hours=1, seconds=1)
    assert _look(stage) == LookOutcome(asked=1, gone=1)


class _Cut:
    """An account whose look-ups are said to be incomplete."""

    def __init__(self, account: Any) -> None:
        self._account = account

    def lookup(self, ids: Any) -> Any:
        """As the account, but not whole."""
        found = self._account.lookup(ids)
        return type(found)(found.posts, complete=False)
