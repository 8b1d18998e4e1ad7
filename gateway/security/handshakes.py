"""Counts the handshakes that fail, by why: whoever is turned away there reaches no log line and no refusal of ours."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from typing import Final

REASONS: Final[Mapping[str, str]] = {
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "no_certificate",
    "CERTIFICATE_VERIFY_FAILED": "their_certificate",
    "HTTP_REQUEST": "plain_http",
    "WRONG_VERSION_NUMBER": "not_tls",
    "UNSUPPORTED_PROTOCOL": "old_version",
    "NO_SHARED_CIPHER": "no_cipher",
    "TLSV1_ALERT_UNKNOWN_CA": "our_certificate",
    "SSLV3_ALERT_BAD_CERTIFICATE": "our_certificate",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "our_certificate",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "our_certificate",
}
"""OpenSSL's word and ours. `our_certificate`: they do not believe us, and said so."""
OTHER: Final = "other"


def told_of(failed: Callable[[str], None]) -> type[ssl.SSLObject]:
    """For a context's `sslobject_class`: tells the reason, in our words, of each handshake that fails."""

    class Told(ssl.SSLObject):
        def do_handshake(self) -> None:
            try:
                super().do_handshake()
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                raise
            except ssl.SSLError as error:
                failed(REASONS.get(error.reason or "", OTHER))
                raise

    return Told
