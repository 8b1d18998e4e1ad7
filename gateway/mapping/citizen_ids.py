"""Citizen identity numbers (GB 11643-1999): canonical form, check character, birth date and age."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from operator import mul

_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
_X_VARIANTS = frozenset("xＸｘ")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_WRONG_SHAPE = "an identity number is 17 ASCII digits and a check character (0-9 or X)"
_WRONG_DATE = "the birth date in this identity number does not exist"
_WRONG_CHECK = "the check character of this identity number does not fit"


def canonical(text: str) -> str:
    """The number as the gateway keeps it: 17 ASCII digits and a check character, X in upper case.

    `x`, `Ｘ` and `ｘ` count as X in the last place; nothing else is mended. The region is a hint about the first
    registration and never refuses: numbers of foreigners (9...), of Hong Kong, Macau and Taiwan residents (81, 82, 83)
    and codes that no table knows all pass.

    Raises:
        ValueError: wrong shape (15-digit legacy numbers too), a birth date that does not exist, or a wrong check
            character. The text is fixed and never holds the input.
    """
    if text[-1:] in _X_VARIANTS:
        text = text[:-1] + "X"
    if _SHAPE.fullmatch(text) is None:
        raise ValueError(_WRONG_SHAPE)
    if not _is_day(text):
        raise ValueError(_WRONG_DATE)
    if check_character(text[:17]) != text[17]:
        raise ValueError(_WRONG_CHECK)
    return text


def canonical_from_authority(text: str) -> str:
    """As `canonical`, for numbers in replies: authorities may send full-width digits and padding.

    Raises:
        ValueError: as `canonical`.
    """
    return canonical((text if text.isascii() else unicodedata.normalize("NFKC", text)).strip())


def check_character(digits: str) -> str:
    """The ISO 7064 MOD 11-2 check character of 17 ASCII digits."""
    total = sum(map(mul, _WEIGHTS, map(int, digits)))
    return _CHECK_CHARACTERS[total % 11]


def born_on(citizen_id: str) -> date:
    """The birth date in a canonical number."""
    return date(int(citizen_id[6:10]), int(citizen_id[10:12]), int(citizen_id[12:14]))


def age_on(citizen_id: str, day: date) -> int:
    """Completed years on a day, from a canonical number; negative before birth.

    The birthday itself counts as the new age. Who was born on 29 February turns a year older on 1 March in common years.
    """
    born = born_on(citizen_id)
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _is_day(citizen_id: str) -> bool:
    try:
        born_on(citizen_id)
    except ValueError:
        return False
    return True
