"""What to post next: `choose` takes a context and gives a choice with its reason, or a reason to be quiet.

First what could be posted at all (`openings`): prerequisites known, no more new nuggets than the cadence lets in, a
form there is room for. Among those the cadence's policy decides. Nothing is drawn at random; ties go to the more
important nugget, then the longest unseen, then the lower id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from reinforce.domain.nugget import Form
from reinforce.domain.planning.cadence import AdaptiveRule, LadderRule, RetireRule, WeightedRule
from reinforce.domain.planning.plan_context import Choice, Opening, PlanContext, PlanNugget, Quiet
from reinforce.domain.planning.policy_index import Gains, gains
from reinforce.domain.planning.policy_turns import Turn, by_answers, by_ladder, by_weight
from reinforce.domain.planning.reasons import describe_gain, describe_turn

# Why a (nugget, form) cannot be posted although the policy might like to: out of wordings, names somebody, …
Shut = Mapping[tuple[int, Form], str]

_NOTHING_SHUT: Shut = {}
# The same nugget again within these hours is a repetition for nobody.
_SOONEST_AGAIN = timedelta(hours=20)
# Of the even distance between an opening week's posts this much is kept: slots do not fall on even distances.
_SPREAD = 0.6
# A prerequisite that was posted so often lets its successor in whatever its recall: else one hard nugget, or a cohort
# that never answers, would hold back the rest of the procedure for good.
_OFTEN_ENOUGH = 3


def choose(context: PlanContext, shut: Shut = _NOTHING_SHUT) -> Choice | Quiet:
    """The next post, or why there should be none."""
    open_now, closed = openings(context, shut)
    if not open_now:
        return _nothing_open(closed)
    match context.cadence.rule:
        case AdaptiveRule() as rule:
            return _adaptive(context, open_now, rule)
        case WeightedRule() as rule:
            return _by_turns(context, by_weight(context, open_now, rule))
        case LadderRule() as rule:
            return _by_turns(context, by_ladder(context, open_now, rule))
        case RetireRule() as rule:
            return _by_turns(context, by_answers(context, open_now, rule))


def openings(context: PlanContext, shut: Shut = _NOTHING_SHUT) -> tuple[tuple[Opening, ...], tuple[str, ...]]:
    """What could be posted now, and for each nugget that could not, why."""
    room_for_new = context.introduced_since(context.last_week()) < context.cadence.caps.new_a_week
    columns = {nugget.id: column for column, nugget in enumerate(context.nuggets)}
    open_now, closed = [], []
    for column, nugget in enumerate(context.nuggets):
        posts = context.posts_of(nugget.id)
        possible = tuple(form for form in context.forms if form in nugget.forms)
        forms = tuple(form for form in possible if (nugget.id, form) not in shut)
        if nugget.not_before is not None and context.now < nugget.not_before:
            closed.append("it follows an event, and its time has not come")
        elif not possible:
            closed.append("there is no room for a form it can take")
        elif not forms:
            closed.append(shut[nugget.id, possible[0]])
        elif posts and context.now - posts[-1].at < _SOONEST_AGAIN:
            closed.append("it was posted within the last hours")
        elif not posts and not room_for_new:
            closed.append("no more new nuggets are let in this week")
        elif not posts and not _prerequisites_met(context, nugget, columns):
            closed.append("what it builds on is not known well enough yet")
        else:
            open_now.append(Opening(column, nugget, forms, posts))
    return tuple(open_now), tuple(closed)


def _prerequisites_met(context: PlanContext, nugget: PlanNugget, columns: Mapping[int, int]) -> bool:
    rule = context.cadence.rule
    # Only the adaptive policy has a figure for it; the others go by the order of things.
    wanted = rule.prerequisite_recall if isinstance(rule, AdaptiveRule) and context.evidence else 0.0
    for needed in nugget.requires:
        if needed not in columns:
            continue  # retired, or of a procedure this cohort does not learn
        times = len(context.posts_of(needed))
        # A recall of nobody is no number, and so never below what is wanted.
        if not times or (times < _OFTEN_ENOUGH and context.recall_of(columns[needed]) < wanted):
            return False
    return True


def _nothing_open(closed: tuple[str, ...]) -> Quiet:
    if not closed:
        return Quiet("There is no nugget to post.")
    counts = Counter(closed).most_common()
    words = "; ".join(f"{count} of {len(closed)} nuggets: {why}" for why, count in counts)
    return Quiet(f"Nothing can be posted: {words}.", {"closed": dict(counts)})


def _adaptive(context: PlanContext, open_now: tuple[Opening, ...], rule: AdaptiveRule) -> Choice | Quiet:
    pace = _pace(context, rule)
    if isinstance(pace, Quiet):
        return pace
    if not context.evidence or not context.own.any():
        why = "nobody is linked yet" if not context.own.any() else "no reply has been graded yet"
        return _by_turns(context, by_weight(context, open_now, WeightedRule()), why)
    found = gains(context, open_now, rule)
    ranked = _interleaved(context, open_now, found, _ranked(open_now, found), rule)
    best, form = ranked[0]
    if found.index[form][best] <= 0.0 and not pace:
        return _nothing_gains(open_now, found, ranked)
    sentence, numbers = describe_gain(context, ranked, open_now, found, pace)
    return Choice(open_now[best].nugget.id, form, sentence, numbers)


def _pace(context: PlanContext, rule: AdaptiveRule) -> str | Quiet:
    """Why to post even where nothing gains (the opening weeks), "" to let the gain decide, or why to wait."""
    this_week = context.posts_since(context.last_week())
    begun = context.history[0].at if context.history else context.now
    opening = context.now - begun < timedelta(days=rule.opening_days)
    if opening and this_week >= rule.opening_posts_a_week:
        return Quiet(f"The opening weeks have {rule.opening_posts_a_week:g} posts each, and this one had them.")
    gap = timedelta(days=_SPREAD * 7.0 / rule.opening_posts_a_week)
    if opening and context.history and context.now - context.history[-1].at < gap:
        return Quiet(f"The {rule.opening_posts_a_week:g} posts of an opening week are spread over the week.")
    if _unheard(context, rule) and this_week >= max(1, int(context.cadence.posts_a_week / 2)):
        return Quiet(f"Nobody has responded for {rule.halve_after_days:g} days, so the rate is halved.")
    return f"the opening weeks have {rule.opening_posts_a_week:g} posts each" if opening else ""


def _unheard(context: PlanContext, rule: AdaptiveRule) -> bool:
    """Whether posts have gone out for that long without anything coming back."""
    since = context.now - timedelta(days=rule.halve_after_days)
    silent = context.last_response is None or context.last_response < since
    return silent and bool(context.history) and context.history[0].at <= since


def _ranked(open_now: tuple[Opening, ...], found: Gains) -> list[tuple[int, Form]]:
    """Every (opening, form) that is possible, the best first. Gains equal to nine digits are equal."""
    pairs = [(place, form) for place, one in enumerate(open_now) for form in one.forms]
    return sorted(
        pairs, key=lambda pair: (-round(float(found.index[pair[1]][pair[0]]), 9), *open_now[pair[0]].precedence)
    )


def _interleaved(
    context: PlanContext,
    open_now: tuple[Opening, ...],
    found: Gains,
    ranked: list[tuple[int, Form]],
    rule: AdaptiveRule,
) -> list[tuple[int, Form]]:
    """The ranking with another topic first, if the last post had this one and the other gains nearly as much."""
    topics = {nugget.id: nugget.topic for nugget in context.nuggets}
    last_topic = topics.get(context.history[-1].nugget_id, "") if context.history else ""
    if not last_topic or open_now[ranked[0][0]].nugget.topic != last_topic:
        return ranked
    best = found.index[ranked[0][1]][ranked[0][0]]
    for place, form in ranked[1:]:
        if found.index[form][place] < best * (1.0 - rule.topic_margin):
            break
        if open_now[place].nugget.topic != last_topic:
            return [(place, form), *(pair for pair in ranked if pair != (place, form))]
    return ranked


def _nothing_gains(open_now: tuple[Opening, ...], found: Gains, ranked: list[tuple[int, Form]]) -> Quiet:
    best, form = ranked[0]
    nugget, gain = open_now[best].nugget, float(found.index[form][best])
    numbers = {"best": {"nugget": nugget.name, "title": nugget.title, "form": form.value, "gain": gain}}
    words = f"the best, {nugget.called} as a {form.value}, would gain {gain:.3f} recalls"
    return Quiet(f"No post gains more than it costs: {words}.", numbers)


def _by_turns(context: PlanContext, turn: Turn, preface: str = "") -> Choice | Quiet:
    if turn.opening is None:
        return Quiet(f"{turn.why[0].upper()}{turn.why[1:]}.")
    form = turn.opening.forms[0]
    sentence, numbers = describe_turn(context, turn.opening, form, turn.why, turn.next_best, preface)
    return Choice(turn.opening.nugget.id, form, sentence, numbers)
