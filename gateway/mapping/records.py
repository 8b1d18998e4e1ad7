"""Reads an authority's records: which of them count, and the facts wanted of one, held against the person asked about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gateway.contract.authority import Conversion, FactRule, OperationMapping
from gateway.errors import Ambiguous, BadReply, SubjectMismatch
from gateway.mapping import names, pointers
from gateway.mapping.conversions import is_blank, read, scalar
from gateway.mapping.names import Likeness
from gateway.mapping.pointers import Keys
from gateway.model import Facts, Person


@dataclass(frozen=True, slots=True)
class _Fact:
    name: str
    keys: Keys
    convert: Conversion
    table: Mapping[str, str] | None
    optional: bool
    echo: Literal["person", "other"] | None

    def value(self, record: Mapping[str, Any]) -> Any:
        found = pointers.get(record, self.keys)
        if is_blank(found):
            if self.optional:
                return None
            raise BadReply(f"the fact {self.name!r} is missing")
        try:
            value = read(self.convert, found)
        except BadReply as error:
            raise BadReply(f"the fact {self.name!r}: {error.why}") from None
        if self.table is None:
            return value
        if value not in self.table:
            raise BadReply(f"the fact {self.name!r} has a code that its table does not know")
        return self.table[value]


@dataclass(frozen=True, slots=True)
class _Rows:
    name: str
    keys: Keys
    facts: tuple[_Fact, ...]

    def value(self, record: Mapping[str, Any]) -> list[dict[str, Any]]:
        found = pointers.get(record, self.keys)
        # A list that is not there is no empty list: whoever leaves it out has not said that there is nothing in it.
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise BadReply(f"something else than rows, or nothing, stands where the rows {self.name!r} should be")
        return [{fact.name: fact.value(row) for fact in self.facts} for row in found]


class RecordReader:
    """One operation's reply, ready to be read. Made by `compile_records`."""

    def __init__(
        self,
        records: Keys,
        prefer: tuple[tuple[Keys, str], ...],
        echoes: tuple[_Fact, ...],
        facts: tuple[_Fact, ...],
        rows: tuple[_Rows, ...],
    ) -> None:
        self._records = records
        self._prefer = prefer
        self._rows = rows
        self._echoes = echoes
        self._facts = facts

    def held(self, tree: Any) -> list[dict[str, Any]] | None:
        """Every record of a reply; an object is one. None where their place is missing or null, which is not "none".

        Raises:
            BadReply: something else than records stands in their place.
        """
        found = pointers.get(tree, self._records)
        if found is None:
            return None
        records = found if isinstance(found, list) else [found]
        if not all(isinstance(record, dict) for record in records):
            raise BadReply("something else than records stands where records should be")
        return records

    def preferred(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The records that count: each `prefer` in turn keeps those that match it, if any do."""
        for keys, wanted in self._prefer:
            records = [r for r in records if scalar(pointers.get(r, keys)) == wanted] or records
        return records

    def facts(self, record: Mapping[str, Any], about: Mapping[str, Person]) -> Facts:
        """The wanted facts of one record, which must be about the people asked about; a table is a list of its rows' facts.

        Raises:
            SubjectMismatch: an identity number or name is another one's.
            Ambiguous: a name came back masked or damaged, and nothing else speaks against it.
            BadReply: a fact or a table is missing, or a fact is unreadable, or a code that its table does not know.
        """
        # Whose record this is comes first: nothing is read from the record of somebody else.
        likenesses = {_likeness(fact, about, fact.value(record)) for fact in self._echoes}
        if Likeness.DIFFERS in likenesses:
            raise SubjectMismatch("the reply is about somebody else")
        if Likeness.LOSSY in likenesses:
            raise Ambiguous("a name came back masked or damaged")
        facts = {fact.name: fact.value(record) for fact in self._facts}
        return facts | {rows.name: rows.value(record) for rows in self._rows}


def _likeness(fact: _Fact, about: Mapping[str, Person], answered: str) -> Likeness:
    asked = about[fact.echo or "person"]
    if fact.convert == "name":
        return names.compare(asked.name, answered)
    return Likeness.EXACT if asked.citizen_id == answered else Likeness.DIFFERS


def compile_records(
    operation: OperationMapping, tables: Mapping[str, Mapping[str, str]], wanted: Collection[str]
) -> RecordReader:
    """The reader of one operation's records. What `problems` reports must have been mended before.

    Only `wanted` facts are read (`rows/fact`: of each row); what is not wanted cannot spoil a reply either, be it missing or
    unreadable. Echoes are always read and compared, but given back only where they are wanted.
    """
    rows = (
        _Rows(name, pointers.parse(rule.path), facts)
        for name, rule in operation.rows.items()
        if (facts := _facts(rule.facts, tables, {fact for fact in rule.facts if f"{name}/{fact}" in wanted}))
    )
    return RecordReader(
        pointers.parse(operation.records),
        tuple((pointers.parse(path), value) for path, value in operation.prefer.items()),
        _facts(operation.facts, tables, {name for name, rule in operation.facts.items() if rule.echo is not None}),
        _facts(operation.facts, tables, wanted),
        tuple(rows),
    )


def _facts(
    rules: Mapping[str, FactRule], tables: Mapping[str, Mapping[str, str]], wanted: Collection[str]
) -> tuple[_Fact, ...]:
    return tuple(_fact(name, rule, tables) for name, rule in rules.items() if name in wanted)


def _fact(name: str, rule: FactRule, tables: Mapping[str, Mapping[str, str]]) -> _Fact:
    table = None if rule.table is None else tables[rule.table]
    return _Fact(name, pointers.parse(rule.path), rule.convert, table, rule.optional, rule.echo)
