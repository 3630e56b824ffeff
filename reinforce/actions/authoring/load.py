"""Load procedures: all files are read before anything is written, and one transaction takes them all in or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from reinforce.content.formats import read_with_notes
from reinforce.content.question_bank import BANKS, BankTerms
from reinforce.domain.authoring.confidentiality import too_confidential, who_reads
from reinforce.domain.authoring.post_rules import fits_a_poll
from reinforce.domain.authoring.revision import (
    AuthorsWord,
    Change,
    KnownNugget,
    NuggetChange,
    compare,
    judged,
    procedure_hash,
)
from reinforce.domain.errors import Conflict, ContentRefused, Fault, NotAllowed, NotFound
from reinforce.domain.nugget import WITH_PICTURE, Nugget, Procedure, StoredNugget
from reinforce.domain.sending.outbox import OutboxItem
from reinforce.domain.texts.wording import links
from reinforce.store.accounts import accounts
from reinforce.store.authoring import nuggets, revisions
from reinforce.store.authoring.nuggets import StoredProcedure
from reinforce.store.operating import audit
from reinforce.store.operating.locks import one_at_a_time
from reinforce.store.people import cohorts
from reinforce.store.revising import recalls
from reinforce.store.sending import attempts, outbox, pictures
from reinforce.store.session import Database

ADVISED_WORDINGS = 4
# Behind the name of the file that a procedure came from, once it says something else than that file.
EDITED = ", edited in the console"
_UNDOES = (
    "it was edited in the console since it came from its file: what the file does not say is undone. The console has "
    "its present state as a file, under Procedures"
)
_NO_WORD = AuthorsWord()


@dataclass(frozen=True, slots=True)
class ProcedureReport:
    """What loading one file did, or would do. `revision` is the procedure's after it; `notes` are no faults, but
    worth an author's look: links and their price, questions that don't fit a poll, nuggets with few wordings.
    `withdrawn` counts planned posts that were taken back because their text is no longer the procedure's."""

    slug: str
    title: str
    file: str
    revision: int
    nuggets: tuple[NuggetChange, ...]
    notes: tuple[str, ...]
    withdrawn: int


@dataclass(frozen=True, slots=True)
class LoadReport:
    """One entry a file, in the order given."""

    procedures: tuple[ProcedureReport, ...]


def load_files(
    database: Database,
    paths: Iterable[Path],
    *,
    dry_run: bool,
    actor: str,
    now: datetime,
    bank: BankTerms | None = None,
    word: AuthorsWord = _NO_WORD,
) -> LoadReport:
    """Load every file or none. With `dry_run` the same report is made and nothing changes. `bank` says what a question
    bank does not say of itself, `word` which changes are of meaning where the rule would say otherwise.

    Raises ContentRefused with the faults of all files; NotAllowed if an internal nugget would come to a cohort on a
    public account.
    """
    files = _read_all(paths, bank)
    if dry_run:
        with database.read() as connection:
            return _reported([_weigh(connection, one, word).report for one in files], word)
    with database.write() as connection:
        one_at_a_time(connection, "load")
        return _reported([_take_in(connection, one, word, actor, now) for one in files], word)


@dataclass(frozen=True, slots=True)
class Edit:
    """A procedure with a change that somebody made to its revision `based_on`; read as a file would be
    (content.composed_procedure). `retires` is the nugget that is left out, although a colleague brought it in."""

    procedure: Procedure
    based_on: int
    retires: str = ""


def load_edit(
    database: Database, edit: Edit, *, dry_run: bool, actor: str, now: datetime, word: AuthorsWord = _NO_WORD
) -> ProcedureReport:
    """Load a changed procedure as its file would be loaded.

    Raises Conflict if it has another revision by now, NotFound if it is gone, NotAllowed as `load_files` does.
    """
    file = _File(Path(edit.procedure.slug), edit.procedure, (), edit)
    if dry_run:
        with database.read() as connection:
            return _reported([_weigh(connection, file, word).report], word).procedures[0]
    with database.write() as connection:
        one_at_a_time(connection, "load")
        return _reported([_take_in(connection, file, word, actor, now)], word).procedures[0]


def _reported(reports: Sequence[ProcedureReport], word: AuthorsWord) -> LoadReport:
    """The report; raises NotFound for what the author speaks of and nothing answers to."""
    changed = {
        one.slug for report in reports for one in report.nuggets if one.change in (Change.CHANGED, Change.REVIVED)
    }
    unknown = sorted((word.meaning | word.wording_only) - changed)
    if unknown:
        advice = f"Changed are: {', '.join(sorted(changed)) or 'none'}."
        raise NotFound(f'no nugget "{unknown[0]}" is changed by this', advice)
    return LoadReport(tuple(reports))


