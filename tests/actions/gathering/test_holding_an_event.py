"""An event from its creation to its record, on the practice account."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

import reinforce.cli  # noqa: F401 - adds the verbs
from reinforce.actions.gathering.announce import announce
from reinforce.actions.gathering.arrange import (
    NewEvent,
    cancel_event,
    close_event,
    create_event,
    open_event,
    preview_event,
)
from reinforce.actions.operating.diagnose.work import events as event_findings
from reinforce.actions.planning.post_now import post_now
from reinforce.actions.planning.preview import preview
from reinforce.actions.sending.cancel import cancel
from reinforce.cli.house import main_group
from reinforce.domain.cohort import ConsentKind
from reinforce.domain.errors import Conflict, NotAllowed, ReinforceError
from reinforce.domain.gathering.events import EventKind, Phase
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.gathering import backchannel
from reinforce.store.people import cohorts, people
from reinforce.store.sending import outbox
from tests.actions.gathering.conftest import NOON, Session


def verb(session: Session, *arguments: str, fails: bool = False) -> str:
    """Run a verb in this process; what it printed."""
    settings = session.house.settings
    place = {"REINFORCE_DATABASE_URL": settings.resolved_database_url}
    done = CliRunner().invoke(main_group, ["--workspace", str(settings.workspace), *arguments], env=place)
    assert (done.exit_code != 0) == fails, done.output
    return done.output


def test_it_is_announced_reminded_of_and_started_once_with_its_link(sqlite_session: Session) -> None:
    session = sqlite_session
    plan = session.arrange(link="https://example.com/stream", reminders=(2,))
    assert [post.price_micros for post in plan.posts] == [15_000, 15_000, 200_000]
    for hour in (9, 10, 11, 12):
        session.at(hour, 1, ticks=2)
    posted = {form: session.ours(f"event_{form}") for form in ("announcement", "reminder", "start")}
    assert [len(one) for one in posted.values()] == [1, 1, 1]
    assert "Monday 2 March, 12:00" in posted["announcement"][0]["text"]
    assert "https://example.com/stream" in posted["start"][0]["text"]
    assert posted["start"][0]["cost"] == 200_000
    assert all("#lockoutlive" in one[0]["text"] for one in posted.values())
    assert session.practice.state()["breaches"] == []


def test_a_link_is_not_agreed_to_by_itself(sqlite_session: Session) -> None:
    arguments = ["event", "create", "live", "--cohort", "press-shop", "--title", "Lockout, live", "--hashtag",
                 "lockoutlive", "--starts", "2026-03-02 12:00", "--minutes", "60"]  # fmt: skip
    link = ["--link", "https://example.com/stream"]
    assert "$0.20" in verb(sqlite_session, *arguments, *link, "--json", fails=True)
    shown = verb(sqlite_session, *arguments, *link, fails=True)  # nobody says yes
    assert "$0.20" in shown
    assert "Together: $0.2" in shown
    assert json.loads(verb(sqlite_session, "event", "list", "--json")) == []
    made = json.loads(verb(sqlite_session, *arguments, *link, "--yes", "--json"))
    assert (made["event"], made["state"], made["opens_at"]) == ("live", "ahead", "2026-03-02T11:00:00+00:00")
    assert "in its own time" not in verb(sqlite_session, "event", "show", "live")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hashtag": "no tag"}, "no hashtag"),
        ({"hashtag": "1234"}, "no hashtag"),
        ({"title": ""}, "a title has"),
        ({"slug": "Live!"}, "can't be an event's name"),
        ({"link": "see example.com"}, "no web address"),
        ({"ends": NOON}, "end before it starts"),
        ({"starts": NOON - timedelta(days=3), "ends": NOON - timedelta(days=2)}, "over already"),
        ({"ends": NOON + timedelta(days=9)}, "too long for a live event"),
        ({"announce": NOON + timedelta(hours=1)}, "between now and its start"),
        ({"procedures": (("unheard-of", 1),)}, "learns no procedure"),
        ({"title": "Lockout with Kim Reyes"}, "names somebody"),
        ({"title": "Ask @kim_r"}, "mentions @kim_r"),
        ({"cohort": "press-shap"}, "press-shap"),
    ],
)
def test_what_can_not_be_is_refused_in_words(sqlite_refusals: Session, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ReinforceError, match=words):
        sqlite_refusals.arrange(**changes)


def test_two_events_do_not_share_a_hashtag_at_the_same_time(sqlite_session: Session) -> None:
    sqlite_session.arrange()
    with pytest.raises(Conflict, match="has #lockoutlive at the same time"):
        sqlite_session.arrange(slug="other", hashtag="LockoutLive", starts=NOON + timedelta(minutes=30))
    later = NOON + timedelta(hours=2)
    sqlite_session.arrange(slug="other", starts=later, ends=later + timedelta(hours=1))
    with pytest.raises(Conflict, match="an event other"):
        sqlite_session.arrange(slug="other", hashtag="another", starts=later, ends=later + timedelta(hours=1))


def test_it_is_opened_and_closed_by_hand(sqlite_session: Session) -> None:
    session, house = sqlite_session, sqlite_session.house
    session.arrange(reminders=())
    session.at(11, 30)
    opened = open_event(house.database, "live", actor="test", now=house.clock.now())
    assert opened.phase(house.clock.now()) is Phase.OPEN
    session.say("kim_r", "early bird #lockoutlive")
    session.at(11, 32, ticks=2)
    assert len(session.ours("event_start")) == 1
    with pytest.raises(Conflict, match="open already"):
        open_event(house.database, "live", actor="test", now=house.clock.now())
    close_event(house.database, "live", actor="test", now=house.clock.now())
    session.at(11, 40)
    session.say("kim_r", "after closing #lockoutlive")
    session.at(11, 50, ticks=3)
    assert [post.text for post in session.said()] == ["early bird #lockoutlive"]
    assert session.event().swept_at is not None
    open_event(house.database, "live", actor="test", now=house.clock.now())
    assert session.event().phase(house.clock.now()) is Phase.OPEN


def test_a_start_that_has_not_left_when_it_is_closed_never_leaves(sqlite_session: Session) -> None:
    session, house = sqlite_session, sqlite_session.house
    session.arrange(reminders=(), announced=False)
    house.clock.step_to(datetime(2026, 3, 2, 10, 30, tzinfo=UTC))
    now = house.clock.now()
    open_event(house.database, "live", actor="test", now=now)
    (start,) = announce(house.database, house.renderer, house.tariff, now=now).planned
    assert start.form == "event_start"
    close_event(house.database, "live", actor="test", now=now)
    session.at(11, 31, ticks=2)
    assert session.ours("event_start") == []
    with house.database.read() as connection:
        kept = outbox.items(connection, states=[State.CANCELLED])
    assert [(item.id, item.outcome) for item in kept] == [(start.id, "the event was closed")]


def test_an_event_that_is_opened_again_has_its_start_once_while_its_window_lasts(sqlite_session: Session) -> None:
    session, house = sqlite_session, sqlite_session.house
    session.arrange(reminders=(), announced=False)

    def by_hand(act: Any) -> None:
        act(house.database, "live", actor="test", now=house.clock.now())

    house.clock.step_to(datetime(2026, 3, 2, 10, 30, tzinfo=UTC))
    by_hand(open_event)
    by_hand(close_event)
    session.at(11, 35, ticks=2)  # its start is let go: it was over
    assert session.ours("event_start") == []
    by_hand(open_event)
    session.at(11, 36, ticks=2)
    assert len(session.ours("event_start")) == 1
    by_hand(close_event)
    session.at(11, 40, ticks=2)
    by_hand(open_event)
    session.at(11, 45, ticks=2)
    assert len(session.ours("event_start")) == 1


def test_a_reminder_that_was_about_to_leave_does_not_speak_of_an_event_that_was_opened_early(
    sqlite_session: Session,
) -> None:
    session, house = sqlite_session, sqlite_session.house
    session.arrange(reminders=(1,))
    session.at(9, 1, ticks=2)
    house.clock.step_to(datetime(2026, 3, 2, 9, 56, tzinfo=UTC))  # four minutes before the reminder
    (reminder,) = announce(house.database, house.renderer, house.tariff, now=house.clock.now()).planned
    assert reminder.form == "event_reminder"
    open_event(house.database, "live", actor="test", now=house.clock.now())
    session.at(11, 1, ticks=2)
    session.at(12, 1, ticks=2)
    assert [len(session.ours(f"event_{form}")) for form in ("announcement", "reminder", "start")] == [1, 0, 1]


def test_a_start_that_a_person_withdrew_stays_withdrawn(sqlite_session: Session) -> None:
    session, house = sqlite_session, sqlite_session.house
    session.arrange(reminders=(), announced=False)
    house.clock.step_to(datetime(2026, 3, 2, 10, 57, tzinfo=UTC))
    now = house.clock.now()
    (start,) = announce(house.database, house.renderer, house.tariff, now=now).planned
    cancel(house.database, start.id, actor="test", reason="the stream is down", now=now)
    session.at(12, 1, ticks=2)
    assert session.ours("event_start") == []


def test_nuggets_that_were_let_go_after_an_event_wait_again_when_it_goes_on(sqlite_session: Session) -> None:
    session, house = sqlite_session, sqlite_session.house
    session.arrange(reminders=(), announced=False, follow_up=(("lockout/own-lock", 0),))
    session.at(12, 1)
    close_event(house.database, "live", actor="test", now=house.clock.now())
    session.at(12, 10)
    post_now(
        house.database, "lockout/own-lock", "press-shop", "reminder", "key", house.renderer, house.tariff,
        now=house.clock.now(), actor="test",
    )  # fmt: skip
    open_event(house.database, "live", actor="test", now=house.clock.now())
    with house.database.read() as connection:
        states = {item.outcome: item.state for item in outbox.items(connection) if item.nugget_id is not None}
    assert states["it follows an event now"] is State.CANCELLED


def test_a_cancelled_event_takes_its_posts_back_and_says_so(sqlite_session: Session) -> None:
    session, house = sqlite_session, sqlite_session.house
    session.arrange(reminders=(1,), follow_up=(("lockout/own-lock", 24),))
    session.at(9, 1, ticks=2)
    session.at(10, 58)
    cancel_event(house.database, "live", release=False, actor="test", now=house.clock.now())
    for minute in (0, 5):
        session.at(11, minute, ticks=2)
    session.at(12, 1, ticks=2)
    assert [len(session.ours(f"event_{form}")) for form in ("announcement", "reminder", "start", "cancelled")] == [
        1,
        0,
        0,
        1,
    ]
    assert "held back until it is let go" in verb(session, "event", "show", "live")
    verb(session, "event", "cancel", "live", "--release-follow-up")
    assert json.loads(verb(session, "event", "show", "live", "--json"))["follow_up"] == {}


def test_an_event_nobody_heard_of_is_cancelled_without_a_word(sqlite_session: Session) -> None:
    session, house = sqlite_session, sqlite_session.house
    session.arrange(announced=False, reminders=())
    cancel_event(house.database, "live", release=False, actor="test", now=house.clock.now())
    session.at(12, 1, ticks=2)
    assert session.ours("event_cancelled") == session.ours("event_start") == []


def test_nuggets_that_follow_an_event_wait_for_it(sqlite_session: Session) -> None:
    session, house = sqlite_session, sqlite_session.house
    assert preview(house.database, 1, house.renderer, house.tariff, now=house.clock.now(), days=2)
    plan = session.arrange(reminders=(), procedures=(("lockout", 48),), follow_up=(("lockout/own-lock", 24 * 6),))
    until = datetime(2026, 3, 2, 12, tzinfo=UTC) + timedelta(hours=48)
    assert set(plan.follow_up.values()) == {until, until + timedelta(days=4)}
    shown = preview(house.database, 1, house.renderer, house.tariff, now=house.clock.now(), days=14)
    found = [post for post in shown if post.nugget]
    assert found
    assert all(post.due_at >= until for post in found)
    own = [post.due_at for post in found if post.nugget.endswith("own-lock")]
    assert all(at >= until + timedelta(days=4) for at in own)
    session.at(9, 30, ticks=2)
    with house.database.read() as connection:
        reasons = connection.execute(select(t.quiet.c.reason)).scalars().all()
    assert any("follows an event" in reason for reason in reasons)


def test_a_daemon_that_did_not_run_for_a_week_leaves_a_gap_that_is_said(sqlite_session: Session) -> None:
    session, house = sqlite_session, sqlite_session.house
    session.arrange(kind=EventKind.RECORDING, ends=NOON + timedelta(days=28), reminders=())
    session.at(12, 1, ticks=2)
    session.say("kim_r", "12:30 seen #lockoutlive")
    session.at(12, 20, ticks=2)
    session.say("sana_o", "1:00 lost #lockoutlive")
    for day, level in ((7, "ok"), (9, "fail")):
        house.clock.step_to(datetime(2026, 3, day, 12, tzinfo=UTC))
        with house.database.read() as connection:
            assert [one.level for one in event_findings(connection, house.clock.now())] == [level]
    session.at(12, 0, day=14)
    session.say("tom_ach", "2:00 seen again #lockoutlive")
    session.at(12, 20, day=14, ticks=2)
    assert [post.text[:5] for post in session.said()] == ["12:30", "2:00 "]
    with house.database.read() as connection:
        ((begins, ends, _),) = backchannel.gaps(connection, session.event().id)
    assert begins <= datetime(2026, 3, 2, 11, 20, tzinfo=UTC) < ends < datetime(2026, 3, 7, 12, tzinfo=UTC)
    assert "Lost: what was said without a mention" in verb(session, "event", "show", "live")
    with house.database.read() as connection:
        assert [one.level for one in event_findings(connection, house.clock.now())] == ["warn"]


def test_a_reading_that_was_cut_off_goes_on_where_it_was(sqlite_session: Session) -> None:
    session, house = sqlite_session, sqlite_session.house
    session.arrange(reminders=(), announced=False)
    session.at(12, 0, ticks=2)
    for number in range(105):
        session.say("kim_r", f"remark {number} #lockoutlive")
    session.practice.fault("GET /2/tweets/search/recent", "server_errors", skip=1, count=1)
    session.at(12, 2)
    assert len(session.said()) == 100
    with house.database.read() as connection:
        read = {feed.term: feed.until_id for feed in backchannel.feeds(connection, session.event())}
    assert read["#lockoutlive -is:retweet"] == session.said()[0].remote_id
    session.say("sana_o", "and one more #lockoutlive")
    session.at(12, 3)
    session.at(12, 5)
    assert len({post.remote_id for post in session.said()}) == len(session.said()) == 106


def test_a_protected_account_says_that_search_does_not_show_it(protected_session: Session) -> None:
    session = protected_session
    plan = session.arrange(reminders=(), announced=False)
    assert any("protected" in note for note in plan.notes)
    session.at(12, 0, ticks=2)
    session.say("kim_r", "@acme_reinforce is the link right? #lockoutlive")
    session.at(12, 2, ticks=2)
    assert [post.mentions_us for post in session.said()] == [True]
    assert "search shows neither its posts" in verb(session, "event", "show", "live")


def test_the_record_names_only_who_agrees_at_this_moment(session: Session, tmp_path: Path) -> None:
    house = session.house
    session.arrange(reminders=(), announced=False)
    session.at(12, 0, ticks=2)
    session.say("kim_r", "<script>alert('x')</script> & [a](javascript:x) **b** #lockoutlive")
    asked = session.say("pat_m", "@acme_reinforce Who removes a lock? Kim Reyes said me. #lockoutlive")
    session.say("sana_o", "@kim_r and @pat_m, see you", reply_to=asked)
    session.say("tom_ach", "stop", reply_to=int(session.ours("event_start")[0]["id"]))
    session.at(12, 2, ticks=2)
    session.at(13, 15, ticks=3)
    out = tmp_path / "records"
    made = json.loads(verb(session, "event", "record", "live", "--out", str(out), "--json"))
    assert (made["said"], made["questions"], made["answered"]) == (3, 1, 0)
    assert made["left_out"] == {"wishes to the account": 1}
    page, text = (out / "live.html").read_text("utf-8"), (out / "live.md").read_text("utf-8")
    for written in (page, text):
        assert "Pat Moreau" in written
        assert not re.search("kim_r|Kim Reyes|sana_o|Okafor", written)
        assert "<script" not in written
        assert "Participant 1" in written
        assert "open" in written
    assert "https://" not in page.replace("https://www.w3.org", "")
    assert "\\[a\\]\\(javascript" in text
    with house.database.write() as connection:
        pat = people.learners_by_handle(connection, "pat_m")[0]
        people.withdraw_consent(connection, pat.id, ConsentKind.NAMING, house.clock.now())
    verb(session, "event", "record", "live", "--out", str(out))
    assert not re.search("Pat Moreau|pat_m", (out / "live.html").read_text("utf-8"))


def test_a_preview_changes_nothing(sqlite_session: Session) -> None:
    session, house = sqlite_session, sqlite_session.house
    made = session.arrange()
    with pytest.raises(Conflict):
        session.arrange()
    assert made.event.id == 1
    with house.database.write() as connection:
        connection.execute(update(t.event).values(cancelled_at=house.clock.now()))
        version = cohorts.cohort_by_slug(connection, "press-shop").version
    new = _new_event()
    plan = preview_event(house.database, new, house.renderer, house.tariff, now=house.clock.now())
    assert [post.form for post in plan.posts] == ["event_announcement", "event_start"]
    with house.database.read() as connection:
        assert cohorts.cohort_by_slug(connection, "press-shop").version == version
    with pytest.raises(NotAllowed, match="link"):
        create_event(
            house.database,
            _new_event(link="https://example.com"),
            house.renderer,
            house.tariff,
            agreed=False,
            actor="test",
            now=house.clock.now(),
        )


def _new_event(**changes: Any) -> NewEvent:
    return NewEvent("next", "Next", "press-shop", EventKind.LIVE, "next", NOON, NOON + timedelta(hours=1), **changes)
