"""WS-Security 1.0 with X.509 tokens by xmlsec: over Body and Timestamp, both ways (SOAP 1.1, exclusive C14N, SHA-256).

xmlsec does the digests and the signature; what it does not look at (who signed, which parts, when, nothing twice) is
checked here first.
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from datetime import UTC, datetime

import xmlsec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import load_pem_x509_certificate
from lxml import etree

from gateway.clock import Clock, from_unix
from gateway.contract.xml import Element
from mocks.envelope import SOAP, WSSE, tag
from mocks.keys import Identity

_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSU = f"{_OASIS}wssecurity-utility-1.0.xsd"
DS = "http://www.w3.org/2000/09/xmldsig#"
X509V3 = f"{_OASIS}x509-token-profile-1.0#X509v3"
BASE64 = f"{_OASIS}soap-message-security-1.0#Base64Binary"
EXC_C14N = xmlsec.constants.TransformExclC14N.href
SHA256 = xmlsec.constants.TransformSha256.href
SIGNATURES = {xmlsec.constants.TransformEcdsaSha256.href, xmlsec.constants.TransformRsaSha256.href}
SPAN_SECONDS = 300
REPLY_SECONDS = 120
SKEW_SECONDS = 5

_ID = tag(WSU, "Id")


class SecurityRefused(Exception):
    """The message's security does not hold. `code` is the local part of WS-Security's fault code."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


class WsSecurity:
    """Checks the requests of one certificate and signs the replies to them with another."""

    def __init__(self, identity: Identity, clock: Clock) -> None:
        if identity.certificate_pem is None or identity.caller_certificate_pem is None:
            raise ValueError(f"{identity.keyid}: the dialect wsse_x509 needs both certificates")
        self._clock = clock
        self._caller = _der(identity.caller_certificate_pem)
        self._verifying = xmlsec.Key.from_memory(
            identity.caller_certificate_pem, xmlsec.constants.KeyDataFormatCertPem, None
        )
        self._signing = xmlsec.Key.from_memory(identity.private_pem, xmlsec.constants.KeyDataFormatPem, None)
        self._token = base64.b64encode(_der(identity.certificate_pem)).decode()
        public = load_pem_x509_certificate(identity.certificate_pem).public_key()
        elliptic = isinstance(public, ec.EllipticCurvePublicKey)
        self._method = xmlsec.constants.TransformEcdsaSha256 if elliptic else xmlsec.constants.TransformRsaSha256

    def check(self, envelope: Element) -> str:
        """What was checked.

        Raises:
            SecurityRefused: unless the caller's certificate signed exactly Body and Timestamp, a short while ago.
        """
        security = _only(envelope, f"./{{{SOAP}}}Header/{{{WSSE}}}Security", "Security header")
        body = _only(envelope, f"./{{{SOAP}}}Body", "Body")
        timestamp = _only(security, f"./{{{WSU}}}Timestamp", "Timestamp")
        token = _only(security, f"./{{{WSSE}}}BinarySecurityToken", "BinarySecurityToken")
        signature = _only(security, f"./{{{DS}}}Signature", "Signature")
        _check_ids(envelope, body, timestamp, token)
        _check_signed(signature, [str(body.get(_ID)), str(timestamp.get(_ID))], str(token.get(_ID)))
        self._check_token(token)
        self._check_fresh(timestamp)
        context = xmlsec.SignatureContext()
        context.key = self._verifying
        for part in (body, timestamp):
            context.register_id(part, "Id", WSU)
        try:
            context.verify(signature)
        except xmlsec.Error as error:
            raise SecurityRefused("FailedCheck", "the signature or a digest does not verify") from error
        return "wsse_x509: Body and Timestamp are signed by the agreed certificate, and the time is of now"

    def protect(self, envelope: Element, asked: Element | None = None) -> None:
        """Signs Body and Timestamp in place; the envelope must have a Header, whose first child becomes Security."""
        header, body = envelope
        security = etree.Element(tag(WSSE, "Security"), nsmap={"wsse": WSSE, "wsu": WSU})
        security.set(tag(SOAP, "mustUnderstand"), "1")
        header.insert(0, security)
        now = self._clock.unix()
        timestamp = etree.SubElement(security, tag(WSU, "Timestamp"), {_ID: "Timestamp"})
        etree.SubElement(timestamp, tag(WSU, "Created")).text = _stamp(now)
        etree.SubElement(timestamp, tag(WSU, "Expires")).text = _stamp(now + REPLY_SECONDS)
        token_names = {_ID: "Token", "ValueType": X509V3, "EncodingType": BASE64}
        etree.SubElement(security, tag(WSSE, "BinarySecurityToken"), token_names).text = self._token
        body.set(_ID, "Body")
        self._sign(security, timestamp, body)

    def _sign(self, security: Element, timestamp: Element, body: Element) -> None:
        exclusive = xmlsec.constants.TransformExclC14N
        signature = xmlsec.template.create(security, exclusive, self._method, ns="ds")
        context = xmlsec.SignatureContext()
        context.key = self._signing
        for part in (body, timestamp):
            reference = xmlsec.template.add_reference(
                signature, xmlsec.constants.TransformSha256, uri=f"#{part.get(_ID)}"
            )
            xmlsec.template.add_transform(reference, exclusive)
            context.register_id(part, "Id", WSU)
        holder = etree.SubElement(xmlsec.template.ensure_key_info(signature), tag(WSSE, "SecurityTokenReference"))
        etree.SubElement(holder, tag(WSSE, "Reference"), {"URI": "#Token", "ValueType": X509V3})
        security.append(signature)
        context.sign(signature)

    def _check_token(self, token: Element) -> None:
        if token.get("ValueType") != X509V3 or token.get("EncodingType") != BASE64:
            raise SecurityRefused("InvalidSecurity", "the token must be an X.509 v3 certificate in base64")
        try:
            certificate = base64.b64decode("".join((token.text or "").split()), validate=True)
        except binascii.Error as error:
            raise SecurityRefused("InvalidSecurity", "the token is not base64") from error
        if certificate != self._caller:
            raise SecurityRefused("FailedCheck", "the certificate is not the agreed one")

    def _check_fresh(self, timestamp: Element) -> None:
        created = _moment(_only(timestamp, f"./{{{WSU}}}Created", "Created"))
        expires = _moment(_only(timestamp, f"./{{{WSU}}}Expires", "Expires"))
        now = self._clock.unix()
        if not 0 < expires - created <= SPAN_SECONDS:
            raise SecurityRefused("FailedCheck", f"Expires must be at most {SPAN_SECONDS} seconds after Created")
        if not created - SKEW_SECONDS <= now <= expires + SKEW_SECONDS:
            raise SecurityRefused("FailedCheck", "the Timestamp is not of now")


