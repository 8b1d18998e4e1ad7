"""Key files of a new installation for trying out: made here and now, for that folder only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.clock import Clock, from_unix
from gateway.contract.ring import Algorithm, RingKey, Use
from gateway.security import keys

CERTIFICATE_DAYS = 365
KEY_DAYS = 365

_TEST = "# A generated test key. Not for use with real people.\n"


def pair(home: Path, stem: str, new: Callable[[], tuple[bytes, bytes]] = keys.new_ed25519) -> bytes:
    """A key pair under `keys/`; gives the public half."""
    secret, public = new()
    private(home / "keys" / f"{stem}.pem", _TEST.encode() + secret)
    (home / "keys" / f"{stem}.pub.pem").write_bytes(public)
    return public


def of_ring(home: Path, use: Use, stem: str, clock: Clock, alg: Algorithm = "ed25519") -> RingKey:
    """A key pair of ours, and its place in the ring: it signs from the start."""
    public = pair(home, stem, keys.new_sm2 if alg == "sm2-sm3" else keys.new_ed25519)
    now = from_unix(int(clock.unix()))
    return RingKey(
        id=f"gateway-{stem}",
        use=use,
        alg=alg,
        state="active",
        key=f"file:keys/{stem}.pem",
        public_key=public.decode(),
        created=now,
        expires=now + timedelta(days=KEY_DAYS),
    )


def certificate(home: Path, stem: str, name: str, clock: Clock) -> None:
    """An ECDSA P-256 key under `keys/` and a certificate that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} (test)")])
    now = from_unix(clock.unix())
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=CERTIFICATE_DAYS))
        .sign(key, hashes.SHA256())
    )
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(encoding, form, serialization.NoEncryption())
    private(home / "keys" / f"{stem}.pem", _TEST.encode() + pem)
    (home / "keys" / f"{stem}.crt").write_bytes(signed.public_bytes(encoding))


def private(path: Path, content: bytes) -> None:
    """A file that only its owner may read."""
    path.touch(0o600)
    path.write_bytes(content)
