"""There is always an operator who can sign in: else nobody could let people in."""

from __future__ import annotations

from sqlalchemy import Connection

from reinforce.domain.errors import NotAllowed
from reinforce.store.access import users
from reinforce.store.access.users import User
from reinforce.store.operating.locks import one_at_a_time


def require_another(connection: Connection, name: str) -> None:
    """Raise NotAllowed if `name` is an operator and nobody else is one who can sign in.

    It comes before the change, in its transaction: two who keep each other out at once do so one after the other."""
    one_at_a_time(connection, "operators")
    everybody = [one for one in users.users(connection) if one.is_operator and one.disabled_at is None]
    if not any(one.name == name for one in everybody):
        return
    others = [one for one in everybody if one.name != name]
    if not any(one.can_enter for one in others):
        raise NotAllowed(f"{name} is the last operator who can sign in: nobody could let people in", _advice(others))


def _advice(others: list[User]) -> str:
    if others:
        waiting = ", ".join(one.name for one in others)
        return (
            f"Have {waiting} sign in first (no way in was used yet). On the command line --anyway does it all the same."
        )
    return (
        "Make somebody an operator first: reinforce user role NAME operator. On the command line --anyway does it all "
        "the same."
    )
