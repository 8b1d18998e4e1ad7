"""`POST /v1/subjects/accesses`: who asked about a person. By POST, because an identity number belongs into no address."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Literal

from pydantic import Field

from gateway.clock import local_day, rfc3339
from gateway.errors import Fault
from gateway.house import House
from gateway.ledger.accesses import NoSuchCursor, Page, Wish
from gateway.web import questions, sizes
from gateway.web.answers import Message
from gateway.web.asked import Asked
from gateway.web.problems import refused
from gateway.web.questions import CitizenId, Identifier, StrictBody, Uuid, Word
from gateway.web.sealing import Given
from gateway.web.spelled import Spelled

PATH = "/v1/subjects/accesses"

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class ViewedPerson(StrictBody):
    """Somebody by identity number alone: whoever logged in is known by it."""

    citizen_id: CitizenId = Field(examples=["229901201206011035"])


class AccessesWish(StrictBody):
    """Whose history, and which page of it."""

    subject: ViewedPerson
    case_numbers: list[Identifier] | None = Field(default=None, min_length=1, max_length=50)
    """Cases that the person names: entries about them are shown with the number."""
    limit: int = Field(default=50, ge=1, le=100)
    cursor: Uuid | None = None
    """`next` of the page before; opaque."""


class AccessOut(Spelled):
    """One access. A view of this history has neither unit, purpose, case nor materials."""

    entry_id: str
    what: Literal["asked", "viewed"]
    at: datetime
    consumer: str
    legal_basis: list[Message]
    role: Literal["subject", "guardian"]
    outcome: Literal["answered", "unknown", "open"]
    unit_code: str | None
    purpose: Word | None
    case: str | None
    case_number: str | None
    materials: list[str] | None


class AccessesAnswer(Spelled):
    """One page, newest first."""

    accesses: list[AccessOut]
    next: str | None
    complete_since: datetime | None
    """What is older may lack entries: they were pruned, or their pseudonyms destroyed. Null: nothing is lacking."""


async def show(house: House, asked: Asked) -> Given:
    """One page of somebody's history, for a consumer that may show it to them."""
    wish = questions.strictly(asked.body, AccessesWish)
    ground = asked.consumer.ground_for_accesses(local_day(house.clock.unix()))
    if ground is None:
        raise refused("scope", "you may not see who asked about people")
    wanted = Wish(wish.subject.citizen_id, tuple(wish.case_numbers or ()), wish.limit, wish.cursor)
    try:
        page = await house.ledger.accesses.view(asked.consumer.name, asked.signed, ground, wanted)
    except NoSuchCursor:
        fault = Fault("unknown_value", "/cursor", expected="the `next` of a page about this person")
        raise refused("invalid_question", faults=(fault,)) from None
    return Given(render(page))


def render(page: Page) -> bytes:
    """The answer's bytes, filled up to their size class."""
    content = {
        "accesses": [asdict(each) for each in page.accesses],
        "next": page.next,
        "complete_since": rfc3339(page.complete_since) if page.complete_since is not None else None,
    }
    return sizes.filled(_encode(content).encode(), sizes.ANSWER_STEP)
