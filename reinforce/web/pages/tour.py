"""The tour: the practice account's timeline on the left, reasons on the right, seven steps through a rehearsal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.actions.touring.tour_paste import paste_steps
from reinforce.domain.planning.cadence import Cadence
from reinforce.store.people.cohorts import schedule_in_use
from reinforce.web.console import Console, whole_number
from reinforce.web.page import back_to
from reinforce.web.reasons import explained
from reinforce.web.security import content_policy
from reinforce.web.tour.acts import Acts
from reinforce.web.tour.checklist import checklist
from reinforce.web.tour.guide import STEPS, Guide
from reinforce.web.tour.practice_link import PracticeLink

Text = Annotated[str, Form(max_length=20_000)]


def routes(console: Console) -> APIRouter:
    """`/tour`, and a POST for each button of it."""
    router = console.router(prefix="/tour")
    guide = Guide(console)
    looking = Acts(console, guide, "")
    acts = partial(_acts_of, looking)
    changing = [Depends(console.pages.tokens.check)]

    @router.get("")
    def tour(request: Request, step: str = "") -> Response:
        return _show(console, guide, looking, request, whole_number(step))

    @router.post("/question", dependencies=changing)
    def question(request: Request) -> Response:
        acts(request).bring_question()
        return back_to("/tour?step=2")

    @router.post("/answer", dependencies=changing)
    def answer(request: Request, learner: Annotated[int, Form()], text: Text) -> Response:
        acts(request).answer(learner, text)
        return back_to("/tour?step=2")

    @router.post("/stop", dependencies=changing)
    def stop(request: Request, learner: Annotated[int, Form()], text: Text = "stop") -> Response:
        acts(request).stop(learner, text)
        return back_to("/tour?step=4")

    @router.post("/crash", dependencies=changing)
    def crash(request: Request) -> Response:
        acts(request).crash()
        return back_to("/tour?step=5")

    @router.post("/paste", dependencies=changing)
    def paste(request: Request, text: Text = "") -> Response:
        pasted = paste_steps(
            text,
            language="en",
            posts_a_week=_posts_a_week(console, guide),
            renderer=console.renderer,
            tariff=console.tariff,
        )
        if pasted.steps:
            guide.progress.change(pasted=True)
        return _show(console, guide, looking, request, 6, pasted=pasted, typed=text)

    @router.post("/seen", dependencies=changing)
    def seen(step: Annotated[int, Form(ge=1, le=len(STEPS))]) -> Response:
        guide.progress.see(step)
        return back_to(f"/tour?step={step % len(STEPS) + 1}" if step < len(STEPS) else "/tour?step=7")

    @router.post("/again", dependencies=changing)
    def again() -> Response:
        guide.progress.forget()
        return back_to("/tour")

    _add_drive(router, acts, changing)
    return router


def _acts_of(looking: Acts, request: Request) -> Acts:
    """The buttons, pressed by whoever asks."""
    return replace(looking, actor=looking.console.gate.here(request).actor)


def _add_drive(router: APIRouter, acts: Callable[[Request], Acts], changing: list[Any]) -> None:
    """The buttons that move the rehearsal itself; each leads back to the step it was pressed on."""

    @router.post("/next", dependencies=changing)
    def next_post(request: Request, step: Annotated[str, Form()] = "") -> Response:
        acts(request).next_post()
        return back_to(_at(step))

    @router.post("/pause", dependencies=changing)
    def pause(request: Request, step: Annotated[str, Form()] = "") -> Response:
        acts(request).pause()
        return back_to(_at(step))

    @router.post("/go-on", dependencies=changing)
    def go_on(request: Request, step: Annotated[str, Form()] = "") -> Response:
        acts(request).go_on()
        return back_to(_at(step))


def _show(console: Console, guide: Guide, acts: Acts, request: Request, step: int | None, **more: Any) -> Response:
    if not console.status().rehearsal:
        raise HTTPException(404)
    practice = PracticeLink.read(console.settings.practice_folder)
    values = guide.everything(step)
    values |= {"pasted": None, "typed": "", **more}
    values["practice"] = practice
    values["paused"] = acts.paused()
    values["held"] = guide.held()
    values["reasons"] = [(post, explained(post.decision, post.zone)) for post in values["posted"]]
    values["posts_a_week"] = _posts_a_week(console, guide)
    values["checklist"] = checklist(values["line"], console.status())
    values["plain_price"] = console.tariff.post
    values["copies"] = _copies(practice, values)
    return console.show(request, "tour", values, policy=content_policy(frames=practice.url if practice else ""))


def _copies(practice: PracticeLink | None, values: dict[str, Any]) -> int | None:
    """How often the killed post stands on the timeline; asked only while its step is shown."""
    if practice is None or values["step"] != 5 or values["aftermath"] is None:
        return None
    return practice.says(values["aftermath"].detail.post.text)


def _posts_a_week(console: Console, guide: Guide) -> float:
    with console.database.read() as connection:
        line = guide.cohort(connection)
        return 3.0 if line is None else Cadence.from_content(schedule_in_use(connection, line.id)).posts_a_week


def _at(step: str) -> str:
    number = whole_number(step)
    return "/tour" if number is None else f"/tour?step={number}"
