"""Which connections the settings allow, and the TLS of each: plain HTTP on loopback alone, and no host that is not listed."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from gateway.contract.files import Document
from gateway.errors import Problem
from gateway.security import tls
from gateway.security.reloading import Reloaded
from gateway.security.tls import UnusableTls
from gateway.settings import CallerTls, Endpoint, EndpointTls, Listen, ServedTls, Settings

_PORTS = {"http": 80, "https": 443}


def listeners(home: Path, settings: Settings, document: Document, problems: list[Problem]) -> dict[str, Reloaded]:
    """The TLS of those listeners (`listen`, `admin`) that have one; what is wrong is added to the problems."""
    found: dict[str, Reloaded] = {}
    named: Mapping[str, Listen] = {"listen": settings.listen, "admin": settings.admin}
    for where, listen in named.items():
        if listen.tls is not None:
            try:
                found[where] = _served(home, where, listen.tls)
            except UnusableTls as error:
                problems.append(document.problem((where, "tls"), str(error)))
        elif not is_loopback(listen.host):
            problems.append(
                document.problem(
                    (where, "host"),
                    "plain HTTP is for loopback alone: give this listener 'tls'; a proxy that ends TLS stands on this machine",
                )
            )
    if not is_loopback(settings.admin.host) and not _shows_who_calls(settings.admin.tls):
        problems.append(
            document.problem(
                ("admin", "tls" if settings.admin.tls else "host"),
                "operators call from this machine, or show a certificate: give 'tls' here 'client_ca', and 'client_required'"
                " not false; or let 'host' be 127.0.0.1",
            )
        )
    return found


def _shows_who_calls(given: ServedTls | None) -> bool:
    return given is not None and given.client_ca is not None and given.client_required is not False


def endpoint(home: Path, where: str, given: Endpoint) -> Reloaded | None:
    """The TLS of an endpoint (`authority.channel`), or None where it is asked by plain HTTP.

    Raises:
        UnusableTls: a file cannot be used.
    """
    return _called(home, where, given.tls or EndpointTls()) if given.url.startswith("https:") else None


def consumer(home: Path, given: CallerTls) -> ssl.SSLContext:
    """What a consumer on this machine calls the gateway with.

    Raises:
        UnusableTls: a file cannot be used.
    """
    return tls.called(*_paths(home, given), None)


def unguarded(settings: Settings, document: Document) -> Iterator[Problem]:
    """Endpoints and witnesses that would be asked in plain HTTP beyond loopback, or that are not among the outbound hosts."""
    for authority, channels in settings.authorities.items():
        for channel, given in channels.items():
            place, url = ("authorities", authority, channel), urlsplit(given.url)
            if url.scheme == "http" and given.tls is not None:
                yield document.problem((*place, "tls"), "'tls' is for an https url")
            else:
                yield from _exposed((*place, "url"), given.url, document)
            yield from _unlisted((*place, "url"), given.url, settings, document)
    for number, witness in enumerate(settings.audit.witnesses):
        where = ("audit", "witnesses", number, "url")
        yield from _exposed(where, witness.url, document)
        yield from _unlisted(where, witness.url, settings, document)


def _exposed(place: tuple[str | int, ...], url: str, document: Document) -> Iterator[Problem]:
    parts = urlsplit(url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        yield document.problem(place, "plain HTTP is for loopback alone: ask them by https")


def _unlisted(place: tuple[str | int, ...], url: str, settings: Settings, document: Document) -> Iterator[Problem]:
    if settings.outbound is not None and _address(url) not in settings.outbound:
        yield document.problem(place, "this host with its port is not in 'outbound': list it there, or mend the url")


def is_loopback(host: str) -> bool:
    """Whether what is said there stays on this machine. Of names only `localhost` promises that (RFC 6761)."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _address(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or _PORTS[parts.scheme]}"


def _served(home: Path, where: str, given: ServedTls) -> Reloaded:
    certificate, private_key = home / given.certificate, home / given.private_key
    client_ca = home / given.client_ca if given.client_ca is not None else None
    files = {where: certificate, f"{where}.private_key": private_key, f"{where}.client_ca": client_ca}
    required = given.client_required is not False
    return Reloaded(where, lambda: tls.served(certificate, private_key, client_ca, required), _named(files))


def _called(home: Path, where: str, given: EndpointTls) -> Reloaded:
    ca, certificate, private_key = _paths(home, given)
    files = {where: certificate, f"{where}.private_key": private_key, f"{where}.ca": ca}
    return Reloaded(where, lambda: tls.called(ca, certificate, private_key, given.server_name), _named(files))


def _paths(home: Path, given: CallerTls) -> tuple[Path | None, Path | None, Path | None]:
    ca, certificate, private_key = (
        home / name if name is not None else None for name in (given.ca, given.certificate, given.private_key)
    )
    return ca, certificate, private_key


def _named(files: Mapping[str, Path | None]) -> dict[str, Path]:
    return {where: file for where, file in files.items() if file is not None}
