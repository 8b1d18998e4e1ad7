"""One question of the cast, its signature, and a verdict on it; and a clock that stands still."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gateway import clock, model
from gateway.mapping.citizen_ids import check_character
from gateway.security.pseudonyms import Pseudonyms

FATHER = model.Person("229901198805121012", "测试父")
CHILD = model.Person("229901201206011035", "测试子")
OPERATOR = model.Operator("op-0117", "样例员", "229901000000")
REQUEST_SHA256 = bytes(range(100, 132))
CASE_NUMBER = "JL2018050200123"
PSEUDONYMS = Pseudonyms("e1", bytes(range(32)))


@dataclass(slots=True)
class StillClock:
    """2018-05-02T00:00:00Z until a test moves it; identifiers count up."""

    now: float = 1_525_219_200.0
    issued: int = 0

    def unix(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    def token(self) -> str:
        self.issued += 1
        return f"{self.issued:022}"

    def identifier(self) -> str:
        self.issued += 1
        return clock.uuid7(int(self.now * 1000), self.issued.to_bytes(10, "big"))


def verification(
    name: str = "v-1",
    *,
    consumer: str = "intake",
    guardian: model.Person | None = FATHER,
    case_number: str = CASE_NUMBER,
    subject: model.Person = CHILD,
) -> model.Verification:
    return model.Verification(
        verification_id=name,
        consumer=consumer,
        case_number=case_number,
        application_date=date(2018, 5, 2),
        business_items=("passport",),
        purpose="exit_entry_application",
        residence_basis="employment",
        operator=OPERATOR,
        subject=subject,
        guardian=guardian,
        materials=("guardianship_proof",),
        deadline_ms=8000,
    )


def signed(nonce: str = "nonce-1", limits: model.Limits = model.USUAL_LIMITS) -> model.SignedRequest:
    return model.SignedRequest(
        "intake-2018", nonce, 1_525_219_200, 1_525_219_260, REQUEST_SHA256, "c2lnbmF0dXJl", limits
    )


def in_a_row(count: int) -> list[model.Person]:
    """People with sequential numbers, as somebody who tries them out asks; all of a region that was never assigned."""
    digits = (f"22990119900101{n:03}" for n in range(count))
    return [model.Person(each + check_character(each), "测试某") for each in digits]


def call(name: str, status: model.Status, reply_sha256: str | None, attempt: int = 1) -> model.Evidence:
    """One call to the registry."""
    return model.Evidence(
        evidence_id=name,
        authority="household_registry",
        channel="query",
        operation="relation",
        attempt=attempt,
        status=status,
        request_grade=model.Grade.B,
        reply_grade=model.Grade.B if status.is_reply else None,
        request_sha256="a" * 64,
        reply_sha256=reply_sha256,
        elapsed_ms=40,
        ended_at=1_525_219_201.0,
    )


def verdict(name: str = "v-1", revision: int = 1) -> model.Verdict:
    evidence = (
        call("ev-1", model.Status.ANSWERED, "b" * 64),
        call("ev-2", model.Status.TIMEOUT, None, attempt=2),
    )
    sources = (
        model.Finding(
            authority="household_registry",
            channel="query",
            status=model.Status.ANSWERED,
            records={"relation": {"name": CHILD.name}},
            attempts=2,
            elapsed_ms=941,
            request_grade=model.Grade.B,
            reply_grade=model.Grade.B,
            evidence=evidence,
        ),
        model.Finding("guardianship_archive", "share", model.Status.NOT_REQUESTED),
    )
    judgement = model.Judgement(
        "guardianship_proof",
        model.Decision.CONFIRMED,
        model.Disposition.WAIVED,
        model.Reason.REGISTRY_GUARDIAN,
        sources,
    )
    return model.Verdict(name, revision, "jilin-2018-05", date(2018, 5, 2), 1_525_219_201.25, (judgement,))
