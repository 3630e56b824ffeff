"""What a clause says of its author: that they ask, don't know, or have understood."""

from __future__ import annotations

from collections.abc import Sequence

from reinforce.domain.listening.lexicon import Lexicon, Phrase
from reinforce.domain.listening.reply_text import Clause
from reinforce.domain.listening.self_report import is_ones_own, passed_on, promised

# What may stand around an acknowledgement.
_AROUND = ("politeness", "vocatives", "fillers", "praise", "intensifiers", "openers")
_SHORTEST_WORD = 7
_FEW_WORDS = 6


def begins_question(clause: Clause, lexicon: Lexicon) -> bool:
    """Whether `clause` begins as a question does. "Is it B?" and "maybe a hasp?" are answers in the form of one."""
    bare = lexicon.without_courtesy(clause.spoken) or clause.spoken
    ways = (bare, lexicon.without_openers(bare))
    starts = max(_question_length(one, lexicon) for one in ways)
    if clause.asks:
        starts = max(starts, *(lexicon["question_words"].at(one, 0) for one in ways))
    return starts > max(lexicon["answer_lead"].at(one, 0) for one in ways)


def is_question(clause: Clause, lexicon: Lexicon, *, answered: bool = False) -> bool:
    """A question mark, or the beginning of a question; neither if it asks nothing ("really?").

    `answered`: the reply holds an answer, so that "B?" and "isn't it B?" ask nothing more.
    """
    bare = lexicon.without_courtesy(clause.spoken) or clause.spoken
    if not bare or any(bare in lexicon[name] for name in ("rhetorical", "praise", "tags")):
        return False
    if lexicon["not_question"].at(bare, 0) or bare in lexicon["not_sure"]:
        return False
    if bare in lexicon["question_words"] and not clause.asks:
        return True
    begins = begins_question(clause, lexicon)
    if not clause.asks or answered:
        return begins and len(bare) > 1
    return clause.spoken not in lexicon["not_sure_alone"] and not lexicon["sarcasm"].find(clause.folded)


def is_tag(clause: Clause, lexicon: Lexicon) -> bool:
    """ "Right?", "oder?": what turns the statement before it into a question."""
    bare = lexicon.without_courtesy(clause.spoken)
    return clause.asks and (bare in lexicon["tags"] or clause.spoken in lexicon["tags"])


def is_not_sure(clause: Clause, lexicon: Lexicon, *, anywhere: bool) -> bool:
    """Whether the clause says that something is not known; with `anywhere` also in the midst of other words."""
    bare = lexicon.without_courtesy(clause.spoken)
    plain = lexicon["intensifiers"].without(bare)
    whole = (clause.folded, clause.spoken, bare, plain, lexicon["fillers"].without(bare))
    if any(one in lexicon["not_sure"] or one in lexicon["not_sure_alone"] for one in whole):
        return True
    if not clause.spoken:
        return any((word.folded,) in lexicon["not_sure_alone"] for word in clause.words)
    if anywhere and any(_holds_not_sure(one, lexicon) for one in (bare, plain)):
        return True
    return lexicon.nearly("not_sure", bare)


def _holds_not_sure(words: Phrase, lexicon: Lexicon) -> bool:
    """Several words that say so, anywhere; a single one ("confused") of the author only, or in few words."""
    for place in range(len(words)):
        length = lexicon["not_sure"].at(words, place)
        if length > 1 and not _is_of_another(words, place, length, lexicon):
            return True
        if length == 1 and (len(words) <= _FEW_WORDS or is_ones_own(words, place, lexicon)):
            return True
        if lexicon["but"].at(words, place):
            return _holds_not_sure(words[place + 1 :], lexicon)
    return False


def _is_of_another(words: Phrase, place: int, length: int, lexicon: Lexicon) -> bool:
    """ "Customers don't understand it": somebody else is named right before, and the author nowhere in it."""
    if not place or lexicon["selves"].find(words[place : place + length]):
        return False
    return not (is_ones_own(words[place - 1 : place], 1, lexicon) or lexicon["but"].at(words, place - 1))


def is_got_it(clause: Clause, lexicon: Lexicon, *, anyhow: bool) -> bool:
    """Nothing but acknowledging, courteous and filling words; with `anyhow` also a strong form with more behind it."""
    if _covered(clause.folded, lexicon):
        return True
    if anyhow and (begins_with_got_it(clause, lexicon) or shows_it(clause, lexicon)):
        return True
    return lexicon.nearly("got_it", lexicon.without_courtesy(clause.spoken))


def shows_it(clause: Clause, lexicon: Lexicon) -> str:
    """The word that shows that it was taken in, by a promise or by what was done with it; "" if none does."""
    return promised(clause, lexicon) or passed_on(clause, lexicon)


def begins_with_got_it(clause: Clause, lexicon: Lexicon) -> bool:
    """Whether a strong form stands at the beginning, and nothing behind it takes it back ("got it wrong")."""
    said, start = clause.spoken, 0
    while not (length := lexicon["got_it"].at(said, start)):
        weak = max(lexicon[name].at(said, start) for name in (*_AROUND, "got_it_alone"))
        if not weak:
            return False
        start += weak
    return not lexicon["got_it_blockers"].find(lexicon["fillers"].without(said[start + length :]))


def is_doubtful(clauses: Sequence[Clause], lexicon: Lexicon) -> bool:
    """Whether an acknowledgement may be meant otherwise: a mark of sarcasm, or a weak word before much else."""
    if lexicon["sarcasm"].find([word for clause in clauses for word in clause.folded]):
        return True
    spoken = [clause for clause in clauses if clause.spoken] or clauses  # an emoji of its own is weak beside words
    if any(begins_with_got_it(one, lexicon) or _is_plain(one, lexicon) or shows_it(one, lexicon) for one in spoken):
        return False
    covered = sum(len(clause.words) for clause in clauses if is_got_it(clause, lexicon, anyhow=True))
    return covered * 2 < sum(len(clause.words) for clause in clauses)


def _is_plain(clause: Clause, lexicon: Lexicon) -> bool:
    """An acknowledging clause to be taken at its word: none of it is as easily ironic, or it ends a sentence."""
    if not _covered(clause.folded, lexicon):
        return False
    return clause.mark in {".", "!", "\n"} or _covered(lexicon["ironic"].without(clause.folded), lexicon)


def _question_length(said: Phrase, lexicon: Lexicon) -> int:
    if lexicon["not_question"].at(said, 0):
        return 0
    return lexicon["question_start"].at(said, 0)


def _covered(words: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether acknowledgements, courtesy and fillers are all there is, and at least one acknowledges."""
    acknowledged = False
    position = 0
    while position < len(words):
        own = max(lexicon["got_it"].at(words, position), lexicon["got_it_alone"].at(words, position))
        other = max(lexicon[name].at(words, position) for name in _AROUND)
        if not own and len(words[position]) >= _SHORTEST_WORD and lexicon.nearly("got_it", (words[position],)):
            own = 1
        if not own and not other:
            return False
        acknowledged = acknowledged or own >= max(other, 1)
        position += max(own, other)
    return acknowledged
