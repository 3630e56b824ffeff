"""Recall: the map, who may need a hand, and the evidence behind a cell."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import requests
from playwright.sync_api import Page, expect
from sqlalchemy import insert, update

from reinforce.actions.planning.absorb import absorb
from reinforce.store import tables as t
from reinforce.store.people import cohorts
from reinforce.web.recall import RecallMaps
from tests.web.conftest import Site
from tests.web.seeding import NOW, Seeded


def _get(url: str) -> str:
    answer = requests.get(url, timeout=10)
    assert answer.status_code == 200, answer.status_code
    return answer.text


def test_the_map_says_the_same_in_a_table_whose_cells_lead_to_their_evidence(
    site: Site, open_page: Callable[..., Page]
) -> None:
    page = open_page(site.url + "/recall")
    chart = page.get_by_role("region", name="Heat map of estimated recall").locator("svg")
    expect(chart.locator("title").first).not_to_be_empty()
    page.get_by_text("The same as a table").click()
    table = page.get_by_role("table").first
    expect(table.get_by_role("columnheader", name="Open every isolator")).to_be_visible()
    expect(table.get_by_role("row", name="Fatou Diallo")).to_contain_text("stopped")
    expect(table.get_by_role("row", name="Greta Lind")).to_contain_text("not linked")
    table.get_by_role("row", name="Ben Okafor").get_by_role("link", name="(1)").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Open every isolator: Ben Okafor")


def test_a_cell_tells_what_was_measured_and_what_it_did_to_the_estimate(own_site: Site) -> None:
    absorb(own_site.seeded.database, now=NOW)
    nugget, (ada, ben, *_) = own_site.seeded.nugget_ids[2], own_site.seeded.learner_ids
    right = _get(f"{own_site.url}/recall/press-shop/{nugget}/{ada}")
    assert "Measured: what they wrote" in right
    assert ">B <span" in right
    assert "knew it" in right
    before, after = re.search(r"(\d+) % → (\d+) %", right).groups()  # type: ignore[union-attr]
    assert int(after) > int(before)
    other = _get(f"{own_site.url}/recall/press-shop/{nugget}/{ben}")
    assert "not yet" in other
    assert "Nothing has reached them yet." in _get(
        f"{own_site.url}/recall/press-shop/{own_site.seeded.nugget_ids[5]}/{ada}"
    )


def test_the_cell_and_the_map_tell_the_same_recall(seeded: Seeded) -> None:
    absorb(seeded.database, now=NOW)
    maps = RecallMaps(seeded.clock)
    with seeded.database.read() as connection:
        version = cohorts.cohort_by_id(connection, seeded.cohort_id).version
        of = maps.map_of(connection, seeded.cohort_id, version)
    assert of.then is not None
    assert of.recall_now.shape == (8, 6)
    assert of.recall_then is not None
    assert (of.recall_then[:, 2] <= of.recall_now[:, 2] + 1e-6).all()


def test_the_map_is_kept_until_something_changes_and_then_reads_what_changed(seeded: Seeded) -> None:
    absorb(seeded.database, now=NOW)
    maps, table = RecallMaps(seeded.clock), []
    for _ in range(2):
        with seeded.database.read() as connection:
            version = cohorts.cohort_by_id(connection, seeded.cohort_id).version
            table.append(maps.table(connection, seeded.cohort_id, version, named=True))
    assert table[0] is table[1]
    with seeded.database.write() as connection:
        connection.execute(
            insert(t.review).values(
                learner_id=seeded.learner_ids[3], nugget_id=seeded.nugget_ids[2], outbox_id=seeded.question_post_id,
                rating=3, evidence="answer", guess=1 / 3, nugget_revision=1, at=NOW - timedelta(minutes=5),
            )
        )  # fmt: skip
    absorb(seeded.database, now=NOW)
    with seeded.database.read() as connection:
        version = cohorts.cohort_by_id(connection, seeded.cohort_id).version
        later = maps.table(connection, seeded.cohort_id, version, named=True)
        fresh = RecallMaps(seeded.clock).table(connection, seeded.cohort_id, version, named=True)
    row = next(i for i, one in enumerate(later.rows) if one.name == "Deniz Kaya")
    assert later.values[row, 2] > table[0].values[row, 2]
    assert (later.values == fresh.values).all()


def test_the_map_is_narrowed_put_in_order_and_answers_an_address_that_makes_no_sense(own_site: Site) -> None:
    seeded = own_site.seeded
    with seeded.database.write() as connection:
        e = t.enrollment.c
        connection.execute(update(t.enrollment).where(e.learner_id.in_(seeded.learner_ids[:2])).values(team="Early"))
    early = _get(f"{own_site.url}/recall?team=Early&sort=name")
    assert "1 to 2 of 2 learners" in early
    assert "Ada Brandt" in early.split("Who may need a hand", maxsplit=1)[0]
    assert "Nothing stands here." in _get(f"{own_site.url}/recall?team=None+such")
    assert "Nothing stands here." in _get(f"{own_site.url}/recall?from=500")
    assert requests.get(f"{own_site.url}/recall?from=x", timeout=10).status_code == 404
    assert requests.get(f"{own_site.url}/recall?cohort=nowhere", timeout=10).status_code == 404
    for wrong in ("99/1", "3/99", "3/group?team=Early", "x/1", "3/y"):
        assert requests.get(f"{own_site.url}/recall/press-shop/{wrong}", timeout=10).status_code == 404, wrong


def test_who_may_need_a_hand_is_told_without_those_who_said_stop_or_are_not_linked(own_site: Site) -> None:
    told = _get(f"{own_site.url}/recall").split("Who may need a hand", maxsplit=1)[1]
    assert "Ada Brandt" in told
    assert "Fatou Diallo" not in told
    assert "Greta Lind" not in told
