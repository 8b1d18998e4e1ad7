"""RFC 9421 by the library `http-message-signatures`: the exchange profile, checked and answered as the other side sees it.

The gateway signs with its own codec, so a mistake would have to be made twice to go unseen.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    MappingKeyResolver,
)
from http_message_signatures.algorithms import ECDSA_P256_SHA256, ED25519

from gateway.clock import Clock, from_unix
from mocks import sm2
from mocks.keys import Identity

LABEL = "gdx"
REQUEST_TAG = "gdx-exchange-v1"
REPLY_TAG = "gdx-exchange-reply-v1"
REQUEST_COMPONENTS = ("@method", "@authority", "@path", "content-type", "content-digest")
REPLY_COMPONENTS = (
    '"@status"', '"content-type"', '"content-digest"', '"@method";req', '"@authority";req', '"@path";req',
    f'"signature";req;key="{LABEL}"',
)  # fmt: skip
PARAMETERS = {"created", "expires", "nonce", "keyid", "alg", "tag"}
SPAN_SECONDS = 120
SKEW_SECONDS = 5

_ANY_TIME = timedelta(days=20000)
"""The library asks the machine's clock; ours can be moved, so ages are checked here."""
_NONCE = re.compile(r"[A-Za-z0-9_-]{22,64}")


class SignatureRefused(Exception):
    """The request's signature does not hold; the text says which check failed, for testers."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the library sees it."""

    method: str
    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Reply:
    status_code: int
    headers: dict[str, str]
    request: Asked


class HttpSignatures:
    """Checks requests of one caller and signs the replies to them. Remembers nonces as long as they could be replayed."""

    def __init__(self, identity: Identity, clock: Clock) -> None:
        keys: Any = {"public_keys": {identity.caller_keyid: identity.caller_public_pem}}
        resolver = MappingKeyResolver(**keys, private_keys={identity.keyid: identity.private_pem})
        theirs, ours = _algorithm(identity.caller_public_pem), _algorithm(identity.private_pem)
        self._verifier = HTTPMessageVerifier(signature_algorithm=theirs, key_resolver=resolver)
        self._verifier.max_clock_skew = _ANY_TIME
        self._signer = HTTPMessageSigner(signature_algorithm=ours, key_resolver=resolver)
        self._keyid = identity.keyid
        self._clock = clock
        self._nonces: dict[str, int] = {}

    def check(self, asked: Asked, body: bytes) -> str:
        """What was checked.

        Raises:
            SignatureRefused: unless exactly one signature, of this profile, by the caller, over this body, is new.
        """
        try:
            (result,) = self._verifier.verify(
                asked,
                expect_tag=REQUEST_TAG,
                expect_label=LABEL,
                max_age=None,
                body=body,
            )
        except (HTTPMessageSignaturesException, ValueError) as error:
            raise SignatureRefused(f"the signature does not verify: {str(error) or 'it is another one'}") from error
        covered = tuple(result.covered_components)
        if covered != (*(f'"{name}"' for name in REQUEST_COMPONENTS), '"@signature-params"'):
            raise SignatureRefused(f"the components must be exactly {' '.join(REQUEST_COMPONENTS)}")
        self._check_parameters(result.parameters)
        if not re.fullmatch(r"sha-256=:[A-Za-z0-9+/]{43}=:", asked.headers.get("Content-Digest", "")):
            raise SignatureRefused("content-digest must be sha-256 and nothing else")
        self._claim(str(result.parameters["nonce"]), int(result.parameters["expires"]))
        return f"rfc9421 ({result.parameters['alg']}): components, digest, key, age and nonce are as agreed"

    def protect(self, asked: Asked, status: int, headers: dict[str, str], body: bytes) -> None:
        """Adds digest and signature to a reply's headers, bound to the request by its signature."""
        headers["Content-Digest"] = f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode()}:"
        now = from_unix(self._clock.unix())
        self._signer.sign(
            _Reply(status, headers, asked),
            key_id=self._keyid,
            created=now,
            expires=now + timedelta(seconds=SPAN_SECONDS),
            nonce=self._clock.token(),
            label=LABEL,
            tag=REPLY_TAG,
            covered_component_ids=REPLY_COMPONENTS,
            use_existing_digest=True,
        )

    def _check_parameters(self, parameters: Mapping[str, int | str]) -> None:
        if set(parameters) != PARAMETERS:
            raise SignatureRefused(f"the parameters must be exactly {' '.join(sorted(PARAMETERS))}")
        created, expires, now = int(parameters["created"]), int(parameters["expires"]), self._clock.unix()
        if not 0 < expires - created <= SPAN_SECONDS:
            raise SignatureRefused(f"expires must be at most {SPAN_SECONDS} seconds after created")
        if created > now + SKEW_SECONDS:
            raise SignatureRefused("created is in the future")
        if expires < now - SKEW_SECONDS:
            raise SignatureRefused("expires is in the past")
        if not _NONCE.fullmatch(str(parameters["nonce"])):
            raise SignatureRefused("the nonce must be 22 to 64 base64url characters")

    def _claim(self, nonce: str, expires: int) -> None:
        now = self._clock.unix()
        for old in [known for known, until in self._nonces.items() if until + SKEW_SECONDS < now]:
            del self._nonces[old]
        if nonce in self._nonces:
            raise SignatureRefused("this nonce was used before")
        self._nonces[nonce] = expires


def _algorithm(pem: bytes) -> Any:
    """By the type of the key: a caller cannot choose another one."""
    if sm2.is_sm2(pem):
        return sm2.Sm2
    key = load_pem_private_key(pem, None) if b"PRIVATE" in pem else load_pem_public_key(pem)
    return ECDSA_P256_SHA256 if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) else ED25519


class Unsigned:
    """The dialect `none`: nothing is checked and nothing is signed."""

    def check(self, asked: Asked, body: bytes) -> str:
        """Lets everything pass."""
        return "none: nothing is signed here"

    def protect(self, asked: Asked, status: int, headers: dict[str, str], body: bytes) -> None:
        """Adds nothing."""
