"""Answer "catch up": one reply with the three nuggets that would gain this learner most, or where else to find them.

The reply is the interaction's one automated reply. It is the same whether the learner had been right or wrong before
(domain/planning/catching_up.py), and so is whether there is one. Where no nugget can be put into a reply (none is out
yet, none fits, or the account may not carry it) the reply points to the digest; where X or the person allows no reply,
somebody is asked to hand it over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from reinforce.domain.authoring.post_rules import objections
from reinforce.domain.cohort import CohortState, Learner
from reinforce.domain.errors import Conflict
from reinforce.domain.listening.inbound import Inbound
from reinforce.domain.listening.preferences import WishKind
from reinforce.domain.nugget import Form, StoredNugget
from reinforce.domain.planning.catching_up import blind_belief, most_useful
from reinforce.domain.planning.plan_state import begin
from reinforce.domain.post_forms import CATCH_UP
from reinforce.domain.sending.budget import Tariff, price_micros
from reinforce.domain.sending.outbox import Planned, reply_occurrence
from reinforce.domain.texts.naming_guard import NamingGuard
from reinforce.domain.texts.wording import text_hash
from reinforce.rendering.posts import PostForm, PostRenderer, PostValues
from reinforce.store.listening import inbox
from reinforce.store.people import cohorts, people, wishes
from reinforce.store.people.wishes import Waiting
from reinforce.store.planning import plan_snapshot
from reinforce.store.planning.event_log import read_log
from reinforce.store.privacy.meanwhile import about_people
from reinforce.store.sending import outbox
from reinforce.store.session import Database

MOST = 3
AT_ONCE = 20
# Whoever asks looks at once, or not at all.
GRACE = timedelta(hours=12)
_REASON = (
    "Asked to catch up: what gains this learner most, by when it was posted and what they wrote under, not by grades."
)
_BY_HAND = "asked to catch up, and no reply can be sent: hand over the digest of the week"


@dataclass(frozen=True, slots=True)
class CatchUpOutcome:
    """How many replies were planned, and how many people get none: somebody was asked, or they want silence."""

    planned: int = 0
    by_hand: int = 0


def catch_up(
    database: Database, renderer: PostRenderer, tariff: Tariff, *, now: datetime, limit: int = AT_ONCE
) -> CatchUpOutcome:
    """Answer at most `limit` of those who asked to catch up. `now` is programme time."""
    with database.read() as connection:
        not_taken = wishes.refused(connection, CATCH_UP)
        waiting = wishes.waiting(connection, WishKind.CATCH_UP, limit)
    for wish in not_taken:
        with about_people(database) as connection:
            inbox.call_a_person(connection, wish.inbound_id, _BY_HAND)
            wishes.hand_over(connection, wish.id, _BY_HAND)
    planned, by_hand = 0, len(not_taken)
    for wish in waiting:
        with database.read() as connection:
            replies = _replies(connection, wish, renderer, tariff, now)
        with about_people(database) as connection:
            done = _answer(connection, wish, replies, now)
            planned += done
            by_hand += not done
    return CatchUpOutcome(planned, by_hand)


def _answer(connection: Connection, wish: Waiting, replies: Sequence[Planned], now: datetime) -> bool:
    """Plan the first of the `replies` that the account has not said lately; False if none can go."""
    post = inbox.inbound(connection, wish.inbound_id)
    allowed = post is not None and post.mentions_us and post.gone_at is None
    if allowed and people.may_be_replied_to(connection, wish.learner_id, now):
        for reply in replies:
            try:
                item = outbox.add(connection, reply, now)
            except Conflict:
                continue
            return wishes.deal(connection, wish.id, f"{wishes.ANSWERED} {item.id}", now)
    # Silence that the person wants is no work for anybody.
    if people.may_be_replied_to(connection, wish.learner_id, now):
        inbox.call_a_person(connection, wish.inbound_id, _BY_HAND)
    wishes.deal(connection, wish.id, _BY_HAND, now)
    return False


def _replies(
    connection: Connection, wish: Waiting, renderer: PostRenderer, tariff: Tariff, now: datetime
) -> tuple[Planned, ...]:
    """Every reply that could be sent, the best first."""
    post = inbox.inbound(connection, wish.inbound_id)
    learner = people.learner_by_id(connection, wish.learner_id)
    there = [cohorts.cohort_by_id(connection, one) for one in cohorts.cohorts_of_learner(connection, learner.id)]
    there = [one for one in there if post and one.account_id == post.account_id and one.state is CohortState.RUNNING]
    if post is None or not there:
        return ()
    language = next((one for one in (learner.language, there[0].language) if one in renderer.languages), "en")
    guard = NamingGuard(people.people_marks(connection, post.account_id))
    chosen = _chosen(connection, there[0].id, learner, now)
    texts = (*_with_nuggets(renderer, language, chosen), *_pointing_to_the_digest(renderer, language))
    return tuple(
        _planned(post, there[0].id, text, tariff, now)
        for text in texts
        if not objections(text) and not guard.find(text)
    )


def _chosen(connection: Connection, cohort_id: int, learner: Learner, now: datetime) -> tuple[StoredNugget, ...]:
    """The nuggets to send, the most useful first."""
    snapshot, _ = plan_snapshot.snapshot(connection, cohort_id, now)
    ids = [one.id for one in snapshot.nuggets]
    if not ids:
        return ()
    log = read_log(connection, now, ids)
    belief = blind_belief(tuple(log.of(connection, one) for one in ids), learner.id)
    own = replace(
        snapshot, learners=(learner.id,), roles=(learner.role,), roster=(learner.role,), neighbours=(), belief=belief
    )
    state = begin(replace(own, rows=tuple(row for row in own.rows if row.out)), {}, {Form.REMINDER: 0})
    return tuple(state.nugget(one) for one in most_useful(state.context(now, (Form.REMINDER,)), MOST))


def _with_nuggets(renderer: PostRenderer, language: str, chosen: Sequence[StoredNugget]) -> Iterator[str]:
    """Texts with all of the chosen nuggets: in their shortest wordings, else some or all of them by title."""
    if not chosen:
        return
    said = [_shortest(one, language) for one in chosen]
    # Wording by wording gives way to its title, the longest first, until X takes it.
    longest_first = sorted(range(len(said)), key=lambda place: -len(said[place]))
    for titles in range(len(said) + 1):
        short = {place: chosen[place].title for place in longest_first[:titles]}
        yield from _variants(renderer, PostForm.CATCH_UP, language, _listed(said, short))


def _listed(said: Sequence[str], short: Mapping[int, str]) -> str:
    return "\n".join(f"{place + 1}. {short.get(place, text)}" for place, text in enumerate(said))


def _shortest(nugget: StoredNugget, language: str) -> str:
    """Of the wordings in this language the shortest; the title where there is none."""
    return min((one.text for one in nugget.wordings if one.language == language), key=len, default=nugget.title)


def _pointing_to_the_digest(renderer: PostRenderer, language: str) -> Iterator[str]:
    yield from _variants(renderer, PostForm.CATCH_UP_DIGEST, language, "")


def _variants(renderer: PostRenderer, form: PostForm, language: str, text: str) -> Iterator[str]:
    for variant in range(renderer.variants(form.value, language)):
        yield renderer.render(form, PostValues(language, text=text, variant=variant))


def _planned(post: Inbound, cohort_id: int, text: str, tariff: Tariff, now: datetime) -> Planned:
    return Planned(
        account_id=post.account_id,
        cohort_id=cohort_id,
        inbound_id=post.id,
        occurrence=reply_occurrence(post.id),
        form=CATCH_UP,
        text=text,
        text_hash=text_hash(text),
        reply_to=post.remote_id,
        price_micros=price_micros(text, form=CATCH_UP, tariff=tariff, reply=True),
        due_at=now,
        grace_until=now + GRACE,
        reason=_REASON,
    )
