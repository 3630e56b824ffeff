"""The posts about a cohort's dates: what each says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta

from reinforce.domain.cohort import Cohort
from reinforce.domain.enrolling.updates import Update, UpdateKind, days_left, end_of_day
from reinforce.domain.planning.deciding import Composed, Unfit
from reinforce.domain.planning.slots import local_day
from reinforce.domain.texts.wording import text_hash
from reinforce.rendering.composing import PostComposer
from reinforce.rendering.dates import spoken_date
from reinforce.rendering.posts import PostForm, PostValues

_DAY = timedelta(days=1)
# How each is said in the files of phrases, where a number is not counted.
_PHRASES: Mapping[UpdateKind, str] = {kind: kind.called for kind in UpdateKind if kind is not UpdateKind.DAYS_LEFT} | {
    UpdateKind.DAYS_LEFT: "days_left.many"
}


# The same for an open cohort, which one joins without a code.
_OPEN = {UpdateKind.OPENING: "joining", UpdateKind.DAYS_LEFT: "joining_left.many"}


def compose_update(
    compose: PostComposer,
    cohort: Cohort,
    update: Update,
    at: datetime,
    texts: Mapping[str, datetime],
    repeat_after: timedelta,
) -> Composed | Unfit:
    """The post of `update` at `at`, or why there can be none. `texts` says when a text (its hash) was last used."""
    shape, values = PostForm(update.kind.value), _values(cohort, update, at, compose.language)
    return compose.notice(shape, values, _phrase(cohort, update), update.kind.value, at, texts, repeat_after)


def every_text(compose: PostComposer, cohort: Cohort, update: Update, at: datetime) -> frozenset[str]:
    """The hash of each wording that `update` has at `at`."""
    shape, values = PostForm(update.kind.value), _values(cohort, update, at, compose.language)
    ways = range(compose.renderer.variants(_phrase(cohort, update), compose.language))
    return frozenset(text_hash(compose.renderer.render(shape, replace(values, variant=way))) for way in ways)


def is_up(compose: PostComposer, cohort: Cohort, update: Update, at: datetime, texts: Mapping[str, datetime]) -> bool:
    """Whether it stands on the account since its day: a backup that was put back knew nothing of it, or a cohort of the
    same name has said it."""
    since = end_of_day(update.day - 2 * _DAY, cohort.zone)
    lately = {text for text, used in texts.items() if used >= since}
    days = range((local_day(at, cohort.zone) - update.day).days + 1)
    return bool(lately) and any(lately & every_text(compose, cohort, update, at - back * _DAY) for back in days)


def _phrase(cohort: Cohort, update: Update) -> str:
    return _PHRASES[update.kind] if cohort.opening is None else _OPEN.get(update.kind, _PHRASES[update.kind])


def _values(cohort: Cohort, update: Update, at: datetime, language: str) -> PostValues:
    counted = update.kind is UpdateKind.DAYS_LEFT
    names = None if update.names is None else datetime.combine(update.names, time(0))
    return PostValues(
        language=language,
        title=cohort.title,
        days=days_left(update, at, cohort.zone) if counted else None,
        date="" if names is None or counted else spoken_date(names, language),
        hashtag=cohort.opening.hashtag if cohort.opening is not None and update.kind in _OPEN else "",
    )
