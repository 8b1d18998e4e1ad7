"""Secrets by reference: found where they are, refused elsewhere, and never repeated."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from gateway.security import references
from gateway.security.references import UnusableReference
from gateway.settings import AccountValue, KeyReference, SecretReference

SECRET = "k3ep-me-t0-yourself"


class Places(BaseModel):
    secret: SecretReference = "file:x"
    key: KeyReference = "file:x"
    value: AccountValue = "x"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("home", "credentials"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "name").write_text(f"{SECRET}\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    monkeypatch.setenv("OUR_SECRET", SECRET)
    return tmp_path / "home"


@pytest.mark.parametrize("reference", ["file:name", "env:OUR_SECRET", "credential:name"])
def test_each_kind_is_read_where_it_is(home: Path, reference: str) -> None:
    assert references.line(home, reference) == SECRET
    assert references.read(home, reference).decode().strip() == SECRET


def test_an_absolute_file_is_that_file(home: Path) -> None:
    assert references.line(Path("elsewhere"), f"file:{home / 'name'}") == SECRET


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("file:other", "cannot be read: No such file"),
        ("env:NO_SUCH", "the environment has no such variable"),
        ("credential:other", "cannot be read: No such file"),
        (SECRET, "a secret is named by"),
    ],
)
def test_what_is_not_there_is_told_by_its_reference(home: Path, reference: str, says: str) -> None:
    with pytest.raises(UnusableReference, match=says) as caught:
        references.read(home, reference)
    assert SECRET not in str(caught.value)


def test_without_systemd_there_are_no_credentials(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    with pytest.raises(UnusableReference, match="CREDENTIALS_DIRECTORY is not set"):
        references.read(home, "credential:name")


@pytest.mark.parametrize("content", [b"", b"\n", f"{SECRET}\nmore\n".encode(), SECRET.encode() + b"\xff"])
def test_one_line_is_one_line(home: Path, content: bytes) -> None:
    (home / "name").write_bytes(content)
    with pytest.raises(UnusableReference, match="one line of text") as caught:
        references.line(home, "file:name")
    assert SECRET not in str(caught.value)


def test_what_is_longer_than_any_key_is_none(home: Path) -> None:
    (home / "name").write_bytes(b"x" * (references.MAX_BYTES + 1))
    with pytest.raises(UnusableReference, match="longer than any key"):
        references.read(home, "file:name")


@pytest.mark.parametrize("place", ["secret", "key", "value"])
@pytest.mark.parametrize("text", ["file:a/b.pem", "env:A_1", "credential:a.b-c"])
def test_references_are_taken(place: str, text: str) -> None:
    assert getattr(Places(**{place: text}), place) == text


@pytest.mark.parametrize("place", ["secret", "key", "value"])
@pytest.mark.parametrize(
    "text", ["env:1A", "env:A B", "credential:../x", "credential:a/b", "file:", "file:a\nb", "env:"]
)
def test_what_begins_as_a_reference_must_be_one(place: str, text: str) -> None:
    with pytest.raises(ValidationError):
        Places(**{place: text})


@pytest.mark.parametrize("place", ["secret", "key"])
@pytest.mark.parametrize("text", [SECRET, "keys/answers.pem", "-----BEGIN PRIVATE KEY-----\nMC4C\n", "FILE:x", ""])
def test_a_bare_secret_is_refused_where_a_reference_belongs(place: str, text: str) -> None:
    with pytest.raises(ValidationError, match="must say where the secret is"):
        Places(**{place: text})


def test_only_a_key_may_be_with_a_signer_process() -> None:
    assert Places(key="unix:/run/signer.sock#gw-2026").key == "unix:/run/signer.sock#gw-2026"
    for text in ("unix:/run/signer.sock", "unix:signer.sock#gw", "unix:/run/s#a b", "unix:/run/s#"):
        with pytest.raises(ValidationError):
            Places(key=text)
    with pytest.raises(ValidationError):
        Places(secret="unix:/run/signer.sock#gw-2026")
