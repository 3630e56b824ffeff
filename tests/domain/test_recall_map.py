"""Recall as a table: who may see single people, and what groups may tell."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from reinforce.domain.reporting.recall_map import MapLearner, MapNugget, Order, RecallMap, concerned, members

NOW = datetime(2026, 3, 4, 9, tzinfo=UTC)


def _map(teams: list[str], roles: list[str], audiences: list[tuple[str, ...]], seed: int = 1) -> RecallMap:
    learners = tuple(
        MapLearner(i, f"Person {i}", role, team, linked=i != 0, stopped=i == 1)
        for i, (team, role) in enumerate(zip(teams, roles, strict=True))
    )
    nuggets = tuple(MapNugget(j, f"Nugget {j}", "p", audience) for j, audience in enumerate(audiences))
    recall = np.random.default_rng(seed).random((len(learners), len(nuggets))).astype(np.float32)
    recall[~concerned(learners, nuggets)] = np.nan
    return RecallMap(nuggets, learners, NOW, recall, NOW, recall / np.float32(2))


def test_a_group_is_the_mean_of_its_members() -> None:
    found = _map(["red"] * 5 + ["blue"] * 6, ["x"] * 11, [(), ()])
    table = found.of_groups(at_then=False)
    assert [(row.name, row.size) for row in table.rows] == [("blue", 6), ("red", 5)]
    assert table.values[1] == pytest.approx(found.recall_now[:5].mean(axis=0))
    assert table.average == pytest.approx(float(found.recall_now.mean()))


def test_a_nugget_that_is_for_fewer_than_five_of_a_group_tells_nothing_anywhere() -> None:
    roles = ["lead", "lead"] + ["x"] * 8 + ["lead"] * 5
    found = _map(["red"] * 10 + ["blue"] * 5, roles, [(), ("lead",)])
    table = found.of_groups(at_then=False)
    assert [one.id for one in table.nuggets] == [0]
    assert table.average == pytest.approx(float(found.recall_now[:, 0].mean()))


def test_fewer_than_five_have_no_table_and_no_average() -> None:
    table = _map(["red"] * 4, ["x"] * 4, [()]).of_groups(at_then=False)
    assert (table.rows, table.average) == ((), None)
    assert np.isnan(table.of_nugget).all()


def test_a_table_of_learners_leaves_who_said_stop_out_of_its_averages() -> None:
    found = _map([""] * 6, ["x"] * 6, [()])
    table = found.of_learners(at_then=False)
    assert table.average == pytest.approx(float(np.delete(found.recall_now, 1, axis=0).mean()))
    assert len(table.rows) == 6


def test_rows_are_put_in_order_and_cut_to_a_page() -> None:
    table = _map([""] * 8, ["x"] * 8, [(), ()]).of_learners(at_then=True)
    lowest = table.rows_by(Order.LOWEST)
    assert lowest == list(reversed(table.rows_by(Order.HIGHEST)))
    page = table.window(lowest[:3], [1])
    assert page.values.shape == (3, 1)
    assert page.of_row[0] == table.of_row.min()
    assert page.average == table.average


def test_only_the_rows_of_a_team_are_left() -> None:
    found = _map(["red"] * 5 + ["blue"] * 6, ["x"] * 11, [()])
    assert len(found.of_learners(at_then=False).only("red").rows) == 5
    assert [row.name for row in found.of_groups(at_then=False).only("blue").rows] == ["blue"]
    assert found.of_groups(at_then=False).only("none such").rows == ()


def test_nobody_who_said_stop_or_is_not_linked_is_at_risk() -> None:
    found = _map([""] * 8, ["x"] * 8, [(), (), ()])
    at_risk = found.at_risk()
    assert {one.learner.id for one in at_risk}.isdisjoint({0, 1})
    assert [one.recall for one in at_risk] == sorted(one.recall for one in at_risk)
    assert all(one.recall < 0.5 and one.low <= one.of == 3 for one in at_risk)


def test_the_members_of_a_group_are_found_by_its_name() -> None:
    found = _map(["red"] * 5 + ["blue"] * 2 + [""] * 4, ["x"] * 11, [()])
    assert [one.id for one in members(found.learners, "red")] == [0, 1, 2, 3, 4]
    assert members(found.learners, "blue") == ()
    assert len(members(found.learners, "The others")) == 6
