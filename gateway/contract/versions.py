"""Which version of a contract folder was in force: one digest over the bytes of all its files."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from gateway.errors import Problem

_LENGTH_BYTES = 8


def folder_sha256(folder: Path, problems: list[Problem]) -> str:
    """SHA-256, lower-case hex, over every file of the folder and of those inside it; what cannot be read is a problem.

    For each file, in the order of the bytes of its name: the length of the name, the name, the length of the content, the
    content. The name is relative to the folder, with `/` between its parts; a length is 8 bytes, big-endian. So no other set
    of files has the same digest, and anybody can compute it anew. Every file counts, the scenarios of the mocks too.
    """
    whole = hashlib.sha256()
    for name, file in sorted((os.fsencode(file.relative_to(folder).as_posix()), file) for file in _files(folder)):
        try:
            content = file.read_bytes()
        except OSError as error:
            problems.append(Problem(str(file), 1, 1, f"cannot be read: {error.strerror}"))
            continue
        for part in (name, content):
            whole.update(len(part).to_bytes(_LENGTH_BYTES, "big"))
            whole.update(part)
    return whole.hexdigest()


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if not path.is_dir()]
