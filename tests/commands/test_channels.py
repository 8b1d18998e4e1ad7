"""`gateway channels` as a person runs it: what it prints, what it refuses, and what it leaves in the ledger."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from gateway.clock import SystemClock
from gateway.commands import acting, channels, moments
from gateway.commands.channels import Wanted
from gateway.commands.cli import app
from gateway.commands.screen import Exit
from gateway.store.holds import MOST_SECONDS

QUERY = ("social_insurance", "query")
WHY = ("--why", "the department moves its servers")


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["channels", *arguments, "--home", str(home)])


def listed(home: Path) -> dict[tuple[str, str], dict[str, Any]]:
    found = json.loads(run(home, "list", "--json").stdout)["channels"]
    return {(each["authority"], each["channel"]): each for each in found}


def acts(home: Path) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(home / "ledger.sqlite3")) as connection:
        bodies = connection.execute("SELECT body FROM entry ORDER BY place").fetchall()
    return [json.loads(body) for (body,) in bodies]


def test_every_channel_is_in_use_at_first(home: Path) -> None:
    found = listed(home)
    assert {each["state"] for each in found.values()} == {"in_use"}
    assert found[QUERY]["quota_per_hour"] == 1000
    assert (found[QUERY]["hold"], found[QUERY]["hours"], found[QUERY]["opens_at"]) == (None, None, None)
    assert "social_insurance  query  使用中 in_use  全天 always  16 + 1000/h" in run(home, "list").stdout
    assert acts(home) == []  # looking is not acting


@pytest.mark.parametrize(
    ("command", "state", "act"),
    [("drain", "drained", "channel_drained"), ("open", "forced_open", "channel_forced_open")],
)
def test_a_channel_is_taken_in_hand_and_given_back(home: Path, command: str, state: str, act: str) -> None:
    result = run(home, command, *QUERY, *WHY, "--until", "2h", "--who", "duty officer")
    assert result.exit_code == Exit.DONE, result.output
    assert "gateways that run have it within a second" in result.stdout
    assert "一秒内生效" in result.stdout
    held = listed(home)[QUERY]
    assert (held["state"], held["hold"]["who"], held["hold"]["why"]) == (state, "duty officer", WHY[1])
    assert "duty officer: the department moves its servers" in run(home, "list").stdout
    assert listed(home)["social_insurance", "share"]["state"] == "in_use"

    result = run(home, "resume", *QUERY, "--why", "they are back", "--json")
    assert (result.exit_code, json.loads(result.stdout)["done"]) == (Exit.DONE, "resumed")
    assert listed(home)[QUERY]["state"] == "in_use"

    taken, back = acts(home)
    assert (taken["kind"], taken["act"], taken["who"], taken["why"]) == ("act", act, acting.who(), WHY[1])
    details = {"authority": QUERY[0], "channel": QUERY[1], "state": "drained" if command == "drain" else "open"}
    assert taken["details"] == {**details, "until": held["hold"]["until"], "who": "duty officer"}
    assert (back["act"], back["why"]) == ("channel_resumed", "they are back")
    assert back["details"] == {**details, "until": held["hold"]["until"], "who": acting.who()}


def test_a_channel_that_is_not_held_is_not_given_back(home: Path) -> None:
    result = run(home, "resume", *QUERY, *WHY)
    assert (result.exit_code, "is not held" in result.stdout) == (Exit.NO, True)
    assert acts(home) == []


class Later(SystemClock):
    """So much later than it is."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def unix(self) -> float:
        return super().unix() + self.seconds


def test_a_hold_that_has_ended_is_none(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(home, "drain", *QUERY, *WHY, "--until", "30m")
    assert channels.list_all(home, True, Later(1801)) is Exit.DONE
    assert {each["state"] for each in json.loads(capsys.readouterr().out)["channels"]} == {"in_use"}
    assert channels.give_back(home, *QUERY, "x", None, as_json=True, clock=Later(1801)) is Exit.NO
    assert [each["act"] for each in acts(home)] == ["channel_drained"]  # an end by itself needs no entry


def test_the_later_of_two_holds_stands(home: Path) -> None:
    run(home, "drain", *QUERY, *WHY, "--until", "1d")
    result = run(home, "open", *QUERY, "--why", "and worse", "--until", "30m", "--json")
    assert json.loads(result.stdout)["done"] == "forced_open"
    assert listed(home)[QUERY]["hold"]["why"] == "and worse"
    assert [each["act"] for each in acts(home)] == ["channel_drained", "channel_forced_open"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("drain", "social_insurence", "query", *WHY, "--until", "2h"), "did you mean 'social_insurance'?"),
        (("drain", "social_insurance", "qery", *WHY, "--until", "2h"), "did you mean 'query'?"),
        (("resume", "social_insurance", "x", *WHY), "unknown channel; known here: query, share"),
        (("drain", *QUERY, *WHY), "no hold is without an end"),
        (("drain", *QUERY, *WHY, "--until", "31d"), "more than 30 days ahead"),
        (("drain", *QUERY, *WHY, "--until", "2026-01-01T00:00:00+08:00"), "--until has passed"),
        (("drain", *QUERY, *WHY, "--until", "tomorrow"), "--until takes 30m, 2h or 1d"),
        (("drain", *QUERY, "--until", "2h"), "say why with --why"),
        (("drain", *QUERY, "--why", " ", "--until", "2h"), "--why takes one line"),
        (("drain", *QUERY, "--why", "a\x1b[2Jb", "--until", "2h"), "--why takes one line"),
        (("open", *QUERY, *WHY, "--who", "x" * 201, "--until", "2h"), "--who takes one line"),
        (("resume", *QUERY), "say why with --why"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing(home: Path, arguments: tuple[str, ...], said: str) -> None:
    result = run(home, *arguments)
    assert (result.exit_code, said in result.stderr) == (Exit.USAGE, True), result.output
    assert acts(home) == []
    assert {each["state"] for each in listed(home).values()} == {"in_use"}


def test_without_a_ledger_nothing_is_listed(home: Path) -> None:
    (home / "ledger.sqlite3").unlink()
    assert run(home, "list").exit_code == Exit.USAGE
    wanted = Wanted(*QUERY, "drained", "2h", "x", None)
    with pytest.raises(SystemExit):
        channels.take(home, wanted, as_json=True)
    assert not (home / "ledger.sqlite3").exists()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30m", 1800),
        ("2h", 7200),
        ("30d", MOST_SECONDS),
        ("2026-10-01T18:00:00+08:00", None),
        ("2026-10-01T10:00:00Z", None),
        ("2026-10-01t10:00:00.9Z", None),
    ],
)
def test_until_is_a_moment_or_how_long(text: str, seconds: int | None) -> None:
    moment = datetime(2026, 10, 1, 10, tzinfo=UTC).timestamp()
    assert moments.until(text, 1000.7) == (moment if seconds is None else 1000 + seconds)


@pytest.mark.parametrize(
    "text", ["", "2", "0h", "h", "-2h", "2w", "1.5h", "2026-10-01", "2026-10-01T18:00:00", "2026-02-30T00:00:00Z", "٣h"]
)
def test_what_is_no_moment_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="--until takes") as raised:
        moments.until(text, 0)
    assert not text or f"{text!r}" not in str(raised.value)
