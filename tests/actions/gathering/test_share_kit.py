"""Wordings for a guest or a participant, to post themselves: in files, counted, naming nobody; nothing is posted."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from reinforce.cli.house import main_group
from reinforce.rendering.share_kit import RULES
from tests.actions.gathering.conftest import Session


def _typed(session: Session, *words: str) -> Result:
    url = session.house.settings.resolved_database_url
    environment = {"REINFORCE_DATABASE_URL": url}
    workspace = str(session.house.settings.workspace)
    return CliRunner().invoke(main_group, ["--workspace", workspace, "sharekit", *words], env=environment)


def test_a_kit_has_wordings_with_their_lengths_and_x_s_rules_and_posts_nothing(
    sqlite_session: Session, tmp_path: Path
) -> None:
    session = sqlite_session
    session.arrange(link="https://example.org/live")
    before = session.practice.state()["posts"]
    for role in ("guest", "participant"):
        done = _typed(session, "live", "--for", role, "--out", str(tmp_path / "kit"))
        assert done.exit_code == 0, done.output
        text = (tmp_path / "kit" / f"live-{role}.md").read_text("utf-8")
        page = (tmp_path / "kit" / f"live-{role}.html").read_text("utf-8")
        assert text.count("#lockoutlive") == page.count("#lockoutlive") == 3
        assert all(rule in text for rule in RULES)
        assert " of 280)" in text
        assert "https://example.org/live" in page
    assert "3 wordings" in done.output
    assert session.practice.state()["posts"] == before
    own = _typed(session, "live", "--text", "Come and see how it is locked.", "--out", str(tmp_path))
    assert "1 wordings" in own.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--text", "word " * 80], "character"),
        (["nothing-of-it"], "nothing-of-it"),
    ],
)
def test_what_can_t_be_in_a_kit_is_refused(sqlite_session: Session, words: list[str], said: str) -> None:
    sqlite_session.arrange()
    done = _typed(sqlite_session, *([] if words[0] == "nothing-of-it" else ["live"]), *words)
    assert done.exit_code == 1
    assert said in done.output


def test_a_kit_of_an_event_on_a_protected_account_has_to_be_said_to_be_public(
    protected_session: Session, tmp_path: Path
) -> None:
    protected_session.arrange()
    refused = _typed(protected_session, "live", "--out", str(tmp_path))
    assert refused.exit_code == 1
    assert "is on a protected account, and a kit is for everybody to read" in refused.output
    assert _typed(protected_session, "live", "--public", "--out", str(tmp_path)).exit_code == 0
