"""The entries: what is written of each kind, and its exact bytes.

kind       | members, beside `v` (2), `kind` and `entry_id`
---------- | ----------
`intent`   | `verification_id` `consumer` `keyid` `purpose` `legal_basis` `disclose_after`? `unit_code` `case` `subject`
           | `guardian`? `operator` `materials`? `policy` `policy_sha256` `contracts` `application_date` `request_digest`
           | `request_signature` `asked_at`
`evidence` | one call, as it ends: `intent` (its entry id) `authority` `channel` `operation` `attempt` `status`
           | `request_grade`? `reply_grade`? `request_digest` `reply_digest`? `elapsed_ms` `ended_at`
`outcome`  | `intent` `intent_hash` `verification_id` `revision` `policy` `as_of` `outcome` `answered_at` `body_sha256`
           | `evidence` (each entry's id and leaf hash) and `materials`: each `material` `decision` `reason` `disposition`
           | `sources`; a source: `authority` `channel` `status` `attempts` `elapsed_ms` `request_grade`? `reply_grade`?
           | `evidence` (entry ids); and `manual` where an officer spoke: `entry_id` `entry_hash` `operator` `seen`
           | `where` `seen_at` `screenshot_sha256`, and `machine`: the `decision` and `reason` below it
`manual`   | what an officer found: `intent` `verification_id` `consumer` `keyid` `legal_basis` `unit_code` `operator`
           | `material` `seen` `where` `seen_at` `screenshot_sha256` `request_digest` `request_signature` `found_at`
`closed`   | an intent that will have no outcome: `intent` `verification_id` `why` `closed_at`
`access`   | the person's view was read: `consumer` `keyid` `subject` `legal_basis` `viewed_at`
`listing`  | the open officer checks of a unit were read: `consumer` `keyid` `unit_code` `operator` `listed_at`
`reading`  | `consumer` `keyid` `verification_id` `read_at`
`refusal`  | `consumer` `keyid` `code` `request_digest` `request_signature` `refused_at`
`limited`  | `consumer` `code` `count` `since`? `limited_at`: so many requests came too fast since the last such entry
`act`      | of an operator, or of the gateway itself: `act` `who` `why`? `details` `at`

`?`: may be null. `case`, `subject`, `guardian` and `operator` are pseudonyms (`<epoch>:<32 hex>`). `*_digest` are blinded
(`security.pseudonyms`): a bare digest of a question could be tried against every number there is. `contracts` gives each
authority's folder by SHA-256. `*_at` are RFC 3339 in UTC with milliseconds; `application_date` and `as_of` are calendar
days; hashes and digests are lower-case hex; `request_signature` is as it came.

One proof of an outcome proves the whole answer: it holds the leaf hashes of its intent and of each call.

The bytes are RFC 8785 (JCS): members sorted, no white space, UTF-8 without needless escapes. Our member names are ASCII and
our numbers are integers below 2**53, where `json.dumps` with these options and RFC 8785 agree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from gateway import clock, model
from gateway.proofs import canonical
from gateway.proofs.merkle import leaf_hash
from gateway.security.pseudonyms import CASE, OPERATOR, PERSON, Pseudonyms, blinded
from gateway.store import tables

VERSION: Final = 2
DAY_SECONDS: Final = 86400

INTENT: Final = "intent"
EVIDENCE: Final = "evidence"
OUTCOME: Final = "outcome"
MANUAL: Final = "manual"
CLOSED: Final = "closed"
ACCESS: Final = "access"
LISTING: Final = "listing"
READING: Final = "reading"
REFUSAL: Final = "refusal"
LIMITED: Final = "limited"
ACT: Final = "act"

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Versions:
    """By SHA-256: each policy file by name, each authority's contract folder."""

    policies: Mapping[str, str]
    contracts: Mapping[str, str]


class Standing(Protocol):
    """Something that stands in the ledger: its entry's id and leaf hash (hex)."""

    @property
    def entry_id(self) -> str: ...
    @property
    def entry_hash(self) -> str: ...


def leaf(content: Content, at: float, **more: Any) -> tables.Entry:
    """The row of an entry, made at `at` (Unix seconds)."""
    body = canonical.written(content)
    return tables.Entry(content["entry_id"], content["kind"], body, leaf_hash(body), int(at * 1000), **more)


def laws(ground: model.Ground) -> list[dict[str, str]]:
    """The legal basis as entries have it."""
    return [{"zh": law.zh, "en": law.en} for law in ground.legal_basis]


