from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import model
from gateway.ledger import entries
from gateway.ledger.tally import Counted
from gateway.security.pseudonyms import REQUEST
from tests.ledger.asking import CASE_NUMBER, CHILD, FATHER, OPERATOR, PSEUDONYMS, signed, verdict, verification

WORDS = st.text(st.characters(exclude_categories=["Cs"]))
CONTENT = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | WORDS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abcdefghijklmnopqrstuvwxyz_"), inner),
)

JUDGEMENT = {
    "material": "guardianship_proof",
    "decision": "confirmed",
    "reason": "registry_guardian",
    "disposition": "waived",
    "sources": [
        {
            "authority": "household_registry",
            "channel": "query",
            "status": "answered",
            "attempts": 2,
            "elapsed_ms": 941,
            "request_grade": "B",
            "reply_grade": "B",
            "evidence": [
                {
                    "evidence_id": "ev-1",
                    "operation": "relation",
                    "status": "answered",
                    "elapsed_ms": 40,
                    "request_sha256": "a" * 64,
                    "reply_sha256": "b" * 64,
                },
                {
                    "evidence_id": "ev-2",
                    "operation": "relation",
                    "status": "timeout",
                    "elapsed_ms": 900,
                    "request_sha256": "c" * 64,
                    "reply_sha256": None,
                },
            ],
        },
        {
            "authority": "guardianship_archive",
            "channel": "share",
            "status": "not_requested",
            "attempts": 0,
            "elapsed_ms": 0,
            "request_grade": None,
            "reply_grade": None,
            "evidence": [],
        },
    ],
}
"""Of `verdict()`, as its entry must say it."""


def asked(**more: Any) -> model.Intent:
    return model.Intent("entry-1", verification(**more), "jilin-2018-05", 1_525_219_200.0, 0.0)


def test_leaf_hash_is_rfc_6962() -> None:
    # The known answers of RFC 6962 implementations for the empty leaf and for one of a single zero byte.
    assert entries.leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert entries.leaf_hash(b"\x00").hex() == "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"


def test_canonical_bytes_are_as_written_in_rfc_8785() -> None:
    # The strings of RFC 8785, section 3.2.2.2, and its rules for order and white space.
    content = {"string": '\u20ac$\u000f\nA\'B"\\\\"/', "literals": [None, True, False], "n": -7}
    expected = '{"literals":[null,true,false],"n":-7,"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    assert entries.canonical(content) == expected.encode()


@given(CONTENT)
def test_canonical_bytes_say_the_same_and_do_not_depend_on_order(content: Any) -> None:
    body = entries.canonical({"x": content})
    assert json.loads(body) == {"x": content}
    assert entries.canonical(json.loads(body)) == body
    if isinstance(content, dict):
        assert entries.canonical({"x": dict(reversed(content.items()))}) == body


def test_canonical_refuses_what_json_cannot_say() -> None:
    with pytest.raises(ValueError):
        entries.canonical({"x": float("nan")})


def test_an_intent_says_who_asked_what_and_why() -> None:
    assert entries.intent("entry-1", asked(), signed(), PSEUDONYMS) == {
        "v": 1,
        "kind": "intent",
        "entry_id": "entry-1",
        "verification_id": "v-1",
        "consumer": "intake",
        "keyid": "intake-2018",
        "purpose": "exit_entry_application",
        "unit_code": "229901000000",
        "case": PSEUDONYMS.of("case", CASE_NUMBER),
        "subject": PSEUDONYMS.of("person", CHILD.citizen_id),
        "guardian": PSEUDONYMS.of("person", FATHER.citizen_id),
        "operator": PSEUDONYMS.of("operator", OPERATOR.id),
        "materials": ("guardianship_proof",),
        "policy": "jilin-2018-05",
        "application_date": "2018-05-02",
        "request_digest": PSEUDONYMS.of(REQUEST, "sha-256=:AAAA:"),
        "request_signature": PSEUDONYMS.of(REQUEST, "c2lnbmF0dXJl"),
        "asked_at": "2018-05-02T00:00:00.000Z",
    }


def test_a_guardian_who_was_not_named_is_null() -> None:
    assert entries.intent("entry-1", asked(guardian=None), signed(), PSEUDONYMS)["guardian"] is None


def test_an_outcome_says_what_was_decided_on_whose_word() -> None:
    content = json.loads(entries.canonical(entries.outcome("entry-2", asked(), verdict(), b"{}")))
    assert content == {
        "v": 1,
        "kind": "outcome",
        "entry_id": "entry-2",
        "intent": "entry-1",
        "verification_id": "v-1",
        "revision": 1,
        "policy": "jilin-2018-05",
        "as_of": "2018-05-02",
        "outcome": "complete",
        "answered_at": "2018-05-02T00:00:01.250Z",
        "body_sha256": hashlib.sha256(b"{}").hexdigest(),
        "materials": [JUDGEMENT],
    }


def test_a_refusal_says_whom_and_why() -> None:
    assert entries.refusal("entry-3", "intake", signed(), "not_granted", 1_525_219_200.5, PSEUDONYMS) == {
        "v": 1,
        "kind": "refusal",
        "entry_id": "entry-3",
        "consumer": "intake",
        "keyid": "intake-2018",
        "code": "not_granted",
        "request_digest": PSEUDONYMS.of(REQUEST, "sha-256=:AAAA:"),
        "request_signature": PSEUDONYMS.of(REQUEST, "c2lnbmF0dXJl"),
        "refused_at": "2018-05-02T00:00:00.500Z",
    }


@pytest.mark.parametrize(("since", "said"), [(None, None), (1_525_219_140.0, "2018-05-01T23:59:00.000Z")])
def test_many_refusals_are_one_entry(since: float | None, said: str | None) -> None:
    assert entries.limited("entry-4", "intake", "rate_limited", Counted(17, since), 1_525_219_200.5) == {
        "v": 1,
        "kind": "limited",
        "entry_id": "entry-4",
        "consumer": "intake",
        "code": "rate_limited",
        "count": 17,
        "since": said,
        "limited_at": "2018-05-02T00:00:00.500Z",
    }


def test_the_table_names_every_member_of_every_kind() -> None:
    def names(content: Any) -> set[str]:
        if isinstance(content, dict):
            return set(content).union(*map(names, content.values()))
        return set().union(*map(names, content)) if isinstance(content, list | tuple) else set()

    written = [
        entries.intent("", asked(), signed(), PSEUDONYMS),
        entries.outcome("", asked(), verdict(), b""),
        entries.reading("", "", signed(), "", 0.0),
        entries.refusal("", "", signed(), "", 0.0, PSEUDONYMS),
        entries.limited("", "", "", Counted(1, None), 0.0),
    ]
    assert entries.__doc__
    assert [name for content in written for name in names(content) if f"`{name}`" not in entries.__doc__] == []
