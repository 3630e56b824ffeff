"""Procedures: list, read, load."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Query, Request, UploadFile
from pydantic import BaseModel, Field

from reinforce.actions.authoring.load import LoadReport, load_files
from reinforce.domain.authoring.revision import AuthorsWord
from reinforce.domain.errors import ContentRefused
from reinforce.domain.nugget import StoredNugget
from reinforce.store.authoring import nuggets
from reinforce.store.reporting.console.procedures import ProcedureLine
from reinforce.web.api.calls import calls_of
from reinforce.web.console import Console
from reinforce.web.procedure_files import bank_terms, weighed
from reinforce.web.procedure_reach import seen_line, seen_lines
from reinforce.web.uploads import with_plain_names


class LoadOptions(BaseModel):
    """How a file is meant. `procedure`: what a question bank is to become; `meaning`, `wording_only`: nuggets whose
    change the rule would judge otherwise."""

    dry_run: bool = False
    procedure: str = Field("", max_length=200)
    language: str = Field("en", pattern="^[a-z]{2}$")
    skip_unsupported: bool = False
    meaning: list[str] = Field(default_factory=list, max_length=200)
    wording_only: list[str] = Field(default_factory=list, max_length=200)


def routes(console: Console) -> APIRouter:
    """`/procedures`."""
    router = calls_of(console, "procedures", "/procedures")

    @router.get("")
    def procedures(request: Request) -> list[ProcedureLine]:
        """Every procedure that your cohorts learn."""
        viewer = console.gate.here(request)
        with console.database.read() as connection:
            return list(seen_lines(connection, viewer))

    @router.get("/{slug}")
    def procedure(request: Request, slug: str) -> list[StoredNugget]:
        """The nuggets of a procedure, with their wordings and questions, in the order of its file."""
        viewer = console.gate.here(request)
        with console.database.read() as connection:
            line = seen_line(connection, viewer, slug)
            return list(nuggets.procedure_nuggets(connection, line.procedure.id))

    @router.post("/load")
    def load(
        request: Request, file: Annotated[UploadFile, File()], asked: Annotated[LoadOptions, Query()]
    ) -> LoadReport:
        """Load a file (YAML, workbook, question bank), or with `dry_run` say what it would do."""
        viewer = console.gate.here(request)
        kept = console.uploads.keep(file, viewer.actor)
        try:
            terms = bank_terms(kept, asked.procedure, asked.language, skip=asked.skip_unsupported)
            report = weighed(console, viewer, kept, terms)
            if asked.dry_run:
                return report
            actor, now = viewer.actor, console.clock.now()
            word = AuthorsWord(frozenset(asked.meaning), frozenset(asked.wording_only))
            return load_files(console.database, [kept.path], dry_run=False, actor=actor, now=now, bank=terms, word=word)
        except ContentRefused as refused:
            raise with_plain_names(refused, kept) from None
        finally:
            console.uploads.drop(kept)

    return router
