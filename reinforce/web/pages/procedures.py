"""Procedures: what is loaded, and a file that is looked at before it is loaded.

A file is read twice: once to say what it would do, and once more, when somebody said yes, to do it. Between the two
it lies in `uploads`, for its giver alone.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.actions.authoring.load import EDITED, LoadReport, load_files
from reinforce.content.blank_workbook import write_template
from reinforce.content.draft_file import DOCUMENTS, draft_from, write_draft
from reinforce.content.scalars import LANGUAGES
from reinforce.content.written_procedure import as_yaml
from reinforce.domain.authoring.revision import AuthorsWord
from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.store.authoring import nuggets
from reinforce.store.authoring.present_content import present_content
from reinforce.store.reporting.console.procedures import latest_revisions
from reinforce.web.console import Console, whole_number
from reinforce.web.notices import Notice
from reinforce.web.page import attachment
from reinforce.web.procedure_files import bank_terms, weighed
from reinforce.web.procedure_reach import may_write, seen_line, seen_lines
from reinforce.web.uploads import Kept, with_plain_names
from reinforce.web.word_difference import marked

Word = Annotated[str, Form(max_length=200)]
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# So many nuggets are shown at a time, and so many of the latest changes.
SHOWN, HISTORY = 50, 20
ACCEPTED = ".yaml,.yml,.xlsx,.gift,.aiken,.txt,.docx,.pptx,.md"


def routes(console: Console) -> APIRouter:
    """`/procedures`, `/procedures/look`, `/procedures/load`, `/procedures/<slug>` and the files to begin with."""
    router = console.router()

    @router.get("/procedures")
    def listed(request: Request) -> Response:
        return _list(console, request, None)

    @router.get("/procedures/template.xlsx")
    def template(request: Request) -> Response:
        console.gate.here(request)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "nuggets.xlsx"
            write_template(path)
            return attachment(path.read_bytes(), "nuggets.xlsx", WORKBOOK)

    @router.get("/procedures/{slug}")
    def one(request: Request, slug: str, after: str = "") -> Response:
        viewer = console.gate.here(request)
        with console.database.read() as connection:
            line = seen_line(connection, viewer, slug)
            every = nuggets.procedure_nuggets(connection, line.procedure.id, retired=True)
            history = latest_revisions(connection, line.procedure.id, HISTORY)
        values = {"line": line, "history": history, "edited": line.procedure.source.endswith(EDITED)}
        live, first = [one for one in every if not one.retired], whole_number(after) or 0
        values |= {"nuggets": live[first : first + SHOWN], "after": first + SHOWN if live[first + SHOWN :] else 0}
        values |= {"gone": [one for one in every if one.retired][:SHOWN], "first": first}
        values |= {"may_write": may_write(viewer, line.cohort_ids)}
        return console.show(request, "procedure", values)

    @router.get("/procedures/{slug}/file.yaml")
    def file(request: Request, slug: str) -> Response:
        with console.database.read() as connection:
            line = seen_line(connection, console.gate.here(request), slug)
            present = present_content(connection, slug)
        before = [f"{slug}, revision {line.procedure.revision}, as the console had it."]
        if present.added - present.retired:
            before.append("With what colleagues brought in: loading this file makes it the file's own.")
        return attachment(as_yaml(present.procedure, before).encode(), f"{slug}.yaml", "application/yaml")

    _add_loading(router, console)
    _add_loaded(router, console)
    return router


def _add_loading(router: APIRouter, console: Console) -> None:
    changing = [Depends(console.pages.tokens.check)]

    @router.post("/procedures/look", dependencies=changing)
    def look(
        request: Request,
        file: Annotated[UploadFile | None, File()] = None,
        procedure: Word = "",
        language: Word = "en",
        bullets: Word = "",
        skip: Word = "",
    ) -> Response:
        viewer = console.gate.here(request)
        given = {"procedure": procedure, "language": language, "bullets": bullets, "skip": skip}
        kept = None
        try:
            kept = console.uploads.keep(file, viewer.actor)
            if language not in LANGUAGES:
                raise NotAllowed(f'"{language}" is no language code.', "Write two letters: en, de, fr, es.")
            if kept.path.suffix.lower() in DOCUMENTS:
                return _drafted(console, request, kept, language, bullets=bool(bullets))
            terms = bank_terms(kept, procedure, language, skip=bool(skip))
            report = weighed(console, viewer, kept, terms)
        except ReinforceError as fault:
            if kept is not None:
                console.uploads.drop(kept)
            return _list(console, request, with_plain_names(fault, kept), given)
        return console.show(request, "procedure_look", {"kept": kept, "given": given, **_told(report)})

    @router.get("/procedures/draft/{key}")
    def draft(request: Request, key: str, language: str = "en", bullets: str = "") -> Response:
        kept = console.uploads.find(key, console.gate.here(request).actor)
        if language not in LANGUAGES:
            raise HTTPException(404)
        with TemporaryDirectory() as folder:
            out = Path(folder) / f"{kept.path.stem}.xlsx"
            write_draft(draft_from(kept.path, bullets=bool(bullets)), out, language)
            return attachment(out.read_bytes(), out.name, WORKBOOK)


def _add_loaded(router: APIRouter, console: Console) -> None:
    @router.post("/procedures/load", dependencies=[Depends(console.pages.tokens.check)])
    def load(
        request: Request,
        key: Word = "",
        procedure: Word = "",
        language: Word = "en",
        skip: Word = "",
        meaning: Annotated[list[str] | None, Form()] = None,
        judged: Annotated[list[str] | None, Form()] = None,
    ) -> Response:
        viewer = console.gate.here(request)
        kept = console.uploads.find(key, viewer.actor)
        said = frozenset(meaning or ())
        word = AuthorsWord(said, frozenset(judged or ()) - said)
        try:
            terms = bank_terms(kept, procedure, language, skip=bool(skip))
            weighed(console, viewer, kept, terms)  # somebody else may have loaded another revision meanwhile
            report = load_files(
                console.database,
                [kept.path],
                dry_run=False,
                actor=viewer.actor,
                now=console.clock.now(),
                bank=terms,
                word=word,
            )
        except ReinforceError as fault:
            return _list(console, request, with_plain_names(fault, kept))
        console.uploads.drop(kept)
        return console.done(request, f"/procedures/{report.procedures[0].slug}", _notice(report))


def _list(
    console: Console, request: Request, fault: ReinforceError | None, given: dict[str, str] | None = None
) -> Response:
    viewer = console.gate.here(request)
    with console.database.read() as connection:
        lines = seen_lines(connection, viewer)
    values: dict[str, Any] = {"lines": lines, "fault": fault, "accepted": ACCEPTED}
    values["given"] = given or {"procedure": "", "language": "en", "bullets": "", "skip": ""}
    return console.show(request, "procedures", values, status=200 if fault is None else 422)


def _drafted(console: Console, request: Request, kept: Kept, language: str, *, bullets: bool) -> Response:
    """A document's steps as drafts: a workbook to mend, not something to load."""
    drafted = draft_from(kept.path, bullets=bullets)
    values = {"kept": kept, "drafted": drafted, "language": language, "bullets": bullets}
    return console.show(request, "procedure_draft", values)


def _told(report: LoadReport) -> dict[str, Any]:
    """What a look says: the changes of each nugget, with the words that differ marked."""
    one = report.procedures[0]
    changed = [
        (change, [(each.what, *marked(each.before, each.after)) for each in change.differences])
        for change in one.nuggets
        if change.change != "unchanged"
    ]
    return {"report": one, "changed": changed, "kept_as_is": len(one.nuggets) - len(changed)}


def _notice(report: LoadReport) -> Notice:
    one = report.procedures[0]
    changed = sum(change.change != "unchanged" for change in one.nuggets)
    more = list(one.notes)
    if one.withdrawn:
        more.insert(0, f"{one.withdrawn} planned posts with texts that are gone were taken back.")
    meaning = [change.slug for change in one.nuggets if change.meaning]
    if meaning:
        words = f"Posts of {', '.join(meaning)} on the timeline say what is wrong now."
        more.insert(0, f"{words} See them under Recalls of the procedure, or: reinforce recall preview {one.slug}")
    many = "Nothing in it is new." if not changed else f"{changed} nugget{'s' if changed != 1 else ''} changed."
    return Notice(f"Loaded: {one.title}, revision {one.revision}. {many}", tuple(more))
