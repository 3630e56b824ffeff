"""Figures as Prometheus reads them. Every name here is described in docs/reference/metrics.md.

Two kinds: what the database tells is read at each scrape and is the same whoever is asked; what a process counts
itself (calls of X, its own memory) begins at zero with the process. No label ever names a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from prometheus_client import GC_COLLECTOR, PROCESS_COLLECTOR, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeHistogramMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from reinforce import __version__
from reinforce.domain.figures import LATENESS_BOUNDS, AccountFigures, Figures, Lateness, LineFigures

MICROS = 1_000_000


def exposed(figures: Figures | None, lines: Sequence[LineFigures]) -> bytes:
    """The text format, version 0.0.4. Without `figures` the database was out of reach, and says so."""
    return generate_latest(_Snapshot(figures, lines))


class _Snapshot(Collector):
    """What is known at one moment."""

    def __init__(self, figures: Figures | None, lines: Sequence[LineFigures]) -> None:
        self._figures = figures
        self._lines = lines

    def collect(self) -> Iterable[Metric]:
        """Every metric, the house's own first."""
        build = GaugeMetricFamily("reinforce_build_info", "The version that runs.", labels=["version"])
        build.add_metric([__version__], 1)
        yield build
        yield _gauge(
            "reinforce_database_up", "1 if the database could be read for this scrape.", self._figures is not None
        )
        if self._figures is not None:
            yield from _of_database(self._figures)
        yield from _of_calls(self._lines)
        yield from PROCESS_COLLECTOR.collect()
        yield from GC_COLLECTOR.collect()


def _of_database(figures: Figures) -> Iterator[Metric]:
    yield from _outbox(figures)
    yield _lateness(figures.lateness)
    yield from _accounts(figures.accounts)
    yield from _watch(figures)
    yield _gauge("reinforce_inbox_unread", "What came in and was not read yet.", figures.unread)
    yield _gauge("reinforce_inbox_oldest_unread_seconds", "How long the oldest of it waits.", figures.oldest_unread)
    asked = figures.questions
    yield _gauge("reinforce_questions_open", "What learners asked and nobody answered yet.", asked.open)
    yield _gauge("reinforce_questions_overdue", "What should have been answered by now.", asked.overdue)
    yield _gauge("reinforce_questions_stuck", "Answers that found no way out.", asked.stuck)
    yield _gauge("reinforce_facilitators_untold", "Facilitators who could not be told of a question.", asked.untold)
    yield _gauge("reinforce_inbox_waiting", "What came in and waits for a person.", figures.needs_person)
    yield _gauge("reinforce_inbox_oldest_waiting_seconds", "How long the oldest of it waits.", figures.oldest_waiting)


def _outbox(figures: Figures) -> Iterator[Metric]:
    posts = GaugeMetricFamily("reinforce_posts", "Posts by state.", labels=["state"])
    for state, number in figures.posts.items():
        posts.add_metric([state], number)
    yield posts
    yield _gauge("reinforce_posts_due", "Planned posts whose time has come.", figures.due)
    yield _gauge("reinforce_posts_oldest_due_seconds", "How long the oldest of them has been due.", figures.oldest_due)
    yield _gauge(
        "reinforce_posts_oldest_unknown_seconds",
        "How long it is not known whether the oldest unknown post is up.",
        figures.oldest_unknown,
    )
    yield _gauge(
        "reinforce_posts_expired_leases", "Posts whose daemon died and that nobody took back.", figures.expired_leases
    )


def _lateness(lateness: Lateness) -> Metric:
    bounds = [str(bound) for bound in LATENESS_BOUNDS]
    buckets = [*zip(bounds, lateness.within, strict=True), ("+Inf", lateness.posts)]
    return GaugeHistogramMetricFamily(
        "reinforce_post_lateness_seconds",
        "How late posts went out that were due in the last 24 hours: a window, so take no rate() of it.",
        buckets=buckets,
        gsum_value=lateness.total,
    )


