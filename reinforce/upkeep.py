"""Looking after an open house: the doctor, backups, the change of keys, and what probes and Prometheus are told.

Wiring, as `bootstrap` is: each function takes a house and hands its parts to one action.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from reinforce.accounts.service_clock import clock_skew
from reinforce.actions.operating import backup as backups
from reinforce.actions.operating import restore as restores
from reinforce.actions.operating import rotate_keys as rotation
from reinforce.actions.operating.diagnose import Surroundings
from reinforce.actions.operating.diagnose import diagnose as look_at_all
from reinforce.actions.operating.look_at_budgets import look_at_budgets
from reinforce.actions.operating.look_ready import look_ready
from reinforce.actions.privacy import erase as erasing
from reinforce.actions.privacy import readmit as readmitting
from reinforce.actions.privacy import retain as retaining
from reinforce.actions.privacy.erase import Around
from reinforce.actions.privacy.keep_away import keep_away
from reinforce.actions.privacy.retain import KeptKind
from reinforce.bootstrap import House
from reinforce.clock import Clock
from reinforce.domain.errors import ReinforceError
from reinforce.domain.figures import LimitFigures, LineFigures
from reinforce.domain.finding import Finding
from reinforce.domain.privacy.keyed_hash import KeyedHash
from reinforce.domain.privacy.receipt import Receipt
from reinforce.domain.privacy.retention import Kept, Times
from reinforce.monitoring import pages
from reinforce.monitoring.listener import Listener, Pages
from reinforce.secrets import client_secret, suppression_key
from reinforce.settings import Settings
from reinforce.store.privacy.keeping_away import write_list
from reinforce.store.reporting.figures import read_figures
from reinforce.telemetry import conceal_values, get_logger

if TYPE_CHECKING:
    from reinforce.identity.provider import Provider

log = get_logger("monitor")


def diagnose(house: House, *, offline: bool = False) -> tuple[Finding, ...]:
    """What the doctor finds (`actions.operating.diagnose`, `look_at_budgets`); `offline`: no service is asked for its
    time."""
    settings, clock = house.settings, house.clock
    try:
        opens = house.keyring.opens
    except ReinforceError:
        opens = None
    around = Surroundings(
        folder=settings.workspace,
        key_file=settings.key_file,
        now=clock.now(),
        wall=clock.wall(),
        opens=opens,
        skew=None if offline else lambda place: clock_skew(place, clock),
    )
    found = (*look_at_all(house.database, around), *_look_at_sign_in(settings, clock, offline=offline))
    if not settings.workspace.is_dir():
        return found  # to look for budgets would make a database
    return found + look_at_budgets(house.database, house.tariff, now=clock.now())


def company_sign_in(settings: Settings, clock: Clock) -> Provider | None:
    """The company's sign-in; None where none is set. Asks it nothing. Raises ReinforceError for what can't be meant."""
    if not settings.oidc_issuer and not settings.oidc_client_id:
        return None
    from reinforce.identity.provider import Provider, Registration  # noqa: PLC0415 - half the work of a start, else unused

    def secret() -> str:
        found = _client_secret(settings)
        conceal_values([found])
        return found

    registered = Registration(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_claim, settings.oidc_ca_file)
    return Provider(registered, secret, lambda: clock.wall().timestamp(), clock.monotonic)


def _client_secret(settings: Settings) -> str:
    return client_secret(settings.oidc_secret, required=settings.oidc_secret_file is not None)


def _look_at_sign_in(settings: Settings, clock: Clock, *, offline: bool) -> Iterator[Finding]:
    """How the company's sign-in is set, and whether it answers. What the secret is stands nowhere."""
    try:
        provider = company_sign_in(settings, clock)
        if provider is None:
            return
        if _client_secret(settings):
            yield Finding("ok", "the client secret of the company's sign-in is there and private")
        else:
            advice = f"If it gave you one, put it into {settings.oidc_secret} (chmod 600)."
            yield Finding("warn", "the company's sign-in is used without a client secret", advice)
        if not offline:
            keys = provider.look()
            if keys:
                yield Finding("ok", f"the company's sign-in answers as {settings.oidc_issuer} and publishes its keys")
            else:
                advice = "Whoever runs it looks at its keys: RSA, elliptic curve or Ed25519, for signatures."
                yield Finding("fail", "the company's sign-in publishes no key that can be used", advice)
    except ReinforceError as fault:
        yield Finding("fail", fault.message, fault.advice)


def backup(house: House, file: Path, *, force: bool) -> int:
    """Write a backup while everything runs; its size in bytes (`actions.operating.backup`)."""
    return backups.backup(house.database, file, now=house.clock.wall(), actor=house.actor, force=force)


