"""WSDL files: what is compiled from them is what zeep itself would send, and nothing outside the folder is read."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
import zeep
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.contract import wsdl, xml
from gateway.contract.folders import shipped
from gateway.errors import Problem

REGISTRY = shipped() / "authorities" / "household_registry" / "service.wsdl"
NAMESPACE = "http://rkxx.registry.example/services/RkxxService"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSD = "http://www.w3.org/2001/XMLSchema"
OPERATIONS = ("queryRkjbxxBysfz", "queryRkjbxxQsgxBysfz", "queryThzmBysfz", "queryQgRkjbxxBysfz")


@pytest.fixture(scope="module")
def interface():
    problems: list[Problem] = []
    loaded = wsdl.load(REGISTRY, problems)
    assert problems == []
    return loaded


@pytest.fixture(scope="module")
def client():
    found = zeep.Client(str(REGISTRY))
    yield found
    found.transport.session.close()


VALUES = st.text(
    alphabet=st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operation=st.sampled_from(OPERATIONS), data=st.data())
def test_the_template_is_what_zeep_itself_sends(interface, client, operation, data):
    compiled = interface.operations[operation]
    parts = {
        part: data.draw(VALUES | st.sampled_from(["<&>\"'", "]]>", "a\r\nb\tc", " ", ""])) for part in compiled.parts
    }
    envelope = client.create_message(client.service, operation, **parts)
    (child,) = envelope.find(f"{{{wsdl.SOAP_ENV}}}Body")
    assert compiled.render(parts) == xml.canonical(child)


def test_what_is_compiled(interface):
    assert set(interface.operations) == set(OPERATIONS)
    assert interface.path == "/services/RkxxService"
    operation = interface.operations["queryThzmBysfz"]
    assert operation.action == "urn:queryThzmBysfz"
    assert operation.namespace == NAMESPACE
    assert operation.parts == ("pcsbm", "sbh", "md5", "sfzh1", "sfzh2", "type")
    assert operation.reply_part == "queryThzmBysfzReturn"


def test_a_missing_part_and_a_bad_character(interface):
    operation = interface.operations["queryQgRkjbxxBysfz"]
    with pytest.raises(KeyError):
        operation.render({"pcsbm": "", "sbh": "", "md5": ""})
    with pytest.raises(xml.NotXml):
        operation.render({"pcsbm": "\x01", "sbh": "", "md5": "", "sfzh": ""})


def test_every_request_that_is_rendered_keeps_its_own_schema(interface):
    for operation in interface.operations.values():
        rendered = xml.parse(operation.render(dict.fromkeys(operation.parts, "x")))
        assert operation.request_schema.faults(rendered) == []


def reply(inside: str, wrapper: str = "queryRkjbxxBysfzResponse") -> xml.Element:
    """A reply's wrapper element, inside an envelope that declares the prefixes, as Axis writes it."""
    root = xml.parse(
        f'<e xmlns:xsd="{XSD}" xmlns:xsi="{XSI}" xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><ns1:{wrapper} '
        f'xmlns:ns1="{NAMESPACE}" s:encodingStyle="x">{inside}</ns1:{wrapper}></e>'.encode()
    )
    return root[0]


PART = "queryRkjbxxBysfzReturn"


@pytest.mark.parametrize(
    "inside",
    [
        f"<{PART}>text</{PART}>",
        f'<{PART} xsi:type="xsd:string">text</{PART}>',
        f"<{PART}/>",
        f"<{PART}><![CDATA[{{}}]]></{PART}>",
    ],
)
def test_a_reply_that_is_accepted(interface, inside):
    assert interface.operations["queryRkjbxxBysfz"].reply_schema.faults(reply(inside)) == []


@pytest.mark.parametrize(
    "element",
    [
        reply(""),
        reply(f"<{PART}>a</{PART}><{PART}>b</{PART}>"),
        reply(f"<{PART}>a</{PART}><more/>"),
        reply(f"<{PART}><inner/></{PART}>"),
        reply(f'<{PART} xsi:type="xsd:int">1</{PART}>'),
        reply(f'<{PART} xsi:nil="true"/>'),
        reply(f"<ns1:{PART}>text</ns1:{PART}>"),
        reply("<other>text</other>"),
        reply(f"text<{PART}>a</{PART}>"),
        reply(f"<{PART}>text</{PART}>", wrapper="queryThzmBysfzResponse"),
    ],
)
def test_a_reply_that_is_refused(interface, element):
    assert interface.operations["queryRkjbxxBysfz"].reply_schema.faults(element) != []


