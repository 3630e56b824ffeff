"""What a text mentions, when two texts are the same one, and which wording is next."""

from __future__ import annotations

import hashlib
import html
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.nugget import Wording
from reinforce.domain.texts.wording import (
    cashtags,
    hashtags,
    links,
    mentions,
    next_wordings,
    normalise,
    runs_out_on,
    same_text,
    text_hash,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
NINETY_DAYS = timedelta(days=90)


@pytest.mark.parametrize(("text", "handles"), [
    ("@ann and @bob_2", ("ann", "bob_2")),
    (".@ann (@bob) “@cid”", ("ann", "bob", "cid")),
    ("RT@ann rt:@bob", ("ann", "bob")),
    ("施錠は@annに", ("ann",)),
    ("＠ann", ("ann",)),
    ("ann@example.com, a_@bob, &@cid", ()),
    ("@ann@example.com", ()),
    ("@annÉ", ()),
    ("@https://example.com", ()),
    ("https://example.com/@ann", ()),
    ("no handle @ all", ()),
    ("cafe\u0301 @ann", ("ann",)),
])  # fmt: skip
def test_mentions_are_those_x_would_notify(text: str, handles: tuple[str, ...]) -> None:
    assert mentions(text) == handles


@pytest.mark.parametrize(("text", "tags"), [
    ("#lock and #tag_2, #3rd", ("lock", "tag_2", "3rd")),
    ("#Prüfung #施錠 ＃замок", ("Prüfung", "施錠", "замок")),
    ("#12 #_ # lock a#b &#c", ()),
    ("#lock#tag", ()),
    ("#https://example.com/ example.com/#lock", ()),
    ("🔒#lock #\u20e3", ("lock",)),
])  # fmt: skip
def test_hashtags_are_those_x_would_link(text: str, tags: tuple[str, ...]) -> None:
    assert hashtags(text) == tags


@pytest.mark.parametrize(("text", "tags"), [
    ("$ABC and $abc.d, $XY_z", ("ABC", "abc.d", "XY_z")),
    ("$100 $A1 x$ABC $$ABC $TOOLONGTAG", ()),
    ("$ABC: up", ("ABC",)),
])  # fmt: skip
def test_cashtags_are_those_x_would_count(text: str, tags: tuple[str, ...]) -> None:
    assert cashtags(text) == tags


def test_links_are_as_written() -> None:
    assert links("See Example.com/a and https://b.org.") == ("Example.com/a", "https://b.org")


@pytest.mark.parametrize(("ours", "theirs"), [
    ("Lock & tag <first>", "Lock &amp; tag &lt;first&gt;"),
    ("R&D &amp; Q", "R&amp;D &amp;amp; Q"),
    ("line one\n\nline  two ", "line one line two"),
    ("café", "cafe\u0301"),
    ("a\u00a0b", "a b"),
])  # fmt: skip
def test_what_x_gives_back_is_our_text(ours: str, theirs: str) -> None:
    assert same_text(ours, theirs)
    assert text_hash(ours) == text_hash(theirs)


def test_short_links_are_read_as_what_they_stand_for() -> None:
    stands_for = {"https://t.co/AbC1": "http://example.com/a?b=1&c", "https://t.co/pic": ""}
    assert same_text("See example.com/a?b=1&c!", "See https://t.co/AbC1!", stands_for)
    assert same_text("See https://example.com/a?b=1&c", "See https://t.co/AbC1 https://t.co/pic", stands_for)
    assert not same_text("See example.com/b", "See https://t.co/AbC1", stands_for)
    assert not same_text("See example.com/a?b=1&c", "See https://t.co/AbC1")


@pytest.mark.parametrize(("one", "other"), [
    ("Lock it.", "Lock it"),
    ("Lock it.", "lock it."),
    ("Lockit", "Lock it"),
    ("1 < 2", "1 > 2"),
    ("cafe", "café"),
])  # fmt: skip
def test_other_texts_are_other_texts(one: str, other: str) -> None:
    assert not same_text(one, other)
    assert text_hash(one) != text_hash(other)


def test_a_hash_is_the_sha256_of_the_normalised_text() -> None:
    assert text_hash(" Lock \n it ") == hashlib.sha256(b"Lock it").hexdigest()
    assert len(text_hash("\ud800")) == 64


@given(st.text(max_size=80))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(max_size=80))
def test_x_escaping_a_text_never_makes_it_another(text: str) -> None:
    escaped = html.escape(unicodedata.normalize("NFC", text), quote=False)
    assert same_text(text, escaped)


WORDINGS = {7: Wording("a"), 3: Wording("b"), 5: Wording("c"), 9: Wording("d", language="de"), 4: Wording("e")}


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def test_wordings_never_posted_come_first_then_the_longest_unused() -> None:
    used = {7: days_ago(100), 3: days_ago(200)}
    assert next_wordings(WORDINGS, used, NOW, NINETY_DAYS, "en") == (4, 5, 3, 7)


def test_a_wording_comes_back_no_sooner_than_repeat_after() -> None:
    used = {7: days_ago(90), 3: days_ago(89.999), 5: days_ago(1), 4: days_ago(0)}
    assert next_wordings(WORDINGS, used, NOW, NINETY_DAYS, "en") == (7,)


def test_a_cohort_gets_wordings_of_its_own_language_only() -> None:
    assert next_wordings(WORDINGS, {}, NOW, NINETY_DAYS, "de-AT") == (9,)
    assert next_wordings(WORDINGS, {}, NOW, NINETY_DAYS, "fr") == ()


def test_wordings_run_out_on_the_first_day_that_finds_none() -> None:
    planned = [NOW + timedelta(days=7 * i) for i in range(30)]
    assert runs_out_on(WORDINGS, {}, planned, NINETY_DAYS, "en") == planned[4]
    assert runs_out_on(WORDINGS, {4: NOW}, planned, NINETY_DAYS, "en") == planned[3]
    assert runs_out_on(WORDINGS, {}, planned, timedelta(days=28), "en") is None
    assert runs_out_on({}, {}, planned, NINETY_DAYS, "en") == planned[0]
    assert runs_out_on({}, {}, [], NINETY_DAYS, "en") is None


@given(
    st.dictionaries(st.integers(0, 12), st.sampled_from([Wording("x"), Wording("y", language="de")])),
    st.dictionaries(st.integers(0, 12), st.integers(0, 200).map(days_ago)),
    st.integers(0, 120),
)
def test_the_order_of_wordings_depends_on_nothing_but_its_arguments(
    wordings: dict[int, Wording], used: dict[int, datetime], days: int
) -> None:
    rest = timedelta(days=days)
    order = next_wordings(wordings, used, NOW, rest, "en")
    assert order == next_wordings(dict(reversed(wordings.items())), dict(reversed(used.items())), NOW, rest, "en")
    assert set(order) == {
        key for key, one in wordings.items() if one.language == "en" and (key not in used or NOW - used[key] >= rest)
    }
    instants = [used.get(key, datetime.min.replace(tzinfo=UTC)) for key in order]
    assert instants == sorted(instants)
