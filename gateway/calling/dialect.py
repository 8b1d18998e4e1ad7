"""What a dialect must be able to do: write one signed request, and open one reply that it has verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from yarl import URL

from gateway.calling.wire import Reply
from gateway.contract import charsets, strict_json
from gateway.contract.openapi import JsonSchema, RestOperation
from gateway.errors import BadReply
from gateway.model import Check, Intent


@dataclass(frozen=True, slots=True)
class Prepared:
    """One request, signed, as it goes on the wire. `binding` is what a reply to it must be bound to."""

    url: URL
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    binding: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A reply read so far: the payload of one that was verified (`tree`), or the fault or bare status of one that was not."""

    status: int
    tree: Any = field(default=None, repr=False)
    fault: str | None = None


class Dialect(Protocol):
    """One authority's wire and signature on one channel. Each attempt is prepared anew: own time, own nonce."""

    def prepare(self, operation: str, check: Check, intent: Intent, request_id: str) -> Prepared:
        """The signed request."""
        ...

    def open(self, operation: str, prepared: Prepared, reply: Reply) -> Opened:
        """What the reply holds. A status 200 is verified first, and its payload held against its schema.

        Raises:
            BadSignature, NotBound: it is not theirs, or not to this question.
            BadReply: it is theirs and not what their interface promises.
        """
        ...


JSON = "application/json"


def json_payload(reply: Reply, operation: RestOperation) -> Any:
    """The JSON in a REST reply with status 200, of older peers also in a GB encoding that they declare.

    Raises:
        BadReply: it is not JSON by its content type or its bytes, or not what the interface promises.
    """
    schema, media_type = operation.replies.get(200), reply.headers.get("Content-Type", "")
    if schema is None or media_type.partition(";")[0].strip() != JSON:
        raise BadReply("the reply is not JSON by its content type")
    try:
        return payload(charsets.as_utf8(reply.body, charsets.of_content_type(media_type)), schema)
    except ValueError as error:
        raise BadReply(f"the reply's bytes: {error}") from error


def payload(data: bytes, schema: JsonSchema) -> Any:
    """A JSON payload, strictly read and held against its schema.

    Raises:
        BadReply: with the code or the schema's keyword, never a value.
    """
    try:
        tree = strict_json.read(data)
    except strict_json.NotJson as error:
        raise BadReply(f"the payload is not JSON ({error.code})") from error
    if not schema.accepts(tree):
        raise BadReply(f"the payload breaks its schema: {schema.faults(tree)[0].rpartition(' ')[2]}")
    return tree
