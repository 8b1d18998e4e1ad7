"""`gateway policy`: the path through the rules for people and machines, and how the command ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from gateway.commands.cli import app
from gateway.contract.folders import shipped

P08 = {"citizen_id": "219901199103151084", "name": "样例戊"}
QUESTION: dict[str, Any] = {
    "case_number": "JL2018050200123",
    "application_date": "2018-05-02",
    "business_items": ["passport"],
    "purpose": "exit_entry_application",
    "residence_basis": "employment",
    "operator": {"id": "op-0117", "name": "样例警员", "unit_code": "229901000000"},
    "subject": P08,
}
SETTINGS = """
listen: {port: 0}
admin: {port: 0}
served_as: [gateway.example]
audit: {origin: gateway.example/audit}
contracts: rules
keys:
  soap: {key: "file:s.pem", certificate: s.crt}
authorities: {}
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder that is no installation."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATEWAY_HOME", raising=False)


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(app, ["policy", *arguments], env=environment)


def explain(*options: str, environment: dict[str, str] | None = None, **changes: Any) -> Result:
    asked = {key: value for key, value in (QUESTION | changes).items() if value is not None}
    Path("asked.json").write_text(json.dumps(asked, ensure_ascii=False), "utf-8")
    return run("explain", "asked.json", *options, **(environment or {}))


def document(**changes: Any) -> dict[str, Any]:
    result = explain("--json", **changes)
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def test_the_path_in_both_languages() -> None:
    result = explain()
    assert result.exit_code == 0, result.output
    for line in (
        "适用政策 jilin-2018-05：吉林省出入境证件“只跑一次”（2018年5月）",
        "nation-2018-09: in force only from 2018-09-01 on",
        "先查户籍地：",
        "监护关系证明：不需要。申请人已达到规定年龄。",
        "residence_permit: not owed. The ground on which this applicant applies does not call for it. [other_basis]",
        "社会保险证明：取决于户籍地",
        "若是本地户籍：不需要",
        "if local: not owed [local_applicant]",
        "if not local: owed",
        "condition: is registered as not local: the registry will say",
        "condition: is registered as not local: no longer matters",
        "依据：采取信息共享和网上查询并行的方式获取申请人社保信息，免去社保证明这一申请材料",
        "both_and_compare: both are asked and compared; if they disagree, an officer checks",
        "contradicted: an officer checks [officer_check]",
        "无记录：请提供纸质材料",
    ):
        assert line in result.stdout


def test_nobody_is_named() -> None:
    for result in (explain(), explain("--json")):
        assert P08["citizen_id"] not in result.output
        assert P08["name"] not in result.output


def test_a_terminal_gets_a_tree() -> None:
    result = explain(environment={"FORCE_COLOR": "1", "COLUMNS": "160"})
    assert result.exit_code == 0
    assert "├──" in result.stdout
    assert "社会保险证明：取决于户籍地" in result.stdout


def test_the_path_for_machines() -> None:
    found = document()
    assert (found["policy"]["policy"], found["policy"]["until"], found["region"]) == (
        "jilin-2018-05",
        "2018-09-01",
        "22",
    )
    assert [(each["policy"], each["why"]) for each in found["others"]] == [
        ("jilin-2017", "over"), ("sample-2018-05", "elsewhere"), ("nation-2018-09", "not_yet"), ("nation-2019-04", "not_yet"),
    ]  # fmt: skip
    assert found["who_is_local"]["question"] == "hukou"
    insurance = found["materials"][2]
    assert (insurance["material"], insurance["owed"], insurance["reason"]) == (
        "social_insurance_proof",
        "depends",
        None,
    )
    assert insurance["branches"] == {
        "local": {"owed": False, "reason": "local_applicant"}, "non_local": {"owed": True, "reason": None},
    }  # fmt: skip
    assert insurance["asked"] == [
        {
            "round": 2, "authority": "social_insurance", "question": "insurance", "channels": ["share", "query"],
            "join": "both_and_compare", "delay_ms": None, "on_divergence": "officer",
        }
    ]  # fmt: skip
    assert insurance["counter"] == {
        "confirmed": "waived", "contradicted": "officer_check", "no_record": "paper_required", "undetermined": "officer_check",
    }  # fmt: skip
    assert found["materials"][0]["owed"] == "no"
    assert (found["materials"][0]["asked"], found["materials"][0]["counter"]) == ([], {})


