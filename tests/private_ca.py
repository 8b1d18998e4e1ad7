"""A private CA for tests: made here and now, like everything that it issues."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.clock import SystemClock, from_unix

ON_THIS_MACHINE = ("127.0.0.1", "localhost")


class Pair(NamedTuple):
    """Two PEM files."""

    certificate: Path
    private_key: Path


class PrivateCa:
    """Its certificate is `file`. What it issues is for servers and callers alike."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(f"{name} (test)")
        self.file = folder / f"{name}.crt"
        limits, use = x509.BasicConstraints(ca=True, path_length=0), _usage(signs_certificates=True)
        built = _built(self._name, self._name, self._key, 3650).add_extension(limits, critical=True)
        self.file.write_bytes(_pem(built.add_extension(use, critical=True).sign(self._key, hashes.SHA256())))

    def issue(
        self,
        stem: str,
        names: Sequence[str] = ON_THIS_MACHINE,
        days: float = 90,
        key: Any = None,
        password: bytes = b"",
    ) -> Pair:
        """A certificate that ends in so many days (negative: it has ended), in files of that stem: again, anew."""
        held = key or ec.generate_private_key(ec.SECP256R1())
        known = x509.SubjectAlternativeName([_alternative(name) for name in names])
        built = _built(_named(names[0]), self._name, held, days).add_extension(known, critical=False)
        built = built.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        pair = Pair(self._folder / f"{stem}.crt", self._folder / f"{stem}.pem")
        pair.certificate.write_bytes(_pem(built.sign(self._key, hashes.SHA256())))
        form = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        pair.private_key.write_bytes(
            held.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, form)
        )
        return pair


def _built(subject: x509.Name, issuer: x509.Name, key: Any, days: float) -> x509.CertificateBuilder:
    now = from_unix(SystemClock().unix())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=signs_certificates, crl_sign=signs_certificates, encipher_only=False,
        decipher_only=False,
    )  # fmt: skip


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
