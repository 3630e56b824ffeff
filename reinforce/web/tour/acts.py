"""What the visitor can do on the tour. Each act calls an action or the practice account, and notes its place."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from reinforce.actions.planning.post_now import post_now
from reinforce.actions.sending.halt import halt, resume
from reinforce.actions.touring.tour_crash import Killed, daemon_here, kill_in_mid_send
from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.domain.sending.outbox import State
from reinforce.store.authoring.nuggets import cohort_nuggets
from reinforce.store.reporting.console.cohorts import CohortLine
from reinforce.store.reporting.console.people import Actor, actor_by_id
from reinforce.store.reporting.console.posts import latest_posted, post_detail, waiting
from reinforce.web.console import Console
from reinforce.web.tour.guide import SLOTS, Guide
from reinforce.web.tour.practice_link import PracticeLink
from reinforce.web.tour.progress import Crash, Said
from reinforce.web.tour.recall import recall_of

LONGEST_REPLY = 280
# How long the killed post's answer is kept back, and how long we wait for the daemon to be caught in it (seconds).
ANSWER_AFTER = 25.0
CATCH_WITHIN = 20.0
# A rehearsal gives up on an answer after a second, so there is no time to lose.
LOOK_EVERY = 0.03


@dataclass(frozen=True)
class Acts:
    """The buttons of the tour."""

    console: Console
    guide: Guide
    actor: str

    def practice(self) -> PracticeLink:
        """The practice account. Raises ReinforceError if this workspace has none."""
        link = PracticeLink.read(self.console.settings.practice_folder)
        if link is None:
            raise ReinforceError("this workspace has no practice account.", "Start a rehearsal with `reinforce up`.")
        return link

    def bring_question(self) -> None:
        """Have a question on the timeline whose window for answers is open, and let time stand still from then on."""
        line = self._line()
        if self.paused():
            raise ReinforceError("everything is paused.", "Press “Resume” first.")
        daemon_here(self.console.database, now=self.console.clock.wall())
        if self._open_question(line) is None:
            self._something_to_send(line, "question")
            self._wait(lambda: self._open_question(line), "no question went out within 20 seconds.")
        self.console.clock.stop()
        self.guide.progress.change(held=True)

    def answer(self, learner_id: int, text: str) -> None:
        """Reply to the newest question as a learner, and keep what the plan thought just before."""
        line = self._line()
        actor = self._actor(learner_id)
        now = self.console.clock.now()
        with self.console.database.read() as connection:
            questions = latest_posted(connection, limit=1, cohort_id=line.id, form="question")
            if not questions or questions[0].remote_id is None:
                raise ReinforceError("no question stands on the timeline yet.", "Press “Bring me a question” first.")
            post = questions[0]
            recall = None if post.nugget_id is None else recall_of(connection, actor.id, post.nugget_id, now)
        before = [slot.as_json() for slot in self.console.forecast.fresh(line.id).slots[:SLOTS]]
        remote = self.practice().write_as(actor.handle, actor.name, _reply(text), post.remote_id or 0)
        said = Said(actor.id, remote, post.id, text.strip(), now.isoformat(), recall=recall, before=before)
        held = self.guide.held()
        self.guide.progress.change(answer=said, held=False)
        if held:
            self._let_time_go()

    def stop(self, learner_id: int, text: str) -> None:
        """Say stop as a learner, under the newest post."""
        line = self._line()
        actor = self._actor(learner_id)
        now = self.console.clock.now()
        with self.console.database.read() as connection:
            posts = latest_posted(connection, limit=1, cohort_id=line.id, chosen=True)
        if not posts or posts[0].remote_id is None:
            raise ReinforceError("there is no post to reply to yet.", "Press “Next post” first.")
        remote = self.practice().write_as(actor.handle, actor.name, _reply(text), posts[0].remote_id)
        said = Said(actor.id, remote, posts[0].id, text.strip(), now.isoformat())
        self.guide.progress.change(stop=said)

    def crash(self) -> None:
        """Catch the daemon between "request sent" and "answer read", and kill -9 it there.

        The practice account makes the post at once and answers late; meanwhile our row says "sending" while the
        post stands on the timeline already. That is where it is killed.
        """
        practice, line = self.practice(), self._line()
        if self.paused():
            raise ReinforceError("everything is paused.", "Press “Resume”, then kill the daemon.")
        daemon = daemon_here(self.console.database, now=self.console.clock.wall())
        fault = practice.slow_down(ANSWER_AFTER)
        try:
            self._something_to_send(line, "reminder")
            caught = self._wait(
                lambda: self._being_sent(practice), "the daemon did not begin to send within 20 seconds, so it lives."
            )
            killed = kill_in_mid_send(
                self.console.database, daemon, caught, actor=self.actor, now=self.console.clock.wall()
            )
        finally:
            practice.mend(fault)
        self.guide.progress.change(crash=_noted(killed))

    def next_post(self) -> None:
        """Move programme time to the next slot that has something to say."""
        clock, line = self.console.clock, self._line()
        if not clock.accelerated:
            raise NotAllowed("time can be moved in a rehearsal only.", "Start one with `reinforce up`.")
        if self.paused():
            raise ReinforceError("everything is paused.", "Press “Resume” first.")
        self._step_to_next(line)

    def pause(self) -> None:
        """Nothing goes out, and programme time stands still."""
        self._rehearsal_only()
        halt(self.console.database, None, actor=self.actor, now=self.console.clock.now())
        self.console.clock.stop()

    def go_on(self) -> None:
        """Undo `pause`, and what `bring_question` did to the time."""
        self._rehearsal_only()
        if self._halted():
            resume(self.console.database, None, actor=self.actor, now=self.console.clock.now())
        self.guide.progress.change(held=False)
        self._let_time_go()

    def paused(self) -> bool:
        """True while every account is halted, or time waits for the visitor's answer."""
        return self._halted() or self.guide.held()

    def _halted(self) -> bool:
        accounts = self.console.status().accounts
        return bool(accounts) and all(account.halted for account in accounts)

    def _let_time_go(self) -> None:
        clock = self.console.clock
        if clock.accelerated:
            clock.start(at=clock.now(), speed=clock.speed)

    def _rehearsal_only(self) -> None:
        if not self.console.status().rehearsal:
            raise NotAllowed("the tour's buttons work in a rehearsal only.", "Start one with `reinforce up`.")

    def _line(self) -> CohortLine:
        self._rehearsal_only()
        with self.console.database.read() as connection:
            line = self.guide.cohort(connection)
        if line is None:
            raise ReinforceError("no cohort is running.", "Create one: reinforce cohort create --help")
        return line

    def _actor(self, learner_id: int) -> Actor:
        with self.console.database.read() as connection:
            actor = actor_by_id(connection, learner_id)
        if actor is None:
            raise ReinforceError("there is no such linked learner.", "Choose one of the list.")
        return actor

    def _step_to_next(self, line: CohortLine) -> None:
        clock = self.console.clock
        with self.console.database.read() as connection:
            due = [post.due_at for post in waiting(connection, limit=20) if post.state is State.PLANNED]
        slots = [slot.at for slot in self.console.forecast.fresh(line.id).slots if slot.nugget]
        later = [at for at in (*due, *slots) if at > clock.now()]
        if not later:
            raise ReinforceError(
                "no post is due in the next weeks.", "Every nugget is known well enough, or its wordings are spent."
            )
        clock.step_to(min(later) + timedelta(seconds=1))

    def _open_question(self, line: CohortLine) -> int | None:
        """The newest question, if answers to it still count."""
        with self.console.database.read() as connection:
            newest = latest_posted(connection, limit=1, cohort_id=line.id, form="question")
        closes = newest[0].decision.get("closes_at") if newest else None
        if closes is None or datetime.fromisoformat(closes) <= self.console.clock.now():
            return None
        return newest[0].id

    def _something_to_send(self, line: CohortLine, form: str) -> None:
        """Put a post of this form into the outbox, of the last nugget that has a text to spend.

        Where that may not be just now (quiet hours, caps), programme time moves to the next slot and the plan posts.
        """
        with self.console.database.read() as connection:
            nuggets = cohort_nuggets(connection, line.id)
        for nugget in reversed(nuggets):
            try:
                post_now(
                    self.console.database,
                    f"{nugget.procedure}/{nugget.slug}",
                    line.slug,
                    form,
                    uuid.uuid4().hex,
                    self.console.renderer,
                    self.console.tariff,
                    now=self.console.clock.now(),
                    actor=self.actor,
                )
            except ReinforceError:
                continue
            return
        self._step_to_next(line)

    def _being_sent(self, practice: PracticeLink) -> int | None:
        """The post that our row says is being sent while it stands on the timeline already."""
        with self.console.database.read() as connection:
            sending = [post for post in waiting(connection, limit=50) if post.state is State.SENDING]
        for post in sending:
            if practice.says(post.text) and self._still_open(post.id):
                return post.id
        return None

    def _still_open(self, outbox_id: int) -> bool:
        with self.console.database.read() as connection:
            detail = post_detail(connection, outbox_id)
        return detail is not None and detail.post.state is State.SENDING

    def _wait(self, look: Callable[[], int | None], failure: str) -> int:
        """Look until there is something. Raises ReinforceError when it takes too long."""
        end = self.console.clock.monotonic() + CATCH_WITHIN
        pause = threading.Event()
        while self.console.clock.monotonic() < end:
            found = look()
            if found is not None:
                return found
            pause.wait(LOOK_EVERY)
        raise ReinforceError(failure, "See what the outbox says about the post that waits, then press again.")


def _reply(text: str) -> str:
    said = text.strip()
    if not said:
        raise ReinforceError("the reply is empty.", "Write something a learner could write.")
    return said[:LONGEST_REPLY]


def _noted(killed: Killed) -> Crash:
    return Crash(killed.outbox_id, killed.pid, killed.owner, killed.at.isoformat())
