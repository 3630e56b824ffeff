"""Procedures: a file is looked at, mended and loaded; faults name their places; nobody loads over others' cohorts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import requests

from reinforce.shipped import shipped
from tests.web.conftest import Site, console_app, served
from tests.web.forms import hidden_fields, send, signed_in
from tests.web.people import OTHER, settle

STEPS = """title: Badge
slug: badge
owner: Security
language: en
confidentiality: public
nuggets:
  - slug: wear
    title: Wear your badge
    wordings:
      - text: Wear your badge where it can be seen.
      - text: A badge in a pocket tells nobody who you are.
"""


def _look(session: requests.Session, url: str, name: str, content: bytes | str) -> requests.Response:
    return send(session, url, "/procedures/look", page="/procedures", files={"file": (name, content)}, language="en")


def _load(session: requests.Session, url: str, looked: requests.Response, **fields: str) -> requests.Response:
    return session.post(f"{url}/procedures/load", data={**hidden_fields(looked.text), **fields}, timeout=30)


def test_a_file_with_faults_says_each_with_its_place_and_loads_nothing(own_site: Site) -> None:
    broken = STEPS.replace("owner: Security", "ownr: Security").replace("- slug: wear", "- slug: We ar")
    with requests.Session() as session:
        said = _look(session, own_site.url, "../badge.yaml", broken)
        assert said.status_code == 422
        assert "badge.yaml:3:1" in said.text
        assert str(own_site.seeded.folder) not in said.text
        assert "Badge" not in session.get(f"{own_site.url}/procedures", timeout=10).text
        mended = _look(session, own_site.url, "badge.yaml", STEPS)
        assert "becomes revision 1" in mended.text
        done = _load(session, own_site.url, mended)
        assert "Loaded: Badge, revision 1." in done.text
        assert "Wear your badge where it can be seen." in done.text
    assert list((own_site.seeded.folder / "uploads").iterdir()) == []


def test_what_differs_from_the_loaded_revision_is_marked_and_the_author_has_the_last_word(own_site: Site) -> None:
    with requests.Session() as session:
        _load(session, own_site.url, _look(session, own_site.url, "badge.yaml", STEPS))
        looked = _look(session, own_site.url, "badge.yaml", STEPS.replace("can be seen", "can be read"))
        assert "<del>seen</del>" in looked.text
        assert "<ins>read</ins>" in looked.text
        done = _load(session, own_site.url, looked, meaning="wear")
        assert "reinforce recall preview badge" in done.text


def test_a_document_becomes_drafts_to_mend(own_site: Site) -> None:
    with requests.Session() as session:
        said = _look(session, own_site.url, "badge.md", "# Badge\n\n1. Wear your badge.\n2. Show it at the gate.\n")
        assert "2 drafts of badge.md" in said.text
        link = re.search(r'href="(/procedures/draft/[^"]+)"', said.text)
        assert link is not None
        book = session.get(own_site.url + link[1].replace("&amp;", "&"), timeout=30)
        assert book.headers["Content-Disposition"].startswith('attachment; filename="badge.xlsx"')
        assert book.content[:2] == b"PK"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("notes.pdf", b"%PDF-1.7", "ends in"),
        ("empty.yaml", b"", "is empty"),
        ("locks.gift", b"::a:: Is it? {T}", "question bank"),
        ("bomb.yaml", b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "alias"),
    ],
)
def test_what_can_not_be_loaded_is_refused_in_words(site: Site, name: str, content: bytes, said: str) -> None:
    with requests.Session() as session:
        answer = _look(session, site.url, name, content)
    assert answer.status_code == 422
    assert said in answer.text


def test_the_example_is_the_same_procedure_that_the_command_line_loads(own_site: Site) -> None:
    example = (shipped("examples") / "lockout.yaml").read_bytes()
    with requests.Session() as session:
        answer = _load(session, own_site.url, _look(session, own_site.url, "lockout.yaml", example))
        assert "Loaded: " in answer.text


def test_nobody_loads_over_a_procedure_that_others_cohorts_learn(tmp_path: Path) -> None:
    town = settle(tmp_path / "workspace")
    slug = re.compile(r'href="/procedures/([a-z-]+)"')
    with served(console_app(town.seeded)) as url, signed_in(town, "author here") as session:
        shared = slug.findall(session.get(f"{url}/procedures", timeout=10).text)[0]  # the other cohort learns it too
        said = _look(session, url, "x.yaml", STEPS.replace("slug: badge", f"slug: {shared}"))
        assert said.status_code == 422
        assert "which are not yours" in said.text
        assert OTHER not in said.text
        assert _load(session, url, _look(session, url, "badge.yaml", STEPS)).status_code == 200
        key = re.search(r'name="key" value="(\w+)"', _look(session, url, "badge.yaml", STEPS).text)
        assert key is not None
    with served(console_app(town.seeded)) as url, signed_in(town, "author") as session:
        assert send(session, url, "/procedures/load", page="/procedures", key=key[1]).status_code == 404
    town.seeded.database.close()
