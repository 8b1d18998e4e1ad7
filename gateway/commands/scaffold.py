"""Writes a new installation for trying out: settings, keys for every party, one consumer, mocks, and an empty ledger.

The keys are made here and now, for this folder only. The mocks' and the consumer's private halves lie beside the
gateway's, marked as test keys: a real installation gets public keys from the others and hands out its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.clock import Clock, from_unix
from gateway.contract.folders import AuthorityFolder
from gateway.errors import GatewayError
from gateway.installation import SETTINGS
from gateway.security import keys, pseudonyms
from gateway.store.sqlite import Store

CONSUMER = "counter"
CONSUMER_KEY = "counter-test-key"
COUNTER = "counter.yaml"
CERTIFICATE_DAYS = 365

_TEST = "# A generated test key. Not for use with real people.\n"


class NotEmpty(GatewayError):
    """The folder holds something already; nothing was written."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything will listen on loopback."""

    port: int
    admin_port: int
    mock_ports: Mapping[tuple[str, str], int]


def write(home: Path, folders: Mapping[str, AuthorityFolder], at: Addresses, clock: Clock, days_back: int) -> None:
    """A complete installation in an empty (or not yet existing) folder.

    Raises:
        NotEmpty: something is there already.
    """
    if home.exists() and any(home.iterdir()):
        raise NotEmpty(f"{home} is not empty: choose a new folder")
    for folder in (home, home / "keys", home / "consumers"):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    own, writer = _OwnKeys(home, clock), _Mocks(home, clock)
    authorities = {name: writer.channels(name, folder, at.mock_ports) for name, folder in folders.items()}
    _yaml(
        home / SETTINGS,
        "The gateway's settings. Files are relative to this folder.",
        _settings(at, authorities, days_back),
    )
    _yaml(home / "mocks.yaml", "Where each authority's mock listens, and its test keys.", writer.document())
    _yaml(home / "consumers" / f"{CONSUMER}.yaml", "A system that may ask.", own.consumer())
    _yaml(home / COUNTER, "How the counter reaches the gateway: `gateway verify` reads this.", own.counter(at.port))
    # Keys and a ledger: nobody must commit them by accident.
    (home / ".gitignore").write_text("*\n")
    Store.create(home / "ledger.sqlite3")


class _OwnKeys:
    """The gateway's keys, and those of the one consumer."""

    def __init__(self, home: Path, clock: Clock) -> None:
        self._public = _ed25519(home, "counter")
        _ed25519(home, "answers")
        _ed25519(home, "outbound")
        _certificate(home, "soap", "gateway.example", clock)
        _private(home / "keys" / "pseudonyms.key", pseudonyms.new_key().encode() + b"\n")
        _private(home / "keys" / "registry-md5.txt", b"0123456789abcdef0123456789abcdef\n")

    def consumer(self) -> dict[str, object]:
        return {
            "consumer": CONSUMER,
            "title": {"zh": "受理窗口（测试）", "en": "Intake counter (test)"},
            "keys": [{"id": CONSUMER_KEY, "public_key": self._public.decode()}],
            "grants": [
                {
                    "purpose": "exit_entry_application",
                    "materials": ["guardianship_proof", "residence_permit"],
                    "regions": ["22"],
                }
            ],
        }

    def counter(self, port: int) -> dict[str, object]:
        return {
            "url": f"http://127.0.0.1:{port}",
            "key_id": CONSUMER_KEY,
            "private_key": "keys/counter.pem",
            "gateway_keys": {"gateway-answers": "keys/answers.pub.pem"},
        }


