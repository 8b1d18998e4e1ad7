"""Every example against a real gateway and real mocks: it gets a verified answer, and believes nothing else."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.demands import needs
from tests.system import System

ROOT = Path(__file__).parents[2] / "examples"
SECONDS = 60

EXAMPLES = [
    pytest.param(("sh", str(ROOT / "curl" / "ask.sh")), id="curl", marks=needs("curl", "openssl")),
    pytest.param((sys.executable, str(ROOT / "python" / "ask.py")), id="python"),
    pytest.param(("node", str(ROOT / "node" / "ask.mjs")), id="node", marks=needs("node")),
    pytest.param(("java", "-XX:TieredStopAtLevel=1", str(ROOT / "java" / "Ask.java")), id="java", marks=needs("java")),
]

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.parametrize("command", EXAMPLES)]


@dataclass(frozen=True)
class Said:
    """How a program ended, and what it printed."""

    code: int
    out: str
    err: str


async def run(command: tuple[str, ...], system: System, question: Any, **changes: str) -> Said:
    """The example as its first lines say that it is called."""
    file = system.home / "asked.json"
    file.write_bytes(question if isinstance(question, bytes) else json.dumps(question, ensure_ascii=False).encode())
    keys = system.home / "keys"
    given = {
        "url": system.running.url, "keyid": "counter-test-key", "private": str(keys / "counter.pem"),
        "gateway_keyid": "gateway-answers", "gateway_key": str(keys / "answers.pub.pem"), "question": str(file), **changes,
    }  # fmt: skip
    pipe = asyncio.subprocess.PIPE
    started = await asyncio.create_subprocess_exec(*command, *given.values(), stdout=pipe, stderr=pipe)
    async with asyncio.timeout(SECONDS):
        out, err = await started.communicate()
    return Said(started.returncode or 0, out.decode(), err.decode())


async def test_a_verified_answer_with_its_verdicts(command: tuple[str, ...], system: System):
    said = await run(command, system, system.question("M01", "A01", materials=["guardianship_proof"]))
    assert (said.code, said.out) == (0, "verified: HTTP 200\nguardianship_proof: confirmed (waived)\n"), said.err


async def test_a_refusal_is_verified_too_and_bound(command: tuple[str, ...], system: System):
    """Also with bytes that a careless client would change: CR LF and no line end."""
    said = await run(command, system, b'{"case_number":\r\n "\xe5\x90\x89"}')
    assert (said.code, said.out.splitlines()[0]) == (1, "verified: HTTP 400"), said.err
    assert "invalid_question" in said.out


async def test_a_refusal_that_cannot_be_bound_is_verified(command: tuple[str, ...], system: System):
    said = await run(command, system, {}, keyid="nobody")
    assert (said.code, said.out.splitlines()[0]) == (1, "verified: HTTP 401"), said.err


@pytest.mark.parametrize(
    "changes", [{"gateway_key": "counter.pub.pem"}, {"gateway_keyid": "gateway-other"}], ids=["key", "key id"]
)
async def test_another_gateways_answer_is_not_believed(
    command: tuple[str, ...], system: System, changes: dict[str, str]
):
    if "gateway_key" in changes:
        changes = {"gateway_key": str(system.home / "keys" / changes["gateway_key"])}
    said = await run(command, system, system.question("P12", materials=["residence_permit"]), **changes)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("not believed: ")


async def test_a_slash_at_the_end_of_the_address_changes_nothing(command: tuple[str, ...], system: System):
    asked = system.question("M02", "A02", materials=["guardianship_proof"])
    said = await run(command, system, asked, url=f"{system.running.url}/")
    assert (said.code, said.out.splitlines()[:1]) == (0, ["verified: HTTP 200"]), said.err


async def test_an_answer_under_another_key_id_names_both(command: tuple[str, ...], system: System):
    """What a rotation of the gateway's key looks like to who was not told of it."""
    said = await run(command, system, {}, gateway_keyid="gateway-last-year")
    assert (said.code, said.out) == (2, "")
    if not command[-1].endswith(".py"):  # gateway.client has its own sentence
        assert "signed by gateway-answers, which you do not trust (yours: gateway-last-year)" in said.err


async def test_nobody_there_is_no_answer(command: tuple[str, ...], system: System):
    said = await run(command, system, {}, url="http://127.0.0.1:9")
    assert (said.code, said.out) == (2, "")
    assert "not believed: no " in said.err


async def test_a_key_that_is_not_there_is_no_question(command: tuple[str, ...], system: System):
    said = await run(command, system, {}, private=str(system.home / "keys" / "nobody.pem"))
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("not believed: ")
