"""The shipped contracts without their hourly quotas, for tests that ask more than a counter ever does."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from gateway.contract.folders import shipped


def without_quotas(home: Path) -> Path:
    """A copy in that home."""
    copied = shutil.copytree(shipped(), home / "contracts")
    for contract in copied.glob("authorities/*/contract.yaml"):
        raised = re.sub(r"quota_per_hour: [0-9]+", "quota_per_hour: 1000000000", contract.read_text("utf-8"))
        contract.write_text(raised, "utf-8")
    return copied
