"""The TLS section of docs/operating.md, walked as an operator would: its commands, its settings, then a question."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.commands.cli import app
from gateway.commands.ports import free_ports
from tests.commands.test_installing import run
from tests.private_ca import PrivateCa

SECTION = (Path(__file__).parents[2] / "docs" / "operating.md").read_text("utf-8").partition("\n## TLS\n")[2]
GATEWAY = [sys.executable, "-m", "gateway"]

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", SECTION, re.DOTALL)
    assert found is not None
    return found[1]


def under_tls(home: Path) -> None:
    """What the section says about the files."""
    listen, channel, counter, mocks = re.findall(r"^tls: .*$", block("yaml"), re.MULTILINE)
    settings = (home / "gateway.yaml").read_text("utf-8").replace("listen:\n", f"listen:\n  {listen}\n")
    settings = re.sub(r"( +)url: http:(.*)", rf"\1url: https:\2\n\1{channel}", settings)
    (home / "gateway.yaml").write_text(settings, "utf-8")
    told = (home / "counter.yaml").read_text("utf-8").replace("http:", "https:")
    (home / "counter.yaml").write_text(f"{told}{counter}\n", "utf-8")
    with (home / "mocks.yaml").open("a", encoding="utf-8") as file:
        file.write(f"{mocks}\n")


def _first_of_a_free_run() -> int:
    """`gateway init` takes this one, the next, and those from the tenth on."""
    for first in free_ports(50):
        try:
            for offset in (1, *range(10, 16)):
                socket.create_server(("127.0.0.1", first + offset)).close()
        except OSError:
            continue
        return first
    pytest.skip("no run of free ports on this machine")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls") / "mygateway"
    port = _first_of_a_free_run()
    assert run("init", str(folder), "--port", str(port)).returncode == 0
    done = subprocess.run(["sh", "-euc", block("sh")], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    under_tls(folder)
    return folder


@pytest.fixture(scope="module")
def serving(home: Path) -> Iterator[Path]:
    processes = []
    try:
        for command, ready in (("mocks", "admin"), ("serve", "operators")):
            pipe = subprocess.PIPE
            process = subprocess.Popen([*GATEWAY, command, "--home", str(home)], stdout=pipe, stderr=pipe, text=True)
            processes.append(process)
            assert process.stdout is not None
            lines = []
            for line in iter(process.stdout.readline, ""):
                lines.append(line)
                if line.startswith(ready):
                    break
            assert any("https://" in line for line in lines), (lines, process.poll())
        yield home
    finally:
        ended = []
        for process in reversed(processes):
            process.send_signal(signal.SIGTERM)
            ended.append((process.wait(20), process.communicate()[1]))
    assert [code for code, _ in ended] == [0, 0], ended


def test_a_question_is_answered_under_tls(serving: Path) -> None:
    done = run("verify", "--home", str(serving), str(serving / "question.json"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "guardianship_proof: confirmed" in done.stdout


def test_who_shows_no_certificate_is_not_heard(serving: Path) -> None:
    told = (serving / "counter.yaml").read_text("utf-8")
    bare = re.sub(r", certificate: .*?}", "}", told)
    assert bare != told
    (serving / "bare.yaml").write_text(bare, "utf-8")
    done = run("verify", "--home", str(serving), "--counter", "bare.yaml", str(serving / "question.json"))
    assert done.returncode == 3, done.stdout + done.stderr


def test_doctor_counts_the_days(serving: Path) -> None:
    done = run("doctor", "--json", "--home", str(serving))
    report = json.loads(done.stdout)
    assert (done.returncode, report["ok"]) == (0, True), report
    found = {row["name"]: row["found"] for row in report["checks"]}
    assert found["certificate listen"] == "90 days left"
    assert found["certificate listen.client_ca"] == "3650 days left"
    assert found["certificate residence_permit.share"] == "90 days left"
    assert found["certificate household_registry.query.soap"] == "365 days left"


def test_doctor_warns_thirty_days_ahead_and_says_what_has_ended(home: Path) -> None:
    ca = PrivateCa(home / "keys", "ca-of-doctor")
    kept = {stem: (home / "keys" / f"{stem}.crt").read_bytes() for stem in ("gateway-tls", "gateway-calls")}
    keys = {stem: (home / "keys" / f"{stem}.pem").read_bytes() for stem in kept}
    try:
        ca.issue("gateway-tls", days=29.4)
        ca.issue("gateway-calls", days=-2.4)
        told = CliRunner().invoke(app, ["doctor", "--json", "--home", str(home)]).stdout
    finally:
        for stem in kept:
            (home / "keys" / f"{stem}.crt").write_bytes(kept[stem])
            (home / "keys" / f"{stem}.pem").write_bytes(keys[stem])
    rows = {row["name"]: row for row in json.loads(told)["checks"]}
    soon, over = rows["certificate listen"], rows["certificate residence_permit.share"]
    assert (soon["found"], soon["ok"], "no restart" in soon["mend"]) == ("only 29 days left", True, True)
    assert (over["found"], over["ok"]) == ("ended 2 days ago", False)
    assert rows["certificate listen.client_ca"]["mend"] == ""


def test_doctor_says_why_an_authority_is_not_believed(serving: Path, tmp_path: Path) -> None:
    home = shutil.copytree(serving, tmp_path / "home")
    settings = (home / "gateway.yaml").read_text("utf-8")
    head, found, rest = settings.partition("tls: {ca: keys/ca.crt, certificate: keys/gateway-calls.crt")
    assert found
    (home / "gateway.yaml").write_text(f"{head}{found.replace('{', '{server_name: other.example, ')}{rest}", "utf-8")
    report = json.loads(CliRunner().invoke(app, ["doctor", "--json", "--home", str(home)]).stdout)
    (ill,) = [row for row in report["checks"] if not row["ok"]]
    assert "Hostname mismatch" in ill["found"]
    assert "'tls' of this endpoint" in ill["mend"]
