"""Ninety days of three cohorts on one account, with what happens to a programme in that time: people who join late, a
hold, holidays, both changes of the clocks, a course published while a fifth of the calls fails, a revision whose wrong
posts are recalled, a date that moves.

The daemon ticks on the practice account over HTTP: at every slot, and whenever something is due or foreseen. Before
each act of a person, what is to come is looked at; what came is compared with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.actions.authoring.enroll import enroll
from reinforce.actions.authoring.invite import invite
from reinforce.actions.authoring.load import load_files
from reinforce.actions.courses.publish_course import Asked, publish_course, withdraw_course
from reinforce.actions.courses.rehearse_course import approve_course, rehearse_course
from reinforce.actions.courses.show_course import show_course
from reinforce.actions.enrolling.be_away import hold_cohort
from reinforce.actions.enrolling.set_dates import set_dates
from reinforce.actions.operating.set_caps import set_caps
from reinforce.actions.planning.preview import PreviewedPost, walk_of
from reinforce.actions.planning.preview.explaining import Against, against
from reinforce.actions.planning.preview.keeping import KeptPreview, kept
from reinforce.actions.planning.preview.looking import look_ahead
from reinforce.actions.revising.recall import preview as preview_recall
from reinforce.actions.revising.recall import recall
from reinforce.content.course_file import read_course
from reinforce.content.roster_file import read_roster
from reinforce.daemon import Daemon
from reinforce.domain.courses.standing import Progress
from reinforce.domain.nugget import Form
from reinforce.domain.revising.recalling import RecallWish
from reinforce.domain.sending.outbox import IN_FLIGHT, OutboxItem, State
from reinforce.practice.running import PracticeThread
from reinforce.shipped import shipped
from reinforce.store.accounts import accounts
from reinforce.store.people import cohorts, people
from reinforce.store.sending import outbox
from tests.acceptance.hour import LIMITED, PASSES, WEATHER, HourHouse

BEGIN = datetime(2026, 3, 2, 5, 30, tzinfo=UTC)
# When the slots of the three zones are, on summer time and off it. There are none at weekends.
HOURS, WEEKEND_HOURS = (7, 8, 12, 13, 14, 17, 18, 19), (12,)
# A fifth of the calls fails: each fault that is asked in turn hits what the others left.
CHANCE = 1 - (4 / 5) ** (1 / len(WEATHER))
A_DAY, A_WEEK, GAP = 6, 24, 15
# What the cadences have on top would leave three cohorts little room: every cohort's caps count the whole feed.
CAPS = {"a_day": 5, "a_week": 20, "new_a_week": 3}
COURSE = "lockout-course"
EXAMPLES = shipped("examples")


@dataclass(frozen=True)
class Group:
    """A cohort of the ninety days; `dates` are those of `NewCohort`."""

    slug: str
    title: str
    procedure: str
    zone: str
    country: str
    roster: str
    learners: tuple[int, int]
    late: tuple[int, int] = (0, 0)
    dates: Mapping[str, Any] = field(default_factory=dict)


GROUPS = (
    Group(
        "press-shop", "Press shop", "lockout", "Europe/Berlin", "DE", "lockout-roster.csv", (0, 5),
        dates={"opens_on": date(2026, 3, 2), "closes_on": date(2026, 3, 13), "starts_on": date(2026, 3, 9),
               "assessment": date(2026, 5, 22), "ends_on": date(2026, 5, 27)},
    ),
    Group(
        "on-call", "On call", "incident", "America/New_York", "US", "incident-roster.csv", (0, 5),
        dates={"starts_on": date(2026, 3, 2), "ends_on": date(2026, 5, 28)},
    ),
    Group(
        "line-b", "Line B", "lockout", "America/Sao_Paulo", "BR", "lockout-roster.csv", (5, 6), (6, 8),
        dates={"opens_on": date(2026, 3, 2), "closes_on": date(2026, 4, 10), "starts_on": date(2026, 3, 16),
               "ends_on": date(2026, 5, 29)},
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Foreseen:
    """What was to come at an instant, as the preview said it."""

    at: datetime
    until: datetime
    after: str
    rows: tuple[PreviewedPost, ...]
    kept: tuple[KeptPreview, ...]


@dataclass(frozen=True)
class Act:
    """What a person does on a day, and the verb that the audit log has for it."""

    day: str
    what: str
    verb: str
    do: Callable[[], None]

    @property
    def at(self) -> datetime:
        """Its instant."""
        return datetime.fromisoformat(f"{self.day}T05:30:00+00:00")


@dataclass
class NinetyDays:
    """The ninety days under way."""

    folder: Path
    house: HourHouse
    practice: PracticeThread
    daemon: Daemon
    cadence: str
    days: int
    foreseen: list[Foreseen] = field(default_factory=list)
    compared: list[Against] = field(default_factory=list)
    _handles: dict[str, list[str]] = field(default_factory=dict)
    _codes: dict[str, str] = field(default_factory=dict)
    _answered: set[int] = field(default_factory=set)

    # --- before ---------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Account, procedures, cohorts, learners; those who come late are invited and not linked."""
        house, now = self.house, self.now
        self.practice.control("POST", "/rules", {"limits": dict.fromkeys(LIMITED, 1_000_000)})
        house.connect_account("practice", self.practice.folder / "credentials.json", self.practice.url, "public", print)
        set_caps(house.database, "practice", A_DAY, A_WEEK, GAP, actor="operator", now=now)
        for name in ("lockout.yaml", "incident.yaml"):
            self.load(name)
        for group in GROUPS:
            self._enroll(group)
        file = read_course(EXAMPLES / f"{COURSE}.md")
        rehearse_course(house.database, file, house.renderer, house.tariff, actor="author", now=now)

    def load(self, name: str, *replaced: tuple[str, str]) -> None:
        """Load an example, for anybody to read; with texts replaced."""
        text = (EXAMPLES / name).read_text("utf-8").replace("confidentiality: internal", "confidentiality: public")
        for old, new in replaced:
            assert old in text, old
            text = text.replace(old, new)
        path = self.folder / name
        path.write_text(text, "utf-8")
        load_files(self.house.database, (path,), dry_run=False, actor="author", now=self.now)

    def _enroll(self, group: Group) -> None:
        house, now = self.house, self.now
        new = NewCohort(
            group.slug, group.title, "practice", (group.procedure,), group.zone, group.country, **group.dates
        )
        cadence = dict(house.schedule(self.cadence)) | {"caps": CAPS}
        create_cohort(house.database, new, cadence, actor="author", now=now)
        roster = read_roster(EXAMPLES / group.roster)
        there, late = roster[slice(*group.learners)], roster[slice(*group.late)]
        enroll(house.database, group.slug, [*there, *late], actor="author", now=now)
        made = self._join_in([*there, *late])
        self._handles[group.slug] = list(made)
        with house.database.write() as connection:
            known = {row.handle: made[row.handle] for row in there}
            people.link_for_rehearsal(connection, known, now)
        if late:
            sent = invite(house.database, group.slug, 90, actor="author", now=now)
            self._codes |= {one.handle: one.post_this for one in sent}

    def _join_in(self, rows: Iterable[Any]) -> dict[str, int]:
        asked = [{"handle": row.handle, "name": row.name, "scripted": False} for row in rows]
        made = self.practice.control("POST", "/people", asked)["people"]
        return {one["handle"]: int(one["user_id"]) for one in made}

    # --- what people do -------------------------------------------------------------------------------------------

    def acts(self) -> list[Act]:
        """What people do, before the first slot of the day of anybody."""
        found = [
            Act("2026-03-10", "a course is published", "course.publish", self._publish_course),
            Act("2026-03-12", "a hold is planned", "cohort.hold", self._hold),
            Act("2026-03-13", "two join late", "learner.linked", self._late_joiners),
            Act("2026-04-08", "a procedure is revised, its posts are recalled", "recall", self._revise),
            Act("2026-04-27", "the assessment is moved", "cohort.dates", self._move_assessment),
        ]
        return [one for one in found if one.at < self.end]

    def _publish_course(self) -> None:
        """Twelve steps, through weather in which a fifth of the calls fails."""
        house = self.house
        approve_course(house.database, COURSE, actor="reviewer", now=self.now)
        withdraw_course(house.database, COURSE, rehearsal=True, actor="author", now=self.now)
        self._settle()
        for kind in WEATHER:
            fault = {"endpoint": "* /2/*", "kind": kind, "probability": CHANCE, "seed": 7}
            self.practice.control("POST", "/faults", fault)
        publish_course(house.database, COURSE, Asked(account="practice"), actor="author", now=self.now)
        for _ in range(400):
            self._tick()
            if self._course_is_out():
                break
        self.practice.control("DELETE", "/faults")
        assert self._course_is_out(), self.daemon.last_error

    def _course_is_out(self) -> bool:
        found = show_course(self.house.database, COURSE, None).published
        return found is not None and found.standing.progress is Progress.COMPLETE

    def _hold(self) -> None:
        first, last = date(2026, 3, 30), date(2026, 4, 7)
        hold_cohort(self.house.database, "on-call", first, last, "stocktaking", actor="author", now=self.now)

    def _late_joiners(self) -> None:
        acts = [{"as": handle, "text": text} for handle, text in sorted(self._codes.items())]
        self.practice.control("POST", "/acts", acts)
        self._codes.clear()

    def _revise(self) -> None:
        """Another answer is right now: what was asked before is taken back, in one confirmation."""
        house, wish = self.house, RecallWish("lockout")
        marked, right, other = "- text: {}\n          correct: yes", "Lock the machine out", "Ask someone to watch"
        self.load("lockout.yaml", (marked.format(right), f"- {right}"), (f"- {other}", marked.format(other)))
        plan = preview_recall(house.database, wish, house.renderer, house.tariff, now=self.now)
        recall(house.database, wish, plan.code, house.renderer, house.tariff, actor="author", now=self.now)

    def _move_assessment(self) -> None:
        changes = {"assessment": date(2026, 5, 20)}
        set_dates(self.house.database, "press-shop", changes, actor="author", now=self.now)

    # --- the days -------------------------------------------------------------------------------------------------

    @property
    def end(self) -> datetime:
        return BEGIN + timedelta(days=self.days)

    @property
    def now(self) -> datetime:
        return self.house.clock.now()

    def play(self) -> None:
        """All of the days, from the first look ahead."""
        self._settle()
        acts = self.acts()
        self._look_ahead("the start", acts[0].at)
        for number, act in enumerate(acts):
            self._go_on_until(act.at)
            self._compare()
            act.do()
            self._settle()
            self._look_ahead(act.what, acts[number + 1].at if number + 1 < len(acts) else self.end)
        self._go_on_until(self.end)
        self._compare()

    def _look_ahead(self, after: str, until: datetime) -> None:
        house = self.house
        with house.database.read() as connection:
            account_id = accounts.account_by_name(connection, "practice").id
        walked = walk_of(house.database, account_id, (house.renderer, house.tariff), self.now, until)
        rows = walked.rows(until)
        looks = (
            look_ahead(house.database, number, house.renderer, house.tariff, now=self.now, days=(until - self.now).days)
            for number in sorted(self.slugs())
        )
        self.foreseen.append(Foreseen(self.now, until, after, rows, tuple(kept(look) for look in looks)))

    def _compare(self) -> None:
        """Hold what was foreseen last against what came, before anything is changed again."""
        house, seen = self.house, self.foreseen[-1]
        self.compared += [against(house.database, one, house.renderer, house.tariff) for one in seen.kept]

    def _go_on_until(self, end: datetime) -> None:
        """Let the daemon tick at at every slot, and whenever something is due."""
        while True:
            upcoming = [one for one in (*self._due(), *_hours(self.now), *self._expected()) if one > self.now]
            at = min(upcoming)
            if at >= end:
                break
            self.house.clock.step_to(at)
            self._settle()
            self._answer()
        self.house.clock.step_to(end)

    def _expected(self) -> list[datetime]:
        """When something is to come. What comes besides comes at the next slot at the latest, and shows then."""
        return [row.due_at for row in self.foreseen[-1].rows] if self.foreseen else []

    def _due(self) -> list[datetime]:
        return [item.due_at for item in self.posts() if item.state is State.PLANNED]

    def _settle(self) -> None:
        """Let the daemon go its rounds at this instant until it has nothing left to do."""
        for _ in range(100):
            self._tick()
            if self._is_settled():
                return
        raise AssertionError(self.daemon.last_error or [one for one in self.posts() if one.state is not State.POSTED])

    def _tick(self) -> None:
        self.house.let_pass(PASSES)
        self.daemon.tick()

    def _is_settled(self) -> bool:
        now, busy = self.now, IN_FLIGHT | {State.UNKNOWN}
        due = [one for one in self.posts() if one.state in busy or (one.state is State.PLANNED and one.due_at <= now)]
        return not self.daemon.last_error and not due

    def _answer(self) -> None:
        """Learners answer a question at the next hour: some right, some not, some never."""
        acts = []
        for post in self.posts():
            if post.form != Form.QUESTION or post.remote_id is None or post.id in self._answered:
                continue
            if post.posted_at is None or post.posted_at == self.now:
                continue
            self._answered.add(post.id)
            for number, handle in enumerate(self._linked(post)):
                said = (post.id + 3 * number) % 5
                if said < 4:
                    acts.append({"as": handle, "text": "ABBA"[said], "reply_to": str(post.remote_id)})
        if acts:
            self.practice.control("POST", "/acts", acts)

    def _linked(self, post: OutboxItem) -> list[str]:
        """The handles of a post's cohort who are linked by now."""
        slug = self.slugs()[post.cohort_id or 0]
        return [handle for handle in self._handles[slug] if handle not in self._codes]

    def posts(self) -> list[OutboxItem]:
        """The outbox of the account, in order."""
        with self.house.database.read() as connection:
            record = accounts.account_by_name(connection, "practice")
            return sorted(outbox.items(connection, account_id=record.id, limit=5000), key=lambda item: item.id)

    def standing(self) -> frozenset[str]:
        """The ids of what stands on the timeline."""
        return frozenset(post["id"] for post in self.practice.state()["posts"] if not post["deleted"])

    def slugs(self) -> dict[int, str]:
        """The cohorts by number."""
        with self.house.database.read() as connection:
            return {one.id: one.slug for one in cohorts.cohorts(connection)}


def _hours(now: datetime) -> Iterable[datetime]:
    day = now.date()
    for following in (day, day + timedelta(days=1)):
        for hour in WEEKEND_HOURS if following.weekday() > 4 else HOURS:
            yield datetime.combine(following, time(hour), UTC)
