"""A crowd of applicants cloned from the cast, and the questions about them.

No two questions in flight are about the same person: calls that the gateway one day shares between equal questions are
not shared here, so A always makes as many calls as B and C.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any, Literal

from gateway.contract.folders import AuthorityFolder
from gateway.contract.people import Cast, Member, Pair, Told
from gateway.contract.scenarios import Scenarios
from gateway.mapping.citizen_ids import check_character
from mocks.answers import Answers
from mocks.server import cast_of

CROWD = 160
"""More than twice the most callers."""

AS_OF = "2018-05-02"
ARCHIVED = {"guardianship_archive": {"proof": Told(scenario="accepted")}}
"""The archive knows every pair, so that each of the four calls carries a record."""


@dataclass(frozen=True, slots=True)
class Workload:
    """A question, named by the calls that it takes."""

    name: str
    title: str
    material: str
    rounds: tuple[tuple[tuple[str, str], ...], ...]
    """By round, the authority and operation of each call."""
    about: Literal["families", "holders", "insured", "everything"] = "families"
    """Whom of the crowd it is asked about."""

    @property
    def materials(self) -> tuple[str, ...]:
        return tuple(self.material.split())

    @property
    def calls(self) -> int:
        return sum(len(calls) for calls in self.rounds)


_REGISTRY = "household_registry"
GUARDIANSHIP = Workload(
    "guardianship",
    "guardianship: 1 signed REST + 3 signed SOAP calls, side by side",
    "guardianship_proof",
    (
        (
            ("guardianship_archive", "proof"),
            (_REGISTRY, "person"),
            (_REGISTRY, "person"),
            (_REGISTRY, "same_household"),
        ),
    ),
)
RESIDENCE = Workload(
    "residence",
    "residence: 1 signed SOAP call, then 1 signed REST call",
    "residence_permit",
    (((_REGISTRY, "national"),), (("residence_permit", "permit"),)),
    "holders",
)
_INSURANCE = "social_insurance"
_MONTHS = ((_INSURANCE, "share_months"), (_INSURANCE, "query_months"), (_INSURANCE, "query_months"))
INSURANCE = Workload(
    "insurance",
    "insurance: 1 signed SOAP call, then 1 REST and 2 SOAP calls of the sharing platform",
    "social_insurance_proof",
    (((_REGISTRY, "national"),), _MONTHS),
    "insured",
)
EVERYTHING = Workload(
    "everything",
    "the whole job on all five channels: 5 calls side by side, then 1 signed REST, 1 REST and 2 SOAP of the platform",
    "guardianship_proof residence_permit social_insurance_proof",
    ((*GUARDIANSHIP.rounds[0], (_REGISTRY, "national")), (("residence_permit", "permit"), *_MONTHS)),
    "everything",
)
WORKLOADS = (GUARDIANSHIP, RESIDENCE, INSURANCE, EVERYTHING)
CONSTANT = Workload("constant", "constant: no call at all", "guardianship_proof", ())
"""What B's server costs alone."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """The cast and its clones: minors with a guardian of their household, and holders of a valid permit."""

    cast: Cast
    scenarios: Mapping[str, Scenarios]
    families: tuple[tuple[Member, Member], ...]
    holders: tuple[Member, ...]
    insured: tuple[Member, ...] = ()
    newcomers: tuple[tuple[Member, Member], ...] = ()
    """Minors from elsewhere with a guardian, a permit and insurance: all three materials are owed of them."""

    def answers(self, folder: AuthorityFolder) -> Answers:
        """What one authority knows of them, as the mocks put it."""
        return Answers(folder, self.scenarios[folder.contract.authority], self.cast)

    def about(self, workload: Workload) -> Sequence[tuple[Member, Member | None]]:
        """The applicants of a workload, each with who comes along."""
        people: dict[str, Sequence[tuple[Member, Member | None]]] = {
            "families": self.families,
            "holders": [(holder, None) for holder in self.holders],
            "insured": [(one, None) for one in self.insured],
            "everything": self.newcomers,
        }
        return people[workload.about]

    def questions(self, workload: Workload, count: int) -> list[bytes]:
        """That many bodies, about one after the other."""
        bodies = [_body(subject, adult, workload) for subject, adult in self.about(workload)]
        return list(islice(cycle(bodies), count))


def crowd(folders: Mapping[str, AuthorityFolder]) -> Crowd:
    """The clones of P03 with P01, of P12 and of P08; and of P03 with P01 again, but from elsewhere and known everywhere."""
    cast, scenarios = cast_of(folders.values())
    minor, adult, holder, insured = (cast.people[key] for key in ("P03", "P01", "P12", "P08"))
    registry = {**minor.answers[_REGISTRY], "national": insured.answers[_REGISTRY]["national"]}
    answers = {
        _REGISTRY: registry,
        "residence_permit": holder.answers["residence_permit"],
        _INSURANCE: insured.answers[_INSURANCE],
    }
    newcomer = minor.model_copy(update={"insured": insured.insured, "answers": answers})
    together = next(pair for pair in cast.pairs if pair.people == ["P03", "P01"])
    people = dict(cast.people)
    pairs: list[Pair] = []
    for at in range(CROWD):
        people[f"U{at:03}"] = _clone(minor, at)
        people[f"V{at:03}"] = _clone(adult, at)
        people[f"W{at:03}"] = _clone(holder, at)
        people[f"X{at:03}"] = _clone(insured, at)
        people[f"Y{at:03}"] = _clone(newcomer, at + CROWD)
        people[f"Z{at:03}"] = _clone(adult, at + CROWD)
        pairs += [
            Pair(people=[f"{one}{at:03}", f"{other}{at:03}"], answers={**together.answers, **ARCHIVED})
            for one, other in ("UV", "YZ")
        ]
    more = cast.model_copy(update={"people": people, "pairs": [*cast.pairs, *pairs]})
    families, newcomers = (
        tuple((people[f"{one}{at:03}"], people[f"{other}{at:03}"]) for at in range(CROWD))
        for one, other in ("UV", "YZ")
    )
    holders, paying = (tuple(people[f"{one}{at:03}"] for at in range(CROWD)) for one in "WX")
    return Crowd(more, scenarios, families, holders, paying, newcomers)


def _clone(member: Member, at: int) -> Member:
    digits = f"{member.citizen_id[:14]}{at + 300:03}"
    name = member.name + chr(0x4E00 + at)
    return member.model_copy(update={"citizen_id": digits + check_character(digits), "name": name})


def _body(subject: Member, guardian: Member | None, workload: Workload) -> bytes:
    asked: dict[str, Any] = {
        "case_number": f"JL20180502-{workload.about}-{subject.citizen_id[14:17]}",
        "application_date": AS_OF,
        "business_items": ["passport"],
        "purpose": "exit_entry_application",
        "operator": {"id": "op-0117", "name": "样例警员", "unit_code": "229901000000"},
        "subject": {"citizen_id": subject.citizen_id, "name": subject.name},
        "materials": list(workload.materials),
    }
    if guardian is not None:
        asked["guardian"] = {"citizen_id": guardian.citizen_id, "name": guardian.name}
    if workload.about in ("holders", "insured"):
        asked["residence_basis"] = "residence_permit" if workload.about == "holders" else "employment"
    return json.dumps(asked, ensure_ascii=False, separators=(",", ":")).encode()
