"""A cadence: when a cohort may hear from us, how often, and by which rule the next nugget is chosen.

Times of day are wall-clock times of the cohort's own zone; `slots.py` turns them into instants. A cadence is kept as
plain JSON (`content/schedule_file.py` writes it, `Cadence.from_content` reads it back), so that a cohort goes on with
the cadence it was given even if the file changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Any

from reinforce.domain.nugget import Form

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class PolicyName(StrEnum):
    """The rules by which the next nugget can be chosen."""

    COHORT_ADAPTIVE = "cohort-adaptive"
    WRR_EDF = "wrr-edf"
    LADDER = "ladder"
    RETIRE = "retire"


def _bounded(default: float, least: float, most: float) -> Any:
    """A number of a policy; the bounds are what a file may set it to."""
    return field(default=default, metadata={"least": least, "most": most})


@dataclass(frozen=True, slots=True)
class AdaptiveRule:
    """`cohort-adaptive`: post what gains the cohort most, or be quiet (policy_index.py has the formula).

    For the first `opening_days` it posts `opening_posts_a_week` whatever the gain, afterwards only what gains. Recall
    on the assessment date counts `deadline_weight` times the average over the programme, recall 30 days after it
    `after_weight` times. `carry_over` is the share of a look's effect that outlasts the next look (0.1 to 0.5 do nearly
    the same). `nugget_tail` weighs the nugget that was posted least, 1 as much as all importance together;
    `learner_tail` the lowest recall of any learner, 1 as much as one nugget of mean importance; a slow cadence takes a
    part of both. Much less leaves the weakest tenth behind turns by weight, much more costs what was gained
    (docs/explanation/retention.md has the figures). A nugget enters when the cohort recalls
    its prerequisites with `prerequisite_recall`; a topic comes twice in a row only if it gains `topic_margin` more.
    `dollars_per_recall` weighs money: what one learner's recall of one nugget is worth. `fatigue` is the price of each
    post of the last week, in recall of each learner. After `halve_after_days` without any response the rate is halved.
    """

    opening_days: float = _bounded(14, 0, 365)
    opening_posts_a_week: float = _bounded(3, 1, 50)
    deadline_weight: float = _bounded(1.0, 0, 10)
    after_weight: float = _bounded(0.5, 0, 10)
    carry_over: float = _bounded(0.3, 0, 1)
    nugget_tail: float = _bounded(3.3, 0, 100)
    learner_tail: float = _bounded(15.0, 0, 100)
    prerequisite_recall: float = _bounded(0.45, 0, 1)
    topic_margin: float = _bounded(0.1, 0, 1)
    dollars_per_recall: float = _bounded(1.0, 0.001, 1000)
    fatigue: float = _bounded(0.0005, 0, 1)
    halve_after_days: float = _bounded(14, 1, 365)


@dataclass(frozen=True, slots=True)
class WeightedRule:
    """`wrr-edf`: turns in proportion to √(importance × audience); inside the last `deadline_days` before an
    assessment, the nugget that is due soonest and was seen longest ago."""

    deadline_days: float = _bounded(7, 0, 90)


@dataclass(frozen=True, slots=True)
class LadderRule:
    """`ladder`: each nugget again `steps` days after its first post."""

    steps: tuple[float, ...] = (1, 3, 10, 30, 60)


@dataclass(frozen=True, slots=True)
class RetireRule:
    """`retire`: again `wrong_days` after a post that most got wrong, `right_days` after one that most got right, and
    gone after `right_in_a_row` of those (Kerfoot 2014: 12, 24, 2)."""

    wrong_days: float = _bounded(12, 1, 365)
    right_days: float = _bounded(24, 1, 365)
    right_in_a_row: float = _bounded(2, 1, 10)


Rule = AdaptiveRule | WeightedRule | LadderRule | RetireRule
RULES: Mapping[PolicyName, type[Rule]] = {
    PolicyName.COHORT_ADAPTIVE: AdaptiveRule,
    PolicyName.WRR_EDF: WeightedRule,
    PolicyName.LADDER: LadderRule,
    PolicyName.RETIRE: RetireRule,
}


@dataclass(frozen=True, slots=True)
class Slot:
    """A wall-clock time at which something may be posted, on `weekdays` (0 is Monday)."""

    name: str
    at: time
    weekdays: frozenset[int]


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end` (local, `end` not included) nothing is posted; over midnight if `start` is later."""

    start: time
    end: time

    def holds(self, at: time) -> bool:
        """Whether `at` falls into them."""
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


@dataclass(frozen=True, slots=True)
class Caps:
    """At most so many posts on a local day and in any seven days in a row, reveals included, and so many nuggets
    met for the first time in seven days."""

    a_day: int
    a_week: int
    new_a_week: int


@dataclass(frozen=True, slots=True)
class Cadence:
    """The whole of it. `country` and `subdivision` (ISO 3166) name public holidays on which nothing is posted ("":
    the cohort's country), `days_off` are further local dates.

    A slot that passed is still served within `grace`. Answers are collected for `answer_window`; then, with `reveal`,
    the answer follows under its question. `forms` are the forms that may be used, the preferred one first.
    """

    name: str
    slots: tuple[Slot, ...]
    quiet_hours: QuietHours | None
    country: str
    subdivision: str
    days_off: frozenset[date]
    caps: Caps
    repeat_after: timedelta
    grace: timedelta
    answer_window: timedelta
    reveal: bool
    forms: tuple[Form, ...]
    policy: PolicyName
    rule: Rule

    @property
    def weekdays(self) -> frozenset[int]:
        """The days of the week on which anything is posted at all, reveals included."""
        return frozenset().union(*(slot.weekdays for slot in self.slots))

    @property
    def posts_a_week(self) -> float:
        """How many posts a week the slots and caps leave room for, a question's reveal not counted."""
        return float(min(sum(len(slot.weekdays) for slot in self.slots), self.caps.a_week, 7 * self.caps.a_day))

    @staticmethod
    def from_content(content: Mapping[str, Any]) -> Cadence:
        """The cadence that `content` (validated, as `content.schedule_file` makes it) stands for."""
        quiet = content["quiet_hours"]
        caps = content["caps"]
        name = PolicyName(content["policy"]["name"])
        return Cadence(
            name=content["name"],
            slots=tuple(
                Slot(
                    slot["name"],
                    time.fromisoformat(slot["at"]),
                    frozenset(WEEKDAYS.index(day) for day in slot["weekdays"]),
                )
                for slot in content["slots"]
            ),
            quiet_hours=quiet and QuietHours(time.fromisoformat(quiet["from"]), time.fromisoformat(quiet["until"])),
            country=content["holidays"]["country"],
            subdivision=content["holidays"]["subdivision"],
            days_off=frozenset(date.fromisoformat(day) for day in content["holidays"]["days"]),
            caps=Caps(caps["a_day"], caps["a_week"], caps["new_a_week"]),
            repeat_after=timedelta(days=content["repeat_after_days"]),
            grace=timedelta(hours=content["grace_hours"]),
            answer_window=timedelta(hours=content["answer_window_hours"]),
            reveal=content["reveal"],
            forms=tuple(Form(form) for form in content["forms"]),
            policy=name,
            rule=_rule(name, content["policy"]),
        )


def _rule(name: PolicyName, content: Mapping[str, Any]) -> Rule:
    kind = RULES[name]
    given = {one.name: content[one.name] for one in fields(kind) if one.name in content}
    if "steps" in given:
        given["steps"] = tuple(given["steps"])
    return kind(**given)
