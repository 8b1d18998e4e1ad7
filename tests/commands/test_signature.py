"""`gateway sign` and `gateway signature explain`: files in, lines and causes out, and how each ends."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from typer.testing import CliRunner

from gateway.commands import scaffold, signature_words
from gateway.commands.cli import app
from gateway.contract.folders import load_authorities, shipped
from gateway.security.doctor.cases import Cause
from tests.security.doctor.cases import trace
from tests.still import StillClock
from tests.system import CHANNELS
from tests.wire import Asked

BODY = '{"subject": {"citizen_id": "229901201206011035", "name": "测试子"}}'.encode()


@dataclass
class Desk:
    """An installation, a consumer's key, and a folder to keep captures in."""

    home: Path
    now: float = StillClock().unix()

    def asked(self, **changes: Any) -> Asked:
        key = load_pem_private_key((self.home / "keys" / "counter.pem").read_bytes(), None)
        return Asked("127.0.0.1:8650", key, self.now, BODY).again(**changes)  # type: ignore[arg-type]

    def explain(self, data: bytes, *options: str, at: float | None = None, **environment: str) -> Result:
        (self.home / "capture.http").write_bytes(data)
        now = ["--now", str(int(at or self.now))]
        arguments = ["signature", "explain", str(self.home / "capture.http"), *now, *options]
        return CliRunner().invoke(app, arguments, env=environment)

    def document(self, data: bytes, *options: str) -> dict[str, Any]:
        return dict(json.loads(self.explain(data, "--home", str(self.home), "--json", *options).stdout))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("signature") / "home"
    ports = {channel: 28_700 + at for at, channel in enumerate(CHANNELS)}
    scaffold.write(home, load_authorities(shipped()), scaffold.Addresses(8650, 8651, ports), StillClock(), 36500)
    (home / "question.json").write_bytes(BODY)
    return Desk(home)


# explain


def test_a_good_capture_ends_with_0(desk: Desk) -> None:
    result = desk.explain(desk.asked().bytes(), "--home", str(desk.home))
    assert (result.exit_code, "签名正确 the signature verifies" in result.stdout) == (0, True), result.output
    assert '"@authority": 127.0.0.1:8650' in result.stdout


def test_a_bad_one_ends_with_1_the_line_marked_and_the_cause_in_both_languages(desk: Desk) -> None:
    asked = desk.asked(authority="localhost:8650", sent={"Host": "127.0.0.1:8650"})
    result = desk.explain(asked.bytes(), "--home", str(desk.home))
    assert result.exit_code == 1
    (marked,) = [line for line in result.stdout.splitlines() if line.startswith("!!")]
    assert marked.endswith('"@authority": 127.0.0.1:8650')
    for words in (
        "signature_invalid",
        "- authority [已证实 proved]",
        "签名的主机是 localhost:8650，到达的是 127.0.0.1:8650",
        "signed for the host localhost:8650, arrived for 127.0.0.1:8650",
    ):
        assert words in result.stdout


def test_a_terminal_gets_a_table(desk: Desk) -> None:
    asked = desk.asked(ahead=600)
    shown = desk.explain(asked.bytes(), "--home", str(desk.home), FORCE_COLOR="1", COLUMNS="160").stdout
    assert "签名基 signature base" in shown
    assert "✗" in shown
    assert "clock_ahead" in shown


def test_machines_get_the_same(desk: Desk) -> None:
    found = desk.document(desk.asked(ahead=8 * 3600).bytes())
    assert (found["verifies"], found["code"], found["explained"]) == (False, "clock", True)
    (cause,) = found["causes"]
    assert (cause["cause"], cause["component"], cause["proved"]) == ("clock_time_zone", '"@signature-params"', True)
    assert cause["message"]["en"] == "the time is +8.0 hours off: a time zone taken for UTC"
    assert [line["component"] for line in found["lines"] if line["differs"]] == ['"@signature-params"']
    assert desk.document(desk.asked().bytes())["verifies"] is True


