"""One question about one applicant, as the gateway's API spells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from gateway.model import Operator, Person


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
            "operator": {"id": self.operator.id, "name": self.operator.name, "unit_code": self.operator.unit_code},
            "subject": _person(self.subject),
            "guardian": _person(self.guardian) if self.guardian else None,
            "materials": None if self.materials is None else list(self.materials),
            "deadline_ms": self.deadline_ms,
        }
        return {name: value for name, value in members.items() if value is not None}


def _person(person: Person) -> dict[str, str]:
    return {"citizen_id": person.citizen_id, "name": person.name}
