"""The dialect `rfc9421` with SM2 keys: the gateway's code on one side, the mock's on the other, in process and by socket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from gateway.calling.dialect import Opened, Prepared
from gateway.calling.rest import RestCall, SignedRest
from gateway.calling.wire import Reply, Wire
from gateway.clock import SystemClock
from gateway.contract.folders import AuthorityFolder
from gateway.errors import BadSignature, NotBound
from gateway.mapping.requests import compile_request
from gateway.model import Check, Intent, Operator, Person, Verification
from gateway.security import keys
from mocks import http_signatures, sm2
from mocks.http_signatures import Asked, HttpSignatures, SignatureRefused
from mocks.keys import Identity
from mocks.server import start
from tests.security.sm2_cases import b32

AUTHORITY = "residence_permit"
CLOCK = SystemClock()
OURS, THEIRS = keys.new_sm2(), keys.new_sm2()
D_OURS, D_THEIRS = sm2.private_key(OURS[0]), sm2.private_key(THEIRS[0])
IDENTITY = Identity("permit-sm2", THEIRS[0], None, "gateway-sm2", OURS[1], None)
SIGNER, VERIFIER = keys.signer("gateway-sm2", OURS[0]), keys.verifier("permit-sm2", THEIRS[1])

Sign = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Wrongly:
    """The gateway's key id, with another way to sign."""

    sign: Sign
    keyid: str = "gateway-sm2"
    alg: str = "sm2-sm3"


def made(d: int, e: bytes) -> bytes:
    """A right signature over any digest."""
    signed = sm2.sign_digest(d, e, 0x1234567890ABCDEF)
    assert signed is not None
    return b32(signed[0]) + b32(signed[1])


def wrong_ways(d: int) -> dict[str, Sign]:
    point = sm2.public_of(d)
    return {
        "another key": lambda data: sm2.sign(d + 1, data),
        "swapped": lambda data: sm2.sign(d, data)[32:] + sm2.sign(d, data)[:32],
        "altered": lambda data: bytes((sm2.sign(d, data)[0] ^ 1,)) + sm2.sign(d, data)[1:],
        "an empty id": lambda data: made(d, sm2.digest(point, data, b"")),
        "another id": lambda data: made(d, sm2.digest(point, data, b"ALICE123@YAHOO.COM")),
        "without Z": lambda data: made(d, sm2.sm3(data)),
        "DER": lambda data: b"\x30\x44\x02\x20" + made(d, data[:32])[:32] + b"\x02\x20" + made(d, data[:32])[32:],
        "too short": lambda data: sm2.sign(d, data)[:63],
        "zeros": lambda data: bytes(64),
    }


def dialect(folder: AuthorityFolder, url: str, signer: Any = SIGNER, verifier: Any = VERIFIER) -> SignedRest:
    interface: Any = folder.interfaces["share"]
    operation = interface.operations[folder.contract.channels["share"].operations["permit"].interface]
    request = compile_request(folder.mapping.operations["permit"])
    return SignedRest({"permit": RestCall(operation, request, URL(url + operation.path))}, {}, signer, verifier, CLOCK)


def question(citizen_id: str) -> tuple[Check, Intent]:
    person, day = Person(citizen_id, "样例"), date(2018, 5, 2)
    check = Check(AUTHORITY, "residence", {"person": person}, day, step="permit", operation="permit")
    operator = Operator("op-1", "样例员", "229901000000")
    verification = Verification(
        verification_id="v-1", consumer="counter", case_number="JL1", application_date=day, business_items=("passport",),
        purpose="exit_entry_application", residence_basis="residence_permit", operator=operator, subject=person,
        guardian=None, materials=None, deadline_ms=8000,
    )  # fmt: skip
    return check, Intent("entry-1", verification, "jilin-2018-05", CLOCK.unix(), 8.0)


@dataclass
class Double:
    """The authority without a socket: the mock's signature code around a reply of the test's own."""

    folder: AuthorityFolder
    ours: SignedRest
    body: bytes = json.dumps({"code": "0", "message": "", "data": {"JZZ": []}}).encode()

    def ask(self) -> Prepared:
        return self.ours.prepare("permit", *question("229901201206011035"), "r-1")

    def asked(self, prepared: Prepared) -> Asked:
        return Asked("POST", str(prepared.url), {"Host": str(prepared.url.authority), **prepared.headers})

    def check(self, prepared: Prepared) -> None:
        HttpSignatures(IDENTITY, CLOCK).check(self.asked(prepared), prepared.body)

    def reply(self, prepared: Prepared, sign: Sign | None = None) -> Reply:
        headers = {"Content-Type": "application/json"}
        HttpSignatures(IDENTITY, CLOCK).protect(self.asked(prepared), 200, headers, self.body)
        if sign is not None:
            self._sign(self.asked(prepared), headers, sign)
        return Reply(200, CIMultiDictProxy(CIMultiDict(headers)), self.body)

    def _sign(self, asked: Asked, headers: dict[str, str], sign: Sign) -> None:
        class Other(sm2.Sm2):
            def sign(self, message: bytes) -> bytes:
                return sign(message)

        resolver = MappingKeyResolver(public_keys={}, private_keys={"permit-sm2": b""})
        HTTPMessageSigner(signature_algorithm=Other, key_resolver=resolver).sign(
            http_signatures._Reply(200, headers, asked),
            key_id="permit-sm2",
            expires=_in_a_minute(),
            nonce=CLOCK.token(),
            label="gdx",
            tag="gdx-exchange-reply-v1",
            covered_component_ids=http_signatures.REPLY_COMPONENTS,
            use_existing_digest=True,
        )

    def open(self, prepared: Prepared, reply: Reply) -> Opened:
        return self.ours.open("permit", prepared, reply)


