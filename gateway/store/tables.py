"""The rows, and the SQL that adds and finds them. Portable: no ON CONFLICT, no RETURNING, no AUTOINCREMENT.

Everything here runs on the writer thread, inside a transaction that the caller opened and commits.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from gateway import errors
from gateway.security.signatures import SKEW_SECONDS
from gateway.store import checks, limits
from gateway.store.shards import SPAN, Held
from gateway.store.statements import flat, values


class AlreadyThere(errors.GatewayError):
    """A row with this key exists (an entry id, or a revision of an answer): nothing was written."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A nonce to be used once, of a signature made at `created`. All times are Unix seconds."""

    keyid: str
    nonce: str
    created: int
    expires: int
    claimed_at: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One leaf of the ledger: `leaf_hash` are the 32 bytes of RFC 6962 over `body`. `at_ms` is milliseconds since 1970."""

    entry_id: str
    kind: str
    body: bytes
    leaf_hash: bytes
    at_ms: int = 0
    about: tuple[str, ...] = ()
    """The people whom the person's view finds it under, by pseudonym."""
    opens: str | None = None
    """The verification that an intent begins: until something `closes` it, it is one without an outcome."""
    closes: str | None = None
    """The intent, by entry id, that this is the end of."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The exact bytes a consumer was answered with. Its proof is the entry that it is added with."""

    verification_id: str
    revision: int
    consumer: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Addition:
    """What is added together or not at all. An answer needs its entry."""

    claim: Claim | None = None
    entry: Entry | None = None
    answer: Answer | None = None
    spending: limits.Spending | None = None
    binding: limits.Binding | None = None
    first: Entry | None = None
    """An entry that `entry` names, and that stands before it."""
    left: checks.Left | None = None
    """The officer's checks that the answer leaves open."""

    @property
    def leaves(self) -> list[tuple[Entry, Answer | None]]:
        """Its entries in their order, each with the answer that it proves."""
        before: list[tuple[Entry, Answer | None]] = [] if self.first is None else [(self.first, None)]
        return before if self.entry is None else [*before, (self.entry, self.answer)]


Added = int | None | errors.Replayed | errors.Limited
"""What became of an addition: why it was not added; else its consumer's arrival (`security.rates`) if it spent any."""


def add(connection: sqlite3.Connection, shard: Held, additions: Sequence[Addition]) -> list[Added]:
    """Adds, in their order, all but those whose nonce was used before or whose consumer may not ask more.

    Both are found before anything is written, so a refusal leaves nothing to undo and needs no savepoint. Raises
    sqlite3.IntegrityError where another key exists already, ShardLost: the transaction must then be rolled back.
    """
    added = _admit(connection, additions)
    kept = [addition for addition, each in zip(additions, added, strict=True) if not isinstance(each, Exception)]
    _insert_nonces(connection, [addition.claim for addition in kept if addition.claim])
    written = [leaf for addition in kept for leaf in addition.leaves]
    if written:
        entries = [entry for entry, _ in written]
        places = shard.append(connection, [entry.leaf_hash for entry in entries])
        _insert_entries(connection, places, entries)
        _insert_answers(
            connection, [(answer, place) for (_, answer), place in zip(written, places, strict=True) if answer]
        )
        _open_and_close(connection, shard.number, entries)
    limits.bind(connection, [addition.binding for addition in kept if addition.binding])
    checks.leave(connection, [addition.left for addition in kept if addition.left])
    return added


def _admit(connection: sqlite3.Connection, additions: Sequence[Addition]) -> list[Added]:
    """What becomes of each; what the admitted spend is written."""
    fresh = _fresh(connection, [addition.claim for addition in additions])
    spending = [one.spending for one, is_fresh in zip(additions, fresh, strict=True) if is_fresh and one.spending]
    if not spending:
        return [None if is_fresh else errors.Replayed("this nonce was used before") for is_fresh in fresh]
    accounts = limits.Accounts(connection, spending)
    added: list[Added] = []
    for addition, is_fresh in zip(additions, fresh, strict=True):
        if not is_fresh:
            added.append(errors.Replayed("this nonce was used before"))
        else:
            added.append(accounts.spend(addition.spending) if addition.spending else None)
    accounts.write()
    return added


def _fresh(connection: sqlite3.Connection, claims: Sequence[Claim | None]) -> list[bool]:
    keys = [(claim.keyid, claim.nonce) if claim else None for claim in claims]
    asked = [key for key in keys if key]
    if not asked:
        return [True] * len(keys)
    found = (
        f"WITH asked (keyid, nonce) AS ({values(2, len(asked))})"  # noqa: S608 - question marks only
        " SELECT nonce.keyid, nonce.nonce FROM asked CROSS JOIN nonce"  # this order: one look-up for each asked
        " WHERE nonce.keyid = asked.keyid AND nonce.nonce = asked.nonce"
    )
    used = set(connection.execute(found, flat(asked)))
    (floor,) = connection.execute("SELECT floor FROM meta").fetchone()
    fresh = []
    for claim, key in zip(claims, keys, strict=True):
        fresh.append(key not in used and (claim is None or claim.created > floor))
        if key:
            used.add(key)  # the second of two equal claims in one batch is a replay, too
    return fresh


