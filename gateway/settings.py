"""The settings of one installation (`gateway.yaml`), as types. Secrets and keys are named by file, never written here."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

HOME_VARIABLE = "GATEWAY_HOME"
COMMAND_VARIABLE = "GATEWAY_COMMAND"
CREDENTIALS_VARIABLE = "CREDENTIALS_DIRECTORY"
"""Where systemd puts what `LoadCredential=` names."""

_FILE, _VARIABLE, _CREDENTIAL = (
    r"file:[^\x00-\x1f\x7f]{1,400}",
    r"env:[A-Za-z_][A-Za-z0-9_]{0,127}",
    r"credential:[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}",
)
_SECRET: Final = re.compile(f"{_FILE}|{_VARIABLE}|{_CREDENTIAL}", re.ASCII)
_ELSEWHERE: Final = re.compile(r"unix:(/[^#\x00-\x1f\x7f]{1,100})#([!$-\[\]-~]{1,128})", re.ASCII)


def is_reference(text: str) -> bool:
    """Whether the text says where a secret is, rather than being a value."""
    return _SECRET.fullmatch(text) is not None


def signer_at(text: str) -> tuple[str, str] | None:
    """The socket and the key's name there, where a private key is with a signer process."""
    found = _ELSEWHERE.fullmatch(text)
    return (found[1], found[2]) if found is not None else None


def _where(takes: Callable[[str], object], forms: str) -> AfterValidator:
    def check(text: str) -> str:
        if not takes(text):
            raise ValueError(f"must say where the secret is: {forms}; the secret itself never stands here")
        return text

    return AfterValidator(check)


def _plain_or_where(text: str) -> str:
    if re.match(r"(file|env|credential):", text) and not is_reference(text):
        raise ValueError("begins as a reference and is none: file:NAME, env:NAME or credential:NAME")
    return text


SecretReference = Annotated[str, _where(is_reference, "file:NAME, env:NAME or credential:NAME")]
"""`file:NAME` (relative to the folder of the settings), `env:NAME`, or `credential:NAME` (of systemd)."""
KeyReference = Annotated[
    str,
    _where(
        lambda text: is_reference(text) or signer_at(text), "file:NAME, env:NAME, credential:NAME or unix:/SOCKET#KEY"
    ),
]
"""The same, or `unix:/SOCKET#KEY`: a signer process that holds the key and never gives it away."""
AccountValue = Annotated[str, AfterValidator(_plain_or_where)]

FileName = Annotated[str, StringConstraints(min_length=1, max_length=400)]
"""Relative to the folder of the settings file."""
KeyId = Annotated[str, StringConstraints(pattern=r"^[!#-\[\]-~]{1,128}$")]
Origin = Annotated[str, StringConstraints(pattern=r"^https?://[A-Za-z0-9.\-]+(:[0-9]{1,5})?$", max_length=200)]
Authority = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.\-]+(:[0-9]{1,5})?$", max_length=200)]
HostName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.\-]+$", max_length=200)]
HostAndPort = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.\-]+:[1-9][0-9]{0,4}$", max_length=200)]
Suite = Literal["international", "sm"]
Port = Annotated[int, Field(ge=0, le=65535)]
"""0 asks the system for a free one."""


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ServedTls(_Settings):
    """How a listener speaks TLS (PEM). The files may change while it listens."""

    certificate: FileName
    """Ours first, then those that lead to the callers' anchor."""
    private_key: FileName
    client_ca: FileName | None = None
    """With it, callers show a certificate that this CA issued (mutual TLS)."""
    client_required: bool | None = None
    """Whether who shows none is turned away; without a word here, yes."""

    @model_validator(mode="after")
    def _asks_by_a_ca(self) -> Self:
        if self.client_required is not None and self.client_ca is None:
            raise ValueError("'client_required' needs 'client_ca', which says whose certificates count")
        return self


class Listen(_Settings):
    """Where a listener listens. Without TLS only on loopback; operators beyond loopback show a certificate, too."""

    host: str = "127.0.0.1"
    port: Port
    tls: ServedTls | None = None


class CallerTls(_Settings):
    """What a caller believes and shows (PEM), where it is not the system's CAs and nothing."""

    ca: FileName | None = None
    """Their CA, and no other, instead of the system's."""
    certificate: FileName | None = None
    private_key: FileName | None = None

    @model_validator(mode="after")
    def _whole_pair(self) -> Self:
        if (self.certificate is None) != (self.private_key is None):
            raise ValueError("'certificate' and 'private_key' go together")
        return self


