from __future__ import annotations

import pytest

from gateway.connectors.suites import unfit
from gateway.contract.authority import Channel, Suite
from gateway.security import keys

ED25519 = keys.verifier("authority-1", keys.new_ed25519()[1])
SM2 = keys.verifier("authority-1", keys.new_sm2()[1])
BOTH: tuple[Suite, ...] = ("international", "sm")


def channel(signing: str, *suites: str) -> Channel:
    return Channel.model_validate(
        {
            "wire": "rest", "interface": "openapi.yaml", "signing": signing, "suites": list(suites),
            "attempt_seconds": 3, "reply_bytes": 1000, "quota_per_hour": 10,
            "operations": {"ask": {"interface": "ask", "meanings": [{"means": "unreachable"}]}},
            "questions": {"what": {"walk": "once", "steps": {"ask": {"operation": "ask", "about": ["subject"]}}}},
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("suites", "suite", "theirs"),
    [(BOTH, "international", ED25519), (BOTH, "sm", SM2), (("sm",), "sm", SM2), (BOTH, "sm", None)],
)
def test_it_fits(suites: tuple[Suite, ...], suite: Suite, theirs: keys.Verifier | None) -> None:
    assert unfit(channel("rfc9421", *suites), suite, BOTH, theirs) is None


def test_only_what_the_contract_lists() -> None:
    told = unfit(channel("rfc9421", "international"), "sm", BOTH, SM2)
    assert told == "its contract does not list the suite 'sm'; say 'suite: international' at this endpoint"
    told = unfit(channel("wsse_x509", "international"), "sm", BOTH, None)
    assert told is not None
    assert unfit(channel("rfc9421", "sm"), "international", BOTH, ED25519) is not None


def test_a_key_of_ours_is_needed() -> None:
    told = unfit(channel("rfc9421", *BOTH), "sm", ("international",), SM2)
    assert told == "the suite 'sm' needs an active key of ours for 'outbound' in the ring"


@pytest.mark.parametrize(("suite", "theirs"), [("sm", ED25519), ("international", SM2)])
def test_a_key_of_theirs_must_be_of_the_suite(suite: Suite, theirs: keys.Verifier) -> None:
    told = unfit(channel("rfc9421", *BOTH), suite, BOTH, theirs)
    assert told == f"their public_key is for {theirs.alg}, but the suite is {suite!r}"


def test_other_dialects_bring_keys_of_their_own() -> None:
    assert unfit(channel("wsse_x509", "international", "sm"), "sm", ("international",), None) is None
