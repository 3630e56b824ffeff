"""Check an account: everything that can be told before a post fails on it, and what a person has to do by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from reinforce.accounts.base import Account, AccountError, BadCredentials, Identity, Reading
from reinforce.domain.accounts.account import AccountRecord, address_of
from reinforce.domain.finding import Finding
from reinforce.domain.nugget import Confidentiality
from reinforce.store.accounts import accounts
from reinforce.store.courses import threads
from reinforce.store.session import Database

# X refuses OAuth 1.0a timestamps some five minutes off; learners' answers are ordered by X's clock long before that.
_SKEW_WARNS, _SKEW_FAILS = 30.0, 240.0
_LITTLE_LEFT = 0.1
_SAYS_AUTOMATED = re.compile(r"(?i)automat|\bbot\b")


def check_account(
    database: Database, record: AccountRecord, account: Account, scopes: Sequence[str] | None = None
) -> tuple[Finding, ...]:
    """Call the account and say what was found, in the order in which to mend it. Saves what it says of itself.

    `scopes` are what its OAuth 2 tokens were granted; None or empty where that is not known, as with OAuth 1.0a.
    """
    try:
        identity = account.identity()
    except AccountError as error:
        return (_unreachable(error), *_clock(account))
    with database.write() as connection:
        courses = threads.first_steps(connection, record.id)
        if record.remote_user_id == identity.user_id:
            accounts.set_identity(
                connection,
                record.id,
                remote_user_id=identity.user_id,
                handle=identity.handle,
                protected=identity.protected,
            )
    return (
        _owner(record, identity),
        _writing(record, identity, scopes),
        *_pictures(scopes),
        _confidential(record, identity),
        *_profile(identity),
        _pinned(identity, record, courses),
        _readable("mentions", lambda: account.mentions(since_id=None, limit=5)),
        _readable("its own timeline", lambda: account.own_posts(since_id=None, limit=5)),
        *_clock(account),
        *_limits(account),
    )


def _unreachable(error: AccountError) -> Finding:
    if isinstance(error, BadCredentials):
        advice = (
            "Set this machine's clock, best by NTP."
            if error.transient
            else "Connect it again with new keys (reinforce account connect), or unlock it in the browser."
        )
        return Finding("fail", f"credentials: refused: {error.words}", advice)
    return Finding("fail", f"credentials: {error}", "Check the network and the service's status, then check again.")


def _owner(record: AccountRecord, identity: Identity) -> Finding:
    if record.remote_user_id not in (None, identity.user_id):
        return Finding(
            "fail",
            f"credentials: they belong to @{identity.handle}, another account than was connected",
            "Connect that account under a name of its own, and this one with its own keys.",
        )
    return Finding("ok", f"credentials: good, they are @{identity.handle}'s")


def _writing(record: AccountRecord, identity: Identity, scopes: Sequence[str] | None) -> Finding:
    level = identity.access_level
    if record.on_this_machine:
        return Finding("ok", "permission to post: the practice account takes posts")
    if "write" in level or "tweet.write" in (scopes or ()):
        return Finding("ok", "permission to post: granted")
    if level or scopes:
        return Finding(
            "fail",
            f"permission to post: missing (granted: {level or ' '.join(scopes or ())})",
            'Set the app to "Read and write" in the developer portal, make new access tokens, and connect again.',
        )
    return Finding(
        "warn",
        "permission to post: X does not say whether these keys may post",
        'See in the developer portal that the app is set to "Read and write"; the first post will tell.',
    )


def _pictures(scopes: Sequence[str] | None) -> Iterator[Finding]:
    """Whether tokens that can be told from others may hand pictures over."""
    if scopes and "media.write" not in scopes:
        yield Finding(
            "warn",
            "pictures: these tokens may not hand any over (media.write is missing)",
            "Connect the account again and allow it, or leave pictures out of courses.",
        )


def _confidential(record: AccountRecord, identity: Identity) -> Finding:
    internal = record.confidentiality is Confidentiality.INTERNAL
    if internal and not identity.protected:
        return Finding(
            "fail",
            "confidentiality: it was connected for internal procedures, and X says it is public",
            "Protect its posts in its settings, or connect it again as public; nothing is sent until then.",
        )
    if identity.protected and not internal:
        return Finding(
            "warn",
            "confidentiality: it is protected, but was connected as public, so it carries nothing internal",
            "Connect it again with --confidentiality protected if it is for internal procedures.",
        )
    kind = "protected, for internal procedures" if internal else "public, for public procedures only"
    return Finding(
        "ok",
        f"confidentiality: {kind}; replies of learners whose accounts are protected are seen only if it follows them",
    )


def _profile(identity: Identity) -> Iterator[Finding]:
    """X's rules for automated accounts, and the course a newcomer should find first."""
    if identity.automated:
        yield Finding("ok", "label: X shows it as automated")
    else:
        yield Finding(
            "warn",
            "label: X's interface for programs does not say whether it bears the Automated label",
            "In its settings, under Your account, Automation, link the account of the person who answers for it.",
        )
    if _SAYS_AUTOMATED.search(identity.description):
        yield Finding("ok", "profile: it says that it is automated; see that it names who runs it, too")
    else:
        lacking = "it does not say that the account is automated" if identity.description else "it is empty"
        example = "Run by Acme L&D. Automated. Reply STOP to be left out."
        yield Finding("warn", f"profile: {lacking}", f'Write who runs it and that it is automated, such as "{example}"')


def _pinned(identity: Identity, record: AccountRecord, courses: Mapping[str, int]) -> Finding:
    """`courses` are X's ids of the first steps of those that stand on the account, by slug."""
    pinned = [slug for slug, first in courses.items() if first == identity.pinned_id]
    if pinned:
        return Finding("ok", f"pinned post: the course {pinned[0]}")
    if courses:
        slug, first = next(iter(courses.items()))
        return Finding(
            "warn",
            f"pinned post: not the course {slug}" if identity.pinned_id else "pinned post: none",
            f"Pin its first step, {address_of(record, first)}, in X's app, so that people find it: programs can't.",
        )
    if identity.pinned_id is None:
        return Finding(
            "warn",
            "pinned post: none",
            "Pin the course's first post, or one that says what this account is, in the browser: programs can't.",
        )
    return Finding("ok", "pinned post: there is one")


def _readable(what: str, read: Callable[[], Reading]) -> Finding:
    try:
        count = len(read().posts)
    except AccountError as error:
        return Finding(
            "fail", f"reading {what}: {error}", "Without it nothing is posted: check the keys' permissions, then again."
        )
    return Finding("ok", f"reading {what}: works ({count} read)")


def _clock(account: Account) -> Iterator[Finding]:
    skew = account.clock_skew()
    if skew is None:
        return
    if abs(skew) >= _SKEW_WARNS:
        yield Finding(
            "fail" if abs(skew) >= _SKEW_FAILS else "warn",
            f"clock: this machine's is {abs(skew):.0f} s {'behind' if skew > 0 else 'ahead'}",
            "Set it by NTP: signatures are refused when it is minutes off.",
        )
    else:
        yield Finding("ok", "clock: agrees with the service's")


def _limits(account: Account) -> Iterator[Finding]:
    for limit in account.limits():
        what = f"limit: {limit.endpoint}: {limit.remaining} of {limit.limit} left"
        if limit.remaining > limit.limit * _LITTLE_LEFT:
            yield Finding("ok", what)
        else:
            until = f" until {limit.reset:%H:%M} UTC" if limit.reset else ""
            yield Finding("warn", what + until, "Something else uses the same app, or too much is read: wait.")
