"""What a reply can mean: the words alone, for whoever needs no reader."""

from __future__ import annotations

from enum import StrEnum


class Intent(StrEnum):
    """What a reply can be, the most binding first: the order of this list is the order of `Reading.intents`."""

    STOP = "stop"
    PAUSE = "pause"
    START = "start"
    SNOOZE = "snooze"
    JOIN = "join"
    LOOKUP = "lookup"
    ANSWER = "answer"
    QUESTION = "question"
    NOT_SURE = "not_sure"
    GOT_IT = "got_it"
    WISH = "wish"
    COMMENT = "comment"
