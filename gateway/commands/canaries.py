"""`gateway canaries`: the lines of the file of canaries, made from identity numbers that this program keeps nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from gateway.commands.screen import Exit, failures, say, say_json
from gateway.contract.files import load
from gateway.errors import BrokenFiles, GatewayError, Problem
from gateway.installation import SETTINGS
from gateway.mapping import citizen_ids
from gateway.security.own_keys import read_epochs
from gateway.security.pseudonyms import PERSON, Pseudonyms
from gateway.settings import Settings


class NotANumber(GatewayError):
    """A line that is no identity number. The text says which line, and never what stands in it."""


def canaries(home: Path, lines: Iterable[str], as_json: bool) -> Exit:
    """Prints the pseudonym of each line's identity number. They come on standard input, so that no shell remembers them."""
    with failures():
        found = list(_pseudonyms(_made_with(home), lines))
    if as_json:
        say_json({"canaries": found})
        return Exit.DONE
    for pseudonym in found:
        say(pseudonym)
    return Exit.DONE


def _made_with(home: Path) -> Pseudonyms:
    # The settings alone: the file of canaries that they name may be the one that is made just now.
    problems: list[Problem] = []
    settings, _ = load(home / SETTINGS, Settings, problems)
    epochs = read_epochs(home, settings.keys, problems) if settings is not None else None
    if epochs is None:
        raise BrokenFiles(problems)
    return epochs.current.active


def _pseudonyms(pseudonyms: Pseudonyms, lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            citizen_id = citizen_ids.canonical(line.strip())
        except ValueError:
            citizen_id = ""
        if not citizen_id:  # outside the handler: its error would carry the line along
            raise NotANumber(f"line {number} is not an identity number (GB 11643)")
        yield pseudonyms.of(PERSON, citizen_id)
