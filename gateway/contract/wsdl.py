"""WSDL 1.1 files, read by zeep once at start-up and compiled: a template for each request, a schema for each reply.

zeep's cost is per call (it builds and reads messages through its type system); ours is paid here. The template is what
zeep itself writes for the operation, in canonical form with a slot for every part, and a test holds the two together.
Supported: SOAP 1.1 over HTTP, RPC style with simple parts (Axis), as the household registry speaks it.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zeep
from lxml import etree
from zeep.transports import Transport

from gateway.contract import xml
from gateway.errors import Problem

SOAP_ENV = "http://schemas.xmlsoap.org/soap/envelope/"
_XSD = "http://www.w3.org/2001/XMLSchema"
_UNUSABLE = (
    OSError, ValueError, TypeError, LookupError, AttributeError, etree.Error, zeep.exceptions.Error, UserWarning,
)  # fmt: skip
"""What zeep and our own checks raise over a file that is not as it should be."""
_SLOT = re.compile(r"@slot:([^@]+)@")


@dataclass(frozen=True, slots=True)
class SoapOperation:
    """One operation, compiled. `render` gives the one child of the SOAP Body, canonical and in UTF-8."""

    name: str
    action: str
    namespace: str
    parts: tuple[str, ...]
    reply_part: str
    template: tuple[str, ...]
    """Texts and slots in turn: an odd position names the part that stands there."""
    request_schema: xml.Schema
    reply_schema: xml.Schema

    def render(self, parts: Mapping[str, str]) -> bytes:
        """The request with its parts filled in.

        Raises:
            KeyError: a part is missing.
            xml.NotXml: a value holds a character that XML cannot carry.
        """
        pieces = list(self.template)
        for index in range(1, len(pieces), 2):
            pieces[index] = xml.escape(parts[pieces[index]])
        return "".join(pieces).encode()


@dataclass(frozen=True, slots=True)
class SoapInterface:
    """A WSDL file: its operations by name and the path of its port."""

    operations: Mapping[str, SoapOperation]
    path: str


class _FolderOnly(Transport):
    """Lets zeep read files of the contract's folder and nothing else: no network, no other file."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder.resolve()

    def load(self, url: str) -> bytes:
        path = Path(url).resolve()
        if not path.is_relative_to(self.folder):
            raise ValueError("the WSDL refers to something outside its folder")
        return path.read_bytes()


def load(path: Path, problems: list[Problem]) -> SoapInterface | None:
    """Reads and compiles a WSDL file; adds what is wrong to `problems` and then gives None."""
    try:
        xml.parse(path.read_bytes())
        transport = _FolderOnly(path.parent)
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # zeep warns of a broken message and goes on without it
            settings = zeep.Settings(strict=True, forbid_external=True)
            client = zeep.Client(str(path), transport=transport, settings=settings)
        transport.session.close()
        ((_, service),) = client.wsdl.services.items()
        ((_, port),) = service.ports.items()
        operations = {name: _compile(client, port, name) for name in port.binding.all()}
        address = str(port.binding_options["address"])
        return SoapInterface(operations, re.sub(r"^https?://[^/]+", "", address) or "/")
    except _UNUSABLE as error:
        problems.append(Problem(str(path), 1, 1, f"is not a WSDL 1.1 file that can be served: {error}"))
        return None


def _compile(client: zeep.Client, port: Any, name: str) -> SoapOperation:
    operation = port.binding.get(name)
    if operation.style != "rpc":
        raise ValueError(f"operation {name!r} is not RPC style")
    body = operation.input.body.type
    parts = tuple(part for part, _ in body.elements)
    answer = operation.output.body if operation.output is not None else None
    if answer is None or len(answer.type.elements) != 1:
        raise ValueError(f"the reply of operation {name!r} does not have exactly one part")
    ((reply_part, _),) = answer.type.elements
    namespace = str(operation.input.body.qname.namespace)
    service = client.bind(port_name=port.name)
    envelope = client.create_message(service, name, **{part: f"@slot:{part}@" for part in parts})
    (child,) = envelope.find(f"{{{SOAP_ENV}}}Body")
    template = _SLOT.split(xml.canonical(child).decode())
    if tuple(template[1::2]) != parts:
        raise ValueError(f"operation {name!r} does not write each of its parts once")
    return SoapOperation(
        name=name,
        action=str(operation.soapaction),
        namespace=namespace,
        parts=parts,
        reply_part=reply_part,
        template=tuple(template),
        request_schema=_wrapper_schema(namespace, name, body.elements),
        reply_schema=_wrapper_schema(namespace, f"{name}Response", answer.type.elements),
    )


def _wrapper_schema(namespace: str, name: str, parts: list[tuple[str, Any]]) -> xml.Schema:
    """The schema of an RPC wrapper element: SOAP 1.1 section 7.1 puts the parts inside it, unqualified, in order."""
    rows = []
    for part, element in parts:
        qname = element.type.qname
        if qname is None or qname.namespace != _XSD:
            raise ValueError(f"part {part!r} of {name!r} is not a simple XML Schema type")
        rows.append(f'<xs:element name="{part}" type="xs:{qname.localname}"/>')
    return xml.Schema(
        f'<xs:schema xmlns:xs="{_XSD}" targetNamespace="{namespace}"><xs:element name="{name}"><xs:complexType>'
        f'<xs:sequence>{"".join(rows)}</xs:sequence><xs:anyAttribute namespace="##other" processContents="skip"/>'
        "</xs:complexType></xs:element></xs:schema>"
    )
