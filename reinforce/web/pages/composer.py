"""The composer: one nugget written with its wordings and its question, checked as its file would be, and shown as the
timeline will have it. What is saved goes through the door of files and is a revision of the procedure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.actions.approving.review import submit
from reinforce.actions.authoring.keep_picture import keep_picture
from reinforce.actions.authoring.load import ProcedureReport
from reinforce.content.composed_procedure import composed, without
from reinforce.content.pictures import as_named
from reinforce.content.scalars import slug_of
from reinforce.content.written_procedure import written
from reinforce.domain.authoring.revision import AuthorsWord, Change
from reinforce.domain.errors import Conflict, NotAllowed, NotFound, ReinforceError
from reinforce.domain.nugget import Procedure
from reinforce.domain.planning.slots import local_day
from reinforce.store.authoring.present_content import PastContent, past_content, present_content
from reinforce.web.composer_look import Audiences, texts_of
from reinforce.web.console import Console, whole_number
from reinforce.web.desk import Desk, Desks, Typing
from reinforce.web.entry import Entry, typed_entry
from reinforce.web.notices import Notice, Undo
from reinforce.web.procedure_reach import may_write, seen_lines, writable_line
from reinforce.web.uploads import with_plain_names

Word = Annotated[str, Form(max_length=200)]
Typed = Annotated[Entry, Depends(typed_entry)]
Given = UploadFile | None
# For how long a yes to its texts is asked, as on the command line.
ASKED_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class _Said:
    """What stands in the form beside the nugget: the revision that was looked at, whether the meaning is another one,
    and the name of a file that was chosen and not put here."""

    revision: str
    meaning: str
    file: str


def _said(revision: Word = "", meaning: Word = "", file: Word = "") -> _Said:
    return _Said(revision, meaning, file)


def routes(console: Console) -> APIRouter:
    """`/composer`, `/composer/<procedure>` for a new nugget and `/composer/<procedure>/<nugget>`."""
    router = console.router()
    desks = Desks(console, Audiences())

    @router.get("/composer")
    def choose(request: Request, find: str = "") -> Response:
        viewer = console.gate.here(request)
        with console.database.read() as connection:
            lines = [one for one in seen_lines(connection, viewer) if may_write(viewer, one.cohort_ids)]
        return console.show(request, "composer_choose", {"lines": lines, "find": find})

    @router.get("/composer/{procedure}")
    def new(request: Request, procedure: str, find: str = "", after: str = "") -> Response:
        return desks.form(request, (procedure, ""), Typing(finding=(find, whole_number(after) or 0)))

    @router.get("/composer/{procedure}/{nugget}")
    def one(request: Request, procedure: str, nugget: str, cohort: str = "") -> Response:
        return desks.form(request, (procedure, nugget), Typing(cohort=cohort))

    _add_checks(router, desks)
    _add_pictures(router, desks)
    _add_saving(router, desks)
    _add_taking_out(router, desks)
    _add_asking(router, desks)
    return router


def _add_checks(router: APIRouter, desks: Desks) -> None:
    """What is typed is looked at, and nothing else happens."""
    console = desks.console
    checked = [Depends(console.pages.tokens.check)]

    @router.post("/composer-check/{procedure}", dependencies=checked)
    def check_new(request: Request, procedure: str, entry: Typed, cohort: Word = "") -> Response:
        return desks.form(request, (procedure, ""), Typing(entry, cohort))

    @router.post("/composer-check/{procedure}/{nugget}", dependencies=checked)
    def check(request: Request, procedure: str, nugget: str, entry: Typed, cohort: Word = "") -> Response:
        return desks.form(request, (procedure, nugget), Typing(entry, cohort))


def _add_pictures(router: APIRouter, desks: Desks) -> None:
    """A picture is put beside what is typed, or taken off it; nothing is saved of the nugget."""
    console = desks.console
    checked = [Depends(console.pages.tokens.check)]

    @router.post("/composer-picture/{procedure}", dependencies=checked)
    def put_new(
        request: Request, procedure: str, entry: Typed, cohort: Word = "", file: Given = None, off: Word = ""
    ) -> Response:
        return put(request, procedure, "", entry, cohort, file, off)

    @router.post("/composer-picture/{procedure}/{nugget}", dependencies=checked)
    def put(
        request: Request,
        procedure: str,
        nugget: str,
        entry: Typed,
        cohort: Word = "",
        file: Given = None,
        off: Word = "",
    ) -> Response:
        viewer, where, kept = console.gate.here(request), (procedure, nugget), None
        desks.desk(viewer, where, cohort)
        if off:
            return desks.form(request, where, Typing(replace(entry, image="", alt=""), cohort))
        try:
            kept = console.uploads.keep(file, viewer.actor)
            picture = keep_picture(console.database, kept.path, now=console.clock.now())
        except ReinforceError as fault:
            return desks.form(request, where, Typing(entry, cohort, with_plain_names(fault, kept)))
        finally:
            if kept is not None:
                console.uploads.drop(kept)
        return desks.form(request, where, Typing(replace(entry, image=as_named(picture)), cohort))


def _add_saving(router: APIRouter, desks: Desks) -> None:
    console = desks.console
    changing = [Depends(console.pages.tokens.check)]

    @router.post("/composer/{procedure}", dependencies=changing)
    def add(request: Request, procedure: str, entry: Typed, cohort: Word = "", file: Word = "") -> Response:
        viewer = console.gate.here(request)
        desk = desks.desk(viewer, (procedure, ""), cohort)
        try:
            _require_put(file)
            slug = entry.slug or slug_of(entry.title)
            if slug in desk.present.revisions:
                known = "It was retired: bring it back instead." if slug in desk.present.retired else "Open that one."
                raise NotAllowed(f"{procedure} has a nugget {slug} already.", f"{known} Or give this one another slug.")
            report = desks.load(viewer, desk, composed(desk.procedure, entry.written()))
        except ReinforceError as fault:
            where = (procedure, "")
            return desks.form(request, where, Typing(entry, cohort, fault))
        made = next(one.slug for one in report.nuggets if one.change is Change.ADDED)
        undo = Undo(f"/composer/{procedure}/{made}/retire", label="Take it out again")
        return console.done(request, f"/composer/{procedure}/{made}", _told(report, "Added", undo))

    @router.post("/composer/{procedure}/{nugget}", dependencies=changing)
    def save(
        request: Request,
        procedure: str,
        nugget: str,
        entry: Typed,
        said: Annotated[_Said, Depends(_said)],
        cohort: Word = "",
    ) -> Response:
        viewer = console.gate.here(request)
        desk = desks.desk(viewer, (procedure, nugget), cohort)
        there = desk.present.revisions[nugget]
        entry = replace(entry, slug=nugget)
        try:
            _require_put(said.file)
            if whole_number(said.revision) != there:
                raise Conflict(
                    f"{nugget} was changed by somebody else meanwhile: it has revision {there} now.",
                    "What you wrote still stands here. Press Save once more to put it in the place of theirs.",
                )
            changed = composed(desk.procedure, entry.written(), nugget)
            if changed == desk.procedure and nugget not in desk.present.added:
                return console.done(request, f"/composer/{procedure}/{nugget}", Notice("Nothing was changed.", tone=""))
            report = desks.load(viewer, desk, changed, _word(nugget, said.meaning))
        except ReinforceError as fault:
            where = (procedure, nugget)
            return desks.form(request, where, Typing(entry, cohort, fault))
        undo = Undo(f"/composer/{procedure}/{nugget}/restore", {"revision": str(there)})
        with console.database.read() as connection:
            kept = past_content(connection, desk.present.stored.id, nugget, there) is not None
        return console.done(request, f"/composer/{procedure}/{nugget}", _told(report, "Saved", undo if kept else None))


def _add_taking_out(router: APIRouter, desks: Desks) -> None:
    """Take a nugget out, bring it back, or back to what it said."""
    console = desks.console
    changing = [Depends(console.pages.tokens.check)]

    @router.post("/composer/{procedure}/{nugget}/retire", dependencies=changing)
    def retire(request: Request, procedure: str, nugget: str) -> Response:
        viewer = console.gate.here(request)
        desk = desks.desk(viewer, (procedure, nugget), "")
        try:
            report = desks.load(viewer, desk, without(desk.procedure, nugget), retires=nugget)
        except ReinforceError as fault:
            return desks.form(request, (procedure, nugget), Typing(fault=fault))
        undo = Undo(f"/composer/{procedure}/{nugget}/restore", label="Bring it back")
        with console.database.read() as connection:
            kept = past_content(connection, desk.present.stored.id, nugget) is not None
        return console.done(request, f"/procedures/{procedure}", _told(report, "Retired", undo if kept else None))

    @router.post("/composer/{procedure}/{nugget}/restore", dependencies=changing)
    def restore(request: Request, procedure: str, nugget: str, revision: Word = "") -> Response:
        viewer = console.gate.here(request)
        with console.database.read() as connection:
            writable_line(connection, viewer, procedure)
            present = present_content(connection, procedure)
            if nugget not in present.revisions:
                raise HTTPException(404)
            past = past_content(connection, present.stored.id, nugget, whole_number(revision))
        desk = Desk(present, present.nugget(nugget), (), None)
        report = desks.load(viewer, desk, _restored(desk, nugget, past))
        return console.done(request, f"/composer/{procedure}/{nugget}", _told(report, "Restored", None))


def _add_asking(router: APIRouter, desks: Desks) -> None:
    """Have its texts approved."""
    console = desks.console

    @router.post("/composer/{procedure}/{nugget}/submit", dependencies=[Depends(console.pages.tokens.check)])
    def ask(request: Request, procedure: str, nugget: str, cohort: Word = "") -> Response:
        viewer = console.gate.here(request)
        desk = desks.desk(viewer, (procedure, nugget), cohort)
        if desk.chosen is None or desk.chosen.slug != cohort or desk.nugget is None:
            raise HTTPException(404)
        means = (console.renderer, console.tariff)
        now = console.clock.now()
        today = local_day(now, desk.chosen.zone)
        with console.database.read() as connection:
            texts = {
                one.text_hash for one in texts_of(desk.nugget, desks.audiences.of(connection, desk.chosen.id), means)
            }
        done = submit(
            console.database,
            cohort,
            (today, today + ASKED_FOR),
            means,
            texts=texts,
            actor=viewer.actor,
            now=now,
        )
        words = f"{len(done.submitted)} texts submitted for {desk.chosen.title}, {done.there} were already."
        more = ("Somebody else says yes to them, under Approvals.",)
        return console.done(request, f"/composer/{procedure}/{nugget}?cohort={cohort}", Notice(words, more))


def _restored(desk: Desk, nugget: str, past: PastContent | None) -> Procedure:
    """The procedure with a nugget as it was. What it required then and is gone by now it does without."""
    if past is None:
        raise NotFound(f"what {nugget} said then was not kept", "Write it anew in the composer.")
    there = {one.slug for one in desk.procedure.nuggets}
    needed = tuple(one for one in past.nugget.prerequisites if one in there)
    entry = written(replace(past.nugget, prerequisites=needed), desk.procedure)
    return composed(desk.procedure, entry, desk.slug)


def _require_put(file: str) -> None:
    """Raise NotAllowed for a picture that was chosen and not put beside the words: its bytes did not come along."""
    if file:
        raise NotAllowed(f"{file} was chosen, and not put here.", "Choose it again and press “Put it here”; then save.")


def _word(nugget: str, meaning: str) -> AuthorsWord:
    said = frozenset({nugget})
    return AuthorsWord(said if meaning == "yes" else frozenset(), said if meaning == "no" else frozenset())


def _told(report: ProcedureReport, done: str, undo: Undo | None) -> Notice:
    changed = [one for one in report.nuggets if one.change is not Change.UNCHANGED]
    titles = ", ".join(one.title for one in changed)
    more = []
    if report.withdrawn:
        many = f"{report.withdrawn} planned posts with texts that are gone were"
        one = "1 planned post with a text that is gone was"
        more.append(f"{one if report.withdrawn == 1 else many} taken back; the plan chooses anew.")
    meaning = next((one for one in changed if one.meaning), None)
    if meaning is not None:
        more.append(
            f"It means something else now ({meaning.why}): what was posted of it is wrong. "
            f"See it, and have it corrected under Recalls of the procedure, or: reinforce recall preview {report.slug}"
        )
    return Notice(f"{done}: {titles}. {report.title} is at revision {report.revision}.", tuple(more), undo)