def intent(
    entry_id: str,
    question: model.Intent,
    signed: model.SignedRequest,
    versions: Versions,
    pseudonyms: Pseudonyms,
) -> Content:
    """The content of an intent entry: nobody in clear."""
    verification = question.verification
    guardian, days = verification.guardian, verification.ground.disclose_after_days
    return {
        "v": VERSION,
        "kind": INTENT,
        "entry_id": entry_id,
        "verification_id": verification.verification_id,
        "consumer": verification.consumer,
        "keyid": signed.keyid,
        "purpose": verification.purpose,
        "legal_basis": laws(verification.ground),
        "disclose_after": clock.rfc3339(question.asked_at + days * DAY_SECONDS) if days else None,
        "unit_code": verification.operator.unit_code,
        "case": pseudonyms.of(CASE, verification.case_number),
        "subject": pseudonyms.of(PERSON, verification.subject.citizen_id),
        "guardian": pseudonyms.of(PERSON, guardian.citizen_id) if guardian else None,
        "operator": pseudonyms.of(OPERATOR, verification.operator.id),
        "materials": verification.materials,
        "policy": question.policy,
        "policy_sha256": versions.policies.get(question.policy, ""),
        "contracts": versions.contracts,
        "application_date": verification.application_date.isoformat(),
        "request_digest": pseudonyms.blinded(entry_id, signed.sha256),
        "request_signature": signed.signature,
        "asked_at": clock.rfc3339(question.asked_at),
    }


def evidence(question: model.Intent, call: model.Evidence, pseudonyms: Pseudonyms) -> Content:
    """The content of the entry about one call to an authority."""
    entry_id, reply = call.evidence_id, call.reply_sha256
    blind = pseudonyms.blind(entry_id)
    return {
        "v": VERSION,
        "kind": EVIDENCE,
        "entry_id": entry_id,
        "intent": question.entry_id,
        "authority": call.authority,
        "channel": call.channel,
        "operation": call.operation,
        "attempt": call.attempt,
        "status": call.status,
        "request_grade": call.request_grade,
        "reply_grade": call.reply_grade,
        "request_digest": blinded(blind, bytes.fromhex(call.request_sha256)),
        "reply_digest": blinded(blind, bytes.fromhex(reply)) if reply is not None else None,
        "elapsed_ms": call.elapsed_ms,
        "ended_at": clock.rfc3339(call.ended_at),
    }


def outcome(
    entry_id: str, question: Standing, calls: Mapping[str, str], verdict: model.Verdict, body: bytes
) -> Content:
    """The content of an outcome entry: what was decided, on whose word, and the digest of the answer's body.

    `question` is its intent; `calls` has the leaf hash of each call's entry, in hex. Officers' findings are evidence as well.
    """
    overrulings = (each.overruling.finding for each in verdict.judgements if each.overruling)
    found = {finding.entry_id: finding.entry_hash for finding in overrulings}
    return {
        "v": VERSION,
        "kind": OUTCOME,
        "entry_id": entry_id,
        "intent": question.entry_id,
        "intent_hash": question.entry_hash,
        "verification_id": verdict.verification_id,
        "revision": verdict.revision,
        "policy": verdict.policy,
        "as_of": verdict.as_of.isoformat(),
        "outcome": verdict.outcome,
        "answered_at": clock.rfc3339(verdict.answered_at),
        "body_sha256": hashlib.sha256(body).hexdigest(),
        "evidence": {**calls, **found},
        "materials": [_judgement(judgement) for judgement in verdict.judgements],
    }


def closed(entry_id: str, intent_id: str, verification_id: str, why: str, now: float) -> Content:
    """The content of the entry that ends an intent of which nobody knows how far it went. `now` in Unix seconds."""
    return {
        "v": VERSION,
        "kind": CLOSED,
        "entry_id": entry_id,
        "intent": intent_id,
        "verification_id": verification_id,
        "why": why,
        "closed_at": clock.rfc3339(now),
    }


def _judgement(judgement: model.Judgement) -> Content:
    content = {
        "material": judgement.material,
        "decision": judgement.decision,
        "reason": judgement.reason,
        "disposition": judgement.disposition,
        "sources": [_source(finding) for finding in judgement.sources],
    }
    return content if judgement.overruling is None else {**content, "manual": _manual(judgement.overruling)}


def _manual(overruling: model.Overruling) -> Content:
    machine, found = overruling.machine, overruling.finding
    return {
        "entry_id": found.entry_id,
        "entry_hash": found.entry_hash,
        "operator": found.operator,
        "seen": found.seen,
        "where": found.where,
        "seen_at": clock.rfc3339(found.seen_at),
        "screenshot_sha256": found.screenshot_sha256,
        "machine": {"decision": machine.decision, "reason": machine.reason},
    }


def _source(finding: model.Finding) -> Content:
    return {
        "authority": finding.authority,
        "channel": finding.channel,
        "status": finding.status,
        "attempts": finding.attempts,
        "elapsed_ms": finding.elapsed_ms,
        "request_grade": finding.request_grade,
        "reply_grade": finding.reply_grade,
        "evidence": [call.evidence_id for call in finding.evidence],
    }
