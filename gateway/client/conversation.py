"""Builds requests and reads answers, without I/O: what both clients share."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import httpx

from gateway.client import gateway_keys as published
from gateway.client.answers import Accesses, Answer, read_accesses, read_answer, read_rate_limit
from gateway.client.auth import GatewayAuth
from gateway.client.cases import Cases, read_cases
from gateway.client.errors import BadAnswer, Problem, Unsendable
from gateway.client.questions import OfficerFound, Question
from gateway.clock import Clock, SystemClock
from gateway.errors import Fault
from gateway.security import idempotency, keys

PrivateKey: TypeAlias = bytes | str | Path | keys.Signer
"""PEM bytes, the name of a PEM file, or an object that signs (an HSM's, say)."""

PublicKey: TypeAlias = bytes | str | Path | keys.Verifier

GatewayKeys: TypeAlias = Mapping[str, PublicKey] | str | Path
"""The gateway's public keys by id, or the file of its exported document, read once."""

DEFAULT_DEADLINE_MS = 8000
MAX_DEADLINE_MS = 120_000
CONNECT_SECONDS = 5.0
MARGIN_SECONDS = 2.0
"""What the way there and back may take beyond the deadline given to the gateway."""

TRIES = 3
"""How often a question with an idempotency key is sent while no whole answer comes."""

_JSON = {"Content-Type": "application/json"}
_HEADERS = {"Accept": "application/json, application/problem+json", "User-Agent": "run-once-gateway-client"}
_VERIFICATION_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FAULT_MEMBERS = {"pointer": str, "line": int, "column": int, "expected": str, "nearest": str}


class Conversation:
    """One consumer's side towards one gateway.

    `gateway_keys` came over a way you trust, and are what is believed.
    Raises `security.keys.UnusableKey`, and Unsendable for a base URL that is none.
    """

    def __init__(
        self,
        base_url: str,
        *,
        keyid: str,
        private_key: PrivateKey,
        gateway_keys: GatewayKeys,
        clock: Clock | None = None,
    ) -> None:
        self._base_url = _base(base_url)
        if isinstance(private_key, str):
            private_key = Path(private_key)
        signer = keys.signer(keyid, private_key) if isinstance(private_key, bytes | Path) else private_key
        time = clock or SystemClock()
        self.auth = GatewayAuth(signer, _verifiers(gateway_keys, time.unix()), time)

    def question(self, question: Question | Mapping[str, Any] | bytes, idempotency_key: str | None) -> httpx.Request:
        """`POST /v1/verifications`, not signed yet; bytes are sent as they are. Raises Unsendable."""
        if isinstance(question, bytes):
            body, deadline_ms = question, _deadline_in(question)
        else:
            document = question.document() if isinstance(question, Question) else dict(question)
            body, deadline_ms = _body(document), document.get("deadline_ms")
        headers = dict(_JSON)
        if idempotency_key is not None:
            try:
                headers[idempotency.HEADER] = idempotency.written(idempotency_key)
            except idempotency.NoKey:
                raise Unsendable("an idempotency key is 16 to 64 of A-Z a-z 0-9 - _") from None
        return self._request("POST", "/v1/verifications", deadline_ms, headers, body)

    def viewing(
        self, citizen_id: str, case_numbers: Sequence[str], limit: int | None, cursor: str | None
    ) -> httpx.Request:
        """`POST /v1/subjects/accesses`, not signed yet. Raises Unsendable."""
        wish = {"case_numbers": list(case_numbers) or None, "limit": limit, "cursor": cursor}
        given = {name: value for name, value in wish.items() if value is not None}
        body = _body({"subject": {"citizen_id": citizen_id}, **given})
        return self._request("POST", "/v1/subjects/accesses", None, _JSON, body)

    def searching(self, case_number: str, cursor: str | None) -> httpx.Request:
        """`POST /v1/verifications/search`, not signed yet. Raises Unsendable."""
        wish = {"case_number": case_number} if cursor is None else {"case_number": case_number, "cursor": cursor}
        return self._request("POST", "/v1/verifications/search", None, _JSON, _body(wish))

    def finding(self, verification_id: str, found: OfficerFound | Mapping[str, Any]) -> httpx.Request:
        """`POST /v1/verifications/{id}/findings`, not signed yet. Raises Unsendable."""
        document = found.document() if isinstance(found, OfficerFound) else found
        return self._request("POST", f"{_path(verification_id)}/findings", None, _JSON, _body(document))

    def reading(self, verification_id: str) -> httpx.Request:
        """`GET /v1/verifications/{id}`, not signed yet. Raises Unsendable."""
        return self._request("GET", _path(verification_id), None, {}, None)

    def receipt_reading(self, verification_id: str) -> httpx.Request:
        """`GET /v1/verifications/{id}/receipt`, not signed yet. Raises Unsendable."""
        return self._request("GET", f"{_path(verification_id)}/receipt", None, {}, None)

    def answer(self, response: httpx.Response) -> Answer:
        """Reads a response that `auth` has trusted. Raises Problem when it is a refusal, BadAnswer when it is neither."""
        return read_answer(self._document(response), read_rate_limit(response.headers.get("ratelimit", "")))

    def accesses(self, response: httpx.Response) -> Accesses:
        """Reads a page from a response that `auth` has trusted. Raises like `answer`."""
        return read_accesses(self._document(response))

    def cases(self, response: httpx.Response) -> Cases:
        """Reads a page from a response that `auth` has trusted. Raises like `answer`."""
        return read_cases(self._document(response))

    def receipt(self, response: httpx.Response) -> bytes:
        """The receipt's file from a response that `auth` has trusted: what `receipts.check` takes. Raises like `answer`."""
        self._document(response)
        return response.content.rstrip(b" \n")

    def _document(self, response: httpx.Response) -> Any:
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            document = json.loads(response.content)
        except (ValueError, RecursionError) as error:
            raise BadAnswer(f"status {response.status_code} without a JSON body") from error
        if response.is_success and media_type == "application/json":
            return document
        if response.is_error and media_type == "application/problem+json" and isinstance(document, dict):
            raise _problem(response, document)
        raise BadAnswer(f"status {response.status_code} with a media type that does not belong to it")

    def _request(
        self, method: str, path: str, deadline_ms: Any, headers: Mapping[str, str], body: bytes | None
    ) -> httpx.Request:
        return httpx.Request(
            method,
            self._base_url + path,
            headers={**_HEADERS, **headers},
            content=body,
            extensions={"timeout": timeout(deadline_ms).as_dict()},
        )


def _path(verification_id: str) -> str:
    if not _VERIFICATION_ID.fullmatch(verification_id):
        raise Unsendable("a verification id is 1 to 64 letters, digits, - and _")
    return f"/v1/verifications/{verification_id}"


def timeout(deadline_ms: Any) -> httpx.Timeout:
    """How long to wait for a gateway that was given that deadline; a value that it will refuse counts as none."""
    is_deadline = isinstance(deadline_ms, int) and not isinstance(deadline_ms, bool) and deadline_ms > 0
    seconds = min(deadline_ms if is_deadline else DEFAULT_DEADLINE_MS, MAX_DEADLINE_MS) / 1000 + MARGIN_SECONDS
    return httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))


