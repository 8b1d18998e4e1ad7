"""The settings of one installation (`gateway.yaml`), as types. Secrets and keys are named by file, never written here."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from gateway.settings.door import Admission, Drain
from gateway.settings.environment import (
    COMMAND_VARIABLE,
    CREDENTIALS_VARIABLE,
    HOME_VARIABLE,
    command_name,
    credentials_folder,
    environment,
    home_from_environment,
)
from gateway.settings.words import (
    AccountValue,
    Authority,
    FileName,
    HostAndPort,
    HostName,
    KeyId,
    KeyReference,
    Origin,
    Port,
    SecretReference,
    Section,
    Suite,
    is_reference,
    signer_at,
)

__all__ = [
    "COMMAND_VARIABLE",
    "CREDENTIALS_VARIABLE",
    "HOME_VARIABLE",
    "AccountValue",
    "Admission",
    "ApplicationDates",
    "AskingLimits",
    "Audit",
    "Authority",
    "CallerTls",
    "Deadlines",
    "Drain",
    "Endpoint",
    "EndpointTls",
    "FileName",
    "HostAndPort",
    "HostName",
    "KeyId",
    "KeyReference",
    "Keys",
    "Listen",
    "Origin",
    "Port",
    "SecretReference",
    "Section",
    "ServedTls",
    "Settings",
    "SoapKey",
    "Suite",
    "WitnessAt",
    "command_name",
    "credentials_folder",
    "environment",
    "home_from_environment",
    "is_reference",
    "signer_at",
]


class ServedTls(Section):
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


class Listen(Section):
    """Where a listener listens. Without TLS only on loopback; operators beyond loopback show a certificate, too."""

    host: str = "127.0.0.1"
    port: Port
    tls: ServedTls | None = None


class CallerTls(Section):
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


class SoapKey(Section):
    """Our WS-Security key and the certificate that carries its public half (PEM)."""

    key: SecretReference
    certificate: FileName


class Keys(Section):
    """The gateway's own keys."""

    ring: FileName = "keys/ring.yaml"
    """Every signing key with its state: `gateway keys` writes it."""
    epochs: FileName = "keys/epochs.yaml"
    """Every key of the ledger's pseudonyms with its state: `gateway epochs` writes it."""
    soap: SoapKey

    @model_validator(mode="before")
    @classmethod
    def _epochs_have_a_file(cls, given: Any) -> Any:
        if isinstance(given, dict) and "pseudonyms" in given:
            raise ValueError(
                "'pseudonyms' is a file of its own now: take it out here and write into keys/epochs.yaml, with the same "
                "epoch and key, 'epochs: [{epoch: ..., state: active, key: ..., since: 2026-01-01T00:00:00Z}]'"
            )
        return given


class Endpoint(Section):
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


class Deadlines(Section):
    """How long a question may take, in milliseconds."""

    default_ms: int = Field(default=8000, ge=200, le=60000)
    most_ms: int = Field(default=8000, ge=200, le=60000)
    late_ms: int = Field(default=20000, ge=0, le=40000)
    """How long after it an authority may still be asked, for a later revision of the answer; 0: not at all."""


class ApplicationDates(Section):
    """Which application dates are taken, in days from today: a consumer must not shop for a policy."""

    days_back: int = Field(default=31, ge=0)
    days_ahead: int = Field(default=1, ge=0)


class AskingLimits(Section):
    """How much a consumer may ask whose own file does not say otherwise."""

    per_minute: int = Field(default=600, ge=1, le=1_000_000)
    burst: int | None = Field(default=None, ge=1, le=1_000_000)
    """At once, after a pause. Left out: as many as `per_minute`."""
    subjects_per_day: int = Field(default=500, ge=2, le=100_000_000)
    """Different people within 24 hours, guardians and each name for a number too: what an honest counter never needs, and
    a list of numbers soon does. One question may name two."""


class WitnessAt(Section):
    """A second department that cosigns our checkpoints. Its absence never blocks anything."""

    name: Annotated[str, StringConstraints(pattern=r"^[!-*,-~]{1,128}$")]
    """Its key name in signed notes: no space, no plus."""
    url: Origin
    public_key: FileName
    """Ed25519, PEM."""


class Audit(Section):
    """The ledger as others see it."""

    origin: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.\-]+(/[a-z0-9.\-]+)*$", max_length=120)]
    """What the checkpoints name: a name of ours on the net, for ever. Each shard adds its number: `gw.example/audit/0`."""
    kept: FileName = "ledger.checkpoints"
    """A copy of the newest checkpoints, best on another disk: a ledger that is behind it was rolled back."""
    retention_months: int = Field(default=12, ge=1, le=1200)
    """How long what was asked and answered is kept; its place in the tree stays."""
    witnesses: list[WitnessAt] = Field(default_factory=list)


class Settings(Section):
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
    audit: Audit
    suite: Suite = "international"
    """Whose algorithms sign; every channel's contract must list it, or its endpoint name another."""
    keys: Keys
    authorities: dict[str, dict[str, Endpoint]]
    """By authority, then by channel."""
    processes: int = Field(default=1, ge=1, le=64)
    """How many gateways run on this ledger: each takes its part of the places that a contract gives us."""
    deadlines: Deadlines = Deadlines()
    application_dates: ApplicationDates = ApplicationDates()
    limits: AskingLimits = AskingLimits()
    admission: Admission = Admission()
    drain: Drain = Drain()
    canaries: FileName | None = None
    """A file of pseudonyms, as `gateway canaries` makes them: whoever asks about one of them is noticed."""
    log: Literal["json", "text", "none"] = "json"
