"""What the household registry says of a minor and an adult, as the plain statements that the guardian table is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.mapping import names
from gateway.model import Facts, Finding, Person, Verification

# Relations to the head of the household (GB/T 4761-2008; domain 3.3).
HEAD: Final = frozenset({"01", "02", "03"})
SPOUSE: Final = frozenset({"10", "11", "12"})
CHILD: Final = frozenset(
    {"20", "21", "22", "23", "24", "25", "26", "27", "30", "31", "32", "33", "34", "35", "36", "37"}
)
CHILD_GENERATION: Final = CHILD | frozenset({"28", "29", "38", "39"})
GRANDCHILD: Final = frozenset({"40", "41", "42", "43", "44"})
PARENT: Final = frozenset({"50", "51", "52", "57", "58"})
NOT_RELATED: Final = "99"

_NAMED: Final = ("guardian1", "guardian2", "father", "mother")
_PARENTS: Final = ("father", "mother")

_OF_ANYBODY: Final = frozenset({"record", "state", "reversal"})
READS: Final = {
    "minor": _OF_ANYBODY | {f"{who}_{what}" for who in _NAMED for what in ("citizen_id", "name")},
    "adult": _OF_ANYBODY,
    "household": frozenset({"relation_to_head", "other_relation_to_head", "household_type"}),
}
READS_OF_KIN: Final = {"kin": frozenset({"relation_of_other"})}


@dataclass(frozen=True, slots=True, repr=False)
class Household:
    """The registry's records: of the minor, of the adult, of both in one household, and of their kinship."""

    guardian: Person
    minor: Facts | None
    adult: Facts | None
    household: Facts | None
    kin: Facts | None

    @property
    def minor_is_current(self) -> bool:
        """The registry has the minor, and nothing has ended the record."""
        return self.minor is not None and _is_current(self.minor)

    @property
    def adult_is_gone(self) -> bool:
        """The adult's own record is historical or says dead, moved out ...; having none is not the same."""
        return self.adult is not None and not _is_current(self.adult)

    @property
    def adult_is_named(self) -> bool:
        """The minor's record gives the adult's number as that of a guardian or parent."""
        return any(self._told(f"{who}_citizen_id") == self.guardian.citizen_id for who in _NAMED)

    @property
    def names_parents(self) -> bool:
        """The minor's record says anything about who the parents are."""
        return any(self._told(f"{who}_{what}") for who in _PARENTS for what in ("citizen_id", "name"))

    @property
    def only_the_name_agrees(self) -> bool:
        """A guardian or parent has the adult's name, and that one's number is blank."""
        return any(
            names.compare(self.guardian.name, name).is_equal
            for who in _NAMED
            if (name := self._told(f"{who}_name")) and not self._told(f"{who}_citizen_id")
        )

    def are(self, minor: frozenset[str], adult: frozenset[str]) -> bool:
        """Both live in one household that proves something, with relations to its head out of these two sets."""
        home = self.household
        if home is None or self.adult is None or self.proves_nothing:
            return False
        return home["relation_to_head"] in minor and home["other_relation_to_head"] in adult

    @property
    def proves_nothing(self) -> bool:
        """They share a household, but a collective one, or one of them is not related to its head."""
        home = self.household
        if home is None or self.adult is None:
            return False
        relations = (home["relation_to_head"], home["other_relation_to_head"])
        return home["household_type"] == "collective" or NOT_RELATED in relations

    @property
    def is_direct_kin(self) -> bool:
        """The direct-kin service says that the adult is the minor's parent, and no household of theirs says more."""
        apart = self.household is None or self.proves_nothing
        return apart and self.kin is not None and self.kin["relation_of_other"] in PARENT

    def _told(self, fact: str) -> str | None:
        return None if self.minor is None else self.minor[fact]


def of(finding: Finding, verification: Verification) -> Household | None:
    """The registry's reply about this verification; None when a step of the question is not in it, or no guardian is."""
    records = finding.records
    if verification.guardian is None or not READS.keys() <= records.keys():
        return None
    return Household(
        verification.guardian, records["minor"], records["adult"], records["household"], records.get("kin")
    )


def _is_current(record: Facts) -> bool:
    return bool(record["record"] == "current" and record["state"] == "normal" and record["reversal"] == "standing")
