"""SOAP signed by WS-Security: prepared and opened against a test registry that signs with xmlsec."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lxml import etree
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from gateway.calling.dialect import Opened, Prepared
from gateway.calling.soap import SignedSoap, SoapCall, json_reader
from gateway.calling.wire import Reply
from gateway.contract import xml
from gateway.contract.folders import load_folder, shipped
from gateway.contract.wsdl import SoapInterface
from gateway.errors import BadReply, BadSignature, ConfigFault
from gateway.mapping.requests import compile_request
from gateway.model import Person
from tests.calling.asked import CHILD, check, intent
from tests.security.soap_keys import SOAP, Message, Party
from tests.still import START_UNIX, StillClock

FOLDER = load_folder(shipped() / "authorities" / "household_registry", [])
assert FOLDER is not None
INTERFACE = FOLDER.interfaces["query"]
assert isinstance(INTERFACE, SoapInterface)
OPERATION = INTERFACE.operations["queryQgRkjbxxBysfz"]
OURS, THEIRS, OTHERS = Party.elliptic(), Party.elliptic(), Party.elliptic()
ACCOUNT = {"pcsbm": "229901000000", "sbh": "TEST-1", "md5": "0" * 32}
NOBODY: dict[str, Any] = {"success": True, "message": "", "list": [], "totalCount": 0}


@pytest.fixture
def soap():
    read = json_reader(FOLDER.payloads["query"]["national"])
    call = SoapCall(OPERATION, compile_request(FOLDER.mapping.operations["national"]), read)
    url = URL("http://registry.example/services/RkxxService")
    return SignedSoap(url, {"national": call}, ACCOUNT, OURS.signer, THEIRS.verifier, StillClock())


def prepared(soap: SignedSoap, person: Person = CHILD) -> Prepared:
    return soap.prepare("national", check(about={"person": person}), intent(), "r-1")


def wrapped(text: str, name: str = OPERATION.name, part: str = OPERATION.reply_part) -> str:
    held = f'<{part} xsi:type="xsd:string">{xml.escape(text)}</{part}>'
    return f'<ns1:{name}Response xmlns:ns1="{OPERATION.namespace}">{held}</ns1:{name}Response>'


def came(body: bytes, status: int = 200, media_type: str = "text/xml; charset=utf-8") -> Reply:
    return Reply(status, CIMultiDictProxy(CIMultiDict({"Content-Type": media_type})), body)


def reply(inside: str, party: Party = THEIRS, status: int = 200, **message: Any) -> Reply:
    body = etree.tostring(Message(party, inside=inside, **message).envelope())
    return came(body, status)


def opened(soap: SignedSoap, answer: Reply) -> Opened:
    return soap.open("national", prepared(soap), answer)


def test_a_request_is_a_signed_message_of_the_wsdl(soap):
    request = prepared(soap)
    assert dict(request.headers) == {
        "Content-Type": "text/xml; charset=utf-8", "SOAPAction": '"urn:queryQgRkjbxxBysfz"',
    }  # fmt: skip
    (child,) = OURS.verifier.verified_body(xml.parse(request.body), START_UNIX)
    assert OPERATION.request_schema.faults(etree.fromstring(etree.tostring(child))) == []
    assert {part.tag: part.text for part in child} == ACCOUNT | {"sfzh": CHILD.citizen_id}
    assert CHILD.citizen_id not in str(request.url) + str(request.headers)


@pytest.mark.parametrize("text", ["</sfzh><type>2</type>", "' or 1=1 --", "]]>", "<![CDATA[x]]>", "&amp;", "<!-- -->"])
def test_text_is_text_whatever_it_says(soap, text):
    (child,) = xml.parse(prepared(soap, Person(text, "样例")).body)[1]
    assert [part.tag for part in child] == list(OPERATION.parts)
    assert child[-1].text == text


def test_a_character_that_xml_cannot_carry_is_not_sent(soap):
    with pytest.raises(ConfigFault):
        prepared(soap, Person("\x01", "样例"))


def test_a_reply_is_verified_and_its_string_read(soap):
    assert opened(soap, reply(wrapped(json.dumps(NOBODY)))) == Opened(200, NOBODY)


def test_a_long_reply_is_read_to_the_contracts_limit(soap):
    text = json.dumps(NOBODY) + " " * 1_100_000
    assert opened(soap, reply(wrapped(text))).tree == NOBODY


@pytest.mark.parametrize("status", [201, 302, 400, 404, 429, 502, 503, 504])
def test_another_status_is_a_bare_status(soap, status):
    assert opened(soap, reply(wrapped(json.dumps(NOBODY)), status=status)) == Opened(status)


def test_an_altered_reply_and_another_partys_are_bad_signatures(soap):
    good = reply(wrapped(json.dumps(NOBODY)))
    altered = came(good.body.replace(b"true", b"True"))
    for answer in (altered, reply(wrapped("{}"), OTHERS), reply(wrapped("{}"), created=START_UNIX - 1000)):
        with pytest.raises(BadSignature):
            opened(soap, answer)


def test_our_own_request_sent_back_is_no_reply(soap):
    request = prepared(soap)
    with pytest.raises(BadSignature):
        opened(soap, came(request.body))


def test_a_fault_at_status_200_is_no_answer(soap):
    fault = "<s:Fault><faultcode>s:Server</faultcode><faultstring>x</faultstring></s:Fault>"
    with pytest.raises(BadReply, match="not what the WSDL promises"):
        opened(soap, reply(fault))


@pytest.mark.parametrize(
    "inside",
    [
        "",
        wrapped("{}") + wrapped("{}"),
        wrapped("{}", name="queryThzmBysfz"),
        wrapped("{}", part="other"),
        wrapped("java.sql.SQLException: ORA-01013"),
        wrapped(""),
        wrapped('{"success": true, "message": "", "list": [], "totalCount": 0, "more": 1}'),
        wrapped('{"success": true, "success": false}'),
        wrapped("NaN"),
        wrapped("{}").replace("{}", "{<?theirs?>}"),
    ],
)
def test_theirs_and_not_what_was_promised(soap, inside):
    with pytest.raises(BadReply):
        opened(soap, reply(inside))


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"<!DOCTYPE a><a/>", "<a>测试</a>".encode("gbk"), b"<a" * 9])
def test_what_is_not_xml_is_a_bad_reply(soap, body):
    with pytest.raises(BadReply, match="not XML"):
        opened(soap, came(body))


def test_another_content_type_is_a_bad_reply(soap):
    good = reply(wrapped(json.dumps(NOBODY)))
    for media_type in ("", "text/html", "application/json"):
        with pytest.raises(BadReply, match="content type"):
            opened(soap, came(good.body, 200, media_type))


def test_a_message_that_older_peers_write_in_gb_is_verified_and_read(soap):
    good = reply(wrapped(json.dumps(NOBODY | {"message": "没有"}, ensure_ascii=False)))
    text = etree.tostring(etree.fromstring(good.body), encoding="unicode")
    data = ('<?xml version="1.0" encoding="GBK"?>' + text).encode("gb18030")
    assert opened(soap, came(data)).tree == NOBODY | {"message": "没有"}


FAULT = '<s:Envelope xmlns:s="%s"><s:Body><s:Fault>%s<faultstring>x</faultstring></s:Fault></s:Body></s:Envelope>'


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (FAULT % (SOAP, "<faultcode>s:Server</faultcode>"), "Server"),
        (FAULT % (SOAP, "<faultcode> wsse:FailedCheck </faultcode>"), "FailedCheck"),
        (FAULT % (SOAP, "<faultcode>Client</faultcode>"), "Client"),
        (FAULT % (SOAP, "<faultcode><a/></faultcode>"), None),
        (FAULT % (SOAP, ""), None),
        (FAULT % ("urn:other", "<faultcode>s:Server</faultcode>"), None),
        ("<html>500</html>", None),
        ("not XML", None),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', None),
    ],
)
def test_a_fault_is_known_by_the_local_part_of_its_code(soap, body, fault):
    answer = came(body.encode(), 500)
    assert opened(soap, answer) == Opened(500, fault=fault)
