"""Writes a new installation for trying out: settings, keys for every party, one consumer, mocks, and an empty ledger.

The keys are made here and now, for this folder only. The mocks' and the consumer's private halves lie beside the
gateway's, marked as test keys: a real installation gets public keys from the others and hands out its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gateway.clock import Clock, from_unix
from gateway.commands import epoch_files, key_files, ring_files
from gateway.contract.files import load
from gateway.contract.folders import AuthorityFolder, shipped
from gateway.contract.policies import PolicyFile
from gateway.contract.ring import USES, RingFile
from gateway.errors import BrokenFiles, GatewayError, Problem
from gateway.installation import SETTINGS
from gateway.security import keys, sm2
from gateway.store.sqlite import Store

CONSUMER = "counter"
CONSUMER_KEY = "counter-test-key"
COUNTER = "counter.yaml"

SHOWN_IN_SM2 = frozenset({"residence_permit"})
"""The authorities that a new installation asks with the suite `sm`, where the extra is installed."""


class NotEmpty(GatewayError):
    """The folder holds something already; nothing was written."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything will listen on loopback."""

    port: int
    admin_port: int
    mock_ports: Mapping[tuple[str, str], int]
    mocks_admin_port: int | None = None
    """Of the mocks' own door, where faults are armed; without it they have none."""


def write(
    home: Path,
    folders: Mapping[str, AuthorityFolder],
    at: Addresses,
    clock: Clock,
    days_back: int,
    in_sm2: Collection[str] = SHOWN_IN_SM2,
) -> None:
    """A complete installation in an empty (or not yet existing) folder. `in_sm2`: authorities to ask with the suite `sm`.

    Raises:
        NotEmpty: something is there already.
    """
    if home.exists() and any(home.iterdir()):
        raise NotEmpty(f"{home} is not empty: choose a new folder")
    for folder in (home, home / "keys", home / "consumers"):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    own, writer = _OwnKeys(home, clock), _Mocks(home, clock, in_sm2 if sm2.IS_AVAILABLE else ())
    authorities = {name: writer.channels(name, folder, at.mock_ports) for name, folder in folders.items()}
    _yaml(
        home / SETTINGS,
        "The gateway's settings. Files are relative to this folder.",
        _settings(at, authorities, days_back),
    )
    if at.mocks_admin_port is not None:
        writer.admin(at.mocks_admin_port)
    _yaml(home / "mocks.yaml", "Where each authority's mock listens, and its test keys.", writer.document())
    _yaml(home / "consumers" / f"{CONSUMER}.yaml", "A system that may ask.", own.consumer())
    _yaml(home / COUNTER, "How the counter reaches the gateway: `gateway verify` reads this.", own.counter(at.port))
    # Keys and a ledger: nobody must commit them by accident.
    (home / ".gitignore").write_text("*\n")
    Store.create(home / "ledger.sqlite3")


class _OwnKeys:
    """The gateway's keys, and those of the one consumer."""

    def __init__(self, home: Path, clock: Clock) -> None:
        self._public = key_files.pair(home, "counter")
        ring = [key_files.of_ring(home, use, use, clock) for use in USES]
        if sm2.IS_AVAILABLE:
            ring.append(key_files.of_ring(home, "outbound", "outbound-sm2", clock, "sm2-sm3"))
        ring_files.write(home / "keys" / "ring.yaml", RingFile(keys=ring))
        key_files.certificate(home, "soap", "gateway.example", clock)
        epoch_files.begin(home, from_unix(int(clock.unix())))
        key_files.private(home / "keys" / "registry-md5.txt", b"0123456789abcdef0123456789abcdef\n")

    def consumer(self) -> dict[str, object]:
        granted = _granted()
        return {
            "consumer": CONSUMER,
            "title": {"zh": "受理窗口（测试）", "en": "Intake counter (test)"},
            "keys": [{"id": CONSUMER_KEY, "public_key": self._public.decode()}],
            "grants": granted,
            "findings": {"regions": sorted({region for each in granted for region in each["regions"]})},
        }

    def counter(self, port: int) -> dict[str, object]:
        return {
            "url": f"http://127.0.0.1:{port}",
            "key_id": CONSUMER_KEY,
            "private_key": "keys/counter.pem",
            "gateway_keys": {"gateway-answers": "keys/answers.pub.pem"},
        }


def _granted() -> list[dict[str, Any]]:
    """May ask for every material in each province that has a policy of its own."""
    problems: list[Problem] = []
    files = [load(path, PolicyFile, problems)[0] for path in sorted((shipped() / "policies").glob("*.yaml"))]
    if problems:
        raise BrokenFiles(problems)
    found: dict[tuple[str, str], dict[str, None]] = {}
    for file in files:
        if file is not None and len(file.regions) == 1:
            for purpose in file.purposes:
                found.setdefault((purpose, file.regions[0]), {}).update(
                    dict.fromkeys(rule.material for rule in file.materials)
                )
    return [
        {"purpose": purpose, "materials": list(materials), "regions": [region]}
        for (purpose, region), materials in found.items()
    ]


