"""Single values: one text as a number, a flag, a time, a zone, and what to say when it is none."""

from __future__ import annotations

import math
import zoneinfo
from collections.abc import Collection, Iterable
from datetime import date, time
from functools import cache

import regex
from rapidfuzz import fuzz, process

from reinforce.content.marks import FaultList, Marked, Place, Scalar

# ISO 639-1.
_LANGUAGE_CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo "
    "es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka "
    "kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng "
    "nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su "
    "sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
LANGUAGES = frozenset(_LANGUAGE_CODES.split())
SLUG = regex.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST_SLUG = 60
# Where readings of a plain word differ between people (and between YAML 1.1 and 1.2), all of them are taken.
_YES = frozenset({"yes", "y", "true", "on", "1", "x"})
_NO = frozenset({"no", "n", "false", "off", "0", ""})


def near(word: str, known: Iterable[str], *, at_least: float = 70) -> str:
    """The known word that `word` was probably meant to be, or ""; `at_least` is how like it must be, of 100."""
    folded = {name: name.lower() for name in known}
    found = process.extractOne(word.lower(), folded, scorer=fuzz.ratio, score_cutoff=at_least)
    return str(found[2]) if found else ""


def did_you_mean(word: str, known: Collection[str]) -> str:
    """A sentence that names the nearest known word, or all of them where they are few."""
    nearest = near(word, known)
    if nearest:
        return f'Did you mean "{nearest}"?'
    return f"Known are: {', '.join(known)}." if len(known) <= 25 else ""


@cache
def zones() -> frozenset[str]:
    """The IANA names a file may use."""
    return frozenset(name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC")


def check_zone(name: str, where: Marked | Place, faults: FaultList) -> bool:
    """Whether `name` is a zone of the IANA database; reported if not."""
    if name in zones():
        return True
    advice = did_you_mean(name, zones()) or 'Name it like "Europe/Berlin" or "America/Chicago".'
    faults.add(where, f'"{name}" is no time zone.', advice)
    return False


def slug_of(words: str) -> str:
    """A slug made of `words`: lower case, what is no letter or digit becomes a hyphen; "" if nothing is left."""
    return regex.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:LONGEST_SLUG].strip("-")


def checked_text(node: Scalar, key: str, faults: FaultList, longest: int) -> str:
    """The text of `node` without white space around it; reported if empty or longer than `longest`."""
    text = node.text.strip()
    if not text:
        faults.add(node, f'"{key}" is empty.', "Write something, or take the line out.")
    elif len(text) > longest:
        faults.add(node, f'"{key}" has {len(text)} characters; {longest} are allowed.', "Shorten it.")
    return text[:longest]


def as_number(text: str) -> float | None:
    """`text` as a finite number, or None. Digits may be grouped by nothing; the decimal mark is a point."""
    if not regex.fullmatch(r"\s*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?\s*", text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def as_flag(text: str) -> bool | None:
    """`text` as yes or no, or None."""
    word = text.strip().lower()
    return True if word in _YES else False if word in _NO else None


def as_clock_time(node: Scalar, key: str, faults: FaultList) -> time | None:
    """`node` as a time of day in hours and minutes; reported if it is none."""
    found = regex.fullmatch(r"\s*([01]?[0-9]|2[0-3]):([0-5][0-9])\s*", node.text)
    if found:
        return time(int(found[1]), int(found[2]))
    faults.add(node, f'"{key}" must be a time of day, not "{short(node.text)}".', "Write hours and minutes: 09:30.")
    return None


def short(text: str) -> str:
    """`text` on one line, cut to 40 characters, for a message."""
    folded = " ".join(text.split())
    return folded if len(folded) <= 40 else folded[:39] + "…"


def as_day(text: str) -> date | None:
    """`text` as a date, or None. Only 2026-12-01: basic and week formats are hardly ever meant."""
    if not regex.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text.strip()):
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
