"""How the epochs of pseudonyms are printed: a table in a terminal, lines elsewhere, a document for machines."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from rich.table import Table

from gateway.clock import CHINA
from gateway.commands.screen import console, say, say_json
from gateway.commands.tree import Said
from gateway.contract.epochs import Epoch, EpochsFile
from gateway.store.limits import BOUND_DAYS

_STYLES: Final = {"active": "green", "former": "yellow", "destroyed": "red"}
_STATES: Final[Mapping[str, str]] = {"active": "使用中", "former": "仅供查找", "destroyed": "已销毁"}


def summary(epoch: Epoch) -> dict[str, Any]:
    """One epoch for machines. `key` says where the key is; what it is, nothing here knows."""
    return epoch.model_dump(mode="json", exclude_none=True)


def show_list(epochs: EpochsFile, as_json: bool) -> None:
    """Every epoch, oldest first."""
    if as_json:
        say_json({"epochs": [summary(each) for each in epochs.epochs]})
        return
    if not console().is_terminal:
        for each in epochs.epochs:
            say("  ".join(_cells(each)))
        return
    table = Table(header_style="bold")
    for title in ("时期 epoch", "状态 state", "启用 since", "密钥所在 where", "销毁 destroyed"):
        table.add_column(title, overflow="fold")
    for each in epochs.epochs:
        table.add_row(*_cells(each), style=_STYLES[each.state])
    console().print(table)


def show_begun(made: Epoch, before: Epoch, as_json: bool) -> None:
    """What was begun, and what it means for the one before it."""
    if as_json:
        say_json({"done": "begun", "epoch": summary(made), "before": before.epoch})
        return
    _say(f"{made.epoch} 已启用，一秒内生效", f"{made.epoch} is active; gateways that run have it within a second")
    _say(f"{before.epoch} 仅供查找", f"{before.epoch} is still looked up, and nothing is written under it any more")
    _say(
        "请备份新密钥；诱饵名单请重新生成",
        "back the new key up, and make the file of canaries anew (`gateway canaries`)",
    )


def show_destroyed(epoch: Epoch, was_file: bool, as_json: bool) -> None:
    """What is no more, and what is left for people to do."""
    if as_json:
        say_json({"done": "destroyed", "epoch": summary(epoch), "key_destroyed": was_file})
        return
    _say(
        f"{epoch.epoch} 已销毁：此时期的记录再也无法对应到任何人",
        f"{epoch.epoch} is destroyed: nobody can tell any more about whom what was written under it is",
    )
    if was_file:
        _say("密钥文件已覆写并删除", "its key's file was overwritten and taken away")
    else:
        _say(f"请亲自销毁密钥 {epoch.key}", f"its key is not in a file of ours: destroy {epoch.key} yourself")
    _say(
        "密钥的所有备份和快照也必须销毁，否则历史并未终结",
        "every backup and snapshot of the key must be destroyed too: until then the history has not ended",
    )


def warn(epoch: Epoch, ended: datetime | None, now: datetime) -> None:
    """On standard error: what will be lost."""
    lines: list[Said] = [
        (
            f"销毁 {epoch.epoch} 不可恢复：此时期的人员、案件、回执摘要将永远无法核对",
            f"destroying {epoch.epoch} cannot be undone: people, cases and digests written under it can never be matched again",
        )
    ]
    days = (now - ended).days if ended is not None else 0
    if days < BOUND_DAYS:
        lines.append(
            (
                f"此时期 {days} 天前才停用：未满 {BOUND_DAYS} 天，其间的案件将不再绑定原申请人",
                f"it ended {days} days ago: before {BOUND_DAYS} days have passed, cases bound under it are no longer bound",
            )
        )
    for zh, en in lines:
        sys.stderr.write(f"{zh}\n{en}\n")


def _cells(each: Epoch) -> tuple[str, ...]:
    ended = "-" if each.destroyed_at is None else f"{_day(each.destroyed_at)} {each.reason or ''}".rstrip()
    return each.epoch, f"{_STATES[each.state]} {each.state}", _day(each.since), each.key, ended


def _say(zh: str, en: str) -> None:
    say(zh)
    say(en)


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"
