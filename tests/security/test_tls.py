"""TLS contexts: what is agreed on, who is believed, and files that are not what they must be."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.clock import SystemClock
from gateway.security import tls
from gateway.security.tls import UnusableTls
from tests.private_ca import PrivateCa

from .shaking import shake

DAY = 86_400
OLD_CIPHERS = "ECDHE-ECDSA-AES256-SHA384:AES256-GCM-SHA384:@SECLEVEL=0"
"""Without authentication of the whole record, or without forward secrecy."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def ca(folder: Path) -> PrivateCa:
    return PrivateCa(folder)


@pytest.fixture(scope="module")
def other_ca(folder: Path) -> PrivateCa:
    return PrivateCa(folder, "other-ca")


def listener(ca: PrivateCa, client_ca: Path | None = None, *, required: bool = True) -> ssl.SSLContext:
    return tls.served(*ca.issue("listener"), client_ca, required)


def caller(ca: PrivateCa, shows: PrivateCa | None = None, server_name: str | None = None) -> ssl.SSLContext:
    pair = shows.issue("caller", ["gateway.example"]) if shows is not None else (None, None)
    return tls.called(ca.file, *pair, server_name)


# What is agreed on


def test_the_newest_version_and_http_1_1_without_compression(ca: PrivateCa) -> None:
    shaken = shake(listener(ca), caller(ca))
    assert shaken.caller.version() == "TLSv1.3"
    assert shaken.caller.selected_alpn_protocol() == "http/1.1"
    assert shaken.caller.compression() is None


def narrowed(context: ssl.SSLContext, newest: ssl.TLSVersion, ciphers: str | None = None) -> ssl.SSLContext:
    with pytest.warns(DeprecationWarning, match="TLSv1_1") if newest < ssl.TLSVersion.TLSv1_2 else nullcontext():
        context.minimum_version = context.maximum_version = newest
    if ciphers is not None:
        context.set_ciphers(ciphers)
    return context


def test_tls_1_2_with_forward_secrecy(ca: PrivateCa) -> None:
    shaken = shake(listener(ca), narrowed(caller(ca), ssl.TLSVersion.TLSv1_2))
    cipher = shaken.caller.cipher()
    assert cipher is not None
    assert cipher[0].startswith("ECDHE-")
    assert cipher[0].endswith(("SHA384", "SHA256", "POLY1305"))


@pytest.mark.parametrize("end", ["listener", "caller"])
@pytest.mark.parametrize(
    ("newest", "ciphers"), [(ssl.TLSVersion.TLSv1_1, "ALL:@SECLEVEL=0"), (ssl.TLSVersion.TLSv1_2, OLD_CIPHERS)]
)
def test_nothing_older_whichever_end_asks_for_it(ca: PrivateCa, end: str, newest: ssl.TLSVersion, ciphers: str) -> None:
    ends = {"listener": listener(ca), "caller": caller(ca)}
    narrowed(ends[end], newest, ciphers)
    with pytest.raises(ssl.SSLError):
        shake(ends["listener"], ends["caller"])


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2])
def test_no_ticket_is_handed_out(ca: PrivateCa, newest: ssl.TLSVersion) -> None:
    shaken = shake(listener(ca), narrowed(caller(ca), newest))
    session = shaken.caller.session
    assert session is None or not session.has_ticket


# Who is believed


def test_a_private_ca_and_no_other(ca: PrivateCa, other_ca: PrivateCa) -> None:
    shake(listener(ca), caller(ca))
    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
        shake(listener(ca), caller(other_ca))
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(listener(ca), tls.called(None, None, None, None))


def test_without_a_ca_the_systems_count(monkeypatch: pytest.MonkeyPatch, ca: PrivateCa) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ca.file))
    shake(listener(ca), tls.called(None, None, None, None))


def test_the_name_must_be_theirs(ca: PrivateCa) -> None:
    shake(listener(ca), caller(ca), "127.0.0.1")
    for name in ("registry.example", "127.0.0.2"):
        with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
            shake(listener(ca), caller(ca), name)


def test_a_server_name_stands_for_the_host_of_the_url(ca: PrivateCa) -> None:
    serving = tls.served(*ca.issue("named", ["registry.example"]), None, True)
    shake(serving, caller(ca, server_name="registry.example"), "127.0.0.1")
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        shake(serving, caller(ca, server_name="other.example"), "registry.example")


def test_what_has_ended_is_not_believed(ca: PrivateCa) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        shake(tls.served(*ca.issue("ended", days=-1), None, True), caller(ca))


def test_with_a_client_ca_callers_must_show_a_certificate_of_it(ca: PrivateCa, other_ca: PrivateCa) -> None:
    mutual = listener(ca, other_ca.file)
    shaken = shake(mutual, caller(ca, other_ca))
    assert shaken.listener.getpeercert()
    for wrong in (caller(ca), caller(ca, ca)):
        with pytest.raises(ssl.SSLError):
            shake(mutual, wrong)


def test_where_none_is_required_a_wrong_one_is_still_refused(ca: PrivateCa, other_ca: PrivateCa) -> None:
    mutual = listener(ca, other_ca.file, required=False)
    assert not shake(mutual, caller(ca)).listener.getpeercert()
    with pytest.raises(ssl.SSLError):
        shake(mutual, caller(ca, ca))


# Files


def unusable(folder: Path, ca: PrivateCa) -> dict[str, tuple[Callable[[], object], str]]:
    good, encrypted = ca.issue("good"), ca.issue("encrypted", password=b"a passphrase")
    empty, gone = folder / "empty.pem", folder / "gone.pem"
    empty.write_bytes(b"")
    return {
        "no certificate": (lambda: tls.served(gone, good[1], None, True), "gone.pem cannot be read: No such file"),
        "no key": (lambda: tls.served(good[0], gone, None, True), "gone.pem cannot be read: No such file"),
        "another's key": (
            lambda: tls.served(good[0], ca.issue("second")[1], None, True),
            "good.crt and second.pem are no pair that TLS can use (KEY_VALUES_MISMATCH)",
        ),
        "a key of another kind": (
            lambda: tls.served(good[0], ca.issue("rsa", key=rsa.generate_private_key(65537, 2048))[1], None, True),
            "good.crt and rsa.pem are no pair",
        ),
        "an encrypted key": (lambda: tls.served(*encrypted, None, True), "encrypted.pem are no pair"),
        "an empty file": (lambda: tls.served(empty, good[1], None, True), "are no pair that TLS can use"),
        "no client CA": (lambda: tls.served(*good, gone, True), "gone.pem cannot be read"),
        "an empty CA": (lambda: tls.called(empty, None, None, None), "empty.pem holds no certificate"),
        "a key as CA": (lambda: tls.called(good[1], None, None, None), "good.pem holds no certificate"),
        "nothing that ends": (lambda: tls.ends(empty), "empty.pem holds no certificate"),
    }


def test_a_file_that_cannot_be_used_is_named(folder: Path, ca: PrivateCa) -> None:
    for case, (make, said) in unusable(folder, ca).items():
        with pytest.raises(UnusableTls) as refused:
            make()
        assert said in str(refused.value), case
        assert "PRIVATE" not in str(refused.value), case
        assert str(folder) not in str(refused.value), case


def test_the_first_end_of_several_counts(folder: Path, ca: PrivateCa) -> None:
    several = folder / "several.pem"
    several.write_bytes(b"".join(ca.issue("some", days=days)[0].read_bytes() for days in (9, 3, 6)))
    assert tls.ends(several) - SystemClock().unix() == pytest.approx(3 * DAY, abs=120)
