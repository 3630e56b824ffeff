"""Recalls on the console: looked at, confirmed, named to facilitators and counted for everybody else, undone."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from reinforce.actions.authoring.load import load_files
from reinforce.actions.planning.post_now import post_now
from reinforce.domain.access.rights import Role
from reinforce.domain.authoring.revision import AuthorsWord
from reinforce.shipped import shipped
from reinforce.store.access import sessions, users
from reinforce.store.approving import members
from tests.web.conftest import served
from tests.web.forms import hidden, send
from tests.web.people import Person
from tests.web.stage import Stage

PAGE = "/procedures/lockout/recalls"
NEW = "Revised <b>since</b> Monday:"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    with made.practice:
        made.enroll()
        yield made
    made.house.database.close()


def _post_and_revise(stage: Stage, folder: Path) -> str:
    """Have a nugget posted, and load a version in which it means something else; what was posted."""
    house = stage.house
    means = (house.renderer, house.tariff)
    item = post_now(
        house.database, "why-lockout", "press-shop", "reminder", "one", *means, now=house.clock.now(), actor="test"
    )
    stage.tick()
    revised = folder / "lockout.yaml"
    text = (shipped("examples") / "lockout.yaml").read_text("utf-8")
    revised.write_text(text.replace(item.text[:25], NEW), "utf-8")
    word = AuthorsWord(frozenset({"why-lockout"}), frozenset())
    load_files(house.database, (revised,), dry_run=False, actor="author", now=house.clock.now(), word=word)
    return item.text


def _person(stage: Stage, name: str, role: Role) -> Person:
    wall = stage.house.clock.wall()
    with stage.house.database.write() as connection:
        member = int(members.add(connection, name, wall).removeprefix("member/"))
        users.let_in(connection, member, wall)
        users.give(connection, member, role, [])
        return replace(Person(name, role), key=sessions.start(connection, member, wall))


def test_a_recall_is_looked_at_confirmed_told_and_taken_back(stage: Stage, tmp_path: Path) -> None:
    with served(stage.console()) as url, requests.Session() as me:
        assert "Nothing that is posted is wrong" in me.get(url + PAGE, timeout=10).text
        said = _post_and_revise(stage, tmp_path)
        looked = me.get(url + PAGE, timeout=10).text
        assert "Nothing is done yet." in looked
        assert said in html.unescape(looked)
        assert "Corrected: " in looked
        assert "1 post is deleted on X" in looked
        assert "<b>since" not in looked
        without = me.get(f"{url}{PAGE}?no_correction=yes&keep_memory=yes", timeout=10).text
        assert "0 corrections are posted" in without
        assert "learnt anew by" not in without
        assert "Nothing that is posted is wrong" in me.get(f"{url}{PAGE}?leave_out=why-lockout", timeout=10).text
        changed = send(me, url, f"{PAGE}/start", page=PAGE, code="00000000")
        assert changed.status_code == 422
        assert "confirms something else than what would happen now" in changed.text
        done = send(me, url, f"{PAGE}/start", page=PAGE, code=hidden(looked, "code"))
        assert "Recall 1 of lockout is under way" in done.text
        correction = stage.until_posted("correction")
        handles = ("pat_m", "kim_r")
        acts = [{"as": handle, "text": "got it", "reply_to": str(correction.remote_id)} for handle in handles]
        stage.practice.control("POST", "/acts", acts)
        stage.tick(2)
        assert '<span class="state good">deleted</span>' in me.get(url + PAGE, timeout=10).text

        people = {role: _person(stage, role.value, role) for role in (Role.FACILITATOR, Role.VIEWER)}
        named = people[Role.FACILITATOR].get(url + PAGE).text
        grouped = people[Role.VIEWER].get(url + PAGE).text
        assert "Press shop: 2 of 8: " in named
        assert "Press shop: told of five and more only" in grouped
        assert "Recall them" not in grouped
        assert "2 of 8" not in grouped
        with requests.Session() as again:
            again.cookies.update(people[Role.FACILITATOR].cookies)
            undone = send(again, url, f"{PAGE}/1/undo", page=PAGE)
            assert "1 are off it for good" in undone.text
            assert "taken back</span>" in undone.text
            assert send(again, url, f"{PAGE}/7/undo", page=PAGE).status_code == 404
