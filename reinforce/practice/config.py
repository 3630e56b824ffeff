"""What a practice account is started with, and the rules of it that can be changed while it runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from sqlalchemy import Connection

from reinforce.practice.storage import save_setting, setting

MICROS = 1_000_000

# X's price list as of 2026-08-22, in millionths of a dollar. "owned_read": a post of our own timeline or mentions;
# "read": a post read any other way; "user_read": a profile; "media_metadata": an alternative text.
PRICES = {"post": 15_000, "post_with_url": 200_000, "reply": 10_000, "owned_read": 1_000, "read": 5_000,
          "user_read": 10_000, "media_metadata": 5_000}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rules:
    """What X leaves open or changes now and then. All can be set through `POST /practice/rules`, and are kept.

    implicit_mentions  a reply to our post counts as a mention of us (X does not document whether it does)
    reply_prefix       X puts the handles of those who are answered before a reply's text
    duplicate_hours    how far back, in programme time, the same text again is refused; 0 switches the check off
    daily_posts        posts a day (programme time) an account may make
    monthly_credit     millionths of a dollar a calendar month (programme time, UTC); None: without end
    new_names          answer with the names of X's newer description (`referenced_posts`, `includes.posts`)
    limits             endpoint name → requests a window and user, instead of X's
    """

    implicit_mentions: bool = True
    reply_prefix: bool = True
    duplicate_hours: float = 24.0
    daily_posts: int = 2400
    monthly_credit: int | None = None
    new_names: bool = False
    limits: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Config:
    """What a practice account is started with.

    `signed_for` are the addresses for which clients may sign OAuth 1.0a requests: tweepy signs for X's own, whatever
    address the request then goes to. With `auto_allow` the OAuth 2 page allows without asking. Times are machine
    seconds.
    """

    handle: str = "acme_reinforce"
    name: str = "Acme reinforcement"
    description: str = "Short reminders of our procedures. Automated. Rehearsal: nothing here leaves this machine."
    signed_for: tuple[str, ...] = ("https://api.twitter.com", "https://api.x.com")
    auto_allow: bool = False
    redirect_uris: tuple[str, ...] = ("http://127.0.0.1", "http://localhost")
    access_token_seconds: float = 7200.0
    refresh_token_seconds: float = 180 * 86400.0
    signature_skew_seconds: float = 300.0
    rules: Rules = field(default_factory=Rules)
    learners: bool = True
    learner_seed: int = 1
    # How often, in machine seconds, the background thread lets the scripted learners act.
    learner_pause: float = 0.25


def current_rules(connection: Connection, config: Config) -> Rules:
    """The rules in force: those of `config` unless changed since the folder was made."""
    saved: dict[str, Any] = setting(connection, "rules", {})
    return replace(config.rules, **saved)


def change_rules(connection: Connection, config: Config, changes: dict[str, Any]) -> Rules:
    """Save `changes`. Raises ValueError, naming the key, if one is unknown or of the wrong type."""
    now = asdict(current_rules(connection, config))
    for key, value in changes.items():
        _check(key, value)
        now[key] = value
    save_setting(connection, "rules", now)
    return current_rules(connection, config)


def _check(key: str, value: Any) -> None:
    kinds: dict[str, tuple[type, ...]] = {
        "implicit_mentions": (bool,),
        "reply_prefix": (bool,),
        "new_names": (bool,),
        "duplicate_hours": (int, float),
        "daily_posts": (int,),
        "monthly_credit": (int, type(None)),
        "limits": (dict,),
    }
    if key not in kinds:
        known = ", ".join(entry.name for entry in fields(Rules))
        raise ValueError(f"there is no rule {key!r}: use one of {known}")
    if not isinstance(value, kinds[key]) or (isinstance(value, bool) and bool not in kinds[key]):
        raise ValueError(f"rule {key!r} can't be {value!r}")
    if isinstance(value, dict) and not all(isinstance(limit, int) and limit >= 0 for limit in value.values()):
        raise ValueError("rule 'limits' maps endpoints to whole numbers, such as {\"POST /2/tweets\": 3}")
