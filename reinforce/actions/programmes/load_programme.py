"""Load a programme from its file, or say what loading it would change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reinforce.domain.authoring.revision import content_hash
from reinforce.domain.programmes.programme import Programme
from reinforce.store.operating import audit
from reinforce.store.programmes import programmes
from reinforce.store.session import Database


@dataclass(frozen=True, slots=True)
class LoadedProgramme:
    """A programme, and whether it was "added", "changed" or "unchanged" (or would be)."""

    programme: Programme
    change: str


def load_programme(
    database: Database, programme: Programme, *, actor: str, now: datetime, dry_run: bool = False
) -> LoadedProgramme:
    """Keep a programme that was read; cohorts that run it go on with what they were started with."""
    digest = content_hash(programme.as_content())
    if dry_run:
        with database.read() as connection:
            known = programmes.hash_of(connection, programme.slug)
        change = "added" if known is None else "unchanged" if known == digest else "changed"
        return LoadedProgramme(programme, change)
    with database.write() as connection:
        programme_id, change = programmes.save(connection, programme, digest, now)
        if change != "unchanged":
            detail = {"phases": len(programme.phases), "items": len(programme.items)}
            audit.record(connection, actor, "programme.load", f"programme/{programme_id}", detail, now)
        return LoadedProgramme(programme, change)
