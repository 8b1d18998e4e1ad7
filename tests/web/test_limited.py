"""What a consumer is told of its limits: the RateLimit fields on every answer once it is known, and the refusals beyond."""

from __future__ import annotations

import re

import pytest

from gateway.errors import CaseBound, OverBudget, OverRate
from gateway.model import USUAL_LIMITS, Limits
from gateway.security import rates
from gateway.settings import AskingLimits
from gateway.web import limited
from gateway.web.problems import refused
from tests.still import START_UNIX as NOW
from tests.web.doorway import Doorway
from tests.wire import PATH, reading

FIELD = re.compile(r'"[a-z]+"(;[a-z]=[0-9]{1,10})+')
"""An RFC 9651 list of one string with integer parameters: more is not needed of it here."""


@pytest.mark.parametrize(
    ("limits", "asked", "policy", "left"),
    [
        (Limits(60, 60), 1, '"asking";q=60;w=60', '"asking";r=59;t=1'),
        (Limits(60, 60), 48, '"asking";q=60;w=60', '"asking";r=12;t=48'),
        (Limits(600, 10), 10, '"asking";q=10;w=1', '"asking";r=0;t=1'),
        (Limits(1, 1), 1, '"asking";q=1;w=60', '"asking";r=0;t=60'),
    ],
)
def test_the_fields_say_the_policy_and_what_is_left(limits: Limits, asked: int, policy: str, left: str):
    arrival = 0
    for _ in range(asked):
        arrival = rates.spend(limits, arrival, NOW) or arrival
    said = limited.fields(limits, arrival, NOW)
    assert said == {"RateLimit-Policy": policy, "RateLimit": left}
    assert all(FIELD.fullmatch(value) for value in said.values())


def test_nothing_is_said_to_be_left_that_is_not_known():
    assert set(limited.fields(USUAL_LIMITS, None, NOW)) == {"RateLimit-Policy"}


def test_the_settings_and_the_model_agree_on_what_is_usual():
    given = AskingLimits()
    assert (given.per_minute, given.burst, given.subjects_per_day) == (
        USUAL_LIMITS.per_minute, None, USUAL_LIMITS.subjects_per_day,
    )  # fmt: skip
    assert USUAL_LIMITS.burst == USUAL_LIMITS.per_minute


@pytest.mark.parametrize(
    ("error", "status", "code", "after", "entries"),
    [
        (OverRate(7, 0), 429, "rate_limited", "7", []),
        (OverBudget(3600), 429, "subject_budget", "3600", [("counter", "subject_budget")]),
        (CaseBound(), 409, "case_bound", None, [("counter", "case_bound")]),
    ],
)
async def test_what_is_beyond_a_limit_is_a_signed_problem(
    door: Doorway, error: Exception, status: int, code: str, after: str | None, entries: list[tuple[str, str]]
):
    """A rate's refusals are no entries of the door's: the ledger writes one a minute for all of them."""
    door.fails_with = error
    asked = door.ask()
    reply = await door.send(asked)
    assert (reply.status, reply.code, reply.headers.get("retry-after")) == (status, code, after)
    assert door.is_bound(reply, asked)
    assert (door.ledger.refusals, door.counted) == (entries, [code])


async def test_a_refusal_that_comes_too_fast_itself_is_429(door: Doorway):
    door.fails_with, door.ledger.fails_with = refused("scope"), OverRate(2, 0)
    reply = await door.send(door.ask())
    assert (reply.status, reply.code, reply.headers["retry-after"]) == (429, "rate_limited", "2")


async def test_every_answer_to_a_known_consumer_says_what_is_left(door: Doorway):
    door.ledger.arrivals["counter"] = rates.spend(USUAL_LIMITS, 0, door.clock.unix()) or 0
    policy, left = '"asking";q=600;w=60', '"asking";r=599;t=1'
    for asked in (door.ask(), reading(door.ask(), f"{PATH}/1")):
        reply = await door.send(asked)
        assert (reply.headers["ratelimit-policy"], reply.headers["ratelimit"]) == (policy, left)
    door.fails_with = refused("scope")
    assert (await door.send(door.ask())).headers["ratelimit"] == left
    door.fails_with = RuntimeError()
    assert (await door.send(door.ask())).headers["ratelimit"] == left


async def test_nobody_else_is_told_anything(door: Doorway):
    door.ledger.arrivals["counter"] = 0
    unknown = await door.send(door.ask(keyid="unknown"))
    forged = await door.send(door.ask(sent={"Content-Digest": None}))
    for reply in (unknown, forged, await door.send(door.ask(path="/v1/nothing"))):
        assert not {"ratelimit", "ratelimit-policy"} & set(reply.headers)
