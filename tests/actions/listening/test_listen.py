"""Reading mentions from the practice account over HTTP, on both databases."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import func, select

from reinforce.accounts.base import AccountError, Draft, Metrics, Poll, Reading, RemotePost
from reinforce.accounts.x import XAccount
from reinforce.actions.answering.take_up import take_up
from reinforce.actions.listening.grade import grade
from reinforce.actions.listening.hear_quotes import QUOTES, hear_quotes
from reinforce.actions.listening.listen import ListenOutcome, listen
from reinforce.actions.listening.look_again import look_again
from reinforce.actions.listening.measure import counts_of, is_due, measure
from reinforce.clock import Clock
from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.accounts.credentials import OAuth1Keys
from reinforce.domain.answering.inquiry import InquiryState
from reinforce.domain.listening.inbound import oldest_id_at
from reinforce.domain.listening.lexicon import Lexicon
from reinforce.domain.sending.budget import Readings
from reinforce.domain.sending.kill_points import KillPoint
from reinforce.domain.sending.outbox import Planned, State
from reinforce.domain.texts.wording import text_hash
from reinforce.practice.running import PracticeThread
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.answering import inquiries
from reinforce.store.listening import inbox, signals
from reinforce.store.listening.signals import Measured
from reinforce.store.operating import audit
from reinforce.store.sending import outbox
from reinforce.store.session import Database
from tests.actions.answering.conftest import RENDERER, TARIFF
from tests.warm import Nursery

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Stage:
    """Our account on the practice server, with a database that knows it."""

    database: Database
    practice: PracticeThread
    clock: Clock
    account: XAccount
    account_id: int

    @property
    def record(self) -> AccountRecord:
        """The account as it stands."""
        with self.database.read() as connection:
            return accounts.account_by_id(connection, self.account_id)

    @property
    def now(self) -> datetime:
        """Programme time."""
        return self.clock.now()

    def pass_time(self, **by: float) -> None:
        """Let programme time pass."""
        self.clock.step_to(self.clock.now() + timedelta(**by))

    def listen(self, **more: Any) -> ListenOutcome:
        """One reading."""
        return listen(self.database, self.record, self.account, now=self.now, **more)

    def say(self, text: str, *, handle: str = "dana", to: int | None = None, quoting: int | None = None) -> int:
        """A learner writes; X's id."""
        people = self.practice.control("POST", "/people", [{"handle": handle, "scripted": False}])["people"]
        self.pass_time(seconds=1)
        body: dict[str, Any] = {"text": text}
        if to is not None:
            body["reply"] = {"in_reply_to_tweet_id": str(to)}
        if quoting is not None:
            body["quote_tweet_id"] = str(quoting)
        answer = requests.post(
            f"{self.practice.url}/2/tweets",
            json=body,
            headers={"Authorization": f"Bearer {people[0]['token']}"},
            timeout=10,
        )
        answer.raise_for_status()
        return int(answer.json()["data"]["id"])

    def mention(self, text: str, **more: Any) -> int:
        """A learner mentions us."""
        return self.say(f"@{self.record.handle} {text}", **more)

    def saved(self) -> list[str]:
        """The texts in the inbox, oldest first."""
        with self.database.read() as connection:
            return list(connection.execute(select(t.inbound.c.text).order_by(t.inbound.c.remote_id)).scalars())

    def cursor(self) -> int | None:
        """How far was read."""
        with self.database.read() as connection:
            return inbox.cursor(connection, self.account_id)

    def post(self, draft: Draft) -> int:
        """A post of ours, on the practice account and in the outbox; its outbox id."""
        remote_id = self.account.post(draft, timeout=10)
        poll = None if draft.poll is None else {"options": list(draft.poll.options)}
        planned = Planned(
            account_id=self.account_id,
            occurrence=f"now/{remote_id}",
            form="reminder" if poll is None else "poll",
            text=draft.text,
            text_hash=text_hash(draft.text),
            due_at=self.now,
            grace_until=self.now,
            poll=poll,
        )
        with self.database.write() as connection:
            item = outbox.add(connection, planned, self.now)
            values = {"state": State.POSTED.value, "remote_id": remote_id, "posted_at": self.now}
            connection.execute(t.outbox.update().where(t.outbox.c.id == item.id).values(**values))
        return item.id

    def edit(self, post: int, text: str, *, handle: str = "dana") -> int:
        """A learner edits what they wrote, in X's own app; the new version's id."""
        act = {"as": handle, "edit": str(post), "text": text}
        return int(self.practice.control("POST", "/acts", [act])["posts"][0])

    def take_up(self, lexicon: Lexicon) -> None:
        """What came in is read, and questions are taken up."""
        grade(self.database, lexicon, now=self.now)
        take_up(self.database, RENDERER, TARIFF, now=self.now)

    def questions(self) -> list[str]:
        """The texts of the questions that wait."""
        with self.database.read() as connection:
            there = inquiries.in_state(connection, InquiryState.NEW) + inquiries.in_state(connection, InquiryState.OPEN)
        return [one.text for one in there]

    def take_back(self, post: int, *, handle: str = "dana") -> None:
        """A learner deletes what they wrote."""
        people = self.practice.control("POST", "/people", [{"handle": handle, "scripted": False}])["people"]
        headers = {"Authorization": f"Bearer {people[0]['token']}"}
        requests.delete(f"{self.practice.url}/2/tweets/{post}", headers=headers, timeout=10).raise_for_status()

    def remote_id(self, outbox_id: int) -> int:
        """X's id of a post of ours."""
        with self.database.read() as connection:
            found = outbox.item(connection, outbox_id).remote_id
        assert found is not None
        return found

    def count_and_hear(self) -> int:
        """Our posts are counted, an hour on, and the quotes that show are read; how many were new."""
        self.pass_time(hours=1)
        measure(self.database, self.record, self.account, now=self.now)
        return hear_quotes(self.database, self.record, self.account, now=self.now).new

    def asked_for_quotes(self) -> int:
        """How often quotes were asked for."""
        return sum(number for (endpoint, _), number in self.account.calls().items() if endpoint == QUOTES)

    def counts(self, outbox_id: int) -> dict[str, int]:
        """The newest counts of a post."""
        with self.database.read() as connection:
            return signals.latest(connection, outbox_id)


