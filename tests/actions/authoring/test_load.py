"""Loading a procedure again: what stays keeps its row, what changed says so, what is gone retires."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.actions.authoring.load import load_files
from reinforce.domain.cohort import Cohort
from reinforce.domain.errors import NotAllowed, NotFound
from reinforce.domain.nugget import Confidentiality, StoredNugget
from reinforce.domain.sending.outbox import Planned, State
from reinforce.domain.texts.wording import text_hash
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.authoring import nuggets
from reinforce.store.operating import audit
from reinforce.store.people import cohorts
from reinforce.store.sending import outbox
from reinforce.store.session import Database

QUESTION = 'wordings: [One.]\nquestion: {ask: "How many?", choices: [{text: "1", correct: yes}, "2"]}'


def _changes(report: Any) -> dict[str, str]:
    return {change.slug: change.change.value for change in report.procedures[0].nuggets}


def _stored(database: Database, *, retired: bool = False) -> dict[str, StoredNugget]:
    with database.read() as connection:
        procedure = nuggets.procedure_by_slug(connection, "lockout")
        return {one.slug: one for one in nuggets.procedure_nuggets(connection, procedure.id, retired=retired)}


def test_a_first_load_adds_every_nugget_in_order(database: Database, load: Any) -> None:
    report = load({"b": ["Bee."], "a": ["Ay.", "Ei."]}, head="importance: 2\naudience: Operator")
    assert _changes(report) == {"b": "added", "a": "added"}
    assert report.procedures[0].revision == 1
    stored = _stored(database)
    assert list(stored) == ["b", "a"]
    assert stored["a"].importance == 2
    assert stored["a"].audience == ("operator",)
    assert [wording.text for wording in stored["a"].wordings] == ["Ay.", "Ei."]


def test_loading_the_same_file_again_changes_nothing_at_all(database: Database, load: Any) -> None:
    load({"a": QUESTION})
    before = _stored(database)
    report = load({"a": QUESTION})
    assert _changes(report) == {"a": "unchanged"}
    assert report.procedures[0].revision == 1
    assert _stored(database) == before


def test_a_changed_nugget_keeps_its_row_and_the_wordings_that_stayed(database: Database, load: Any) -> None:
    load({"a": ["One.", "Two."], "b": ["Bee."]})
    before = _stored(database)
    report = load({"a": ["Two.", "Three."], "b": ["Bee."]})
    after = _stored(database)
    assert _changes(report) == {"a": "changed", "b": "unchanged"}
    assert report.procedures[0].revision == 2
    assert (after["a"].id, after["a"].revision) == (before["a"].id, 2)
    assert after["b"] == before["b"]
    assert [wording.text for wording in after["a"].wordings] == ["Two.", "Three."]
    assert after["a"].wordings[0].id == before["a"].wordings[1].id
    with database.read() as connection:
        gone = connection.execute(select(t.wording.c.text).where(t.wording.c.retired_at.is_not(None))).scalars().all()
    assert gone == ["One."]


def test_a_wording_that_comes_back_keeps_its_history(database: Database, load: Any) -> None:
    load({"a": ["One.", "Two."]})
    first = _stored(database)["a"].wordings[0]
    load({"a": ["Two."]})
    load({"a": ["Two.", "One."]})
    assert _stored(database)["a"].wordings[1].id == first.id


def test_a_changed_question_is_a_new_row_and_an_unchanged_one_is_not(database: Database, load: Any) -> None:
    load({"a": QUESTION})
    first = _stored(database)["a"]
    load({"a": QUESTION.replace("One.", "One and only.")})
    assert _stored(database)["a"].question_id == first.question_id
    load({"a": QUESTION.replace('"2"', '"3"')})
    changed = _stored(database)["a"]
    assert changed.question_id != first.question_id
    assert changed.question is not None
    assert [option.text for option in changed.question.options] == ["1", "3"]


def test_a_removed_nugget_retires_and_comes_back_with_its_row(database: Database, load: Any) -> None:
    load({"a": ["Ay."], "b": ["Bee."]})
    row = _stored(database)["b"]
    assert _changes(load({"a": ["Ay."]})) == {"a": "unchanged", "b": "retired"}
    assert list(_stored(database)) == ["a"]
    assert _stored(database, retired=True)["b"].retired
    assert _changes(load({"a": ["Ay."]})) == {"a": "unchanged"}
    assert _changes(load({"a": ["Ay."], "b": ["Bee."]})) == {"a": "unchanged", "b": "revived"}
    back = _stored(database)["b"]
    assert (back.id, back.revision, back.wordings) == (row.id, 2, row.wordings)
    with database.read() as connection:
        history = select(t.nugget_revision.c.revision, t.nugget_revision.c.change).order_by(t.nugget_revision.c.id)
        rows = connection.execute(history.where(t.nugget_revision.c.nugget_id == row.id)).all()
    assert [tuple(one) for one in rows] == [(1, "added"), (1, "retired"), (2, "revived")]


def test_prerequisites_follow_the_file(database: Database, load: Any) -> None:
    load({"a": ["Ay."], "b": "wordings: Bee.\nrequires: a"})
    stored = _stored(database)
    assert stored["b"].requires == (stored["a"].id,)
    load({"a": ["Ay."], "b": "wordings: Bee."})
    assert _stored(database)["b"].requires == ()


def test_a_dry_run_reports_what_the_load_then_does(database: Database, load: Any) -> None:
    load({"a": ["Ay."], "b": ["Bee."]})
    new = {"a": ["Ay, ay."], "c": ["Cee."]}
    dry = load(new, dry_run=True)
    assert list(_stored(database)) == ["a", "b"]
    assert load(new) == dry
    assert _changes(dry) == {"a": "changed", "c": "added", "b": "retired"}


def test_a_load_raises_the_version_of_the_cohorts_that_learn_it(database: Database, load: Any, cohort: Cohort) -> None:
    load({"own-lock": ["Your lock, your key."], "try-out": ["Try to start it."]})
    with database.read() as connection:
        assert cohorts.cohort_by_id(connection, cohort.id).version == cohort.version
    load({"own-lock": ["My lock, my key."], "try-out": ["Try to start it."]})
    with database.read() as connection:
        assert cohorts.cohort_by_id(connection, cohort.id).version > cohort.version


def test_an_internal_nugget_never_reaches_a_public_account(database: Database, load: Any) -> None:
    load({"a": ["Ay."]}, head="confidentiality: public")
    load({"x": ["Ex."]}, name="secret")
    with database.write() as connection:
        accounts.add_account(
            connection, name="open", base_url="http://127.0.0.1:1", confidentiality=Confidentiality.PUBLIC
        )
    new = NewCohort(slug="c", title="C", account="open", procedures=("lockout",))
    moment = _now(database)
    create_cohort(database, new, {"name": "s"}, actor="author", now=moment)
    with pytest.raises(NotAllowed, match="the account open is public, and secret holds internal nuggets: x"):
        create_cohort(
            database,
            NewCohort(slug="d", title="D", account="open", procedures=("secret",)),
            {"name": "s"},
            actor="author",
            now=moment,
        )
    for dry_run in (True, False):
        with pytest.raises(NotAllowed, match="these nuggets are internal: b"):
            load(
                {"a": ["Ay."], "b": "wordings: Bee.\nconfidentiality: internal"},
                head="confidentiality: public",
                dry_run=dry_run,
            )
    assert list(_stored(database)) == ["a"]


def _now(database: Database) -> Any:
    with database.read() as connection:
        return nuggets.procedures(connection)[0].loaded_at + timedelta(minutes=1)


def test_an_account_that_turned_public_takes_no_internal_procedure(
    database: Database, load: Any, protected: Any
) -> None:
    load({"a": ["Ay."]})
    with database.write() as connection:
        accounts.set_identity(connection, protected.id, remote_user_id=1, handle="acme_learns", protected=False)
    new = NewCohort(slug="c", title="C", account="acme", procedures=("lockout",))
    with pytest.raises(NotAllowed):
        create_cohort(database, new, {"name": "s"}, actor="author", now=_now(database))


def test_notes_tell_of_links_polls_and_few_wordings(load: Any) -> None:
    report = load(
        {
            "a": ["Read https://example.com/lockout first."],
            "b": "wordings: B.\nquestion: {ask: W?, choices: [{text: Whoever hung it there alone, correct: yes}, Me]}",
        }
    )
    few, link, poll = report.procedures[0].notes
    assert "fewer than 4 wordings" in few
    assert "a: 1 of its wordings hold a link" in link
    assert "b: a choice has more than 25 characters" in poll


def test_a_load_is_on_the_audit_log_in_numbers_only(database: Database, load: Any) -> None:
    load({"a": ["Ay."]})
    with database.read() as connection:
        (entry,) = audit.entries(connection)
        assert audit.verify(connection).whole
    assert (entry.verb, entry.actor) == ("load", "author")
    nothing = dict.fromkeys(("withdrawn", "meaning", "changed", "unchanged", "retired", "revived"), 0)
    assert entry.detail == {"revision": 1, "added": 1} | nothing


def test_a_nugget_is_found_by_what_people_call_it(database: Database, load: Any, cohort: Cohort) -> None:
    load({"own-lock": ["Another text."], "extra": ["Ex."]}, name="other")
    with database.read() as connection:
        find = nuggets.nugget_by_reference
        assert find(connection, "own-lock", cohort.id).procedure == "lockout"
        assert find(connection, "other/own-lock", None).procedure == "other"
        with pytest.raises(NotFound, match="own-lock is in several procedures"):
            find(connection, "own-lock", None)
        with pytest.raises(NotFound, match="there is no nugget extra here"):
            find(connection, "extra", cohort.id)
        with pytest.raises(NotFound) as missing:
            find(connection, "own-lok", cohort.id)
    assert missing.value.advice == "Did you mean own-lock?"


def _plan(database: Database, cohort: Cohort, nugget: StoredNugget, form: str, *, minutes: int) -> int:
    """A planned post of a nugget's first wording, or of its question; its id."""
    text = f"{nugget.slug} as a {form}"
    due = _now(database) + timedelta(minutes=minutes)
    planned = Planned(
        account_id=cohort.account_id,
        occurrence=f"now/{nugget.slug}-{form}",
        form=form,
        text=text,
        text_hash=text_hash(text),
        due_at=due,
        grace_until=due + timedelta(hours=4),
        cohort_id=cohort.id,
        nugget_id=nugget.id,
        wording_id=nugget.wordings[0].id,
        question_id=nugget.question_id if form in ("question", "reveal") else None,
    )
    with database.write() as connection:
        return outbox.add(connection, planned, due).id


