"""The ring as it is in force: read strictly from its file, with a holder for every key that signs now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway import watching
from gateway.contract.authority import Suite
from gateway.contract.files import Document, load
from gateway.contract.ring import Algorithm, RingFile, RingKey, Use
from gateway.errors import BrokenFiles, ConfigFault, GatewayError, Problem
from gateway.security import keys, references
from gateway.security.holders import InProcess, KeyHolder
from gateway.security.signatures import SignatureRefused, Verifier
from gateway.security.signer_process import PROBE, OverSocket
from gateway.settings import command_name, signer_at

Slot = tuple[Use, Suite | None]
"""What one key at a time is active for: a use; of requests to authorities, a use in one suite."""

ANSWERS: Final[Slot] = ("answers", None)
RECEIPTS: Final[Slot] = ("receipts", None)
CHECKPOINTS: Final[Slot] = ("checkpoints", None)


@dataclass(frozen=True, slots=True)
class Ring:
    """Every key, and of the active ones who holds them."""

    file: RingFile
    document: Document
    holders: Mapping[Slot, KeyHolder]
    problems: tuple[Problem, ...] = ()
    """Why a key that is active does not sign, or signs by the holder that it had before."""

    def lacking(self) -> Iterator[Problem]:
        """What a gateway needs a key for and has none."""
        for needed in (ANSWERS, RECEIPTS, CHECKPOINTS):
            if needed not in self.holders:
                yield self.document.problem(("keys",), _missing(needed))

    def expired(self, now: float) -> Iterator[Problem]:
        """Active keys that had to be replaced before `now` (Unix seconds)."""
        for number, key in enumerate(self.file.keys):
            if key.state == "active" and key.expires is not None and key.expires.timestamp() <= now:
                mend = f"run `{command_name()} keys new {key.use}`, then `{command_name()} keys rotate {key.use}`"
                yield self.document.problem(("keys", number, "expires"), f"the key {key.id!r} has expired: {mend}")


class RingReader:
    """Reads the ring of one installation, again and again.

    The first reading is strict. After it the states in a sound file always count, so that a key that cannot be read stands
    in the way of no other's revocation. What once had an active key must go on having one; else that is a problem.
    """

    def __init__(self, home: Path, file: str) -> None:
        self._home = home
        self._path = home / file
        self._needed: frozenset[Slot] = frozenset({ANSWERS})
        self._last: Ring | None = None

    def stamp(self) -> object:
        """As `Watched` wants it. While a key has a problem no two are equal: what could not be read is tried again."""
        return watching.stamp_again(self._path, was_good=self._last is None or not self._last.problems)

    def read(self) -> Ring:
        """Raises BrokenFiles, with every problem of the file and of the keys that it names.

        That is where the file is not sound, where nobody would sign answers, and on the first time for any problem.
        """
        problems: list[Problem] = []
        file, document = load(self._path, RingFile, problems)
        if file is None:
            raise BrokenFiles(problems)
        problems += faults(file, document)
        is_sound, holders = not problems, self._holders(file, document, problems)
        if not is_sound or ANSWERS not in holders or (problems and self._last is None):
            raise BrokenFiles(problems)
        self._needed |= set(holders)
        self._last = Ring(file, document, holders, tuple(problems))
        return self._last

    def _holders(self, file: RingFile, document: Document, problems: list[Problem]) -> dict[Slot, KeyHolder]:
        """Of every active key, as far as there is one. Of the others the private half may be destroyed."""
        holders: dict[Slot, KeyHolder] = {}
        told = {problem.text for problem in problems}
        active = {number: key for number, key in enumerate(file.keys) if key.state == "active"}
        for number, key in active.items():
            try:
                holders[slot(key)] = holder_of(self._home, key)
            except (GatewayError, ValueError) as error:
                if str(error) not in told:
                    problems.append(document.problem(("keys", number, "key"), str(error)))
                if (before := self._held(key)) is not None:
                    holders[slot(key)] = before
        missing = sorted(self._needed - {slot(key) for key in active.values()})
        problems += (document.problem(("keys",), _missing(each)) for each in missing)
        return holders

    def _held(self, key: RingKey) -> KeyHolder | None:
        """Who signed with this very key until now."""
        if self._last is None or not any(
            (was.id, was.public_key) == (key.id, key.public_key) for was in self._last.file.keys
        ):
            return None
        holder = self._last.holders.get(slot(key))
        return holder if holder is not None and holder.keyid == key.id else None


class Active:
    """Signs with the key that is active for requests to authorities in one suite: what signs lives longer than a key.

    Raises ConfigFault: there is none now.
    """

    def __init__(self, ring: Callable[[], Ring], suite: Suite) -> None:
        self._ring = ring
        self._slot: Slot = ("outbound", suite)

    @property
    def keyid(self) -> str:
        return self._holder.keyid

    @property
    def alg(self) -> str:
        return self._holder.alg

    def sign(self, data: bytes) -> bytes:
        return self._holder.signer.sign(data)

    @property
    def _holder(self) -> InProcess:
        holder = self._ring().holders.get(self._slot)
        if holder is None:
            raise ConfigFault(f"no key of ours signs {told(self._slot)} now")
        assert isinstance(holder, InProcess)  # the file's model allows no other for this use
        return holder

    def __repr__(self) -> str:
        return f"Active({self._slot!r})"


def slot(key: RingKey) -> Slot:
    """What the key is, was or will be active for."""
    return key.use, suite_of(key.alg) if key.use == "outbound" else None


def suite_of(alg: Algorithm) -> Suite:
    """The suite whose keys have this algorithm."""
    return "sm" if alg in keys.SUITES["sm"] else "international"


def holder_of(home: Path, key: RingKey) -> KeyHolder:
    """Who signs with this key; a private half that is here is read, and must belong to the public one.

    Raises:
        UnusableKey, UnusableReference: with the key's id or the reference, never with what was read.
    """
    verifier = _verifier(key)
    elsewhere = signer_at(key.key)
    if elsewhere is not None:
        return OverSocket(verifier, *elsewhere)
    signer = keys.signer(key.id, references.read(home, key.key))
    try:
        if signer.alg != verifier.alg:
            raise SignatureRefused("alg_mismatch", "another algorithm")
        verifier.verify(signer.sign(PROBE), PROBE)
    except SignatureRefused:
        raise keys.UnusableKey(f"key {key.id!r}: the private half is not that of public_key") from None
    return InProcess(signer)


def _verifier(key: RingKey) -> Verifier:
    verifier = keys.public_half(key.id, key.public_key)
    if verifier.alg != key.alg:
        raise keys.UnusableKey(f"key {key.id!r}: the public key is for {verifier.alg}, not {key.alg}")
    return verifier


def faults(file: RingFile, document: Document) -> Iterator[Problem]:
    """What is wrong with the ring as it stands in its file, wherever the private halves are and whatever is with them."""
    for number, key in enumerate(file.keys):
        try:
            _verifier(key)
        except (GatewayError, ValueError) as error:
            yield document.problem(("keys", number, "public_key"), str(error))
    ids: set[str] = set()
    active: set[Slot] = set()
    for number, key in enumerate(file.keys):
        if key.id in ids:
            yield document.problem(("keys", number, "id"), "this key id stands twice in the ring")
        ids.add(key.id)
        if key.state == "active" and slot(key) in active:
            yield document.problem(("keys", number, "state"), f"another key is active for {told(slot(key))} already")
        if key.state == "active":
            active.add(slot(key))


def _missing(which: Slot) -> str:
    return f"no key is active for {told(which)}, so there would be nothing to sign with"


def told(which: Slot) -> str:
    """In words."""
    use, suite = which
    return use if suite is None else f"{use} (suite {suite})"
