"""A nugget that a colleague brought in, put into a loaded procedure: the one way besides loading a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, select, update

from reinforce.domain.authoring.confidentiality import too_confidential, who_reads
from reinforce.domain.errors import Conflict, NotAllowed, NotFound
from reinforce.domain.nugget import Nugget, Origin, Question, StoredNugget
from reinforce.domain.texts.wording import text_hash
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.authoring import nuggets, revisions
from reinforce.store.authoring.nuggets import StoredProcedure
from reinforce.store.operating.locks import one_at_a_time
from reinforce.store.people import cohorts
from reinforce.store.sending import attempts, outbox


def add_nugget(
    connection: Connection, procedure: StoredProcedure, nugget: Nugget, origin: Origin, inbound_id: int, now: datetime
) -> StoredNugget:
    """Put `nugget` (read by `content.added_nugget`) behind the others of a loaded procedure, and let every plan that
    learns it choose again. `inbound_id` is the reply it was made of.

    Raises Conflict if its slug, one of its texts or the reply is a nugget's already; NotAllowed if it is internal and
    the procedure is learnt on a public account.
    """
    one_at_a_time(connection, "load")
    _require_unused(connection, inbound_id)
    known = nuggets.procedure_nuggets(connection, procedure.id, retired=True)
    if nugget.slug in {one.slug for one in known}:
        raise Conflict(f"{procedure.slug} has a nugget {nugget.slug} already", "Give it another --slug.")
    _require_new_texts(nugget, known)
    learning = cohorts.cohorts_of_procedure(connection, procedure.id)
    for cohort in learning:
        account = accounts.account_by_id(connection, cohort.account_id)
        if too_confidential(account, [nugget]):
            raise NotAllowed(
                f"the cohort {cohort.slug} learns {procedure.slug}, {who_reads(account)}, and this nugget would be "
                "internal",
                "Say that it may be public, with --public, or put it into a procedure of its own.",
            )
    made = revisions.add_to_procedure(connection, procedure.id, nugget, origin, inbound_id, now)
    for cohort in learning:
        cohorts.raise_version(connection, cohort.id)
    return nuggets.nuggets_by_id(connection, [made])[made]


def retire_addition(connection: Connection, inbound_id: int, now: datetime) -> StoredNugget:
    """Take the nugget that was made of a reply out of every plan, and what is planned of it back; the reply is free
    again. Returns the nugget. Raises NotFound."""
    one_at_a_time(connection, "load")
    n = t.nugget.c
    row = connection.execute(select(n.id, n.procedure_id, n.slug).where(n.inbound_id == inbound_id)).first()
    if row is None:
        raise NotFound(f"no nugget was made of reply {inbound_id}", "See what there is: reinforce inbox")
    revisions.retire(connection, row.procedure_id, row.slug, now)
    connection.execute(update(t.nugget).where(n.id == row.id).values(inbound_id=None))
    for item in outbox.waiting(connection, [row.id]):
        if not attempts.may_have_been_sent(connection, item.id):
            outbox.cancel(connection, item, "its nugget was taken back")
    for cohort in cohorts.cohorts_of_procedure(connection, row.procedure_id):
        cohorts.raise_version(connection, cohort.id)
    return nuggets.nuggets_by_id(connection, [row.id])[row.id]


def _require_unused(connection: Connection, inbound_id: int) -> None:
    n, p = t.nugget.c, t.procedure.c
    query = select(p.slug.label("procedure"), n.slug).join(t.procedure, p.id == n.procedure_id)
    row = connection.execute(query.where(n.inbound_id == inbound_id)).first()
    if row is not None:
        raise Conflict(
            f"this reply has become the nugget {row.procedure}/{row.slug} already",
            "Write further wordings into the procedure's file.",
        )


def _require_new_texts(nugget: Nugget, known: tuple[StoredNugget, ...]) -> None:
    """No text twice in a procedure, as in a file: X refuses a duplicate, and a reader has seen it."""
    taken = {text_hash(text): one.slug for one in known if not one.retired for text in _texts(one)}
    for text in _texts(nugget):
        if (key := text_hash(text)) in taken:
            raise Conflict(f"“{text}” stands in the procedure already, in {taken[key]}", "Say it in other words.")
        taken[key] = "the same nugget"


def _texts(nugget: Nugget | StoredNugget) -> Iterator[str]:
    yield from (wording.text for wording in nugget.wordings)
    if nugget.question is not None:
        yield _as_asked(nugget.question)


def _as_asked(question: Question) -> str:
    return "\n".join([question.prompt, *(option.text for option in question.options)])
