"""What `gateway demo` prints: a table in a terminal, plain lines elsewhere, one document for machines."""

from __future__ import annotations

from typing import Any

from rich.table import Table
from rich.text import Text

from gateway.client import Material
from gateway.commands.asking import COLOURS
from gateway.commands.demo import AS_OF, Played, in_sm2
from gateway.commands.screen import console, say
from gateway.settings import command_name

_VERDICTS = {
    "confirmed": "属实",
    "contradicted": "不符",
    "no_record": "无记录",
    "undetermined": "待人工核查",
    "not_applicable": "不需要",
}
_COUNTER = {
    "waived": ("免交", "waived"),
    "paper_required": ("请提供纸质材料", "bring the paper"),
    "officer_check": ("人工核查", "an officer checks"),
    "not_applicable": ("-", "-"),
}
_MATERIALS = {
    "guardianship_proof": ("监护关系证明", "guardianship proof"),
    "residence_permit": ("居住证", "residence permit"),
    "social_insurance_proof": ("社会保险证明", "social insurance proof"),
}
_NEXT = (
    ("init mygateway", "新建配置、密钥和空账本 / configuration, keys, an empty ledger"),
    ("mocks --home mygateway", "各部门模拟服务 / every authority as a mock"),
    ("serve --home mygateway", "网关 / the gateway"),
    ("verify --home mygateway mygateway/question.json", "提问并验签 / ask, and check the answer"),
)


def document(played: list[Played]) -> dict[str, Any]:
    """The same for machines. People by key, never by number or name."""
    return {"as_of": AS_OF, "in_sm2": in_sm2(), "scenes": [_entry(one) for one in played]}


def _entry(one: Played) -> dict[str, Any]:
    entry: dict[str, Any] = {"subject": one.scene.subject, "guardian": one.scene.guardian, "down": one.scene.without}
    if one.problem is not None:
        return entry | {"refused": one.problem.code, "status": one.problem.status}
    assert one.answer is not None
    return entry | {"answer": one.answer.raw}


def show(played: list[Played]) -> None:
    """The table, or lines where nobody looks at a terminal; then how to go on."""
    screen = console()
    if screen.is_terminal:
        screen.print(_table(played, wide=screen.width >= 120))
    else:
        for one in played:
            say(_line(one))
    answered = sum(one.answer is not None for one in played)
    refused = len(played) - answered
    say(f"\n{answered} 个问题已签名、已答复、已记账；{refused} 个重放被拒绝。")
    say(f"{answered} questions signed, answered and on record; {refused} replay refused.")
    say(_suites() + "\n")
    say("接着试 / how to go on:")
    for words, what in _NEXT:
        say(f"  {command_name()} {words}\n      {what}")


def _suites() -> str:
    if not in_sm2():
        return (
            "国密 SM2 未安装，全部使用国际算法（pip install gmssl-pyx）。\nSM2 is not installed: pip install gmssl-pyx."
        )
    return (
        f"{', '.join(in_sm2())}（居住证）的查询和答复均以国密 SM2-SM3 签名。\n"
        f"{', '.join(in_sm2())} was asked, and answered, under SM2-SM3 signatures."
    )


def _table(played: list[Played], *, wide: bool) -> Table:
    table = Table(title=f"窗口核验演示 / a day at the counter, {AS_OF}", title_justify="left", show_lines=True)
    table.add_column("申请人 applicant", no_wrap=True)
    table.add_column("材料 material")
    table.add_column("结论 verdict")
    table.add_column("窗口 counter")
    if wide:
        table.add_column("说明 why", ratio=1, overflow="fold")
    for one in played:
        table.add_row(*_cells(one)[: 5 if wide else 4])
    return table


def _cells(one: Played) -> list[Text]:
    who = Text(f"{one.scene.subject} {one.subject.name}")
    if one.guardian is not None:
        who.append(f"\n{one.scene.guardian} {one.guardian.name}", "dim")
    zh, en = _MATERIALS[one.scene.material]
    material = Text.assemble(zh, (f"\n{en}", "dim"))
    if one.problem is not None:
        refused = Text.assemble(("已拒绝\nrefused", "magenta"))
        why = Text.assemble("同一请求再次发送（重放）", ("\nthe same signed request again: replay, HTTP 409", "dim"))
        return [who, material, refused, Text(one.problem.code), why]
    answered = _material(one)
    zh, en = _COUNTER[answered.disposition]
    verdict = Text.assemble(
        (_VERDICTS[answered.verdict], COLOURS[answered.verdict]), (f"\n{answered.verdict}", COLOURS[answered.verdict])
    )
    zh_why, en_why = _found(answered)
    why = Text.assemble(zh_why, (f"\n{en_why}", "dim"), ("\n" + "\n".join(_asked(answered)), "cyan"))
    if one.scene.without:
        why.append(f"\n演示中已停 / stopped for this scene: {one.scene.without}", "yellow")
    return [who, material, verdict, Text.assemble(zh, (f"\n{en}", "dim")), why]


def _found(answered: Material) -> tuple[str, str]:
    """The first sentence of the message, what was found; what to do next stands in the counter's column."""
    return answered.message.zh.partition("。")[0] + "。", answered.message.en.partition(". ")[0].rstrip(".") + "."


def _asked(answered: Material) -> list[str]:
    """Who was asked, what came of it, and how long it took."""
    said = [
        f"{source.authority}.{source.channel} {source.status}, {source.elapsed_ms} ms" for source in answered.sources
    ]
    return said or ["未查询 / nobody was asked"]


def _line(one: Played) -> str:
    who = one.scene.subject + (f"+{one.scene.guardian}" if one.scene.guardian else "")
    if one.problem is not None:
        return f"{who:<8} {one.scene.material:<22} refused: {one.problem.code} (the same signed request again)"
    answered = _material(one)
    down = f" [{one.scene.without} down]" if one.scene.without else ""
    head = f"{who:<8} {answered.material:<22} {answered.verdict:<14} {answered.disposition:<15} {answered.reason}{down}"
    return "\n         ".join((head, *_found(answered), ", ".join(_asked(answered))))


def _material(one: Played) -> Material:
    assert one.answer is not None
    return one.answer.materials[0]
