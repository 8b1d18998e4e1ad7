"""Signatures and keys that are almost right (hostile-inputs H32 to H34), for each algorithm, at the door and in the files."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from gateway import installation
from gateway.errors import BrokenFiles
from gateway.security import keys, sm2
from gateway.security.algorithms import P256_ORDER
from mocks import sm2 as plain
from tests.hostile.doorstep import turned_away
from tests.security.sm2_cases import b32
from tests.system import site
from tests.web.doorway import PAIRS, Doorway

ORDERS = {"ecdsa-p256-sha256": P256_ORDER, "sm2-sm3": sm2.N}
WRONG: dict[str, Callable[[int, int, int], tuple[bytes, str]]] = {
    "DER": lambda r, s, n: (encode_dss_signature(r, s), "signature_malformed"),
    "63 bytes": lambda r, s, n: ((b32(r) + b32(s))[:-1], "signature_malformed"),
    "65 bytes": lambda r, s, n: (b32(r) + b32(s) + b"\0", "signature_malformed"),
    "nothing": lambda r, s, n: (b"", "signature_malformed"),
    "r is 0": lambda r, s, n: (b32(0) + b32(s), "signature_invalid"),
    "s is 0": lambda r, s, n: (b32(r) + b32(0), "signature_invalid"),
    "both are 0": lambda r, s, n: (bytes(64), "signature_invalid"),
    "r is n": lambda r, s, n: (b32(n) + b32(s), "signature_invalid"),
    "s is n": lambda r, s, n: (b32(r) + b32(n), "signature_invalid"),
    "s is beyond n": lambda r, s, n: (b32(r) + b"\xff" * 32, "signature_invalid"),
    "swapped": lambda r, s, n: (b32(s) + b32(r), "signature_invalid"),
}


@pytest.mark.parametrize("alg", ORDERS)
@pytest.mark.parametrize("name", WRONG)
async def test_h32_another_writing_of_a_good_signature(door: Doorway, alg: str, name: str):
    asked = door.ask_with(alg)
    signed = asked.signed()
    raw = base64.b64decode(signed["Signature"].removeprefix("gw=:").removesuffix(":"))
    wrong, code = WRONG[name](int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"), ORDERS[alg])
    text = f"gw=:{base64.b64encode(wrong).decode()}:"
    await turned_away(door, asked.again(sent={**signed, "Signature": text}), 401, code)


@pytest.mark.parametrize("alg", ORDERS)
async def test_h32_and_the_right_writing_is_taken(door: Doorway, alg: str):
    asked = door.ask_with(alg)
    asked = asked.again(sent=asked.signed())
    reply = await door.send(asked)
    assert (reply.status, door.is_bound(reply, asked)) == (200, True)


@dataclass(frozen=True)
class OddSm2:
    """Signs as another party might, that reads the standard otherwise."""

    signer_id: bytes
    has_z: bool = True

    def sign(self, data: bytes) -> bytes:
        private = PAIRS["sm2-sm3"][0]
        d = plain.private_key(private)
        e = plain.digest(plain.public_of(d), data, self.signer_id) if self.has_z else plain.sm3(data)
        made = plain.sign_digest(d, e, 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21)
        assert made is not None
        return b32(made[0]) + b32(made[1])


@pytest.mark.parametrize("odd", [OddSm2(b""), OddSm2(b"1234567812345679"), OddSm2(b"", has_z=False)])
async def test_h33_sm2_with_another_id_or_without_z(door: Doorway, odd: OddSm2):
    await turned_away(door, door.ask_with("sm2-sm3").again(key=odd), 401, "signature_invalid")


async def test_h33_and_with_the_agreed_id_it_is_taken(door: Doorway):
    assert (await door.send(door.ask_with("sm2-sm3").again(key=OddSm2(b"1234567812345678")))).status == 200


@pytest.mark.parametrize("alg", PAIRS)
async def test_h34_a_key_off_the_curve_keeps_the_gateway_from_starting(tmp_path: Path, alg: str):
    label, *lines, end = PAIRS[alg][1].decode().splitlines()
    der = bytearray(base64.b64decode("".join(lines)))
    der[-1] ^= 1
    async with site(tmp_path / "home") as here:
        installation.read(here.home)
        file = here.home / "consumers" / "counter.yaml"
        content = yaml.load(file.read_text("utf-8"), yaml.SafeLoader)
        pem = f"{label}\n{base64.b64encode(der).decode()}\n{end}\n"
        content["keys"].append({"id": "bent", "public_key": pem})
        file.write_text(yaml.dump(content, allow_unicode=True), "utf-8")
        with pytest.raises(BrokenFiles, match=r"counter\.yaml:\d+:\d+: key 'bent': ") as broken:
            installation.read(here.home)
    assert len(broken.value.problems) == 1
    assert lines[0] not in str(broken.value)


@pytest.mark.parametrize("curve", ["secp384r1", "secp256k1"])
def test_h34_nor_is_a_key_of_another_curve_taken(curve: str):
    key = ec.generate_private_key({"secp384r1": ec.SECP384R1(), "secp256k1": ec.SECP256K1()}[curve])
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    with pytest.raises(keys.UnusableKey, match=f"is on the curve {curve}"):
        keys.verifier("bent", key.public_key().public_bytes(serialization.Encoding.PEM, spki))
