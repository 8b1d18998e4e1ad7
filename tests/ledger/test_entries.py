from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import model
from gateway.ledger import acts, entries
from gateway.ledger.entries import Versions
from gateway.ledger.tally import Counted
from gateway.proofs import canonical
from tests.ledger.asking import (
    CASE_NUMBER,
    CHILD,
    FATHER,
    OPERATOR,
    PSEUDONYMS,
    REQUEST_SHA256,
    call,
    signed,
    verdict,
    verification,
)

VERSIONS = Versions({"jilin-2018-05": "p" * 64}, {"household_registry": "c" * 64})

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
            "evidence": ["ev-1", "ev-2"],
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
    return model.Intent("entry-1", verification(**more), "jilin-2018-05", 1_525_219_200.0, 0.0, "i" * 64)


def test_canonical_bytes_are_as_written_in_rfc_8785() -> None:
    # The strings of RFC 8785, section 3.2.2.2, and its rules for order and white space.
    content = {"string": '\u20ac$\u000f\nA\'B"\\\\"/', "literals": [None, True, False], "n": -7}
    expected = '{"literals":[null,true,false],"n":-7,"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    assert canonical.written(content) == expected.encode()


@given(CONTENT)
def test_canonical_bytes_say_the_same_and_do_not_depend_on_order(content: Any) -> None:
    body = canonical.written({"x": content})
    assert json.loads(body) == {"x": content}
    assert canonical.written(json.loads(body)) == body
    if isinstance(content, dict):
        assert canonical.written({"x": dict(reversed(content.items()))}) == body


def test_canonical_refuses_what_json_cannot_say() -> None:
    with pytest.raises(ValueError):
        canonical.written({"x": float("nan")})


def test_an_intent_says_who_asked_what_and_why() -> None:
    ground = model.Ground((model.LegalBasis("依据", "a law"),), 30)
    question = replace(asked(), verification=replace(verification(), ground=ground))
    assert entries.intent("entry-1", question, signed(), VERSIONS, PSEUDONYMS) == {
        "v": 2,
        "kind": "intent",
        "entry_id": "entry-1",
        "verification_id": "v-1",
        "consumer": "intake",
        "keyid": "intake-2018",
        "purpose": "exit_entry_application",
        "legal_basis": [{"zh": "依据", "en": "a law"}],
        "disclose_after": "2018-06-01T00:00:00.000Z",
        "unit_code": "229901000000",
        "case": PSEUDONYMS.of("case", CASE_NUMBER),
        "subject": PSEUDONYMS.of("person", CHILD.citizen_id),
        "guardian": PSEUDONYMS.of("person", FATHER.citizen_id),
        "operator": PSEUDONYMS.of("operator", OPERATOR.id),
        "materials": ("guardianship_proof",),
        "policy": "jilin-2018-05",
        "application_date": "2018-05-02",
        "policy_sha256": "p" * 64,
        "contracts": {"household_registry": "c" * 64},
        "request_digest": PSEUDONYMS.blinded("entry-1", REQUEST_SHA256),
        "request_signature": "c2lnbmF0dXJl",
        "asked_at": "2018-05-02T00:00:00.000Z",
    }


def test_what_was_not_named_is_null() -> None:
    content = entries.intent("entry-1", asked(guardian=None), signed(), VERSIONS, PSEUDONYMS)
    assert (content["guardian"], content["legal_basis"], content["disclose_after"]) == (None, [], None)


def test_a_call_is_known_by_blinded_digests_of_its_bytes() -> None:
    made = call("ev-1", model.Status.ANSWERED, "b" * 64)
    assert entries.evidence(asked(), made, PSEUDONYMS) == {
        "v": 2,
        "kind": "evidence",
        "entry_id": "ev-1",
        "intent": "entry-1",
        "authority": "household_registry",
        "channel": "query",
        "operation": "relation",
        "attempt": 1,
        "status": "answered",
        "request_grade": "B",
        "reply_grade": "B",
        "request_digest": PSEUDONYMS.blinded("ev-1", b"\xaa" * 32),
        "reply_digest": PSEUDONYMS.blinded("ev-1", b"\xbb" * 32),
        "elapsed_ms": 40,
        "ended_at": "2018-05-02T00:00:01.000Z",
    }
    silent = entries.evidence(asked(), call("ev-2", model.Status.TIMEOUT, None), PSEUDONYMS)
    assert (silent["reply_digest"], silent["reply_grade"]) == (None, None)


def test_an_outcome_says_what_was_decided_on_whose_word() -> None:
    content = json.loads(canonical.written(entries.outcome("entry-2", asked(), {"ev-1": "e" * 64}, verdict(), b"{}")))
    assert content == {
        "v": 2,
        "kind": "outcome",
        "entry_id": "entry-2",
        "intent": "entry-1",
        "intent_hash": "i" * 64,
        "verification_id": "v-1",
        "revision": 1,
        "ends": False,
        "policy": "jilin-2018-05",
        "as_of": "2018-05-02",
        "outcome": "complete",
        "answered_at": "2018-05-02T00:00:01.250Z",
        "body_sha256": hashlib.sha256(b"{}").hexdigest(),
        "evidence": {"ev-1": "e" * 64},
        "materials": [JUDGEMENT],
    }


def test_a_refusal_says_whom_and_why() -> None:
    assert acts.refusal("entry-3", "intake", signed(), "not_granted", 1_525_219_200.5, PSEUDONYMS) == {
        "v": 2,
        "kind": "refusal",
        "entry_id": "entry-3",
        "consumer": "intake",
        "keyid": "intake-2018",
        "code": "not_granted",
        "request_digest": PSEUDONYMS.blinded("entry-3", REQUEST_SHA256),
        "request_signature": "c2lnbmF0dXJl",
        "refused_at": "2018-05-02T00:00:00.500Z",
    }


@pytest.mark.parametrize(("since", "said"), [(None, None), (1_525_219_140.0, "2018-05-01T23:59:00.000Z")])
def test_many_refusals_are_one_entry(since: float | None, said: str | None) -> None:
    assert acts.limited("entry-4", "intake", "rate_limited", Counted(17, since), 1_525_219_200.5) == {
        "v": 2,
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
        entries.intent("", asked(), signed(), Versions({}, {}), PSEUDONYMS),
        entries.evidence(asked(), call("ev-1", model.Status.ANSWERED, None), PSEUDONYMS),
        entries.outcome("", asked(), {}, verdict(), b""),
        entries.closed("", "", "", "stopped", 0.0),
        acts.act("", "started", "gateway", {}, 0.0),
        acts.access("", "", signed(), "", model.Ground(), 0.0),
        acts.reading("", "", signed(), "", 0.0),
        acts.refusal("", "", signed(), "", 0.0, PSEUDONYMS),
        acts.limited("", "", "", Counted(1, None), 0.0),
    ]
    assert entries.__doc__
    assert [name for content in written for name in names(content) if f"`{name}`" not in entries.__doc__] == []
