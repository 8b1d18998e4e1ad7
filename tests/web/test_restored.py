"""A verdict is read back from its answer's bytes, and spelled again it is the same."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model import (
    Decision,
    Disposition,
    Finding,
    Grade,
    Judgement,
    ManualFinding,
    Overruling,
    Reason,
    Ruled,
    Seen,
    Status,
    Verdict,
    Written,
)
from gateway.web import restored
from gateway.web.answers import render

WORDS = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)
MOMENTS = st.integers(0, 4_000_000_000_000).map(lambda milliseconds: milliseconds / 1000)
HASHES = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)
FINDINGS = st.builds(
    Finding,
    WORDS,
    WORDS,
    st.sampled_from(Status),
    attempts=st.integers(0, 20),
    elapsed_ms=st.integers(0, 60_000),
    request_grade=st.none() | st.sampled_from(Grade),
    reply_grade=st.none() | st.sampled_from(Grade),
    evidence=st.lists(WORDS.map(Written), max_size=3).map(tuple),
)
OVERRULINGS = st.builds(
    Overruling,
    st.builds(ManualFinding, WORDS, HASHES, WORDS, st.sampled_from(Seen), WORDS, MOMENTS, HASHES),
    st.builds(Ruled, st.sampled_from(Decision), st.sampled_from(Reason)),
)
JUDGEMENTS = st.builds(
    Judgement,
    WORDS,
    st.sampled_from(Decision),
    st.sampled_from(Disposition),
    st.sampled_from(Reason),
    st.lists(FINDINGS, max_size=3).map(tuple),
    st.none() | st.integers(0, 10_000),
    st.none() | OVERRULINGS,
)
VERDICTS = st.builds(
    Verdict,
    WORDS,
    st.integers(1, 1000),
    WORDS,
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    MOMENTS,
    st.lists(JUDGEMENTS, max_size=3).map(tuple),
    st.booleans(),
)


@given(VERDICTS)
def test_what_was_rendered_is_read_back(verdict: Verdict):
    assert restored.verdict(render(verdict)) == verdict
    assert render(restored.verdict(render(verdict))) == render(verdict)


GOOD: dict[str, Any] = json.loads(render(Verdict("v-1", 1, "p", date(2018, 5, 2), 0.0, ())))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        json.dumps({**GOOD, "more": 1}).encode(),
        json.dumps({**GOOD, "revision": "1"}).encode(),
        json.dumps({**GOOD, "outcome": "perhaps"}).encode(),
        json.dumps({**GOOD, "materials": [{"citizen_id": "229901201206011035"}]}).encode(),
    ],
)
def test_what_is_no_answer_is_refused_without_its_content(body: bytes):
    with pytest.raises(restored.NoAnswer) as error:
        restored.verdict(body)
    assert error.value.__cause__ is None
    assert error.value.__context__ is None
    assert "229901201206011035" not in str(error.value)
