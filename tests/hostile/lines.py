"""The lines of the list, and where those are held that are not held in this package."""

from __future__ import annotations

from typing import Final

LINES: Final = frozenset(range(1, 58)) - {5, 18, 21, 28, 30, 43, 47}
"""Ids have gaps."""

ELSEWHERE: Final[dict[int, tuple[str, ...]]] = {
    11: ("tests/web/test_door.py::test_forwarding_headers_from_outside_change_nothing",),
    45: (
        "tests/web/test_api.py::test_h45_h46_a_consumer_gets_what_it_was_granted_and_nothing_besides",
        "tests/paths/test_durable.py::test_a_refused_question_spends_its_nonce_and_is_an_entry",
    ),
    46: ("tests/web/test_api.py::test_h45_h46_a_consumer_gets_what_it_was_granted_and_nothing_besides",),
    53: ("tests/paths/test_misbehaviour.py::test_each_fault_has_its_name_and_is_never_a_no",),
    54: (
        "tests/paths/test_misbehaviour.py::test_each_fault_has_its_name_and_is_never_a_no",
        "tests/paths/test_faults.py::test_each_fault_has_its_name_and_is_never_a_no",
    ),
    55: ("tests/paths/test_misbehaviour.py::test_each_fault_has_its_name_and_is_never_a_no",),
    56: (
        "tests/security/test_wsse_attacks.py::test_signature_wrapping",
        "tests/security/test_wsse_attacks.py::test_one_change_is_refused",
    ),
    57: (
        "tests/contract/test_xml.py::test_refused",
        "tests/contract/test_xml.py::test_200_000_attributes_are_cut_at_the_cap",
        "tests/calling/test_wire.py::test_more_is_refused_while_it_streams_and_the_connection_is_dropped",
    ),
}
"""Held by exactly these tests: of lines 53 to 55 each fault is a row of their tables."""

NOT_YET: Final[dict[int, str]] = {
    49: "a budget of distinct people per consumer comes with the limits",
    50: "people whose question raises a silent alarm come with the limits",
}
