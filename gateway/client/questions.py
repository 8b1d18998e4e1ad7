"""One question about one applicant, as the gateway's API spells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from gateway.model import Operator, Person, Seen


@dataclass(frozen=True, slots=True)
class Question:
    """The body of `POST /v1/verifications`. Leave `materials` out and the policy decides which are owed."""

    case_number: str
    application_date: date
    business_items: tuple[str, ...]
    purpose: str
    operator: Operator
    subject: Person
    guardian: Person | None = None
    residence_basis: str | None = None
    materials: tuple[str, ...] | None = None
    deadline_ms: int | None = None
    """How long the counter will wait for the answer, milliseconds; the gateway caps it."""

    def document(self) -> dict[str, Any]:
        """As JSON members; what is None is left out."""
        members: dict[str, Any] = {
            "case_number": self.case_number,
            "application_date": self.application_date.isoformat(),
            "business_items": list(self.business_items),
            "purpose": self.purpose,
            "residence_basis": self.residence_basis,
            "operator": _operator(self.operator),
            "subject": _person(self.subject),
            "guardian": _person(self.guardian) if self.guardian else None,
            "materials": None if self.materials is None else list(self.materials),
            "deadline_ms": self.deadline_ms,
        }
        return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True, slots=True)
class OfficerFound:
    """The body of `POST /v1/verifications/{id}/findings`: what an officer saw of one material."""

    operator: Operator
    material: str
    seen: Seen
    where: str
    """The authority whose record was looked at, or `paper`."""
    seen_at: datetime
    """With its zone, after the question."""
    screenshot_sha256: str
    """Lower-case hex, of the screenshot or scan that stays with you."""

    def document(self) -> dict[str, Any]:
        """As JSON members."""
        return {
            "operator": _operator(self.operator),
            "material": self.material,
            "seen": str(self.seen),
            "where": self.where,
            "seen_at": self.seen_at.isoformat(timespec="milliseconds"),
            "screenshot_sha256": self.screenshot_sha256,
        }


def _operator(operator: Operator) -> dict[str, str]:
    return {"id": operator.id, "name": operator.name, "unit_code": operator.unit_code}


def _person(person: Person) -> dict[str, str]:
    return {"citizen_id": person.citizen_id, "name": person.name}
