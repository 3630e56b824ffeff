"""Looking after an open house: the doctor, backups, the change of keys, and what probes and Prometheus are told.

Wiring, as `bootstrap` is: each function takes a house and hands its parts to one action.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reinforce.accounts.service_clock import clock_skew
from reinforce.actions.operating import backup as backups
from reinforce.actions.operating import restore as restores
from reinforce.actions.operating import rotate_keys as rotation
from reinforce.actions.operating.diagnose import Surroundings
from reinforce.actions.operating.diagnose import diagnose as look_at_all
from reinforce.actions.operating.look_at_budgets import look_at_budgets
from reinforce.actions.operating.look_ready import look_ready
from reinforce.bootstrap import House
from reinforce.domain.errors import ReinforceError
from reinforce.domain.figures import LimitFigures, LineFigures
from reinforce.domain.finding import Finding
from reinforce.monitoring import pages
from reinforce.monitoring.listener import Listener, Pages
from reinforce.store.reporting.figures import read_figures
from reinforce.telemetry import get_logger

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
    found = look_at_all(house.database, around)
    if not settings.workspace.is_dir():
        return found  # to look for budgets would make a database
    return found + look_at_budgets(house.database, house.tariff, now=clock.now())


def backup(house: House, file: Path, *, force: bool) -> int:
    """Write a backup while everything runs; its size in bytes (`actions.operating.backup`)."""
    return backups.backup(house.database, file, now=house.clock.wall(), force=force)


def restore(house: House, file: Path) -> Path:
    """Put a backup back; where the content of before is kept (`actions.operating.restore`)."""
    folder = house.settings.workspace
    return restores.restore(house.database, file, folder, actor=house.actor, now=house.clock.wall())


def rotate_keys(house: House, *, new_key: bool, keep_old: bool) -> rotation.Rotated:
    """Change the key that account tokens are encrypted with (`actions.operating.rotate_keys`)."""
    return rotation.rotate_keys(
        house.database, house.keyring, actor=house.actor, now=house.clock.now(), new_key=new_key, keep_old=keep_old
    )


def monitor_pages(house: House, owner: str = "") -> Pages:
    """What this process tells probes and Prometheus; `owner` is the daemon that has to be alive, "" for any."""
    database, clock = house.database, house.clock

    def metrics() -> pages.Page:
        return pages.metrics(read_figures(database, now=clock.now(), wall=clock.wall()), _lines(house))

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
