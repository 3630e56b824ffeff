"""What people say of their own knowing and doing, put together from classes of words instead of whole phrases.

"I could not quite follow this part" is a word of grasping with a negation near it and its author for a subject; "will
tape this to the cabinet" is a promise. Neither has to stand in a lexicon word by word.
"""

from __future__ import annotations

import regex

from reinforce.domain.listening.lexicon import Lexicon, Phrase
from reinforce.domain.listening.reply_text import Clause

# How far a negation may stand from the word it denies: "I am still not at all quite sure".
_FARTHEST = 5
# "J'y penserai lundi", "on le fera", "lo pondré", "lo tendremos en cuenta"; folded, so without accents.
_FUTURE = regex.compile(
    r"(?:j|je|on|nous)(?: (?:le|la|les|l|y|en|m|me|lui|leur|vous|n|ne))* (?!verr)\p{L}+(?:rai|ra|rons)\b"
    r"|(?:(?:lo|la|los|las|se lo|me lo|me|les|nos) \p{L}+(?<!ie)(?:are|ere|ire|dre)|\p{L}+(?:are|ere|ire|d|b)remos)\b"
)
# Words of these classes link a negation with what it denies.
_LINKING = ("grasp_links", "intensifiers", "fillers", "selves", "articles", "pronouns")


def not_grasped(clause: Clause, lexicon: Lexicon) -> str:
    """The words by which the author says that they don't grasp something ("not understand"); "" if they don't."""
    said = lexicon.without_courtesy(clause.spoken)
    for place in range(len(said)):
        length = lexicon["grasps"].at(said, place)
        if not length:
            continue
        grasp = said[place : place + length]
        denied = _negation_near(said, place, length, lexicon)
        if denied >= 0 and (grasp in lexicon["clears"] or is_ones_own(said, min(place, denied), lexicon)):
            return f"{said[denied]} … {' '.join(grasp)}"
    return ""


def promised(clause: Clause, lexicon: Lexicon) -> str:
    """The words by which the author promises to act ("will", "je vais"); "" if they don't."""
    said = lexicon.without_openers(lexicon.without_courtesy(clause.spoken))
    length = lexicon["promises"].at(said, 0) or _future(said)
    rest = lexicon["intensifiers"].without(said[length:])
    unsaid = not rest and lexicon["promises"].at(said, 0) > 0  # "I will"
    if not length or unsaid or clause.asks or lexicon["not_promised"].at(rest, 0):
        return ""
    if any((word,) in lexicon["nots"] for word in rest) or lexicon["sarcasm"].find(clause.folded):
        return ""
    return " ".join(said[:length])


def _future(said: Phrase) -> int:
    """How many words a French or Spanish future of the first person takes at the beginning; 0 if none stands there."""
    found = _FUTURE.match(" ".join(said))
    return len(found[0].split()) if found else 0


def passed_on(clause: Clause, lexicon: Lexicon) -> str:
    """The word by which the author says what they did with a nugget ("printed", "shared"); "" if they don't."""
    said = lexicon.without_courtesy(clause.spoken)
    place = next((at for at in range(len(said)) if lexicon["dones"].at(said, at)), -1)
    if place < 0 or clause.asks or lexicon["nots"].find(said):
        return ""
    return said[place] if lexicon["selves"].at(said, 0) or is_ones_own(said, place, lexicon) else ""


def _negation_near(said: Phrase, place: int, length: int, lexicon: Lexicon) -> int:
    """Where a negation of the grasping word at `place` stands: before it, or behind it as German and French put it; -1
    for nowhere. Between the two there are only words that link them, so "don't forget, make sure …" denies nothing."""
    for at in range(place - 1, max(place - _FARTHEST, 0) - 1, -1):
        taken = lexicon["nots"].at(said, at)
        if taken and max(lexicon["got_it"].at(said, at), lexicon["got_it_alone"].at(said, at)) <= taken:
            return at
        if not _links(said[at], lexicon):
            break
    for at in range(place + length, min(place + length + _FARTHEST, len(said))):
        if lexicon["nots_behind"].at(said, at):
            return at
        if not _links(said[at], lexicon):
            break
    return -1


def _links(word: str, lexicon: Lexicon) -> bool:
    return any((word,) in lexicon[name] for name in _LINKING)


def is_ones_own(said: Phrase, begin: int, lexicon: Lexicon) -> bool:
    """Whether the author is who does not grasp: named before it, or nobody is."""
    before = said[:begin]
    return all(_links(word, lexicon) or (word,) in lexicon["openers"] for word in before)
