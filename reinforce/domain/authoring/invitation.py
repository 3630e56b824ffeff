"""An invitation, as a letter or a printed page says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Invitation:
    """One learner's invitation. `code` is shown here and nowhere again; `post_this` is what to post or send back.

    `expires_at` is programme time (UTC), `zone` the learner's or else the cohort's, for printing it; `language` what
    they want to be written to in, or else the cohort's. `follow_first`: the account is protected, so a learner has to
    ask to follow it before anything can be seen. `on_x`: it is no practice account.
    """

    employee_id: str
    name: str
    handle: str
    cohort: str
    cohort_title: str
    account_handle: str
    code: str
    post_this: str
    expires_at: datetime
    zone: str
    language: str
    follow_first: bool
    on_x: bool = True

    @property
    def addressed(self) -> str:
        """`post_this` with the account in front: X shows a post that begins so to hardly anybody but the account."""
        return f"@{self.account_handle} join {self.code}"
