"""The rules of sending, walked through exhaustively: two daemons, one crash, every interleaving, worst-case delays.

A small world in whole ticks: a post may land any time up to the deadline after its first byte, or never; it shows any
time up to the lag after it landed; leases run out whenever they please (clocks jump); X filters no duplicates; a
daemon may be suspended anywhere but between guard and first byte, where the pause is bounded. The moves are those of
`domain.sending.outbox`. What is looked for is a second post.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from reinforce.domain.sending.outbox import MOVES, State

GUARD, PAUSE, DEADLINE, LAG = 1, 1, 1, 1
ENOUGH = GUARD + PAUSE + DEADLINE + LAG
RESENDS = 1


@dataclass(frozen=True)
class Rules:
    """What is tried; the defaults are the product's."""

    quarantine: int = ENOUGH
    guarded: bool = True
    attempt_recorded: bool = True


@dataclass(frozen=True)
class Daemon:
    """Where a daemon is in a send. `age`: ticks since its claim; `current`: nobody has claimed the post since;
    `left`: ticks in which its first byte must leave; `watched`: ticks since it saw the post unknown."""

    at: str = "idle"
    age: int = 0
    current: bool = False
    left: int = 0
    watched: int | None = None


@dataclass(frozen=True)
class World:
    """`requests`: ticks left to land; `posts`: ticks since they landed."""

    row: State = State.PLANNED
    resent: int = 0
    daemons: tuple[Daemon, ...] = (Daemon(), Daemon())
    requests: tuple[int, ...] = ()
    posts: tuple[int, ...] = ()
    crashes: int = 1

    def move(self, to: State, **changes: object) -> World:
        """A move of the row; only those of the product are taken."""
        assert (self.row, to) in MOVES, (self.row, to)
        daemons = self.daemons
        if self.row is State.UNKNOWN:
            daemons = tuple(replace(daemon, watched=None) for daemon in daemons)
        return replace(self, row=to, daemons=daemons, **changes)  # type: ignore[arg-type]

    def put(self, n: int, daemon: Daemon) -> World:
        return replace(self, daemons=(*self.daemons[:n], daemon, *self.daemons[n + 1 :]))


def _next(world: World, rules: Rules) -> Iterator[World]:
    """Every world that may come next."""
    for n, daemon in enumerate(world.daemons):
        yield from _step(world, n, daemon, rules)
        if world.crashes and daemon != Daemon():
            yield replace(world.put(n, Daemon()), crashes=world.crashes - 1)
    for n, _ in enumerate(world.requests):
        left = (*world.requests[:n], *world.requests[n + 1 :])
        yield replace(world, requests=left)  # lost on the way
        yield replace(world, requests=left, posts=tuple(sorted((*world.posts, 0))))
    overdue = 0 in world.requests or any(daemon.at == "guarded" and daemon.left == 0 for daemon in world.daemons)
    if not overdue:
        yield _tick(world, rules)


def _tick(world: World, rules: Rules) -> World:
    # Ages beyond which nothing differs any more are not told apart: that keeps the world finite.
    daemons = tuple(
        replace(
            daemon,
            age=min(daemon.age + 1, GUARD + 1) if daemon.at != "idle" else 0,
            left=max(daemon.left - 1, 0),
            watched=None if daemon.watched is None else min(daemon.watched + 1, rules.quarantine),
        )
        for daemon in world.daemons
    )
    posts = tuple(min(age + 1, LAG) for age in world.posts)
    return replace(world, daemons=daemons, requests=tuple(left - 1 for left in world.requests), posts=posts)


