"""The cast (`contracts/people.yaml`) and the scenarios of each authority: what a mock answers about whom."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from gateway.contract.authority import Means, Name, Title
from gateway.contract.files import FileModel

PersonKey = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{2,3}$")]


class Scenario(FileModel):
    """One reply in the authority's own words.

    `reply` is the whole JSON reply; wherever the text `{record}` stands alone in it, the record is put: `record` below,
    overridden by what the cast says of the person, with the identity filled in where the mapping declares an echo.
    """

    operation: Name
    means: Means
    status: int = 200
    reply: Any = None
    text: str | None = None
    """Instead of `reply`: the body as it is, for replies that are not JSON (exception text)."""
    record: dict[str, Any] = {}
    fault: str | None = None
    """For SOAP: answer with a fault of this code instead."""


class ScenarioFile(FileModel):
    """`scenarios/<any>.yaml`, read with JSON scalars."""

    scenarios: dict[Name, Scenario] = Field(min_length=1)


class Told(FileModel):
    """What one authority's mock answers about one person, or one pair, in one operation."""

    scenario: Name
    record: dict[str, Any] = {}


Answers = dict[Name, dict[Name, Told]]
"""By authority, then by operation."""


class Member(FileModel):
    """One fictitious person (domain section 11), the same in every authority."""

    citizen_id: str
    name: str
    story: Title
    answers: Answers = {}


class Pair(FileModel):
    """What the authorities say of two people together: first the one who is `person`, then `other`."""

    people: list[PersonKey] = Field(min_length=2, max_length=2)
    answers: Answers


class Cast(FileModel):
    """`contracts/people.yaml`, read with JSON scalars."""

    people: dict[PersonKey, Member]
    pairs: list[Pair] = []
