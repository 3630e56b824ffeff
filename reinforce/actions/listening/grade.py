"""Read what came in, and do what follows from it: obey, link, score, or leave it to a person.

Each post is one short transaction that reads it, acts and marks it read, so a process that dies anywhere leaves it
either done or untouched. Nothing public follows from an answer, right or wrong: this file sends and plans nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from reinforce.content.scalars import zones
from reinforce.domain.cohort import Learner
from reinforce.domain.errors import NotAllowed, NotFound
from reinforce.domain.listening import aiming
from reinforce.domain.listening.grading import Verdict
from reinforce.domain.listening.grading import grade as grade_answer
from reinforce.domain.listening.inbound import Correction, Heard, Inbound, OurPost, ReadAs, evidence_of
from reinforce.domain.listening.lexicon import Lexicon
from reinforce.domain.listening.reading import Asked, Context, Intent, Reading, read
from reinforce.domain.listening.reply_text import read_text
from reinforce.domain.listening.snoozing import Snooze
from reinforce.domain.sending.outbox import State
from reinforce.store.accounts import accounts
from reinforce.store.answering import inquiries
from reinforce.store.listening import inbox
from reinforce.store.listening.open_questions import open_to
from reinforce.store.operating import audit
from reinforce.store.people import cohorts, enrollments, invitations, people, wishes
from reinforce.store.privacy.meanwhile import about_people
from reinforce.store.privacy.merging import take_over
from reinforce.store.sending import outbox
from reinforce.store.session import Database

AT_ONCE = 500
# These wait for somebody. Questions and look-ups have a list of their own (store/answering/inquiries.py).
_FOR_A_PERSON = frozenset({Intent.PAUSE})


@dataclass(frozen=True, slots=True)
class GradeOutcome:
    """How many posts were `read`, how often each intent came `first`, and how many wait for a person."""

    read: int = 0
    first: Mapping[str, int] = field(default_factory=dict)
    for_a_person: int = 0


def grade(database: Database, lexicon: Lexicon, *, now: datetime, limit: int = AT_ONCE) -> GradeOutcome:
    """Read and act on at most `limit` posts, in the order they were written. `now` is programme time.

    A post that can't be dealt with stays unread and keeps none of the others waiting: what went wrong with the first
    such post is raised at the end.
    """
    with database.read() as connection:
        late = inbox.has_late_matches(connection)
    if late:
        with about_people(database) as connection:
            inbox.reopen_late_matches(connection)
    with database.read() as connection:
        waiting = inbox.ungraded(connection, limit)
    first: Counter[str] = Counter()
    for_a_person = 0
    failed: Exception | None = None
    for inbound_id in waiting:
        try:
            with about_people(database) as connection:
                done = _Grading(connection, lexicon, now).take(inbound_id)
        except Exception as error:  # whatever it is: the next post may be a stop
            failed = failed or error
            continue
        if done is not None:
            first[done.reading.first.value] += 1
            for_a_person += done.needs_person
    if failed is not None:
        raise failed
    return GradeOutcome(first.total(), dict(first), for_a_person)


def regrade(
    database: Database, lexicon: Lexicon, inbound_id: int, correction: Correction, *, actor: str, now: datetime
) -> None:
    """A person says what a reply means: what it had been scored as is voided, and what it and the learner's other
    replies to the post it answers are worth is worked out anew. Raises NotFound; NotAllowed before it was read, without
    an intent, or where a judgment has no answer to stand on."""
    intents, right = correction.intents, correction.right
    with about_people(database) as connection:
        post = inbox.inbound(connection, inbound_id, lock=True)
        if post is None:
            raise NotFound(f"there is no reply with the number {inbound_id}", "See what there is: reinforce inbox")
        if post.graded_at is None or not intents:
            raise NotAllowed(
                "only a reply that was read can be corrected, to one intent or more", "Wait for the daemon."
            )
        if right is not None and Intent.ANSWER not in intents:
            raise NotAllowed("only an answer is right or not", "Correct it to an answer: --as answer")
        ordered = tuple(intent for intent in Intent if intent in intents)
        _Grading(connection, lexicon, now).correct(post, replace(correction, intents=ordered))
        detail = {"was": [one.value for one in post.intents], "is": [one.value for one in ordered]}
        audit.record(connection, actor, "reply.corrected", f"inbound/{inbound_id}", detail, now)


@dataclass(slots=True)
class _Done:
    """What became of one post while it is being dealt with."""

    reading: Reading
    learner: Learner | None
    needs_person: bool = False
    notes: list[str] = field(default_factory=list)

    def call_a_person(self, note: str) -> None:
        self.needs_person = True
        self.notes.append(note)


class _Grading:
    """Deals with one post, in the caller's transaction."""

    def __init__(self, connection: Connection, lexicon: Lexicon, now: datetime) -> None:
        self._connection = connection
        self._lexicon = lexicon
        self._now = now
        self._zones = zones()

    def take(self, inbound_id: int) -> _Done | None:
        """Read one post and act on it; None if somebody else has done so."""
        post = inbox.inbound(self._connection, inbound_id, lock=True)
        if post is None or post.graded_at is not None:
            return None
        ours, reading = self._hear(post)
        done = _Done(reading, people.learner_by_remote_id(self._connection, post.author_remote_id))
        self._act(post, ours, done.reading.intents, done)
        self._write(post, ours, done.reading.intents, done)
        return done

    def _hear(self, post: Inbound) -> tuple[OurPost | None, Reading]:
        """What `post` was meant for, and what it says there, with the reason."""
        ours, said = inbox.our_post(self._connection, post), read_text(post.text)
        reading = self._read_under(post, ours)
        to_nothing = post.in_reply_to is None and post.quote_of is None
        if to_nothing and aiming.is_stray_letter(reading.grade, said, self._lexicon):
            ours, reading = None, self._read_under(post, None)
        account = accounts.account_by_id(self._connection, post.account_id)
        if aiming.is_aside(post, account.remote_user_id):
            return ours, aiming.heard_aside(reading)
        # What it replies to may be a post of ours whose send is in doubt: then it is read again when that is settled.
        elsewhere = post.in_reply_to is None if ours is None else not ours.asks
        if elsewhere and aiming.may_be_meant_elsewhere(reading, said, self._lexicon):
            there = open_to(self._connection, post)
            meant = aiming.meant_for(there, partial(self._read_under, post), said, self._lexicon)
            if meant is not None:
                where = "not under it" if ours is None else f"under post {ours.id}, which asks nothing"
                why = f"{meant[1].why}; it answers post {meant[0].id}, the one open question it fits, {where}"
                return meant[0], replace(meant[1], why=why)
        return ours, reading

    def _read_under(self, post: Inbound, ours: OurPost | None) -> Reading:
        return read(post.text, context_of(ours), self._lexicon, ours.language if ours else "en")

    def correct(self, post: Inbound, correction: Correction) -> None:
        """Make `post` mean what a person says."""
        before = self._post_of(post, post.outbox_id)
        ours = before if correction.outbox_id is None else self._post_of(post, correction.outbox_id)
        done = _Done(self._read_under(post, ours), people.learner_by_remote_id(self._connection, post.author_remote_id))
        done.notes.append("a person said so")
        intents = correction.intents
        self._act(post, ours, tuple(intent for intent in intents if intent not in post.intents), done)
        done.needs_person = False  # a person is looking at it
        self._write(post, ours, intents, done, correction.right)
        if before is not None and ours is not None and before.id != ours.id and done.learner is not None:
            self._score(done.learner, before)  # without what was said elsewhere
        self._take_back(post, set(post.intents) - set(intents), done)

    def _take_back(self, post: Inbound, dropped: set[Intent], done: _Done) -> None:
        """A stop or pause that was none is lifted, unless the person said it in another post as well."""
        if done.learner is None:
            return
        if Intent.WISH in dropped:
            source = f"post/{post.remote_id}"
            wishes.take_back_naming(self._connection, done.learner.id, post.id, source, self._now)
        if Intent.STOP in dropped:
            if inbox.last_said(self._connection, post, (Intent.STOP, Intent.START)) is not Intent.STOP:
                people.clear_stopped(self._connection, done.learner.id)
                self._note(done.learner.id, "learner.started", post)
        elif Intent.PAUSE in dropped and inbox.last_said(self._connection, post, (Intent.PAUSE,)) is None:
            people.resume_replies(self._connection, done.learner.id)

    def _post_of(self, post: Inbound, outbox_id: int | None) -> OurPost | None:
        """The post of ours that `post` is taken to answer. Raises NotFound where a person names none of the account."""
        if outbox_id is None:
            return inbox.our_post(self._connection, post)
        found = inbox.post_by_row(self._connection, post.account_id, outbox_id)
        if found is None and outbox_id != post.outbox_id:
            raise NotFound(f"post {outbox_id} is not out on that account", "See what is: reinforce outbox")
        return found

    # --- acting ---------------------------------------------------------------------------------------------------

    def _act(self, post: Inbound, ours: OurPost | None, intents: tuple[Intent, ...], done: _Done) -> None:
        if _FOR_A_PERSON.intersection(intents):
            done.needs_person = True
        if Intent.STOP in intents:
            self._stop(post, ours, done)
        if Intent.PAUSE in intents and done.learner is not None:
            people.pause_replies(self._connection, done.learner.id, self._now)
        if Intent.START in intents:
            self._start(post, done)
        if Intent.SNOOZE in intents and done.learner is not None:
            self._snooze(ours, done.learner, done.reading.snooze or Snooze(), done)
        if Intent.JOIN in intents:
            self._join(post, done)
        self._keep_wishes(post, done)
        if done.learner is None:
            self._look_at_handle(post, done)
        elif post.author_handle and done.learner.handle != post.author_handle:
            self._rename(post, done.learner, done)
        if Intent.ANSWER in intents and (ours is None or not ours.asks):
            done.call_a_person("an answer, but what it replies to asks nothing")

    def _stop(self, post: Inbound, ours: OurPost | None, done: _Done) -> None:
        """Obey, before the next send. A handle of the roster that was never linked is believed too: a stop that is
        obeyed for nothing does less harm than one that is not."""
        if inbox.said_later(self._connection, post, Intent.START):
            done.notes.append("taken back since")
            return
        for learner in self._meant(post, done):
            people.set_stopped(self._connection, learner.id, self._now)
            self._note(learner.id, "learner.stopped", post)
        for item_id in inbox.planned_replies(self._connection, post.account_id, post.author_remote_id):
            item = outbox.item(self._connection, item_id)
            if item.state in (State.PLANNED, State.LEASED):
                outbox.skip(self._connection, item, "the person it answers said stop")
        question = ours.question if ours else None
        if question and grade_answer(read_text(post.text), question, self._lexicon).verdict is Verdict.RIGHT:
            done.call_a_person("it is also what the question asked for: ask whether it was meant as a stop")

    def _start(self, post: Inbound, done: _Done) -> None:
        if inbox.said_later(self._connection, post, Intent.STOP):
            done.notes.append("it came in late, after a stop that was written later")
            return
        for learner in self._meant(post, done):
            people.clear_stopped(self._connection, learner.id)
            self._note(learner.id, "learner.started", post)
        if done.learner is not None:
            done.learner = people.learner_by_id(self._connection, done.learner.id)

    def _meant(self, post: Inbound, done: _Done) -> tuple[Learner, ...]:
        """Whom a stop or start is about: who is linked, else those of the roster who bear the handle unlinked."""
        if done.learner is not None:
            return (done.learner,)
        named = people.learners_by_handle(self._connection, post.author_handle)
        return tuple(learner for learner in named if learner.remote_user_id is None)

    def _snooze(self, ours: OurPost | None, learner: Learner, wanted: Snooze, done: _Done) -> None:
        zone = learner.zone or (ours.zone if ours else "UTC")
        until = wanted.until(self._now, zone)
        people.snooze(self._connection, learner.id, until)
        done.notes.append(f"quiet until {until:%Y-%m-%d %H:%M} UTC")

    def _join(self, post: Inbound, done: _Done) -> None:
        """Bind the X account to the person whose code it is. What does not fit goes to a person, the code unused."""
        joiner = done.learner if done.learner is not None and not done.learner.employee_id else None
        if done.learner is not None and done.learner.linked and joiner is None:
            done.notes.append("linked already")
            return
        if accounts.account_by_id(self._connection, post.account_id).open_cohorts:
            return  # there are no codes there: who asks is taken in by actions/enrolling/take_in.py
        if not done.reading.code:
            done.call_a_person("it names no code")
            return
        try:
            with self._connection.begin_nested():
                learner_id = invitations.redeem(self._connection, done.reading.code, self._now)
                if learner_id is None:
                    raise NotAllowed("the code is unknown, used or expired")
                if joiner is not None:  # of an open cohort, who turns out to be on the roster
                    take_over(self._connection, joiner.id, learner_id, self._now)
                self._refuse_borrowed_handle(post, learner_id)
                source = f"post/{post.remote_id}"
                people.link(self._connection, learner_id, post.author_remote_id, post.author_handle, source, self._now)
        except NotAllowed as refusal:
            done.call_a_person(refusal.message)
            return
        done.learner = people.learner_by_id(self._connection, learner_id)
        done.notes.append("linked")
        self._note(learner_id, "learner.linked", post)
        if enrollments.came_too_late(self._connection, learner_id):
            done.call_a_person("they joined after the window had closed: reinforce enrollment re-enroll takes them in")
        if inbox.last_said(self._connection, post, (Intent.STOP, Intent.START)) is Intent.STOP:
            people.set_stopped(self._connection, learner_id, self._now)
            done.call_a_person("they said stop before they joined, and a stop ends with their own start only")

    def _refuse_borrowed_handle(self, post: Inbound, learner_id: int) -> None:
        named = people.learners_by_handle(self._connection, post.author_handle)
        if any(learner.id != learner_id for learner in named):
            raise NotAllowed("the code is one person's and the handle, by the roster, another's")

    def _keep_wishes(self, post: Inbound, done: _Done) -> None:
        """What somebody wishes for themselves: only of those who are linked it is known who they are."""
        for wish in done.reading.wishes:
            if done.learner is None or not done.learner.linked:
                done.call_a_person("it is a wish of somebody who is not linked")
                continue
            source = f"post/{post.remote_id}"
            kept = wishes.keep(self._connection, done.learner.id, post.id, wish, source, self._zones, self._now)
            done.notes.append(kept.words)
            if kept.for_a_person:
                done.needs_person = True
            self._note(done.learner.id, f"learner.{wish.kind.value}", post)

    def _look_at_handle(self, post: Inbound, done: _Done) -> None:
        """A handle that is linked to another X account was given up and taken by somebody, or is a mix-up."""
        named = people.learners_by_handle(self._connection, post.author_handle)
        if any(learner.remote_user_id not in (None, post.author_remote_id) for learner in named):
            done.call_a_person("the handle is a learner's, but the X account is another")

    def _rename(self, post: Inbound, learner: Learner, done: _Done) -> None:
        """Handles get renamed: the X user id says who it is, and the naming guard needs the handle of today."""
        if any(other.id != learner.id for other in people.learners_by_handle(self._connection, post.author_handle)):
            done.call_a_person("a linked learner has taken a handle that the roster gives to somebody else")
            return
        people.update_learner(self._connection, learner.id, handle=post.author_handle)

    def _note(self, learner_id: int, verb: str, post: Inbound) -> None:
        audit.record(self._connection, "daemon", verb, f"learner/{learner_id}", {"inbound": post.id}, self._now)

    # --- writing down ---------------------------------------------------------------------------------------------

    def _write(
        self,
        post: Inbound,
        ours: OurPost | None,
        intents: tuple[Intent, ...],
        done: _Done,
        judgment: bool | None = None,
    ) -> None:
        learner = done.learner
        judged = judgment is not None or (post.judged and Intent.ANSWER in intents)
        known = post.right if judgment is None else judgment
        heard = replace(post, intents=intents, right=known, judged=judged)
        inbox.set_reading(
            self._connection,
            post.id,
            ReadAs(
                intents,
                "; ".join([done.reading.why, *done.notes]),
                learner.id if learner else None,
                ours.id if ours else None,
                done.needs_person,
                self._right(heard, ours),
                judged,
            ),
            self._now,
        )
        inquiries.keep(self._connection, post, intents, done.reading.topic)
        if learner is None:
            return
        if ours is not None and ours.teaches and learner.linked and not self._has_stopped(learner):
            self._score(learner, ours)
        for cohort_id in cohorts.cohorts_of_learner(self._connection, learner.id):
            cohorts.raise_version(self._connection, cohort_id)

    def _has_stopped(self, learner: Learner) -> bool:
        return people.learner_by_id(self._connection, learner.id).stopped

    def _score(self, learner: Learner, ours: OurPost) -> None:
        """Make the reviews of this learner on this post what all their replies to it, in order, are worth."""
        replies = [
            Heard(reply.id, reply.intents, self._right(reply, ours), reply.created_at)
            for reply in inbox.replies_of(self._connection, learner.id, ours.id)
        ]
        guess = ours.question.guess if ours.question else 0.0
        wanted = evidence_of(replies, guess=guess, revealed_at=ours.revealed_at)
        inbox.set_reviews(self._connection, learner.id, ours, wanted, self._now)

    def _right(self, reply: Inbound, ours: OurPost | None) -> bool | None:
        if ours is None or not ours.asks or ours.question is None or Intent.ANSWER not in reply.intents:
            return None
        if reply.judged or not reply.text:
            return reply.right  # as a person said, or as it was graded while X showed the text
        found = grade_answer(read_text(reply.text), ours.question, self._lexicon, ours.language)
        return found.verdict is Verdict.RIGHT if found.gradable else None


def context_of(ours: OurPost | None) -> Context:
    """What a reply to `ours` would be about."""
    if ours is None:
        return Context(Asked.NONE)
    if ours.asks:
        return Context(Asked.QUESTION, ours.question)
    if ours.form == "prompt":
        return Context(Asked.PROMPT)
    return Context(Asked.NUGGET if ours.nugget_id is not None else Asked.NONE)
