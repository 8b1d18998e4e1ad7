"""SOAP 1.1 messages as Axis 1 writes them: rpc/encoded replies and faults."""

from __future__ import annotations

from lxml import etree

from gateway.contract.wsdl import SoapOperation
from gateway.contract.xml import Element

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSD = "http://www.w3.org/2001/XMLSchema"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"

_SOAP_CODES = frozenset({"Client", "Server", "MustUnderstand", "VersionMismatch"})


def tag(namespace: str, name: str) -> str:
    """A name in ElementTree's notation."""
    return f"{{{namespace}}}{name}"


def reply(operation: SoapOperation, text: str) -> Element:
    """The envelope of a reply whose one part is a string."""
    envelope, body = _envelope()
    wrapper = etree.SubElement(
        body, tag(operation.namespace, f"{operation.name}Response"), nsmap={"ns1": operation.namespace}
    )
    wrapper.set(tag(SOAP, "encodingStyle"), ENCODING)
    part = etree.SubElement(wrapper, operation.reply_part)
    part.set(tag(XSI, "type"), "xsd:string")
    part.text = text
    return envelope


def fault(code: str, text: str) -> Element:
    """The envelope of a fault: `code` is SOAP 1.1's own, or the local part of one of WS-Security's."""
    envelope, body = _envelope()
    element = etree.SubElement(body, tag(SOAP, "Fault"), nsmap={"wsse": WSSE})
    etree.SubElement(element, "faultcode").text = f"{'soapenv' if code in _SOAP_CODES else 'wsse'}:{code}"
    etree.SubElement(element, "faultstring").text = text
    return envelope


def serialised(envelope: Element) -> bytes:
    """The bytes on the wire: nothing may touch the envelope after it was signed."""
    return etree.tostring(envelope, encoding="UTF-8", xml_declaration=True)


def _envelope() -> tuple[Element, Element]:
    envelope = etree.Element(tag(SOAP, "Envelope"), nsmap={"soapenv": SOAP, "xsd": XSD, "xsi": XSI})
    etree.SubElement(envelope, tag(SOAP, "Header"))
    return envelope, etree.SubElement(envelope, tag(SOAP, "Body"))
