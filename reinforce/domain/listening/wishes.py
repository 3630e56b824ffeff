"""What a reply asks us to do: start again, be quiet for a while, let somebody join, look something up."""

from __future__ import annotations

from dataclasses import dataclass

import regex

from reinforce.domain.listening.lexicon import Lexicon, Phrase
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
_TELLING_START = 3  # words; so many need no "again" beside them
_LONGEST_ABSENCE = 10
_AGAIN_WORDS = ("start", "receives", "agains", "wants", "selves", "returned", "again_objects")
_RETURNED_WORDS = 6
_LOOKUP_WORDS = 6
_HOW_WORDS = 3
_DEFINED_WORDS = 2


@dataclass(frozen=True, slots=True)
class Join:
    """`code` as it was written, "" if there is none."""

    code: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """`topic` is what is looked for, "" for help as such."""

    topic: str


def wants_start(reply: ReplyText, lexicon: Lexicon) -> bool:
    """Whether every clause is a start form, courtesy aside, or says beside one that its author is back."""
    if reply.spoken in lexicon["start"]:
        return True
    said = [bare for clause in reply.clauses if (bare := lexicon.without_courtesy(clause.spoken))]
    whole = lexicon.without_courtesy(reply.spoken)
    if whole in lexicon["start"]:
        return True
    forms = [_is_start_form(one, lexicon) for one in said]
    if not reply.asks and _wants_again(whole, lexicon):
        return True
    told = [_says_returned(one, lexicon) for one in said]
    return any(forms) and not reply.asks and all(form or back for form, back in zip(forms, told, strict=True))


def _is_start_form(words: Phrase, lexicon: Lexicon) -> bool:
    plain = lexicon["agains"].without(lexicon["intensifiers"].without(words))
    return any(one in lexicon["start"] for one in (words, lexicon.without_openers(words), plain))


def _wants_again(words: Phrase, lexicon: Lexicon) -> bool:
    """ "I'm ready to get the messages again": nothing but words of wanting and receiving, and one for "again". Without
    a wish in it, it complains: "I get these again and again"."""
    if not (lexicon["desires"].find(words) or lexicon["receives"].at(words, 0) or lexicon["start"].at(words, 0)):
        return False
    seen: set[str] = set()
    place = 0
    while place < len(words):
        found = {name: lexicon[name].at(words, place) for name in _AGAIN_WORDS}
        taken = max(found.values())
        if not taken:
            return False
        seen.update(name for name, length in found.items() if length)
        place += taken
        if found["start"]:
            telling = found["start"] >= _TELLING_START or lexicon["our_posts"].find(words) is not None
            seen.update(("receives", "agains") if telling else ("receives",))
    return seen.issuperset(("receives", "agains")) and not lexicon["complaints"].find(words)


def _says_returned(words: Phrase, lexicon: Lexicon) -> bool:
    """ "Back at work now", beside "start again": short, and nothing is denied in it."""
    return bool(lexicon["returned"].find(words)) and len(words) <= _RETURNED_WORDS and not lexicon["nots"].find(words)


def wanted_quiet(clause: Clause, lexicon: Lexicon) -> Snooze | None:
    """ "Snooze 3d", "3 days' pause", "later": a snooze phrase, alone or with a span behind or before it."""
    said = lexicon.without_openers(lexicon.without_courtesy(clause.spoken))
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
    until_then = lexicon["until"].at(before, 0) and len(before) <= _SPAN_WORDS
    if before and _loose_span(before, lexicon) is None:
        return Snooze() if until_then and not after else None
    span = _loose_span(after or before, lexicon)
    if span is None and not before and lexicon["until"].at(after, 0) and len(after) <= _SPAN_WORDS:
        return Snooze()  # until a date, or an event, that we don't understand
    return span


def _loose_span(words: Phrase, lexicon: Lexicon) -> Snooze | None:
    """A span, with words that say nothing around it if need be ("tomorrow again please")."""
    for name in ("", "fillers", "intensifiers", "for_time", "wants", "articles"):
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
    span = find_span(said, lexicon) or (_named_span(said, away, lexicon) if len(said) <= _LONGEST_ABSENCE else None)
    ends = any(lexicon["until"].at(said, start) for start in range(1, len(said)))
    return span or (Snooze() if ends else None)


def _named_span(said: Phrase, away: Phrase, lexicon: Lexicon) -> Snooze | None:
    """ "This week", "tomorrow": a span that needs no lead, beside what says that its author is `away`."""
    at = next(start for start in range(len(said)) if said[start : start + len(away)] == away)
    rest = (*said[:at], "", *said[at + len(away) :])
    moment = lexicon.keys["moments"].find(rest)
    spans = [moment] if moment else [rest[start:end] for start in range(len(rest)) for end in (start + 2, start + 3)]
    return next((span for words in spans if (span := read_span(words, lexicon)) is not None), None)


