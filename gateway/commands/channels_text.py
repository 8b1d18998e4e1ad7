"""How channels are printed: a table in a terminal, lines elsewhere, a document for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from rich.table import Table

from gateway.clock import CHINA, from_unix, rfc3339
from gateway.commands.screen import console, say, say_json
from gateway.contract.authority import Channel
from gateway.store.holds import Hold

State = Literal["in_use", "drained", "forced_open", "closed_window"]

_STATES: Final[Mapping[State, str]] = {
    "in_use": "使用中",
    "drained": "已停用",
    "forced_open": "已强制熔断",
    "closed_window": "非服务时间",
}
_STYLES: Final[Mapping[State, str]] = {
    "in_use": "green",
    "drained": "yellow",
    "forced_open": "red",
    "closed_window": "cyan",
}
_ALWAYS: Final = "全天 always"


@dataclass(frozen=True, slots=True)
class Standing:
    """One channel at `now` (Unix seconds); `hold` is one that has not ended."""

    authority: str
    name: str
    channel: Channel
    hold: Hold | None
    now: float

    @property
    def opens_at(self) -> float | None:
        """Of one outside its hours: when it answers again, where that is known."""
        return None if self.channel.hours is None else self.channel.hours.calendar().opens_at(self.now)

    @property
    def is_closed(self) -> bool:
        return self.channel.hours is not None and not self.channel.hours.calendar().is_open(self.now)

    @property
    def state(self) -> State:
        """What a question meets first."""
        if self.hold is not None:
            return _state(self.hold)
        return "closed_window" if self.is_closed else "in_use"


def show_list(standings: Sequence[Standing], as_json: bool) -> None:
    """Every channel, by name."""
    if as_json:
        say_json({"channels": [_document(each) for each in standings]})
        return
    if not console().is_terminal:
        for each in standings:
            say("  ".join(cell for cell in _cells(each) if cell))
        return
    table = Table(header_style="bold")
    for title in (
        "提供方 authority",
        "通道 channel",
        "状态 state",
        "起止 since, until",
        "何人、何故 who, why",
        "时间 hours",
        "并发、限额 places + quota",
    ):
        table.add_column(title, overflow="fold")
    for each in standings:
        table.add_row(*_cells(each), style=_STYLES[each.state])
    console().print(table)


def show_taken(hold: Hold, as_json: bool) -> None:
    """What was done, and what it means."""
    if as_json:
        say_json({"done": _state(hold), "authority": hold.authority, "channel": hold.channel, "hold": _held(hold)})
        return
    where, until = f"{hold.authority}.{hold.channel}", _moment(hold.until)
    say(f"{where} {_STATES[_state(hold)]}，至 {until}，一秒内生效")
    english = "is out of use" if hold.state == "drained" else "has its breaker forced open"
    say(f"{where} {english} until {until}; gateways that run have it within a second")
    say("提前恢复 to end it sooner: gateway channels resume " + f"{hold.authority} {hold.channel} --why ...")


def show_given_back(authority: str, channel: str, ended: Hold | None, as_json: bool) -> None:
    """That it is asked again; or that it was not held."""
    if as_json:
        done = "nothing" if ended is None else "resumed"
        say_json(
            {"done": done, "authority": authority, "channel": channel, "hold": None if ended is None else _held(ended)}
        )
    elif ended is None:
        say(f"{authority}.{channel} 未被停用，未作更改")
        say(f"{authority}.{channel} is not held; nothing was changed")
    else:
        say(f"{authority}.{channel} 已恢复使用，一秒内生效")
        say(f"{authority}.{channel} is asked again; gateways that run have it within a second")


def _document(each: Standing) -> dict[str, Any]:
    hours, opens = each.channel.hours, each.opens_at
    return {
        "authority": each.authority,
        "channel": each.name,
        "state": each.state,
        "hold": None if each.hold is None else _held(each.hold),
        "window_closed": each.is_closed,
        "opens_at": rfc3339(opens) if opens is not None and each.is_closed else None,
        "hours": None if hours is None else hours.model_dump(),
        "places": each.channel.places,
        "quota_per_hour": each.channel.quota_per_hour,
    }


def _held(hold: Hold) -> dict[str, Any]:
    return {"who": hold.who, "why": hold.why, "since": rfc3339(hold.since), "until": rfc3339(hold.until)}


def _cells(each: Standing) -> tuple[str, ...]:
    hold, hours, opens = each.hold, each.channel.hours, each.opens_at
    times = who = ""
    if hold is not None:
        times, who = f"{_moment(hold.since)} - {_moment(hold.until)}", f"{hold.who}: {hold.why}"
    elif each.is_closed:
        times = "-" if opens is None else f"- {_moment(opens)}"
    told = _ALWAYS if hours is None else "; ".join(f"{days} {' '.join(spans)}" for days, spans in hours.week.items())
    quota = f"{each.channel.places} + {each.channel.quota_per_hour}/h"
    return each.authority, each.name, f"{_STATES[each.state]} {each.state}", times, who, told, quota


def _state(hold: Hold) -> State:
    return "drained" if hold.state == "drained" else "forced_open"


def _moment(unix: float) -> str:
    return f"{from_unix(unix).astimezone(CHINA):%Y-%m-%d %H:%M}"
