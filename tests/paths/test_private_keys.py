"""No private key and no secret is in any text: commands and their errors, logs, metrics, pages, and what objects say."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from typer.testing import CliRunner

from gateway import installation
from gateway.commands import keys
from gateway.commands.cli import app
from gateway.security.sm2_pem import is_sm2
from tests.paths.margins import LINES
from tests.system import RESIDENCE, system


def needles(home: Path) -> dict[str, str]:
    """Everything secret in the installation, in each spelling that a text would give it -> the file that it is of."""
    found: dict[str, str] = {}
    for path in sorted((home / "keys").iterdir()):
        text = path.read_text()
        if "PRIVATE KEY" in text:
            body = "".join(re.findall(r"^[A-Za-z0-9+/=]+$", text, re.MULTILINE))
            found[body[24:44]] = path.name  # past what all keys of a kind begin with
            key = None if is_sm2(text.encode()) else load_pem_private_key(text.encode(), None)
            if isinstance(key, Ed25519PrivateKey):
                raw = key.private_bytes_raw()
                found |= {
                    raw.hex(): path.name,
                    base64.b64encode(raw).decode()[:40]: path.name,
                    repr(raw)[2:-1]: path.name,
                }
        elif path.suffix in (".key", ".txt"):
            found[text.strip()] = path.name
    return found


def leaks(texts: list[str], wanted: dict[str, str]) -> set[str]:
    return {name for needle, name in wanted.items() if any(needle in text for text in texts)}


def test_the_search_finds_a_planted_key(tmp_path: Path) -> None:
    home = installed(tmp_path)
    wanted = needles(home)
    assert len(set(wanted.values())) >= 12
    for name in ("answers.pem", "outbound-sm2.pem", "soap.pem", "pseudonyms-epoch-1.key", "registry-md5.txt"):
        assert leaks([f"because of {(home / 'keys' / name).read_text()}"], wanted) == {name}
    answers = load_pem_private_key((home / "keys" / "answers.pem").read_bytes(), None)
    assert isinstance(answers, Ed25519PrivateKey)
    assert leaks([f"Signer({answers.private_bytes_raw()!r})"], wanted) == {"answers.pem"}


def installed(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    assert CliRunner().invoke(app, ["init", str(home)]).exit_code == 0
    return home


def test_no_command_and_no_error_of_one_shows_a_private_key(tmp_path: Path) -> None:
    home = installed(tmp_path)
    pem, ring, wanted = (home / "keys" / "answers.pem").read_text(), home / "keys" / "ring.yaml", needles(home)
    texts = [out(home, *arguments) for arguments in commands(home, pem)]
    good = ring.read_text()
    for broken in (
        good.replace("key: file:keys/answers.pem", "key: |\n    " + pem.replace("\n", "\n    ").rstrip()),
        good.replace("state: active", "state: |\n    " + pem.replace("\n", "\n    ").rstrip(), 1),
        good.replace("file:keys/answers.pem", "file:keys/soap.pem"),
        good.replace("keys:", f"{pem.splitlines()[2]}:\nkeys:"),
        pem,
    ):
        ring.write_text(broken)
        texts += [out(home, "keys", "list"), out(home, "doctor"), out(home, "keys", "rotate", "answers")]
    ring.write_text(good)
    (home / "keys" / "answers.pem").write_text(pem.replace("PRIVATE", "SECRET"))
    texts.append(out(home, "doctor"))
    settings = (home / "gateway.yaml").read_text()
    for name in ("registry-md5.txt", "pseudonyms-epoch-1.key"):
        secret = (home / "keys" / name).read_text().strip()
        (home / "gateway.yaml").write_text(settings.replace(f"file:keys/{name}", secret))
        texts.append(out(home, "doctor"))
    assert any("say where it is" in text for text in texts)
    assert leaks(texts, wanted) == set()


def commands(home: Path, pem: str) -> list[tuple[str, ...]]:
    public = str(home / "keys" / "answers.pub.pem")
    return [
        ("keys", "list"), ("keys", "list", "--json"), ("keys", "export"), ("keys", "export", "--use", "outbound"),
        ("keys", "new", "answers"), ("keys", "new", "outbound", "--alg", "sm2-sm3", "--json"), ("keys", "rotate", "answers"),
        ("keys", "revoke", "gateway-answers", "--reason", pem), ("keys", "new", "answers", "--id", pem),
        ("keys", "new", "answers", "--key", pem, "--public-key", public), ("keys", "new", "receipts", "--alg", pem),
        ("keys", "new", "answers", "--key", "file:keys/soap.pem", "--public-key", public),
        ("keys", "new", "answers", "--key", "file:keys/soap.pem", "--public-key", str(home / "keys" / "soap.pem")),
        ("doctor",), ("doctor", "--json"),
    ]  # fmt: skip


def out(home: Path, *arguments: str) -> str:
    result = CliRunner().invoke(app, [*arguments, "--home", str(home)])
    return result.output + result.stderr + str(result.exception)


async def test_a_running_gateway_writes_none_of_them(tmp_path: Path) -> None:
    start = len(LINES)
    async with system(tmp_path / "home") as running:
        await running.ask("P12", materials=[RESIDENCE])
        keys.new(running.home, keys.Wanted("answers"), as_json=False)
        pages = [(await running.get(path)).text for path in ("/.well-known/gateway-keys", "/openapi.json", "/livez")]
        pages += [(await running.get(path, admin=True)).text for path in ("/metrics", "/health/authorities")]
        (running.home / "keys" / "ring.yaml").write_text((running.home / "keys" / "answers.pem").read_text())
        await running.running.reload()
        assert "keys.reload_failed" in "".join(LINES[start:])
        assert leaks([*pages, *LINES[start:]], needles(running.home)) == set()


@pytest.mark.parametrize("show", [repr, str])
def test_an_installation_says_none_of_them(tmp_path: Path, show) -> None:
    home = installed(tmp_path)
    found = installation.read(home)
    texts = [show(each) for each in (found, found.keys, found.keys.ring, found.keys.ring.current, found.keys.answers())]
    assert leaks(texts, needles(home)) == set()
