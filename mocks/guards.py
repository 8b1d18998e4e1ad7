"""What signs a channel's replies: as agreed, or in one of the ways that a fault asks for."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Generic, Literal, Protocol, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

from gateway.clock import Clock, SystemClock, from_unix
from gateway.contract.authority import Channel
from gateway.contract.xml import Element
from mocks.clock import Shifted
from mocks.http_signatures import LABEL, Asked, HttpSignatures, Unsigned
from mocks.keys import Identity
from mocks.platform import Platform
from mocks.platform_signatures import HEADER, PlatformHeaders, PlatformInSoap
from mocks.ws_security import DS, NoSecurity, WsSecurity

Signature = Literal["right", "wrong", "missing", "old", "next_key", "other_question"]
OLD_SECONDS = 3600


class RestGuard(Protocol):
    """Checks requests and signs replies of a REST channel."""

    def check(self, asked: Asked, body: bytes) -> str: ...

    def protect(self, asked: Asked, status: int, headers: dict[str, str], body: bytes) -> None: ...


class SoapGuard(Protocol):
    """The same for a SOAP channel."""

    def check(self, envelope: Element) -> str: ...

    def protect(self, envelope: Element, asked: Element | None = None) -> None: ...


G = TypeVar("G")


class Guards(Generic[G]):
    """The guard of a channel, and its misbehaving siblings, made when one is first asked for."""

    def __init__(self, made: Callable[[Signature], G]) -> None:
        self._made = made
        self._known: dict[Signature, G] = {}
        self.agreed = self.by_signature("right")

    def by_signature(self, signature: Signature) -> G:
        if signature not in self._known:
            self._known[signature] = self._made(signature)
        return self._known[signature]


def rest_guards(channel: Channel, identity: Identity, clock: Clock, platform: Platform | None) -> Guards[RestGuard]:
    """Raises ValueError: the identity lacks what the channel's dialect needs."""

    def made(signature: Signature) -> RestGuard:
        at = Shifted(clock, -OLD_SECONDS) if signature == "old" else clock
        if channel.signing == "none" or signature == "missing":
            return Unsigned()
        if platform is not None:
            other = OTHER_SERVICE if signature == "other_question" else None
            headers = PlatformHeaders(platform, at, other)
            return _Spoiled(headers) if signature in ("wrong", "next_key") else headers
        guard = HttpSignatures(next_key(identity) if signature == "next_key" else identity, at)
        if signature == "other_question":
            return _ToAnother(guard)
        return _Spoiled(guard) if signature == "wrong" else guard

    return Guards(made)


def soap_guards(channel: Channel, identity: Identity, clock: Clock, platform: Platform | None) -> Guards[SoapGuard]:
    """Raises ValueError: the identity lacks what the channel's dialect needs."""

    def made(signature: Signature) -> SoapGuard:
        at = Shifted(clock, -OLD_SECONDS) if signature == "old" else clock
        if channel.signing == "none" or signature == "missing":
            return NoSecurity()
        guard: SoapGuard
        if platform is not None:
            guard = PlatformInSoap(platform, at, OTHER_SERVICE if signature == "other_question" else None)
            return _SpoiledEnvelope(guard) if signature in ("wrong", "next_key") else guard
        guard = WsSecurity(next_key(identity) if signature == "next_key" else identity, at)
        return _SpoiledEnvelope(guard) if signature == "wrong" else guard

    return Guards(made)


OTHER_SERVICE = "s_1229901000000_9999"
"""A service nobody here asks."""


class _Spoiled:
    """Signs, then changes one bit of what it signed with."""

    def __init__(self, guard: RestGuard) -> None:
        self._guard = guard
        self.check = guard.check

    def protect(self, asked: Asked, status: int, headers: dict[str, str], body: bytes) -> None:
        self._guard.protect(asked, status, headers, body)
        for name in headers:
            if name == "Signature":
                headers[name] = f"{LABEL}=:{_flipped(headers[name].removeprefix(f'{LABEL}=:').removesuffix(':'))}:"
            elif name.endswith("_sign"):
                headers[name] = _flipped(headers[name])


class _ToAnother:
    """Signs rightly, but the reply to a request that nobody made."""

    def __init__(self, guard: RestGuard) -> None:
        self._guard = guard
        self.check = guard.check

    def protect(self, asked: Asked, status: int, headers: dict[str, str], body: bytes) -> None:
        other = {**asked.headers, "Signature": f"{LABEL}=:{b64encode(bytes(64)).decode()}:"}
        self._guard.protect(replace(asked, headers=other), status, headers, body)


class _SpoiledEnvelope:
    """Signs, then changes one bit of the signature's value."""

    def __init__(self, guard: SoapGuard) -> None:
        self._guard = guard
        self.check = guard.check

    def protect(self, envelope: Element, asked: Element | None = None) -> None:
        self._guard.protect(envelope, asked)
        values = [*envelope.iter(f"{{{DS}}}SignatureValue"), *envelope.iterfind(f".//{HEADER}/*")]
        for element in values:
            name = str(element.tag)
            if element.text and (name.endswith("_sign") or name.endswith("SignatureValue")):
                element.text = _flipped("".join(element.text.split()))


def next_key(identity: Identity) -> Identity:
    """The same party with a key that its caller has not been given yet."""
    if identity.certificate_pem is None:
        rest = ed25519.Ed25519PrivateKey.generate()
        return replace(identity, keyid=f"{identity.keyid}-next", private_pem=_pem(rest))
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "next.example (test)")])
    today = from_unix(SystemClock().unix())
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(today - timedelta(days=1)).not_valid_after(today + timedelta(days=365))
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    return replace(identity, private_pem=_pem(key), certificate_pem=certificate)


def _pem(key: Any) -> bytes:
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return bytes(key.private_bytes(encoding, form, serialization.NoEncryption()))


def _flipped(base64: str) -> str:
    value = b64decode(base64)
    return b64encode(bytes([value[0] ^ 1]) + value[1:]).decode()
