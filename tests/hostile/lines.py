"""The lines of the list, and where those are held that are not held in this package."""

from __future__ import annotations

from typing import Final

LINES: Final = frozenset(range(1, 58)) - {5, 18, 21, 28, 30, 43, 47}
"""Ids have gaps."""

ELSEWHERE: Final[dict[int, tuple[str, ...]]] = {
    11: (
        "tests/web/test_door.py::test_forwarding_headers_from_outside_change_nothing",
        "tests/web/test_hosts.py::test_from_anybody_else_they_are_told_by_name_once_a_minute_and_never_by_value",
    ),
    20: ("tests/paths/test_revocation.py::test_h20_unknown_revoked_pending_retired_and_suspended_are_told_alike",),
    45: (
        "tests/web/test_api.py::test_h45_h46_a_consumer_gets_what_it_was_granted_and_nothing_besides",
        "tests/paths/test_durable.py::test_a_refused_question_spends_its_nonce_and_is_an_entry",
    ),
    46: ("tests/web/test_api.py::test_h45_h46_a_consumer_gets_what_it_was_granted_and_nothing_besides",),
    49: ("tests/ledger/test_limits.py::test_h49_a_thousand_numbers_in_a_row_one_a_minute_are_stopped",),
    50: ("tests/ledger/test_limits.py::test_h50_a_canary_is_answered_as_anybody_and_only_operators_know",),
    53: ("tests/rehearsal/test_rehearsal.py::test_the_matrix_is_the_committed_one",),
    54: (
        "tests/rehearsal/test_rehearsal.py::test_the_matrix_is_the_committed_one",
        "tests/paths/test_faults.py::test_each_fault_has_its_name_and_is_never_a_no",
    ),
    55: ("tests/rehearsal/test_rehearsal.py::test_the_matrix_is_the_committed_one",),
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
