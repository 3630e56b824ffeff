"""Ninety days of three cohorts on one account: what was looked ahead to is what went out. ninety_days.py plays them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reinforce.clock import Clock
from reinforce.content.lexicon_file import read_lexicons
from reinforce.daemon import Daemon
from reinforce.practice.running import PracticeThread
from reinforce.settings import Settings
from reinforce.shipped import shipped
from tests.acceptance.hour import HourHouse
from tests.acceptance.ninety_days import BEGIN, Foreseen, NinetyDays


@pytest.fixture
def ninety(cadence: str, tmp_path: Path, migrated_url: str) -> Iterator[NinetyDays]:
    house = HourHouse(
        Settings(workspace=tmp_path / "workspace", database_url=migrated_url, listen_seconds=1, tick_seconds=0.05)
    )
    house.clock.step_to(BEGIN)
    house.lexicon = read_lexicons(shipped("templates") / "lexicon")
    house.make(rehearsal=True)
    practice = PracticeThread(house.settings.practice_folder, Clock(house.settings.clock_file)).start()
    made = NinetyDays(tmp_path, house, practice, Daemon(house), cadence)
    made.prepare()
    yield made
    practice.stop()
    house.close()


@pytest.mark.parametrize("cadence", ["ladder-1-3-10-30-60"])
def test_a_ladders_timeline_is_what_the_preview_said(ninety: NinetyDays) -> None:
    ninety.play()
    for seen in ninety.foreseen:
        assert _came(ninety, seen) == _foreseen(seen), seen.after


def _foreseen(seen: Foreseen) -> list[tuple[str, str, str, str]]:
    return sorted(
        (f"{row.due_at:%m-%d %H:%M}", row.cohort, row.form, row.text) for row in seen.rows if row.form != "quiet"
    )


def _came(ninety: NinetyDays, seen: Foreseen) -> list[tuple[str, str, str, str]]:
    slugs = ninety.slugs()
    return sorted(
        (f"{post.posted_at:%m-%d %H:%M}", slugs[post.cohort_id or 0], post.form, post.text)
        for post in ninety.posts()
        if post.posted_at is not None
        and seen.at < post.posted_at <= seen.until
        and post.inbound_id is None
        and post.cohort_id is not None
    )
