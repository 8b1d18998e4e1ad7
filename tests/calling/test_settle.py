"""Whatever happens below, one Finding comes out, with what its channel did and nothing of anybody else's."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from gateway.calling.settle import settle, settle_all
from gateway.errors import TROUBLES, Busy, Trouble
from gateway.model import Grade, Status
from tests.still import StillClock

from .doubles import AUTHORITY, Asked, Told, check, finding, intent

GRADES = (Grade.D, Grade.C)


async def test_a_reply_with_its_attempts_time_and_grades() -> None:
    told, asked = Told(), check()
    found = await settle("query", GRADES, StillClock(), told)(Asked([finding(name="x")]))(intent(), asked)
    assert (found.channel, found.status, found.attempts) == ("query", Status.ANSWERED, 1)
    assert (found.request_grade, found.reply_grade) == GRADES
    assert found.records == {"insured": {"name": "x"}}
    assert told.calls == [(asked, found, 0.0)]


@pytest.mark.parametrize("kind", TROUBLES)
async def test_every_trouble_is_its_status(kind: type[Trouble]) -> None:
    for stage in (settle("query", GRADES, StillClock(), Told()), settle_all("query")):
        with capture_logs() as logs:
            found = await stage(Asked([kind("why it failed")]))(intent(), check())
        assert (found.status, found.channel, found.records) == (Status(kind.status), "query", {})
        assert found.reply_grade is None
        ((log),) = logs
        assert log == {
            "event": "check.failed",
            "log_level": "warning",
            "authority": AUTHORITY,
            "channel": "query",
            "status": kind.status,
            "why": "why it failed",
        }


async def test_a_hint_when_to_come_again_stays() -> None:
    trouble = Busy("x", retry_after_seconds=29.6)
    found = await settle("query", GRADES, StillClock(), Told())(Asked([trouble]))(intent(), check())
    assert found.retry_after_seconds == 30


async def test_a_fault_of_ours_is_no_answer_and_is_not_shown() -> None:
    for stage in (settle("query", GRADES, StillClock(), Told()), settle_all("query")):
        with capture_logs() as logs:
            found = await stage(Asked([KeyError("229901199003078910")]))(intent(), check())
        assert found.status is Status.BAD_REPLY
        assert [log["event"] for log in logs] == ["check.broke"]
        assert "2299" not in str(logs)


async def test_cancellation_is_not_settled() -> None:
    class Cancelled(Asked):
        async def __call__(self, *_: object) -> None:  # type: ignore[override]
            raise asyncio.CancelledError

    for stage in (settle("query", GRADES, StillClock(), Told()), settle_all("query")):
        with pytest.raises(asyncio.CancelledError):
            await stage(Cancelled([]))(intent(), check())


async def test_a_finding_of_several_channels_passes_as_it_is() -> None:
    found = finding(channel="share", name="x")
    assert await settle_all("query")(Asked([found]))(intent(), check()) is found
