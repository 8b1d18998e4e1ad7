"""From the people asked about to a reply in the authority's words: the scenario, the record, the identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gateway.contract.authority import OperationMapping, RequestRule
from gateway.contract.folders import AuthorityFolder
from gateway.contract.insured import Insured
from gateway.contract.people import Cast, Member, Told, resolved
from gateway.contract.scenarios import FIELD, Scenario, Scenarios
from mocks import pages, rows
from mocks.clock import MockClock
from mocks.journal import STRANGER
from mocks.trees import at, copied, laid_over, placed, put

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
    insured: Insured | None = None
    year: str | None = None
    """The one year asked about, where the question is walked by years."""
    page: int = 0
    """The page asked for, where the scenario's rows come in pages."""
    why: str = ""
    """Whose word the choice of the scenario was."""


class Answers:
    """Everything that one authority's mock can answer."""

    def __init__(
        self, folder: AuthorityFolder, scenarios: Scenarios, cast: Cast, clock: MockClock | None = None
    ) -> None:
        self._authority = folder.contract.authority
        self._mapping = folder.mapping
        self._unknown = folder.contract.unknown_person
        self._scenarios = scenarios
        self._people = cast.people
        self._keys = {member.citizen_id: key for key, member in cast.people.items()}
        self._pairs = {tuple(pair.people): pair.answers for pair in cast.pairs}
        self._clock = clock
        operations = (item for channel in folder.contract.channels.values() for item in channel.operations.items())
        self._next = {name: operation.next for name, operation in operations if operation.next is not None}

    def find(self, operation: str, request: Any) -> Answer:
        """The answer to a request that its interface accepted.

        Raises:
            MockTrouble: the mapping does not say which field names the person.
            NoSuchPage: it asks for a page by a token that none of this person's pages has.
        """
        mapping = self._mapping.operations[operation]
        keys = tuple(self._keys.get(number, STRANGER) for number in _numbers(mapping, request))
        place = rows.year_asked(mapping)
        year = str(at(request, place)) if place is not None else None
        answer = replace(self._of(operation, keys), year=year)
        if (where := pages.page_asked(mapping)) is None:
            return answer
        count = pages.count(self._record(operation, answer), answer.scenario.pages)
        return replace(answer, page=pages.find(self._scope(operation, answer), at(request, where), count))

    def another(self, operation: str, answer: Answer) -> Answer:
        """What the same question would be answered about somebody else of whom there is a record.

        Raises:
            MockTrouble: there is nobody else.
        """
        for keys in self._pairs if len(answer.people) > 1 else ((key,) for key in self._people):
            other = self._of(operation, keys)
            if not set(keys) & set(answer.people) and other.scenario.means == "answered":
                return replace(other, year=answer.year)
        raise MockTrouble("nobody else in the cast has a record here")

    def compose(self, operation: str, answer: Answer) -> Any:
        """The scenario's whole reply as a tree, with its records in place.

        Raises:
            MockTrouble: a record is asked for, but it is about nobody in the cast; or the mapping lacks a word.
        """
        scenario = answer.scenario
        record = self._record(operation, answer)
        if STRANGER in answer.people and (scenario.record or scenario.earlier):
            raise MockTrouble(f"the scenario {answer.name!r} holds a record and cannot be about somebody unknown")
        follows = pages.count(record, scenario.pages) > answer.page + 1
        if scenario.pages is not None:
            pages.cut(record, scenario.pages, answer.page)
        records = {"{record}": record, "{earlier}": _filled(laid_over(record, scenario.earlier), answer.members)}
        reply = placed(scenario.reply, records)
        if follows:
            put(reply, self._next[operation], pages.token(self._scope(operation, answer), answer.page + 1))
        return reply

    def _record(self, operation: str, answer: Answer) -> dict[str, Any]:
        """The whole record, on however many pages it comes."""
        record: dict[str, Any] = copied(answer.scenario.record)
        for rule in self._mapping.operations[operation].facts.values():
            if rule.echo is not None and rule.echo in answer.members:
                member = answer.members[rule.echo]
                put(record, rule.path, member.name if rule.convert == "name" else member.citizen_id)
        for path, table in self._rows(operation, answer):
            if at(record, path) is None:
                put(record, path, table)
        return _filled(laid_over(record, answer.record), answer.members)

    def _scope(self, operation: str, answer: Answer) -> tuple[str, ...]:
        return (self._authority, operation, *answer.people)

    def _rows(self, operation: str, answer: Answer) -> list[tuple[str, list[dict[str, Any]]]]:
        until = self._clock.month() if self._clock is not None else None
        try:
            found = rows.written(
                self._mapping, operation, answer.insured, answer.scenario.rows, year=answer.year, until=until
            )
            return list(found)
        except rows.Unwritable as error:
            raise MockTrouble(str(error)) from error

    def _of(self, operation: str, keys: tuple[str, ...]) -> Answer:
        told = self._told(operation, keys)
        name = told.scenario if told else self._unknown[operation]
        members = {role: self._people[key] for role, key in zip(ROLES, keys, strict=False) if key in self._people}
        record = resolved(told.record, self._people) if told else {}
        insured = (told.insured if told else None) or (members["person"].insured if "person" in members else None)
        why = (
            "the cast says so of them" if told else "the contract's unknown_person: the cast says nothing of them here"
        )
        return Answer(name, self._scenarios[operation][name], keys, members, record, insured, why=why)

    def _told(self, operation: str, keys: tuple[str, ...]) -> Told | None:
        if len(keys) == 1:
            member = self._people.get(keys[0])
            answers = member.answers if member else {}
        else:
            answers = self._pairs.get(keys, {})
        return answers.get(self._authority, {}).get(operation)


def _numbers(mapping: OperationMapping, request: Any) -> Sequence[str]:
    found = {
        rule.source: _number(rule, at(request, path))
        for path, rule in mapping.request.items()
        if rule.source in ("person.citizen_id", "other.citizen_id")
    }
    if "person.citizen_id" not in found:
        raise MockTrouble("the mapping names no request field 'from: person.citizen_id'")
    if not all(isinstance(number, str) for number in found.values()):
        raise MockTrouble("the interface accepted a request without the field that names the person")
    return [found[source] for source in ("person.citizen_id", "other.citizen_id") if source in found]


def _number(rule: RequestRule, text: Any) -> Any:
    """The number in a field, which may be a condition on one column."""
    if rule.equals is None or not isinstance(text, str):
        return text
    return text.removeprefix(f"{rule.equals}='").removesuffix("'")


def _filled(record: Mapping[str, Any], members: Mapping[str, Member]) -> dict[str, Any]:
    """The record with `{person.born}` and its like replaced, at any depth."""
    return {key: _said(key, value, members) for key, value in record.items()}


def _said(key: str, value: Any, members: Mapping[str, Member]) -> Any:
    if isinstance(value, dict):
        return _filled(value, members)
    field = FIELD.fullmatch(value) if isinstance(value, str) else None
    if field is None:
        return value
    if field[1] not in members:
        raise MockTrouble(f"the record's {key!r} is about somebody unknown")
    return _field(members[field[1]], field[2])


def _field(member: Member, name: str) -> str:
    if name == "born":
        return member.citizen_id[6:14]
    if name == "sex":
        return "1" if int(member.citizen_id[16]) % 2 else "2"
    return str(getattr(member, name))
