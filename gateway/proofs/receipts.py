"""The receipt: the ledger's entries of one verification, signed; and what it proves to whoever has the keys document.

A file is canonical JSON, `{"dsse": envelope, "proof": text or null}`. The envelope is DSSE over the payload that
`receipt_contents` describes; the proof is a C2SP tlog-proof, once a checkpoint covers the answer. It has one spelling: no byte
of it can change unseen. Spaces and line feeds behind it are no part of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from gateway.errors import GatewayError
from gateway.proofs import canonical, published, receipt_contents, tlog_proof
from gateway.proofs.dsse import Envelope, pae
from gateway.proofs.lines import Malformed
from gateway.proofs.notes import Kind, NoteKey, NotSigned, key_of, key_of_pem
from gateway.proofs.proving import ProofRefused
from gateway.proofs.published import Published, PublishedKey
from gateway.proofs.receipt_contents import Contents, Entry
from gateway.proofs.receipt_findings import Checked, Covered, findings
from gateway.proofs.receipt_refusals import ReceiptRefused
from gateway.security import sm2
from gateway.security.keys import UnusableKey, Verifier
from gateway.security.signatures import SignatureRefused

PAYLOAD_TYPE: Final = "application/vnd.run-once-gateway.receipt.v1+json"
MAX_BYTES: Final = 1 << 20

__all__ = ["PAYLOAD_TYPE", "Checked", "Entry", "ReceiptRefused", "check", "file", "payload", "to_sign"]


def payload(intent: Entry, evidence: Iterable[Entry], outcome: bytes, origin: str, index: int) -> bytes:
    """What a receipt signs: entries as they stand in the ledger, and where the outcome stands. `origin` is the shard's.

    Raises ReceiptRefused where they are not of one verification: a receipt that nobody could check is never signed.
    """
    in_order = tuple(sorted(evidence, key=lambda entry: str(entry.content.get("entry_id"))))
    made = Contents(intent, in_order, Entry(outcome), origin, index).written()
    receipt_contents.read(made)
    return made


def to_sign(payload: bytes) -> bytes:
    """The bytes that the key for receipts signs."""
    return pae(PAYLOAD_TYPE, payload)


def file(payload: bytes, keyid: str, signature: bytes, proof: bytes | None) -> bytes:
    """The receipt as it is handed out. `proof` is the tlog-proof, None while no checkpoint covers the answer."""
    envelope = Envelope(PAYLOAD_TYPE, payload, keyid, signature)
    return canonical.written({"dsse": envelope.document(), "proof": None if proof is None else proof.decode()})


def check(receipt: bytes, keys_document: bytes, question: bytes | None = None, answer: bytes | None = None) -> Checked:
    """What the receipt proves, from public keys alone.

    `question` is the request's body as it was sent, `answer` the answer as it came, or each as the same JSON without its
    white space. Raises ReceiptRefused.
    """
    try:
        keys = published.read(keys_document)
    except ValueError as error:
        raise ReceiptRefused("keys_malformed") from error
    envelope, proof = _read(receipt)
    contents, signer = _signed(envelope, keys)
    told = findings(contents, signer, question, answer)
    if not signer.counts(told.answer.at):
        raise ReceiptRefused("key_retired")
    _require_ledger(contents, keys, is_proved=proof is not None)
    if proof is None:
        return told
    return told.covered(_covered(proof, contents, keys, told.answer.at))


def _read(receipt: bytes) -> tuple[Envelope, bytes | None]:
    """The envelope and the proof of a file. Nothing in them is believed yet."""
    try:
        if len(receipt) > MAX_BYTES:
            raise ValueError("too large")
        document = canonical.read(receipt.rstrip(b" \n"))
        if not isinstance(document, dict) or set(document) != {"dsse", "proof"}:
            raise ValueError("not the members of a receipt")
        envelope, proof = Envelope.read(document["dsse"]), document["proof"]
        if envelope.payload_type != PAYLOAD_TYPE or not isinstance(proof, str | None):
            raise ValueError("not the type of a receipt")
    except ValueError as error:
        raise ReceiptRefused("file_malformed") from error
    return envelope, None if proof is None else proof.encode()


def _signed(envelope: Envelope, keys: Published) -> tuple[Contents, PublishedKey]:
    """The contents, once the signature is that of a key for receipts that is not revoked."""
    signer = next((key for key in keys.of("receipts") if key.id == envelope.keyid), None)
    if signer is None:
        raise ReceiptRefused("key_unknown")
    if not signer.may_count:
        raise ReceiptRefused("key_revoked")
    try:
        _verifier(signer).verify(envelope.signature, envelope.signed)
    except SignatureRefused as error:
        raise ReceiptRefused("signature_invalid") from error
    return receipt_contents.read(envelope.payload), signer


def _verifier(key: PublishedKey) -> Verifier:
    try:
        return key.verifier()
    except UnusableKey as error:
        is_here = key.alg != sm2.ALG or sm2.IS_AVAILABLE
        raise ReceiptRefused("keys_malformed" if is_here else "algorithm_unavailable") from error


def _require_ledger(contents: Contents, keys: Published, *, is_proved: bool) -> None:
    """The receipt's shard is one of the ledger that the keys document names."""
    if keys.origin is None:
        if is_proved:
            raise ReceiptRefused("ledger_unknown")
        return
    shard = contents.origin.removeprefix(f"{keys.origin}/")
    if shard == contents.origin or not shard.isdecimal() or str(int(shard)) != shard:
        raise ReceiptRefused("ledger_other")


def _covered(data: bytes, contents: Contents, keys: Published, answered_at: float) -> Covered:
    try:
        proof = tlog_proof.parse(data)
    except Malformed as error:
        raise ReceiptRefused("proof_malformed") from error
    checkpoint = proof.signed.checkpoint
    if proof.extra or checkpoint.extensions:  # nobody signs the one, and nobody audits the other
        raise ReceiptRefused("proof_malformed")
    if (proof.index, checkpoint.origin) != (contents.index, contents.origin):
        raise ReceiptRefused("proof_misplaced")
    log, witnesses = _note_keys(contents.origin, keys, answered_at)
    try:
        signers = proof.signed.verify(log, witnesses)
    except NotSigned as error:
        known = {(key.name, key.id) for key in (*log, *witnesses)}
        is_strange = any((line.name, line.id) not in known for line in proof.signed.note.lines)
        raise ReceiptRefused("checkpoint_signer" if is_strange else "checkpoint_signature") from error
    if signers.unknown:  # a line that nobody here can check could be any line
        raise ReceiptRefused("checkpoint_signer")
    try:
        proof.check(contents.leaf_hash, log, witnesses)
    except ProofRefused as error:
        raise ReceiptRefused("inclusion_invalid") from error
    times = tuple((each.key.name, each.at) for each in signers.verified if each.at is not None)
    return Covered(checkpoint.size, times)


def _note_keys(origin: str, keys: Published, answered_at: float) -> tuple[list[NoteKey], list[NoteKey]]:
    """The ledger's keys for checkpoints that count, under the shard's name, and its witnesses'."""
    try:
        log = [
            key_of(origin, Kind.SIGNATURE, key.verifier()) for key in keys.of("checkpoints") if key.counts(answered_at)
        ]
        witnesses = [key_of_pem(each.name, Kind.COSIGNATURE, each.public_key) for each in keys.witnesses]
    except GatewayError as error:
        raise ReceiptRefused("keys_malformed") from error
    return log, witnesses
