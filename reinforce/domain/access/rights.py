"""Who may do what: one map, which every page and every call of the API asks.

A person has roles, each for all cohorts or for some. A right is held by roles, so it reaches as far as those do. What
no role holds nobody may; what is of no cohort is for those only whose right reaches all cohorts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from reinforce.domain.errors import NotAllowed


class Role(StrEnum):
    """What somebody of the team is there for. An operator is one for the whole workspace."""

    AUTHOR = "author"
    APPROVER = "approver"
    FACILITATOR = "facilitator"
    VIEWER = "viewer"
    OPERATOR = "operator"


class Right(StrEnum):
    """One thing that somebody may do."""

    OWN = "see oneself, change one's password, sign out, make tokens within one's own roles"
    LOOK = "see cohorts and posts, and learners in groups of five or more"
    NAMES = "see what single learners wrote and are likely to remember, by name"
    REHEARSE = "take the tour: act for the learners of a rehearsal"
    WRITE = "load procedures, write nuggets and wordings, rehearse courses, submit texts for approval"
    APPROVE = "approve texts and courses, or send them back"
    CREATE = "create cohorts"
    PEOPLE = "enroll learners, say who is away, let them complete or leave"
    STEER = "hold a cohort and let it go on, move and cancel posts, set dates"
    ANSWER = "take, answer and assign questions; hold quiz rounds and events"
    SETTLE = "decide what became of a post that the timeline could not tell"
    WATCH = "read figures and readiness"
    USERS = "say who may sign in, and as what; make and revoke tokens"
    SET = "change accounts, budgets and limits; halt everything"
    AUDIT = "read the audit log"


HELD_BY: Mapping[Right, frozenset[Role]] = {
    Right.LOOK: frozenset(Role),
    Right.NAMES: frozenset({Role.FACILITATOR}),
    Right.REHEARSE: frozenset({Role.FACILITATOR}),
    Right.WRITE: frozenset({Role.AUTHOR}),
    Right.APPROVE: frozenset({Role.APPROVER}),
    Right.CREATE: frozenset({Role.AUTHOR, Role.FACILITATOR}),
    Right.PEOPLE: frozenset({Role.FACILITATOR}),
    Right.STEER: frozenset({Role.AUTHOR, Role.FACILITATOR, Role.OPERATOR}),
    Right.ANSWER: frozenset({Role.FACILITATOR}),
    Right.SETTLE: frozenset({Role.FACILITATOR, Role.OPERATOR}),
    Right.WATCH: frozenset({Role.OPERATOR}),
    Right.USERS: frozenset({Role.OPERATOR}),
    Right.SET: frozenset({Role.OPERATOR}),
    Right.AUDIT: frozenset({Role.OPERATOR}),
}
# Whoever is signed in has these, with or without a role.
EVERYBODYS = frozenset({Right.OWN})
# Not about a cohort: held by those only whose role is for all of them.
WHOLE = frozenset({Right.CREATE, Right.REHEARSE, Right.WATCH, Right.USERS, Right.SET, Right.AUDIT})


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """A role that somebody has in a cohort; `cohort_id` None: in all of them, later ones as well."""

    role: Role
    cohort_id: int | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """How far a right reaches: to everything, or to these cohorts. False where it reaches nothing."""

    everything: bool = False
    cohorts: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return self.everything or bool(self.cohorts)

    def holds(self, cohort_id: int | None) -> bool:
        """Whether it reaches a cohort; None stands for what is of no cohort."""
        return self.everything or cohort_id in self.cohorts


EVERYTHING = Scope(everything=True)
NOTHING = Scope()


def only(cohort_id: int | None) -> Scope:
    """One cohort, or with None everything."""
    return EVERYTHING if cohort_id is None else Scope(cohorts=frozenset({cohort_id}))


# What whoever sits at this machine may while nobody signs in yet.
EVERY_ROLE = frozenset(Grant(role) for role in Role)


def scope_of(grants: Iterable[Grant], right: Right) -> Scope:
    """How far `right` reaches for somebody who is signed in and has these roles."""
    if right in EVERYBODYS:
        return EVERYTHING
    held = [one for one in grants if one.role in HELD_BY.get(right, frozenset())]
    if any(one.cohort_id is None for one in held):
        return EVERYTHING
    if right in WHOLE:
        return NOTHING
    return Scope(cohorts=frozenset(one.cohort_id for one in held if one.cohort_id is not None))


def narrowed(own: Iterable[Grant], lent: Iterable[Grant]) -> frozenset[Grant]:
    """What is left of `lent` (a token's roles) where its owner has the roles `own`: never more than they may now."""
    own, left = frozenset(own), set()
    for one in lent:
        if one in own or Grant(one.role) in own:
            left.add(one)
        elif one.cohort_id is None:
            left |= {held for held in own if held.role is one.role}
    return frozenset(left)


def check_grant(role: Role, cohort_ids: Iterable[int]) -> None:
    """Raise NotAllowed for an operator of some cohorts only."""
    if role is Role.OPERATOR and list(cohort_ids):
        raise NotAllowed(
            "an operator is one for the whole workspace, not for a cohort", "Leave --cohort out, or take another role."
        )
