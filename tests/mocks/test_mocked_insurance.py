"""Both channels of the social insurance: one person, one set of months, two dialects."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from gateway.contract.authority import FactRule, RowsRule
from gateway.contract.insured import Insured, expanded
from gateway.contract.scenarios import Scenario
from mocks import rows
from mocks.answers import MockTrouble
from mocks.payloads import XmlPayload
from mocks.server import start
from tests.mocks.platform_caller import fault_of, string_of, year_question

INSURANCE = "social_insurance"
YEARS = ("2016", "2017", "2018")
STRANGER = "229901199001010999"


def of_rows(elements) -> list[tuple[str | None, ...]]:
    return [tuple(row.findtext(name) for name in ("aae003", "aae140", "aaa115", "aab301")) for row in elements]


async def shared(insured, person) -> list[tuple[str, ...]]:
    reply = await insured.share(person.citizen_id)
    assert reply.status == 200, reply.body
    (record,) = reply.json()["data"]["ryxx"]
    assert (record["AAC002"], record["AAC003"]) == (person.citizen_id, person.name)
    return [tuple(row[name] for name in ("AAE003", "AAE140", "AAA115", "AAB301")) for row in record["jfxx"]]


async def queried(insured, person) -> list[tuple[str | None, ...]]:
    found = []
    for year in YEARS:
        response = await insured.year(person.citizen_id, year)
        assert response.findtext("body/responsedata/basicform/aac003") == person.name
        of_year = of_rows(response.iterfind("body/responsedata/feeinfogrid/row"))
        assert {str(row[0])[:4] for row in of_year} <= {year}
        found += of_year
    return found


async def test_both_channels_know_the_same_months_of_everybody_but_where_the_cast_says_otherwise(insured, cast):
    differing = set()
    for key, person in cast.people.items():
        told = {each.scenario for each in person.answers.get(INSURANCE, {}).values()}
        is_known = bool(told) and told <= {"insured", "insured_gbk"} and key[0] != "T"
        if is_known and await shared(insured, person) != await queried(insured, person):
            differing.add(key)
    assert differing == {"S16", "S17"}


async def test_a_back_payment_another_region_and_a_gap_stand_in_the_rows(insured, cast):
    months = await shared(insured, cast.people["S04"])
    assert [row for row in months if row[2] == "20"] == [("201710", "110", "20", "229901")]
    assert [row[0] for row in months] == [m.replace("-", "") for m in expanded("2017-05..2018-04")]
    assert {row[3] for row in await shared(insured, cast.people["S11"])} == {"229801", "229901"}
    assert "201710" not in [row[0] for row in await shared(insured, cast.people["S01"])]


async def test_the_query_has_more_in_its_rows_than_anybody_asked_for(insured, cast):
    response = await insured.year(cast.people["S02"].citizen_id, "2018")
    row = response.find("body/responsedata/feeinfogrid/row")
    assert row is not None
    assert (row.findtext("aae180"), row.findtext("aab004")) == ("5200.00", "样例科技(虚构)有限公司")
    kinds = response.findall("body/responsedata/aae140ows/row")
    assert [[child.text for child in kind] for kind in kinds] == [["110", "1", "1"]]


async def test_codes_3_and_4_both_stand_for_ended(insured, cast):
    for key, code in (("S13", "4"), ("S14", "3")):
        record = (await insured.share(cast.people[key].citizen_id)).json()["data"]["ryxx"][0]
        assert record["cbxx"] == [{"AAE140": "110", "AAC008": code, "AAC031": "3"}]


async def test_an_xml_declaration_may_claim_gbk_in_a_string_of_unicode(insured, cast):
    person = cast.people["S21"]
    reply = await insured.query(year_question(person.citizen_id, "2018"))
    text = string_of(reply)
    assert text.startswith('<?xml version="1.0" encoding="GBK"?><response>')
    assert person.name in text


async def test_somebody_unknown_has_no_record_on_either_channel(insured):
    assert (await insured.share(STRANGER)).json()["data"] == {"ryxx": []}
    response = await insured.year(STRANGER, "2018")
    assert (response.findtext("head/rc"), response.findtext("head/rm"), response.find("body")) == (
        "1",
        "0503 无记录",
        None,
    )


WRONG_REQUESTS = {
    "no xml": "no xml",
    "another root": "<response><head><rc>0</rc><rm/></head></response>",
    "a word for a year": year_question(STRANGER, "this"),
    "a number that is none": year_question("12345", "2018"),
    "one page too few": year_question(STRANGER, "2018").replace("<pageindex>1", "<pageindex>0"),
    "a document type": "<!DOCTYPE request>" + year_question(STRANGER, "2018"),
}


@pytest.mark.parametrize("xml", WRONG_REQUESTS.values(), ids=WRONG_REQUESTS.keys())
async def test_a_string_that_breaks_its_schema_is_the_callers_fault(insured, xml):
    reply = await insured.query(xml)
    assert (reply.status, fault_of(reply)[0]) == (500, "soapenv:Client")
    assert STRANGER not in reply.body.decode()
    *_, entry = insured.mocks.journals[INSURANCE]
    assert entry.outcome == "refused: schema"


async def test_every_answer_of_the_cast_is_one_that_the_channels_allow(insured, cast):
    """No 599: everybody of whom the social insurance knows anything, on both channels, in each year."""
    for key, person in cast.people.items():
        if INSURANCE not in person.answers:
            continue
        assert (await insured.share(person.citizen_id)).status != 599, key
        for year in YEARS:
            assert (await insured.query(year_question(person.citizen_id, year))).status != 599, key


async def test_no_channel_knows_months_that_have_not_come(insured, cast):
    insured.mocks.clock.move_to(1517414400)  # 2018-02-01 at the counter
    insured.mocks.clock.freeze()
    assert [row[0] for row in await shared(insured, cast.people["P08"])][-1] == "201802"
    assert [row[0] for row in await queried(insured, cast.people["P08"])][-1] == "201802"


def test_months_are_written_compactly():
    assert list(expanded("2017-11..2018-02 2018-04")) == ["2017-11", "2017-12", "2018-01", "2018-02", "2018-04"]
    assert list(expanded("")) == []


@pytest.mark.parametrize("months", ["2017", "2017-13", "2017-01-2017-02", "2017-01..", "2017-01,2017-02", " 2017-01"])
def test_months_written_otherwise_are_refused(months):
    with pytest.raises(ValueError, match="pattern"):
        Insured.model_validate({"region": "229901", "kinds": {"pension_employee": {"paid": months}}})


def test_what_the_mapping_has_no_word_for_is_the_mocks_own_trouble(folders):
    mapping = folders[INSURANCE].mapping
    odd = Insured.model_validate({"region": "229901", "kinds": {"lottery": {"paid": "2018-01"}}})
    with pytest.raises(rows.Unwritable, match="no code"):
        list(rows.written(mapping, "share_months", odd, {}))
    rule = RowsRule(path="/x", facts={"wage": FactRule(path="/w")})
    operation = mapping.operations["share_months"].model_copy(update={"rows": {"months": rule}})
    strange = mapping.model_copy(update={"operations": {"share_months": operation}})
    with pytest.raises(rows.Unwritable, match="wage"):
        list(rows.written(strange, "share_months", odd, {}))


def test_xml_is_written_in_the_schemas_order_whatever_the_trees(folders):
    payload = XmlPayload(folders[INSURANCE].path / "payload.xsd")
    record = {"aae140ows": {}, "feeinfogrid": {"row": []}, "basicform": {}}
    tree = {"body": {"responsedata": [record]}, "head": {"rm": "a", "rc": "0"}}
    root = ElementTree.fromstring(payload.written("response", tree, None).partition("?>")[2])
    assert [child.tag for child in root] == ["head", "body"]
    assert [child.tag for child in root[1][0]] == ["basicform", "feeinfogrid", "aae140ows"]
    assert [child.tag for child in root[0]] == ["rc", "rm"]
    for wrong in ({"foot": {}}, {"head": {"rc": "0", "wage": "1"}}):
        with pytest.raises(MockTrouble, match=r"foot|wage"):
            payload.written("response", wrong, None)
    with pytest.raises(MockTrouble, match="no element"):
        payload.written("answer", {}, None)


async def test_a_scenario_that_breaks_the_xsd_is_599(folders, cast, scenarios, keys, insured):
    broken = Scenario(means="answered", reply={"head": {"rc": "none", "rm": ""}})
    told = {**scenarios, INSURANCE: {**scenarios[INSURANCE], "query_months": {"nobody": broken}}}
    nobody = cast.model_copy(update={"people": {}, "pairs": []})
    async with start(folders, nobody, {(INSURANCE, "query"): keys.platform()}, scenarios=told) as mocks:
        insured.mocks = mocks
        reply = await insured.query(year_question(STRANGER, "2018"))
        assert reply.status == 599
        assert "breaks the payload's schema" in reply.json()["trouble"]
