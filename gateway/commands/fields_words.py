"""What `gateway policy fields` says, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from gateway.commands.policy_words import MATERIALS
from gateway.commands.tree import Said
from gateway.ledger.kept import Form

SOURCES: Final[Mapping[str, Said]] = {
    "person.citizen_id": ("公民身份号码", "citizen id"),
    "person.name": ("姓名", "name"),
    "other.citizen_id": ("监护人公民身份号码", "the guardian's citizen id"),
    "other.name": ("监护人姓名", "the guardian's name"),
    "as_of": ("申请日期", "application date"),
    "case_number": ("业务编号", "case number"),
    "purpose": ("用途", "purpose"),
    "operator.id": ("经办人编号", "operator id"),
    "operator.name": ("经办人姓名", "operator name"),
    "operator.unit_code": ("经办单位代码", "unit code"),
    "request_id": ("请求编号", "request id"),
    "requested_at": ("请求时间", "time of the request"),
    "walk.year": ("年度", "year"),
    "walk.page": ("分页标记", "page token"),
    "account": ("本系统账号", "our account"),
}
"""Where a field of a request comes from."""
_FORMS: Final[Mapping[Form, Said]] = {
    "pseudonym": ("假名", "as pseudonyms"),
    "digest": ("摘要", "as digests"),
    "plain": ("代码、编号与时间", "codes, numbers and times"),
}
WHO_IS_LOCAL: Final = ("判断是否本地户籍", "who is local")
KEPT: Final = (
    "留存（账本）：不存事实，不存姓名和身份号码",
    "kept in the ledger: no fact, no name, no identity number",
)
_NOTHING: Final = "无 nothing"


def policy(name: str) -> Said:
    """The head of the tree."""
    return f"政策 {name}：每项材料用到的字段", f"policy {name}: the fields behind each material"


def material(name: str) -> Said:
    return f"{MATERIALS.get(name, name)} {name}", f"material {name}"


def source(found: Mapping[str, Any]) -> Said:
    return f"{found['title']['zh']}：{found['question']}", f"{found['title']['en']}: {found['question']}"


def call(found: Mapping[str, Any]) -> Said:
    """One call, by channel, step and operation."""
    where = f"{found['channel']} / {found['step']}"
    return f"接口 {where}（{found['operation']}）", f"call {where} ({found['operation']})"


def asked(fields: Mapping[str, str]) -> Said:
    """What is sent: the field and what of ours stands in it."""
    zh, en = (", ".join(f"{path[1:]} ← {SOURCES[name][which]}" for path, name in fields.items()) for which in (0, 1))
    return f"发送：{zh}", f"asked with: {en}"


def read(fields: Mapping[str, str]) -> Said:
    """What is read: our word and their field."""
    return _listed("读取 read", (f"{fact} ← {path.rpartition('/')[2]}" for fact, path in fields.items()))


def compared(paths: Iterable[str]) -> Said:
    return _listed("仅核对、不保留 compared, then dropped", _fields(paths))


def never_read(paths: Iterable[str]) -> Said:
    return _listed("对方提供但从不读取 offered and never read", _fields(paths))


def kept(form: Form, members: Iterable[str]) -> Said:
    return _listed(" ".join(_FORMS[form]), members)


def released(members: Iterable[str]) -> Said:
    return _listed("返回业务系统 released to the consumer", members)


def _listed(what: str, names: Iterable[str]) -> Said:
    """Names of fields are the same in every language, so they stand once, under what they are in both."""
    return what, ", ".join(names) or _NOTHING


def _fields(paths: Iterable[str]) -> list[str]:
    return [path.rpartition("/")[2] for path in paths]
