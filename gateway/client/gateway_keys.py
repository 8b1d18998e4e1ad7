"""The gateway's public keys from the document that it hands out (`gateway keys export`), saved in a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from gateway.contract import strict_json
from gateway.security.keys import UnusableKey, Verifier, verifier

_COUNTING: Final = frozenset({"pending", "active", "retiring"})
"""A pending key counts already: so a client that read the document before a rotation goes on after it."""


def read(path: Path, now: float) -> dict[str, Verifier]:
    """The keys whose answers count at `now` (Unix seconds), by id: not revoked, not past `until`.

    `expires` ends nothing here: it says when a key must have been replaced, and the gateway that warned of it signs on.

    There is no fetching: a document that came over the connection it is to vouch for would prove nothing. Raises
    UnusableKey: it cannot be read, is not such a document, or no key in it counts.
    """
    try:
        document = strict_json.read(path.read_bytes())
        found = dict(_counting(document, now))
    except OSError as error:
        raise UnusableKey(f"{path} cannot be read: {error.strerror}") from error
    except (strict_json.NotJson, LookupError, TypeError, ValueError, AttributeError) as error:
        raise UnusableKey(f"{path} is not a document of the gateway's keys") from error
    if not found:
        raise UnusableKey(f"{path} holds no key for answers that counts now: ask for a newer one")
    return found


def _counting(document: Mapping[str, Any], now: float) -> Iterator[tuple[str, Verifier]]:
    for key in document["keys"]:
        if key["use"] == "answers" and key["state"] in _COUNTING and not _is_over(key, now):
            yield key["id"], verifier(key["id"], key["public_key"].encode("ascii"))


def _is_over(key: Mapping[str, Any], now: float) -> bool:
    until = key.get("until")
    return until is not None and datetime.fromisoformat(until).timestamp() <= now
