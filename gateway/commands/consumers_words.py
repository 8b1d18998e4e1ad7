"""What `gateway consumers` says, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.clock import CHINA
from gateway.commands.policy_words import MATERIALS
from gateway.commands.tree import Said
from gateway.contract.authority import Title
from gateway.contract.consumers import ConsumerFile, ConsumerKey, Grant, Term
from gateway.contract.policies import PolicyFile
from gateway.security.grants import Lack

SUSPENDED: Final = ("使用方已停用：任何密钥都不能签名（401 key）", "suspended: none of its keys may sign (401 key)")
BULK: Final = ("批量通道", "bulk lane")
SUSPENDED_STATE: Final = ("已停用", "suspended")
NO_KEY: Final = (
    "没有可用的密钥：任何请求都会被拒绝（401 key）",
    "no key of it may sign now: every request is refused (401 key)",
)
NO_GRANTS: Final = ("没有任何授权", "it has no grants at all")
ACCESSES: Final = ("可向本人出示查询记录", "may show people who asked about them")
FINDINGS: Final = ("工作人员可登记人工核查结果", "its officers may add what they found")
NO_CONSUMERS: Final = ("没有登记任何使用方", "there are no consumers")

KEY_STATES: Final[Mapping[str, Said]] = {
    "pending": ("待启用", "pending"),
    "active": ("有效", "active"),
    "retiring": ("即将退役", "retiring until"),
    "retired": ("已退役", "retired since"),
    "revoked": ("已吊销", "revoked"),
}
"""`retired` is what a retiring key is after its moment."""


def question(purpose: str, unit_code: str, policy: PolicyFile, today: str) -> Said:
    """What is asked, and on which day."""
    return (
        f"用途 {purpose}，受理单位 {unit_code}，政策 {policy.policy}，今天 {today}",
        f"purpose {purpose}, unit {unit_code}, under the policy {policy.policy}, today {today}",
    )


def not_for_this(purpose: str, policy: PolicyFile) -> Said:
    """The policy is not for this purpose, so nobody may ask."""
    names = ", ".join(policy.purposes)
    return (
        f"政策 {policy.policy} 只用于 {names}，不用于 {purpose}：谁都不得查询（403 scope）",
        f"the policy {policy.policy} is for {names} and not for {purpose}: nobody may ask (403 scope)",
    )


def consumer(file: ConsumerFile, is_allowed: bool, is_known: bool) -> Said:
    """One consumer and what comes of its request. One that is not even known gets another refusal."""
    if is_allowed:
        return f"✔ {file.consumer} {file.title.zh}：允许", f"  {file.consumer}, {file.title.en}: allowed"
    zh, en = ("整个请求被拒绝（403 scope）", "the whole request is refused (403 scope)") if is_known else ("", "")
    return (
        f"✘ {file.consumer} {file.title.zh}：不允许" + (f"，{zh}" if zh else ""),
        f"  {file.consumer}, {file.title.en}: forbidden" + (f", {en}" if en else ""),
    )


def granted(material: str, place: str) -> Said:
    """A material that a grant allows."""
    return f"✔ {name_of(material)}：{place} 的授权允许", f"  {material}: allowed by the grant at {place}"


def forbidden(material: str, place: str | None) -> Said:
    """A material that no grant allows, and the one that almost does."""
    near_zh, near_en = (f"，最接近的授权在 {place}", f"; the nearest grant is at {place}") if place else ("", "")
    return f"✘ {name_of(material)}：没有授权{near_zh}", f"  {material}: not granted{near_en}"


def lack(what: Lack, grant: Grant, purpose: str, material: str, unit_code: str) -> Said:
    """One thing that the nearest grant lacks."""
    regions, materials = ", ".join(grant.regions), ", ".join(grant.materials)
    said: Mapping[Lack, Said] = {
        "purpose": (
            f"用途 {purpose} 未授权，只授权了 {grant.purpose}",
            f"purpose {purpose} is not granted, only {grant.purpose}",
        ),
        "material": (f"材料 {material} 不在 {materials} 之内", f"material {material} is not among {materials}"),
        "region": (
            f"受理单位 {unit_code} 不在地区 {regions} 之内",
            f"unit {unit_code} is not in the regions {regions}",
        ),
        "not_yet": (f"{grant.since} 起才有效", f"begins only on {grant.since}"),
        "over": (f"已于 {grant.until} 到期", f"ran out on {grant.until}"),
    }
    return said[what]


def terms(grant: Grant) -> Said:
    """What a grant allows besides its materials."""
    return (
        f"用途 {grant.purpose}，地区 {'、'.join(grant.regions)}，{days(grant)[0]}",
        f"purpose {grant.purpose}, regions {', '.join(grant.regions)}, {days(grant)[1]}",
    )


def days(term: Term) -> Said:
    """From when until when."""
    if term.since is None and term.until is None:
        return "不限期", "without an end"
    zh = (f"{term.since} 起" if term.since else "") + (f"至 {term.until}（含）" if term.until else "")
    en = (f"from {term.since} " if term.since else "") + (f"until {term.until}, included" if term.until else "on")
    return zh, en


def disclosure(after_days: int) -> Said:
    """When the person is told."""
    return f"{after_days} 天后才告知本人", f"the person is told {after_days} days later"


def basis(ground: Title) -> Said:
    """On what legal ground."""
    return f"依据：{ground.zh}", f"legal basis: {ground.en}"


def key_state(key: ConsumerKey, now: float) -> tuple[str, Said, str]:
    """The state of a key at `now` (Unix seconds), its words, and the moment that belongs to it (the counters' time)."""
    at = key.until or key.revoked_at
    is_over = key.until is not None and key.until.timestamp() <= now
    state = "retired" if is_over else key.state
    when = "" if at is None else f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"
    return state, KEY_STATES[state], when


def name_of(material: str) -> str:
    """A material's Chinese name, or its word where none is known here."""
    return MATERIALS.get(material, material)
