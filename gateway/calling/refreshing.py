"""Asks the sharing platform for the secret (domain 6.1). It carries no person, so it needs no intent."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from yarl import URL

from gateway.calling.secrets import Secret
from gateway.calling.way import Way
from gateway.calling.wire import Reply
from gateway.clock import Clock
from gateway.contract import strict_json
from gateway.errors import BadReply, ConfigFault, Trouble, Unreachable
from gateway.mapping import pointers
from gateway.security import platform
from gateway.security.platform import Standing

REPLY_BYTES: Final = 65_536
GIVEN: Final = {"gjgxjhpt": frozenset({"0"}), "gjzwfwpt": frozenset({"0", "200"})}
"""By prefix: the codes of a reply that holds a secret. The successor's envelope says 200 where the first one says 0."""

_REFUSALS: Final = frozenset({401, 403})


def refresher(way: Way, url: URL, standing: Standing, app_key: str, clock: Clock) -> Callable[[], Awaitable[Secret]]:
    """Fetches once.

    Raises (the function given):
        ConfigFault: they refuse us, or the secret is not wrapped with our app key.
        Unreachable: anything else than a secret came, or nothing.
    """

    async def fetch() -> Secret:
        values = standing.signed(app_key, clock.unix())
        body = json.dumps(values.named(standing.prefix), separators=(",", ":")).encode()
        try:
            reply = await way.post(url, {"Content-Type": "application/json"}, body, limit=REPLY_BYTES)
            return _read(reply, standing.prefix, app_key)
        except BadReply as error:
            raise Unreachable(f"the platform's reply to a refresh: {error.why}") from error

    return fetch


def _read(reply: Reply, prefix: str, app_key: str) -> Secret:
    if reply.status != 200:
        raise _refusal(reply.status in _REFUSALS, f"HTTP {reply.status}")
    try:
        tree = strict_json.read(reply.body)
    except strict_json.NotJson as error:
        raise BadReply(f"not JSON ({error.code})") from error
    code, data = pointers.get(tree, ("code",)), pointers.get(tree, ("data",))
    if not isinstance(code, str | int) or isinstance(code, bool):
        raise BadReply("no code in it")
    if str(code) not in GIVEN[prefix]:
        raise _refusal(True, "a code other than success")
    wrapped, ends = pointers.get(data, ("secret",)), _milliseconds(pointers.get(data, ("secretEndTime",)))
    if not isinstance(wrapped, str) or ends is None:
        raise BadReply("no secret with its end in it")
    try:
        return Secret(platform.unwrap(app_key, wrapped), ends / 1000)
    except ValueError as error:
        raise ConfigFault(str(error)) from error


def _refusal(is_ours: bool, what: str) -> Trouble:
    text = f"the platform gave no secret ({what})"
    return ConfigFault(text) if is_ours else Unreachable(text)


def _milliseconds(value: Any) -> int | None:
    """As a number or, as some write it, a text of digits."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) == 13 else None
