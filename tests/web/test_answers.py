"""The answer's bytes and the models that describe them: held together."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from gateway.judging import sentence
from gateway.model import (
    Decision,
    Disposition,
    Finding,
    Grade,
    Judgement,
    Reason,
    Receipt,
    Status,
    Verdict,
)  # fmt: skip
from gateway.web.answers import Answer, ProblemOut, render, with_receipt
from gateway.web.problems import KINDS, document, refused
from gateway.web.sizes import ANSWER_STEP, PROBLEM_STEP, filled
from tests.calling.doubles import called

EVIDENCE = called("ev-1", Status.ANSWERED)
SOURCE = Finding(
    "residence_permit", "share", Status.ANSWERED, {"permit": {"secret": "229901201206011035"}}, 1, 41, Grade.A, Grade.A,
    (EVIDENCE,),
)  # fmt: skip
SILENT = Finding("household_registry", "query", Status.TIMEOUT, attempts=2, elapsed_ms=900, request_grade=Grade.B)
JUDGEMENTS = (
    Judgement("residence_permit", Decision.CONFIRMED, Disposition.WAIVED, Reason.PERMIT_VALID, (SILENT, SOURCE)),
    Judgement("guardianship_proof", Decision.UNDETERMINED, Disposition.OFFICER_CHECK, Reason.TIMEOUT, (SILENT,), 60),
)
VERDICT = Verdict("v-1", 1, "jilin-2018-05", date(2018, 5, 2), 1_525_219_201.25, JUDGEMENTS)
RECEIPT = Receipt("entry-1", "ab" * 32)


def test_the_bytes_are_what_the_model_says():
    answer = Answer.model_validate_json(with_receipt(render(VERDICT), RECEIPT))
    assert answer.model_dump(mode="json")["answered_at"] == "2018-05-02T00:00:01.250000Z"
    assert (answer.verification_id, answer.revision, answer.outcome, answer.policy) == (
        "v-1",
        1,
        "partial",
        "jilin-2018-05",
    )
    assert (answer.as_of, answer.receipt.entry_id, answer.receipt.entry_hash) == (
        date(2018, 5, 2),
        "entry-1",
        "ab" * 32,
    )
    first, second = answer.materials
    assert (first.verdict, first.disposition, first.reason) == ("confirmed", "waived", "permit_valid")
    said = sentence(Reason.PERMIT_VALID, Disposition.WAIVED)
    assert (first.message.zh, first.message.en, first.retry_after_seconds) == (said.zh, said.en, None)
    assert (second.retry_after_seconds, [source.status for source in second.sources]) == (60, ["timeout"])
    source = first.sources[1]
    assert (source.attempts, source.elapsed_ms, source.reply_grade, source.evidence) == (1, 41, "A", ["ev-1"])


def test_every_member_of_the_model_is_written_and_no_other():
    """The models forbid what they do not know, and nothing in them has a default."""
    written = json.loads(with_receipt(render(VERDICT), RECEIPT))
    assert list(written) == list(Answer.model_fields)
    assert not any(not field.is_required() for field in Answer.model_fields.values())


def test_no_fact_of_a_record_is_in_the_answer():
    assert b"2299012012" not in render(VERDICT)


def test_an_answer_without_materials_takes_a_receipt_too():
    empty = Verdict("v-1", 1, "p", date(2018, 5, 2), 0.0, ())
    assert json.loads(with_receipt(render(empty), RECEIPT))["receipt"]["entry_id"] == "entry-1"


def test_problems_are_what_the_model_says():
    for code in KINDS:
        assert ProblemOut.model_validate_json(document(refused(code))).code == code


def test_an_answer_is_filled_up_to_its_size_class_after_its_last_brace():
    body = with_receipt(render(VERDICT), RECEIPT)
    assert len(body) == ANSWER_STEP
    assert body.rstrip(b" ").endswith(b"}}")
    assert with_receipt(render(VERDICT), RECEIPT) == body
    long = replace(VERDICT, judgements=JUDGEMENTS * 9)
    assert len(with_receipt(render(long), RECEIPT)) % ANSWER_STEP == 0
    assert len(document(refused("scope"))) == PROBLEM_STEP


@given(st.binary(max_size=40), st.integers(1, 9))
def test_a_filled_body_is_the_body_and_fewer_spaces_than_a_step(body: bytes, step: int):
    whole = filled(body, step)
    assert len(whole) % step == 0
    assert whole.startswith(body)
    assert whole[len(body) :] == b" " * (len(whole) - len(body))
    assert len(whole) - len(body) < step
