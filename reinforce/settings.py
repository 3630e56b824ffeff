"""Everything that can be set, read once into one frozen value.

Order, the first that speaks wins: arguments, environment (`REINFORCE_…`), `reinforce.toml` in the workspace folder,
the defaults here. Nothing is read at import. Secrets are not settings: they live in files of mode 600 or in the
environment (`secrets.py`). Every field is documented in docs/reference/settings.md.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

DEFAULT_WORKSPACE = Path("workspace")


class Settings(BaseSettings):
    """The settings of one workspace. Durations are machine seconds unless the name says otherwise."""

    model_config = SettingsConfigDict(env_prefix="REINFORCE_", frozen=True, extra="forbid")

    workspace: Path = DEFAULT_WORKSPACE
    database_url: str = Field(default="", description="SQLAlchemy URL; empty: reinforce.db in the workspace")
    console_host: str = "127.0.0.1"
    console_port: int = Field(default=8400, ge=0, le=65535)
    console_tls_cert: Path | None = Field(default=None, description="certificate (PEM, with its chain); empty: no TLS")
    console_tls_key: Path | None = Field(default=None, description="the certificate's key (PEM)")
    console_behind_proxy: str = Field(default="", description="address of the proxy that ends TLS before the console")
    console_public_host: str = Field(default="", description="name under which others reach the console")
    session_idle_minutes: float = Field(default=480.0, gt=0, description="a sign-in ends so long after the last page")
    session_days: float = Field(default=7.0, gt=0, description="a sign-in ends after this, whatever is done")
    oidc_issuer: str = Field(default="", description="the company's sign-in, as it calls itself; empty: none")
    oidc_client_id: str = Field(default="", description="what it knows the console as; the client secret is no setting")
    oidc_claim: Literal["email", "preferred_username"] = "email"
    oidc_label: str = Field(default="Sign in with your company account", min_length=1, max_length=60)
    oidc_secret_file: Path | None = Field(
        default=None, description="file of mode 600 with the client secret; default: oidc.secret there"
    )
    oidc_ca_file: Path | None = Field(
        default=None, description="authorities (PEM) trusted for the company's sign-in besides the machine's"
    )
    monitor_host: str = "127.0.0.1"
    monitor_port: int | None = Field(default=None, ge=0, le=65535, description="probes and metrics; empty: not served")
    practice_host: str = "127.0.0.1"
    practice_port: int = Field(default=8401, ge=0, le=65535)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = "console"
    secret_key_file: Path | None = Field(
        default=None, description="file of mode 600 with the Fernet key; default: secret.key in the workspace folder"
    )
    suppression_key_file: Path | None = Field(
        default=None, description="file of mode 600 with the suppression list's key; default: suppression.key there"
    )
    tick_seconds: float = Field(default=1.0, gt=0, le=60)
    listen_seconds: float = Field(default=60.0, gt=0, le=3600, description="programme seconds between two readings")
    drain_seconds: float = Field(default=20.0, gt=0)
    stuck_seconds: float = Field(default=180.0, gt=0, description="a step that takes longer ends the daemon")
    lease_seconds: float = Field(default=60.0, gt=0)
    send_guard_seconds: float = Field(default=10.0, gt=0, description="G: oldest lease with which a call may start")
    send_deadline_seconds: float = Field(default=30.0, gt=0, description="S: total deadline of a call")
    pause_bound_seconds: float = Field(default=5.0, gt=0, description="P: bound between guard and first byte")
    read_lag_seconds: float = Field(default=60.0, ge=0, description="V: the service's read-your-write lag")
    unknown_rounds: int = Field(default=3, ge=1, description="times a post may be sent again where doubt is resend")
    kill_at: str = Field(default="", description="rehearsals and tests only: the checkpoint at which the daemon dies")
    keep_texts_days: int = Field(default=30, ge=0, description="the words of replies; 0: for ever")
    keep_counts_days: int = Field(default=365, ge=0, description="counts that later ones have replaced")
    keep_attempts_days: int = Field(default=180, ge=0, description="attempts to send settled posts")
    keep_invitations_days: int = Field(default=90, ge=0, description="invitations that were used or ran out")
    keep_joiners_days: int = Field(default=90, ge=0, description="people of open cohorts who are in none any more")
    doubt: Literal["hold", "resend"] = Field(default="hold", description="what becomes of a doubt that stays")
    read_before_send_seconds: float = Field(default=300.0, gt=0, description="mentions read to their end within")

    single_user: bool = Field(default=False, description="nobody else is there: an author may approve their own texts")

    smtp_host: str = Field(default="", description="server that mail to facilitators is handed to; empty: no mail")
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_from: str = Field(default="", description="the From address")
    smtp_user: str = Field(default="", description="whom to sign in as; the password is no setting")
    notify_file: Path | None = Field(
        default=None, description="file of mode 600 with the mail password and webhooks; default: notify.json there"
    )
    notify_ca_file: Path | None = Field(
        default=None, description="authorities (PEM) trusted for mail and webhooks besides the machine's"
    )

    @property
    def quarantine_seconds(self) -> float:
        """Q = G + P + S + V (OUTBOX rules): no shorter wait proves that an unknown post never landed."""
        return self.send_guard_seconds + self.pause_bound_seconds + self.send_deadline_seconds + self.read_lag_seconds

    @property
    def resolved_database_url(self) -> str:
        """The database's SQLAlchemy URL."""
        return self.database_url or f"sqlite:///{(self.workspace / 'reinforce.db').resolve()}"

    @property
    def key_file(self) -> Path:
        """The file with the key that account tokens are encrypted with."""
        return self.secret_key_file or self.workspace / "secret.key"

    @property
    def suppression_key(self) -> Path:
        """The file with the key of the suppression list's hashes. It is never changed: what it made could not be."""
        return self.suppression_key_file or self.workspace / "suppression.key"

    @property
    def suppression_list(self) -> Path:
        """The suppression list beside the database."""
        return self.workspace / "suppression.list"

    @property
    def notify_secrets_file(self) -> Path:
        """The file with the mail server's password and the addresses of webhooks; it may be missing."""
        return self.notify_file or self.workspace / "notify.json"

    @property
    def oidc_secret(self) -> Path:
        """The file with the client secret; it may be missing."""
        return self.oidc_secret_file or self.workspace / "oidc.secret"

    @property
    def console_url(self) -> str:
        """Where people find the console, as far as the settings know it; without a slash at its end."""
        host = self.console_public_host or self.console_host
        if self.console_behind_proxy:
            return f"https://{host}"
        shown = f"[{host}]" if ":" in host else host
        return f"{'https' if self.console_tls_cert else 'http'}://{shown}:{self.console_port}"

    @property
    def clock_file(self) -> Path:
        """Where the anchor of an accelerated clock stands, if there is one."""
        return self.workspace / "clock.json"

    @property
    def practice_folder(self) -> Path:
        """The practice account's own storage."""
        return self.workspace / "practice"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then environment, then the workspace's reinforce.toml."""
        folder = Path(init_settings().get("workspace") or os.environ.get("REINFORCE_WORKSPACE") or DEFAULT_WORKSPACE)
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, folder / "reinforce.toml"))


def read_settings(workspace: Path | None = None, **overrides: Any) -> Settings:
    """The settings of `workspace` (default: REINFORCE_WORKSPACE, else ./workspace). Raises pydantic's error."""
    given = {key: value for key, value in overrides.items() if value is not None}
    if workspace is not None:
        given["workspace"] = workspace
    return Settings(**given)
