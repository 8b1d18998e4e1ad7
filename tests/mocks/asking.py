"""A caller written by hand for these tests: RFC 9421 from the RFC's text, on top of `cryptography` only."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

from gateway.clock import SystemClock, from_unix
from mocks.keys import Identity, SecretTimes

CLOCK = SystemClock()
REQUESTER = "00000000-0000-4000-8000-000000000001@demo"
APP_KEY = "demo-app-key"

REST = {
    "residence_permit": "/jzz/v1/query",
    "guardianship_archive": "/archive/v1/guardianship-proofs/query",
}


def private_pem(key: Any) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def public_pem(key: Any) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def certificate(key: Any, name: str) -> bytes:
    """A self-signed certificate of today."""
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = from_unix(CLOCK.unix())
    builder = x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(today - timedelta(days=1)).not_valid_after(today + timedelta(days=365))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@dataclass(frozen=True)
class Keys:
    """Both ends of every channel."""

    caller: ed25519.Ed25519PrivateKey = field(default_factory=ed25519.Ed25519PrivateKey.generate)
    mock: ed25519.Ed25519PrivateKey = field(default_factory=ed25519.Ed25519PrivateKey.generate)
    certificates: tuple[bytes, bytes] = field(init=False, repr=False)
    soap_caller: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    soap_mock: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        object.__setattr__(self, "certificates", (certificate(self.soap_mock, "m"), certificate(self.soap_caller, "g")))

    def rest(self) -> Identity:
        return Identity("mock-1", private_pem(self.mock), None, "gateway-1", public_pem(self.caller), None)

    def soap(self) -> Identity:
        mine, theirs = self.soap_mock, self.soap_caller
        return Identity(
            "mock-2", private_pem(mine), self.certificates[0],
            "gateway-2", public_pem(theirs), self.certificates[1],
        )  # fmt: skip

    def platform(self, **secrets: float) -> Identity:
        return Identity(requester=REQUESTER, app_key=APP_KEY.encode(), secrets=SecretTimes(**secrets))


@dataclass(frozen=True)
class Signed:
    """One request to be signed by hand; every part can be made wrong."""

    body: bytes
    path: str
    authority: str
    key: ed25519.Ed25519PrivateKey
    created: int = field(default_factory=lambda: int(CLOCK.unix()))
    span: int = 60
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    keyid: str = "gateway-1"
    tag: str = "gdx-exchange-v1"
    label: str = "gdx"
    components: tuple[str, ...] = ("@method", "@authority", "@path", "content-type", "content-digest")
    media_type: str = "application/json"

    def headers(self) -> dict[str, str]:
        digest = f"sha-256=:{base64.b64encode(hashlib.sha256(self.body).digest()).decode()}:"
        values = {
            "@method": "POST", "@authority": self.authority, "@path": self.path,
            "content-type": self.media_type, "content-digest": digest,
        }  # fmt: skip
        names = " ".join(f'"{name}"' for name in self.components)
        params = (
            f'({names});created={self.created};expires={self.created + self.span};nonce="{self.nonce}"'
            f';keyid="{self.keyid}";alg="ed25519";tag="{self.tag}"'
        )
        lines = [f'"{name}": {values[name]}' for name in self.components]
        base = "\n".join([*lines, f'"@signature-params": {params}']).encode()
        return {
            "Content-Type": self.media_type,
            "Content-Digest": digest,
            "Signature-Input": f"{self.label}={params}",
            "Signature": f"{self.label}=:{base64.b64encode(self.key.sign(base)).decode()}:",
        }


@dataclass
class Reply:
    status: int
    headers: Any
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Caller:
    """Asks the REST mocks; `sent` changes the signed request, `headers` what is put on the wire after signing."""

    session: aiohttp.ClientSession
    mocks: Any
    keys: Keys

    async def ask(self, authority: str, question: object, /, *, body: bytes | None = None, **sent: Any) -> Reply:
        data = json.dumps(question, ensure_ascii=False).encode()
        url = self.mocks.url(authority, "share")
        request = Signed(data, REST[authority], url.removeprefix("http://"), self.keys.caller)
        return await self.send(authority, replace(request, **sent).headers(), data if body is None else body)

    async def send(self, authority: str, headers: dict[str, str], body: bytes) -> Reply:
        url = self.mocks.url(authority, "share") + REST[authority]
        async with self.session.post(url, data=body, headers=headers) as response:
            return Reply(response.status, response.headers, await response.read())


def permit_question(citizen_id: str, name: str = "样例") -> dict[str, str]:
    return {
        "FWQQBH": "r-1", "FSSJ": "20180502093000", "GMSFHM": citizen_id, "XM": name, "CXRQ": "20180502", "QQRBH": "op-1",
        "QQRXM": "样例员", "QQRDWDM": "229901000000", "QQYWLXDM": "exit_entry_application", "AJBH": "JL1",
    }  # fmt: skip


def proof_question(minor: str, adult: str, name: str = "样例") -> dict[str, str]:
    return {
        "FWQQBH": "r-1", "BJHRGMSFHM": minor, "JHRGMSFHM": adult, "JHRXM": name, "AJBH": "JL1", "QQRBH": "op-1",
        "QQRXM": "样例员", "QQRDWDM": "229901000000", "QQYWLXDM": "exit_entry_application",
    }  # fmt: skip


def signed_part(reply: Reply, request: dict[str, str], authority: str, path: str) -> tuple[bytes, bytes]:
    """The signature base of a reply, rebuilt from RFC 9421's text, and the signature over it."""
    label, _, params = reply.headers["Signature-Input"].partition("=")
    assert label == "gdx"
    values = {
        '"@status"': str(reply.status), '"content-type"': reply.headers["Content-Type"],
        '"content-digest"': reply.headers["Content-Digest"], '"@method";req': "POST", '"@authority";req': authority,
        '"@path";req': path, '"signature";req;key="gdx"': request["Signature"].removeprefix("gdx="),
    }  # fmt: skip
    assert params.startswith(f"({' '.join(values)})")
    base = "\n".join([*(f"{name}: {value}" for name, value in values.items()), f'"@signature-params": {params}'])
    return base.encode(), base64.b64decode(reply.headers["Signature"].removeprefix("gdx=:").removesuffix(":"))
