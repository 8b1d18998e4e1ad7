"""Machines in front of the authority answer in its place: bare replies, nothing signed."""

from __future__ import annotations

import math
from http import HTTPStatus

from mocks.faults.fault import Fault, Given, Reply

HTML = "text/html; charset=utf-8"
_LOGIN = "<!DOCTYPE html><html><body><form action='/login'>请登录 <input name='user'></form></body></html>"
_BODILESS = (204, 304)


def _login(reply: Reply, given: Given) -> None:
    _become(reply, 200, _LOGIN)


def _rate_limit(reply: Reply, given: Given) -> None:
    _become(reply, 429, "Too Many Requests")
    reply.headers["Retry-After"] = str(math.ceil(given.seconds if given.remaining is None else given.remaining))


def status(code: int) -> Fault:
    """The fault `status_<code>`."""

    def body(reply: Reply, given: Given) -> None:
        _become(reply, code, "" if code in _BODILESS else f"<html><body><h1>{code}</h1></body></html>")
        if 300 <= code < 400:
            reply.headers["Location"] = "/login"

    return Fault(zh=f"HTTP 状态 {code}", en=f"HTTP status {code}", signature="missing", body=body)


def _become(reply: Reply, code: int, text: str) -> None:
    known = {each.value: each.phrase for each in HTTPStatus}
    reply.status, reply.reason, reply.body = code, known.get(code, "Status"), text.encode()
    reply.headers.clear()
    if text:
        reply.headers["Content-Type"] = HTML


FAULTS = {
    "html_login": Fault(zh="200，返回登录页面", en="a login page in HTML, at 200", signature="missing", body=_login),
    "rate_limit": Fault(
        zh="429，Retry-After 为剩余秒数",
        en="429; Retry-After is what is left of its window (`lasting`), else `seconds`",
        seconds=1,
        signature="missing",
        body=_rate_limit,
    ),
}
STATUS = Fault(
    zh="status_<NNN>：前置机返回这个 HTTP 状态（200 到 599）",
    en="a machine in front answers with this HTTP status (200 to 599); a 3xx points to /login",
    signature="missing",
)
"""How `status_<NNN>` stands in the vocabulary."""
