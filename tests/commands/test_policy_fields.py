"""`gateway policy fields`: what is asked, fetched, kept and released, for people and machines."""

from __future__ import annotations

import json
from typing import get_args

from click.testing import Result

from gateway.commands.fields_words import SOURCES
from gateway.contract.authority import Source
from tests.commands.test_policy import run


def fields(*options: str) -> Result:
    return run("fields", "--policy", "jilin-2018-05", *options)


def test_fields_of_one_policy_for_machines() -> None:
    (found,) = json.loads(fields("--json").stdout)["policies"]
    permit = found["materials"][1]["sources"][0]["calls"][0]
    assert permit["asked"]["/GMSFHM"] == "person.citizen_id"
    assert permit["read"]["status"] == "/data/JZZ/JZZZT"
    assert permit["compared"] == {"citizen_id": "/data/JZZ/GMSFHM", "name": "/data/JZZ/XM"}
    assert permit["never_read"] == ["/data/JZZ/JZZBH", "/data/JZZ/QFJG", "/data/JZZ/YXQXQSRQ"]
    share, query = found["materials"][2]["sources"][0]["calls"]
    assert share["never_read"] == []
    assert any(path.endswith("/aae180") for path in query["never_read"])
    assert found["who_is_local"]["calls"][0]["read"] == {"hukou_region": "/list/HKSZD"}
    assert "subject" in found["kept"]["pseudonym"]
    assert "verdict" in found["released"]


def test_fields_for_people_in_both_languages() -> None:
    said = fields().stdout
    for part in (
        "政策 jilin-2018-05",
        "offered and never read\n              JZZBH, QFJG, YXQXQSRQ",
        "发送：",
        "the guardian's citizen id",
    ):
        assert part in said
    assert run("fields").stdout.count("kept in the ledger") == 5


def test_who_is_local_is_shown_only_where_somebody_asks_it() -> None:
    found = {each["policy"]: each["who_is_local"] for each in json.loads(run("fields", "--json").stdout)["policies"]}
    assert [name for name, local in found.items() if local is None] == ["nation-2019-04", "sample-2018-05"]
    assert "who is local" not in run("fields", "--policy", "nation-2019-04").stdout


def test_fields_of_a_policy_that_is_not_there() -> None:
    result = run("fields", "--policy", "jilin-2018-5")
    assert result.exit_code == 2
    assert "did you mean 'jilin-2018-05'" in result.output


def test_every_source_of_a_request_has_its_words() -> None:
    assert set(get_args(Source)) | {"account"} == set(SOURCES)
