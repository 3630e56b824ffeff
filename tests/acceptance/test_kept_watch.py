"""A daemon under a supervisor and a scraper, as it runs in production."""

from __future__ import annotations

import json
import signal
import socket
from pathlib import Path

import requests

from tests.acceptance.conftest import MONDAY, Site
from tests.warm import Nursery


def test_a_daemon_tells_its_supervisor_and_prometheus_how_it_fares(tmp_path: Path, nursery: Nursery) -> None:
    site = Site(tmp_path, f"sqlite:///{tmp_path / 'reinforce.db'}", nursery)
    site.clock.step_to(MONDAY)
    site.practice.start()
    site.reinforce("init")
    site.reinforce("account", "connect", "practice", "--credentials", str(tmp_path / "practice" / "credentials.json"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(str(tmp_path / "notify"))
        supervisor.settimeout(60)
        daemon = site.start_daemon(
            NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="2000000", REINFORCE_MONITOR_PORT="0"
        )
        said: set[str] = set()
        while not {"READY=1", "WATCHDOG=1", "STATUS=leading"} <= said:
            said.add(supervisor.recv(4096).decode())
        url = _address(site)
        assert requests.get(f"{url}/healthz", timeout=10).json()["ok"] is True
        ready = requests.get(f"{url}/readyz", timeout=10)
        assert (ready.status_code, ready.json()["ready"]) == (200, True)
        metrics = requests.get(f"{url}/metrics", timeout=10).text
        mentions = 'reinforce_api_calls_total{account="practice",endpoint="GET /2/users/:id/mentions",result="200"}'
        assert mentions in metrics
        assert 'reinforce_account_sending{account="practice"} 1.0' in metrics
        assert f'reinforce_daemon_leading{{daemon="{socket.gethostname()}:{daemon.pid}"}} 1.0' in metrics
        assert site.stop(daemon, signal.SIGTERM) == 0
        while "STOPPING=1" not in said:
            said.add(supervisor.recv(4096).decode())
    site.close()


def _address(site: Site) -> str:
    lines = [json.loads(line) for line in (site.folder / "daemon.log").read_text("utf-8").splitlines()]
    return next(str(line["address"]) for line in lines if line["event"] == "probes and metrics are served")
