"""Whether a planned post may go out at another time: by the rules that its slot went by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.cohort import Cohort, CohortState
from reinforce.domain.errors import NotAllowed
from reinforce.domain.nugget import Form
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.caps import AccountCaps, Room, clear_from
from reinforce.domain.planning.feed_rows import OutRow, reserved
from reinforce.domain.planning.slots import SlotTime, day_off, in_quiet_hours, local_day, next_open

# A post was chosen for what people remember these days: weeks later another one would be worth more.
WITHIN = timedelta(days=14)
# Of one cohort's own posts no setting says how far apart they are; nobody wants two in a row.
OWN_GAP = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class TimeTerms:
    """What the time of a cohort's post goes by. `cadence` is that of the day it is to go out on, `holidays` are names
    by local date, `rows` what is on the account's feed besides the post itself, `zones` those of the account's running
    cohorts, `slots` the cohort's slots around that time which nothing was decided for yet."""

    cohort: Cohort
    account: AccountRecord
    cadence: Cadence
    holidays: Mapping[date, str]
    rows: tuple[OutRow, ...]
    zones: tuple[str, ...]
    slots: tuple[SlotTime, ...] = ()

    def reveal_at(self, posted: datetime) -> datetime | None:
        """When the answer to a question posted at `posted` follows; None if it never may."""
        if not self.cadence.reveal:
            return None
        after = posted + self.cadence.answer_window
        return next_open(after, self.cadence, self.cohort.zone, self.holidays)

    def reveal_of(self, form: str, at: datetime) -> datetime | None:
        """When the answer to a post in this form follows; None where none does."""
        return self.reveal_at(at) if form in (Form.QUESTION, Form.POLL) else None


def check_time(terms: TimeTerms, form: str, was: datetime, at: datetime, now: datetime) -> None:
    """Raise NotAllowed, with what to do about it, unless a post in this form that was due at `was` may go out at
    `at`."""
    _check_day(terms, at, now)
    if _days(terms, form, at) != _days(terms, form, was):  # else it takes no other room than it has
        _check_caps(terms, form, at)
    _check_neighbours(terms, at)


def _check_day(terms: TimeTerms, at: datetime, now: datetime) -> None:
    cohort, quiet = terms.cohort, terms.cadence.quiet_hours
    when, day = _words(terms, at), local_day(at, terms.cohort.zone)
    if cohort.state is not CohortState.RUNNING:
        resume = f"Let it go on first: reinforce cohort resume {cohort.slug}"
        raise NotAllowed(f"the cohort {cohort.slug} is {cohort.state.value}", resume)
    if at <= now:
        raise NotAllowed(f"{when} has passed", f"Give a later time; there it is {_words(terms, now)} now.")
    if at > now + WITHIN:
        advice = "Choose a nearer time, or cancel the post and let the plan choose again."
        raise NotAllowed(f"{when} is more than {WITHIN.days} days away, and the post was chosen for today", advice)
    if not cohort.runs_on(day):
        raise NotAllowed(f"{cohort.slug} does not run on {day}", "Choose a day between its first and its last.")
    off = day_off(day, terms.cadence, terms.holidays)
    if off:
        raise NotAllowed(f"nothing is posted for {cohort.slug} on {day}: {off}", "Choose another day.")
    if quiet is not None and in_quiet_hours(at, terms.cadence, cohort.zone):
        hours = f"from {quiet.start:%H:%M} to {quiet.end:%H:%M}"
        raise NotAllowed(f"{when} is in the quiet hours of {cohort.slug}, {hours}", "Choose a time outside of them.")


def _days(terms: TimeTerms, form: str, at: datetime) -> list[date]:
    """The local dates that a post and its reveal take, in every zone whose days are counted."""
    reveal = terms.reveal_of(form, at)
    taken = (at,) if reveal is None else (at, reveal)
    return [local_day(one, zone) for zone in (terms.cohort.zone, *terms.zones) for one in taken]


def _check_caps(terms: TimeTerms, form: str, at: datetime) -> None:
    own, account = (terms.cohort.zone, terms.cadence.caps), AccountCaps.of(terms.account)
    posts = [*(row.at for row in terms.rows), *reserved(terms.rows, terms.reveal_at).values()]
    reveal = terms.reveal_of(form, at)
    taken = (at,) if reveal is None else (at, reveal)
    room = Room.of(posts, own, account, terms.zones)
    for caps, whose in ((terms.cadence.caps, "of the cohort"), (account, "on the account, all cohorts together")):
        fits = room.within(taken, own) if caps is terms.cadence.caps else room.holds_shared(taken)
        if not fits:
            most = f"at most {caps.a_day} posts a day and {caps.a_week} in seven days {whose}, reveals included"
            raise NotAllowed(f"there is no room at {_words(terms, at)}: {most}", "Choose another day.")


def _check_neighbours(terms: TimeTerms, at: datetime) -> None:
    gap = AccountCaps.of(terms.account).gap
    clear = clear_from(at, [row.stands for row in terms.rows if not row.own], gap)
    if clear != at:
        minutes = terms.account.gap_minutes
        near = f"another cohort's post is too near {_words(terms, at)}: two are {minutes} minutes apart on this account"
        raise NotAllowed(near, f"The next time far enough from the others is {_words(terms, clear)}.")
    advice = f"Choose a time {OWN_GAP.seconds // 60} minutes away from it, or cancel one of the two."
    for row in terms.rows:
        if row.own and row.reveal_of is None and abs(row.stands - at) < OWN_GAP:
            raise NotAllowed(f"another post of {terms.cohort.slug} goes out at {_words(terms, row.stands)}", advice)
    for slot in terms.slots:
        if not slot.off and abs(slot.at - at) < OWN_GAP:
            when = _words(terms, slot.at)
            told = f"the slot “{slot.slot}” of {terms.cohort.slug} comes at {when}, and gets a post of its own"
            raise NotAllowed(told, f"Choose a time {OWN_GAP.seconds // 60} minutes away from it.")


def _words(terms: TimeTerms, at: datetime) -> str:
    there = at.astimezone(ZoneInfo(terms.cohort.zone))
    return f"{there:%a} {there.day} {there:%b %H:%M}"
