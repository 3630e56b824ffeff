"""Ask a cohort where it stands by a native poll, or link to a poll elsewhere, because a person wants to.

The post goes out in the cohort's next open hour of a day that has room, whatever the hour in which it is asked for. The
same checks as for any post: length, mentions, names (in the options, too), repeated texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.authoring.confidentiality import may_carry, who_reads
from reinforce.domain.authoring.post_rules import objections
from reinforce.domain.cohort import CohortState
from reinforce.domain.errors import NotAllowed, NotFound, ReinforceError
from reinforce.domain.planning.caps import AccountCaps, Room
from reinforce.domain.planning.plan_state import PlanSnapshot
from reinforce.domain.planning.slots import next_open
from reinforce.domain.polling.poll import FORM, LINK_FORM, NewPoll, check
from reinforce.domain.sending.budget import Tariff, holds_link, price_micros
from reinforce.domain.sending.outbox import OutboxItem, Planned, poll_occurrence
from reinforce.domain.texts.canonical_text import nfc
from reinforce.domain.texts.naming_guard import NamingGuard
from reinforce.domain.texts.wording import text_hash
from reinforce.rendering.posts import PostForm, PostRenderer, PostValues
from reinforce.store.operating import audit
from reinforce.store.people import cohorts, people
from reinforce.store.planning import plan_snapshot
from reinforce.store.polling import polls
from reinforce.store.sending import outbox
from reinforce.store.session import Database

# A poll that could not go out for two days (account paused, budget used up) is not worth asking any more.
_GRACE = timedelta(days=2)
_DAYS_AHEAD = 14


@dataclass(frozen=True, slots=True)
class Ready:
    """A poll's post as it would go out; `price_micros` is what it costs, `linked` if that is a link's price."""

    text: str
    due_at: datetime
    zone: str
    price_micros: int
    linked: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What was put into the outbox; `poll_id` is None for a link, whose answers are elsewhere."""

    item: OutboxItem
    ready: Ready
    poll_id: int | None = None


def prepare_poll(
    database: Database, cohort_slug: str, new: NewPoll, renderer: PostRenderer, tariff: Tariff, *, now: datetime
) -> Ready:
    """The poll's post as `ask_poll` would plan it; changes nothing. Raises as `ask_poll` does."""
    with database.read() as connection:
        return _ready_poll(connection, cohort_slug, new, renderer, tariff, now)[1]


def ask_poll(  # noqa: PLR0913 - four of them are the house
    database: Database,
    cohort_slug: str,
    new: NewPoll,
    request_id: str,
    renderer: PostRenderer,
    tariff: Tariff,
    *,
    now: datetime,
    actor: str,
) -> Asked:
    """Plan a poll of where the cohort stands. `request_id` is made once per request; `now` is programme time.

    Raises NotFound for a cohort or topic that is not there, ReinforceError for a poll X would not take, NotAllowed
    where a rule forbids the text or the cohort is not running, Conflict if another post took its text meanwhile.
    """
    with database.read() as connection:
        snapshot, ready = _ready_poll(connection, cohort_slug, new, renderer, tariff, now)
    with database.write() as connection:
        poll = {"options": list(new.options), "minutes": new.minutes}
        reason = "A person asked where the cohort stands."
        planned = _planned(snapshot, ready, FORM, request_id, reason, poll)
        item = outbox.add(connection, planned, now, snapshot.cadence.repeat_after)
        poll_id = polls.add(connection, snapshot.cohort.id, item.id, new, now)
        cohorts.raise_version(connection, snapshot.cohort.id)
        audit.record(connection, actor, "poll-ask", f"outbox/{item.id}", {"poll": poll_id}, now)
    return Asked(item, ready, poll_id)


def prepare_link(database: Database, cohort_slug: str, words: str, url: str, tariff: Tariff, *, now: datetime) -> Ready:
    """The post that `ask_link` would plan; changes nothing. Raises as `ask_link` does."""
    with database.read() as connection:
        return _ready_link(connection, cohort_slug, words, url, tariff, now)[1]


def ask_link(  # noqa: PLR0913 - a person says three of them
    database: Database,
    cohort_slug: str,
    words: str,
    url: str,
    request_id: str,
    tariff: Tariff,
    *,
    now: datetime,
    actor: str,
) -> Asked:
    """Plan a post that links to a poll elsewhere. Its answers stay there: nothing of them reaches the plan.

    Raises NotFound, NotAllowed and Conflict as `ask_poll` does; ReinforceError for an address that is none.
    """
    with database.read() as connection:
        snapshot, ready = _ready_link(connection, cohort_slug, words, url, tariff, now)
    with database.write() as connection:
        planned = _planned(snapshot, ready, LINK_FORM, request_id, "A person linked to a poll elsewhere.", None)
        item = outbox.add(connection, planned, now, snapshot.cadence.repeat_after)
        cohorts.raise_version(connection, snapshot.cohort.id)
        audit.record(connection, actor, "poll-link", f"outbox/{item.id}", {}, now)
    return Asked(item, ready)


