"""Connections that are kept: what may be asked on one again, and everything after which it may not."""

from __future__ import annotations

import asyncio

import pytest
from yarl import URL

from gateway.calling.wire import Wire
from gateway.errors import BadReply, Unreachable
from tests.calling.scripted import HANG_UP, LIMIT, Script, ask, ok


async def test_one_connection_carries_one_question_after_the_other():
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n2\r\n0\r\n\r\n"
    async with Script([[ok(b"1"), chunked, ok(b"3")]]).running() as script, Wire() as wire:
        assert [await ask(wire, script) for _ in range(3)] == [b"1", b"2", b"3"]
    assert script.asked == [0, 0, 0]


async def test_questions_side_by_side_each_have_a_connection_of_their_own():
    async with Script([[ok(b"a"), ok(b"b")]] * 2).running() as script, Wire() as wire:
        assert await asyncio.gather(ask(wire, script), ask(wire, script)) == [b"a", b"a"]
        assert await asyncio.gather(ask(wire, script), ask(wire, script)) == [b"b", b"b"]
    assert sorted(script.asked) == [0, 0, 1, 1]


ENDINGS = {
    "surplus": ok(b"1") + ok(b"forged"),
    "surplus line end": ok(b"1") + b"\r\n",
    "surplus after chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n1\r\n0\r\n\r\n" + ok(b"forged"),
    "surplus without content": b"HTTP/1.1 204 No Content\r\nContent-Length: 1\r\n\r\n1",
    "they close": ok(b"1", b"Connection: close"),
    "old version": ok(b"1", b"Connection: keep-alive").replace(b"1.1", b"1.0", 1),
}


@pytest.mark.parametrize("name", ENDINGS)
async def test_no_question_follows_on_a_connection_that_does_not_end_its_reply_cleanly(name):
    async with Script([[ENDINGS[name], ok(b"wrong")], [ok(b"2")]]).running() as script, Wire() as wire:
        assert await ask(wire, script) in (b"1", b"")
        assert await script.ended.get() == 0
        assert await ask(wire, script) == b"2"
    assert script.asked == [0, 1]


async def test_bytes_that_come_between_questions_are_nobodys_answer():
    async with Script([[ok(b"1"), ok(b"wrong")], [ok(b"2")]]).running() as script, Wire() as wire:
        assert await ask(wire, script) == b"1"
        script.writers[0].write(ok(b"forged"))
        assert await script.ended.get() == 0
        assert await ask(wire, script) == b"2"
    assert script.asked == [0, 1]


async def test_a_connection_that_they_ended_while_it_was_idle_is_not_used():
    async with Script([[ok(b"1")], [ok(b"2")]]).running() as script, Wire() as wire:
        assert await ask(wire, script) == b"1"
        script.writers[0].close()
        await script.writers[0].wait_closed()
        assert await ask(wire, script) == b"2"
    assert script.asked == [0, 1]


@pytest.mark.parametrize("answer", [HANG_UP, b"H", b"HTTP/1.1 100 Continue\r\n\r\n", ok(b"12")[:-1]])
async def test_a_kept_connection_that_ends_is_an_attempt_and_not_asked_again_here(answer):
    """Whether they read the question cannot be told: the retry above signs anew and keeps evidence of both."""
    async with Script([[ok(b"1"), answer, HANG_UP], [ok(b"2")]]).running() as script, Wire() as wire:
        await ask(wire, script)
        task = asyncio.ensure_future(ask(wire, script))
        while len(script.asked) < 2:
            await asyncio.wait([task], timeout=0.001)
        script.writers[0].close()
        with pytest.raises(Unreachable):
            await task
        assert script.asked == [0, 0]
        assert await ask(wire, script) == b"2"
    assert script.asked == [0, 0, 1]


async def test_with_a_connection_that_ended_its_idle_neighbours_are_given_up():
    async with Script([[ok(b"1"), HANG_UP]] * 2 + [[ok(b"2")]]).running() as script, Wire() as wire:
        await asyncio.gather(ask(wire, script), ask(wire, script))
        with pytest.raises(Unreachable):
            await ask(wire, script)
        assert await ask(wire, script) == b"2"
    assert len(script.asked) == 4
    assert script.asked[3] == 2


async def test_what_is_idle_for_too_long_is_not_used():
    async with Script([[ok(b"1"), ok(b"wrong")], [ok(b"2")]]).running() as script, Wire(idle_seconds=0) as wire:
        assert [await ask(wire, script), await ask(wire, script)] == [b"1", b"2"]
    assert script.asked == [0, 1]


async def test_what_is_idle_for_too_long_is_ended_though_nobody_asks():
    async with Script([[ok(b"1")]]).running() as script, Wire(idle_seconds=0.001) as wire:
        await ask(wire, script)
        assert await script.ended.get() == 0


async def test_a_bad_reply_ends_its_connection():
    async with Script([[b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n"], [ok(b"2")]]).running() as script, Wire() as wire:
        with pytest.raises(BadReply):
            await ask(wire, script)
        assert await script.ended.get() == 0
        assert await ask(wire, script) == b"2"


async def test_a_cancelled_question_leaves_nothing_for_the_next():
    async with Script([[ok(b"1"), b"HTTP/1.1 100 Continue\r\n\r\n"], [ok(b"2")]]).running() as script, Wire() as wire:
        await ask(wire, script)
        task = asyncio.ensure_future(ask(wire, script))
        while len(script.asked) < 2:
            await asyncio.wait([task], timeout=0.001)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        assert await script.ended.get() == 0
        assert await ask(wire, script) == b"2"


async def test_a_reply_that_comes_before_the_whole_question_left_ends_the_connection():
    async with Script([[ok(b"1")], [ok(b"2")]], reads=False).running() as script, Wire() as wire:
        assert await ask(wire, script, b"x" * 50_000_000) == b"1"
        assert await ask(wire, script) == b"2"
    assert script.asked == [0, 1]


async def test_leaving_ends_every_connection_and_whoever_waits_is_told():
    async with Script([[ok(b"1")], [b"HTTP/1.1 200 OK\r\n"]]).running() as script:
        async with Wire() as wire:
            tasks = [asyncio.ensure_future(ask(wire, script)) for _ in range(2)]
            while len(script.asked) < 2:
                await asyncio.wait(tasks, timeout=0.001)
        with pytest.raises(Unreachable):
            await asyncio.gather(*tasks)
        assert {await script.ended.get(), await script.ended.get()} == {0, 1}


async def test_a_name_with_several_addresses_is_tried_at_each():
    async with Script([[ok(b"1")]]).running() as script, Wire() as wire:
        assert (await wire.post(script.url(host="localhost"), {}, b"", limit=LIMIT)).body == b"1"


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "/relative", "http://:80/"])
async def test_only_http_with_a_host_is_asked(url):
    async with Wire() as wire:
        with pytest.raises(ValueError):
            await wire.post(URL(url), {}, b"", limit=LIMIT)
