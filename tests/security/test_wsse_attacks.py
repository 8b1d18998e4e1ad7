"""Attacks on WS-Security: a good message, changed in one way, is refused whatever the change."""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable
from types import FunctionType
from typing import Any

import pytest
from lxml import etree

from tests.security.soap_keys import DS, ID, NAMES, NOW, SOAP, WSSE, Message, Party
from tests.security.test_wsse import ELLIPTIC as PARTY
from tests.security.test_wsse import refusal as refused
from tests.security.test_wsse import verify


def find(envelope: Any, path: str) -> Any:
    return envelope.find(path, NAMES)


def wrapped(into: Callable[[Any, Any], None]) -> Callable[[Any], None]:
    """Signature wrapping: the signed Body is moved to where nobody reads it, another one stands in its place."""

    def attack(envelope: Any) -> None:
        body = find(envelope, "s:Body")
        evil = copy.deepcopy(body)
        find(evil, ".//a").text = "evil"
        envelope.replace(body, evil)
        into(envelope, body)

    return attack


def _in_header(envelope: Any, body: Any) -> None:
    etree.SubElement(find(envelope, "s:Header"), "{urn:x}Wrapper").append(body)


def _in_header_evil_without_id(envelope: Any, body: Any) -> None:
    _in_header(envelope, body)
    del find(envelope, "s:Body").attrib[ID]


def _in_header_evil_with_another_id(envelope: Any, body: Any) -> None:
    _in_header(envelope, body)
    find(envelope, "s:Body").set(ID, "Evil")


def _beside(envelope: Any, body: Any) -> None:
    envelope.append(body)


def _before(envelope: Any, body: Any) -> None:
    envelope.insert(1, body)


def _inside_evil(envelope: Any, body: Any) -> None:
    find(envelope, "s:Body").append(body)


def _in_security(envelope: Any, body: Any) -> None:
    find(envelope, ".//wsse:Security").append(body)


def _in_object(envelope: Any, body: Any) -> None:
    etree.SubElement(find(envelope, ".//ds:Signature"), f"{{{DS}}}Object").append(body)


def _renamed(envelope: Any, body: Any) -> None:
    body.tag = "{urn:x}Body"
    _in_header(envelope, body)


def _gone(envelope: Any, body: Any) -> None:
    """The evil Body alone."""


WRAPPINGS = [
    _in_header, _in_header_evil_without_id, _in_header_evil_with_another_id, _beside, _before, _inside_evil, _in_security,
    _in_object, _renamed, _gone,
]  # fmt: skip


@pytest.mark.parametrize("into", WRAPPINGS, ids=lambda into: into.__name__)
def test_signature_wrapping(into):
    envelope = Message(PARTY).envelope()
    wrapped(into)(envelope)
    refused(envelope)


def test_a_timestamp_is_not_wrapped_either():
    envelope = Message(PARTY, created=NOW - 1000).envelope()
    old = find(envelope, ".//wsu:Timestamp")
    fresh = copy.deepcopy(old)
    fresh[0].text, fresh[1].text = "2018-05-02T00:00:00Z", "2018-05-02T00:02:00Z"
    for name in ("Time", "Other", None):
        forged = copy.deepcopy(envelope)
        security = find(forged, ".//wsse:Security")
        security.insert(0, twin := copy.deepcopy(fresh))
        twin.attrib.pop(ID) if name is None else twin.set(ID, name)
        refused(forged)
        etree.SubElement(find(forged, "s:Header"), "{urn:x}Wrapper").append(security[1])
        refused(forged)


def _second_security(envelope: Any) -> None:
    find(envelope, "s:Header").append(copy.deepcopy(find(envelope, ".//wsse:Security")))


def _empty_second_security(envelope: Any) -> None:
    etree.SubElement(find(envelope, "s:Header"), f"{{{WSSE}}}Security")


def _no_security(envelope: Any) -> None:
    header = find(envelope, "s:Header")
    header.remove(header[0])


def _moved_security(envelope: Any) -> None:
    etree.SubElement(find(envelope, "s:Header"), "{urn:x}W").append(find(envelope, ".//wsse:Security"))


def _no_header(envelope: Any) -> None:
    envelope.remove(envelope[0])


def _second_header(envelope: Any) -> None:
    envelope.insert(0, etree.Element(f"{{{SOAP}}}Header"))


