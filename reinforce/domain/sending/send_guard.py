"""The last look before a post goes out: everything that may have changed since it was planned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.cohort import CohortState
from reinforce.domain.nugget import Confidentiality
from reinforce.domain.sending.outbox import OutboxItem, State

# How far two machines' clocks may differ that work on one database, in seconds.
CLOCKS_APART = 30.0


class Ruling(StrEnum):
    """GO sends. WAIT leaves the post planned. SKIP and REFUSE end it. PAUSE leaves it planned and stops the account."""

    GO = "go"
    WAIT = "wait"
    SKIP = "skip"
    REFUSE = "refuse"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A ruling and its reason, in words for a person."""

    ruling: Ruling
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Parent:
    """The post that a reveal stands under."""

    state: State
    remote_id: int | None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the store knows about a post at the moment it is to go out.

    `cohort_state` None: it belongs to no cohort. `hold_reason` is why that is on hold, None if it is not.
    `confidentiality` is its nugget's, None without one. `wants_silence`: the person it answers said stop, or their
    replies are paused. `unnamable` counts findings of people without a live opt-in, `names_somebody` is True if it
    names anybody at all. `unread`: something came in, of whoever is addressed or named, that has not been read for what
    it says. `parent` is None unless it stands under a post of ours. `unapproved`: the plan chose it
    with a yes that does not hold any more; `waits_for_approval`: it has a date of its own, and no yes yet.
    """

    cohort_state: CohortState | None = None
    cohort_paused_reason: str = ""
    hold_reason: str | None = None
    confidentiality: Confidentiality | None = None
    wants_silence: bool = False
    unnamable: int = 0
    names_somebody: bool = False
    unread: bool = False
    parent: Parent | None = None
    unapproved: bool = False
    waits_for_approval: bool = False


_WAITS = "it waits for approval: reinforce approvals list"
_GO = Verdict(Ruling.GO)
_NEVER = frozenset({State.REFUSED, State.SKIPPED, State.CANCELLED})


def judge(
    item: OutboxItem, account: AccountRecord, around: Circumstances, read_within: float, now: datetime
) -> Verdict:
    """May `item` go out at `now` (programme time)? The first rule that objects decides.

    `read_within`: how old the last complete reading of mentions may be, in programme seconds, for a post that
    addresses or names somebody.

    What ends a post comes before what makes it wait, so that a post nobody wants does not wait for anything.
    """
    for rule in (_confidentiality, _stop, _naming, _approval, _parent):
        verdict = rule(item, account, around)
        if verdict is not None:
            return verdict
    if now > item.grace_until:
        return Verdict(Ruling.SKIP, late_reason(item))
    waiting = (
        account.why_silent(now)
        or _cohort_pause(around)
        or (_WAITS if around.waits_for_approval else "")
        or _cohort_hold(item, around)
        or _unread_mentions(item, account, around, read_within=read_within, now=now)
    )
    return Verdict(Ruling.WAIT, waiting) if waiting else _GO


def late_reason(item: OutboxItem) -> str:
    """Why a post that was due is not sent any more."""
    return f"too late: due {item.due_at:%Y-%m-%d %H:%M} UTC, worth posting until {item.grace_until:%Y-%m-%d %H:%M} UTC"


def answers_somebody(item: OutboxItem) -> bool:
    """True if it is addressed to one person: a reply to what they wrote."""
    return item.inbound_id is not None or (item.reply_to is not None and item.reply_to_outbox_id is None)


def _confidentiality(_item: OutboxItem, account: AccountRecord, around: Circumstances) -> Verdict | None:
    if account.turned_public:
        return Verdict(
            Ruling.PAUSE, "it was to be protected and X says it is public: protect it, then run `reinforce resume`"
        )
    if around.confidentiality is not Confidentiality.INTERNAL:
        return None
    if account.open_cohorts:
        return Verdict(Ruling.REFUSE, "what is internal is never posted to open cohorts, which anybody may join")
    if account.confidentiality is Confidentiality.PUBLIC:
        return Verdict(Ruling.REFUSE, "what is internal is never posted on a public account")
    if account.protected is None:
        return Verdict(
            Ruling.WAIT, "X has not yet been asked whether the account is protected: run `reinforce account check`"
        )
    return None


def _stop(_item: OutboxItem, _account: AccountRecord, around: Circumstances) -> Verdict | None:
    return Verdict(Ruling.SKIP, "the person it answers wants no replies") if around.wants_silence else None


def _naming(_item: OutboxItem, _account: AccountRecord, around: Circumstances) -> Verdict | None:
    if around.unnamable == 0:
        return None
    return Verdict(Ruling.REFUSE, "it names a learner who has not agreed to be named")


def _approval(_item: OutboxItem, _account: AccountRecord, around: Circumstances) -> Verdict | None:
    if not around.unapproved:
        return None
    return Verdict(Ruling.REFUSE, "its approval was taken back, has ended or is for a text since edited")


def _parent(_item: OutboxItem, _account: AccountRecord, around: Circumstances) -> Verdict | None:
    if around.parent is None or around.parent.remote_id is not None:
        return None
    if around.parent.state in _NEVER:
        return Verdict(Ruling.SKIP, f"the post it belongs under was {around.parent.state.value}")
    return Verdict(Ruling.WAIT, "the post it belongs under is not out yet")


def _cohort_pause(around: Circumstances) -> str:
    if around.cohort_state is not CohortState.PAUSED:
        return ""
    return f"the cohort is paused: {around.cohort_paused_reason}".rstrip(": ")


def _cohort_hold(item: OutboxItem, around: Circumstances) -> str:
    # Whoever writes to us in a hold is there, and is answered.
    if around.hold_reason is None or answers_somebody(item):
        return ""
    return f"the cohort is on hold: {around.hold_reason}".rstrip(": ")


def _unread_mentions(
    item: OutboxItem, account: AccountRecord, around: Circumstances, *, read_within: float, now: datetime
) -> str:
    if not (answers_somebody(item) or around.names_somebody):
        return ""
    # Somebody may have said stop in what has not been read.
    # A reading of the future was made before a clock was set back: it says nothing of what came in since.
    age = None if account.read_at is None else (now - account.read_at).total_seconds()
    if age is None or age > read_within or age < -CLOCKS_APART:
        return "mentions have not been read to their end recently enough to address or name anybody"
    return "what came in from whoever it addresses or names has not been read yet" if around.unread else ""
