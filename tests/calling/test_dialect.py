"""What every dialect shares: a payload is read strictly, and its faults carry no value."""

from __future__ import annotations

import pytest

from gateway.calling.dialect import payload
from gateway.contract.openapi import JsonSchema
from gateway.errors import BadReply

SCHEMA = JsonSchema({"type": "object", "properties": {"a": {"type": "string", "maxLength": 3}}})


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"<html>", "not JSON (json_malformed)"),
        ("测试".encode("gbk"), "not JSON (json_encoding)"),
        (b'{"a": "x", "a": "y"}', "not JSON (json_duplicate_key)"),
        (b'{"a": "SECRET"}', "breaks its schema: maxLength"),
        (b"[]", "breaks its schema: type"),
        (rb'{"a": "\ud800"}', "not JSON (json_encoding)"),
    ],
)
def test_a_payload_is_strict_json_that_keeps_its_schema(data, why):
    with pytest.raises(BadReply) as refused:
        payload(data, SCHEMA)
    assert refused.value.why.endswith(why)
    assert "SECRET" not in refused.value.why
    assert payload(b'{"a": "x"}', SCHEMA) == {"a": "x"}
