from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any

import pytest

from gateway.client import BadAnswer, Message
from gateway.client.answers import read_answer
from gateway.model import Receipt
from tests.client.gateway_double import ANSWER_DOCUMENT


def test_an_answer_is_read_whole() -> None:
    answer = read_answer({**ANSWER_DOCUMENT, "a_newer_member": 1})
    assert answer.verification_id == "01a2b3c4-0000-7000-8000-000000000001"
    assert (answer.revision, answer.outcome, answer.policy) == (1, "complete", "jilin-2018-05")
    assert answer.answered_at == datetime(2018, 5, 2, 1, 2, 3, 456000, UTC)
    assert answer.as_of == date(2018, 5, 2)
    assert answer.receipt == Receipt("entry-1", "00ff")
    assert answer.raw["a_newer_member"] == 1
    (material,) = answer.materials
    assert (material.material, material.verdict, material.disposition) == ("guardianship_proof", "confirmed", "waived")
    assert (material.reason, material.retry_after_seconds) == ("registry_guardian", None)
    assert material.message == Message("无需提交", "Not needed")
    (source,) = material.sources
    assert (source.authority, source.channel, source.status) == ("household_registry", "query", "answered")
    assert (source.attempts, source.elapsed_ms, source.evidence) == (1, 41, ("e1",))
    assert (source.request_grade, source.reply_grade) == ("B", None)


def test_a_newer_gateway_s_words_still_arrive() -> None:
    document = deepcopy(ANSWER_DOCUMENT)
    document["materials"][0]["verdict"] = "a_new_verdict"
    assert read_answer(document).materials[0].verdict == "a_new_verdict"


REQUIRED = [
    *[(name,) for name in ANSWER_DOCUMENT],
    *[("receipt", name) for name in ANSWER_DOCUMENT["receipt"]],
    *[("materials", 0, name) for name in ANSWER_DOCUMENT["materials"][0] if name != "retry_after_seconds"],
    *[("materials", 0, "message", name) for name in ("zh", "en")],
    *[
        ("materials", 0, "sources", 0, name)
        for name in ANSWER_DOCUMENT["materials"][0]["sources"][0]
        if not name.endswith("grade")
    ],
]


@pytest.mark.parametrize("pointer", REQUIRED)
@pytest.mark.parametrize("value", [None, True, 1.5])
def test_a_member_that_is_missing_or_of_another_type_is_named(pointer: tuple[Any, ...], value: Any) -> None:
    document = deepcopy(ANSWER_DOCUMENT)
    place: Any = document
    for step in pointer[:-1]:
        place = place[step]
    place[pointer[-1]] = value
    with pytest.raises(BadAnswer, match=str(pointer[-1])):
        read_answer(document)


@pytest.mark.parametrize(
    ("name", "value"),
    [("answered_at", "yesterday"), ("answered_at", "2018-05-02T01:02:03"), ("as_of", "2018-02-30"), ("materials", [1])],
)
def test_a_value_that_cannot_be_read_is_refused(name: str, value: Any) -> None:
    with pytest.raises(BadAnswer):
        read_answer({**ANSWER_DOCUMENT, name: value})


@pytest.mark.parametrize("document", [None, [], "x", 1])
def test_what_is_no_object_is_no_answer(document: Any) -> None:
    with pytest.raises(BadAnswer, match="the answer is not a JSON object"):
        read_answer(document)
