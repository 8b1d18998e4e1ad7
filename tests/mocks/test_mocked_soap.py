"""SOAP mocks over real sockets: as a stock zeep client sees them, and what they refuse."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import xmlsec
import zeep
from lxml import etree
from zeep.transports import Transport
from zeep.wsse.signature import BinarySignature, MemorySignature
from zeep.wsse.utils import WSU, get_security_header

from gateway.clock import SystemClock, from_unix
from gateway.contract.scenarios import Scenario
from mocks import envelope
from mocks.envelope import SOAP, WSSE, tag
from mocks.server import start
from mocks.ws_security import WSU as WSU_NS
from mocks.ws_security import WsSecurity
from tests.mocks.asking import CLOCK, Keys, certificate, private_pem

STRANGER = "229901199001010999"
ACCOUNT = {"pcsbm": "229901010000", "sbh": "dev-1", "md5": "x"}
PATH = "/services/RkxxService"
DS = "{http://www.w3.org/2000/09/xmldsig#}"


class LoopbackOnly(Transport):
    """Refuses every other host: a test never leaves the machine."""

    def load(self, url: str) -> bytes:
        assert url.startswith("http://127.0.0.1:")
        return super().load(url)

    def post(self, address: str, message: bytes, headers: Any) -> Any:
        assert address.startswith("http://127.0.0.1:")
        return super().post(address, message, headers)


class Secured:
    """WS-Security as zeep ships it: a Timestamp, then its binary token signature over Body and Timestamp."""

    def __init__(self, folder: Path, key: bytes, certificate_pem: bytes, theirs: bytes) -> None:
        (folder / "key.pem").write_bytes(key)
        (folder / "certificate.pem").write_bytes(certificate_pem)
        self.ours = BinarySignature(
            str(folder / "key.pem"), str(folder / "certificate.pem"), None,
            xmlsec.constants.TransformEcdsaSha256, xmlsec.constants.TransformSha256,
        )  # fmt: skip
        self.theirs = MemorySignature(key, theirs)

    def apply(self, message: Any, headers: Any) -> Any:
        now = from_unix(CLOCK.unix()).replace(microsecond=0)
        stamp = WSU.Timestamp(WSU.Created(now.isoformat()), WSU.Expires((now + timedelta(seconds=60)).isoformat()))
        get_security_header(message).append(stamp)
        return self.ours.apply(message, headers)

    def verify(self, message: Any) -> Any:
        # Faults come without security, as Axis sends them; zeep would stumble over that before it raised the Fault.
        return message if next(message.iter(tag(SOAP, "Fault")), None) is not None else self.theirs.verify(message)


def called(url: str, security: Any, operation: str, arguments: dict[str, str]) -> Any:
    """One call by a stock zeep client, from the WSDL on."""
    transport = LoopbackOnly(timeout=5, operation_timeout=5)
    with transport.session:
        client = zeep.Client(url, transport=transport, wsse=security)
        return client.service[operation](**arguments)


@pytest.fixture
def secured(tmp_path, keys) -> Secured:
    identity = keys.soap()
    mine = private_pem(keys.soap_caller)
    return Secured(tmp_path, mine, identity.caller_certificate_pem, identity.certificate_pem)


@pytest.fixture
def url(mocks) -> str:
    return mocks.document_url("household_registry", "query")


async def test_a_stock_client_loads_the_wsdl_and_asks(url, secured, cast):
    person = cast.people["P03"]
    arguments = {**ACCOUNT, "sfzh": person.citizen_id, "type": "1"}
    reply = json.loads(await asyncio.to_thread(called, url, secured, "queryRkjbxxBysfz", arguments))
    (record,) = reply["list"]
    assert (record["GMSFHM"], record["XM"]) == (person.citizen_id, person.name)
    assert (record["XB"], record["CSRQ"]) == ("1", "20120601")


@pytest.mark.parametrize(
    ("operation", "contract", "numbers", "scenario"),
    [
        ("queryQgRkjbxxBysfz", "national", {"sfzh": "P01"}, "registered"),
        ("queryQgRkjbxxBysfz", "national", {"sfzh": ""}, "nobody"),
        ("queryRkjbxxBysfz", "person", {"sfzh": "M42"}, "history_first"),
        ("queryRkjbxxBysfz", "person", {"sfzh": ""}, "nobody"),
        ("queryThzmBysfz", "same_household", {"sfzh1": "P03", "sfzh2": "P01"}, "same_household"),
        ("queryThzmBysfz", "same_household", {"sfzh1": "P03", "sfzh2": "P15"}, "different_households"),
        ("queryRkjbxxQsgxBysfz", "direct_kin", {"sfzh1": "M11", "sfzh2": "A11"}, "kin"),
        ("queryRkjbxxQsgxBysfz", "direct_kin", {"sfzh1": "", "sfzh2": "A11"}, "not_kin"),
    ],
)  # fmt: skip
async def test_each_operation_answers(mocks, url, secured, cast, operation, contract, numbers, scenario):
    given = {part: cast.people[key].citizen_id if key else STRANGER for part, key in numbers.items()}
    kind = {} if contract == "national" else {"type": "1"}
    reply = json.loads(await asyncio.to_thread(called, url, secured, operation, {**ACCOUNT, **given, **kind}))
    assert reply["success"] is True
    assert reply["totalCount"] == len(reply["list"])
    (entry,) = mocks.journals["household_registry"]
    assert (entry.operation, entry.scenario, entry.status) == (contract, scenario, 200)
    assert entry.people == tuple(key or "-" for key in numbers.values())


async def test_exception_text_comes_as_the_string(url, secured, cast):
    arguments = {**ACCOUNT, "sfzh": cast.people["T23"].citizen_id, "type": "1"}
    reply = await asyncio.to_thread(called, url, secured, "queryRkjbxxBysfz", arguments)
    assert reply.startswith("java.sql.SQLException")


async def test_an_unsigned_call_gets_the_declared_fault(mocks, url):
    arguments = {**ACCOUNT, "sfzh": STRANGER, "type": "1"}
    with pytest.raises(zeep.exceptions.Fault) as caught:
        await asyncio.to_thread(called, url, None, "queryRkjbxxBysfz", arguments)
    assert caught.value.code == "wsse:InvalidSecurity"
    (entry,) = mocks.journals["household_registry"]
    assert (entry.outcome, entry.status) == ("refused: signature", 500)


async def test_another_key_gets_the_declared_fault(url, tmp_path, keys):
    other = Keys()
    identity = keys.soap()
    stranger = Secured(
        tmp_path, private_pem(other.soap_caller), certificate(other.soap_caller, "x"), identity.certificate_pem
    )
    with pytest.raises(zeep.exceptions.Fault) as caught:
        await asyncio.to_thread(called, url, stranger, "queryRkjbxxBysfz", {**ACCOUNT, "sfzh": STRANGER, "type": "1"})
    assert caught.value.code == "wsse:FailedCheck"


async def test_a_scenarios_fault_is_given_as_its_code(url, secured, cast):
    for key, code in (("T24", "wsse:FailedCheck"), ("T27", "soapenv:Server")):
        arguments = {**ACCOUNT, "sfzh": cast.people[key].citizen_id, "type": "1"}
        with pytest.raises(zeep.exceptions.Fault) as caught:
            await asyncio.to_thread(called, url, secured, "queryRkjbxxBysfz", arguments)
        assert caught.value.code == code


class Raw:
    """Messages by hand, signed as the caller by the mock's own signer, so that each part can be made wrong."""

    def __init__(self, session: Any, url: str, keys: Keys) -> None:
        identity = keys.soap()
        self.session = session
        self.url = url
        as_caller = replace(
            identity, private_pem=private_pem(keys.soap_caller), certificate_pem=identity.caller_certificate_pem
        )
        self.clock = Shifted()
        self.signer = WsSecurity(as_caller, self.clock)

    def message(self, folders: Any, number: str = STRANGER, operation: str = "queryRkjbxxBysfz") -> Any:
        interface = folders["household_registry"].interfaces["query"].operations[operation]
        root, body = envelope._envelope()
        wrapper = etree.SubElement(body, tag(interface.namespace, operation))
        for part in interface.parts:
            etree.SubElement(wrapper, part).text = {**ACCOUNT, "type": "1"}.get(part, number)
        return root

    def signed(self, folders: Any, **wanted: Any) -> Any:
        root = self.message(folders, **wanted)
        self.signer.protect(root)
        # As it would arrive: parsed from bytes.
        return etree.fromstring(envelope.serialised(root))

    async def send(self, message: Any, action: str = "") -> tuple[int, str, str]:
        """Status, fault code and fault string (empty when it is no fault)."""
        data = message if isinstance(message, bytes) else envelope.serialised(message)
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'}
        async with self.session.post(self.url, data=data, headers=headers) as response:
            reply = await response.read()
            if response.status == 599:
                return 599, "", reply.decode()
            root = etree.fromstring(reply)
            return response.status, root.findtext(".//faultcode") or "", root.findtext(".//faultstring") or ""


