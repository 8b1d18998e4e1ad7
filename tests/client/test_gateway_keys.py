"""The gateway's keys from its exported document: those that count now, and nothing that is no such document."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.client import gateway_keys
from gateway.security import keys
from gateway.security.keys import UnusableKey

NOW = datetime(2018, 5, 2, tzinfo=UTC)
PUBLIC = keys.new_ed25519()[1].decode()


def at(days: int) -> str:
    return (NOW + timedelta(days=days)).isoformat().replace("+00:00", "Z")


def key(keyid: str, **more: Any) -> dict[str, Any]:
    return {"id": keyid, "use": "answers", "alg": "ed25519", "state": "active", "public_key": PUBLIC, **more}


def read(tmp_path: Path, *listed: Any, **more: Any) -> set[str]:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": listed, **more}))
    found = gateway_keys.read(path, NOW.timestamp())
    assert all(verifier.keyid == keyid for keyid, verifier in found.items())
    return set(found)


def test_keys_that_count_now_and_no_others(tmp_path: Path) -> None:
    assert read(
        tmp_path,
        key("active", expires=at(1)),
        key("soon", state="pending"),
        key("old", state="retiring", until=at(1)),
        key("over", state="retiring", until=at(0)),
        key("revoked", state="revoked", revoked_at=at(-1), expires=at(1)),
        key("of a newer gateway", state="frozen"),
        key("receipts", use="receipts"),
        key("later use", use="letters"),
    ) == {"active", "soon", "old"}


@pytest.mark.parametrize("more", [{}, {"state": "pending"}, {"state": "retiring", "until": at(1)}])
def test_a_date_shuts_no_counter_for_the_gateway_signs_on(tmp_path: Path, more: dict[str, str]) -> None:
    assert read(tmp_path, key("a", expires=at(-1), **more)) == {"a"}


def test_what_a_newer_gateway_adds_is_no_trouble(tmp_path: Path) -> None:
    assert read(tmp_path, key("a", note="new"), issued=at(0)) == {"a"}


def test_where_no_key_counts_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnusableKey, match="no key for answers that counts now"):
        read(tmp_path, key("a", state="revoked"))


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"keys": 1}', '{"keys": [1]}', '{"keys": [{"id": "a"}]}', '{"keys": [], "keys": []}',
     '{"keys": [{"id": "a", "use": "answers", "state": "active", "public_key": 1}]}',
     '{"keys": [{"id": "a", "use": "answers", "state": "active", "public_key": "", "until": "soon"}]}'],
)  # fmt: skip
def test_what_is_no_such_document(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    with pytest.raises(UnusableKey, match="is not a document of the gateway's keys"):
        gateway_keys.read(path, 0)


def test_a_key_that_is_none_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnusableKey, match="'a': not a public key"):
        read(tmp_path, key("a", public_key="no pem"))
    with pytest.raises(UnusableKey, match="cannot be read: No such file"):
        gateway_keys.read(tmp_path / "nothing.json", 0)
