"""What the contract reads out of a scenario's reply, without any wire."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import Any

from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from gateway.calling.dialect import Opened, Prepared
from gateway.calling.exchange import Line, Reading, exchange
from gateway.calling.wire import Reply
from gateway.contract.authority import Meaning, Operation
from gateway.errors import BadReply, Trouble
from gateway.mapping import pointers, tables
from gateway.mapping.records import compile_records
from gateway.model import Grade
from mocks.answers import Answers
from tests.conformance.conversing import (
    CASTS,
    FOLDERS,
    QUESTION,
    SCENARIOS,
    STRANGERS,
    Case,
    check,
    facts_of,
    intent,
    people_of,
)  # fmt: skip
from tests.still import StillClock


class Opening:
    """A dialect that has opened the scenario's reply, as if the wire had carried it."""

    def __init__(self, case: Case) -> None:
        self.scenario, self.tree = case.scenario, None
        if case.scenario.reply is not None and case.scenario.status == 200:
            answers = Answers(FOLDERS[case.authority], SCENARIOS[case.authority], CASTS[case.authority])
            answer = answers.find(case.operation, request_about(case, people_of(case) or STRANGERS))
            self.tree = answers.compose(case.operation, answer)
        elif case.scenario.text is not None and _operation(case).table is not None:
            self.tree = {tables.TEXT: case.scenario.text}

    def prepare(self, *_: object) -> Prepared:
        return Prepared(URL("http://a.example"), {}, b"")

    def open(self, *_: object) -> Opened:
        if self.scenario.status == 200 and self.tree is None:
            raise BadReply("the contract has no meaning for what is not theirs")
        return Opened(self.scenario.status, self.tree, self.scenario.fault)


def _operation(case: Case) -> Operation:
    return FOLDERS[case.authority].contract.channels[case.channel].operations[case.operation]


async def chosen(case: Case) -> Meaning | None:
    """The entry of the contract's list that decides over this scenario's reply, or None where none does."""
    folder, people = FOLDERS[case.authority], people_of(case) or STRANGERS
    operation = _operation(case)
    rules = folder.mapping.operations[case.operation]
    records = compile_records(rules, folder.mapping.tables, facts_of(rules))
    about = dict(zip(("person", "other"), people, strict=False))
    asked = replace(check(case, people), step="only", operation=case.operation, about=about)

    async def send(_: Prepared) -> Reply:
        return Reply(case.scenario.status, CIMultiDictProxy(CIMultiDict()), b"")

    for entry in operation.meanings:
        alone = Reading.compiled(operation.model_copy(update={"meanings": [entry]}), records)
        line = Line(case.authority, case.channel, (Grade.A, Grade.A), lambda _, __: None)
        ask = exchange(line, Opening(case), {QUESTION: alone}, send, StillClock())
        try:
            await ask(intent(people[0], StillClock()), asked)
        except BadReply as refused:
            if "the contract has no meaning" in refused.why:
                continue
        except Trouble:
            return entry
        return entry
    return None


def request_about(case: Case, people: tuple) -> dict[str, Any]:
    """As much of a request as the mock looks into to find its answer."""
    known = {"person.citizen_id": people[0].citizen_id, "other.citizen_id": people[-1].citizen_id, "walk.year": "2018"}
    request: dict[str, Any] = {}
    for path, rule in FOLDERS[case.authority].mapping.operations[case.operation].request.items():
        *outer, last = pointers.parse(path)
        if rule.source in known:
            reduce(lambda inside, name: inside.setdefault(name, {}), outer, request)[last] = known[rule.source]
    return request
