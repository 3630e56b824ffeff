"""An hour of conversation by a script: sixty learners, three teams, a quiz, forty questions, look-ups, an event, a poll
and a prompt that asks for introductions.

What is said, when, and what has to come of it stands in scripted_hour/, made by hand from the rules in
docs/explanation/quizzes.md and docs/how-to/; nothing there was written by the product. The daemon ticks each programme
minute, on the practice account over HTTP. In rough weather a third of its calls fail, in every way that a network or a
service fails by itself; then it ticks at the same minute until nothing is left to do, as it would within seconds.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

import reinforce.cli  # noqa: F401 - adds the verbs
from reinforce.actions.answering.facilitate import promise
from reinforce.actions.answering.respond import Answer, answer
from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.actions.authoring.enroll import enroll
from reinforce.actions.authoring.load import load_files
from reinforce.actions.gathering.arrange import NewEvent, create_event
from reinforce.actions.gathering.introduce import introduce
from reinforce.actions.polling.ask import ask_poll
from reinforce.actions.quizzing.create_quiz import create_quiz
from reinforce.actions.quizzing.run_quiz import start_quiz
from reinforce.content.quiz_file import read_quiz
from reinforce.content.roster_file import read_roster
from reinforce.content.schedule_file import read_schedule
from reinforce.daemon import Daemon
from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.answering.inquiry import Inquiry, InquiryState
from reinforce.domain.errors import NotAllowed
from reinforce.domain.gathering.events import EventKind
from reinforce.domain.polling.poll import NewPoll
from reinforce.domain.sending.outbox import IN_FLIGHT, OutboxItem, State
from reinforce.domain.sending.send_policy import SendPolicy
from reinforce.practice.running import PracticeThread
from reinforce.shipped import shipped
from reinforce.store.accounts import accounts
from reinforce.store.answering import inquiries
from reinforce.store.people import people
from reinforce.store.sending import outbox
from tests.daemon.conftest import TestHouse

SCRIPT = Path(__file__).parent / "scripted_hour"
MINUTE = timedelta(minutes=1)
BEGIN, END = "09:55", "11:00"
HASHTAG = "lockoutlive"
EVENT = ("10:02", "10:42")
POLL = NewPoll("Where would you like more practice?", ("Isolating", "Bleeding off", "Restarting"), 30)
# All that fails by itself. What a person has to mend (keys, credit, a suspension) stops an account, as it should.
WEATHER = (
    "timeout_before", "timeout_after", "unavailable_before", "unavailable_after", "server_errors", "throttled",
    "reset_before", "reset_after", "cut_off_json", "cut_off_body", "html_ok", "html_bad_gateway", "empty_list",
    "null_body", "null_errors",
)  # fmt: skip
# Each of the faults that are asked in turn hits what the others left: together they hit a third.
CHANCE = 1 - (2 / 3) ** (1 / len(WEATHER))
# The rehearsal's numbers; but waits that can't be let pass, since the database's clock measures them, are short, and a
# third of the calls fails for an hour, so that a doubt may be resolved more often than three times.
PATIENT = SendPolicy(
    lease=10.0, guard=5.0, pause=0.1, deadline=2.0, lag=0.5, quarantine=8.0, doubt="resend", rounds=20,
    read_within=float("inf"), backoff=0.01, backoff_limit=0.05, rest=0.02, rest_limit=0.05,
)  # fmt: skip
PASSES = 20.0
LIMITED = ("POST /2/tweets", "GET /2/tweets", "GET /2/users/:id/mentions", "GET /2/users/:id/tweets",
           "GET /2/tweets/search/recent")  # fmt: skip


def script(name: str) -> list[dict[str, str]]:
    """The rows of a file of the script."""
    with (SCRIPT / name).open(newline="", encoding="utf-8") as rows:
        return list(csv.DictReader(rows))


def at(local: str) -> datetime:
    """A time of day in Berlin, on Monday, 2 March 2026."""
    return datetime.combine(datetime(2026, 3, 2, tzinfo=UTC), time.fromisoformat(local), UTC) - timedelta(hours=1)


class HourHouse(TestHouse):
    """A house whose machine time can be let pass, and which sends as `PATIENT` says."""

    __test__ = False

    def send_policy(self, record: AccountRecord) -> SendPolicy:
        return PATIENT


@dataclass
class Said:
    """Something that the script has somebody do, at `at`; `post` is the id it got."""

    at: datetime
    row: dict[str, str]
    kind: str
    post: str = ""


@dataclass
class Hour:
    """The hour under way."""

    house: HourHouse
    practice: PracticeThread
    daemon: Daemon
    said: list[Said] = field(default_factory=list)
    refused: int = 0

    # --- before the hour ------------------------------------------------------------------------------------------

    def prepare(self, folder: Path) -> None:
        """Workspace, account, procedure, cohort, sixty linked learners, and an event that is announced."""
        house, now = self.house, self.house.clock.now()
        # X's windows are of machine time, and the hour takes seconds of it.
        self.practice.control("POST", "/rules", {"limits": dict.fromkeys(LIMITED, 1_000_000)})
        house.connect_account("practice", self.practice.folder / "credentials.json", self.practice.url, "public", print)
        example = (shipped("examples") / "lockout.yaml").read_text("utf-8")
        (folder / "lockout.yaml").write_text(example, "utf-8")
        load_files(house.database, (folder / "lockout.yaml",), dry_run=False, actor="test", now=now)
        new = NewCohort("press-shop", "Press shop", "practice", ("lockout",), zone="Europe/Berlin")
        cadence = read_schedule(SCRIPT / "cadence.yaml").content
        create_cohort(house.database, new, cadence, actor="test", now=now)
        promise(house.database, "press-shop", 0.5, None, None, actor="test", now=now)
        rows = read_roster(SCRIPT / "roster.csv")
        enroll(house.database, "press-shop", rows, actor="test", now=now)
        asked = [{"handle": row.handle, "name": row.name, "scripted": False} for row in rows]
        made = self.practice.control("POST", "/people", asked)["people"]
        with house.database.write() as connection:
            people.link_for_rehearsal(connection, {one["handle"]: int(one["user_id"]) for one in made}, now)
        starts, ends = (datetime.fromisoformat(f"2026-03-02T{one}") for one in EVENT)
        event = NewEvent("live", "Lockout, live", "press-shop", EventKind.LIVE, HASHTAG, starts, ends)
        create_event(house.database, event, house.renderer, house.tariff, agreed=True, actor="test", now=now)

    # --- the hour -------------------------------------------------------------------------------------------------

    def play(self) -> None:
        """From the announcement of the event to the end of the hour, minute by minute."""
        acts = sorted(_acts(), key=lambda one: one.at)
        before = now = at(BEGIN)
        while now <= at(END):
            for one in [one for one in acts if before < one.at <= now]:
                self._let(one)
            self.house.clock.step_to(now)
            self._facilitate(now)
            self._tick_until_settled()
            before = now
            now += MINUTE if at("10:00") <= now < at("10:45") else 5 * MINUTE
        assert len(self.said) == len(acts)

    def _let(self, one: Said) -> None:
        """Let somebody write or vote, in X's own app: no fault of our calls touches that."""
        self.house.clock.step_to(one.at)
        row = one.row
        if one.kind == "vote":
            post = self._ours("standing_poll")
            acts: list[dict[str, Any]] = [
                {"as": handle, "post": post, "vote": int(row["option"])} for handle in row["handles"].split()
            ]
        else:
            acts = [{"as": row["handle"], "text": self._text(one), "reply_to": self._target(one)}]
        one.post = self.practice.control("POST", "/acts", acts)["posts"][0] or ""
        self.said.append(one)

    def _text(self, one: Said) -> str:
        mentions = one.kind == "answer" and one.row["to"] == "mention"
        return f"@acme_reinforce {one.row['text']}" if mentions else one.row["text"]

    def _target(self, one: Said) -> str | None:
        """What it replies to: a post of ours, a remark by its number, or nothing."""
        to = one.row.get("to", "")
        if one.kind == "remark" and to.isdigit():
            return next(other.post for other in self.said if other.kind == "remark" and other.row["number"] == to)
        forms = {
            "question": "quiz_question",
            "hint": "quiz_hint",
            "opening": "quiz_start",
            "start": "event_start",
            "prompt": "prompt",
        }
        return self._ours(forms[to]) if to in forms else None

    def _ours(self, form: str) -> str:
        """Our newest post of a form."""
        return str(next(one.remote_id for one in reversed(self.posts()) if one.form == form and one.remote_id))

    def posts(self) -> list[OutboxItem]:
        """The outbox, in order."""
        with self.house.database.read() as connection:
            record = accounts.account_by_name(connection, "practice")
            return sorted(outbox.items(connection, account_id=record.id, limit=1000), key=lambda item: item.id)

    def asked(self) -> list[Inquiry]:
        """What learners asked and looked up, as it is on record."""
        with self.house.database.read() as connection:
            return list(inquiries.listed(connection, limit=1000))

    def _facilitate(self, now: datetime) -> None:
        """What the facilitator does at this minute: poll, quiz, prompt, and answers that are due by the script."""
        house = self.house
        if now == at("10:03"):
            ask_poll(
                house.database, "press-shop", POLL, "hour", house.renderer, house.tariff, now=now, actor="facilitator"
            )
        if now == at("10:05"):
            quiz = read_quiz(SCRIPT / "quiz.yaml")
            create_quiz(house.database, "press-shop", quiz, house.renderer, house.tariff, actor="test", now=now)
            start_quiz(house.database, quiz.slug, None, actor="facilitator", now=now)
        if now == at("10:36"):
            introduce(
                house.database, "press-shop", None, "", "hour", house.renderer, house.tariff, now=now, actor="test"
            )
        waiting = {one.remote_id: one for one in self.asked() if one.state is InquiryState.OPEN}
        for one in self.said:
            question = waiting.get(int(one.post or 0)) if one.kind == "question" else None
            if question is None or not one.row["answered"] or at(one.row["answered"]) > now:
                continue
            del waiting[question.remote_id]
            given = Answer(one.row["answer"], one.row["about"], "AB", quote=one.row["quote"] == "yes")
            named = replace(given, text=f"{given.text} Or ask Viktor Salamon.")
            with pytest.raises(NotAllowed, match="names somebody"):
                answer(house.database, question.id, named, actor="facilitator", now=now)
            self.refused += 1
            for done in answer(house.database, question.id, given, actor="facilitator", now=now):
                waiting.pop(done.remote_id, None)

    def _tick_until_settled(self) -> None:
        """Let the daemon go its rounds at this minute until it has nothing left to do."""
        for _ in range(200):
            self.house.let_pass(PASSES)
            self.daemon.tick()
            if self._is_settled():
                return
        raise AssertionError(self.daemon.last_error or [one for one in self.posts() if one.state is not State.POSTED])

    def _is_settled(self) -> bool:
        """Nothing fails, mentions were read at this minute, and nothing is due or in doubt."""
        now = self.house.clock.now()
        with self.house.database.read() as connection:
            record = accounts.account_by_name(connection, "practice")
        busy = IN_FLIGHT | {State.UNKNOWN}
        due = [one for one in self.posts() if one.state in busy or (one.state is State.PLANNED and one.due_at <= now)]
        return not self.daemon.last_error and not due and record.read_at == now


def _acts() -> Iterator[Said]:
    """All that learners do."""
    for kind in ("answer", "question", "lookup", "remark", "introduction", "vote"):
        for row in script(f"{kind}s.csv"):
            yield Said(at(row["at"]), row, kind)
    yield Said(at("10:05:20"), {"handle": "ismael_c", "to": "opening", "text": "join green please"}, "answer")