@pytest.fixture
def stage(tmp_path: Path, database: Database) -> Iterator[Stage]:
    """A practice account of this test's own, with a clock that stands still."""
    clock = Clock(tmp_path / "clock.json")
    clock.step_to(START)
    with PracticeThread(tmp_path / "practice", clock) as practice:
        account = XAccount(OAuth1Keys(**practice.credentials["oauth1"]), clock, base_url=practice.url)
        identity = account.identity()
        with database.write() as connection:
            record = accounts.add_account(
                connection, name="a", base_url=practice.url, handle=identity.handle, remote_user_id=identity.user_id
            )
        yield Stage(database, practice, clock, account, record.id)


def test_mentions_and_replies_are_saved_once_with_the_cursor(stage: Stage) -> None:
    post = stage.account.post(Draft("One lock, one key."), timeout=10)
    stage.mention("got it &amp; thanks <3")
    newest = stage.say(f"@{stage.record.handle} B", to=post)
    first, second = stage.listen(), stage.listen()
    assert (first.new, first.complete, second.new) == (2, True, 0)
    assert stage.cursor() == newest
    assert stage.record.read_at == stage.now
    with stage.database.read() as connection:
        row = connection.execute(select(t.inbound).where(t.inbound.c.remote_id == newest)).one()
    assert (row.in_reply_to, row.author_handle, row.read_as, row.graded_at) == (post, "dana", [], None)


def test_a_mention_that_appears_late_is_found_by_the_overlap(stage: Stage) -> None:
    early = stage.mention("who signs?")
    # Another reading did not see it, though it saw what is newer.
    with stage.database.write() as connection:
        inbox.save_page(connection, stage.account_id, [], early + 1, stage.now)
    stage.pass_time(minutes=4)
    stage.mention("B", handle="kim")
    assert stage.listen().new == 2
    assert len(stage.saved()) == 2


def test_after_a_quiet_while_nothing_is_read_twice(stage: Stage) -> None:
    stage.mention("got it")
    stage.listen()
    stage.pass_time(hours=3)
    assert stage.listen().seen == 0


def test_many_pages_are_read_to_their_end(stage: Stage) -> None:
    for number in range(7):
        stage.mention(f"comment {number}", handle=f"learner{number % 3}")
    assert stage.listen().new == 7


def test_a_failed_reading_changes_nothing(stage: Stage) -> None:
    stage.mention("B")
    stage.practice.fault("GET /2/users/*/mentions", "unavailable_before")
    before = stage.record.read_at
    with pytest.raises(AccountError):
        stage.listen()
    assert (stage.saved(), stage.cursor(), stage.record.read_at) == ([], None, before)


def test_a_reading_cut_short_keeps_what_it_found_and_leaves_the_cursor(stage: Stage) -> None:
    stage.listen()
    before, read_at = stage.cursor(), stage.record.read_at
    stage.pass_time(minutes=30)
    stage.mention("B")
    outcome = listen(stage.database, stage.record, _Shortened(stage.account, complete=False), now=stage.now)
    assert (outcome.new, outcome.complete) == (1, False)
    assert (stage.cursor(), stage.record.read_at) == (before, read_at)
    assert stage.listen().complete


