"""`gateway consumers`: which grant allows a question and what forbids it, for people and machines, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

from gateway.commands.cli import app
from gateway.contract.folders import shipped
from gateway.security import keys
from tests.commands.test_policy import QUESTION, SETTINGS

PUBLIC = [keys.new_ed25519()[1].decode() for _ in range(6)]
PURPOSE, GUARDIANSHIP, RESIDENCE = "exit_entry_application", "guardianship_proof", "residence_permit"
INSURANCE = "social_insurance_proof"
TERMINAL = {"FORCE_COLOR": "1", "COLUMNS": "100"}


def grant(*materials: str, **more: Any) -> dict[str, Any]:
    return {"purpose": PURPOSE, "materials": list(materials), "regions": ["22"], **more}


def write(home: Path, name: str, grants: list[dict[str, Any]], made: list[dict[str, Any]], **more: Any) -> None:
    titles = {"zh": "窗口", "en": f"Counters of {name}"}
    tree = {"consumer": name, "title": titles, **more, "keys": made, "grants": grants}
    (home / "consumers" / f"{name}.yaml").write_text(yaml.dump(tree, allow_unicode=True, sort_keys=False), "utf-8")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three consumers: one that may, one whose grants do not reach, one that is suspended. No private key at all."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATEWAY_HOME", raising=False)
    (tmp_path / "consumers").mkdir()
    (tmp_path / "gateway.yaml").write_text(SETTINGS.replace("contracts: rules\n", ""), "utf-8")
    made = [
        {"id": "k-1", "public_key": PUBLIC[0]},
        {"id": "k-2", "public_key": PUBLIC[1], "state": "pending"},
        {"id": "k-3", "public_key": PUBLIC[2], "state": "retiring", "until": "2018-05-02T00:00:00+08:00"},
        {"id": "k-4", "public_key": PUBLIC[3], "state": "revoked", "reason": "stolen", "revoked_at": "2018-01-01T00:00:00Z"},
    ]  # fmt: skip
    basis = {"zh": "依据一", "en": "The first law"}
    delayed = {"legal_basis": basis, "disclose_after_days": 30, "from": "2018-01-01"}
    write(tmp_path, "may", [grant(GUARDIANSHIP, RESIDENCE, INSURANCE, **delayed)], made)
    portal = {"zh": "依据二", "en": "The second law"}
    lacking = [
        grant(RESIDENCE, regions=["21"]),
        grant(GUARDIANSHIP, until="2018-04-30"),
        grant(INSURANCE, **{"from": "2999-01-01"}),
    ]
    accesses = {"from": "2018-01-01", "until": "2999-12-31", "legal_basis": portal}
    write(tmp_path, "near", lacking, [{"id": "n-1", "public_key": PUBLIC[4]}], accesses=accesses)
    write(tmp_path, "off", [], [{"id": "o-1", "public_key": PUBLIC[5]}], state="suspended", reason="ended", lane="bulk")
    return tmp_path


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(app, ["consumers", *arguments], env=environment)


def explain(*options: str, environment: dict[str, str] | None = None, **changes: Any) -> Result:
    asked = {key: value for key, value in (QUESTION | changes).items() if value is not None}
    Path("asked.json").write_text(json.dumps(asked, ensure_ascii=False), "utf-8")
    return run("explain", "asked.json", *options, **(environment or {}))


def line_of(home: Path, name: str, number: int) -> int:
    """Where the n-th grant of a file begins."""
    lines = (home / "consumers" / f"{name}.yaml").read_text("utf-8").splitlines()
    return [at for at, line in enumerate(lines, 1) if line.startswith("- purpose:")][number]


def test_who_may_and_by_which_line(home: Path):
    result = explain("--consumer", "may")
    assert result.exit_code == 0, result.output
    place = f"consumers/may.yaml:{line_of(home, 'may', 0)}"
    for said in (
        "✔ may 窗口：允许",
        "may, Counters of may: allowed",
        f"✔ 监护关系证明：{place} 的授权允许",
        f"social_insurance_proof: allowed by the grant at {place}",
        "legal basis: The first law",
        "30 天后才告知本人",
        "the person is told 30 days later",
        "用途 exit_entry_application，地区 22，2018-01-01 起",
        "purpose exit_entry_application, regions 22, from 2018-01-01 on",
    ):
        assert said in result.stdout, said
    assert "near" not in result.stdout


def test_who_may_not_and_what_is_nearest(home: Path):
    result = explain("--consumer", "near")
    assert result.exit_code == 1
    for said in (
        "✘ near 窗口：不允许，整个请求被拒绝（403 scope）",
        f"residence_permit: not granted; the nearest grant is at consumers/near.yaml:{line_of(home, 'near', 0)}",
        "unit 229901000000 is not in the regions 21",
        "受理单位 229901000000 不在地区 21 之内",
        "ran out on 2018-04-30",
        "begins only on 2999-01-01",
    ):
        assert said in result.stdout, said


def test_a_suspended_one_is_told_what_comes_first(home: Path):
    result = explain("--consumer", "off")
    assert result.exit_code == 1
    assert "suspended: none of its keys may sign (401 key)" in result.stdout
    assert "it has no grants at all" in result.stdout
    assert "403" not in result.stdout


def test_without_a_name_all_are_told_and_one_that_may_is_enough(home: Path):
    result = explain()
    assert result.exit_code == 0
    assert [each in result.stdout for each in ("✔ may", "✘ near", "✘ off")] == [True] * 3
    (home / "consumers" / "may.yaml").unlink()
    assert explain().exit_code == 1


def test_a_purpose_that_is_not_granted_or_not_of_the_policy(home: Path):
    result = explain(purpose="curiosity")
    assert result.exit_code == 1
    assert "the policy jilin-2018-05 is for exit_entry_application and not for curiosity" in result.stdout
    assert f"purpose curiosity is not granted, only {PURPOSE}" in result.stdout
    assert "✔ may" not in result.stdout
    assert not json.loads(explain("--json", purpose="curiosity").stdout)["purpose_is_of_the_policy"]


def test_nobody_is_named(home: Path):
    for result in (explain(), explain("--json")):
        assert str(QUESTION["subject"]["citizen_id"]) not in result.output
        assert QUESTION["subject"]["name"] not in result.output
        assert "PUBLIC KEY" not in result.output


def test_for_machines(home: Path):
    found = json.loads(explain("--json").stdout)
    assert (found["policy"], found["purpose"], found["allowed"]) == ("jilin-2018-05", PURPOSE, True)
    may, near, off = found["consumers"]
    assert (may["allowed"], may["may_sign"], near["allowed"], off["may_sign"]) == (True, ["k-1"], False, [])
    assert [each["granted"] for each in may["materials"]] == [True] * 3
    permit = near["materials"][1]
    assert (permit["material"], permit["granted"], permit["lacks"][0]["lacks"]) == (RESIDENCE, False, "region")
    assert permit["nearest"] == f"consumers/near.yaml:{line_of(home, 'near', 0)}"
    assert off["materials"][0] == {"material": GUARDIANSHIP, "granted": False, "nearest": None, "lacks": []}
    assert may["materials"][0]["legal_basis"] == {"zh": "依据一", "en": "The first law"}
    assert may["materials"][0]["disclose_after_days"] == 30


def test_a_terminal_gets_a_tree_and_a_table_of_a_hundred_columns(home: Path):
    told, listed = explain(environment=TERMINAL), run("list", **TERMINAL)
    assert "├──" in told.stdout
    assert "│" in listed.stdout
    assert "社会保险证明 social_insurance_proof" in listed.stdout, "both names on one line"


def test_the_list(home: Path):
    lines = run("list").stdout
    for said in (
        "may / 窗口 / Counters of may",
        "待启用 pending",
        "已退役 retired since",
        "2018-05-02 00:00",
        "stolen",
        "依据一 The first law",
        "30 天后才告知本人 the person is told 30 days later",
        "可向本人出示查询记录 may show people who asked about them",
        "2018-01-01 – 2999-12-31",
        "依据二 The second law",
    ):
        assert said in lines, said
    assert "已停用 suspended" in lines
    assert lines.count("批量通道 bulk lane") == 1
    found = {each["consumer"]: each for each in json.loads(run("list", "--json").stdout)["consumers"]}
    assert [each["may_sign"] for each in found["may"]["keys"]] == [True, False, False, False]
    assert found["may"]["grants"][0]["legal_basis"]["en"] == "The first law"
    assert [found[name]["lane"] for name in ("may", "off")] == ["counter", "bulk"]
    assert found["near"]["grants"][2]["from"] == "2999-01-01"
    assert (found["near"]["accesses"]["from"], found["may"]["accesses"]) == ("2018-01-01", None)
    assert (found["may"]["grants"][0]["disclose_after_days"], found["near"]["grants"][0]["disclose_after_days"]) == (
        30,
        0,
    )
    assert "public_key" not in found["may"]["keys"][0]


def test_a_new_installation_without_consumers(home: Path):
    for file in (home / "consumers").iterdir():
        file.unlink()
    assert "there are no consumers" in run("list").stdout
    result = explain()
    assert (result.exit_code, "there are no consumers" in result.stdout) == (1, True)


@pytest.mark.parametrize(
    ("options", "changes", "code", "said"),
    [
        (("--consumer", "mai"), {}, 2, "unknown consumer; did you mean 'may'?"),
        ((), {"materials": ["residence_permitt"]}, 2, "did you mean 'residence_permit'?"),
        ((), {"application_date": "2016-05-02"}, 1, "no_policy"),
        (("--home", "nowhere"), {}, 2, "cannot be read"),
    ],
)
def test_what_cannot_be_explained(home: Path, options: tuple[str, ...], changes: dict[str, Any], code: int, said: str):
    result = explain(*options, **changes)
    assert (result.exit_code, said in result.output) == (code, True), result.output


def test_a_broken_consumer_file_is_said_with_its_place(home: Path):
    write(home, "near", [grant("residence_permt")], [{"id": "n-1", "public_key": PUBLIC[4]}])
    for result in (explain(), run("list")):
        assert result.exit_code == 2
        assert "did you mean 'residence_permit'?" in result.output
        assert "consumers/near.yaml:" in result.output


def test_an_installation_elsewhere_with_rules_of_its_own(home: Path, monkeypatch: pytest.MonkeyPatch):
    (home / "gateway.yaml").write_text(SETTINGS, "utf-8")
    (home / "rules" / "policies").mkdir(parents=True)
    (home / "rules" / "authorities").symlink_to(shipped() / "authorities")
    for file in (shipped() / "policies").glob("*.yaml"):
        text = file.read_text("utf-8").replace("purposes: [", "purposes: [statistics, ")
        (home / "rules" / "policies" / file.name).write_text(text, "utf-8")
    write(home, "near", [grant(RESIDENCE) | {"purpose": "statistics"}], [{"id": "n-1", "public_key": PUBLIC[4]}])
    elsewhere = home / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    result = explain("--home", str(home), "--consumer", "near", purpose="statistics", materials=[RESIDENCE])
    assert result.exit_code == 0, result.output
    assert f"at consumers/near.yaml:{line_of(home, 'near', 0)}" in result.stdout