@pytest.mark.parametrize(
    ("day", "policy", "join", "delay_ms"),
    [("2017-06-01", "jilin-2017", "race", None), ("2018-10-08", "nation-2018-09", "after_delay", 300)],
)
def test_one_case_on_other_dates(day: str, policy: str, join: str, delay_ms: int | None) -> None:
    found = document(application_date=day)
    assert found["policy"]["policy"] == policy
    (asked,) = found["materials"][2]["asked"]
    assert (asked["join"], asked["delay_ms"]) == (join, delay_ms)
    assert join in explain(application_date=day).stdout


def test_what_a_later_policy_freed() -> None:
    renewal = document(application_date="2018-10-08", business_items=["passport_renewal"])
    assert [each["reason"] for each in renewal["materials"]] == ["not_a_minor", "other_basis", "item_exempt"]
    assert renewal["who_is_local"] is None
    last = document(application_date="2019-05-06")
    assert last["not_in_this_policy"] == ["residence_permit", "social_insurance_proof"]
    assert "social_insurance_proof: not in this policy, nobody owes it" in explain(application_date="2019-05-06").stdout


def test_a_minor_without_a_guardian() -> None:
    child = {"citizen_id": "229901201206011035", "name": "测试子"}
    result = explain(subject=child, residence_basis=None)
    assert "no guardian is named: nobody is asked, and an officer checks" in result.stdout
    assert "办理依据属于 employment（填写：未填，视为成立）：成立" in result.stdout
    owed = document(subject=child, guardian={"citizen_id": "229901198805121012", "name": "测试父"})["materials"][0]
    assert (owed["owed"], [step["round"] for step in owed["asked"]]) == ("yes", [1, 1])


def test_no_policy_is_the_answer_no() -> None:
    result = explain(application_date="2016-05-02")
    assert result.exit_code == 1
    assert "申请日期和受理单位没有对应的政策" in result.stdout
    other = explain("--json", operator=QUESTION["operator"] | {"unit_code": "440100000000"})
    assert other.exit_code == 1
    found = json.loads(other.stdout)
    assert (found["policy"], found["region"], found["materials"]) == (None, None, [])
    assert {each["policy"]: each["why"] for each in found["others"]}["jilin-2018-05"] == "elsewhere"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"business_items": ["pasport"]}, "/business_items/0 unknown_value"),
        ({"materials": ["residence_permitt"]}, "did you mean 'residence_permit'?"),
        ({"subject": P08 | {"citizen_id": "379901198602291102"}}, "subject_format"),
    ],
)
def test_a_question_that_would_be_refused(changes: dict[str, Any], says: str) -> None:
    result = explain(**changes)
    assert (result.exit_code, says in result.stdout) == (2, True), result.output
    machine = explain("--json", **changes)
    assert machine.exit_code == 2
    assert json.loads(machine.stdout)["faults"]


def test_files_that_are_none(tmp_path: Path) -> None:
    Path("broken.json").write_text("{", "utf-8")
    assert run("explain", "broken.json").exit_code == 2
    assert run("explain", "missing.json").exit_code == 2
    assert run("list", "--home", str(tmp_path / "nowhere")).exit_code == 2


def test_the_list() -> None:
    found = json.loads(run("list", "--json").stdout)["policies"]
    assert [each["policy"] for each in found] == [
        "jilin-2017", "sample-2018-05", "jilin-2018-05", "nation-2018-09", "nation-2019-04",
    ]  # fmt: skip
    assert (found[0]["from"], found[-1]["until"], len(found[-1]["regions"])) == ("2017-01-01", None, 31)
    lines = run("list").stdout
    assert "nation-2019-04   2019-04-01 – ..." in lines
    assert "jilin-2017" in run("list", FORCE_COLOR="1", COLUMNS="160").stdout


def test_an_installations_own_rules(tmp_path: Path) -> None:
    """Its settings name a folder: by --home, by the environment, and by standing in it."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "gateway.yaml").write_text(SETTINGS, "utf-8")
    (home / "rules").mkdir()
    (home / "rules" / "authorities").symlink_to(shipped() / "authorities")
    (home / "rules" / "policies").mkdir()
    kept = shipped() / "policies" / "nation-2019-04.yaml"
    (home / "rules" / "policies" / kept.name).write_bytes(kept.read_bytes())
    for result in (run("list", "--json", "--home", str(home)), run("list", "--json", GATEWAY_HOME=str(home))):
        assert [each["policy"] for each in json.loads(result.stdout)["policies"]] == ["nation-2019-04"]
    (tmp_path / "gateway.yaml").write_text(SETTINGS.replace("contracts: rules\n", ""), "utf-8")
    assert len(json.loads(run("list", "--json").stdout)["policies"]) == 5
