"""The whole system under TLS on loopback: mutual TLS on both sides, and certificates that change or are wrong."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.client import Unreached
from gateway.security import tls
from gateway.web import listeners
from tests.private_ca import PrivateCa
from tests.system import ARCHIVE, PERMITS, REGISTRY

from .guarded import Guarded, guarded


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Guarded]:
    async with guarded(tmp_path_factory.mktemp("tls") / "home") as here:
        yield here


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_question_all_the_way_under_mutual_tls(system: Guarded) -> None:
    assert system.running.url.startswith("https://")
    assert system.running.admin_url.startswith("https://")
    material = await system.ask()
    statuses = {source.authority: source.status for source in material.sources}
    assert (material.verdict, statuses) == ("confirmed", {REGISTRY: "answered", ARCHIVE: "no_record"})


# Consumers


async def test_a_consumer_without_a_certificate_of_the_ca_is_not_heard(system: Guarded, tmp_path: Path) -> None:
    other = PrivateCa(tmp_path)
    stranger = tls.called(system.ca.file, *other.issue("stranger"), None)
    before = await system.metrics()
    for context in (system.context(certificate=None), stranger):
        with pytest.raises(Unreached):
            await system.ask(context)
    after = await system.metrics()
    assert decisions(after) == decisions(before)
    for why in ("no_certificate", "their_certificate"):
        assert f'gateway_handshakes_failed_total{{where="listen",why="{why}"}} 1.0' in after


async def test_a_consumer_who_believes_another_ca_sends_nothing(system: Guarded, tmp_path: Path) -> None:
    with pytest.raises(Unreached, match="CERTIFICATE_VERIFY_FAILED"):
        await system.ask(system.context(ca=PrivateCa(tmp_path).file))


async def test_plain_http_is_closed_without_a_word(system: Guarded) -> None:
    host, _, port = system.running.url.removeprefix("https://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()
    assert 'gateway_handshakes_failed_total{where="listen",why="plain_http"} 1.0' in await system.metrics()


async def test_who_never_finishes_the_handshake_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listeners, "HANDSHAKE_SECONDS", 0.05)
    async with guarded(tmp_path / "home") as system:
        host, _, port = system.running.url.removeprefix("https://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        async with asyncio.timeout(5):
            assert await reader.read() == b""
        writer.close()


# Authorities


async def recovered(system: Guarded) -> None:
    """A quiet time passes, then everybody answers: breakers that earlier troubles tripped are closed again."""
    system.pass_by(600.0)
    await system.ask()  # one that the trouble tripped lets one call of a walk through


async def asked_with(system: Guarded, authority: str, context: ssl.SSLContext) -> Any:
    """The decision while the authority listens with another context."""
    usual, system.mocks.tls = system.mocks.tls, context
    try:
        await system.restart(authority)
        return await system.ask()
    finally:
        system.mocks.tls = usual
        await system.restart(authority)


def wrong(system: Guarded, folder: Path) -> dict[str, ssl.SSLContext]:
    """What an impostor, or an authority that forgot something, listens with."""
    stranger = PrivateCa(folder)
    name = ["authority.example"]
    return {
        "of another CA": tls.served(*stranger.issue("stranger", name), None, True),
        "expired": tls.served(*system.ca.issue("expired", name, days=-1), None, True),
        "of another name": tls.served(*system.ca.issue("misnamed", ["127.0.0.1", "other.example"]), None, True),
        "where ours is refused": tls.served(*system.ca.issue("refusing", name), stranger.file, True),
    }


@pytest.mark.parametrize("case", ["of another CA", "expired", "of another name", "where ours is refused"])
@pytest.mark.parametrize("authority", [REGISTRY, ARCHIVE])
async def test_an_authority_that_cannot_be_believed_is_unreachable_and_never_a_no(
    system: Guarded, tmp_path: Path, authority: str, case: str
) -> None:
    await recovered(system)
    calls = len(system.mocks.journals[authority])
    material = await asked_with(system, authority, wrong(system, tmp_path)[case])
    statuses = {source.authority: source.status for source in material.sources}
    assert statuses[authority] == "unreachable"
    # The registry's confirmation spares the paper without the archive; the archive's "none" alone says nothing.
    assert material.verdict == {REGISTRY: "undetermined", ARCHIVE: "confirmed"}[authority]
    assert len(system.mocks.journals[authority]) == calls, "it heard of nobody"
    await recovered(system)
    assert (await system.ask()).verdict == "confirmed"


async def test_plain_http_in_the_place_of_an_authority_is_unreachable(system: Guarded) -> None:
    await recovered(system)
    material = await asked_with(system, REGISTRY, None)  # type: ignore[arg-type]
    assert material.verdict == "undetermined"
    assert {source.status for source in material.sources if source.authority == REGISTRY} == {"unreachable"}


async def test_the_proxies_of_the_environment_are_not_used(system: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for authority in (REGISTRY, ARCHIVE):
        await system.restart(authority)  # so that connections are made anew
    await recovered(system)
    assert (await system.ask()).verdict == "confirmed"


# Certificates that change


async def test_certificates_change_while_it_serves(tmp_path: Path) -> None:
    """Both sides of the gateway move to another CA, and no process stops."""
    async with guarded(tmp_path / "home") as system:
        assert (await system.ask()).verdict == "confirmed"
        old = system.context()
        system.ca = PrivateCa(system.keys)
        for stem, name in {"gateway-tls": "127.0.0.1", "gateway-calls": "gateway.example"}.items():
            system.ca.issue(stem, [name])
        system.ca.issue("counter-tls", ["counter.example"])
        pair = system.ca.issue("authorities", ["authority.example"])
        system.mocks.tls = tls.served(*pair, system.ca.file, True)
        for authority in (REGISTRY, ARCHIVE, PERMITS):
            await system.restart(authority)
        system.pass_by(1)
        with pytest.raises(Unreached):
            await system.ask(old)
        assert (await system.ask()).verdict == "confirmed"


async def test_a_broken_pair_is_told_and_the_last_good_one_serves(tmp_path: Path) -> None:
    async with guarded(tmp_path / "home") as system:
        before = await system.metrics()
        assert days(before, "listen") == days(before, f"{PERMITS}.share") == 90
        assert days(before, f"{PERMITS}.share.ca") == 3650
        assert 'gateway_certificate_refused{where="listen"} 0.0' in before
        (system.keys / "gateway-tls.pem").write_bytes(b"")
        system.pass_by(1)
        after = await system.metrics()
        assert 'gateway_certificate_refused{where="listen"} 1.0' in after
        assert days(after, "listen") == 90
        assert (await system.ask()).verdict == "confirmed"


def decisions(metrics: str) -> list[str]:
    return [line for line in metrics.splitlines() if line.startswith(("gateway_decisions", "gateway_refusals"))]


def days(metrics: str, where: str) -> int:
    (line,) = [
        line
        for line in metrics.splitlines()
        if line.startswith(f'gateway_certificate_expires_seconds{{where="{where}"}}')
    ]
    return round(float(line.split()[-1]) / 86_400)
