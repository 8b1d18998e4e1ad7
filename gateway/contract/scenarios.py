"""The scenarios of an authority (`scenarios/<operation>.yaml`): everything that its mock can answer, in its own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Self

from pydantic import Field, model_validator

from gateway.contract.authority import Means, Name, Operation, Path
from gateway.contract.files import Document, FileModel, Pointer, load
from gateway.contract.folders import AuthorityFolder
from gateway.contract.words import nearest
from gateway.errors import BrokenFiles, Problem

FIELD = re.compile(r"\{(person|other)\.(citizen_id|name|born|sex)\}")
"""Text in a record that stands for something about the people asked about: `born` as yyyymmdd, `sex` as 1 or 2."""

RECORDS = ("{record}", "{earlier}")
"""Text in a reply, standing alone, that is replaced by a record."""


class Pages(FileModel):
    """How a record's rows come: so many on a page, the other pages by the token that the reply before gave."""

    rows: Path
    """Where the rows stand in the record."""
    size: int = Field(ge=1)


class Scenario(FileModel):
    """One reply in the authority's own words: exactly one of `reply`, `text` and `fault`.

    Where the text `{record}` stands alone in `reply`, the record is put: `record` below, with the identity of the people
    asked about wherever the mapping declares an echo, overridden by what the cast says of them. `{earlier}` is the same
    record overridden by `earlier`: a second one, for histories and ambiguities.
    """

    means: Means
    """What the contract reads out of this reply, for the conformance tests."""
    status: int = Field(default=200, ge=200, le=599)
    reply: Any = None
    text: str | None = None
    """The body as it is, for what is not JSON. On a SOAP channel with status 200: the reply's string (exception text).
    With another status it comes from a machine in front of the authority: bare and not signed."""
    record: dict[str, Any] = {}
    earlier: dict[str, Any] = {}
    rows: dict[Name, dict[str, str]] = {}
    """By table of the mapping's `rows`: what each row holds beside the facts that the cast tells."""
    pages: Pages | None = None
    """Where the operation has a `next`: the rows come in pages. The mock puts each token in its place."""
    declares: str | None = None
    """The encoding that an XML payload's own declaration claims; it travels inside a string, so nothing is encoded by it."""
    fault: str | None = None
    """For SOAP: the local part of a fault code (SOAP 1.1's own, or WS-Security's)."""

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        if sum(given is not None for given in (self.reply, self.text, self.fault)) != 1:
            raise ValueError("needs exactly one of 'reply', 'text' and 'fault'")
        if self.fault is not None and self.status != 500:
            raise ValueError("a 'fault' comes with 'status: 500' (SOAP 1.1 section 6.2)")
        return self


Scenarios = Mapping[str, Mapping[str, Scenario]]
"""By operation of the contract, then by name."""


class ScenarioFile(FileModel):
    """`scenarios/<operation>.yaml`, read with JSON scalars."""

    operation: Name
    scenarios: dict[Name, Scenario] = Field(min_length=1)


def load_scenarios(folder: AuthorityFolder) -> Scenarios:
    """Every scenario of an authority.

    Raises:
        BrokenFiles: with every problem of every file, also when somebody unknown could not be answered.
    """
    problems: list[Problem] = []
    found: dict[str, Mapping[str, Scenario]] = {}
    operations = {n: op for channel in folder.contract.channels.values() for n, op in channel.operations.items()}
    for path in sorted((folder.path / "scenarios").glob("*.yaml")):
        file, document = load(path, ScenarioFile, problems, scalars="json")
        if file is not None:
            problems += _problems(document, file, path.stem, operations)
            found[file.operation] = file.scenarios
    place = str(folder.path / "contract.yaml")
    for operation in sorted(operations):
        if folder.contract.unknown_person.get(operation) not in found.get(operation, {}):
            text = f"'unknown_person' names no scenario of {operation!r} in scenarios/{operation}.yaml"
            problems.append(Problem(place, 1, 1, text))
    if problems:
        raise BrokenFiles(problems)
    return found


def _problems(
    document: Document, file: ScenarioFile, stem: str, operations: Mapping[str, Operation]
) -> Iterator[Problem]:
    if file.operation != stem:
        yield document.problem(("operation",), f"must be the file's name, {stem!r}")
    elif file.operation not in operations:
        near = nearest(file.operation, operations)
        yield document.problem(("operation",), "unknown operation" + (f"; did you mean {near!r}?" if near else ""))
    operation = operations.get(file.operation)
    for name, scenario in file.scenarios.items():
        if scenario.pages is not None and (operation is None or operation.next is None):
            yield document.problem(
                ("scenarios", name, "pages"), "the operation says nowhere where a 'next' page's token is"
            )
        for part in ("record", "earlier"):
            for pointer, value in leaves(getattr(scenario, part), ("scenarios", name, part)):
                if isinstance(value, str) and value.startswith("{") and not FIELD.fullmatch(value):
                    yield document.problem(pointer, "stands for nothing that a record can name")


def leaves(tree: Any, pointer: Pointer) -> Iterator[tuple[Pointer, Any]]:
    """Every value of a record that is no object itself, with its place."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from leaves(value, (*pointer, key))
    else:
        yield pointer, tree