def _another_envelope(envelope: Any) -> None:
    envelope.tag = "{http://www.w3.org/2003/05/soap-envelope}Envelope"


def _id_twice(envelope: Any) -> None:
    find(envelope, ".//a").set("id", "Body")


def _id_of_the_timestamp_twice(envelope: Any) -> None:
    etree.SubElement(find(envelope, "s:Header"), "{urn:x}W").set("{urn:y}ID", "Time")


def _two_signatures(envelope: Any) -> None:
    security = find(envelope, ".//wsse:Security")
    security.append(copy.deepcopy(find(security, "ds:Signature")))


def _two_tokens(envelope: Any) -> None:
    security = find(envelope, ".//wsse:Security")
    security.append(twin := copy.deepcopy(find(security, "wsse:BinarySecurityToken")))
    twin.set(ID, "Twin")


def _more_in_security(envelope: Any) -> None:
    etree.SubElement(find(envelope, ".//wsse:Security"), f"{{{WSSE}}}UsernameToken")


def _key_info_with_its_own_key(envelope: Any) -> None:
    info = find(envelope, ".//ds:KeyInfo")
    info.clear()
    etree.SubElement(info, f"{{{DS}}}KeyName").text = "mine"


def _no_key_info(envelope: Any) -> None:
    signature = find(envelope, ".//ds:Signature")
    signature.remove(find(signature, "ds:KeyInfo"))


def _token_with_children(envelope: Any) -> None:
    etree.SubElement(find(envelope, ".//wsse:BinarySecurityToken"), "x")


def _content_in_transform(envelope: Any) -> None:
    etree.SubElement(find(envelope, ".//ds:Transform"), "{urn:x}XPath").text = "//*"


def _hmac_output_length(envelope: Any) -> None:
    etree.SubElement(find(envelope, ".//ds:SignatureMethod"), f"{{{DS}}}HMACOutputLength").text = "8"


def _no_expiry(envelope: Any) -> None:
    time = find(envelope, ".//wsu:Timestamp")
    time.remove(time[1])


def _namespace_without_canonical_form(envelope: Any) -> None:
    etree.SubElement(find(envelope, "s:Body")[0], "{relative}x")


ATTACKS = [
    value
    for name, value in list(globals().items())
    if name.startswith("_") and isinstance(value, FunctionType) and value not in WRAPPINGS
]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_one_change_is_refused(attack):
    envelope = Message(PARTY).envelope()
    attack(envelope)
    refused(envelope)


TEXTS = [
    (".//ds:DigestValue", base64.b64encode(bytes(32)).decode()),
    (".//ds:DigestValue", "not base64!"),
    (".//a", "2"),
    (".//wsse:BinarySecurityToken", Party.elliptic().token),
    (".//wsu:Expires", "2018-05-02T00:04:00Z"),
    (".//wsu:Created", "2018-05-02T08:00:00"),
    (".//wsu:Created", "2018-05-02T08:00:00+08:00"),
    (".//wsu:Created", "yesterday"),
]
ATTRIBUTES = [
    ("s:Body", "a", "b"),
    (".//ds:Reference", "URI", ""),
    (".//wsse:Reference", "URI", "#Body"),
    (".//wsse:BinarySecurityToken", "ValueType", "urn:other"),
    (".//ds:CanonicalizationMethod", "Algorithm", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
    (".//ds:Transform", "Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116"),
    (".//ds:SignatureMethod", "Algorithm", f"{DS}hmac-sha1"),
]


@pytest.mark.parametrize(("path", "text"), TEXTS)
def test_another_text_is_refused(path, text):
    envelope = Message(PARTY).envelope()
    find(envelope, path).text = text
    refused(envelope)


@pytest.mark.parametrize(("path", "name", "value"), ATTRIBUTES)
def test_another_attribute_is_refused(path, name, value):
    envelope = Message(PARTY).envelope()
    find(envelope, path).set(name, value)
    refused(envelope)


def test_the_attacks_are_made_on_a_message_that_is_good():
    verify(Message(PARTY).envelope())


def test_an_id_on_something_else_does_no_harm():
    envelope = Message(PARTY, inside='<a id="id0"><b href="#id0"/></a>').envelope()
    verify(envelope)
