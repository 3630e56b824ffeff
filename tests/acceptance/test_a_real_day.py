"""The main job from end to end, by the command line alone: procedure and roster in, posts out, replies back in."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import REPOSITORY, Site, open_course

PROCEDURE = REPOSITORY / "examples" / "lockout.yaml"
ROSTER = REPOSITORY / "examples" / "lockout-roster.csv"


@pytest.fixture
def handles() -> dict[str, str]:
    """Handle by employee id, as the example roster has them."""
    with ROSTER.open(newline="", encoding="utf-8") as rows:
        return {row["employee_id"]: row["handle"].lstrip("@") for row in csv.DictReader(rows) if row["handle"]}


def _open_by_verbs(site: Site) -> None:
    """Workspace, account, procedure, cohort and learners."""
    site.reinforce("init")
    site.reinforce("account", "connect", "practice", "--credentials", str(site.folder / "practice/credentials.json"))
    site.reinforce("load", str(PROCEDURE))
    site.reinforce(
        "cohort", "create", "press-shop", "--account", "practice", "--procedure", "lockout", "--schedule", "rehearsal",
        "--zone", "Europe/Berlin", "--assessment", "2026-05-29",
    )  # fmt: skip
    site.reinforce("enroll", "press-shop", str(ROSTER))


def _let_everybody_join(site: Site, handles: dict[str, str]) -> None:
    """Everybody posts their code."""
    sheet = site.folder / "invitations.csv"
    site.reinforce("invite", "press-shop", "--out", str(sheet))
    site.join_in(*handles.values())
    for employee_id, words in site.read_codes(sheet).items():
        if employee_id in handles:
            site.say(handles[employee_id], words)


def _read(site: Site, post_id: str) -> dict[str, Any] | None:
    """The inbox's row of a learner's post, once it was read."""
    rows = site.inbox()
    state = site.practice.state()
    said = {post["id"]: post for post in state["posts"]}[post_id]
    return next((row for row in rows if row["read_as"] and row["text"].endswith(said["text"])), None)


def test_a_procedure_and_a_roster_become_posts_and_replies_become_reviews(site: Site, handles: dict[str, str]) -> None:
    _open_by_verbs(site)
    _let_everybody_join(site, handles)
    daemon = site.start_daemon()
    site.wait_until("everybody is linked", lambda: site.linked("press-shop") == len(handles))

    site.step(minutes=10)
    post = site.wait_until("the first post", site.posts)[0]
    site.wait_until("it is posted in the outbox", lambda: site.outbox("posted"))
    row = site.json("outbox", "--state", "posted")[0]
    assert {"id", "cohort", "nugget", "form", "state", "due_at", "posted_at", "remote_id", "text", "reason"} <= set(row)
    assert row["remote_id"] == post["id"]
    assert row["text"] == post["text"]
    assert row["reason"]

    first, second = list(handles.values())[:2]
    site.step(minutes=5)
    reply = site.say(first, "not sure", post["id"])
    stop = site.say(second, "STOP, please!", post["id"])
    site.step(minutes=5)
    unsure = site.wait_until("the reply is read", lambda: _read(site, reply))
    assert {"id", "author", "text", "in_reply_to", "read_as", "rating", "at"} <= set(site.json("inbox")[0])
    assert unsure["read_as"][0] == "not_sure"
    assert unsure["rating"] == 1
    stopped = site.wait_until("the stop is read", lambda: _read(site, stop))
    assert stopped["read_as"] == ["stop"]
    people = {one["handle"]: one for one in site.json("cohort", "show", "press-shop")["learners"]}
    assert people[second]["stopped"]
    # Nothing public follows from either: still our one post, and no reply to anybody.
    assert [p["id"] for p in site.posts()] == [post["id"]]

    site.step(hours=30)
    site.wait_until("the next posts follow", lambda: len(site.posts()) >= 2)
    texts = [p["text"] for p in site.posts()]
    assert len(texts) == len(set(texts))
    explained = site.reinforce("explain", str(row["id"]))
    assert row["reason"] in explained
    assert site.stop(daemon) == 0


def test_the_plan_shows_the_coming_days_and_changes_nothing(sqlite_site: Site) -> None:
    open_course(sqlite_site)
    before = sqlite_site.outbox()
    planned = sqlite_site.json("plan", "press-shop", "--days", "7")
    assert planned
    assert planned == sqlite_site.json("plan", "press-shop", "--days", "7")
    assert sqlite_site.outbox() == before


def test_halt_holds_until_resume(sqlite_site: Site, handles: dict[str, str]) -> None:
    open_course(sqlite_site)
    _let_everybody_join(sqlite_site, handles)
    sqlite_site.reinforce("halt")
    sqlite_site.reinforce("post", "lockout/why-lockout", "--cohort", "press-shop")
    daemon = sqlite_site.start_daemon()
    sqlite_site.step(minutes=10)
    sqlite_site.wait_until("the daemon has listened", lambda: sqlite_site.linked("press-shop") == len(handles))
    assert sqlite_site.posts() == []
    sqlite_site.reinforce("resume")
    sqlite_site.wait_until("what was planned goes out", sqlite_site.posts)
    assert sqlite_site.stop(daemon) == 0


def test_a_faulty_file_is_refused_with_its_line_and_nothing_is_loaded(sqlite_site: Site, tmp_path: Path) -> None:
    site = sqlite_site
    site.reinforce("init")
    broken = tmp_path / "broken.yaml"
    broken.write_text("title: Broken\nowner: me\nnuggets:\n  - slug: one\n    title: One\n    wordings: []\n", "utf-8")
    said = site.reinforce("load", str(broken), fails=True)
    assert "broken.yaml:6:" in said
    assert "nothing was loaded" in said
    assert site.reinforce("outbox", "--json").strip() == "[]"
