"""A cohort from its invitation to its completion, on the practice account."""

from __future__ import annotations

from datetime import date

from reinforce.actions.enrolling.be_away import hold_cohort
from tests.actions.enrolling.conftest import SLUG, Course


def test_a_cohort_goes_from_invitation_to_completion_and_tells_each_date_once_however_often_they_change(
    course: Course,
) -> None:
    course.on(3, 2)
    assert course.updates() == [("opening", date(2026, 3, 2))]
    course.join("pat_m", "kim_r", "sana_o")
    course.on(3, 3)
    assert course.states() == {"E-1001": "enrolled", "E-1002": "enrolled", "E-1003": "enrolled", "E-1004": "invited"}

    # The dates are edited three times: what went out stays, what was not moves, and what is planned is made anew.
    course.set(opens_on=date(2026, 3, 4), closes_on=date(2026, 3, 13))
    course.on(3, 9, 20)  # the last call is planned for tomorrow
    course.set(closes_on=date(2026, 3, 18))
    course.on(3, 10)
    assert [kind for kind, _ in course.updates()] == ["opening"]
    course.set(opens_on=date(2026, 3, 9), closes_on=date(2026, 3, 20))
    course.on(3, 17)
    assert course.updates()[1:] == [("days_left", date(2026, 3, 17))]
    course.on(3, 21)
    assert course.states()["E-1004"] == "lapsed"
    course.join("jonas_w")  # too late: a person decides
    course.on(3, 22)
    assert course.states()["E-1004"] == "lapsed"
    assert course.for_a_person() == [
        "they joined after the window had closed: reinforce enrollment re-enroll takes them in"
    ]

    hold_cohort(
        course.house.database, SLUG, date(2026, 3, 23), date(2026, 3, 24), "stocktaking",
        actor="test", now=course.house.clock.now(),
    )  # fmt: skip
    course.on(3, 23, 15, 30)
    course.on(3, 24, 15, 30)
    assert course.updates()[2:] == []
    held = [why for key, why in course.quiet().items() if key.startswith(f"slot/{SLUG}/2026-03-2")]
    assert sum(why.endswith("on hold: stocktaking.") for why in held) == 6
    assert course.states()["E-1001"] == "active"
    course.on(3, 25)
    assert course.updates()[2:] == [("start", date(2026, 3, 25))]

    course.on(4, 27)  # halfway is Saturday the 25th
    course.on(4, 28)
    course.on(5, 15)
    course.on(5, 29)
    assert course.states()["E-1001"] == "active"
    course.on(6, 1)
    assert course.updates()[3:] == [
        ("halfway", date(2026, 4, 27)),
        ("assessment_week", date(2026, 5, 15)),
        ("completion", date(2026, 6, 1)),
    ]
    assert course.states() == {"E-1001": "completed", "E-1002": "completed", "E-1003": "completed", "E-1004": "lapsed"}
    course.on(6, 8)
    told = course.told()
    assert len(told) == len(set(told)) == 6
    assert not any(row.name.split()[0] in text for row in course.rows for text in told)
