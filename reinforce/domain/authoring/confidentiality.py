"""Where a nugget may be said: an internal one only on an account that is, and still is, protected on X."""

from __future__ import annotations

from collections.abc import Iterable

from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.nugget import Confidentiality, Nugget, StoredNugget


def may_carry(account: AccountRecord, confidentiality: Confidentiality) -> bool:
    """Whether `account` may post what is of this confidentiality."""
    if confidentiality is Confidentiality.PUBLIC:
        return True
    return account.confidentiality is Confidentiality.INTERNAL and not account.turned_public


def too_confidential(account: AccountRecord, nuggets: Iterable[Nugget | StoredNugget]) -> tuple[str, ...]:
    """The slugs of those `nuggets` that `account` must not post."""
    return tuple(nugget.slug for nugget in nuggets if not may_carry(account, nugget.confidentiality))
