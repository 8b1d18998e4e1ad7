"""Bodies that cannot be read. Signed as usual, so that the reader of the content finds it and not the signature's check."""

from __future__ import annotations

import json
from copy import deepcopy

from lxml import etree

from gateway.contract import xml
from mocks.faults.fault import Fault, Given, Reply
from mocks.payloads import Form


def _empty(reply: Reply, given: Given) -> None:
    reply.body = b""


def _garbage(reply: Reply, given: Given) -> None:
    reply.body = bytes(range(128, 256)) * 4


def _wrong_content_type(reply: Reply, given: Given) -> None:
    reply.headers["Content-Type"] = "text/plain; charset=utf-8"


def _wrong_charset(reply: Reply, given: Given) -> None:
    text = reply.body.decode()
    reply.body = text.encode("gb18030") if not text.isascii() else text.encode("utf-16")


def _cut(text: str, form: Form) -> str:
    return text[: len(text) * 2 // 3]


def _duplicate_key(text: str, form: Form) -> str:
    if form == "json":
        name, value = next(iter(json.loads(text).items()))
        return f"{{{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}, {text.removeprefix('{')}"
    declaration, _, _ = text.partition("?>")
    root = xml.parse(text.partition("?>")[2].encode())
    leaf = next(element for element in root.iter() if len(element) == 0)
    leaf.addnext(deepcopy(leaf))
    return f"{declaration}?>{etree.tostring(root, encoding='unicode')}"


FAULTS = {
    "empty": Fault(zh="200，正文为空", en="200 with an empty body", body=_empty),
    "garbage": Fault(zh="200，正文是乱字节", en="200 with bytes that are nothing", body=_garbage),
    "wrong_content_type": Fault(
        zh="正文正确，Content-Type 却是 text/plain", en="the right body as text/plain", body=_wrong_content_type
    ),
    "wrong_charset": Fault(
        zh="声明 UTF-8，实际是 GB18030 字节", en="GB18030 bytes where UTF-8 is declared", body=_wrong_charset
    ),
    "cut_json": Fault(
        zh="JSON（或字符串里的 JSON、XML）被截断，外层完好并已签名",
        en="the payload (JSON, or the JSON or XML in a SOAP string) is cut, all around it is whole and signed",
        text=_cut,
    ),
    "duplicate_key": Fault(
        zh="JSON 里同一个键出现两次（XML 里同一个元素）",
        en="a name of the payload's JSON (an element of its XML) stands twice",
        text=_duplicate_key,
    ),
}
