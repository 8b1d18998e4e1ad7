"""Replies that are well made and rightly signed, and not true."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from gateway.contract.authority import FactRule
from mocks.answers import MockTrouble
from mocks.faults.fault import Fault, Making
from mocks.trees import at, put

_DATES = ("date", "date_compact", "month_compact")
_YEAR = re.compile(r"([0-9]{4})(.*)", re.DOTALL)


def _stale(tree: Any, making: Making) -> Any:
    born = {member.citizen_id[6:14] for member in making.answer.members.values()}
    for record in records(tree, making):
        _a_year_back(record, making.mapping.facts.values(), born)
        for table in making.mapping.rows.values():
            for row in at(record, table.path) or []:
                _a_year_back(row, table.facts.values(), born)
    return tree


def _a_year_back(record: Any, rules: Iterable[FactRule], born: set[str]) -> None:
    for rule in rules:
        value = at(record, rule.path)
        found = _YEAR.fullmatch(value) if isinstance(value, str) and rule.convert in _DATES else None
        if found is not None and str(value).replace("-", "") not in born:
            rest = re.sub(r"^(-?)02(-?)29$", r"\g<1>02\g<2>28", found[2])
            put(record, rule.path, f"{int(found[1]) - 1:04}{rest}")


def _break(tree: Any, making: Making) -> Any:
    """A record loses a field that it must have; where there is no record, the code becomes another kind of value."""
    echoed = [rule.path for rule in making.mapping.facts.values() if rule.echo is not None]
    for record in records(tree, making):
        for path in echoed[:1]:
            _remove(record, path)
            return tree
    if making.operation.code is None:
        raise MockTrouble("the contract names no code that could be broken")
    put(tree, making.operation.code, {"value": "0"} if making.form == "json" else "none")
    return tree


def records(tree: Any, making: Making) -> Iterator[Any]:
    """Every record of a payload."""
    found = at(tree, making.mapping.records)
    yield from found if isinstance(found, list) else [found] if found else []


def _remove(record: Any, pointer: str) -> None:
    *outer, last = pointer.split("/")[1:]
    for name in outer:
        record = record[name]
    record.pop(last, None)


FAULTS = {
    "stale_data": Fault(
        zh="数据是一年前的：记录中的日期和月份都早一年",
        en="the truth of a year ago: each date and month of the record is a year earlier",
        tree=_stale,
    ),
    "swapped_person": Fault(
        zh="返回了另一个人的完整记录，签名正确",
        en="the whole record of another person, rightly signed for this request",
        is_about_another=True,
    ),
    "schema_violation": Fault(
        zh="缺少接口规定必有的字段，签名正确",
        en="a field that the interface demands is missing, rightly signed",
        tree=_break,
        keeps_schema=False,
    ),
    "other_reply": Fault(
        zh="对另一个问题的答复，签名正确：别人的记录，签在别的请求或服务上",
        en="a rightly signed reply to another question: another person's, bound to another request or service where one is",
        is_about_another=True,
        signature="other_question",
    ),
}
