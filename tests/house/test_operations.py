"""What operators copy: alerts, the systemd unit, the image and the compose file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from reinforce.domain.figures import (
    LATENESS_BOUNDS,
    AccountFigures,
    DaemonFigures,
    Figures,
    Lateness,
    LimitFigures,
    LineFigures,
)
from reinforce.domain.sending.outbox import State
from reinforce.monitoring.exposition import exposed

FIGURES = Figures(
    posts={state.value: 0 for state in State},
    due=0,
    oldest_due=0.0,
    oldest_unknown=0.0,
    expired_leases=0,
    lateness=Lateness((0,) * len(LATENESS_BOUNDS), 0, 0.0),
    accounts=(AccountFigures("acme", True, 0, 0, 0),),
    daemons=(DaemonFigures("here:1", 0.0, True, False),),
    unread=0,
    oldest_unread=0.0,
    needs_person=0,
    oldest_waiting=0.0,
    audit_rows=0,
    backup_age=0.0,
)
LINE = LineFigures("acme", {("GET /x", "200"): 1}, (LimitFigures("GET /x", 1, 1),), 0.0)
# What Prometheus adds itself.
ITS_OWN = {"up"}
FUNCTIONS = {
    "absent", "abs", "by", "histogram_quantile", "max", "max_over_time", "min", "or", "rate", "sum", "and", "on",
}  # fmt: skip


@pytest.fixture(scope="session")
def exported() -> dict[str, set[str]]:
    """Every metric that can be scraped, with its labels."""
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(exposed(FIGURES, (LINE,)).decode()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def _yaml(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text("utf-8"))


def _rules(repository: Path) -> list[dict[str, Any]]:
    groups = _yaml(repository / "docker" / "prometheus-rules.yaml")["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_every_alert_asks_for_metrics_and_labels_that_exist(repository: Path, exported: dict[str, set[str]]) -> None:
    for rule in _rules(repository):
        expression = re.sub(r'"[^"]*"', '""', rule["expr"])
        labels = set(re.findall(r"(\w+)\s*(?:=~|=|!=|!~)\s*\"\"", expression))
        labels |= {name for group in re.findall(r"by \(([^)]*)\)", expression) for name in re.split(r"\W+", group)}
        bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|by \([^)]*\)", "", expression)
        names = set(re.findall(r"[a-z_]\w*", bare)) - FUNCTIONS
        assert names - ITS_OWN <= set(exported), rule["alert"]
        assert names, rule["alert"]
        known = {"job"} | {label for name in names - ITS_OWN for label in exported[name]}
        assert labels <= known, rule["alert"]
        used = set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))
        assert used <= known, rule["alert"]


def test_every_alert_says_what_it_means_and_what_to_do(repository: Path) -> None:
    rules = _rules(repository)
    assert len({rule["alert"] for rule in rules}) == len(rules) > 8
    for rule in rules:
        assert set(rule["annotations"]) == {"summary", "action"}, rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket")


def test_every_metric_is_in_the_reference_and_no_other(repository: Path, exported: dict[str, set[str]]) -> None:
    text = (repository / "docs" / "reference" / "metrics.md").read_text("utf-8")
    ours = {name for name in exported if name.startswith("reinforce_")}
    families = {re.sub(r"_(bucket|gcount|gsum)$", "", name) for name in ours}
    described = set(re.findall(r"`(reinforce_\w+)`", text))
    assert families == described, "describe it in docs/reference/metrics.md"
