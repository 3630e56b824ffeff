"""The posts that speak of an event: what each says, and in which of the shapes of a session or a recording."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from reinforce.domain.gathering.events import Event, EventKind, Notice, NoticeKind
from reinforce.domain.planning.deciding import Composed, Unfit
from reinforce.rendering.composing import PostComposer
from reinforce.rendering.dates import spoken_date, spoken_time
from reinforce.rendering.posts import PostForm, PostValues

_SHAPES: Mapping[tuple[EventKind, NoticeKind], PostForm] = {
    (EventKind.LIVE, NoticeKind.ANNOUNCEMENT): PostForm.EVENT_ANNOUNCEMENT,
    (EventKind.LIVE, NoticeKind.REMINDER): PostForm.EVENT_REMINDER,
    (EventKind.LIVE, NoticeKind.START): PostForm.EVENT_START,
    (EventKind.LIVE, NoticeKind.CANCELLED): PostForm.EVENT_CANCELLED,
    (EventKind.RECORDING, NoticeKind.ANNOUNCEMENT): PostForm.RECORDING_ANNOUNCEMENT,
    (EventKind.RECORDING, NoticeKind.REMINDER): PostForm.RECORDING_REMINDER,
    (EventKind.RECORDING, NoticeKind.START): PostForm.RECORDING_START,
    (EventKind.RECORDING, NoticeKind.CANCELLED): PostForm.EVENT_CANCELLED,
}


def compose_notice(
    compose: PostComposer,
    event: Event,
    notice: Notice,
    at: datetime,
    texts: Mapping[str, datetime],
    repeat_after: timedelta,
) -> Composed | Unfit:
    """The post of `notice` at `at`, or why there can be none. `texts` says when a text (its hash) was last used."""
    shape = _SHAPES[event.kind, notice.kind]
    # Of a recording its beginning is news once; from then on it matters until when it can be watched.
    ends = event.kind is EventKind.RECORDING and notice.kind in (NoticeKind.REMINDER, NoticeKind.START)
    day = event.ends if ends else event.starts
    values = PostValues(
        language=compose.language,
        title=event.title,
        date=spoken_date(day, compose.language),
        time=spoken_time(day),
        hashtag=event.hashtag,
        link=event.link if notice.kind is NoticeKind.START else "",
    )
    return compose.notice(shape, values, shape.value, notice.kind.value, at, texts, repeat_after)
