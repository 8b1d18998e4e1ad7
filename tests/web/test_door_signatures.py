"""Good signatures, and what the door says where one is not right. Every hostile one: tests/hostile/."""

from __future__ import annotations

import hashlib
from hashlib import sha256

import pytest

from gateway.security.signatures import KEY_REFUSED
from tests.web.doorway import BODY, SERVED, Doorway
from tests.wire import PATH, POST, reading


async def test_a_good_signature_is_let_through_with_who_and_what(door: Doorway):
    asked = door.ask()
    reply = await door.send(asked)
    assert (reply.status, reply.body, reply.headers["content-type"]) == (200, b'{"answer": 1}', "application/json")
    assert door.is_bound(reply, asked)
    (taken,) = door.taken
    assert (taken.consumer.name, taken.path, taken.body) == ("counter", PATH, BODY)
    assert (taken.signed.keyid, taken.signed.nonce) == ("counter-test-key", asked.nonce)
    assert (taken.signed.expires, taken.signed.sha256) == (int(asked.now) + 60, sha256(BODY).digest())
    assert f":{taken.signed.signature}:" in asked.signed()["Signature"]


@pytest.mark.parametrize(("ahead", "span"), [(5, 60), (-64, 60), (0, 120), (0, 1), (-119, 120)])
async def test_clocks_may_differ_by_five_seconds(door: Doorway, ahead: int, span: int):
    assert (await door.send(door.ask(ahead=ahead, span=span))).status == 200


@pytest.mark.parametrize("length", [22, 64])
async def test_nonces_have_22_to_64_characters(door: Doorway, length: int):
    assert (await door.send(door.ask(nonce="a-_" + "A" * (length - 3)))).status == 200


async def test_parameters_may_stand_in_any_order(door: Doorway):
    def shuffled(text: str) -> str:
        covered, _, parameters = text.partition(");")
        return ";".join([f"{covered})", *sorted(parameters.split(";"), reverse=True)])

    assert (await door.send(door.ask(edit=shuffled))).status == 200


async def test_a_read_has_its_own_profile(door: Doorway):
    read = reading(door.ask(), f"{PATH}/1")
    reply = await door.send(read)
    assert (reply.status, door.is_bound(reply, read)) == (200, True)
    wrong = await door.send(read.again(tag="gdx-verify-v1"))
    assert (wrong.code, 'tag="gdx-read-v1"' in wrong.headers["accept-signature"]) == ("tag", True)


async def test_a_clock_refusal_says_what_time_it_is(door: Doorway):
    reply = await door.send(door.ask(ahead=6))
    assert str(int(door.clock.unix())) in reply.json["detail"]


async def test_trouble_with_a_key_has_one_text_and_shows_no_digests(door: Doorway):
    reply = await door.send(door.ask(keyid="nobody"))
    assert reply.json["detail"] == KEY_REFUSED
    assert "signature_base" not in reply.json


async def test_a_signature_that_is_not_over_this_request_is_shown_which_line_differs(door: Doorway):
    """H39: a proxy changed the host to another one that is served."""
    asked = door.ask(sent={"Host": SERVED[1]})
    reply = await door.send(asked)
    assert reply.code == "signature_invalid"
    shown = {line["component"]: line["sha256"] for line in reply.json["signature_base"]}
    params = asked.signed()["Signature-Input"].removeprefix("gw=")
    mine = {f'"{name}"': f'"{name}": {asked.values()[name]}' for name in POST}
    mine['"@signature-params"'] = f'"@signature-params": {params}'
    assert list(shown) == list(mine)
    differing = [name for name, line in mine.items() if hashlib.sha256(line.encode()).hexdigest() != shown[name]]
    assert differing == ['"@authority"']
    assert door.is_bound(reply, asked.again(authority=SERVED[1])) is False


@pytest.mark.parametrize(
    "host",
    ["evil.example", "gw.example.", "", "gw.example, gw.example", "gw.example:", "gw.example:1:2", "gw.example:999999"],
)
async def test_a_host_that_is_not_served_is_421(door: Doorway, host: str):
    """H39. The refusal is signed for a name of ours, never for theirs."""
    asked = door.ask(sent={"Host": host})
    reply = await door.send(asked)
    assert (reply.status, reply.code) == (421, "authority_not_served")
    assert door.is_bound(reply, asked.again(authority=min(SERVED))) is False


@pytest.mark.parametrize("host", ["GW.Example", "gw.example:80", "gw.example:8650"])
async def test_a_host_is_matched_without_regard_to_case_or_to_a_port_that_a_proxy_changed(door: Doorway, host: str):
    """H38: the configured string enters the base, and the answer is signed for it."""
    asked = door.ask(sent={"Host": host})
    reply = await door.send(asked)
    assert (reply.status, door.is_bound(reply, asked)) == (200, True)


async def test_who_signed_for_the_other_port_is_refused_for_that_line(door: Doorway):
    reply = await door.send(door.ask(authority="gw.example:444"))
    assert (reply.status, reply.code) == (401, "signature_invalid")


async def test_a_20_kb_header_ends_before_the_door(door: Doorway):
    reply = await door.send(door.ask(nonce="A" * 20_000))
    assert reply.status == 400
    assert door.taken == []