def why(error: httpx.HTTPError) -> str:
    """A transport failure in words that cannot hold anything we sent or received."""
    reason = f": {error}" if isinstance(error, httpx.ConnectError) else ""
    return f"no whole answer came ({type(error).__name__}{reason})"


def _base(base_url: str) -> str:
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL as error:
        raise Unsendable("the base URL is not a URL") from error
    if url.scheme not in ("http", "https") or not url.host or url.query or url.fragment or url.userinfo:
        raise Unsendable("the base URL is http(s)://host[:port][/path], without user, query or fragment")
    return base_url.rstrip("/")


def _verifiers(given: GatewayKeys, now: float) -> Mapping[str, keys.Verifier]:
    if isinstance(given, str | Path):
        return published.read(Path(given), now)
    return {name: _verifier(name, key) for name, key in given.items()}


def _verifier(name: str, key: PublicKey) -> keys.Verifier:
    if isinstance(key, str):
        key = Path(key)
    return keys.verifier(name, key) if isinstance(key, bytes | Path) else key


def _deadline_in(body: bytes) -> Any:
    """The `deadline_ms` of a question that is JSON already; whether it is right is for the gateway to say."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return document.get("deadline_ms") if isinstance(document, dict) else None


def _body(document: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        failure = type(error).__name__
    # Raised out here, without cause or context: a UnicodeEncodeError holds the whole body.
    raise Unsendable(f"the question cannot be written as JSON in UTF-8 ({failure})")


def _problem(response: httpx.Response, document: Mapping[str, Any]) -> Problem:
    code = document.get("code") or str(document.get("type", "")).rpartition("/")[2]
    after = response.headers.get("retry-after", "")
    faults = document.get("faults") or []
    return Problem(
        response.status_code,
        str(code),
        str(document.get("title", "")),
        str(document.get("detail", "")),
        tuple(_fault(fault) for fault in faults if isinstance(fault, dict)) if isinstance(faults, list) else (),
        retry_after_seconds=int(after) if re.fullmatch(r"[0-9]{1,9}", after) else None,
        raw=document,
    )


def _fault(document: Mapping[str, Any]) -> Fault:
    known = {name: document[name] for name, kind in _FAULT_MEMBERS.items() if isinstance(document.get(name), kind)}
    return Fault(str(document.get("code", "")), **known)
