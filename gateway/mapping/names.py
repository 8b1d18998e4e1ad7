"""Names as counters and registries write them: one canonical form, and how alike two of them are (domain 1.4)."""

from __future__ import annotations

import unicodedata
from enum import StrEnum

_DOT = "\u00b7"
"""The separator that 民委发〔2016〕33号 prescribes."""

_DOTS = dict.fromkeys(
    map(
        ord,
        "\u2022"  # bullet
        "\u30fb"  # katakana middle dot: what Python's gb2312 codec makes of bytes A1A4; NFKC makes U+FF65 this one
        "\u2027"  # hyphenation point
        "\u2219\u22c5"  # bullet operator, dot operator
        "\u25cf"  # black circle
        ".",  # NFKC makes U+FF0E, U+FE52 and U+2024 this one
    ),
    _DOT,
)

# Private-use points that peers on older editions of GB 18030 still send. Python's own gb18030 codec is the 2000 edition
# and decodes the bytes named here to the left side. Sources: A8BC is the one change of GB 18030-2005; the next eighteen are
# the changes of GB 18030-2022 (Unicode L2/22-274; ICU gb-18030-2022; glibc bugs 19575 and 30243; note that DA and DB
# cross over); the last six moved to Extension B, as the same glibc change lists them.
_PRIVATE_USE = {
    0xE7C7: "\u1e3f",  # A8BC
    0xE78D: "\ufe10",  # A6D9
    0xE78E: "\ufe12",  # A6DA
    0xE78F: "\ufe11",  # A6DB
    0xE790: "\ufe13",  # A6DC
    0xE791: "\ufe14",  # A6DD
    0xE792: "\ufe15",  # A6DE
    0xE793: "\ufe16",  # A6DF
    0xE794: "\ufe17",  # A6EC
    0xE795: "\ufe18",  # A6ED
    0xE796: "\ufe19",  # A6F3
    0xE81E: "\u9fb4",  # FE59
    0xE826: "\u9fb5",  # FE61
    0xE82B: "\u9fb6",  # FE66
    0xE82C: "\u9fb7",  # FE67
    0xE832: "\u9fb8",  # FE6D
    0xE843: "\u9fb9",  # FE7E
    0xE854: "\u9fba",  # FE90
    0xE864: "\u9fbb",  # FEA0
    0xE816: "\U00020087",  # FE51
    0xE817: "\U00020089",  # FE52
    0xE818: "\U000200cc",  # FE53
    0xE831: "\U000215d7",  # FE6C
    0xE83B: "\U0002298f",  # FE76
    0xE855: "\U000241fe",  # FE91
}

_UNSEEN = frozenset("\u200b\u2060\ufeff")
"""Spaces of no width: pasted along with a name, and no white space to Python."""

_MASKS = frozenset("?*\u25a1\u3013\ufffd")
"""What a peer writes for a character that it cannot encode or must not show: ? * □ 〓 and U+FFFD."""


class Likeness(StrEnum):
    """How an answered name relates to the name asked about."""

    EXACT = "exact"
    EQUAL_AFTER_NORMALISATION = "equal_after_normalisation"
    DIFFERS = "differs"
    LOSSY = "lossy"
    """The peer's name is damaged or masked, so that nobody can tell."""

    @property
    def is_equal(self) -> bool:
        return self in (Likeness.EXACT, Likeness.EQUAL_AFTER_NORMALISATION)


def canonical(name: str) -> str:
    """One form for all ways to write a name: for comparing, never for showing or sending. Idempotent."""
    # The fold comes before NFKC, which turns half of its targets into something else again.
    text = unicodedata.normalize("NFKC", name.translate(_PRIVATE_USE)).translate(_DOTS)
    text = "".join(character for character in text if not (character.isspace() or character in _UNSEEN))
    # Letters and marks that a space had kept apart meet only now.
    return unicodedata.normalize("NFKC", text)


def compare(asked: str, answered: str) -> Likeness:
    """How alike the name in a reply is to the name in the question."""
    if asked == answered:
        return Likeness.EXACT
    normalised = canonical(answered)
    if canonical(asked) == normalised:
        return Likeness.EQUAL_AFTER_NORMALISATION
    return Likeness.DIFFERS if _MASKS.isdisjoint(normalised) else Likeness.LOSSY