def test_neither_the_body_nor_a_person_is_printed(desk: Desk) -> None:
    asked = desk.asked(sent={"Content-Digest": "sha-256=:" + "A" * 43 + "=:"})
    for options in ((), ("--json",)):
        shown = desk.explain(asked.bytes(), "--home", str(desk.home), *options).output
        assert "229901201206011035" not in shown
        assert "测试子" not in shown


def test_a_consumer_needs_the_public_key_alone(desk: Desk) -> None:
    """His own capture verifies; the gateway's refusal shows that it arrived for another host."""
    key = str(desk.home / "keys" / "counter.pub.pem")
    asked = desk.asked(authority="gw.city.example")
    assert desk.explain(asked.bytes(), "--public-key", key).exit_code == 0
    arrived = desk.document(desk.asked(sent=asked.fields() | {"Host": "127.0.0.1:8650"}).bytes())
    lines = [{"component": each["component"], "sha256": each["sha256"]} for each in arrived["lines"]]
    answer = desk.home / "answer.json"
    answer.write_text(json.dumps({"code": "signature_invalid", "signature_base": lines}))
    more = ("--answer", str(answer), "--served-as", "gw.city.example", "--served-as", "127.0.0.1:8650")
    result = desk.explain(asked.bytes(), "--public-key", key, "--json", *more)
    found = json.loads(result.stdout)
    assert (result.exit_code, found["answered"], found["code"]) == (1, "signature_invalid", None)
    (cause,) = found["causes"]
    assert (cause["cause"], cause["signed"], cause["arrived"]) == ("authority", "gw.city.example", "127.0.0.1:8650")
    shown = desk.explain(asked.bytes(), "--public-key", key, *more).stdout
    assert "signature_invalid" in shown
    assert "!!" in shown


def test_another_public_key_does_not_verify_and_nothing_explains_it(desk: Desk) -> None:
    result = desk.explain(desk.asked().bytes(), "--public-key", str(desk.home / "keys" / "answers.pub.pem"))
    assert result.exit_code == 1
    assert "- unexplained [可能 likely]" in result.stdout


def test_where_something_else_is_wrong_it_says_so(desk: Desk) -> None:
    another = desk.asked(nonce="B" * 22).signed()["Signature"]
    late = desk.asked(ahead=-4000, sent={"Signature": another})
    shown = desk.explain(late.bytes(), "--home", str(desk.home)).stdout
    assert "clock_expired" in shown
    assert "with these mended the signature is still not verified" in shown


def test_a_host_that_is_not_served(desk: Desk) -> None:
    found = desk.document(desk.asked(authority="10.0.0.7").bytes())
    assert (found["code"], [cause["cause"] for cause in found["causes"]]) == (
        "authority_not_served", ["host_not_served"],
    )  # fmt: skip
    assert "127.0.0.1:8650, localhost:8650" in found["causes"][0]["mend"]["en"]


def test_an_old_trace_of_a_request_that_was_answered_verifies(desk: Desk) -> None:
    """Judged at the Date of the answer, whatever its status: the trace is years old by the machine's clock."""
    capture = desk.home / "answered.txt"
    capture.write_bytes(
        trace(desk.asked().bytes(), b"HTTP/1.1 200 OK\r\nDate: Wed, 02 May 2018 00:00:00 GMT\r\n\r\n{}")
    )
    result = CliRunner().invoke(app, ["signature", "explain", str(capture), "--home", str(desk.home), "--json"])
    found = json.loads(result.stdout)
    assert (result.exit_code, found["verifies"], found["judged_at"]) == (0, True, int(desk.now))