def _insert_nonces(connection: sqlite3.Connection, claims: Sequence[Claim]) -> None:
    if claims:
        rows = [(claim.keyid, claim.nonce, claim.expires) for claim in claims]
        connection.execute(f"INSERT INTO nonce (keyid, nonce, expires) {values(3, len(rows))}", flat(rows))


def _insert_entries(connection: sqlite3.Connection, places: Sequence[int], entries: Sequence[Entry]) -> None:
    rows = [
        (place, entry.entry_id, entry.kind, entry.body, entry.leaf_hash)
        for place, entry in zip(places, entries, strict=True)
    ]
    connection.execute(f"INSERT INTO entry (place, entry_id, kind, body, leaf_hash) {values(5, len(rows))}", flat(rows))
    about = [
        (person, entry.at_ms, place) for place, entry in zip(places, entries, strict=True) for person in entry.about
    ]
    if about:
        connection.execute(f"INSERT INTO about (person, asked, place) {values(3, len(about))}", flat(about))


def _open_and_close(connection: sqlite3.Connection, shard: int, entries: Sequence[Entry]) -> None:
    begun = [(entry.entry_id, shard, entry.opens, entry.at_ms) for entry in entries if entry.opens is not None]
    if begun:
        rows = values(4, len(begun))
        connection.execute(f"INSERT INTO open_intent (intent, shard, verification_id, asked) {rows}", flat(begun))
    ended = [entry.closes for entry in entries if entry.closes is not None]
    if ended:
        among = f"({', '.join('?' * len(ended))})"
        deleted = connection.execute(f"DELETE FROM open_intent WHERE intent IN {among}", ended)  # noqa: S608
        if deleted.rowcount != len(ended):
            raise sqlite3.IntegrityError("an intent ends once")


def _insert_answers(connection: sqlite3.Connection, answers: Sequence[tuple[Answer, int]]) -> None:
    rows = [(answer.verification_id, answer.revision, answer.consumer, answer.body, place) for answer, place in answers]
    if rows:
        connection.execute(
            f"INSERT INTO answer (verification_id, revision, consumer, body, place) {values(5, len(rows))}", flat(rows)
        )


def forget_nonces(connection: sqlite3.Connection, now: float, limit: int) -> None:
    """Deletes at most `limit` nonces that no signature check would let through any more. `now` is Unix seconds.

    A signature is taken for SKEW_SECONDS after it expires (DESIGN section 9), so its nonce is remembered as long.
    """
    connection.execute(
        "DELETE FROM nonce WHERE (keyid, nonce) IN"
        " (SELECT keyid, nonce FROM nonce WHERE expires < ? ORDER BY expires LIMIT ?)",
        (int(now) - SKEW_SECONDS, limit),
    )


def open_intents(connection: sqlite3.Connection, shard: int, before_ms: int) -> list[tuple[str, str]]:
    """Intents without an outcome, each with its verification, asked before then (milliseconds since 1970)."""
    asked = "SELECT intent, verification_id FROM open_intent WHERE shard = ? AND asked < ? ORDER BY intent"
    return connection.execute(asked, (shard, before_ms)).fetchall()


def newest_answer(
    connection: sqlite3.Connection, verification_id: str, consumer: str
) -> tuple[bytes, str, bytes] | None:
    """Body, entry id and leaf hash of the newest revision that this consumer was given; None for anybody else."""
    row: tuple[bytes, str, bytes] | None = connection.execute(
        "SELECT answer.body, entry.entry_id, entry.leaf_hash"
        " FROM answer JOIN entry ON entry.place = answer.place"
        " WHERE answer.verification_id = ? AND answer.consumer = ?"
        " ORDER BY answer.revision DESC LIMIT 1",
        (verification_id, consumer),
    ).fetchone()
    return row


def newest_outcome(
    connection: sqlite3.Connection, verification_id: str, consumer: str
) -> tuple[int, int, bytes | None] | None:
    """Shard, number and body (None once pruned) of the entry that proves what `newest_answer` gives."""
    row = connection.execute(
        "SELECT entry.place, entry.body FROM answer JOIN entry ON entry.place = answer.place"
        " WHERE answer.verification_id = ? AND answer.consumer = ?"
        " ORDER BY answer.revision DESC LIMIT 1",
        (verification_id, consumer),
    ).fetchone()
    return None if row is None else (*divmod(row[0], SPAN), row[1])


def bodies(connection: sqlite3.Connection, entry_ids: Sequence[str]) -> dict[str, bytes | None]:
    """Of the entries with these ids, as far as there are; None once pruned. Those of one answer: a few dozen."""
    among = f"({', '.join('?' * len(entry_ids))})"
    return dict(connection.execute(f"SELECT entry_id, body FROM entry WHERE entry_id IN {among}", entry_ids))  # noqa: S608


def touch(connection: sqlite3.Connection) -> None:
    """Writes something that changes nothing: proves that the disk takes writes."""
    connection.execute("UPDATE migration SET number = number WHERE number = 1")
