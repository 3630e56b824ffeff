"""Events as values: when they are, what is posted of them, what search is asked for, what the record shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.gathering.backchannel import LONGEST_QUERY, REACH, Feed, bears, packed, stretch, thread_term
from reinforce.domain.gathering.events import Event, EventKind, NoticeKind, Phase, held_until, notices
from reinforce.domain.gathering.record import EventRecord, Known, OurWords, make_record
from reinforce.domain.gathering.time_marks import spoken, time_mark
from reinforce.domain.listening.inbound import Inbound, made_at, oldest_id_at
from reinforce.domain.listening.intents import Intent
from reinforce.domain.texts.naming_guard import NamingGuard, PersonMarks

NOON = datetime(2026, 3, 4, 12, 0)  # noqa: DTZ001 - wall-clock time
OPENS = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)  # noon in Berlin
HOUR = timedelta(hours=1)


def event(**changes: object) -> Event:
    values: dict[str, object] = {
        "id": 1,
        "slug": "live",
        "title": "Lockout, live",
        "cohort_id": 1,
        "kind": EventKind.LIVE,
        "hashtag": "lockoutlive",
        "link": "",
        "zone": "Europe/Berlin",
        "starts": NOON,
        "ends": NOON + HOUR,
        "announce_at": OPENS - 72 * HOUR,
        "reminders": (24, 1),
        "created_at": OPENS - 80 * HOUR,
    }
    return Event(**{**values, **changes})  # type: ignore[arg-type]


# --- times ----------------------------------------------------------------------------------------------------------


def test_what_is_said_between_opening_and_closing_belongs_to_it() -> None:
    one = event(opened_at=OPENS - HOUR, closed_at=OPENS + HOUR / 2)
    held = [one.holds(OPENS + hours * HOUR) for hours in (-1.5, -1, 0, 0.49, 0.5)]
    assert held == [False, True, True, True, False]
    assert not event(cancelled_at=OPENS).holds(OPENS)
    assert [one.phase(OPENS + at * HOUR) for at in (-2, 0, 1)] == [Phase.AHEAD, Phase.OPEN, Phase.OVER]


def test_its_posts_come_in_order_and_each_ends_before_the_next() -> None:
    found = notices(event())
    assert [(one.kind, one.hours) for one in found] == [
        (NoticeKind.ANNOUNCEMENT, 0),
        (NoticeKind.REMINDER, 24),
        (NoticeKind.REMINDER, 1),
        (NoticeKind.START, 0),
    ]
    assert [one.at for one in found] == [OPENS - 72 * HOUR, OPENS - 24 * HOUR, OPENS - HOUR, OPENS]
    assert found[1].until == found[2].at
    assert found[2].until == OPENS


def test_a_recording_reminds_of_its_end_and_only_while_it_can_be_watched() -> None:
    one = event(kind=EventKind.RECORDING, ends=NOON + timedelta(days=21), reminders=(72, 24 * 30))
    reminders = [notice.at for notice in notices(one) if notice.kind is NoticeKind.REMINDER]
    assert reminders == [OPENS + timedelta(days=18)]


@given(st.sets(st.integers(1, 1440), max_size=6), st.booleans(), st.integers(0, 200))
def test_no_reminder_comes_before_the_first_news_or_after_the_event(
    hours: set[int], recording: bool, ahead: int
) -> None:
    kind = EventKind.RECORDING if recording else EventKind.LIVE
    one = event(kind=kind, reminders=tuple(hours), announce_at=OPENS - ahead * HOUR, ends=NOON + 500 * HOUR)
    found = [notice for notice in notices(one) if notice.kind is NoticeKind.REMINDER]
    end = one.closes_at if recording else one.opens_at
    first = one.opens_at if recording else one.announce_at
    assert first is not None
    assert all(first < notice.at < notice.until <= end for notice in found)
    assert len({notice.occurrence(1) for notice in found}) == len(found)


def test_a_cancelled_event_has_one_thing_to_say() -> None:
    (news,) = notices(event(cancelled_at=OPENS - 5 * HOUR))
    assert news.kind is NoticeKind.CANCELLED
    assert held_until(event(), {7: 48}) == {7: OPENS + 49 * HOUR}
    assert held_until(event(cancelled_at=OPENS), {7: 48}) == {7: None}


# --- time marks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("12:30 why red?", "12:30"),
        ("at 1:02:03, the lock", "1:02:03"),
        ("(75:10) unclear", "1:15:10"),
        ("see 3:05 and 4:10", "3:05"),
        ("um 12:30 Uhr ist Pause", None),
        ("we start at 2:30 pm", None),
        ("ratio 1:3", None),
        ("12:75", None),
        ("10.12:30:11:12", None),
        ("v1:02:03.4", None),
        ("nothing", None),
    ],
)
def test_a_mark_is_told_from_a_time_of_day(text: str, mark: str | None) -> None:
    found = time_mark(text)
    assert (None if found is None else spoken(found)) == mark


@given(st.integers(0, 99 * 3600))
def test_a_mark_that_is_written_is_read(seconds: int) -> None:
    length = timedelta(seconds=seconds)
    assert time_mark(f"At {spoken(length)}: why?") == length


# --- searching ------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(1, 2**62), st.integers(0, 3), st.sampled_from([None, 5, 9])), max_size=60))
def test_queries_are_as_long_as_x_takes_them_and_leave_no_term_out(terms: list[tuple[int, int, int | None]]) -> None:
    feeds = [
        Feed(f"{thread_term(key)}{place}", since, top_id=until, until_id=until, at=OPENS if since else None)
        for place, (key, since, until) in enumerate(terms)
    ]
    queries = packed(feeds)
    assert all(0 < len(query) <= LONGEST_QUERY for query, _ in queries)
    assert sorted(feed.term for _, served in queries for feed in served) == sorted(feed.term for feed in feeds)
    assert all(query == " OR ".join(feed.term for feed in served) for query, served in queries)
    assert all(len({feed.stand for feed in served}) == 1 for _, served in queries)


@given(st.integers(0, 60 * 24), st.integers(0, 60 * 24), st.booleans())
def test_search_is_never_asked_beyond_its_reach_and_what_is_lost_is_said(read: int, later: int, swept: bool) -> None:
    one = event(kind=EventKind.RECORDING, ends=NOON + timedelta(days=60), sweep_at=OPENS if swept else None)
    now = OPENS + (read + later) * HOUR
    feed = Feed("#x", oldest_id_at(OPENS + read * HOUR), at=OPENS)
    wanted = stretch([feed], one, now)
    assert made_at(wanted.since_id) >= now - REACH
    assert made_at(wanted.since_id) >= OPENS
    nothing_lost = later * HOUR < REACH - timedelta(minutes=5)
    assert (wanted.lost is None) == nothing_lost
    if nothing_lost:
        assert wanted.since_id <= feed.since_id


def test_a_hashtag_is_the_same_however_it_is_written_and_no_part_of_another() -> None:
    assert bears("so #LockOutLive!", "lockoutlive")
    assert not bears("#lockoutlive2 lockoutlive example.com/#lockoutlive", "lockoutlive")


# --- the record -----------------------------------------------------------------------------------------------------


def said(
    number: int,
    author: int,
    text: str,
    *,
    minute: float = 0,
    to: int | None = None,
    root: int | None = None,
    intents: tuple[Intent, ...] = (Intent.COMMENT,),
    handle: str = "",
) -> Inbound:
    at = OPENS + timedelta(minutes=minute)
    return Inbound(
        id=number,
        account_id=1,
        remote_id=number,
        author_remote_id=author,
        author_handle=handle,
        learner_id=None,
        outbox_id=None,
        in_reply_to=to,
        conversation_id=root or number,
        text=text,
        created_at=at,
        received_at=at,
        intents=intents,
        why="",
        rating=None,
        graded_at=at,
        needs_person=False,
    )


KIM = PersonMarks(2, "Kim Reyes", "kim_r", "E-1002")
KNOWN = Known({1: "Pat Moreau"}, "acme", NamingGuard([KIM]), frozenset({"acme", "pat_m"}))


def record(posts: list[Inbound], ours: list[OurWords] | None = None, answered: tuple[int, ...] = (), **changes: object
           ) -> EventRecord:  # fmt: skip
    return make_record(event(**changes), posts, ours or [], answered, KNOWN, [])


def lines(made: EventRecord) -> list[str]:
    return [f"{'  ' * line.depth}{line.who}: {line.text}" for thread in made.threads for line in thread]


def test_it_is_in_order_of_time_with_its_threads() -> None:
    made = record(
        [
            said(10, 2, "first", minute=1),
            said(20, 1, "second", minute=2),
            said(30, 3, "to the first", minute=3, to=10, root=10),
            said(40, 2, "deeper", minute=4, to=30, root=10),
            said(50, 1, "beside it", minute=5, to=10, root=10),
            said(60, 3, "parent unknown", minute=6, to=55, root=20),
        ]
    )
    assert lines(made) == [
        "Participant 1: first",
        "  Participant 2: to the first",
        "    Participant 1: deeper",
        "  Pat Moreau: beside it",
        "Pat Moreau: second",
        "  Participant 2: parent unknown",
    ]
    assert (made.said, made.participants) == (6, 3)


def test_a_recording_goes_by_its_own_time_and_what_has_no_mark_comes_last() -> None:
    posts = [
        said(10, 2, "1:02:03 the end", minute=1),
        said(20, 2, "no mark", minute=2),
        said(30, 2, "12:30 the middle", minute=3),
        said(40, 2, "and 99:59 in a reply", minute=4, to=30, root=30),
    ]
    made = record(posts, kind=EventKind.RECORDING)
    assert [thread[0].text for thread in made.threads] == ["12:30 the middle", "1:02:03 the end", "no mark"]


def test_an_answer_stands_below_its_question_wherever_it_was_posted() -> None:
    asked = said(10, 2, "who?", minute=1, intents=(Intent.QUESTION,))
    other = said(20, 3, "when?", minute=2, intents=(Intent.QUESTION,))
    made = record([asked, other], [OurWords(99, None, OPENS + HOUR / 2, "The owner.", answers=10)], (10,))
    assert lines(made) == ["Participant 1: who?", "  @acme: The owner.", "Participant 2: when?"]
    assert [line.answered for line in made.asked] == [True, False]
    assert (made.questions, made.answered) == (2, 1)


def test_wishes_and_answers_are_left_out_and_counted() -> None:
    made = record(
        [
            said(10, 2, "stop", intents=(Intent.STOP,)),
            said(20, 3, "B", intents=(Intent.ANSWER,)),
            said(30, 1, "B. But why?", intents=(Intent.ANSWER, Intent.QUESTION)),
        ]
    )
    assert lines(made) == ["A participant: B. But why?"]
    assert made.left_out == {"wishes to the account": 1, "answers to questions": 1}


def test_a_circle_of_answers_is_still_shown_once() -> None:
    made = record([said(10, 2, "a", minute=1, to=20), said(20, 2, "b", minute=1, to=10)])
    assert sorted(line.text for thread in made.threads for line in thread) == ["a", "b"]


TEXTS = [
    "ask @kim_r or @pat_m",
    "Kim Reyes knows",
    "kim reyes!",
    "E-1002",
    "KIM  REYES",
    "Kím Reyes",
    "@Kim_R @visitor",
]


@given(
    st.lists(st.tuples(st.integers(1, 5), st.sampled_from([*TEXTS, "yes", "12:30 no", "\u202eevil", ""])), max_size=12)
)
def test_nobody_is_named_who_did_not_agree(pairs: list[tuple[int, str]]) -> None:
    posts = [said(10 * place, author, text, minute=place, handle="kim_r" if author == 2 else "")
             for place, (author, text) in enumerate(pairs, start=1)]  # fmt: skip
    made = record(posts)
    shown = "\n".join(f"{line.who} {line.text}" for thread in made.threads for line in thread)
    assert not NamingGuard([KIM]).find(shown)
    assert "kim_r" not in shown.lower()
    assert "\u202e" not in shown
    assert "@visitor" not in shown
    assert made.said == len(pairs)
    by_author: dict[int, set[str]] = {}
    for thread in made.threads:
        for line in thread:
            author = next(post.author_remote_id for post in posts if post.created_at == line.at)
            by_author.setdefault(author, set()).add(line.who)
    assert all(len(names) == 1 for names in by_author.values())
    assert len({name for names in by_author.values() for name in names}) == len(by_author)


def test_the_same_handle_is_called_the_same_in_a_text() -> None:
    made = record([said(10, 2, "hi", minute=1, handle="kim_r"), said(20, 3, "@kim_r hello @pat_m", minute=2)])
    assert lines(made) == ["Participant 1: hi", "Participant 2: @Participant 1 hello @pat_m"]
