"""Was social insurance paid long enough, in a row, here, until now? (domain 2.4)

A *run* begins and ends with a paid month, of one kind of insurance alone, at the place that the policy asks for. It is long
enough when it holds `min_months` paid months; at most `allowed_gap_months` months inside it may be missing, and those do not
count. It reaches the present when it ends no earlier than `reporting_lag_months` before the month of the application;
months after the application do not exist. A month paid afterwards is a paid month if the policy says so, else it bridges:
neither counted nor missing, and no run begins or ends with it. Rows that repeat a month count once; normal beats afterwards.
A run that is unbroken as far back as the authorities must have been asked may be longer than it looks: no "no" is given.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from gateway.contract.policies import InsuranceParameters
from gateway.judging.rulings import NEEDS_OFFICER, Ruling, silence
from gateway.mapping import regions
from gateway.model import Decision, Facts, Finding, Reason, Status, Verification

STEP: Final = "insured"
_READS: Final = frozenset(
    {"months/month", "months/kind", "months/payment", "kinds/kind", "kinds/participation", "kinds/paying"}
)
_REGION: Final = frozenset({"months/region"})


ORDER: Final = (
    Reason.INSURANCE_CONTINUOUS,
    Reason.INSURANCE_STOPPED,  # everything holds, but the insurance is suspended or has ended
    Reason.INSURANCE_ELSEWHERE,  # everything would hold if the place did not matter
    Reason.INSURANCE_LAPSED,  # a run is long enough, and nothing is paid since
    Reason.INSURANCE_GAP,  # enough months until now, but too many missing between them
    Reason.INSURANCE_TOO_SHORT,
)
"""Of several kinds the one that says most speaks: the first of these. Each is one step further from what is asked."""

_PAYMENTS: Final = frozenset({"normal", "back_payment"})
_PARTICIPATIONS: Final = frozenset({"never", "normal", "suspended", "ended"})
_STOPPED: Final = frozenset({"suspended", "ended"})

_NO_INSURANCE: Final = Ruling(Decision.NO_RECORD, Reason.NO_INSURANCE_ON_RECORD)
_CONTINUOUS: Final = Ruling(Decision.CONFIRMED, Reason.INSURANCE_CONTINUOUS)

Row = Mapping[str, Any]
Rows = Iterable[Row]
Place = Callable[[Row], bool]
"""Whether a month paid there counts."""


@dataclass(frozen=True, slots=True)
class Months:
    """The months of one kind that count at one place, as numbers (twelve a year), sorted, until the application."""

    paid: tuple[int, ...]
    bridges: tuple[int, ...]
    """Paid afterwards, where that does not count as paid."""

    def longest(self, allowed_gap: int, reaching: int = 0) -> int:
        """How many paid months the longest run holds that ends in the month `reaching` or later."""
        best = first = missing = 0
        for last, month in enumerate(self.paid):
            missing += self._missing_before(last)
            while missing > allowed_gap:
                first += 1
                missing -= self._missing_before(first)
            if month >= reaching:
                best = max(best, last - first + 1)
        return best

    def is_unbroken(self, since: int, reaching: int, allowed_gap: int) -> bool:
        """Whether no more months than allowed are missing from `since` to a paid month, `reaching` or later."""
        last = next((month for month in self.paid if month >= reaching), since - 1)
        there = sum(since <= month <= last for month in (*self.paid, *self.bridges))
        return last >= since and last - since + 1 - there <= allowed_gap

    def _missing_before(self, at: int) -> int:
        """How many months are missing between a paid month and the paid month before it."""
        if at == 0:
            return 0
        before, month = self.paid[at - 1], self.paid[at]
        return month - before - 1 - (bisect(self.bridges, month) - bisect(self.bridges, before))


def rule(finding: Finding, verification: Verification, rules: InsuranceParameters) -> Ruling:
    """What the social insurance's finding says of the applicant's months on the day of the application."""
    if (silent := silence(finding)) is not None:
        return silent
    if finding.status is Status.NO_RECORD:
        return _NO_INSURANCE
    if STEP not in finding.records:
        return NEEDS_OFFICER
    facts = finding.records[STEP]
    if facts is None:
        return _NO_INSURANCE
    day, unit_code = verification.application_date, verification.operator.unit_code
    if (reason := _reason(facts, day, unit_code, rules)) is Reason.INSURANCE_CONTINUOUS:
        return _CONTINUOUS
    # Which city a month in the province's pool belongs to, nobody can read from it: with it there might be enough.
    pooled = _reason(facts, day, unit_code, rules, rules.province_pools)
    if pooled is Reason.INSURANCE_CONTINUOUS or not _is_understood(facts, rules):
        return NEEDS_OFFICER
    if _may_have_begun_before(facts, day, unit_code, rules):
        return NEEDS_OFFICER
    return Ruling(Decision.CONTRADICTED, reason)


def reads(rules: InsuranceParameters) -> frozenset[str]:
    """The facts of the step that the rule needs, those of each row as `rows/fact`: where place is no matter, no region."""
    return _READS if rules.place == "anywhere" else _READS | _REGION


def reach(rules: InsuranceParameters) -> int:
    """How many months before the application's the first one stands that a run may need: every channel must be asked for it."""
    bridges = 0 if rules.count_back_payment else rules.bridge_months
    return rules.reporting_lag_months + rules.min_months - 1 + rules.allowed_gap_months + bridges


