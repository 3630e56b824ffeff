"""A course of twelve steps on the practice account: read there, approved, published through failures, taken off."""

from __future__ import annotations

from datetime import timedelta

from reinforce.domain.courses.course import ThreadState
from reinforce.domain.sending.kill_points import KillPoint
from reinforce.store import tables as t
from tests.actions.courses.conftest import Classroom
from tests.warm import Nursery


def test_a_rehearsed_course_is_a_thread_with_its_picture_and_its_poll(sqlite_classroom: Classroom) -> None:
    room = sqlite_classroom
    room.rehearse()
    room.tick_until(room.rehearsal_complete)
    posts = room.standing()
    assert len(posts) == 12
    assert [post["in_reply_to"] for post in posts[1:]] == [post["id"] for post in posts[:-1]]
    page = room.page(f"/posts/{posts[0]['id']}")
    assert 'alt="A red padlock hangs on the main switch of a panel, with a yellow tag beside it"' in page
    assert "I lock out daily" in page
    for number, post in enumerate(posts[:-1], start=1):
        assert post["text"].startswith(f"{number}/12 ")
        assert f"Next: {posts[number]['text'].splitlines()[0].partition(' ')[2]}" in post["text"]


def test_it_goes_out_whole_in_order_and_once_through_failures_and_kills_and_is_taken_off_whole(
    sqlite_classroom: Classroom, nursery: Nursery
) -> None:
    room = sqlite_classroom
    room.ready()
    before = len(room.ever_posted())
    room.practice.control("POST", "/rules", {"duplicate_hours": 0})  # X's filter would hide a step that is sent twice
    room.practice.fault("* /2/*", "server_errors", probability=0.2, seed=3)
    room.publish()
    room.run_and_kill(KillPoint.RESPONSE_READ, nursery)
    room.tick_until(lambda: room.published().standing.posted >= 2)
    room.run_and_kill(KillPoint.AFTER_ATTEMPT_COMMIT, nursery)
    room.tick_until(room.complete)
    assert_whole(room, before)
    room.withdraw()
    room.tick_until(lambda: room.published().thread.state is ThreadState.WITHDRAWN)
    assert room.standing() == []
    assert len(room.ever_posted()) == before + 12


def test_it_goes_out_whole_through_failures_on_postgres_too(postgres_classroom: Classroom) -> None:
    room = postgres_classroom
    room.ready()
    before = len(room.ever_posted())
    room.practice.control("POST", "/rules", {"duplicate_hours": 0})
    room.practice.fault("* /2/*", "server_errors", probability=0.2, seed=5)
    room.publish()
    room.tick_until(room.complete)
    assert_whole(room, before)


def assert_whole(room: Classroom, before: int) -> None:
    """Twelve steps stand, each under the one before; nothing was posted twice."""
    posts = room.standing()
    assert [post["text"].partition(" ")[0] for post in posts] == [f"{number}/12" for number in range(1, 13)]
    assert [post["in_reply_to"] for post in posts] == [None, *(post["id"] for post in posts[:-1])]
    assert len(room.ever_posted()) == before + 12


def test_what_people_reply_to_a_step_is_read_like_any_reply(sqlite_classroom: Classroom) -> None:
    room = sqlite_classroom
    room.rehearse()
    room.tick_until(room.rehearsal_complete)
    asked = next(post for post in room.standing() if post["text"].startswith("8/12"))
    room.practice.control("POST", "/people", [{"handle": "kim", "name": "Kim", "scripted": False}])
    acts = [
        {"as": "kim", "text": "B", "reply_to": asked["id"]},
        {"as": "kim", "text": "Who keeps the key at night?", "reply_to": asked["id"]},
    ]
    room.practice.control("POST", "/acts", acts)
    room.house.clock.step_to(room.now + timedelta(minutes=2))
    room.tick(3)
    with room.house.database.read() as connection:
        read = connection.execute(t.inbound.select().where(t.inbound.c.graded_at.is_not(None))).all()
    assert len(read) == 2
    assert room.daemon.last_error == ""
