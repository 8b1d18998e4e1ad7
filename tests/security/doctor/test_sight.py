"""What the door refuses at sight: told first, and the signature is looked at all the same."""

from __future__ import annotations

import pytest

from gateway.security.doctor import captures, sight
from gateway.security.doctor.diagnosis import diagnose
from tests.security.doctor.cases import NAMES, asked, case
from tests.wire import Asked, reading

TROUBLES: dict[str, tuple[Asked, str, str]] = {
    "another host": (asked(authority="gw.internal:8650"), "authority_not_served", "host_not_served"),
    "no host": (asked(sent={"Host": None}), "authority_not_served", "host_not_served"),
    "an absolute target": (asked(path="http://gw.example/v1/x"), "authority_not_served", "host_not_served"),
    "a query": (asked(path="/v1/verifications?x=1"), "query_not_allowed", "query"),
    "PUT": (asked(method="PUT", sent={"Content-Type": "application/json"}), "method_not_allowed", "method_not_served"),
    "gzip": (asked(headers=(("Content-Encoding", "gzip"),)), "content_encoding", "encoding"),
    "text": (asked(media_type="text/json"), "content_type", "media_type"),
    "bare key": (asked(headers=(("Idempotency-Key", "JL2018050200123-1"),)), "idempotency_key", "idempotency_key"),
}


@pytest.mark.parametrize("name", TROUBLES)
def test_each_has_its_code_and_cause(name: str) -> None:
    request, code, word = TROUBLES[name]
    found = sight.at_sight(captures.read(request.bytes()).request, NAMES)
    assert [(seen, cause.word, cause.is_proved) for seen, cause in found] == [(code, word, True)]


def test_a_good_request_has_none() -> None:
    for request in (asked(), reading(asked(), "/v1/verifications/1"), asked(sent={"Host": "GW.Example"})):
        assert sight.at_sight(captures.read(request.bytes()).request, NAMES) == []


def test_signed_for_a_host_that_is_not_served_it_still_verifies() -> None:
    """The name is wrong, and nothing else: whoever maps names must pass Host on."""
    assert diagnose(case(asked(authority="gw.internal:8650").bytes())).is_explained


def test_a_host_that_a_proxy_put_in_is_traced_to_the_name_that_was_signed() -> None:
    (cause,) = diagnose(case(asked(sent={"Host": "10.0.0.7:8650"}).bytes())).causes
    assert (cause.word, cause.signed, cause.arrived) == ("authority", NAMES[0], "10.0.0.7:8650")


def test_a_host_that_is_in_no_list_is_found_where_the_proxy_left_it() -> None:
    request = asked(authority="www.city.example", sent={"Host": NAMES[0]})
    for header in (
        ("X-Forwarded-Host", "www.city.example"),
        ("Forwarded", 'for=x;host="www.city.example";proto=https'),
    ):
        (cause,) = diagnose(case(request.again(sent={**request.sent, header[0]: header[1]}).bytes())).causes
        assert (cause.word, cause.signed) == ("authority", "www.city.example")


def test_the_two_names_of_loopback_are_tried_for_each_other() -> None:
    request = asked(authority="127.0.0.1:8650", sent={"Host": "localhost:8650"})
    (cause,) = diagnose(case(request.bytes())).causes
    assert (cause.word, cause.signed) == ("authority", "127.0.0.1:8650")


def test_the_path_of_an_absolute_target_is_what_is_signed() -> None:
    request = asked(path="/v1/verifications")
    whole = request.bytes().replace(b"POST /v1", b"POST http://gw.example/v1", 1)
    assert diagnose(case(whole)).code == ""
    assert case(whole.replace(b"http://gw.example/v1/verifications", b"*")).request.values['"@path"'] == "/"


@pytest.mark.parametrize(
    ("hosts", "target", "named"),
    [
        (["GW.Example"], "/", NAMES[0]),
        ([], "/", None),
        ([*NAMES], "/", None),
        (["gw.example"], "http://gw.example/", None),
        (["gw.example:443"], "/", NAMES[0]),  # a proxy may have changed the port
        (["another.example"], "/", None),
    ],
)
def test_the_authority_is_a_configured_name(hosts: list[str], target: str, named: str | None) -> None:
    assert sight.authority_of(hosts, target, NAMES) == named
