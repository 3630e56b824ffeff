"""Connect an account: see who it is, then store its credentials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from reinforce.accounts.base import Account, AccountError, BadCredentials, Identity
from reinforce.clock import Clock
from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.accounts.base_url import X, checked_base_url, is_on_loopback
from reinforce.domain.accounts.credentials import Credentials
from reinforce.domain.errors import Conflict, NotAllowed, NotFound, ReinforceError
from reinforce.domain.nugget import Confidentiality
from reinforce.store.accounts import accounts
from reinforce.store.accounts import credentials as stored
from reinforce.store.accounts.credentials import Cipher
from reinforce.store.operating import audit
from reinforce.store.operating import workspace as workspaces
from reinforce.store.session import Database

AccountFactory = Callable[[Credentials, str], Account]


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What was asked for. `confidentiality` None takes what the account is: internal if protected, else public."""

    name: str
    credentials: Credentials
    base_url: str = X
    confidentiality: Confidentiality | None = None


def connect(
    database: Database, asked: NewAccount, cipher: Cipher, account_factory: AccountFactory, clock: Clock, actor: str
) -> AccountRecord:
    """Connect an account, or give it new credentials; nothing is stored unless they are good.

    `account_factory(credentials, base_url)` opens it for a look. Raises NotAllowed (X from a rehearsal or at an
    accelerated time; an internal account that is public), Conflict (the name or the X user belongs to another),
    ReinforceError.
    """
    base_url = checked_base_url(asked.base_url)
    with database.read() as connection:
        _check_place(connection, base_url, accelerated=clock.accelerated)
    identity, newest = _who(account_factory(asked.credentials, base_url), base_url)
    confidentiality = _checked_confidentiality(asked.confidentiality, identity)
    now = clock.now()
    with database.write() as connection:
        record = _recorded(connection, asked.name, base_url, confidentiality, identity)
        stored.save(connection, record.id, asked.credentials, cipher, clock.wall())
        if newest is not None and accounts.newest_known_post(connection, record.id) is None:
            accounts.mark_own_timeline(connection, record.id, newest, now)
        audit.record(connection, actor, "connect_account", f"account/{record.id}", {}, now)
    return record


def _check_place(connection: Connection, base_url: str, *, accelerated: bool) -> None:
    if is_on_loopback(base_url):
        return
    workspace = workspaces.workspace(connection)
    if workspace is not None and workspace.rehearsal:
        raise NotAllowed(
            "this workspace is a rehearsal: it is never connected to X",
            "Make another workspace for the real account: reinforce --workspace FOLDER init.",
        )
    if accelerated:
        raise NotAllowed(
            "programme time is accelerated here, and an account on X would get days of posts in minutes",
            "Connect the real account in a workspace that runs on the wall clock.",
        )


def _who(account: Account, base_url: str) -> tuple[Identity, int | None]:
    """Who the credentials belong to, and the newest post on their timeline."""
    try:
        identity = account.identity()
        newest = account.own_posts(since_id=None, limit=5).posts
    except BadCredentials as error:
        advice = "Set this machine's clock." if error.transient else "Copy them again from the developer portal."
        raise ReinforceError(f"{base_url} refused these credentials: {error.words}", advice) from None
    except AccountError as error:
        raise ReinforceError(
            f"{base_url} did not say who this account is: {error}", "Nothing was stored. Try again in a few minutes."
        ) from None
    return identity, newest[0].id if newest else None


def _checked_confidentiality(wanted: Confidentiality | None, identity: Identity) -> Confidentiality:
    if wanted is None:
        return Confidentiality.INTERNAL if identity.protected else Confidentiality.PUBLIC
    if wanted is Confidentiality.INTERNAL and not identity.protected:
        raise NotAllowed(
            f"@{identity.handle} is public, so nothing internal may be said on it",
            "Protect its posts in its settings and connect it again, or connect it as public.",
        )
    return wanted


def _recorded(
    connection: Connection, name: str, base_url: str, confidentiality: Confidentiality, identity: Identity
) -> AccountRecord:
    """The account's row: a new one, or the one of that name if it is the same X user."""
    try:
        known = accounts.account_by_name(connection, name)
    except NotFound:
        return accounts.add_account(
            connection,
            name=name,
            base_url=base_url,
            handle=identity.handle,
            remote_user_id=identity.user_id,
            confidentiality=confidentiality,
            protected=identity.protected,
        )
    if known.remote_user_id not in (None, identity.user_id):
        raise Conflict(
            f"{name} is another account: what was posted and answered there would be mixed up with @{identity.handle}",
            "Give the new account a name of its own.",
        )
    accounts.set_identity(
        connection,
        known.id,
        remote_user_id=identity.user_id,
        handle=identity.handle,
        protected=identity.protected,
    )
    accounts.set_place(connection, known.id, base_url=base_url, confidentiality=confidentiality)
    return accounts.account_by_id(connection, known.id)
