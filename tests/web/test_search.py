"""Search across all: each finds what they may see, and nothing can be guessed by searching for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from sqlalchemy import insert, select, update

from reinforce.store import tables as t
from reinforce.store.authoring import passages
from reinforce.web.pages.search import excerpt
from tests.web.conftest import Site, console_app, served
from tests.web.people import OTHER, OTHERS_NAME, Town, settle
from tests.web.seeding import HOSTILE


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = settle(tmp_path_factory.mktemp("search") / "workspace")
    with made.seeded.database.write() as connection:
        for nugget in made.seeded.nugget_ids:
            passages.keep_nugget(connection, nugget)
        copied = dict(connection.execute(select(t.procedure)).mappings().first() or {})
        del copied["id"]
        connection.execute(insert(t.procedure).values(copied | {"slug": "secret-plan", "title": "Unlearned plan"}))
        replied = dict(connection.execute(select(t.outbox).where(t.outbox.c.id == made.other_post)).mappings().one())
        inbound = connection.execute(
            select(t.inbound.c.id).where(t.inbound.c.outbox_id == made.other_post)
        ).scalar_one()
        replied |= {
            "text": "Zirconium, just for you.",
            "inbound_id": inbound,
            "occurrence": "reply/1",
            "remote_id": 7009,
        }
        del replied["id"]
        connection.execute(insert(t.outbox).values(replied))
        hostile = t.outbox.c.text.startswith("Hostile wording")
        connection.execute(update(t.outbox).where(hostile).values(text=f"Über hostile wording {HOSTILE}"))
    yield made
    made.seeded.database.close()


@pytest.fixture(scope="module")
def place(town: Town) -> Iterator[Site]:
    with served(console_app(town.seeded)) as url:
        yield Site(url, town.seeded)


def _found(place: Site, town: Town, name: str, asked: str) -> str:
    answer = requests.get(f"{place.url}/search", params={"q": asked}, cookies=town.people[name].cookies, timeout=10)
    assert answer.status_code == 200
    return answer.text


def test_each_kind_is_found_and_leads_to_its_page(place: Site, town: Town) -> None:
    def leads(asked: str, address: str) -> None:
        assert f'href="{address}"' in _found(place, town, "facilitator", asked), asked

    leads("lockout", "/procedures/lockout")
    leads("isolator open", "/procedures/lockout#isolate")
    leads("isolators hydraulics", "/procedures/lockout#isolate")  # by its text, as learners' questions find it
    leads("PRESS", "/cohorts/press-shop")
    leads("everyone who works", "/outbox/1")
    leads("über", "/outbox/3")
    leads("steam line", "/inbox/3")
    leads("okafor", "/cohorts/press-shop/people?q=Ben+Okafor")
    leads("learner_3", "/cohorts/press-shop/people?q=Deniz+Kaya")


def test_only_facilitators_find_learners_and_what_they_wrote_of_their_own_cohorts_only(place: Site, town: Town) -> None:
    told = {"okafor": "Ben Okafor", "steam line": "what about the steam line?", "zirconium": "Zirconium, just for you."}
    for name in ("author", "viewer", "operator", "approver"):
        for asked, words in told.items():
            assert words not in _found(place, town, name, asked), (name, asked)
    here = "facilitator here"
    assert "Ben Okafor" in _found(place, town, here, "okafor")
    for asked in ("zora", "spray", "zirconium", "paint shop", OTHER, "booth"):
        page = _found(place, town, here, asked)
        assert "Nothing holds" in page, asked
        assert OTHERS_NAME not in page
    assert "Zirconium" in _found(place, town, "facilitator", "zirconium")


def test_a_procedure_that_nobody_learns_is_found_by_authors_and_those_who_see_all(place: Site, town: Town) -> None:
    for name, sees in (("viewer", True), ("author here", True), ("viewer here", False), ("facilitator here", False)):
        assert ("secret-plan" in _found(place, town, name, "unlearned")) is sees, name


def test_what_is_typed_is_text_and_never_a_pattern_a_query_or_a_tag(place: Site, town: Town) -> None:
    for asked in ("100%", "_", '" OR 1', "' | 'x", "\\", "\x00", "a" * 5000, "passage_words MATCH", "-x *"):
        assert "Search" in _found(place, town, "facilitator", asked)
    assert "Nothing holds" in _found(place, town, "facilitator", "%")
    page = _found(place, town, "facilitator", HOSTILE)
    assert "<script>document" not in page
    assert "&lt;script&gt;" in page
    assert "What are you looking for?" in _found(place, town, "facilitator", "  ")


def test_who_has_no_role_neither_searches_nor_is_offered_to(place: Site, town: Town) -> None:
    nobody = town.people["nobody"]
    assert nobody.get(f"{place.url}/search?q=press").status_code == 403
    assert 'role="search"' not in nobody.get(f"{place.url}/me").text


def test_a_piece_of_a_long_text_begins_before_the_word() -> None:
    text = f"{'before ' * 30}needle {'behind ' * 40}"
    shown = excerpt(text, "Needle x")
    assert shown.startswith("… before")
    assert "needle" in shown
    assert shown.endswith(" …")
    assert len(shown) < 170
    assert excerpt("short", "none") == "short"
