"""TLS contexts whose files may change while they serve: the last good one is used until the new files are good too.

Nothing runs in the background. The files are looked at when a context is about to be used, at most once a second, so a
handshake never sees a certificate that is older than that, and a gateway that nobody asks does nothing.
"""

from __future__ import annotations

import hashlib
import ssl
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import structlog

from gateway.security import tls
from gateway.security.handshakes import told_of
from gateway.security.tls import UnusableTls

LOOK_SECONDS: Final = 1.0

_log = structlog.get_logger("gateway.security")


class Reloaded:
    """One context made of files. `files` are all that `make` reads, by where they belong (`listen.client_ca`).

    Raises:
        UnusableTls: from `make`, on the first time only.
    """

    def __init__(self, where: str, make: Callable[[], ssl.SSLContext], files: Mapping[str, Path]) -> None:
        self.where = where
        self._make = make
        self._files = files
        self._looked = float("-inf")
        self._seen = self._digests()
        self._context, self._ends = make(), self._read_ends()
        self.is_refused = False
        """Whether the files as they are now cannot be used, so that an older context serves."""
        self.failed: Counter[str] = Counter()
        """Handshakes of a listener that failed, by reason."""

    def context(self, now: float) -> ssl.SSLContext:
        """The context to use at this moment, in monotonic seconds. It is another object once the files have changed."""
        if now - self._looked >= LOOK_SECONDS:
            self._looked = now
            self._look()
        return self._context

    def ends(self, now: float) -> Mapping[str, float]:
        """When the certificates in use end, in Unix seconds, by where they belong."""
        self.context(now)
        return self._ends

    def listening(self, monotonic: Callable[[], float]) -> ssl.SSLContext:
        """The context to listen with: each new handshake goes on with the newest one."""

        def newest(handshake: Any, _name: str | None, _first: ssl.SSLContext) -> None:
            handshake.context = self.context(monotonic())

        def count(reason: str) -> None:
            self.failed[reason] += 1

        first = self.context(monotonic())
        first.sslobject_class = told_of(count)
        first.sni_callback = newest  # called for every hello, with a name in it or not
        return first

    def _look(self) -> None:
        seen = self._digests()
        if seen == self._seen:
            return
        # Remembered before they are read again: what is written from here on is seen as another change.
        self._seen = seen
        try:
            context, ends = self._make(), self._read_ends()
        except UnusableTls as error:
            self.is_refused = True
            _log.error("certificate.refused", where=self.where, why=str(error))
            return
        self._context, self._ends, self.is_refused = context, ends, False
        _log.info("certificate.reloaded", where=self.where)

    def _read_ends(self) -> dict[str, float]:
        return {where: tls.ends(file) for where, file in self._files.items() if not where.endswith("private_key")}

    def _digests(self) -> list[bytes | None]:
        return [_digest(file) for file in self._files.values()]


def _digest(file: Path) -> bytes | None:
    """Of the content, not of the file's times: those are too coarse for two changes in one moment."""
    try:
        return hashlib.sha256(file.read_bytes()).digest()
    except OSError:
        return None
