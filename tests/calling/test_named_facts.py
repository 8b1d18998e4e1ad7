"""What the policy does not name gets no further than the mapping: wages, a telephone number, an address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from gateway.calling.exchange import Reading, exchange
from gateway.contract.authority import FactRule, OperationMapping, RowsRule
from gateway.mapping.records import compile_records
from gateway.model import Finding, Status
from tests.calling.asked import CHILD, intent
from tests.calling.test_exchange import ASKED, LINE, OPERATION, Double, asked, reply, tree
from tests.paths.margins import LINES
from tests.still import StillClock

PRIVATE = {"wage": "31337.42", "phone": "13900004242", "address": "样例市合成路42号"}
MAPPING = OperationMapping(
    request={},
    records="/list",
    facts={
        "citizen_id": FactRule(path="/id", convert="citizen_id", echo="person"),
        "state": FactRule(path="/state"),
        **{name: FactRule(path=f"/{name}") for name in PRIVATE},
    },
    rows={"jobs": RowsRule(path="/jobs", facts={"kind": FactRule(path="/kind"), "pay": FactRule(path="/wage")})},
)
RECORD = {"id": CHILD.citizen_id, "state": "good", **PRIVATE, "jobs": [{"kind": "a", **PRIVATE}]}


async def found(*named: str, **changes: Any) -> Finding:
    readings = {ASKED: Reading.compiled(OPERATION, compile_records(MAPPING, {}, set(named)))}
    double = Double(tree("0", RECORD | changes), reply(), StillClock())
    return await exchange(LINE, double, readings, double.send, double.clock)(intent(), asked())


def texts(value: Any) -> Iterator[str]:
    """Every text that can be reached from here."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        yield from (text for each in fields(value) for text in texts(getattr(value, each.name)))
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for each in pair for text in texts(each))
    elif isinstance(value, list | tuple | set | frozenset):
        yield from (text for each in value for text in texts(each))


async def test_what_is_named_is_all_that_is_found():
    start, finding = len(LINES), await found("state", "jobs/kind")
    assert finding.records == {"one": {"state": "good", "jobs": [{"kind": "a"}]}}
    assert not {*PRIVATE.values(), *PRIVATE, CHILD.citizen_id} & set(texts(finding))
    assert [line for line in LINES[start:] for value in PRIVATE.values() if value in line] == []


async def test_the_search_would_find_it():
    finding = await found("state", "wage", "jobs/pay")
    assert PRIVATE["wage"] in set(texts(finding))


@pytest.mark.parametrize("broken", [None, "", {}, [1]])
async def test_what_is_not_named_spoils_nothing(broken: Any):
    finding = await found("state", wage=broken, phone=broken, jobs=broken)
    assert (finding.status, finding.records) == (Status.ANSWERED, {"one": {"state": "good"}})
