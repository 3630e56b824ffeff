"""Somebody is erased: nothing is left of them but what the receipt names, and nobody else loses anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from reinforce.actions.privacy.erase import Around, erase
from reinforce.domain.errors import NotFound
from reinforce.domain.privacy.receipt import Receipt
from reinforce.store import tables as t
from reinforce.store.operating import audit
from reinforce.store.privacy import erasing
from reinforce.store.session import Database
from tests.actions.privacy.conftest import KEYED, NOW, Traces, belief_states, dump, left_of


def remove(database: Database, who: str, *, dry_run: bool = False, folder: Path | None = None) -> Receipt:
    """Erase somebody."""
    around = Around(KEYED, folder)
    return erase(database, around, who, actor="tester", now=NOW, wall=NOW, dry_run=dry_run)


def test_nothing_of_an_erased_person_is_left_in_any_column_of_any_table(held: Database, pat: Traces) -> None:
    assert len({line.split(".")[0] for line in left_of(held, pat)}) > 15, "the tables were filled"
    remove(held, pat.employee_id)
    assert left_of(held, pat) == []
    assert belief_states(held).get(pat.learner_id, 0) == 0


def test_a_bystander_keeps_everything_but_the_name_of_the_erased(held: Database, pat: Traces, kim: Traces) -> None:
    before = [(table, column) for table, column, text in dump(held) if kim.word in text.lower()]
    state = belief_states(held)[kim.learner_id]
    assert state > 0
    remove(held, pat.employee_id)
    assert [(table, column) for table, column, text in dump(held) if kim.word in text.lower()] == before
    assert belief_states(held)[kim.learner_id] > 0
    said = next(text for table, column, text in dump(held) if (table, column) == ("inbound", "text"))
    assert said == f"{kim.name} ({kim.handle}) and @[erased]"


def test_the_bytes_of_an_sqlite_file_hold_nothing_of_them_either(held: Database, pat: Traces) -> None:
    receipt = remove(held, pat.employee_id)
    held.forget_deleted(receipt.removed)
    if held.is_sqlite:
        place = Path(str(held.engine.url.database))
        found = [
            part.name for part in place.parent.glob(f"{place.name}*") if pat.word.encode() in part.read_bytes().lower()
        ]
        assert found == []


def test_a_dry_run_says_the_same_and_changes_nothing(held: Database, pat: Traces) -> None:
    before = list(dump(held))
    told = remove(held, pat.employee_id, dry_run=True)
    assert list(dump(held)) == before
    done = remove(held, pat.employee_id)
    assert (told.removed, told.beliefs, told.listed, told.remains) == (
        done.removed, done.beliefs, done.listed, done.remains,
    )  # fmt: skip
    assert told.dry_run
    assert not done.dry_run


def test_the_receipt_counts_what_went_and_names_what_could_not_and_nobody(
    held: Database, pat: Traces, tmp_path: Path
) -> None:
    folder = tmp_path / "workspace"
    (folder / "pages").mkdir(parents=True)
    (folder / "roster.csv").write_text(f"employee_id,name\n{pat.employee_id},{pat.name}\n")
    (folder / "pages" / "of-others.html").write_text("<p>Nothing</p>")
    receipt = remove(held, pat.employee_id, folder=folder)
    remains = {one.what: one for one in receipt.remains}
    assert receipt.removed["learner"] == receipt.removed["enrollment"] == receipt.removed["review"] == 1
    assert receipt.removed["inbound"] == 2, "one of theirs went, in one of another's the name was struck out"
    assert remains["files in the workspace that name them"].places == ("roster.csv",)
    assert remains["posts on X that they wrote"].count == 1
    assert remains["nuggets made from what they wrote"].count == 1
    with held.read() as connection:
        ours = connection.execute(select(t.outbox.c.remote_id).order_by(t.outbox.c.id)).scalars().first()
    assert remains["our posts on X in reply to them"].places == (str(ours),)
    assert pat.word not in str(receipt).lower()
    assert str(pat.remote_user_id) not in str(receipt)


def test_the_audit_log_stays_whole_and_says_that_it_was_done_without_saying_to_whom(
    held: Database, pat: Traces
) -> None:
    with held.write() as connection:
        audit.record(connection, "daemon", "learner.linked", f"learner/{pat.learner_id}", {"inbound": 1}, NOW)
    receipt = remove(held, pat.employee_id)
    assert next(one.count for one in receipt.remains if one.what == "entries of the audit log") == 1
    with held.read() as connection:
        assert audit.verify(connection).whole
        (entry,) = audit.latest(connection, limit=1)
    assert (entry.verb, entry.subject) == ("person.erase", f"learner/{pat.learner_id}")


def test_posts_to_or_about_them_that_wait_are_let_go(held: Database, pat: Traces, kim: Traces) -> None:
    with held.write() as connection:
        connection.execute(update(t.outbox).values(state="planned", remote_id=None))
    receipt = remove(held, pat.employee_id)
    assert receipt.withdrawn == 2, "a reply to Pat, and a post that names Pat"
    with held.read() as connection:
        assert set(connection.execute(select(t.outbox.c.state)).scalars()) == {"skipped"}


def test_what_is_just_being_sent_keeps_its_words_until_it_is_settled(held: Database, pat: Traces) -> None:
    with held.write() as connection:
        theirs = t.outbox.c.id == pat.rows["outbox"]
        connection.execute(
            update(t.outbox).where(theirs).values(state="sending", text="Your own lock.", remote_id=None)
        )
    receipt = remove(held, pat.employee_id)
    assert next(one.count for one in receipt.remains if one.what == "replies that are just being sent") == 1
    with held.read() as connection:
        assert connection.execute(select(t.outbox.c.text).where(theirs)).scalar() == "Your own lock."
    with held.write() as connection:
        assert erasing.tidy(connection) == 0, "nobody knows yet whether it is out"
        connection.execute(update(t.outbox).where(theirs).values(state="posted"))
        assert erasing.tidy(connection) == 1
        assert connection.execute(select(t.outbox.c.text).where(theirs)).scalar() == ""


def test_somebody_who_only_wrote_to_us_is_erased_by_handle(held: Database, pat: Traces) -> None:
    with held.write() as connection:
        for table in (t.review, t.wish):
            connection.execute(table.delete())
        connection.execute(update(t.inbound).values(learner_id=None))
        connection.execute(
            update(t.learner).where(t.learner.c.id == pat.learner_id).values(handle="", remote_user_id=None)
        )
    receipt = remove(held, f"@{pat.handle}")
    assert receipt.removed["inbound"] == 2
    with held.read() as connection:
        assert connection.execute(select(func.count()).select_from(t.inbound)).scalar_one() == 1


def test_nobody_is_guessed_at(held: Database, pat: Traces) -> None:
    for who in (pat.employee_id.lower(), pat.name, "", "@", "E-nobody"):
        with pytest.raises(NotFound, match="nobody"):
            remove(held, who)
