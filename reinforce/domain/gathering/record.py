"""The record of an event: everything that was said in it, in order, with its threads, naming nobody without consent.

What is left out is counted and said: wishes to the account itself (stop, join, …) are between a person and it, and an
answer to a question that we asked is nobody else's business.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import regex

from reinforce.domain.gathering.events import Event, EventKind
from reinforce.domain.gathering.introducing import is_only_a_wish, without_address
from reinforce.domain.gathering.time_marks import time_mark
from reinforce.domain.listening.inbound import Inbound
from reinforce.domain.listening.intents import Intent
from reinforce.domain.texts.naming_guard import NamingGuard

ANYBODY = "A participant"
# What turns the direction of all that follows it, or can't be seen: no text may do that to the page around it.
_UNRULY = regex.compile(r"[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f-\x9f]")
_HANDLE = regex.compile(r"(?<![\p{L}\p{N}_@])[@＠]([A-Za-z0-9_]{1,20})")
_NAMES_SOMEBODY = "[this remark names somebody who has not agreed to it]"
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class OurWords:
    """Something that we said in an event: a post, or an answer (`answers`: the id of the question's row)."""

    remote_id: int | None
    parent: int | None
    at: datetime
    text: str
    answers: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the record. `who` is a name by consent, a participant's number, or the account. `depth` counts what
    it stands under. `question`: it asks something; `answered`: and was answered."""

    number: int
    who: str
    ours: bool
    at: datetime
    mark: timedelta | None
    text: str
    depth: int
    question: bool = False
    answered: bool = False


@dataclass(frozen=True, slots=True)
class EventRecord:
    """`threads` in order, each a list of lines, the first of which began it. `said` counts participants' posts that are
    shown, `left_out` those that are not, by the reason. `notes` say what a reader has to know of its completeness."""

    event: Event
    account: str
    threads: tuple[tuple[Line, ...], ...]
    said: int
    participants: int
    questions: int
    answered: int
    left_out: Mapping[str, int]
    notes: tuple[str, ...]

    @property
    def asked(self) -> tuple[Line, ...]:
        """The questions, in the record's order."""
        return tuple(line for thread in self.threads for line in thread if line.question)


@dataclass(frozen=True, slots=True)
class Known:
    """What a record is made with: `names` of who agrees to be named, by X user id; the account's handle; who must not
    be named (`guard`), and the handles (lower case) that may stand."""

    names: Mapping[int, str]
    account: str
    guard: NamingGuard
    handles: frozenset[str] = frozenset()


def make_record(
    event: Event,
    posts: Sequence[Inbound],
    ours: Sequence[OurWords],
    answered: Iterable[int],
    known: Known,
    notes: Sequence[str],
) -> EventRecord:
    """The record of what is there. `posts` are what was said, `answered` the rows (ids) of questions with an answer."""
    left_out = Counter(why for post in posts if (why := _why_left_out(post)))
    shown = sorted((post for post in posts if not _why_left_out(post)), key=lambda post: (post.created_at, post.id))
    speakers = _speakers(shown, known)
    making = _Making(event, known, speakers, frozenset(answered))
    for post in shown:
        making.take(post)
    for words in ours:
        making.take_ours(words)
    threads = making.threads()
    asked = [line for thread in threads for line in thread if line.question]
    return EventRecord(
        event=event,
        account=known.account,
        threads=threads,
        said=len(shown),
        participants=len({post.author_remote_id for post in shown}),
        questions=len(asked),
        answered=sum(line.answered for line in asked),
        left_out=dict(left_out),
        notes=tuple(notes),
    )


def _why_left_out(post: Inbound) -> str:
    """Why a post is not shown, "" if it is."""
    if is_only_a_wish(post.intents):
        return "wishes to the account"
    if Intent.ANSWER in post.intents and Intent.QUESTION not in post.intents:
        return "answers to questions"
    return ""


def _speakers(shown: Sequence[Inbound], known: Known) -> dict[int, str]:
    """Who is called what: a name by consent, else a number, in the order in which they first spoke."""
    found: dict[int, str] = {}
    numbered = 0
    for author in dict.fromkeys(post.author_remote_id for post in shown):
        if author in known.names:
            found[author] = known.names[author]
        else:
            numbered += 1
            found[author] = f"Participant {numbered}"
    return found


def nameless(text: str, known: Known, speakers: Mapping[str, str]) -> str:
    """`text` without what names anybody who has not agreed to it: their handle becomes what they are called here
    (`speakers`, by handle in lower case), or nobody in particular; their name goes."""

    def called(found: regex.Match[str]) -> str:
        handle = str(found[1]).lower()
        return str(found[0]) if handle in known.handles else f"@{speakers.get(handle, '…')}"

    text = _HANDLE.sub(called, _UNRULY.sub("", text))
    for _ in range(3):
        findings = known.guard.find(text)
        for finding in findings:
            text = regex.sub(regex.escape(finding.excerpt), "…", text, flags=regex.IGNORECASE)
        if not findings:
            return text
    # What the guard sees through (other letters, accents) can't be cut out of the text as it is written.
    return _NAMES_SOMEBODY if known.guard.find(text) else text


@dataclass(slots=True)
class _Entry:
    """A line before its place is known. `key` is X's id, or a negative number for what has none."""

    key: int
    parent: int | None
    root: int | None
    line: Line
    under: list[_Entry] = field(default_factory=list)


class _Making:
    """Puts what was said into threads."""

    def __init__(self, event: Event, known: Known, speakers: Mapping[int, str], answered: frozenset[int]) -> None:
        self._event, self._known, self._speakers, self._answered = event, known, speakers, answered
        self._entries: dict[int, _Entry] = {}
        self._by_row: dict[int, int] = {}
        self._handles: dict[str, str] = {}

    def take(self, post: Inbound) -> None:
        """Something that somebody said."""
        who = self._speakers[post.author_remote_id]
        if Intent.ANSWER in post.intents:
            who = ANYBODY  # it holds an answer as well: not even a number may tell whose
        elif post.author_handle:
            self._handles[post.author_handle.lower()] = who
        question = Intent.QUESTION in post.intents
        line = Line(
            number=0,
            who=who,
            ours=False,
            at=post.created_at,
            mark=time_mark(post.text) if self._event.kind is EventKind.RECORDING else None,
            text=post.text if post.in_reply_to is None else without_address(post.text),
            depth=0,
            question=question,
            answered=question and post.id in self._answered,
        )
        self._by_row[post.id] = post.remote_id
        self._entries[post.remote_id] = _Entry(post.remote_id, post.in_reply_to, post.conversation_id, line)

    def take_ours(self, words: OurWords) -> None:
        """Something that we said; an answer stands under its question, wherever it was posted."""
        key = words.remote_id or -(len(self._entries) + 1)
        parent = words.parent if words.answers is None else self._by_row.get(words.answers, words.parent)
        line = Line(0, f"@{self._known.account}", ours=True, at=words.at, mark=None, text=words.text, depth=0)
        self._entries[key] = _Entry(key, parent, None, line)

    def threads(self) -> tuple[tuple[Line, ...], ...]:
        """Threads in order, with their lines."""
        roots: list[_Entry] = []
        for entry in self._entries.values():
            above = self._above(entry)
            (roots if above is None else above.under).append(entry)
        numbers = iter(range(1, len(self._entries) + 1))
        ordered = sorted(roots, key=self._place)
        return tuple(tuple(self._lines(root, numbers)) for root in ordered)

    def _above(self, entry: _Entry) -> _Entry | None:
        for key in (entry.parent, entry.root):
            found = None if key is None else self._entries.get(key)
            # An id that is newer can't be what it answers: whatever the service says, threads are no circles.
            if found is not None and found is not entry and (found.line.at, found.key) < (entry.line.at, entry.key):
                return found
        return None

    def _place(self, entry: _Entry) -> tuple[bool, timedelta, datetime, int]:
        """A recording goes by its own time, and what bears no mark comes last; a session by the clock."""
        marked = next((one.line.mark for one in self._walk(entry) if one.line.mark is not None), None)
        by_mark = self._event.kind is EventKind.RECORDING
        return by_mark and marked is None, marked or timedelta(), entry.line.at, entry.key

    def _walk(self, entry: _Entry) -> Iterator[_Entry]:
        waiting = [entry]
        while waiting:
            one = waiting.pop(0)
            yield one
            waiting += sorted(one.under, key=lambda child: (child.line.at, child.key))

    def _lines(self, root: _Entry, numbers: Iterator[int]) -> Iterator[Line]:
        """Depth first, without recursion: a conversation may be as long as people like."""
        waiting = [(root, 0)]
        while waiting:
            entry, deep = waiting.pop()
            line = entry.line
            text = _UNRULY.sub("", line.text) if line.ours else nameless(line.text, self._known, self._handles)
            yield Line(
                number=next(numbers),
                who=line.who,
                ours=line.ours,
                at=line.at,
                mark=line.mark,
                text=text,
                depth=min(deep, _DEEPEST),
                question=line.question,
                answered=line.answered,
            )
            below = sorted(entry.under, key=lambda child: (child.line.at, child.key), reverse=True)
            waiting += [(child, deep + 1) for child in below]
