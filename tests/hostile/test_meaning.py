"""Bodies that are signed and mean nothing good (hostile-inputs C): refused, bound, written down, and nobody is asked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.hostile.doorstep import QUOTED
from tests.system import RESIDENCE, System
from tests.wire import Reply

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUBJECT = "229901201206011035"


async def is_refused(system: System, body: Any, status: int, code: str) -> Reply:
    """Fails unless it is refused with this code, bound, as an entry, with nobody asked and nothing quoted."""
    calls, entries = system.calls(), len(system.entries())
    asked = system.asked(body)
    reply = await system.send(asked)
    assert (reply.status, reply.code) == (status, code)
    assert system.is_bound(reply, asked)
    assert system.calls() == calls
    (entry,) = system.entries()[entries:]
    assert entry["kind"] == "refusal"
    assert code in json.dumps(entry)
    for quoted in (QUOTED, SUBJECT):
        assert quoted not in reply.body.decode() + json.dumps(entry)
    assert (await system.send(asked)).code == "replay", "the signature was right, so its nonce is spent"
    return reply


def question(system: System, **changes: Any) -> dict[str, Any]:
    return system.question("P12", materials=[RESIDENCE], **changes)


@pytest.mark.parametrize("spelled", ["citizen_id", "\\u0063itizen_id"])
async def test_h41_a_key_that_stands_twice(hostile: System, spelled: str):
    text = json.dumps(question(hostile), ensure_ascii=False)
    twice = text.replace('"subject": {', f'"subject": {{"{spelled}": "{SUBJECT}", ')
    assert twice != text
    await is_refused(hostile, twice.encode(), 400, "json_duplicate_key")


HOSTILE_JSON: dict[str, tuple[bytes, str]] = {
    "NaN": (b'{"deadline_ms": NaN}', "json_number"),
    "infinity": (b'{"deadline_ms": -Infinity}', "json_number"),
    "1e400": (b'{"deadline_ms": 1e400}', "json_number"),
    "5 000 digits": (b'{"deadline_ms": ' + b"9" * 5000 + b"}", "json_number"),
    "depth 100 000": (b"[" * 60_000, "json_depth"),
    "objects in objects": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "json_depth"),
    "a mark in front": (b'\xef\xbb\xbf{"a": 1}', "json_encoding"),
    "trailing bytes": (b"{} " + QUOTED.encode(), "json_malformed"),
    "two values": (b"{}{}", "json_malformed"),
    "nothing": (b"", "json_malformed"),
    "not UTF-8": (b'{"a": "\xff\xfe"}', "json_encoding"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "json_encoding"),
    "half a pair": (b'{"a": "\\ud800"}', "json_encoding"),
    "a comment": (b'{"a": 1} // ' + QUOTED.encode(), "json_malformed"),
    "single quotes": (b"{'a': 1}", "json_malformed"),
    "a comma too much": (b'{"a": 1,}', "json_malformed"),
}


@pytest.mark.parametrize("name", HOSTILE_JSON)
async def test_h42_json_with_traps(hostile: System, name: str):
    body, code = HOSTILE_JSON[name]
    await is_refused(hostile, body, 400, code)


@pytest.mark.parametrize(
    "number",
    [
        "229901201206011034",
        "２２９９０１２０１２０６０１１０３５",
        "229901880512101",
        "2299012012060110351",
        f"{QUOTED}12345678",
        "",
    ],
)  # fmt: skip
async def test_h44_identity_numbers_that_are_none(hostile: System, number: str):
    await is_refused(
        hostile, question(hostile, subject={"citizen_id": number, "name": "测试子"}), 400, "subject_format"
    )


@pytest.mark.parametrize("last", ["x", "Ｘ", "ｘ"])
async def test_h44_x_may_be_small_or_wide(hostile: System, last: str):
    """One applicant of the cast has a number that ends in X, and so is found by each of them."""
    (who,) = [key for key, person in hostile.cast.people.items() if person.citizen_id.endswith("X")][:1]
    person = hostile.person(who)
    asked = question(hostile, subject={**person, "citizen_id": person["citizen_id"][:-1] + last})
    reply = await hostile.send(hostile.asked(asked))
    assert reply.status == 200, reply


@pytest.mark.parametrize("subjects", [501, 20, 1, 0])
async def test_h48_a_batch_where_one_person_is_expected(hostile: System, subjects: int):
    await is_refused(hostile, question(hostile, subject=[{"citizen_id": SUBJECT}] * subjects), 400, "invalid_question")


@pytest.mark.parametrize("count", [501, 1])
async def test_h48_an_array_of_questions(hostile: System, count: int):
    await is_refused(hostile, json.dumps([{"subject": {}}] * count).encode(), 400, "invalid_question")


READ_AS_A_NAME = {"answered", "no_record", "not_requested", "subject_mismatch", "ambiguous"}
LITERALS = [
    "' OR '1'='1",
    "']|//*|a['",
    "<![CDATA[x]]>",
    "]]>&lt;<!-- x -->",
    "1; DROP TABLE x --",
    "$" + "{jndi:x}",
    "%{1}",
]


@pytest.mark.parametrize("name", LITERALS)
@pytest.mark.parametrize("channel", ["soap", "rest"])
async def test_h51_what_means_something_elsewhere_arrives_as_it_is(hostile: System, name: str, channel: str):
    """The authorities read it as a name; nobody is found by it, and nothing breaks."""
    who, guardian = ("P03", "P01") if channel == "soap" else ("P12", None)
    asked = hostile.question(who, guardian)
    asked["subject"]["name"], asked["case_number"] = name, f"JL20180502-H51-{who}"
    seen = {authority: len(journal) for authority, journal in hostile.mocks.journals.items()}
    reply = await hostile.send(hostile.asked(asked))
    assert reply.status == 200
    sources = [source for material in reply.json["materials"] for source in material["sources"]]
    assert {source["status"] for source in sources} <= READ_AS_A_NAME
    new = [entry for name, journal in hostile.mocks.journals.items() for entry in list(journal)[seen[name] :]]
    assert new
    assert [entry.outcome for entry in new if entry.status != 200 or "refused" in entry.outcome] == []


@pytest.mark.parametrize("name", ["callback_url", "document_url", "webhook", "xsi:schemaLocation", "$ref", "__proto__"])
async def test_h52_there_is_no_field_for_an_address(hostile: System, name: str):
    body = {**question(hostile), name: f"http://{QUOTED}.example/hook"}
    reply = await is_refused(hostile, body, 400, "invalid_question")
    assert [fault["code"] for fault in reply.json["faults"]] == ["unknown_field"]