class NoSecurity:
    """The dialect `none`: nothing is checked and nothing is signed."""

    def check(self, envelope: Element) -> str:
        """Lets everything pass."""
        return "none: nothing is signed here"

    def protect(self, envelope: Element, asked: Element | None = None) -> None:
        """Adds nothing."""


def _only(parent: Element, path: str, name: str) -> Element:
    found = parent.findall(path)
    if len(found) != 1:
        raise SecurityRefused("InvalidSecurity", f"needs exactly one {name}")
    return found[0]


def _check_ids(envelope: Element, *needed: Element) -> None:
    """Every id stands once, whatever it is called: a second one is how a signed part is swapped for another."""
    ids = Counter(
        str(value)
        for element in envelope.iter(etree.Element)
        for name, value in element.attrib.items()
        if etree.QName(name).localname.lower() == "id"
    )
    if any(count > 1 for count in ids.values()):
        raise SecurityRefused("InvalidSecurity", "an id stands twice")
    if any(part.get(_ID) is None for part in needed):
        raise SecurityRefused("InvalidSecurity", "Body, Timestamp and token need a wsu:Id")


def _check_signed(signature: Element, parts: list[str], token: str) -> None:
    references = signature.findall(f"./{{{DS}}}SignedInfo/{{{DS}}}Reference")
    if sorted(str(reference.get("URI")) for reference in references) != sorted(f"#{part}" for part in parts):
        raise SecurityRefused("InvalidSecurity", "the references must be exactly the Body and the Timestamp")
    wanted = {
        f"./{{{DS}}}SignedInfo/{{{DS}}}CanonicalizationMethod": ({EXC_C14N}, 1),
        f"./{{{DS}}}SignedInfo/{{{DS}}}SignatureMethod": (SIGNATURES, 1),
        f"./{{{DS}}}SignedInfo/{{{DS}}}Reference/{{{DS}}}Transforms/{{{DS}}}Transform": ({EXC_C14N}, 2),
        f"./{{{DS}}}SignedInfo/{{{DS}}}Reference/{{{DS}}}DigestMethod": ({SHA256}, 2),
    }
    for path, (allowed, count) in wanted.items():
        found = [element.get("Algorithm") for element in signature.findall(path)]
        if len(found) != count or not set(found) <= allowed:
            raise SecurityRefused("InvalidSecurity", "exclusive C14N, SHA-256 and ecdsa-sha256 or rsa-sha256 only")
    key = signature.findall(f"./{{{DS}}}KeyInfo/{{{WSSE}}}SecurityTokenReference/{{{WSSE}}}Reference")
    if [(reference.get("URI"), reference.get("ValueType")) for reference in key] != [(f"#{token}", X509V3)]:
        raise SecurityRefused("InvalidSecurity", "KeyInfo must refer to the BinarySecurityToken")


def _moment(element: Element) -> float:
    try:
        moment = datetime.fromisoformat(element.text or "")
    except ValueError as error:
        raise SecurityRefused("InvalidSecurity", "a time is not written as XML Schema writes it") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _stamp(unix: float) -> str:
    return from_unix(unix).strftime("%Y-%m-%dT%H:%M:%SZ")


def _der(certificate_pem: bytes) -> bytes:
    return load_pem_x509_certificate(certificate_pem).public_bytes(serialization.Encoding.DER)
