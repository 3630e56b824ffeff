"""Who somebody is by the word of the company's sign-in, and what keeps one trip there and back together."""

from __future__ import annotations

import hmac
import unicodedata
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256

from reinforce.domain.errors import NotAllowed

LONGEST = 254


@dataclass(frozen=True, slots=True)
class Answer:
    """What the browser brought back: `code`, or why there is none; `issuer` where the provider says who answers
    (RFC 9207)."""

    code: str = ""
    error: str = ""
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody by the word of the company's sign-in: `subject` is theirs for good at `issuer`, `name` is what an
    operator may know them by ("" where it says none), `vouched` whether the company answers for that name."""

    issuer: str
    subject: str
    name: str
    vouched: bool


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """What goes along to the company's sign-in. `nonce` comes back inside the signed answer; `verifier` is shown only
    when the answer is fetched (RFC 7636); `mark` is what we keep."""

    state: str
    nonce: str
    verifier: str = field(repr=False)
    mark: str


def round_trip(cookie: str, state: str) -> RoundTrip:
    """The trip of the browser with this cookie that took `state` along.

    All of it follows from the two, so nothing that is worth stealing is kept, and an answer that another browser brings
    fits nothing."""

    def made(what: str) -> str:
        digest = hmac.digest(cookie.encode(), f"{what}\0{state}".encode(), "sha256")
        return urlsafe_b64encode(digest).rstrip(b"=").decode()

    return RoundTrip(state, made("nonce"), made("verifier"), sha256(made("mark").encode()).hexdigest())


def checked_identity(name: str) -> str:
    """The name of somebody at the company's sign-in as it is kept. Raises NotAllowed for what can't be one."""
    plain = as_compared(name)
    if not plain or len(plain) > LONGEST or not plain.isprintable() or " " in plain:
        raise NotAllowed(
            "that can't be somebody's name at the company's sign-in",
            "Give the e-mail address or the user name that it knows them by, without spaces.",
        )
    return plain


def as_compared(name: str) -> str:
    """A name in the form in which two are compared: letters of ASCII in lower case, every other one as it is, since
    folding those makes different people of the same look one."""
    lower = "".join(one.lower() if one.isascii() else one for one in name.strip())
    # Last: the sign of a kelvin becomes a capital K by it, which then is nobody's small one.
    return unicodedata.normalize("NFC", lower)


def refusal_of(identity: Identity, why: str) -> tuple[str, str]:
    """What is said to somebody whom the company's sign-in knows, and who is not let in: the words, and what to do. Who
    is kept out is told the same as who was never let in."""
    who = identity.name or "You"
    asks = "Ask an operator of the console"
    return {
        "no_name": (
            "The company's sign-in told neither who you are by e-mail address nor by user name.",
            f"{asks} to look at REINFORCE_OIDC_CLAIM: docs/how-to/let-people-in.md.",
        ),
        "not_vouched": (
            f"The company's sign-in does not answer for {who} being your address.",
            "Confirm the address there, then begin again from here.",
        ),
        "somebody_else": (
            f"{who} was somebody else at the company's sign-in before.",
            f"{asks} to say that it is you now: reinforce user set-identity NAME {who}",
        ),
    }.get(
        why,
        (
            f"{who} is not let in here.",
            f"{asks} to let you in: reinforce user set-identity NAME {identity.name or 'ADDRESS'}",
        ),
    )
