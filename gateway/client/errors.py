"""Every failure a consumer can meet, as one tree.

    ClientError
    ├── Unsendable           it cannot be asked like this; nothing left this machine
    ├── Unreached            no whole answer came; the question may have arrived: ask again, or read by id
    ├── AnswerNotTrusted     an answer came without proof that the gateway gave it to this request: believe nothing in it
    ├── BadAnswer            proved to be the gateway's, but not what this client can read
    └── Problem              the gateway refused (RFC 9457): its stable code and what to mend

A business outcome is never an error: "undetermined" is an answer. No text, attribute, cause or context here holds the
question's body, so any of these may be logged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.errors import Fault, GatewayError


class ClientError(GatewayError):
    """The root of all that this client raises on purpose."""


class Unsendable(ClientError):
    """The URL, the question, the idempotency key or the verification id cannot be sent as they are."""


class Unreached(ClientError):
    """The transport failed: no connection, a timeout, or a reply that broke off."""


class AnswerNotTrusted(ClientError):
    """The answer's signature is missing, wrong, stale, by an unknown key or not bound to this request.

    `code` is one of `gateway.security.signatures.Code`; `http_status` is what the untrusted answer claimed. An untrusted
    502 or 504 usually means that something between the gateway and here answered in its place.
    """

    def __init__(self, code: str, detail: str, http_status: int) -> None:
        super().__init__(f"{code}: {detail} (an untrusted answer with status {http_status})")
        self.code = code
        self.detail = detail
        self.http_status = http_status


class BadAnswer(ClientError):
    """The signature is right and the content is not: another version of the gateway, or a defect of it."""


class Problem(ClientError):
    """The gateway's problem document. `raw` is the whole of it, with members that this version does not know."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        faults: tuple[Fault, ...],
        *,
        retry_after_seconds: int | None = None,
        raw: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {detail or title}")
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.faults = faults
        self.retry_after_seconds = retry_after_seconds
        self.raw = raw or {}
