"""The OpenAPI 3.1 document of our own API, generated from the models that read and spell it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from gateway import __version__
from gateway.security.profiles import ANSWER_BOUND, READ, VERIFY
from gateway.web import accesses, findings
from gateway.web.accesses import AccessesAnswer, AccessesWish
from gateway.web.answers import Answer, ProblemOut, ReceiptFile
from gateway.web.cases import PATH as SEARCH
from gateway.web.cases import CaseAnswer, CaseWish
from gateway.web.findings import ChecksAnswer, ChecksWish, FoundByOfficer
from gateway.web.openapi_parts import (
    IDENTIFIER,
    REF,
    body,
    headers,
    key_parameter,
    open_to_all,
    prefer,
    read_parameters,
    ref,
    responses_of,
    security,
    signature_parameters,
)  # fmt: skip
from gateway.web.own_keys import MAX_AGE_SECONDS, PATH, PublishedKeys
from gateway.web.questions import Question
from gateway.web.timing import TimingOut

_MODELS: dict[JsonSchemaMode, tuple[type[BaseModel], ...]] = {
    "validation": (Question, AccessesWish, FoundByOfficer, ChecksWish, CaseWish),
    "serialization": (
        Answer,
        ReceiptFile,
        AccessesAnswer,
        ChecksAnswer,
        CaseAnswer,
        TimingOut,
        ProblemOut,
        PublishedKeys,
    ),
}
_READ_STATUSES = (400, 401, 403, 404, 405, 409, 415, 421, 429, 500, 503)
_POST_STATUSES = (400, 401, 403, 405, 408, 409, 413, 415, 421, 429, 500, 503)


def document() -> dict[str, Any]:
    """The whole document."""
    models = [(each, mode) for mode, ours in _MODELS.items() for each in ours]
    _, schemas = models_json_schema(models, ref_template=REF)
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
        "components": {"schemas": schemas["$defs"], "securitySchemes": security(), "headers": headers()},
    }


def _asking() -> dict[str, Any]:
    return {
        "/v1/verifications": {"post": _ask()},
        "/v1/verifications/{verification_id}": {"get": _read()},
        "/v1/verifications/{verification_id}/receipt": {"get": _receipt()},
        "/v1/verifications/{verification_id}/timing": {"get": _timing()},
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
        "/livez": {"get": open_to_all("Whether the process runs.", "live")},
        "/readyz": {"get": open_to_all("Whether it can take questions; never depends on an authority.", "ready", 503)},
    }


def _ask() -> dict[str, Any]:
    return {
        "operationId": "ask",
        "summary": "Ask one question about one applicant",
        "parameters": [*signature_parameters(with_body=True), key_parameter()],
        "requestBody": body("Question"),
        "responses": responses_of(*_POST_STATUSES, 422),
    }


def _read() -> dict[str, Any]:
    return {
        "operationId": "read",
        "summary": "The newest revision, for the consumer who asked",
        "parameters": [*read_parameters(), prefer()],
        "responses": responses_of(*_READ_STATUSES),
    }


def _receipt() -> dict[str, Any]:
    return {
        "operationId": "receipt",
        "summary": "The receipt of the newest revision, for the consumer who asked; with its proof once it is in the ledger",
        "parameters": read_parameters(),
        "responses": responses_of(*_READ_STATUSES, 410, model="ReceiptFile", what="The receipt, a file to keep."),
    }


def _timing() -> dict[str, Any]:
    return {
        "operationId": "timing",
        "summary": "Where the time of the first answer went, for the consumer who asked, while this process knows it",
        "parameters": read_parameters(),
        "responses": responses_of(*_READ_STATUSES, model="TimingOut", what="The record."),
    }


def _find() -> dict[str, Any]:
    return {
        "operationId": "find",
        "summary": "Add what an officer of the unit that asked found: a further revision",
        "parameters": [IDENTIFIER, *signature_parameters(with_body=True)],
        "requestBody": body("FoundByOfficer"),
        "responses": responses_of(*_POST_STATUSES, 404, 410, 422),
    }


def _checks() -> dict[str, Any]:
    return {
        "operationId": "checks",
        "summary": "What the officers of a unit are still to look at",
        "parameters": signature_parameters(with_body=True),
        "requestBody": body("ChecksWish"),
        "responses": responses_of(*_POST_STATUSES, model="ChecksAnswer", what="One page, oldest first."),
    }


def _accesses() -> dict[str, Any]:
    return {
        "operationId": "accesses",
        "summary": "Who asked about a person, for the portal that shows it to them",
        "parameters": signature_parameters(with_body=True),
        "requestBody": body("AccessesWish"),
        "responses": responses_of(*_POST_STATUSES, model="AccessesAnswer", what="One page, newest first."),
    }


def _search() -> dict[str, Any]:
    return {
        "operationId": "search",
        "summary": "What you asked about a case, by its number: after a lost reply",
        "parameters": signature_parameters(with_body=True),
        "requestBody": body("CaseWish"),
        "responses": responses_of(*_POST_STATUSES, model="CaseAnswer", what="One page, newest first."),
    }


def _keys() -> dict[str, Any]:
    summary = (
        "The public keys that sign answers, receipts and checkpoints. Read over a connection that nobody vouches for, it "
        "proves nothing: keep a copy that came by a way you trust."
    )
    kept = {"description": f"public, max-age={MAX_AGE_SECONDS}", "schema": {"type": "string"}}
    content = {"application/json": {"schema": {"$ref": ref("PublishedKeys")}}}
    answer = {"description": "Every key with its state.", "headers": {"Cache-Control": kept}, "content": content}
    return {"operationId": "keys", "summary": summary, "security": [], "responses": {"200": answer}}
