"""Administrative divisions by their six digits (GB/T 2260): which city a code lies in."""

from __future__ import annotations

from typing import Final

MUNICIPALITIES: Final = frozenset({"11", "12", "31", "50"})
"""直辖市: Beijing, Tianjin, Shanghai, Chongqing. The province is the city, whatever the two digits of its districts are."""

_COUNTIES_OF_THE_PROVINCE: Final = "90"
"""省直辖县级行政区划: each county stands for itself, under no city."""


def city(code: str) -> str | None:
    """The digits that every code of the same city begins with; None for a code of the province as a whole.

    `code` has at least six digits; those behind them (a police unit's) do not count.
    """
    province, second = code[:2], code[2:4]
    if province in MUNICIPALITIES:
        return province
    if second == "00":
        return None
    return code[:6] if second == _COUNTIES_OF_THE_PROVINCE else code[:4]
