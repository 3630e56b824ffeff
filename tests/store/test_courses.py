"""A thread is planned anew where it broke off: each step has one live post, under that of the step before."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from reinforce.domain.courses.course import CourseFile, PostedStep, Step
from reinforce.domain.errors import Conflict
from reinforce.domain.nugget import Confidentiality
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.courses import courses, threads
from reinforce.store.courses.threads import Thread
from reinforce.store.session import Database
from tests.databases import copy_sqlite

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NEVER = (State.REFUSED, State.SKIPPED, State.CANCELLED)
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database with an account, for courses of their own."""
    database = Database(copy_sqlite(tmp_path_factory.mktemp("courses") / "courses.db"))
    with database.write() as connection:
        accounts.add_account(
            connection,
            name="acme",
            base_url="http://127.0.0.1:1",
            handle="acme_learn",
            remote_user_id=7,
            confidentiality=Confidentiality.PUBLIC,
        )
    yield database
    database.close()


def begin(database: Database, steps: int) -> tuple[courses.Course, Thread]:
    """A course of so many steps, planned."""
    number = next(_numbers)
    posted = tuple(PostedStep(n, f"Step {n}", f"{n}/{steps} of course {number}") for n in range(1, steps + 1))
    file = CourseFile(f"course-{number}", "A course", tuple(Step(one.title, one.text) for one in posted))
    with database.write() as connection:
        course = courses.keep(connection, file, posted, "test", NOW)
        thread = threads.begin(connection, course, rehearsal=False, account_id=1, due_at=NOW, now=NOW)
        threads.plan_missing(connection, thread, course, NOW)
    return course, thread


def put(database: Database, thread: Thread, states: list[State]) -> None:
    """Let the newest posts of the steps stand as given."""
    with database.write() as connection:
        for number, post in threads.posts(connection, thread.id).items():
            state = states[number - 1]
            remote_id = post.item.id + 10**9 if state is State.POSTED else None
            row = t.outbox.c.id == post.item.id
            connection.execute(
                update(t.outbox).where(row).values(state=state.value, remote_id=remote_id, posted_at=NOW)
            )


# A thread as it can be found: some steps are out, one never came, those behind it wait or were let go.
BROKEN = st.tuples(
    st.integers(0, 4), st.sampled_from(NEVER), st.lists(st.sampled_from([State.PLANNED, *NEVER]), max_size=4)
)


@given(broken=BROKEN, again=BROKEN)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_wherever_a_thread_broke_off_each_step_gets_one_post_under_the_one_before(
    kept: Database, broken: tuple[int, State, list[State]], again: tuple[int, State, list[State]]
) -> None:
    steps = 9
    course, thread = begin(kept, steps)
    for at_least, never, behind in (broken, again):
        with kept.read() as connection:
            standing = [n for n, one in threads.posts(connection, thread.id).items() if one.item.state is State.POSTED]
        out = max(at_least, len(standing))
        states = [State.POSTED] * out + [never] + behind + [State.PLANNED] * steps
        put(kept, thread, states[:steps])
        with kept.write() as connection:
            before = threads.posts(connection, thread.id)
            threads.plan_missing(connection, thread, course, NOW)
            after = threads.posts(connection, thread.id)
        assert [after[n].item for n in range(1, out + 1)] == [before[n].item for n in range(1, out + 1)]
        assert [after[n].item.state for n in range(out + 1, steps + 1)] == [State.PLANNED] * (steps - out)
        above = [after[n].item.reply_to_outbox_id for n in range(1, steps + 1)]
        assert above == [None, *(after[n].item.id for n in range(1, steps))]
        assert [after[n].item.id for n in range(1, steps + 1)] == sorted(after[n].item.id for n in range(1, steps + 1))


@pytest.mark.parametrize("state", [State.SENDING, State.UNKNOWN, State.HELD])
def test_a_step_that_may_be_out_is_never_planned_again(kept: Database, state: State) -> None:
    course, thread = begin(kept, 3)
    put(kept, thread, [State.POSTED, state, State.PLANNED])
    with kept.write() as connection:
        assert threads.plan_missing(connection, thread, course, NOW) == ()
    put(kept, thread, [State.REFUSED, state, State.PLANNED])
    with pytest.raises(Conflict, match="step 2 is on its way"), kept.write() as connection:
        threads.plan_missing(connection, thread, course, NOW)
    put(kept, thread, [State.POSTED, State.CANCELLED, State.CANCELLED])  # leaves the account free for other tests