def _accounts(accounts: Iterable[AccountFigures]) -> Iterator[Metric]:
    sending = GaugeMetricFamily(
        "reinforce_account_sending", "1 if it may send; 0 if paused, halted or unproven.", labels=["account"]
    )
    waiting = GaugeMetricFamily("reinforce_account_posts_planned", "Planned posts.", labels=["account"])
    spent = GaugeMetricFamily(
        "reinforce_account_spent_dollars",
        "What posts of this calendar day and month cost (UTC).",
        labels=["account", "period"],
    )
    budget = GaugeMetricFamily(
        "reinforce_account_budget_dollars", "What posts of a calendar month may cost.", labels=["account"]
    )
    used = GaugeMetricFamily(
        "reinforce_account_budget_used_dollars",
        "What counts against the month's budget: posts, those in doubt and readings.",
        labels=["account"],
    )
    limit, remaining, resets = (
        GaugeMetricFamily(f"reinforce_account_window_{name}", words, labels=["account", "endpoint"])
        for name, words in (
            ("calls", "Calls that the service allows in the window that runs."),
            ("remaining", "What is left of them."),
            ("resets_seconds", "Until the window begins anew."),
        )
    )
    for account in accounts:
        used.add_metric([account.name], account.budget_used / MICROS)
        for window in account.windows:
            labels = [account.name, window.endpoint]
            limit.add_metric(labels, window.limit)
            remaining.add_metric(labels, window.remaining)
            resets.add_metric(labels, window.resets_in)
        if account.budget is not None:
            budget.add_metric([account.name], account.budget / MICROS)
        sending.add_metric([account.name], account.sending)
        waiting.add_metric([account.name], account.waiting)
        spent.add_metric([account.name, "day"], account.spent_today / MICROS)
        spent.add_metric([account.name, "month"], account.spent_this_month / MICROS)
    yield from (sending, waiting, spent, budget, used, limit, remaining, resets)


def _watch(figures: Figures) -> Iterator[Metric]:
    age, leading, failing = (
        GaugeMetricFamily(f"reinforce_daemon_{name}", words, labels=["daemon"])
        for name, words in (
            ("heartbeat_age_seconds", "Since its last sign of life."),
            ("leading", "1 if it plans and listens for all."),
            ("failing", "1 if a step of its rounds fails."),
        )
    )
    for daemon in figures.daemons:
        age.add_metric([daemon.name], daemon.silent_for)
        leading.add_metric([daemon.name], daemon.leading)
        failing.add_metric([daemon.name], daemon.failing)
    yield from (age, leading, failing)
    yield _gauge("reinforce_audit_rows", "Length of the audit log: it never shrinks.", figures.audit_rows)
    if figures.backup_age is not None:
        yield _gauge("reinforce_backup_age_seconds", "Since the last reinforce db backup.", figures.backup_age)


def _of_calls(lines: Iterable[LineFigures]) -> Iterator[Metric]:
    calls = CounterMetricFamily(
        "reinforce_api_calls",
        "Calls of the account's service by this process; result is an HTTP status, not_sent or no_answer.",
        labels=["account", "endpoint", "result"],
    )
    limit, remaining = (
        GaugeMetricFamily(f"reinforce_api_rate_limit{name}", words, labels=["account", "endpoint"])
        for name, words in (("", "Calls a window, as last said."), ("_remaining", "What is left of it, as last said."))
    )
    skew = GaugeMetricFamily(
        "reinforce_api_clock_skew_seconds", "How far the service's clock is ahead of ours.", labels=["account"]
    )
    for line in lines:
        for (endpoint, result), number in sorted(line.calls.items()):
            calls.add_metric([line.account, endpoint, result], number)
        for one in line.limits:
            limit.add_metric([line.account, one.endpoint], one.limit)
            remaining.add_metric([line.account, one.endpoint], one.remaining)
        if line.skew is not None:
            skew.add_metric([line.account], line.skew)
    yield from (calls, limit, remaining, skew)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=float(value))
