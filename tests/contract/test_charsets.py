"""Bytes of older peers: whatever GB encoding they declare is GB 18030; what is not is refused, and UTF-8 stays UTF-8."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract import charsets

RARE = "䶮㭎𠮷𬱖𬍛"
"""Names that GBK cannot write (domain 1.4), and GB 18030 can."""


@pytest.mark.parametrize("declared", ["GBK", "gb2312", "GB18030", "gb_2312-80", "cp936"])
@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xa1\xa4", "·"),  # A1A4: Python's own gb2312 would say U+30FB
        (b"\x81\x36\xa6\x31", "•"),
        (b"\x81\x39\xa7\x39", "・"),
        (b"\x84\x31\x96\x31", "･"),
        (b"\xa3\xae", "．"),
        (b"\xa1\xf1", "●"),
        (bytes.fromhex("FE9FFE689534B2359933C3369931D937"), RARE),
        (b"\xfe\x59", "\ue81e"),  # the 2000 edition's; names.canonical folds it
        (b"\xc1\xaa\xcd\xa8", "联通"),  # GBK that is also well-formed UTF-8
        (b"plain", "plain"),
    ],
)
def test_every_gb_encoding_is_gb18030(declared: str, data: bytes, text: str) -> None:
    assert charsets.as_utf8(data, declared).decode() == text
    assert charsets.as_utf8(data, None, declared).decode() == text


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(["utf-8", "UTF-8", None, "iso-8859-1"]))
def test_without_a_gb_encoding_nothing_changes(text: str, declared: str | None) -> None:
    assert charsets.as_utf8(text.encode(), declared, None) == text.encode()


@pytest.mark.parametrize("data", [b"\xff", b"\xa1", b"\x81\x30", "测试".encode()])
def test_what_is_not_gb_is_refused_and_not_shown(data: bytes) -> None:
    with pytest.raises(ValueError, match="declared as a GB encoding") as caught:
        charsets.as_utf8(data, "GBK", "GBK")
    assert "测试" not in str(caught.value)


def test_where_two_places_contradict_each_other_the_bytes_decide() -> None:
    for declared in (("utf-8", "GBK"), ("GBK", "utf-8")):
        assert charsets.as_utf8("测试·父".encode(), *declared).decode() == "测试·父"
        assert charsets.as_utf8("测试·父".encode("gb18030"), *declared).decode() == "测试·父"


@pytest.mark.parametrize(
    ("header", "charset"),
    [
        ("text/xml; charset=GBK", "GBK"),
        ('text/xml;charset="gb2312"', "gb2312"),
        ("text/xml; Charset=utf-8 ; action=x", "utf-8"),
        ("text/xml", None),
        ("", None),
        ("text/xml; charset=", None),
        ("text/xml; xcharset=GBK", None),
    ],
)
def test_of_content_type(header: str, charset: str | None) -> None:
    assert charsets.of_content_type(header) == charset
