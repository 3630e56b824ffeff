"""Recall what was posted of a revised procedure and is wrong now: one preview, one confirmation for all of it.

The confirmation is a code that stands for what the preview named; were anything else to happen, it is refused. Then
everything is on record in one transaction: the posts to be taken off X, the corrections in the outbox, the resets of
memory in the evidence log. The daemon carries it out (`take_down`, `publish`, `absorb`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from reinforce.actions.revising.recall.correct import Corrector
from reinforce.domain.cohort import Approval
from reinforce.domain.errors import Conflict, NotAllowed, NotFound
from reinforce.domain.revising.recalling import (
    Correction,
    RecalledNugget,
    RecalledPost,
    RecallPlan,
    RecallWish,
)
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.sending.outbox import OutboxItem
from reinforce.rendering.posts import PostRenderer
from reinforce.store.accounts import accounts
from reinforce.store.approving import approvals
from reinforce.store.authoring import nuggets
from reinforce.store.authoring.nuggets import StoredProcedure
from reinforce.store.operating import audit
from reinforce.store.operating.locks import one_at_a_time
from reinforce.store.people import cohorts, people
from reinforce.store.revising import recalls
from reinforce.store.revising.recalls import Revised
from reinforce.store.sending import outbox
from reinforce.store.session import Database

_NOTHING = "nothing that is posted of {slug} is wrong by its present revision"


@dataclass(frozen=True, slots=True)
class Recalled:
    """A recall that was confirmed: its number, and what it does."""

    id: int
    plan: RecallPlan


@dataclass(frozen=True, slots=True)
class _Wrong:
    """A nugget with its posts that are wrong."""

    nugget: Revised
    posts: tuple[OutboxItem, ...]


def preview(
    database: Database, wish: RecallWish, renderer: PostRenderer, tariff: Tariff, *, now: datetime
) -> RecallPlan:
    """What `recall` would do; changes nothing. Raises NotFound for a name that is none, NotAllowed where nothing that
    is posted is wrong."""
    with database.read() as connection:
        procedure = nuggets.procedure_by_slug(connection, wish.procedure)
        wrong = _wrong(connection, procedure, wish, now)
        return _planned(connection, procedure, wrong, wish, Corrector(connection, renderer, tariff, now))


def recall(  # noqa: PLR0913 - what is asked for, its confirmation, who confirms, and with what
    database: Database,
    wish: RecallWish,
    code: str,
    renderer: PostRenderer,
    tariff: Tariff,
    *,
    actor: str,
    now: datetime,
    single_user: bool = False,
) -> Recalled:
    """Put all of it on record, if `code` is that of the preview as it would be now. The confirmation is the approval of
    the corrections: where a cohort wants one, who brought their words in can't give it, but for a `single_user`.

    Raises as `preview`; Conflict if something else would happen than what was confirmed; NotAllowed to their author.
    """
    with database.write() as connection:
        one_at_a_time(connection, "load")  # no revision comes in between
        procedure = nuggets.procedure_by_slug(connection, wish.procedure)
        wrong = _wrong(connection, procedure, wish, now)
        corrector = Corrector(connection, renderer, tariff, now)
        plan = _planned(connection, procedure, wrong, wish, corrector)
        if plan.code != code.strip().lower():
            raise Conflict(
                f'"{code}" confirms something else than what would happen now',
                f"Look at it again: reinforce recall preview {wish.procedure}",
            )
        if not single_user:
            _require_another(connection, plan, actor)
        recall_id = recalls.add(connection, procedure.id, actor, plan.code, now)
        learning = cohorts.cohorts_of_procedure(connection, procedure.id)
        cohorts.keep(connection, (cohort.id for cohort in learning))
        corrector.add(recall_id, plan.corrections)
        _put_on_record(connection, recall_id, wrong, wish, now)
        for cohort in learning:
            cohorts.raise_version(connection, cohort.id)
        audit.record(connection, actor, "recall", f"recall/{recall_id}", _counts(plan), now)
    return Recalled(recall_id, plan)


def _wrong(connection: Connection, procedure: StoredProcedure, wish: RecallWish, now: datetime) -> list[_Wrong]:
    known = {one.slug: one for one in recalls.revised(connection, procedure.id)}
    for slug in (*wish.nuggets, *wish.leave_out):
        if slug not in known:
            raise NotFound(f'{procedure.slug} has no nugget "{slug}"', f"It has: {', '.join(sorted(known))}.")
    found = []
    for one in _asked_for(known.values(), wish):
        posts = recalls.wrong_posts(connection, one, one.since or now)
        if posts:
            found.append(_Wrong(one, posts))
    if not found:
        raise NotAllowed(
            _NOTHING.format(slug=procedure.slug),
            "Load its new version first; name nuggets with --nugget, or take those that retired with --retired.",
        )
    return found


def _asked_for(known: Iterable[Revised], wish: RecallWish) -> list[Revised]:
    """The nuggets named; else those whose meaning changed, and with `retired` those that were taken out."""
    return [
        one
        for one in known
        if one.slug not in wish.leave_out
        and (
            one.slug in wish.nuggets
            if wish.nuggets
            else one.since is not None and (wish.retired or not one.retired)
        )
    ]  # fmt: skip


def _planned(
    connection: Connection, procedure: StoredProcedure, wrong: Sequence[_Wrong], wish: RecallWish, corrector: Corrector
) -> RecallPlan:
    corrections: list[Correction] = []
    notes: list[str] = []
    for one in wrong if wish.correct else ():
        made, why_not = corrector.corrections(procedure.id, one.nugget, one.posts)
        corrections += made
        notes += why_not
    named = {one.id: one.name for one in accounts.accounts(connection)}
    learners = _linked(connection, procedure) if wish.reset else 0
    return RecallPlan(
        procedure.slug,
        tuple(_nugget(one.nugget, learners) for one in wrong),
        tuple(_post(one.nugget, item, named) for one in wrong for item in one.posts) if wish.delete else (),
        tuple(corrections),
        tuple(notes),
        wish.reset,
        sum(len(one.posts) for one in wrong) * corrector.tariff.deletion if wish.delete else 0,
    )


def _linked(connection: Connection, procedure: StoredProcedure) -> int:
    """How many linked learners learn the procedure, in however many cohorts."""
    learning = cohorts.cohorts_of_procedure(connection, procedure.id)
    return len({one.id for cohort in learning for one in people.learners_of(connection, cohort.id) if one.linked})


def _nugget(one: Revised, learners: int) -> RecalledNugget:
    why = one.why if one.since is not None else "a person named it"
    return RecalledNugget(one.id, one.slug, one.title, why, one.retired, learners)


def _post(nugget: Revised, item: OutboxItem, named: dict[int, str]) -> RecalledPost:
    return RecalledPost(item.id, nugget.slug, named[item.account_id], item.form, item.posted_at, item.text)


def _put_on_record(
    connection: Connection, recall_id: int, wrong: Sequence[_Wrong], wish: RecallWish, now: datetime
) -> None:
    """What is to be deleted, which answers will not follow, and from when it is learnt anew."""
    posts = [item for one in wrong for item in one.posts]
    if wish.delete:
        recalls.add_posts(connection, recall_id, posts, now)
    for item in recalls.waiting_reveals(connection, [one.id for one in posts]):
        outbox.cancel(connection, item, f"its question is recalled ({recall_id})")
    if wish.reset:
        recalls.reset_memory(connection, recall_id, [one.nugget.id for one in wrong], now)


def _require_another(connection: Connection, plan: RecallPlan, actor: str) -> None:
    wrote = {one.slug for one in plan.nuggets if approvals.author_of(connection, one.id) == actor}
    for one in plan.corrections:
        cohort = cohorts.cohort_by_slug(connection, one.cohort)
        if one.nugget in wrote and cohort.approval is not Approval.NONE:
            raise NotAllowed(
                f"the correction of {one.nugget} goes to {one.cohort}, where who wrote a text can't approve it",
                "Let somebody else confirm (reinforce --as NAME recall confirm …), or say that there is nobody else: "
                "single_user = true in reinforce.toml.",
            )


def _counts(plan: RecallPlan) -> dict[str, int | str | bool]:
    """A plan for the audit log: counts, and the code that was confirmed."""
    counts = {"posts": len(plan.posts), "corrections": len(plan.corrections), "nuggets": len(plan.nuggets)}
    return {**counts, "reset": plan.reset, "code": plan.code}
