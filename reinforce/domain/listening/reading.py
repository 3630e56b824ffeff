"""What a learner's reply means: a list of intents, the most binding first, and why, in plain words.

`stop` comes before everything: a reply that is a stop form of any language, less handles, punctuation, emoji and
courtesy, is nothing else. Any other reply with a stop word in it is `pause` first, whatever else it is as well. What
can't be told (sarcasm, small talk, an answer to nothing) is a `comment`: nothing follows from one.
"""

from __future__ import annotations

from dataclasses import replace

import regex

from reinforce.domain.listening.attempts import asks_for_a_time, echoes, is_attempt
from reinforce.domain.listening.grading import Verdict, grade
from reinforce.domain.listening.intents import Asked, Context, Intent, Reading, parse_context
from reinforce.domain.listening.lexicon import Lexicon, Phrase
from reinforce.domain.listening.preferences import Wish, WishKind, forbids_naming, whole_wish
from reinforce.domain.listening.remarks import begins_question, is_doubtful, is_got_it, is_not_sure, is_question, is_tag
from reinforce.domain.listening.reply_text import Clause, ReplyText, read_text
from reinforce.domain.listening.self_report import not_grasped
from reinforce.domain.listening.snoozing import Snooze
from reinforce.domain.listening.stopping import is_stop, objects
from reinforce.domain.listening.wishes import (
    absence,
    only_a_span,
    wanted_join,
    wanted_lookup,
    wanted_quiet,
    wants_start,
)
from reinforce.domain.nugget import QuestionKind

__all__ = ["Asked", "Context", "Intent", "Reading", "is_stop", "parse_context", "read"]

_LETTER_ALONE = regex.compile(r"[A-F]\W*|[b-f]\W*")


def read(text: str, context: Context, lexicon: Lexicon, language: str = "en") -> Reading:
    """Read `text` as it came from X. `language` (ISO 639-1) is the cohort's; words of every language are understood."""
    reply = read_text(text)
    if is_stop(reply, lexicon):
        return Reading((Intent.STOP,), f'the whole text is a stop form: "{_shorten(reply.folded)}"')
    wish = whole_wish(reply, lexicon, answers=context.asked is Asked.QUESTION)
    if wish is not None:
        return Reading((Intent.WISH,), f"the whole text is a wish: {wish.kind.value}", wishes=(wish,))
    reading = _Reader(reply, context, lexicon, language).reading()
    if forbids_naming(reply, lexicon):
        return replace(reading, wishes=(Wish(WishKind.NO_NAMING),), why=f"{reading.why}; it says not to be named")
    return reading


