"""The wire over TLS: whom it believes, and that connections are shared by those alone who believe the same."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.calling.wire import Wire
from gateway.clock import from_unix
from gateway.errors import Unreachable
from tests.calling.scripted import LIMIT, Script, ok


def certified(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's side and a caller's side that trusts it."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])
    begin = from_unix(1_700_000_000)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin + timedelta(days=20_000))
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    kinds = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem = folder / "server.pem"
    pem.write_bytes(key.private_bytes(*kinds) + certificate.public_bytes(serialization.Encoding.PEM))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(pem)
    return serving, ssl.create_default_context(cafile=pem)


async def test_https_is_held_to_its_own_context_and_shares_no_connection_with_another(tmp_path):
    serving, trusting = certified(tmp_path)
    also = ssl.create_default_context(cafile=tmp_path / "server.pem")
    async with Script([[ok(b"1"), ok(b"2")], [ok(b"3")], []]).running(serving) as script, Wire() as wire:
        url = script.url("https")
        replies = [await wire.post(url, {}, b"", limit=LIMIT, tls=tls) for tls in (trusting, trusting, also)]
        with pytest.raises(Unreachable, match="SSLCertVerificationError"):
            await wire.post(url, {}, b"", limit=LIMIT)
    assert [reply.body for reply in replies] == [b"1", b"2", b"3"]
    assert script.asked == [0, 0, 1]