def test_more_than_x_gives_back_is_on_record_and_blocks_nothing(stage: Stage) -> None:
    posts = [_post(oldest_id_at(START) + number) for number in range(800)]
    outcome = listen(stage.database, stage.record, _Shortened(stage.account, posts, complete=False), now=stage.now)
    assert (outcome.gap, outcome.complete, outcome.new) == (True, True, 800)
    assert stage.record.read_at == stage.now
    with stage.database.read() as connection:
        assert [entry.verb for entry in audit.entries(connection)] == ["listen.gap"]


def test_our_own_posts_are_no_replies_to_us(stage: Stage) -> None:
    stage.account.post(Draft(f"We are @{stage.record.handle}."), timeout=10)
    assert stage.listen().new == 0


def test_the_first_reading_of_an_empty_feed_leaves_a_mark(stage: Stage) -> None:
    stage.listen()
    assert stage.cursor() == oldest_id_at(stage.now - timedelta(minutes=10))


def test_a_process_killed_between_reading_and_saving_loses_nothing(
    stage: Stage, nursery: Nursery, tmp_path: Path
) -> None:
    stage.mention("B")
    script = Path(__file__).with_name("listening_process.py")
    url = stage.database.engine.url.render_as_string(hide_password=False)
    arguments = [url, stage.practice.url, str(stage.practice.folder), str(stage.account_id)]
    died = nursery.run(script, *arguments, stage.now.isoformat(), folder=tmp_path)
    assert died.wait(60) == -signal.SIGKILL
    assert (stage.saved(), stage.cursor()) == ([], None)
    assert stage.listen().new == 1


def test_the_checkpoint_stands_between_reading_and_saving(stage: Stage) -> None:
    reached: list[str] = []
    stage.mention("B")
    stage.listen(checkpoint=lambda point: reached.append(f"{point}:{len(stage.saved())}"))
    assert reached == [f"{KillPoint.INBOX_READ}:0"]


# --- measuring ------------------------------------------------------------------------------------------------------


def test_counts_and_votes_of_recent_posts_are_kept_at_their_ages(stage: Stage) -> None:
    poll = stage.post(Draft("Which one?", poll=Poll(("A tag", "A lock"), 60)))
    assert measure(stage.database, stage.record, stage.account, now=stage.now).counted == 0
    stage.pass_time(hours=1)
    assert measure(stage.database, stage.record, stage.account, now=stage.now).counted == 1
    assert stage.counts(poll)["votes:0"] == 0
    assert "likes" in stage.counts(poll)
    assert measure(stage.database, stage.record, stage.account, now=stage.now).counted == 0
    stage.pass_time(hours=6)
    assert measure(stage.database, stage.record, stage.account, now=stage.now).counted == 1
    assert stage.counts(poll)["poll_closed"] == 1


def test_a_deleted_post_is_noted_and_not_asked_for_again(stage: Stage) -> None:
    gone = stage.post(Draft("Soon gone."))
    with stage.database.read() as connection:
        remote_id = outbox.item(connection, gone).remote_id
    assert remote_id is not None
    stage.account.delete(remote_id)
    stage.pass_time(hours=1)
    assert measure(stage.database, stage.record, stage.account, now=stage.now).gone == 1
    stage.pass_time(days=1)
    assert measure(stage.database, stage.record, stage.account, now=stage.now).gone == 0


def test_an_edited_question_waits_in_its_new_words_and_the_old_ones_wait_no_more(
    stage: Stage, lexicon: Lexicon
) -> None:
    asked = stage.mention("who sings the tag?")
    stage.listen()
    stage.take_up(lexicon)
    assert stage.questions() == [f"@{stage.record.handle} who sings the tag?"]
    stage.pass_time(minutes=2)
    edited = stage.edit(asked, f"@{stage.record.handle} who signs the tag?")
    stage.listen()
    stage.take_up(lexicon)
    assert stage.questions() == [f"@{stage.record.handle} who signs the tag?"]
    with stage.database.read() as connection:
        rows = connection.execute(select(t.inbound).order_by(t.inbound.c.remote_id)).all()
    assert [(row.remote_id, row.replaced_by, row.edit_of) for row in rows] == [
        (asked, edited, None),
        (edited, None, asked),
    ]
    assert rows[1].created_at - rows[0].created_at >= timedelta(minutes=2)


def test_an_edit_that_was_not_read_as_a_mention_is_found_when_it_is_looked_for_again(stage: Stage) -> None:
    asked = stage.mention("who signs the tag?")
    stage.listen()
    edited = stage.edit(asked, "never mind")
    stage.pass_time(days=1)
    assert look_again(stage.database, stage.record, stage.account, now=stage.now).edited == 1
    with stage.database.read() as connection:
        row = connection.execute(select(t.inbound)).one()
    assert (row.replaced_by, row.gone_at) == (edited, stage.now)


