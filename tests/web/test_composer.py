"""The composer: what is typed is counted, checked and shown; what is saved is a revision through the door of files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect
from sqlalchemy import update

from reinforce.actions.authoring.load import load_files
from reinforce.content.written_procedure import as_yaml
from reinforce.domain.nugget import Origin
from reinforce.store import tables as t
from reinforce.store.authoring.nuggets import procedure_by_slug, procedure_nuggets
from reinforce.store.authoring.present_content import present_content
from reinforce.store.session import Database
from tests.pictures import png
from tests.web.conftest import Site, console_app, served
from tests.web.people import OTHER, Town, settle
from tests.web.seeding import HOSTILE, LEARNERS, NOW

TELL = "/composer/lockout/tell"
WORDING = "Before you lock a machine out, tell everyone who works on it."
QUESTION = {
    "kind": "multiple_choice",
    "ask": "Who is told?",
    "choice": ["The foreman", "Everyone", "Nobody", ""],
    "correct": "2",
    "explanation": "So that nobody is surprised.",
}


def _page(session: requests.Session, url: str) -> str:
    return session.get(url, timeout=10).text


def _post(session: requests.Session, site: str, address: str, **fields: Any) -> requests.Response:
    """Press a button of the page at the address it belongs to, with its token and revision."""
    origin = re.sub(r"/(retire|restore|submit)$", "", address.replace("/composer-check", "/composer"))
    there = session.get(site + origin.split("?")[0], timeout=10)
    shown = there.text if there.ok else _page(session, f"{site}/procedures")
    hidden = dict(re.findall(r'type="hidden" name="(token|revision)" value="([^"]*)"', shown))
    return session.post(site + address, data={**hidden, **fields}, timeout=10)


def _typed(**more: Any) -> dict[str, Any]:
    return {"title": "Tell everyone first", "wording": [WORDING, "", "Say it to all who work there.", ""], **more}


def _nuggets(database: Database, *, retired: bool = False) -> dict[str, Any]:
    with database.read() as connection:
        procedure = procedure_by_slug(connection, "lockout")
        return {one.slug: one for one in procedure_nuggets(connection, procedure.id, retired=retired)}


@pytest.fixture
def own_site(own_site: Site, tmp_path: Path) -> Site:
    """One whose procedure came through the door: its nuggets have a revision to go back to."""
    database = own_site.seeded.database
    with database.read() as connection:
        present = present_content(connection, "lockout")
    file = tmp_path / "lockout.yaml"
    file.write_text(as_yaml(present.procedure), "utf-8")
    load_files(database, [file], dry_run=False, actor="member/1", now=NOW)
    return own_site


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as made:
        yield made


def test_what_is_typed_is_counted_priced_and_shown_without_anything_being_changed(
    site: Site, session: requests.Session
) -> None:
    before = _nuggets(site.seeded.database)
    answer = _post(
        session,
        site.url,
        "/composer-check/lockout/tell?part=looked",
        **_typed(wording=["Caf\u00e9 🦊 https://example.com/a/long/path", "x" * 285], **QUESTION),
    )
    assert answer.status_code == 200
    assert "31 of 280" in answer.text  # four letters, two for the fox, two spaces, 23 for the link
    assert "285 of 280, 5 too many" in answer.text
    assert "the post costs $0.20" in answer.text
    assert "Would not go out" in answer.text
    assert "<html" not in answer.text
    assert _nuggets(site.seeded.database) == before


def test_a_text_that_is_there_already_names_somebody_or_is_too_much_for_a_poll_is_warned_of(
    site: Site, session: requests.Session
) -> None:
    answer = _post(
        session,
        site.url,
        "/composer-check/lockout/tell?part=looked",
        **_typed(
            wording=["Stop the machine with its own stop button first!", f"Ask {LEARNERS[1]} about it.", WORDING],
            **{**QUESTION, "choice": ["x" * 26, "y"]},
        ),
    )
    said = unescape(answer.text)
    assert "says the same as “Stop the machine with its own stop button first.” (stop)" in said
    assert "It names somebody who has not agreed to it" in said
    assert "the question can't be a poll" in said
    assert "posted" in said  # its first wording went out yesterday


def test_saving_is_a_revision_that_keeps_the_rest_and_can_be_taken_back(
    own_site: Site, session: requests.Session
) -> None:
    database = own_site.seeded.database
    before = _nuggets(database)
    first = _post(session, own_site.url, TELL, **_typed(**QUESTION))
    assert "Saved: Tell everyone first. Lockout of a press is at revision 3." in first.text
    after = _nuggets(database)
    assert [one.text for one in after["tell"].wordings] == [WORDING, "Say it to all who work there."]
    assert after["tell"].wordings[0].id == before["tell"].wordings[0].id
    assert {slug: after[slug] for slug in after if slug != "tell"} == {
        slug: before[slug] for slug in before if slug != "tell"
    }
    second = _post(session, own_site.url, TELL, **_typed(**{**QUESTION, "ask": "Whom do you tell?"}))
    undo = re.search(r'action="([^"]+/restore)">(.*?)</form>', second.text, re.DOTALL)
    assert undo is not None
    hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', undo[2]))
    taken_back = session.post(own_site.url + undo[1], data=hidden, timeout=10)
    assert "Restored: Tell everyone first." in taken_back.text
    assert _nuggets(database)["tell"].question.prompt == "Who is told?"
    assert "edited in the console" in _page(session, f"{own_site.url}/procedures/lockout")


def test_a_right_answer_that_changed_says_that_what_was_posted_is_wrong(
    own_site: Site, session: requests.Session
) -> None:
    _post(session, own_site.url, TELL, **_typed(**QUESTION))
    said = _post(session, own_site.url, TELL, **_typed(**{**QUESTION, "correct": "1"}))
    assert "reinforce recall preview lockout" in said.text
    said = _post(session, own_site.url, TELL, **_typed(**{**QUESTION, "correct": "2"}, meaning="no"))
    assert "reinforce recall preview" not in said.text
    assert "Nothing was changed." in _post(session, own_site.url, TELL, **_typed(**QUESTION)).text


def test_faults_stand_beside_their_fields_with_what_was_typed(own_site: Site, session: requests.Session) -> None:
    before = _nuggets(own_site.seeded.database)
    typed = _typed(
        title="",
        wording=["", "x" * 281, "Ask @pat_m"],
        requires="nowhere",
        **{**QUESTION, "correct": "", "ask": f"Is it {HOSTILE}?"},
    )
    answer = _post(session, own_site.url, TELL, **typed)
    assert answer.status_code == 422
    for field, said in (
        ("title", "empty"),
        ("wording-2", "281 characters"),
        ("wording-3", "mentions @pat_m"),
        ("requires", "no nugget of this procedure"),
    ):
        found = re.search(rf'id="{field}-fault">(.*?)</', answer.text)
        assert found is not None, field
        assert said in unescape(found[1]), field
    assert "no choices are marked as correct" in answer.text
    assert "x" * 281 in answer.text
    assert "<script>document" not in answer.text
    assert "Is it &lt;script" in answer.text
    assert _nuggets(own_site.seeded.database) == before


def test_a_new_nugget_is_added_behind_the_others_and_taken_out_again(own_site: Site, session: requests.Session) -> None:
    typed = {"title": "Sign the card", "wording": ["Sign the card before you lock."], "requires": "tell, stop"}
    added = _post(session, own_site.url, "/composer/lockout", **typed)
    assert "Added: Sign the card." in added.text
    there = _nuggets(own_site.seeded.database)
    assert list(there)[-1] == "sign-the-card"
    assert len(there["sign-the-card"].requires) == 2
    again = _post(session, own_site.url, "/composer/lockout", **typed)
    assert again.status_code == 422
    assert "has a nugget sign-the-card already" in again.text
    needed = _post(session, own_site.url, f"{TELL}/retire")
    assert needed.status_code == 422
    assert "nugget sign-the-card" in needed.text
    gone = _post(session, own_site.url, "/composer/lockout/sign-the-card/retire")
    assert "Retired: Sign the card." in gone.text
    assert "sign-the-card" not in _nuggets(own_site.seeded.database)
    back = _post(session, own_site.url, "/composer/lockout/sign-the-card/restore")
    assert "Restored: Sign the card." in back.text
    assert _nuggets(own_site.seeded.database)["sign-the-card"].id == there["sign-the-card"].id


def test_what_somebody_else_saved_meanwhile_is_told_before_it_is_replaced(
    own_site: Site, session: requests.Session
) -> None:
    hidden = dict(re.findall(r'name="(token|revision)" value="([^"]*)"', _page(session, own_site.url + TELL)))
    _post(session, own_site.url, TELL, **_typed(**{**QUESTION, "ask": "Theirs?"}))
    late = session.post(own_site.url + TELL, data={**hidden, **_typed(**{**QUESTION, "ask": "Mine?"})}, timeout=10)
    assert late.status_code == 422
    assert "changed by somebody else meanwhile" in late.text
    assert "Mine?" in late.text
    hidden = dict(re.findall(r'type="hidden" name="(token|revision)" value="([^"]*)"', late.text))
    second = session.post(own_site.url + TELL, data={**hidden, **_typed(**{**QUESTION, "ask": "Mine?"})}, timeout=10)
    assert "Saved:" in second.text
    assert _nuggets(own_site.seeded.database)["tell"].question.prompt == "Mine?"


def test_posts_that_are_planned_with_a_text_that_is_gone_are_taken_back(
    own_site: Site, session: requests.Session
) -> None:
    database = own_site.seeded.database
    stop = _nuggets(database)["stop"]
    with database.write() as connection:
        planned = update(t.outbox).where(t.outbox.c.text == stop.wordings[0].text)
        connection.execute(planned.values(wording_id=stop.wordings[0].id, state="planned"))
    typed = {"title": stop.title, "wording": ["Press its own stop button before anything else."]}
    said = _post(session, own_site.url, "/composer/lockout/stop", **typed)
    assert "1 planned post with a text that is gone was taken back" in said.text


def test_a_colleagues_nugget_belongs_to_the_file_once_it_is_saved_here(
    own_site: Site, session: requests.Session
) -> None:
    database = own_site.seeded.database
    with database.write() as connection:
        stop = _nuggets(database)["stop"]
        connection.execute(update(t.nugget).where(t.nugget.c.id == stop.id).values(origin=Origin.TIP.value))
    assert "A colleague brought this nugget in." in _page(session, f"{own_site.url}/composer/lockout/stop")
    file = session.get(f"{own_site.url}/procedures/lockout/file.yaml", timeout=10)
    assert "colleagues brought in" in file.text
    assert 'slug: "stop"' in file.text
    _post(session, own_site.url, TELL, **_typed(**QUESTION))
    assert "stop" in _nuggets(database)
    assert "Retired: Stop it" in _post(session, own_site.url, "/composer/lockout/stop/retire").text


def test_the_file_from_the_console_loads_as_what_is_there(own_site: Site, session: requests.Session) -> None:
    file = session.get(f"{own_site.url}/procedures/lockout/file.yaml", timeout=10)
    assert file.headers["Content-Disposition"].startswith('attachment; filename="lockout.yaml"')
    token = re.search(r'name="token" value="(\w+)"', _page(session, f"{own_site.url}/procedures"))
    assert token is not None
    looked = session.post(
        f"{own_site.url}/procedures/look",
        data={"token": token[1], "language": "en"},
        files={"file": ("lockout.yaml", file.content)},
        timeout=10,
    )
    assert looked.status_code == 200, looked.text
    assert "retired" not in looked.text


def test_texts_are_submitted_where_the_cohort_asks_for_a_yes(own_site: Site, session: requests.Session) -> None:
    assert "Submit its texts for approval" not in _page(session, own_site.url + TELL)
    with own_site.seeded.database.write() as connection:
        connection.execute(update(t.cohort).values(approval="everything"))
    assert "Submit its texts for approval" in _page(session, own_site.url + TELL)
    said = _post(session, own_site.url, f"{TELL}/submit", cohort="press-shop")
    assert re.search(r"\d+ texts submitted for Press shop, 0 were already", said.text)
    again = _post(session, own_site.url, f"{TELL}/submit", cohort="press-shop")
    assert "0 texts submitted for Press shop" in again.text


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = settle(tmp_path / "workspace")
    yield made
    made.seeded.database.close()


def test_nobody_writes_in_a_procedure_that_cohorts_of_others_learn(town: Town, session: requests.Session) -> None:
    before = _nuggets(town.seeded.database)
    with served(console_app(town.seeded)) as url:
        session.cookies.update(town.people["author here"].cookies)
        assert "no procedure that you may write in" in _page(session, f"{url}/composer")
        shared = _page(session, f"{url}/procedures/lockout")
        assert "Edit" not in shared
        for address in (TELL, "/composer/lockout", f"{TELL}/retire", f"{TELL}/restore", f"{TELL}/submit"):
            assert session.get(url + address, timeout=10).status_code in (404, 405), address
            answer = _post(session, url, address, **_typed(), cohort="press-shop")
            assert answer.status_code == 404, address
        session.cookies.update(town.people["author"].cookies)
        assert _post(session, url, f"{TELL}/submit", cohort="nowhere").status_code == 404
        assert "Paint shop" in _page(session, f"{url}{TELL}?cohort={OTHER}")
    assert _nuggets(town.seeded.database) == before


@pytest.mark.browser
def test_the_counter_and_the_preview_follow_as_one_types(
    own_site: Site, open_page: Callable[..., Page], axe: str
) -> None:
    page = open_page(own_site.url + TELL)
    page.get_by_label("Wording 5").fill("Quite a new way to say it, with a fox 🦊")
    expect(page.locator("#wording-5-count")).to_have_text("40 of 280")
    expect(page.locator("#looked .post-text", has_text="Quite a new way")).to_be_visible()
    page.get_by_label("Wording 6").fill("Quite a new way to say it, with a fax 🦊")
    expect(page.locator("#wording-6-warning")).to_contain_text("nearly the same")
    page.get_by_role("button", name="Save a new revision").click()
    expect(page.get_by_role("status").filter(has_text="Saved: Tell everyone first.")).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(axe)
        found = page.evaluate("axe.run().then(result => result.violations)")
        assert not [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_a_picture_is_put_beside_the_words_shown_saved_and_taken_off(own_site: Site) -> None:
    address, words = "/composer-picture/lockout/tell", "Everybody stands around the foreman"
    with requests.Session() as session:

        def put(name: str, content: bytes, **fields: Any) -> requests.Response:
            token = re.search(r'name="token" value="(\w+)"', _page(session, own_site.url + TELL))
            assert token is not None
            data = {"token": token[1], **_typed(**fields)}
            return session.post(own_site.url + address, data=data, files={"file": (name, content)}, timeout=10)

        refused = put("moving.gif", b"GIF89a", alt=words)
        assert refused.status_code == 422
        assert "moving.gif is no PNG, JPEG or WebP" in unescape(refused.text)
        assert words in refused.text, "what was typed stays"
        shown = put("crew.png", png())
        assert "the picture has no alternative text" in shown.text
        named = re.search(r'name="image" value="(sha256:(\w+)/crew.png)"', shown.text)
        assert named is not None
        assert session.get(f"{own_site.url}/pictures/{named[2]}", timeout=10).content == png()
        check, described = f"/composer-check{TELL[9:]}?part=looked", _typed(image=named[1], alt=words)
        looked = _post(session, own_site.url, check, **described)
        assert f'alt="{words}"' in looked.text, "the preview shows it"
        assert "35 of 1000" in looked.text
        waiting = _post(session, own_site.url, TELL, **_typed(file="other.png"))
        assert "other.png was chosen, and not put here." in waiting.text
        saved = _post(session, own_site.url, TELL, **described)
        assert saved.ok
        picture = _nuggets(own_site.seeded.database)["tell"].picture
        assert (picture.hash, picture.alt, picture.name) == (named[2], words, "crew.png")
        off = put("", b"", image=named[1], alt=words, off="yes")
        assert named[1] not in off.text
        _post(session, own_site.url, TELL, **_typed())
        assert _nuggets(own_site.seeded.database)["tell"].picture is None
