"""Who comes into an open cohort, and who does not: what was read is held against it, on each database."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest
from sqlalchemy import select

from reinforce.actions.authoring.cohorts import NewCohort, create_cohort, set_opening
from reinforce.actions.authoring.enroll import enroll
from reinforce.actions.authoring.invite import invite
from reinforce.actions.enrolling.change import re_enroll, withdraw
from reinforce.actions.enrolling.take_in import TakenIn, take_in
from reinforce.actions.enrolling.turn_away import turn_away
from reinforce.actions.listening.grade import grade
from reinforce.actions.privacy.erase import Around, erase
from reinforce.actions.privacy.readmit import readmit
from reinforce.actions.privacy.retain import retain
from reinforce.content.lexicon_file import read_lexicons
from reinforce.content.schedule_file import find_schedule, read_schedule
from reinforce.domain.cohort import Opening, RosterRow
from reinforce.domain.enrolling.joining import Outcome
from reinforce.domain.errors import ReinforceError
from reinforce.domain.listening.inbound import Arrived, oldest_id_at
from reinforce.domain.listening.lexicon import Lexicon
from reinforce.domain.nugget import Confidentiality
from reinforce.domain.privacy.keyed_hash import KeyedHash
from reinforce.domain.privacy.receipt import Receipt
from reinforce.domain.privacy.retention import Kept, Times
from reinforce.shipped import shipped
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.enrolling import joining
from reinforce.store.listening import inbox
from reinforce.store.operating import audit
from reinforce.store.people import cohorts, people
from reinforce.store.privacy import suppression
from reinforce.store.reporting.enrolling import enrollment_rows
from reinforce.store.session import Database
from tests.actions.gathering.conftest import with_procedure
from tests.databases import Build

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEYED = KeyedHash(b"k" * 32)
US = 1
PEOPLE = {name: 100 + number for number, name in enumerate(("ana", "bob", "cem", "dia"))}


@cache
def _lexicon() -> Lexicon:
    return read_lexicons(shipped("templates") / "lexicon")


@dataclass
class Desk:
    """Open cohorts whose account is read by hand: somebody says something, a tick reads and deals with it."""

    database: Database
    now: datetime = MONDAY
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def open(self, slug: str, **changes: int) -> None:
        schedule = read_schedule(find_schedule("cohort-adaptive", shipped("schedules"))).content
        window = {"opens_on": date(2026, 3, 2), "closes_on": date(2026, 3, 31)}
        new = NewCohort(slug, slug, "careers", ("lockout",), opening=Opening(slug, **changes), **window)  # type: ignore[arg-type]
        create_cohort(self.database, new, schedule, actor="test", now=self.now)

    def say(self, name: str, text: str, *, mentions_us: bool = True, to: str = "careers") -> None:
        remote_id = oldest_id_at(self.now) + next(self._numbers)
        handle = name if mentions_us else ""
        post = Arrived(remote_id, PEOPLE[name], handle, text, self.now, mentions_us=mentions_us)
        with self.database.write() as connection:
            account = accounts.account_by_name(connection, to)
            inbox.save_page(connection, account.id, [post], None, self.now)

    def tick(self, **passing: float) -> TakenIn:
        self.now += timedelta(**(passing or {"minutes": 1}))
        grade(self.database, _lexicon(), now=self.now)
        return take_in(self.database, _lexicon(), now=self.now, keyed=KEYED)

    def states(self, slug: str = "basics") -> dict[str, str]:
        with self.database.read() as connection:
            return {row["handle"]: row["state"] for row in enrollment_rows(connection, self.now, slug=slug)}

    def asked(self, slug: str = "basics") -> dict[str, int]:
        with self.database.read() as connection:
            found = joining.counts(connection, cohorts.cohort_by_slug(connection, slug).id)
        return {outcome.value: count for outcome, count in found.items() if count}

    def erase(self, who: str) -> Receipt:
        return erase(self.database, Around(KEYED), who, actor="test", now=self.now, wall=self.now, dry_run=False)


@pytest.fixture
def desk(open_database: Callable[[Build], Database]) -> Desk:
    """One open cohort, "basics"."""
    database = open_database(with_procedure)
    with database.write() as connection:
        made = accounts.add_account(
            connection,
            name="careers",
            base_url="http://127.0.0.1:1",
            handle="careers",
            remote_user_id=US,
            confidentiality=Confidentiality.PUBLIC,
        )
    assert made.id
    found = Desk(database)
    found.open("basics")
    return found


def test_whom_a_person_took_out_comes_back_when_a_person_takes_them_in_again(desk: Desk) -> None:
    desk.say("ana", "@careers join")
    assert desk.tick().outcomes == {Outcome.JOINED: 1}
    assert desk.tick().outcomes == {}
    withdraw(desk.database, "basics", ["@ana"], actor="test", now=desk.now)
    desk.say("ana", "@careers join, please")
    assert desk.tick().outcomes == {Outcome.REFUSED: 1}
    assert desk.states() == {"ana": "withdrawn"}
    re_enroll(desk.database, "basics", [f"x:{PEOPLE['ana']}"], actor="test", now=desk.now)
    assert desk.states() == {"ana": "enrolled"}


def test_who_was_erased_is_gone_with_their_requests_and_comes_in_again_once_readmitted(desk: Desk) -> None:
    desk.say("ana", "@careers join")
    desk.tick()
    receipt = desk.erase(f"x:{PEOPLE['ana']}")
    assert {"learner", "enrollment", "consent", "inbound", "join_request"} <= receipt.removed.keys()
    assert (desk.states(), desk.asked()) == ({}, {})
    desk.say("ana", "@careers join")  # as if it had been read before they were erased, and dealt with after
    with pytest.raises(ReinforceError, match="this is not the key"):
        take_in_without_key(desk)
    assert desk.tick().outcomes == {Outcome.REFUSED: 1}
    readmit(desk.database, KEYED, f"x:{PEOPLE['ana']}", actor="test", now=desk.now)
    desk.say("ana", "@careers let me in")
    assert desk.tick().outcomes == {Outcome.JOINED: 1}


def take_in_without_key(desk: Desk) -> None:
    grade(desk.database, _lexicon(), now=desk.now)
    take_in(desk.database, _lexicon(), now=desk.now)


def test_who_left_is_deleted_after_a_time_but_for_their_stop_which_their_own_word_ends(desk: Desk) -> None:
    desk.say("ana", "@careers join")
    desk.say("bob", "@careers join")
    desk.tick()
    desk.say("ana", "@careers stop")
    assert desk.tick().left == 1
    times = Times(dict.fromkeys(Kept, 0) | {Kept.JOINERS: 30})
    later = desk.now + timedelta(days=31)
    assert retain(desk.database, times, now=later, wall=later, at_once=True) == {}  # nobody could know the stop again
    gone = retain(desk.database, times, now=later, wall=later, keyed=KEYED, at_once=True)
    assert gone == {"joiners": 1}
    assert desk.states() == {"bob": "enrolled"}
    with desk.database.read() as connection:
        assert {one.kind for one in suppression.entries(connection)} == {suppression.Kind.STOPPED}
    desk.say("ana", f"joining #{'basics'}", mentions_us=False)
    desk.tick()
    assert desk.states() == {f"x:{PEOPLE['ana']}": "enrolled", "bob": "enrolled"}
    with desk.database.read() as connection:
        assert suppression.is_empty(connection)
        assert connection.execute(select(t.learner.c.stopped_at)).scalars().all() == [None, None]
        assert audit.verify(connection).whole


def test_a_stop_that_follows_counts_and_a_hashtag_ends_none(desk: Desk) -> None:
    desk.say("ana", "@careers join")
    desk.say("ana", "@careers stop")
    desk.say("bob", "@careers join")
    desk.tick()
    assert desk.states() == {"bob": "enrolled"}
    desk.say("bob", "@careers stop")
    desk.tick()
    desk.say("bob", "@careers nice day #basics")
    desk.tick()
    assert desk.states() == {"bob": "withdrawn"}
    desk.say("bob", "@careers start")
    desk.tick()
    assert desk.states() == {"bob": "enrolled"}


def test_of_several_open_cohorts_the_hashtag_tells_which_else_a_person_is_called(desk: Desk) -> None:
    desk.open("advanced")
    desk.say("ana", "@careers join #advanced")
    desk.say("bob", "@careers join")
    assert desk.tick().outcomes == {Outcome.JOINED: 1, Outcome.UNCLEAR: 1}
    assert (desk.states("advanced"), desk.states()) == ({"ana": "enrolled"}, {})
    with desk.database.read() as connection:
        called = select(t.inbound.c.read_why).where(t.inbound.c.needs_person.is_(True))
        (why,) = connection.execute(called).scalars().all()
    assert "does not say which of #advanced, #basics" in why


def test_a_crowd_is_let_in_by_and_by_in_its_order_unless_it_is_turned_away(desk: Desk) -> None:
    set_opening(desk.database, "basics", {"an_hour": 1}, actor="test", now=desk.now)
    for name in ("ana", "bob", "cem"):
        desk.say(name, "@careers join")
    first = desk.tick()
    assert (first.outcomes, first.crowded) == ({Outcome.JOINED: 1, Outcome.WAITING: 2}, ("basics",))
    assert desk.tick(minutes=5).outcomes == {}
    assert desk.tick(hours=1).outcomes == {Outcome.JOINED: 1}
    assert desk.states() == {"ana": "enrolled", "bob": "enrolled"}
    assert turn_away(desk.database, "basics", actor="test", now=desk.now) == 1
    assert desk.tick(hours=2).outcomes == {}
    assert desk.asked() == {"joined": 2, "refused": 1}
    with desk.database.read() as connection:
        verbs = {one.verb for one in audit.latest(connection, limit=30)}
    assert {"joining.crowded", "joining.refused", "cohort.opening", "learner.linked", "enrollment.entered"} <= verbs


def test_who_joined_and_is_hired_later_is_one_person_who_keeps_what_they_know_and_their_stop(desk: Desk) -> None:
    desk.say("ana", "@careers join")
    desk.tick()
    desk.say("ana", "@careers stop")
    desk.tick()
    with desk.database.write() as connection:
        accounts.add_account(
            connection, name="works", base_url="http://127.0.0.1:1", handle="works", remote_user_id=2, protected=True
        )
    schedule = read_schedule(find_schedule("cohort-adaptive", shipped("schedules"))).content
    create_cohort(desk.database, NewCohort("press", "P", "works", ("lockout",)), schedule, actor="test", now=desk.now)
    rows = [RosterRow("E-1", "Ana Roth", "ana")]
    enroll(desk.database, "press", rows, actor="test", now=desk.now, keyed=KEYED)
    (invitation,) = invite(desk.database, "press", 30, actor="test", now=desk.now)
    desk.say("ana", f"@works join {invitation.code}", to="works")
    desk.tick()
    with desk.database.read() as connection:
        (learner,) = connection.execute(select(t.learner.c.employee_id, t.learner.c.stopped_at)).all()
        live = select(t.consent.c.id).where(t.consent.c.withdrawn_at.is_(None))
        assert len(connection.execute(live).all()) == 1
        assert connection.execute(select(t.inbound.c.learner_id).distinct()).scalars().all() == [2]
        assert audit.verify(connection).whole
    assert (learner.employee_id, learner.stopped_at is not None) == ("E-1", True)
    assert (desk.states("press"), desk.states()) == ({"ana": "enrolled"}, {"ana": "withdrawn"})


def test_two_people_without_an_employee_id_are_two_and_a_roster_s_ids_are_still_one_each(desk: Desk) -> None:
    desk.say("ana", "@careers join")
    desk.say("bob", "@careers join")
    desk.tick()
    with desk.database.write() as connection:
        people.add_learner(connection, RosterRow("E-1", "Ann Roth"), desk.now)
    with pytest.raises(Exception, match=r"(?i)unique"), desk.database.write() as connection:
        people.add_learner(connection, RosterRow("E-1", "Ann Roth"), desk.now)
    assert len(desk.states()) == 2
