"""Search across all, as far as who searches may see: procedures, nuggets, cohorts, posts, replies, learners."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from reinforce.domain.access.rights import Right
from reinforce.store.reporting.console.search import EACH, NEWEST, Found, Hit, Reach, search
from reinforce.web.console import Console
from reinforce.web.words import form

_LONGEST = 200
# So much of a text is shown, from a little before the first word that was asked for.
_SHOWN, _BEFORE = 160, 50


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the answer: where it leads, what it is, and a piece of what stands there."""

    address: str
    title: str
    said: str
    of: str


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind; `more`: there are others."""

    name: str
    lines: tuple[Line, ...]
    more: bool


def routes(console: Console) -> APIRouter:
    """`/search`."""
    router = console.router()

    @router.get("/search")
    def searched(request: Request, q: str = "") -> Response:
        viewer, asked = console.gate.here(request), " ".join(q.split())[:_LONGEST]
        reach = Reach(viewer.scope(Right.LOOK), viewer.scope(Right.NAMES), writes=viewer.may(Right.WRITE))
        with console.database.read() as connection:
            found = search(connection, asked, reach)
        values = {
            "sought": asked,
            "groups": list(_groups(found, asked)),
            "names": bool(reach.named),
            "each": EACH,
            "newest": NEWEST,
        }
        return console.show(request, "search", values)

    return router


def _groups(found: Found, asked: str) -> Iterator[Group]:
    kinds: tuple[tuple[str, tuple[Hit, ...], Callable[[Hit], str], Callable[[Hit], str]], ...] = (
        ("Procedures", found.procedures, lambda hit: f"/procedures/{quote(hit.key)}", _title),
        ("Nuggets", found.nuggets, lambda hit: f"/procedures/{quote(hit.within)}#{quote(hit.key)}", _title),
        ("Cohorts", found.cohorts, lambda hit: f"/cohorts/{quote(hit.key)}", _title),
        ("Posts", found.posts, lambda hit: f"/outbox/{hit.key}", lambda hit: f"{form(hit.title)} {hit.key}"),
        ("Questions and replies", found.replies, lambda hit: f"/inbox/{hit.key}", _title),
        ("Learners", found.learners, _people, _title),
    )
    for name, hits, address, title in kinds:
        if hits:
            lines = tuple(Line(address(hit), title(hit), excerpt(hit.said, asked), hit.of) for hit in hits[:EACH])
            yield Group(name, lines, len(hits) > EACH)


def _title(hit: Hit) -> str:
    return hit.title


def _people(hit: Hit) -> str:
    return f"/cohorts/{quote(hit.within)}/people?{urlencode({'q': hit.key})}"


def excerpt(text: str, asked: str) -> str:
    """A piece of a text with the first of the words that were asked for in it, with … where something was left out."""
    line, folded = " ".join(text.split()), " ".join(text.split()).lower()
    places = [place for word in asked.lower().split() if (place := folded.find(word)) >= 0]
    start = max(0, min(places, default=0) - _BEFORE)
    start = start and line.rfind(" ", 0, start) + 1
    shown = line[start : start + _SHOWN]
    return f"{'… ' if start else ''}{shown}{' …' if start + _SHOWN < len(line) else ''}"
