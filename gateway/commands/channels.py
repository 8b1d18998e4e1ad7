"""`gateway channels`: what is asked and what is not; drains a channel, forces its breaker open, or gives it back.

What is done here is durable, and in the ledger, before it takes effect; every gateway on the same store has it within a second.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.clock import Clock, SystemClock
from gateway.commands import acting, channels_text, moments
from gateway.commands.contracts import folder_of
from gateway.commands.loops import run
from gateway.commands.screen import Exit, failures
from gateway.contract.authority import Channel
from gateway.contract.files import load_or_raise
from gateway.contract.folders import load_authorities
from gateway.contract.words import unknown
from gateway.errors import GatewayError
from gateway.installation import SETTINGS
from gateway.ledger import holding
from gateway.settings import Settings
from gateway.store import holds
from gateway.store.holds import Hold, State
from gateway.store.snapshots import snapshot

MOST_CHARACTERS: Final = 200


class BadRequest(GatewayError):
    """What the command line says does not go together."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A hold as the command line gives it."""

    authority: str
    channel: str
    state: State
    until: str | None
    why: str | None
    who: str | None


def list_all(home: Path, as_json: bool, clock: Clock | None = None) -> Exit:
    """Every channel of the installation's contracts. Nothing is written."""
    with failures():
        now, channels = (clock or SystemClock()).unix(), _channels(home)
        with snapshot(home / load_or_raise(home / SETTINGS, Settings).ledger) as stored:
            held = {(hold.authority, hold.channel): hold for hold in stored.holds() if now < hold.until}
        standings = [
            channels_text.Standing(*key, channel, held.get(key), now) for key, channel in sorted(channels.items())
        ]
        channels_text.show_list(standings, as_json)
    return Exit.DONE


def take(home: Path, wanted: Wanted, as_json: bool, clock: Clock | None = None) -> Exit:
    """Takes a channel in hand. An earlier hold of it is over; its entry stands."""
    clock = clock or SystemClock()
    with failures():
        _require_known(home, wanted.authority, wanted.channel)
        now = int(clock.unix())
        until = _until(wanted.until, now)
        who, why = _plain("--who", wanted.who or acting.who()), _plain("--why", wanted.why or _asked_why())
        hold = Hold(wanted.authority, wanted.channel, wanted.state, who, why, now, until)
        run(_take(home, hold, clock))
        channels_text.show_taken(hold, as_json)
    return Exit.DONE


def give_back(
    home: Path,
    authority: str,
    channel: str,
    why: str | None,
    who: str | None,
    *,
    as_json: bool,
    clock: Clock | None = None,
) -> Exit:
    """Ends a hold. Where there is none: `NO`, and nothing is written."""
    clock = clock or SystemClock()
    with failures():
        _require_known(home, authority, channel)
        said_who, said_why = _plain("--who", who or acting.who()), _plain("--why", why or _asked_why())
        ended = run(_give_back(home, (authority, channel), said_who, said_why, clock))
        channels_text.show_given_back(authority, channel, ended, as_json)
    return Exit.DONE if ended is not None else Exit.NO


async def _take(home: Path, hold: Hold, clock: Clock) -> None:
    async with acting.beside(home, clock) as (store, _):
        await holding.hold(store, clock, acting.who(), hold)


async def _give_back(home: Path, key: tuple[str, str], who: str, why: str, clock: Clock) -> Hold | None:
    """The hold that this ended."""
    async with acting.beside(home, clock) as (store, _):
        now = clock.unix()
        stored = {(hold.authority, hold.channel): hold for hold in await store.read(holds.read) if now < hold.until}
        if (hold := stored.get(key)) is not None:
            await holding.resume(store, clock, acting.who(), hold, who, why)
        return hold


def _channels(home: Path) -> dict[tuple[str, str], Channel]:
    folders = load_authorities(folder_of(home))
    return {
        (name, key): channel for name, folder in folders.items() for key, channel in folder.contract.channels.items()
    }


def _require_known(home: Path, authority: str, channel: str) -> None:
    """A hold of a channel that is not there would take effect nowhere, and look as if it had."""
    known = _channels(home)
    if authority not in (authorities := {name for name, _ in known}):
        raise BadRequest(unknown("authority", authority, authorities))
    if (authority, channel) not in known:
        raise BadRequest(unknown("channel", channel, [key for name, key in known if name == authority]))


def _until(text: str | None, now: int) -> int:
    if text is None:
        raise BadRequest("say until when with --until: no hold is without an end")
    until = moments.until(text, now)
    if until <= now:
        raise BadRequest("--until has passed")
    if until - now > holds.MOST_SECONDS:
        raise BadRequest("--until is more than 30 days ahead: what is to stay out of use is a change of the policy")
    return until


def _plain(option: str, text: str) -> str:
    """One line that shows as it is read, in a terminal, a log and a ledger."""
    if not text.strip() or not text.isprintable() or len(text) > MOST_CHARACTERS:
        raise BadRequest(f"{option} takes one line of at most {MOST_CHARACTERS} characters")
    return text.strip()


def _asked_why() -> str:
    if not sys.stdin.isatty():
        raise BadRequest("say why with --why")
    sys.stderr.write("为什么？ Why? ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()
