"""Files of procedures that somebody gives: what they do, and whether the giver may."""

from __future__ import annotations

from reinforce.actions.authoring.load import LoadReport, load_files
from reinforce.content.question_bank import BANKS, BankTerms
from reinforce.domain.errors import NotAllowed
from reinforce.domain.nugget import Confidentiality
from reinforce.store.reporting.console.procedures import procedure_lines
from reinforce.web.console import Console
from reinforce.web.gate import Viewer
from reinforce.web.procedure_reach import may_write
from reinforce.web.uploads import Kept


def bank_terms(kept: Kept, procedure: str, language: str, *, skip: bool) -> BankTerms | None:
    """What a question bank does not say of itself; None for other files."""
    if kept.path.suffix.lower() not in BANKS:
        return None
    if not procedure:
        raise NotAllowed("This is a question bank.", "Say which procedure its questions are to be, and give it again.")
    return BankTerms(procedure, "", language, Confidentiality.INTERNAL, skip)


def weighed(console: Console, viewer: Viewer, kept: Kept, terms: BankTerms | None) -> LoadReport:
    """What loading a file would do. Raises HTTPException for a procedure that others than their cohorts learn."""
    report = load_files(
        console.database, [kept.path], dry_run=True, actor=viewer.actor, now=console.clock.now(), bank=terms
    )
    with console.database.read() as connection:
        known = {line.procedure.slug: line for line in procedure_lines(connection)}
    for one in report.procedures:
        if one.slug in known and not may_write(viewer, known[one.slug].cohort_ids):
            raise NotAllowed(
                f'There is a procedure "{one.slug}" that cohorts learn which are not yours.',
                "Give yours another slug, or ask an author whose role is for those cohorts.",
            )
    return report
