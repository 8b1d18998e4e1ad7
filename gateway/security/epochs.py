"""The epochs as they are in force: read strictly from their file, with the pseudonyms of each that still has a key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway import watching
from gateway.contract.epochs import Epoch, EpochsFile
from gateway.contract.files import Document, load
from gateway.errors import BrokenFiles, GatewayError, Problem
from gateway.security import references
from gateway.security.epoch_changes import ended
from gateway.security.pseudonyms import Pseudonyms

TAKEN_UP_SECONDS = 2
"""Within these every running gateway writes under the epoch that the file calls active."""


@dataclass(frozen=True, slots=True)
class Epochs:
    """Every epoch, and the pseudonyms of those that have a key."""

    file: EpochsFile
    keyed: Mapping[str, Pseudonyms]
    """By name: the active one first, then the newest."""
    problems: tuple[Problem, ...] = ()
    """Why an epoch makes pseudonyms by the key that it had before, or none."""

    @property
    def active(self) -> Pseudonyms:
        return self.keyed[self.file.active.epoch]

    @property
    def known_since(self) -> float | None:
        """As `Pseudonyms.known_since`."""
        lost = [each.epoch for each in self.file.epochs if each.epoch not in self.keyed]
        ends = [end for name in lost if (end := ended(self.file, name)) is not None]
        return max(ends).timestamp() + TAKEN_UP_SECONDS if ends else None


class EpochReader:
    """Reads the epochs of one installation, again and again.

    The first reading is strict. After it the states in a sound file count at once: a key that cannot be read stands in
    the way of no other's destruction, and an epoch goes on by the key that it had, never by another one.
    """

    def __init__(self, home: Path, file: str) -> None:
        self._home = home
        self._path = home / file
        self._last: Epochs | None = None

    def stamp(self) -> object:
        """As `Watched` wants it. While a key has a problem no two are equal: what could not be read is tried again."""
        return watching.stamp_again(self._path, was_good=self._last is None or not self._last.problems)

    def read(self) -> Epochs:
        """Raises BrokenFiles, with every problem of the file and of the keys that it names.

        That is where the file is not sound, where the active epoch has no key, and on the first time for any problem.
        """
        problems: list[Problem] = []
        file, document = load(self._path, EpochsFile, problems)
        if file is None:
            raise BrokenFiles(problems)
        problems += faults(file, document)
        if problems:
            raise BrokenFiles(problems)
        keyed = dict(self._keyed(file, document, problems))
        if file.active.epoch not in keyed or (problems and self._last is None):
            raise BrokenFiles(problems)
        self._last = Epochs(file, keyed, tuple(problems))
        return self._last

    def _keyed(self, file: EpochsFile, document: Document, problems: list[Problem]) -> Iterator[tuple[str, Pseudonyms]]:
        places = {each.epoch: number for number, each in enumerate(file.epochs)}
        alive = [each for each in reversed(file.epochs) if each.state != "destroyed"]
        for each in sorted(alive, key=lambda one: one.state != "active"):
            held = self._last.keyed.get(each.epoch) if self._last is not None else None
            try:
                found = pseudonyms_of(self._home, each)
                if held is not None and found != held:
                    raise ValueError("is another key than before: an epoch has one key for ever")
                yield each.epoch, found
            except (GatewayError, ValueError) as error:
                problems.append(document.problem(("epochs", places[each.epoch], "key"), str(error)))
                if held is not None:
                    yield each.epoch, held


class Living(Pseudonyms):
    """Of whichever epoch is active now: what makes pseudonyms lives longer than an epoch."""

    __slots__ = ("_epochs",)

    def __init__(self, epochs: Callable[[], Epochs]) -> None:
        self._epochs = epochs

    def now(self) -> Pseudonyms:
        """As `Pseudonyms.now`."""
        return self._epochs().active

    def every(self, domain: str, value: str) -> tuple[str, ...]:
        """As `Pseudonyms.every`."""
        return tuple(each.of(domain, value) for each in self._epochs().keyed.values())

    def under(self, epoch: str) -> Pseudonyms | None:
        """As `Pseudonyms.under`."""
        return self._epochs().keyed.get(epoch)

    def known_since(self) -> float | None:
        """As `Pseudonyms.known_since`."""
        return self._epochs().known_since

    def __repr__(self) -> str:
        return f"Living({self.now()!r})"


def pseudonyms_of(home: Path, epoch: Epoch) -> Pseudonyms:
    """Those of one epoch. Raises UnusableReference, ValueError: never with what was read."""
    return Pseudonyms.read(epoch.epoch, references.read(home, epoch.key))


def faults(file: EpochsFile, document: Document) -> Iterator[Problem]:
    """What is wrong with the epochs as they stand in their file, wherever the keys are."""
    names: set[str] = set()
    keys: set[str] = set()
    active = [number for number, each in enumerate(file.epochs) if each.state == "active"]
    for number, each in enumerate(file.epochs):
        if each.epoch in names:
            yield document.problem(("epochs", number, "epoch"), "this epoch stands twice")
        elif each.key in keys:
            yield document.problem(("epochs", number, "key"), "is the key of another epoch: they would end together")
        names.add(each.epoch)
        keys.add(each.key)
    if not active:
        yield document.problem(("epochs",), "no epoch is active, so nothing could be written")
    yield from (
        document.problem(("epochs", number, "state"), "another epoch is active already") for number in active[1:]
    )
