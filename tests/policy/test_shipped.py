"""The shipped policies on four dates: who owes what, told by name, and what is asked of whom."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from gateway.mapping import citizen_ids
from gateway.model import Finding, Person, Reason, Status
from gateway.policy import Policy, choose

from .builders import ADULT, HUKOU, POLICIES, REAL, SHIPPED, VERSION, hukou, registry, verification

DATES = {
    "jilin-2017": date(2017, 6, 1),
    "jilin-2018-05": date(2018, 5, 2),
    "nation-2018-09": date(2018, 10, 8),
    "nation-2019-04": date(2019, 5, 6),
}
MATERIALS = {"G": "guardianship_proof", "R": "residence_permit", "S": "social_insurance_proof"}

# The cast by number, basis and where the registry has them ("-": it has no record), and what a first issue of a passport
# then owes on each of the four dates: G guardianship proof, R residence permit, S proof of social insurance, "." nothing.
CAST = """
P01  229901198805121012  -                 229901  . . . .
P02  229901199008231029  -                 229901  . . . .
P03  229901201206011035  -                 229901  G G G G
P04  22990120030502104X  -                 229901  G G G .
P05  229901200205021050  -                 229901  G . . .
P06  229901200205031064  -                 229901  G G . .
P07  229909195805021078  -                 229909  . . . .
P08  219901199103151084  employment        219901  S S S .
P09  239901199302281096  employment        239901  S S S .
P11  449901200002291115  residence_permit  449901  R R R .
P12  119901197501061137  residence_permit  119901  R R R .
P13  659901199507071154  dependant         659901  R R R .
P14  229901201709091161  -                 229901  G G G G
P15  229901194901011173  -                 229901  . . . .
P16  229901198501019991  -                 229901  . . . .
P17  22990219920202103X  -                 229902  . . . .
F01  810000189901010015  residence_permit  -       r r r .
F02  820000189901010033  employment        -       s s s .
F03  830000189901010027  study             -       . . . .
F04  922999199001010017  -                 -       rs rs rs .
"""
TABLE = [line.split() for line in CAST.strip().splitlines()]


def owed(policy: Policy, number: str, basis: str, region: str, day: date, *items: str) -> str:
    finding = registry(Status.NO_RECORD) if region == "-" else hukou(region)
    given = None if basis == "-" else basis
    asked = verification(Person(number, "样例"), None, given, day=day, items=items or ("passport",))
    owing = policy.owing(asked, {HUKOU: finding})
    said = {True: str.upper, None: str.lower}
    found = ((letter, owing[name].owed) for letter, name in MATERIALS.items() if name in owing)
    return "".join(said[is_owed](letter) for letter, is_owed in found if is_owed is not False) or "."


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_one_case_on_four_dates(row: list[str]) -> None:
    _, number, basis, region, *expected = row
    for (name, day), what in zip(DATES.items(), expected, strict=True):
        policy = choose(POLICIES, day, "229901000000")
        assert policy.name == name
        assert owed(policy, number, basis, region, day) == what, name


def test_the_table_has_the_whole_cast_but_the_number_that_is_none() -> None:
    assert [row[0] for row in TABLE] == [f"P{n:02}" for n in range(1, 18) if n != 10] + [f"F0{n}" for n in range(1, 5)]
    with pytest.raises(ValueError, match="date"):
        citizen_ids.canonical("379901198602291102")


def test_from_2018_09_on_renewals_and_group_endorsements_are_free() -> None:
    for name, first, renewal in (
        ("jilin-2018-05", "S", "S"),
        ("nation-2018-09", "S", "."),
        ("nation-2019-04", ".", "."),
    ):
        policy, day = Policy(SHIPPED[name], VERSION), DATES[name]
        p08 = ("219901199103151084", "employment", "219901", day)
        assert owed(policy, *p08, "hkm_permit") == first
        assert owed(policy, *p08, "passport_renewal", "hkm_group_endorsement", "tw_permit_replacement") == renewal
        assert owed(policy, *p08, "passport_renewal", "tw_permit") == first


def test_a_renewal_is_exempt_for_its_reason_and_nobody_is_asked() -> None:
    policy = Policy(SHIPPED["nation-2018-09"], VERSION)
    asked = verification(ADULT, basis="employment", day=DATES["nation-2018-09"], items=("passport_renewal",))
    assert (*policy.who_is_local(asked), *policy.certain(asked)) == policy.what_follows(asked, {}) == ()
    assert policy.owing(asked, {})["social_insurance_proof"].reason is Reason.ITEM_EXEMPT


@pytest.mark.parametrize("basis", [None, "employment", "residence_permit", "study", "dependant"])
def test_who_studies_has_no_material_of_ours(basis: str | None) -> None:
    """A certificate of enrolment is paper: no authority here holds it."""
    for name in ("jilin-2017", "jilin-2018-05", "nation-2018-09"):
        asked = verification(ADULT, basis=basis, day=DATES[name])
        owing = Policy(SHIPPED[name], VERSION).owing(asked, {HUKOU: hukou("119901")})
        reasons = {owing[each].reason for each in ("residence_permit", "social_insurance_proof")}
        assert (reasons == {Reason.OTHER_BASIS}) == (basis == "study")
        assert owing["residence_permit"].owed is (basis in (None, "residence_permit", "dependant"))
        assert owing["social_insurance_proof"].owed is (basis in (None, "employment"))


def test_from_2019_04_on_nobody_is_asked_who_is_local() -> None:
    policy = Policy(SHIPPED["nation-2019-04"], VERSION)
    assert policy.certain(verification(ADULT, day=DATES["nation-2019-04"])) == ()


def test_local_is_measured_from_where_the_unit_is() -> None:
    """A Jilin resident applying in Guangdong is not local there, and a Guangdong one is."""
    policy = choose(POLICIES, DATES["nation-2018-09"], "440100000000")
    for region, expected in (("229901", False), ("449901", True)):
        asked = verification(ADULT, basis="employment", day=DATES["nation-2018-09"], unit_code="440100000000")
        found: dict[tuple[str, str], Finding] = {HUKOU: hukou(region)}
        assert (policy.owing(asked, found)["social_insurance_proof"].reason is Reason.LOCAL_APPLICANT) is expected


def test_every_day_has_one_policy_in_jilin_and_every_province_from_2018_09_on() -> None:
    day = date(2017, 1, 1)
    while day < date(2019, 6, 1):
        assert [policy for policy in POLICIES if policy.covers(day, "229901000000")] == [
            choose(POLICIES, day, "229901000000")
        ]
        assert any(policy.covers(day, "650100000000") for policy in POLICIES) == (day >= date(2018, 9, 1))
        day += timedelta(1)
    provinces = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65"
    for name in ("nation-2018-09", "nation-2019-04"):
        assert SHIPPED[name].regions == provinces.split()


PHRASES = (
    "未成年人与监护人在同一户口上的", "以前办理证件时曾提交过监护关系证明的", "均由出入境部门负责查询核实",
    "不再要求申请人提交监护关系证明", "实现异地申请人免交居住证即可办理出入境证件",
    "采取信息共享和网上查询并行的方式获取申请人社保信息", "免去社保证明这一申请材料",
)  # fmt: skip


def test_every_rule_carries_the_phrases_of_its_source_and_nothing_else() -> None:
    for file in (SHIPPED[name] for name in REAL):
        assert (file.accompany_age, file.minor_age) == (16, 18)
        for rule in file.materials:
            assert set(rule.source.zh.split("，")) <= set(PHRASES)
            assert rule.source.en.endswith(".")
