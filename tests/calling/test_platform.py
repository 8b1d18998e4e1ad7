"""The platform's dialect on both wires: what a reply must look like before anything in it is read."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from yarl import URL

from gateway.calling.dialect import Dialect, Opened
from gateway.calling.platform import PlatformRest, PlatformSoap, Seal
from gateway.calling.rest import RestCall
from gateway.calling.secrets import SecretKeeper
from gateway.calling.soap import SoapCall, xml_reader
from gateway.calling.tasks import Tasks
from gateway.calling.wire import Reply
from gateway.contract.folders import load_authorities, shipped
from gateway.contract.openapi import RestInterface
from gateway.contract.wsdl import SOAP_ENV, SoapInterface
from gateway.errors import BadReply, BadSignature, ConfigFault
from gateway.mapping.requests import compile_request
from gateway.model import Check, Person
from gateway.security.platform import Standing
from tests.still import START_UNIX, StillClock

from .doubles import DAY, WHO, Platform, intent, keeper, reply

FOLDER = load_authorities(shipped())["social_insurance"]
STANDING = Standing("gjgxjhpt", "rid-1", "sid-1")
XML, JSON = "text/xml; charset=utf-8", "application/json"
NWS = "http://nws.hrss.example/services/NwsExchange"
NOBODY = "<response><head><rc>1</rc><rm>0503</rm></head></response>"
GOOD: dict[str, Any] = {"code": "0", "message": "成功", "data": {"ryxx": []}}


@pytest.fixture
async def kept() -> AsyncIterator[SecretKeeper]:
    async with Tasks() as tasks:
        made = keeper(Platform(StillClock()), tasks)
        await made.ready()
        yield made


def rest(kept: SecretKeeper) -> Dialect:
    interface = FOLDER.interfaces["share"]
    assert isinstance(interface, RestInterface)
    operation = interface.operations["queryInsuranceMonths"]
    call = RestCall(operation, compile_request(FOLDER.mapping.operations["share_months"]), URL("http://h/httpproxy"))
    return PlatformRest({"share_months": call}, {}, Seal(STANDING, kept, StillClock()), StillClock())


def soap(kept: SecretKeeper) -> Dialect:
    interface, documents = FOLDER.interfaces["query"], FOLDER.documents["query"]
    assert isinstance(interface, SoapInterface)
    request = compile_request(FOLDER.mapping.operations["query_months"])
    call = SoapCall(interface.operations["nwsReceive"], request, xml_reader(documents["response"]), documents)
    url = URL("http://h" + interface.path)
    return PlatformSoap(
        url, {"query_months": call}, {"system_code": "EE"}, Seal(STANDING, kept, StillClock()), StillClock()
    )


def named() -> dict[str, str]:
    return STANDING.signed("s1", START_UNIX).named("gjgxjhpt")


def opened_rest(kept: SecretKeeper, body: bytes | str, content_type: str = JSON) -> Opened:
    return rest(kept).open("share_months", _prepared(rest(kept), "share_months"), _reply(body, content_type, named()))


def opened_soap(kept: SecretKeeper, envelope: bytes | str, content_type: str = XML) -> Opened:
    return soap(kept).open("query_months", _prepared(soap(kept), "query_months"), _reply(envelope, content_type, {}))


def _reply(body: bytes | str, content_type: str, values: dict[str, str], status: int = 200) -> Reply:
    return reply(body, status, headers={"Content-Type": content_type} | values)


def _prepared(dialect: Dialect, operation: str, who: Person = WHO) -> Any:
    return dialect.prepare(operation, Check("a", "q", {"person": who}, DAY, year=2018), intent(), "r-1")


def header(values: dict[str, str] | None = None) -> str:
    held = "".join(f"<{name}>{value}</{name}>" for name, value in (values or named()).items())
    return f"<tongtechheader>{held}</tongtechheader>"


def envelope(held: str | None = None, body: str | None = None, more: str = "") -> str:
    string = NOBODY.replace("<", "&lt;")
    wrapper = (
        f'<n:nwsReceiveResponse xmlns:n="{NWS}"><nwsReceiveReturn>{string}</nwsReceiveReturn></n:nwsReceiveResponse>'
    )
    return (
        f'<e:Envelope xmlns:e="{SOAP_ENV}"><e:Header>{header() if held is None else held}</e:Header>'
        f"<e:Body>{wrapper if body is None else body}</e:Body>{more}</e:Envelope>"
    )


async def test_replies_as_agreed(kept: SecretKeeper) -> None:
    assert opened_rest(kept, json.dumps(GOOD)) == Opened(200, GOOD)
    assert opened_soap(kept, envelope()) == Opened(200, {"head": {"rc": "1", "rm": "0503"}})


async def test_gb_bytes_where_they_are_declared(kept: SecretKeeper) -> None:
    body = json.dumps(GOOD, ensure_ascii=False).encode("gb18030")
    assert opened_rest(kept, body, "application/json;charset=GBK") == Opened(200, GOOD)
    with pytest.raises(BadReply, match="json_encoding"):
        opened_rest(kept, body)
    with pytest.raises(BadReply, match="the bytes are UTF-8"):
        opened_rest(kept, json.dumps(GOOD, ensure_ascii=False), "application/json;charset=GBK")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (json.dumps(GOOD), "text/plain"),
        (json.dumps(GOOD), ""),
        ("", JSON),
        ("<html>", JSON),
        ('{"code": "0"}', JSON),
        ('{"code":"0","code":"0","message":""}', JSON),
    ],
)
async def test_rest_bodies_that_are_not_what_the_interface_promises(
    kept: SecretKeeper, body: str, content_type: str
) -> None:
    with pytest.raises(BadReply):
        opened_rest(kept, body, content_type)


async def test_who_signed_comes_before_what_is_said(kept: SecretKeeper) -> None:
    with pytest.raises(BadSignature):
        rest(kept).open("share_months", _prepared(rest(kept), "share_months"), _reply("", JSON, {}))


@pytest.mark.parametrize("status", [401, 403, 429, 500, 502])
async def test_other_statuses_are_for_the_contract_to_read(kept: SecretKeeper, status: int) -> None:
    refused = _reply("<html>", "text/html", {}, status)
    assert rest(kept).open("share_months", _prepared(rest(kept), "share_months"), refused) == Opened(status)
    assert soap(kept).open("query_months", _prepared(soap(kept), "query_months"), refused) == Opened(status)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("<faultcode>e:Client</faultcode><faultstring>x</faultstring>", "Client"),
        ("<faultcode> Server </faultcode>", "Server"),
        ("<faultstring>x</faultstring>", None),
    ],
)
async def test_a_fault_is_its_code(kept: SecretKeeper, fault: str, code: str | None) -> None:
    body = _reply(envelope("", f"<e:Fault>{fault}</e:Fault>"), XML, {}, 500)
    assert soap(kept).open("query_months", _prepared(soap(kept), "query_months"), body) == Opened(500, fault=code)


WRAPPER = f'<n:nwsReceiveResponse xmlns:n="{NWS}"><nwsReceiveReturn>%s</nwsReceiveReturn></n:nwsReceiveResponse>'


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("", BadReply),
        ("<html><body>login</body></html>", BadReply),
        (f'<e:Envelope xmlns:e="{SOAP_ENV}"/>', BadReply),
        (f'<e:Envelope xmlns:e="{SOAP_ENV}"><e:Body/></e:Envelope>', BadSignature),
        (envelope(held=""), BadSignature),
        (envelope(held=header() * 2), BadSignature),
        (envelope(held=header(named() | {"gjgxjhpt_sign": "AAAA"})), BadSignature),
        (envelope(held=header().replace("</tong", "<gjgxjhpt_rid>rid-1</gjgxjhpt_rid></tong")), BadSignature),
        (envelope(held=header().replace("rid-1", "<b>rid-1</b>")), BadSignature),
        (envelope(held=header().replace("tongtechheader", "other")), BadSignature),
        (envelope(held="", body=header() + WRAPPER % ""), BadSignature),
        (envelope(more="<e:Body/>"), BadSignature),
        (envelope(held=header() + "<e:Body/>"), BadSignature),
        (envelope(body=""), BadReply),
        (envelope(body=WRAPPER % "" * 2), BadReply),
        (envelope(body=WRAPPER % "<b/>"), BadReply),
        (envelope(body=WRAPPER % "java.lang.NullPointerException"), BadReply),
        (envelope(body=WRAPPER % ""), BadReply),
        (envelope().replace("nwsReceiveResponse", "nwsReceive"), BadReply),
    ],
)
async def test_soap_replies_that_are_not_as_agreed(
    kept: SecretKeeper, text: str, trouble: type[BadReply | BadSignature]
) -> None:
    with pytest.raises(trouble):
        opened_soap(kept, text)


async def test_soap_of_another_content_type_is_not_read(kept: SecretKeeper) -> None:
    with pytest.raises(BadReply, match="content type"):
        opened_soap(kept, envelope(), "text/plain; charset=utf-8")


async def test_a_question_that_xml_cannot_carry_is_not_sent(kept: SecretKeeper) -> None:
    with pytest.raises(ConfigFault, match="XML cannot carry"):
        _prepared(soap(kept), "query_months", Person("2299\x00", "x"))


async def test_each_request_is_signed_with_the_newest_secret_at_its_own_time(kept: SecretKeeper) -> None:
    first = _prepared(rest(kept), "share_months").headers
    assert {name: first[name] for name in named()} == named()
    await kept.renewed(kept.current)
    second = _prepared(rest(kept), "share_months").headers
    assert second["gjgxjhpt_sign"] == STANDING.signed("s2", START_UNIX).sign != first["gjgxjhpt_sign"]


async def test_a_reply_by_the_secret_of_its_request_or_a_newer_one_but_never_an_older(kept: SecretKeeper) -> None:
    dialect, good = rest(kept), json.dumps(GOOD)
    first = _prepared(dialect, "share_months")
    await kept.renewed(kept.current)
    second = _prepared(dialect, "share_months")
    by_newer = STANDING.signed("s2", START_UNIX).named("gjgxjhpt")
    for request, values in ((first, named()), (first, by_newer), (second, by_newer)):
        assert dialect.open("share_months", request, _reply(good, JSON, values)) == Opened(200, GOOD)
    with pytest.raises(BadSignature, match="none of our secrets"):
        dialect.open("share_months", second, _reply(good, JSON, named()))
    assert "s1" not in repr(first.binding) + repr(second.binding)