class _Reader:
    """One reading. Each clause is taken by the first intent that claims it; then the intents are put in order."""

    def __init__(self, reply: ReplyText, context: Context, lexicon: Lexicon, language: str) -> None:
        self._reply = reply
        self._context = context
        self._lexicon = lexicon
        question = context.question
        self._grade = grade(reply, question, lexicon, language) if question else None
        self._asked_short = question if question and question.kind is QuestionKind.SHORT else None
        self._asked_time = self._asked_short is not None and asks_for_a_time(self._asked_short, lexicon)
        self._echoes = self._asked_short is not None and echoes(reply, self._asked_short)
        self._found: dict[Intent, str] = {}
        self._snooze: Snooze | None = None
        self._code = self._topic = ""

    def reading(self) -> Reading:
        """The intents with their reasons."""
        objection = objects(self._reply, self._lexicon)
        if objection:
            self._take(Intent.PAUSE, objection)
        if not self._whole():
            self._answer()
            for place, clause in enumerate(self._reply.clauses):
                self._clause(place, clause)
            self._weigh()
        if not self._found:
            self._found[Intent.COMMENT] = "nothing in it asks for anything or can be graded"
        intents = tuple(intent for intent in Intent if intent in self._found)
        why = "; ".join(f"{intent.value}: {self._found[intent]}" for intent in intents)
        return Reading(intents, why, self._snooze, self._code, self._topic, self._grade)

    def _take(self, intent: Intent, why: str) -> None:
        self._found.setdefault(intent, why)

    @property
    def _is_right(self) -> bool:
        return self._grade is not None and self._grade.verdict is Verdict.RIGHT

    @property
    def _is_answered(self) -> bool:
        """Whether an answer was given, even one of several: a question mark behind it is a doubt, not a question."""
        several = self._grade is not None and self._grade.verdict is Verdict.SEVERAL
        return several or Intent.ANSWER in self._found

    # --- the whole text -------------------------------------------------------------------------------------------

    def _whole(self) -> bool:
        """What is to be read in the text as one; True if there is nothing more to read in it."""
        if not self._reply.folded:
            if self._reply.asks:
                self._take(Intent.NOT_SURE, "nothing but a question mark")
            return True
        if self._is_right or self._echoes:
            return False
        if wants_start(self._reply, self._lexicon):
            self._take(Intent.START, "the whole text is a start form")
            return True
        quiet = None if self._asked_time else absence(self._reply, self._lexicon)
        if quiet is None and self._may_be_a_span:
            quiet = only_a_span(self._reply, self._lexicon)
        if quiet is not None:
            self._be_quiet(quiet)
        join = wanted_join(self._reply, self._lexicon)
        if join is not None:
            self._code = join.code
            self._take(Intent.JOIN, "it asks to join" + (" with a code" if join.code else ""))
        return join is not None

    @property
    def _may_be_a_span(self) -> bool:
        """Whether "tomorrow" can only ask for quiet: below a question that takes no words it does, below one that takes
        them only beside courtesy or an "again"."""
        if self._asked_short is None:
            return self._grade is None or self._grade.verdict is Verdict.NOTHING
        said = self._reply.spoken
        polite = self._lexicon.without_courtesy(said) != said or self._lexicon["agains"].find(said) is not None
        return polite and not self._asked_time

    def _be_quiet(self, snooze: Snooze) -> None:
        if self._snooze is None or self._snooze == Snooze():
            self._snooze = snooze
        self._take(Intent.SNOOZE, "it asks for quiet for a while")

    def _answer(self) -> None:
        """A graded answer; and, to a short question, a brief reply that is nothing else."""
        found = self._grade
        if found is None:
            if self._context.asked is not Asked.PROMPT and _LETTER_ALONE.fullmatch(self._reply.cleaned.strip()):
                self._take(Intent.ANSWER, "a letter, though nothing was asked")
        elif found.verdict is Verdict.SEVERAL:
            self._take(Intent.NOT_SURE, found.why)
        elif found.gradable and not begins_question(self._reply.clauses[0], self._lexicon):
            short = self._asked_short
            if short is None or self._is_right or is_attempt(self._reply, short, self._lexicon):
                self._take(Intent.ANSWER, found.why)

    # --- clause by clause -----------------------------------------------------------------------------------------

    def _clause(self, place: int, clause: Clause) -> None:
        """Give `clause` to the first intent that claims it."""
        for claim in (
            self._claim_quiet,
            self._claim_lookup,
            self._claim_answer,
            self._claim_question,
            self._claim_rest,
        ):
            if claim(place, clause):
                return

    def _claim_quiet(self, _place: int, clause: Clause) -> bool:
        quiet = None if self._is_right or self._echoes else wanted_quiet(clause, self._lexicon)
        if quiet is not None:
            self._be_quiet(quiet)
        return quiet is not None

    def _claim_lookup(self, place: int, clause: Clause) -> bool:
        """Only the first clause that says more than courtesy can look something up."""
        if Intent.ANSWER in self._found or place != self._first_clause():
            return False
        alone = sum(bool(self._lexicon.without_courtesy(one.spoken)) for one in self._reply.clauses) == 1
        lookup = wanted_lookup(clause, self._lexicon, unasked=alone and self._context.asked is Asked.NONE)
        if lookup is not None:
            self._topic = lookup.topic
            self._take(Intent.LOOKUP, f'it looks up "{lookup.topic}"' if lookup.topic else "it asks for help")
        return lookup is not None

    def _claim_answer(self, _place: int, _clause: Clause) -> bool:
        """An answer of one clause is nothing else."""
        return Intent.ANSWER in self._found and len(self._reply.clauses) == 1

    def _claim_question(self, place: int, clause: Clause) -> bool:
        if is_tag(clause, self._lexicon):
            if not self._is_answered and self._says_something_before(place):
                self._take(Intent.QUESTION, "it asks whether that is so")
            return True
        if clause.asks and is_question(clause, self._lexicon, answered=self._is_answered):
            self._take(Intent.QUESTION, "it asks something")
            return True
        return False

    def _claim_rest(self, _place: int, clause: Clause) -> bool:
        lexicon = self._lexicon
        prompted = self._context.asked is Asked.PROMPT
        # "How do we go on if the key is lost?" says nothing of its author.
        anywhere = not prompted and not begins_question(clause, lexicon)
        denied = not_grasped(clause, lexicon) if anywhere else ""
        if denied or is_not_sure(clause, lexicon, anywhere=anywhere):
            self._take(Intent.NOT_SURE, f'"{denied or _shorten(clause.folded)}" says it is not known')
        elif is_question(clause, lexicon, answered=self._is_answered):
            self._take(Intent.QUESTION, "it asks something, without a question mark")
        elif is_got_it(clause, lexicon, anyhow=not prompted):
            self._take(Intent.GOT_IT, f'"{_shorten(clause.folded)}" acknowledges it')
        return True

    def _first_clause(self) -> int:
        clauses = enumerate(self._reply.clauses)
        return next((place for place, one in clauses if self._lexicon.without_courtesy(one.spoken)), 0)

    def _says_something_before(self, place: int) -> bool:
        """Whether a statement of three words or more stands before, not just an acknowledgement."""
        before = self._reply.clauses[:place]
        return any(len(one.spoken) > 2 and not is_got_it(one, self._lexicon, anyhow=True) for one in before)

    # --- what remains ---------------------------------------------------------------------------------------------

    def _weigh(self) -> None:
        """What one intent says of another: an answer needs no acknowledgement, sarcasm takes one back."""
        if Intent.ANSWER in self._found:
            self._found.pop(Intent.NOT_SURE, None)
        if self._found.keys() & {Intent.ANSWER, Intent.NOT_SURE}:
            self._found.pop(Intent.GOT_IT, None)
        if Intent.GOT_IT in self._found and self._is_doubtful():
            del self._found[Intent.GOT_IT]

    def _is_doubtful(self) -> bool:
        clauses = self._reply.clauses
        if self._context.asked is Asked.PROMPT and not all(is_got_it(c, self._lexicon, anyhow=False) for c in clauses):
            return True  # an introduction, which may begin with "Thanks"
        return is_doubtful(clauses, self._lexicon)


def _shorten(words: Phrase) -> str:
    text = " ".join(words)
    return text if len(text) <= 60 else text[:59] + "…"
