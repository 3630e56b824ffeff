"""From a draft to a post on the timeline: submitted by one, approved by another, sent by the daemon."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner

from reinforce.cli.house import main_group
from reinforce.domain.sending.outbox import State
from tests.daemon.conftest import Crew


def _typed(crew: Crew, *words: str) -> str:
    done = CliRunner().invoke(main_group, ["--workspace", str(crew.folder / "workspace"), *words])
    assert done.exit_code == 0, done.output
    return done.output


def _rows(crew: Crew, *words: str) -> list[dict[str, Any]]:
    return list(json.loads(_typed(crew, *words, "--json")))


def test_nothing_goes_out_without_a_yes_and_with_one_it_does(sqlite_crew: Crew) -> None:
    crew = sqlite_crew
    (slug,) = [row["slug"] for row in _rows(crew, "cohort", "list")]
    _typed(crew, "cohort", "set", slug, "--approval", "everything")
    daemon = crew.hire()
    crew.step(minutes=10)
    daemon.tick()
    daemon.tick()
    assert crew.posts() == []
    (reason,) = crew.quiet().values()
    assert "it waits for approval" in reason
    assert {row["approval"] for row in _rows(crew, "approvals", "preview", slug, "--days", "3")} == {"draft"}
    assert "texts submitted" in _typed(crew, "approvals", "submit", slug, "--all")
    assert {row["approval"] for row in _rows(crew, "approvals", "preview", slug, "--days", "3")} == {"submitted"}
    _typed(crew, "member", "add", "bea")
    assert "texts approved" in _typed(crew, "--as", "bea", "approvals", "approve", slug, "--all")
    crew.step(days=1)
    daemon.tick()
    daemon.tick()
    (posted, *_) = crew.items(State.POSTED)
    approved = _rows(crew, "approvals", "list", slug, "--state", "approved")
    assert posted.text in {row["text"] for row in approved}
    assert {row["decided_by"] for row in approved} == {"bea"}
    assert "by their author" not in _typed(crew, "--as", "bea", "approvals", "approve", slug, "--all")
