"""What the search of the console finds: each kind as far as who searches may see it, so that nothing can be guessed by
searching for it. A reply to one person, and all that learners wrote, is found by those only who see its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, true

from reinforce.domain.access.rights import NOTHING, Scope
from reinforce.domain.answering.matching import SUGGESTS
from reinforce.domain.cohort import EnrollmentState
from reinforce.store import tables as t
from reinforce.store.authoring import passages
from reinforce.store.reporting.console.inbox import inbound_within
from reinforce.store.reporting.console.rows import within
from reinforce.store.reporting.enrolling import shown_handle

# Of each kind; whoever looks for more narrows it.
EACH = 10
_MOST_WORDS = 8
# Of what learners wrote, so many replies, the newest: a large company has a million, and a page waits for all of them.
NEWEST = 50_000


@dataclass(frozen=True, slots=True)
class Reach:
    """What somebody may see: cohorts and posts in `seen`, single learners in `named`; who `writes` anywhere sees the
    procedures that no cohort learns yet."""

    seen: Scope
    named: Scope = NOTHING
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found. `key` is how its page is addressed, a slug or an id; `within` is the slug of what it
    belongs to, `of` how that is called; `said` is what stands in it."""

    key: str
    title: str
    within: str = ""
    of: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of each kind, `EACH` and one more at most: the one more says that there are others."""

    procedures: tuple[Hit, ...] = ()
    nuggets: tuple[Hit, ...] = ()
    cohorts: tuple[Hit, ...] = ()
    posts: tuple[Hit, ...] = ()
    replies: tuple[Hit, ...] = ()
    learners: tuple[Hit, ...] = ()

    def __bool__(self) -> bool:
        return any((self.procedures, self.nuggets, self.cohorts, self.posts, self.replies, self.learners))


def search(connection: Connection, asked: str, reach: Reach) -> Found:
    """Everything within `reach` that holds each word of `asked`; nuggets also by the stems of words, as learners' own
    questions find them. Nothing for nothing asked."""
    words = "".join(one if one.isprintable() else " " for one in asked).split()[:_MOST_WORDS]
    if not words:
        return Found()
    return Found(
        procedures=_procedures(connection, words, reach),
        nuggets=_nuggets(connection, words, reach),
        cohorts=_cohorts(connection, words, reach.seen),
        posts=_posts(connection, words, reach),
        replies=_replies(connection, words, reach.named) if reach.named else (),
        learners=_learners(connection, words, reach.named) if reach.named else (),
    )


def _procedures(connection: Connection, words: Sequence[str], reach: Reach) -> tuple[Hit, ...]:
    p = t.procedure.c
    rows = connection.execute(
        select(p.slug, p.title).where(_visible(reach), _holds(words, p.title, p.slug)).order_by(p.title).limit(EACH + 1)
    )
    return tuple(Hit(row.slug, row.title) for row in rows)


def _nuggets(connection: Connection, words: Sequence[str], reach: Reach) -> tuple[Hit, ...]:
    n, p = t.nugget.c, t.procedure.c
    live = select(n.id).join(t.procedure, p.id == n.procedure_id).where(n.retired_at.is_(None), _visible(reach))
    titled = live.where(_holds(words, n.title, n.slug, n.topic)).order_by(n.title, n.id).limit(EACH + 1)
    about = passages.nuggets_about(connection, " ".join(words), live, SUGGESTS)
    ids = list(dict.fromkeys([*connection.execute(titled).scalars(), *about]))[: EACH + 1]
    rows = connection.execute(
        select(n.id, n.slug, n.title, p.slug.label("within"), p.title.label("of"))
        .join(t.procedure, p.id == n.procedure_id)
        .where(n.id.in_(ids))
    )
    hits = {row.id: Hit(row.slug, row.title, row.within, row.of) for row in rows}
    return tuple(hits[one] for one in ids)


def _cohorts(connection: Connection, words: Sequence[str], seen: Scope) -> tuple[Hit, ...]:
    c = t.cohort.c
    rows = connection.execute(
        select(c.slug, c.title)
        .where(within(seen, c.id), _holds(words, c.title, c.slug))
        .order_by(c.title, c.id)
        .limit(EACH + 1)
    )
    return tuple(Hit(row.slug, row.title) for row in rows)


def _posts(connection: Connection, words: Sequence[str], reach: Reach) -> tuple[Hit, ...]:
    o = t.outbox.c
    # A reply to one person: sight.py shows its words to those alone who see names there.
    readable = or_(o.inbound_id.is_(None), within(reach.named, o.cohort_id)) if reach.named else o.inbound_id.is_(None)
    rows = connection.execute(
        select(o.id, o.form, o.text, *_slug_and_title())
        .outerjoin(t.cohort, t.cohort.c.id == o.cohort_id)
        .where(within(reach.seen, o.cohort_id), readable, _holds(words, o.text))
        .order_by(o.id.desc())
        .limit(EACH + 1)
    )
    return tuple(Hit(str(row.id), row.form, row.within, row.of, row.text) for row in rows)


def _replies(connection: Connection, words: Sequence[str], named: Scope) -> tuple[Hit, ...]:
    """What learners wrote, and what was answered to it, among the newest."""
    i, q = t.inbound.c, t.inquiry.c
    said = func.coalesce(q.about, ""), func.coalesce(q.answer, "")
    rows = connection.execute(
        select(i.id, i.text, func.coalesce(func.nullif(t.learner.c.name, ""), i.author_handle).label("who"))
        .add_columns(*_slug_and_title(), said[1].label("answer"))
        .outerjoin(t.inquiry, q.inbound_id == i.id)
        .outerjoin(t.learner, t.learner.c.id == i.learner_id)
        .outerjoin(t.outbox, t.outbox.c.id == i.outbox_id)
        .outerjoin(t.cohort, t.cohort.c.id == t.outbox.c.cohort_id)
        .where(i.id > select(func.max(i.id) - NEWEST).scalar_subquery())
        .where(inbound_within(named), _holds(words, i.text, *said))
        .order_by(i.id.desc())
        .limit(EACH + 1)
    )
    return tuple(
        Hit(str(row.id), row.who, row.within, row.of, f"{row.text} – {row.answer}" if row.answer else row.text)
        for row in rows
    )


def _learners(connection: Connection, words: Sequence[str], named: Scope) -> tuple[Hit, ...]:
    """Learners, once for each cohort they are in."""
    p, e, c = t.learner.c, t.enrollment.c, t.cohort.c
    rows = connection.execute(
        select(p.name, p.employee_id, shown_handle().label("handle"), e.state, c.slug, c.title)
        .join(t.enrollment, e.learner_id == p.id)
        .join(t.cohort, c.id == e.cohort_id)
        .where(within(named, c.id), _holds(words, p.name, p.handle, p.employee_id))
        .order_by(p.name, p.id, c.title)
        .limit(EACH + 1)
    )
    return tuple(
        Hit(
            row.name or row.employee_id or row.handle,
            row.name or row.handle or row.employee_id,
            row.slug,
            row.title,
            EnrollmentState(row.state).value,
        )
        for row in rows
    )


def _visible(reach: Reach) -> ColumnElement[bool]:
    """The condition that somebody sees a procedure: a cohort of theirs learns it, or they write and none does yet."""
    if reach.seen.everything:
        return true()
    learns, p = t.cohort_procedure.c, t.procedure.c
    theirs = select(learns.procedure_id).where(within(reach.seen, learns.cohort_id))
    if not reach.writes:
        return p.id.in_(theirs)
    return or_(p.id.in_(theirs), p.id.not_in(select(learns.procedure_id)))


def _holds(words: Sequence[str], *columns: ColumnElement[Any]) -> ColumnElement[bool]:
    """The condition that each word stands somewhere in the columns, whatever its case."""
    joined: ColumnElement[str] = func.coalesce(columns[0], "")
    for column in columns[1:]:
        joined = joined + " " + func.coalesce(column, "")
    return and_(*(or_(*(joined.icontains(form, autoescape=True) for form in _forms(word))) for word in words))


def _forms(word: str) -> set[str]:
    """The ways a word is written: SQLite knows the two cases of ASCII letters only."""
    return {word} if word.isascii() else {word, word.lower(), word.upper(), word.capitalize()}


def _slug_and_title() -> tuple[ColumnElement[str], ColumnElement[str]]:
    return func.coalesce(t.cohort.c.slug, "").label("within"), func.coalesce(t.cohort.c.title, "").label("of")
