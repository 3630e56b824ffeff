"""Whether each step of a course leads to the next."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.courses.course import PostedStep, as_content, content_hash, from_content
from reinforce.domain.courses.leading import misled, names
from reinforce.domain.courses.standing import Progress, standing
from reinforce.domain.picture import ShownPicture
from reinforce.domain.sending.outbox import State

TITLES = ["Why we lock", "Tell the line", "Stop it properly"]
PLAIN = ["Because.", "Say it.", "Use the normal stop."]


def faults(texts: list[str], titles: list[str] | None = None) -> list[str]:
    return [one.message for one in misled(titles or TITLES, texts, "Next: ")]


def test_texts_that_leave_the_way_to_us_lead_well() -> None:
    assert faults(PLAIN) == []


@pytest.mark.parametrize(
    ("index", "text", "words"),
    [
        (
            0,
            "Look here.\nNext: Stop it properly",
            'it leads to "Next: Stop it properly"; the next step is "Tell the line"',
        ),
        (2, "Done.\nNext: Something", "the last step leads on"),
        (2, "Done. {next}", "the last step says {next}"),
        (0, "1/10 Because.", "the text brings its own number 1/10; the step is 1/3"),
        (1, "Say it. (2/3)", "the text brings its own number 2/3; the step is 2/3"),
    ],
)
def test_a_step_that_leads_astray_is_told_with_its_place(index: int, text: str, words: str) -> None:
    texts = [text if number == index else one for number, one in enumerate(PLAIN)]
    found = list(misled(TITLES, texts, "Next: "))
    assert [one.index for one in found] == [index]
    assert words in found[0].message


def test_a_fraction_is_no_number_of_a_step() -> None:
    assert faults(["1/2 turn to the left.", "Fill it to 3/4", "Done."], [*TITLES[:2], "Stop"]) == []


def test_a_step_may_name_the_next_in_words_of_its_own() -> None:
    assert faults(["After that you tell the LINE, then stop.\nNext: tell the line.", *PLAIN[1:]]) == []


def test_a_title_stands_once() -> None:
    assert faults(PLAIN, ["A", "B", "a"]) == ['step 3 has the title of step 1, "a".']


@given(st.text(min_size=1, max_size=30).filter(str.strip), st.text(max_size=60), st.text(max_size=60))
def test_a_text_that_holds_a_title_names_it(title: str, before: str, after: str) -> None:
    assert names(f"{before} {title} {after}", title) or not title.split()


STEPS = st.builds(
    PostedStep,
    number=st.integers(1, 50),
    title=st.text(max_size=20),
    text=st.text(max_size=50),
    pictures=st.lists(st.builds(ShownPicture, st.text(max_size=8), st.text(max_size=20)), max_size=2).map(tuple),
    options=st.lists(st.text(max_size=25), max_size=4).map(tuple),
    minutes=st.integers(5, 10_080),
    price_micros=st.integers(0, 400_000),
)


@given(st.lists(STEPS, max_size=4).map(tuple))
def test_a_course_comes_back_from_its_record_as_it_was(steps: tuple[PostedStep, ...]) -> None:
    assert from_content(as_content(steps)) == steps
    assert content_hash(from_content(as_content(steps))) == content_hash(steps)


@given(st.lists(STEPS, min_size=1, max_size=4), st.data())
def test_any_change_of_what_people_see_changes_the_hash(steps: list[PostedStep], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(steps) - 1))
    one = steps[index]
    changed = data.draw(
        st.sampled_from(
            [
                PostedStep(one.number, one.title, one.text + "!", one.pictures, one.options),
                PostedStep(one.number, one.title, one.text, (*one.pictures, ShownPicture("h", "alt")), one.options),
                PostedStep(one.number, one.title, one.text, one.pictures, (*one.options, "more")),
            ]
        )
    )
    after = [*steps[:index], changed, *steps[index + 1 :]]
    assert content_hash(tuple(after)) != content_hash(tuple(steps))


@pytest.mark.parametrize(
    ("states", "progress"),
    [
        ([], Progress.WAITING),
        ([State.POSTED, State.POSTED, State.POSTED], Progress.COMPLETE),
        ([State.POSTED, State.SENDING, State.PLANNED], Progress.UNDER_WAY),
        ([State.POSTED, State.REFUSED, State.PLANNED], Progress.STOPPED),
        ([State.POSTED, State.HELD, State.PLANNED], Progress.UNDER_WAY),
    ],
)
def test_how_far_a_thread_is_follows_from_its_posts(states: list[State], progress: Progress) -> None:
    found = standing(3, [(number, state, "why") for number, state in enumerate(states, start=1)])
    assert found.progress is progress
    assert found.posted == states.count(State.POSTED)
