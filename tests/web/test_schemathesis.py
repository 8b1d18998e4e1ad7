"""schemathesis over the running gateway, through its own OpenAPI document; each request signed as a consumer would."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway.web import openapi
from tests.paths.margins import listen
from tests.system import System
from tests.system import system as whole
from tests.wire import Reply, reading

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(openapi.document())
BOUNDED = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
KINDS = st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE])


class Running:
    """A system in a loop of its own, which runs only while a request is under way: schemathesis is not asyncio."""

    def __init__(self, runner: asyncio.Runner, system: System) -> None:
        self._runner = runner
        self.system = system
        self.statuses: list[int] = []

    def call(self, case: schemathesis.Case, *, signed: bool = True) -> schemathesis.Response:
        """Sends the case, signed over exactly the bytes that schemathesis made; gives its own kind of response."""
        made = requests.Request(**case.as_transport_kwargs(base_url=self.system.running.url)).prepare()
        body = made.body.encode() if isinstance(made.body, str) else made.body or b""
        asked = self.system.asked(body, path=made.path_url)
        if case.method == "GET":
            asked = reading(asked, made.path_url)
        reply = self._runner.run(self.system.send(asked if signed else asked.again(sent={"Signature": None})))
        if case.path.startswith("/v1/"):
            self.system.is_bound(reply, asked, path=asked.path.partition("?")[0])  # fails where it is not signed
        self.statuses.append(reply.status)
        return _response(reply, made)


def _response(reply: Reply, made: requests.PreparedRequest) -> schemathesis.Response:
    headers = {name: [value] for name, value in reply.headers.items()}
    return schemathesis.Response(
        reply.status, headers, reply.body, made, timedelta(milliseconds=1).total_seconds(), False
    )


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with asyncio.Runner() as runner:
        around = whole(tmp_path_factory.mktemp("schemathesis") / "home")
        listen()
        system: Any = runner.run(around.__aenter__())
        try:
            yield Running(runner, system)
        finally:
            runner.run(around.__aexit__(None, None, None))


@BOUNDED
@given(data=st.data(), kind=KINDS)
def test_questions(running: Running, data: st.DataObject, kind: GenerationMode):
    case = data.draw(SCHEMA["/v1/verifications"]["POST"].as_strategy(generation_mode=kind))
    case.validate_response(running.call(case), checks=CHECKS)


def test_questions_about_somebody(running: Running):
    """The same with a person, a day and a unit that there are, so that most get as far as an answer."""
    known = {
        "application_date": "2018-05-02",
        "purpose": "exit_entry_application",
        "subject": running.system.person("M24"),
    }
    known |= {"guardian": running.system.person("P12"), "materials": None}
    running.statuses.clear()

    @BOUNDED
    @given(data=st.data())
    def ask(data: st.DataObject) -> None:
        case = data.draw(SCHEMA["/v1/verifications"]["POST"].as_strategy())
        assert isinstance(case.body, dict)
        case.body = {**case.body, **known, "operator": {**case.body["operator"], "unit_code": "229901000000"}}
        case.validate_response(running.call(case), checks=CHECKS)

    ask()
    assert 200 in running.statuses


@BOUNDED
@given(data=st.data(), kind=KINDS)
def test_reads(running: Running, data: st.DataObject, kind: GenerationMode):
    case = data.draw(SCHEMA["/v1/verifications/{verification_id}"]["GET"].as_strategy(generation_mode=kind))
    case.validate_response(running.call(case), checks=CHECKS)


def test_a_read_of_what_was_answered(running: Running):
    question = SCHEMA["/v1/verifications"]["POST"].Case(
        body=running.system.question("P12"), media_type="application/json"
    )
    asked = running.call(question).json()
    case = SCHEMA["/v1/verifications/{verification_id}"]["GET"].Case(
        path_parameters={"verification_id": asked["verification_id"]}
    )
    response = running.call(case)
    assert (response.status_code, response.json()) == (200, asked)
    case.validate_response(response, checks=CHECKS)


@BOUNDED
@given(data=st.data(), kind=KINDS)
def test_views(running: Running, data: st.DataObject, kind: GenerationMode):
    """By somebody who may not see any: tests/paths/test_accesses.py has those who may."""
    case = data.draw(SCHEMA["/v1/subjects/accesses"]["POST"].as_strategy(generation_mode=kind))
    case.validate_response(running.call(case), checks=CHECKS)


@BOUNDED
@given(data=st.data())
def test_questions_without_a_signature(running: Running, data: st.DataObject):
    case = data.draw(SCHEMA["/v1/verifications"]["POST"].as_strategy())
    response = running.call(case, signed=False)
    assert response.status_code in (400, 401)
    case.validate_response(response, checks=CHECKS)


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_open_pages(running: Running, path: str):
    case = SCHEMA[path]["GET"].Case()
    response = running.call(case)
    assert response.status_code == 200
    case.validate_response(response, checks=CHECKS)
