"""What came back, as values: a post that mentions or answers us, what one of ours was, and evidence made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from reinforce.domain.listening.intents import Intent
from reinforce.domain.nugget import Form, Question
from reinforce.domain.planning.exposure import EvidenceKind
from reinforce.domain.quizzing.quiz import QuizPost

AGAIN, GOOD = 1, 3  # FSRS's ratings; "got it" is never Easy, and nothing that comes back here is Hard

# X's ids hold the millisecond they were made in, above 22 other bits, counted from this instant ("snowflakes").
_ID_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)
_ID_SHIFT = 22


def oldest_id_at(instant: datetime) -> int:
    """The smallest id that a post made at `instant` can have."""
    return max((instant - _ID_EPOCH) // timedelta(milliseconds=1), 0) << _ID_SHIFT


def made_at(remote_id: int) -> datetime:
    """When X made the post with this id, to the second, as it stamps posts."""
    made = _ID_EPOCH + timedelta(milliseconds=remote_id >> _ID_SHIFT)
    return made.replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A post as it came in; `created_at` is X's own stamp, UTC. `edit_of` is the version before, if it
    was edited, `earlier` all of them. Not `mentions_us`: it was found by its hashtag."""

    remote_id: int
    author_remote_id: int
    author_handle: str
    text: str
    created_at: datetime
    in_reply_to: int | None = None
    conversation_id: int | None = None
    mentions_us: bool = True
    quote_of: int | None = None
    reply_to_user: int | None = None
    edit_of: int | None = None
    earlier: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Inbound:
    """A row of the inbox. `intents` is empty and `graded_at` None until it was read; `received_at` and `graded_at` are
    programme time. Without `mentions_us` X takes no reply to it. `gone_at`: since when X shows this text no more, since
    it was deleted, or edited into `replaced_by`: nothing may be sent because of it. `right`: how the answer in it was
    graded first, by a person where `judged`."""

    id: int
    account_id: int
    remote_id: int
    author_remote_id: int
    author_handle: str
    learner_id: int | None
    outbox_id: int | None
    in_reply_to: int | None
    conversation_id: int | None
    text: str
    created_at: datetime
    received_at: datetime
    intents: tuple[Intent, ...]
    why: str
    rating: int | None
    graded_at: datetime | None
    needs_person: bool
    mentions_us: bool = True
    quote_of: int | None = None
    reply_to_user: int | None = None
    edit_of: int | None = None
    right: bool | None = None
    judged: bool = False
    gone_at: datetime | None = None
    replaced_by: int | None = None


@dataclass(frozen=True, slots=True)
class ReadAs:
    """What a post was read as, whose it is and what it answers; `right` is how the answer in it was graded."""

    intents: tuple[Intent, ...]
    why: str
    learner_id: int | None
    outbox_id: int | None
    needs_person: bool
    right: bool | None = None
    judged: bool = False


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person says of a reply: what it means, which post of ours it answers (None: as it was read), whether the
    answer in it is right (None: as it is graded)."""

    intents: tuple[Intent, ...]
    outbox_id: int | None = None
    right: bool | None = None


@dataclass(frozen=True, slots=True)
class OurPost:
    """The post of ours that was replied to. `language` is its cohort's; `revealed_at` when its answer was given away
    (programme time), None before. `form` is a Form's value, or another kind of post's name."""

    id: int
    form: str
    nugget_id: int | None
    nugget_revision: int | None
    question: Question | None
    language: str
    zone: str
    revealed_at: datetime | None

    @property
    def asks(self) -> bool:
        """True if a reply to it may answer a question: its reveal asks nothing any more."""
        asking = {Form.QUESTION.value, Form.POLL.value, QuizPost.QUESTION.value}
        return self.question is not None and self.form in asking

    @property
    def teaches(self) -> bool:
        """True if replies to it are evidence on a nugget: a reminder, a question or a poll, not a reveal."""
        return self.nugget_id is not None and self.form in {*(form.value for form in Form), QuizPost.QUESTION.value}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One review that ought to stand: what it was made of, and its rating. `guess` is the chance of a lucky answer."""

    inbound_id: int
    kind: EvidenceKind
    rating: int
    guess: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Heard:
    """One reply of a learner to one post, read: `right` is None unless it holds an answer that can be graded."""

    inbound_id: int
    intents: tuple[Intent, ...]
    right: bool | None
    at: datetime


_LAPSES = {Intent.QUESTION: EvidenceKind.QUESTION, Intent.NOT_SURE: EvidenceKind.NOT_SURE}


def evidence_of(replies: Sequence[Heard], *, guess: float, revealed_at: datetime | None) -> tuple[Evidence, ...]:
    """What one learner's replies to one post, in order, say of their memory.

    The first gradable answer counts and no other, none after the answer was given away. "Not sure" and a question are
    one lapse together, "got it" counts once; neither counts after an answer, which says more.
    """
    found: list[Evidence] = []
    answered = lapsed = acknowledged = False
    for reply in replies:
        if answered or (revealed_at is not None and reply.at >= revealed_at):
            break
        lapse = next((_LAPSES[intent] for intent in reply.intents if intent in _LAPSES), None)
        if Intent.ANSWER in reply.intents and reply.right is not None:
            answered = True
            rating = GOOD if reply.right else AGAIN
            found.append(Evidence(reply.inbound_id, EvidenceKind.ANSWER, rating, guess, reply.at))
        elif lapse is not None:
            if not lapsed:
                found.append(Evidence(reply.inbound_id, lapse, AGAIN, 0.0, reply.at))
            lapsed = True
        elif Intent.GOT_IT in reply.intents:
            if not acknowledged and not lapsed:
                found.append(Evidence(reply.inbound_id, EvidenceKind.ACKNOWLEDGEMENT, GOOD, 0.0, reply.at))
            acknowledged = True
    return tuple(found)
