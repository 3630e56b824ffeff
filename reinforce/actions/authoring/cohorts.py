"""Create a cohort, pause it, let it go on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from reinforce.content.holiday_calendar import why_unknown
from reinforce.content.scalars import LANGUAGES, LONGEST_SLUG, SLUG, did_you_mean, slug_of, zones
from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.authoring.confidentiality import too_confidential, who_reads
from reinforce.domain.authoring.revision import content_hash
from reinforce.domain.cohort import Answers, Approval, Cohort, CohortState, Completes, Opening
from reinforce.domain.enrolling.dates import check_dates
from reinforce.domain.enrolling.joining import checked_opening
from reinforce.domain.errors import Conflict, NotAllowed, ReinforceError
from reinforce.store.accounts import accounts
from reinforce.store.authoring import nuggets
from reinforce.store.courses import threads
from reinforce.store.operating import audit
from reinforce.store.operating.locks import one_at_a_time
from reinforce.store.people import cohorts
from reinforce.store.session import Database


@dataclass(frozen=True, slots=True)
class NewCohort:
    """What a person asks for. `account` and `procedures` are names; `country` is "" or such as "DE" or "US-CA".

    Dates are local to `zone`; without `starts_on` the cohort starts at once. One can join from `opens_on` to
    `closes_on`; with `updates` its dates are posted about. `approval` says which texts need a yes before they go out.
    With `opening` it is open: it has no roster, and wants an account without cohorts that have one.
    """

    slug: str
    title: str
    account: str
    procedures: tuple[str, ...]
    zone: str = "UTC"
    country: str = ""
    language: str = "en"
    answers: str = Answers.REPLIES
    starts_on: date | None = None
    assessment: date | None = None
    opens_on: date | None = None
    closes_on: date | None = None
    ends_on: date | None = None
    completes: str = Completes.END
    lapse_after: int = 0
    updates: bool = True
    approval: Approval = Approval.NONE
    opening: Opening | None = None


# What `check_dates` looks at.
_DATES = ("opens_on", "closes_on", "starts_on", "ends_on", "assessment", "completes", "lapse_after")


def create_cohort(
    database: Database, new: NewCohort, schedule: Mapping[str, Any], *, actor: str, now: datetime
) -> Cohort:
    """Create a cohort, running. `schedule` is the validated content of its cadence (`content.schedule_file`).

    Raises ReinforceError for a value that can't be, NotFound for an account or procedure that is not there, Conflict if
    the slug is taken, NotAllowed if a procedure holds internal nuggets and the account is public or for open cohorts,
    or if the account's other cohorts are not of its kind.
    """
    _check_values(new)
    opening = None if new.opening is None else checked_opening(new.opening)
    with database.write() as connection:
        one_at_a_time(connection, "cohort-create")
        account = accounts.account_by_name(connection, new.account)
        account = _with_company(connection, account, opening)
        learned = [nuggets.procedure_by_slug(connection, slug) for slug in dict.fromkeys(new.procedures)]
        for procedure in learned:
            _require_fit(connection, account, procedure.id, procedure.slug)
        name = str(schedule["name"])
        draft = cohorts.CohortDraft(
            slug=new.slug,
            title=new.title or new.slug,
            account_id=account.id,
            schedule_id=cohorts.save_schedule(connection, name, schedule, content_hash(schedule), now),
            zone=new.zone,
            language=new.language,
            country=new.country,
            answers=Answers(new.answers),
            starts_on=new.starts_on,
            assessment=new.assessment,
            opens_on=new.opens_on,
            closes_on=new.closes_on,
            ends_on=new.ends_on,
            completes=Completes(new.completes),
            lapse_after=new.lapse_after,
            updates=new.updates,
            approval=new.approval,
            opening=opening,
        )
        made = cohorts.create(connection, draft, [procedure.id for procedure in learned], now)
        if opening is not None:
            accounts.set_open(connection, account.id)
        detail = {
            "account": account.id,
            "procedures": [procedure.id for procedure in learned],
            "open": opening is not None,
        }
        audit.record(connection, actor, "cohort-create", f"cohort/{made.id}", detail, now)
        return made


def pause_cohort(database: Database, slug: str, reason: str, *, actor: str, now: datetime) -> Cohort:
    """Post nothing for a running cohort until it is resumed. Raises NotFound, or Conflict if it is not running."""
    return _move(database, slug, CohortState.PAUSED, (CohortState.RUNNING,), reason, actor, now)


def resume_cohort(database: Database, slug: str, *, actor: str, now: datetime) -> Cohort:
    """Let a paused cohort go on from here. Raises NotFound, or Conflict if it is not paused."""
    return _move(database, slug, CohortState.RUNNING, (CohortState.PAUSED,), "", actor, now)


def set_priority(database: Database, slug: str, priority: int, *, actor: str, now: datetime) -> Cohort:
    """Give a cohort `priority` (1 to 10) times the room of one of priority 1, where its account has none for all.
    Raises NotFound."""
    with database.write() as connection:
        cohort = cohorts.cohort_by_slug(connection, slug)
        cohorts.change(connection, cohort.id, {"priority": priority})
        cohorts.raise_version(connection, cohort.id)
        audit.record(connection, actor, "cohort.priority", f"cohort/{cohort.id}", {"priority": priority}, now)
    with database.read() as connection:
        return cohorts.cohort_by_id(connection, cohort.id)


def _move(
    database: Database,
    slug: str,
    state: CohortState,
    was: tuple[CohortState, ...],
    reason: str,
    actor: str,
    now: datetime,
) -> Cohort:
    with database.write() as connection:
        cohort = cohorts.cohort_by_slug(connection, slug)
        cohorts.set_state(connection, cohort.id, state, was=was, reason=reason)
        audit.record(connection, actor, f"cohort-{state.value}", f"cohort/{cohort.id}", {}, now)
        return cohorts.cohort_by_id(connection, cohort.id)


def set_opening(database: Database, slug: str, changes: Mapping[str, Any], *, actor: str, now: datetime) -> Cohort:
    """Change `hashtag`, `most` or `an_hour` of an open cohort. Nobody goes for a smaller `most`, but nobody more comes
    in. Raises NotFound, NotAllowed for a cohort with a roster, Conflict for a hashtag that another one has."""
    with database.write() as connection:
        there = cohorts.cohort_by_slug(connection, slug)
        if there.opening is None:
            raise NotAllowed(f"{slug} has a roster, and is not open", "See: reinforce cohort create --help")
        wanted = checked_opening(replace(there.opening, **changes))
        if wanted == there.opening:
            return there
        _require_own_hashtag(cohorts.all_on(connection, there.account_id), wanted, but=there.id)
        cohorts.set_opening(connection, there.id, wanted)
        detail = {"most": wanted.most, "an_hour": wanted.an_hour}
        audit.record(connection, actor, "cohort.opening", f"cohort/{there.id}", detail, now)
        return cohorts.cohort_by_id(connection, there.id)


def _with_company(connection: Connection, account: AccountRecord, opening: Opening | None) -> AccountRecord:
    """The account as it is with the new cohort. Raises NotAllowed where its other cohorts are not of that kind: what is
    for employees and what is for everybody have an account each."""
    if opening is None:
        if account.open_cohorts:
            raise NotAllowed(who_reads(account), "Use another account for a cohort with a roster.")
        return account
    there = cohorts.all_on(connection, account.id)
    others = [one.slug for one in there if one.opening is None]
    if others:
        raise NotAllowed(
            f"the account {account.name} has cohorts with a roster: {', '.join(others[:5])}",
            "An open cohort wants an account of its own: reinforce account connect NAME.",
        )
    standing = threads.internal_on(connection, account.id)
    if standing:
        raise NotAllowed(
            f"internal courses stand on the account {account.name}: {', '.join(standing[:5])}",
            f"Take them off first (reinforce course withdraw {standing[0]}), or use another account.",
        )
    _require_own_hashtag(there, opening)
    return replace(account, open_cohorts=True)


def _require_own_hashtag(there: Iterable[Cohort], opening: Opening, but: int | None = None) -> None:
    for one in there:
        taken = one.opening is not None and one.opening.hashtag.casefold() == opening.hashtag.casefold()
        if taken and one.id != but:
            raise Conflict(f"the open cohort {one.slug} has #{opening.hashtag}", "Choose another hashtag.")


def _require_fit(connection: Connection, account: AccountRecord, procedure_id: int, slug: str) -> None:
    refused = too_confidential(account, nuggets.procedure_nuggets(connection, procedure_id))
    if refused:
        some = ", ".join(refused[:5]) + (f" and {len(refused) - 5} more" if len(refused) > 5 else "")
        raise NotAllowed(
            f"{who_reads(account)}, and {slug} holds internal nuggets: {some}",
            'Mark what may be public with "confidentiality: public" and load it again, or use a protected account.',
        )


def _check_values(new: NewCohort) -> None:
    if not SLUG.fullmatch(new.slug) or len(new.slug) > LONGEST_SLUG:
        better = slug_of(new.slug)
        advice = "Use lower case letters, digits and hyphens" + (f', such as "{better}".' if better else ".")
        raise ReinforceError(f"\"{new.slug}\" can't be a cohort's name", advice)
    if not new.procedures:
        raise ReinforceError("a cohort needs a procedure to learn", "Name one with --procedure.")
    if new.zone not in zones():
        advice = did_you_mean(new.zone, zones()) or 'Name it like "Europe/Berlin".'
        raise ReinforceError(f'"{new.zone}" is no time zone', advice)
    if new.language not in LANGUAGES:
        raise ReinforceError(f'"{new.language}" is no language code', "Write two letters: en, de, fr, es, …")
    if new.answers not in [str(way) for way in Answers]:
        raise ReinforceError(f'answers can\'t be "{new.answers}"', did_you_mean(new.answers, list(Answers)))
    country, _, subdivision = new.country.partition("-")
    problem = why_unknown(country, subdivision)
    if problem:
        advice = "Use ISO 3166 codes, as DE, DE-BY or US-CA; leave it out to keep no public holidays."
        raise ReinforceError(problem.rstrip("."), advice)
    check_dates(**{name: getattr(new, name) for name in _DATES})