class Shifted(SystemClock):
    """The machine's clock, moved."""

    shift = 0.0

    def unix(self) -> float:
        return super().unix() + self.shift


@pytest.fixture
def raw(mocks, caller, keys) -> Raw:
    return Raw(caller.session, mocks.url("household_registry", "query") + PATH, keys)


def find(root: Any, namespace: str, name: str) -> Any:
    return next(root.iter(tag(namespace, name)))


def altered_body(root: Any) -> None:
    find(root, SOAP, "Body")[0][3].text = "229901198805121012"


def altered_timestamp(root: Any) -> None:
    expires = find(root, WSU_NS, "Expires")
    expires.text = expires.text.replace("Z", "+00:00")


def no_timestamp(root: Any) -> None:
    stamp = find(root, WSU_NS, "Timestamp")
    stamp.getparent().remove(stamp)


def two_timestamps(root: Any) -> None:
    stamp = find(root, WSU_NS, "Timestamp")
    copy = etree.fromstring(etree.tostring(stamp))
    copy.set(tag(WSU_NS, "Id"), "other")
    stamp.addnext(copy)


def id_twice(root: Any) -> None:
    find(root, SOAP, "Body")[0].set("Id", "Body")


def moved_body(root: Any) -> None:
    """Signature wrapping: the signed Body hides in the Header, another one is read."""
    body = find(root, SOAP, "Body")
    other = etree.fromstring(etree.tostring(body))
    other[0][3].text = "229901198805121012"
    other.set(tag(WSU_NS, "Id"), "other")
    body.addnext(other)
    etree.SubElement(root[0], "hidden").append(body)


