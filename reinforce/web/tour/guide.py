"""The seven steps of the tour: what each shows, and whether it is done, due now or still to come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from reinforce.domain.cohort import CohortState
from reinforce.domain.sending.outbox import State
from reinforce.store.authoring.nuggets import nuggets_by_id
from reinforce.store.operating.heartbeats import Heartbeat, heartbeats
from reinforce.store.reporting.console.cohorts import CohortLine, cohort_lines
from reinforce.store.reporting.console.inbox import InboundLine, inbound_by_remote_id
from reinforce.store.reporting.console.people import (
    Actor,
    Written,
    actor_by_id,
    actors,
    memory_updated_at,
    written_since,
)
from reinforce.store.reporting.console.posts import PostDetail, latest_posted, post_detail
from reinforce.web.console import Console
from reinforce.web.forecast import NextSlot
from reinforce.web.tour.mistakes import a_wrong_answer
from reinforce.web.tour.progress import Crash, Progress, ProgressFile, Said
from reinforce.web.tour.recall import recall_if_right, recall_of

STEPS = (
    "A post appears",
    "Answer it wrongly",
    "See what it changes",
    "Say stop",
    "Kill the daemon",
    "Paste your own steps",
    "Go live",
)
SLOTS = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the rail; `state` is done, now or next."""

    number: int
    title: str
    state: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One slot before and after the visitor's reply. `passed`: it has been served meanwhile."""

    at: datetime
    before: NextSlot | None
    after: NextSlot | None
    changed: bool
    passed: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a reply the visitor wrote: as it was read, and what was written because of it."""

    said: Said
    actor: Actor | None
    line: InboundLine | None
    written: Written | None


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What became of the post whose daemon was killed. `copies` is how often it stands on the timeline, None if the
    practice account does not tell; `successor` is the daemon that was started afterwards."""

    crash: Crash
    detail: PostDetail
    killed_at: datetime
    successor: Heartbeat | None
    copies: int | None

    @property
    def settled(self) -> bool:
        """True once the row knows what the timeline knows."""
        return self.detail.post.state is State.POSTED


