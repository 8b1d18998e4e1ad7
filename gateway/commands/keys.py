"""`gateway keys`: the life of the gateway's own keys, one command for each step, and never a private one on the screen."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from gateway.clock import Clock, SystemClock, from_unix
from gateway.commands import keys_text, ring_files
from gateway.commands.keys_text import Done
from gateway.commands.options import LIFE_DAYS
from gateway.commands.screen import Exit, failures, say
from gateway.contract.files import load_or_raise
from gateway.contract.ring import ALGORITHMS, USES, Algorithm, RingFile, RingKey, Use
from gateway.contract.words import unknown
from gateway.errors import BrokenFiles, GatewayError
from gateway.installation import SETTINGS
from gateway.security import keys, ring_changes
from gateway.security.ring import RingReader, holder_of
from gateway.security.ring_changes import NotPossible
from gateway.security.signer_process import PROBE
from gateway.settings import Settings
from gateway.web.own_keys import ledger_of, published

NEW: Final = {"ed25519": keys.new_ed25519, "ecdsa-p256-sha256": keys.new_p256, "sm2-sm3": keys.new_sm2}

_FILE_STEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


class BadRequest(GatewayError):
    """What the command line says does not go together."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A new key, as the command line says it."""

    use: Use
    alg: Algorithm = "ed25519"
    days: int = LIFE_DAYS
    """Until it expires; 0 for never."""
    keyid: str | None = None
    elsewhere: str | None = None
    """A reference to a private half that is there already, and then `public_file` its public one."""
    public_file: Path | None = None


def use_of(word: str) -> Use:
    """The use of that name. Raises BadRequest, with the right word and without the wrong one."""
    for use in USES:
        if use == word:
            return use
    raise BadRequest(unknown("use", word, USES))


def alg_of(word: str) -> Algorithm:
    """The same for algorithms."""
    for alg in ALGORITHMS:
        if alg == word:
            return alg
    raise BadRequest(unknown("algorithm", word, ALGORITHMS))


def new(home: Path, wanted: Wanted, as_json: bool, clock: Clock | None = None) -> Exit:
    """Makes a pending key: a pair in new files, the private one of mode 600; or takes one in that is elsewhere."""
    now = _now(clock)
    with _possible(), ring_files.alone(_path(home)) as write:
        ring = ring_files.read(_path(home))
        keyid = wanted.keyid or _free_id(home, ring, wanted.use, now)
        is_new = wanted.elsewhere is None
        made = _pair(home, ring, wanted, keyid, now) if is_new else _taken_in(home, wanted, keyid, now)
        write(ring_changes.added(ring, made))
        keys_text.show_done(Done("made", made), as_json)
        return Exit.DONE
    return Exit.NO


def rotate(
    home: Path, use: Use, keyid: str | None, overlap_days: int, as_json: bool, clock: Clock | None = None
) -> Exit:
    """The pending key signs from now on; the one that did is published, and counts, for the overlap."""
    now = _now(clock)
    with _possible(), ring_files.alone(_path(home)) as write:
        ring = ring_files.read(_path(home))
        successor = ring_changes.next_in_turn(ring, use, keyid)
        _require_signing(home, successor)
        changed = ring_changes.rotated(ring, successor, now + timedelta(days=overlap_days))
        write(changed)
        _read_back(home)
        keys_text.show_done(Done("rotated", _of(changed, successor.id), _retired(ring, changed)), as_json)
        return Exit.DONE
    return Exit.NO


def revoke(home: Path, keyid: str, reason: str | None, as_json: bool, clock: Clock | None = None) -> Exit:
    """What the key signed no longer counts. Asks for the reason where a person can answer."""
    with failures():
        why = reason or _asked_reason()  # before the lock: while a person thinks, others may change the ring
    now = _now(clock)
    with _possible(), ring_files.alone(_path(home)) as write:
        ring = ring_files.read(_path(home))
        changed, successor = ring_changes.revoked(ring, keyid, now, why)
        if successor is not None:
            _require_signing(home, successor)
        write(changed)
        _read_back(home)
        other = _of(changed, successor.id) if successor is not None else None
        keys_text.show_done(Done("revoked", _of(changed, keyid), other), as_json)
        return Exit.DONE
    return Exit.NO


def list_all(home: Path, as_json: bool) -> Exit:
    """Every key with its state, and where its private half is."""
    with failures():
        keys_text.show_list(ring_files.read(_path(home)), as_json)
    return Exit.DONE


