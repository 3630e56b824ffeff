"""Whether a reply is a stop, or objects to being contacted and says more than that: the readings that must not err."""

from __future__ import annotations

from reinforce.domain.listening.lexicon import Lexicon, Phrase
from reinforce.domain.listening.reply_text import ReplyText

_NEAR = 4  # words: so far may a negation stand from what it denies


def is_stop(reply: ReplyText, lexicon: Lexicon) -> bool:
    """Whether the whole reply, less handles, punctuation, emoji and courtesy, is a stop form of any language."""
    letters = reply.spoken
    spelled = "".join(letters) if len(letters) > 2 and all(len(letter) == 1 for letter in letters) else ""
    if any(_is_stop_form(words, lexicon) for words in (reply.folded, reply.spoken, (spelled,))):
        return True
    said = [clause.spoken for clause in reply.clauses if lexicon.without_courtesy(clause.spoken)]
    return bool(said) and all(_is_stop_form(words, lexicon) for words in said)


def objects(reply: ReplyText, lexicon: Lexicon) -> str:
    """Why a reply that is no stop holds back what is sent to its author, "" if it doesn't: a stop word anywhere, an
    objection to being contacted ("reported as spam"), or that what we send is too much ("fed up with these posts")."""
    stop = lexicon["stop"].find(reply.folded)
    if stop:
        return f'it holds "{" ".join(stop)}" but says more than that'
    complaint = lexicon["complaints"].find(reply.spoken)
    if complaint:
        return f'"{" ".join(complaint)}" objects to being contacted'
    contact = lexicon["contacts"].find(reply.spoken)
    if contact and _is_denied(reply.spoken, contact, lexicon):
        return f'it does not want "{" ".join(contact)}"'
    surfeit, ours = lexicon["surfeit"].find(reply.spoken), lexicon["our_posts"].find(reply.spoken) or contact
    return f'"{" ".join(surfeit)}" says that {" ".join(ours)} are too much' if surfeit and ours else ""


def _is_denied(said: Phrase, contact: Phrase, lexicon: Lexicon) -> bool:
    at = next(start for start in range(len(said)) if said[start : start + len(contact)] == contact)
    behind = at + len(contact)
    before = lexicon["nots"].find(said[max(at - _NEAR, 0) : at])
    return bool(before or lexicon["nots_behind"].find(said[behind : behind + _NEAR]))


def _is_stop_form(words: Phrase, lexicon: Lexicon) -> bool:
    bare = lexicon.without_courtesy(words)
    if bare[:1] in lexicon["vocatives"]:  # "team, stop"
        bare = bare[1:]
    said = [words, bare]
    said += [one[:1] for one in (words, bare) if len(set(one)) == 1]  # "stop stop stop"
    return any(one in lexicon["stop"] or one in lexicon["stop_alone"] for one in said) or _spans_a_stop(bare, lexicon)


def _spans_a_stop(words: Phrase, lexicon: Lexicon) -> bool:
    """A stop form, before it only words of wanting, behind it only what is to stop: "I want you to stop all these now".

    "The stop", "dont stop" and "stop the pump" have another word in them, and are none.
    """
    stop, place = lexicon["stop"], 0
    while place < len(words) and not stop.at(words, place):
        place += lexicon["wants"].at(words, place) or len(words)
    if place >= len(words):
        return False
    while place < len(words) and (taken := max(stop.at(words, place), lexicon["stop_after"].at(words, place))):
        place += taken
    return place == len(words)
