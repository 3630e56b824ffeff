"""How the API says that something can't be done: what is wrong, what to do next, and the faults of a file."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from reinforce.domain.errors import ContentRefused, ReinforceError


class FileFault(BaseModel):
    """One fault of a file. Lines and columns count from 1; in a sheet `cell` names the place."""

    file: str
    line: int
    column: int
    message: str
    advice: str
    cell: str = ""


class Problem(BaseModel):
    """Why something was not done. Nothing is half done."""

    error: str = Field(examples=["there is no cohort pres-shop"])
    advice: str = Field("", examples=["Did you mean press-shop?"])
    faults: list[FileFault] = Field(default_factory=list)


def problem_of(error: ReinforceError) -> dict[str, Any]:
    """An error as the API tells it."""
    faults = error.faults if isinstance(error, ContentRefused) else ()
    listed = [
        FileFault(file=f.file, line=f.line, column=f.column, message=f.message, advice=f.advice, cell=f.cell)
        for f in faults
    ]
    return Problem(error=error.message, advice=error.advice, faults=listed).model_dump()


_SAID = {
    401: "No token, or one that does not hold.",
    403: "The token's roles are not there for this.",
    404: "Not there, or not for this token.",
    409: "Somebody changed it first, or a rule of the product forbids it.",
    413: "More than a call may carry.",
    422: "The values or the file can't be taken; nothing was done.",
    503: "The database can't be used just now; try again.",
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": words} for status, words in _SAID.items()
}
