"""Asking the platform for a secret: what is sent, and what every other answer than a secret means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from yarl import URL

from gateway.calling.refreshing import REPLY_BYTES, refresher
from gateway.calling.secrets import Secret
from gateway.calling.wire import Reply, Wire
from gateway.errors import BadReply, ConfigFault, Trouble, Unreachable
from gateway.security.platform import Standing
from tests.still import StillClock

from .doubles import reply

APP_KEY, SECRET = "demo-appkey-0001", "appsecret-plaintext-0123456789ab"
WRAPPED = "NFDoyKzpLtLye76jjlWB1d7NJDePAxseABLm+jK4f1JuvBFs3U9pTblfqP35KJPW"
SID, RID = "s_demo_0001", "00000000-0000-4000-8000-000000000001"
PATH = URL("http://127.0.0.1:1/sysapi/auth/refreshappsecret")
GOOD: dict[str, Any] = {"code": "0", "message": "ok", "data": {"secret": WRAPPED, "secretEndTime": 1795395600000}}


@dataclass
class OneReply(Wire):
    """A wire that has one thing to say."""

    says: Reply | Trouble
    sent: list[tuple[URL, dict[str, str], bytes, int]] = field(default_factory=list)

    async def post(self, url: URL, headers: Mapping[str, str], body: bytes, *, limit: int) -> Reply:
        self.sent.append((url, dict(headers), body, limit))
        if isinstance(self.says, Trouble):
            raise self.says
        return self.says


async def fetched(says: Reply | Trouble, prefix: str = "gjgxjhpt") -> tuple[Secret, OneReply]:
    wire = OneReply(says)
    clock = StillClock(unix_seconds=1795392000.0)
    return await refresher(wire, PATH, Standing(prefix, RID, SID), APP_KEY, clock)(), wire


def told(**changes: Any) -> Reply:
    return reply(json.dumps(GOOD | changes))


@pytest.mark.parametrize(("prefix", "code"), [("gjgxjhpt", "0"), ("gjgxjhpt", 0), ("gjzwfwpt", "0"), ("gjzwfwpt", 200)])
async def test_a_secret_with_its_end(prefix: str, code: str | int) -> None:
    secret, wire = await fetched(told(code=code), prefix)
    assert secret == Secret(SECRET, 1795395600.0)
    ((url, headers, body, limit),) = wire.sent
    assert (url, headers, limit) == (PATH, {"Content-Type": "application/json"}, REPLY_BYTES)
    assert json.loads(body) == {
        f"{prefix}_rid": RID,
        f"{prefix}_sid": SID,
        f"{prefix}_rtime": "1795392000000",
        f"{prefix}_sign": "SXcayAtUgpDWaoIJhbn2p1rmXxGlR/H/x0zWmvj6gOQ=",
    }


async def test_an_end_may_be_text() -> None:
    secret, _ = await fetched(told(data={"secret": WRAPPED, "secretEndTime": "1795395600000"}))
    assert secret.ends == 1795395600.0


@pytest.mark.parametrize(
    ("says", "trouble"),
    [
        (reply("", 401), ConfigFault),
        (reply("", 403), ConfigFault),
        (reply("", 404), Unreachable),
        (reply("", 500), Unreachable),
        (reply("", 302), Unreachable),
        (told(code="1"), ConfigFault),
        (told(code="200"), ConfigFault),
        (told(code=300), ConfigFault),
        (told(code=None), Unreachable),
        (told(code=False), Unreachable),
        (told(data=None), Unreachable),
        (told(data={"secret": WRAPPED}), Unreachable),
        (told(data={"secret": WRAPPED, "secretEndTime": True}), Unreachable),
        (told(data={"secret": WRAPPED, "secretEndTime": 1795395600}), Unreachable),
        (told(data={"secret": 7, "secretEndTime": 1795395600000}), Unreachable),
        (told(data={"secret": SECRET, "secretEndTime": 1795395600000}), ConfigFault),
        (reply("[]"), Unreachable),
        (reply("<html>login</html>"), Unreachable),
        (reply('{"code":"0","code":"0"}'), Unreachable),
        (reply(b"\xff"), Unreachable),
        (Unreachable("ClientConnectorError on the wire"), Unreachable),
        (BadReply("the reply is larger than its contract allows"), Unreachable),
    ],
)
async def test_anything_else(says: Reply | Trouble, trouble: type[Trouble]) -> None:
    with pytest.raises(trouble) as caught:
        await fetched(says)
    assert not any(secret in str(caught.value) for secret in (SECRET, WRAPPED, APP_KEY))
