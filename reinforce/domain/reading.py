"""What a learner's reply means: a list of intents, the most binding first, and why, in plain words.

`stop` comes before everything: a reply that is a stop form of any language, less handles, punctuation, emoji and
courtesy, is nothing else. Any other reply with a stop word in it is `pause` first, whatever else it is as well. What
can't be told (sarcasm, small talk, an answer to nothing) is a `comment`: nothing follows from one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import regex

from reinforce.domain.grading import Grade, Verdict, grade, is_brief
from reinforce.domain.lexicon import Lexicon, Phrase
from reinforce.domain.nugget import Option, Question, QuestionKind
from reinforce.domain.reply_text import Clause, ReplyText, read_text
from reinforce.domain.snoozing import Snooze, find_span, read_span


class Intent(StrEnum):
    """What a reply can be, the most binding first: the order of this list is the order of `Reading.intents`."""

    STOP = "stop"
    PAUSE = "pause"
    START = "start"
    SNOOZE = "snooze"
    JOIN = "join"
    LOOKUP = "lookup"
    ANSWER = "answer"
    QUESTION = "question"
    NOT_SURE = "not_sure"
    GOT_IT = "got_it"
    COMMENT = "comment"


class Asked(StrEnum):
    """What the post that was replied to wanted. NONE: it isn't ours, or the reply answers nothing."""

    NUGGET = "nugget"
    QUESTION = "question"
    PROMPT = "prompt"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Context:
    """What was replied to; `question` is set if and only if it asked one."""

    asked: Asked = Asked.NONE
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """`snooze`, `code` (as written), `topic` and `grade` belong to the intents of their kind; `rephrased` to none."""

    intents: tuple[Intent, ...]
    why: str
    snooze: Snooze | None = None
    code: str = ""
    topic: str = ""
    grade: Grade | None = None

    @property
    def first(self) -> Intent:
        """The most binding intent."""
        return self.intents[0]


def parse_context(written: str) -> Context:
    """A context from its short form: `nugget`, `prompt`, `none`, `question:mc:ABCD`, `question:short:<accepted>`.

    Several accepted answers are separated by "|". Raises ValueError.
    """
    if written in (Asked.NUGGET, Asked.PROMPT, Asked.NONE):
        return Context(Asked(written))
    asked, _, rest = written.partition(":")
    kind, _, what = rest.partition(":")
    if asked == Asked.QUESTION and kind == "mc" and what:
        options = tuple(Option(key, "", correct=index == 0) for index, key in enumerate(what))
        return Context(Asked.QUESTION, Question(QuestionKind.MULTIPLE_CHOICE, "", options))
    if asked == Asked.QUESTION and kind == "short" and what:
        return Context(Asked.QUESTION, Question(QuestionKind.SHORT, "", accepted=tuple(what.split("|"))))
    raise ValueError(f'"{written}" is no context: nugget, prompt, none, question:mc:ABCD, question:short:<accepted>')


def read(text: str, context: Context, lexicon: Lexicon, language: str = "en") -> Reading:
    """Read `text` as it came from X. `language` (ISO 639-1) is the cohort's; words of every language are understood."""
    reply = read_text(text)
    if is_stop(reply, lexicon):
        return Reading((Intent.STOP,), f'the whole text is a stop form: "{_shorten(" ".join(reply.spoken))}"')
    return _Reader(reply, context, lexicon, language).reading()


def is_stop(reply: ReplyText, lexicon: Lexicon) -> bool:
    """Whether the whole reply, less handles, punctuation, emoji and courtesy, is a stop form of any language."""
    if _is_stop_form(reply.folded, lexicon) or _is_stop_form(reply.spoken, lexicon):
        return True
    spoken = [clause.spoken for clause in reply.clauses if lexicon["politeness"].without(clause.spoken)]
    if spoken and all(_is_stop_form(words, lexicon) for words in spoken):
        return True
    letters = reply.spoken
    return (
        len(letters) > 2 and all(len(letter) == 1 for letter in letters) and _is_stop_form(("".join(letters),), lexicon)
    )


def _is_stop_form(words: Phrase, lexicon: Lexicon) -> bool:
    bare = lexicon["politeness"].without(words)
    said = [words, bare]
    said += [one[:1] for one in (words, bare) if len(set(one)) == 1]  # "stop stop stop"
    return any(one in lexicon["stop"] or one in lexicon["stop_alone"] for one in said)


