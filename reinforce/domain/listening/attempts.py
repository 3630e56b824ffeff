"""Whether a reply to a short question tries to answer it: whatever is brief and plainly nothing else does.

Below a question nobody says "the boss", "20 mins" or "no" to make conversation. So it is not asked what an answer looks
like, but whether something else was clearly meant.
"""

from __future__ import annotations

from dataclasses import replace

from reinforce.domain.listening.grading import is_brief
from reinforce.domain.listening.lexicon import Lexicon
from reinforce.domain.listening.remarks import begins_question, begins_with_got_it, is_got_it, is_not_sure
from reinforce.domain.listening.reply_text import Clause, ReplyText, fold_words
from reinforce.domain.listening.self_report import not_grasped, promised
from reinforce.domain.listening.wishes import wanted_quiet
from reinforce.domain.nugget import Question

# So many words, courtesy and articles aside, are an answer to a short question; more of them behind "I think".
_MOST_WORDS = 8
_MOST_LED_WORDS = 12
# A word of so many letters in common with an accepted answer tells that the reply is meant as one.
_TELLING = 4
_TIMES = ("durations", "moments", "weekdays")
_LONGEST_GUESS = 6  # words before a question mark; more of them ask something
# A reply that is one of these is something else; so is one that holds any of the second row.
_WHOLE = ("got_it", "got_it_alone", "not_sure", "not_sure_alone", "small_talk", "praise", "snooze", "rhetorical")
_WITHIN = ("not_sure", "of_the_asking")


def is_attempt(reply: ReplyText, question: Question, lexicon: Lexicon) -> bool:
    """Whether a reply without an accepted answer in it tries to be one."""
    said, bare = reply.spoken, lexicon.without_courtesy(reply.spoken)
    if said in lexicon["plain_answers"] or bare in lexicon["plain_answers"] or echoes(reply, question):
        return True
    hedged = _behind_a_doubt(reply, lexicon)
    if hedged is not None:
        return is_attempt(hedged, question, lexicon)
    led = lexicon["answer_lead"].at(bare, 0) or lexicon["answer_lead"].at(said, 0)
    return is_brief(reply, lexicon, _MOST_LED_WORDS if led else _MOST_WORDS) and not _is_something_else(reply, lexicon)


def echoes(reply: ReplyText, question: Question) -> bool:
    """Whether a brief reply has a telling word of an accepted answer in it: "restart it" for "press restart"."""
    wanted = {word for text in question.accepted for word in fold_words(text) if len(word) >= _TELLING}
    return len(reply.spoken) <= _MOST_WORDS and not wanted.isdisjoint(reply.spoken)


def asks_for_a_time(question: Question, lexicon: Lexicon) -> bool:
    """Whether an accepted answer is a time or a number: then "after the holidays" answers, and is no wish for quiet."""
    answers = [fold_words(text) for text in question.accepted]
    timely = any(lexicon.keys[name].find(answer) for answer in answers for name in _TIMES)
    return timely or any(word[:1].isdigit() for answer in answers for word in answer)


def _behind_a_doubt(reply: ReplyText, lexicon: Lexicon) -> ReplyText | None:
    """What is ventured behind a doubt ("No idea, yellow?", "not sure, maybe the blue one"); None if nothing is."""
    rest = reply.clauses[1:]
    if not rest or not is_not_sure(reply.clauses[0], lexicon, anywhere=False):
        return None
    ventured = rest[0].asks or lexicon["answer_lead"].at(lexicon.without_openers(rest[0].spoken), 0)
    return replace(reply, clauses=rest) if ventured else None


def _is_something_else(reply: ReplyText, lexicon: Lexicon) -> bool:
    said, bare = reply.spoken, lexicon.without_courtesy(reply.spoken)
    if any(one in lexicon[name] for name in _WHOLE for one in (said, bare)):
        return True
    if any(lexicon[name].find(said) for name in _WITHIN) or _mocks(reply, lexicon):
        return True
    if lexicon["help"].at(bare, 0) or lexicon["lookup_how"].at(bare, 0):
        return True
    if bare and not lexicon["small_talk"].without(lexicon["praise"].without(bare)):
        return True
    return (
        (reply.asks and lexicon["question_words"].at(bare, 0) > 0)
        or _acknowledges(reply, lexicon)
        or any(_asks(one, lexicon) or not_grasped(one, lexicon) or wanted_quiet(one, lexicon) for one in reply.clauses)
    )


def _mocks(reply: ReplyText, lexicon: Lexicon) -> bool:
    """Whether it has a mark of sarcasm; a "lol" beside an answer mocks nothing."""
    found = lexicon["sarcasm"].find(reply.folded)
    return found is not None and (len(found) > 1 or not found[0].isalpha())


def _acknowledges(reply: ReplyText, lexicon: Lexicon) -> bool:
    """Whether all of it acknowledges, or a strong clause of it: "Okay, got it, never thought of it that way"."""
    if all(is_got_it(clause, lexicon, anyhow=False) for clause in reply.clauses):
        return True
    strong = [one for one in reply.clauses if one.spoken not in lexicon["answer_lead"]]  # "easy, the supervisor"
    return any(
        promised(one, lexicon) or (is_got_it(one, lexicon, anyhow=False) and begins_with_got_it(one, lexicon))
        for one in strong
    )


def _asks(clause: Clause, lexicon: Lexicon) -> bool:
    """Whether it is a question and no guess: "a padlock?" and "is it red?" are guesses."""
    if begins_question(clause, lexicon):
        return True
    said = lexicon.without_openers(lexicon.without_courtesy(clause.spoken))
    led = lexicon["answer_lead"].at(said, 0)
    return clause.asks and (lexicon["auxiliaries"].at(said, 0) > led or len(said) > led + _LONGEST_GUESS)
