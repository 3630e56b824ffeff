"""A course as the posts of its thread: numbered, each with the name of the next, checked as X counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reinforce.domain.authoring.post_rules import objections
from reinforce.domain.courses.course import FORM, CourseFile, PostedStep, Step
from reinforce.domain.courses.leading import NEXT, misled, names
from reinforce.domain.errors import ContentRefused, Fault, ReinforceError
from reinforce.domain.nugget import QuestionKind
from reinforce.domain.sending.budget import Tariff, price_micros
from reinforce.rendering.posts import PostForm, PostRenderer, PostValues

_ASKED_BY: Mapping[QuestionKind, str] = {
    QuestionKind.MULTIPLE_CHOICE: "answer_by_letter",
    QuestionKind.SHORT: "answer_in_words",
    QuestionKind.NUMBER: "answer_with_number",
}


def compose_course(course: CourseFile, renderer: PostRenderer, tariff: Tariff) -> tuple[PostedStep, ...]:
    """The steps as they will be posted. Raises ContentRefused with every step that can't be, or leads astray;
    ReinforceError for a language without phrases."""
    titles = [step.title for step in course.steps]
    lead = renderer.say("course_next", course.language, title="")
    faults = [
        _fault(course, one.index, one.message, one.advice)
        for one in misled(titles, [step.text for step in course.steps], lead)
    ]
    posted = []
    for index, step in enumerate(course.steps):
        try:
            text = _text(course, index, renderer)
        except ReinforceError as error:
            faults.append(_fault(course, index, error.message, error.advice))
            continue
        faults += _faults(course, index, text)
        posted.append(_posted(step, index + 1, text, tariff))
    if faults:
        raise ContentRefused(faults)
    return tuple(posted)


def _text(course: CourseFile, index: int, renderer: PostRenderer) -> str:
    step, total = course.steps[index], len(course.steps)
    following = course.steps[index + 1].title if index + 1 < total else ""
    text = step.text.replace(NEXT, following)
    values = PostValues(
        course.language,
        title=step.title,
        text=text,
        question=step.question,
        ask="" if step.question is None else _ASKED_BY[step.question.kind],
        number=index + 1,
        total=total,
        following="" if names(text, following) else following,
    )
    return renderer.render(PostForm.COURSE_STEP, values)


def _faults(course: CourseFile, index: int, text: str) -> Iterator[Fault]:
    for objection in objections(text):
        note = " Its number, its title and the line that names the next step count too."
        yield _fault(course, index, f"step {index + 1}: {objection.message}", objection.advice + note)
    following = course.steps[index + 1].title if index + 1 < len(course.steps) else ""
    if following and not names(text, following):
        # Only a workspace's own template or phrase can do this.
        advice = 'See that course_step.j2 and the phrase "course_next" say the next step\'s title.'
        yield _fault(course, index, f"step {index + 1} does not name the next one.", advice)
    for picture in course.steps[index].pictures:
        for objection in objections(picture.alt, room=len(picture.alt) * 4):
            yield _fault(course, index, f"{picture.name}: {objection.message}", objection.advice)


def _posted(step: Step, number: int, text: str, tariff: Tariff) -> PostedStep:
    question = step.question
    right = [] if question is None else [f"{one.key}. {one.text}" for one in question.options if one.correct]
    pictures = tuple(one.shown for one in step.pictures)
    price = price_micros(text, form="poll" if step.poll else FORM, tariff=tariff)
    return PostedStep(
        number=number,
        title=step.title,
        text=text,
        pictures=pictures,
        options=() if step.poll is None else step.poll.options,
        minutes=0 if step.poll is None else step.poll.minutes,
        answer="" if question is None else "".join([*right, *question.accepted[:1]][:1]),
        explanation="" if question is None else question.explanation,
        price_micros=price + len(pictures) * tariff.media_metadata,
    )


def _fault(course: CourseFile, index: int, message: str, advice: str) -> Fault:
    return Fault(course.file, course.steps[index].line, 1, message, advice)
