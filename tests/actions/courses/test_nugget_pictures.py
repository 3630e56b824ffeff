"""A nugget's picture, from its file to the timeline: on the practice account, with its words, its price and its yes."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from reinforce.actions.approving.review import Decision, decide, set_mode, submit
from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.actions.authoring.load import LoadReport, load_files
from reinforce.actions.planning.preview import preview
from reinforce.content.schedule_file import read_schedule
from reinforce.domain.approving.approval import Request, RequestState
from reinforce.domain.cohort import Approval
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.shipped import shipped
from reinforce.store.approving import approvals
from reinforce.store.sending import outbox
from tests.actions.courses.conftest import Classroom
from tests.pictures import png

if TYPE_CHECKING:
    from reinforce.domain.cohort import Cohort

FILE = """
title: The lock
slug: lock
owner: EHS
confidentiality: public
nuggets:
  - title: Hang the lock
    image: lock.png
    alt: {alt}
    wordings: [Hang your own lock on the main switch., "Your lock, your key: hang it first."]
"""
ALT = "A red lock hangs on the main switch"


def _load(room: Classroom, folder: Path, alt: str = ALT) -> LoadReport:
    (folder / "lock.png").write_bytes(png())
    (folder / "lock.yaml").write_text(FILE.format(alt=alt), "utf-8")
    return load_files(room.house.database, [folder / "lock.yaml"], dry_run=False, actor="test", now=room.now)


def _cohort(room: Classroom) -> Cohort:
    new = NewCohort("press", "Press shop", "practice", ("lock",), zone="UTC", country="DE")
    cadence = read_schedule(shipped("schedules") / "cohort-adaptive.yaml").content
    return create_cohort(room.house.database, new, cadence, actor="test", now=room.now)


def _items(room: Classroom, *states: State) -> tuple[OutboxItem, ...]:
    with room.house.database.read() as connection:
        return outbox.items(connection, states=states or None)


def _requests(room: Classroom, cohort: Cohort) -> tuple[Request, ...]:
    with room.house.database.read() as connection:
        return approvals.requests(connection, cohort.id)


def test_it_goes_out_with_its_reminder_and_a_change_of_it_needs_a_new_yes(
    sqlite_classroom: Classroom, tmp_path: Path
) -> None:
    room = sqlite_classroom
    house = room.house
    _load(room, tmp_path)
    cohort = _cohort(room)
    set_mode(house.database, "press", Approval.EVERYTHING, actor="member/1", now=room.now)
    days = (date(2026, 3, 2), date(2026, 3, 31))
    submit(house.database, "press", days, (house.renderer, house.tariff), texts=None, actor="member/1", now=room.now)
    asked = _requests(room, cohort)
    assert {one.media[0]["alt"] for one in asked if one.media} == {ALT}, "what is approved is the text with its picture"
    yes = Decision(RequestState.APPROVED)
    decide(house.database, "press", [one.id for one in asked], yes, actor="member/2", now=room.now)

    foreseen = next(
        one
        for one in preview(house.database, cohort.id, house.renderer, house.tariff, now=room.now, days=7)
        if one.is_post
    )
    assert [one["alt"] for one in foreseen.media] == [ALT]
    assert foreseen.price_micros == house.tariff.post + house.tariff.media_metadata
    house.clock.step_to(foreseen.due_at - timedelta(minutes=5))
    room.tick_until(lambda: bool(_items(room, State.PLANNED, State.POSTED)))
    house.clock.step_to(foreseen.due_at + timedelta(minutes=1))
    room.tick_until(lambda: bool(_items(room, State.POSTED)))
    (post,) = room.standing()
    assert f'alt="{ALT}"' in room.page(f"/posts/{post['id']}")

    report = _load(room, tmp_path, alt="A yellow lock hangs on the main switch").procedures[0]
    (changed,) = report.nuggets
    assert [one.what for one in changed.differences] == ["picture"]
    assert not changed.meaning
    assert all(one.voided for one in _requests(room, cohort) if one.media)
    later = preview(house.database, cohort.id, house.renderer, house.tariff, now=room.now, days=7)
    assert not any(one.is_post for one in later)
