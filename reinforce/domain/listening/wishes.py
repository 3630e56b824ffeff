"""What a reply asks us to do: start again, be quiet for a while, let somebody join, look something up."""

from __future__ import annotations

from dataclasses import dataclass

import regex

from reinforce.domain.listening.lexicon import Lexicon, Phrase
from reinforce.domain.listening.remarks import opened
from reinforce.domain.listening.reply_text import Clause, ReplyText, read_text
from reinforce.domain.listening.snoozing import Snooze, find_span, read_span

_CHUNK = regex.compile(r"[A-Za-z0-9]+(?:[-–][A-Za-z0-9]+)*")
# As invitations print them: two groups of four, letters and figures mixed. Shorter ones only after "join" or "code".
_CODE = regex.compile(r"(?<![\w-])(?=[A-Z0-9-]*\d)(?=[A-Z0-9-]*[A-Z])[A-Z0-9]{4}[-– ]?[A-Z0-9]{4}(?![\w-])")
# The same without a figure, in the very alphabet of our codes: eight letters, not one a vowel, make no word.
_CODE_WITHOUT_FIGURE = regex.compile(r"(?<![\w-])[BCDFGHJKMNPQRSTVWXZ]{4}-?[BCDFGHJKMNPQRSTVWXZ]{4}(?![\w-])")
_MOST_CHUNKS = 3
_WORDS_AROUND_A_CODE = 8
_SPAN_WORDS = 4
_LONGEST_WISH = 20  # words; whoever says more is telling something
_LOOKUP_WORDS = 6
_HOW_WORDS = 3


@dataclass(frozen=True, slots=True)
class Join:
    """`code` as it was written, "" if there is none."""

    code: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """`topic` is what is looked for, "" for help as such."""

    topic: str


def wants_start(reply: ReplyText, lexicon: Lexicon) -> bool:
    """Whether every clause is a start form, courtesy aside."""
    if reply.spoken in lexicon["start"]:
        return True
    said = [bare for clause in reply.clauses if (bare := lexicon["politeness"].without(clause.spoken))]
    whole = lexicon["politeness"].without(reply.spoken)
    forms = [one in lexicon["start"] or opened(one, lexicon) in lexicon["start"] for one in said]
    return whole in lexicon["start"] or (bool(forms) and all(forms))


def wanted_quiet(clause: Clause, lexicon: Lexicon) -> Snooze | None:
    """ "Snooze 3d", "3 days' pause", "later": a snooze phrase, alone or with a span behind or before it."""
    said = opened(lexicon["politeness"].without(clause.spoken), lexicon)
    if len(said) > _LONGEST_WISH:
        return None
    phrases = lexicon["snooze"]
    for start in range(len(said)):
        for taken in range(phrases.at(said, start), 0, -1):
            if said[start : start + taken] in phrases:
                found = _quiet_around(said[:start], said[start + taken :], lexicon)
                if found is not None:
                    return found
    bare = (said, lexicon["fillers"].without(said), lexicon["intensifiers"].without(said))
    return Snooze() if any(one in phrases for one in bare) else None


def _quiet_around(before: Phrase, after: Phrase, lexicon: Lexicon) -> Snooze | None:
    """The span that stands before and behind a snooze phrase; None if anything else stands there."""
    if before and _loose_span(before, lexicon) is None:
        return None
    span = _loose_span(after or before, lexicon)
    if span is None and not before and lexicon["until"].at(after, 0) and len(after) <= _SPAN_WORDS:
        return Snooze()  # until a date, or an event, that we don't understand
    return span


def _loose_span(words: Phrase, lexicon: Lexicon) -> Snooze | None:
    """A span, with words that say nothing around it if need be ("tomorrow again please")."""
    for name in ("", "fillers", "intensifiers", "for_time"):
        words = lexicon[name].without(words) if name else words
        span = read_span(words, lexicon)
        if span is not None:
            return span
    return None


def absence(reply: ReplyText, lexicon: Lexicon) -> Snooze | None:
    """ "On vacation until Monday": quiet is wanted where an absence and its length, or its end, both stand there."""
    said = reply.spoken
    away = lexicon["away"].find(said)
    if not away or reply.asks:
        return None
    span = find_span(said, lexicon)
    ends = any(lexicon["until"].at(said, start) for start in range(1, len(said)))
    return span or (Snooze() if ends else None)


def only_a_span(reply: ReplyText, lexicon: Lexicon) -> Snooze | None:
    """ "Next week please", "in 2 days": a span that a lead or its own name makes one ("3" and "3 days" are not)."""
    said = lexicon["politeness"].without(reply.spoken)
    led = lexicon["until"].at(said, 0) or lexicon["for_time"].at(said, 0)
    named = lexicon.keys["moments"].at(said, 0)
    return _loose_span(said, lexicon) if said and (led or named) and not reply.asks else None


def wanted_join(reply: ReplyText, lexicon: Lexicon) -> Join | None:
    """ "Join 7KQ2-M9XD", "my code is …", "join red", or a code with little around it."""
    if reply.asks:
        return None
    shaped = _CODE.search(reply.cleaned.upper()) or _CODE_WITHOUT_FIGURE.search(reply.cleaned.upper())
    said = opened(lexicon["politeness"].without(reply.spoken), lexicon)
    length = lexicon["join"].at(said, 0)
    if shaped and (length or len(_CHUNK.findall(reply.cleaned)) <= _WORDS_AROUND_A_CODE):
        return Join(reply.cleaned[shaped.start() : shaped.end()])
    if not length:
        return None
    known = {*said[:length], *(word for phrase in lexicon["join_links"] for word in phrase)}
    chunks = [chunk for chunk in _CHUNK.findall(reply.cleaned) if _is_new(chunk, known, lexicon)]
    figured = [chunk for chunk in chunks if any(sign.isdigit() for sign in chunk)]
    if len(chunks) > _MOST_CHUNKS and not figured:
        return None
    return Join((figured or chunks or [""])[0])


def _is_new(chunk: str, known: set[str], lexicon: Lexicon) -> bool:
    folded = lexicon["politeness"].without(read_text(chunk).folded)
    return bool(folded) and not known.issuperset(folded)


def wanted_lookup(clause: Clause, lexicon: Lexicon) -> Lookup | None:
    """ "How lockout", "help tagging": a word said at the library's desk, and what is looked for."""
    said = lexicon["politeness"].without(clause.spoken)
    if lexicon["not_question"].at(said, 0) or lexicon["question_start"].at(said, 0):
        return None
    desk = lexicon["lookup"].at(said, 0)
    how = lexicon["lookup_how"].at(said, 0)
    length, most = (desk, _LOOKUP_WORDS) if desk else (how, _LOOKUP_WORDS if how > 1 else _HOW_WORDS)
    topic = said[length:]
    if not length or len(topic) > most or (not topic and (not desk or clause.asks)):
        return None
    return Lookup(" ".join(topic))
