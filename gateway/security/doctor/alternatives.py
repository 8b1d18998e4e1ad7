"""What else could have been signed in a line: what proxies rewrite and what signers get wrong, likeliest first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, unquote

from gateway.security.doctor.bodies import digests_of
from gateway.security.doctor.cases import Case, Word

WORDS: Final[dict[str, Word]] = {
    '"@authority"': "authority",
    '"@path"': "path",
    '"@method"': "method",
    '"content-type"': "content_type",
    '"content-digest"': "content_digest",
}
"""The cause where another value of that component makes the signature verify."""

_FORWARDED_HOST: Final = re.compile(r'host="?([^";,\s]+)', re.IGNORECASE)
_HOST_HEADERS: Final = ("x-forwarded-host", "x-original-host", "x-host", "x-forwarded-server", "host")
_PATH_HEADERS: Final = ("x-original-uri", "x-original-url", "x-rewrite-url", "x-forwarded-uri", "x-forwarded-path")
_MEDIA_TYPES: Final = (
    "application/json",
    "application/json; charset=utf-8",
    "application/json;charset=utf-8",
    "application/json; charset=UTF-8",
    "application/json;charset=UTF-8",
    "application/json; charset=gbk",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "text/plain",
    "text/plain; charset=utf-8",
)
_LOOPBACK: Final = (("127.0.0.1", "localhost"), ("localhost", "127.0.0.1"))
_METHODS: Final = ("POST", "GET", "PUT", "PATCH", "DELETE")


def values_of(case: Case, component: str) -> list[str]:
    """Other values of this component, each once, without the one that came."""
    made = {
        '"@authority"': _authorities,
        '"@path"': _paths,
        '"@method"': _methods,
        '"content-type"': _media_types,
        '"content-digest"': _digests,
    }.get(component)
    came = case.request.values.get(component)
    given = made(case) if made else ()
    return [value for value in dict.fromkeys(given) if value != came and value.isascii() and value.isprintable()]


def _authorities(case: Case) -> Iterator[str]:
    hinted = [value for name in _HOST_HEADERS for line in case.message.header(name) for value in line.split(",")]
    hinted += [host for line in case.message.header("forwarded") for host in _FORWARDED_HOST.findall(line)]
    ports = [line.strip() for line in case.message.header("x-forwarded-port")]
    hosts = [value.strip() for value in (*case.names, *hinted) if value.strip()]
    yield from hosts
    yield from (host.replace(*pair) for host in hosts for pair in _LOOPBACK)
    for host in hosts:
        bare = re.sub(r":[0-9]+$", "", host)
        yield bare
        yield from (f"{bare}:{port}" for port in (*ports, "443", "80", "8443", "8080"))
    for host in hosts:
        yield host.upper()
        yield from (host.lower(), f"{host}.", f"http://{host}", f"https://{host}")
    yield ""


def _paths(case: Case) -> Iterator[str]:
    target = case.message.target
    path, _, query = target.partition("?")
    yield from (path, target, f"{path}?")
    for name in _PATH_HEADERS:
        yield from (form for line in case.message.header(name) for form in (line, line.partition("?")[0]))
    for prefix in case.message.header("x-forwarded-prefix"):
        yield f"{prefix.rstrip('/')}{path}"
    yield from (unquote(path), quote(path), quote(unquote(path)), path.lower())
    yield from (f"{path}/", path.rstrip("/") or "/", path.lstrip("/"), f"/{path}")
    segments = path.strip("/").split("/")
    yield from ("/" + "/".join(segments[start:]) for start in range(1, len(segments) + 1))
    yield from (f"{prefix}{path}" for prefix in ("/api", "/gateway", "/gw"))
    for authority in (case.request.values['"@authority"'], *case.names):
        yield from (f"{scheme}://{authority}{target}" for scheme in ("http", "https"))
    yield query


def _methods(case: Case) -> Iterator[str]:
    yield from case.message.header("x-http-method-override")
    yield from _METHODS
    yield case.message.method.lower()


def _media_types(case: Case) -> Iterator[str]:
    yield from _MEDIA_TYPES
    yield from (line.partition(";")[0].strip() for line in case.message.header("content-type"))
    yield ""


def _digests(case: Case) -> Iterator[str]:
    yield from digests_of(case.request.body or b"")
