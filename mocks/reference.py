"""The tables of docs/mocks.md, made from what they describe: `python -m mocks.reference docs/mocks.md` writes them anew.

A test holds the file and the tables together.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from gateway.contract.folders import load_authorities, shipped
from gateway.contract.people import Answers, Cast
from mocks.faults import FAMILIES
from mocks.server import cast_of

_MARKED = re.compile(r"(<!-- made: (\w+) -->\n)(?:(?!<!-- ).*\n)*(<!-- end -->)")


def written(text: str) -> str:
    """The document with every table between its marks made anew."""
    cast, _ = cast_of(load_authorities(shipped()).values())
    tables: Mapping[str, Callable[[], Iterator[str]]] = {
        "faults": fault_table,
        "people": lambda: cast_table(cast),
        "pairs": lambda: pair_table(cast),
    }
    return _MARKED.sub(lambda found: found[1] + "\n".join([*tables[found[2]](), found[3]]), text)


def fault_table() -> Iterator[str]:
    """The vocabulary, family by family."""
    yield "| fault | does | 作用 | `seconds` |"
    yield "|---|---|---|--:|"
    for family in FAMILIES.values():
        for name, fault in family.items():
            seconds = f"{fault.seconds:g}" if fault.seconds is not None else ""
            yield f"| `{name}` | {fault.en} | {fault.zh} | {seconds} |"


def cast_table(cast: Cast) -> Iterator[str]:
    """Everybody, by key."""
    yield "| key | number | name | story | known to |"
    yield "|---|---|---|---|---|"
    for key, member in cast.people.items():
        guardian = f"; comes with {member.guardian}" if member.guardian else ""
        known = ", ".join(_known(member.answers))
        yield f"| {key} | {member.citizen_id} | {member.name} | {member.story.en}{guardian} | {known} |"
    for key, refused in cast.refused.items():
        yield f"| {key} | {refused.number} | {refused.name} | {refused.story.en} | refused before anybody is asked |"


def pair_table(cast: Cast) -> Iterator[str]:
    """Two people together."""
    yield "| person, other | answers |"
    yield "|---|---|"
    for pair in cast.pairs:
        yield f"| {', '.join(pair.people)} | {', '.join(_known(pair.answers))} |"


def _known(answers: Answers) -> Iterator[str]:
    for authority, operations in answers.items():
        yield from (f"{authority}.{operation}: {told.scenario}" for operation, told in operations.items())


def main() -> int:
    """Rewrites the file that is named."""
    path = Path(sys.argv[1])
    path.write_text(written(path.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
