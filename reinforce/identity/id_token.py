"""The signed word of the company's sign-in on who somebody is (OpenID Connect Core 1.0, 3.1.3.7).

The signature is checked by joserfc against the provider's published keys, with algorithms of public keys only, so that
neither an unsigned token nor one signed with something that everybody knows is believed; the claims by Authlib.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, ClaimError, ExpiredTokenError, JoseError, KeyParameterError
from joserfc.jwk import JWKRegistry, Key

from reinforce.domain.errors import ProviderFault

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
# How far two clocks may be apart, in seconds.
SKEW = 120
_KEY_TYPES = frozenset({"RSA", "EC", "OKP"})
_LONGEST_SUBJECT = 255
_ADVICE = "Begin again from here. If it stays, an operator compares the settings with those of the company's sign-in."


class UnknownKey(Exception):
    """The token names a key that is not among those known: the provider may have changed them."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must be to be believed: by whom, for whom, in answer to what, and beside which access token."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str


def believed(token: object, keys: Sequence[Key], expected: Expected, now: float) -> Mapping[str, Any]:
    """The claims of a token. `now`: seconds since 1970. Raises UnknownKey, and ProviderFault with the rule it broke."""
    if not isinstance(token, str) or not token.isascii():
        raise _not_believed("it sent no ID token")
    header, claims = _signed(token, keys)
    options = {
        "iss": {"essential": True, "value": expected.issuer},
        "aud": {"essential": True, "value": expected.client_id},
        "sub": {"essential": True},
    }
    about = {"nonce": expected.nonce, "client_id": expected.client_id, "access_token": expected.access_token}
    try:
        CodeIDToken(claims, header, options, about).validate(now=int(now), leeway=SKEW)
    except ExpiredTokenError:
        raise _not_believed("its ID token has run out; is this machine's clock right?") from None
    except ClaimError as error:
        # "iss, sub": names of claims, never what they say
        raise _not_believed(f"in its ID token this is wrong or missing: {error.claim}") from None
    except (JoseError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise _not_believed(f"its ID token can't be read ({type(error).__name__})") from None
    if len(claims["sub"]) > _LONGEST_SUBJECT:
        raise _not_believed("in its ID token this is wrong or missing: sub")
    return claims


def usable(content: Mapping[str, Any]) -> tuple[Key, ...]:
    """The public keys of a JWKS that may sign; what is not understood is passed over (RFC 7517, 5)."""
    listed = content.get("keys")
    found: list[Key] = []
    for one in listed if isinstance(listed, list) else ():
        if not isinstance(one, dict) or one.get("kty") not in _KEY_TYPES or one.get("use", "sig") != "sig":
            continue
        try:
            found.append(JWKRegistry.import_key(one))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return tuple(found)


def _signed(token: str, keys: Sequence[Key]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token that one of `keys` has signed."""
    registry = jws.JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    try:
        kid = jws.extract_compact(token.encode()).headers().get("kid")
        fitting = [key for key in keys if kid is None or key.kid == kid]
        if not fitting:
            raise UnknownKey
        for key in fitting:
            try:
                found = jwt.decode(token, key, registry=registry)
            except (BadSignatureError, KeyParameterError):
                continue
            return dict(found.header), found.claims
    except JoseError as error:
        raise _not_believed(f"its ID token is not signed as it must be ({type(error).__name__})") from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise _not_believed("its ID token can't be read") from None
    raise _not_believed("its ID token is signed by somebody else")


def _not_believed(why: str) -> ProviderFault:
    return ProviderFault(f"The company's sign-in answered, but {why}.", _ADVICE)
