"""The one safe parser: everything that XML can do to a reader, and canonical text as lxml writes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway.contract import xml
from gateway.contract.xml import NotXml

LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha">%s]><l>&j;</l>' % b"".join(
    b'<!ENTITY %c "%s">' % (char, b"&%c;" % (char - 1) * 10) for char in range(ord("b"), ord("k"))
)
DTD = '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'


@pytest.mark.parametrize(
    "data",
    [
        LAUGHS,
        DTD.encode(),
        b'<!DOCTYPE a PUBLIC "x" "http://127.0.0.1:1/x.dtd"><a/>',
        b"<!DOCTYPE a><a/>",
        b'<?xml version="1.0"?>\n<!DOCTYPE a [<!ATTLIST a b CDATA "c">]><a/>',
        DTD.encode("utf-16"),
        DTD.encode("utf-16-le"),
        "<a>测试</a>".encode("utf-16"),
        "<a>测试</a>".encode("utf-32"),
        '<?xml version="1.0" encoding="GBK"?><a>测试</a>'.encode("gbk"),
        b'<?xml version="1.0" encoding="GB18030"?><a/>',
        b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>',
        b'<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe9</a>',
        "<a>测试</a>".encode("gbk"),
        b"<a>\x00</a>",
        b"<a>&ha;</a>",
        b"<a>&#0;</a>",
        b"<a>&#xD800;</a>",
        b"<a>",
        b"<a/><b/>",
        b"",
        b" ",
        b"text",
        b'{"success": true}',
        b"<a b='1' b='2'/>",
        b"<p:a/>",
        b"<a>" * 300 + b"</a>" * 300,
    ],
)
def test_refused(data):
    with pytest.raises(NotXml) as refused:
        xml.parse(data)
    assert str(refused.value) in {"not well-formed", "has a document type or is not UTF-8"}


def test_the_size_is_looked_at_first():
    with pytest.raises(NotXml, match="larger than the limit"):
        xml.parse(b"<!DOCTYPE a" * 10, limit=20)
    with pytest.raises(NotXml, match="larger than the limit"):
        xml.parse(b"<a>" + b"x" * 1_048_576 + b"</a>")
    assert xml.parse(b"<a/>", limit=4).tag == "a"


def test_200_000_attributes_are_cut_at_the_cap():
    data = b"<a " + b" ".join(b'a%d="1"' % n for n in range(200_000)) + b"/>"
    with pytest.raises(NotXml, match="larger than the limit"):
        xml.parse(data)


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "us-ascii"])
def test_utf_8_may_be_declared(encoding):
    assert xml.parse(f'<?xml version="1.0" encoding="{encoding}"?><a>x</a>'.encode()).text == "x"


def test_comments_are_dropped_so_that_text_is_whole():
    root = xml.parse(b"<!-- a --><a><b>admin<!-- cut -->istrator</b><!-- b --></a><!-- c -->")
    (child,) = root
    assert xml.text_of(child) == "administrator"
    assert xml.canonical(root) == b"<a><b>administrator</b></a>"


@pytest.mark.parametrize("inside", [b"x<?pi y?>z", b"<?pi y?>", b"x<c/>y", b"<c>x</c>"])
def test_text_that_is_not_text_alone_is_refused(inside):
    with pytest.raises(NotXml, match="only text is allowed"):
        xml.text_of(xml.parse(b"<a>%s</a>" % inside))


def test_empty_text_is_text():
    assert xml.text_of(xml.parse(b"<a/>")) == ""
    assert xml.text_of(xml.parse(b"<a><![CDATA[<b>]]>&amp;</a>")) == "<b>&"


def test_elements_are_not_processing_instructions():
    root = xml.parse(b"<a>t<b/><?pi x?>t<c/></a>")
    assert [element.tag for element in xml.elements(root)] == ["b", "c"]


def test_canonical_is_exclusive_and_takes_inclusive_prefixes():
    root = xml.parse(b'<e xmlns:z="urn:z" xmlns:s="urn:s"><s:b z:k="1" a="2"><c/></s:b></e>')
    assert xml.canonical(root[0][0]) == b"<c></c>"
    assert xml.canonical(root[0]) == b'<s:b xmlns:s="urn:s" xmlns:z="urn:z" a="2" z:k="1"><c></c></s:b>'
    assert xml.canonical(root[0][0], ("z",)) == b'<c xmlns:z="urn:z"></c>'


def test_what_has_no_canonical_form_is_not_xml_that_we_read():
    with pytest.raises(NotXml, match="no canonical form"):
        xml.canonical(xml.parse(b'<a xmlns="relative"/>'))


ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30)


@given(ANY_TEXT)
def test_escape_writes_what_lxml_writes_canonically_or_refuses_what_lxml_refuses(text):
    element = etree.Element("a")
    try:
        element.text = text
    except ValueError:
        with pytest.raises(NotXml):
            xml.escape(text)
        return
    assert f"<a>{xml.escape(text)}</a>".encode() == xml.canonical(element)
    assert xml.text_of(xml.parse(f"<a>{xml.escape(text)}</a>".encode())) == text


@pytest.mark.parametrize("char", ["\x00", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_a_character_that_xml_cannot_carry_is_refused(char):
    with pytest.raises(NotXml, match="cannot carry"):
        xml.escape(f"x{char}y")


def test_a_schema_names_kinds_and_never_values():
    schema = xml.Schema(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a" type="xs:date"/></xs:schema>'
    )
    assert schema.faults(xml.parse(b"<a>2018-05-02</a>")) == []
    faults = schema.faults(xml.parse(b"<a>SECRET</a>"))
    assert faults
    assert "SECRET" not in "".join(faults)


@given(st.binary(max_size=60) | st.text(alphabet="<>/ab&;!?-[]\"'= xmlns:", max_size=60).map(str.encode))
def test_nothing_but_not_xml_is_raised(data):
    try:
        xml.parse(data)
    except NotXml:
        return


NAMES = "<a>欧阳·测试𠮷</a>"


@pytest.mark.parametrize("encoding", ["GBK", "gb2312", "GB18030"])
@pytest.mark.parametrize("charset", [None, "GBK", "utf-8"])
def test_bytes_of_older_peers_are_read_as_gb18030(encoding, charset):
    data = f'<?xml version="1.0" encoding="{encoding}" standalone="yes"?>{NAMES}'.encode("gb18030")
    assert xml.text_of(xml.read(data, charset)) == "欧阳·测试𠮷"


def test_the_header_alone_may_declare_it():
    assert xml.text_of(xml.read(NAMES.encode("gb18030"), "GBK")) == "欧阳·测试𠮷"
    assert xml.text_of(xml.read(b'<?xml version="1.0"?>' + NAMES.encode("gb18030"), "gbk")) == "欧阳·测试𠮷"


def test_utf8_is_read_as_it_is():
    for declaration in ("", '<?xml version="1.0"?>', '<?xml version="1.0" encoding="utf-8"?>'):
        assert xml.text_of(xml.read((declaration + NAMES).encode())) == "欧阳·测试𠮷"
        assert xml.text_of(xml.read((declaration + NAMES).encode(), "UTF-8")) == "欧阳·测试𠮷"


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        (NAMES.encode("gb18030"), None),
        (NAMES.encode("gb18030"), "utf-8"),
        (NAMES.encode(), "GBK"),
        (b'<?xml version="1.0" encoding="GBK"?><a>\xff</a>', None),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe9</a>', None),
        (DTD.encode(), "GBK"),
        (f'<?xml version="1.0" encoding="GBK"?>{DTD}'.encode(), None),
    ],
)
def test_bytes_that_are_not_what_they_declare(data, charset):
    with pytest.raises(NotXml) as refused:
        xml.read(data, charset)
    assert "测试" not in str(refused.value)


def test_a_text_s_own_declaration_is_dropped():
    assert xml.text_of(xml.parse_text(f'<?xml version="1.0" encoding="GBK"?>{NAMES}')) == "欧阳·测试𠮷"
    with pytest.raises(NotXml):
        xml.parse_text(" " + f'<?xml version="1.0" encoding="GBK"?>{NAMES}')
    with pytest.raises(NotXml):
        xml.parse_text("<a>\ud800</a>")


def test_a_schema_that_is_none():
    with pytest.raises(NotXml):
        xml.Schema("<a/>")