class _Mocks:
    """Every mock's keys; gives the gateway's endpoints and the mocks' own file."""

    def __init__(self, home: Path, clock: Clock, in_sm2: Collection[str]) -> None:
        self._home = home
        self._clock = clock
        self._in_sm2 = in_sm2
        self._settings: dict[str, dict[str, object]] = {}
        self._admin: dict[str, object] = {}

    def admin(self, port: int) -> None:
        """The door where `gateway faults` arms them, and its token."""
        file = "keys/mock-admin.txt"
        key_files.private(self._home / file, f"{secrets.token_urlsafe(24)}\n".encode())
        self._admin = {"admin": {"port": port, "token": file}}

    def channels(
        self, authority: str, folder: AuthorityFolder, ports: Mapping[tuple[str, str], int]
    ) -> dict[str, object]:
        return {
            name: self._channel(authority, name, folder, ports[authority, name]) for name in folder.contract.channels
        }

    def _channel(self, authority: str, name: str, folder: AuthorityFolder, port: int) -> dict[str, object]:
        mock: dict[str, object] = {"port": port}
        endpoint: dict[str, object] = {"url": f"http://127.0.0.1:{port}"}
        if folder.contract.channels[name].signing == "platform_hmac":
            self._platform(f"mock-{authority}-{name}", mock, endpoint)
        else:
            self._keys(authority, name, folder, mock, endpoint)
        accounts = _accounts(folder, name)
        if accounts:
            endpoint["account"] = accounts
        self._settings.setdefault(authority, {})[name] = mock
        return endpoint

    def _platform(self, stem: str, mock: dict[str, object], endpoint: dict[str, object]) -> None:
        """What the sharing platform gave us: a requester id, and a secret of our own with it."""
        file = f"keys/{stem}.appkey.txt"
        key_files.private(self._home / file, f"test-{secrets.token_hex(16)}\n".encode())
        mock |= {"requester": _REQUESTER, "app_key": file}
        endpoint |= {"rid": _REQUESTER, "app_key": f"file:{file}"}

    def _keys(
        self, authority: str, name: str, folder: AuthorityFolder, mock: dict[str, object], endpoint: dict[str, object]
    ) -> None:
        stem, keyid = f"mock-{authority}-{name}", f"{authority}-{name}-test-key"
        mock |= {
            "key_id": keyid,
            "private_key": f"keys/{stem}.pem",
            "caller_key_id": "gateway-outbound",
            "caller_public_key": "keys/outbound.pub.pem",
        }
        if folder.contract.channels[name].signing == "wsse_x509":
            key_files.certificate(self._home, stem, f"{authority}.example", self._clock)
            mock |= {"certificate": f"keys/{stem}.crt", "caller_certificate": "keys/soap.crt"}
            endpoint |= {"certificate": f"keys/{stem}.crt"}
        else:
            self._rest_keys(stem, authority, mock, endpoint)
            endpoint |= {"key_id": keyid, "public_key": f"keys/{stem}.pub.pem"}

    def _rest_keys(self, stem: str, authority: str, mock: dict[str, object], endpoint: dict[str, object]) -> None:
        if authority in self._in_sm2:
            key_files.pair(self._home, stem, keys.new_sm2)
            mock |= {"caller_key_id": "gateway-outbound-sm2", "caller_public_key": "keys/outbound-sm2.pub.pem"}
            endpoint |= {"suite": "sm"}
        else:
            key_files.pair(self._home, stem)

    def document(self) -> dict[str, object]:
        return {"host": "127.0.0.1", **self._admin, "authorities": self._settings}


_REQUESTER = "00000000-0000-4000-8000-000000000001@demo"

_ACCOUNT = {
    "pcsbm": "229901000000",
    "sbh": "TEST-0001",
    "md5": "file:keys/registry-md5.txt",
    "system_code": "TEST-EXIT-ENTRY",
}
"""Test values for what an authority's operator hands out; an unknown name gets a placeholder to be filled in."""


def _accounts(folder: AuthorityFolder, channel: str) -> dict[str, str]:
    operations = (folder.mapping.operations[key] for key in folder.contract.channels[channel].operations)
    rules = (rule for operation in operations for rule in operation.request.values())
    return {name: _ACCOUNT.get(name, "fill-in") for name in sorted({rule.account for rule in rules if rule.account})}


def _settings(at: Addresses, authorities: Mapping[str, object], days_back: int) -> dict[str, object]:
    return {
        "listen": {"host": "127.0.0.1", "port": at.port},
        "admin": {"host": "127.0.0.1", "port": at.admin_port},
        "served_as": [f"127.0.0.1:{at.port}", f"localhost:{at.port}"],
        "consumers": "consumers",
        "ledger": "ledger.sqlite3",
        "audit": {"origin": "gateway.example/audit"},
        "suite": "international",
        "keys": {
            "ring": "keys/ring.yaml",
            "epochs": "keys/epochs.yaml",
            "soap": {"key": "file:keys/soap.pem", "certificate": "keys/soap.crt"},
        },
        "outbound": [f"127.0.0.1:{port}" for port in dict.fromkeys(at.mock_ports.values())],
        "authorities": dict(authorities),
        "application_dates": {"days_back": days_back, "days_ahead": 1},
    }


def _yaml(path: Path, comment: str, content: Mapping[str, object]) -> None:
    text = yaml.dump(dict(content), allow_unicode=True, sort_keys=False, width=120)
    path.write_text(f"# {comment}\n{text}", "utf-8")
