"""The one place where what tweepy, requests and X say becomes one of our few errors (accounts/base.py).

tweepy 4.17 loses the answer on its way up: an error body of `null` becomes an AttributeError, `{"errors": null}` a
TypeError, a reset header that is no number a ValueError. So what was raised only says *that* it failed; *what* failed
is read from the answer itself, which the adapter kept::

    raised                                          answer kept        ours
    ------------------------------------------------------------------------------------------------------------------
    transport.ConnectionFailed, or anything else    none, not a byte   NotSent
      before the adapter sent a byte                  was sent
    transport.ConnectionBroke                       none               UnknownOutcome
    tweepy.BadRequest                               400                Refused(INVALID)
    tweepy.Unauthorized                             401                BadCredentials (transient if the clocks differ)
    tweepy.HTTPException                            402                OutOfCredit
    tweepy.Forbidden                                403                by X's words, see `_forbidden`
      "duplicate content", code 187                                    └ Refused(DUPLICATE)
      the rule of 2026-02-23, codes 433                                └ Refused(REPLY_RULE)
      parent deleted or hidden, code 385                               └ Refused(GONE)
      suspended, locked, automation suspected, no write permission     └ BadCredentials
      over the daily limit, code 185                                   └ Throttled
      any other                                                        └ Refused(INVALID)
    tweepy.NotFound, tweepy.HTTPException           404, 410           Refused(GONE)
    tweepy.HTTPException                            409, 413, 422, …   Refused(INVALID)
    tweepy.TooManyRequests                          429                Throttled; OutOfCredit if the month's cap is it
    tweepy.TwitterServerError                       5xx                UnknownOutcome
    requests.TooManyRedirects                       3xx                UnknownOutcome
    AttributeError, TypeError, KeyError, ValueError any of the above   by its status, as above
      (requests.JSONDecodeError among them)
    nothing raised, but the body says nothing       2xx                UnknownOutcome

A refusal is believed only with X's words: 400, 403, 404 and the like whose body can't be read (a page of HTML, half
an object) come from somewhere on the way, and are UnknownOutcome. 401, 402 and 429 need no words.
Foreign messages are never passed on, and foreign errors never chained: they can quote headers with tokens.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests
import tweepy  # type: ignore[import-untyped]
import urllib3

from reinforce.accounts import bodies
from reinforce.accounts.base import (
    AccountError,
    BadCredentials,
    NotSent,
    OutOfCredit,
    RefusalKind,
    Refused,
    Throttled,
    UnknownOutcome,
)
from reinforce.accounts.meter import headers_of
from reinforce.accounts.transport import ConnectionBroke, ConnectionFailed
from reinforce.accounts.wire import Answer

# Everything that can come out of a call of tweepy's Client.
FOREIGN = (
    tweepy.TweepyException,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    AttributeError,
    TypeError,
    KeyError,
    ValueError,
)
# X refuses OAuth 1.0a timestamps some five minutes off, and tokens seem to live longer to a clock that is behind.
CLOCKS_DIFFER = 240.0
_LONGEST_WORDS = 300
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a translation needs besides the answer. `act` says what was tried, in words for a person.

    `wait_until(headers)` reads a 429's reset; `skew` is seconds the service's clock is ahead; `conceal` strikes out
    the account's own secrets.
    """

    act: str
    wait_until: Callable[[Mapping[str, str]], datetime]
    skew: float | None
    conceal: Callable[[str], str]


def translated(
    raised: Exception | None, answer: Answer | None, around: Circumstances, *, begun: bool = True
) -> AccountError:
    """Our error for what was raised (None: nothing was, but the answer is useless) and the answer kept, if any.

    `begun` says whether any byte of the request was sent.
    """
    if answer is not None:
        return _from_answer(answer, around)
    own_words = isinstance(raised, ConnectionFailed | ConnectionBroke)
    reason = around.conceal(str(raised) if own_words else type(raised).__name__)
    if not begun:
        return NotSent(f"{around.act}: nothing was sent: {reason}")
    return UnknownOutcome(f"{around.act}: no whole answer came back: {reason}")


