"""A new installation as its first user meets it: init, doctor, mocks, serve, verify, as processes of their own."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.commands.cli import app

GATEWAY = [sys.executable, "-m", "gateway"]
TAKEN = "127.0.0.1"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*GATEWAY, *arguments], capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture(scope="module")
def port() -> int:
    """The first of a run of ports that are free now: the gateway's, the operators', the mocks'."""
    for first in range(28650, 38650, 40):
        try:
            for offset in (0, 1, 10, 11, 12):
                socket.create_server((TAKEN, first + offset)).close()
        except OSError:
            continue
        return first
    pytest.skip("no run of free ports on this machine")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, port: int) -> Path:
    folder = tmp_path_factory.mktemp("first") / "mygateway"
    done = run("init", str(folder), "--port", str(port))
    assert done.returncode == 0, done.stderr
    assert f"gateway serve  --home {folder}" in done.stdout
    return folder


@pytest.fixture(scope="module")
def serving(home: Path) -> Iterator[Path]:
    """Mocks and gateway as processes; both must end with exit code 0 when told to stop."""
    processes = []
    try:
        for command, ready in (("mocks", "residence_permit.share"), ("serve", "operators")):
            process = subprocess.Popen(
                [*GATEWAY, command, "--home", str(home)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            processes.append(process)
            assert process.stdout is not None
            assert any(ready in line for line in iter(process.stdout.readline, ""))
        yield home
    finally:
        ended = []
        for process in reversed(processes):
            process.send_signal(signal.SIGTERM)
            ended.append((process.wait(20), process.communicate()[1]))
    assert [code for code, _ in ended] == [0, 0], ended


def asked(home: Path, **changes: Any) -> Path:
    question = json.loads((home / "question.json").read_text()) | changes
    path = home / "asked.json"
    path.write_text(json.dumps({k: v for k, v in question.items() if v is not None}, ensure_ascii=False))
    return path


def test_private_files_are_the_owners_alone(home: Path) -> None:
    private = [p for p in (home / "keys").iterdir() if p.suffix in (".pem", ".key", ".txt") and ".pub." not in p.name]
    assert len(private) >= 8
    assert [path.name for path in private if path.stat().st_mode & 0o077] == []


def test_init_never_writes_into_a_folder_that_holds_something(home: Path) -> None:
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    done = run("init", str(home))
    assert (done.returncode, "not empty" in done.stderr) == (2, True)
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def test_verify_confirms_and_exits_0(serving: Path) -> None:
    done = run("verify", "--home", str(serving), str(serving / "question.json"))
    assert done.returncode == 0, done.stderr
    assert "guardianship_proof: confirmed (parent_head), waived" in done.stdout
    assert re.search(r"receipt [0-9a-f-]{36} [0-9a-f]{64}", done.stdout)


def test_verify_saves_the_receipt_and_it_proves_the_question(serving: Path, tmp_path: Path) -> None:
    question, receipt, keys = serving / "question.json", tmp_path / "case.receipt.json", tmp_path / "keys.json"
    done = run("verify", "--home", str(serving), str(question), "--receipt", str(receipt))
    assert done.returncode == 0, done.stderr
    keys.write_text(run("keys", "export", "--home", str(serving)).stdout)
    proved = run("receipt", "verify", str(receipt), "--keys", str(keys), "--question", str(question))
    assert proved.returncode == 0, proved.stdout
    again = run("verify", "--home", str(serving), str(question), "--receipt", str(receipt))
    assert (again.returncode, "is there already" in again.stderr) == (2, True)


def test_verify_says_no_with_exit_code_1(serving: Path) -> None:
    subject = {"citizen_id": "449901200002291115", "name": "样例辛"}
    path = asked(serving, case_number="JL-2", subject=subject, guardian=None, materials=["residence_permit"])
    done = run("verify", "--json", "--home", str(serving), str(path))
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["materials"][0]["reason"] == "permit_suspended"


def test_a_refusal_names_the_place_and_the_right_word_and_never_the_input(serving: Path) -> None:
    path = asked(serving, materials=["guardianship_prof"], purpose="exit_entry_application")
    done = run("verify", "--home", str(serving), str(path))
    assert done.returncode == 2
    assert "unknown_material" in done.stdout
    assert 'did you mean "guardianship_proof"?' in done.stdout
    assert "guardianship_prof?" not in done.stdout


def test_a_fault_stands_where_it_stands_in_the_file(serving: Path) -> None:
    path = serving / "misspelt.json"
    path.write_text((serving / "question.json").read_text().replace('"purpose"', '"porpose"'))
    done = run("verify", "--home", str(serving), str(path))
    line = next(n for n, text in enumerate(path.read_text().splitlines(), 1) if "porpose" in text)
    assert f"{path}:{line}:3: unknown_field" in done.stdout
    assert 'did you mean "purpose"?' in done.stdout


def test_a_date_without_a_policy_is_told_which_dates_have_one(serving: Path) -> None:
    done = run("verify", "--home", str(serving), str(asked(serving, application_date="2016-01-02")))
    assert (done.returncode, "no_policy" in done.stdout) == (2, True)
    assert "from 2017-01-01 on and before 2018-05-01" in done.stdout


def test_nobody_commits_the_keys_by_accident(home: Path) -> None:
    assert (home / ".gitignore").read_text() == "*\n"


def test_a_mock_that_is_not_there_is_told_at_once(home: Path) -> None:
    done = run("mocks", "residence_permits", "--home", str(home))
    assert (done.returncode, "did you mean 'residence_permit'?" in done.stderr) == (2, True)


def test_doctor_finds_a_running_installation_well(serving: Path) -> None:
    done = run("doctor", "--json", "--home", str(serving))
    report = json.loads(done.stdout)
    assert (done.returncode, report["ok"]) == (0, True), report


def test_verify_without_a_gateway_exits_3(tmp_path: Path, port: int) -> None:
    folder = tmp_path / "alone"
    assert run("init", str(folder), "--port", str(port + 20)).returncode == 0
    done = run("verify", "--home", str(folder), str(folder / "question.json"))
    assert done.returncode == 3
    assert "229901" not in done.stdout + done.stderr


def test_doctor_says_how_to_mend(tmp_path: Path, port: int) -> None:
    folder = tmp_path / "ill"
    assert run("init", str(folder), "--port", str(port + 20)).returncode == 0
    (folder / "keys" / "answers.pem").chmod(0o644)
    result = CliRunner().invoke(app, ["doctor", "--home", str(folder)])
    assert "answers.pem can be read by others" in result.stdout
    assert "chmod 600" in result.stdout
    assert "residence_permit.share" in result.stdout


def test_broken_files_are_told_all_at_once_and_nothing_starts(tmp_path: Path, port: int) -> None:
    folder = tmp_path / "broken"
    assert run("init", str(folder), "--port", str(port + 20)).returncode == 0
    settings = folder / "gateway.yaml"
    settings.write_text(settings.read_text().replace("listen:", "listn:").replace("port: ", "prt: ", 1))
    done = run("serve", "--home", str(folder))
    assert done.returncode == 2
    assert "did you mean 'listen'?" in done.stderr
    assert "nothing was started" in done.stderr


def test_a_folder_without_settings_is_told_by_name(tmp_path: Path) -> None:
    done = run("serve", "--home", str(tmp_path))
    assert (done.returncode, "gateway.yaml" in done.stderr) == (2, True)


def test_the_version_and_the_help() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", CliRunner().invoke(app, ["--version"]).stdout)
    help_text = CliRunner().invoke(app, ["--help"]).stdout
    assert all(name in help_text for name in ("demo", "init", "serve", "mocks", "verify", "doctor"))


def test_a_running_gateway_takes_up_what_changes_among_the_consumers(serving: Path) -> None:
    """The process itself looks every second: asked again and again, it soon refuses, and soon answers again."""
    file = serving / "consumers" / "counter.yaml"
    good = file.read_text("utf-8")

    def soon(code: int, said: str) -> bool:
        question = str(serving / "question.json")
        asked = (run("verify", "--home", str(serving), question) for _ in range(30))
        return any(done.returncode == code and said in done.stdout for done in asked)

    try:
        file.write_text(f"{good}state: suspended\n", "utf-8")
        assert soon(2, "key")
        told = run("doctor", "--json", "--home", str(serving))
        assert "1 (1 suspended), keys: 1 active" in told.stdout
        file.write_text(f"{good}state: suspnded\n", "utf-8")
        told = run("doctor", "--home", str(serving))
        assert (told.returncode, "MEND files" in told.stdout, "'suspended'" in told.stdout) == (2, True, True)
    finally:
        file.write_text(good, "utf-8")
    assert soon(0, "confirmed")


def test_faults_can_be_armed_after_init(serving: Path) -> None:
    """Init gives the mocks an admin door and its token; a registry that is out for one person leaves it undetermined."""
    armed = run("faults", "arm", "P03", "household_registry", "status_503", "--home", str(serving))
    assert armed.returncode == 0, armed.stdout + armed.stderr
    try:
        done = run("verify", "--json", "--home", str(serving), str(serving / "question.json"))
        assert (done.returncode, '"undetermined"' in done.stdout) == (3, True)
    finally:
        assert "cleared 1" in run("faults", "clear", "--home", str(serving)).stdout
