"""What the suite needs from outside Python: skipped with a visible reason where it is missing, demanded in CI."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from functools import cache

import pytest

VARIABLE = "GATEWAY_DEMANDS"
"""Names, separated by spaces, that must be there (`.ci/run` sets it to what it installs); `CI=true` demands all."""


def needs(*names: str) -> pytest.MarkDecorator:
    """Marks a test that runs those programs. Raises where one is demanded and missing, so that nothing is skipped unseen."""
    missing = [name for name in names if not _is_there(name)]
    demanded = [name for name in missing if _is_demanded(name)]
    if demanded:
        raise RuntimeError(f"demanded here and not there: {', '.join(demanded)}")
    return pytest.mark.skipif(bool(missing), reason=f"not installed here: {', '.join(missing)}")


def is_missing(name: str, is_there: bool) -> bool:
    """The same for what is no program: False where it is there. Raises where it is demanded and missing."""
    if not is_there and _is_demanded(name):
        raise RuntimeError(f"demanded here and not there: {name}")
    return not is_there


def _is_demanded(name: str) -> bool:
    environment = os.environ  # noqa: TID251 - how CI speaks to its tests
    return environment.get("CI") == "true" or name in environment.get(VARIABLE, "").split()


@cache
def _is_there(name: str) -> bool:
    path = shutil.which(name)
    return path is not None and _NEW_ENOUGH.get(name, lambda _: True)(path)


def _said(path: str, *arguments: str) -> str:
    done = subprocess.run([path, *arguments], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def _first_number(text: str) -> int:
    digits = "".join(char if char.isdigit() else " " for char in text).split()
    return int(digits[0]) if digits else 0


_NEW_ENOUGH: dict[str, Callable[[str], bool]] = {
    "node": lambda path: _first_number(_said(path, "--version")) >= 18,
    "java": lambda path: _first_number(_said(path, "-version").partition("version")[2]) >= 17,
    "openssl": lambda path: _first_number(_said(path, "version")) >= 3,
}
"""Node 18 (what Debian 12 has), JDK 17, OpenSSL 3: older ones count as missing."""
