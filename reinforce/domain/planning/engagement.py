"""How many see a post and how many of them answer: estimated from what came back from a procedure's own posts.

Of a post's N learners, r reply. With e the chance of seeing it, a_f that one who saw it and knew replies, and κ the
share of that for one who did not know (exposure.py),

    r ~ Binomial(N, e·a_f·k),      k = R + (1 − R)·κ,

R being the recall that was believed of them. A poll's votes are counted alike, with a readiness to vote of their own
that is estimated and thrown away: nobody's vote can be read, so `answers` of a poll stays what it is. Replies tell
only the products e·a_f. Impressions, where X counts them, tell them apart: log(impressions/N) = log e + log m, where m,
how often one who sees a post is counted (again on the next scroll, and strangers too), is known roughly; its tails are
Student's, so that a count that fits nothing is passed over.

The prior is the model that is given. Chances are normal on the logistic scale around it, and the estimate is the
posterior mean on that scale: without data it is the prior itself, and, since the scale is nearly the logarithm for
small chances, the estimates of e and a_f multiply to what was seen although each alone is uncertain (their plain
means, which lean on a ridge e·a = const, would multiply to more). No allowance is made for some people always
replying and others never: what is estimated is the mean over just these people.

The posterior is summed on a grid: with e fixed the forms are independent, so that costs 2 dimensions, not 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from reinforce.domain.nugget import Form
from reinforce.domain.planning.exposure import MODEL, EvidenceModel
from reinforce.domain.planning.memory import Floats

# Standard deviations of the priors on the logistic scale. Of e = 0.25 two thirds lie within 0.15 to 0.39; of a = 0.4
# within 0.24 to 0.58.
_SEES_SPREAD, _ANSWERS_SPREAD = 0.65, 0.75
# How often one who sees a post is counted, in the median, and the standard deviation of its logarithm: two thirds
# within 1 to 2.2; degrees of freedom. What makes counts too high is the same in all posts: they are summed first.
_VIEWS, _VIEWS_SPREAD, _VIEWS_TAIL = 1.5, 0.4, 7.0
# The readiness to vote where the model says nothing of it: that of a question.
_VOTES_LIKE = Form.QUESTION
# Steps of the grid on either side, and how many standard deviations they reach.
_STEPS, _REACH = 60, 5.0
# Digits that are kept: what lies below is noise, and would make a new version of the parameters for nothing.
_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Turnout:
    """What came back from one post (or from several of one form together) whose window for answers is over.

    `audience`: learners it was for. `replied`: those from whom anything came back; of a poll, its votes. `recall`: the
    audience's mean recall just before, as believed (one half where nobody knows). `impressions`: how often it was shown
    to this audience (X's count, times the audience's share of the feed), None where that was not told.
    """

    form: Form
    audience: int
    replied: int
    recall: float = 0.5
    impressions: float | None = None


def engagement(turnouts: Iterable[Turnout], prior: EvidenceModel = MODEL) -> EvidenceModel:
    """`prior` with `sees` and `answers` (of questions and reminders) as the turnouts have them; see the formula above.

    Deterministic, and the same in whatever order the turnouts come. Three digits are kept. Raises nothing: more
    replies than learners (somebody left since) count as all of them.
    """
    posts = [one for one in turnouts if one.audience > 0]
    if not posts:
        return prior
    sees, log_sees = _grid(prior.sees, _SEES_SPREAD)
    belief = log_sees + _of_impressions(sees, posts)
    readiness: dict[Form, Floats] = {}
    for form in prior.answers:
        of_form = [one for one in posts if one.form is form]
        if of_form:
            likelihood, readiness[form] = _of_replies(sees, of_form, prior)
            belief = belief + likelihood
    chance = _normalised(belief)
    answers = {
        form: old if form not in readiness or form is Form.POLL else _rounded(float(chance @ readiness[form]))
        for form, old in prior.answers.items()
    }
    return replace(prior, sees=_rounded(float(chance @ _logit(sees))), answers=answers)


def _of_replies(sees: Floats, posts: Sequence[Turnout], prior: EvidenceModel) -> tuple[Floats, Floats]:
    """For each value of e: the log-likelihood of one form's replies, summed over a, and the mean of logit a."""
    form = posts[0].form
    usual = prior.answers[form] or prior.answers[_VOTES_LIKE]
    answers, log_answers = _grid(usual, _ANSWERS_SPREAD)
    audience = sum(one.audience for one in posts)
    replied = sum(min(one.replied, one.audience) for one in posts)
    knew = sum(one.recall * one.audience for one in posts) / audience
    share = np.outer(sees, answers) * (knew + (1.0 - knew) * prior.unknowing)
    joint = replied * np.log(share) + (audience - replied) * np.log1p(-share) + log_answers
    peak = joint.max(axis=1, keepdims=True)
    weight = np.exp(joint - peak)
    total = weight.sum(axis=1)
    return np.log(total) + peak[:, 0], np.asarray(weight @ _logit(answers) / total)


def _of_impressions(sees: Floats, posts: Sequence[Turnout]) -> Floats:
    """For each value of e: the log-likelihood of the impressions that were counted; 0 where none were."""
    counted = [one for one in posts if one.impressions is not None]
    shown = sum(one.impressions or 0.0 for one in counted)
    if shown <= 0.0:
        # Counts stay at zero where the account may not see them: that is no evidence of nobody looking.
        return np.zeros(sees.shape)
    seen = np.log(shown / sum(one.audience for one in counted))
    off = (seen - np.log(sees * _VIEWS)) / _VIEWS_SPREAD
    return np.asarray(-0.5 * (_VIEWS_TAIL + 1.0) * np.log1p(off**2 / _VIEWS_TAIL))


def _grid(around: float, spread: float) -> tuple[Floats, Floats]:
    """(chances, log of the prior) on steps of equal width on the logistic scale."""
    offsets = np.linspace(-_REACH, _REACH, 2 * _STEPS + 1)
    chances = 1.0 / (1.0 + np.exp(-(_logit(around) + spread * offsets)))
    return chances, -0.5 * offsets**2


def _normalised(log_weights: Floats) -> Floats:
    weights = np.exp(log_weights - log_weights.max())
    return np.asarray(weights / weights.sum())


def _logit(chance: Floats | float) -> Floats:
    return np.asarray(np.log(chance) - np.log1p(-np.asarray(chance)))


def _rounded(logit: float) -> float:
    return round(float(1.0 / (1.0 + np.exp(-logit))), _DIGITS)
