"""What `gateway doctor` says about the epochs: which are there, what is left of destroyed ones, and canaries that sleep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gateway.commands import epoch_files
from gateway.commands.keys_checked import Row
from gateway.commands.screen import Exit
from gateway.contract.epochs import EpochsFile
from gateway.installation import Installation
from gateway.settings import command_name


def rows(found: Installation) -> Iterator[Row]:
    """One line for all epochs, then one for each thing that is not as it should be."""
    epochs = found.keys.epochs.current.file
    states = Counter(each.state for each in epochs.epochs)
    told = ", ".join(f"{states[state]} {state}" for state in ("former", "destroyed") if states[state])
    yield "epochs", f"{epochs.active.epoch} active" + (f", {told}" if told else ""), "", Exit.DONE
    for each in epochs.epochs:
        key = epoch_files.key_file(found.home, each)
        if each.state == "destroyed" and key is not None and key.exists():
            mend = f"run `{command_name()} epochs destroy {each.epoch}` again"
            yield "epochs", f"{each.epoch} is destroyed, and its key is still at {each.key}", mend, Exit.USAGE
    yield from _canaries(found.canaries, epochs)


def _canaries(canaries: frozenset[str], epochs: EpochsFile) -> Iterator[Row]:
    """Those of a former epoch are still seen; those of a destroyed one never again, and nobody can turn them into new ones."""
    made_under = Counter(canary.partition(":")[0] for canary in canaries)
    mend = f"make the file anew from the numbers: `{command_name()} canaries`"
    for each in epochs.epochs:
        count = made_under[each.epoch]
        if count and each.state == "destroyed":
            yield (
                "canaries",
                f"{count} were made under {each.epoch}, which is destroyed: nobody sees them",
                mend,
                Exit.USAGE,
            )
        elif count and each.state == "former":
            yield (
                "canaries",
                f"{count} were made under {each.epoch}: they are seen until it is destroyed",
                mend,
                Exit.DONE,
            )
