"""What may not go out, what stops a thread, and how it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import update

from reinforce.actions.approving.team import add_member
from reinforce.actions.courses.carry_on import carry_on_courses
from reinforce.actions.courses.publish_course import Asked, publish_course
from reinforce.actions.sending.cancel import cancel
from reinforce.actions.sending.take_down import take_down
from reinforce.content.course_file import read_course
from reinforce.domain.courses.course import CourseFile, Step, ThreadState
from reinforce.domain.courses.standing import Progress
from reinforce.domain.errors import NotAllowed
from reinforce.domain.nugget import Confidentiality
from reinforce.rendering.course_posts import compose_course
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.courses import courses, threads
from reinforce.store.operating import audit
from reinforce.store.sending import outbox
from tests.actions.courses.conftest import EXAMPLE, LONG_AGO, Classroom
from tests.databases import SqliteShelf, migrate


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory, sqlite_shelf: SqliteShelf) -> Iterator[Classroom]:
    """A classroom for the tests of this file: each has a course of its own."""
    with sqlite_shelf.open(migrate) as database:
        made = Classroom(tmp_path_factory.mktemp("wrong"), database)
        yield made
        made.close()


@pytest.fixture(autouse=True)
def healthy(room: Classroom) -> Iterator[None]:
    """Faults of one test are none of the next."""
    yield
    room.practice.control("DELETE", "/faults")


def short(slug: str, *texts: str, **more: object) -> CourseFile:
    """A course of a few steps."""
    steps = tuple(
        Step(f"Part {number} of {slug}", text or f"What there is to say of it, {number}.")
        for number, text in enumerate(texts or ("", "", "", ""), start=1)
    )
    values: dict[str, object] = {"confidentiality": Confidentiality.PUBLIC, "file": f"{slug}.md", **more}
    return CourseFile(slug, slug.title(), steps, **values)  # type: ignore[arg-type]


def ready(room: Classroom, course: CourseFile) -> None:
    """Rehearsed to its end and approved."""
    room.rehearse(course)
    room.tick_until(lambda: room.rehearsed(course.slug).standing.progress is Progress.COMPLETE)
    room.approve(course.slug)


def published(room: Classroom, course: CourseFile) -> None:
    """Approved and published to its end."""
    keep_approved(room, course)
    room.publish(course.slug)
    room.tick_until(lambda: room.published(course.slug).standing.progress is Progress.COMPLETE)


def keep_approved(room: Classroom, course: CourseFile) -> None:
    """As if it had been rehearsed elsewhere and approved: here its own thread says its words already."""
    steps = compose_course(course, room.house.renderer, room.house.tariff)
    with room.house.database.write() as connection:
        kept = courses.keep(connection, course, steps, "test", room.now)
        courses.approve(connection, kept, "member/1", room.now)


def test_what_nobody_has_approved_is_not_published(room: Classroom) -> None:
    room.rehearse(short("unread"))
    with pytest.raises(NotAllowed, match="nobody has approved unread"):
        room.publish("unread")


def test_what_is_not_rehearsed_to_its_end_is_not_approved(room: Classroom) -> None:
    room.rehearse(short("half"))
    with pytest.raises(NotAllowed, match="its rehearsal has 0 of 4 steps"):
        room.approve("half")


def test_neither_its_author_nor_who_rehearsed_it_approves_it_unless_nobody_else_is_there(room: Classroom) -> None:
    kim = add_member(room.house.database, "Kim Weber", actor="test", now=room.now)
    room.rehearse(short("own", author=" kim  weber"))
    room.tick_until(lambda: room.rehearsed("own").standing.progress is Progress.COMPLETE)
    with pytest.raises(NotAllowed, match="the course own can't be approved by who wrote it"):
        room.approve("own", by=kim)
    with pytest.raises(NotAllowed, match="the course own can't be approved by who rehearsed it"):
        room.approve("own", by="test")
    room.approve("own", by="test", single_user=True)
    with room.house.database.read() as connection:
        (newest,) = audit.latest(connection, limit=1)
        assert courses.course_by_slug(connection, "own").approved_by == "test"
    assert (newest.verb, newest.actor, newest.detail) == ("course.approve", "test", {"single_user": True})


def test_a_changed_word_voids_the_approval(room: Classroom) -> None:
    ready(room, short("changed"))
    room.rehearse(short("changed", "", "", "", "Another word."))
    with pytest.raises(NotAllowed, match="nobody has approved changed as it was rehearsed last"):
        room.publish("changed")
    room.tick_until(lambda: room.rehearsed("changed").standing.progress is Progress.COMPLETE)
    standing = [post["text"] for post in room.standing() if "Changed" in post["text"] or "changed" in post["text"]]
    assert len(standing) == 4
    assert "Another word." in standing[-1]


def test_a_file_that_says_something_else_is_refused(room: Classroom) -> None:
    keep_approved(room, short("file"))
    with pytest.raises(NotAllowed, match="says something else than what was rehearsed"):
        publish_course(room.house.database, "file", Asked(), expected="0" * 64, actor="test", now=room.now)


def test_an_internal_course_is_not_rehearsed_on_a_public_account(room: Classroom) -> None:
    with pytest.raises(NotAllowed, match="the course is internal"):
        room.rehearse(short("secret", confidentiality=Confidentiality.INTERNAL))


def test_a_planned_step_is_refused_if_the_account_may_not_say_it_any_more(room: Classroom) -> None:
    keep_approved(room, short("leak"))
    room.publish("leak")
    with room.house.database.write() as connection:
        connection.execute(update(t.course).where(t.course.c.slug == "leak").values(confidentiality="internal"))
    room.tick_until(lambda: room.published("leak").standing.progress is Progress.STOPPED)
    assert "what is internal is never posted on a public account" in room.published("leak").standing.why


def test_a_refused_step_stops_the_thread_and_it_goes_on_from_there(room: Classroom) -> None:
    keep_approved(room, short("stops"))
    room.practice.fault("POST /2/tweets", "duplicate", skip=2)
    room.publish("stops")
    room.tick_until(lambda: room.published("stops").standing.progress is Progress.STOPPED)
    room.tick(2)
    stopped = room.published("stops")
    assert [one.state for one in stopped.steps] == ["posted", "posted", "refused", "skipped"]
    assert "step 3 was refused" in stopped.standing.why
    again = room.publish("stops")
    assert (again.planned, again.resumed) == (2, True)
    room.tick_until(lambda: room.published("stops").standing.progress is Progress.COMPLETE)
    ids = [str(one.remote_id) for one in room.published("stops").steps]
    above = {post["id"]: post["in_reply_to"] for post in room.standing()}
    assert [above[one] for one in ids] == [None, *ids[:-1]]


def test_to_publish_again_what_stands_changes_nothing(room: Classroom) -> None:
    course = short("twice")
    published(room, course)
    before = len(room.ever_posted())
    assert room.publish("twice").planned == 0
    room.tick(3)
    assert len(room.ever_posted()) == before


def test_words_that_have_gone_out_are_not_changed_but_those_to_come_are(room: Classroom) -> None:
    keep_approved(room, short("mended"))
    room.publish("mended")
    carry_on_courses(room.house.database, now=room.now)
    with room.house.database.read() as connection:
        third = threads.posts(connection, room.published("mended").thread.id)[3].item
    cancel(room.house.database, third.id, actor="test", reason="a slip of the pen", now=room.now)
    room.tick_until(lambda: room.published("mended").standing.posted == 2)
    keep_approved(room, short("mended", "", "", "Mended.", ""))
    room.publish("mended")
    room.tick_until(lambda: room.published("mended").standing.progress is Progress.COMPLETE)
    assert [post["text"] for post in room.standing() if "Mended." in post["text"]]
    keep_approved(room, short("mended", "Other first words.", "", "Mended.", ""))
    with pytest.raises(NotAllowed, match="step 1 has gone out with other words"):
        room.publish("mended")


def test_what_stands_for_good_on_the_practice_account_is_not_rehearsed_there(room: Classroom) -> None:
    keep_approved(room, short("stands"))
    room.publish("stands")
    with pytest.raises(NotAllowed, match="stands on practice for good"):
        room.rehearse(short("stands", "", "", "Other words.", ""))


def test_withdrawing_goes_on_through_failures_and_takes_the_last_step_first(room: Classroom) -> None:
    course = short("gone")
    published(room, course)
    steps = [one.remote_id for one in room.published("gone").steps]
    assert steps[1] is not None
    room.house.account(room.published("gone").account).delete(steps[1])  # somebody else was there
    room.practice.fault("DELETE /2/tweets/*", "unavailable_after", count=2)
    room.practice.fault("DELETE /2/tweets/*", "throttled", seconds=1)
    room.withdraw("gone")
    room.withdraw("gone")
    room.tick_until(lambda: room.published("gone").thread.state is ThreadState.WITHDRAWN)
    assert {str(one) for one in steps}.isdisjoint({post["id"] for post in room.standing()})
    found = room.published("gone").steps
    assert [one.state for one in found] == ["deleted"] * 4
    assert found[1].why == "it was gone already"
    with room.house.database.read() as connection:
        order = connection.execute(t.deletion.select().order_by(t.deletion.c.id)).all()
    assert [row.outbox_id for row in order[-4:]] == sorted((row.outbox_id for row in order[-4:]), reverse=True)


def test_what_was_withdrawn_can_be_published_anew(room: Classroom) -> None:
    published(room, short("anew"))
    room.withdraw("anew")
    room.tick_until(lambda: room.published("anew").thread.state is ThreadState.WITHDRAWN)
    room.publish("anew")
    room.tick_until(lambda: room.published("anew").standing.progress is Progress.COMPLETE)


def test_a_picture_that_can_not_be_handed_over_keeps_its_post_back_and_comes_later(room: Classroom) -> None:
    example = read_course(EXAMPLE)
    picture = next(step.pictures for step in example.steps if step.pictures)
    course = short("shown")
    steps = (replace(course.steps[0], pictures=picture), *course.steps[1:])
    room.practice.fault("POST /2/media/upload", "unavailable_before", count=2)
    room.practice.fault("POST /2/media/metadata", "timeout_after", count=1, seconds=1)
    room.rehearse(replace(course, steps=steps))
    room.tick_until(lambda: room.rehearsed("shown").standing.progress is Progress.COMPLETE)
    first = room.rehearsed("shown").steps[0]
    assert picture[0].alt in room.page(f"/posts/{first.remote_id}")


def test_an_upload_that_has_run_out_is_handed_over_again(room: Classroom) -> None:
    picture = next(step.pictures for step in read_course(EXAMPLE).steps if step.pictures)
    course = short("stale")
    room.practice.fault("POST /2/tweets", "unavailable_before", count=1)
    room.rehearse(replace(course, steps=(replace(course.steps[0], pictures=picture), *course.steps[1:])))
    room.tick()
    with room.house.database.write() as connection:
        changed = connection.execute(update(t.picture_upload).values(good_until=LONG_AGO)).rowcount
    assert changed
    room.tick_until(lambda: room.rehearsed("stale").standing.progress is Progress.COMPLETE)


def test_a_copied_workspace_deletes_nothing(room: Classroom) -> None:
    published(room, short("copied"))
    room.withdraw("copied")
    with room.house.database.write() as connection:
        accounts.mark_unproven(connection, "a backup was put back")
    with room.house.database.read() as connection:
        record = accounts.account_by_name(connection, "practice")
    done = take_down(
        room.house.database, record, room.house.account(record), room.house.send_policy(record), room.house.clock
    )
    assert done.gone == 0
    room.tick_until(lambda: room.published("copied").thread.state is ThreadState.WITHDRAWN)


def test_a_text_that_was_deleted_may_be_said_again(room: Classroom) -> None:
    published(room, short("again"))
    with room.house.database.read() as connection:
        item = threads.posts(connection, room.published("again").thread.id)[1].item
        assert outbox.text_taken(connection, item.account_id, item.text_hash, LONG_AGO)
    room.withdraw("again")
    room.tick_until(lambda: room.published("again").thread.state is ThreadState.WITHDRAWN)
    with room.house.database.read() as connection:
        assert not outbox.text_taken(connection, item.account_id, item.text_hash, LONG_AGO)
