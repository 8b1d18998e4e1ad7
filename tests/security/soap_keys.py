"""Keys and certificates of both ends of a SOAP channel, made anew for each run, and messages signed by xmlsec."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from lxml import etree

from gateway.clock import from_unix
from gateway.security.wsse import SoapSigner, SoapVerifier
from tests.still import START_UNIX

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = f"{OASIS}wssecurity-secext-1.0.xsd"
WSU = f"{OASIS}wssecurity-utility-1.0.xsd"
DS = "http://www.w3.org/2000/09/xmldsig#"
X509V3 = f"{OASIS}x509-token-profile-1.0#X509v3"
BASE64 = f"{OASIS}soap-message-security-1.0#Base64Binary"
ID = f"{{{WSU}}}Id"
NOW = START_UNIX

EXCLUSIVE = xmlsec.constants.TransformExclC14N
SHA256 = xmlsec.constants.TransformSha256
NAMES = {"s": SOAP, "wsse": WSSE, "wsu": WSU, "ds": DS}


@dataclass(frozen=True)
class Party:
    """One end of a channel: its private key and its self-signed certificate, in PEM."""

    private_pem: bytes
    certificate_pem: bytes

    @classmethod
    def with_key(cls, key: Any) -> Party:
        who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "registry.example (test)")])
        now = from_unix(NOW)
        builder = x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        certificate = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
        encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        return cls(
            key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain), certificate.public_bytes(encoding)
        )

    @classmethod
    def elliptic(cls, curve: ec.EllipticCurve | None = None) -> Party:
        return cls.with_key(ec.generate_private_key(curve or ec.SECP256R1()))

    @classmethod
    def rsa(cls) -> Party:
        return cls.with_key(rsa.generate_private_key(65537, 2048))

    @property
    def signer(self) -> SoapSigner:
        return SoapSigner(self.private_pem, self.certificate_pem)

    @property
    def verifier(self) -> SoapVerifier:
        return SoapVerifier(self.certificate_pem)

    @property
    def token(self) -> str:
        der = x509.load_pem_x509_certificate(self.certificate_pem).public_bytes(serialization.Encoding.DER)
        return base64.b64encode(der).decode()

    @property
    def is_rsa(self) -> bool:
        return b"RSA" in self.private_pem or len(self.private_pem) > 1000


@dataclass(frozen=True)
class Message:
    """How a message is signed by xmlsec; each part can be made another one."""

    party: Party
    inside: str = '<ns1:ask xmlns:ns1="urn:registry"><a xsi:type="xsd:string">1</a></ns1:ask>'
    created: float = NOW
    life: float = 120
    digest: Any = SHA256
    method: Any = None
    signed: tuple[str, ...] = ("Body", "Time")
    more_transforms: tuple[Any, ...] = ()
    prefixes: str | None = None
    ids: tuple[str | None, str | None] = ("Body", "Time")

    def envelope(self) -> Any:
        """The signed envelope, as xmlsec and lxml write it."""
        xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
        root = etree.fromstring(
            f'<s:Envelope xmlns:s="{SOAP}" {xsi}><s:Header><wsse:Security xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}">'
            f"<wsu:Timestamp><wsu:Created>{stamp(self.created)}</wsu:Created><wsu:Expires>{stamp(self.created + self.life)}"
            f'</wsu:Expires></wsu:Timestamp><wsse:BinarySecurityToken wsu:Id="Token" ValueType="{X509V3}" '
            f'EncodingType="{BASE64}">{self.party.token}</wsse:BinarySecurityToken></wsse:Security></s:Header>'
            f"<s:Body>{self.inside}</s:Body></s:Envelope>"
        )
        security = root.find(".//wsse:Security", NAMES)
        body, time = root.find("s:Body", NAMES), root.find(".//wsu:Timestamp", NAMES)
        for element, name in zip((body, time), self.ids, strict=True):
            if name is not None:
                element.set(ID, name)
        self._sign(security, [body, time])
        return etree.fromstring(etree.tostring(root))

    def _sign(self, security: Any, targets: list[Any]) -> None:
        elliptic = xmlsec.constants.TransformEcdsaSha256
        method = self.method or (xmlsec.constants.TransformRsaSha256 if self.party.is_rsa else elliptic)
        signature = xmlsec.template.create(security, EXCLUSIVE, method, ns="ds")
        security.append(signature)
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(self.party.private_pem, xmlsec.constants.KeyDataFormatPem, None)
        for target in targets:
            if target.get(ID) is not None:
                context.register_id(target, "Id", WSU)
        for uri in self.signed:
            reference = xmlsec.template.add_reference(signature, self.digest, uri=f"#{uri}")
            for transform in (EXCLUSIVE, *self.more_transforms):
                added = xmlsec.template.add_transform(reference, transform)
                if self.prefixes is not None and transform is EXCLUSIVE:
                    xmlsec.template.transform_add_c14n_inclusive_namespaces(added, self.prefixes)
        holder = etree.SubElement(xmlsec.template.ensure_key_info(signature), f"{{{WSSE}}}SecurityTokenReference")
        etree.SubElement(holder, f"{{{WSSE}}}Reference", {"URI": "#Token", "ValueType": X509V3})
        context.sign(signature)


def stamp(unix: float) -> str:
    return from_unix(unix).strftime("%Y-%m-%dT%H:%M:%SZ")


def verified_by_xmlsec(envelope: bytes, certificate_pem: bytes) -> None:
    """Raises xmlsec.Error unless the signature and both digests are right."""
    root = etree.fromstring(envelope)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(certificate_pem, xmlsec.constants.KeyDataFormatCertPem, None)
    for element in (root.find("s:Body", NAMES), root.find(".//wsu:Timestamp", NAMES)):
        context.register_id(element, "Id", WSU)
    context.verify(root.find(".//ds:Signature", NAMES))
