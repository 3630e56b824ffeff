"""Scripts that call the API: a token of each person of a town, and something of either cohort for every address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import requests

from reinforce.actions.access.tokens import NewToken, create_token
from reinforce.domain.announcing.announcement import NewAnnouncement
from reinforce.domain.gathering.events import EventKind
from reinforce.domain.polling.poll import NewPoll
from reinforce.store.announcing import announcements
from reinforce.store.gathering import events
from reinforce.store.gathering.events import EventDraft
from reinforce.store.polling import polls
from reinforce.web.route_rights import V1
from tests.web.people import OTHER, Person, Town
from tests.web.seeding import NOW

HERE = "press-shop"
# A whole body by the last word of its address, so that what refuses a call is who asks, and not what they send.
BODIES: dict[str, dict[str, Any]] = {
    HERE: {},
    OTHER: {},
    "dates": {"updates": True},
    "holds": {"last_day": "2026-03-08"},
    "hold": {"last_day": "2026-03-08"},
    "pause": {},
    "change": {"change": "withdraw", "employee_ids": ["E1"]},
    "move": {"employee_id": "E1", "to": OTHER, "at": "2026-03-05T10:00:00Z"},
    "absences": {"employee_id": "E1", "last_day": "2026-03-08"},
    "posts": {"nugget": "lockout/tell"},
    "cancel": {},
    "settle": {"fate": "skip"},
    "approvals": {"first_day": "2026-03-04", "last_day": "2026-03-08"},
    "decide": {"decision": "approve", "ids": [1]},
    "assign": {"name": None},
    "answer": {"text": "Ask your lead."},
    "close": {"reason": "said in person"},
    "start": {},
    "halt": {},
    "users": {"name": "eve", "role": "operator"},
    "roles": {"role": "viewer"},
    "take": {"role": "viewer"},
    "tokens": {"label": "night", "role": "viewer", "days": 1},
    "budgets": {"account": "acme"},
    "draw": {},
    "events": {"slug": "x", "title": "X", "hashtag": "x", "starts": "2026-03-09T14:00", "ends": "2026-03-09T15:00"},
    "announcements": {"slug": "x", "day": "2026-03-20", "texts": ["Open day on {date}."]},
    "polls": {"question": "How sure are you?", "options": ["Very", "Not at all"]},
    "poll-links": {"words": "Ten questions:", "url": "https://forms.example.com/x"},
    "programme": {"programme": "x", "first_day": "2026-03-09"},
    "finish": {},
    "publish": {},
    "withdraw": {},
    "recalls": {"code": "0"},
    "preview": {},
}
_FILES = ("/roster", "/load", "/quizzes", "/check", "/rehearse")


@dataclass(frozen=True)
class Scripts:
    """What calls a console: `here` and `there` are what addresses name of the press shop and of the other cohort."""

    url: str
    session: requests.Session
    here: Mapping[str, str]
    there: Mapping[str, str]

    def try_out(self, call: str, token: str, at: Mapping[str, str]) -> requests.Response:
        """A call ("GET /api/v1/…") with something whole in it, about what `at` names."""
        method, path = call.split(" ")
        for name, value in at.items():
            path = path.replace(name, value)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "once-and-only"} if token else {}
        kept: dict[str, Any] = {"json": BODIES.get(path.rsplit("/", 1)[-1])}
        if method == "POST" and path.endswith(_FILES):
            kept = {"files": {"file": ("roster.csv", "employee_id,name\nX1,Eve\n")}}
        return self.session.request(method, self.url + path, headers=headers, timeout=90, **kept)

    def call(self, call: str, token: str, **more: Any) -> requests.Response:
        """A call ("GET /…") with whatever it takes; `headers` come on top of the token."""
        method, path = call.split(" ")
        headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
        return self.session.request(method, f"{self.url}{V1}{path}", headers=headers, timeout=30, **more)


def token_of(town: Town, person: Person) -> str:
    """A token of somebody, as wide as their role."""
    assert person.role is not None
    slugs = [person.cohort] if person.cohort else []
    new = NewToken(person.name, "test", person.role, slugs, 30)
    return create_token(town.seeded.database, new, actor="test", now=town.seeded.clock.wall())[1]


def things_of(town: Town, slug: str) -> Mapping[str, str]:
    """What addresses name of a cohort: an event, an announcement, a poll and a quiz, called like it where they have
    names."""
    own = slug == HERE
    cohort_id, post = (
        (town.seeded.cohort_id, town.seeded.question_post_id) if own else (town.other_cohort, town.other_post)
    )
    starts = (NOW + timedelta(days=2)).replace(tzinfo=None)
    event = EventDraft(slug, "Live", cohort_id, EventKind.LIVE, f"live{own:d}", "", "UTC", starts,
                       starts + timedelta(hours=1), None, ())  # fmt: skip
    news = NewAnnouncement(slug, date(2026, 3, 20), ("Open day.",), date(2026, 3, 20), ladder=(0,))
    with town.seeded.database.write() as connection:
        events.add(connection, event, NOW)
        announcements.add(connection, cohort_id, news, NOW)
        poll = polls.add(connection, cohort_id, post, NewPoll("Sure?", ("Yes", "No"), 60), NOW)
    numbers = {"{poll}": poll, "{other}": poll, "{post}": post, "{question}": town.questions[0 if own else 1]}
    unknown = dict.fromkeys(("{hold}", "{token}", "{absence}", "{recall}"), 999)
    return {"{slug}": slug, "{name}": "viewer", **{name: str(one) for name, one in (numbers | unknown).items()}}
