"""The outbox and the inbox on the console: what became of a post, what a reply means, said by a person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select, update

from reinforce.store import tables as t
from tests.web.conftest import Site, console_app, served
from tests.web.forms import hidden, send, signed_in
from tests.web.people import Town, settle

HELD, PLANNED = 5, 4


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = settle(tmp_path / "workspace")
    yield made
    made.seeded.database.close()


@pytest.fixture
def place(town: Town) -> Iterator[Site]:
    with served(console_app(town.seeded)) as url:
        yield Site(url, town.seeded)


@pytest.fixture
def desk(town: Town) -> requests.Session:
    return signed_in(town, "facilitator here")


def _post(town: Town, number: int) -> Any:
    with town.seeded.database.read() as connection:
        return connection.execute(select(t.outbox).where(t.outbox.c.id == number)).one()


def _reply(town: Town, number: int) -> Any:
    with town.seeded.database.read() as connection:
        return connection.execute(select(t.inbound).where(t.inbound.c.id == number)).one()


def test_our_text_and_the_timelines_stand_side_by_side_and_one_says_which_it_is(
    place: Site, town: Town, desk: requests.Session
) -> None:
    page = desk.get(f"{place.url}/outbox/{HELD}", timeout=10).text
    assert "<del> for what turns.</del>" in page
    assert "<ins>!</ins>" in page
    fields = {"decision": "posted", "remote_id": "5009", "fence": hidden(page, "fence")}
    done = send(desk, place.url, f"/outbox/{HELD}/settle", **fields)
    assert f"Post {HELD} is settled: it stands on the timeline." in done.text
    assert (_post(town, HELD).state, _post(town, HELD).remote_id) == ("posted", 5009)
    again = send(desk, place.url, f"/outbox/{HELD}/settle", **fields)
    assert (again.status_code, "only a held post needs" in again.text) == (409, True)


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"decision": "resend"}, "planned"),
        ({"decision": "skip"}, "skipped"),
        ({"decision": "posted", "remote_id": "https://x.com/acme/status/1900000000000000001?s=20"}, "posted"),
    ],
)
def test_a_post_in_doubt_is_sent_again_left_or_found_elsewhere(
    place: Site, town: Town, desk: requests.Session, fields: dict[str, str], state: str
) -> None:
    assert send(desk, place.url, f"/outbox/{HELD}/settle", fence="1", **fields).status_code == 200
    assert _post(town, HELD).state == state


def test_who_decides_about_what_was_sent_again_meanwhile_is_told(
    place: Site, town: Town, desk: requests.Session
) -> None:
    with town.seeded.database.write() as connection:
        connection.execute(update(t.outbox).where(t.outbox.c.id == HELD).values(fence=2))
    told = send(desk, place.url, f"/outbox/{HELD}/settle", decision="resend", fence="1")
    assert (told.status_code, "was sent again since this was shown" in told.text) == (409, True)
    for fields in ({"decision": "posted", "remote_id": "x"}, {"decision": "posted", "remote_id": "9" * 25}, {}):
        assert send(desk, place.url, f"/outbox/{HELD}/settle", **fields).status_code == 409
    assert _post(town, HELD).state == "held"


def test_planned_posts_are_withdrawn_one_by_one_or_together(place: Site, town: Town, desk: requests.Session) -> None:
    page = desk.get(f"{place.url}/outbox?state=waiting", timeout=10).text
    assert f'name="post" value="{PLANNED}"' in page
    done = send(desk, place.url, "/outbox/cancel", post=[str(PLANNED), str(HELD)])
    assert "1 post withdrawn." in done.text
    assert f"post {HELD} is held" in done.text
    assert _post(town, PLANNED).state == "cancelled"
    assert send(desk, place.url, f"/outbox/{PLANNED}/cancel", reason="again").status_code == 409
    assert send(desk, place.url, "/outbox/cancel").status_code == 409


def test_nothing_is_done_to_a_post_of_others_or_without_the_right(
    place: Site, town: Town, desk: requests.Session
) -> None:
    theirs = town.other_post
    assert send(desk, place.url, f"/outbox/{theirs}/settle", decision="skip").status_code == 404
    assert send(desk, place.url, f"/outbox/{theirs}/cancel").status_code == 404
    assert send(desk, place.url, "/outbox/cancel", post=[str(PLANNED), str(theirs)]).status_code == 404
    assert _post(town, PLANNED).state == "planned"
    author = signed_in(town, "author here")
    assert send(author, place.url, f"/outbox/{HELD}/settle", decision="skip").status_code == 403
    assert "It is this one" not in author.get(f"{place.url}/outbox/{HELD}", timeout=10).text


def test_nobody_decides_about_words_that_are_not_for_them(place: Site, town: Town) -> None:
    with town.seeded.database.write() as connection:
        connection.execute(update(t.outbox).where(t.outbox.c.id == HELD).values(inbound_id=3, occurrence="reply/3"))
    operator = signed_in(town, "operator")
    page = operator.get(f"{place.url}/outbox/{HELD}", timeout=10).text
    assert "its words are for the facilitators of the cohort" in page
    assert "Bleed air" not in page
    assert send(operator, place.url, f"/outbox/{HELD}/settle", decision="resend").status_code == 403
    assert _post(town, HELD).state == "held"


def test_a_person_says_what_a_reply_means(place: Site, town: Town, desk: requests.Session) -> None:
    assert "Read it as something else" in desk.get(f"{place.url}/inbox/3", timeout=10).text
    done = send(desk, place.url, "/inbox/3/correct", meant=["got_it", "comment"])
    assert "is read as you say from now on" in done.text
    assert (_reply(town, 3).read_as, _reply(town, 3).needs_person) == (["got_it", "comment"], False)
    for fields, why in (({}, "nothing was ticked"), ({"meant": "got_it", "right": "right"}, "only an answer is right")):
        told = send(desk, place.url, "/inbox/3/correct", **fields)
        assert (told.status_code, why in told.text) == (422, True)
    other = {"meant": "answer", "number": str(town.other_post)}
    assert send(desk, place.url, "/inbox/3/correct", **other).status_code == 404


def test_what_waits_for_a_person_is_dealt_with_and_given_back(place: Site, town: Town, desk: requests.Session) -> None:
    done = send(desk, place.url, "/inbox/3/done")
    assert "Dealt with: it waits for nobody." in done.text
    assert 'action="/inbox/3/undone"' in done.text
    assert _reply(town, 3).needs_person is False
    assert send(desk, place.url, "/inbox/3/done").status_code == 409
    send(desk, place.url, "/inbox/3/undone")
    assert _reply(town, 3).needs_person is True


def test_a_tip_becomes_a_nugget_and_is_taken_back(place: Site, town: Town, desk: requests.Session) -> None:
    tip = {"procedure": "lockout", "title": "Steam first", "wordings": "Shut the steam line first."}
    assert "no procedure of yours" in send(desk, place.url, "/inbox/3/tip", **tip).text
    everywhere = signed_in(town, "facilitator")
    named = send(everywhere, place.url, "/inbox/3/tip", **(tip | {"wordings": "Ben Okafor shuts it first."}))
    assert (named.status_code, "names somebody" in named.text, "Ben Okafor shuts it" in named.text) == (422, True, True)
    made = send(everywhere, place.url, "/inbox/3/tip", **tip)
    assert "“Steam first” is a nugget of lockout now" in made.text
    assert "is retired" in send(everywhere, place.url, "/inbox/3/tip/undo").text


def test_nothing_is_done_to_a_reply_of_others(place: Site, town: Town, desk: requests.Session) -> None:
    theirs = town.replies[1]
    for act in ("correct", "done", "undone", "tip", "tip/undo"):
        assert send(desk, place.url, f"/inbox/{theirs}/{act}", meant="comment").status_code == 404, act
    assert _reply(town, theirs).needs_person is True
