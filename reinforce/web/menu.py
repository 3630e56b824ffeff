"""What stands in the menu, for whom: the pages that somebody has the right to, in the order of a day's work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reinforce.store.reporting.console.status import HouseStatus
from reinforce.web.gate import Viewer
from reinforce.web.route_rights import ROUTES


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the menu; `main`: it stands in the row on a wide screen, where the others are folded away. `waiting` is
    how many things there wait for a person, `late` how many are overdue."""

    address: str
    name: str
    main: bool
    waiting: int = 0
    late: int = 0


def _none(_house: HouseStatus) -> int:
    return 0


Waiting = Callable[[HouseStatus], int]
# What people of a team open most days; more would not fit beside each other on a screen of 1,440 pixels.
MAIN = frozenset({"/", "/calendar", "/approvals", "/cohorts", "/recall", "/questions", "/inbox", "/outbox"})
# Address, name, and what waits there. Its right is the route's own.
ENTRIES: tuple[tuple[str, str, Waiting], ...] = (
    ("/", "Today", _none),
    ("/calendar", "Calendar", _none),
    ("/procedures", "Procedures", _none),
    ("/composer", "Composer", _none),
    ("/courses", "Courses", _none),
    ("/approvals", "Approvals", lambda house: house.to_approve),
    ("/cohorts", "Cohorts", _none),
    ("/recall", "Recall", _none),
    ("/questions", "Questions", lambda house: house.to_answer),
    ("/inbox", "Inbox", lambda house: house.to_read),
    ("/quizzes", "Quizzes", _none),
    ("/outbox", "Outbox", lambda house: house.unsettled),
    ("/reports", "Reports", _none),
    ("/settings", "Settings", _none),
    ("/users", "Users", _none),
    ("/audit", "Audit", _none),
    ("/tour", "Tour", _none),
)


def menu_of(viewer: Viewer, house: HouseStatus) -> list[Entry]:
    """The menu of somebody. The tour is for rehearsals only."""
    shown = []
    for address, name, waiting in ENTRIES:
        right = ROUTES.get(f"GET {address}")
        if right is not None and viewer.may(right) and (house.rehearsal or address != "/tour"):
            late = house.late if address == "/questions" else 0
            shown.append(Entry(address, name, address in MAIN, waiting(house), late))
    return shown
