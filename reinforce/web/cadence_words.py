"""A cadence in words: when it may post, how often, and by which rule it chooses."""

from __future__ import annotations

from collections.abc import Collection

from reinforce.domain.nugget import Form
from reinforce.domain.planning.cadence import AdaptiveRule, Cadence, LadderRule, RetireRule, Slot, WeightedRule
from reinforce.web.words import figure

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SHORT = tuple(day[:3] for day in _DAYS)
_FORMS = {Form.QUESTION: "questions", Form.REMINDER: "reminders", Form.POLL: "polls"}


def slot_words(slot: Slot) -> str:
    """A slot: "09:00 Monday to Friday, called morning"."""
    return f"{slot.at:%H:%M} {weekdays(slot.weekdays)}, called {slot.name}"


def weekdays(days: Collection[int]) -> str:
    """Days of the week (0 is Monday): "every day", "Monday to Friday", "Mon, Wed, Fri"."""
    there = sorted(days)
    if there == list(range(7)):
        return "every day"
    if len(there) > 2 and there == list(range(there[0], there[-1] + 1)):
        return f"{_DAYS[there[0]]} to {_DAYS[there[-1]]}"
    return _DAYS[there[0]] if len(there) == 1 else ", ".join(_SHORT[day] for day in there)


def cadence_words(cadence: Cadence) -> tuple[tuple[str, str], ...]:
    """What a cadence does, each as a name and a sentence; times are the cohort's own wall clock."""
    caps = cadence.caps
    often = f"At most {_many(caps.a_day, 'post')} a day and {caps.a_week} in any seven days, answers included"
    return (
        ("Chooses", rule_words(cadence)),
        ("How often", f"{often}; {_many(caps.new_a_week, 'nugget')} new to the cohort a week at most."),
        ("Quiet", _quiet(cadence)),
        ("With", _forms(cadence)),
        ("Answers", _answers(cadence)),
        ("Again", f"The same text not within {_many(cadence.repeat_after.days, 'day')}."),
        ("Late", f"A slot that passed while nothing ran is served for {_hours(cadence.grace.total_seconds())} still."),
    )


def rule_words(cadence: Cadence) -> str:
    """By which rule the next nugget is chosen."""
    match cadence.rule:
        case AdaptiveRule() as rule:
            opening = (
                f" In the first {figure(rule.opening_days)} days {figure(rule.opening_posts_a_week)} posts a week "
                "whatever they gain."
                if rule.opening_days
                else ""
            )
            return (
                "What gains the cohort's memory most, and nothing when nothing gains."
                f"{opening} After {figure(rule.halve_after_days)} days without any response half as often."
            )
        case WeightedRule() as rule:
            return (
                "Nuggets in turn, important ones and those for many more often; in the last "
                f"{figure(rule.deadline_days)} days before the assessment what is due soonest."
            )
        case LadderRule() as rule:
            *most, last = (figure(step) for step in rule.steps)
            steps = f"{', '.join(most)} and {last}" if most else last
            return f"Each nugget again {steps} days after its first post, whatever comes back."
        case RetireRule() as rule:
            return (
                f"A nugget again after {figure(rule.right_days)} days when most knew it, after "
                f"{figure(rule.wrong_days)} when they did not yet; done when most knew it "
                f"{figure(rule.right_in_a_row)} times in a row."
            )


def _quiet(cadence: Cadence) -> str:
    hours = cadence.quiet_hours
    night = f"Nothing from {hours.start:%H:%M} to {hours.end:%H:%M}, and nothing" if hours else "Nothing"
    where = f" of {'-'.join(one for one in (cadence.country, cadence.subdivision) if one)}" if cadence.country else ""
    own = f", nor on {_many(len(cadence.days_off), 'day')} of its own" if cadence.days_off else ""
    return f"{night} on public holidays{where or ' of the cohort’s country'}{own}."


def _forms(cadence: Cadence) -> str:
    first, *others = (_FORMS.get(one, one.value) for one in cadence.forms)
    return f"{first.capitalize()}{'; where there is none, ' + ', '.join(others) if others else ' only'}."


def _answers(cadence: Cadence) -> str:
    window = _hours(cadence.answer_window.total_seconds())
    then = "then the answer follows under its question" if cadence.reveal else "no answer is published"
    return f"Taken for {window}; {then}."


def _hours(seconds: float) -> str:
    hours = seconds / 3600
    return f"{figure(hours)} hour{'s' if hours != 1 else ''}"


def _many(number: int, word: str) -> str:
    return f"{number} {word}{'s' if number != 1 else ''}"
