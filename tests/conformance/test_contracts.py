"""One suite over every folder in `contracts/authorities`: a folder that is added is held to all of it."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from gateway import logs
from gateway.connectors import GRADES
from gateway.contract.openapi import RestInterface
from gateway.mapping.problems import problems as mapping_problems
from gateway.model import Status
from mocks.arming import REFRESH
from tests.conformance.conversing import (
    FOLDERS,
    SCENARIOS,
    STRANGERS,
    cases,
    conversation,
    people_of,
)  # fmt: skip
from tests.conformance.reading import chosen
from tests.conformance.schemas import has_path, reply_schema, request_schema

CASES = list(cases())
OPERATIONS = list({(case.authority, case.channel, case.operation): case for case in CASES}.values())
BY_OPERATION = pytest.mark.parametrize("case", OPERATIONS, ids=lambda case: f"{case.authority}.{case.operation}")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    before, handlers = structlog.get_config(), logging.root.handlers[:]
    out = io.StringIO()
    logs.configure("json", out)
    yield out
    structlog.configure(**before)
    logging.root.handlers[:] = handlers


# The files, held against each other


def test_there_is_something_to_hold_to_it():
    assert len(FOLDERS) >= 3
    assert len(CASES) >= 80


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folders_mapping_fits_its_contract(name):
    assert mapping_problems(FOLDERS[name].mapping, FOLDERS[name].contract) == []


@pytest.mark.parametrize("name", FOLDERS)
def test_scenarios_belong_to_operations_and_operations_have_scenarios(name):
    contract = FOLDERS[name].contract
    operations = {operation for channel in contract.channels.values() for operation in channel.operations}
    assert set(SCENARIOS[name]) == operations
    assert set(contract.unknown_person) == operations


@pytest.mark.parametrize("name", FOLDERS)
def test_every_step_of_every_question_has_a_mapping_and_every_operation_is_asked(name):
    folder = FOLDERS[name]
    for channel in folder.contract.channels.values():
        asked = {step.operation for question in channel.questions.values() for step in question.steps.values()}
        assert asked == set(channel.operations)
        assert asked <= set(folder.mapping.operations)


@BY_OPERATION
async def test_every_meaning_is_reached_by_a_scenario_and_every_status_and_fault_has_one(case):
    operation = FOLDERS[case.authority].contract.channels[case.channel].operations[case.operation]
    beside = [one for one in CASES if (one.authority, one.operation) == (case.authority, case.operation)]
    reached = [await chosen(one) for one in beside]
    assert [entry for entry in operation.meanings if entry not in reached] == []


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_a_scenario_means_what_the_contract_reads_out_of_it(case):
    entry = await chosen(case)
    assert (entry.means if entry is not None else "bad_reply") == case.scenario.means


@BY_OPERATION
def test_every_mapped_path_exists_in_their_schema(case):
    folder = FOLDERS[case.authority]
    rules = folder.mapping.operations[case.operation]
    reply = reply_schema(folder, case.channel, case.operation)
    operation = folder.contract.channels[case.channel].operations[case.operation]
    for path in (rules.records, operation.code, operation.text, operation.count, operation.next):
        assert path is None or has_path(reply, path), path
    for path in [*rules.prefer, *(fact.path for fact in rules.facts.values())]:
        assert has_path(reply, rules.records + "/0" + path), path
    for rows in rules.rows.values():
        for fact in rows.facts.values():
            assert has_path(reply, f"{rules.records}/0{rows.path}/0{fact.path}"), fact.path
    request = request_schema(folder, case.channel, case.operation)
    for path in rules.request:
        assert request is None or has_path(request, path), path
    assert not has_path(reply, rules.records + "/0/NOWHERE")


# Over a socket: mock, wire, signature, contract, mapping, stack


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_every_scenario_round_trips(case, log):
    people = people_of(case)
    assert people is not None, "nobody in the cast is told this scenario"
    async with conversation(case) as talk:
        finding = await talk.ask(case, people)
        journal = [entry for entry in talk.mocks.journals[case.authority] if entry.operation != REFRESH]
    assert finding.status == Status(case.scenario.means)
    assert {(entry.operation, entry.scenario) for entry in journal} == {(case.operation, case.name)}
    assert finding.attempts == len(journal) == len(finding.evidence)
    assert finding.attempts == (2 if case.scenario.means in ("unreachable", "timeout", "busy") else 1)
    assert talk.observed == [finding]
    _hold_to_the_grades(case, finding)
    for person in people:
        assert person.citizen_id not in log.getvalue() + repr(finding.evidence)
        assert person.name not in log.getvalue() + repr(finding.evidence)


def _hold_to_the_grades(case, finding) -> None:
    folder = FOLDERS[case.authority]
    request_grade, reply_grade = GRADES[folder.contract.channels[case.channel].signing]
    assert finding.request_grade == request_grade
    assert finding.reply_grade == (reply_grade if finding.status.is_reply else None)
    rules = folder.mapping.operations[case.operation]
    facts = {*rules.facts, *rules.rows}
    if finding.status is Status.ANSWERED:
        assert set(finding.records["only"]) == facts
    else:
        assert finding.records == ({"only": None} if finding.status is Status.NO_RECORD else {})


@BY_OPERATION
async def test_a_stranger_gets_what_the_contract_declares(case):
    people = STRANGERS[: len(case.steps[0].about)]
    name = FOLDERS[case.authority].contract.unknown_person[case.operation]
    async with conversation(case) as talk:
        finding = await talk.ask(case, people)
    assert finding.status == Status(SCENARIOS[case.authority][case.operation][name].means)


@BY_OPERATION
async def test_a_stopped_authority_is_unreachable_and_comes_back(case):
    async with conversation(case) as talk:
        await talk.ask(case, STRANGERS[: len(case.steps[0].about)])  # a platform's secret is in hand then
        await talk.mocks.stop_one(case.authority)
        finding = await talk.ask(case, STRANGERS[: len(case.steps[0].about)])
        assert (finding.status, finding.attempts) == (Status.UNREACHABLE, 2)
        assert all(one.reply_sha256 is None for one in finding.evidence)
        await talk.mocks.start_one(case.authority)
        finding = await talk.ask(case, STRANGERS[: len(case.steps[0].about)])
        assert finding.status.is_reply


@BY_OPERATION
async def test_many_at_once_keep_their_own_answers(case):
    async with conversation(case) as talk:
        about = [people for other in CASES if other.operation == case.operation and (people := people_of(other))]
        found = await asyncio.gather(*(talk.ask(case, people) for people in about * 3))
    expected = [other.scenario.means for other in CASES if other.operation == case.operation and people_of(other)]
    assert [finding.status.value for finding in found] == expected * 3


@pytest.mark.parametrize("name", FOLDERS)
def test_an_interface_file_is_one_that_others_read(name):
    for interface in FOLDERS[name].interfaces.values():
        assert interface.operations
        if isinstance(interface, RestInterface):
            assert interface.document["openapi"].startswith("3.1")