def _from_answer(answer: Answer, around: Circumstances) -> AccountError:
    status, headers = answer.status, headers_of(answer)
    problem = _Problem.read(answer.body)
    words = around.conceal(problem.words)
    said = f"{around.act}: HTTP {status}" + (f": {words}" if words else "")
    if status == 401:
        return _unauthorized(problem, words, around)
    if status == 402 or (status in (403, 429) and problem.is_of("usage-capped")):
        return OutOfCredit(said)
    if status == 429:
        return Throttled(around.wait_until(headers), said)
    if 400 <= status < 500 and problem.words:
        return _forbidden(problem, words, headers, around) if status == 403 else _refused(status, words)
    return UnknownOutcome(said if words else f"{said}, with a body that can't be read")


def _unauthorized(problem: _Problem, words: str, around: Circumstances) -> BadCredentials:
    off = around.skew is not None and abs(around.skew) > CLOCKS_DIFFER
    if off or 135 in problem.codes:
        off_by = "" if around.skew is None else f" ({around.skew:+.0f} s)"
        return BadCredentials(
            f"{words or 'Unauthorized'}; this machine's clock differs from the service's{off_by}: set it right",
            transient=True,
        )
    return BadCredentials(words or "Unauthorized")


def _refused(status: int, words: str) -> Refused:
    return Refused(RefusalKind.GONE if status in (404, 410) else RefusalKind.INVALID, words)


_DUPLICATE = re.compile(r"(?i)duplicate content|already (said|tweeted|posted) that|status is a duplicate")
_REPLY_RULE = re.compile(
    r"(?i)reply to this conversation is not allowed|only reply to or quote posts where you are mentioned"
    r"|restricted who can reply"
)
_PARENT_GONE = re.compile(r"(?i)deleted or not visible to you")
_PERSON_NEEDED = re.compile(
    r"(?i)suspended|\blocked\b|might be automated|app permissions|forbidden for this endpoint"
    r"|not permitted to perform this action|access level|read-only"
)
_PERSON_CODES = frozenset({63, 64, 89, 99, 226, 261, 326})
_PERSON_PROBLEMS = ("client-forbidden", "unsupported-authentication", "oauth1-permissions")
_DAILY_LIMIT = re.compile(r"(?i)daily (status update|tweet|post)?\s*limit")


def _forbidden(problem: _Problem, words: str, headers: Mapping[str, str], around: Circumstances) -> AccountError:
    """403 is five things; X's words tell them apart, old numeric codes where it still sends them."""
    said, codes = problem.words, problem.codes
    if 187 in codes or _DUPLICATE.search(said):
        return Refused(RefusalKind.DUPLICATE, words)
    if 433 in codes or _REPLY_RULE.search(said):
        return Refused(RefusalKind.REPLY_RULE, words)
    if 385 in codes or _PARENT_GONE.search(said):
        return Refused(RefusalKind.GONE, words)
    if 185 in codes or _DAILY_LIMIT.search(said):
        return Throttled(around.wait_until(headers), f"{around.act}: {words}")
    if codes & _PERSON_CODES or problem.is_of(*_PERSON_PROBLEMS) or _PERSON_NEEDED.search(said):
        return BadCredentials(words)
    return Refused(RefusalKind.INVALID, words)


@dataclass(frozen=True, slots=True)
class _Problem:
    """What a body says went wrong: X's problem+json, or its older `errors` list, or OAuth's `error`."""

    words: str
    kinds: tuple[str, ...]
    codes: frozenset[int]

    @classmethod
    def read(cls, content: bytes) -> _Problem:
        body = bodies.mapping(bodies.parse(content))
        inner = [bodies.mapping(error) for error in bodies.items(body.get("errors"))]
        parts = [_first(body, "detail", "error_description", "title", "error")]
        parts += [_first(error, "message", "detail", "title") for error in inner]
        words = _CONTROL.sub(" ", "; ".join(dict.fromkeys(part for part in parts if part))).strip()
        codes = {code for error in inner if (code := bodies.whole(error.get("code"))) is not None}
        kinds = tuple(bodies.text(part.get("type")) for part in (body, *inner))
        return cls(words[:_LONGEST_WORDS], kinds, frozenset(codes))

    def is_of(self, *kinds: str) -> bool:
        """Whether its `type` is one of X's problem types of these names."""
        return any(kind.endswith(f"/{name}") for kind in self.kinds for name in kinds)


def _first(part: Mapping[str, Any], *names: str) -> str:
    return next((found for name in names if (found := bodies.text(part.get(name)))), "")
