"""Values in, the text of a post out.

Each form of post is a template (`templates/posts/<form>.j2`), and the fixed phrases in it ("Reply with the letter.")
stand in one file a language (`phrases/<language>.yaml`). A workspace may have a folder of its own whose templates and
phrases win over those shipped. Templates run in a sandbox of their own (`sandbox`), and what an author wrote is a
value: braces in it stay braces.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import partial
from pathlib import Path

import regex
from jinja2 import TemplateError

from reinforce.domain.errors import ReinforceError
from reinforce.domain.nugget import Question
from reinforce.domain.texts.canonical_text import nfc
from reinforce.rendering.phrases import Phrases, read_phrases
from reinforce.rendering.sandbox import PostSandbox, one_rendering


class PostForm(StrEnum):
    """Every shape a post can have; the value is its template's name."""

    REMINDER = "reminder"
    QUESTION = "question"
    POLL = "poll"
    REVEAL = "reveal"
    RECEIPT = "receipt"
    LOOKUP = "lookup"
    ACKNOWLEDGEMENT = "acknowledgement"
    ANSWER = "answer"
    REPLY_ANSWER = "reply_answer"
    ROUND_UP = "round_up"
    CATCH_UP = "catch_up"
    CATCH_UP_DIGEST = "catch_up_digest"
    STANDING_POLL = "standing_poll"
    UPDATE_OPENING = "update_opening"
    UPDATE_DAYS_LEFT = "update_days_left"
    UPDATE_START = "update_start"
    UPDATE_HALFWAY = "update_halfway"
    UPDATE_ASSESSMENT_WEEK = "update_assessment_week"
    UPDATE_COMPLETION = "update_completion"
    PROMPT = "prompt"
    EVENT_ANNOUNCEMENT = "event_announcement"
    EVENT_REMINDER = "event_reminder"
    EVENT_START = "event_start"
    EVENT_CANCELLED = "event_cancelled"
    RECORDING_ANNOUNCEMENT = "recording_announcement"
    RECORDING_REMINDER = "recording_reminder"
    RECORDING_START = "recording_start"
    CORRECTION = "correction"
    CORRECTION_RETIRED = "correction_retired"
    QUIZ_START = "quiz_start"
    QUIZ_QUESTION = "quiz_question"
    QUIZ_HINT = "quiz_hint"
    QUIZ_REVEAL = "quiz_reveal"
    QUIZ_LEADERBOARD = "quiz_leaderboard"
    COURSE_STEP = "course_step"


@dataclass(frozen=True, slots=True)
class PostValues:
    """What a template may say. Each form uses a few of these, and refuses to render without them.

    `text` is the wording; `question` serves questions, polls and reveals; `time` ("16:00") and `date` are local and
    written out already; `title` is the procedure's, programme's or event's; `days` are left before `date`; `answered`
    are (question, answer) pairs of a round-up; `about` is the question of one answer ("" where it is not shown),
    `number` that of what a learner asked; `link` is where an event can be watched; `step` is where the procedure
    says it; `hashtag` (without #) and `initials` of a facilitator end the post where given; `variant` picks among a
    phrase's ways to say it.

    Of a quiz: `number` of `total` questions, `ask` the phrase that says how to answer ("" for none), `span` how long
    each is open ("minutes", 10), `teams` those one can join by reply, `standings` (place, team, points) of those shown,
    `sharing_first` how many teams share the first place where they are too many to be shown, `share` the percentage of
    right answers where it may be told.

    Of a step of a course: its `title` and `text`, `number` of `total`, perhaps a `question` with `ask`, and in
    `following` the title of the next step where the text does not name it itself.
    """

    language: str = "en"
    text: str = ""
    question: Question | None = None
    title: str = ""
    time: str = ""
    date: str = ""
    days: int | None = None
    answered: tuple[tuple[str, str], ...] = ()
    about: str = ""
    step: str = ""
    hashtag: str = ""
    link: str = ""
    initials: str = ""
    number: int | None = None
    total: int | None = None
    ask: str = ""
    span: tuple[str, int] | None = None
    teams: tuple[str, ...] = ()
    standings: tuple[tuple[int, str, int], ...] = ()
    sharing_first: int = 0
    share: int | None = None
    following: str = ""
    variant: int = 0


