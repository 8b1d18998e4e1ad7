"""What the ledger keeps of a question and of what was found: the one list of it, which `gateway policy fields` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

Form = Literal["pseudonym", "digest", "plain"]

KEPT: Final[Mapping[Form, tuple[str, ...]]] = {
    "pseudonym": ("subject", "guardian", "operator", "case"),
    "digest": (
        "request_digest", "request_signature", "body_sha256", "request_sha256", "reply_sha256", "reply_digest", "intent_hash",
        "policy_sha256", "contracts", "screenshot_sha256", "entry_hash",
    ),
    "plain": (
        "v", "kind", "entry_id", "intent", "verification_id", "revision", "consumer", "keyid", "purpose", "legal_basis",
        "unit_code", "materials", "policy", "application_date", "as_of", "asked_at", "disclose_after", "outcome", "answered_at",
        "material", "decision", "reason", "disposition", "sources", "authority", "channel", "operation", "attempt", "status",
        "attempts", "elapsed_ms", "request_grade", "reply_grade", "evidence", "evidence_id", "ended_at",
        "ends", "manual", "machine", "seen", "where", "seen_at", "found_at",
    ),
}  # fmt: skip
"""Members of intents, evidence, officers' findings and outcomes, by the form in which they are kept. No fact is one of them."""
