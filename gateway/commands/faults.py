"""`gateway faults`: arms, lists and clears faults of running mocks, through their admin API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

from gateway.commands.screen import Exit, failures, say, say_json
from gateway.errors import GatewayError

_TIMEOUT_SECONDS = 5.0


class NoAdmin(GatewayError):
    """The mocks of this folder have no admin API at a port that is known beforehand."""


def arm(home: Path, order: dict[str, Any], as_json: bool) -> Exit:
    """Arms one fault; `order` is the body of `POST /faults`."""
    given = {name: value for name, value in order.items() if value is not None}
    return _answered(home, "POST", "/faults", given, as_json, lambda told: [_line(told)])


def listed(home: Path, as_json: bool) -> Exit:
    """Everything that is armed."""
    return _answered(
        home,
        "GET",
        "/faults",
        None,
        as_json,
        lambda told: [_line(each) for each in told["faults"]] or ["nothing is armed"],
    )


def clear(home: Path, number: int | None, as_json: bool) -> Exit:
    """Disarms one, or all."""
    path = "/faults" if number is None else f"/faults/{number}"
    return _answered(home, "DELETE", path, None, as_json, lambda told: [f"cleared {told['cleared']}"])


def known(as_json: bool) -> Exit:
    """The vocabulary: no mocks need to run for it."""
    from mocks.faults import FAULTS

    if as_json:
        say_json({name: {"zh": fault.zh, "en": fault.en, "seconds": fault.seconds} for name, fault in FAULTS.items()})
    else:
        for name, fault in FAULTS.items():
            say(f"{name:<20} {fault.en}\n{'':<20} {fault.zh}")
    return Exit.DONE


def journal(home: Path, person: str | None, authority: str | None, last: int, as_json: bool) -> Exit:
    """What the mocks answered, and why."""
    query = {"person": person, "authority": authority, "last": str(last)}
    wanted = httpx.QueryParams({name: value for name, value in query.items() if value is not None})
    return _answered(home, "GET", f"/journal?{wanted}", None, as_json, _entries)


def _answered(home: Path, method: str, path: str, body: Any, as_json: bool, lines: Any) -> Exit:
    with failures():
        url, token = _admin(home)
        headers = {"Authorization": f"Bearer {token}"}
        try:
            with httpx.Client(trust_env=False, timeout=_TIMEOUT_SECONDS) as http:
                response = http.request(method, url + path, json=body, headers=headers)
            told = response.json()
        except (httpx.HTTPError, json.JSONDecodeError):
            say(f"no mocks answer at {url}: start them with 'gateway mocks --home {home}'")
            return Exit.UNDETERMINED
    if as_json:
        say_json(told)
    elif response.is_success:
        for line in lines(told):
            say(line)
    else:
        say(told["error"])
    return Exit.DONE if response.is_success else Exit.USAGE


def _admin(home: Path) -> tuple[str, str]:
    from mocks.settings import load_settings, token

    settings = load_settings(home)
    if settings.admin is None or settings.admin.port == 0:
        raise NoAdmin(f"{home / 'mocks.yaml'}: needs 'admin' with a port of its own and a token file")
    return f"http://127.0.0.1:{settings.admin.port}", token(home, settings.admin)


def _line(armed: dict[str, Any]) -> str:
    where = ".".join(filter(None, (armed["authority"], armed["channel"], armed["operation"])))
    steps = ", then ".join(_step(step) for step in armed["steps"])
    struck = f"struck {armed['struck']}, now at step {armed['step']}"
    return f"{armed['id']:>3}  {armed['person']:<4}  {where}  {steps}  ({struck})"


def _step(step: dict[str, Any]) -> str:
    told = [step["fault"]]
    if "times" in step:
        told.append("once" if step["times"] == 1 else f"{step['times']} times")
    if "lasting" in step:
        told.append(f"for {step['lasting']:g} s of the mocks' clock")
    if "seconds" in step:
        told.append(f"({step['seconds']:g} s)")
    return " ".join(told)


def _entries(told: dict[str, Any]) -> list[str]:
    found = []
    for entry in told["entries"]:
        where = ".".join(filter(None, (entry["authority"], entry["channel"], entry["operation"])))
        who = "+".join(entry["people"]) or "-"
        found.append(f"{entry['at']}  {who:<8} {where}  {entry['outcome']} ({entry['status']})")
        found += [f"    {line}" for line in entry["why"]]
    return found or ["nothing was asked yet"]
