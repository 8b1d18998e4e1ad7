"""What a field of a reply does to us: the facts that it feeds through the mapping, or what the contract reads out of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from gateway.contract.authority import Operation, OperationMapping
from gateway.contract.folders import AuthorityFolder


class Weight(IntEnum):
    """How bad it is when such a field is not what the contract says; the worst first."""

    MEANING = 0
    """It decides what the whole reply means."""
    IDENTITY = 1
    """It says whom the reply is about."""
    FACT = 2
    """A fact is read from it."""
    PLACE = 3
    """Records stand in it, or it says which of them count, or how many there are."""
    UNUSED = 4
    """Nothing of ours reads it."""


@dataclass(frozen=True, slots=True, order=True)
class Effect:
    """What one field feeds. `feeds` is `operation.fact`, `operation.rows.fact`, or the contract's own word for the place."""

    weight: Weight
    feeds: str = ""

    def __str__(self) -> str:
        return _SENTENCES[self.weight].format(self.feeds)


_SENTENCES: Mapping[Weight, str] = {
    Weight.MEANING: "decides what a reply means ({}): wrong answers",
    Weight.IDENTITY: "says whom a reply is about ({}): no answer is believed",
    Weight.FACT: "feeds {}: wrong answers",
    Weight.PLACE: "says where the records are ({}): no answer is believed",
    Weight.UNUSED: "unused: note",
}

UNUSED = Effect(Weight.UNUSED)


def effects(folder: AuthorityFolder, channel: str, operation: str) -> dict[str, tuple[Effect, ...]]:
    """By JSON Pointer into the reply's tree, where lists leave no trace; of one field every effect, the worst first."""
    found: dict[str, list[Effect]] = {}
    declared, mapped = folder.contract.channels[channel].operations[operation], folder.mapping.operations.get(operation)
    for path, effect in (*_declared(declared), *(_mapped(operation, mapped) if mapped is not None else ())):
        found.setdefault(path, []).append(effect)
    return {path: tuple(sorted(each)) for path, each in found.items()}


def effect_at(known: Mapping[str, tuple[Effect, ...]], pointer: str) -> Effect:
    """The worst that comes of a fault at a pointer (list positions in it are passed over): of the field, or of those in it."""
    path = "".join(f"/{part}" for part in pointer.split("/")[1:] if not part.isdecimal())
    inside = [each for at, found in known.items() if at == path or at.startswith(f"{path}/") for each in found]
    return min(inside, default=UNUSED)


def _declared(operation: Operation) -> Iterator[tuple[str, Effect]]:
    if operation.code is not None:
        yield operation.code, Effect(Weight.MEANING, "code")
    if operation.text is not None and any(meaning.text is not None for meaning in operation.meanings):
        yield operation.text, Effect(Weight.MEANING, "text")
    if operation.count is not None:
        yield operation.count, Effect(Weight.PLACE, "count")


def _mapped(name: str, mapping: OperationMapping) -> Iterator[tuple[str, Effect]]:
    yield mapping.records, Effect(Weight.PLACE, f"{name}.records")
    for path in mapping.prefer:
        yield mapping.records + path, Effect(Weight.PLACE, f"{name}.prefer")
    for fact, rule in mapping.facts.items():
        weight = Weight.FACT if rule.echo is None else Weight.IDENTITY
        yield mapping.records + rule.path, Effect(weight, f"{name}.{fact}")
    for table, rows in mapping.rows.items():
        for fact, rule in rows.facts.items():
            weight = Weight.FACT if rule.echo is None else Weight.IDENTITY
            yield mapping.records + rows.path + rule.path, Effect(weight, f"{name}.{table}.{fact}")
