"""What the author's tests stand on: an account, a cohort, and procedures written on the spot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.actions.authoring.load import LoadReport, load_files
from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.cohort import Cohort
from reinforce.domain.nugget import Confidentiality
from reinforce.store.accounts import accounts
from reinforce.store.session import Database

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SCHEDULE = {"name": "three-a-week"}

Load = Callable[..., LoadReport]
Nuggets = Mapping[str, str | Sequence[str]]


@pytest.fixture
def load(database: Database, tmp_path: Path) -> Load:
    """Writes nuggets (slug → its wordings, or the lines of YAML under it) as the procedure `name` and loads it."""

    def write_and_load(
        nuggets: Nuggets, *, name: str = "lockout", head: str = "", dry_run: bool = False, now: datetime = NOW
    ) -> LoadReport:
        lines = [f"title: {name.title()}", "owner: Safety", *head.splitlines(), "nuggets:"]
        for slug, wordings in nuggets.items():
            lines += [f"  - slug: {slug}", f"    title: {slug.title()}"]
            if isinstance(wordings, str):
                lines += [f"    {line}" for line in wordings.splitlines()]
            else:
                lines += ["    wordings:", *(f"      - {wording}" for wording in wordings)]
        path = tmp_path / f"{name}.yaml"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return load_files(database, [path], dry_run=dry_run, actor="author", now=now)

    return write_and_load


@pytest.fixture
def protected(database: Database) -> AccountRecord:
    """A protected account, which may carry internal nuggets."""
    with database.write() as connection:
        return accounts.add_account(
            connection,
            name="acme",
            base_url="http://127.0.0.1:1",
            handle="acme_learns",
            confidentiality=Confidentiality.INTERNAL,
            protected=True,
        )


@pytest.fixture
def cohort(database: Database, protected: AccountRecord, load: Load) -> Cohort:
    """A cohort without learners that learns two internal nuggets."""
    load({"own-lock": ["Your lock, your key."], "try-out": ["Try to start it."]})
    new = NewCohort(slug="press-shop", title="Press shop", account="acme", procedures=("lockout",))
    return create_cohort(database, new, SCHEDULE, actor="author", now=NOW)