def test_the_time_is_the_answers_where_none_is_given(desk: Desk) -> None:
    capture, answer = desk.home / "a.http", desk.home / "b.http"
    capture.write_bytes(desk.asked(ahead=600).bytes())
    answer.write_bytes(b'HTTP/1.1 401 x\r\nDate: Wed, 02 May 2018 00:00:00 GMT\r\n\r\n{"code": "clock"}')
    arguments = ["signature", "explain", str(capture), "--home", str(desk.home), "--answer", str(answer), "--json"]
    found = json.loads(CliRunner().invoke(app, arguments).stdout)
    assert (found["judged_at"], found["causes"][0]["facts"]["off_seconds"]) == (int(desk.now), "600")


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"state": "revoked"}, "revoked"),
        ({"state": "retiring", "until": "2018-05-02T00:00:00Z"}, "retiring"),
        ({}, "suspended"),
    ],
)
def test_the_operator_is_told_the_state_of_a_key(
    desk: Desk, tmp_path: Path, change: dict[str, str], state: str
) -> None:
    """And the door is not: it says `key`, as for a key that never was."""
    copy = tmp_path / "copy"
    (copy / "consumers").mkdir(parents=True)
    (copy / "gateway.yaml").write_bytes((desk.home / "gateway.yaml").read_bytes())
    consumer = yaml.load((desk.home / "consumers" / "counter.yaml").read_text("utf-8"), yaml.SafeLoader)
    consumer["keys"][0] |= change
    consumer |= {"state": "suspended"} if state == "suspended" else {}
    (copy / "consumers" / "counter.yaml").write_text(yaml.dump(consumer, allow_unicode=True), "utf-8")
    found = json.loads(desk.explain(desk.asked().bytes(), "--home", str(copy), "--json").stdout)
    assert (found["code"], found["causes"][0]["cause"]) == ("key", "key_state")
    assert found["causes"][0]["facts"]["state"] == state


@pytest.mark.parametrize("data", [b"", b"{}", b"POST / HTTP/1.1\r\nHost: x"])
def test_what_is_no_capture_is_usage(desk: Desk, data: bytes) -> None:
    assert desk.explain(data, "--home", str(desk.home)).exit_code == 2


def test_files_that_are_missing_are_usage(desk: Desk, tmp_path: Path) -> None:
    assert desk.explain(desk.asked().bytes(), "--public-key", str(tmp_path / "none.pem")).exit_code == 2
    assert desk.explain(desk.asked().bytes(), "--home", str(tmp_path)).exit_code == 2


def test_every_cause_has_its_sentences_filled() -> None:
    for word in signature_words.WORDS:
        cause = Cause(word, '"@path"', "", None, dict.fromkeys(FACTS, "7"), is_proved=True)
        for said in (signature_words.cause(cause), signature_words.mend(cause)):
            assert said.zh
            assert said.en
            assert "{" not in said.zh + said.en
            assert all(ord(char) < 0x2000 for char in said.en)


FACTS = (
    "names", "detail", "given", "wanted", "form", "missing", "more", "off_hours", "off_seconds", "skew_seconds", "span_seconds",
    "most_seconds", "nearest", "key", "state", "bytes", "way", "order", "count",
)  # fmt: skip


# sign


def sign(desk: Desk, *options: str) -> Result:
    return CliRunner().invoke(app, ["sign", str(desk.home / "question.json"), "--home", str(desk.home), *options])


def test_the_headers_are_printed(desk: Desk) -> None:
    result = sign(desk)
    names = [line.partition(":")[0] for line in result.stdout.splitlines()]
    assert (result.exit_code, names) == (
        0, ["Content-Type", "Content-Digest", "Signature-Input", "Signature", "Accept-Encoding"],
    )  # fmt: skip


def test_what_the_curl_command_sends_verifies(desk: Desk) -> None:
    found = json.loads(sign(desk, "--curl", "--json").stdout)
    words = shlex.split(found["curl"].replace("\\\n", ""))
    headers = [words[at + 1] for at, word in enumerate(words) if word == "-H"]
    assert words[-2:] == ["--data-binary", f"@{desk.home / 'question.json'}"]
    head = ["POST /v1/verifications HTTP/1.1", "Host: 127.0.0.1:8650", *headers]
    capture = "\r\n".join(head).encode() + b"\r\n\r\n" + BODY
    created = int(found["headers"]["Signature-Input"].partition("created=")[2].partition(";")[0])
    assert desk.explain(capture, "--home", str(desk.home), at=created).exit_code == 0
    assert sign(desk, "--curl").stdout.startswith("# once, within 60 s")


def test_a_counter_file_that_is_missing_is_usage(desk: Desk) -> None:
    assert sign(desk, "--counter", "nobody.yaml").exit_code == 2
