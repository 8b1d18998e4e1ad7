"""The strict shape of a message signed by WS-Security: every part where it must stand, and none twice.

What is checked here is what signature wrapping needs: a second Body, a moved one, an id that stands twice.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from gateway.contract import xml
from gateway.contract.xml import Element
from gateway.errors import BadSignature

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = f"{_OASIS}wssecurity-secext-1.0.xsd"
WSU = f"{_OASIS}wssecurity-utility-1.0.xsd"
DS = "http://www.w3.org/2000/09/xmldsig#"
X509V3 = f"{_OASIS}x509-token-profile-1.0#X509v3"
BASE64 = f"{_OASIS}soap-message-security-1.0#Base64Binary"
ID = f"{{{WSU}}}Id"


@dataclass(frozen=True, slots=True)
class Parts:
    """Where each part stands; `value` is the signature, decoded."""

    body: Element
    timestamp: Element
    token: Element
    info: Element
    value: bytes


def shape(envelope: Element) -> Parts:
    """The message's parts, if they stand exactly where they must and nowhere else (no wrapped, moved or second ones)."""
    header, body = children(envelope, f"{{{SOAP}}}Envelope", f"{{{SOAP}}}Header", f"{{{SOAP}}}Body")
    single = (f"{{{SOAP}}}Body", f"{{{WSSE}}}Security", f"{{{DS}}}Signature", f"{{{WSU}}}Timestamp")
    everything = list(envelope.iter("*"))  # one pass; and while they are held, lxml need not make them anew below
    tags = [element.tag for element in everything]
    if any(tags.count(tag) != 1 for tag in single):
        raise BadSignature("not exactly one Body, Security, Signature and Timestamp")
    ids = [value for element in everything for name, value in element.items() if _is_id(str(name))]
    if len(ids) != len(set(ids)):
        raise BadSignature("an id stands twice")
    security = next((child for child in xml.elements(header) if child.tag == f"{{{WSSE}}}Security"), None)
    if security is None:
        raise BadSignature("no Security header")
    found = xml.elements(security)
    held = {str(child.tag): child for child in found}
    names = (f"{{{WSU}}}Timestamp", f"{{{WSSE}}}BinarySecurityToken", f"{{{DS}}}Signature")
    if set(held) != set(names) or len(found) != len(names):
        raise BadSignature("the Security header holds something else than Timestamp, token and Signature")
    timestamp, token, signature = (held[name] for name in names)
    if not (body.get(ID) and timestamp.get(ID)):
        raise BadSignature("Body and Timestamp need a wsu:Id, or the signature cannot cover them")
    parts = (f"{{{DS}}}SignedInfo", f"{{{DS}}}SignatureValue", f"{{{DS}}}KeyInfo")
    info, value, key_info = children(signature, f"{{{DS}}}Signature", *parts)
    _check_token(token, key_info)
    return Parts(body, timestamp, token, info, decode(xml.text_of(value)))


def _check_token(token: Element, key_info: Element) -> None:
    if token.get("ValueType") != X509V3 or token.get("EncodingType") != BASE64 or not token.get(ID):
        raise BadSignature("the token is no X.509 v3 certificate in base64")
    (holder,) = children(key_info, f"{{{DS}}}KeyInfo", f"{{{WSSE}}}SecurityTokenReference")
    (reference,) = children(holder, f"{{{WSSE}}}SecurityTokenReference", f"{{{WSSE}}}Reference")
    if reference.get("URI") != f"#{token.get(ID)}":
        raise BadSignature("KeyInfo refers to something else than the token")


def children(parent: Element, tag: str, *names: str) -> list[Element]:
    """The child elements of an element that must be `tag` and hold exactly these, in this order."""
    found = xml.elements(parent)
    if parent.tag != tag or [child.tag for child in found] != list(names):
        raise BadSignature("the message does not have the agreed shape")
    return found


def _is_id(name: str) -> bool:
    return name[-2:].lower() == "id" and name[-3:-2] in ("", "}")


def decode(text: str) -> bytes:
    """Base64, white space allowed (RFC 2045 lines). Raises BadSignature for anything else."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadSignature("not base64") from error
