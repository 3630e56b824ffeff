"""A procedure that is posted on the practice account, and then revised."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

import reinforce.cli  # noqa: F401 - adds the verbs
from reinforce.actions.planning.post_now import post_now
from reinforce.actions.revising.recall import Recalled, preview, recall
from reinforce.cli.house import main_group
from reinforce.domain.nugget import StoredNugget
from reinforce.domain.revising.recalling import RecallPlan, RecallWish
from reinforce.domain.sending.outbox import OutboxItem
from reinforce.shipped import shipped
from reinforce.store import tables as t
from reinforce.store.authoring import nuggets
from reinforce.store.planning import memories
from reinforce.store.revising import recalls
from reinforce.store.sending import outbox
from reinforce.store.session import Database
from tests.actions.gathering.conftest import Session, with_procedure
from tests.databases import Build, SqliteShelf


class Revision(Session):
    """The session of the events' tests, with a procedure that can be revised and recalled."""

    def now(self) -> datetime:
        return self.house.clock.now()

    def post(self, nugget: str, form: str, request: str) -> OutboxItem:
        """Have a nugget posted at once."""
        house = self.house
        item = post_now(
            house.database,
            nugget,
            "press-shop",
            form,
            request,
            house.renderer,
            house.tariff,
            now=self.now(),
            actor="test",
        )
        self.daemon.tick()
        with house.database.read() as connection:
            return outbox.item(connection, item.id)

    def revise(self, **replaced: str) -> Path:
        """Write the example with texts replaced (old=new, by pairs), and load it."""
        text = (shipped("examples") / "lockout.yaml").read_text("utf-8")
        lines = [line for line in text.splitlines() if not line.strip().startswith("confidentiality:")]
        whole = "confidentiality: public\n" + "\n".join(lines)
        for old, new in replaced.items():
            assert old in whole
            whole = whole.replace(old, new)
        path = self.house.settings.workspace / "lockout.yaml"
        path.write_text(whole, "utf-8")
        return path

    def verb(self, *arguments: str, fails: bool = False) -> str:
        """Run a verb in this process; what it printed."""
        settings = self.house.settings
        place = {"REINFORCE_DATABASE_URL": settings.resolved_database_url}
        done = CliRunner().invoke(main_group, ["--workspace", str(settings.workspace), *arguments], env=place)
        assert (done.exit_code != 0) == fails, done.output
        return done.output

    def preview(self, **wish: Any) -> RecallPlan:
        house = self.house
        return preview(house.database, RecallWish("lockout", **wish), house.renderer, house.tariff, now=self.now())

    def recall(self, code: str, **wish: Any) -> Recalled:
        house = self.house
        asked = RecallWish("lockout", **wish)
        return recall(house.database, asked, code, house.renderer, house.tariff, actor="author", now=self.now())

    def stored(self, nugget: str) -> StoredNugget:
        """A nugget as it is now."""
        with self.house.database.read() as connection:
            return nuggets.nugget_by_reference(connection, nugget, None)

    def states(self, recall_id: int) -> set[str]:
        """What became of the posts of a recall."""
        with self.house.database.read() as connection:
            return {row["state"] for row in recalls.posts_of(connection, recall_id)}

    def throw_beliefs_away(self) -> None:
        """As if every belief had been lost: the evidence is still there."""
        with self.house.database.write() as connection:
            memories.forget(connection, list(connection.execute(select(t.nugget.c.id)).scalars()))

    def wait_over(self) -> None:
        """As if what was put off had waited long enough."""
        with self.house.database.write() as connection:
            connection.execute(update(t.deletion).values(not_before=None))

    def timeline(self) -> dict[int, str]:
        """What stands on the timeline of ours, by X's id."""
        state = self.practice.state()
        ours = state["company"]["handle"]
        return {
            int(post["id"]): post["text"] for post in state["posts"] if post["author"] == ours and not post["deleted"]
        }

    def met(self, nugget: str) -> float:
        """How sure it is that the nugget has reached anybody of the cohort, the one most likely."""
        with self.house.database.read() as connection:
            nugget_id = connection.execute(select(t.nugget.c.id).where(t.nugget.c.slug == nugget)).scalar_one()
            learners = list(connection.execute(select(t.learner.c.id)).scalars())
            belief = memories.load_cohort(connection, [nugget_id], learners)
        return float(1.0 - belief.unmet.min())


@pytest.fixture
def revision(tmp_path: Path, open_database: Callable[[Build], Database]) -> Iterator[Revision]:
    """On each database."""
    made = Revision(tmp_path, open_database(with_procedure))
    yield made
    made.close()


@pytest.fixture
def sqlite_revision(tmp_path: Path, sqlite_shelf: SqliteShelf) -> Iterator[Revision]:
    """On SQLite only, for what does not depend on the database."""
    with sqlite_shelf.open(with_procedure) as database:
        made = Revision(tmp_path, database)
        yield made
        made.close()
