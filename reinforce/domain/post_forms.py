"""Every form that a post in the outbox may have. The outbox takes no other, so no list of them can miss one."""

from __future__ import annotations

from reinforce.domain.announcing import announcement
from reinforce.domain.answering import inquiry
from reinforce.domain.courses import course
from reinforce.domain.enrolling.updates import UpdateKind
from reinforce.domain.gathering.events import NoticeKind
from reinforce.domain.gathering.introducing import PROMPT
from reinforce.domain.nugget import Form
from reinforce.domain.planning.plan_state import REVEAL
from reinforce.domain.polling import poll
from reinforce.domain.quizzing.quiz import QuizPost
from reinforce.domain.revising.recalling import CORRECTION

CATCH_UP = "catch_up"
# Of a post that was found on the timeline and has no row of its own, nobody knows the form.
FOUND = "found"

FORMS = (
    *(form.value for form in Form),
    REVEAL,
    poll.FORM,
    poll.LINK_FORM,
    PROMPT,
    inquiry.ANSWER,
    inquiry.LOOKUP_REPLY,
    inquiry.ACKNOWLEDGEMENT,
    CATCH_UP,
    *(kind.value for kind in QuizPost),
    *(kind.value for kind in NoticeKind),
    *(kind.value for kind in UpdateKind),
    course.FORM,
    CORRECTION,
    announcement.FORM,
    FOUND,
)
