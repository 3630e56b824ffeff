"""The pages that probes and Prometheus ask for; who serves them (the daemon, the console) is no matter here.

`/healthz` the process answers · `/readyz` it can do its work, 503 otherwise · `/metrics` Prometheus' text format
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from reinforce import __version__
from reinforce.domain.figures import Figures, LineFigures
from reinforce.domain.finding import Finding
from reinforce.monitoring.exposition import exposed

PATHS = ("/healthz", "/readyz", "/metrics")


@dataclass(frozen=True, slots=True)
class Page:
    """An answer."""

    status: int
    content_type: str
    body: bytes


def health() -> Page:
    """That the process is alive: nothing is looked at, so that nothing but its end can make it fail."""
    return _json(200, {"ok": True, "version": __version__})


def readiness(findings: Sequence[Finding]) -> Page:
    """Whether the process can do its work, and what keeps it from that."""
    ready = not any(finding.level == "fail" for finding in findings)
    return _json(200 if ready else 503, {"ready": ready, "checks": [asdict(finding) for finding in findings]})


def metrics(figures: Figures | None, lines: Sequence[LineFigures] = ()) -> Page:
    """What is known in numbers; `figures` None where the database could not be read."""
    return Page(200, CONTENT_TYPE_PLAIN_0_0_4, exposed(figures, lines))


def _json(status: int, content: object) -> Page:
    return Page(status, "application/json", json.dumps(content, ensure_ascii=False).encode())
