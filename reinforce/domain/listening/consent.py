"""What may be sent to whom, and who may be named: the rules, over what a learner said and agreed to.

Nothing here knows whether anybody was right: what one person is sent, or its absence, can't depend on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands. Instants are programme time; None: never, or not any more.

    `replied_already`: what they wrote got its one automated reply. `mentions_us`: it mentions the account, without
    which X refuses a reply.
    """

    stopped_at: datetime | None = None
    snoozed_until: datetime | None = None
    replies_paused_at: datetime | None = None
    naming_consent: bool = False
    mentions_us: bool = True
    replied_already: bool = False


def may_reply(person: Standing, now: datetime) -> tuple[bool, str]:
    """Whether an automated reply may go to what `person` wrote, and if not, why not, in words for a person."""
    if person.stopped_at is not None:
        return False, "the person said stop"
    if person.replies_paused_at is not None:
        return False, "replies are paused until somebody has looked at what the person wrote"
    if person.snoozed_until is not None and now < person.snoozed_until:
        return False, f"the person wants quiet until {person.snoozed_until:%Y-%m-%d %H:%M} UTC"
    if person.replied_already:
        return False, "this interaction has had its one automated reply"
    if not person.mentions_us:
        return False, "the post doesn't mention the account: X takes no reply to it"
    return True, ""


def may_name(person: Standing) -> tuple[bool, str]:
    """Whether a public text may name `person`, and if not, why not."""
    if person.stopped_at is not None:
        return False, "the person said stop"
    if not person.naming_consent:
        return False, "the person has not agreed to be named"
    return True, ""
