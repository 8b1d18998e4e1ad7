"""What the door refuses before it looks at a signature, and the case made of a captured request."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from gateway.security import idempotency
from gateway.security.doctor.captures import Message
from gateway.security.doctor.cases import Case, Cause
from gateway.security.inspection import JSON_TYPES, received
from gateway.security.served import served_name
from gateway.security.signatures import Verifier

_WITH_BODY, _WITHOUT_BODY = "POST", "GET"
_TARGET_PARTS: Final = 4
"""Of an absolute target, split at its slashes: scheme, nothing, authority, path."""


def case_of(message: Message, keys: Mapping[str, Verifier], names: tuple[str, ...], now: float) -> Case:
    """The request as the door would read it; where it would not get so far, as its sender meant it."""
    hosts, path = message.header("host"), _path(message.target)
    authority = authority_of(hosts, path, names) or (hosts[0].lower() if hosts else "")
    body = message.body if message.method == _WITH_BODY or message.body else None
    return Case(message, received(message.method, authority, path, message.header, body), now, keys, names)


def at_sight(message: Message, names: tuple[str, ...]) -> list[tuple[str, Cause]]:
    """Every code that is refused with at sight, in the door's order, with its cause."""
    found: list[tuple[str, Cause]] = []

    def trouble(code: str, cause: Cause) -> None:
        found.append((code, cause))

    hosts = message.header("host")
    if authority_of(hosts, message.target, names) is None:
        given = hosts[0] if len(hosts) == 1 else ""
        facts = {"names": ", ".join(names), "count": str(len(hosts))}
        trouble("authority_not_served", Cause("host_not_served", '"@authority"', None, given, facts, is_proved=True))
    if "?" in message.target:
        trouble("query_not_allowed", Cause("query", '"@path"', is_proved=True))
    if message.method not in (_WITH_BODY, _WITHOUT_BODY):
        trouble("method_not_allowed", Cause("method_not_served", '"@method"', is_proved=True))
    if message.header("content-encoding"):
        trouble("content_encoding", Cause("encoding", is_proved=True))
    if message.method == _WITH_BODY and not _is_json(message):
        trouble("content_type", Cause("media_type", '"content-type"', is_proved=True))
    if not _is_key(message):
        facts = {"count": str(len(message.header("idempotency-key")))}
        trouble("idempotency_key", Cause("idempotency_key", idempotency.COMPONENT, facts=facts, is_proved=True))
    return found


def authority_of(hosts: Sequence[str], target: str, names: Collection[str]) -> str | None:
    """The configured name that the Host means, or None: not served here (or a target that is no path)."""
    return served_name(hosts, names) if target.startswith("/") else None


def _is_json(message: Message) -> bool:
    lines = message.header("content-type")
    return bool(lines) and lines[0].lower() in JSON_TYPES


def _is_key(message: Message) -> bool:
    lines = message.header("idempotency-key")
    try:
        return idempotency.read(lines) is None or message.method == _WITH_BODY
    except idempotency.NoKey:
        return False


def _path(target: str) -> str:
    """Without the query and, in an absolute target, without scheme and authority."""
    bare = target.partition("?")[0]
    if bare.startswith("/"):
        return bare
    parts = bare.split("/", _TARGET_PARTS - 1)
    return f"/{parts[-1]}" if len(parts) == _TARGET_PARTS else "/"
