"""Secrets and the four values between us and the platform: rotation in mid-flight, refusals, replies that do not hold."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from gateway.model import Join, Status
from tests.connectors.raw_platform import (
    APP_KEY,
    REST,
    RawPlatform,
    Sent,
    proof,
)

from .setting import set_up


def rotate(platform: RawPlatform, path: str, times: int = 1) -> None:
    """Rotates the secret while a call to that path is on its way."""
    left = [times]

    def before(sent: Sent) -> None:
        if sent.path == path and left[0]:
            left[0] -= 1
            platform.generation += 1

    platform.before = before


@pytest.mark.parametrize("grace", [False, True])
@pytest.mark.parametrize("times", [1, 2])
async def test_a_secret_rotated_in_mid_flight_costs_nothing(grace: bool, times: int) -> None:
    # With grace the request is accepted, and the reply comes signed with a secret that we have not got yet.
    async with set_up() as here:
        for platform, path in ((here.share, REST), (here.query, "/services/NwsExchange")):
            platform.grace = grace
            rotate(platform, path, times)
        found = await here.channels()
    assert {finding.status for finding in found.values()} == {Status.ANSWERED}
    assert (here.share.refreshes, found["share"].attempts) == (times + 1, times + 1)


async def test_two_hundred_questions_while_the_secret_is_rotated_again_and_again() -> None:
    async with set_up() as here:
        calls = [0]

        def before(sent: Sent) -> None:
            calls[0] += 1
            if calls[0] % 60 == 0 and sent.path == REST:
                here.share.generation += 1

        here.share.before = before
        found = await asyncio.gather(*(here.ask(Join("race", ("share",))) for _ in range(200)))
    assert {finding.status for finding in found} == {Status.ANSWERED}
    assert here.share.generation > 2
    assert here.share.refreshes == here.share.generation


async def test_a_refused_refresh_is_a_fault_of_configuration_and_a_dead_one_is_not() -> None:
    async with set_up() as here:
        here.share.refresh_status, here.query.refresh_status = 401, 503
        with capture_logs() as logs:
            found = await here.channels()
    assert (found["share"].status, found["query"].status) == (Status.CONFIG_FAULT, Status.UNREACHABLE)
    assert (found["share"].attempts, found["share"].evidence) == (0, ())
    assert {log["event"] for log in logs} == {"secret.refresh_failed", "check.failed"}
    assert not any(APP_KEY in str(log) for log in logs)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"sign": "AAAA"}, Status.BAD_SIGNATURE),
        ({"sign": None}, Status.BAD_SIGNATURE),
        ({"rtime": "1525219200001"}, Status.BAD_SIGNATURE),
        ({"sid": "s_1229901000000_0009"}, Status.BAD_SIGNATURE),
        ({"rid": None}, Status.BAD_SIGNATURE),
    ],
)
async def test_a_reply_whose_four_values_do_not_hold(change: dict[str, str | None], status: Status) -> None:
    def changed(values: dict[str, str]) -> dict[str, str]:
        return {name: value for name, value in (values | change).items() if value is not None}

    async with set_up() as here:
        here.share.reply_with = here.query.reply_with = changed
        found = await here.channels()
    assert {finding.status for finding in found.values()} == {status}


async def test_a_reply_for_another_service_is_not_bound() -> None:
    async with set_up() as here:
        for platform in (here.share, here.query):

            def other(values: dict[str, str], platform: RawPlatform = platform) -> dict[str, str]:
                sid = "s_1229901000000_0009"
                return values | {"sid": sid, "sign": proof(platform.secret, sid, values["rid"], values["rtime"])}

            platform.reply_with = other
        found = await here.channels()
    assert {finding.status for finding in found.values()} == {Status.NOT_BOUND}


async def test_a_reply_of_another_time_is_not_fresh() -> None:
    async with set_up() as here:
        await here.ask()
        here.share.now_ms = here.query.now_ms = lambda: int(here.clock.unix() * 1000) - 300_001
        found = await here.channels()
    assert {finding.status for finding in found.values()} == {Status.BAD_SIGNATURE}
