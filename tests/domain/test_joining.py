"""Open cohorts: what asks to join, and who may."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.content.lexicon_file import read_lexicons
from reinforce.domain.accounts.account import AccountRecord, AccountState
from reinforce.domain.authoring.confidentiality import may_carry
from reinforce.domain.cohort import LIVE, Answers, Cause, Cohort, CohortState, EnrollmentState, Opening
from reinforce.domain.enrolling.joining import (
    Asker,
    Crowd,
    Outcome,
    Said,
    asks_to_join,
    decide,
    joinable_since,
    may_come_back,
    window,
)
from reinforce.domain.enrolling.moves import allowed
from reinforce.domain.listening.intent import Intent
from reinforce.domain.listening.lexicon import Lexicon
from reinforce.domain.nugget import Confidentiality
from reinforce.domain.texts.naming_guard import NamingGuard, PersonMarks
from reinforce.shipped import shipped

TAG = "lockoutbasics"
DAY = timedelta(days=1)
START = date(2026, 3, 2)
OPEN = Cohort(
    *(1, "c", "C", 1, "Europe/Berlin", "en", CohortState.RUNNING, Answers.REPLIES, "s", 0, None, None, ""),
    opening=Opening(TAG, most=5, an_hour=3),
)
DAYS = st.dates(START, START + 60 * DAY)
MAYBE = st.none() | DAYS
cohorts = st.builds(
    replace,
    st.just(OPEN),
    opens_on=MAYBE,
    closes_on=MAYBE,
    ends_on=MAYBE,
    state=st.sampled_from(CohortState),
)
states = st.none() | st.sampled_from(EnrollmentState)
askers = st.builds(
    Asker, states, st.sampled_from(Cause), stopped=st.booleans(), erased=st.booleans(), by_word=st.booleans()
)
crowds = st.builds(Crowd, st.integers(0, 8), st.integers(0, 8))


@cache
def _lexicon() -> Lexicon:
    return read_lexicons(shipped("templates") / "lexicon")


@given(cohorts, askers, crowds, DAYS)
def test_nobody_comes_in_beyond_the_limits_the_window_and_a_person_s_word(
    cohort: Cohort, asker: Asker, crowd: Crowd, day: date
) -> None:
    assert cohort.opening is not None
    outcome = decide(cohort, asker, crowd, day)
    if asker.erased or (asker.stopped and not asker.by_word):
        assert outcome is Outcome.REFUSED
    if outcome is Outcome.JOINED:
        assert asker.state is None
        assert window(cohort, day) is None
        assert crowd.lately < cohort.opening.an_hour
    if outcome in (Outcome.JOINED, Outcome.BACK) and asker.state not in LIVE:
        assert crowd.members < cohort.opening.most
    if outcome is Outcome.BACK and asker.state not in LIVE:
        assert asker.state is not None
        assert may_come_back(asker.state, asker.cause)
        assert allowed(asker.state, EnrollmentState.ENROLLED, Cause.JOINED)
    if outcome is Outcome.WAITING:  # nothing but the crowd is in the way: they come in when it is gone
        assert decide(cohort, asker, replace(crowd, lately=0), day) is Outcome.JOINED
    assert (outcome is Outcome.THERE) <= (asker.state in LIVE and not asker.stopped)


@given(st.sampled_from(EnrollmentState), st.sampled_from(Cause))
def test_whom_a_person_took_out_does_not_come_back_by_their_own_word(state: EnrollmentState, cause: Cause) -> None:
    if cause in (Cause.PERSON, Cause.MOVED) and state is EnrollmentState.WITHDRAWN:
        assert not may_come_back(state, cause)
    if may_come_back(state, cause):
        assert state not in LIVE


@given(cohorts, DAYS, DAYS)
def test_search_is_made_only_while_somebody_may_join(cohort: Cohort, made: date, today: date) -> None:
    def noon(day: date) -> datetime:
        return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)

    since = joinable_since(cohort, noon(made), noon(today))
    assert (since is None) == (window(cohort, today) is not None)
    assert since is None or since >= noon(made)


@pytest.mark.parametrize(
    "text",
    ["join", "Count me in!", "Great. I'm in", "I'd like to join", "mitmachen", "ich bin dabei", "anmelden",
     "je participe", "je veux participer", "me apunto", "quiero participar", "unirme", "join again please"],
)  # fmt: skip
def test_a_phrase_of_joining_joins_where_it_is_said_to_us_or_beside_the_hashtag(text: str) -> None:
    assert asks_to_join(Said(text, mentions_us=True, alone=False), TAG, _lexicon())
    assert asks_to_join(Said(f"{text} #LOCKOUTBASICS", mentions_us=False, alone=True), TAG, _lexicon())
    assert not asks_to_join(Said(text, mentions_us=False, alone=True), TAG, _lexicon())
    assert not asks_to_join(Said(text, mentions_us=True, alone=False, aside=True), TAG, _lexicon())


@pytest.mark.parametrize(
    "text",
    ["can I join?", "how do I join?", "my code is", "code", "B", "got it", "who joins the two parts?", "leave", "stop"],
)
def test_what_does_not_ask_to_join_does_not(text: str) -> None:
    assert not asks_to_join(Said(text, mentions_us=True, alone=False), TAG, _lexicon())


def test_the_hashtag_alone_joins_in_a_post_of_ones_own_that_mentions_us_and_asks_nothing() -> None:
    said = Said(f"@careers hello #{TAG}", mentions_us=True, alone=True)
    assert asks_to_join(said, TAG, _lexicon())
    others = (
        replace(said, alone=False),
        replace(said, mentions_us=False),
        replace(said, text="@careers hello #lockout"),
        *(replace(said, intents=(one,)) for one in (Intent.QUESTION, Intent.LOOKUP, Intent.STOP, Intent.PAUSE)),
    )
    assert not any(asks_to_join(one, TAG, _lexicon()) for one in others)


@given(st.sampled_from(Confidentiality), st.sampled_from([None, True, False]))
def test_an_account_of_open_cohorts_carries_nothing_internal_whatever_x_says_of_it(
    kind: Confidentiality, protected: bool | None
) -> None:
    account = AccountRecord(
        *(1, "careers", "http://127.0.0.1:1", "careers", 1, kind, protected, AccountState.ACTIVE),
        *("", None, None, None),
        open_cohorts=True,
    )
    assert not may_carry(account, Confidentiality.INTERNAL)
    assert may_carry(account, Confidentiality.PUBLIC)


def test_a_handle_that_is_a_word_silences_nothing_unless_it_is_addressed() -> None:
    guard = NamingGuard([PersonMarks(1, "", "question", only_at=True)])
    assert guard.find("One question a day.") == ()
    assert [one.learner_id for one in guard.find("Thanks, @question!")] == [1]
