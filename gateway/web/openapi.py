"""The OpenAPI 3.1 document of our own API, generated from the models that read and spell it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from gateway import __version__
from gateway.security.idempotency import HEADER
from gateway.security.profiles import ANSWER_BOUND, READ, VERIFY
from gateway.web import accesses, findings
from gateway.web.accesses import AccessesAnswer, AccessesWish
from gateway.web.answers import Answer, ProblemOut, ReceiptFile
from gateway.web.cases import PATH as SEARCH
from gateway.web.cases import CaseAnswer, CaseWish
from gateway.web.findings import ChecksAnswer, ChecksWish, FoundByOfficer
from gateway.web.own_keys import MAX_AGE_SECONDS, PATH, PublishedKeys
from gateway.web.preferring import MOST_SECONDS
from gateway.web.problems import CONTENT_TYPE, KINDS, UNSIGNED
from gateway.web.questions import Question

_REF = "#/components/schemas/{model}"
_MODELS: dict[JsonSchemaMode, tuple[type[BaseModel], ...]] = {
    "validation": (Question, AccessesWish, FoundByOfficer, ChecksWish, CaseWish),
    "serialization": (Answer, ReceiptFile, AccessesAnswer, ChecksAnswer, CaseAnswer, ProblemOut, PublishedKeys),
}
_READ_STATUSES = (400, 401, 403, 404, 405, 409, 415, 421, 429, 500, 503)
_POST_STATUSES = (400, 401, 403, 405, 408, 409, 413, 415, 421, 429, 500, 503)
_IDENTIFIER = {
    "name": "verification_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "format": "uuid"},
}


def document() -> dict[str, Any]:
    """The whole document."""
    models = [(each, mode) for mode, ours in _MODELS.items() for each in ours]
    _, schemas = models_json_schema(models, ref_template=_REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Run-once gateway",
            "version": __version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": (
                "One signed question about one applicant, one decision per material. Every request under /v1/ is signed "
                f"(RFC 9421, Ed25519) over {VERIFY.covered}, without a body over {READ.covered}; every answer is signed over "
                f"{ANSWER_BOUND.covered}. Once a question is taken, the HTTP status is 200 whatever the authorities say."
            ),
        },
        "servers": [{"url": "/"}],
        "security": [{"signature": []}],
        "paths": {
            **_asking(),
            **_of_officers(),
            accesses.PATH: {"post": _accesses()},
            **_open_to_all(),
        },
        "components": {"schemas": schemas["$defs"], "securitySchemes": _security(), "headers": _headers()},
    }


def _asking() -> dict[str, Any]:
    return {
        "/v1/verifications": {"post": _ask()},
        "/v1/verifications/{verification_id}": {"get": _read()},
        "/v1/verifications/{verification_id}/receipt": {"get": _receipt()},
        SEARCH: {"post": _search()},
    }


def _of_officers() -> dict[str, Any]:
    return {
        "/v1/verifications/{verification_id}/findings": {"post": _find()},
        findings.CHECKS: {"post": _checks()},
    }


def _open_to_all() -> dict[str, Any]:
    return {
        PATH: {"get": _keys()},
        "/livez": {"get": _open("Whether the process runs.", "live")},
        "/readyz": {"get": _open("Whether it can take questions; never depends on an authority.", "ready", 503)},
    }


def _ask() -> dict[str, Any]:
    return {
        "operationId": "ask",
        "summary": "Ask one question about one applicant",
        "parameters": [*_signature_parameters(with_body=True), _key_parameter()],
        "requestBody": _body("Question"),
        "responses": _responses(*_POST_STATUSES, 422),
    }


def _read() -> dict[str, Any]:
    return {
        "operationId": "read",
        "summary": "The newest revision, for the consumer who asked",
        "parameters": [*_read_parameters(), _prefer()],
        "responses": _responses(*_READ_STATUSES),
    }


def _receipt() -> dict[str, Any]:
    return {
        "operationId": "receipt",
        "summary": "The receipt of the newest revision, for the consumer who asked; with its proof once it is in the ledger",
        "parameters": _read_parameters(),
        "responses": _responses(*_READ_STATUSES, 410, model="ReceiptFile", what="The receipt, a file to keep."),
    }


def _find() -> dict[str, Any]:
    return {
        "operationId": "find",
        "summary": "Add what an officer of the unit that asked found: a further revision",
        "parameters": [_IDENTIFIER, *_signature_parameters(with_body=True)],
        "requestBody": _body("FoundByOfficer"),
        "responses": _responses(*_POST_STATUSES, 404, 410, 422),
    }


def _checks() -> dict[str, Any]:
    return {
        "operationId": "checks",
        "summary": "What the officers of a unit are still to look at",
        "parameters": _signature_parameters(with_body=True),
        "requestBody": _body("ChecksWish"),
        "responses": _responses(*_POST_STATUSES, model="ChecksAnswer", what="One page, oldest first."),
    }


def _body(model: str) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": {"$ref": _ref(model)}}}}


def _read_parameters() -> list[dict[str, Any]]:
    return [_IDENTIFIER, *_signature_parameters(with_body=False)]


def _prefer() -> dict[str, Any]:
    text = f"`wait=N` (RFC 7240): a pending answer is waited for, at most {MOST_SECONDS} seconds. Not covered by the signature."
    return {"name": "Prefer", "in": "header", "required": False, "schema": {"type": "string"}, "description": text}


def _accesses() -> dict[str, Any]:
    return {
        "operationId": "accesses",
        "summary": "Who asked about a person, for the portal that shows it to them",
        "parameters": _signature_parameters(with_body=True),
        "requestBody": _body("AccessesWish"),
        "responses": _responses(*_POST_STATUSES, model="AccessesAnswer", what="One page, newest first."),
    }


def _search() -> dict[str, Any]:
    return {
        "operationId": "search",
        "summary": "What you asked about a case, by its number: after a lost reply",
        "parameters": _signature_parameters(with_body=True),
        "requestBody": _body("CaseWish"),
        "responses": _responses(*_POST_STATUSES, model="CaseAnswer", what="One page, newest first."),
    }


def _key_parameter() -> dict[str, Any]:
    text = "Unique for each question; signed. For a day the same question gets the first answer, and nobody is asked again."
    schema = {"type": "string", "pattern": '^"[A-Za-z0-9_-]{16,64}"$'}
    return {"name": HEADER, "in": "header", "required": False, "description": text, "schema": schema}


def _signature_parameters(*, with_body: bool) -> list[dict[str, Any]]:
    names = ["Signature-Input", "Signature", *(["Content-Digest"] if with_body else [])]
    return [{"name": name, "in": "header", "required": True, "schema": {"type": "string"}} for name in names]


def _responses(*statuses: int, model: str = "Answer", what: str = "One decision per material.") -> dict[str, Any]:
    signed = {name: {"$ref": f"#/components/headers/{name}"} for name in _headers() if name != "Retry-After"}
    answer = {"application/json": {"schema": {"$ref": _ref(model)}}}
    responses: dict[str, Any] = {"200": {"description": what, "headers": signed, "content": answer}}
    for status in sorted(statuses):
        codes = ", ".join(code for code, kind in KINDS.items() if kind.status == status and code not in UNSIGNED)
        content = {CONTENT_TYPE: {"schema": {"$ref": _ref("ProblemOut")}}}
        later = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}} if status in (429, 503) else {}
        responses[str(status)] = {"description": f"Refused: {codes}.", "headers": signed | later, "content": content}
    return responses


def _open(summary: str, operation: str, *others: int) -> dict[str, Any]:
    content = {
        "application/json": {
            "schema": {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}}
        }
    }
    responses = {str(status): {"description": summary, "content": content} for status in (200, *others)}
    return {"operationId": operation, "summary": summary, "security": [], "responses": responses}


def _keys() -> dict[str, Any]:
    summary = (
        "The public keys that sign answers, receipts and checkpoints. Read over a connection that nobody vouches for, it "
        "proves nothing: keep a copy that came by a way you trust."
    )
    kept = {"description": f"public, max-age={MAX_AGE_SECONDS}", "schema": {"type": "string"}}
    content = {"application/json": {"schema": {"$ref": _ref("PublishedKeys")}}}
    answer = {"description": "Every key with its state.", "headers": {"Cache-Control": kept}, "content": content}
    return {"operationId": "keys", "summary": summary, "security": [], "responses": {"200": answer}}


def _headers() -> dict[str, Any]:
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


def _security() -> dict[str, Any]:
    return {
        "signature": {
            "type": "apiKey",
            "in": "header",
            "name": "Signature",
            "description": "An HTTP message signature (RFC 9421); OpenAPI has no scheme for it, so it is shown as its header.",
        }
    }


def _ref(name: str) -> str:
    return _REF.format(model=name)
