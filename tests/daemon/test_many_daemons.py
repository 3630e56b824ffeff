"""Several daemons on one database, on SQLite and on Postgres."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from reinforce.domain.sending.outbox import State
from reinforce.store.operating.leadership import leadership
from tests.daemon.conftest import Crew


def test_one_of_two_leads_plans_and_is_named_and_both_send(crew: Crew) -> None:
    leader, other = crew.hire("leader"), crew.hire("other")
    leader.tick()
    other.tick()
    assert (leader.leads, other.leads) == (True, False)
    assert {name: beat.leader for name, beat in crew.beats().items()} == {"leader": True, "other": False}
    (planned,) = crew.items(State.PLANNED)
    crew.step(minutes=6)
    other.tick()
    (posted,) = crew.items(State.POSTED)
    assert posted.id == planned.id
    crew.step(hours=6)
    other.tick()
    assert not crew.items(State.PLANNED), "only the leader plans"
    leader.leave()
    other.tick()
    assert other.leads
    crew.step(minutes=1)
    other.tick()
    leader.tick()
    assert (leader.leads, other.leads) == (False, True)
    crew.require_nothing_twice()


def test_a_leader_that_gives_no_sign_of_life_is_replaced_after_its_lease(crew: Crew) -> None:
    lease = timedelta(seconds=0.6)
    first, second = (leadership(crew.open_house().database, lease) for _ in range(2))
    assert (first.keep(), second.keep()) == (True, False)
    crew.stage.wait_until("the lease is over", second.keep)
    assert second.keep()
    first.give_up()
    assert second.keep()
    second.give_up()


def test_a_leader_whose_connection_is_lost_does_not_lead_on(crew: Crew) -> None:
    if crew.house.database.is_sqlite:
        crew.hire("gone").tick()
        crew.let_leader_die()
    else:
        crew.hire("gone").tick()
        with crew.house.database.write() as connection:
            ended = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            connection.execute(text(ended))
    heir = crew.hire("heir")

    def leads() -> bool:
        heir.tick()
        return heir.leads

    crew.stage.wait_until("the heir leads", leads)
    crew.step(minutes=6)
    heir.tick()
    assert len(crew.items(State.POSTED)) == 1
