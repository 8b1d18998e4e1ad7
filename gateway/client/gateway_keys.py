"""The gateway's public keys for answers, from the document that it hands out (`gateway keys export`), saved in a file."""

from __future__ import annotations

from pathlib import Path

from gateway.proofs import published
from gateway.security.keys import UnusableKey, Verifier


def read(path: Path, now: float) -> dict[str, Verifier]:
    """The keys whose answers count at `now` (Unix seconds), by id: not revoked, not past `until`.

    There is no fetching: a document that came over the connection it is to vouch for would prove nothing. Raises
    UnusableKey: it cannot be read, is not such a document, or no key in it counts.
    """
    try:
        document = published.read(path.read_bytes())
    except OSError as error:
        raise UnusableKey(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UnusableKey(f"{path} is not a document of the gateway's keys") from error
    found = {key.id: key.verifier() for key in document.of("answers") if key.counts(now)}
    if not found:
        raise UnusableKey(f"{path} holds no key for answers that counts now: ask for a newer one")
    return found