_CODE = regex.compile(r"[A-Za-z0-9]+(?:[-–][A-Za-z0-9]+)*")
_CODE_ALONE = regex.compile(r"(?=.*\d)(?=.*[A-Z])[A-Z0-9]{4,5}(?:[-– ]?[A-Z0-9]{4,5}){1,3}", regex.IGNORECASE)
_LETTER_ALONE = regex.compile(r"[A-F]\W*|[b-f]\W*")
_LOOKUP_WORDS = 6
_HOW_WORDS = 3
_ANSWER_WORDS = 5
_SPAN_WORDS = 4
_CODE_CHUNKS = 3
# What may stand around an acknowledgement.
_AROUND = ("politeness", "fillers", "praise", "intensifiers", "openers")


class _Reader:
    """One reading. Each clause is taken by the first intent that claims it; then the intents are put in order."""

    def __init__(self, reply: ReplyText, context: Context, lexicon: Lexicon, language: str) -> None:
        self._reply = reply
        self._context = context
        self._lexicon = lexicon
        self._grade = grade(reply, context.question, lexicon, language) if context.question else None
        self._found: dict[Intent, str] = {}
        self._snooze: Snooze | None = None
        self._code = self._topic = ""

    def reading(self) -> Reading:
        """The intents with their reasons."""
        stop_word = self._lexicon["stop"].find(self._reply.folded)
        if stop_word:
            self._take(Intent.PAUSE, f'it holds "{" ".join(stop_word)}" but says more than that')
        if not self._whole():
            self._away()
            self._answer()
            for place, clause in enumerate(self._reply.clauses):
                self._clause(place, clause)
        self._weigh()
        if not self._found:
            self._take(Intent.COMMENT, "nothing in it asks for anything or can be graded")
        intents = tuple(intent for intent in Intent if intent in self._found)
        why = "; ".join(f"{intent.value}: {self._found[intent]}" for intent in intents)
        return Reading(intents, why, self._snooze, self._code, self._topic, self._grade)

    def _take(self, intent: Intent, why: str) -> bool:
        self._found.setdefault(intent, why)
        return True

    # --- the whole text -------------------------------------------------------------------------------------------

    def _whole(self) -> bool:
        """Intents that only a whole text can have; True if it is one of those and there is nothing more to read."""
        said = self._reply.spoken
        bare = self._lexicon["politeness"].without(said)
        right = self._grade is not None and self._grade.verdict is Verdict.RIGHT
        if not right and (said in self._lexicon["start"] or bare in self._lexicon["start"]):
            return self._take(Intent.START, "the whole text is a start form")
        if self._context.asked is not Asked.QUESTION and _CODE_ALONE.fullmatch(self._reply.cleaned.strip(" .!")):
            self._code = self._reply.cleaned.strip(" .!")
            return self._take(Intent.JOIN, "the whole text has the shape of a code")
        if self._joins():
            return True
        if not self._reply.folded:
            return self._reply.asks and self._take(Intent.NOT_SURE, "nothing but a question mark")
        return False

    def _away(self) -> None:
        """ "On vacation until Monday": quiet is wanted where an absence and its length both stand in the text."""
        said = self._reply.spoken
        if self._lexicon["away"].find(said) and not self._reply.asks:
            span = find_span(said, self._lexicon)
            if span is not None:
                self._snooze = span
                self._take(Intent.SNOOZE, "an absence and how long it lasts")

    def _answer(self) -> None:
        """A graded answer; and, to a short question, a brief reply that is nothing else."""
        found = self._grade
        if found is None:
            if self._context.asked is not Asked.PROMPT and _LETTER_ALONE.fullmatch(self._bare_text()):
                self._take(Intent.ANSWER, "a letter, though nothing was asked")
            return
        if found.verdict is Verdict.SEVERAL:
            self._take(Intent.NOT_SURE, found.why)
        elif found.gradable and not self._is_question(self._reply.clauses[0], lead_ins=True):
            if (
                (self._context.question and self._context.question.kind is not QuestionKind.SHORT)
                or found.verdict is Verdict.RIGHT
                or self._is_attempt()
            ):
                self._take(Intent.ANSWER, found.why)

    def _bare_text(self) -> str:
        return self._reply.cleaned.strip()

    def _is_attempt(self) -> bool:
        """Whether a reply without an accepted answer tries to be one: brief, and no set phrase of another kind."""
        said = self._reply.spoken
        bare = self._lexicon["politeness"].without(said)
        others = (
            "got_it",
            "got_it_alone",
            "not_sure",
            "not_sure_alone",
            "small_talk",
            "praise",
            "snooze",
            "rhetorical",
        )
        if not bare or any(said in self._lexicon[name] or bare in self._lexicon[name] for name in others):
            return False
        if any(self._lexicon[name].find(said) for name in ("not_sure", "sarcasm", "got_it")):
            return False
        if self._lexicon["lookup"].at(bare, 0) or self._lexicon["join"].at(bare, 0) or self._snoozes(bare):
            return False
        if self._lexicon["small_talk"].without(self._lexicon["praise"].without(bare)) == ():
            return False
        if any(self._is_question(clause, lead_ins=True) for clause in self._reply.clauses):
            return False
        return is_brief(self._reply, self._lexicon, _ANSWER_WORDS)

    # --- clause by clause -----------------------------------------------------------------------------------------

    def _clause(self, place: int, clause: Clause) -> bool:
        """The first intent that claims this clause."""
        said = clause.spoken
        bare = self._lexicon["politeness"].without(said)
        if self._snoozes(bare):
            return True
        if place == self._first_clause() and self._looks_up(clause, bare):
            return True
        if Intent.ANSWER in self._found and len(self._reply.clauses) == 1:
            return True
        if clause.asks and self._is_question(clause):
            return self._take(Intent.QUESTION, "it asks something")
        if self._is_not_sure(clause, bare):
            return self._take(Intent.NOT_SURE, f'"{_shorten(" ".join(clause.folded))}" says it is not known')
        if self._is_question(clause):
            return self._take(Intent.QUESTION, "it asks something, without a question mark")
        if self._is_got_it(clause):
            return self._take(Intent.GOT_IT, f'"{_shorten(" ".join(clause.folded))}" acknowledges it')
        return False

    def _first_clause(self) -> int:
        """The first clause that says more than courtesy."""
        clauses = enumerate(self._reply.clauses)
        return next((place for place, one in clauses if self._lexicon["politeness"].without(one.spoken)), 0)

    def _opened(self, said: Phrase) -> Phrase:
        """`said` less the words that may open any sentence ("so, and, ok, wait")."""
        while opening := self._lexicon["openers"].at(said, 0):
            if opening == len(said):
                break
            said = said[opening:]
        return said

    def _snoozes(self, said: Phrase) -> bool:
        """ "Snooze 3d", "3 days' pause", "later": a snooze phrase, alone or with a span behind or before it."""
        phrases = self._lexicon["snooze"]
        if said in phrases:
            return self._take_snooze(None)
        for start in range(len(said)):
            length = phrases.at(said, start)
            for taken in range(length, 0, -1):
                if said[start : start + taken] not in phrases:
                    continue
                before, after = said[:start], said[start + taken :]
                if before and read_span(before, self._lexicon) is None:
                    continue
                span = read_span(after or before, self._lexicon)
                if span is not None:
                    return self._take_snooze(span)
                if not before and self._lexicon["until"].at(after, 0) and len(after) <= _SPAN_WORDS:
                    return self._take_snooze(None)
        return False

    def _take_snooze(self, span: Snooze | None) -> bool:
        if self._grade is not None and self._grade.verdict is Verdict.RIGHT:
            return False
        self._snooze = span or self._snooze or Snooze()
        return self._take(Intent.SNOOZE, "it asks for quiet for a while")

    def _joins(self) -> bool:
        """ "Join 7KQ2-M9XD", "my code is …", "join red"."""
        said = self._opened(self._lexicon["politeness"].without(self._reply.spoken))
        length = self._lexicon["join"].at(said, 0)
        if not length or self._reply.asks:
            return False
        known = {*said[:length], *(word for phrase in self._lexicon["join_links"] for word in phrase)}
        chunks = [chunk for chunk in _CODE.findall(self._reply.cleaned) if self._is_code(chunk, known)]
        self._code = next((chunk for chunk in chunks if _holds_digit(chunk)), chunks[0] if chunks else "")
        if len(chunks) > _CODE_CHUNKS and not _holds_digit(self._code):
            self._code = ""
            return False
        return self._take(Intent.JOIN, "it asks to join" + (" with a code" if self._code else ""))

    def _is_code(self, chunk: str, known: set[str]) -> bool:
        folded = self._lexicon["politeness"].without(read_text(chunk).folded)
        return bool(folded) and not known.issuperset(folded)

    def _looks_up(self, clause: Clause, said: Phrase) -> bool:
        """ "How lockout", "help tagging": a word of the library's desk and what is looked for."""
        if self._lexicon["not_question"].at(said, 0) or self._lexicon["question_start"].at(said, 0):
            return False
        desk = self._lexicon["lookup"].at(said, 0)
        how = self._lexicon["lookup_how"].at(said, 0)
        length, most = (desk, _LOOKUP_WORDS) if desk else (how, _HOW_WORDS + (how > 1) * _HOW_WORDS)
        topic = said[length:]
        if not length or len(topic) > most or (not topic and not desk):
            return False
        if clause.asks and not topic:
            return False
        self._topic = " ".join(topic)
        return self._take(Intent.LOOKUP, f'it looks up "{self._topic}"' if topic else "it asks for help")

    def _is_question(self, clause: Clause, *, lead_ins: bool = False) -> bool:
        """A question mark, or the beginning of a question; neither if it asks nothing ("really?", "right?").

        With `lead_ins`, "is it B?" and "maybe a hasp?" are answers in the form of a question.
        """
        said = clause.spoken
        bare = self._lexicon["politeness"].without(said) or said
        if not bare or bare in self._lexicon["rhetorical"] or self._lexicon["not_question"].at(bare, 0):
            return False
        if bare in self._lexicon["praise"]:
            return False
        starts = max(self._question_length(one) for one in (bare, self._opened(bare)))
        if lead_ins:
            return starts > max(self._lexicon["answer_lead"].at(one, 0) for one in (bare, self._opened(bare)))
        if clause.asks and Intent.ANSWER in self._found and not starts:
            return False
        if clause.asks and (bare in self._lexicon["tags"] or said in self._lexicon["tags"]):
            return len(self._reply.spoken) - len(said) > 2 and not self._acknowledges_before(clause)
        if clause.asks:
            return not (said in self._lexicon["not_sure_alone"] or self._lexicon["sarcasm"].find(clause.folded))
        return starts > 0 and len(bare) > 1

    def _question_length(self, said: Phrase) -> int:
        if self._lexicon["not_question"].at(said, 0):
            return 0
        return self._lexicon["question_start"].at(said, 0)

    def _acknowledges_before(self, clause: Clause) -> bool:
        return all(self._is_got_it(one) for one in self._reply.clauses if one is not clause)

    def _is_not_sure(self, clause: Clause, bare: Phrase) -> bool:
        lexicon = self._lexicon
        plain = lexicon["intensifiers"].without(bare)
        whole = {clause.folded, clause.spoken, bare, plain, lexicon["fillers"].without(bare)}
        if any(one in lexicon["not_sure"] or one in lexicon["not_sure_alone"] for one in whole):
            return True
        emoji = tuple(word.folded for word in clause.words if word.emoji)
        if not clause.spoken and any((sign,) in lexicon["not_sure_alone"] for sign in emoji):
            return True
        if self._context.asked is not Asked.PROMPT and any(lexicon["not_sure"].find(one) for one in (bare, plain)):
            return True
        return lexicon["not_sure"].nearly(bare)

    def _is_got_it(self, clause: Clause) -> bool:
        """A strong form at the beginning, or nothing but acknowledging, courteous and filling words."""
        lexicon = self._lexicon
        words = clause.folded
        if self._covered(words):
            return True
        said = clause.spoken
        for name in ("politeness", "fillers", "got_it_alone"):
            said = said[lexicon[name].at(said, 0) :] if said not in lexicon["got_it"] else said
        length = lexicon["got_it"].at(said, 0)
        rest = said[length:]
        if length and not lexicon["got_it_blockers"].find(rest) and self._context.asked is not Asked.PROMPT:
            return True
        return lexicon["got_it"].nearly(lexicon["politeness"].without(clause.spoken))

    def _covered(self, words: Sequence[str]) -> bool:
        """Whether acknowledgements, courtesy and fillers are all there is, and at least one acknowledges."""
        lexicon = self._lexicon
        acknowledged = False
        position = 0
        while position < len(words):
            own = max(lexicon["got_it"].at(words, position), lexicon["got_it_alone"].at(words, position))
            other = max(lexicon[name].at(words, position) for name in _AROUND)
            if not own and not other:
                return False
            acknowledged = acknowledged or own >= max(other, 1)
            position += max(own, other)
        return acknowledged

    # --- what remains ---------------------------------------------------------------------------------------------

    def _weigh(self) -> None:
        """What one intent says of another: an answer needs no acknowledgement, sarcasm takes one back."""
        if Intent.ANSWER in self._found:
            self._found.pop(Intent.NOT_SURE, None)
            self._found.pop(Intent.GOT_IT, None)
        if Intent.NOT_SURE in self._found:
            self._found.pop(Intent.GOT_IT, None)
        if Intent.GOT_IT in self._found and self._is_doubtful():
            del self._found[Intent.GOT_IT]

    def _is_doubtful(self) -> bool:
        """Whether an acknowledgement may be meant otherwise: a mark of sarcasm, or a weak word before much else."""
        lexicon = self._lexicon
        if lexicon["sarcasm"].find(self._reply.folded):
            return True
        strong = any(lexicon["got_it"].find(clause.spoken) for clause in self._reply.clauses)
        covered = sum(len(c.folded) for c in self._reply.clauses if self._is_got_it(c))
        if self._context.asked is Asked.PROMPT:
            return covered < len(self._reply.folded)
        return not strong and covered * 2 < len(self._reply.folded)


def _holds_digit(text: str) -> bool:
    return any(sign.isdigit() for sign in text)


def _shorten(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
