"""Take people into open cohorts: who asked to join, who left by saying stop, who came back.

What was read is held once against the account's open cohorts; each request is one short transaction, and keeps what
became of it. Nothing is sent because of it: that somebody is in shows in their answers being counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.cohort import Cause, Cohort, ConsentKind, EnrollmentState
from reinforce.domain.enrolling.joining import Asker, Crowd, Outcome, Said, asks_to_join, decide, says_join, window
from reinforce.domain.gathering.backchannel import bears
from reinforce.domain.listening.aiming import is_aside
from reinforce.domain.listening.inbound import Inbound
from reinforce.domain.listening.intents import Intent
from reinforce.domain.listening.lexicon import Lexicon
from reinforce.domain.planning.slots import local_day
from reinforce.domain.privacy.keyed_hash import KeyedHash
from reinforce.store.accounts import accounts
from reinforce.store.enrolling import joining
from reinforce.store.listening import inbox
from reinforce.store.operating import audit
from reinforce.store.operating.locks import one_at_a_time
from reinforce.store.people import cohorts, enrollments, people
from reinforce.store.people.enrollments import Newcomer
from reinforce.store.privacy import suppression
from reinforce.store.privacy.meanwhile import about_people
from reinforce.store.privacy.suppression import Kind
from reinforce.store.sending import outbox
from reinforce.store.session import Database

_DAEMON = "daemon"
_HOUR = timedelta(hours=1)
_IN = frozenset({Outcome.JOINED, Outcome.BACK})


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of the requests, how many left, and the cohorts (slugs) where more asked than are taken in in an
    hour."""

    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    left: int = 0
    crowded: tuple[str, ...] = ()


def take_in(database: Database, lexicon: Lexicon, *, now: datetime, keyed: KeyedHash | None = None) -> TakenIn:
    """Deal with what came to every open cohort until `now` (programme time). `keyed` knows who was erased, and is
    needed as soon as somebody was.

    A request that can't be dealt with keeps none of the others waiting: what went wrong with the first is raised at the
    end, and it is looked at again next time.
    """
    outcomes: Counter[Outcome] = Counter()
    left, crowded = 0, list[str]()
    failed: Exception | None = None
    with database.read() as connection:
        known = [one for one in accounts.accounts(connection) if one.open_cohorts]
    for record in known:
        door = _Door(database, record, lexicon, keyed, now)
        left += door.let_go()
        try:
            outcomes.update(door.take_in())
        except Exception as error:  # whatever it is: other accounts' people wait as well
            failed = failed or error
        crowded += door.crowded
    if failed is not None:
        raise failed
    return TakenIn({one: count for one, count in outcomes.items() if count}, left, tuple(crowded))


