"""How the console writes instants, money, states and intents. Filters of its templates; values in, text out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from reinforce.domain.sending.outbox import State
from reinforce.domain.texts.weighted_length import LIMIT, weighted_length

# A word a person gets, and the tone it is shown in (a class of console.css); colour never stands alone.
STATES: dict[State, tuple[str, str, str]] = {
    State.PLANNED: ("planned", "calm", "Waits for its time."),
    State.LEASED: ("about to send", "busy", "A daemon has taken it and has not sent anything yet."),
    State.SENDING: ("sending", "busy", "The request may be on its way; whatever dies now, the timeline decides."),
    State.UNKNOWN: ("checking", "care", "No clear answer came back: our timeline is read before anything is sent."),
    State.HELD: ("held", "care", "Still in doubt after every reading. A person decides."),
    State.POSTED: ("posted", "good", "It is on the timeline."),
    State.REFUSED: ("refused", "stop", "The service refused it for good."),
    State.SKIPPED: ("skipped", "quiet", "Its time passed, or it was not needed."),
    State.CANCELLED: ("cancelled", "quiet", "Withdrawn before it was sent."),
}

INTENTS = {
    "got_it": "got it",
    "not_sure": "not sure",
    "answer": "answer",
    "question": "question",
    "lookup": "look-up",
    "stop": "stop",
    "start": "start",
    "snooze": "snooze",
    "join": "join",
    "pause": "pause",
    "comment": "comment",
}

# What people call the forms of posts (domain/post_forms.py), in the order of a list to choose from.
FORMS = {
    "reminder": "reminder",
    "question": "question",
    "poll": "poll",
    "reveal": "reveal",
    "standing_poll": "poll of where people stand",
    "poll_link": "link to a poll elsewhere",
    "prompt": "introductions",
    "answer": "answer to a question",
    "lookup": "look-up",
    "acknowledgement": "receipt of a question",
    "catch_up": "catch-up",
    "quiz_start": "quiz: start",
    "quiz_question": "quiz: question",
    "quiz_hint": "quiz: hint",
    "quiz_reveal": "quiz: answer",
    "quiz_leaderboard": "quiz: leaderboard",
    "event_announcement": "event: announcement",
    "event_reminder": "event: reminder",
    "event_start": "event: start",
    "event_cancelled": "event: cancelled",
    "announcement": "news with a date",
    "update_opening": "dates: one can join",
    "update_days_left": "dates: days left to join",
    "update_start": "dates: start",
    "update_halfway": "dates: halfway",
    "update_assessment_week": "dates: week before the assessment",
    "update_completion": "dates: completion",
    "course_step": "step of a course",
    "correction": "correction",
    "found": "found on the timeline",
}

RATINGS = {1: "not yet", 2: "hard", 3: "knew it", 4: "easy"}


def moment(instant: datetime | None, zone: str, now: datetime | None = None) -> str:
    """An instant in its cohort's wall clock: "Mon 2 Mar 09:00", or "today 09:00" when `now` says so."""
    if instant is None:
        return "–"
    local = instant.astimezone(ZoneInfo(zone))
    if now is not None:
        distance = (local.date() - now.astimezone(ZoneInfo(zone)).date()).days
        near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(distance)
        if near is not None:
            return f"{near} {local:%H:%M}"
    year = "" if now is None or local.year == now.year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M}"


def day(value: date | None) -> str:
    """A date without a time: "Mon 2 Mar 2026"."""
    return "–" if value is None else f"{value:%a} {value.day} {value:%b %Y}"


def span(length: timedelta) -> str:
    """A length of time in its two largest units that say something: "2 d 4 h", "3 min", "now"."""
    minutes = int(abs(length).total_seconds() // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h" if hours and days < 7 else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes and hours < 6 else f"{hours} h"
    return f"{minutes} min" if minutes else "now"


def distance(instant: datetime, now: datetime) -> str:
    """How far an instant is from now: "in 3 h", "2 d ago", "now"."""
    words = span(instant - now)
    if words == "now":
        return words
    return f"in {words}" if instant > now else f"{words} ago"


def money(micros: int) -> str:
    """Millionths of a dollar as dollars: "$0.015", "$12.30"."""
    text = f"{micros / 1_000_000:.4f}".rstrip("0")
    whole, _, cents = text.partition(".")
    return f"${whole}.{cents.ljust(2, '0')}"


def cents(micros: int) -> str:
    """An estimate of money, to the cent: "$0.98"."""
    return f"${micros / 1_000_000:,.2f}"


def machine_time(instant: datetime) -> str:
    """Machine time of this machine's own day, to the second: "14:03:07 UTC"."""
    return f"{instant:%H:%M:%S} UTC"


def share(value: float | None) -> str:
    """A probability as a percentage: "63 %"."""
    return "–" if value is None else f"{round(100 * value)} %"


def figure(value: float) -> str:
    """A number as short as it can be read: three significant figures, never in exponents of everyday size."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def pace(speed: float) -> str:
    """How fast programme time runs: "a day a minute", "60 times as fast"."""
    for length, words in ((1440, "a day a minute"), (60, "an hour a minute"), (86400, "a day a second")):
        if abs(speed - length) < 0.5:
            return words
    return f"{figure(speed)} times as fast"


def query(parts: dict[str, Any]) -> str:
    """The query of an address, without what is empty."""
    return urlencode({name: value for name, value in parts.items() if value})


def state_word(state: State) -> str:
    """The word for a state of a post."""
    return STATES[state][0]


def state_tone(state: State) -> str:
    """The tone (a class) for a state of a post."""
    return STATES[state][1]


def state_meaning(state: State) -> str:
    """What a state of a post means, in a sentence."""
    return STATES[state][2]


def intent(word: str) -> str:
    """The word for what a reply was read as."""
    return INTENTS.get(word, word.replace("_", " "))


def form(name: str) -> str:
    """The word for a form of a post."""
    return FORMS.get(name, name.replace("_", " "))


def rating(value: int | None) -> str:
    """The word for a grade; the figures are FSRS's 1 to 4."""
    return "–" if value is None else RATINGS.get(value, str(value))


def weighted(text: str) -> str:
    """How much of a post's room a text takes, as X counts: "118 of 280 characters"."""
    return f"{weighted_length(text)} of {LIMIT} characters"


FILTERS: dict[str, Any] = {
    "cents": cents,
    "day": day,
    "distance": distance,
    "figure": figure,
    "form": form,
    "intent": intent,
    "machine_time": machine_time,
    "moment": moment,
    "money": money,
    "pace": pace,
    "query": query,
    "rating": rating,
    "share": share,
    "span": span,
    "state_meaning": state_meaning,
    "state_tone": state_tone,
    "state_word": state_word,
    "weighted": weighted,
}
