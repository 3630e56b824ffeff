"""What operators copy: alerts, the systemd unit, the image and the compose file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from reinforce.daemon.watchdog import LOOK
from reinforce.domain.figures import (
    LATENESS_BOUNDS,
    AccountFigures,
    DaemonFigures,
    Figures,
    Lateness,
    LimitFigures,
    LineFigures,
    WindowFigures,
)
from reinforce.domain.sending.outbox import State
from reinforce.monitoring.exposition import exposed
from reinforce.settings import Settings

FIGURES = Figures(
    posts={state.value: 0 for state in State},
    due=0,
    oldest_due=0.0,
    oldest_unknown=0.0,
    expired_leases=0,
    lateness=Lateness((0,) * len(LATENESS_BOUNDS), 0, 0.0),
    accounts=(AccountFigures("acme", True, 0, 0, 0, 1, windows=(WindowFigures("POST /2/tweets", 100, 97, 300.0),)),),
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


def _dockerfile(repository: Path) -> list[tuple[str, str]]:
    """Its instructions in order, with what stands after each."""
    text = (repository / "docker" / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.partition(" ")[0], line.partition(" ")[2].strip()) for line in lines]


def test_the_image_is_pinned_small_and_runs_as_nobody_special(repository: Path) -> None:
    instructions = _dockerfile(repository)
    bases = [rest.split()[0] for name, rest in instructions if name == "FROM"]
    assert all(re.fullmatch(r"[a-z/]+:[0-9][\w.-]*slim[\w.-]*", base) for base in bases), "name a version, and slim"
    users = [rest for name, rest in instructions if name == "USER"]
    assert re.fullmatch(r"[1-9][0-9]{3,}:[1-9][0-9]{3,}", users[-1]), "by number, and not root"
    assert [name for name, _ in instructions].index("USER") > [name for name, _ in instructions].index("RUN")
    installs = [rest for name, rest in instructions if name == "RUN" and "pip install" in rest]
    assert all("--no-cache-dir" in rest for rest in installs)
    assert any("--require-hashes -r requirements/run.txt" in rest for rest in installs)


def test_the_image_asks_its_own_daemon_for_its_health(repository: Path) -> None:
    instructions = dict(_dockerfile(repository))
    port = re.search(r"REINFORCE_MONITOR_PORT=(\d+)", instructions["ENV"])
    assert port is not None
    assert f"http://127.0.0.1:{port[1]}/healthz" in instructions["HEALTHCHECK"]


def test_no_secret_is_in_the_image_or_in_an_environment(repository: Path) -> None:
    secret = re.compile(r"(?i)(password|secret|token|key)[a-z_]*\s*[=:]\s*\S")
    for name, rest in _dockerfile(repository):
        assert name not in ("ENV", "ARG") or not secret.search(rest)
    assert "docker/secrets" in (repository / ".dockerignore").read_text("utf-8")
    assert "/docker/secrets/" in (repository / ".gitignore").read_text("utf-8")
    for name, service in _yaml(repository / "docker" / "compose.yaml")["services"].items():
        for variable, value in service.get("environment", {}).items():
            assert not secret.search(f"{variable}={value}") or variable.endswith("_FILE"), name
            assert not re.search(r"://[^/@]*:[^/@]*@", value), f"{name}: a password in an address"


def test_the_services_are_pinned_locked_down_and_reached_from_this_machine_only(repository: Path) -> None:
    compose = _yaml(repository / "docker" / "compose.yaml")
    for name, service in compose["services"].items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        assert set(service.get("secrets", [])) <= set(compose["secrets"]), name
        if "build" in service:
            assert service["read_only"] is True, name
            assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"]), name
        else:
            assert re.fullmatch(r"[a-z/]+:[0-9][\w.-]*", service["image"]), name
    seconds = Settings.model_fields["drain_seconds"].default
    assert int(compose["services"]["daemon"]["stop_grace_period"].rstrip("s")) > seconds


def test_the_unit_can_reach_nothing_it_does_not_need_and_is_watched(repository: Path) -> None:
    text = (repository / "docker" / "reinforce.service").read_text("utf-8")
    unit = dict(line.split("=", 1) for line in text.splitlines() if re.match(r"[A-Z]\w+=", line))
    wanted = {
        "Type": "notify", "NotifyAccess": "main", "Restart": "always", "User": "reinforce", "NoNewPrivileges": "yes",
        "CapabilityBoundingSet": "", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes",
        "PrivateDevices": "yes", "ProtectKernelTunables": "yes", "RestrictNamespaces": "yes", "UMask": "0077",
    }  # fmt: skip
    assert {name: unit.get(name) for name in wanted} == wanted
    assert int(unit["WatchdogSec"]) > 10 * LOOK
    assert int(unit["TimeoutStopSec"]) > Settings.model_fields["drain_seconds"].default
    assert not re.search(r"(?i)(password|token|secret)\w*=", text)


def test_every_metric_is_in_the_reference_and_no_other(repository: Path, exported: dict[str, set[str]]) -> None:
    text = (repository / "docs" / "reference" / "metrics.md").read_text("utf-8")
    ours = {name for name in exported if name.startswith("reinforce_")}
    families = {re.sub(r"_(bucket|gcount|gsum)$", "", name) for name in ours}
    described = set(re.findall(r"`(reinforce_\w+)`", text))
    assert families == described, "describe it in docs/reference/metrics.md"
