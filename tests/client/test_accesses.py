"""Who asked about a person, as a portal reads it."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.client import Access, BadAnswer, Message
from gateway.client.answers import read_accesses
from tests.client.gateway_double import QUESTION, Asking, GatewayDouble

NUMBER = QUESTION["subject"]["citizen_id"]
PAGE: dict[str, Any] = {
    "accesses": [
        {
            "entry_id": "e-2", "what": "asked", "at": "2018-05-02T00:00:00.000Z", "consumer": "counter",
            "legal_basis": [{"zh": "依据", "en": "the law"}], "role": "guardian", "outcome": "open",
            "unit_code": "229901000000", "purpose": "exit_entry_application", "case": "e1:0", "case_number": "JL-1",
            "materials": ["guardianship_proof"],
        },
        {
            "entry_id": "e-1", "what": "viewed", "at": "2018-05-01T00:00:00.000Z", "consumer": "portal", "legal_basis": [],
            "role": "subject", "outcome": "answered", "unit_code": None, "purpose": None, "case": None,
            "case_number": None, "materials": None,
        },
    ],
    "next": "e-1",
    "complete_since": "2018-01-01T00:00:00.000Z",
}  # fmt: skip


def test_a_page_is_asked_for_and_read(gateway: GatewayDouble, asking: Asking) -> None:
    gateway.document = PAGE
    page = asking.accesses(NUMBER, case_numbers=["JL-1"], limit=2, cursor="e-3")
    sent = gateway.seen[-1]
    assert (sent.method, sent.url.path) == ("POST", "/v1/subjects/accesses")
    assert json.loads(sent.content) == {
        "subject": {"citizen_id": NUMBER}, "case_numbers": ["JL-1"], "limit": 2, "cursor": "e-3",
    }  # fmt: skip
    assert page.accesses[0] == Access(
        "e-2", "asked", datetime(2018, 5, 2, tzinfo=UTC), "counter", (Message("依据", "the law"),), "guardian", "open",
        "229901000000", "exit_entry_application", "e1:0", "JL-1", ("guardianship_proof",),
    )  # fmt: skip
    assert (page.accesses[1].case, page.accesses[1].materials) == (None, None)
    assert (page.next, page.complete_since) == ("e-1", datetime(2018, 1, 1, tzinfo=UTC))


def test_what_is_not_said_is_not_sent(gateway: GatewayDouble, asking: Asking) -> None:
    gateway.document = {"accesses": [], "next": None, "complete_since": None}
    page = asking.accesses(NUMBER)
    assert json.loads(gateway.seen[-1].content) == {"subject": {"citizen_id": NUMBER}}
    assert (page.accesses, page.next, page.complete_since) == ((), None, None)


@pytest.mark.parametrize("name", ["entry_id", "what", "at", "consumer", "legal_basis", "role", "outcome"])
def test_a_member_that_is_missing_is_named(name: str) -> None:
    page = deepcopy(PAGE)
    del page["accesses"][0][name]
    with pytest.raises(BadAnswer, match=name):
        read_accesses(page)