class _Mocks:
    """Every mock's keys; gives the gateway's endpoints and the mocks' own file."""

    def __init__(self, home: Path, clock: Clock) -> None:
        self._home = home
        self._clock = clock
        self._settings: dict[str, dict[str, object]] = {}

    def channels(
        self, authority: str, folder: AuthorityFolder, ports: Mapping[tuple[str, str], int]
    ) -> dict[str, object]:
        return {
            name: self._channel(authority, name, folder, ports[authority, name]) for name in folder.contract.channels
        }

    def _channel(self, authority: str, name: str, folder: AuthorityFolder, port: int) -> dict[str, object]:
        stem, keyid = f"mock-{authority}-{name}", f"{authority}-{name}-test-key"
        mock: dict[str, object] = {
            "port": port,
            "key_id": keyid,
            "private_key": f"keys/{stem}.pem",
            "caller_key_id": "gateway-outbound",
            "caller_public_key": "keys/outbound.pub.pem",
        }
        endpoint: dict[str, object] = {"url": f"http://127.0.0.1:{port}"}
        if folder.contract.channels[name].signing == "wsse_x509":
            _certificate(self._home, stem, f"{authority}.example", self._clock)
            mock |= {"certificate": f"keys/{stem}.crt", "caller_certificate": "keys/soap.crt"}
            endpoint |= {"certificate": f"keys/{stem}.crt"}
        else:
            _ed25519(self._home, stem)
            endpoint |= {"key_id": keyid, "public_key": f"keys/{stem}.pub.pem"}
        accounts = _accounts(folder)
        if accounts:
            endpoint["account"] = accounts
        self._settings.setdefault(authority, {})[name] = mock
        return endpoint

    def document(self) -> dict[str, object]:
        return {"host": "127.0.0.1", "authorities": self._settings}


_ACCOUNT = {"pcsbm": "229901000000", "sbh": "TEST-0001", "md5": "file:keys/registry-md5.txt"}
"""Test values for what an authority's operator hands out; an unknown name gets a placeholder to be filled in."""


def _accounts(folder: AuthorityFolder) -> dict[str, str]:
    rules = (rule for operation in folder.mapping.operations.values() for rule in operation.request.values())
    return {name: _ACCOUNT.get(name, "fill-in") for name in sorted({rule.account for rule in rules if rule.account})}


def _settings(at: Addresses, authorities: Mapping[str, object], days_back: int) -> dict[str, object]:
    return {
        "listen": {"host": "127.0.0.1", "port": at.port},
        "admin": {"host": "127.0.0.1", "port": at.admin_port},
        "served_as": [f"127.0.0.1:{at.port}", f"localhost:{at.port}"],
        "consumers": "consumers",
        "ledger": "ledger.sqlite3",
        "suite": "international",
        "keys": {
            "answers": {"id": "gateway-answers", "file": "keys/answers.pem"},
            "outbound": {"id": "gateway-outbound", "file": "keys/outbound.pem"},
            "soap": {"file": "keys/soap.pem", "certificate": "keys/soap.crt"},
            "pseudonyms": {"epoch": "epoch-1", "file": "keys/pseudonyms.key"},
        },
        "authorities": dict(authorities),
        "application_dates": {"days_back": days_back, "days_ahead": 1},
    }


def _ed25519(home: Path, stem: str) -> bytes:
    private, public = keys.new_ed25519()
    _private(home / "keys" / f"{stem}.pem", _TEST.encode() + private)
    (home / "keys" / f"{stem}.pub.pem").write_bytes(public)
    return public


def _certificate(home: Path, stem: str, name: str, clock: Clock) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} (test)")])
    now = from_unix(clock.unix())
    certificate = (
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
    _private(home / "keys" / f"{stem}.pem", _TEST.encode() + pem)
    (home / "keys" / f"{stem}.crt").write_bytes(certificate.public_bytes(encoding))


def _private(path: Path, content: bytes) -> None:
    path.touch(0o600)
    path.write_bytes(content)


def _yaml(path: Path, comment: str, content: Mapping[str, object]) -> None:
    text = yaml.dump(dict(content), allow_unicode=True, sort_keys=False, width=120)
    path.write_text(f"# {comment}\n{text}", "utf-8")
