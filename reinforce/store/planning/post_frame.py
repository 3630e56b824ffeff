"""What the texts and times of a cohort's posts depend on where the plan does not choose them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.cohort import Cohort
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.texts.naming_guard import PersonMarks
from reinforce.store.accounts import accounts
from reinforce.store.people import people
from reinforce.store.planning import plan_snapshot


@dataclass(frozen=True, slots=True)
class PostFrame:
    """A cohort with its cadence and account; `texts` says when each text (its hash) was last used on the account,
    `unnamed` are the people no post of it may name."""

    cohort: Cohort
    cadence: Cadence
    account: AccountRecord
    texts: Mapping[str, datetime]
    unnamed: tuple[PersonMarks, ...]


def post_frame(connection: Connection, cohort_id: int, now: datetime) -> PostFrame:
    """The frame of a cohort's posts at `now` (programme time). Raises NotFound."""
    there = plan_snapshot.frame(connection, cohort_id)
    account = accounts.account_by_id(connection, there.cohort.account_id)
    texts = plan_snapshot.texts_used(connection, account.id, now - there.cadence.repeat_after)
    return PostFrame(there.cohort, there.cadence, account, texts, people.people_marks(connection, account.id))