def only_body_signed(root: Any) -> None:
    reference = root.findall(f".//{DS}Reference")[1]
    reference.getparent().remove(reference)


def weak_digest(root: Any) -> None:
    root.find(f".//{DS}DigestMethod").set("Algorithm", "http://www.w3.org/2000/09/xmldsig#sha1")


def weak_signature(root: Any) -> None:
    root.find(f".//{DS}SignatureMethod").set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")


def other_transform(root: Any) -> None:
    root.find(f".//{DS}Transform").set("Algorithm", "http://www.w3.org/2000/09/xmldsig#enveloped-signature")


def key_elsewhere(root: Any) -> None:
    next(root.iter(tag(WSSE, "Reference"))).set("URI", "#Elsewhere")


def token_not_base64(root: Any) -> None:
    find(root, WSSE, "BinarySecurityToken").text = "***"


def token_of_another_kind(root: Any) -> None:
    find(root, WSSE, "BinarySecurityToken").set("ValueType", "urn:x")


def unreadable_time(root: Any) -> None:
    find(root, WSU_NS, "Created").text = "soon"


def token_without_id(root: Any) -> None:
    del find(root, WSSE, "BinarySecurityToken").attrib[tag(WSU_NS, "Id")]


def changed_value(root: Any) -> None:
    value = root.find(f".//{DS}SignatureValue")
    value.text = value.text.strip()[::-1].lstrip("=") + "=="


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (altered_body, "FailedCheck"), (altered_timestamp, "FailedCheck"), (changed_value, "FailedCheck"),
        (no_timestamp, "InvalidSecurity"), (two_timestamps, "InvalidSecurity"), (id_twice, "InvalidSecurity"),
        (only_body_signed, "InvalidSecurity"), (weak_digest, "InvalidSecurity"), (weak_signature, "InvalidSecurity"),
        (other_transform, "InvalidSecurity"), (key_elsewhere, "InvalidSecurity"), (token_not_base64, "InvalidSecurity"),
        (token_of_another_kind, "InvalidSecurity"), (unreadable_time, "InvalidSecurity"),
        (token_without_id, "InvalidSecurity"), (moved_body, "InvalidSecurity"),
    ],
)  # fmt: skip
async def test_a_changed_message_is_refused(raw, folders, change, code):
    message = raw.signed(folders)
    assert await raw.send(message) == (200, "", "")
    change(message)
    status, fault, why = await raw.send(message)
    assert (status, fault) == (500, f"wsse:{code}")
    assert STRANGER not in why


