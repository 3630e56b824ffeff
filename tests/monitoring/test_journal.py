"""Every line that is about a post carries its number, whoever logs it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog

from reinforce.actions.sending.publish import Published, PublishOutcome
from reinforce.actions.sending.reconcile import Reconciled, ReconcileOutcome
from reinforce.clock import Clock
from reinforce.daemon import journal
from reinforce.daemon.steps import Steps
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.telemetry import about, configure_logging, own_context

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _item(state: State, number: int = 12, cohort_id: int | None = 3) -> OutboxItem:
    return OutboxItem(
        id=number, account_id=1, cohort_id=cohort_id, nugget_id=None, wording_id=None, question_id=None,
        inbound_id=None, form="reminder", occurrence="now/1", state=state, fence=1, owner="", lease_until=None,
        not_before=None,
        unknown_since=None, rounds=0, text="Bleed the line.", text_hash="", reply_to=None, reply_to_outbox_id=None,
        poll=None, alternatives=[], price_micros=0, due_at=NOW, grace_until=NOW, posted_at=None, remote_id=None,
        reason="Pat forgot it", decision={}, outcome="too late", created_at=NOW,
    )  # fmt: skip


@pytest.fixture
def lines() -> Iterator[Any]:
    """What is logged, as the daemon would write it; called, it gives the lines so far."""
    root = logging.getLogger()
    handlers, level, stream = root.handlers[:], root.level, io.StringIO()
    configure_logging("info", "json", stream)
    with own_context():
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def _steps() -> Steps:
    return Steps(Clock.monotonic, lambda _error: True, str, 1.0)


def test_what_becomes_of_a_post_is_said_with_its_number_account_and_cohort(lines: Any) -> None:
    journal.published(PublishOutcome(Published.POSTED, _item(State.POSTED), let_go=(_item(State.SKIPPED, 11, None),)))
    skipped, posted = lines()
    assert (posted["event"], posted["level"]) == ("post is posted", "info")
    assert (posted["outbox"], posted["account"], posted["cohort"], posted["form"]) == (12, 1, 3, "reminder")
    assert (skipped["outbox"], skipped["reason"], skipped["cohort"]) == (11, "too late", None)
    assert "Pat" not in str(lines())
    assert "Bleed" not in str(lines())


def test_a_doubt_is_a_warning_and_waiting_is_not_said(lines: Any) -> None:
    journal.reconciled(ReconcileOutcome(Reconciled.WAITING, _item(State.UNKNOWN), "it may still show"))
    journal.reconciled(ReconcileOutcome(Reconciled.HELD, _item(State.HELD), "not on the timeline"))
    assert [(line["event"], line["level"]) for line in lines()] == [("post is held", "warning")]


def test_a_library_that_warns_and_a_step_that_fails_name_the_post_in_hand(lines: Any) -> None:
    def send() -> None:
        journal.take_up(_item(State.LEASED))
        logging.getLogger("urllib3").warning("something odd")
        raise RuntimeError("the outcome could not be written")

    steps = _steps()
    steps.do("publish on account 1", send)
    steps.do("grade", lambda: logging.getLogger("elsewhere").warning("something else"))
    warned, failed, other = lines()
    assert (warned["outbox"], warned["cohort"], warned["account"]) == (12, 3, 1)
    assert (failed["event"], failed["outbox"]) == ("step failed", 12)
    assert "outbox" not in other


def test_the_next_post_of_the_same_step_takes_the_place_of_the_last(lines: Any) -> None:
    with own_context():
        journal.take_up(_item(State.LEASED))
        journal.take_up(_item(State.LEASED, 13, None))
        logging.getLogger("x").warning("here")
    about(account=7)
    logging.getLogger("x").warning("there")
    assert [(one.get("outbox"), one.get("cohort"), one["account"]) for one in lines()] == [
        (13, None, 1),
        (None, None, 7),
    ]