@dataclass(frozen=True, slots=True)
class _File:
    """A file as read. `notes` say what of it was left out; `edit` is there if it is no file but a change made in
    the console."""

    path: Path
    procedure: Procedure
    notes: tuple[str, ...]
    edit: Edit | None = None


def _read_all(paths: Iterable[Path], bank: BankTerms | None) -> list[_File]:
    faults: list[Fault] = []
    files: list[_File] = []
    for path in paths:
        try:
            files.append(_File(path, *read_with_notes(path, bank)))
        except ContentRefused as refused:
            faults += refused.faults
    first: dict[str, Path] = {}
    for path, procedure in ((one.path, one.procedure) for one in files):
        if procedure.slug in first:
            message = f'the procedure "{procedure.slug}" is in {first[procedure.slug]} too.'
            faults.append(Fault(str(path), 1, 1, message, 'Give one of them another "slug".'))
        first.setdefault(procedure.slug, path)
    if faults:
        raise ContentRefused(faults)
    return files


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A file held against what is stored: what loading it does, and which posts no longer say what it says."""

    report: ProcedureReport
    unchanged: bool
    stale: tuple[OutboxItem, ...]


def _weigh(connection: Connection, file: _File, word: AuthorsWord) -> _Weighed:
    path, procedure = file.path, file.procedure
    there = _stored(connection, procedure.slug)
    known: tuple[KnownNugget, ...] = ()
    stale: tuple[OutboxItem, ...] = ()
    revision, unchanged = 1, False
    _require_pictures(connection, procedure)
    # Who edits has seen them beside the fields, and of a long procedure they take a while.
    notes = (*file.notes, *(() if file.edit is not None else _notes(procedure)))
    if file.edit is not None:
        _require_unchanged(there, file.edit)
    if there is not None:
        if file.edit is None:
            _require_one_kind(there, path)
        _require_fit(connection, there, procedure)
        known = revisions.known_nuggets(connection, there.id)
        if file.edit is not None:
            known = tuple(replace(one, added=one.added and one.slug != file.edit.retires) for one in known)
        unchanged = there.content_hash == procedure_hash(procedure)
        if file.edit is not None and file.edit.retires:
            unchanged = False  # what a colleague brought in is not among what the hash covers
        revision = there.revision + (0 if unchanged else 1)
        stale = _stale(connection, there, procedure, {nugget.slug for nugget in known if nugget.added})
    changes = compare(known, procedure.nuggets)
    if there is not None:
        touched = [one.slug for one in changes if one.change in (Change.CHANGED, Change.REVIVED)]
        before = revisions.last_contents(connection, there.id, touched)
        changes = judged(changes, before, procedure.nuggets, word)
    if there is not None and file.edit is None and there.source.endswith(EDITED) and not unchanged:
        notes = (*notes, _UNDOES)
    report = ProcedureReport(procedure.slug, procedure.title, str(path), revision, changes, notes, len(stale))
    return _Weighed(report, unchanged, stale)


def _stale(
    connection: Connection, there: StoredProcedure, procedure: Procedure, added: Collection[str]
) -> tuple[OutboxItem, ...]:
    """Posts that wait to say something the procedure no longer says: their nugget, wording or question is gone. A file
    that does not name what colleagues `added` says nothing against it."""
    new = {nugget.slug: nugget for nugget in procedure.nuggets}
    every = {nugget.id: nugget for nugget in nuggets.procedure_nuggets(connection, there.id, retired=True)}
    stored = {
        key: nugget
        for key, nugget in every.items()
        if not nugget.retired and (nugget.slug in new or nugget.slug not in added)
    }
    corrections = tuple(
        item
        for item in recalls.waiting_corrections(connection, there.id)
        if item.nugget_id is not None and not _still_right(item, every[item.nugget_id], new)
    )
    return corrections + tuple(
        item
        for item in outbox.waiting(connection, list(stored))
        if item.nugget_id is not None and not _still_said(item, stored[item.nugget_id], new)
    )


def _still_right(item: OutboxItem, stored: StoredNugget, new: Mapping[str, Nugget]) -> bool:
    """Whether a correction is still one: it says that a nugget was dropped, or what is right of it."""
    if item.wording_id is None:
        return stored.slug not in new
    return _still_said(item, stored, new)


def _still_said(item: OutboxItem, stored: StoredNugget, new: Mapping[str, Nugget]) -> bool:
    nugget = new.get(stored.slug)
    if nugget is None:
        return False
    if item.form in WITH_PICTURE and nugget.picture != stored.picture:
        return False
    if item.question_id is not None:
        return nugget.question == stored.question
    texts = {wording.id: wording.text for wording in stored.wordings}
    return item.wording_id in texts and texts[item.wording_id] in {wording.text for wording in nugget.wordings}


def _stored(connection: Connection, slug: str) -> StoredProcedure | None:
    try:
        return nuggets.procedure_by_slug(connection, slug)
    except NotFound:
        return None


def _require_unchanged(there: StoredProcedure | None, edit: Edit) -> None:
    if there is None:
        raise NotFound(f"there is no procedure {edit.procedure.slug} any more", "Load its file again.")
    if there.revision != edit.based_on:
        raise Conflict(
            f"{there.slug} was loaded or edited by somebody else meanwhile: it has revision {there.revision} now",
            "Look at it again, then make your change to what it says now.",
        )


def _require_one_kind(there: StoredProcedure, path: Path) -> None:
    """A bank that bore the name of a procedure from a file would retire all of its nuggets, and the other way round."""
    banks = [Path(name).suffix.lower() in BANKS for name in (there.source, path.name)]
    if banks[0] != banks[1]:
        raise NotAllowed(
            f'the procedure "{there.slug}" was loaded from {there.source}, and {path.name} would take its place',
            "Give the new one a name of its own; a cohort can learn several procedures.",
        )


def _require_pictures(connection: Connection, procedure: Procedure) -> None:
    """A nugget may show a picture without bringing it, if it is kept here already."""
    brought = {one.shown.hash for one in procedure.pictures}
    named = {one.picture.hash: one for one in procedure.nuggets if one.picture and one.picture.hash not in brought}
    for known_by in pictures.unknown(connection, named) if named else ():
        one = named[known_by]
        raise NotFound(
            f"the picture of {one.slug} is not kept here", "Put its file beside this one and name it: image: lock.png"
        )


def _require_fit(connection: Connection, there: StoredProcedure, procedure: Procedure) -> None:
    """No internal nugget may reach a cohort on a public account through a new revision."""
    for cohort in cohorts.cohorts_of_procedure(connection, there.id):
        account = accounts.account_by_id(connection, cohort.account_id)
        refused = too_confidential(account, procedure.nuggets)
        if refused:
            raise NotAllowed(
                f"the cohort {cohort.slug} learns {procedure.slug}, {who_reads(account)}, "
                f"and these nuggets are internal: {', '.join(refused)}",
                'Mark what may be public with "confidentiality: public", or load them as a procedure of their own.',
            )


def _take_in(connection: Connection, file: _File, word: AuthorsWord, actor: str, now: datetime) -> ProcedureReport:
    path, procedure = file.path, file.procedure
    weighed = _weigh(connection, file, word)
    report = weighed.report
    if weighed.unchanged:
        return report
    source = path.name if file.edit is None else _source_of_edit(connection, procedure.slug)
    procedure_id = revisions.save_procedure(connection, procedure, procedure_hash(procedure), source, now)
    for picture in procedure.pictures:
        pictures.keep(connection, picture.content, picture.media_type, now)
    revisions.save_nuggets(connection, procedure_id, procedure.nuggets, report.nuggets, now)
    _withdraw(connection, weighed.stale)
    for cohort in cohorts.cohorts_of_procedure(connection, procedure_id):
        cohorts.raise_version(connection, cohort.id)
    counts = Counter(change.change.value for change in report.nuggets)
    meaning = sum(change.meaning for change in report.nuggets)
    detail = {"revision": report.revision, "withdrawn": report.withdrawn, "meaning": meaning} | {
        change.value: counts[change.value] for change in Change
    }
    audit.record(connection, actor, "load", f"procedure/{procedure_id}", detail, now)
    return report


def _source_of_edit(connection: Connection, slug: str) -> str:
    return nuggets.procedure_by_slug(connection, slug).source.removesuffix(EDITED) + EDITED


def _withdraw(connection: Connection, stale: Sequence[OutboxItem]) -> None:
    """Clear their slots for the plan to choose again, but for a post that may be up already: that one keeps its slot.

    One whose sending begins at this moment is left to it.
    """
    for item in stale:
        leave = outbox.skip if attempts.may_have_been_sent(connection, item.id) else outbox.cancel
        leave(connection, item, "its procedure was loaded in a new revision")


def _notes(procedure: Procedure) -> tuple[str, ...]:
    notes = []
    few = [nugget.slug for nugget in procedure.nuggets if len(nugget.wordings) < ADVISED_WORDINGS]
    if few:
        notes.append(f"fewer than {ADVISED_WORDINGS} wordings, so soon out of them: {', '.join(few)}")
    for nugget in procedure.nuggets:
        with_links = sum(bool(links(wording.text)) for wording in nugget.wordings)
        if with_links:
            notes.append(f"{nugget.slug}: {with_links} of its wordings hold a link, which makes a post cost $0.20")
        if nugget.question is not None and nugget.question.options and not fits_a_poll(nugget.question):
            notes.append(f"{nugget.slug}: a choice has more than 25 characters, so its question can't be a poll")
    return tuple(notes)
