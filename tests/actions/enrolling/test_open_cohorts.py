"""An open cohort on the practice account: people come in by reply and hashtag, leave, come back; nothing internal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

import reinforce.cli  # noqa: F401 - adds the verbs
from reinforce.actions.authoring.cohorts import NewCohort, create_cohort, set_opening
from reinforce.actions.authoring.enroll import enroll
from reinforce.actions.authoring.invite import invite
from reinforce.actions.authoring.load import load_files
from reinforce.actions.enrolling.change import move_learner
from reinforce.actions.planning.plan import plan_cohort
from reinforce.cli.house import main_group
from reinforce.content.roster_file import read_roster
from reinforce.domain.cohort import Opening
from reinforce.domain.errors import Conflict, NotAllowed, ReinforceError
from reinforce.domain.nugget import Confidentiality
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.shipped import shipped
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.enrolling import joining
from reinforce.store.operating import audit
from reinforce.store.people import cohorts
from reinforce.store.reporting.enrolling import enrollment_rows
from reinforce.store.sending import outbox
from reinforce.store.session import Database
from tests.actions.gathering.conftest import Session, with_procedure
from tests.databases import SqliteShelf

SLUG = "newcomers"
TAG = "lockoutbasics"
OPEN = Opening(TAG, most=4, an_hour=3)


class Public(Session):
    """An open cohort of at most four people, three of them let in in an hour, from 2 to 13 March 2026."""

    def _enroll(self, *, protected: bool) -> None:
        self.practice.control("POST", "/account", {"protected": protected})
        credentials = self.practice.folder / "credentials.json"
        self.house.connect_account("practice", credentials, self.practice.url, "public", print)
        self.create(SLUG)
        self.ids = self.join_in(*((name, name.title()) for name in ("ana", "bob", "cem", "dia", "eva", "fay")))

    def create(self, slug: str, *, opening: Opening | None = OPEN, account: str = "practice") -> None:
        house = self.house
        new = NewCohort(
            slug,
            "Lockout basics",
            account,
            ("lockout",),
            zone="Europe/Berlin",
            opens_on=date(2026, 3, 2),
            closes_on=date(2026, 3, 13),
            opening=opening,
        )
        create_cohort(house.database, new, house.schedule("rehearsal"), actor="test", now=house.clock.now())

    def states(self) -> dict[str, str]:
        """Where everybody who is or was in it stands, by handle; "in" while they are."""
        with self.house.database.read() as connection:
            rows = enrollment_rows(connection, self.house.clock.now(), slug=SLUG)
        assert {(row["employee_id"], row["name"]) for row in rows} <= {("", "")}
        names = {name: name for name in self.ids} | {f"x:{remote}": name for name, remote in self.ids.items()}
        live = {"enrolled": "in", "active": "in"}
        return {names[row["handle"]]: live.get(str(row["state"]), str(row["state"])) for row in rows}

    def asked(self) -> dict[str, int]:
        """What became of those who asked, where anything did."""
        with self.house.database.read() as connection:
            found = joining.counts(connection, cohorts.cohort_by_slug(connection, SLUG).id)
        return {outcome.value: count for outcome, count in found.items() if count}

    def wait(self, minutes: int = 10, ticks: int = 1) -> None:
        self.house.clock.step_to(self.house.clock.now() + timedelta(minutes=minutes))
        for _ in range(ticks):
            self.house.let_pass(60)
            self.daemon.tick()

    def newest(self) -> int:
        """Our newest post on the timeline."""
        state = self.practice.state()
        own = state["company"]["handle"]
        return max(int(post["id"]) for post in state["posts"] if post["author"] == own)

    def nugget_post(self) -> int:
        """The first post of ours that says a nugget."""
        with self.house.database.read() as connection:
            out = select(t.outbox.c.remote_id).where(t.outbox.c.nugget_id.is_not(None), t.outbox.c.state == "posted")
            return int(connection.execute(out.order_by(t.outbox.c.id)).scalars().first() or 0)

    def mention(self) -> str:
        return f"@{self.practice.state()['company']['handle']}"

    def verb(self, *arguments: str, fails: bool = False) -> str:
        settings = self.house.settings
        place = {"REINFORCE_DATABASE_URL": settings.resolved_database_url}
        done = CliRunner().invoke(main_group, ["--workspace", str(settings.workspace), *arguments], env=place)
        assert (done.exit_code != 0) == fails, done.output
        return done.output


@pytest.fixture
def sqlite_public(tmp_path: Path, sqlite_shelf: SqliteShelf) -> Iterator[Public]:
    """On SQLite only."""
    with sqlite_shelf.open(with_procedure) as database:
        made = Public(tmp_path, database)
        yield made
        made.close()


def test_people_join_by_reply_and_by_hashtag_up_to_the_limits_leave_and_come_back(sqlite_public: Public) -> None:
    public, at = sqlite_public, sqlite_public.mention()
    public.at(10, ticks=2)
    (opening,) = [one for one in public.practice.state()["posts"] if f"#{TAG}" in one["text"]]
    assert "reply “join”" in opening["text"]
    public.say("ana", "count me in!", public.newest())
    public.say("bob", f"{at} hello #LockoutBasics")
    public.say("bob", "I'd like to join", public.newest())
    public.say("cem", f"joining #{TAG}")  # found by search: it does not mention us
    public.say("dia", f"{at} what is #{TAG}?")
    public.wait(40, ticks=2)
    assert public.states() == {"ana": "in", "bob": "in", "cem": "in"}
    public.say("dia", f"{at} je participe")
    public.say("eva", "mitmachen", public.newest())
    public.say("fay", "join", public.newest())
    public.wait()
    assert public.states().keys() == {"ana", "bob", "cem"}  # three within an hour
    assert public.asked() == {"joined": 3, "there": 1, "waiting": 3}
    assert "within an hour" in public.verb("inbox", "--needs-person")
    public.wait(60)
    assert public.states().keys() == {"ana", "bob", "cem", "dia"}
    assert public.asked() == {"joined": 4, "there": 1, "full": 2}
    public.say("ana", "leave", public.newest())
    public.wait()
    assert public.states()["ana"] == "withdrawn"
    public.say("eva", "me apunto", public.newest())
    public.wait()
    assert public.states()["eva"] == "in"
    public.say("ana", "start", public.newest())
    public.wait()
    assert public.states()["ana"] == "withdrawn"  # it is full
    public.say("bob", "stop", public.newest())
    public.wait()
    assert public.states() == {"ana": "in", "bob": "withdrawn", "cem": "in", "dia": "in", "eva": "in"}
    public.say("cem", "stop", public.newest())
    public.wait()
    public.say("bob", "join", public.newest())
    public.wait()
    assert public.states()["bob"] == "in"
    public.at(10, day=16)
    public.say("fay", "join", public.newest())
    public.wait()
    assert public.asked()["closed"] == 1
    told = json.loads(public.verb("joining", "show", SLUG, "--json"))
    assert (told["can_be_joined"], told["members"], told["asked"]["joined"]) == (False, 4, 5)
    assert public.practice.state()["breaches"] == []
    replies = [one for one in public.practice.state()["posts"] if one["author"] == at[1:] and one.get("reply_to")]
    assert [one for one in replies if "join" in one["text"].lower()] == []
    with public.house.database.read() as connection:
        assert audit.verify(connection).whole


def test_an_answer_right_after_joining_counts_and_what_was_said_before_does_not(sqlite_public: Public) -> None:
    public = sqlite_public
    public.at(10, ticks=3)
    asked = public.nugget_post()
    public.say("ana", "got it", asked)
    public.say("ana", "join", asked)
    public.say("ana", "got it, thanks", asked)
    public.wait(ticks=2)
    with public.house.database.read() as connection:
        rows = connection.execute(select(t.inbound.c.text, t.inbound.c.learner_id).order_by(t.inbound.c.id)).all()
        reviews = connection.execute(select(t.review.c.inbound_id)).scalars().all()
    assert [learner is not None for _, learner in rows] == [False, True, True]
    assert len(reviews) == 1


def _internal(folder: Path, slug: str) -> Path:
    """The example procedure as an internal one."""
    example = (shipped("examples") / "lockout.yaml").read_text("utf-8")
    lines = [line for line in example.splitlines() if not line.strip().startswith("confidentiality:")]
    file = folder / f"{slug}.yaml"
    text = "\n".join(["confidentiality: internal", *lines]).replace("slug: lockout", f"slug: {slug}", 1)
    file.write_text(text, "utf-8")
    return file


def _make_internal(database: Database) -> None:
    with database.write() as connection:
        connection.execute(update(t.nugget).values(confidentiality="internal"))


def test_an_internal_nugget_is_refused_at_each_of_three_doors(sqlite_public: Public, tmp_path: Path) -> None:
    public, database = sqlite_public, sqlite_public.house.database
    now = public.house.clock.now()
    revised = _internal(tmp_path, "lockout")
    with pytest.raises(NotAllowed, match="the account practice is for open cohorts, which anybody may join, and these"):
        load_files(database, (revised,), dry_run=False, actor="test", now=now)
    public.house.clock.step_to(now + timedelta(minutes=6))
    with database.read() as connection:
        cohort = cohorts.cohort_by_slug(connection, SLUG)
    planned = plan_cohort(database, cohort.id, public.house.renderer, public.house.tariff, now=public.house.clock.now())
    assert planned.item is not None
    _make_internal(database)
    public.wait(1, ticks=3)
    (refused,) = [item for item in _items(database) if item.nugget_id is not None]
    assert (refused.state, "open cohorts, which anybody may join" in refused.outcome) == (State.REFUSED, True)
    public.at(12, 1, ticks=2)
    with database.read() as connection:
        reasons = connection.execute(select(t.quiet.c.reason)).scalars().all()
    assert [one for one in reasons if "all of its nuggets are internal, and the account practice is for open" in one]
    assert [item for item in _items(database) if item.nugget_id is not None and item.state is State.POSTED] == []


def _items(database: Database) -> tuple[OutboxItem, ...]:
    with database.read() as connection:
        return outbox.items(connection, limit=100)


def test_an_account_is_for_open_cohorts_or_for_those_with_a_roster(sqlite_public: Public, tmp_path: Path) -> None:
    public, database, now = sqlite_public, sqlite_public.house.database, sqlite_public.house.clock.now()
    with database.write() as connection:
        accounts.add_account(connection, name="works", base_url="http://127.0.0.1:1", protected=True)
    secret = _internal(tmp_path, "secret")
    load_files(database, (secret,), dry_run=False, actor="test", now=now)
    public.create("press-shop", opening=None, account="works")
    with pytest.raises(NotAllowed, match="the account practice is for open cohorts, which anybody may join"):
        public.create("paint-shop", opening=None)
    with pytest.raises(NotAllowed, match="the account works has cohorts with a roster: press-shop"):
        public.create("beginners", opening=Opening("beginners"), account="works")
    with pytest.raises(Conflict, match="the open cohort newcomers has #LOCKOUTbasics"):
        public.create("beginners", opening=Opening("#LOCKOUTbasics"))
    for opening in (Opening("no tag"), Opening("tag", most=0), Opening("tag", most=30_000), Opening("tag", an_hour=0)):
        with pytest.raises(ReinforceError, match=r"no hashtag|can't be"):
            public.create("beginners", opening=opening)
    schedule = public.house.schedule("rehearsal")
    internal = NewCohort("beginners", "B", "practice", ("secret",), opening=Opening("beginners"))
    with pytest.raises(NotAllowed, match="which anybody may join, and secret holds internal nuggets"):
        create_cohort(database, internal, schedule, actor="test", now=now)
    rows = read_roster(shipped("examples") / "lockout-roster.csv")
    with pytest.raises(NotAllowed, match="newcomers is an open cohort: it has no roster"):
        enroll(database, SLUG, rows, actor="test", now=now)
    with pytest.raises(NotAllowed, match="nobody needs a code"):
        invite(database, SLUG, 30, actor="test", now=now)
    enroll(database, "press-shop", rows, actor="test", now=now)
    with pytest.raises(NotAllowed, match="newcomers is open to everybody"):
        move_learner(database, rows[0].employee_id, "press-shop", SLUG, actor="test", now=now)
    with pytest.raises(NotAllowed, match="press-shop has a roster"):
        set_opening(database, "press-shop", {"most": 9}, actor="test", now=now)
    with database.read() as connection:
        there = accounts.account_by_name(connection, "practice")
    assert (there.open_cohorts, there.confidentiality) == (True, Confidentiality.PUBLIC)


def test_it_is_set_up_and_looked_at_from_the_command_line(sqlite_public: Public) -> None:
    public = sqlite_public
    create = ("cohort", "create", "x", "--account", "practice", "--procedure", "lockout")
    assert "wants --open and --hashtag" in public.verb(*create, "--open", fails=True)
    assert "wants --open and --hashtag" in public.verb(*create, "--most", "3", fails=True)
    assert "reinforce joining words x" in public.verb(*create, "--open", "--hashtag", "xtag", "--most", "3")
    public.verb("cohort", "set", SLUG, "--an-hour", "1", "--most", "9")
    assert "Nobody has asked yet" in public.verb("joining", "show", SLUG)
    for name in ("ana", "bob", "cem"):
        public.say(name, f"{public.mention()} join #{TAG}")
    public.wait()
    assert "waits, since too many asked within an hour" in public.verb("joining", "show", SLUG)
    assert "2 who waited were refused" in public.verb("joining", "refuse", SLUG)
    words = json.loads(public.verb("joining", "words", SLUG, "--json"))
    assert len(words["profile"]) <= 160
    assert f"#{TAG}" in words["profile"]
    listed = {one["slug"]: one for one in json.loads(public.verb("cohort", "list", "--json"))}
    assert [listed[SLUG][name] for name in ("hashtag", "most", "learners")] == [TAG, 9, 1]
    (learner,) = json.loads(public.verb("cohort", "show", SLUG, "--json"))["learners"]
    assert (learner["employee_id"], learner["name"], learner["handle"]) == ("", "", "ana")
