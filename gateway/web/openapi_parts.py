"""What the operations of our OpenAPI document have in common: parameters, bodies, responses, headers."""

from __future__ import annotations

from typing import Any

from gateway.security.idempotency import HEADER
from gateway.web.preferring import MOST_SECONDS
from gateway.web.problems import CONTENT_TYPE, KINDS, UNSIGNED

REF = "#/components/schemas/{model}"
IDENTIFIER = {
    "name": "verification_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "format": "uuid"},
}


def body(model: str) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": {"$ref": ref(model)}}}}


def read_parameters() -> list[dict[str, Any]]:
    return [IDENTIFIER, *signature_parameters(with_body=False)]


def prefer() -> dict[str, Any]:
    text = f"`wait=N` (RFC 7240): a pending answer is waited for, at most {MOST_SECONDS} seconds. Not covered by the signature."
    return {"name": "Prefer", "in": "header", "required": False, "schema": {"type": "string"}, "description": text}


def key_parameter() -> dict[str, Any]:
    text = "Unique for each question; signed. For a day the same question gets the first answer, and nobody is asked again."
    schema = {"type": "string", "pattern": '^"[A-Za-z0-9_-]{16,64}"$'}
    return {"name": HEADER, "in": "header", "required": False, "description": text, "schema": schema}


def signature_parameters(*, with_body: bool) -> list[dict[str, Any]]:
    names = ["Signature-Input", "Signature", *(["Content-Digest"] if with_body else [])]
    return [{"name": name, "in": "header", "required": True, "schema": {"type": "string"}} for name in names]


def responses_of(*statuses: int, model: str = "Answer", what: str = "One decision per material.") -> dict[str, Any]:
    signed = {name: {"$ref": f"#/components/headers/{name}"} for name in headers() if name != "Retry-After"}
    answer = {"application/json": {"schema": {"$ref": ref(model)}}}
    responses: dict[str, Any] = {"200": {"description": what, "headers": signed, "content": answer}}
    for status in sorted(statuses):
        codes = ", ".join(code for code, kind in KINDS.items() if kind.status == status and code not in UNSIGNED)
        content = {CONTENT_TYPE: {"schema": {"$ref": ref("ProblemOut")}}}
        later = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}} if status in (429, 503) else {}
        responses[str(status)] = {"description": f"Refused: {codes}.", "headers": signed | later, "content": content}
    return responses


def open_to_all(summary: str, operation: str, *others: int) -> dict[str, Any]:
    content = {
        "application/json": {
            "schema": {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}}
        }
    }
    responses = {str(status): {"description": summary, "content": content} for status in (200, *others)}
    return {"operationId": operation, "summary": summary, "security": [], "responses": responses}


def headers() -> dict[str, Any]:
    names = ("Content-Digest", "Signature-Input", "Signature")
    signed: dict[str, Any] = {name: {"schema": {"type": "string"}, "required": True} for name in names}
    return signed | {
        "RateLimit-Policy": _hint(
            "string", "How many requests at once (q), and within how many seconds they come back (w)."
        ),
        "RateLimit": _hint("string", "How many are left (r), and after how many seconds without asking all are (t)."),
        "Server-Timing": _hint(
            "string", "Where the time went: door, queue (for a place), work, total; milliseconds (W3C Server Timing)."
        ),
        "Retry-After": _hint("integer", "When asking again is worth it, in seconds."),
    }


def _hint(kind: str, text: str) -> dict[str, Any]:
    return {"description": f"{text} Not covered by the signature.", "schema": {"type": kind}}


def security() -> dict[str, Any]:
    return {
        "signature": {
            "type": "apiKey",
            "in": "header",
            "name": "Signature",
            "description": "An HTTP message signature (RFC 9421); OpenAPI has no scheme for it, so it is shown as its header.",
        }
    }


def ref(name: str) -> str:
    return REF.format(model=name)
