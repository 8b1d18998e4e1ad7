"""Which connections the settings allow: plain HTTP on loopback alone, listed hosts alone, and TLS files that can be used."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.commands import scaffold
from gateway.contract.folders import load_authorities, shipped
from gateway.errors import BrokenFiles
from gateway.installation import SETTINGS, read
from tests.private_ca import PrivateCa
from tests.still import StillClock


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("connections") / "home"
    folders = load_authorities(shipped())
    ports = {(name, channel): 1 for name, folder in folders.items() for channel in folder.contract.channels}
    scaffold.write(home, folders, scaffold.Addresses(8443, 9443, ports), StillClock(), 31)
    return home


@pytest.fixture
def home(written: Path, tmp_path: Path) -> Path:
    return shutil.copytree(written, tmp_path / "home")


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), "utf-8")


PLAIN = "plain HTTP is for loopback alone"
UNLISTED = "this host with its port is not in 'outbound': list it there, or mend the url"
URL = "url: http://127.0.0.1:1\n"
ONE_TLS_CHANGE = [
    ("listen:\n  host: 127.0.0.1", "listen:\n  host: 0.0.0.0", PLAIN),
    ("admin:\n  host: 127.0.0.1", "admin:\n  host: 10.1.2.3", PLAIN),
    ("admin:\n  host: 127.0.0.1", "admin:\n  host: localhost.example", PLAIN),
    (URL, "url: http://registry.example:1\n", PLAIN),
    (URL, "url: http://127.0.0.1.example:1\n", PLAIN),
    (URL, "url: https://registry.example\n", UNLISTED),
    (URL, "url: https://127.0.0.1:2\n", UNLISTED),
    (URL, f"{URL}      tls: {{server_name: a.example}}\n", "'tls' is for an https url"),
    (URL, "url: https://127.0.0.1:1\n      tls: {ca: keys/gone.crt}\n", "gone.crt cannot be read"),
    (
        URL,
        "url: https://127.0.0.1:1\n      tls: {certificate: keys/soap.crt}\n",
        "'certificate' and 'private_key' go to",
    ),
    (
        "port: 8443",
        "port: 8443\n  tls: {certificate: keys/soap.crt, private_key: keys/answers.pem}",
        "are no pair that",
    ),
    ("port: 8443", "port: 8443\n  tls: {certificate: keys/soap.crt}", "'private_key' is missing"),
    (
        "port: 8443",
        "port: 8443\n  tls: {certificate: keys/soap.crt, private_key: keys/soap.pem, client_required: true}",
        "'client_required' needs 'client_ca'",
    ),
    ("outbound:\n- 127.0.0.1:1", "outbound:\n- 127.0.0.1", "string should match pattern"),
    ("outbound:\n- 127.0.0.1:1", "outbound: []", UNLISTED),
    ("suite:", "trusted_proxies: [10.0.0.1/8]\nsuite:", "input is not a valid"),
]


@pytest.mark.parametrize(("old", "new", "expected"), ONE_TLS_CHANGE)
def test_a_connection_that_is_not_allowed_is_said_with_its_place(home: Path, old: str, new: str, expected: str) -> None:
    change(home / SETTINGS, old, new)
    with pytest.raises(BrokenFiles) as broken:
        read(home)
    found = [
        problem for problem in broken.value.problems if problem.text.startswith(expected) or expected in problem.text
    ]
    assert found, broken.value.problems
    assert all(problem.line > 1 for problem in found)


@pytest.mark.parametrize(
    ("host", "more", "is_said"),
    [
        ("0.0.0.0", "", True),
        ("10.1.2.3", ", client_ca: keys/ca.crt, client_required: false", True),
        ("10.1.2.3", ", client_ca: keys/ca.crt", False),
        ("10.1.2.3", ", client_ca: keys/ca.crt, client_required: true", False),
        ("127.0.0.1", "", False),
    ],
)
def test_operators_beyond_loopback_show_a_certificate(home: Path, host: str, more: str, is_said: bool) -> None:
    PrivateCa(home / "keys").issue("tls")
    given = f"tls: {{certificate: keys/tls.crt, private_key: keys/tls.pem{more}}}"
    change(home / SETTINGS, "admin:\n  host: 127.0.0.1\n", f"admin:\n  host: {host}\n  {given}\n")
    if not is_said:
        assert set(read(home).listening) == {"admin"}
        return
    with pytest.raises(BrokenFiles) as broken:
        read(home)
    (problem,) = broken.value.problems
    assert problem.text.startswith(
        "operators call from this machine, or show a certificate: give 'tls' here 'client_ca'"
    )
    text = (home / SETTINGS).read_text("utf-8").splitlines()
    assert text[problem.line - 1] == f"  {given}"


def test_loopback_may_be_plain_by_every_name_that_it_has(home: Path) -> None:
    text = (home / SETTINGS).read_text("utf-8").replace("host: 127.0.0.1", "host: localhost")
    text = text.replace("http://127.0.0.1:1", "http://localhost:1").replace("- 127.0.0.1:1", "- localhost:1")
    (home / SETTINGS).write_text(text, "utf-8")
    found = read(home)
    assert (found.settings.listen.host, found.tls) == ("localhost", [])


def test_without_a_list_the_endpoints_are_the_hosts_that_may_be_asked(home: Path) -> None:
    change(home / SETTINGS, "outbound:\n- 127.0.0.1:1\n", "")
    assert read(home).settings.outbound is None


def test_tls_everywhere(home: Path) -> None:
    ca = PrivateCa(home / "keys")
    ca.issue("tls")
    text = (home / SETTINGS).read_text("utf-8")
    text = text.replace(
        "host: 127.0.0.1",
        "host: 0.0.0.0\n  tls: {certificate: keys/tls.crt, private_key: keys/tls.pem, client_ca: keys/ca.crt}",
    )
    text = text.replace("url: http:", "tls: {ca: keys/ca.crt}\n      url: https:")
    text = text.replace("url: https://127.0.0.1:1", "url: https://a.example", 1)
    text = text.replace("- 127.0.0.1:1\n", "- 127.0.0.1:1\n- a.example:443\n")
    (home / SETTINGS).write_text(text + "trusted_proxies: [10.0.0.0/8, '::1']\n", "utf-8")
    found = read(home)
    assert set(found.listening) == {"listen", "admin"}
    channels = {f"{name}.{channel}" for name, each in found.endpoints.items() for channel in each}
    assert {each.where for each in found.tls} == {"listen", "admin"} | channels
    assert [str(network) for network in found.settings.trusted_proxies] == ["10.0.0.0/8", "::1/128"]
