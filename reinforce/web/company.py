"""The company's own sign-in, as it is set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reinforce.clock import Clock
from reinforce.secrets import client_secret
from reinforce.settings import Settings
from reinforce.telemetry import conceal_values

if TYPE_CHECKING:
    from reinforce.identity.provider import Provider


def company_sign_in(settings: Settings, clock: Clock) -> Provider | None:
    """The company's sign-in; None where none is set. Asks it nothing. Raises ReinforceError for what can't be meant."""
    if not settings.oidc_issuer and not settings.oidc_client_id:
        return None
    from reinforce.identity.provider import Provider, Registration  # noqa: PLC0415 - half the work of a start, else unused

    def secret() -> str:
        found = client_secret(settings.oidc_secret, required=settings.oidc_secret_file is not None)
        conceal_values([found])
        return found

    registered = Registration(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_claim, settings.oidc_ca_file)
    return Provider(registered, secret, lambda: clock.wall().timestamp(), clock.monotonic)
