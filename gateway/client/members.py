"""The members of a JSON object, each of its type. Missing ones and others raise BadAnswer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from gateway.client.errors import BadAnswer

T = TypeVar("T")


def json_object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadAnswer(f"{what} is not a JSON object")
    return value


def member(members: Mapping[str, Any], name: str, kind: type[T]) -> T:
    value = members.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise BadAnswer(f"the member {name} is missing or not of its type")
    return value


def maybe(members: Mapping[str, Any], name: str, kind: type[T]) -> T | None:
    return None if members.get(name) is None else member(members, name, kind)


def time_of(members: Mapping[str, Any], name: str) -> datetime:
    try:
        time = datetime.fromisoformat(member(members, name, str))
    except ValueError as error:
        raise BadAnswer(f"the member {name} is not a time (RFC 3339)") from error
    if time.tzinfo is None:
        raise BadAnswer(f"the member {name} is a time without an offset")
    return time


def day_of(members: Mapping[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(member(members, name, str))
    except ValueError as error:
        raise BadAnswer(f"the member {name} is not a date (RFC 3339)") from error
