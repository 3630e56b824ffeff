"""For whom, and for what, a reply was meant, where that is not the post it stands under.

Two slips are common. Somebody answers an open question under another post of ours, or under none: "B" below a reminder.
And people talk to one another in the thread below our post; X sends us that too, since their replies mention everybody
above them. Neither may be taken for what it is not: an answer is counted for another question only where one question
alone could be meant, and what is said to a colleague is no acknowledgement of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from reinforce.domain.listening.grading import Grade, Verdict, is_brief, leads_with
from reinforce.domain.listening.inbound import Inbound, OurPost
from reinforce.domain.listening.intents import Intent, Reading
from reinforce.domain.listening.lexicon import Lexicon
from reinforce.domain.listening.reply_text import ReplyText
from reinforce.domain.nugget import QuestionKind

# What an answer that was put in the wrong place is made of; whoever says more is telling something else.
_BRIEF = 6
# What may be an answer elsewhere: it was read as one, or as nothing that anything follows from.
_OPEN_READINGS = frozenset({Intent.ANSWER, Intent.COMMENT})
# Said to a colleague these mean nothing for us. A stop, a pause, a code and an answer count wherever they stand.
_TALK = frozenset({Intent.START, Intent.SNOOZE, Intent.LOOKUP, Intent.QUESTION, Intent.NOT_SURE, Intent.GOT_IT})


def is_aside(post: Inbound, our_user_id: int | None) -> bool:
    """Whether `post` replies to somebody who is neither us nor its own author."""
    return our_user_id is not None and post.reply_to_user not in (None, our_user_id, post.author_remote_id)


def heard_aside(reading: Reading) -> Reading:
    """What is left of `reading` when it was said to somebody else: what counts wherever it stands, else a comment."""
    kept = tuple(intent for intent in reading.intents if intent not in _TALK)
    if kept == reading.intents:
        return reading
    why = f"{reading.why}; said to somebody else in the thread"
    return replace(reading, intents=kept or (Intent.COMMENT,), why=why, snooze=None, topic="")


def is_stray_letter(found: Grade | None, reply: ReplyText, lexicon: Lexicon) -> bool:
    """Whether the choice that was found in what replies to nothing is none: "greetings from hall B" while a quiz has a
    question open."""
    return found is not None and bool(found.choice) and not leads_with(reply, found.choice, lexicon)


def may_be_meant_elsewhere(reading: Reading, reply: ReplyText, lexicon: Lexicon) -> bool:
    """Whether a reply under a post that asks nothing could be the answer to another: `reading` is what it is there."""
    return _OPEN_READINGS.issuperset(reading.intents) and is_brief(reply, lexicon, _BRIEF)


def meant_for(
    open_questions: Sequence[OurPost], read_as: Callable[[OurPost], Reading], reply: ReplyText, lexicon: Lexicon
) -> tuple[OurPost, Reading] | None:
    """The open question that `reply`, under another post or none, answers, and its reading there (`read_as`); None if
    it answers none, or if more than one could be meant."""
    tried = [(ours, read_as(ours)) for ours in open_questions]
    found = [(ours, one) for ours, one in tried if _answers(ours, one, reply, lexicon)]
    return found[0] if len(found) == 1 else None


def _answers(ours: OurPost, reading: Reading, reply: ReplyText, lexicon: Lexicon) -> bool:
    """A choice answers whichever it is, if the letter is what is said ("greetings from hall B" is no B); words answer a
    question only if they are right, since any words could be."""
    found = reading.grade
    if ours.question is None or found is None or not found.gradable or Intent.ANSWER not in reading.intents:
        return False
    if ours.question.kind is QuestionKind.MULTIPLE_CHOICE:
        return not is_stray_letter(found, reply, lexicon)
    return found.verdict is Verdict.RIGHT
