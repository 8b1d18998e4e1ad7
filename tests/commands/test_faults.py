"""`gateway faults` against mocks that run as a process of their own, and what it says when none run."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.commands import faults
from gateway.commands.cli import app
from tests.mocks.asking import Keys, private_pem, public_pem

TOKEN = "a-token-for-these-tests"
MOCKS_YAML = """admin: {{port: {port}, token: admin.txt}}
authorities:
  residence_permit:
    share: {{port: 0, key_id: mock-1, private_key: m.pem, caller_key_id: gateway-1, caller_public_key: c.pem}}
  social_insurance:
    share: {{port: 0, requester: demo, app_key: app.txt, secrets: {{rotate_seconds: 60, life_seconds: 90}}}}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    folder, keys = tmp_path_factory.mktemp("mocks"), Keys()
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    (folder / "mocks.yaml").write_text(MOCKS_YAML.format(port=port), "utf-8")
    (folder / "m.pem").write_bytes(private_pem(keys.mock))
    (folder / "c.pem").write_bytes(public_pem(keys.caller))
    (folder / "app.txt").write_text("demo-app-key\n")
    (folder / "admin.txt").write_text(f"{TOKEN}\n")
    return folder


@pytest.fixture(scope="module")
def running(home) -> Iterator[list[str]]:
    """What `python -m mocks` prints."""
    with subprocess.Popen([sys.executable, "-m", "mocks", str(home)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield [process.stdout.readline() for _ in range(3)]
        finally:
            process.terminate()


def called(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["faults", *arguments, "--home", str(home)])


def test_the_mocks_say_where_their_admin_door_is(running):
    *channels, admin = (line.split() for line in running)
    assert [line[0] for line in channels] == ["residence_permit.share", "social_insurance.share"]
    assert (admin[0], admin[1].startswith("http://127.0.0.1:"), admin[2]) == ("admin", True, "admin.txt")
    assert TOKEN not in "".join(running)


def test_a_fault_is_armed_listed_and_cleared(running, home):
    order = ["P12", "residence_permit", "hang", "--times", "2", "--seconds", "0.5", "--then", "status_503"]
    armed = called(home, "arm", *order)
    assert armed.exit_code == 0, armed.output
    assert "P12   residence_permit  hang 2 times (0.5 s), then status_503  (struck 0, now at step 1)" in armed.output
    (listed,) = json.loads(called(home, "list", "--json").output)["faults"]
    assert listed["steps"] == [{"fault": "hang", "times": 2, "seconds": 0.5}, {"fault": "status_503"}]
    assert called(home, "clear", str(listed["id"])).output == "cleared 1\n"
    assert called(home, "list").output == "nothing is armed\n"
    called(home, "arm", "*", "social_insurance", "rate_limit", "--lasting", "30", "--operation", "refresh")
    assert "social_insurance.refresh  rate_limit for 30 s of the mocks' clock" in called(home, "list").output
    assert called(home, "clear").output == "cleared 1\n"
    assert called(home, "journal").output == "nothing was asked yet\n"


def test_a_wrong_word_is_answered_with_the_right_one(running, home):
    wrong = called(home, "arm", "P12", "residence_permit", "hangs")
    assert (wrong.exit_code, wrong.output) == (2, "unknown fault; did you mean 'hang'?\n")
    assert called(home, "clear", "77").exit_code == 2


def test_the_vocabulary_needs_no_mocks():
    known = CliRunner().invoke(app, ["faults", "known"])
    assert (known.exit_code, "malformed_chunk" in known.output) == (0, True)
    assert json.loads(CliRunner().invoke(app, ["faults", "known", "--json"]).output)["hang"]["seconds"] == 60


def test_without_running_mocks_it_says_how_to_start_them(home, tmp_path):
    for file in home.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with socket.create_server(("127.0.0.1", 0)) as found:
        text = (home / "mocks.yaml").read_text("utf-8").splitlines()
        port = found.getsockname()[1]
    (tmp_path / "mocks.yaml").write_text("\n".join([f"admin: {{port: {port}, token: admin.txt}}", *text[1:]]), "utf-8")
    silent = called(tmp_path, "list")
    assert (silent.exit_code, "gateway mocks --home" in silent.output) == (3, True)
    (tmp_path / "mocks.yaml").write_text("\n".join(text[1:]), "utf-8")
    assert called(tmp_path, "list").exit_code == 2


def test_a_journal_is_printed_with_its_reasons():
    entry = {
        "at": "2018-05-02T01:00:00.000Z", "authority": "residence_permit", "channel": "share", "operation": "permit",
        "people": ["P12"], "outcome": "answered", "status": 200, "why": ["person: P12"],
    }  # fmt: skip
    assert faults._entries({"entries": [entry]}) == [
        "2018-05-02T01:00:00.000Z  P12      residence_permit.share.permit  answered (200)",
        "    person: P12",
    ]
