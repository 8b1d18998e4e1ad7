"""Settle: one Finding comes out, whatever goes wrong below."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import structlog

from gateway import logs
from gateway.calling.settle import settle, settle_all
from gateway.errors import BadReply, TimedOut
from gateway.model import Check, Evidence, Finding, Grade, Status
from tests.calling.asked import CHILD, answered, check, every_trouble, intent, never, told
from tests.calling.doubles import called
from tests.still import StillClock

GRADES = (Grade.A, Grade.B)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged, through the real configuration."""
    before, handlers = structlog.get_config(), logging.root.handlers[:]
    out = io.StringIO()
    logs.configure("json", out)
    yield out
    structlog.configure(**before)
    logging.root.handlers[:] = handlers


class Seen:
    def __init__(self) -> None:
        self.told: list[tuple[Check, Finding, float]] = []

    def __call__(self, check: Check, finding: Finding, seconds: float) -> None:
        self.told.append((check, finding, seconds))


def attempted(trouble: Exception) -> Any:
    async def attempt(check: Check) -> Finding:
        check.trail.attempts += 1
        raise trouble

    return attempt


@pytest.mark.parametrize("trouble", every_trouble(), ids=lambda trouble: trouble.status)
async def test_what_was_not_sent_says_why(trouble, lines):
    finding = await settle("query", GRADES, StillClock(), Seen())(told(trouble))(intent(), check())
    assert finding == Finding("registry", "query", Status(trouble.status), retry_after_seconds=7)


async def test_time_that_was_over_before_is_not_their_slowness(lines):
    clock, asked = StillClock(), intent()
    clock.move(asked.deadline - clock.monotonic())
    finding = await settle("query", GRADES, clock, Seen())(told(TimedOut("no time was left")))(asked, check())
    assert (finding.status, finding.attempts) == (Status.NOT_REQUESTED, 0)


async def test_an_answer_that_was_given_before_anything_was_sent_is_not_their_slowness(lines):
    given = check()
    given.trail.is_closed = True
    finding = await settle("query", GRADES, StillClock(), Seen())(told(TimedOut("the answer is given")))(
        intent(), given
    )
    assert (finding.status, finding.attempts) == (Status.NOT_REQUESTED, 0)


async def test_while_it_goes_on_it_says_what_is_known():
    clock, given, gate = StillClock(), check(), asyncio.Event()

    async def waiting(check: Check) -> Finding:
        check.trail.attempts += 1
        await gate.wait()
        return answered()

    inner = told(waiting)
    task = asyncio.ensure_future(settle("query", GRADES, clock, Seen())(inner)(intent(), given))
    await inner.entered.wait()
    clock.move(0.25)
    expected = Finding("registry", "query", Status.TIMEOUT, attempts=1, elapsed_ms=250, request_grade=Grade.A)
    assert given.trail.so_far() == expected
    gate.set()
    assert (await task).status is Status.ANSWERED


@pytest.mark.parametrize(("deadline", "told_as"), [(1008.0, Status.ANSWERED), (999.0, Status.LATE)])
async def test_a_reply_that_missed_the_deadline_is_observed_as_late_and_found_as_it_is(deadline, told_as):
    seen = Seen()
    found = await settle("query", GRADES, StillClock(), seen)(told())(intent(deadline, late=9.0), check())
    assert (found.status, seen.told[0][1].status) == (Status.ANSWERED, told_as)


@pytest.mark.parametrize("trouble", every_trouble(), ids=lambda trouble: trouble.status)
async def test_every_trouble_is_its_status(trouble, lines):
    seen = Seen()
    finding = await settle("query", GRADES, StillClock(), seen)(told(attempted(trouble)))(intent(), check())
    assert (finding.status, finding.records) == (Status(trouble.status), {})
    assert (finding.attempts, finding.retry_after_seconds) == (1, 7)
    assert [(told_check.authority, found, took) for told_check, found, took in seen.told] == [
        ("registry", finding, 0.0)
    ]
    assert '"event": "check.failed"' in lines.getvalue()
    assert f'"status": "{trouble.status}"' in lines.getvalue()


