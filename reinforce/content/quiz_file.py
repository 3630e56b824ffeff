"""Quiz rounds as YAML files (docs/reference/quiz-file.md)."""

from __future__ import annotations

from pathlib import Path

from reinforce.content.fields import Fields
from reinforce.content.marks import FaultList, Listing, Marked, Scalar, read_yaml
from reinforce.content.question_entry import read_question
from reinforce.content.roster_file import HANDLE, LONGEST_TEAM, TEAM_NAME
from reinforce.content.scalars import checked_text, short, slug_of
from reinforce.domain.nugget import Confidentiality, Question
from reinforce.domain.quizzing.quiz import Pace, QuizEntry, QuizFile, TeamEntry
from reinforce.domain.texts.canonical_text import nfc

MOST_QUESTIONS = 40
MOST_TEAMS = 40
# X takes a poll of seven days at most.
_LONGEST_MINUTES = 10_080
_KEYS = (
    "title",
    "slug",
    "confidentiality",
    "minutes",
    "pause_minutes",
    "join_minutes",
    "grace_seconds",
    "hint_minutes",
    "hint_share",
    "teams",
    "questions",
)
_ENTRY_KEYS = ("nugget", "points", "question")
_TEAM_KEYS = ("name", "handle")


def read_quiz(path: Path) -> QuizFile:
    """The round in a YAML file. Raises ContentRefused with every fault of the file."""
    faults = FaultList()
    quiz = quiz_from(read_yaml(path, faults), slug_of(path.stem), str(path), faults)
    faults.raise_if_any()
    return quiz


def quiz_from(node: Marked, default_slug: str, file: str, faults: FaultList) -> QuizFile:
    """The round that `node` describes; faults go to `faults`, for the caller to raise."""
    fields = Fields(node, "a quiz", _KEYS, faults)
    fields.need("title", 'Add a line such as "title: Lockout quiz"; it is posted when the round begins.')
    fields.need("questions", 'Add "questions:" and under it a list, about ten of them.')
    items = fields.nodes("questions", most=MOST_QUESTIONS)
    listed = fields.value("questions")
    if isinstance(listed, Listing) and not items:
        faults.add(listed, "there are no questions.", "Add at least one.")
    entries = [entry for item in items if (entry := _entry(item, faults)) is not None]
    slug = fields.slug("slug", default_slug)
    if not slug:
        faults.add(node, "the file's name makes no slug.", 'Add one: "slug: lockout-quiz" (lower case, hyphens).')
    return QuizFile(
        slug=slug,
        title=nfc(fields.text("title", longest=80)),
        entries=tuple(entries),
        teams=_teams(fields),
        pace=_pace(fields),
        confidentiality=fields.choice("confidentiality", Confidentiality.INTERNAL),
        file=file,
    )


def _pace(fields: Fields) -> Pace:
    usual = Pace()
    pace = Pace(
        minutes=fields.number("minutes", usual.minutes, least=1, most=_LONGEST_MINUTES),
        pause_minutes=fields.number("pause_minutes", usual.pause_minutes, least=0, most=_LONGEST_MINUTES),
        join_minutes=fields.number("join_minutes", usual.join_minutes, least=0, most=_LONGEST_MINUTES),
        grace_seconds=fields.number("grace_seconds", usual.grace_seconds, least=0, most=600),
        hint_minutes=fields.number("hint_minutes", 0, least=1, most=_LONGEST_MINUTES) or None,
        hint_share=fields.number("hint_share", 0, least=0.1, most=1) or None,
    )
    if pace.hint_minutes is not None and pace.hint_minutes >= pace.minutes:
        advice = f"A question is open for {pace.minutes:g} minutes: the hint has to come before."
        fields.faults.add(fields.where("hint_minutes"), f'"hint_minutes" is {pace.hint_minutes:g}.', advice)
    return pace


def _entry(node: Marked, faults: FaultList) -> QuizEntry | None:
    fields = Fields(node, "an entry of the round", _ENTRY_KEYS, faults)
    if not fields.is_mapping:
        return None
    if "nugget" not in fields and "question" not in fields:
        advice = 'Write "nugget: lockout/one-lock" to take its question, or "question:" with one of the round\'s own.'
        faults.add(node, "it names neither a nugget nor a question.", advice)
        return None
    asked = fields.value("question")
    question: Question | None = None
    if asked is not None:
        question = read_question(asked, faults)
        if question is None:
            return None
    return QuizEntry(
        nugget=fields.text("nugget"),
        question=question,
        points=fields.whole("points", 1, least=1, most=100),
        line=node.place.line,
    )


def _teams(fields: Fields) -> tuple[TeamEntry, ...]:
    """The teams, each a name or a name with its own handle."""
    found: dict[str, TeamEntry] = {}
    handles: set[str] = set()
    for node in fields.nodes("teams", most=MOST_TEAMS):
        team = _team(node, fields.faults)
        if team is None:
            continue
        if team.name in found:
            fields.faults.add(node, f'the team "{team.name}" stands there twice.', "Take one of them out.")
        if team.handle and team.handle.casefold() in handles:
            fields.faults.add(node, f"@{team.handle} speaks for another team already.", "Give each team its own.")
        handles.add(team.handle.casefold())
        found[team.name] = team
    return tuple(found.values())


def _team(node: Marked, faults: FaultList) -> TeamEntry | None:
    if isinstance(node, Scalar):
        name, handle = checked_text(node, "teams", faults, LONGEST_TEAM), ""
    else:
        fields = Fields(node, "a team", _TEAM_KEYS, faults)
        fields.need("name", 'Write it as "name: red".')
        name, handle = fields.text("name", longest=LONGEST_TEAM), fields.text("handle").removeprefix("@")
        if handle and not HANDLE.fullmatch(handle):
            faults.add(fields.where("handle"), f'"{short(handle)}" is no handle on X.', "1 to 15 letters, digits or _.")
    if not name:
        return None
    if not TEAM_NAME.fullmatch(name):
        advice = "Use a word or two of letters and digits, such as red: it is posted, so it names nobody."
        faults.add(node, f'"{short(name)}" is no name of a team.', advice)
        return None
    return TeamEntry(nfc(name).casefold(), handle)
