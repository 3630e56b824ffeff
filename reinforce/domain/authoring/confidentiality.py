"""Where a nugget may be said: an internal one only on an account that is, and still is, protected on X, and that no
open cohort has, whatever X says of it: anybody may join that."""

from __future__ import annotations

from collections.abc import Iterable

from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.nugget import Confidentiality, Nugget, StoredNugget


def may_carry(account: AccountRecord, confidentiality: Confidentiality) -> bool:
    """Whether `account` may post what is of this confidentiality."""
    if confidentiality is Confidentiality.PUBLIC:
        return True
    if account.open_cohorts:
        return False
    return account.confidentiality is Confidentiality.INTERNAL and not account.turned_public


def who_reads(account: AccountRecord) -> str:
    """Why `account` carries nothing internal, as half a sentence."""
    if account.open_cohorts:
        return f"the account {account.name} is for open cohorts, which anybody may join"
    return f"the account {account.name} is public"


def too_confidential(account: AccountRecord, nuggets: Iterable[Nugget | StoredNugget]) -> tuple[str, ...]:
    """The slugs of those `nuggets` that `account` must not post."""
    return tuple(nugget.slug for nugget in nuggets if not may_carry(account, nugget.confidentiality))
