"""Courses on the console: looked at as a thread, rehearsed on a practice account, approved, published, taken off."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import update

from reinforce.store import tables as t
from tests.pictures import png
from tests.web.conftest import served
from tests.web.forms import hidden, hidden_fields, send
from tests.web.stage import Stage

COURSE = """# Locks in two steps

## <b>Why</b> we lock

A machine that is off can be switched on by somebody who does not see you.

![A red lock]({})

## Hang your lock

Your own lock, your own key.
"""


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    with made.practice:
        made.practice.control("POST", "/account", {"protected": True})
        house = made.house
        keys = made.practice.folder / "credentials.json"
        house.connect_account("practice", keys, made.practice.url, "protected", print)
        yield made
    house.database.close()


def _files(text: str, *pictures: str) -> list[tuple[str, tuple[str, bytes]]]:
    return [("file", ("locks.md", text.encode())), *(("beside", (name, png())) for name in pictures)]


def _until(stage: Stage, page: Callable[[], str], words: str) -> str:
    for _ in range(30):
        stage.tick()
        if words in page():
            return page()
    raise AssertionError(f"never said: {words}")


def test_a_course_is_looked_at_rehearsed_published_and_taken_off(stage: Stage) -> None:
    with served(stage.console()) as url, requests.Session() as me:

        def give(text: str, *pictures: str) -> requests.Response:
            return send(me, url, "/courses/look", page="/courses", files=_files(text, *pictures))

        def page() -> str:
            return me.get(f"{url}/courses/locks", timeout=10).text

        def press(what: str, **fields: Any) -> str:
            return send(me, url, f"/courses/locks/{what}", page="/courses/locks", **fields).text

        assert "There is no course yet." in me.get(f"{url}/courses", timeout=10).text
        for wrong in ("../reinforce.db", "lock.png"):
            refused = give(COURSE.format(wrong))
            assert refused.status_code == 422
            assert "<code>locks.md:7:" in refused.text
            assert str(stage.house.settings.workspace) not in refused.text
        looked = give(COURSE.format("lock.png"), "lock.png")
        assert "2 posts, $0.03" in looked.text
        assert "&lt;b&gt;Why&lt;/b&gt; we lock" in looked.text
        assert "<b>Why" not in looked.text
        found = re.search(r'<img src="([^"]+)" alt="A red lock"', looked.text)
        assert found is not None
        assert me.get(url + found[1], timeout=10).content == png()
        assert "There is no course yet." in me.get(f"{url}/courses", timeout=10).text

        begun = me.post(f"{url}/courses/rehearse", data=hidden_fields(looked.text), timeout=30)
        assert "2 steps go to practice." in begun.text
        early = press("publish", seen=hidden(looked.text, "key"))
        assert "what you looked at says something else than what was rehearsed" in html.unescape(early)
        _until(stage, page, "it waits for a yes of somebody who neither wrote nor rehearsed it")
        found = re.search(r'<img src="(/courses/locks/[^"]+)" alt="A red lock"', page())
        assert found is not None
        assert me.get(url + found[1], timeout=10).headers["Content-Type"] == "image/png"
        assert me.get(f"{url}{found[1][:-4]}0000", timeout=10).status_code == 404
        assert "by now than what you looked at" in press("approve", seen="0")
        told = press("approve", seen=hidden(page(), "seen"))
        assert "can't be approved by who rehearsed it" in html.unescape(told)
        assert "you rehearsed it: somebody else says yes" in me.get(f"{url}/approvals", timeout=10).text
        with stage.house.database.write() as connection:
            connection.execute(update(t.course).values(loaded_by="member/7"))
        stale = send(me, url, "/approvals/courses/locks", page="/approvals", seen="0")
        assert stale.status_code == 409
        read = hidden(me.get(f"{url}/approvals", timeout=10).text, "seen")
        said = send(me, url, "/courses/locks/approve", page="/approvals", seen=read)
        assert "is approved, just as it was rehearsed." in said.text
        assert "Approve the course" not in me.get(f"{url}/approvals", timeout=10).text

        seen = hidden(page(), "seen")
        wrong = press("publish", seen=seen, at="soon")
        assert "is no date and time" in wrong
        assert 'value="soon"' in wrong
        assert "2 steps go to practice." in press("publish", seen=seen, account="practice")
        text = _until(stage, page, "pin its")
        assert 'id="publish"' not in text
        assert "complete</span> 2 of 2 posted" in me.get(f"{url}/courses", timeout=10).text
        assert "is taken off, the last step first" in press("withdraw")
        _until(stage, page, '<dt>For good</dt><dd><span class="state quiet">withdrawn</span>')
        assert "Nothing of it stands there." in press("withdraw")
