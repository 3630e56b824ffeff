"""The composer's desk: a procedure with the nugget in hand, for those who may write it, and the form that shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from fastapi import Request
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.actions.authoring.load import Edit, ProcedureReport, load_edit
from reinforce.content.question_bank import BANKS
from reinforce.domain.authoring.revision import AuthorsWord
from reinforce.domain.cohort import Approval, Cohort
from reinforce.domain.errors import ContentRefused, NotAllowed, ReinforceError
from reinforce.domain.nugget import Nugget, Procedure
from reinforce.store.authoring.present_content import PresentContent, present_content
from reinforce.store.people import cohorts
from reinforce.web.composer_look import Audience, Audiences, look
from reinforce.web.console import Console
from reinforce.web.entry import Entry, entry_of
from reinforce.web.gate import Viewer
from reinforce.web.procedure_reach import writable_line

# Of a procedure's nuggets, so many are listed at a time.
SHOWN = 100
_BESIDE = NotAllowed("Nothing was saved.", "What is wrong stands beside its field.")
_NO_WORD = AuthorsWord()


@dataclass(frozen=True, slots=True)
class Desk:
    """A procedure on an author's desk: what it says now, the nugget in hand (None: a new one), and the cohorts that
    learn it, of which `chosen` is the one its posts are shown for."""

    present: PresentContent
    nugget: Nugget | None
    learning: tuple[Cohort, ...]
    chosen: Cohort | None

    @property
    def procedure(self) -> Procedure:
        """What its file would hold, the nugget in hand included whoever brought it in."""
        return self.present.of_file("" if self.nugget is None else self.nugget.slug)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The cohorts it can be shown for, as a field offers them."""
        return [(one.slug, one.title) for one in self.learning]

    @property
    def slug(self) -> str:
        """The nugget's, "" for a new one."""
        return "" if self.nugget is None else self.nugget.slug


@dataclass(frozen=True, slots=True)
class Typing:
    """What stands in the form: what was typed (None: nothing yet), for which cohort (slug) it is shown, what was wrong
    with it, and what is looked for in the list of nuggets (a word, how many to pass over)."""

    entry: Entry | None = None
    cohort: str = ""
    fault: ReinforceError | None = None
    finding: tuple[str, int] = ("", 0)


@dataclass(frozen=True, slots=True)
class Desks:
    """Lays procedures on the desk. `where` is a procedure's slug and a nugget's, "" for a new one."""

    console: Console
    audiences: Audiences

    def desk(self, viewer: Viewer, where: tuple[str, str], cohort: str) -> Desk:
        """What is on the desk. Raises HTTPException, 404, for a procedure they may not change, a nugget not in it."""
        with self.console.database.read() as connection:
            return _desk(connection, viewer, where, cohort)

    def load(
        self, viewer: Viewer, desk: Desk, changed: Procedure, word: AuthorsWord = _NO_WORD, retires: str = ""
    ) -> ProcedureReport:
        """Make `changed` the procedure's next revision. Raises what `load_edit` raises."""
        edit = Edit(changed, desk.present.stored.revision, retires)
        now = self.console.clock.now()
        return load_edit(self.console.database, edit, dry_run=False, actor=viewer.actor, now=now, word=word)

    def form(self, request: Request, where: tuple[str, str], typing: Typing) -> Response:
        """The form, with what can be said of what stands in it."""
        console = self.console
        with console.database.read() as connection:
            desk = _desk(connection, console.gate.here(request), where, typing.cohort, only=where[1])
            entry = typing.entry or (Entry() if desk.nugget is None else entry_of(desk.nugget, desk.present.procedure))
            audience: Audience | None = None if desk.chosen is None else self.audiences.of(connection, desk.chosen.id)
            means = (console.renderer, console.tariff)
            looked = look(connection, replace(entry, slug=desk.slug), desk.present, audience, means)
        fault, beside = _placed(typing.fault, entry)
        values: dict[str, Any] = {
            "desk": desk,
            "entry": entry,
            "audience": audience,
            "looked": looked,
            "faults": beside,
            "fault": fault,
            "address": f"/composer/{where[0]}" + (f"/{where[1]}" if where[1] else ""),
            "revision": desk.present.revisions.get(desk.slug, 0),
            "from_bank": desk.present.stored.source.lower().endswith(tuple(BANKS)),
            "asks": desk.chosen is not None and desk.chosen.approval is not Approval.NONE,
            **_others(desk, typing.finding),
        }
        return console.show(request, "composer", values, status=200 if fault is None else 422)


def _placed(fault: ReinforceError | None, entry: Entry) -> tuple[ReinforceError | None, dict[str, str]]:
    """What is wrong with the form as a whole, and what belongs beside a field."""
    if not isinstance(fault, ContentRefused):
        return fault, {}
    beside, others = entry.beside(fault.faults)
    return (ContentRefused(others) if others else _BESIDE), beside


def _desk(connection: Connection, viewer: Viewer, where: tuple[str, str], cohort: str, only: str | None = None) -> Desk:
    """What is on the desk. Raises HTTPException, 404, for a procedure they may not change, a nugget not in it."""
    line = writable_line(connection, viewer, where[0])
    present = present_content(connection, line.procedure.slug, only)
    nugget = present.nugget(where[1]) if where[1] else None
    if where[1] and nugget is None:
        raise HTTPException(404)
    learning = cohorts.cohorts_of_procedure(connection, line.procedure.id)
    chosen = next((one for one in learning if one.slug == cohort), learning[0] if learning else None)
    return Desk(present, nugget, learning, chosen)


def _others(desk: Desk, finding: tuple[str, int]) -> dict[str, Any]:
    """The procedure's nuggets to choose from, some at a time, those that hold what somebody looks for."""
    find, after = finding
    word = find.strip().casefold()
    found = [(slug, title) for slug, title in desk.present.titles.items() if word in f"{slug} {title}".casefold()]
    rest = found[after + SHOWN :]
    return {"others": found[after : after + SHOWN], "find": find, "after": after + SHOWN if rest else 0}
