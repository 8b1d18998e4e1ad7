"""TLS contexts: what we show and whom we believe, the same way for every connection (TLS 1.2 or newer, forward secret).

OpenSSL reads keys from files only, so files are what these take. A key with a passphrase is refused, never asked for.
"""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import Final, TypeVar

from cryptography import x509

CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""For TLS 1.2: forward secret and authenticated. TLS 1.3 has no others."""
PROTOCOLS: Final = ("http/1.1",)

_Context = TypeVar("_Context", bound=ssl.SSLContext)


class UnusableTls(ValueError):
    """A certificate, key or CA that TLS cannot use: the text says which file, never what stands in it."""


class _Named(ssl.SSLContext):
    """Looks for one name in their certificate (and asks for it by SNI), whatever host the connection goes to."""

    server_name: str | None = None

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        return super().wrap_bio(incoming, outgoing, server_side, self.server_name or server_hostname, session)

    def wrap_socket(
        self,
        sock: socket.socket,
        server_side: bool = False,
        do_handshake_on_connect: bool = True,
        suppress_ragged_eofs: bool = True,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLSocket:
        name = self.server_name or server_hostname
        return super().wrap_socket(sock, server_side, do_handshake_on_connect, suppress_ragged_eofs, name, session)


def served(certificate: Path, private_key: Path, client_ca: Path | None, client_required: bool) -> ssl.SSLContext:
    """For a listener. With a CA callers show a certificate of it: all of them, or (not required) those that have one.

    Raises:
        UnusableTls: a file is missing, or is not what it must be.
    """
    context = _strict(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    # No resumption: it would go on believing a caller's certificate after its CA was taken away.
    context.options |= ssl.OP_NO_TICKET | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.num_tickets = 0
    _show(context, certificate, private_key)
    if client_ca is not None:
        _believe(context, client_ca)
        context.verify_mode = ssl.CERT_REQUIRED if client_required else ssl.CERT_OPTIONAL
    return context


def called(
    ca: Path | None, certificate: Path | None, private_key: Path | None, server_name: str | None
) -> ssl.SSLContext:
    """For calling. Their certificate and its name are always checked, against this CA alone or else the system's.

    Raises:
        UnusableTls: a file is missing, or is not what it must be.
    """
    context = _Named(ssl.PROTOCOL_TLS_CLIENT)
    _strict(context).server_name = server_name
    if certificate is not None and private_key is not None:
        _show(context, certificate, private_key)
    if ca is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    else:
        _believe(context, ca)
    return context


def ends(certificates: Path) -> float:
    """When the first certificate of a PEM file ends, in Unix seconds.

    Raises:
        UnusableTls: it cannot be read, or holds no certificate.
    """
    try:
        found = x509.load_pem_x509_certificates(certificates.read_bytes())
        return min(each.not_valid_after_utc.timestamp() for each in found)
    except (OSError, ValueError) as error:
        raise _unusable(certificates, error) from None


def _strict(context: _Context) -> _Context:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.set_alpn_protocols(list(PROTOCOLS))
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    return context


def _show(context: ssl.SSLContext, certificate: Path, private_key: Path) -> None:
    for file in (certificate, private_key):
        _readable(file)
    try:
        # With an empty passphrase OpenSSL refuses an encrypted key; without one it would ask on the terminal.
        context.load_cert_chain(certificate, private_key, password="")
    except (OSError, ValueError) as error:
        why = getattr(error, "reason", None) or "not a certificate with its key"
        text = f"{certificate.name} and {private_key.name} are no pair that TLS can use ({why})"
        raise UnusableTls(text) from None


def _believe(context: ssl.SSLContext, ca: Path) -> None:
    try:
        context.load_verify_locations(ca)
    except (OSError, ValueError) as error:
        raise _unusable(ca, error) from None


def _readable(file: Path) -> None:
    try:
        file.open("rb").close()
    except OSError as error:
        raise _unusable(file, error) from None


def _unusable(file: Path, error: Exception) -> UnusableTls:
    # An SSLError is an OSError too, and its text is of a line of OpenSSL's own source.
    is_absent = isinstance(error, OSError) and not isinstance(error, ssl.SSLError)
    what = f"cannot be read: {error.strerror}" if is_absent and isinstance(error, OSError) else "holds no certificate"
    return UnusableTls(f"{file.name} {what}")