def test_a_quote_that_does_not_mention_us_is_found_where_the_count_rose_and_can_be_replied_to(stage: Stage) -> None:
    ours = stage.remote_id(stage.post(Draft("Who may remove the lock?")))
    assert stage.count_and_hear() == stage.asked_for_quotes() == 0
    quote = stage.say("Only who hung it.", quoting=ours)
    stage.account.heard()
    stage.pass_time(hours=6)
    assert (stage.count_and_hear(), stage.asked_for_quotes()) == (1, 1)
    assert stage.account.heard().read == Readings(own=1, others=1)
    assert stage.listen().new == 0
    stage.pass_time(days=1)
    assert (stage.count_and_hear(), stage.asked_for_quotes()) == (0, 1)
    with stage.database.read() as connection:
        row = connection.execute(select(t.inbound)).one()
    assert (row.remote_id, row.quote_of, row.mentions_us) == (quote, ours, True)
    stage.account.post(Draft("Right.", reply_to=quote), timeout=10)


def test_a_quote_that_mentions_us_comes_by_both_ways_and_is_kept_once(stage: Stage) -> None:
    ours = stage.remote_id(stage.post(Draft("Who may remove the lock?")))
    stage.mention("who hung it", quoting=ours)
    stage.listen()
    assert (stage.count_and_hear(), stage.asked_for_quotes(), len(stage.saved())) == (0, 1, 1)


def test_a_quote_after_one_that_was_deleted_is_found(stage: Stage) -> None:
    ours = stage.remote_id(stage.post(Draft("Who may remove the lock?")))
    first = stage.say("Me?", quoting=ours)
    assert stage.count_and_hear() == 1
    stage.take_back(first)
    stage.pass_time(hours=6)
    assert stage.count_and_hear() == 0
    stage.say("Only who hung it.", quoting=ours)
    stage.pass_time(days=1)
    assert stage.count_and_hear() == 1


def test_quotes_of_more_than_a_page_are_read_to_the_number_that_is_new(stage: Stage) -> None:
    ours = stage.remote_id(stage.post(Draft("Who may remove the lock?")))
    for number in range(12):
        stage.say(f"Number {number}", quoting=ours, handle=f"learner{number % 3}")
    assert stage.account.quotes(ours, limit=100).complete
    assert len(stage.account.quotes(ours, limit=11).posts) == 11
    assert stage.count_and_hear() == 12


@pytest.mark.parametrize(
    ("age", "last", "due"),
    [
        (0.5, None, False),
        (1, None, True),
        (5, 1, False),
        (6, 1, True),
        (23, 6, False),
        (72, 24, True),
        (200, 169, False),
    ],
)
def test_a_post_is_counted_ever_more_rarely(age: float, last: float | None, due: bool) -> None:
    last_at = None if last is None else START + timedelta(hours=last)
    assert (
        is_due(Measured(1, 1, START, closes_at=None, last_at=last_at, poll_closed=False), START + timedelta(hours=age))
        is due
    )


def test_what_x_does_not_tell_is_not_made_up() -> None:
    told = replace(_post(1), metrics=Metrics(likes=2), poll=(("A", 3), ("B", 4)), poll_closed=True)
    assert counts_of(told) == {"likes": 2, "votes:0": 3, "votes:1": 4, "poll_closed": 1}


def test_signals_are_kept_with_their_times(database: Database) -> None:
    with database.write() as connection:
        account = accounts.add_account(connection, name="a", base_url="http://127.0.0.1:1")
        planned = Planned(account.id, "now/1", "reminder", "Text.", "h", START, START)
        item = outbox.add(connection, planned, START)
        signals.record(connection, item.id, {"likes": 1}, START)
        signals.record(connection, item.id, {"likes": 4}, START + timedelta(hours=5))
        assert signals.latest(connection, item.id) == {"likes": 4}
        assert connection.execute(select(func.count()).select_from(t.signal)).scalar_one() == 2


class _Shortened:
    """An account whose reading of mentions ends early, or gives back what it is told to."""

    def __init__(self, account: XAccount, posts: list[RemotePost] | None = None, *, complete: bool) -> None:
        self._account = account
        self._posts = posts
        self._complete = complete

    def __getattr__(self, name: str) -> Any:
        return getattr(self._account, name)

    def mentions(self, *, since_id: int | None, limit: int = 800) -> Reading:
        """As the account, but said to be incomplete."""
        posts = tuple(self._posts) if self._posts else self._account.mentions(since_id=since_id, limit=limit).posts
        return Reading(posts, self._complete)


def _post(remote_id: int) -> RemotePost:
    return RemotePost(remote_id, "hello", 77, START, author_handle="somebody")