_NEEDED: Mapping[PostForm, tuple[str, ...]] = {
    PostForm.REMINDER: ("text",),
    PostForm.QUESTION: ("question",),
    PostForm.POLL: ("question",),
    PostForm.REVEAL: ("question",),
    PostForm.RECEIPT: ("time",),
    PostForm.LOOKUP: ("text",),
    PostForm.ACKNOWLEDGEMENT: ("number",),
    PostForm.ANSWER: ("text",),
    PostForm.REPLY_ANSWER: ("text",),
    PostForm.ROUND_UP: ("answered",),
    PostForm.CATCH_UP: ("text",),
    PostForm.CATCH_UP_DIGEST: (),
    PostForm.STANDING_POLL: ("text",),
    PostForm.UPDATE_OPENING: ("title", "date"),
    PostForm.UPDATE_DAYS_LEFT: ("title", "days"),
    PostForm.UPDATE_START: ("title",),
    PostForm.UPDATE_HALFWAY: ("title",),
    PostForm.UPDATE_ASSESSMENT_WEEK: ("title", "date"),
    PostForm.UPDATE_COMPLETION: ("title",),
    PostForm.PROMPT: ("title",),
    PostForm.EVENT_ANNOUNCEMENT: ("title", "date", "time"),
    PostForm.EVENT_REMINDER: ("title", "date", "time"),
    PostForm.EVENT_START: ("title",),
    PostForm.EVENT_CANCELLED: ("title", "date"),
    PostForm.RECORDING_ANNOUNCEMENT: ("title", "date"),
    PostForm.RECORDING_REMINDER: ("title", "date"),
    PostForm.RECORDING_START: ("title", "date"),
    PostForm.CORRECTION: ("text",),
    PostForm.CORRECTION_RETIRED: ("title",),
    PostForm.QUIZ_START: ("title", "total", "span"),
    PostForm.QUIZ_QUESTION: ("question", "number", "total"),
    PostForm.QUIZ_HINT: ("text", "number"),
    PostForm.QUIZ_REVEAL: ("question", "number"),
    PostForm.QUIZ_LEADERBOARD: ("title",),
    PostForm.COURSE_STEP: ("title", "number", "total"),
}
_NAMES = tuple(one.name for one in fields(PostValues))
_SPACE_AT_LINE_END = regex.compile(r"[ \t]+(?=\n)")
_EMPTY_LINES = regex.compile(r"\n{3,}")


class PostRenderer:
    """Renders posts from `templates` (what ships) and `extra` (the workspace's folder, which wins).

    Raises ReinforceError, with the template's name and line, for a template or phrase that can't be rendered.
    """

    def __init__(self, templates: Path, extra: Path | None = None) -> None:
        folders = [folder for folder in (extra, templates) if folder is not None and folder.is_dir()]
        self._environment = PostSandbox(folders)
        self._phrases = read_phrases([folder / "phrases" for folder in reversed(folders)])

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages whose fixed phrases are there, as ISO 639-1 codes."""
        return tuple(sorted(self._phrases))

    def variants(self, key: str, language: str) -> int:
        """In how many ways the phrase `key` can be said: `PostValues.variant` counts round them."""
        return self._of(language).variants(key)

    def say(self, key: str, language: str, **values: object) -> str:
        """A fixed phrase by itself, in its first way, with its `{name}`s filled in."""
        return self._of(language).say(0, key, **values)

    def ways(self, key: str, language: str, **values: object) -> tuple[str, ...]:
        """Every way to say a fixed phrase, with its `{name}`s filled in."""
        phrases = self._of(language)
        return tuple(phrases.say(variant, key, **values) for variant in range(phrases.variants(key)))

    def render(self, form: PostForm, values: PostValues) -> str:
        """The text of one post: NFC, no space at its ends or at the end of a line, at most one empty line."""
        missing = [name for name in _NEEDED[form] if getattr(values, name) in ("", None, ())]
        if missing:
            raise ReinforceError(f"{form.value}.j2 needs {' and '.join(missing)}.", "Give the nugget what is missing.")
        phrases = self._of(values.language)
        context = {name: getattr(values, name) for name in _NAMES}
        context["say"] = partial(phrases.say, values.variant)
        context["count"] = partial(phrases.count, values.variant)
        try:
            with one_rendering():
                text = self._environment.get_template(f"{form.value}.j2").render(context)
        except TemplateError as problem:
            raise _explained(form, problem) from problem
        except (ArithmeticError, LookupError, MemoryError, RecursionError, TypeError, ValueError) as problem:
            raise _explained(form, TemplateError(f"{type(problem).__name__}: {problem}"[:200])) from None
        return nfc(_EMPTY_LINES.sub("\n\n", _SPACE_AT_LINE_END.sub("", text)).strip())

    def _of(self, language: str) -> Phrases:
        phrases = self._phrases.get(language.lower().split("-")[0])
        if phrases is None:
            raise ReinforceError(
                f'there are no phrases in "{language}", only in {", ".join(self.languages)}.',
                f"Put a file {language}.yaml beside the others in templates/posts/phrases.",
            )
        return phrases


def _explained(form: PostForm, problem: TemplateError) -> ReinforceError:
    line = getattr(problem, "lineno", None)
    place = f"{form.value}.j2" + (f", line {line}" if line else "")
    return ReinforceError(f"template {place}: {problem.message or problem}.", "Mend the template and try again.")
