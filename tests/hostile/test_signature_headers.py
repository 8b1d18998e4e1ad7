"""Signature headers (hostile-inputs B): each is 401 with its code, signed, and told how to sign."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tests.hostile.doorstep import QUOTED, turned_away
from tests.web.doorway import BODY, Doorway
from tests.wire import GET, POST, Asked, digest

DER = encode_dss_signature(2**255, 2**254)
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
    "H19 another tag": (changed(tag="gdx-read-v1"), "tag"),
    "H19 no tag": (edited(';tag="gdx-verify-v1"', ""), "tag"),
    "H19 no alg": (edited(';alg="ed25519"', ""), "alg_mismatch"),
    "H19 hmac": (changed(alg="hmac-sha256"), "alg_mismatch"),
    "H19 a real one that is not the key's": (changed(alg="ecdsa-p256-sha256"), "alg_mismatch"),
    "H20 unknown key": (changed(keyid=f"nobody-{QUOTED}"), "key"),
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
    "H25 4 kB": (changed(nonce="A" * 4000), "signature_malformed"),
    "H25 not base64url": (changed(nonce="A" * 21 + "+"), "signature_malformed"),
    "H25 not ASCII": (
        header("Signature-Input", lambda f: f["Signature-Input"].replace('e="', 'e="\xe9')), "signature_malformed",
    ),
    "H25 no nonce": (lambda a: edited(f';nonce="{a.nonce}"', "")(a), "signature_malformed"),
    "H24 an unknown parameter": (edited(";alg=", f";x=\"{QUOTED}\";alg="), "signature_malformed"),
    "H24 white space": (edited(";created", "; created"), "signature_malformed"),
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
    "H37 components as long as a line may be": (changed(components=(QUOTED,) * 500), "signature_malformed"),
    "H37 200 labels": (header("Signature-Input", lambda f: ", ".join(f"l{n}=()" for n in range(200))), "signature_count"),
    "H32 all ones": (header("Signature", lambda f: "gw=:" + "/" * 85 + "w==:"), "signature_invalid"),
    "H32 DER": (header("Signature", lambda f: "gw=:" + base64.b64encode(DER).decode() + ":"), "signature_malformed"),
    "H32 65 bytes": (header("Signature", lambda f: "gw=:" + "A" * 87 + "=:"), "signature_malformed"),
    "H32 another key's signature": (header("Signature", lambda f: "gw=:" + "A" * 86 + "==:"), "signature_invalid"),
    "H32 63 bytes": (header("Signature", lambda f: "gw=:" + "A" * 84 + ":"), "signature_malformed"),
    "H32 base64 that is not canonical": (header("Signature", lambda f: f["Signature"][:-4] + "B==:"), "signature_malformed"),
    "H15 labels that differ": (header("Signature", lambda f: "x" + f["Signature"]), "signature_malformed"),
}  # fmt: skip


def cases(line: str) -> list[str]:
    return [name for name in HOSTILE if name.startswith(f"{line} ")]


async def is_401(door: Doorway, name: str) -> None:
    change, code = HOSTILE[name]
    reply = await turned_away(door, change(door.ask()), 401, code)
    covered = " ".join(f'"{component}"' for component in POST)
    assert reply.headers["accept-signature"] == f'gw=({covered});created;expires;nonce;keyid;alg;tag="gdx-verify-v1"'


def test_every_case_has_its_line() -> None:
    assert [name for name in HOSTILE if not any(name in cases(line) for line in LINES)] == []


@pytest.mark.parametrize("name", cases("H13"))
async def test_h13_unsigned(door: Doorway, name: str):
    await is_401(door, name)


@pytest.mark.parametrize("name", cases("H14"))
async def test_h14_two_signatures(door: Doorway, name: str):
    await is_401(door, name)


@pytest.mark.parametrize("name", cases("H15"))
async def test_h15_something_twice(door: Doorway, name: str):
    await is_401(door, name)


@pytest.mark.parametrize("name", cases("H16"))
async def test_h16_too_little_covered(door: Doorway, name: str):
    await is_401(door, name)


@pytest.mark.parametrize("name", cases("H17"))
async def test_h17_another_order(door: Doorway, name: str):
    await is_401(door, name)


@pytest.mark.parametrize("name", cases("H19"))
async def test_h19_another_algorithm(door: Doorway, name: str):
    await is_401(door, name)


@pytest.mark.parametrize("name", cases("H20"))
async def test_h20_an_unknown_key(door: Doorway, name: str):
    await is_401(door, name)


@pytest.mark.parametrize("name", cases("H22"))
async def test_h22_created_in_the_future(door: Doorway, name: str):
    await is_401(door, name)


@pytest.mark.parametrize("name", cases("H23"))
async def test_h23_out_of_time(door: Doorway, name: str):
    await is_401(door, name)


@pytest.mark.parametrize("name", cases("H24"))
async def test_h24_numbers_that_are_none(door: Doorway, name: str):
    await is_401(door, name)


@pytest.mark.parametrize("name", cases("H25"))
async def test_h25_nonces_that_are_none(door: Doorway, name: str):
    await is_401(door, name)


@pytest.mark.parametrize("name", cases("H35"))
async def test_h35_digests_that_are_none(door: Doorway, name: str):
    await is_401(door, name)


@pytest.mark.parametrize("name", cases("H36"))
async def test_h36_a_digest_of_other_bytes(door: Doorway, name: str):
    await is_401(door, name)


@pytest.mark.parametrize("name", cases("H37"))
async def test_h37_very_much_of_it(door: Doorway, name: str):
    await is_401(door, name)


@pytest.mark.parametrize("name", cases("H32"))
async def test_h32_signatures_that_are_none(door: Doorway, name: str):
    await is_401(door, name)


LINES = (
    "H13", "H14", "H15", "H16", "H17", "H19", "H20", "H22", "H23", "H24", "H25", "H35", "H36", "H37", "H32",
)  # fmt: skip
