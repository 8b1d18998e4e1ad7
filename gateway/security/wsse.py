"""WS-Security 1.0 with X.509 tokens, over Body and Timestamp, both ways (SOAP 1.1, exclusive C14N, SHA-256).

Signing writes the canonical form itself: the envelope's shape is fixed, so nothing has to be parsed or canonicalised to
be signed. Verifying is strict shape first, then the digests and the signature, and it hands on only the element that was
verified. The certificate must be the very one that was agreed (pinned); chains and revocation are the contract's affair.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.x509 import load_pem_x509_certificate

from gateway.clock import from_unix
from gateway.contract import xml
from gateway.contract.xml import EXC_C14N, Element
from gateway.errors import BadSignature
from gateway.security.soap_shape import BASE64, DS, ID, SOAP, WSSE, WSU, X509V3, Parts, children, decode, shape

SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"

MAX_SPAN_SECONDS = 300
SKEW_SECONDS = 5
MIN_RSA_BITS = 2048
_P256_BYTES = 32
_ECDSA = ec.ECDSA(hashes.SHA256())

_TRANSFORM = f'<ds:Transforms><ds:Transform Algorithm="{EXC_C14N}"></ds:Transform></ds:Transforms>'
_DIGEST = f'<ds:DigestMethod Algorithm="{SHA256}"></ds:DigestMethod>'
_SIGNED_INFO = (
    f'<ds:SignedInfo xmlns:ds="{DS}"><ds:CanonicalizationMethod Algorithm="{EXC_C14N}"></ds:CanonicalizationMethod>'
    '<ds:SignatureMethod Algorithm="%s"></ds:SignatureMethod>'
    f'<ds:Reference URI="#body">{_TRANSFORM}{_DIGEST}<ds:DigestValue>%s</ds:DigestValue></ds:Reference>'
    f'<ds:Reference URI="#time">{_TRANSFORM}{_DIGEST}<ds:DigestValue>%s</ds:DigestValue></ds:Reference></ds:SignedInfo>'
)
_TIMESTAMP = (
    f'<wsu:Timestamp xmlns:wsu="{WSU}" wsu:Id="time"><wsu:Created>%s</wsu:Created><wsu:Expires>%s</wsu:Expires>'
    "</wsu:Timestamp>"
)
_BODY = f'<soapenv:Body xmlns:soapenv="{SOAP}" xmlns:wsu="{WSU}" wsu:Id="body">%s</soapenv:Body>'
_ENVELOPE = (
    f'<soapenv:Envelope xmlns:soapenv="{SOAP}"><soapenv:Header>'
    f'<wsse:Security xmlns:wsse="{WSSE}" soapenv:mustUnderstand="1">%(time)s'
    f'<wsse:BinarySecurityToken xmlns:wsu="{WSU}" wsu:Id="token" EncodingType="{BASE64}" ValueType="{X509V3}">%(token)s'
    f'</wsse:BinarySecurityToken><ds:Signature xmlns:ds="{DS}">%(info)s<ds:SignatureValue>%(value)s</ds:SignatureValue>'
    f'<ds:KeyInfo><wsse:SecurityTokenReference><wsse:Reference URI="#token" ValueType="{X509V3}"></wsse:Reference>'
    "</wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature></wsse:Security></soapenv:Header>%(body)s</soapenv:Envelope>"
)


class SoapSigner:
    """Our certificate and its key (ECDSA P-256 or RSA)."""

    def __init__(self, private_pem: bytes, certificate_pem: bytes) -> None:
        key = serialization.load_pem_private_key(private_pem, None)
        certificate = load_pem_x509_certificate(certificate_pem)
        if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) or not _is_agreed(key):
            raise ValueError("a SOAP signing key must be ECDSA P-256 or RSA of at least 2048 bits")
        if certificate.public_key() != key.public_key():
            raise ValueError("the certificate is not that of the key")
        self._key = key
        self._token = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()
        self._method = RSA_SHA256 if isinstance(key, rsa.RSAPrivateKey) else ECDSA_SHA256
        self.ends = certificate.not_valid_after_utc.timestamp()
        """Unix seconds: when our certificate does."""

    def envelope(self, child: bytes, now: float, life_seconds: int = 120) -> bytes:
        """The signed SOAP message around the Body's one child, which must be in canonical form. `now` in Unix seconds."""
        body = _BODY % child.decode()
        time = _TIMESTAMP % (_stamp(int(now)), _stamp(int(now) + life_seconds))
        info = _SIGNED_INFO % (self._method, _digest(body.encode()), _digest(time.encode()))
        value = base64.b64encode(self._sign(info.encode())).decode()
        return (_ENVELOPE % {"time": time, "token": self._token, "info": info, "value": value, "body": body}).encode()

    def _sign(self, data: bytes) -> bytes:
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        r, s = decode_dss_signature(self._key.sign(data, _ECDSA))
        return r.to_bytes(_P256_BYTES, "big") + s.to_bytes(_P256_BYTES, "big")


