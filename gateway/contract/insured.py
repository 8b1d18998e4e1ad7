"""Somebody's insurance as the cast tells it: months written compactly, once, for every channel that is asked about them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from gateway.contract.authority import Name
from gateway.contract.files import FileModel

_MONTH = r"[0-9]{4}-(0[1-9]|1[0-2])"
_SPAN = rf"{_MONTH}(\.\.{_MONTH})?"
Months = Annotated[str, StringConstraints(pattern=rf"^{_SPAN}( {_SPAN})*$")]
"""Spans with both ends, and single months: `2017-03..2017-09 2017-11`."""
Region = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Row = dict[str, str | None]
"""One row in our words, as the mapping's `rows` name its facts."""


class InsuredKind(FileModel):
    """One kind of insurance."""

    paid: Months | None = None
    paid_back: Months | None = None
    """Paid afterwards."""
    paid_in: dict[Region, Months] = {}
    """Paid in another region than the rest."""
    participation: Annotated[str, StringConstraints(pattern=r"^(never|normal|suspended|ended|[0-9])$")] = "normal"
    """In our words, or the authority's own code."""
    paying: Literal["paying", "suspended", "ended"] | None = "paying"


class Insured(FileModel):
    """Everything that the social insurance knows of one person."""

    region: Region
    kinds: dict[Name, InsuredKind] = Field(min_length=1)

    def tables(self, *, year: str | None = None, until: str | None = None) -> dict[str, list[Row]]:
        """`months`, sorted (those of one year, and none after `until`, where given), and `kinds`."""
        months = sorted(self._months(), key=lambda row: (str(row["month"]), str(row["kind"])))
        return {
            "months": [row for row in months if _is_within(str(row["month"]), year, until)],
            "kinds": [
                {"kind": kind, "participation": held.participation, "paying": held.paying}
                for kind, held in self.kinds.items()
            ],
        }

    def _months(self) -> Iterator[Row]:
        for kind, held in self.kinds.items():
            told = [(held.paid, "normal", self.region), (held.paid_back, "back_payment", self.region)]
            told += [(months, "normal", region) for region, months in held.paid_in.items()]
            for months, payment, region in told:
                for month in expanded(months or ""):
                    yield {"month": month, "kind": kind, "payment": payment, "region": region}


def expanded(months: str) -> Iterator[str]:
    """Every month (`yyyy-mm`) of the spans."""
    for span in months.split():
        first, _, last = span.partition("..")
        for number in range(_number(first), _number(last or first) + 1):
            yield f"{number // 12:04}-{number % 12 + 1:02}"


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _is_within(month: str, year: str | None, until: str | None) -> bool:
    return (year is None or month.startswith(year)) and (until is None or month <= until)
