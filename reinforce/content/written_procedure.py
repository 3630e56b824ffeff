"""A procedure written the way its file would say it: as plain values, and as the YAML that loads as just that."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from reinforce.content.added_nugget import Written
from reinforce.content.pictures import as_named
from reinforce.domain.nugget import Nugget, Procedure, Question, QuestionKind, Wording


def as_yaml(procedure: Procedure, before: Sequence[str] = ()) -> str:
    """The file of a procedure; `before` are lines of comment at its top. Reading it gives an equal procedure."""
    lines = [f"# {line}" for line in before]
    for key, value in {**about(procedure), "nuggets": [written(one, procedure) for one in procedure.nuggets]}.items():
        if key == "nuggets":
            lines.append("")
        lines += _lines(key, value, "")
    return "\n".join(lines) + "\n"


def about(procedure: Procedure) -> dict[str, Written]:
    """What a procedure's file says above its nuggets."""
    values: dict[str, Written] = {
        "title": procedure.title,
        "slug": procedure.slug,
        "owner": procedure.owner,
        "language": procedure.language,
        "audience": list(procedure.audience),
        "importance": "" if procedure.importance == 1 else _number(procedure.importance),
        "confidentiality": procedure.confidentiality.value,
        "assessment": "" if procedure.assessment is None else procedure.assessment.isoformat(),
    }
    return {key: value for key, value in values.items() if value}


def written(nugget: Nugget, procedure: Procedure) -> dict[str, Written]:
    """What a nugget's entry says; what it takes from its procedure is left out."""
    own = nugget.confidentiality is not procedure.confidentiality
    values: dict[str, Written] = {
        "slug": nugget.slug,
        "title": nugget.title,
        "topic": nugget.topic,
        "tags": list(nugget.tags),
        "importance": "" if nugget.importance == 1 else _number(nugget.importance),
        "requires": list(nugget.prerequisites),
        "audience": list(nugget.audience),
        "source_step": nugget.source_step,
        "confidentiality": nugget.confidentiality.value if own else "",
        "image": "" if nugget.picture is None else as_named(nugget.picture),
        "alt": "" if nugget.picture is None else nugget.picture.alt,
        "wordings": [_wording(one, procedure.language) for one in nugget.wordings],
        "question": {} if nugget.question is None else _question(nugget.question),
    }
    return {key: value for key, value in values.items() if value}


def _wording(wording: Wording, language: str) -> Written:
    if wording.language == language and not wording.style:
        return wording.text
    said = {"text": wording.text, "style": wording.style}
    said["language"] = "" if wording.language == language else wording.language
    return {key: value for key, value in said.items() if value}


def _question(question: Question) -> Written:
    values: dict[str, Written] = {"kind": question.kind.value, "ask": question.prompt}
    if question.kind is QuestionKind.MULTIPLE_CHOICE:
        values["choices"] = [
            {"text": one.text, "correct": "yes"} if one.correct else one.text for one in question.options
        ]
    else:
        values["answer"] = list(question.accepted)
    if question.tolerance is not None:
        values["tolerance"] = _number(question.tolerance)
    values |= {"hints": list(question.hints), "explanation": question.explanation}
    return {key: value for key, value in values.items() if value}


def _number(value: float) -> str:
    """Digits that read as this very number, without an exponent."""
    short = f"{value:g}"
    return short if float(short) == value and "e" not in short else f"{value!r}"


def _lines(key: str, value: Written, indent: str) -> Iterator[str]:
    if isinstance(value, str):
        yield f"{indent}{key}: {_quoted(value)}"
    elif isinstance(value, Mapping):
        yield f"{indent}{key}:"
        for name, inner in value.items():
            yield from _lines(name, inner, f"{indent}  ")
    else:
        yield f"{indent}{key}:"
        for item in value:
            yield from _item(item, f"{indent}  ")


def _item(item: Written, indent: str) -> Iterator[str]:
    if isinstance(item, str):
        yield f"{indent}- {_quoted(item)}"
        return
    assert isinstance(item, Mapping)
    inner = [line for name, value in item.items() for line in _lines(name, value, f"{indent}  ")]
    yield f"{indent}- {inner[0].lstrip()}"
    yield from inner[1:]


def _quoted(text: str) -> str:
    """A JSON string, which YAML reads as it is."""
    return json.dumps(text, ensure_ascii=False)