class EndpointTls(CallerTls):
    """How we call one endpoint. The files may change while the gateway runs."""

    server_name: HostName | None = None
    """The name in their certificate, where it is not the host of the url."""


class SoapKey(_Settings):
    """Our WS-Security key and the certificate that carries its public half (PEM)."""

    key: SecretReference
    certificate: FileName


class PseudonymKey(_Settings):
    """The key of the ledger's pseudonyms, in one epoch."""

    epoch: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_\-]{1,16}$")]
    key: SecretReference


class Keys(_Settings):
    """The gateway's own keys."""

    ring: FileName = "keys/ring.yaml"
    """Every signing key with its state: `gateway keys` writes it."""
    soap: SoapKey
    pseudonyms: PseudonymKey


class Endpoint(_Settings):
    """Where one channel of an authority is, and whom we believe there."""

    url: Origin
    tls: EndpointTls | None = None
    key_id: KeyId | None = None
    public_key: FileName | None = None
    certificate: FileName | None = None
    suite: Suite | None = None
    """Another suite than the installation's, where the contract lists it."""
    rid: KeyId | None = None
    """Our requester id on the sharing platform, for a channel that goes through it."""
    app_key: SecretReference | None = None
    """The app key that belongs to it: one line."""
    account: dict[str, AccountValue] = Field(default_factory=dict)
    """What their operator gave us: plain values, and references for those that the contract calls secret."""


class Deadlines(_Settings):
    """How long a question may take, in milliseconds."""

    default_ms: int = Field(default=8000, ge=200, le=60000)
    most_ms: int = Field(default=8000, ge=200, le=60000)


class ApplicationDates(_Settings):
    """Which application dates are taken, in days from today: a consumer must not shop for a policy."""

    days_back: int = Field(default=31, ge=0)
    days_ahead: int = Field(default=1, ge=0)


class AskingLimits(_Settings):
    """How much a consumer may ask whose own file does not say otherwise."""

    per_minute: int = Field(default=600, ge=1, le=1_000_000)
    burst: int | None = Field(default=None, ge=1, le=1_000_000)
    """At once, after a pause. Left out: as many as `per_minute`."""
    subjects_per_day: int = Field(default=500, ge=2, le=100_000_000)
    """Different people within 24 hours, guardians and each name for a number too: what an honest counter never needs, and
    a list of numbers soon does. One question may name two."""


class Settings(_Settings):
    """`gateway.yaml`."""

    listen: Listen
    admin: Listen
    served_as: list[Authority] = Field(min_length=1)
    """The names that consumers may use in Host; a signature covers one of them."""
    trusted_proxies: list[IPv4Network | IPv6Network] = Field(default_factory=list)
    """Whose X-Forwarded-Host counts; everybody else's forwarding headers are ignored."""
    outbound: list[HostAndPort] | None = None
    """The hosts that may be asked, each with its port; without it, those of the endpoints below."""
    contracts: FileName | None = None
    """A folder of contracts and policies; without it, those that this program ships."""
    consumers: FileName = "consumers"
    ledger: FileName = "ledger.sqlite3"
    suite: Suite = "international"
    """Whose algorithms sign; every channel's contract must list it, or its endpoint name another."""
    keys: Keys
    authorities: dict[str, dict[str, Endpoint]]
    """By authority, then by channel."""
    deadlines: Deadlines = Deadlines()
    application_dates: ApplicationDates = ApplicationDates()
    limits: AskingLimits = AskingLimits()
    canaries: FileName | None = None
    """A file of pseudonyms, as `gateway canaries` makes them: whoever asks about one of them is noticed."""
    log: Literal["json", "text", "none"] = "json"


def command_name() -> str:
    """How this program was called, for the commands that it suggests: `dev.py` says so in a checkout."""
    return os.environ.get(COMMAND_VARIABLE) or "gateway"


def home_from_environment() -> str | None:
    """The installation's folder as `GATEWAY_HOME` names it."""
    return os.environ.get(HOME_VARIABLE)


def environment(name: str) -> str | None:
    """The variable that `env:NAME` means."""
    return os.environ.get(name)


def credentials_folder() -> str | None:
    """The folder that systemd made for this service's credentials."""
    return os.environ.get(CREDENTIALS_VARIABLE)