@dataclass(slots=True)
class _Door:
    """The open cohorts of one account."""

    database: Database
    record: AccountRecord
    lexicon: Lexicon
    keyed: KeyedHash | None
    now: datetime
    crowded: list[str] = field(default_factory=list)

    def let_go(self) -> int:
        """Whoever said stop has left; whoever took that back is in again, where there is room. How many left."""
        with self.database.read() as connection:
            leaving = joining.leaving(connection, self.record.id)
            back = joining.returning(connection, self.record.id)
        if not (leaving or back):
            return 0
        with about_people(self.database) as connection:
            one_at_a_time(connection, "joining")
            gone = enrollments.move(
                connection, leaving, EnrollmentState.WITHDRAWN, Cause.LEFT, actor=_DAEMON, now=self.now
            )
            open_now = {one.id: one for one in cohorts.open_on(connection, self.record.id)}
            for one in joining.returning(connection, self.record.id):
                cohort = open_now.get(one.cohort_id)
                if cohort is not None and self._has_room(connection, cohort):
                    to = EnrollmentState.ENROLLED
                    enrollments.move(connection, [one], to, Cause.JOINED, actor=_DAEMON, now=self.now)
        return len(gone)

    def take_in(self) -> Counter[Outcome]:
        """Deal with those who wait, in their order, then with what was read since the last look."""
        done: Counter[Outcome] = Counter()
        with self.database.read() as connection:
            there = cohorts.open_on(connection, self.record.id)
            waiting = {one.id: joining.waiting(connection, one.id) for one in there}
            since = self._since(connection, there)
            fresh = joining.unseen(connection, self.record.id, since) if since is not None else ()
        for cohort in there:
            for post in waiting[cohort.id]:
                outcome = self._take(post, cohort)
                done[outcome] += outcome is not Outcome.WAITING
                if outcome is Outcome.WAITING:
                    break
        failed: Exception | None = None
        for post in fresh:
            wanted = [one for one in there if one.opening is not None and self._asks(post, one.opening.hashtag)]
            try:
                done.update([self._take(post, self._meant(post, wanted), wanted)] if wanted else ())
            except Exception as error:  # whatever it is: the next one asked as well
                failed = failed or error
        if failed is not None:
            raise failed
        if fresh:  # else every tick would write, with nothing to say
            with self.database.write() as connection:
                for cohort in there:
                    joining.set_looked(connection, cohort.id, self.now)
        return done

    def _since(self, connection: Connection, there: Iterable[Cohort]) -> datetime | None:
        looked = [joining.looked_at(connection, one.id) or cohorts.created_at(connection, one.id) for one in there]
        return min(looked, default=None)

    def _asks(self, post: Inbound, hashtag: str) -> bool:
        alone = post.in_reply_to is None and post.quote_of is None
        aside = is_aside(post, self.record.remote_user_id)
        said = Said(post.text, post.mentions_us, alone, aside, post.intents)
        return asks_to_join(said, hashtag, self.lexicon)

    def _meant(self, post: Inbound, wanted: list[Cohort]) -> Cohort | None:
        """Which of several cohorts is meant: the one whose hashtag it bears, the one whose post it answers, the only
        one, or the only one that can be joined; None if that does not tell."""
        tagged = [one for one in wanted if one.opening is not None and bears(post.text, one.opening.hashtag)]
        if len(tagged) == 1 or len(wanted) == 1:
            return (tagged or wanted)[0]
        with self.database.read() as connection:
            answered = None if post.outbox_id is None else outbox.item(connection, post.outbox_id).cohort_id
        replied = [one for one in wanted if one.id == answered]
        day = {one.id: local_day(post.created_at, one.zone) for one in wanted}
        able = [one for one in wanted if window(one, day[one.id]) is None]
        return next((found[0] for found in (replied, able) if len(found) == 1), None)

    def _take(self, post: Inbound, cohort: Cohort | None, wanted: Iterable[Cohort] = ()) -> Outcome:
        """Decide on one request, and do it."""
        with about_people(self.database) as connection:
            one_at_a_time(connection, "joining")
            if cohort is None:
                several = sorted(wanted, key=lambda one: one.slug)
                names = ", ".join(f"#{one.opening.hashtag}" for one in several if one.opening)
                joining.keep(connection, several[0].id, post.id, Outcome.UNCLEAR, self.now)
                inbox.call_a_person(connection, post.id, f"it asks to join, and does not say which of {names}")
                return Outcome.UNCLEAR
            outcome = self._decide(connection, post, cohort)
            if outcome in _IN:
                self._let_in(connection, post, cohort)
            elif outcome is Outcome.WAITING and not joining.has_waiting(connection, cohort.id):
                self._tell_of_the_crowd(connection, post, cohort)
            joining.keep(connection, cohort.id, post.id, outcome, self.now)
            return outcome

    def _decide(self, connection: Connection, post: Inbound, cohort: Cohort) -> Outcome:
        current = inbox.inbound(connection, post.id, lock=True)
        if current is None or current.gone_at is not None or inbox.said_later(connection, post, Intent.STOP):
            return Outcome.REFUSED  # they took it back
        learner = people.learner_by_remote_id(connection, post.author_remote_id)
        there = None if learner is None else enrollments.in_cohort(connection, cohort.id, learner.id)
        asker = Asker(
            None if there is None else there.state,
            None if there is None else there.cause,
            stopped=learner is not None and learner.stopped,
            erased=self._is_listed(connection, post, Kind.ERASED),
            by_word=says_join(post.text, self.lexicon),
        )
        lately = joining.taken_in_since(connection, cohort.id, self.now - _HOUR)
        crowd = Crowd(joining.members(connection, cohort.id), lately)
        return decide(cohort, asker, crowd, local_day(post.created_at, cohort.zone))

    def _let_in(self, connection: Connection, post: Inbound, cohort: Cohort) -> None:
        """The learner, who may be new, is in the cohort from now on, and what they asked ends a stop of theirs."""
        learner = people.learner_by_remote_id(connection, post.author_remote_id)
        source = f"post/{post.remote_id}"
        if learner is None:
            learner_id = people.add_joiner(connection, post.author_remote_id, post.author_handle, source, self.now)
            self._note(connection, learner_id, "learner.linked", post)
            self._lift_listed_stop(connection, post)
        else:
            learner_id = learner.id
            if people.give_consent(connection, learner_id, ConsentKind.LINKING, source, self.now):
                self._note(connection, learner_id, "learner.linked", post)
            if learner.stopped:
                people.clear_stopped(connection, learner_id)
                self._note(connection, learner_id, "learner.started", post)
        joining.read_anew(connection, post, learner_id)
        there = enrollments.in_cohort(connection, cohort.id, learner_id)
        if there is None:
            newcomer = Newcomer(learner_id, linked=True)
            enrollments.enter(connection, cohort.id, [newcomer], cause=Cause.JOINED, actor=_DAEMON, now=self.now)
        elif there.ended_at is not None:
            back = EnrollmentState.ENROLLED
            enrollments.move(connection, [there], back, Cause.JOINED, actor=_DAEMON, now=self.now)

    def _tell_of_the_crowd(self, connection: Connection, post: Inbound, cohort: Cohort) -> None:
        assert cohort.opening is not None
        self.crowded.append(cohort.slug)
        words = (
            f"more than {cohort.opening.an_hour} asked to join {cohort.slug} within an hour; the others are taken in"
        )
        undo = f"as there is room, unless you say: reinforce joining refuse {cohort.slug}"
        inbox.call_a_person(connection, post.id, f"{words} {undo}")
        audit.record(connection, _DAEMON, "joining.crowded", f"cohort/{cohort.id}", {"inbound": post.id}, self.now)

    def _has_room(self, connection: Connection, cohort: Cohort) -> bool:
        return cohort.opening is not None and joining.members(connection, cohort.id) < cohort.opening.most

    def _is_listed(self, connection: Connection, post: Inbound, kind: Kind) -> bool:
        return bool(suppression.listed(connection, kind, self._marks(connection, post)))

    def _lift_listed_stop(self, connection: Connection, post: Inbound) -> None:
        suppression.remove(connection, Kind.STOPPED, self._marks(connection, post))

    def _marks(self, connection: Connection, post: Inbound) -> list[str]:
        keyed = suppression.key_for(connection, self.keyed)
        return [] if keyed is None else list(keyed.of_person(remote_user_id=post.author_remote_id))

    def _note(self, connection: Connection, learner_id: int, verb: str, post: Inbound) -> None:
        audit.record(connection, _DAEMON, verb, f"learner/{learner_id}", {"inbound": post.id}, self.now)