def restore(house: House, file: Path) -> Path:
    """Put a backup back; where the content of before is kept (`actions.operating.restore`). Who was erased, or said
    stop, since it was made is taken out of it again before this returns."""
    settings = house.settings
    keyed = _key_of_a_list(house)
    listed = restores.SuppressionList(settings.suppression_list, keyed)
    kept = restores.restore(
        house.database, file, settings.workspace, actor=house.actor, now=house.clock.wall(), listed=listed
    )
    again = keep_away(house.database, settings.suppression_list, keyed, now=house.clock.now())
    if again.erased and house.database.is_sqlite:
        house.database.forget_deleted(())
    return kept


def _key_of_a_list(house: House) -> KeyedHash:
    """The suppression list's key, also where the database is too damaged to be asked whether there is a list."""
    settings = house.settings
    return KeyedHash(suppression_key(settings.suppression_key, create=not settings.suppression_list.exists()))


def erase(house: House, who: str, *, dry_run: bool) -> Receipt:
    """Erase a person (`actions.privacy.erase`); the list beside the database knows it when this returns."""
    settings, clock = house.settings, house.clock
    place = house.database.engine.url.database if house.database.is_sqlite else None
    own = () if place is None else tuple(Path(f"{place}{ending}") for ending in ("", "-wal", "-shm"))
    around = Around(house.keyed_hash, settings.workspace, own)
    now, wall = clock.now(), clock.wall()
    receipt = erasing.erase(house.database, around, who, actor=house.actor, now=now, wall=wall, dry_run=dry_run)
    if not dry_run:
        write_list(house.database, settings.suppression_list, house.keyed_hash)
        house.database.forget_deleted(receipt.removed)
    return receipt


def readmit(house: House, who: str) -> None:
    """Let somebody who was erased be taken in again (`actions.privacy.readmit`)."""
    readmitting.readmit(house.database, house.keyed_hash, who, actor=house.actor, now=house.clock.now())
    write_list(house.database, house.settings.suppression_list, house.keyed_hash)


def retain(house: House, *, at_once: bool = False) -> Mapping[str, int]:
    """Delete what was kept for long enough (`actions.privacy.retain`)."""
    clock = house.clock
    times = _times(house)
    return retaining.retain(
        house.database, times, now=clock.now(), wall=clock.wall(), keyed=house.keyed_hash, at_once=at_once
    )


def retention(house: House) -> tuple[KeptKind, ...]:
    """How long what is kept, and how much of it is due."""
    return retaining.show(house.database, _times(house), now=house.clock.now(), wall=house.clock.wall())


def _times(house: House) -> Times:
    return Times({kind: getattr(house.settings, f"keep_{kind.value}_days") for kind in Kept})


def rotate_keys(house: House, *, new_key: bool, keep_old: bool) -> rotation.Rotated:
    """Change the key that account tokens are encrypted with (`actions.operating.rotate_keys`)."""
    return rotation.rotate_keys(
        house.database, house.keyring, actor=house.actor, now=house.clock.now(), new_key=new_key, keep_old=keep_old
    )


def monitor_pages(house: House, owner: str = "") -> Pages:
    """What this process tells probes and Prometheus; `owner` is the daemon that has to be alive, "" for any."""
    database, clock = house.database, house.clock

    def metrics() -> pages.Page:
        found = read_figures(database, now=clock.now(), wall=clock.wall(), tariff=house.tariff)
        return pages.metrics(found, _lines(house))

    return {
        "/healthz": pages.health,
        "/readyz": lambda: pages.readiness(look_ready(database, wall=clock.wall(), owner=owner)),
        "/metrics": metrics,
    }


@contextmanager
def monitored(house: House, owner: str) -> Iterator[None]:
    """Serves those pages for the daemon `owner` while the block runs, where `monitor_port` is set.

    Raises ReinforceError where the port can't be used.
    """
    settings = house.settings
    if settings.monitor_port is None:
        yield
        return
    with Listener(settings.monitor_host, settings.monitor_port, monitor_pages(house, owner)) as listener:
        log.info("probes and metrics are served", address=listener.address)
        yield


def _lines(house: House) -> tuple[LineFigures, ...]:
    """What this process knows of the accounts it has called."""
    return tuple(
        LineFigures(
            name,
            account.calls(),
            tuple(LimitFigures(one.endpoint, one.limit, one.remaining) for one in account.limits()),
            account.clock_skew(),
        )
        for name, account in house.called()
    )
