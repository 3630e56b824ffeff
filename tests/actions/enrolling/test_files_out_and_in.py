"""Files out and in, around the practice account: invitations, rosters that come again, completions, digests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import regex

from reinforce.actions.authoring.enroll import Terms, enroll
from reinforce.actions.authoring.invite import invite
from reinforce.actions.enrolling.digest import week_digest
from reinforce.actions.enrolling.export_completions import export_completions
from reinforce.content.roster_file import read_roster
from reinforce.domain.authoring.invitation import Invitation
from reinforce.domain.errors import ReinforceError
from reinforce.rendering.digest import Digest, digest_page, digest_text
from reinforce.rendering.invitations import invitation_rows, invitations_page
from reinforce.rendering.spreadsheets import csv_bytes
from reinforce.shipped import shipped
from reinforce.store.people import people
from tests.actions.enrolling.conftest import SLUG, Course

PRINT = shipped("templates") / "print"
ROSTER = "Personalnr.;Name;Rolle;Status\n"


def take(course: Course, path: Path, terms: Terms) -> dict[str, str]:
    house = course.house
    now = house.clock.now()
    report = enroll(house.database, SLUG, read_roster(path), actor="hr", now=now, keyed=house.keyed_hash, terms=terms)
    return {line.employee_id: line.change.value for line in report.lines}


def digest(course: Course, week: str | None = None) -> Digest:
    return week_digest(course.house.database, SLUG, week, PRINT, now=course.house.clock.now())


def test_people_come_by_a_file_join_by_their_letter_leave_by_a_file_and_are_told_of_to_their_learning_system(
    course: Course, tmp_path: Path
) -> None:
    course.set(opens_on=None, closes_on=None)
    course.on(3, 2)
    made = invite(course.house.database, SLUG, 30, actor="author", now=course.house.clock.now())
    for one in made[:3]:
        course.say(one.handle, one.addressed)
    course.on(3, 3)
    assert course.states() == {"E-1001": "enrolled", "E-1002": "enrolled", "E-1003": "enrolled", "E-1004": "invited"}
    again = invite(course.house.database, SLUG, 30, actor="author", now=course.house.clock.now())
    assert [one.employee_id for one in again] == ["E-1004"]
    course.say("kim_r", f"@{made[0].account_handle} stop")
    course.on(3, 24)

    path = tmp_path / "hr.csv"
    lines = ["E-1001;Pat Moreau;maintenance;Aktiv", "E-1002;Kim Reyes;maintenance;Ausgetreten"]
    path.write_text(ROSTER + "\n".join([*lines, "E-1003;Sana Okafor-Lind;maintenance;Aktiv"]))
    full = Terms(full=True, agreed=2)
    changes = take(course, path, full)
    assert changes == {"E-1001": "unchanged", "E-1002": "left", "E-1003": "changed", "E-1004": "left"}
    path.write_text(ROSTER + "\n".join([lines[0], "E-1002;Kim Reyes;maintenance;Aktiv"]))
    assert take(course, path, Terms()) == {"E-1001": "unchanged", "E-1002": "unchanged"}
    course.on(3, 25)
    with course.house.database.read() as connection:
        kim = people.learners_by_employee_id(connection, ["E-1002"])["E-1002"]
    assert (kim.stopped, course.states()["E-1002"]) == (True, "withdrawn")

    course.on(6, 1)
    table = export_completions(
        course.house.database, SLUG, since=None, columns=None, actor="hr", now=course.house.clock.now()
    )
    done = {row[0]: dict(zip(table[0], row, strict=True)) for row in table[1:]}
    assert (done["E-1001"]["state"], done["E-1001"]["completed_on"]) == ("completed", "2026-06-01")
    assert (done["E-1001"]["enrolled_on"], done["E-1001"]["active_on"]) == ("2026-03-03", "2026-03-24")
    assert (done["E-1004"]["state"], done["E-1004"]["linked"]) == ("withdrawn", "not linked")
    assert "stop" not in repr(table)
    path.write_bytes(csv_bytes(table))
    assert set(take(course, path, full).values()) == {"unchanged"}


def test_the_digest_of_a_week_has_its_posts_and_the_answers_that_are_out_and_names_nobody(course: Course) -> None:
    course.on(3, 2)
    course.join("pat_m", "kim_r")
    quiet = digest(course)
    assert (quiet.week, quiet.entries) == ("2026-W09", ())
    assert "A quiet week: nothing was posted." in digest_text(quiet, PRINT)
    for day, hour in ((23, 9), (23, 12), (23, 15), (24, 9), (24, 12)):
        course.on(3, day, hour, 5, ticks=1)
    course.on(3, 30, ticks=1)
    week = digest(course)
    assert (week.week, str(week.first), str(week.last)) == ("2026-W13", "2026-03-23", "2026-03-29")
    posted = [post["text"] for post in course.practice.state()["posts"] if post["id"] in _ids(week)]
    assert sorted(posted) == sorted(one.text for one in week.entries)
    asked = [one for one in week.entries if one.form == "question"]
    assert asked
    assert any(one.answer for one in asked)
    assert not [one for one in week.entries if one.form == "reveal" and not one.asked]
    page, text = digest_page(week, PRINT), digest_text(week, PRINT)
    assert "<script" not in page
    assert not regex.search(r"<link|<img|url\(|@import", page)
    assert "Moreau" not in page + text
    assert all(one.text.splitlines()[0] in text for one in week.entries)
    assert digest_text(week, PRINT, markdown=True).startswith("# Press shop: week 2026-W13")
    early = week_digest(
        course.house.database, SLUG, "2026-W13", PRINT, now=course.house.clock.now() - timedelta(days=7)
    )
    assert early.week == "2026-W13"
    with pytest.raises(ReinforceError, match="is no week"):
        digest(course, "2026-W60")


def _ids(week: Digest) -> set[str]:
    return {one.address.rpartition("/")[2] for one in week.entries}


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "nl"])
def test_a_letter_says_everything_in_the_language_of_the_learner(language: str) -> None:
    until = datetime(2026, 4, 1, 9, tzinfo=UTC)
    pat = Invitation(
        "E-1", "Pat Moreau", "pat_m", "press", "Press shop", "acme", "7KQ4", "join 7KQ4 @acme", until, "UTC", "en", True
    )  # fmt: skip
    practised = (replace(pat, on_x=False),)
    assert "x.com" not in invitations_page(practised, PRINT) + repr(invitation_rows(practised))
    made = (replace(pat, language=language), replace(pat, employee_id="E-2", code="9XRT", follow_first=False))
    page = invitations_page(made, PRINT)
    headings, *rows = invitation_rows(made)
    (text,) = parse_qs(urlsplit(rows[0][headings.index("post_link")]).query)["text"]
    assert text == made[0].addressed == "@acme join 7KQ4"
    spoken = "en" if language == "nl" else language
    assert page.count(f'<article lang="{spoken}">') == (2 if spoken == "en" else 1)
    assert "@acme join 7KQ4" in page
    assert "@acme join 9XRT" in page
    assert page.count("<svg") == 2
    title = {"en": "agree to", "de": "einverstanden", "fr": "acceptez", "es": "acepta"}[spoken]
    assert title in page
    assert "{" not in regex.sub(r"(?s)<style>.*?</style>", "", page)