def _ready_poll(
    connection: Connection, slug: str, new: NewPoll, renderer: PostRenderer, tariff: Tariff, now: datetime
) -> tuple[PlanSnapshot, Ready]:
    check(new)
    snapshot = _snapshot(connection, slug, now)
    _check_topics(snapshot, new)
    language = snapshot.cohort.language
    ways = range(renderer.variants("stand", language))
    texts = [
        renderer.render(PostForm.STANDING_POLL, PostValues(language, text=new.question.strip(), variant=way))
        for way in ways
    ]
    due = _when(snapshot, now)
    text = _fresh(snapshot, texts, due)
    _check_text(connection, snapshot, text, "\n".join((text, *new.options)))
    return snapshot, _ready(snapshot, text, due, FORM, tariff)


def _ready_link(
    connection: Connection, slug: str, words: str, url: str, tariff: Tariff, now: datetime
) -> tuple[PlanSnapshot, Ready]:
    if not url.startswith(("https://", "http://")) or not holds_link(url) or len(url.split()) != 1:
        raise ReinforceError(f'"{url}" is no web address', 'Write it whole: "https://…".')
    snapshot = _snapshot(connection, slug, now)
    due, text = _when(snapshot, now), nfc(f"{words.strip()}\n{url}")
    _check_text(connection, snapshot, text, text)
    return snapshot, _ready(snapshot, _fresh(snapshot, [text], due), due, LINK_FORM, tariff)


def _snapshot(connection: Connection, slug: str, now: datetime) -> PlanSnapshot:
    cohort = cohorts.cohort_by_slug(connection, slug)
    if cohort.state is not CohortState.RUNNING:
        raise NotAllowed(f"the cohort {slug} is {cohort.state.value}", f"Run: reinforce cohort resume {slug}")
    return plan_snapshot.snapshot(connection, cohort.id, now)[0]


def _check_topics(snapshot: PlanSnapshot, new: NewPoll) -> None:
    """Raise NotFound for a topic no nugget has, NotAllowed for one whose nuggets the account may not carry."""
    for topic in filter(None, new.topics):
        about = [nugget for nugget in snapshot.nuggets if nugget.topic == topic]
        if not about:
            there = ", ".join(sorted({one.topic for one in snapshot.nuggets if one.topic})) or "none"
            raise NotFound(f'no nugget of {snapshot.cohort.slug} has the topic "{topic}"', f"Its topics are: {there}.")
        if not all(may_carry(snapshot.account, nugget.confidentiality) for nugget in about):
            raise NotAllowed(
                f'nuggets on "{topic}" are internal, and {who_reads(snapshot.account)}',
                "Ask on a protected account, or mark the nuggets public in their file.",
            )


def _fresh(snapshot: PlanSnapshot, texts: list[str], due: datetime) -> str:
    """The first text that was not posted lately. Raises NotAllowed where all were."""
    for text in texts:
        last = snapshot.texts.get(text_hash(text))
        if last is None or due - last >= snapshot.cadence.repeat_after:
            return text
    days = snapshot.cadence.repeat_after / timedelta(days=1)
    raise NotAllowed(
        f"the account said just this within the last {days:g} days, and X refuses repetitions",
        "Change a word of the question.",
    )


def _check_text(connection: Connection, snapshot: PlanSnapshot, text: str, words: str) -> None:
    """Raise NotAllowed for a text that X, or our rules, don't let out. `words` is all that people will read."""
    against = objections(text)
    if against:
        raise NotAllowed(against[0].message.rstrip("."), against[0].advice)
    if NamingGuard(people.people_marks(connection, snapshot.account.id)).find(words):
        # Never who: whoever asks may not know the roster.
        raise NotAllowed("it names somebody who has not agreed to it", "Write the role instead of the name.")


def _when(snapshot: PlanSnapshot, now: datetime) -> datetime:
    """The next open instant on a day that has room. Raises NotAllowed where the next weeks have none."""
    cadence, zone = snapshot.cadence, snapshot.cohort.zone
    holidays = holidays_of(snapshot.cohort, cadence, now)
    own, account = (zone, cadence.caps), AccountCaps.of(snapshot.account)
    room = Room.of((row.at for row in snapshot.rows), own, account, snapshot.zones)
    at = next_open(now, cadence, zone, holidays)
    for _ in range(_DAYS_AHEAD):
        if at is None:
            break
        if room.holds((at,)):
            return at
        at = next_open(at + timedelta(days=1), cadence, zone, holidays)
    raise NotAllowed(
        f"the next {_DAYS_AHEAD} days have no room for another post",
        "Raise the caps in the cadence or of the account (reinforce account set), or ask later.",
    )


def _ready(snapshot: PlanSnapshot, text: str, due: datetime, form: str, tariff: Tariff) -> Ready:
    # A poll of ours is priced as the poll it is; a link costs the link's price whatever carries it.
    price = price_micros(text, form="poll" if form == FORM else form, tariff=tariff)
    return Ready(text, due, snapshot.cohort.zone, price, holds_link(text))


def _planned(
    snapshot: PlanSnapshot, ready: Ready, form: str, request_id: str, reason: str, poll: dict[str, object] | None
) -> Planned:
    return Planned(
        account_id=snapshot.account.id,
        cohort_id=snapshot.cohort.id,
        occurrence=poll_occurrence(request_id),
        form=form,
        text=ready.text,
        text_hash=text_hash(ready.text),
        poll=poll,
        price_micros=ready.price_micros,
        due_at=ready.due_at,
        grace_until=ready.due_at + _GRACE,
        reason=reason,
    )
