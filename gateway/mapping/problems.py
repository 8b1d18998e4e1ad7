"""What is wrong with a mapping, seen beside its contract, before anything is compiled from it."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.contract.authority import Contract, FactRule, Mapping, OperationMapping, RequestRule
from gateway.contract.words import nearest
from gateway.mapping import pointers
from gateway.mapping.conversions import WRITES_A_DAY, WRITES_A_TIME

Pointer = tuple[str | int, ...]
Found = tuple[Pointer, str]


def problems(mapping: Mapping, contract: Contract) -> list[Found]:
    """Every problem, as a pointer into the mapping file and a text that holds only names of ours.

    That both files name the same operations, and a request the parts of its WSDL, is checked where the folder is read.
    """
    found: list[Found] = []
    for name, operation in mapping.operations.items():
        people = _people(name, contract)
        for place, text in (*_request(operation, people), *_facts(operation, people, set(mapping.tables))):
            found.append((("operations", name, *place), text))
    return found


def _people(operation: str, contract: Contract) -> int:
    """About how many people the operation asks: the fewest of all the steps that use it."""
    steps = [
        step
        for channel in contract.channels.values()
        for question in channel.questions.values()
        for step in question.steps.values()
    ]
    return min((len(step.about) for step in steps if step.operation == operation), default=1)


def _request(operation: OperationMapping, people: int) -> Iterator[Found]:
    places = {path: pointers.parse(path) for path in operation.request}
    for path, rule in operation.request.items():
        at: Pointer = ("request", path)
        keys = places[path]
        if not keys:
            yield at, "the whole request cannot be one value: name a place in it"
        elif any(len(keys) < len(other) and other[: len(keys)] == keys for other in places.values()):
            yield at, "other values stand inside this place"
        if (text := _source(rule, people)) is not None:
            yield at, text


def _source(rule: RequestRule, people: int) -> str | None:
    if rule.source is None:
        return None if rule.convert == "text" else "only a value 'from' the question is converted"
    if rule.source.startswith("other.") and people < 2:
        return f"{rule.source!r}: this operation asks about one person only"
    if rule.convert in WRITES_A_TIME and rule.source != "requested_at":
        return f"{rule.convert!r} takes a time, and {rule.source!r} is none"
    if rule.convert in WRITES_A_DAY and rule.source not in ("as_of", "requested_at"):
        return f"{rule.convert!r} takes a date, and {rule.source!r} is none"
    return None


def _facts(operation: OperationMapping, people: int, tables: set[str]) -> Iterator[Found]:
    for name, rule in operation.facts.items():
        at: Pointer = ("facts", name)
        yield from ((at + place, text) for place, text in _table(rule, tables))
        yield from ((at + place, text) for place, text in _echo(rule, people))
    echoed = {rule.echo for rule in operation.facts.values() if rule.convert == "citizen_id"}
    for role in ("person", "other")[:people]:
        if role not in echoed:
            yield ("facts",), f"no identity number with 'echo: {role}': a reply must be about the person asked about"


def _table(rule: FactRule, tables: set[str]) -> Iterator[Found]:
    if rule.table is None:
        return
    if rule.table not in tables:
        yield ("table",), _unknown_table(rule.table, tables)
    if rule.convert != "text":
        yield ("convert",), "a code that goes through a table is plain text"


def _echo(rule: FactRule, people: int) -> Iterator[Found]:
    if rule.echo is None:
        return
    if rule.echo == "other" and people < 2:
        yield ("echo",), "this operation asks about one person only"
    if rule.optional:
        yield ("optional",), "a fact with 'echo' must always be there: without it the reply may be about anybody"
    if rule.convert not in ("citizen_id", "name") or rule.table is not None:
        yield ("echo",), "only an identity number or a name can be compared with the person asked about"


def _unknown_table(word: str, known: set[str]) -> str:
    near = nearest(word, sorted(known))
    return "unknown table" + (f"; did you mean {near!r}?" if near else f"; known here: {', '.join(sorted(known))}")
