"""What a reply means: the contract's list and nothing else; silence is never a no."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.calling import meaning
from gateway.contract.authority import REPLIES, Meaning, Means, Operation
from gateway.contract.folders import load_authorities, shipped
from gateway.errors import TROUBLES, BadReply

OPERATIONS: dict[str, Operation] = {
    f"{folder}.{channel}.{key}": operation
    for folder, loaded in load_authorities(shipped()).items()
    for channel, found in loaded.contract.channels.items()
    for key, operation in found.operations.items()
}
LIST = [
    Meaning(means="answered", status=200, code="0", records="one"),
    Meaning(means="no_record", status=200, code="0", records="none"),
    Meaning(means="ambiguous", status=200, code="0", records="several"),
    Meaning(means="closed_window", status=200, code="1", text="系统维护"),
    Meaning(means="config_fault", status=500, fault="FailedCheck"),
    Meaning(means="busy", status=429),
    Meaning(means="unreachable", status=429),
]


@pytest.mark.parametrize(
    ("reply", "means"),
    [
        ({"status": 200, "code": "0", "count": 1}, "answered"),
        ({"status": 200, "code": "0", "count": 0}, "no_record"),
        ({"status": 200, "code": "0", "count": 2}, "ambiguous"),
        ({"status": 200, "code": "0", "count": 99}, "ambiguous"),
        ({"status": 200, "code": "1", "text": "系统维护，请稍后"}, "closed_window"),
        ({"status": 500, "fault": "FailedCheck"}, "config_fault"),
        ({"status": 429}, "busy"),
        ({"status": 429, "code": "0", "text": "x", "count": 3, "fault": "y"}, "busy"),
    ],
)
def test_the_first_whose_every_condition_holds_decides(reply, means):
    assert meaning.of(LIST, **reply) == means


@pytest.mark.parametrize(
    "reply",
    [
        {"status": 200},
        {"status": 200, "code": "00", "count": 1},
        {"status": 200, "code": "1", "text": "请稍后，系统维护"},
        {"status": 500},
        {"status": 500, "fault": "failedcheck"},
        {"status": 404, "code": "0", "count": 1},
        {"status": 201, "code": "0", "count": 0},
    ],
)
def test_what_no_meaning_fits_is_a_bad_reply(reply):
    with pytest.raises(BadReply, match=f"HTTP {reply['status']}"):
        meaning.of(LIST, **reply)


def words(operation: Operation, field: str) -> st.SearchStrategy[str]:
    """What the contract itself says there, and anything else."""
    said = sorted({value for m in operation.meanings if (value := getattr(m, field)) is not None})
    return st.sampled_from(said) | st.text(max_size=4) if said else st.text(max_size=4)


@pytest.mark.parametrize("name", OPERATIONS)
@given(data=st.data())
def test_no_shipped_contract_reads_a_fault_as_an_answer(name, data):
    """A reply about a person needs status 200 and one of the codes that the contract declares."""
    operation = OPERATIONS[name]
    codes = {m.code for m in operation.meanings if m.means in REPLIES}
    status = data.draw(
        st.sampled_from([200, 200, *(m.status for m in operation.meanings if m.status)]) | st.integers(100, 599)
    )
    code = data.draw(st.none() | words(operation, "code"))
    reply = {
        "status": status,
        "code": code,
        "text": data.draw(words(operation, "text")),
        "count": data.draw(st.integers(0, 3)),
        "fault": data.draw(st.none() | words(operation, "fault")),
    }
    try:
        means = meaning.of(operation.meanings, **reply)
    except BadReply:
        return
    if means in REPLIES:
        assert status == 200
        assert code in codes


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_shipped_contract_reads_an_empty_reply_as_an_answer(name):
    with pytest.raises(BadReply):
        meaning.of(OPERATIONS[name].meanings, status=200)


@pytest.mark.parametrize("means", sorted(set(get_args(Means)) - {"answered", "no_record"}))
def test_every_other_meaning_is_a_trouble_with_its_status(means):
    trouble = meaning.trouble(means, 3.0)
    assert type(trouble) in TROUBLES
    assert (trouble.status, trouble.retry_after_seconds) == (means, 3.0)


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (False, "false"), (0, "0"), ("E-1", "E-1"), (None, None), (1.0, None), ([], None), ({}, None)],
)
def test_a_code_as_the_contract_writes_it(value, text):
    assert meaning.code_text(value) == text
