"""Whether a reply to a short question tries to answer it: whatever is brief and plainly nothing else does.

Below a question nobody says "the boss", "20 mins" or "no" to make conversation. So it is not asked what an answer looks
like, but whether something else was clearly meant.
"""

from __future__ import annotations

from reinforce.domain.listening.grading import is_brief
from reinforce.domain.listening.lexicon import Lexicon
from reinforce.domain.listening.remarks import begins_question, is_got_it
from reinforce.domain.listening.reply_text import ReplyText, fold_words
from reinforce.domain.listening.self_report import not_grasped
from reinforce.domain.listening.wishes import wanted_quiet
from reinforce.domain.nugget import Question

# So many words, courtesy and articles aside, are an answer to a short question; more of them behind "I think".
_MOST_WORDS = 8
_MOST_LED_WORDS = 12
# A word of so many letters in common with an accepted answer tells that the reply is meant as one.
_TELLING = 4
# A reply that is one of these is something else; so is one that holds any of the second row.
_WHOLE = ("got_it", "got_it_alone", "not_sure", "not_sure_alone", "small_talk", "praise", "snooze", "rhetorical")
_WITHIN = ("not_sure", "of_the_asking")


def is_attempt(reply: ReplyText, question: Question, lexicon: Lexicon) -> bool:
    """Whether a reply without an accepted answer in it tries to be one."""
    said, bare = reply.spoken, lexicon.without_courtesy(reply.spoken)
    if said in lexicon["plain_answers"] or bare in lexicon["plain_answers"] or echoes(reply, question):
        return True
    led = lexicon["answer_lead"].at(bare, 0) or lexicon["answer_lead"].at(said, 0)
    return is_brief(reply, lexicon, _MOST_LED_WORDS if led else _MOST_WORDS) and not _is_something_else(reply, lexicon)


def echoes(reply: ReplyText, question: Question) -> bool:
    """Whether a brief reply has a telling word of an accepted answer in it: "restart it" for "press restart"."""
    wanted = {word for text in question.accepted for word in fold_words(text) if len(word) >= _TELLING}
    return len(reply.spoken) <= _MOST_WORDS and not wanted.isdisjoint(reply.spoken)


def asks_how_long(question: Question, lexicon: Lexicon) -> bool:
    """Whether an accepted answer is a length of time: then "after the holidays" is an answer, and no wish for quiet."""
    answers = [fold_words(text) for text in question.accepted]
    return any(lexicon.keys[name].find(answer) for answer in answers for name in ("durations", "moments"))


def _is_something_else(reply: ReplyText, lexicon: Lexicon) -> bool:
    said, bare = reply.spoken, lexicon.without_courtesy(reply.spoken)
    if any(one in lexicon[name] for name in _WHOLE for one in (said, bare)):
        return True
    mocking = lexicon["sarcasm"].find(reply.folded)
    if mocking and (len(mocking) > 1 or not mocking[0].isalpha()):  # a "lol" mocks nothing
        return True
    if any(lexicon[name].find(said) for name in _WITHIN) or any(not_grasped(one, lexicon) for one in reply.clauses):
        return True
    searched = lexicon["help"].at(bare, 0) or lexicon["lookup_how"].at(bare, 0)
    if searched or (bare and not lexicon["small_talk"].without(lexicon["praise"].without(bare))):
        return True
    if all(is_got_it(clause, lexicon, anyhow=False) for clause in reply.clauses):
        return True
    return any(begins_question(one, lexicon) or wanted_quiet(one, lexicon) for one in reply.clauses)
