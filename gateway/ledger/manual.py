"""What officers find: the entry of one finding, and what an outcome keeps of all that were made so far."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway import model
from gateway.proofs import canonical


def standing(outcome: bytes) -> Mapping[str, model.ManualFinding]:
    """The officers' findings that an outcome entry holds, by material. Raises ValueError, LookupError, TypeError."""
    content: Any = canonical.read(outcome)
    overrulings = {each["material"]: each.get("overruling") for each in content["materials"]}
    return {material: _finding(each["finding"]) for material, each in overrulings.items() if each is not None}


def _finding(content: Mapping[str, Any]) -> model.ManualFinding:
    return model.ManualFinding(
        content["entry_id"],
        content["entry_hash"],
        content["operator"],
        model.Seen(content["seen"]),
        content["where"],
        datetime.fromisoformat(content["seen_at"]).timestamp(),
        content["screenshot_sha256"],
    )
