"""Ninety days of three cohorts on one account: what was looked ahead to is what went out; where it is not,
evidence made the difference. ninety_days.py plays them; `make test` the first thirteen days, `make soak` all."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from reinforce.clock import Clock
from reinforce.content.lexicon_file import read_lexicons
from reinforce.daemon import Daemon
from reinforce.domain.sending.outbox import OutboxItem
from reinforce.practice.running import PracticeThread
from reinforce.settings import Settings
from reinforce.shipped import shipped
from reinforce.store.operating import audit
from tests.acceptance.hour import HourHouse
from tests.acceptance.ninety_days import A_DAY, A_WEEK, BEGIN, GAP, GROUPS, Foreseen, NinetyDays

SOAK = bool(os.environ.get("REINFORCE_SOAK"))
LADDER = "ladder-1-3-10-30-60"
LADDERS = [("sqlite", LADDER, 90), ("postgres", LADDER, 90)] if SOAK else [("sqlite", LADDER, 9)]
CAPPED = ("question", "poll", "reminder", "reveal")
UPDATES = ("opening", "days_left", "start", "halfway", "assessment_week", "completion")
Record = Callable[[str, object], None]


@pytest.fixture
def ninety(cadence: str, days: int, tmp_path: Path, migrated_url: str) -> Iterator[NinetyDays]:
    house = HourHouse(
        Settings(workspace=tmp_path / "workspace", database_url=migrated_url, listen_seconds=1, tick_seconds=0.05)
    )
    house.clock.step_to(BEGIN)
    house.lexicon = read_lexicons(shipped("templates") / "lexicon")
    house.make(rehearsal=True)
    practice = PracticeThread(house.settings.practice_folder, Clock(house.settings.clock_file)).start()
    made = NinetyDays(tmp_path, house, practice, Daemon(house), cadence, days)
    made.prepare()
    yield made
    made.daemon.leave()
    practice.stop()
    house.close()


@pytest.mark.timeout(1800 if SOAK else 300)
@pytest.mark.parametrize(("backend", "cadence", "days"), LADDERS)
def test_a_ladders_timeline_is_what_the_preview_said(ninety: NinetyDays, record_property: Record) -> None:
    ninety.play()
    posts = 0
    for seen in ninety.foreseen:
        came = _came(ninety, seen)
        assert came == _foreseen(seen), seen.after
        posts += len(came)
    record_property("posts_as_foreseen", posts)
    _require_promises(ninety)


if SOAK:

    @pytest.mark.timeout(1800)
    @pytest.mark.parametrize(("backend", "cadence", "days"), [("sqlite", "cohort-adaptive", 90)])
    def test_each_difference_from_a_preview_names_the_evidence_that_made_it(
        ninety: NinetyDays, record_property: Record
    ) -> None:
        ninety.play()
        tally = Counter[str]()
        for found in ninety.compared:
            tally.update(
                {"slots_as_foreseen": found.as_foreseen, "slots_that_evidence_changed": len(found.differences)}
            )
            # Decided again with the evidence, each is what it was.
            assert [one for one in found.differences if not one.reproduced] == []
            assert all(one.evidence for one in found.differences)
            tally["of_them_proven_without_it"] += sum(one.explained for one in found.differences)
        for counted, number in tally.items():
            record_property(counted, number)
        _require_promises(ninety)


def _require_promises(ninety: NinetyDays) -> None:
    """Caps and gaps were kept, each update went out once, each step of the course did, and the audit log is whole."""
    posts = sorted((one for one in ninety.posts() if one.posted_at and one.inbound_id is None), key=_at)
    for zone in {group.zone for group in GROUPS}:
        days = Counter[date]()
        for post in posts:
            day = _at(post).astimezone(ZoneInfo(zone)).date()
            days[day] += 1
            if post.form in CAPPED:
                assert days[day] <= A_DAY, (zone, day)
                assert sum(days[day - timedelta(days=back)] for back in range(7)) <= A_WEEK, (zone, day)
    own = [post for post in posts if post.form in CAPPED]
    for before, post in pairwise(own):
        assert before.cohort_id == post.cohort_id or _at(post) - _at(before) >= timedelta(minutes=GAP)

    told = Counter((post.cohort_id, post.form) for post in posts if post.form.startswith("update_"))
    assert set(told.values()) == {1}
    kinds = {form for _, form in told}
    if ninety.days == 90:
        assert kinds == {f"update_{kind}" for kind in UPDATES}
    steps = [post.text for post in posts if post.form == "course_step" and post.account_id and not _gone(ninety, post)]
    assert (len(steps), len(set(steps))) == (12, 12)

    with ninety.house.database.read() as connection:
        assert audit.verify(connection).whole
        known = Counter((row.verb, row.subject) for row in audit.entries(connection))
    assert all(known["post.posted", f"outbox/{post.id}"] == 1 for post in posts)
    assert {verb for verb, _ in known} >= {act.verb for act in ninety.acts()}


def _at(post: OutboxItem) -> datetime:
    assert post.posted_at is not None
    return post.posted_at


def _gone(ninety: NinetyDays, post: OutboxItem) -> bool:
    return str(post.remote_id) not in ninety.standing()


def _foreseen(seen: Foreseen) -> list[tuple[str, str, str, str]]:
    rows = (row for row in seen.rows if row.form != "quiet" and row.due_at < seen.until)
    return sorted((f"{row.due_at:%m-%d %H:%M}", row.cohort, row.form, row.text) for row in rows)


def _came(ninety: NinetyDays, seen: Foreseen) -> list[tuple[str, str, str, str]]:
    slugs = ninety.slugs()
    return sorted(
        (f"{post.posted_at:%m-%d %H:%M}", slugs[post.cohort_id or 0], post.form, post.text)
        for post in ninety.posts()
        if post.posted_at is not None
        and seen.at < post.posted_at < seen.until
        and post.inbound_id is None
        and post.cohort_id is not None
    )
