"""The file of canaries: one pseudonym a line, as `gateway canaries` makes them. Nobody in it stands in clear."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.contract.epochs import EpochsFile
from gateway.errors import Problem

_DIGITS = re.compile(r"[0-9a-f]{32}")


def read_canaries(path: Path, epochs: EpochsFile, problems: list[Problem]) -> frozenset[str]:
    """The pseudonyms in the file; empty lines and lines that begin with `#` are for people.

    Each line that is wrong is a problem. A pseudonym of an unknown epoch is one, too: it would never match, and the
    watch would be off without a word. One of a destroyed epoch is left to `doctor`: a destruction must stop no start.
    """
    names = [each.epoch for each in epochs.epochs]
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
        if epoch in names and _DIGITS.fullmatch(digits):
            found.add(text)
        else:
            wanted = f"{epochs.active.epoch}:<32 hex digits>"
            problems.append(Problem(str(path), number, 1, f"must be {wanted}, as `gateway canaries` writes it"))
    return frozenset(found)
