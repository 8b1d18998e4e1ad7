"""The sharing platform's own dialect (domain 6.1): four values that say who asks for which service, when, and a keyed proof.

`sign` is Base64 of HMAC-SHA256 over sid, rid and rtime, in that order and without a separator. It covers no body (grade D).
The key is a secret that the platform hands out, ends and renews; it travels under AES with a key made of our app key, and
a request for it is signed with the app key itself. Two prefixes are in use, `gjgxjhpt` and its successor `gjzwfwpt`.
Pure: values, bytes and times in, values out. Nothing secret stands in any text made here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from gateway.errors import BadSignature, NotBound

FRESH_SECONDS: Final = 300
"""How far a reply's rtime may be from now, either way."""

FIELDS: Final = ("rid", "sid", "rtime", "sign")

_RTIME = re.compile(r"[0-9]{13}")


@dataclass(frozen=True, slots=True)
class Values:
    """The four values of one message: requester, service, milliseconds since 1970, proof."""

    rid: str
    sid: str
    rtime: str
    sign: str

    def named(self, prefix: str) -> dict[str, str]:
        """Under the names they have as HTTP headers, as SOAP header elements and in the body of a refresh."""
        return {f"{prefix}_{field}": getattr(self, field) for field in FIELDS}


@dataclass(frozen=True, slots=True)
class Standing:
    """Who we are towards the platform, for one service."""

    prefix: str
    rid: str
    sid: str

    def signed(self, key: str, now: float) -> Values:
        """The four values of a request of now (Unix seconds): with the secret, or with the app key for a refresh."""
        rtime = str(int(now * 1000))
        return Values(self.rid, self.sid, rtime, sign(key, self.sid, self.rid, rtime))

    def verify(self, given: Mapping[str, Sequence[str]], secrets: Iterable[str], now: float) -> None:
        """Accepts the four values of a reply, as every text that came under each prefixed name.

        Raises:
            BadSignature: one is missing or came twice, or is malformed, or none of the secrets made it, or it is not fresh.
            NotBound: rightly made, for another service or requester.
        """
        values = self._read(given)
        # All are tried, whichever fits, so that the time this takes says nothing about them.
        proofs = [sign(secret, values.sid, values.rid, values.rtime) for secret in secrets]
        if sum(hmac.compare_digest(proof.encode(), values.sign.encode()) for proof in proofs) == 0:
            raise BadSignature("the reply's sign is by none of our secrets")
        if abs(int(values.rtime) / 1000 - now) > FRESH_SECONDS:
            raise BadSignature("the reply's rtime is not of now")
        if (values.sid, values.rid) != (self.sid, self.rid):
            raise NotBound("the reply is for another service or requester")

    def _read(self, given: Mapping[str, Sequence[str]]) -> Values:
        found: list[str] = []
        for field in FIELDS:
            texts = given.get(f"{self.prefix}_{field}", ())
            if len(texts) != 1 or not texts[0].isascii():
                raise BadSignature(f"the reply does not carry one {self.prefix}_{field}")
            found.append(texts[0])
        values = Values(*found)
        if _RTIME.fullmatch(values.rtime) is None:
            raise BadSignature("the reply's rtime is no time in milliseconds")
        return values


def sign(key: str, sid: str, rid: str, rtime: str) -> str:
    """The proof over sid, rid and rtime."""
    return base64.b64encode(hmac.digest(key.encode(), f"{sid}{rid}{rtime}".encode(), "sha256")).decode()


def aes_key(app_key: str) -> bytes:
    """The 16 bytes that Java's SHA1PRNG gives when seeded with the app key: SHA-1 twice, cut."""
    return hashlib.sha1(hashlib.sha1(app_key.encode()).digest()).digest()[:16]  # noqa: S324 - the platform's own rule


def unwrap(app_key: str, wrapped: str) -> str:
    """The secret in its AES/ECB/PKCS5 wrapping, canonical Base64.

    Raises:
        ValueError: it is not wrapped with this app key, or damaged. The text is fixed.
    """
    try:
        data = base64.b64decode(wrapped, validate=True)
        if not data or base64.b64encode(data).decode() != wrapped:
            raise ValueError
        cipher = Cipher(algorithms.AES(aes_key(app_key)), modes.ECB()).decryptor()  # noqa: S305 - the platform's own rule
        unpadder = padding.PKCS7(128).unpadder()
        text = (unpadder.update(cipher.update(data) + cipher.finalize()) + unpadder.finalize()).decode("ascii")
        if not text or not text.isprintable():
            raise ValueError
    except (ValueError, binascii.Error):
        raise ValueError("the secret is not wrapped with our app key") from None
    return text
