"""The wiring: the only place that knows all rooms. Builds each part of the house once, when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reinforce.clock import Clock
from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from reinforce.accounts.base import Account
    from reinforce.domain.accounts.account import AccountRecord
    from reinforce.domain.accounts.credentials import Credentials, OAuth2App, OAuth2Keys
    from reinforce.domain.answering.notices import Messenger
    from reinforce.domain.finding import Finding
    from reinforce.domain.listening.lexicon import Lexicon
    from reinforce.domain.privacy.keyed_hash import KeyedHash
    from reinforce.domain.sending.budget import Tariff
    from reinforce.domain.sending.kill_points import Checkpoint
    from reinforce.domain.sending.send_policy import SendPolicy
    from reinforce.notifying.dispatch import Secrets as NotifySecrets
    from reinforce.rendering.posts import PostRenderer
    from reinforce.secrets import Keyring
    from reinforce.store.operating.workspace import Workspace
    from reinforce.store.session import Database

Tell = Callable[[str], None]
CONSENT_SECONDS = 600.0


class House:
    """One workspace, opened. Parts are built when first used; `close` gives back what they hold."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.acting_as = ""
        self._accounts: dict[tuple[int, str], Account] = {}
        self._names: dict[tuple[int, str], str] = {}
        self._connected_at: dict[int, datetime | None] = {}

    def require_workspace(self) -> None:
        """Raise ReinforceError unless there is a workspace here, with a database that fits this version."""
        from reinforce.store.operating import table_revision, workspace

        self.require_folder()
        if not table_revision.is_current(self.database):
            raise ReinforceError(
                "the database is not at this version's tables", "Run `reinforce db upgrade` (back it up first)."
            )
        with self.database.read() as connection:
            if workspace.workspace(connection) is None:
                raise self._missing()

    def require_folder(self) -> None:
        """Raise ReinforceError unless the folder of a workspace is here, whatever is in it."""
        if not self.settings.workspace.is_dir():
            raise self._missing()

    def _missing(self) -> ReinforceError:
        return ReinforceError(
            f"there is no workspace in {self.settings.workspace}",
            "Make one with `reinforce init`, or say where it is with --workspace or REINFORCE_WORKSPACE.",
        )

    @property
    def rehearsal(self) -> bool:
        """True if this workspace is a rehearsal, for good."""
        from reinforce.store.operating import workspace

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
    def keyed_hash(self) -> KeyedHash:
        """What the suppression list's hashes are made with. A workspace whose list is empty gets its key here."""
        from reinforce.domain.privacy.keyed_hash import KeyedHash
        from reinforce.secrets import suppression_key
        from reinforce.store.privacy import suppression

        with self.database.read() as connection:
            empty = suppression.is_empty(connection) and not self.settings.suppression_list.exists()
        return KeyedHash(suppression_key(self.settings.suppression_key, create=empty))

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

    @cached_property
    def messenger(self) -> Messenger:
        """What brings messages to facilitators: mail and webhooks."""
        from reinforce.notifying.dispatch import Dispatch

        s = self.settings
        return Dispatch(
            self._notify_secrets,
            lambda: self.clock.wall().timestamp(),
            host=s.smtp_host,
            port=s.smtp_port,
            security=s.smtp_security,
            sender=s.smtp_from,
            user=s.smtp_user,
            ca_file=s.notify_ca_file,
        )

    def _notify_secrets(self) -> NotifySecrets:
        import os

        from reinforce.notifying.dispatch import Secrets
        from reinforce.secrets import read_private_file
        from reinforce.telemetry import conceal_values

        file = self.settings.notify_secrets_file
        secrets = Secrets(read_private_file(file) if file.exists() else "", os.environ, str(file))
        conceal_values(secrets.values())
        return secrets

    def schedule(self, name_or_path: str) -> Mapping[str, Any]:
        """The content of a cadence: one that ships, by name, or a file. Raises ContentRefused, NotFound."""
        from reinforce.content.schedule_file import find_schedule, read_schedule
        from reinforce.shipped import shipped

        return read_schedule(find_schedule(name_or_path, shipped("schedules"))).content

    @property
    def actor(self) -> str:
        """Who does what is done from this process, for the audit log: the member that was named, else the operating
        system's user, as a number. Raises NotFound for a name that is no member's."""
        import os

        if self.acting_as:
            from reinforce.store.approving.members import actor_of

            with self.database.read() as connection:
                return actor_of(connection, self.acting_as)
        return f"uid/{os.getuid()}"

    def make(self, *, rehearsal: bool) -> Workspace:
        """Make what is missing of the workspace: folder, settings file, key, tables. Twice changes nothing."""
        from reinforce.actions.operating.start_workspace import start_workspace
        from reinforce.secrets import Keyring
        from reinforce.store.operating import migrations

        # What people wrote and how well they remember is for nobody else on this machine.
        self.settings.workspace.mkdir(parents=True, exist_ok=True, mode=0o700)
        migrations.upgrade(self.database)
        if not self.settings.key_file.exists():
            Keyring.create(self.settings.key_file)
        _ = self.keyed_hash  # makes its key
        return start_workspace(self.database, self.settings.workspace, rehearsal=rehearsal, now=self.clock.wall())

    def account(self, record: AccountRecord) -> Account:
        """The account behind a record, reached by its base URL; one client for each account and process.

        Raises NotAllowed if programme time is accelerated or this is a rehearsal, and the account is not on this
        machine.
        """
        key = (record.id, record.base_url)
        self._connected_at[record.id] = record.connected_at
        known = self._accounts.get(key)
        if known is None:
            self._names[key] = record.name
            self._accounts[key] = known = self._open_account(record)
        return known

    def send_policy(self, record: AccountRecord) -> SendPolicy:
        """How `record` is sent to: as set, but in seconds on the practice account of an accelerated rehearsal."""
        from reinforce.domain.sending.send_policy import REHEARSAL, SendPolicy

        if record.on_this_machine and self.clock.accelerated:
            return REHEARSAL
        s = self.settings
        return SendPolicy(
            lease=s.lease_seconds,
            guard=s.send_guard_seconds,
            pause=s.pause_bound_seconds,
            deadline=s.send_deadline_seconds,
            lag=s.read_lag_seconds,
            quarantine=s.quarantine_seconds,
            doubt=s.doubt,
            rounds=s.unknown_rounds,
            read_within=s.read_before_send_seconds,
        )

    @cached_property
    def checkpoint(self) -> Checkpoint:
        """Where this process is to die ("stop:POINT": to be stopped, as by SIGSTOP), for tests.

        Raises NotAllowed with an account beyond this machine.
        """
        from reinforce.domain.sending.kill_points import unwatched

        if not self.settings.kill_at:
            return unwatched
        self._require_on_this_machine("kill_at is for rehearsals and tests")

        at = self.settings.kill_at.removeprefix("stop:")
        reached: list[str] = []

        def die_there(point: str) -> None:
            import os
            import signal

            if point == at and not reached:
                reached.append(point)
                os.kill(os.getpid(), signal.SIGKILL if at == self.settings.kill_at else signal.SIGSTOP)

        return die_there

    def connect_account(
        self, name: str, file: Path | None, base_url: str | None, confidentiality: str | None, tell: Tell
    ) -> AccountRecord:
        """Connect an account with the keys in `file`, else in the environment.

        An OAuth 2 app without tokens needs its owner's consent: `tell` is given the address to open, and the answer is
        waited for on this machine. Raises what `actions.operating.connect` raises.
        """
        from reinforce.actions.operating.connect import NewAccount, connect
        from reinforce.domain.accounts.base_url import X
        from reinforce.domain.accounts.credentials import OAuth2App
        from reinforce.domain.nugget import Confidentiality
        from reinforce.secrets import credentials_from_environment, read_credentials_file
        from reinforce.telemetry import conceal_values

        given = credentials_from_environment(name) if file is None else read_credentials_file(file)
        place = base_url or given.base_url or X
        credentials = given.credentials
        if isinstance(credentials, OAuth2App):
            conceal_values((credentials.client_secret,))
            credentials = self._ask_consent(credentials, place, tell)
        conceal_values(credentials.secret_values())
        wanted = {"protected": Confidentiality.INTERNAL, "public": Confidentiality.PUBLIC, None: None}[confidentiality]
        asked = NewAccount(name, credentials, place, wanted)
        return connect(self.database, asked, self.keyring, self._look, self.clock, self.actor)

    def check_account(self, name: str) -> tuple[Finding, ...]:
        """Check an account (`actions.operating.check_account`). Raises NotFound."""
        from reinforce.actions.operating.check_account import check_account
        from reinforce.domain.accounts.credentials import OAuth2Keys
        from reinforce.store.accounts import accounts, credentials

        with self.database.read() as connection:
            record = accounts.account_by_name(connection, name)
            keys = credentials.load(connection, record.id, self.keyring)
        scopes = keys.tokens.scopes if isinstance(keys, OAuth2Keys) else None
        return check_account(self.database, record, self.account(record), scopes)

    def _ask_consent(self, app: OAuth2App, base_url: str, tell: Tell) -> OAuth2Keys:
        from reinforce.accounts.consent_page import ConsentReceiver
        from reinforce.accounts.oauth import TokenEndpoint, ask_consent
        from reinforce.domain.accounts.credentials import OAuth2Keys

        with ConsentReceiver(self.clock.monotonic) as receiver:
            consent = ask_consent(app, receiver.redirect_uri, base_url=base_url)
            tell(f"Open this address, signed in as the account, and allow it:\n{consent.address}")
            code = receiver.wait_for_code(consent, CONSENT_SECONDS)
        return OAuth2Keys(app, TokenEndpoint(self.clock, base_url=base_url).redeem(app, consent, code))

    def _look(self, credentials: Credentials, base_url: str) -> Account:
        """An account opened with credentials that are not stored yet."""
        from reinforce.accounts.x import XAccount
        from reinforce.domain.accounts.credentials import OAuth2Keys

        if isinstance(credentials, OAuth2Keys):
            token = credentials.tokens.access_token
            return XAccount(lambda: token, self.clock, base_url=base_url)
        return XAccount(credentials, self.clock, base_url=base_url)

    def _open_account(self, record: AccountRecord) -> Account:
        from reinforce.accounts.oauth import TokenEndpoint
        from reinforce.accounts.x import XAccount
        from reinforce.actions.operating.renew_tokens import current_keys
        from reinforce.domain.accounts.credentials import OAuth1Keys, OAuth2Tokens
        from reinforce.telemetry import conceal_values

        if not record.on_this_machine and (self.clock.accelerated or self.rehearsal):
            raise NotAllowed(
                f"account {record.name} is on X, and this is a rehearsal",
                "Connect X in a workspace of its own, without an accelerated clock.",
            )
        endpoint = TokenEndpoint(self.clock, base_url=record.base_url)

        def renew(old: OAuth2Keys) -> OAuth2Tokens:
            conceal_values(old.secret_values())
            fresh = endpoint.renew(old)
            conceal_values((fresh.access_token, fresh.refresh_token))
            return fresh

        kept: dict[datetime | None, OAuth1Keys] = {}

        def keys() -> OAuth1Keys | str:
            # Keys that don't expire are good for as long as the account is not connected anew.
            connected_at = self._connected_at[record.id]
            if connected_at in kept:
                return kept[connected_at]
            found = current_keys(self.database, record.id, self.keyring, renew, self.clock.wall())
            conceal_values(found.secret_values() if isinstance(found, OAuth1Keys) else (found,))
            if isinstance(found, OAuth1Keys):
                kept.clear()
                kept[connected_at] = found
            return found

        return XAccount(keys, self.clock, base_url=record.base_url, user_id=record.remote_user_id)

    def called(self) -> tuple[tuple[str, Account], ...]:
        """The accounts that this process has opened, with their names."""
        return tuple((self._names[key], account) for key, account in list(self._accounts.items()))

    def expected(self, error: Exception) -> bool:
        """True for errors of the world (a network, a database, a rule), whose traceback would tell nobody anything."""
        from sqlalchemy.exc import DBAPIError

        from reinforce.accounts.base import AccountError

        return isinstance(error, AccountError | DBAPIError | ReinforceError)

    def words(self, error: Exception) -> str:
        """An error as a person reads it, without a statement's parameters: they may be texts or keys."""
        from sqlalchemy.exc import DBAPIError

        from reinforce.store.database_faults import database_fault

        fault = database_fault(error)
        if fault is not None:
            return f"{fault.message}. {fault.advice}"
        said = str(error.orig).partition("\n")[0] if isinstance(error, DBAPIError) else str(error)
        return f"{type(error).__name__}: {said}"

    def _require_on_this_machine(self, what: str) -> None:
        from reinforce.store.accounts import accounts

        with self.database.read() as connection:
            away = [record.name for record in accounts.accounts(connection) if not record.on_this_machine]
        if away:
            raise NotAllowed(f"{what}, and {', '.join(away)} is not on this machine", "Unset REINFORCE_KILL_AT.")

    def close(self) -> None:
        """Close the database's connections."""
        if "database" in self.__dict__:
            self.database.close()
