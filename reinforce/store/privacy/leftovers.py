"""What an erasure can't reach: what stands on X, backups, files, and the entries of the audit log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import Connection, func, select

from reinforce.domain.privacy.receipt import Remains
from reinforce.domain.privacy.striking import hints
from reinforce.domain.sending.outbox import State
from reinforce.domain.texts.naming_guard import NamingGuard
from reinforce.store import tables as t
from reinforce.store.operating import workspace
from reinforce.store.privacy.erasing import Held, Person

BACKUP_VERB = "database.backup"
_LARGEST = 64 * 1024 * 1024
_MOST_PLACES = 50


def leftovers(
    connection: Connection, person: Person, held: Held, folder: Path | None, mine: Iterable[Path] = ()
) -> tuple[Remains, ...]:
    """What will be left of `person` when `held` is taken out. To be asked before that. `folder` is the workspace's,
    `mine` the database's own files in it."""
    found = (
        *_on_x(connection, held),
        _nuggets(held),
        _on_its_way(held),
        _audit(connection, person),
        _backups(connection),
        *(() if folder is None else (_files(person, folder, frozenset(path.resolve() for path in mine)),)),
    )
    return tuple(one for one in found if one is not None and one.count)


def _on_x(connection: Connection, held: Held) -> Iterator[Remains]:
    theirs = len(held.gone["inbound"])
    yield Remains(
        "posts on X that they wrote",
        theirs,
        "they are theirs",
        "They delete them on X, if they want to.",
    )
    o = t.outbox.c
    for what, keys in (
        ("our posts on X in reply to them", held.emptied["outbox"]),
        ("our posts on X that name them", set(held.struck["outbox"])),
    ):
        ids = sorted({key[0] for key in keys})
        out = select(o.remote_id).where(o.id.in_(ids), o.state == State.POSTED.value, o.remote_id.is_not(None))
        places = [str(one) for one in connection.execute(out).scalars()]
        yield Remains(
            what, len(places), "they are public", "Delete them on X, signed in as the account.", tuple(places)
        )
    others = len(held.struck["inbound"])
    yield Remains(
        "posts of others on X that name them", others, "others wrote them", "The name was struck out of our copies."
    )


def _nuggets(held: Held) -> Remains:
    ids = sorted({key[0] for keys in held.cut["nugget"].values() for key in keys})
    return Remains(
        "nuggets made from what they wrote", len(ids), "their words were edited and approved as the team's",
        "The name was struck out; retire them if they shall go as well.", tuple(f"nugget {one}" for one in ids),
    )  # fmt: skip


def _on_its_way(held: Held) -> Remains:
    return Remains(
        "replies that are just being sent", len(held.on_its_way), "whether they are out has to be settled first",
        "Their words are emptied within a day.", tuple(f"outbox {one}" for one in held.on_its_way),
    )  # fmt: skip


def _audit(connection: Connection, person: Person) -> Remains:
    subjects = [f"learner/{one}" for one in person.learner_ids]
    count = connection.execute(
        select(func.count()).select_from(t.audit).where(t.audit.c.subject.in_(subjects))
    ).scalar_one()
    return Remains(
        "entries of the audit log", int(count),
        "each holds a number that leads to nobody now; without them the log could not be verified any more",
        "Nothing has to be done; `reinforce audit verify` still finds it whole.",
    )  # fmt: skip


def _backups(connection: Connection) -> Remains:
    a = t.audit.c
    noted = connection.execute(select(a.at).where(a.verb == BACKUP_VERB).order_by(a.id.desc())).scalars().all()
    last = workspace.backed_up_at(connection)
    dates = {f"{at:%Y-%m-%d %H:%M} UTC" for at in (*noted, *(() if last is None else (last,)))}
    return Remains(
        "backups made before", len(dates), "a copy can't be changed without being another one",
        "Delete them when you may; where one is put back, the person is erased again before anything else.",
        tuple(sorted(dates, reverse=True)[:_MOST_PLACES]),
    )  # fmt: skip


def _files(person: Person, folder: Path, mine: frozenset[Path]) -> Remains:
    places = [str(path.relative_to(folder)) for path in sorted(_naming_files(person, folder, mine))]
    return Remains(
        "files in the workspace that name them", len(places), "they are yours: rosters, invitations, pages, copies",
        "Delete them, or write them anew.", tuple(places[:_MOST_PLACES]),
    )  # fmt: skip


def _naming_files(person: Person, folder: Path, mine: frozenset[Path]) -> Iterator[Path]:
    guard, pieces = NamingGuard(person.marks), [piece.encode() for piece in hints(person.marks)]
    for path in folder.rglob("*"):
        if path.suffix == ".key" or path.is_symlink() or not path.is_file() or path.resolve() in mine:
            continue
        try:
            raw = path.read_bytes() if path.stat().st_size <= _LARGEST else b""
        except OSError:
            continue  # gone meanwhile, or not ours to read
        lowered = raw.lower()
        if any(piece in lowered for piece in pieces) and guard.find(raw.decode("utf-8", "replace")):
            yield path