class SoapVerifier:
    """The one certificate whose signature we believe on this channel."""

    def __init__(self, certificate_pem: bytes) -> None:
        certificate = load_pem_x509_certificate(certificate_pem)
        key = certificate.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey) or not _is_agreed(key):
            raise ValueError("a SOAP certificate must carry an ECDSA P-256 or RSA key of at least 2048 bits")
        self._key = key
        self._method = RSA_SHA256 if isinstance(key, rsa.RSAPublicKey) else ECDSA_SHA256
        self._der = certificate.public_bytes(serialization.Encoding.DER)
        self.ends = certificate.not_valid_after_utc.timestamp()
        """Unix seconds: when their certificate does."""
        self._token = base64.b64encode(self._der).decode()

    def verified_body(self, envelope: Element, now: float) -> Element:
        """The Body element that the signature covers. `now` in Unix seconds.

        Raises:
            BadSignature: for anything but one fresh signature by the agreed certificate over exactly Body and Timestamp.
        """
        try:
            return self._verified_body(envelope, now)
        except ValueError as error:  # a shape that does not unpack, text where elements stand
            raise BadSignature("the message does not have the agreed shape") from error

    def _verified_body(self, envelope: Element, now: float) -> Element:
        parts = shape(envelope)
        token = xml.text_of(parts.token)
        if token != self._token and decode(token) != self._der:  # nothing secret: it is their certificate
            raise BadSignature("the certificate is not the agreed one")
        _fresh(parts.timestamp, now)
        canonical = self._references(parts)
        try:
            self._verify(parts.value, canonical)
        except (InvalidSignature, ValueError) as error:
            raise BadSignature("the signature does not verify") from error
        return parts.body

    def _references(self, parts: Parts) -> bytes:
        """Checks the algorithms and digests that SignedInfo names; gives SignedInfo's own canonical bytes."""
        method, algorithm, *references = xml.elements(parts.info)
        prefixes = _exclusive(method, "CanonicalizationMethod")
        if algorithm.tag != f"{{{DS}}}SignatureMethod" or algorithm.get("Algorithm") != self._method or len(algorithm):
            raise BadSignature("another signature algorithm than the agreed certificate's")
        targets = {f"#{element.get(ID)}": element for element in (parts.body, parts.timestamp)}
        if len(references) != len(targets) or {reference.get("URI") for reference in references} != set(targets):
            raise BadSignature("the signature does not cover exactly Body and Timestamp")
        for reference in references:
            _check_reference(reference, targets[str(reference.get("URI"))])
        return xml.canonical(parts.info, prefixes)

    def _verify(self, signature: bytes, data: bytes) -> None:
        if isinstance(self._key, rsa.RSAPublicKey):
            self._key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
            return
        if len(signature) != 2 * _P256_BYTES:
            raise ValueError("an ECDSA P-256 signature has 64 bytes")
        r, s = (int.from_bytes(half, "big") for half in (signature[:_P256_BYTES], signature[_P256_BYTES:]))
        self._key.verify(encode_dss_signature(r, s), data, _ECDSA)


def _is_agreed(
    key: ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey | rsa.RSAPrivateKey | rsa.RSAPublicKey,
) -> bool:
    """Every other curve has another signature method, and a shorter RSA key is nobody's proof."""
    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        return key.key_size >= MIN_RSA_BITS
    return isinstance(key.curve, ec.SECP256R1)


def _check_reference(reference: Element, target: Element) -> None:
    names = (f"{{{DS}}}Transforms", f"{{{DS}}}DigestMethod", f"{{{DS}}}DigestValue")
    transforms, method, value = children(reference, f"{{{DS}}}Reference", *names)
    (transform,) = children(transforms, f"{{{DS}}}Transforms", f"{{{DS}}}Transform")
    prefixes = _exclusive(transform, "Transform")
    if method.get("Algorithm") != SHA256 or len(method):
        raise BadSignature("another digest than SHA-256")
    digest = hashlib.sha256(xml.canonical(target, prefixes)).digest()
    if not hmac.compare_digest(decode(xml.text_of(value)), digest):
        raise BadSignature("a digest does not match")


def _exclusive(element: Element, name: str) -> tuple[str, ...]:
    """The PrefixList of an exclusive C14N element (empty when it has none)."""
    if element.tag != f"{{{DS}}}{name}" or element.get("Algorithm") != EXC_C14N:
        raise BadSignature("another canonicalisation or transform than exclusive C14N")
    inside = xml.elements(element)
    if not inside:
        return ()
    if len(inside) != 1 or inside[0].tag != f"{{{EXC_C14N}}}InclusiveNamespaces":
        raise BadSignature("a transform with unknown content")
    return tuple((inside[0].get("PrefixList") or "").split())


def _fresh(timestamp: Element, now: float) -> None:
    created, expires = children(timestamp, f"{{{WSU}}}Timestamp", f"{{{WSU}}}Created", f"{{{WSU}}}Expires")
    begin, end = _read_stamp(xml.text_of(created)), _read_stamp(xml.text_of(expires))
    if begin > now + SKEW_SECONDS or end <= now - SKEW_SECONDS or not begin < end <= begin + MAX_SPAN_SECONDS:
        raise BadSignature("the message is not fresh")


@functools.lru_cache(8)
def _stamp(unix: int) -> str:
    return from_unix(unix).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_stamp(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadSignature("a time that cannot be read") from error
    if moment.utcoffset() != timedelta(0):
        raise BadSignature("a time that is not in UTC")
    return moment.timestamp()


def _digest(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()
