"""`POST /v1/verifications/search`: a consumer's own questions about a case, after a lost reply.

By POST, because a case number belongs into no address. What others asked about the case is not here.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Literal

from pydantic import Field

from gateway.clock import rfc3339
from gateway.errors import Fault
from gateway.house import House
from gateway.ledger.accesses import NoSuchCursor
from gateway.ledger.again import CasePage
from gateway.web import questions, sizes
from gateway.web.asked import Asked
from gateway.web.problems import refused
from gateway.web.questions import Identifier, StrictBody, Uuid
from gateway.web.sealing import Given
from gateway.web.spelled import Spelled

VERIFICATIONS = "/v1/verifications"
PATH = f"{VERIFICATIONS}/search"

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class CaseWish(StrictBody):
    """Which case, and which page."""

    case_number: Identifier = Field(examples=["JL2018050200123"])
    cursor: Uuid | None = None
    """`next` of the page before; opaque."""


class AskedOut(Spelled):
    """One question. Without an answer `revision` is null: it is in progress, or was closed and will have none."""

    verification_id: str
    asked_at: datetime
    revision: int | None
    outcome: Literal["complete", "partial", "pending", "in_progress", "closed"]
    location: str


class CaseAnswer(Spelled):
    """One page, newest first. A case that this consumer never asked about has an empty one."""

    verifications: list[AskedOut]
    next: str | None


async def search(house: House, asked: Asked) -> Given:
    """One page of what the asker itself asked about a case."""
    wish = questions.strictly(asked.body, CaseWish)
    again, consumer = house.ledger.again, asked.consumer.name
    try:
        page = await again.search(consumer, asked.signed, wish.case_number, wish.cursor)
    except NoSuchCursor:
        fault = Fault("unknown_value", "/cursor", expected="the `next` of a page about this case")
        raise refused("invalid_question", faults=(fault,)) from None
    return Given(render(page))


def render(page: CasePage) -> bytes:
    """The answer's bytes, filled up to their size class."""
    found = [
        {
            "verification_id": each.verification_id,
            "asked_at": rfc3339(each.asked_at),
            "revision": each.revision,
            "outcome": each.outcome,
            "location": f"{VERIFICATIONS}/{each.verification_id}",
        }
        for each in page.asked
    ]
    return sizes.filled(_encode({"verifications": found, "next": page.next}).encode(), sizes.ANSWER_STEP)
