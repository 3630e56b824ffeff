"""Whom we trust when we speak TLS to a mail server or a webhook, and why a certificate was not good enough."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

from reinforce.domain.answering.notices import NotDelivered

# OpenSSL's numbers of what can be wrong with a certificate, in words that say what to mend.
_EXPIRED, _NOT_YET, _OTHER_NAME, _OTHER_ADDRESS = 10, 9, 62, 64
_NOBODY_KNOWN = frozenset({18, 19, 20, 21})
_FAULTS = {
    _EXPIRED: ("it has run out", "Whoever runs the server renews it."),
    _NOT_YET: ("it is not valid yet", "Look whether this machine's clock is right."),
    _OTHER_NAME: ("it is for another name", "Use the name that stands on the certificate."),
    _OTHER_ADDRESS: ("it is for another address", "Use the name that stands on the certificate, not an IP address."),
}
_UNKNOWN_ISSUER = (
    "nobody whom this machine knows has signed it",
    "If it is your company's own authority, put its certificate (PEM) into a file and name it in notify_ca_file.",
)


def trusted(ca_file: Path | None) -> ssl.SSLContext:
    """What this machine trusts, and the authorities in `ca_file` (PEM) besides. Raises NotDelivered for a file that
    can't be read."""
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise NotDelivered(
                f"notify_ca_file {ca_file} can't be read: {type(error).__name__}",
                "It holds certificates in PEM form: -----BEGIN CERTIFICATE-----",
            ) from None
    return context


def why_not_trusted(error: BaseException) -> tuple[str, str] | None:
    """(what is wrong with the certificate, what to do) if that is what `error` came of, else None. Says no address."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            unknown = ("it can't be checked", "Look at it: openssl s_client -showcerts -connect HOST:PORT")
            known = _UNKNOWN_ISSUER if cause.verify_code in _NOBODY_KNOWN else unknown
            return _FAULTS.get(cause.verify_code, known)
    return None


def speaks_no_tls(error: BaseException) -> bool:
    """Whether `error` came of a handshake that failed for another reason than the certificate."""
    causes = list(_causes(error))
    return any(isinstance(cause, ssl.SSLError) for cause in causes) and why_not_trusted(error) is None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """`error` and what it was raised for; `requests` keeps the reason as an argument."""
    seen: set[int] = set()
    left: list[BaseException] = [error]
    while left:
        one = left.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = [*one.args, one.__cause__, one.__context__, getattr(one, "reason", None)]
        left += [cause for cause in inner if isinstance(cause, BaseException)]
