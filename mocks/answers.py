"""From the people asked about to a reply in the authority's words: the scenario, the record, the identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.contract.authority import OperationMapping
from gateway.contract.folders import AuthorityFolder
from gateway.contract.people import Cast, Member, Told, resolved
from gateway.contract.scenarios import FIELD, Scenario, Scenarios
from mocks.journal import STRANGER

ROLES = ("person", "other")


class MockTrouble(Exception):
    """The mock itself is wrong (its scenario, its contract): HTTP 599. The text holds no value of any message."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The scenario that answers, and the people it answers about: their keys, and those of them that are in the cast."""

    name: str
    scenario: Scenario
    people: tuple[str, ...]
    members: Mapping[str, Member]
    record: Mapping[str, Any]
    """What the cast says of them, over the scenario's own record."""


class Answers:
    """Everything that one authority's mock can answer."""

    def __init__(self, folder: AuthorityFolder, scenarios: Scenarios, cast: Cast) -> None:
        self._authority = folder.contract.authority
        self._mapping = folder.mapping
        self._unknown = folder.contract.unknown_person
        self._scenarios = scenarios
        self._people = cast.people
        self._keys = {member.citizen_id: key for key, member in cast.people.items()}
        self._pairs = {tuple(pair.people): pair.answers for pair in cast.pairs}

    def find(self, operation: str, request: Any) -> Answer:
        """The answer to a request that its interface accepted.

        Raises:
            MockTrouble: the mapping does not say which field names the person.
        """
        keys = tuple(
            self._keys.get(number, STRANGER) for number in _numbers(self._mapping.operations[operation], request)
        )
        told = self._told(operation, keys)
        name = told.scenario if told else self._unknown[operation]
        members = {role: self._people[key] for role, key in zip(ROLES, keys, strict=False) if key in self._people}
        record = resolved(told.record, self._people) if told else {}
        return Answer(name, self._scenarios[operation][name], keys, members, record)

    def compose(self, operation: str, answer: Answer) -> Any:
        """The scenario's whole JSON reply with its records in place.

        Raises:
            MockTrouble: a record is asked for, but it is about nobody in the cast.
        """
        scenario = answer.scenario
        record = {**scenario.record}
        for rule in self._mapping.operations[operation].facts.values():
            if rule.echo is not None and rule.echo in answer.members:
                member = answer.members[rule.echo]
                _put(record, rule.path, member.name if rule.convert == "name" else member.citizen_id)
        record = _filled({**record, **answer.record}, answer.members)
        records = {"{record}": record, "{earlier}": _filled({**record, **scenario.earlier}, answer.members)}
        if STRANGER in answer.people and (scenario.record or scenario.earlier):
            raise MockTrouble(f"the scenario {answer.name!r} holds a record and cannot be about somebody unknown")
        return _placed(scenario.reply, records)

    def _told(self, operation: str, keys: tuple[str, ...]) -> Told | None:
        if len(keys) == 1:
            member = self._people.get(keys[0])
            answers = member.answers if member else {}
        else:
            answers = self._pairs.get(keys, {})
        return answers.get(self._authority, {}).get(operation)


def at(tree: Any, pointer: str) -> Any:
    """The value at a JSON Pointer (of names only), or None."""
    for name in pointer.split("/")[1:]:
        if not isinstance(tree, dict) or name not in tree:
            return None
        tree = tree[name]
    return tree


def _numbers(mapping: OperationMapping, request: Any) -> Sequence[str]:
    found = {
        rule.source: str(at(request, path))
        for path, rule in mapping.request.items()
        if rule.source in ("person.citizen_id", "other.citizen_id")
    }
    if "person.citizen_id" not in found:
        raise MockTrouble("the mapping names no request field 'from: person.citizen_id'")
    return [found[source] for source in ("person.citizen_id", "other.citizen_id") if source in found]


def _put(record: dict[str, Any], pointer: str, value: str) -> None:
    *outer, last = pointer.split("/")[1:]
    for name in outer:
        record[name] = {**record.get(name, {})}
        record = record[name]
    record[last] = value


def _filled(record: Mapping[str, Any], members: Mapping[str, Member]) -> dict[str, Any]:
    """The record with `{person.born}` and its like replaced."""
    found = dict(record)
    for key, value in record.items():
        field = FIELD.fullmatch(value) if isinstance(value, str) else None
        if field is not None:
            if field[1] not in members:
                raise MockTrouble(f"the record's {key!r} is about somebody unknown")
            found[key] = _field(members[field[1]], field[2])
    return found


def _field(member: Member, name: str) -> str:
    if name == "born":
        return member.citizen_id[6:14]
    if name == "sex":
        return "1" if int(member.citizen_id[16]) % 2 else "2"
    return str(getattr(member, name))


def _placed(tree: Any, records: Mapping[str, Any]) -> Any:
    if isinstance(tree, dict):
        return {key: _placed(value, records) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_placed(item, records) for item in tree]
    return records.get(tree, tree) if isinstance(tree, str) else tree