def _step(world: World, n: int, daemon: Daemon, rules: Rules) -> Iterator[World]:
    idle = replace(daemon, at="idle", age=0, left=0, current=False)
    mine = daemon.current
    if daemon.at == "idle":
        yield from _idle(world, n, daemon, rules)
    elif daemon.at == "leased":
        there = mine and world.row is State.LEASED
        yield (world.move(State.SENDING).put(n, replace(daemon, at="attempted")) if there else world.put(n, idle))
    elif daemon.at == "attempted":
        if daemon.age <= GUARD or not rules.guarded:
            yield world.put(n, replace(daemon, at="guarded", left=PAUSE))
        else:
            there = mine and world.row is State.SENDING
            yield (world.move(State.PLANNED) if there else world).put(n, idle)
    elif daemon.at == "guarded":
        sent = replace(world, requests=tuple(sorted((*world.requests, DEADLINE))))
        yield sent.put(n, replace(daemon, at="calling", left=0))
    elif daemon.at == "calling":
        there = mine and world.row is State.SENDING
        yield (world.move(State.UNKNOWN) if there else world).put(n, idle)  # a time-out, or an answer that got lost
        if world.posts:
            told = mine and world.row in (State.SENDING, State.UNKNOWN, State.HELD)
            yield (world.move(State.POSTED) if told else world).put(n, idle)


def _idle(world: World, n: int, daemon: Daemon, rules: Rules) -> Iterator[World]:
    if world.row is State.PLANNED:
        stale = replace(world, daemons=tuple(replace(one, current=False) for one in world.daemons))
        yield stale.move(State.LEASED).put(n, Daemon("leased", current=True))
    elif world.row is State.LEASED:
        yield world.move(State.PLANNED)
    elif world.row is State.SENDING:
        yield world.move(State.UNKNOWN if rules.attempt_recorded else State.PLANNED)
    elif world.row is State.UNKNOWN and daemon.watched is None:
        yield world.put(n, replace(daemon, watched=0))
    elif world.row is State.UNKNOWN and daemon.watched is not None:
        if any(age >= LAG for age in world.posts):
            yield world.move(State.POSTED)
        elif daemon.watched >= rules.quarantine:
            again = world.resent < RESENDS
            yield world.move(State.PLANNED, resent=world.resent + 1) if again else world.move(State.HELD)


def _explore(rules: Rules) -> tuple[set[World], World | None]:
    """Every world that can be reached, and the first one with two posts if there is one."""
    seen, waiting = {World()}, [World()]
    while waiting:
        for world in _next(waiting.pop(), rules):
            if world in seen:
                continue
            if len(world.posts) > 1:
                return seen, world
            seen.add(world)
            waiting.append(world)
    return seen, None


def test_no_interleaving_of_two_daemons_and_a_crash_posts_twice() -> None:
    seen, doubled = _explore(Rules())
    assert doubled is None
    assert len(seen) > 1_000
    reached = {world.row for world in seen}
    assert reached == {
        State.PLANNED,
        State.LEASED,
        State.SENDING,
        State.UNKNOWN,
        State.HELD,
        State.POSTED,
    }


def test_from_everywhere_the_post_can_still_be_settled() -> None:
    """No world is stuck: posted or held can be reached from each."""
    seen, _ = _explore(Rules())
    before: dict[World, list[World]] = {}
    for world in seen:
        for following in _next(world, Rules()):
            before.setdefault(following, []).append(world)
    settled = [world for world in seen if world.row in (State.POSTED, State.HELD)]
    hopeful = set(settled)
    while settled:
        for earlier in before.get(settled.pop(), ()):
            if earlier not in hopeful:
                hopeful.add(earlier)
                settled.append(earlier)
    assert hopeful == seen


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param(Rules(quarantine=ENOUGH - 1), id="a quarantine one tick short"),
        pytest.param(Rules(quarantine=0), id="no quarantine"),
        pytest.param(Rules(guarded=False), id="no guard before the call"),
        pytest.param(Rules(attempt_recorded=False), id="sending again once the lease has run out"),
    ],
)
def test_without_one_of_the_rules_a_post_goes_out_twice(rules: Rules) -> None:
    _, doubled = _explore(rules)
    assert doubled is not None
