"""What a learner wishes for themselves: to be named or not, a language, a time zone, to catch up.

To be named is public, so it is read conservatively: the whole reply has to say so, courtesy aside, and nothing else.
Not to be named is taken from any part of a reply. Everything else is a wish only if it is the whole reply.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from reinforce.domain.listening.lexicon import Lexicon, Phrase
from reinforce.domain.listening.reply_text import ReplyText, fold_words

_LONGEST_PLACE = 4  # words
# Areas of the IANA database whose names end in a place; the rest are abbreviations and names of before.
_AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
# Large cities that the database has under another place's name, or that people name otherwise in our four languages.
_OTHER_NAMES = {
    "athen": "Europe/Athens", "atenas": "Europe/Athens", "athenes": "Europe/Athens", "barcelona": "Europe/Madrid",
    "brussel": "Europe/Brussels", "brussel stadt": "Europe/Brussels", "bruselas": "Europe/Brussels",
    "bruxelles": "Europe/Brussels", "bukarest": "Europe/Bucharest", "cologne": "Europe/Berlin",
    "frankfurt": "Europe/Berlin", "geneva": "Europe/Zurich", "geneve": "Europe/Zurich", "genf": "Europe/Zurich",
    "hamburg": "Europe/Berlin", "kopenhagen": "Europe/Copenhagen", "koln": "Europe/Berlin", "lisboa": "Europe/Lisbon",
    "lisbonne": "Europe/Lisbon", "lissabon": "Europe/Lisbon", "londres": "Europe/London", "lyon": "Europe/Paris",
    "mailand": "Europe/Rome", "milan": "Europe/Rome", "moskau": "Europe/Moscow", "munchen": "Europe/Berlin",
    "munich": "Europe/Berlin", "porto": "Europe/Lisbon", "prag": "Europe/Prague", "prague": "Europe/Prague",
    "rom": "Europe/Rome", "roma": "Europe/Rome", "rome": "Europe/Rome", "stuttgart": "Europe/Berlin",
    "varsovie": "Europe/Warsaw", "vienne": "Europe/Vienna", "viena": "Europe/Vienna", "warschau": "Europe/Warsaw",
    "wien": "Europe/Vienna", "zurich": "Europe/Zurich", "beijing": "Asia/Shanghai", "mumbai": "Asia/Kolkata",
    "boston": "America/New_York", "miami": "America/New_York", "dallas": "America/Chicago",
    "houston": "America/Chicago", "seattle": "America/Los_Angeles", "san francisco": "America/Los_Angeles",
}  # fmt: skip
# What people call the languages that ship, folded.
LANGUAGES: Mapping[str, str] = {
    "english": "en", "englisch": "en", "anglais": "en", "ingles": "en",
    "german": "de", "deutsch": "de", "allemand": "de", "aleman": "de",
    "french": "fr", "franzosisch": "fr", "franzoesisch": "fr", "francais": "fr", "frances": "fr",
    "spanish": "es", "spanisch": "es", "espagnol": "es", "espanol": "es", "castellano": "es",
}  # fmt: skip


class WishKind(StrEnum):
    """What is wished."""

    NAMING = "naming"
    NO_NAMING = "no_naming"
    LANGUAGE = "language"
    ZONE = "zone"
    CATCH_UP = "catch_up"


@dataclass(frozen=True, slots=True)
class Wish:
    """`value` is the language's code, or the place that was said (folded words), "" for the other kinds."""

    kind: WishKind
    value: str = ""


def whole_wish(reply: ReplyText, lexicon: Lexicon, *, answers: bool = False) -> Wish | None:
    """The wish that the whole reply is, courtesy aside; None if it is none, or more than that. Where it `answers` a
    question, "in German" is an answer, right or wrong, and "my language is German" a wish."""
    said = lexicon.without_courtesy(reply.spoken)
    if not said:
        return None
    if said in lexicon["catch_up"]:
        return Wish(WishKind.CATCH_UP)
    if reply.asks:
        return None
    if said in lexicon["may_name"]:
        return Wish(WishKind.NAMING)
    return _language(said, lexicon, 2 if answers else 1) or _zone(said, lexicon)


def forbids_naming(reply: ReplyText, lexicon: Lexicon) -> bool:
    """Whether any part of the reply says not to be named."""
    return any(lexicon["not_name"].find(clause.spoken) for clause in reply.clauses)


def _language(said: Phrase, lexicon: Lexicon, shortest: int) -> Wish | None:
    lead = lexicon["language_is"].at(said, 0)
    rest = said[lead:]
    return (
        Wish(WishKind.LANGUAGE, LANGUAGES[rest[0]])
        if lead >= shortest and len(rest) == 1 and rest[0] in LANGUAGES
        else None
    )


def _zone(said: Phrase, lexicon: Lexicon) -> Wish | None:
    lead = lexicon["zone_is"].at(said, 0)
    place = said[lead:]
    return Wish(WishKind.ZONE, " ".join(place)) if lead and 0 < len(place) <= _LONGEST_PLACE else None


def zone_named(place: str, zones: Collection[str]) -> str:
    """The IANA zone among `zones` that people mean by `place` ("lisbon", "europe lisbon", "new york"); "" for none."""
    return _places(frozenset(zones)).get(place, "")


@lru_cache(maxsize=4)
def _places(zones: frozenset[str]) -> Mapping[str, str]:
    found = {place: zone for place, zone in _OTHER_NAMES.items() if zone in zones}
    for zone in sorted(zones, key=lambda one: (one.count("/"), one), reverse=True):
        area, _, rest = zone.partition("/")
        if area in _AREAS and rest:
            words = " ".join(fold_words(zone.replace("/", " ").replace("_", " ")))
            found[" ".join(fold_words(rest.rpartition("/")[2].replace("_", " ")))] = zone
            found[words] = zone
    return found