def problem(folder: Path, text: str) -> str:
    """The one problem of a WSDL with this text."""
    path = folder / "service.wsdl"
    path.write_text(text, "utf-8")
    problems: list[Problem] = []
    assert wsdl.load(path, problems) is None
    (found,) = problems
    assert (found.file, found.line, found.column) == (str(path), 1, 1)
    return found.text


SHIPPED = REGISTRY.read_text("utf-8")
IMPORT = '<wsdl:import namespace="urn:x" location="%s"/><wsdl:message name="queryRkjbxxBysfzRequest">'
SCHEMA = (
    '<wsdl:types><xsd:schema targetNamespace="urn:x"><xsd:import namespace="urn:y" schemaLocation="%s"/></xsd:schema>'
    '</wsdl:types><wsdl:message name="queryRkjbxxBysfzRequest">'
)
FIRST = '<wsdl:message name="queryRkjbxxBysfzRequest">'


@pytest.mark.parametrize("how", [IMPORT, SCHEMA], ids=["wsdl", "schema"])
@pytest.mark.parametrize("where", ["../outside.wsdl", "/etc/passwd", "file:///etc/passwd", "sub/../../outside.wsdl"])
def test_an_import_outside_the_folder_is_refused(tmp_path, how, where):
    (tmp_path / "outside.wsdl").write_text(SHIPPED)
    folder = tmp_path / "inside"
    folder.mkdir()
    assert "cannot" in (found := problem(folder, SHIPPED.replace(FIRST, how % where))) or "is not a WSDL" in found


@pytest.mark.parametrize("how", [IMPORT, SCHEMA], ids=["wsdl", "schema"])
def test_an_import_from_the_network_is_refused_and_never_fetched(tmp_path, how):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/x"
        assert "is not a WSDL 1.1 file" in problem(tmp_path, SHIPPED.replace(FIRST, how % url))
        with pytest.raises(BlockingIOError):
            listening.accept()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('style="rpc"', 'style="document"', "operation 'queryRkjbxxBysfz' is not RPC style"),
        ('<wsdl:part name="sfzh" type="xsd:string"/>', '<wsdl:part name="sfzh" type="tns:Own"/>', ""),
        (
            '<wsdl:part name="queryThzmBysfzReturn" type="xsd:string"/>',
            "",
            "the reply of operation 'queryThzmBysfz' does not have exactly one part",
        ),
        ("</wsdl:definitions>", "", "not well-formed"),
        ('<?xml version="1.0" encoding="UTF-8"?>', "<!DOCTYPE x>", "has a document type"),
        ('binding="tns:RkxxServiceSoapBinding"', 'binding="tns:Missing"', ""),
    ],
)
def test_what_cannot_be_served_is_one_clear_problem(tmp_path, old, new, said):
    found = problem(tmp_path, SHIPPED.replace(old, new))
    assert found.startswith("is not a WSDL 1.1 file that can be served: ")
    assert said in found


def test_a_missing_file(tmp_path):
    problems: list[Problem] = []
    assert wsdl.load(tmp_path / "service.wsdl", problems) is None
    assert len(problems) == 1


def test_a_type_that_is_not_simple_is_refused(tmp_path):
    own = (
        '<wsdl:types><xsd:schema targetNamespace="http://rkxx.registry.example/services/RkxxService">'
        '<xsd:complexType name="Own"><xsd:sequence><xsd:element name="a" type="xsd:string"/></xsd:sequence>'
        f"</xsd:complexType></xsd:schema></wsdl:types>{FIRST}"
    )
    changed = SHIPPED.replace(FIRST, own, 1).replace('name="sfzh" type="xsd:string"', 'name="sfzh" type="tns:Own"')
    assert problem(tmp_path, changed).startswith("is not a WSDL 1.1 file that can be served: ")
