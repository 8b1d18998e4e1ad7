"""The examples of docs/dialects.md: every header and element in them stands in a message that is really sent."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from gateway.calling.wire import Wire
from gateway.model import Status
from gateway.security import sm2
from tests import system
from tests.conformance.conversing import cases, conversation, people_of

PAGE = Path(__file__).parents[2] / "docs" / "dialects.md"
NAME = re.compile(r"^([A-Za-z_-]+): |<([a-z:A-Z_0-9]+)[ >]|\"(\w+)\": ?", re.MULTILINE)


def names(text: str) -> set[str]:
    return {next(filter(None, found)).rpartition(":")[2] for found in NAME.findall(unescape(text))}


async def _positional_table() -> None:
    """An authority that no policy asks: its folder stands beside the conformance suite."""
    case = next(case for case in cases() if (case.authority, case.name) == ("population_register", "resident"))
    people = people_of(case)
    assert people is not None
    async with conversation(case) as talk:
        assert (await talk.ask(case, people)).status is Status.ANSWERED


async def test_every_name_in_an_example_is_sent(tmp_path, monkeypatch):
    seen: list[str] = []
    sent = Wire.post

    async def post(self, url, headers, body, **more):
        reply = await sent(self, url, headers, body, **more)
        for fields, content in ((headers, body), (reply.headers, reply.body)):
            lines = "".join(f"{name}: {value}\n" for name, value in fields.items())
            seen.append(lines + "\n" + content.decode())
        return reply

    monkeypatch.setattr(Wire, "post", post)
    async with system.system(tmp_path / "home") as running:
        await running.ask("P12", materials=["residence_permit"])
        await running.ask("P09", materials=["social_insurance_proof"], residence_basis="employment")
        await running.ask("M01", "A01", materials=["guardianship_proof"])
    await _positional_table()
    examples = "\n".join(re.findall(r"```(?:http|xml|json)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL))
    assert len(names(examples)) > 40
    assert names(examples) - set().union(*map(names, seen)) == set()
    assert {'alg="ed25519"', *(['alg="sm2-sm3"'] if sm2.IS_AVAILABLE else [])} <= set(
        re.findall(r'alg="[^"]+"', "".join(seen))
    )
