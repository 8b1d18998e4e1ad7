"""Which of our names a Host means (H38, H39)."""

from __future__ import annotations

import pytest

from gateway.security.served import served_name

OURS = frozenset({"gw.example", "bulk.example:8443", "twice.example:1", "twice.example:2"})


@pytest.mark.parametrize(
    ("hosts", "name"),
    [
        (["gw.example"], "gw.example"),
        (["GW.EXAMPLE"], "gw.example"),
        (["gw.example:8650"], "gw.example"),
        (["bulk.example:8443"], "bulk.example:8443"),
        (["bulk.example"], "bulk.example:8443"),
        (["bulk.example:443"], "bulk.example:8443"),
        (["twice.example:2"], "twice.example:2"),
        (["twice.example:3"], None),
        (["twice.example"], None),
        (["evil.example"], None),
        (["gw.example.evil.example"], None),
        (["gw.example:"], None),
        (["gw.example:1:2"], None),
        (["gw.example:123456"], None),
        (["gw.example:1\n"], None),
        ([""], None),
        ([], None),
        (["gw.example", "gw.example"], None),
    ],
)
def test_a_name_is_ours_or_nobodys(hosts: list[str], name: str | None) -> None:
    assert served_name(hosts, OURS) == name
