"""What the door decides before any signature, and what it makes of trouble behind it. Hostile input: tests/hostile/."""

from __future__ import annotations

import asyncio

import pytest

from gateway.errors import Replayed, Unanswered, Unwritable
from gateway.web.problems import refused
from gateway.web.questions import MAX_BODY_BYTES
from tests.paths.margins import LINES
from tests.web.doorway import BODY, SERVED, Doorway, doorway
from tests.wire import PATH, exchange, proved, reading, until_closed


async def test_no_host_or_two_are_not_served(door: Doorway):
    twice = door.ask()
    reply = await door.send(twice, f"Host: {SERVED[0]}")
    assert reply.status in (400, 421)
    none = door.ask(sent={"Host": None})
    reply = await exchange(door.address, none.bytes().replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert (reply.status, reply.code) == (421, "authority_not_served")
    assert door.taken == []


async def test_a_length_that_is_too_much_is_refused_before_the_body_comes(door: Doorway):
    over = door.ask(sent={"Content-Length": str(MAX_BODY_BYTES + 1)})
    reply = await exchange(door.address, over.head())
    assert (reply.status, reply.code) == (413, "body_too_large")


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "application/json;charset=UTF-8"])
async def test_utf_8_may_be_said(door: Doorway, media_type: str):
    assert (await door.send(door.ask(media_type=media_type))).status == 200


async def test_a_body_where_none_belongs_is_400_and_the_connection_ends(door: Doorway):
    asked = reading(door.ask(), f"{PATH}/1", headers=(("Content-Length", "2"),))
    reply = await exchange(door.address, asked.head() + b"{}")
    assert (reply.status, reply.code, door.taken) == (400, "body_not_allowed", [])
    assert (await until_closed(door.address, asked.head() + b"{}")).startswith(b"HTTP/1.1 400 ")


async def test_a_sender_who_goes_away_is_no_fault_of_ours():
    async with doorway() as door:
        before = len(LINES)
        host, _, port = door.address.partition(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(door.ask().head() + BODY[:5])
        await writer.drain()
        writer.transport.abort()
        async with asyncio.timeout(5):
            await door.refused.wait()
        assert door.counted == ["body_incomplete"]
        assert "request.broke" not in "".join(LINES[before:])


@pytest.mark.parametrize("expects", ["100-continue", "100-Continue", "229901201206011035"])
async def test_what_a_request_expects_is_neither_refused_nor_repeated(door: Doorway, expects: str):
    """aiohttp's own page for an unknown expectation is unsigned and quotes it."""
    asked = door.ask(headers=(("Expect", expects),))
    reply = await door.send(asked)
    assert (reply.status, door.is_bound(reply, asked)) == (200, True)
    assert expects not in str(reply)


async def test_forwarding_headers_from_outside_change_nothing(door: Doorway):
    """H11."""
    more = (("X-Forwarded-Host", "evil.example"), ("X-Real-IP", "1.2.3.4"), ("Forwarded", "host=evil.example"))
    asked = door.ask(headers=more)
    reply = await door.send(asked)
    assert (reply.status, door.is_bound(reply, asked)) == (200, True)
    assert "evil" not in str(reply)
    assert door.forwarded == 1


async def test_a_refusal_behind_the_door_is_bound_and_written_down(door: Doorway):
    door.fails_with = refused("scope")
    asked = door.ask()
    reply = await door.send(asked)
    assert (reply.status, reply.code) == (403, "scope")
    assert door.is_bound(reply, asked)
    assert door.ledger.refusals == [("counter", "scope")]


@pytest.mark.parametrize(
    ("trouble", "status", "code"),
    [
        (Replayed(), 409, "replay"),
        (Unwritable("disk full"), 503, "audit_unavailable"),
        (Unanswered("disk full"), 503, "answer_unrecorded"),
        (RuntimeError("about 229901201206011035"), 500, "internal"),
        (KeyError("229901201206011035"), 500, "internal"),
    ],
)
async def test_trouble_behind_the_door_is_a_signed_problem_that_quotes_nothing(door: Doorway, trouble, status, code):
    door.fails_with = trouble
    before = len(LINES)
    asked = door.ask()
    reply = await door.send(asked)
    assert (reply.status, reply.code) == (status, code)
    assert door.is_bound(reply, asked)
    assert door.ledger.refusals == []
    assert door.counted == [code]
    said = "".join(LINES[before:])
    assert "2299012012060110" not in said + str(reply)
    assert ("request.broke" in said) == (code == "internal")
    assert ("ledger.unwritable" in said) == (status == 503)
    assert (reply.headers.get("retry-after") == "5") == (status == 503)


async def test_a_refusal_that_the_ledger_cannot_take_is_not_given(door: Doorway):
    door.fails_with, door.ledger.fails_with = refused("scope"), Unwritable("disk full")
    assert (await door.send(door.ask())).code == "audit_unavailable"
    door.ledger.fails_with = Replayed()
    assert (await door.send(door.ask())).code == "replay"


async def test_a_target_that_no_signature_can_hold_is_refused_all_the_same(door: Doorway):
    """The bytes that a signature base cannot hold are left out of it."""
    asked = reading(door.ask(), "/v1/\x7f")
    reply = await exchange(door.address, asked.bytes())
    assert reply.status in (400, 404)
    if reply.status == 404:
        assert proved(reply, asked, door.gateway.public_key(), path="/v1/") is False
