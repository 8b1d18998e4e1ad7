"""A drain by the command line over the whole system: a running gateway heeds it, tells it, and gives the channel back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.client import Answer
from gateway.commands.cli import app
from tests.system import INSURANCE, System

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROOF = "social_insurance_proof"
INSURED = "S06"
"""Insured without a gap, whichever channel is asked."""
WHY = "the department moves its servers"


async def channels(system: System, *arguments: str) -> None:
    """The command, in a process's place of its own; then the gateway's look of every second."""
    command = ["channels", *arguments, "--home", str(system.home), "--why", WHY]
    result = await asyncio.to_thread(CliRunner().invoke, app, command)
    assert result.exit_code == 0, result.output
    await system.running.reload()


@asynccontextmanager
async def held(system: System, *names: str, how: str = "drain", until: str = "2h") -> AsyncIterator[None]:
    for name in names:
        await channels(system, how, INSURANCE, name, "--until", until)
    try:
        yield
    finally:
        for name in names:
            await channels(system, "resume", INSURANCE, name)


async def asked(system: System) -> tuple[Answer, dict[str, str]]:
    answer = await system.ask(INSURED, residence_basis="employment", materials=[PROOF])
    (material,) = answer.materials
    return answer, {source.channel: source.status for source in material.sources if source.authority == INSURANCE}


async def health(system: System) -> dict[tuple[str, str], dict[str, Any]]:
    rows = (await system.get("/health/authorities", admin=True)).json()["authorities"]
    return {(row["authority"], row["channel"]): row for row in rows}


async def exposed(system: System) -> list[str]:
    lines = (await system.get("/metrics", admin=True)).text.splitlines()
    return [line for line in lines if line.startswith("gateway_channel_held{") and line.endswith(" 1.0")]


async def test_with_one_channel_drained_the_other_one_answers(system: System) -> None:
    async with held(system, "query"):
        before = len(system.mocks.journals[INSURANCE])
        answer, statuses = await asked(system)
        (material,) = answer.materials
        assert (material.verdict, material.disposition) == ("confirmed", "waived")
        assert statuses == {"share": "answered", "query": "drained"}
        assert len(system.mocks.journals[INSURANCE]) == before + 2  # a call a year, on one channel
    answer, statuses = await asked(system)
    assert (answer.materials[0].verdict, statuses) == ("confirmed", {"share": "answered", "query": "answered"})


@pytest.mark.parametrize(("how", "status"), [("drain", "drained"), ("open", "circuit_open")])
async def test_with_both_in_hand_an_officer_checks_and_the_counter_is_told_when_to_ask(
    system: System, how: str, status: str
) -> None:
    async with held(system, "query", until="1d", how=how), held(system, "share", how=how):
        entries, calls = len(system.everything()), len(system.mocks.journals[INSURANCE])
        answer, statuses = await asked(system)
        (material,) = answer.materials
        assert (material.verdict, material.disposition, material.reason) == ("undetermined", "officer_check", status)
        assert statuses == {"share": status, "query": status}
        assert 7100 < (material.retry_after_seconds or 0) <= 7200  # the one that is back first
        assert len(system.mocks.journals[INSURANCE]) == calls
        assert INSURANCE not in {entry.get("authority") for entry in system.everything()[entries:]}  # no evidence
    assert (await asked(system))[0].materials[0].verdict == "confirmed"


async def test_operators_see_who_holds_a_channel_why_and_until_when(system: System) -> None:
    assert await exposed(system) == []
    async with held(system, "query"):
        row = (await health(system))[INSURANCE, "query"]
        hold = row["hold"]
        assert (hold["state"], hold["why"], row["window_closed"], row["opens_at"]) == ("drained", WHY, False, None)
        assert hold["since"] < hold["until"]
        assert (await health(system))[INSURANCE, "share"]["hold"] is None
        before = row["recent"], row["last_failure_at"]
        await asked(system)
        after = (await health(system))[INSURANCE, "query"]
        assert (after["recent"], after["last_failure_at"]) == before  # nothing was its failure
        label = 'authority="social_insurance",channel="query",state="drained"'
        assert await exposed(system) == [f"gateway_channel_held{{{label}}} 1.0"]
    assert (await health(system))[INSURANCE, "query"]["hold"] is None


async def test_each_hold_and_each_end_is_an_entry(system: System) -> None:
    before = len(system.everything())
    async with held(system, "query"):
        pass
    acts = [entry for entry in system.everything() if entry["kind"] == "act" and entry["why"] == WHY]
    assert len(system.everything()) > before
    assert {entry["act"] for entry in acts} >= {"channel_drained", "channel_resumed"}
    assert all(entry["details"]["authority"] == INSURANCE for entry in acts)
