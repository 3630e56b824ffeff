"""What a learner's replies to one post are worth, and whom may be replied to and named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.listening.consent import Standing, may_name, may_reply
from reinforce.domain.listening.inbound import Heard, evidence_of, oldest_id_at
from reinforce.domain.listening.intents import Intent
from reinforce.domain.planning.exposure import EvidenceKind

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

_HEARD = st.lists(
    st.builds(
        Heard,
        st.integers(1, 9),
        st.lists(st.sampled_from(list(Intent)), min_size=1, max_size=3, unique=True).map(tuple),
        st.sampled_from([True, False, None]),
        st.integers(0, 5).map(lambda minutes: AT + timedelta(minutes=minutes)),
    ),
    max_size=6,
)


def evidence(*replies: tuple[tuple[Intent, ...], bool | None]) -> list[tuple[EvidenceKind, int]]:
    heard = [Heard(n, intents, right, AT) for n, (intents, right) in enumerate(replies)]
    return [(one.kind, one.rating) for one in evidence_of(heard, guess=0.25, revealed_at=None)]


def test_the_first_gradable_answer_counts() -> None:
    answer = (Intent.ANSWER,)
    assert evidence((answer, None), (answer, False), (answer, True)) == [(EvidenceKind.ANSWER, 1)]


def test_an_answer_ends_what_words_can_say() -> None:
    assert evidence(((Intent.ANSWER,), True), ((Intent.NOT_SURE,), None), ((Intent.GOT_IT,), None)) == [
        (EvidenceKind.ANSWER, 3)
    ]


def test_got_it_after_not_sure_takes_nothing_back() -> None:
    assert evidence(((Intent.NOT_SURE,), None), ((Intent.GOT_IT,), None)) == [(EvidenceKind.NOT_SURE, 1)]


@given(_HEARD)
def test_each_kind_of_evidence_counts_at_most_once_a_post(replies: list[Heard]) -> None:
    found = evidence_of(replies, guess=0.25, revealed_at=None)
    kinds = [one.kind for one in found]
    assert kinds.count(EvidenceKind.ANSWER) <= 1
    assert kinds.count(EvidenceKind.ACKNOWLEDGEMENT) <= 1
    assert sum(kind in (EvidenceKind.NOT_SURE, EvidenceKind.QUESTION) for kind in kinds) <= 1
    assert all(one.rating in (1, 3) for one in found)


@given(_HEARD, st.integers(0, 5))
def test_nothing_after_the_reveal_is_evidence(replies: list[Heard], minutes: int) -> None:
    revealed_at = AT + timedelta(minutes=minutes)
    replies = sorted(replies, key=lambda reply: reply.at)
    assert all(one.at < revealed_at for one in evidence_of(replies, guess=0.25, revealed_at=revealed_at))


def test_ids_grow_with_time_and_hold_it() -> None:
    assert oldest_id_at(AT) < oldest_id_at(AT + timedelta(milliseconds=1))
    assert oldest_id_at(datetime(2000, 1, 1, tzinfo=UTC)) == 0


def test_nobody_who_wants_quiet_is_replied_to() -> None:
    later = AT + timedelta(days=1)
    quiet = [
        Standing(stopped_at=AT),
        Standing(snoozed_until=later),
        Standing(replies_paused_at=AT),
        Standing(replied_already=True),
        Standing(mentions_us=False),
    ]
    assert [may_reply(person, AT)[0] for person in quiet] == [False] * 5
    assert all(may_reply(person, AT)[1] for person in quiet)
    assert may_reply(Standing(snoozed_until=later), later) == (True, "")


def test_only_who_agreed_is_named_and_nobody_who_said_stop() -> None:
    assert may_name(Standing(naming_consent=True)) == (True, "")
    assert not may_name(Standing())[0]
    assert not may_name(Standing(naming_consent=True, stopped_at=AT))[0]
