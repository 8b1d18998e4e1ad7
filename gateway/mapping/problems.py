"""What is wrong with a mapping, seen beside its contract, before anything is compiled from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

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
        used, tables = _used(name, contract), set(mapping.tables)
        every = (*_request(operation, used), *_facts(operation, used.people, tables), *_rows(operation, tables))
        found += ((("operations", name, *place), text) for place, text in every)
    return found


class _Used(NamedTuple):
    """How an operation is used: by the questions whose steps name it."""

    people: int
    """The fewest that any step asks about."""
    by_years: bool
    """Every question asks it year by year."""
    by_pages: bool
    """Every question asks it page by page."""


def _used(operation: str, contract: Contract) -> _Used:
    uses = [
        (question, step)
        for channel in contract.channels.values()
        for question in channel.questions.values()
        for step in question.steps.values()
        if step.operation == operation
    ]
    people = min((len(step.about) for _, step in uses), default=1)
    walks = {question.walk for question, _ in uses}
    return _Used(people, walks == {"per_year"}, walks == {"pages"})


def _request(operation: OperationMapping, used: _Used) -> Iterator[Found]:
    places = {path: pointers.parse(path) for path in operation.request}
    for path, rule in operation.request.items():
        at: Pointer = ("request", path)
        keys = places[path]
        if not keys:
            yield at, "the whole request cannot be one value: name a place in it"
        elif any(len(keys) < len(other) and other[: len(keys)] == keys for other in places.values()):
            yield at, "other values stand inside this place"
        if (text := _source(rule, used) or _written(rule)) is not None:
            yield at, text
    asks_years = any(rule.source == "walk.year" for rule in operation.request.values())
    if used.by_years and not asks_years:
        yield ("request",), "nothing is 'from: walk.year', and this operation is asked year by year"
    if used.by_pages and all(rule.source != "walk.page" for rule in operation.request.values()):
        yield ("request",), "nothing is 'from: walk.page', and this operation is asked page by page"


def _source(rule: RequestRule, used: _Used) -> str | None:
    if rule.equals is not None and rule.source not in ("person.citizen_id", "other.citizen_id"):
        return "'equals' takes an identity number: anything else could change what the condition asks"
    if rule.source is None:
        return None if rule.convert == "text" else "only a value 'from' the question is converted"
    if rule.source.startswith("other.") and used.people < 2:
        return f"{rule.source!r}: this operation asks about one person only"
    if rule.source == "walk.year" and not used.by_years:
        return "'walk.year': a question asks this operation otherwise than 'per_year'"
    if rule.source == "walk.page" and not used.by_pages:
        return "'walk.page': a question asks this operation otherwise than in 'pages'"
    return None


def _written(rule: RequestRule) -> str | None:
    if rule.convert in WRITES_A_TIME and rule.source != "requested_at":
        return f"{rule.convert!r} takes a time, and {rule.source!r} is none"
    if rule.convert in WRITES_A_DAY and rule.source not in ("as_of", "requested_at"):
        return f"{rule.convert!r} takes a date, and {rule.source!r} is none"
    if rule.convert == "integer" and rule.source != "walk.year":
        return f"'integer' takes a number, and {rule.source!r} is none"
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


def _rows(operation: OperationMapping, tables: set[str]) -> Iterator[Found]:
    for name, rows in operation.rows.items():
        if name in operation.facts:
            yield ("rows", name), "a fact has this name already"
        for fact, rule in rows.facts.items():
            at: Pointer = ("rows", name, "facts", fact)
            yield from ((at + place, text) for place, text in _table(rule, tables))
            if rule.echo is not None:
                yield (*at, "echo"), "a row names nobody: the record around it does"


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