async def test_a_trouble_without_retry_after_has_none(lines):
    finding = await settle("query", GRADES, StillClock(), Seen())(told(BadReply("why")))(intent(), check())
    assert finding.retry_after_seconds is None


async def test_an_unexpected_error_is_a_bad_reply_and_its_text_stays_inside(lines):
    error = KeyError(f"{CHILD.citizen_id} {CHILD.name}")
    finding = await settle("query", GRADES, StillClock(), Seen())(told(error))(intent(), check())
    assert finding == Finding("registry", "query", Status.BAD_REPLY)
    line = lines.getvalue()
    assert '"event": "check.broke"' in line
    assert "KeyError in tests.calling.asked:" in line
    assert CHILD.citizen_id not in line
    assert CHILD.name not in line


@pytest.mark.parametrize("error", [asyncio.CancelledError(), KeyboardInterrupt()])
async def test_what_is_no_error_passes_through(error, lines):
    seen = Seen()
    with pytest.raises(type(error)):
        await settle("query", GRADES, StillClock(), seen)(told(error))(intent(), check())
    assert seen.told == []
    assert lines.getvalue() == ""


async def test_cancelling_the_question_cancels_what_is_below(lines):
    inner = told(never)
    task = asyncio.ensure_future(settle("query", GRADES, StillClock(), Seen())(inner)(intent(), check()))
    await inner.entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert inner.ended == 1


def working(clock: StillClock, status: Status, evidence: tuple[Evidence, ...]) -> Any:
    async def work(check: Check) -> Finding:
        clock.move(0.25)
        check.trail.attempts += len(evidence)
        check.trail.evidence += evidence
        return replace(answered(), status=status)

    return work


@pytest.mark.parametrize(
    ("status", "grade"), [(Status.ANSWERED, Grade.B), (Status.NO_RECORD, Grade.B), (Status.AMBIGUOUS, None)]
)
async def test_attempts_time_evidence_and_grades(status, grade, lines):
    clock, seen = StillClock(), Seen()
    evidence = (called("e-1", Status.TIMEOUT, None), called("e-2", status))
    finding = await settle("query", GRADES, clock, seen)(told(working(clock, status, evidence)))(intent(), check())
    assert (finding.attempts, finding.elapsed_ms, finding.evidence) == (2, 250, evidence)
    assert (finding.request_grade, finding.reply_grade) == (Grade.A, grade)
    assert finding.records == {"one": {"a": 1}}
    assert seen.told[0][2] == pytest.approx(0.25)
    assert lines.getvalue() == ""


async def test_what_was_never_sent_has_no_grades(lines):
    finding = await settle("query", GRADES, StillClock(), Seen())(told(BadReply("x")))(intent(), check())
    assert (finding.attempts, finding.request_grade, finding.reply_grade) == (0, None, None)


@pytest.mark.parametrize("trouble", every_trouble(), ids=lambda trouble: trouble.status)
async def test_above_several_channels_every_trouble_is_a_bare_finding_of_the_first(trouble, lines):
    finding = await settle_all("share")(told(trouble))(intent(), check())
    assert finding == Finding("registry", "share", Status(trouble.status), retry_after_seconds=7)
    assert f'"status": "{trouble.status}"' in lines.getvalue()


async def test_above_several_channels_a_fault_of_ours_is_no_answer(lines):
    finding = await settle_all("share")(told(KeyError(CHILD.citizen_id)))(intent(), check())
    assert finding == Finding("registry", "share", Status.BAD_REPLY)
    assert CHILD.citizen_id not in lines.getvalue()


async def test_a_finding_of_several_channels_passes_as_it_is(lines):
    found = replace(answered(), attempts=3, others=(answered(),))
    assert await settle_all("share")(told(found))(intent(), check()) is found
    with pytest.raises(asyncio.CancelledError):
        await settle_all("share")(told(asyncio.CancelledError()))(intent(), check())
