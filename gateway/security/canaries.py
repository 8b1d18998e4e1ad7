"""The file of canaries: one pseudonym a line, as `gateway canaries` makes them. Nobody in it stands in clear."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.errors import Problem
from gateway.security.pseudonyms import Pseudonyms

_DIGITS = re.compile(r"[0-9a-f]{32}")


def read_canaries(path: Path, pseudonyms: Pseudonyms, problems: list[Problem]) -> frozenset[str]:
    """The pseudonyms in the file; empty lines and lines that begin with `#` are for people.

    Each line that is wrong is a problem. A pseudonym of another epoch is one, too: it would never match,
    and the watch would be off without a word.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        problems.append(Problem(str(path), 1, 1, f"cannot be read: {reason}"))
        return frozenset()
    found = set()
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        epoch, _, digits = text.partition(":")
        if epoch == pseudonyms.epoch and _DIGITS.fullmatch(digits):
            found.add(text)
        else:
            wanted = f"{pseudonyms.epoch}:<32 hex digits>"
            problems.append(Problem(str(path), number, 1, f"must be {wanted}, as `gateway canaries` writes it"))
    return frozenset(found)
