"""Certificates that change under a running gateway: new handshakes see the new ones, and nothing bad is ever taken up."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.clock import SystemClock
from gateway.security import tls
from gateway.security.reloading import LOOK_SECONDS, Reloaded
from gateway.security.tls import UnusableTls
from tests.paths.margins import LINES
from tests.private_ca import Pair, PrivateCa
from tests.still import StillClock

from .shaking import shake

DAY = 86_400


class Listening:
    """A listener's TLS on files of its own, a caller who believes the CA, and time that stands still."""

    def __init__(self, folder: Path, client_ca: PrivateCa | None = None) -> None:
        self.ca, self.clock, self.start = PrivateCa(folder), StillClock(), len(LINES)
        self.pair = self.ca.issue("served")
        client_file = client_ca.file if client_ca is not None else None
        files = {"listen": self.pair.certificate, "listen.private_key": self.pair.private_key}
        if client_file is not None:
            files["listen.client_ca"] = client_file
        self.reloaded = Reloaded("listen", lambda: tls.served(*self.pair, client_file, True), files)
        self.context = self.reloaded.listening(self.clock.monotonic)

    def shown(self, caller: Pair | None = None) -> int:
        """The serial number of the certificate that a new handshake shows, some time later."""
        self.clock.move(LOOK_SECONDS)
        mine = caller if caller is not None else (None, None)
        return int(shake(self.context, tls.called(self.ca.file, *mine, None)).serial, 16)

    def told(self) -> list[str]:
        return [line for line in LINES[self.start :] if "certificate." in line]


def serial(pair: Pair) -> int:
    return x509.load_pem_x509_certificate(pair.certificate.read_bytes()).serial_number


def test_a_new_handshake_shows_the_new_certificate(tmp_path: Path) -> None:
    here = Listening(tmp_path)
    first = here.shown()
    assert first == serial(here.pair)
    here.ca.issue("served")
    assert here.shown() == serial(here.pair) != first
    assert len(here.told()) == 1
    assert '"event": "certificate.reloaded"' in here.told()[0]


def test_the_files_are_looked_at_once_a_second_at_most(tmp_path: Path) -> None:
    here = Listening(tmp_path)
    now = here.clock.monotonic()
    here.ca.issue("served")
    assert here.reloaded.context(now + LOOK_SECONDS - 0.01) is here.context
    second = here.reloaded.context(now + LOOK_SECONDS)
    assert second is not here.context
    assert here.reloaded.context(now + 9) is second


def test_another_kind_of_key_takes_over_too(tmp_path: Path) -> None:
    """A context that is changed in place would go on showing the old one to those who like its kind better."""
    here = Listening(tmp_path)
    here.ca.issue("served", key=rsa.generate_private_key(65537, 2048))
    assert here.shown() == serial(here.pair)


@pytest.mark.parametrize("is_reverse", [False, True])
def test_half_a_new_pair_is_not_taken_up(tmp_path: Path, is_reverse: bool) -> None:
    here = Listening(tmp_path)
    old = here.shown()
    new = here.ca.issue("new")
    first, second = sorted(zip(new, here.pair, strict=True), reverse=is_reverse)
    first[0].replace(first[1])
    assert (here.shown(), here.reloaded.is_refused) == (old, True)
    assert "KEY_VALUES_MISMATCH" in here.told()[0]
    assert here.shown() == old
    assert len(here.told()) == 1, "said once"
    second[0].replace(second[1])
    assert (here.shown(), here.reloaded.is_refused) == (serial(here.pair), False)


@pytest.mark.parametrize("content", [b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", None])
def test_a_broken_file_keeps_the_last_good_pair(tmp_path: Path, content: bytes | None) -> None:
    here = Listening(tmp_path)
    old, kept = here.shown(), here.pair.certificate.read_bytes()
    if content is None:
        here.pair.certificate.unlink()
    else:
        here.pair.certificate.write_bytes(content)
    assert (here.shown(), here.reloaded.is_refused) == (old, True)
    here.pair.certificate.write_bytes(kept)
    assert (here.shown(), here.reloaded.is_refused) == (old, False)


def test_a_ca_that_was_taken_away_lets_nobody_in_any_more(tmp_path: Path) -> None:
    client_ca, next_ca = PrivateCa(tmp_path, "clients"), PrivateCa(tmp_path, "next-clients")
    here = Listening(tmp_path, client_ca)
    old, new = client_ca.issue("old-caller"), next_ca.issue("new-caller")
    here.shown(old)
    client_ca.file.write_bytes(next_ca.file.read_bytes())
    here.shown(new)
    with pytest.raises(ssl.SSLError):
        here.shown(old)


def test_when_each_certificate_in_use_ends(tmp_path: Path) -> None:
    here = Listening(tmp_path, PrivateCa(tmp_path, "clients"))
    now = SystemClock().unix()

    def days(at: float) -> dict[str, Any]:
        return {where: round((ends - now) / DAY) for where, ends in here.reloaded.ends(at).items()}

    assert days(2000) == {"listen": 90, "listen.client_ca": 3650}
    here.ca.issue("served", days=400)
    assert days(2001) == {"listen": 400, "listen.client_ca": 3650}
    here.pair.certificate.write_bytes(b"")
    assert days(2002) == {"listen": 400, "listen.client_ca": 3650}, "of the one in use, not of the file"


def test_the_first_time_a_bad_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnusableTls):
        Reloaded("x", lambda: tls.called(tmp_path / "gone", None, None, None), {"x.ca": tmp_path / "gone"})


@pytest.mark.parametrize("is_later", [False, True])
def test_handshakes_that_fail_are_counted_by_their_reason(tmp_path: Path, is_later: bool) -> None:
    """Before a change of the files and after it."""
    here = Listening(tmp_path, PrivateCa(tmp_path, "clients"))
    if is_later:
        here.ca.issue("served")
        here.clock.move(LOOK_SECONDS)
    for mine in ((None, None), here.ca.issue("stranger")):
        with pytest.raises(ssl.SSLError):
            shake(here.context, tls.called(here.ca.file, *mine, None))
    old = tls.called(here.ca.file, None, None, None)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    old.set_ciphers("AES256-GCM-SHA384")
    with pytest.raises(ssl.SSLError):
        shake(here.context, old)
    assert here.reloaded.failed == {"no_certificate": 1, "their_certificate": 1, "no_cipher": 1}