def _in_a_minute() -> Any:
    return http_signatures.from_unix(CLOCK.unix()) + timedelta(seconds=60)


@pytest.fixture
def double(folders: Any) -> Double:
    return Double(folders[AUTHORITY], dialect(folders[AUTHORITY], "http://permits.example:8443"))


def test_both_directions_hold(double: Double) -> None:
    prepared = double.ask()
    assert 'alg="sm2-sm3"' in prepared.headers["Signature-Input"]
    double.check(prepared)
    reply = double.reply(prepared)
    assert 'alg="sm2-sm3"' in reply.headers["Signature-Input"]
    assert double.open(prepared, reply).tree == json.loads(double.body)


def test_a_reply_to_another_question_is_told_apart(double: Double) -> None:
    first, second = double.ask(), double.ask()
    with pytest.raises(NotBound):
        double.open(first, double.reply(second))


@pytest.mark.parametrize(("way", "sign"), wrong_ways(D_THEIRS).items(), ids=wrong_ways(D_THEIRS).keys())
def test_a_reply_signed_wrongly_is_refused(double: Double, way: str, sign: Sign) -> None:
    prepared = double.ask()
    code = "signature_malformed" if way in ("DER", "too short") else "signature_invalid"
    with pytest.raises(BadSignature, match=code):
        double.open(prepared, double.reply(prepared, sign))


def test_the_way_the_wrong_ones_are_made_is_right(double: Double) -> None:
    prepared = double.ask()
    right = double.reply(prepared, lambda data: made(D_THEIRS, sm2.digest(sm2.public_of(D_THEIRS), data)))
    assert double.open(prepared, right).tree is not None


@pytest.mark.parametrize("sign", wrong_ways(D_OURS).values(), ids=wrong_ways(D_OURS).keys())
def test_a_request_signed_wrongly_is_refused(folders: Any, sign: Sign) -> None:
    double = Double(folders[AUTHORITY], dialect(folders[AUTHORITY], "http://permits.example", Wrongly(sign)))
    with pytest.raises(SignatureRefused, match="does not verify"):
        double.check(double.ask())


def test_an_altered_message_is_refused_on_either_side(double: Double) -> None:
    prepared = double.ask()
    with pytest.raises(SignatureRefused):
        double.check(replace(prepared, body=prepared.body + b" "))
    with pytest.raises(SignatureRefused):
        double.check(replace(prepared, url=URL("http://permits.example:8443/jzz/v1/other")))
    reply = double.reply(prepared)
    with pytest.raises(BadSignature, match="digest"):
        double.open(prepared, replace(reply, body=reply.body + b" "))


def test_an_algorithm_named_otherwise_than_the_key_is_refused(double: Double) -> None:
    prepared = double.ask()
    renamed = {**prepared.headers, "Signature-Input": prepared.headers["Signature-Input"].replace("sm2-sm3", "ed25519")}
    with pytest.raises(SignatureRefused, match="algorithm"):
        double.check(replace(prepared, headers=renamed))


@pytest.fixture
async def permits(folders: Any, cast: Any, scenarios: Any) -> AsyncIterator[Any]:
    async with start(folders, cast, {(AUTHORITY, "share"): IDENTITY}, scenarios=scenarios) as mocks:
        yield mocks


async def exchanged(folders: Any, permits: Any, citizen_id: str, signer: Any, verifier: Any) -> tuple[Reply, Opened]:
    ours = dialect(folders[AUTHORITY], permits.url(AUTHORITY, "share"), signer, verifier)
    async with Wire() as wire:
        prepared = ours.prepare("permit", *question(citizen_id), "r-1")
        reply = await wire.post(prepared.url, prepared.headers, prepared.body, limit=65536)
        return reply, ours.open("permit", prepared, reply)


async def test_the_real_mock_answers_over_a_socket(folders: Any, cast: Any, permits: Any) -> None:
    person = cast.people["P12"].citizen_id
    reply, opened = await exchanged(folders, permits, person, SIGNER, VERIFIER)
    assert (reply.status, opened.tree["code"]) == (200, "0")
    assert 'keyid="permit-sm2";alg="sm2-sm3"' in reply.headers["Signature-Input"]


async def test_the_real_mock_refuses_what_is_not_sm2_or_not_ours(folders: Any, cast: Any, permits: Any) -> None:
    person = cast.people["P12"].citizen_id
    for wrong in (keys.signer("gateway-sm2", keys.new_ed25519()[0]), Wrongly(lambda data: sm2.sign(D_THEIRS, data))):
        reply, opened = await exchanged(folders, permits, person, wrong, VERIFIER)
        assert (reply.status, opened.tree) == (401, None)


async def test_we_refuse_a_reply_by_another_sm2_key(folders: Any, cast: Any, permits: Any) -> None:
    another = keys.verifier("permit-sm2", keys.new_sm2()[1])
    with pytest.raises(BadSignature, match="signature_invalid"):
        await exchanged(folders, permits, cast.people["P12"].citizen_id, SIGNER, another)