def only_a_span(reply: ReplyText, lexicon: Lexicon) -> Snooze | None:
    """ "Next week please", "in 2 days": a span that a lead or its own name makes one ("3" and "3 days" are not)."""
    said = lexicon.without_courtesy(reply.spoken)
    led = lexicon["until"].at(said, 0) or lexicon["for_time"].at(said, 0)
    named = lexicon.keys["moments"].at(said, 0)
    if not said or reply.asks or not (led or named):
        return None
    until = lexicon["until"].at(said, 0)
    # "Erst wieder nach Ostern": two words or more lead to an end that we don't understand.
    return _loose_span(said, lexicon) or (Snooze() if until > 1 and 0 < len(said) - until <= _SPAN_WORDS else None)


def wanted_join(reply: ReplyText, lexicon: Lexicon) -> Join | None:
    """ "Join 7KQ2-M9XD", "my code is …", "join red", or a code with little around it."""
    if reply.asks:
        return None
    shaped = _CODE.search(reply.cleaned.upper()) or _CODE_WITHOUT_FIGURE.search(reply.cleaned.upper())
    said = lexicon.without_openers(lexicon.without_courtesy(reply.spoken))
    wanting: Phrase = ()
    while not _joining(said, lexicon) and (taken := lexicon["wants"].at(said, 0)):  # "we want to join red"
        wanting, said = (*wanting, *said[:taken]), said[taken:]
    length = _joining(said, lexicon)
    if shaped and (length or len(_CHUNK.findall(reply.cleaned)) <= _WORDS_AROUND_A_CODE):
        return Join(reply.cleaned[shaped.start() : shaped.end()])
    if not length:
        return _join_beside(reply, lexicon)
    known = {*wanting, *said[:length], *(word for phrase in lexicon["join_links"] for word in phrase)}
    chunks = [chunk for chunk in _CHUNK.findall(reply.cleaned) if _is_new(chunk, known, lexicon)]
    figured = [chunk for chunk in chunks if any(sign.isdigit() for sign in chunk)]
    if len(chunks) > _MOST_CHUNKS and not figured:
        return None
    return Join((figured or chunks or [""])[0])


def _joining(words: Phrase, lexicon: Lexicon) -> int:
    """How many words at the beginning ask to join, or say that a code follows."""
    return max(lexicon["join"].at(words, 0), lexicon["join_code"].at(words, 0))


def _join_beside(reply: ReplyText, lexicon: Lexicon) -> Join | None:
    """ "I'm in! Join red": a clause of its own that asks to join, and names little more than what."""
    for clause in reply.clauses[1:]:
        said = lexicon.without_openers(lexicon.without_courtesy(clause.spoken))
        length = _joining(said, lexicon)
        rest = lexicon["join_links"].without(said[length:])
        if length and 0 < len(rest) <= 1:
            return Join(rest[0])
    return None


def _is_new(chunk: str, known: set[str], lexicon: Lexicon) -> bool:
    folded = lexicon.without_courtesy(read_text(chunk).folded)
    return bool(folded) and not known.issuperset(folded)


def wanted_lookup(clause: Clause, lexicon: Lexicon, *, unasked: bool = False) -> Lookup | None:
    """ "How lockout", "help tagging": a word said at the library's desk, and what is looked for. `unasked`: said to the
    account of one's own accord, where "how do I reset the valve" looks something up too. "Where is the form", without a
    question mark, does so anywhere."""
    said = lexicon.without_courtesy(clause.spoken)
    if lexicon["not_question"].at(said, 0) or said in lexicon["not_sure"]:
        return None
    asks = lexicon["question_start"].at(said, 0)
    topic = _sought(said, asks, lexicon)
    shelved = not clause.asks and topic[-1:] in lexicon["desk_ends"]
    if topic and (unasked or shelved):
        return Lookup(" ".join(topic))
    if asks:
        return None
    desk = lexicon["lookup"].at(said, 0)
    how = lexicon["lookup_how"].at(said, 0)
    length, most = (desk, _LOOKUP_WORDS) if desk else (how, _LOOKUP_WORDS if how > 1 else _HOW_WORDS)
    topic = said[length:]
    if not length or len(topic) > most or (not topic and (not desk or clause.asks)):
        return None
    return Lookup(" ".join(topic))


def _sought(said: Phrase, asks: int, lexicon: Lexicon) -> Phrase:
    """What is sought by name: a few words, not all of them pronouns, and no case is put ("if the key is lost")."""
    length = lexicon["seeks"].at(said, 0)
    if not length and 1 < len(said) <= _HOW_WORDS and said[-1:] in lexicon["desk_ends"]:
        return said  # "lockout steps"
    defines = lexicon["defines"].at(said, 0)
    length, most = (defines, _DEFINED_WORDS) if defines > length else (length, _LOOKUP_WORDS)
    while length and lexicon["articles"].at(said, length):
        length += lexicon["articles"].at(said, length)
    topic = lexicon["articles"].without(said[length:])
    if not length or length < asks or not 0 < len(topic) <= most:
        return ()
    named = lexicon["fillers"].without(lexicon["pronouns"].without(topic))
    return topic if named and not lexicon["conditions"].find(topic) and (topic[:1] not in lexicon["pronouns"]) else ()