def _may_have_begun_before(facts: Facts, day: date, unit_code: str, rules: InsuranceParameters) -> bool:
    """Whether some run is unbroken, by more months that bridge than are allowed for, back to the first month surely asked."""
    since, needed = _number(day) - reach(rules), _number(day) - rules.reporting_lag_months
    return any(
        months(facts["months"], kind, place, day, rules).is_unbroken(since, needed, rules.allowed_gap_months)
        for kind in rules.kinds_any_of
        if _takes_part(facts["kinds"], kind)
        for place in places(facts["months"], unit_code, rules.place, rules.province_pools)
    )


def _reason(facts: Facts, day: date, unit_code: str, rules: InsuranceParameters, pools: Iterable[str] = ()) -> Reason:
    """What the kinds say, each at each place that would do: the first of `ORDER`."""
    allowed = places(facts["months"], unit_code, rules.place, pools)
    return min(
        (of_kind(facts, kind, day, place, rules) for kind in rules.kinds_any_of for place in allowed), key=ORDER.index
    )


def places(rows: Rows, unit_code: str, wanted: str, pools: Iterable[str] = ()) -> list[Place]:
    """The places that would do, each alone; `pools` are the endings of regions whose months count at each of them.

    A unit of the whole province has no city: there any one city of its province is the same city.
    """
    province = unit_code[:2]
    if wanted == "anywhere":
        return [_anywhere]
    cities = {regions.city(unit_code)} if wanted == "same_city" else {province}
    if None in cities:
        cities = {regions.city(row["region"]) for row in rows if row["region"].startswith(province)} - {None}
    prefixes = sorted(city for city in cities if city) or [unit_code[:6]]
    pooled = frozenset(province + ending for ending in pools)
    return [_within(prefix, pooled) for prefix in prefixes]


def _anywhere(row: Row) -> bool:
    return True


def _within(prefix: str, pooled: frozenset[str]) -> Place:
    return lambda row: row["region"].startswith(prefix) or row["region"] in pooled


def of_kind(facts: Facts, kind: str, day: date, place: Place, rules: InsuranceParameters) -> Reason:
    """What one kind of insurance says, alone, at one place: one of `ORDER`."""
    allowed, enough = rules.allowed_gap_months, rules.min_months
    needed = _number(day) - rules.reporting_lag_months
    here = months(facts["months"], kind, place, day, rules)
    if here.longest(allowed, needed) >= enough:
        return Reason.INSURANCE_CONTINUOUS if _takes_part(facts["kinds"], kind) else Reason.INSURANCE_STOPPED
    if months(facts["months"], kind, _anywhere, day, rules).longest(allowed, needed) >= enough:
        return Reason.INSURANCE_ELSEWHERE
    if not here.paid or here.paid[-1] < needed:
        return Reason.INSURANCE_LAPSED if here.longest(allowed) >= enough else Reason.INSURANCE_TOO_SHORT
    return Reason.INSURANCE_GAP if len(here.paid) >= enough else Reason.INSURANCE_TOO_SHORT


def months(rows: Rows, kind: str, place: Place, day: date, rules: InsuranceParameters) -> Months:
    """The months of one kind until the day's month, at the place."""
    counted = _PAYMENTS if rules.count_back_payment else {"normal"}
    paid, afterwards = set(), set()
    for row in rows:
        month = _number(row["month"])
        if row["kind"] != kind or month > _number(day) or not place(row):
            continue
        if row["payment"] in counted:
            paid.add(month)
        elif row["payment"] in _PAYMENTS:
            afterwards.add(month)
    return Months(tuple(sorted(paid)), tuple(sorted(afterwards - paid)))


def _number(month: date) -> int:
    return month.year * 12 + month.month


def _takes_part(rows: Rows, kind: str) -> bool:
    """Some row says "normal", and not that paying has stopped; or no row speaks of this kind at all."""
    said = [row for row in rows if row["kind"] == kind]
    return not said or any(row["participation"] == "normal" and row["paying"] not in _STOPPED for row in said)


def _is_understood(facts: Facts, rules: InsuranceParameters) -> bool:
    """No row of an accepted kind holds a word that this judge does not know: what it says may be for the applicant."""
    return all(_known(facts["months"], "payment", rules, _PAYMENTS)) and all(
        _known(facts["kinds"], "participation", rules, _PARTICIPATIONS)
    )


def _known(rows: Rows, fact: str, rules: InsuranceParameters, words: frozenset[str]) -> Iterator[bool]:
    return (row[fact] in words for row in rows if row["kind"] in rules.kinds_any_of)
