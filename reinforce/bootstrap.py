"""The wiring: the only place that knows all rooms. Builds each part of the house once, when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from reinforce.clock import Clock
from reinforce.domain.errors import ReinforceError
from reinforce.settings import Settings

if TYPE_CHECKING:
    from reinforce.accounts.base import Account
    from reinforce.domain.account import AccountRecord
    from reinforce.domain.budget import Tariff
    from reinforce.domain.lexicon import Lexicon
    from reinforce.rendering.posts import PostRenderer
    from reinforce.secrets import Keyring
    from reinforce.store.session import Database


class House:
    """One workspace, opened. Parts are built when first used; `close` gives back what they hold."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._accounts: dict[int, Account] = {}

    def require_workspace(self) -> None:
        """Raise ReinforceError unless there is a workspace here, with a database that fits this version."""
        from reinforce.store import migrations, workspace

        missing = ReinforceError(
            f"there is no workspace in {self.settings.workspace}",
            "Make one with `reinforce init`, or say where it is with --workspace or REINFORCE_WORKSPACE.",
        )
        if not self.settings.workspace.is_dir():
            raise missing
        if not migrations.is_current(self.database):
            raise ReinforceError(
                "the database is not at this version's tables", "Run `reinforce db upgrade` (back it up first)."
            )
        with self.database.read() as connection:
            if workspace.workspace(connection) is None:
                raise missing

    @property
    def rehearsal(self) -> bool:
        """True if this workspace is a rehearsal, for good."""
        from reinforce.store import workspace

        with self.database.read() as connection:
            there = workspace.workspace(connection)
        return there is not None and there.rehearsal

    @cached_property
    def clock(self) -> Clock:
        """Programme and machine time of this workspace."""
        return Clock(self.settings.clock_file)

    @cached_property
    def database(self) -> Database:
        """The workspace's database; opened by its first connection."""
        from reinforce.store.session import Database

        return Database(self.settings.resolved_database_url)

    @cached_property
    def keyring(self) -> Keyring:
        """The key that account tokens are encrypted with; made when a workspace is made."""
        from reinforce.secrets import Keyring

        return Keyring.load(self.settings.key_file)

    @cached_property
    def renderer(self) -> PostRenderer:
        """Post templates: those that ship, with the workspace's own `templates/posts` before them."""
        from reinforce.rendering.posts import PostRenderer
        from reinforce.shipped import shipped

        return PostRenderer(shipped("templates") / "posts", self.settings.workspace / "templates" / "posts")

    @cached_property
    def tariff(self) -> Tariff:
        """X's prices and limits, from the dated file that ships."""
        from reinforce.accounts.tariff import read_tariff

        return read_tariff()

    @cached_property
    def lexicon(self) -> Lexicon:
        """What learners' words mean: the lexicons that ship, extended by the workspace's `lexicon` folder."""
        from reinforce.content.lexicon_file import read_lexicons
        from reinforce.shipped import shipped

        return read_lexicons(shipped("templates") / "lexicon", self.settings.workspace / "lexicon")

    def account(self, record: AccountRecord) -> Account:
        """The account behind a record, reached by its base URL; one client for each account and process.

        Raises NotAllowed if programme time is accelerated or this is a rehearsal, and the account is not on this
        machine.
        """
        known = self._accounts.get(record.id)
        if known is None:
            self._accounts[record.id] = known = self._open_account(record)
        return known

    def close(self) -> None:
        """Close the database's connections."""
        if "database" in self.__dict__:
            self.database.close()
