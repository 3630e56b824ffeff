"""Facilitators are told once, by a real mail server or webhook, through refusals and restarts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, update

from reinforce.actions.answering.facilitate import add_facilitator, change_facilitator, remove_facilitator
from reinforce.actions.answering.notify import NotifyOutcome, notify
from reinforce.actions.answering.respond import assign
from reinforce.domain.answering.notices import NotDelivered
from reinforce.domain.errors import ReinforceError
from reinforce.notifying.dispatch import Dispatch, Secrets
from reinforce.store import tables as t
from tests.actions.answering.conftest import Desk
from tests.actions.answering.receivers import PASSWORD, Channel, MailRoom, serving


@pytest.fixture
def mail_room() -> Iterator[MailRoom]:
    """A mail server of this test."""
    yield from serving(MailRoom())


@pytest.fixture
def channel() -> Iterator[Channel]:
    """A webhook of this test."""
    yield from serving(Channel())


def dispatch(mail_room: MailRoom | None = None, channel: Channel | None = None, style: str = "slack") -> Dispatch:
    port = mail_room.server_address[1] if mail_room else 9
    url = f"http://127.0.0.1:{channel.server_address[1]}/secret-path" if channel else "http://example.org/x"
    text = json.dumps({"smtp_password": PASSWORD, "webhooks": {"ops": {"url": url, "style": style}}})
    return Dispatch(
        lambda: Secrets(text, {}, "notify.json"),
        lambda: 0.0,
        host="127.0.0.1",
        port=port,
        security="none",
        sender="learn@example.org",
        user="learn",
    )


def _notify(desk: Desk, messenger: Any) -> NotifyOutcome:
    return notify(desk.database, messenger, now=desk.now)


def _facilitator(desk: Desk, channel: str, address: str) -> None:
    made = add_facilitator(desk.database, "anna", "ab", channel, address, actor="test", now=desk.now)
    desk.set_cohort(facilitator_id=made.id)


def _states(desk: Desk) -> list[tuple[str, str]]:
    n = t.notice.c
    with desk.database.read() as connection:
        return [(row.kind, row.state) for row in connection.execute(select(n.kind, n.state).order_by(n.id))]


def _let_waiting_end(desk: Desk) -> None:
    with desk.database.write() as connection:
        connection.execute(update(t.notice).values(not_before=None))


def test_new_due_soon_and_overdue_are_told_once_each_by_mail(desk: Desk, mail_room: MailRoom) -> None:
    _facilitator(desk, "email", "anna@example.org")
    messenger = dispatch(mail_room)
    number = desk.ask("who signs the tag?")
    assert (_notify(desk, messenger).told, _notify(desk, messenger).told) == (1, 0)
    desk.pass_time(hours=6)
    assert (_notify(desk, messenger).told, _notify(desk, messenger).told) == (1, 0)
    desk.pass_time(hours=2)
    assert (_notify(desk, messenger).told, _notify(desk, messenger).told) == (1, 0)
    leads = [letter.split("Subject: ")[1].split("\n")[0] for letter in mail_room.letters]
    assert leads == [f"Questions from learners: 1 {what}" for what in ("new", "due soon", "overdue")]
    assert (
        f"question {number} in Press shop, to be answered by 2026-03-02 18:00 (Europe/Berlin)" in mail_room.letters[0]
    )
    assert "who signs the tag?" in mail_room.letters[0]
    assert not any("dana" in letter.lower() for letter in mail_room.letters)


def test_many_questions_are_one_message_to_a_webhook(desk: Desk, channel: Channel) -> None:
    _facilitator(desk, "webhook", "ops")
    for words in ("who signs the tag?", "who has the keys?", "how many hasps?"):
        desk.ask(words)
    assert _notify(desk, dispatch(channel=channel)).told == 1
    (posted,) = channel.posted
    assert posted["text"].startswith("Questions from learners: 3 new.")


def test_teams_gets_a_card(desk: Desk, channel: Channel) -> None:
    _facilitator(desk, "webhook", "ops")
    desk.ask("who signs the tag?")
    _notify(desk, dispatch(channel=channel, style="teams"))
    (posted,) = channel.posted
    assert posted["attachments"][0]["content"]["body"][0]["text"] == "Questions from learners: 1 new"


def test_what_is_not_taken_waits_and_is_tried_again_and_no_secret_is_said(desk: Desk, channel: Channel) -> None:
    _facilitator(desk, "webhook", "ops")
    desk.ask("who signs the tag?")
    channel.status = 503
    (failure,) = _notify(desk, dispatch(channel=channel)).failures
    assert failure == "anna: the webhook ops answered 503"
    channel.status = 200
    assert _notify(desk, dispatch(channel=channel)).told == 0  # not yet: it asked for two minutes
    _let_waiting_end(desk)
    assert _notify(desk, dispatch(channel=channel)).told == 1


def test_a_redirect_is_not_followed(desk: Desk, channel: Channel) -> None:
    _facilitator(desk, "webhook", "ops")
    desk.ask("who signs the tag?")
    channel.status = 307
    assert _notify(desk, dispatch(channel=channel)).failures == ("anna: the webhook ops answered 307",)


def test_a_mail_server_that_repeats_the_password_is_not_quoted(desk: Desk, mail_room: MailRoom) -> None:
    _facilitator(desk, "email", "anna@example.org")
    desk.ask("who signs the tag?")
    mail_room.refusal = f"554 go away {PASSWORD}"
    (failure,) = _notify(desk, dispatch(mail_room)).failures
    assert PASSWORD not in failure
    assert "127.0.0.1" in failure
    with desk.database.read() as connection:
        assert PASSWORD not in connection.execute(select(t.notice.c.last_error)).scalar_one()


def test_a_webhook_elsewhere_must_be_https(desk: Desk) -> None:
    _facilitator(desk, "webhook", "ops")
    desk.ask("who signs the tag?")
    assert _notify(desk, dispatch()).failures == ("anna: the webhook ops is not https",)


class _Dies:
    """Takes the message, then the process ends."""

    taken = 0

    def deliver(self, _to: object, _message: object) -> None:
        self.taken += 1
        raise KeyboardInterrupt


def test_whoever_dies_while_telling_leaves_it_to_be_told_after_the_lease(desk: Desk, mail_room: MailRoom) -> None:
    _facilitator(desk, "email", "anna@example.org")
    desk.ask("who signs the tag?")
    with pytest.raises(KeyboardInterrupt):
        _notify(desk, _Dies())
    assert _notify(desk, dispatch(mail_room)).told == 0
    with desk.database.write() as connection:
        connection.execute(update(t.notice).values(claimed_until=desk.now.replace(year=2020)))
    assert _notify(desk, dispatch(mail_room)).told == 1
    assert _states(desk) == [("new", "sent")]


class _Refuses:
    """No message is ever taken."""

    def deliver(self, _to: object, _message: object) -> None:
        raise NotDelivered("closed")


def test_after_many_tries_it_is_given_up_until_the_address_is_mended(desk: Desk, mail_room: MailRoom) -> None:
    _facilitator(desk, "email", "anna@example.org")
    desk.ask("who signs the tag?")
    for _ in range(12):
        _notify(desk, _Refuses())
        _let_waiting_end(desk)
    assert _states(desk) == [("new", "failed")]
    change_facilitator(desk.database, "anna", None, "email", "a@example.org", actor="test", now=desk.now)
    assert _notify(desk, dispatch(mail_room)).told == 1


def test_an_answered_question_is_no_news_and_a_new_assignee_is_told(desk: Desk, mail_room: MailRoom) -> None:
    _facilitator(desk, "email", "anna@example.org")
    add_facilitator(desk.database, "ben", "bk", "email", "ben@example.org", actor="test", now=desk.now)
    messenger = dispatch(mail_room)
    first, second = desk.ask("who signs the tag?"), desk.ask("who has the keys?")
    assign(desk.database, second, "ben", actor="test", now=desk.now)
    assert _notify(desk, messenger).told == 2
    assign(desk.database, first, "ben", actor="test", now=desk.now)
    desk.answer(second, "In the red box.")
    desk.pass_time(hours=6)
    assert _notify(desk, messenger).told == 1
    assert "1 due soon, 1 new" in mail_room.letters[-1]
    assert remove_facilitator(desk.database, "ben", actor="test", now=desk.now) == 2


@pytest.mark.parametrize(("channel", "address"), [("email", "no address"), ("webhook", "https://hooks.example.org/s")])
def test_an_address_that_can_not_be_is_refused_and_a_secret_is_not_kept(desk: Desk, channel: str, address: str) -> None:
    with pytest.raises(ReinforceError) as raised:
        add_facilitator(desk.database, "anna", "ab", channel, address, actor="test", now=desk.now)
    assert "hooks.example.org" not in raised.value.message
