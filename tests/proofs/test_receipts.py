"""The receipt: what it proves, and that no byte, part, key or file of it can be another one unseen."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proofs import canonical, receipts
from gateway.proofs.receipts import ReceiptRefused, check
from gateway.security import keys, sm2
from tests.proofs.receipted import ANSWER, QUESTION, SEEN_AT, SHARD, WITNESS, Receipted

MADE = Receipted()
FILE, KEYS = MADE.file(), MADE.document()


def refused(receipt: bytes, document: bytes = KEYS, **more: Any) -> str:
    with pytest.raises(ReceiptRefused) as caught:
        check(receipt, document, **more)
    return caught.value.code


def test_what_a_whole_receipt_proves():
    told = check(FILE, KEYS, QUESTION, ANSWER)
    assert (told.question.match, told.answer.match, told.is_wrong) == ("proved", "proved", False)
    assert (told.verification_id, told.revision, told.consumer, told.signed_by) == ("v-1", 1, "intake", "receipts-1")
    assert told.question.legal_basis == (("护照法", "Passport Law"),)
    (decided,) = told.answer.decisions
    (source,) = decided.sources
    assert (decided.material, decided.decision) == ("guardianship_proof", "confirmed")
    assert (source.authority, source.channel, source.status) == ("household_registry", "query", "answered")
    assert (source.request_grade, source.reply_grade) == ("B", "A")
    assert told.answer.at - told.question.at == 1
    assert (told.origin, told.index) == (SHARD, 2)
    assert told.ledger is not None
    assert (told.ledger.size, told.ledger.witnessed) == (5, ((WITNESS, SEEN_AT),))


def test_without_proof_it_is_not_in_the_ledger_yet():
    told = check(MADE.file(proved=False), KEYS)
    assert told.ledger is None
    assert (told.question.match, told.answer.match) == ("not_given", "not_given")


def test_each_altered_byte_fails():
    accepted = []
    for at, byte in enumerate(FILE):
        for other in {byte ^ 1, byte ^ 0x20, 0x41 if byte != 0x41 else 0x42}:
            changed = FILE[:at] + bytes([other]) + FILE[at + 1 :]
            try:
                check(changed, KEYS)
            except ReceiptRefused:
                continue
            accepted.append((at, other))
    assert accepted == []


def test_each_cut_fails_and_space_behind_it_is_no_part_of_it():
    assert all(refused(FILE[:at]) == "file_malformed" for at in range(0, len(FILE), 7))
    assert check(FILE + b"  \n", KEYS) == check(FILE, KEYS)
    assert (
        refused(FILE + b"\t") == refused(b" " + FILE) == refused(FILE + b" " * receipts.MAX_BYTES) == "file_malformed"
    )


def test_another_question_or_answer_is_not_this_one():
    told = check(FILE, KEYS, QUESTION + b"x", ANSWER + b"x")
    assert (told.question.match, told.answer.match, told.is_wrong) == ("not_this_one", "not_this_one", True)


def test_the_answer_as_it_came_and_files_that_were_saved_anew():
    hash_ = json.loads(MADE.payload())["ledger"]["leaf_hash"]
    came = ANSWER[:-1] + b',"receipt":{"entry_id":"e-3","entry_hash":"%b"}}' % hash_.encode()
    pretty = json.dumps(json.loads(came), indent=2).encode()
    asked = json.dumps(json.loads(QUESTION), indent=2, ensure_ascii=False).encode() + b"\n"
    for answer in (came, came.ljust(4096), pretty):
        assert check(FILE, KEYS, asked, answer).answer.match == "proved"
    assert check(FILE, KEYS, asked).question.match == "proved"
    assert check(FILE, KEYS, answer=came.replace(b"e-3", b"e-4")).answer.match == "not_this_one"


def test_where_the_epoch_is_destroyed_the_question_cannot_be_shown_any_more():
    made = Receipted(blind=None)
    assert check(made.file(), made.document(), QUESTION).question.match == "not_provable"


@pytest.mark.parametrize(("new", "alg"), [(keys.new_p256, "ecdsa-p256-sha256"), (keys.new_sm2, "sm2-sm3")])
def test_the_other_algorithms(new: Any, alg: str):
    if alg == sm2.ALG and not sm2.IS_AVAILABLE:
        pytest.skip("the extra 'sm' is not installed")
    made = Receipted(signer=new(), alg=alg)
    assert check(made.file(), made.document()).signed_by == "receipts-1"
    assert refused(made.file(), made.document(alg="ed25519")) == "keys_malformed"


AFTER, BEFORE = "2026-11-23T00:00:01.001Z", "2026-11-23T00:00:01.000Z"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("key_revoked", {"state": "revoked"}),
        ("key_revoked", {"state": "a state of later days"}),
        ("key_retired", {"state": "retiring", "until": BEFORE}),
        ("key_unknown", {"use": "answers"}),
        ("key_unknown", {"id": "receipts-2"}),
        ("signature_invalid", {"public_key": keys.new_ed25519()[1].decode()}),
        ("keys_malformed", {"public_key": "no key"}),
        ("keys_malformed", {"until": "soon"}),
        ("keys_malformed", {"id": "log-1"}),
        ("ledger_unknown", {"ledger": False}),
        ("checkpoint_signer", {"log": {"state": "revoked"}}),
        ("checkpoint_signer", {"log": {"state": "retiring", "until": BEFORE}}),
        ("checkpoint_signer", {"log": {"public_key": keys.new_ed25519()[1].decode()}}),
        ("keys_malformed", {"log": {"public_key": "no key"}}),
    ],
)
def test_keys_that_do_not_count(code: str, said: dict[str, Any]):
    assert refused(FILE, MADE.document(**said)) == code


@pytest.mark.parametrize("said", [{"state": "pending"}, {"state": "retiring", "until": AFTER}, {"expires": BEFORE}])
def test_keys_that_count(said: dict[str, Any]):
    assert check(FILE, MADE.document(**said, log=said)).ledger is not None


@pytest.mark.parametrize("document", [b"", b"[]", b'{"keys": 1}', b'{"keys": [], "ledger": 1}', b'{"keys": [1]}'])
def test_what_is_no_keys_document(document: bytes):
    assert refused(FILE, document) == "keys_malformed"


def test_a_proof_of_something_else_is_refused():
    moved = Receipted(MADE.signer, MADE.log, MADE.witness, index=3)
    assert refused(MADE.file(proof=moved.proof())) == "proof_misplaced"
    assert refused(MADE.file(proof=MADE.proof(origin="gw.example/audit/1"))) == "proof_misplaced"
    other = Receipted(MADE.signer, MADE.log, MADE.witness, outcome={"policy": "another"})
    assert refused(MADE.file(proof=other.proof())) == "inclusion_invalid"
    strange = Receipted(MADE.signer, MADE.log)
    assert refused(MADE.file(proof=strange.proof())) == "checkpoint_signer"
    assert refused(MADE.file(proof=b"no proof")) == "proof_malformed"
    extra = MADE.proof().replace(b"\nindex", b"\nextra AAAA\nindex")
    assert refused(MADE.file(proof=extra)) == "proof_malformed"


def changed(**more: Any) -> bytes:
    """A rightly signed payload that says something else."""
    return canonical.written(json.loads(MADE.payload()) | more)


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("entries_differ", {"verification_id": "v-2"}),
        ("entries_differ", {"consumer": "another"}),
        ("entries_differ", {"revision": 2}),
        ("entries_differ", {"evidence": []}),
        ("entries_differ", {"ledger": {"origin": SHARD, "index": -1, "leaf_hash": "00"}}),
        ("ledger_other", {"ledger": {**json.loads(MADE.payload())["ledger"], "origin": "gw.example/other/0"}}),
        ("ledger_other", {"ledger": {**json.loads(MADE.payload())["ledger"], "origin": "gw.example/audit/00"}}),
        ("content_malformed", {"v": 2}),
        ("content_malformed", {"more": 1}),
        ("content_malformed", {"outcome": {"body": "{}"}}),
        ("content_malformed", {"intent": {"body": "{}", "blind": "00"}}),
        ("content_malformed", {"ledger": 1}),
    ],
)
def test_contents_that_no_gateway_signs(code: str, more: dict[str, Any]):
    assert refused(MADE.file(payload=changed(**more))) == code


@pytest.mark.parametrize(
    "outcome",
    [{"intent": "e-9"}, {"intent_hash": "00"}, {"verification_id": "v-2"}, {"evidence": {}}, {"kind": "intent"}],
)
def test_entries_of_two_verifications_make_no_receipt(outcome: dict[str, Any]):
    with pytest.raises(ReceiptRefused, match="entries_differ"):
        Receipted(outcome=outcome).payload()


@pytest.mark.parametrize(
    "made",
    [Receipted(outcome={"answered_at": "yesterday"}), Receipted(intent={"asked_at": "2026-11-23T00:00:00"}),
     Receipted(intent={"legal_basis": [1]}), Receipted(outcome={"body_sha256": 1}), Receipted(outcome={"policy": None})],
)  # fmt: skip
def test_entries_that_say_less_than_they_must(made: Receipted):
    assert refused(made.file(proved=False), made.document(), question=b"{}", answer=b"{}") == "content_malformed"


NAMES = st.sampled_from(["dsse", "proof", "payload", "payloadType", "signatures", "v", "ledger", "intent"])
LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3)


@given(st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3)))
def test_whatever_json_it_is_one_exception_says_so(value: Any):
    assert refused(canonical.written(value)) == "file_malformed"
    assert refused(MADE.file(payload=canonical.written(value))) == "content_malformed"
