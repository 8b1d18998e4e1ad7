"""The tree of failures: drawn in the docstring, complete, and each with its place in the closed list."""

from __future__ import annotations

import inspect
import re

import pytest

from gateway import errors
from gateway.errors import TROUBLES, BrokenFiles, Fault, GatewayError, Problem, Refused, Trouble
from gateway.model import Reason, Status

CLASSES = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, Exception)]


def test_everything_raised_on_purpose_has_one_root():
    assert all(issubclass(kind, GatewayError) for kind in CLASSES)


def test_the_tree_in_the_docstring_is_the_tree():
    drawn = set(re.findall(r"\b[A-Z][A-Za-z]+\b", errors.__doc__ or ""))
    assert {kind.__name__ for kind in CLASSES} <= drawn
    assert len(CLASSES) >= 18


def test_every_trouble_is_in_the_list_or_is_a_special_case_of_one_that_is():
    assert set(TROUBLES) == {kind for kind in CLASSES if Trouble in kind.__bases__}
    for kind in CLASSES:
        if issubclass(kind, Trouble) and kind not in (Trouble, *TROUBLES):
            assert (kind.status, kind.retryable) == (kind.__base__.status, kind.__base__.retryable)


def test_every_trouble_has_a_status_of_its_own_and_a_reason():
    statuses = [kind.status for kind in TROUBLES]
    assert len(set(statuses)) == len(statuses)
    assert set(statuses) == {status.value for status in Status if not status.is_reply} - {"late", "not_requested"}
    assert set(statuses) <= {reason.value for reason in Reason}


def test_only_what_may_pass_by_itself_is_retryable():
    assert {kind.status for kind in TROUBLES if kind.retryable} == {"unreachable", "timeout", "busy"}


def test_a_trouble_says_why():
    trouble = errors.Busy("no room", retry_after_seconds=2.5)
    assert (str(trouble), trouble.why, trouble.retry_after_seconds) == ("no room", "no room", 2.5)


def test_a_refusal_keeps_its_parts():
    refusal = Refused(400, "json_malformed", "detail", faults=(Fault("x"),), headers={"Allow": "POST"})
    assert (refusal.http_status, refusal.code, refusal.detail) == (400, "json_malformed", "detail")
    assert (refusal.faults, refusal.headers, str(refusal)) == ((Fault("x"),), {"Allow": "POST"}, "json_malformed")
    assert Refused(400, "x").headers == {}


def test_broken_files_sort_by_place():
    problems = [Problem("b", 1, 1, "x"), Problem("a", 10, 1, "x"), Problem("a", 9, 2, "x"), Problem("a", 9, 2, "x")]
    with pytest.raises(BrokenFiles) as broken:
        raise BrokenFiles(problems)
    assert str(broken.value) == "a:9:2: x\na:10:1: x\nb:1:1: x"
