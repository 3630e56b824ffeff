"""How long a learner wants quiet: "3d", "for a week", "until Monday", "bis nach dem Urlaub"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from reinforce.domain.listening.lexicon import Lexicon

# A snooze without a length. A week: long enough to notice, short enough that nobody is lost by a word said in passing.
DEFAULT = timedelta(days=7)
SHORTEST = timedelta(hours=1)
LONGEST = timedelta(days=90)
# An end by weekday is that morning, before a working day's first slot.
_MORNING = time(6)


@dataclass(frozen=True, slots=True)
class Snooze:
    """A length, or an end on a weekday (1 is Monday). Neither: the default length."""

    length: timedelta | None = None
    weekday: int | None = None

    def until(self, now: datetime, zone: str) -> datetime:
        """When it ends, seen from `now`; a weekday's morning is that of `zone` (an IANA name)."""
        if self.weekday is None:
            length = DEFAULT if self.length is None else self.length
            return now + min(max(length, SHORTEST), LONGEST)
        local = now.astimezone(ZoneInfo(zone))
        days = (self.weekday - local.isoweekday()) % 7 or 7
        morning = datetime.combine(local.date() + timedelta(days=days), _MORNING, ZoneInfo(zone))
        return morning.astimezone(now.tzinfo)


def read_span(words: Sequence[str], lexicon: Lexicon) -> Snooze | None:
    """The span that `words` are, with nothing else in them but words that lead to one; None if they are none."""
    rest = tuple(words)
    for lead in ("until", "for_time", "until", "for_time"):
        rest = rest[lexicon[lead].at(rest, 0) :]
    span = _span(rest, lexicon)
    return span if span is not None else _span(tuple(words), lexicon)


def find_span(words: Sequence[str], lexicon: Lexicon) -> Snooze | None:
    """The first span that stands anywhere in `words` behind a word that leads to one ("until Monday", "for 3 days")."""
    for start in range(len(words)):
        led = lexicon["until"].at(words, start) or lexicon["for_time"].at(words, start)
        for end in range(min(len(words), start + 7), start + led, -1) if led else ():
            span = read_span(tuple(words[start:end]), lexicon)
            if span is not None:
                return span
    return None


def _span(words: tuple[str, ...], lexicon: Lexicon) -> Snooze | None:
    day = lexicon["upcoming"].without(words)  # "next Tuesday", "lundi prochain"
    if day in lexicon.tables["weekdays"]:
        return Snooze(weekday=int(lexicon.tables["weekdays"][day]))
    if words in lexicon.tables["moments"]:
        return Snooze(timedelta(hours=lexicon.tables["moments"][words]))
    count, taken = _count(words, lexicon)
    unit = lexicon.number_at("durations", words, taken)
    if unit is None or taken + unit[1] != len(words):
        return None
    return Snooze(timedelta(hours=min(count * unit[0], LONGEST / SHORTEST)))


def _count(words: tuple[str, ...], lexicon: Lexicon) -> tuple[float, int]:
    """How many of the unit that follows, and how many words say so; (1, 0) if it isn't said."""
    if words and words[0].replace(",", ".").replace(".", "", 1).isdecimal() and len(words[0]) < 7:
        return float(words[0].replace(",", ".")), 1
    spelled = lexicon.number_at("numbers", words, 0)
    return spelled if spelled is not None else (1.0, 0)
