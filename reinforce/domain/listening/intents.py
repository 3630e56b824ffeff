"""What a reply can mean, and in what context: values that reading gives and grading acts on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reinforce.domain.listening.grading import Grade
from reinforce.domain.listening.intent import Intent
from reinforce.domain.listening.preferences import Wish
from reinforce.domain.listening.snoozing import Snooze
from reinforce.domain.nugget import Option, Question, QuestionKind

__all__ = ["Asked", "Context", "Intent", "Reading", "parse_context"]


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
    """`snooze`, `code` (as written), `topic` and `grade` belong to the intents of their kind; `wishes` may stand beside
    any of them."""

    intents: tuple[Intent, ...]
    why: str
    snooze: Snooze | None = None
    code: str = ""
    topic: str = ""
    grade: Grade | None = None
    wishes: tuple[Wish, ...] = ()

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
