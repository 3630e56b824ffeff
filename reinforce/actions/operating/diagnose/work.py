"""What is being done in the database: daemons, accounts, posts, replies, backups."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection

from reinforce.actions.operating.diagnose.surroundings import Surroundings
from reinforce.domain.figures import Figures
from reinforce.domain.finding import Finding
from reinforce.domain.gathering.events import Phase
from reinforce.store.accounts import accounts, credentials
from reinforce.store.answering import notices
from reinforce.store.gathering import events as held
from reinforce.store.gathering.backchannel import gaps, last_read
from reinforce.store.gathering.overview import at_risk
from reinforce.store.operating import heartbeats, workspace
from reinforce.store.sending import deletions as going

SILENT_AFTER = timedelta(minutes=2)
STUCK_AFTER = timedelta(minutes=15)
WAITED_TOO_LONG = timedelta(days=1)
BACKUP_DUE = timedelta(days=2)
BACK_UP = "Every night: reinforce db backup FILE, to another disk."


def daemons(connection: Connection, around: Surroundings) -> Iterator[Finding]:
    """Who gives signs of life, who leads, and what keeps failing."""
    beats = [beat for beat in heartbeats.heartbeats(connection) if beat.role == "daemon"]
    alive = [beat for beat in beats if around.wall - beat.at < SILENT_AFTER]
    if not alive:
        yield Finding("warn", "no daemon is running", "Start it: reinforce daemon")
        return
    yield Finding("ok", f"{len(alive)} daemon{'s' if len(alive) > 1 else ''} running")
    if not any(beat.leader for beat in alive):
        advice = "Wait for a lease, then look again."
        yield Finding("warn", "no daemon leads just now: nothing is planned or read", advice)
    for beat in alive:
        if beat.last_error:
            yield Finding("fail", f"the daemon {beat.owner} fails at {beat.last_error}", "Its log says more.")


def deletions(connection: Connection) -> Iterator[Finding]:
    """Whether X refused to take posts down that are to go."""
    refused = going.refused(connection)
    if refused:
        words = (
            f"X refused to delete {len(refused)} posts that are to go: {', '.join(str(one) for one in refused[:10])}"
        )
        yield Finding("fail", words, "Delete them by hand in X's app (what X said: reinforce recall show).")


def accounts_and_keys(connection: Connection, around: Surroundings) -> Iterator[Finding]:
    """Whether each account may send, and whether what it is reached with is there and can be opened."""
    known = accounts.accounts(connection)
    if not known:
        yield Finding("warn", "no account is connected", "reinforce account connect --help")
    for account in known:
        if account.halted_at is not None:
            yield Finding("warn", f"account {account.name} is halted", "Go on with: reinforce resume")
        elif account.state != "active":
            yield Finding(
                "fail",
                f"account {account.name} is {account.state}: {account.paused_reason}",
                f"Mend what it says, then: reinforce account check {account.name} and reinforce resume",
            )
        else:
            yield Finding("ok", f"account {account.name} may send")
    yield from _credentials(connection, around, {account.id: account.name for account in known})


def _credentials(connection: Connection, around: Surroundings, names: dict[int, str]) -> Iterator[Finding]:
    stored: dict[int, list[bytes]] = {account_id: [] for account_id in names}
    for account_id, _, ciphertext in credentials.sealed(connection):
        stored[account_id].append(ciphertext)
    for account_id, rows in stored.items():
        if not rows:
            advice = f"Connect it: reinforce account connect {names[account_id]}"
            yield Finding("fail", f"account {names[account_id]} has no stored credentials", advice)
    if around.opens is None:
        if any(stored.values()):
            yield Finding("fail", "there is no key that could open the stored credentials", "Put back the key file.")
        return
    opened = {account_id: [around.opens(row) for row in rows] for account_id, rows in stored.items()}
    shut = [names[account_id] for account_id, found in opened.items() if not all(whole for whole, _ in found)]
    if shut:
        advice = "Put back the key they were stored with, or connect the accounts again."
        yield Finding("fail", f"the key does not open the credentials of {', '.join(shut)}", advice)
    elif not all(first for found in opened.values() for _, first in found):
        yield Finding("warn", "a change of the key was not finished", "Run: reinforce secrets rotate")
    elif any(stored.values()):
        yield Finding("ok", "the key opens all stored credentials")


def posts(found: Figures) -> Iterator[Finding]:
    """Posts in doubt, posts that are stuck, and posts whose daemon died."""
    doubts = list(_doubts(found))
    yield from doubts
    if not doubts:
        yield Finding("ok", "no post is in doubt or stuck")


def _doubts(found: Figures) -> Iterator[Finding]:
    if held := found.posts["held"]:
        yield Finding(
            "fail",
            f"{held} held: whether they were posted could not be told",
            "Look: reinforce outbox --state held; decide: reinforce settle --help",
        )
    if found.oldest_unknown > STUCK_AFTER.total_seconds():
        minutes = found.oldest_unknown / 60
        advice = "See whether the account can be read: reinforce account check"
        yield Finding("fail", f"it has been unknown for {minutes:.0f} minutes whether a post is up", advice)
    if found.expired_leases:
        advice = "A daemon settles them within a tick: see that one runs."
        yield Finding("warn", f"{found.expired_leases} posts were left in the middle of sending", advice)
    if found.oldest_due > STUCK_AFTER.total_seconds():
        advice = "See above whether a daemon runs and the accounts may send; else the daemon's log."
        minutes = found.oldest_due / 60
        yield Finding("fail", f"{found.due} posts are due, the oldest for {minutes:.0f} minutes", advice)


def replies(found: Figures) -> Iterator[Finding]:
    """Replies that wait for a person, or for the daemon."""
    if found.oldest_waiting > WAITED_TOO_LONG.total_seconds():
        days = found.oldest_waiting / 86_400
        words = f"{found.needs_person} replies wait for a person, the oldest for {days:.1f} days"
        yield Finding("warn", words, "Answer them: reinforce inbox, or the console")
    if found.oldest_unread > STUCK_AFTER.total_seconds() * 4:
        advice = "See above whether a daemon runs; else its log."
        yield Finding("fail", f"{found.unread} replies came in and were not read", advice)


def events(connection: Connection, now: datetime) -> Iterator[Finding]:
    """Whether what is said in open events is read in time, and what is lost. `now` is programme time."""
    for event in held.events(connection):
        if event.phase(now) not in (Phase.OPEN, Phase.OVER):
            continue
        look = f"Look: reinforce event show {event.slug}"
        if at_risk(connection, event, now):
            last = last_read(connection, event)
            since = "yet" if last is None else f"since {last:%Y-%m-%d %H:%M} UTC"
            advice = "Search reaches back seven days: see that a daemon runs and the account can be read."
            yield Finding("fail", f"what is said in the event {event.slug} was not searched for {since}", advice)
        elif gaps(connection, event.id):
            yield Finding("warn", f"a part of what was said in the event {event.slug} is lost", look)
        elif event.swept_at is None:
            yield Finding("ok", f"what is said in the event {event.slug} is read in time")


def questions(connection: Connection, found: Figures) -> Iterator[Finding]:
    """Questions beyond their promise, answers without a way out, and facilitators who can't be told."""
    if overdue := found.questions.overdue:
        yield Finding("warn", f"{overdue} questions of learners are overdue", "See: reinforce questions list --overdue")
    if stuck := found.questions.stuck:
        words = f"{stuck} answers found no way out, neither as a reply nor as a post"
        yield Finding("warn", words, "See why: reinforce questions list --state answered; answer in other words")
    for name, number, words in notices.failing(connection):
        advice = f"Mend it, then: reinforce facilitator test {name}"
        yield Finding("warn", f"{name} could not be told of {number} questions: {words}", advice)


def backups(connection: Connection, around: Surroundings) -> Iterator[Finding]:
    """How old the last backup is. A rehearsal needs none."""
    there = workspace.workspace(connection)
    if there is None or there.rehearsal:
        return
    last = workspace.backed_up_at(connection)
    if last is None:
        if around.wall - there.created_at > BACKUP_DUE:
            yield Finding("warn", "there is no backup made with reinforce db backup", BACK_UP)
        return
    days = (around.wall - last).total_seconds() / 86_400
    words = f"the last backup is {days:.1f} days old"
    yield Finding("warn", words, BACK_UP) if around.wall - last > BACKUP_DUE else Finding("ok", words)