@pytest.mark.parametrize(("shift", "allowed"), [(-200, False), (200, False), (-123, True), (3, True)])
async def test_only_messages_of_now_are_taken(raw, folders, shift, allowed):
    raw.clock.shift = shift
    status, fault, _ = await raw.send(raw.signed(folders))
    assert (status, fault) == ((200, "") if allowed else (500, "wsse:FailedCheck"))


async def test_a_message_may_not_live_longer_than_300_seconds(raw, folders, monkeypatch):
    monkeypatch.setattr("mocks.ws_security.REPLY_SECONDS", 301)
    assert (await raw.send(raw.signed(folders)))[1] == "wsse:FailedCheck"


async def test_what_the_wsdl_does_not_ask_for_is_a_client_fault(raw, folders):
    missing = raw.message(folders)
    missing[1][0].remove(missing[1][0][0])
    unknown = raw.message(folders)
    unknown[1][0].tag = "{urn:x}other"
    two = raw.message(folders)
    two[1].append(etree.fromstring(etree.tostring(two[1][0])))
    for message in (missing, unknown, two):
        raw.signer.protect(message)
        assert (await raw.send(message))[:2] == (500, "soapenv:Client")
    for data in (b"<not xml", b"<!DOCTYPE a><a/>", b"<a/>"):
        assert (await raw.send(data))[:2] == (500, "soapenv:Client")
    assert (await raw.send(raw.signed(folders), action="urn:queryThzmBysfz"))[:2] == (500, "soapenv:Client")
    assert (await raw.send(raw.signed(folders), action="urn:queryRkjbxxBysfz"))[0] == 200


async def test_a_machine_in_front_answers_bare(raw, mocks, caller, cast, folders):
    message = envelope.serialised(raw.signed(folders, number=cast.people["T29"].citizen_id))
    async with caller.session.post(raw.url, data=message, headers={"Content-Type": "text/xml"}) as response:
        assert (response.status, response.content_type) == (502, "text/html")


async def test_other_media_types_and_plain_gets(raw, caller):
    async with caller.session.post(raw.url, data=b"{}", headers={"Content-Type": "application/json"}) as response:
        assert response.status == 415
    async with caller.session.get(raw.url) as response:
        assert "wsdl" in await response.text()
    async with caller.session.put(raw.url) as response:
        assert response.status == 405


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario(means="answered", reply={"success": True}),
        Scenario(means="answered", status=404, reply={"success": True}),
        Scenario(means="bad_reply", text="a character that XML cannot carry: \x01"),
    ],
)
async def test_the_mocks_own_trouble_is_599(raw, folders, cast, scenarios, keys, scenario):
    person = dict(scenarios["household_registry"]["person"]) | {"nobody": scenario}
    operations = dict(scenarios["household_registry"]) | {"person": person}
    broken = dict(scenarios) | {"household_registry": operations}
    async with start(folders, cast, {("household_registry", "query"): keys.soap()}, scenarios=broken) as mocks:
        raw.url = mocks.url("household_registry", "query") + PATH
        status, _, why = await raw.send(raw.signed(folders))
        assert status == 599
        assert STRANGER not in why