def export(home: Path, use: Use | None) -> Exit:
    """The document that `/.well-known/gateway-keys` shows; of one use, also for those whom that one does not show."""
    with failures():
        say(document(home, use).decode().rstrip())
    return Exit.DONE


def document(home: Path, use: Use | None = None) -> bytes:
    """What `export` prints. Raises BrokenFiles."""
    settings = load_or_raise(home / SETTINGS, Settings)
    return published(ring_files.read(home / settings.keys.ring), ledger_of(home, settings.audit), use)


@contextmanager
def _possible() -> Iterator[None]:
    """Like `failures`; but what the ring does not allow is the answer no."""
    with failures():
        try:
            yield
        except NotPossible as error:
            sys.stderr.write(f"{error}\n")
        except ValidationError as error:
            faults = error.errors(
                include_url=False, include_input=False
            )  # pydantic's own text would repeat what was given
            raise BadRequest("; ".join(fault["msg"].removeprefix("Value error, ") for fault in faults)) from None


def _path(home: Path) -> Path:
    return home / load_or_raise(home / SETTINGS, Settings).keys.ring


def _now(clock: Clock | None) -> datetime:
    return from_unix(int((clock or SystemClock()).unix()))


def _free_id(home: Path, ring: RingFile, use: Use, now: datetime) -> str:
    """An id that no key and no file has: a second one on the same day gets a number."""
    taken = {key.id for key in ring.keys}
    stem, number = f"gateway-{use}-{now:%Y%m%d}", 1
    keyid = stem
    while keyid in taken or (home / "keys" / f"{keyid}.pem").exists():
        number += 1
        keyid = f"{stem}-{number}"
    return keyid


def _pair(home: Path, ring: RingFile, wanted: Wanted, keyid: str, now: datetime) -> RingKey:
    if not _FILE_STEM.fullmatch(keyid):
        raise BadRequest("an id that is to name a file has letters, digits, '.', '_' and '-' only")
    if wanted.public_file is not None:
        raise BadRequest("--public-key belongs to --key")
    private, public = NEW[wanted.alg]()
    made = _key(wanted, keyid, wanted.alg, f"file:keys/{keyid}.pem", public.decode(), now)
    ring_changes.added(ring, made)  # before anything is written
    # The files first: a crash here leaves a key that nothing names, never a ring that names no key.
    ring_files.pair(home / "keys", keyid, private, public)
    return made


def _taken_in(home: Path, wanted: Wanted, keyid: str, now: datetime) -> RingKey:
    if wanted.public_file is None:
        raise BadRequest("--key needs --public-key: the file of the public half")
    # Its key alone: a file may hold both halves, and this is published.
    public = keys.public_pem(keyid, wanted.public_file)
    alg = alg_of(keys.public_half(keyid, public).alg)
    made = _key(wanted, keyid, alg, wanted.elsewhere or "", public, now)
    _require_signing(home, made)
    return made


def _key(wanted: Wanted, keyid: str, alg: Algorithm, reference: str, public: str, now: datetime) -> RingKey:
    expires = now + timedelta(days=wanted.days) if wanted.days else None
    return RingKey(
        id=keyid,
        use=wanted.use,
        alg=alg,
        state="pending",
        key=reference,
        public_key=public,
        created=now,
        expires=expires,
    )


def _read_back(home: Path) -> None:
    """Reads the ring as a gateway that starts does, and says what is wrong: what was changed counts all the same."""
    try:
        RingReader(home, str(_path(home).relative_to(home))).read()
    except BrokenFiles as error:
        keys_text.warn_unusable(error)


def _require_signing(home: Path, key: RingKey) -> None:
    """A key that is to sign must be able to. Raises UnusableKey, UnusableReference, SignerDown."""
    signature = holder_of(home, key).sign(PROBE)
    if not isinstance(signature, bytes):
        asyncio.run(_awaited(signature))


async def _awaited(signature: object) -> None:
    await signature  # type: ignore[misc]


def _of(ring: RingFile, keyid: str) -> RingKey:
    return next(each for each in ring.keys if each.id == keyid)


def _retired(before: RingFile, after: RingFile) -> RingKey | None:
    known = {key.id: key.state for key in before.keys}
    return next((key for key in after.keys if key.state == "retiring" and known[key.id] == "active"), None)


def _asked_reason() -> str:
    if not sys.stdin.isatty():
        raise BadRequest("say why with --reason")
    sys.stderr.write("为什么吊销？ Why is it revoked? ")
    sys.stderr.flush()
    return sys.stdin.readline().strip() or "not said"
