"""The cast (`contracts/people.yaml`): named fictitious people, one identity across all authorities (domain section 11)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from gateway.contract.authority import Name, Title
from gateway.contract.files import Document, FileModel, Pointer, load
from gateway.contract.insured import Insured
from gateway.contract.scenarios import FIELD, Scenarios, leaves
from gateway.contract.words import nearest
from gateway.errors import BrokenFiles, Problem

PersonKey = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{2,3}$")]
Number = Annotated[str, StringConstraints(pattern=r"^[0-9]{17}[0-9X]$")]

_REFERENCE = re.compile(r"\{([A-Z][0-9]{2,3})\.(citizen_id|name)\}")


class Told(FileModel):
    """What one authority's mock answers about one person, or one pair, in one operation.

    A text `{P01.citizen_id}` or `{P01.name}` in the record stands for that member's identity: it is written once.
    """

    scenario: Name
    record: dict[str, Any] = {}
    insured: Insured | None = None
    """Instead of the member's own, where two channels know different things."""


Answers = dict[Name, dict[Name, Told]]
"""By authority, then by operation."""


class Member(FileModel):
    """One fictitious person, the same in every authority."""

    citizen_id: Number
    name: str = Field(min_length=1, max_length=50)
    story: Title
    guardian: PersonKey | None = None
    """The adult who comes along to the counter, in the stories that are about guardianship."""
    under: str | None = None
    """The policy under which the story is told, where it is another than the file's."""
    insured: Insured | None = None
    """What every answer's `rows` say of them (contract/insured.py)."""
    answers: Answers = {}


class Pair(FileModel):
    """What the authorities say of two people together: first the one who is `person`, then `other`."""

    people: Annotated[list[PersonKey], Field(min_length=2, max_length=2)]
    story: Title | None = None
    answers: Answers


class Refused(FileModel):
    """A number that the gateway must refuse before anybody is asked: no authority knows it."""

    number: str
    name: str
    story: Title


class Cast(FileModel):
    """`contracts/people.yaml`, read with JSON scalars."""

    people: dict[PersonKey, Member] = Field(min_length=1)
    pairs: list[Pair] = []
    refused: dict[PersonKey, Refused] = {}


def load_cast(path: Path, scenarios: Mapping[str, Scenarios]) -> Cast:
    """The cast, checked against the scenarios of every authority (by name).

    Raises:
        BrokenFiles: with every problem of the file.
    """
    problems: list[Problem] = []
    cast, document = load(path, Cast, problems, scalars="json")
    if cast is not None:
        problems += _problems(document, cast, scenarios)
    if cast is None or problems:
        raise BrokenFiles(problems)
    return cast


def resolved(record: Mapping[str, Any], people: Mapping[str, Member]) -> dict[str, Any]:
    """The record with every reference to a member, at any depth, replaced by what it stands for."""
    return {key: _resolved(value, people) for key, value in record.items()}


def _resolved(value: Any, people: Mapping[str, Member]) -> Any:
    if isinstance(value, dict):
        return resolved(value, people)
    reference = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    return value if reference is None else getattr(people[reference[1]], reference[2])


def _problems(document: Document, cast: Cast, scenarios: Mapping[str, Scenarios]) -> Iterator[Problem]:
    numbers: dict[str, str] = {}
    for key, member in cast.people.items():
        at = ("people", key)
        if numbers.setdefault(member.citizen_id, key) != key:
            yield document.problem((*at, "citizen_id"), f"is the number of {numbers[member.citizen_id]} too")
        if member.guardian is not None and member.guardian not in cast.people:
            yield document.problem((*at, "guardian"), "names nobody in the cast")
        yield from _answer_problems(document, (*at, "answers"), member.answers, cast, scenarios)
    pairs: set[tuple[str, ...]] = set()
    for index, pair in enumerate(cast.pairs):
        here: Pointer = ("pairs", index)
        if tuple(pair.people) in pairs:
            yield document.problem(here, "these two stand here twice")
        pairs.add(tuple(pair.people))
        for person in pair.people:
            if person not in cast.people:
                yield document.problem((*here, "people"), f"{person} is nobody in the cast")
        yield from _answer_problems(document, (*here, "answers"), pair.answers, cast, scenarios)


def _answer_problems(
    document: Document, at: Pointer, answers: Answers, cast: Cast, scenarios: Mapping[str, Scenarios]
) -> Iterator[Problem]:
    for authority, operations in answers.items():
        if authority not in scenarios:
            yield document.problem((*at, authority), _unknown("authority", authority, scenarios))
            continue
        for operation, told in operations.items():
            place = (*at, authority, operation)
            known = scenarios[authority].get(operation)
            if known is None:
                yield document.problem(place, _unknown("operation", operation, scenarios[authority]))
            elif told.scenario not in known:
                yield document.problem((*place, "scenario"), _unknown("scenario", told.scenario, known))
            for pointer, value in leaves(told.record, (*place, "record")):
                if not _is_text_or_known(value, cast):
                    yield document.problem(pointer, "refers to nobody in the cast")


def _is_text_or_known(value: object, cast: Cast) -> bool:
    if not isinstance(value, str) or not value.startswith("{") or FIELD.fullmatch(value):
        return True
    reference = _REFERENCE.fullmatch(value)
    return reference is not None and reference[1] in cast.people


def _unknown(what: str, word: str, known: Mapping[str, Any]) -> str:
    near = nearest(word, known)
    return f"unknown {what}" + (f"; did you mean {near!r}?" if near else f"; known here: {', '.join(sorted(known))}")
