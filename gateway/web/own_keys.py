"""Our own keys as others see them: the public document, how long each still lasts, and what a changed ring leads to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from aiohttp import web
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.clock import Clock
from gateway.contract.consumers import KeyState
from gateway.contract.ring import Algorithm, RingFile, Use
from gateway.errors import BrokenFiles, GatewayError, Problem
from gateway.proofs import notes
from gateway.security import keys as key_files
from gateway.security.epochs import Epochs
from gateway.security.ring import Ring
from gateway.settings import Audit
from gateway.watching import Watched
from gateway.web.in_force import problems_of, telling
from gateway.web.spelled import Spelled

PATH: Final = "/.well-known/gateway-keys"
MAX_AGE_SECONDS: Final = 300
"""How long a copy may be used unasked: a key that was just made must be out for longer before it signs."""

Expiry = tuple[str, float]
"""What ends, and when (Unix seconds)."""


class PublishedKey(Spelled):
    """One public key. `retiring` counts until `until`; `revoked` does not count, whatever it signed; `pending` will sign."""

    id: str
    use: Use
    alg: Algorithm
    state: KeyState
    public_key: str
    """PEM, SPKI."""
    created: datetime
    expires: datetime | None = None
    until: datetime | None = None
    revoked_at: datetime | None = None


class PublishedWitness(Spelled):
    """Who cosigns the ledger's checkpoints: its name in signed notes, and its key."""

    name: str
    public_key: str
    """PEM, SPKI."""


class PublishedLedger(Spelled):
    """The ledger: each of its logs is named by `origin`, a slash and a number."""

    origin: str
    witnesses: list[PublishedWitness]


class PublishedKeys(Spelled):
    """The public keys of the gateway, those for answers, receipts and checkpoints, and its ledger."""

    keys: list[PublishedKey]
    ledger: PublishedLedger


def ledger_of(home: Path, audit: Audit) -> PublishedLedger:
    """As the settings have it. Raises BrokenFiles, with every witness whose key cannot be used."""
    witnesses: list[PublishedWitness] = []
    problems: list[Problem] = []
    for each in audit.witnesses:
        try:
            pem = key_files.public_pem(each.name, home / each.public_key)
            notes.key_of_pem(each.name, notes.Kind.COSIGNATURE, pem)
        except GatewayError as error:
            problems.append(Problem(str(home / each.public_key), 1, 1, str(error)))
        else:
            witnesses.append(PublishedWitness(name=each.name, public_key=pem))
    if problems:
        raise BrokenFiles(problems)
    return PublishedLedger(origin=audit.origin, witnesses=witnesses)


def published(ring: RingFile, ledger: PublishedLedger, use: Use | None = None) -> bytes:
    """The document. Without a use, the keys that others need; those for requests to authorities are theirs alone to know."""
    names = set(PublishedKey.model_fields)
    shown = [
        PublishedKey(**{name: _utc(value) for name, value in key.model_dump(include=names).items()})
        for key in ring.keys
        if (key.use != "outbound" if use is None else key.use == use)
    ]
    return PublishedKeys(keys=shown, ledger=ledger).model_dump_json(exclude_none=True, indent=2).encode() + b"\n"


def page(document: Callable[[], bytes]) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """`/.well-known/gateway-keys`."""

    async def keys(_: web.Request) -> web.StreamResponse:
        kept = {"Cache-Control": f"public, max-age={MAX_AGE_SECONDS}"}
        return web.Response(body=document(), content_type="application/json", headers=kept)

    return keys


def _utc(value: object) -> object:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def expiries(ring: RingFile) -> Iterator[Expiry]:
    """Of every key that signs, or will."""
    for key in ring.keys:
        if key.expires is not None and key.state in ("pending", "active"):
            yield key.id, key.expires.timestamp()


class KeyExpiry(Collector):
    """For Prometheus: seconds until each key ends, and whether the ring in force is that of the file."""

    def __init__(self, ring: Watched[Ring], others: Iterable[Expiry], clock: Clock) -> None:
        self._ring = ring
        self._others = tuple(others)
        """Certificates, which are not read anew."""
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        expires = GaugeMetricFamily(
            "gateway_key_expires_seconds", "Until a key or its certificate ends.", labels=("key",)
        )
        for name, ends in (*expiries(self._ring.current.file), *self._others):
            expires.add_metric([name], ends - self._clock.unix())
        yield expires
        good = float(not problems_of(self._ring))
        yield GaugeMetricFamily(
            "gateway_key_ring_good", "0 while what is in force is not all that the ring's file says.", value=good
        )


def reloading(ring: Watched[Ring]) -> Callable[[], Awaitable[None]]:
    """One poll that tells what came of it: `keys.reloaded`, or once for each trouble `keys.reload_failed`."""
    return telling("keys", ring, lambda read: len(read.file.keys))


def reloading_epochs(epochs: Watched[Epochs]) -> Callable[[], Awaitable[None]]:
    """The same for the epochs of pseudonyms: `epochs.reloaded`, `epochs.reload_failed`."""
    return telling("epochs", epochs, lambda read: len(read.keyed))
