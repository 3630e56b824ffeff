"""The forms of post that a cohort's cadence lets in, and those that a nugget can take."""

from __future__ import annotations

from reinforce.domain.authoring.post_rules import fits_a_poll
from reinforce.domain.cohort import Answers
from reinforce.domain.nugget import Form, Nugget, StoredNugget
from reinforce.domain.planning.cadence import Cadence


def forms_of_cohort(cadence: Cadence, answers: Answers) -> tuple[Form, ...]:
    """The cadence's forms as this cohort's way of answering has them: where answers are polls, a question is one."""
    if answers is not Answers.POLLS:
        return cadence.forms
    return tuple(dict.fromkeys(Form.POLL if form is Form.QUESTION else form for form in cadence.forms))


def usable_forms(cadence: Cadence, answers: Answers, nugget: Nugget | StoredNugget) -> tuple[Form, ...]:
    """Those of the cohort's forms that this nugget can take, in the same order."""
    found = []
    for form in forms_of_cohort(cadence, answers):
        able = form is Form.REMINDER or nugget.question is not None
        if form is Form.POLL and nugget.question is not None:
            able = fits_a_poll(nugget.question)
        if able:
            found.append(form)
    return tuple(found)