class Guide:
    """Reads what the tour shows. The only thing it writes is its own place mark."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.progress = ProgressFile(console.settings.workspace / "tour.json")

    def held(self) -> bool:
        """True while time stands still for the visitor's answer; a restarted rehearsal lets it run again."""
        return self.progress.read().held and self.console.clock.now() == self.console.clock.now()

    def cohort(self, connection: Connection) -> CohortLine | None:
        """The cohort the tour plays with: the first one that runs."""
        lines = sorted(cohort_lines(connection), key=lambda line: line.id)
        return next((line for line in lines if line.state is CohortState.RUNNING), None)

    def rail(self, progress: Progress, posted: bool, heard: Heard | None, stopped: Heard | None) -> tuple[Step, ...]:
        """The steps with their states; the first that is not done is due now."""
        done = {
            1: posted and 1 in progress.seen,
            2: heard is not None and heard.line is not None and heard.line.rating is not None,
            3: 3 in progress.seen,
            4: stopped is not None and stopped.actor is not None and stopped.actor.stopped_at is not None,
            5: progress.crash is not None and 5 in progress.seen,
            6: progress.pasted,
            7: 7 in progress.seen,
        }
        now = next((number for number, is_done in done.items() if not is_done), 0)
        return tuple(
            Step(number, title, "done" if done[number] else "now" if number == now else "next")
            for number, title in enumerate(STEPS, 1)
        )

    def everything(self, wanted: int | None) -> dict[str, Any]:
        """All that the page shows, for the step `wanted` or the one that is due."""
        progress = self._with_outcome(self.progress.read())
        with self.console.database.read() as connection:
            line = self.cohort(connection)
            cohort_id = None if line is None else line.id
            posted = latest_posted(connection, limit=3, cohort_id=cohort_id, chosen=True)
            heard = self._heard(connection, progress.answer)
            stopped = self._heard(connection, progress.stop)
            question = None if line is None else self._question(connection, line.id)
            values: dict[str, Any] = {
                "line": line,
                "posted": posted,
                "heard": heard,
                "stopped": stopped,
                "question": question,
                **_answers(connection, question),
                "actors": ()
                if line is None
                else actors(connection, line.id, None if question is None else question.post.id),
                "aftermath": self._aftermath(connection, progress.crash),
            }
        rail = self.rail(progress, bool(posted), heard, stopped)
        due = next((step.number for step in rail if step.state == "now"), len(STEPS))
        number = wanted if wanted in range(1, len(STEPS) + 1) else due
        return {**values, "rail": rail, "step": number, "progress": progress, "compared": compared(progress.answer)}

    def _question(self, connection: Connection, cohort_id: int) -> PostDetail | None:
        """The newest question on the timeline; the one to answer."""
        newest = latest_posted(connection, limit=1, cohort_id=cohort_id, form="question")
        return post_detail(connection, newest[0].id) if newest else None

    def _heard(self, connection: Connection, said: Said | None) -> Heard | None:
        if said is None:
            return None
        actor = actor_by_id(connection, said.learner_id)
        written = None if actor is None else written_since(connection, actor, datetime.fromisoformat(said.at))
        return Heard(said, actor, inbound_by_remote_id(connection, said.remote_id), written)

    def _with_outcome(self, progress: Progress) -> Progress:
        """Once the reply is graded, keep the slots as they are then: the comparison must not drift with the clock."""
        said = progress.answer
        if said is None or said.after is not None:
            return progress
        with self.console.database.read() as connection:
            line, read = self.cohort(connection), inbound_by_remote_id(connection, said.remote_id)
            if line is None or read is None or read.graded_at is None:
                return progress
            nugget_id = _nugget_of(connection, said)
            if nugget_id is not None and read.rating is not None:
                updated = memory_updated_at(connection, nugget_id)
                if updated is None or updated < read.graded_at:
                    return progress  # graded, but not yet in the memory: that is the next verb of the same tick
            now = self.console.clock.now()
            recall = if_right = None
            if nugget_id is not None:
                recall = recall_of(connection, said.learner_id, nugget_id, now)
                if_right = recall_if_right(connection, said.learner_id, nugget_id, said.outbox_id, now)
        after = [slot.as_json() for slot in self.console.forecast.fresh(line.id).slots[:SLOTS]]
        said = replace(said, after=after, recall_after=recall, recall_if_right=if_right)
        return self.progress.change(answer=said)

    def _aftermath(self, connection: Connection, crash: Crash | None) -> Aftermath | None:
        detail = None if crash is None else post_detail(connection, crash.outbox_id)
        if crash is None or detail is None:
            return None
        killed_at = datetime.fromisoformat(crash.killed_at)
        later = [beat for beat in heartbeats(connection) if beat.role == "daemon" and beat.started_at > killed_at]
        return Aftermath(crash, detail, killed_at, later[-1] if later else None, None)


def _answers(connection: Connection, question: PostDetail | None) -> dict[str, str]:
    """A wrong answer to start the visitor off, and a right one for them to know."""
    nugget_id = None if question is None else question.post.nugget_id
    nugget = None if nugget_id is None else nuggets_by_id(connection, [nugget_id]).get(nugget_id)
    if nugget is None or nugget.question is None:
        return {"wrong": "", "right": ""}
    return {"wrong": a_wrong_answer(nugget.question), "right": "".join(nugget.question.accepted[:1])}


def _nugget_of(connection: Connection, said: Said) -> int | None:
    detail = post_detail(connection, said.outbox_id)
    return None if detail is None else detail.post.nugget_id


def compared(said: Said | None) -> tuple[Compared, ...]:
    """The next slots before and after a reply, side by side, in order of time."""
    if said is None:
        return ()
    before = {slot.at: slot for slot in map(NextSlot.from_json, said.before)}
    after = {slot.at: slot for slot in map(NextSlot.from_json, said.after or ())}
    first_after = min(after, default=None)
    rows = []
    for at in sorted({*before, *after}):
        was, becomes = before.get(at), after.get(at)
        passed = first_after is not None and at < first_after
        changed = bool(after) and not passed and was is not None and becomes is not None and not _same(was, becomes)
        rows.append(Compared(at, was, becomes, changed, passed))
    return tuple(rows[: SLOTS + 1])


def _same(one: NextSlot, other: NextSlot) -> bool:
    return (one.nugget, one.form) == (other.nugget, other.form)
