"""What `gateway policy explain` says, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from gateway.commands.tree import Said
from gateway.contract.authority import Contract
from gateway.contract.policies import PolicyFile
from gateway.judging import sentence
from gateway.model import Decision, Disposition, Join, Reason
from gateway.policy.explaining import Condition, Step, Term, Why

NO_POLICY: Final = (
    "申请日期和受理单位没有对应的政策",
    "no policy is in force on the application date for the operator's unit",
)
OTHERS: Final = ("其他政策为何不适用", "the other policies, and why not")
COUNTER: Final = ("窗口处理", "what the counter does")
GUARDIAN_MISSING: Final = (
    "未填写监护人：不查询任何部门，由工作人员核实",
    "no guardian is named: nobody is asked, and an officer checks",
)

MATERIALS: Final = {
    "guardianship_proof": "监护关系证明",
    "residence_permit": "居住证",
    "social_insurance_proof": "社会保险证明",
}
_DECISIONS: Final[Mapping[Decision, str]] = {
    Decision.CONFIRMED: "属实",
    Decision.CONTRADICTED: "不符",
    Decision.NO_RECORD: "无记录",
    Decision.UNDETERMINED: "待人工核查",
}
_DISPOSITIONS: Final[Mapping[Disposition, Said]] = {
    Disposition.WAIVED: ("免交", "waived"),
    Disposition.PAPER_REQUIRED: ("请提供纸质材料", "bring the paper"),
    Disposition.OFFICER_CHECK: ("人工核查", "an officer checks"),
}
_TERMS: Final[Mapping[Term, Said]] = {
    "age_below": ("未满{asks}周岁（申请日{has}周岁）", "younger than {asks} (is {has} on the day)"),
    "residence_basis": ("办理依据属于 {asks}（填写：{has}）", "applies on the ground of {asks} (said: {has})"),
    "business_items_other_than": (
        "所办事项不全是 {asks}（所办：{has}）",
        "something else is applied for than {asks} (applied for: {has})",
    ),
    "locality": ("户籍地为 {asks}", "is registered as {asks}"),
}
_LOCALITY: Final[Mapping[str, Said]] = {"local": ("本地", "local"), "non_local": ("外地", "not local")}
_HOLDS: Final[Mapping[bool | None, Said]] = {
    True: ("成立", "holds"),
    False: ("不成立", "does not hold"),
    None: ("待查户籍", "the registry will say"),
}
_MOOT: Final = ("不必再查", "no longer matters")
_NOT_SAID: Final = ("未填，视为成立", "left open, so taken to hold")


def policy(file: PolicyFile) -> Said:
    """The policy that is in force."""
    return f"适用政策 {file.policy}：{file.title.zh}", f"policy {file.policy}: {file.title.en}"


def because(file: PolicyFile, region: str) -> Said:
    """Why it is the one."""
    since, until = file.effective.since, file.effective.until
    return (
        f"申请日期在 {since} 起{f'、{until} 前' if until else ''}，受理单位属于地区 {region}",
        f"the application date is from {since} on{f', before {until},' if until else ''} and the unit is in region {region}",
    )


def passed(file: PolicyFile, why: Why) -> Said:
    """Why another policy is not."""
    since, until = file.effective.since, file.effective.until
    zh, en = {
        "not_yet": (f"{since} 起才生效", f"in force only from {since} on"),
        "over": (f"{until} 起已失效", f"over since {until}"),
        "elsewhere": ("不适用于受理单位所在地区", "not for the region of the operator's unit"),
        "larger_region": ("有更具体地区的政策", "a policy for a smaller region goes first"),
    }[why]
    return f"{file.policy}：{zh}", f"{file.policy}: {en}"


def ages(file: PolicyFile) -> Said:
    """The two ages, which are not the same."""
    return (
        f"未满{file.accompany_age}周岁须监护人陪同；文中“未成年人”指未满{file.minor_age}周岁，仅用于表述",
        f"younger than {file.accompany_age} a guardian comes along; the source's word minor means younger than "
        f"{file.minor_age} and decides nothing",
    )


def material(name: str, owed: bool | None, reason: Reason | None) -> Said:
    """One material and whether it is owed."""
    zh, en = {True: ("需要", "owed"), False: ("不需要", "not owed"), None: ("取决于户籍地", "depends on who is local")}[
        owed
    ]
    if reason is None:
        return f"{MATERIALS.get(name, name)}：{zh}", f"{name}: {en}"
    said = sentence(reason, Disposition.NOT_APPLICABLE)
    why_zh, why_en = said.zh.partition("。")[0], said.en.partition(". ")[0]  # the rest says what the counter does
    return f"{MATERIALS.get(name, name)}：{zh}。{why_zh}。", f"{name}: {en}. {why_en}. [{reason}]"


def absent(name: str) -> Said:
    """A material of other policies."""
    return (
        f"{MATERIALS.get(name, name)}：此政策没有这份材料，任何人都不需要",
        f"{name}: not in this policy, nobody owes it",
    )


def condition(each: Condition, *, settled: bool) -> Said:
    """One condition, what the question says of it, and whether it holds. Settled: another one already does not."""
    zh, en = _TERMS[each.term]
    asks, has = each.asks, each.has
    if each.term == "locality":
        (where,) = asks
        asks_zh, asks_en = _LOCALITY[where]
    else:
        asks_zh, asks_en = "、".join(asks), ", ".join(asks)
    has_zh, has_en = ("、".join(has), ", ".join(has)) if has else _NOT_SAID
    zh_holds, en_holds = _MOOT if settled and each.holds is None else _HOLDS[each.holds]
    return (
        f"条件：{zh.format(asks=asks_zh, has=has_zh)}：{zh_holds}",
        f"condition: {en.format(asks=asks_en, has=has_en)}: {en_holds}",
    )


def branch(where: str, reason: Reason | None) -> Said:
    """What a condition about locality comes to, for each answer of the registry."""
    zh, en = _LOCALITY[where]
    if reason is None:
        return f"若是{zh}户籍：需要", f"if {en}: owed"
    return f"若是{zh}户籍：不需要", f"if {en}: not owed [{reason}]"


def first_round(who_is_local: Step, contracts: Mapping[str, Contract]) -> Said:
    """The question that is asked before those that hang on it."""
    zh, en = _asked(who_is_local, contracts)
    return (
        f"先查户籍地：{zh}；查不到时后面的照样查，只采信能免交的结果",
        f"first, who is local: {en}; if nobody can say, the rest is asked all the same and only a confirmation counts",
    )


def step(each: Step, contracts: Mapping[str, Contract]) -> Said:
    """One proof that would be asked for."""
    zh, en = _asked(each, contracts)
    join_zh, join_en = _joined(each.check.join)
    return f"第{each.round}轮查询：{zh}{join_zh}", f"asked in round {each.round}: {en}{join_en}"


def _asked(each: Step, contracts: Mapping[str, Contract]) -> Said:
    name, title = each.check.authority, contracts[each.check.authority].title
    channels = " + ".join(each.channels)
    return f"{title.zh}（{each.check.question}，{channels}）", f"{title.en} ({name}.{each.check.question}, {channels})"


_DIVERGENCE: Final[Mapping[str, Said]] = {
    "officer": ("结论不同由人工核查", "if they disagree, an officer checks"),
    "first": ("结论不同以排在前面的渠道为准", "if they disagree, the channel that stands first counts"),
    "best": ("结论不同以对申请人有利的为准", "if they disagree, what is best for the applicant counts"),
}


def _joined(join: Join | None) -> Said:
    if join is None:
        return "", ""
    delay = round(join.delay_seconds * 1000)
    zh, en = {
        "race": ("同时查询，先能免交的为准", "asked at once, the first confirmation settles it"),
        "after_delay": (
            f"{delay} 毫秒未答复再查下一个",
            f"the next one is asked when {delay} ms pass without an answer",
        ),
        "both_and_compare": ("同时查询并比对", "both are asked and compared"),
    }[join.mode]
    if_zh, if_en = _DIVERGENCE[join.on_divergence]
    return f"；{zh}；{if_zh}", f"; {join.mode}: {en}; {if_en}"


def counter(decision: Decision, disposition: Disposition) -> Said:
    """What the counter does for one verdict."""
    zh, en = _DISPOSITIONS[disposition]
    return f"{_DECISIONS[decision]}：{zh}", f"{decision}: {en} [{disposition}]"


def officer(may: Sequence[Decision]) -> Said:
    """What an officer's own finding may overrule."""
    if not may:
        return "人工核查结果不得推翻任何结论", "an officer's own finding may overrule nothing"
    zh, en = "、".join(_DECISIONS[each] for each in may), ", ".join(may)
    return f"人工核查结果可推翻：{zh}", f"an officer's own finding may overrule: {en}"
