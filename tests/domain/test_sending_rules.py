"""The numbers of sending, the comparison with the timeline, and what each answer means: rules without any I/O."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.accounts.account import AccountRecord, AccountState
from reinforce.domain.cohort import CohortState
from reinforce.domain.nugget import Confidentiality
from reinforce.domain.sending.answers import Answer, AnswerKind, settle
from reinforce.domain.sending.outbox import MOVES, OutboxItem, State
from reinforce.domain.sending.send_guard import Circumstances, Ruling, Verdict, judge
from reinforce.domain.sending.send_policy import REHEARSAL, SendPolicy
from reinforce.domain.sending.timeline import Seen, Sent, same_post

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
RETRY_AT = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)

ITEM = OutboxItem(
    id=1,
    account_id=1,
    cohort_id=None,
    nugget_id=None,
    wording_id=5,
    question_id=None,
    inbound_id=None,
    form="reminder",
    occurrence="now/1",
    state=State.SENDING,
    fence=1,
    owner="a",
    lease_until=None,
    not_before=None,
    unknown_since=None,
    rounds=0,
    text="Lock, tag, try.",
    text_hash="h",
    reply_to=None,
    reply_to_outbox_id=None,
    poll=None,
    alternatives=[{"wording_id": 6, "text": "Six", "text_hash": "6"}, {"wording_id": 7, "text": "7", "text_hash": "7"}],
    price_micros=15_000,
    due_at=NOW,
    grace_until=NOW,
    posted_at=None,
    remote_id=None,
    reason="",
    decision={},
    outcome="",
    created_at=NOW,
)
ACCOUNT = AccountRecord(
    id=1,
    name="acme",
    base_url="https://api.twitter.com",
    handle="acme",
    remote_user_id=1,
    confidentiality=Confidentiality.INTERNAL,
    protected=True,
    state=AccountState.ACTIVE,
    paused_reason="",
    paused_until=None,
    halted_at=None,
    read_at=None,
)


def _settle(answer: Answer, **changes: Any) -> Any:
    given_: dict[str, Any] = {"tried_before": False, "next_wording": None, "now": NOW, "retry_at": RETRY_AT}
    return settle(ITEM, answer, **{**given_, **changes})


def test_a_quarantine_that_could_end_too_early_is_refused() -> None:
    SendPolicy(guard=1, pause=1, deadline=1, lag=1, quarantine=4)
    with pytest.raises(ValueError, match="takes 4 s"):
        SendPolicy(guard=1, pause=1, deadline=1, lag=1, quarantine=3.9)


def test_a_lease_that_could_end_in_the_middle_of_a_send_is_refused() -> None:
    with pytest.raises(ValueError, match="takes 45 s"):
        SendPolicy(lease=44)


def test_the_waits_after_vain_tries_double_up_to_a_bound() -> None:
    policy = SendPolicy(backoff=5, backoff_limit=60)
    assert [policy.backoff_after(tries) for tries in (1, 2, 3, 4, 5, 10_000)] == [5, 10, 20, 40, 60, 60]


def test_a_rehearsal_settles_a_doubt_within_two_seconds() -> None:
    assert REHEARSAL.quarantine <= 2


@given(
    st.builds(Answer, st.sampled_from(AnswerKind), st.just("words"), st.just(9), st.none() | st.just(RETRY_AT)),
    st.booleans(),
    st.none() | st.integers(0, 1),
)
def test_every_answer_makes_a_move_of_the_table(answer: Answer, tried: bool, wording: int | None) -> None:
    settled = _settle(answer, tried_before=tried, next_wording=wording)
    assert (State.SENDING, settled.to) in MOVES
    assert (settled.to is State.POSTED) == (answer.kind is AnswerKind.POSTED)
    assert ("remote_id" in settled.changes) == (settled.to is State.POSTED)
    if settled.pause_until is not None:
        assert settled.pause


def test_a_throttled_post_waits_for_the_reset_but_never_less_than_a_usual_retry() -> None:
    late, early = RETRY_AT + timedelta(hours=1), RETRY_AT - timedelta(hours=1)
    assert _settle(Answer(AnswerKind.THROTTLED, until=late)).changes["not_before"] == late
    assert _settle(Answer(AnswerKind.THROTTLED, until=early)).changes["not_before"] == RETRY_AT
    assert _settle(Answer(AnswerKind.NOT_SENT)).changes["not_before"] == RETRY_AT


def test_credentials_pause_for_good_and_credit_until_midnight() -> None:
    credentials, credit = _settle(Answer(AnswerKind.CREDENTIALS, "401")), _settle(Answer(AnswerKind.NO_CREDIT, "402"))
    assert (credentials.to, credentials.pause, credentials.pause_until) == (State.PLANNED, True, None)
    assert (credit.to, credit.pause, credit.pause_until) == (State.PLANNED, True, datetime(2026, 3, 3, tzinfo=UTC))


def test_a_duplicate_that_was_never_tried_gives_way_to_the_next_wording() -> None:
    duplicate = Answer(AnswerKind.DUPLICATE, "duplicate")
    second = _settle(duplicate, next_wording=1)
    assert (second.changes["text"], second.changes["wording_id"], second.changes["alternatives"]) == ("7", 7, [])
    assert _settle(duplicate).to is State.REFUSED
    assert _settle(duplicate, tried_before=True, next_wording=1).to is State.UNKNOWN


def test_a_post_is_itself_through_all_that_x_does_to_a_text() -> None:
    ours = Sent("Lock & tag: https://example.com/a  “Cafe\u0301”")
    links = {"https://t.co/abc": "https://example.com/a"}
    assert same_post(ours, Seen("Lock &amp; tag: https://t.co/abc “Café”", links))
    assert not same_post(
        ours, Seen("Lock &amp; tag: https://t.co/abc “Café”", {"https://t.co/abc": "https://b.example"})
    )


def test_a_reply_is_itself_with_the_handles_x_puts_before_it() -> None:
    ours = Sent("Turn the key.", reply_to=5)
    assert same_post(ours, Seen("@kim_r @lee Turn the key.", {}, reply_to=5))
    assert same_post(Sent("@kim_r Turn the key.", reply_to=5), Seen("@kim_r Turn the key.", {}, reply_to=5))
    assert not same_post(ours, Seen("@kim_r Turn the key.", {}, reply_to=6))
    assert not same_post(Sent("Turn the key."), Seen("@kim_r Turn the key.", {}))


def test_a_poll_is_compared_with_its_options() -> None:
    ours = Sent("Which first?", options=("Lock", "Tag & try"))
    assert same_post(ours, Seen("Which first?", {}, options=("Lock", "Tag &amp; try")))
    assert not same_post(ours, Seen("Which first?", {}, options=("Tag & try", "Lock")))
    assert not same_post(ours, Seen("Which first?", {}))
    assert not same_post(Sent("Which first?"), Seen("Which first?", {}, options=("Lock",)))


def test_an_account_says_why_it_is_silent() -> None:
    assert ACCOUNT.why_silent(NOW) == ""
    assert "halted" in replace(ACCOUNT, halted_at=NOW).why_silent(NOW)
    assert "unproven" in replace(ACCOUNT, state=AccountState.UNPROVEN).why_silent(NOW)
    paused = replace(ACCOUNT, state=AccountState.PAUSED, paused_reason="locked by X")
    assert "locked by X" in paused.why_silent(NOW)
    assert replace(paused, paused_until=NOW).why_silent(NOW) == ""
    assert replace(paused, paused_until=NOW + timedelta(seconds=1)).why_silent(NOW)


def test_only_an_account_on_loopback_is_on_this_machine() -> None:
    assert not ACCOUNT.on_this_machine
    assert replace(ACCOUNT, base_url="http://127.0.0.1:8401").on_this_machine


def test_a_hold_keeps_back_posts_to_all_and_no_reply_to_somebody() -> None:
    account = replace(ACCOUNT, read_at=NOW)
    held = Circumstances(cohort_state=CohortState.RUNNING, hold_reason="stocktaking")
    assert judge(ITEM, account, held, 300, NOW) == Verdict(Ruling.WAIT, "the cohort is on hold: stocktaking")
    assert judge(replace(ITEM, inbound_id=3), account, held, 300, NOW).ruling is Ruling.GO
    assert judge(ITEM, account, replace(held, hold_reason=None), 300, NOW).ruling is Ruling.GO
