"""Who one is to the API."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from reinforce.store.people import cohorts
from reinforce.web.api.calls import calls_of
from reinforce.web.console import Console


class RoleHeld(BaseModel):
    """A role; `cohort` is a slug, null for all cohorts."""

    role: str = Field(examples=["facilitator"])
    cohort: str | None = Field(examples=["press-shop"])


class TokenHeld(BaseModel):
    """The token of the call, without its secret."""

    id: int
    label: str
    expires_at: datetime


class Me(BaseModel):
    """Who calls. `actor` is how the audit log knows them."""

    actor: str = Field(examples=["member/3"])
    name: str
    roles: list[RoleHeld]
    token: TokenHeld | None


def routes(console: Console) -> APIRouter:
    """`/me`."""
    router = calls_of(console, "me")

    @router.get("/me")
    def me(request: Request) -> Me:
        """Who the token stands for, and what it may."""
        viewer = console.gate.here(request)
        with console.database.read() as connection:
            slugs = cohorts.slugs(connection)
        roles = [
            RoleHeld(role=one.role.value, cohort=None if one.cohort_id is None else slugs.get(one.cohort_id))
            for one in sorted(viewer.grants, key=lambda one: (one.role.value, one.cohort_id or 0))
        ]
        token = viewer.token
        held = None if token is None else TokenHeld(id=token.id, label=token.label, expires_at=token.expires_at)
        return Me(actor=viewer.actor, name=viewer.user.name if viewer.user else "", roles=roles, token=held)

    return router