def test_planned_posts_whose_text_is_gone_are_taken_back(database: Database, load: Any, cohort: Cohort) -> None:
    head = {"a": QUESTION, "b": ["Bee."], "c": ["Cee.", "Sea."]}
    load(head)
    stored = _stored(database)
    stay = [_plan(database, cohort, stored["c"], "reminder", minutes=1)]
    stay.append(_plan(database, cohort, stored["a"], "reveal", minutes=2))
    stay.append(_plan(database, cohort, stored["a"], "reminder", minutes=3))
    go = [_plan(database, cohort, stored["b"], "reminder", minutes=4)]
    go.append(_plan(database, cohort, stored["a"], "question", minutes=5))
    new = {"a": QUESTION.replace('"2"', '"3"'), "c": ["Cee.", "See."]}
    assert load(new, dry_run=True).procedures[0].withdrawn == 2
    assert load(new).procedures[0].withdrawn == 2
    with database.read() as connection:
        assert {outbox.item(connection, one).state for one in stay} == {State.PLANNED}
        assert {outbox.item(connection, one).state for one in go} == {State.CANCELLED}


def test_two_who_load_at_once_make_one_procedure(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "lockout.yaml"
    body = "title: Lockout\nowner: O\nnuggets: [{title: A, wordings: Ay.}, {title: B, wordings: Bee.}]\n"
    path.write_text(body, "utf-8")
    errors: list[Exception] = []

    def load_it() -> None:
        try:
            load_files(database, [path], dry_run=False, actor="author", now=datetime(2026, 3, 2, 9, tzinfo=UTC))
        except Exception as error:  # to be seen by the test, not by the thread
            errors.append(error)

    threads = [threading.Thread(target=load_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    stored = _stored(database)
    assert [(one.revision, len(one.wordings)) for one in stored.values()] == [(1, 1), (1, 1)]
