"""The sharing platform's own part (domain 6.1): it knows its requesters by a secret that it hands out, ends and rotates.

Written from the platform's documents on `hmac`, `hashlib` and AES, sharing nothing with `gateway.security`.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from gateway.clock import Clock
from gateway.contract.authority import Platform as Agreed
from mocks.keys import Identity

FIELDS = ("rid", "sid", "rtime", "sign")
EARLY_SECONDS = 60
"""With less left than this, a refresh gets the next secret; before, it gets the one that is in use."""


class PlatformRefused(Exception):
    """The four values do not hold; the text says which check failed, for testers, and holds none of them."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret the platform handed out. Not every one is accepted until its announced end."""

    text: str
    ends: float

    def __repr__(self) -> str:
        return f"Secret(ends={self.ends})"


def aes_key(app_key: bytes) -> bytes:
    """What Java's SHA1PRNG makes of the app key as its seed."""
    return hashlib.sha1(hashlib.sha1(app_key).digest()).digest()[:16]  # noqa: S324 - the platform's own rule


def wrapped(secret: str, app_key: bytes) -> str:
    """The secret as it travels: AES/ECB/PKCS5 in Base64."""
    padder = padding.PKCS7(128).padder()
    padded = padder.update(secret.encode()) + padder.finalize()
    cipher = Cipher(algorithms.AES(aes_key(app_key)), modes.ECB()).encryptor()  # noqa: S305 - the platform's own rule
    return b64encode(cipher.update(padded) + cipher.finalize()).decode()


def sign(key: bytes, service: str, requester: str, rtime: str) -> str:
    """HMAC-SHA256 over sid, rid and rtime, in that order and without a separator."""
    return b64encode(hmac.new(key, (service + requester + rtime).encode(), hashlib.sha256).digest()).decode()


class Platform:
    """One requester's standing with the platform, for one service."""

    def __init__(self, agreed: Agreed, identity: Identity, clock: Clock) -> None:
        if identity.requester is None or identity.app_key is None:
            raise ValueError(f"{agreed.service}: the dialect platform_hmac needs a requester and an app key")
        self.names = {field: f"{agreed.prefix}_{field}" for field in FIELDS}
        self.refresh_path = agreed.refresh
        self.service = agreed.service
        self.success = "0" if agreed.prefix == "gjgxjhpt" else "200"
        """The code of a refresh that went well; the successor's envelope says it otherwise."""
        self._requester = identity.requester
        self._app_key = identity.app_key
        self._times = identity.secrets
        self._life = self._times.life or agreed.secret_seconds
        self._clock = clock
        self._rotated = clock.unix()
        self._secrets: list[Secret] = []
        """Newest last; every one of them is accepted until its end."""

    def check(self, values: Mapping[str, str]) -> Secret:
        """The secret that signed these four values.

        Raises:
            PlatformRefused: which check failed.
        """
        self._check_fields(values)
        self._turn()
        live = [secret for secret in self._secrets if secret.ends > self._clock.unix()]
        if not live:
            raise PlatformRefused("no secret is in force: refresh it")
        for secret in reversed(live):
            if hmac.compare_digest(self._signed(secret.text.encode(), values), values["sign"]):
                return secret
        raise PlatformRefused("sign is not by the secret in force over sid, rid and rtime: it may have been rotated")

    def refresh(self, values: Mapping[str, str]) -> dict[str, object]:
        """The data of a refresh that was signed with the app key.

        Raises:
            PlatformRefused: which check failed.
        """
        self._check_fields(values)
        if not hmac.compare_digest(self._signed(self._app_key, values), values["sign"]):
            raise PlatformRefused("sign is not by the app key over sid, rid and rtime")
        secret = self.current()
        return {"secret": wrapped(secret.text, self._app_key), "secretEndTime": int(secret.ends * 1000)}

    def current(self) -> Secret:
        """The secret that a refresh gets now; a new one when the last has little time left."""
        self._turn()
        now = self._clock.unix()
        self._secrets = [secret for secret in self._secrets if secret.ends > now]
        if not self._secrets or self._secrets[-1].ends - now < min(EARLY_SECONDS, self._life / 2):
            # The one before stays good until the end that was announced for it.
            self._secrets.append(Secret(self._clock.token() + self._clock.token(), now + self._life))
        return self._secrets[-1]

    def rotate(self) -> None:
        """No secret handed out so far is accepted any more, after the grace."""
        self._rotated = self._clock.unix()
        until = self._rotated + self._times.grace
        self._secrets = [Secret(secret.text, min(secret.ends, until)) for secret in self._secrets]

    def protected(self, secret: Secret, clock: Clock, service: str | None = None) -> dict[str, str]:
        """The four values of a reply, by name, at the time of that clock."""
        values = {"rid": self._requester, "sid": service or self.service, "rtime": str(int(clock.unix() * 1000))}
        values["sign"] = self._signed(secret.text.encode(), values)
        return {self.names[field]: value for field, value in values.items()}

    def _signed(self, key: bytes, values: Mapping[str, str]) -> str:
        return sign(key, values["sid"], values["rid"], values["rtime"])

    def _check_fields(self, values: Mapping[str, str]) -> None:
        missing = [self.names[field] for field in FIELDS if not values.get(field)]
        if missing:
            raise PlatformRefused(f"missing: {' '.join(missing)}")
        if not all(value.isascii() for value in values.values()):
            raise PlatformRefused("the four values must be ASCII")
        if values["sid"] != self.service:
            raise PlatformRefused(f"{self.names['sid']} is not this service's")
        if values["rid"] != self._requester:
            raise PlatformRefused(f"{self.names['rid']} is not known here")
        if not values["rtime"].isdecimal() or len(values["rtime"]) != 13:
            raise PlatformRefused(f"{self.names['rtime']} must be milliseconds since 1970")
        if abs(int(values["rtime"]) / 1000 - self._clock.unix()) > self._times.skew:
            raise PlatformRefused(f"{self.names['rtime']} is not of now")

    def _turn(self) -> None:
        """Rotates when it is time, as the clock is asked: nothing runs in between."""
        every = self._times.rotate_every
        if every is not None and self._clock.unix() - self._rotated >= every:
            self.rotate()
