"""Every fault of the vocabulary on every channel, over sockets: the one thing that is wrong, and that the rest is right."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from gateway.contract import strict_json
from tests.faults.wires import CHANNELS, Raw, Wire

NAMES = [".".join(key) for key in CHANNELS]
pytestmark = pytest.mark.parametrize("name", NAMES)


async def struck(five, name: str, fault: str, **more: float) -> tuple[Wire, Raw]:
    wire = five.wires[name]
    if wire.authority == "social_insurance":
        await wire.refresh()
    five.mocks.arm(wire.people[0], wire.authority, fault, channel=wire.channel, **more)
    raw = await wire.ask()
    *_, entry = five.mocks.journals[wire.authority]
    assert entry.fault == fault
    return wire, raw


async def test_without_a_fault_everything_is_right(five, name):
    wire = five.wires[name]
    raw = await wire.ask()
    assert (raw.status, raw.is_whole) == (200, True)
    assert wire.verifies(raw)
    assert wire.number in wire.text(raw)


async def test_unreachable(five, name):
    _, raw = await struck(five, name, "unreachable")
    assert raw == Raw(b"", is_reset=False)


async def test_reset(five, name):
    _, raw = await struck(five, name, "reset")
    assert raw == Raw(b"", is_reset=True)


async def test_reset_mid_body(five, name):
    _, raw = await struck(five, name, "reset_mid_body")
    assert raw.is_reset
    assert not raw.data or 0 < len(raw.body) < int(raw.headers["Content-Length"])


async def test_cut_body(five, name):
    _, raw = await struck(five, name, "cut_body")
    assert not raw.is_reset
    assert len(raw.body) == int(raw.headers["Content-Length"]) // 2


async def test_malformed_chunk(five, name):
    _, raw = await struck(five, name, "malformed_chunk")
    assert raw.headers["Transfer-Encoding"] == "chunked"
    assert raw.body.endswith(b"\r\nzz\r\n")


async def test_hang(five, name):
    _, raw = await struck(five, name, "hang", seconds=7)
    assert (raw.data, five.clock.slept) == (b"", [7])


@pytest.mark.parametrize("fault", ["slow_first_byte", "drip_body", "drip_headers"])
async def test_slowness(five, name, fault):
    wire, raw = await struck(five, name, fault, seconds=3)
    assert raw.is_whole
    assert wire.verifies(raw)
    assert sum(five.clock.slept) == pytest.approx(3, abs=0.4)
    assert (len(five.clock.slept) > 1) == (fault != "slow_first_byte")


async def test_empty(five, name):
    wire, raw = await struck(five, name, "empty")
    assert (raw.status, raw.body, raw.is_whole) == (200, b"", True)
    assert wire.is_soap or wire.verifies(raw)


async def test_garbage(five, name):
    wire, raw = await struck(five, name, "garbage")
    assert (raw.status, raw.is_whole, raw.body[:1]) == (200, True, b"\x80")
    assert wire.is_soap or wire.verifies(raw)


async def test_wrong_content_type(five, name):
    wire, raw = await struck(five, name, "wrong_content_type")
    assert raw.headers["Content-Type"].startswith("text/plain")
    assert wire.verifies(raw)
    assert wire.number in wire.text(raw)


async def test_wrong_charset(five, name):
    wire, raw = await struck(five, name, "wrong_charset")
    with pytest.raises(UnicodeDecodeError):
        raw.body.decode()
    assert wire.number in raw.body.decode("gb18030")
    assert wire.is_soap or wire.verifies(raw)


async def test_cut_json(five, name):
    wire, raw = await struck(five, name, "cut_json")
    assert wire.verifies(raw)
    text = wire.text(raw)
    with pytest.raises((json.JSONDecodeError, ElementTree.ParseError)):
        ElementTree.fromstring(text.partition("?>")[2]) if text[0] == "<" else json.loads(text)


async def test_duplicate_key(five, name):
    wire, raw = await struck(five, name, "duplicate_key")
    assert wire.verifies(raw)
    text = wire.text(raw)
    if text[0] == "<":
        assert text.count("<rc>0</rc>") == 2
    else:
        json.loads(text)
        with pytest.raises(strict_json.NotJson, match="json_duplicate_key"):
            strict_json.read(text.encode())


async def test_html_login(five, name):
    _, raw = await struck(five, name, "html_login")
    assert (raw.status, raw.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "请登录" in raw.body.decode()
    assert not set(raw.headers) & {"Signature", "gjgxjhpt_sign"}


@pytest.mark.parametrize("code", [204, 302, 400, 401, 403, 404, 418, 500, 502, 503, 504, 599])
async def test_any_status(five, name, code):
    _, raw = await struck(five, name, f"status_{code}")
    assert (raw.status, raw.headers.get("Location")) == (code, "/login" if code == 302 else None)
    assert not set(raw.headers) & {"Signature", "gjgxjhpt_sign"}


async def test_rate_limit(five, name):
    _, raw = await struck(five, name, "rate_limit", seconds=7)
    assert (raw.status, raw.headers["Retry-After"]) == (429, "7")


async def test_rate_limit_in_a_window_of_the_mocks_clock(five, name):
    five.clock.freeze()
    wire, raw = await struck(five, name, "rate_limit", lasting=30)
    assert raw.headers["Retry-After"] == "30"
    five.clock.move_by(20)
    assert (await wire.ask()).headers["Retry-After"] == "10"
    five.clock.move_by(10)
    assert (await wire.ask()).status == 200


async def test_stale_data(five, name):
    wire = five.wires[name]
    right = await wire.ask()
    wire, raw = await struck(five, name, "stale_data")
    assert wire.verifies(raw)
    assert wire.number in wire.text(raw)
    before, after = (set(re.findall(r"(?<!\d)201[678]\d{2,4}(?!\d)", wire.text(each))) for each in (right, raw))
    if wire.authority == "household_registry":  # nothing in its record has a date but the birth
        assert wire.text(right) == wire.text(raw)
    else:
        assert after == {f"{int(date[:4]) - 1}{date[4:]}" for date in before}


async def test_swapped_person(five, name):
    wire, raw = await struck(five, name, "swapped_person")
    assert wire.verifies(raw)
    text = wire.text(raw)
    assert wire.number not in text
    assert [member for member in wire.cast.people.values() if member.citizen_id in text]


async def test_other_reply(five, name):
    wire, raw = await struck(five, name, "other_reply")
    assert wire.verifies(raw) == (name == "household_registry.query")  # WS-Security binds nothing to the request
    assert wire.number not in wire.text(raw)


async def test_schema_violation(five, name):
    wire, raw = await struck(five, name, "schema_violation")
    assert wire.verifies(raw)
    assert wire.number not in wire.text(raw)


@pytest.mark.parametrize("fault", ["wrong_signature", "missing_signature", "old_signature"])
async def test_signatures(five, name, fault):
    wire, raw = await struck(five, name, fault)
    assert (raw.status, raw.is_whole) == (200, True)
    assert not wire.verifies(raw)
    assert wire.number in wire.text(raw)
    signs = re.findall(r"gjgxjhpt_sign|ignature", raw.data.decode())
    assert bool(signs) == (fault != "missing_signature")


async def test_key_rotated(five, name):
    wire, raw = await struck(five, name, "key_rotated", times=1)
    assert raw.status == (200 if wire.authority != "social_insurance" else 500 if wire.is_soap else 401)
    assert raw.status != 200 or not wire.verifies(raw)
    if wire.authority == "social_insurance":
        assert (await wire.ask()).status != 200
        await wire.refresh()
    assert wire.verifies(await wire.ask())
