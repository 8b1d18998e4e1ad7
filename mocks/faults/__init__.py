"""The vocabulary of misbehaviour: what any mock can do wrong, for one person only, on demand.

A fault is armed for a person (or everybody), an authority, and if wanted one channel or operation, as a row of steps:
`hang` twice, then answer. It strikes after the request's signature verified and the person was found, so the journal says
whom it struck. Each fault changes one place in the making of a reply (`fault.py`); everything else about the reply is
right. One file for each family: `connection`, `timing`, `content`, `in_front`, `truth`, `signature`.
"""

from __future__ import annotations

import re

from mocks.faults import connection, content, in_front, signature, timing, truth
from mocks.faults.fault import Fault

FAMILIES = {
    "connection": connection.FAULTS,
    "timing": timing.FAULTS,
    "content": content.FAULTS,
    "in_front": in_front.FAULTS | {"status_<NNN>": in_front.STATUS},
    "truth": truth.FAULTS,
    "signature": signature.FAULTS,
}
FAULTS: dict[str, Fault] = {name: fault for family in FAMILIES.values() for name, fault in family.items()}
"""By name. `status_<NNN>` stands for every status."""

_STATUS = re.compile(r"status_([2-5][0-9]{2})")


def named(name: str) -> Fault | None:
    """The fault of that name, or None."""
    status = _STATUS.fullmatch(name)
    if status is not None:
        return in_front.status(int(status[1]))
    return FAULTS.get(name) if name != "status_<NNN>" else None
