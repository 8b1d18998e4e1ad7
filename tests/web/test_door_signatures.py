"""Signature headers, good and hostile (hostile-inputs B): what the door lets through, and the code of each refusal."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable

import pytest

from gateway.security.signatures import KEY_REFUSED
from tests.web.doorway import BODY, SERVED, Doorway
from tests.wire import GET, PATH, POST, Asked, digest, reading

Change = Callable[[Asked], Asked]


def edited(old: str, new: str) -> Change:
    """Other parameters, rightly signed."""

    def change(asked: Asked) -> Asked:
        def edit(text: str) -> str:
            assert old in text
            return text.replace(old, new)

        return asked.again(edit=edit)

    return change


def changed(**changes: object) -> Change:
    return lambda asked: asked.again(**changes)


def number(name: str, text: str) -> Change:
    def change(asked: Asked) -> Asked:
        at = int(asked.now) + (asked.span if name == "expires" else 0)
        return edited(f"{name}={at}", f"{name}={text}")(asked)

    return change


def header(name: str, make: Callable[[dict[str, str]], str | None]) -> Change:
    """Another header than was signed."""
    return lambda asked: asked.again(sent={name: make(asked.fields())})


def twice_labelled(asked: Asked) -> Asked:
    """H14: two signatures, the first of them right."""
    good, other = asked.signed(), asked.again(label="gw2").signed()
    return asked.again(sent={name: f"{good[name]}, {other[name]}" for name in good})


HOSTILE: dict[str, tuple[Change, str]] = {
    "H13 no signature": (changed(sent={"Signature": None, "Signature-Input": None}), "signature_missing"),
    "H13 input only": (changed(sent={"Signature": None}), "signature_missing"),
    "H13 empty": (changed(sent={"Signature": "", "Signature-Input": ""}), "signature_missing"),
    "H13 another label": (changed(label="sig1"), "signature_missing"),
    "H14 two labels, one valid": (twice_labelled, "signature_count"),
    "H15 duplicate label": (
        header("Signature-Input", lambda f: f"{f['Signature-Input']}, {f['Signature-Input']}"), "signature_count",
    ),
    "H15 duplicate component": (changed(components=(*POST, "@method")), "coverage"),
    "H15 duplicate parameter": (edited(";alg=", ';alg="ed25519";alg='), "signature_malformed"),
    "H16 covers nothing": (changed(components=()), "coverage"),
    "H16 no content-digest": (changed(components=POST[:-1]), "coverage"),
    "H16 the profile without a body": (changed(components=GET, tag="gdx-read-v1"), "coverage"),
    "H16 one more than asked": (changed(components=(*POST, "host")), "coverage"),
    "H17 another order": (changed(components=(POST[1], POST[0], *POST[2:])), "coverage"),
    "another tag": (changed(tag="gdx-read-v1"), "tag"),
    "no tag": (edited(';tag="gdx-verify-v1"', ""), "tag"),
    "H19 no alg": (edited(';alg="ed25519"', ""), "alg_mismatch"),
    "H19 hmac": (changed(alg="hmac-sha256"), "alg_mismatch"),
    "H19 a real one that is not the key's": (changed(alg="ecdsa-p256-sha256"), "alg_mismatch"),
    "H20 unknown key": (changed(keyid="nobody"), "key"),
    "H22 created 6 s ahead": (changed(ahead=6), "clock"),
    "H23 expired 6 s ago": (changed(ahead=-66), "clock"),
    "H23 expires before created": (changed(span=-1), "clock"),
    "H23 expires with created": (changed(span=0), "clock"),
    "H23 span of 121 s": (changed(span=121), "clock"),
    "H24 negative": (number("created", "-1"), "signature_malformed"),
    "H24 decimal": (number("created", "1525219200.5"), "signature_malformed"),
    "H24 string": (number("created", '"1525219200"'), "signature_malformed"),
    "H24 2^53": (number("created", str(2**53)), "signature_malformed"),
    "H24 fifteen digits": (number("expires", "9" * 15), "clock"),
    "H24 expires decimal": (number("expires", "1525219260.0"), "signature_malformed"),
    "H24 boolean": (number("created", "?1"), "signature_malformed"),
    "H25 empty nonce": (changed(nonce=""), "signature_malformed"),
    "H25 21 characters": (changed(nonce="A" * 21), "signature_malformed"),
    "H25 65 characters": (changed(nonce="A" * 65), "signature_malformed"),
    "H25 7 kB": (changed(nonce="A" * 7000), "signature_malformed"),
    "H25 not base64url": (changed(nonce="A" * 21 + "+"), "signature_malformed"),
    "H25 not ASCII": (
        header("Signature-Input", lambda f: f["Signature-Input"].replace('e="', 'e="\xe9')), "signature_malformed",
    ),
    "H25 no nonce": (lambda a: edited(f';nonce="{a.nonce}"', "")(a), "signature_malformed"),
    "an unknown parameter": (edited(";alg=", ";x=1;alg="), "signature_malformed"),
    "white space": (edited(";created", "; created"), "signature_malformed"),
    "H35 no digest": (changed(sent={"Content-Digest": None}), "digest"),
    "H35 sha-512 only": (
        changed(sent={"Content-Digest": f"sha-512=:{base64.b64encode(hashlib.sha512(BODY).digest()).decode()}:"}), "digest",
    ),
    "H35 upper case": (header("Content-Digest", lambda f: f["Content-Digest"].replace("sha", "SHA")), "digest"),
    "H35 two members": (header("Content-Digest", lambda f: f"{f['Content-Digest']}, {f['Content-Digest']}"), "digest"),
    "H35 wrong length": (changed(sent={"Content-Digest": "sha-256=:AAAA:"}), "digest"),
    "H35 not ASCII": (header("Content-Digest", lambda f: f["Content-Digest"][:-3] + "\xe9=:"), "digest"),
    "H36 of other bytes that mean the same": (
        changed(sent={"Content-Digest": digest(json.dumps(json.loads(BODY), indent=1).encode())}), "digest",
    ),
    "H37 3 000 components": (changed(components=("x",) * 1500), "signature_malformed"),
    "H37 200 labels": (header("Signature-Input", lambda f: ", ".join(f"l{n}=()" for n in range(200))), "signature_count"),
    "another key's signature": (header("Signature", lambda f: "gw=:" + "A" * 86 + "==:"), "signature_invalid"),
    "63 bytes": (header("Signature", lambda f: "gw=:" + "A" * 84 + ":"), "signature_malformed"),
    "base64 that is not canonical": (header("Signature", lambda f: f["Signature"][:-4] + "B==:"), "signature_malformed"),
    "labels that differ": (header("Signature", lambda f: "x" + f["Signature"]), "signature_malformed"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
async def test_each_is_401_with_its_code_signed_and_told_how_to_sign(door: Doorway, name: str):
    change, code = HOSTILE[name]
    asked = change(door.ask())
    reply = await door.send(asked)
    assert (reply.status, reply.code) == (401, code)
    assert door.is_bound(reply, asked) is False
    covered = " ".join(f'"{component}"' for component in POST)
    assert reply.headers["accept-signature"] == (f'gw=({covered});created;expires;nonce;keyid;alg;tag="gdx-verify-v1"')
    assert door.counted == [code]
    assert (door.taken, door.ledger.refusals) == ([], []), "nobody's nonce is spent, nothing is written"


async def test_a_good_signature_is_let_through_with_who_and_what(door: Doorway):
    asked = door.ask()
    reply = await door.send(asked)
    assert (reply.status, reply.body, reply.headers["content-type"]) == (200, b'{"answer": 1}', "application/json")
    assert door.is_bound(reply, asked)
    (taken,) = door.taken
    assert (taken.consumer.name, taken.path, taken.body) == ("counter", PATH, BODY)
    assert (taken.signed.keyid, taken.signed.nonce) == ("counter-test-key", asked.nonce)
    assert (taken.signed.expires, taken.signed.digest) == (int(asked.now) + 60, digest(BODY))
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
