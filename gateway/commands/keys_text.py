"""How the gateway's own keys are printed: a table in a terminal, lines elsewhere, a document for machines."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from rich.table import Table

from gateway.clock import CHINA
from gateway.commands.screen import console, say, say_json
from gateway.commands.tree import Said
from gateway.contract.ring import RingFile, RingKey
from gateway.errors import BrokenFiles
from gateway.settings import command_name

_STYLES: Final = {"active": "green", "retiring": "yellow", "pending": "cyan", "revoked": "red"}
_STATES: Final[Mapping[str, str]] = {"pending": "待启用", "active": "使用中", "retiring": "退役中", "revoked": "已吊销"}
_USES: Final[Mapping[str, str]] = {
    "answers": "应答签名",
    "receipts": "回执签名",
    "checkpoints": "账本检查点",
    "outbound": "对外请求",
}


@dataclass(frozen=True, slots=True)
class Done:
    """What a command did to a key, and which other key it touched: the one before it, or the one after it."""

    what: Literal["made", "rotated", "revoked"]
    key: RingKey
    other: RingKey | None = None


def summary(key: RingKey) -> dict[str, Any]:
    """One key for machines. `key` says where the private half is; what it is, nothing here knows."""
    return key.model_dump(mode="json", exclude_none=True, exclude={"public_key"})


def show_list(ring: RingFile, as_json: bool) -> None:
    """Every key."""
    if as_json:
        say_json({"keys": [summary(key) for key in ring.keys]})
        return
    if not console().is_terminal:
        for key in ring.keys:
            say("  ".join(_cells(key)))
        return
    table = Table(header_style="bold")
    titles = ("用途 use", "编号 id", "算法 alg", "状态 state", "创建 created", "到期 expires", "私钥所在 where")
    for title in titles:
        table.add_column(title, overflow="fold")
    for key in ring.keys:
        table.add_row(*_cells(key), style=_STYLES[key.state])
    console().print(table)


def _cells(key: RingKey) -> tuple[str, ...]:
    state = f"{_STATES[key.state]} {key.state}"
    moment = key.until or key.revoked_at
    if moment is not None:
        state += f" {_day(moment)}"
    expires = _day(key.expires) if key.expires is not None else "-"
    return f"{_USES[key.use]} {key.use}", key.id, key.alg, state, _day(key.created), expires, key.key


def show_done(done: Done, as_json: bool) -> None:
    """What was done, and what comes next."""
    if as_json:
        other = summary(done.other) if done.other is not None else None
        say_json({"done": done.what, "key": summary(done.key), "other": other})
        return
    for zh, en in _sentences(done):
        say(zh)
        say(f"  {en}")


def warn_unusable(problems: BrokenFiles) -> None:
    """Of other keys than the one that was changed."""
    sys.stderr.write(
        "更改已生效，但下列密钥现在不能用：运行中的网关沿用原有的，重新启动会失败\n"
        "  the change counts, but these keys cannot be used now: a running gateway goes on with what it has, none can start\n"
        f"{problems}\n"
    )


def _sentences(done: Done) -> Iterator[Said]:
    key, other = done.key, done.other
    if done.what == "made":
        yield (
            f"新密钥 {key.id} 已生成，待启用；私钥在 {key.key}",
            f"{key.id} is made and pending; private half: {key.key}",
        )
        yield _hand_out(key)
        yield (
            f"对方都换上以后：{command_name()} keys rotate {key.use}",
            f"once everybody has it: {command_name()} keys rotate {key.use}",
        )
    elif done.what == "rotated":
        yield (
            f"{key.id} 现在签名，运行中的网关一秒内生效",
            f"{key.id} signs now; a running gateway has it within a second",
        )
        if other is not None and other.until is not None:
            yield (
                f"{other.id} 不再签名，其签名在 {_day(other.until)} 之前仍有效",
                f"{other.id} signs no longer; what it signed counts until {_day(other.until)}",
            )
    else:
        yield f"{key.id} 已吊销，其签名一律无效", f"{key.id} is revoked: nothing that it signed counts"
        if other is not None:
            yield f"{other.id} 立即接替签名", f"{other.id} signs in its place from now on"
        yield _hand_out(key)


def _hand_out(key: RingKey) -> Said:
    partner = ("各部门", "the authorities") if key.use == "outbound" else ("各使用方", "the consumers")
    command = f"{command_name()} keys export" + (" --use outbound" if key.use == "outbound" else "")
    return (
        f"请把公钥文档交给{partner[0]}：{command} > gateway-keys.json",
        f"give {partner[1]} the public document: {command} > gateway-keys.json",
    )


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"
