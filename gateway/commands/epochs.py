"""`gateway epochs`: begins an epoch of pseudonyms, or destroys the key of a former one; and never shows a key."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from gateway.clock import Clock, SystemClock, from_unix
from gateway.commands import epoch_files, epochs_text, ring_files
from gateway.commands.acting import act
from gateway.commands.loops import run
from gateway.commands.screen import Exit, failures
from gateway.contract.epochs import Epoch, EpochsFile
from gateway.contract.files import load_or_raise
from gateway.errors import GatewayError
from gateway.installation import SETTINGS
from gateway.security import epoch_changes
from gateway.security.epoch_changes import NotPossible
from gateway.settings import Settings


class BadRequest(GatewayError):
    """What the command line says does not go together."""


def list_all(home: Path, as_json: bool) -> Exit:
    """Every epoch."""
    with failures():
        epochs_text.show_list(epoch_files.read(_path(home)), as_json)
    return Exit.DONE


def new(home: Path, name: str | None, as_json: bool, clock: Clock | None = None) -> Exit:
    """Makes a key and begins an epoch with it; gateways that run have it within a second."""
    with _possible(), ring_files.locked(_path(home).parent):
        epochs = epoch_files.read(_path(home))
        chosen = name if name is not None else _free_name(home, epochs)
        epoch_changes.require_free(epochs, chosen)
        before, made = epochs.active, epoch_files.made(home, chosen, _now(clock))
        epoch_files.write(_path(home), epoch_changes.begun(epochs, made))
        epochs_text.show_begun(made, before, as_json)
        return Exit.DONE
    return Exit.NO


def destroy(
    home: Path, name: str, reason: str | None, *, is_sure: bool, as_json: bool, clock: Clock | None = None
) -> Exit:
    """Ends the history of a former epoch. Asks whether, and why, where a person can answer.

    The ledger says it first, and the epoch is then written down as destroyed: a gateway that runs forgets the key within
    a second. A crash before that leaves an act that is not done yet, and running it again writes another; a crash before
    the key is gone leaves it where `doctor` sees it, and the command does the rest when it is run again.
    """
    with _possible():
        now, epoch = _now(clock), epoch_changes.destroyable(epoch_files.read(_path(home)), name)
        key = epoch_files.key_file(home, epoch)
        is_there = key is not None and key.exists()
        if epoch.state == "destroyed" and not is_there:
            raise NotPossible("this epoch was destroyed before")
        if not is_sure:
            _ask(epoch_files.read(_path(home)), epoch, now)
        why = reason or epoch.reason or _asked_reason()
        with ring_files.locked(_path(home).parent):
            changed = epoch_changes.destroyed(epoch_files.read(_path(home)), name, now, why)
            if epoch.state != "destroyed":
                run(act(home, "epoch_destroyed", {"epoch": name}, why, clock or SystemClock()))
            epoch_files.write(_path(home), changed)
            if key is not None and is_there:
                epoch_files.destroy(key)
        epochs_text.show_destroyed(next(each for each in changed.epochs if each.epoch == name), is_there, as_json)
        return Exit.DONE
    return Exit.NO


@contextmanager
def _possible() -> Iterator[None]:
    """Like `failures`; but what the epochs do not allow is the answer no."""
    with failures():
        try:
            yield
        except NotPossible as error:
            sys.stderr.write(f"{error}\n")
        except ValidationError as error:
            faults = error.errors(include_url=False, include_input=False)
            raise BadRequest("; ".join(fault["msg"].removeprefix("Value error, ") for fault in faults)) from None


def _path(home: Path) -> Path:
    return home / load_or_raise(home / SETTINGS, Settings).keys.epochs


def _now(clock: Clock | None) -> datetime:
    return from_unix(int((clock or SystemClock()).unix()))


def _free_name(home: Path, epochs: EpochsFile) -> str:
    """A name that no epoch and no file has."""
    taken, number = {each.epoch for each in epochs.epochs}, len(epochs.epochs) + 1
    while f"epoch-{number}" in taken or (home / "keys" / f"pseudonyms-epoch-{number}.key").exists():
        number += 1
    return f"epoch-{number}"


def _ask(epochs: EpochsFile, epoch: Epoch, now: datetime) -> None:
    """Raises BadRequest where nobody can answer, NotPossible where the answer is another one."""
    if not sys.stdin.isatty():
        raise BadRequest("it cannot be undone: say --yes")
    epochs_text.warn(epoch, epoch_changes.ended(epochs, epoch.epoch), now)
    sys.stderr.write(f"确认请输入 To go on, type {epoch.epoch}: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip() != epoch.epoch:
        raise NotPossible("未作任何更改 Nothing was changed")


def _asked_reason() -> str:
    if not sys.stdin.isatty():
        raise BadRequest("say why with --reason")
    sys.stderr.write("为什么销毁？ Why is it destroyed? ")
    sys.stderr.flush()
    return sys.stdin.readline().strip() or "not said"
